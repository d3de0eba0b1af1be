"""Deformable GAN: the trainer's step against the published order, on the same networks and data.

    python -m tests.bench.deformable_training --data DATA --perceptual VGG [--busy]

Published: fp32, NCHW; the discriminator is updated first, on pictures painted for it, then the
generator on pictures painted anew; ten warps of whole features; the nearest neighbours of every
position side by side in memory.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional as F

from engine.painters.deformable.paper_geometry import paper_affines, paper_masks
from engine.painters.deformable.paper_network import Encoded, PaperGenerator
from tests.bench.plain import PlainVgg, compared, options
from trainer.data.pose_pairs import PairBatch
from trainer.loop import RunOptions, make_fabric
from trainer.networks.perceptual import Perceptual
from trainer.networks.posegan import PoseDiscriminator
from trainer.recipes.deformable_paper import (
    PRESETS,
    DeformablePaperRecipe,
    DeformablePaperTask,
    Pairs,
)


class PlainGenerator(PaperGenerator):
    """The same network in NCHW, its skips warped whole, once for every part."""

    def _input(self, *maps: Tensor) -> Tensor:
        return torch.cat(maps, 1)

    def _deformed(self, encoded: Encoded, target: Tensor) -> list[Tensor]:
        layers = list(encoded.layers)
        affines = paper_affines(target, encoded.joints)
        for level in range(min(4, len(layers))):
            height, width = layers[level].shape[2:]
            masks = paper_masks(target, height, width, 2**level)
            layers[level] = warped(layers[level], affines, masks, 2**level)
        return layers


def warped(features: Tensor, affines: Tensor, masks: Tensor, scale: int) -> Tensor:
    """(B, C, H, W) features, the largest of ten masked warps."""
    height, width = features.shape[2:]
    pixels = features.new_tensor([[width / 2, 0, width / 2], [0, height / 2, height / 2]])
    pixels = torch.cat([pixels, features.new_tensor([[0, 0, 1]])])
    theta = (affines * features.new_tensor([1, 1, 1 / scale])) @ pixels
    theta = theta / features.new_tensor([[width / 2], [height / 2]])
    theta[..., 2] -= 1
    parts = []
    for part in range(theta.shape[1]):
        grid = F.affine_grid(theta[:, part], list(features.shape), align_corners=False)
        moved = F.grid_sample(features, grid, mode="nearest", align_corners=False)
        parts.append(moved * masks[:, part, None])
    return torch.stack(parts).amax(0)


class PublishedOrder:
    """A step as the published code orders it.

    Args:
        network, judge: generator and discriminator; trained.
        perceptual: with relu1_2.
        recipe: its rate, weights and area.
    """

    def __init__(
        self,
        network: nn.Module,
        judge: PoseDiscriminator,
        perceptual: Perceptual,
        recipe: DeformablePaperRecipe,
    ) -> None:
        self.network, self.judge, self.recipe = network, judge, recipe
        self.unit = 1.0 if perceptual.spread == 1 else 255 * perceptual.spread
        self.vgg = PlainVgg(perceptual)
        self.painter, self.critic = (
            torch.optim.Adam(part.parameters(), lr=recipe.rate, betas=(0.5, 0.999))
            for part in (network, judge)
        )

    def step(self, batch: Pairs) -> None:
        """One update of the discriminator, then one of the generator."""
        pairs, real = batch
        with torch.no_grad():
            made = self._paint(pairs)
        fake, true = self._score(pairs, made), self._score(real, real.target)
        self.critic.zero_grad()
        (F.softplus(fake).mean() + F.softplus(-true).mean()).backward()
        self.critic.step()
        made = self._paint(pairs)
        self.judge.requires_grad_(False)
        loss = self.recipe.adversarial * F.softplus(-self._score(pairs, made)).mean()
        (mine,), (theirs,) = (self.vgg(p / 2 + 0.5) for p in (made, pairs.target))
        near = self.unit * nearest(mine, theirs, self.recipe.area)
        self.painter.zero_grad()
        (loss + self.recipe.nearest_weight * near).backward()
        self.judge.requires_grad_(True)
        self.painter.step()

    def _paint(self, pairs: PairBatch) -> Tensor:
        return self.network(pairs.source, pairs.source_joints, pairs.target_joints)

    def _score(self, pairs: PairBatch, picture: Tensor) -> Tensor:
        return self.judge(pairs.source, pairs.source_joints, picture, pairs.target_joints)


def nearest(painted: Tensor, target: Tensor, area: int) -> Tensor:
    """All neighbours at once, the target padded with -10,000."""
    batch, channels, height, width = target.shape
    padded = F.pad(target, [area // 2] * 4, value=-10000)
    near = F.unfold(padded, area).view(batch, channels, -1, height, width)
    return (near - painted[:, :, None]).abs().sum(1).amin(1).mean()


def published(task: DeformablePaperTask, network: nn.Module | None = None) -> PublishedOrder:
    """Copies of a task's networks, to be trained in the published order."""
    if network is None:
        network = PlainGenerator(task.config)
        state = task.network.state_dict()
        network.load_state_dict({k: v.contiguous() for k, v in state.items()})
    judge = copy.deepcopy(task.judge.module)
    seen = Perceptual(task.recipe.perceptual, ("relu1_2",))
    return PublishedOrder(network, judge, seen, task.recipe)


def recipe_of(args: argparse.Namespace) -> DeformablePaperRecipe:
    """The preset of half the height's width, as on Market-1501."""
    given = PRESETS["paper-128x64"] | {"channels": args.channels}
    return DeformablePaperRecipe(Path(args.data), perceptual=args.perceptual, **given)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--batch", type=int, default=4)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    ours, narrow = (DeformablePaperTask(recipe_of(args)) for _ in "ab")
    ours.setup(Fabric(accelerator="cpu", devices=1))
    narrow.setup(make_fabric(RunOptions(device="cpu", threads=args.threads)))
    plain = published(ours)
    batch = ours.batch(np.random.default_rng(0), args.batch)
    ways = [
        lambda: plain.step(batch),
        lambda: ours.step(batch, 1.0, 0.0),
        lambda: narrow.step(batch, 1.0, 0.0),
    ]
    what = f"Deformable GAN, {args.channels} channels at 64 x 128, {args.batch} pairs a step"
    compared(what, ways, args)


if __name__ == "__main__":
    main()
