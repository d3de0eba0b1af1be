"""The VUNet on edges: a drawing gives the shape, codes of a whole item give the look.

Esser et al. (CVPR 2018, figures 3 and 5) sample and transfer the looks of shoes and bags with the
edges as shape. Here an item is one part of the part-aligned network: its photo is cut to the box of
the item and encoded to a coarse vector and a fine grid, which are pasted into the drawing's box.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.painters.layers import keep_variance
from engine.painters.vunet.codes import Codes
from engine.painters.vunet.network import (
    CROP,
    GRID,
    CodeDecoder,
    CropEncoder,
    ShapeUNet,
    VunetConfig,
)
from engine.painters.vunet.prior import LookPrior

SMALL = VunetConfig((32, 48, 64, 64), (24, 32, 48, 56), 64, 12, 32, 96, 2)
"""Sizes that suit a CPU; 2.4 MB in half precision."""
_SEEN = 2 * CROP
"""Side at which an item is encoded."""
_MARGIN = 0.04
"""Air around an item, as a share of its box."""
_PAPER = 0.85
"""A photo whose channels are all above this, of -1..1, shows no item there."""
_DRAWN = 0.3
_TOKENS = 4
"""The prior sees the fine grid as _TOKENS x _TOKENS pieces, each with its share of the vector."""
_OUTLINE = 8
"""Cells across a drawing's box, whose inks tell the prior of the shape."""
_WHITE = 1.8
"""Start of the last bias: most of a product photo is white."""


