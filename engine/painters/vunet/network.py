"""A variational U-Net whose latents stay with their body parts.

VUNet (Esser et al., CVPR 2018) encodes part crops into one global code and lets a stickman U-Net
decode it. Global codes need very long training. Here every part has its own two codes, a coarse
vector and a fine grid, which are unfolded to features once a look and pasted through the part's
frame into the target pose; a U-Net at half the frame paints colour and alpha. Regions of several
people can be mixed by taking their codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.painters.layers import Activated, Residual, fit, keep_variance, twice
from engine.painters.parts import Window, part_frames, pose_maps
from engine.painters.vunet.codes import Codes
from engine.painters.vunet.crops import CROPS, paste, places, take_crops
from engine.painters.vunet.prior import LookPrior

STRIDE = 16
"""Columns and rows of the window must be multiples of this."""
CROP = 32
"""Side of a crop in samples."""
GRID = 8
"""Side of the fine code."""
_PARTS = len(CROPS)
_MAPS = 10 + 5


@dataclass(frozen=True)
class VunetConfig:
    """Sizes of the network.

    Attributes:
        channels: U-Net channels at 1/2, 1/4, 1/8 and 1/16 of the frame.
        encoder: channels of the crop encoder at 32, 16, 8 and 4 px.
        coarse: numbers in a part's coarse code.
        fine: channels of its 8 x 8 fine code.
        features: channels that are pasted.
        prior_width: width of the prior.
        prior_depth: layers of the prior.
    """

    channels: tuple[int, int, int, int] = (40, 72, 112, 144)
    encoder: tuple[int, int, int, int] = (32, 64, 96, 112)
    coarse: int = 64
    fine: int = 12
    features: int = 32
    prior_width: int = 160
    prior_depth: int = 3


class Person(NamedTuple):
    """(B, 3, H, W) straight RGB and (B, 1, H, W) alpha, both in 0..1."""

    rgb: Tensor
    alpha: Tensor


class CropEncoder(nn.Module):
    """q(z | x): the means of both codes of every part; the variance is 1, as published."""

    def __init__(self, config: VunetConfig, parts: int = _PARTS, inputs: int = 5) -> None:
        super().__init__()
        c32, c16, c8, c4 = config.encoder
        self.stem = nn.Conv2d(inputs, c32, 3, 1, 1)
        self.part = nn.Parameter(torch.zeros(parts, c32))
        self.at32 = Residual(c32)
        self.at16 = nn.Sequential(Activated(c32, c16, 2), Residual(c16))
        self.at8 = nn.Sequential(Activated(c16, c8, 2), Residual(c8))
        self.at4 = nn.Sequential(Activated(c8, c4, 2), Residual(c4))
        self.fine = Activated(c8, config.fine)
        self.coarse = nn.Linear(c4 * (CROP // 8) ** 2, config.coarse)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """(B, parts, inputs, 32, 32) -> (B, parts, coarse) and (B, parts, fine, 8, 8)."""
        batch = crops.shape[0]
        part = self.part.repeat(batch, 1)[:, :, None, None]
        h = self.at32(self.stem(fit(crops.flatten(0, 1), self.stem.weight)) + part)
        h8 = self.at8(self.at16(h))
        coarse = self.coarse(F.leaky_relu(self.at4(h8), 0.2).flatten(1))
        shape = (batch, len(self.part))
        return coarse.unflatten(0, shape).float(), self.fine(h8).unflatten(0, shape).float()


class CodeDecoder(nn.Module):
    """Both codes of a part unfolded to features at 16 x 16."""

    def __init__(self, config: VunetConfig, parts: int = _PARTS) -> None:
        super().__init__()
        c16, c8 = config.encoder[1:3]
        self.missing_coarse = nn.Parameter(torch.zeros(parts, config.coarse))
        self.missing_fine = nn.Parameter(torch.zeros(parts, config.fine, 1, 1))
        self.place = nn.Parameter(torch.randn(parts, c8, GRID, GRID) * 0.1)
        self.from_fine = nn.Conv2d(config.fine, c8, 3, 1, 1)
        self.from_coarse = nn.Linear(config.coarse, c8)
        self.at8 = Residual(c8)
        self.to16 = Activated(c8, 4 * c16)
        self.at16 = Residual(c16)
        self.last = Activated(c16, config.features)

    def forward(self, codes: Codes) -> Tensor:
        """(B, parts, features, 16, 16)."""
        known = codes.known[..., None]
        coarse = torch.where(known, codes.coarse, self.missing_coarse)
        fine = torch.where(known[..., None, None], codes.fine, self.missing_fine)
        h = self.from_fine(fit(fine.flatten(0, 1), self.from_fine.weight))
        h = h + self.from_coarse(coarse.flatten(0, 1).to(h.dtype))[:, :, None, None]
        h = self.at8(h + self.place.repeat(coarse.shape[0], 1, 1, 1))
        h = self.last(self.at16(F.pixel_shuffle(self.to16(h), 2)))
        return h.unflatten(0, codes.known.shape).float()


class ShapeUNet(nn.Module):
    """Pasted features and maps of the shape -> a picture, at half the frame and below.

    Args:
        config: sizes.
        inputs: channels of features and maps.
        outputs: channels of the picture.
    """

    def __init__(self, config: VunetConfig, inputs: int, outputs: int) -> None:
        super().__init__()
        c2, c4, c8, c16 = config.channels
        self.stem = nn.Conv2d(inputs, c2, 3, 1, 1)
        self.down2 = Residual(c2)
        self.down4 = nn.Sequential(Activated(c2, c4, 2), Residual(c4))
        self.down8 = nn.Sequential(Activated(c4, c8, 2), Residual(c8))
        self.down16 = nn.Sequential(Activated(c8, c16, 2), Residual(c16), Residual(c16))
        self.up8 = nn.Sequential(Activated(c16 + c8, c8), Residual(c8))
        self.up4 = nn.Sequential(Activated(c8 + c4, c4), Residual(c4))
        self.up2 = nn.Sequential(Activated(c4 + c2, c2), Residual(c2))
        self.head = Activated(c2, 4 * outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H / 2, W / 2) -> (B, outputs, H, W) logits."""
        h2 = self.down2(self.stem(fit(x, self.stem.weight)))
        h4 = self.down4(h2)
        h8 = self.down8(h4)
        h = self.up8(torch.cat([twice(self.down16(h8)), h8], 1))
        h = self.up4(torch.cat([twice(h), h4], 1))
        h = self.up2(torch.cat([twice(h), h2], 1))
        return F.pixel_shuffle(self.head(h), 2).float()


