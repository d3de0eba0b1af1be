"""The deformable skip connection: features moved part by part and put together again.

Siarohin et al., CVPR 2018, section 3.2: ten affine warps of the features, each multiplied by its
mask in the target, then the maximum (or the average) over the parts. Limbs cover a few hundredths
of the picture, so only the cells inside a mask are looked up, as rows of a (cells, channels) table;
the first part, the torso, lies everywhere and is looked up for the whole picture at once.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

Sampling = Literal["nearest", "bilinear"]
Combining = Literal["max", "average"]


class Part(NamedTuple):
    """Which rows of the source a part needs.

    Attributes:
        cell: (N,) rows of the target, none twice; None means all of them in order.
        source: (N, T) rows of the source; T is 1 for nearest and 4 for bilinear.
        share: (N, T) weights, zero outside the picture; None means all one.
        void: rows of `source` without any value: outside of the picture or of the mask.
    """

    cell: Tensor | None
    source: Tensor
    share: Tensor | None
    void: Tensor

    def value(self, table: Tensor) -> Tensor:
        """(N, C) warped features, a new tensor."""
        if self.share is None:
            found = F.embedding(self.source[:, 0], table)
        else:
            share = self.share.to(table.dtype)
            found = F.embedding_bag(self.source, table, mode="sum", per_sample_weights=share)
        return found.index_fill_(0, self.void, 0) if len(self.void) else found

    def spread(self, gradient: Tensor, table: Tensor) -> None:
        """The adjoint of :meth:`value`: adds (N, C) gradients to the table's rows, in place."""
        for tap, rows in enumerate(self.source.unbind(1)):
            share = None if self.share is None else self.share[:, tap, None].to(table.dtype)
            table.index_add_(0, rows, gradient if share is None else gradient * share)


class Lookups(NamedTuple):
    """What the layer needs to know of two poses, for all feature maps of one size.

    Attributes:
        parts: the first lies everywhere, the others in few cells.
        masks: (B, P, H, W) bool.
        crowded: rows of the target where every part has a value, so that no zero takes part in the
            maximum.
    """

    parts: list[Part]
    masks: Tensor
    crowded: Tensor


def look_up(
    affines: Tensor, masks: Tensor, scale: float, sampling: Sampling = "nearest"
) -> Lookups:
    """Find out which cells are needed.

    Args:
        affines: (B, P, 2, 3) target to source, in frame pixels.
        masks: (B, P, H, W) bool, at the size of the features.
        scale: frame pixels per cell.
    """
    maps = affines.float() * affines.new_tensor([1, 1, 1 / scale])
    first = _whole(maps[:, 0], masks[:, 0], sampling)
    others = [_few(maps[:, p], masks[:, p], sampling) for p in range(1, masks.shape[1])]
    return Lookups([first, *others], masks, _crowded(first, others))


def _whole(maps: Tensor, mask: Tensor, sampling: Sampling) -> Part:
    """A part looked up for every cell of the target; (B, 2, 3) maps in cells."""
    batch, height, width = mask.shape
    x = torch.arange(width, device=mask.device) + 0.5
    y = torch.arange(height, device=mask.device)[:, None] + 0.5
    m = maps[..., None, None]
    u = (m[:, 0, 0] * x + m[:, 0, 1] * y + m[:, 0, 2]).flatten()
    v = (m[:, 1, 0] * x + m[:, 1, 1] * y + m[:, 1, 2]).flatten()
    first = torch.arange(batch, device=mask.device).repeat_interleave(height * width)
    source, share, within = _taps(u, v, first * (height * width), (height, width), sampling)
    void = (~(within & mask.flatten())).nonzero()[:, 0]
    return Part(None, source, share, void)


def _few(maps: Tensor, mask: Tensor, sampling: Sampling) -> Part:
    """A part looked up inside its mask only; what falls outside of the source is left out."""
    _, height, width = mask.shape
    sample, row, column = mask.nonzero().unbind(1)
    x, y, m = column + 0.5, row + 0.5, maps.index_select(0, sample)
    u = m[:, 0, 0] * x + m[:, 0, 1] * y + m[:, 0, 2]
    v = m[:, 1, 0] * x + m[:, 1, 1] * y + m[:, 1, 2]
    first = sample * (height * width)
    source, share, within = _taps(u, v, first, (height, width), sampling)
    kept = within.nonzero()[:, 0]
    cell = (first + row * width + column)[kept]
    return Part(cell, source[kept], None if share is None else share[kept], kept[:0])


def _taps(
    u: Tensor, v: Tensor, first: Tensor, size: tuple[int, int], sampling: Sampling
) -> tuple[Tensor, Tensor | None, Tensor]:
    """Source rows and weights around continuous positions, and whether any lies in the picture.

    Args:
        u, v: (N,) column and row in cells.
        first: (N,) row of the table at which the sample begins.
    """
    height, width = size
    if sampling == "nearest":
        columns, rows = u.floor().long()[:, None], v.floor().long()[:, None]
        share = None
    else:
        columns, rows, share = _around(u - 0.5, v - 0.5)
    within = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    source = rows.clamp_(0, height - 1) * width + columns.clamp_(0, width - 1) + first[:, None]
    return source, None if share is None else share * within, within.any(1)


