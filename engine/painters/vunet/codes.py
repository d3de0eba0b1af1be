"""The look of a person as codes of its parts, and what can be done with them."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from engine.painters.parts import REGIONS


class Codes(NamedTuple):
    """The look of a person, part by part.

    Attributes:
        coarse: (B, 12, coarse).
        fine: (B, 12, fine, 8, 8).
        known: (B, 12) bool: the part is seen; the others hold nothing.
    """

    coarse: Tensor
    fine: Tensor
    known: Tensor


def between(a: Codes, b: Codes, t: float) -> Codes:
    """Codes a share `t` of the way from `a` to `b`; a part that only one of them shows is its."""
    share = torch.where(a.known & b.known, t, b.known.float())

    def mixed(mine: Tensor, theirs: Tensor) -> Tensor:
        return torch.lerp(mine, theirs, share.view(*share.shape, *[1] * (mine.ndim - 2)))

    return Codes(mixed(a.coarse, b.coarse), mixed(a.fine, b.fine), a.known | b.known)


def with_region(codes: Codes, other: Codes, region: str) -> Codes:
    """`codes` with one region of another look, as far as that shows it."""
    taken = torch.zeros_like(codes.known)
    taken[:, list(REGIONS[region])] = True
    taken &= other.known

    def chosen(mine: Tensor, theirs: Tensor) -> Tensor:
        return torch.where(taken.view(*taken.shape, *[1] * (mine.ndim - 2)), theirs, mine)

    return Codes(*(chosen(mine, theirs) for mine, theirs in zip(codes, other, strict=True)))
