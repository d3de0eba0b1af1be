"""How look vectors lie: each one's divergence from the prior, and that of all of them together."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.painters.bicyclegan.network import Look


def divergence(look: Look) -> Tensor:
    """KL(q(z | photo) | N(0, 1)) of every dimension (looks,), in nats, mean over the batch."""
    variance = look.spread.exp()
    return 0.5 * (look.mean.square() + variance - 1 - look.spread).mean(0)


class Gathered:
    """Pulls the vectors of many photos, together, to mean 0 and covariance 1.

    The divergence of single photos leaves them bunched and dimensions telling the same thing; a
    random vector then lies where no photo is. A batch is too few to see that, so the latest vectors
    of earlier batches are counted in.

    Args:
        looks: numbers in a vector.
        count: vectors remembered.

    Attributes:
        latest: (up to count, looks), the remembered vectors; saved to resume from.
    """

    def __init__(self, looks: int, count: int = 256) -> None:
        self.count = count
        self.latest = torch.empty(0, looks)

    def loss(self, z: Tensor) -> Tensor:
        """Squared length of the mean + squared differences of the covariance from the identity."""
        known = self.latest.to(z.device)
        every = torch.cat([z, known])
        self.latest = every[: self.count].detach()
        middle = every.mean(0)
        away = every - middle
        covariance = away.T @ away / len(every)
        identity = torch.eye(z.shape[1], device=z.device)
        share = min(len(known) / self.count, 1.0)  # too few vectors say nothing
        return share * (middle.square().sum() + (covariance - identity).square().sum())