class PartVunet(nn.Module):
    """The whole model: crop encoder, code decoder, shape U-Net and prior."""

    def __init__(self, config: VunetConfig | None = None) -> None:
        super().__init__()
        config = config or VunetConfig()
        self.encoder = CropEncoder(config)
        self.decoder = CodeDecoder(config)
        self.unet = ShapeUNet(config, 2 * config.features + _MAPS + _PARTS, 4)
        for part in (self.encoder, self.decoder, self.unet):
            keep_variance(part)
        with torch.no_grad():
            self.unet.head.conv.weight.mul_(0.1)  # starts grey, in the silhouette of the pose
        self.prior = LookPrior(
            _PARTS, config.coarse, config.fine * GRID**2, config.prior_width, config.prior_depth
        )

    def encode(self, rgba: Tensor, joints: Tensor) -> Codes:
        """Means of the posterior.

        Args:
            rgba: (B, 4, S, S) in 0..1, straight alpha, colours bled beyond the mask.
            joints: (B, 18, 2) complete, in pixels of the S x S frame.
        """
        crops, known = take_crops(rgba, joints, CROP)
        coarse, fine = self.encoder(crops)
        return Codes(coarse, fine, known)

    def unfold(self, codes: Codes) -> Tensor:
        """Features that are pasted; done once a look."""
        return self.decoder(codes)

    def paint(self, features: Tensor, joints: Tensor, window: Window) -> Person:
        """A look in a pose.

        Args:
            features: what :meth:`unfold` gave.
            joints: (B, 18, 2) complete target joints, in pixels of the frame.
            window: the part of the frame to paint; its sides must be multiples of 16.
        """
        half = Window(window.height // 2, window.width // 2, window.left / 2, window.top / 2)
        at, maps = places(joints / 2, half), pose_maps(joints / 2, half)
        values = self.unet(torch.cat([paste(features, at), maps, at.weight], 1))
        core = F.interpolate(maps[:, :10].amax(1, keepdim=True), scale_factor=2, mode="bilinear")
        start = 3 * (2 * core - 1)  # training starts from the silhouette of the pose
        return Person(torch.sigmoid(values[:, :3]), torch.sigmoid(values[:, 3:] + start))

    def prior_loss(self, codes: Codes, joints: Tensor, repeats: int) -> Tensor:
        """How badly the prior knows these looks at these poses; codes are not moved by it."""
        coarse, fine = codes.coarse.detach(), codes.fine.detach()
        if self.training:
            self.prior.measure(coarse, fine, codes.known)
        joined = self.prior.joined(coarse, fine)
        return self.prior.loss(joined, pose_vector(joints), codes.known, repeats)

    def sample(self, joints: Tensor, seeds: list[int]) -> Codes:
        """Looks drawn from the prior at a pose; the same seed and pose give the same look."""
        coarse, fine = self.prior.sample(pose_vector(joints), seeds)
        known = torch.ones(coarse.shape[:2], dtype=torch.bool, device=coarse.device)
        return Codes(coarse, fine.unflatten(-1, (-1, GRID, GRID)), known)


def pose_vector(joints: Tensor) -> Tensor:
    """(B, 37): joints from the middle of the body in standing heights, and where the face looks."""
    frames = part_frames(joints)
    middle = frames.origin[:, :1] + frames.along[:, :1] / 2
    relative = (joints - middle) / frames.height[:, None, None]
    return torch.cat([relative.flatten(1), frames.facing[:, None] * 10], 1)
