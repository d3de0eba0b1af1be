"""Losses that several recipes share."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def over(rgb: Tensor, alpha: Tensor, backdrop: Tensor) -> Tensor:
    """Straight-alpha pictures (B, 3, H, W) flattened onto a backdrop (B, 3, 1, 1) or larger."""
    return rgb * alpha + backdrop * (1 - alpha)


def matte_loss(alpha: Tensor, truth: Tensor) -> Tensor:
    """0.1 x cross-entropy + 0.5 x L1; cross-entropy alone leaves fog around people.

    Not a number where `alpha` is none.
    """
    told = alpha.nan_to_num(0.5)  # cross-entropy would raise; L1 carries what is no number
    entropy = F.binary_cross_entropy(told.clamp(1e-4, 1 - 1e-4), truth.clamp(0, 1))
    return 0.1 * entropy + 0.5 * (alpha - truth).abs().mean()


def foreground_l1(picture: Tensor, truth: Tensor, alpha: Tensor) -> Tensor:
    """Mean absolute difference, the person weighing three times the rest."""
    return ((picture - truth).abs() * (1 + 2 * alpha)).mean()


def hinge_discriminator(real: Tensor, fake: Tensor, weight: float = 1.0) -> Tensor:
    """Hinge loss of a discriminator (Lim and Ye, 2017).

    Args:
        real: scores of real pictures; a batch may have none.
        weight: of their mean.
    """
    missed = F.relu(1 - real).sum() / max(real.numel(), 1)
    return weight * missed + F.relu(1 + fake).mean()


def finite(total: Tensor) -> bool:
    """Whether an update with this loss makes sense: on all processes, if there are several."""
    fine = torch.isfinite(total.detach()).all()
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        least = fine.float()
        torch.distributed.all_reduce(least, torch.distributed.ReduceOp.MIN)
        return bool(least > 0)
    return bool(fine)