def _around(u: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(N, 4) columns, rows and bilinear weights of the four cells around (N,) positions."""
    left, top = u.floor(), v.floor()
    right, low = u - left, v - top
    column, row = left.long(), top.long()
    columns = torch.stack([column, column + 1, column, column + 1], 1)
    rows = torch.stack([row, row, row + 1, row + 1], 1)
    share = [(1 - right) * (1 - low), right * (1 - low), (1 - right) * low, right * low]
    return columns, rows, torch.stack(share, 1)


def _crowded(first: Part, others: list[Part]) -> Tensor:
    count = torch.ones(len(first.source), dtype=torch.int16, device=first.source.device)
    count[first.void] = 0
    for part in others:
        assert part.cell is not None
        count[part.cell] += 1
    return (count > len(others)).nonzero()[:, 0]


def deformed(
    features: Tensor, lookups: Lookups, combining: Combining = "max", chunk: int = 0
) -> Tensor:
    """Features moved from the source pose to the target pose.

    Args:
        features: (B, C, H, W) of the size for which `lookups` was made.
        combining: "max" over the parts, with zeros where a part is not, as published; or
            "average": their sum over the number of masks that cover the cell.
        chunk: channels worked on at a time, to save memory; 0 = all.

    Returns:
        (B, C, H, W) in channels-last layout.
    """
    function = _Maximum if combining == "max" else _Average
    pieces = features.split(chunk or features.shape[1], 1)
    moved: list[Tensor] = [function.apply(piece, lookups) for piece in pieces]  # type: ignore[misc]
    return moved[0] if len(moved) == 1 else torch.cat(moved, 1)


def _rows(maps: Tensor) -> Tensor:
    """(B, C, H, W) -> (B * H * W, C), contiguous."""
    batch, channels, height, width = maps.shape
    if not maps.is_contiguous():
        return maps.permute(0, 2, 3, 1).reshape(-1, channels)
    out = maps.new_empty(batch, height * width, channels)
    for mine, picture in zip(out, maps, strict=True):
        mine.copy_(picture.flatten(1).t())  # PyTorch turns matrices faster than stacks of them
    return out.flatten(0, 1)


def _maps(rows: Tensor, like: Tensor) -> Tensor:
    """The inverse of :func:`_rows`; (B, P, H, W) tells the size."""
    batch, _, height, width = like.shape
    return rows.view(batch, height, width, -1).permute(0, 3, 1, 2)


class _Maximum(torch.autograd.Function):
    """Maximum over parts; the gradient goes to the part that won, none where zero won."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, lookups: Lookups) -> Tensor:
        ctx.lookups = lookups
        table = _rows(features)
        out = lookups.parts[0].value(table)
        full = out.index_select(0, lookups.crowded)
        out.relu_().index_copy_(0, lookups.crowded, full)
        winner = None
        if ctx.needs_input_grad[0]:
            winner = (out > 0).to(torch.int8).sub_(1).index_fill_(0, lookups.crowded, 0)
        for number, part in enumerate(lookups.parts[1:], 1):
            _challenge(out, winner, number, part, table)
        if winner is not None:
            ctx.save_for_backward(winner)
        return _maps(out, lookups.masks)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        (winner,) = ctx.saved_tensors
        gradient = _rows(gradients[0])
        total = torch.zeros_like(gradient)
        for number, part in enumerate(ctx.lookups.parts):
            mine, won = gradient, winner
            if part.cell is not None:
                mine, won = gradient.index_select(0, part.cell), winner.index_select(0, part.cell)
            part.spread(mine * (won == number), total)
        return _maps(total, ctx.lookups.masks), None


def _challenge(out: Tensor, winner: Tensor | None, number: int, part: Part, table: Tensor) -> None:
    """Let a part's values win over what is there, in place."""
    assert part.cell is not None
    value, before = part.value(table), out.index_select(0, part.cell)
    if winner is not None:
        held = winner.index_select(0, part.cell)
        winner.index_copy_(0, part.cell, held.masked_fill_(value > before, number))
    out.index_copy_(0, part.cell, torch.maximum(before, value))


class _Average(torch.autograd.Function):
    """Sum over parts divided by how many masks cover the cell."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, lookups: Lookups) -> Tensor:
        ctx.lookups = lookups
        table = _rows(features)
        out = lookups.parts[0].value(table)
        for part in lookups.parts[1:]:
            assert part.cell is not None
            out.index_add_(0, part.cell, part.value(table))
        return _maps(out, lookups.masks) / _covers(lookups, out)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        gradient = _rows(gradients[0] / _covers(ctx.lookups, gradients[0]))
        total = torch.zeros_like(gradient)
        first, *others = ctx.lookups.parts
        first.spread(gradient.index_fill(0, first.void, 0), total)
        for part in others:
            part.spread(gradient.index_select(0, part.cell), total)
        return _maps(total, ctx.lookups.masks), None


def _covers(lookups: Lookups, like: Tensor) -> Tensor:
    """(B, 1, H, W) how many masks cover each cell, at least 1."""
    return lookups.masks.sum(1, keepdim=True).clamp(min=1).to(like.dtype)
