"""VUNet: the trainer's step against the published one, on the same networks, losses and data.

    python -m tests.bench.vunet_training --data DATA --perceptual VGG [--busy]

The published graph has one forward, one loss and one backward, which leaves nothing to reorder:
fp32, NCHW, weights normalised in every pass, VGG on both pictures, a plain Adam.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from engine.painters.vunet.paper_network import PaperVunet, divergences
from tests.bench.plain import PlainVgg, compared, options
from trainer.data.figures import FigureBatch
from trainer.loop import RunOptions, make_fabric
from trainer.networks.perceptual import Perceptual
from trainer.recipes.vunet_paper import (
    PRESETS,
    TAPS,
    VunetPaperRecipe,
    VunetPaperTask,
    divergence_weight,
)


class PlainVunet(PaperVunet):
    """The same network in NCHW."""

    def _fit(self, x: Tensor) -> Tensor:
        return x


class PublishedOrder:
    """A step as the published code orders it.

    Args:
        network: trained.
        perceptual: with the published taps.
        recipe: its rate and weights.
    """

    def __init__(
        self, network: PlainVunet, perceptual: Perceptual, recipe: VunetPaperRecipe
    ) -> None:
        self.network, self.recipe = network, recipe
        self.unit = 1.0 if perceptual.spread == 1 else 255 * perceptual.spread
        self.vgg = PlainVgg(perceptual)
        self.adam = torch.optim.Adam(network.parameters(), lr=recipe.rate, betas=(0.5, 0.9))

    def step(self, batch: FigureBatch, progress: float) -> None:
        """One update."""
        found = self.network(batch.shape, batch.crops)
        wanted = [batch.picture * 127.5, *self._seen(batch.picture)]
        painted = [found.picture * 127.5, *self._seen(found.picture)]
        loss = found.picture.new_zeros(())
        for mine, true, gram in zip(painted, wanted, self.recipe.gram, strict=True):
            loss = loss + 5 * self.recipe.feature_weight * (mine - true).abs().mean()
            if gram:
                loss = loss + 5 * gram * (_gram(mine) - _gram(true)).abs().mean()
        told = torch.stack(divergences(found)).sum()
        self.adam.zero_grad()
        (loss + divergence_weight(progress) * told).backward()
        self.adam.step()

    def _seen(self, picture: Tensor) -> list[Tensor]:
        return [self.unit * layer for layer in self.vgg(picture / 2 + 0.5)]


def _gram(features: Tensor) -> Tensor:
    flat = features.flatten(2)
    return torch.einsum("bci,bdi->bcd", flat, flat) / (4 * flat.shape[2])


def published(task: VunetPaperTask) -> PublishedOrder:
    """A copy of a task's network, to be trained in the published order."""
    network = PlainVunet(task.config)
    state = task.bare.state_dict()
    network.load_state_dict({k: v.contiguous() for k, v in state.items()})
    return PublishedOrder(network, Perceptual(task.recipe.perceptual, TAPS), task.recipe)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--preset", default="paper128")
    parser.add_argument("--batch", type=int, default=4)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    recipe = VunetPaperRecipe(
        Path(args.data), packs=("people",), perceptual=args.perceptual, **PRESETS[args.preset]
    )
    torch.manual_seed(0)
    ours, narrow = (VunetPaperTask(recipe) for _ in "ab")
    ours.setup(Fabric(accelerator="cpu", devices=1))
    narrow.setup(make_fabric(RunOptions(device="cpu", threads=args.threads)))
    plain = published(ours)
    batch = ours.batch(np.random.default_rng(0), args.batch)
    ways = [
        lambda: plain.step(batch, 0.6),
        lambda: ours.step(batch, 1.0, 0.6),
        lambda: narrow.step(batch, 1.0, 0.6),
    ]
    side = ours.config.size
    compared(f"VUNet at {side} x {side}, {args.batch} pictures a step", ways, args)


if __name__ == "__main__":
    main()
