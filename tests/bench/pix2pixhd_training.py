"""pix2pixHD: the trainer's step against the published order, on the same networks, losses and data.

    python -m tests.bench.pix2pixhd_training --data DATA/street --perceptual VGG [--busy]

Published: fp32, NCHW, discriminators run three times, looks averaged object by object in a loop.
"""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from engine.painters.pix2pixhd.official import OfficialHd
from tests.bench.plain import PlainVgg, compared, options
from trainer.data.scene_batches import SceneBatch
from trainer.loop import RunOptions, make_fabric
from trainer.networks.multiscale import MultiScale
from trainer.networks.perceptual import Perceptual
from trainer.recipes.pix2pixhd import (
    PRESETS,
    PUBLISHED,
    Pix2PixHdRecipe,
    Pix2PixHdTask,
)


class PublishedOrder:
    """A step as the published code orders it.

    Args:
        network: generator with encoder; trained.
        judge: discriminators; trained.
        perceptual: with the published taps.
    """

    def __init__(self, network: OfficialHd, judge: MultiScale, perceptual: Perceptual) -> None:
        self.network, self.judge, self.vgg = network, judge, PlainVgg(perceptual)
        self.painter = torch.optim.Adam(network.parameters(), lr=2e-4, betas=(0.5, 0.999))
        self.critic = torch.optim.Adam(judge.parameters(), lr=2e-4, betas=(0.5, 0.999))

    def step(self, batch: SceneBatch) -> None:
        """One update of everything."""
        photos = batch.photos
        shape = self.network.inputs.shape(batch.labels, batch.objects)
        assert self.network.encoder is not None
        look = one_by_one(self.network.encoder(photos), batch.objects)
        painted = self.network.generator(torch.cat([shape, look], 1))
        pooled = self.judge(torch.cat([shape, painted.detach()], 1))
        real = self.judge(torch.cat([shape, photos], 1))
        fake = self.judge(torch.cat([shape, painted], 1))
        scores = zip(pooled, real, strict=True)
        judged = torch.stack(
            [f[-1].square().mean() + (r[-1] - 1).square().mean() for f, r in scores]
        ).sum()
        loss = torch.stack([(f[-1] - 1).square().mean() for f in fake]).sum()
        for mine, true in zip(fake, real, strict=True):
            for a, b in zip(mine[:-1], true[:-1], strict=True):
                loss = loss + 10 / len(fake) * (a - b.detach()).abs().mean()
        with torch.no_grad():
            wanted = self.vgg(photos / 2 + 0.5)
        layers = zip(PUBLISHED.values(), self.vgg(painted / 2 + 0.5), wanted, strict=True)
        for weight, a, b in layers:
            loss = loss + 10 * weight * (a - b).abs().mean()
        self.painter.zero_grad()
        loss.backward()
        self.painter.step()
        self.critic.zero_grad()
        (0.5 * judged).backward()
        self.critic.step()


def one_by_one(features: Tensor, objects: Tensor) -> Tensor:
    """Features averaged over objects as published, one object after the other."""
    out = features.clone()
    for number in torch.unique(objects).tolist():
        image, row, column = (objects == number).nonzero(as_tuple=True)
        for channel in range(features.shape[1]):
            place = (image, channel, row, column)
            out = out.index_put(
                (image, torch.full_like(image, channel), row, column),
                features[place].mean().expand(len(image)),
            )
    return out


def published(task: Pix2PixHdTask) -> PublishedOrder:
    """Copies of a task's networks, to be trained in the published order."""
    network, judge = copy.deepcopy(task.bare), copy.deepcopy(task.judges.bare)
    assert isinstance(network, OfficialHd)
    for part in (network, judge):
        part.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    return PublishedOrder(network, judge, Perceptual(task.recipe.perceptual, tuple(PUBLISHED)))


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--size", type=int, nargs=2, default=(128, 256))
    parser.add_argument("--width", type=int, default=32)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    given = PRESETS["paper"] | {
        "sizes": (tuple(args.size),),
        "g1_width": args.width,
        "judge_width": args.width,
        "judge_scales": (2,),
        "perceptual": args.perceptual,
    }
    torch.manual_seed(0)
    recipe = Pix2PixHdRecipe(Path(args.data), **given)
    ours, narrow = (Pix2PixHdTask(recipe, 0, None) for _ in "ab")
    plain = published(ours)
    batch = ours.batch(np.random.default_rng(0), 1)
    ours.setup(Fabric(accelerator="cpu", devices=1))
    narrow.setup(make_fabric(RunOptions(device="cpu", threads=args.threads)))
    ways = [
        lambda: plain.step(batch),
        lambda: ours.step(batch, 1.0, 0.5),
        lambda: narrow.step(batch, 1.0, 0.5),
    ]
    what = f"pix2pixHD, G1 of width {args.width} at {args.size[1]} x {args.size[0]}, a scene a step"
    compared(what, ways, args)


if __name__ == "__main__":
    main()