class EdgesVunet(nn.Module):
    """Encoder of items, decoder of codes, U-Net on the drawing, and prior p(look | drawing)."""

    def __init__(self, config: VunetConfig = SMALL) -> None:
        super().__init__()
        self.encoder = CropEncoder(config, parts=1, inputs=3 * 4)
        self.decoder = CodeDecoder(config, parts=1)
        self.unet = ShapeUNet(config, config.features + 1 + 4, 3)
        for part in (self.encoder, self.decoder, self.unet):
            keep_variance(part)
        with torch.no_grad():
            self.unet.head.conv.weight.mul_(0.3)
            self.unet.head.conv.bias.fill_(_WHITE)  # type: ignore[union-attr]
        pieces, each = _TOKENS**2, (GRID // _TOKENS) ** 2
        self.prior = LookPrior(
            pieces,
            config.coarse // pieces,
            config.fine * each,
            config.prior_width,
            config.prior_depth,
            _OUTLINE**2 + 1,
        )

    def encode(self, photos: Tensor, boxes: Tensor, bend: Tensor | None = None) -> Codes:
        """Means of the posterior.

        Args:
            photos: (B, 3, H, W) in -1..1.
            boxes: (B, 4) of the items, from :func:`item_boxes` or :func:`drawn_boxes`.
            bend: (B, s, s, 2) shifts of where the item is looked at, in -1..1 of its box, s = 64;
                training bends items so that their looks tell less of their shapes.
        """
        at = _grid(boxes, _SEEN)
        if bend is not None:
            at = at + bend * (boxes[:, 2:] - boxes[:, :2])[:, None, None]
        seen = 1 + F.grid_sample(photos - 1, at, align_corners=False)  # white beyond the photo
        coarse, fine = self.encoder(F.pixel_unshuffle(seen, 2)[:, None])
        return Codes(coarse, fine, torch.ones(coarse.shape[:2], dtype=torch.bool).to(coarse.device))

    def unfold(self, codes: Codes) -> Tensor:
        """Features that are pasted, (B, 1, features, 16, 16); done once a look."""
        return self.decoder(codes)

    def paint(self, features: Tensor, sketch: Tensor) -> Tensor:
        """(B, 3, H, W) in -1..1: a look in the drawing (B, 1, H, W), 1 = line, multiples of 32."""
        height, width = sketch.shape[-2] // 2, sketch.shape[-1] // 2
        inside = features[:, 0].float()
        inside = torch.cat([inside, torch.ones_like(inside[:, :1])], 1)
        at = _into(drawn_boxes(sketch), height, width)
        pasted = F.grid_sample(inside, at, align_corners=False)
        return torch.tanh(self.unet(torch.cat([pasted, F.pixel_unshuffle(sketch, 2)], 1)))

    def prior_loss(self, codes: Codes, sketch: Tensor, repeats: int) -> Tensor:
        """How badly the prior knows these looks at these drawings; codes are not moved by it."""
        coarse, fine = _pieces(Codes(codes.coarse.detach(), codes.fine.detach(), codes.known))
        known = torch.ones(coarse.shape[:2], dtype=torch.bool, device=coarse.device)
        if self.training:
            self.prior.measure(coarse, fine, known)
        return self.prior.loss(
            self.prior.joined(coarse, fine), outline_vector(sketch), known, repeats
        )

    def sample(self, sketch: Tensor, seeds: list[int]) -> Codes:
        """Looks drawn from the prior at a drawing each; a seed and a drawing give one look."""
        coarse, fine = self.prior.sample(outline_vector(sketch), seeds)
        return _whole(coarse, fine)


def item_boxes(photos: Tensor) -> Tensor:
    """(B, 4) left, top, right, bottom in -1..1 of the items in (B, 3, H, W) photos on white."""
    return _boxes(photos.amin(1) < _PAPER)


def drawn_boxes(sketch: Tensor) -> Tensor:
    """(B, 4) left, top, right, bottom in -1..1 of drawings (B, 1, H, W), 1 = line."""
    return _boxes(sketch[:, 0] > _DRAWN)


def _boxes(marks: Tensor) -> Tensor:
    """The box around (B, H, W) marks, with some air; the whole picture if there are none."""
    (left, right), (top, bottom) = _span(marks.any(1)), _span(marks.any(2))
    air_x, air_y = _MARGIN * (right - left), _MARGIN * (bottom - top)
    return torch.stack([left - air_x, top - air_y, right + air_x, bottom + air_y], 1)


def _span(marks: Tensor) -> tuple[Tensor, Tensor]:
    """Where (B, N) marks begin and end, in -1..1; everywhere if there are none."""
    count = marks.shape[1]
    numbers = marks.byte()
    start = numbers.argmax(1).float()
    stop = count - numbers.flip(1).argmax(1).float()
    return 2 * start / count - 1, 2 * stop / count - 1


def _grid(boxes: Tensor, side: int) -> Tensor:
    """(B, side, side, 2) points of a picture that fill a square with each box."""
    return _affine((boxes[:, 2:] - boxes[:, :2]) / 2, (boxes[:, 2:] + boxes[:, :2]) / 2, side, side)


def _into(boxes: Tensor, height: int, width: int) -> Tensor:
    """(B, height, width, 2) points of a square that fill each box of a picture."""
    half = (boxes[:, 2:] - boxes[:, :2]) / 2
    return _affine(1 / half, -(boxes[:, 2:] + boxes[:, :2]) / 2 / half, height, width)


def _affine(scale: Tensor, shift: Tensor, height: int, width: int) -> Tensor:
    theta = torch.cat([torch.diag_embed(scale), shift[..., None]], 2)
    return F.affine_grid(theta, [scale.shape[0], 1, height, width], align_corners=False)


def outline_vector(sketch: Tensor) -> Tensor:
    """(B, 65): inks of 8 x 8 cells of a drawing's box, and how wide the box is for its height."""
    boxes = drawn_boxes(sketch)
    cut = F.grid_sample(sketch.float(), _grid(boxes, _SEEN), align_corners=False)
    cells = F.adaptive_avg_pool2d(cut, _OUTLINE).flatten(1)
    width, height = (boxes[:, 2:] - boxes[:, :2]).unbind(1)
    return torch.cat([4 * cells, (width / height).log()[:, None]], 1)


def _pieces(codes: Codes) -> tuple[Tensor, Tensor]:
    """(B, 16, coarse / 16) and (B, 16, fine numbers of a piece)."""
    coarse = codes.coarse[:, 0].unflatten(1, (_TOKENS**2, -1))
    fine = F.pixel_unshuffle(codes.fine[:, 0], GRID // _TOKENS)
    return coarse, fine.flatten(2).transpose(1, 2)


def _whole(coarse: Tensor, fine: Tensor) -> Codes:
    """The inverse of :func:`_pieces`."""
    grid = fine.transpose(1, 2).unflatten(2, (_TOKENS, _TOKENS))
    fine = F.pixel_shuffle(grid, GRID // _TOKENS)[:, None]
    known = torch.ones(len(fine), 1, dtype=torch.bool, device=fine.device)
    return Codes(coarse.flatten(1)[:, None], fine, known)
