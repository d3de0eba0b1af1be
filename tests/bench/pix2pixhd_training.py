"""pix2pixHD: the trainer's step against the published order, on the same networks, losses and data.

    python -m tests.bench.pix2pixhd_training --data DATA/street [--hed HED.h5] [--busy]

Published: fp32, NCHW, discriminators run three times, looks averaged object by object in a loop.
Ways take turns; with --busy processor seconds are counted instead of wall seconds.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from engine.painters.pix2pixhd.network import SceneNetwork
from tests.bench.bicyclegan import in_turns
from trainer.data.scene_batches import SceneBatch
from trainer.loop import RunOptions, make_fabric
from trainer.networks.multiscale import MultiScale
from trainer.networks.perceptual import Perceptual
from trainer.recipes.pix2pixhd import (
    PRESETS,
    PUBLISHED,
    Pix2PixHdRecipe,
    Pix2PixHdTask,
    published_distance,
)


class PublishedOrder:
    """A step as the published code orders it.

    Args:
        network: generator with encoder; trained.
        judge: discriminators; trained.
        perceptual: None leaves the perceptual loss out.
    """

    def __init__(
        self, network: SceneNetwork, judge: MultiScale, perceptual: Perceptual | None
    ) -> None:
        self.network, self.judge, self.perceptual = network, judge, perceptual
        self.painter = torch.optim.Adam(network.parameters(), lr=2e-4, betas=(0.5, 0.999))
        self.critic = torch.optim.Adam(judge.parameters(), lr=2e-4, betas=(0.5, 0.999))

    def step(self, batch: SceneBatch) -> None:
        """One update of everything."""
        photos = batch.photos
        shape = self.network.inputs.shape(batch.labels, batch.objects)
        look = one_by_one(self.network.features(photos), batch.objects)
        painted = self.network.paint(torch.cat([shape, look], 1))
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
        if self.perceptual is not None:
            shown = (painted / 2 + 0.5, photos / 2 + 0.5)
            loss = loss + 10 * published_distance(self.perceptual, *shown)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--hed", default="")
    parser.add_argument("--size", type=int, nargs=2, default=(128, 256))
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--busy", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    given = PRESETS["paper"] | {
        "sizes": (tuple(args.size),),
        "g1_width": args.width,
        "judge_width": args.width,
        "judge_scales": (2,),
        "perceptual": args.hed,
        "perceptual_weight": 10.0 if args.hed else 0.0,
    }
    torch.manual_seed(0)
    ours, narrow = (Pix2PixHdTask(Pix2PixHdRecipe(args.data, **given), 0, None) for _ in "ab")
    perceptual = Perceptual(args.hed, tuple(PUBLISHED)) if args.hed else None
    plain = PublishedOrder(copy.deepcopy(ours.bare), copy.deepcopy(ours.judges.bare), perceptual)
    batch = ours.batch(np.random.default_rng(0), 1)
    ours.setup(Fabric(accelerator="cpu", devices=1))
    narrow.setup(make_fabric(RunOptions(device="cpu", threads=args.threads)))
    seconds, gains = in_turns(
        [
            lambda: plain.step(batch),
            lambda: ours.step(batch, 1.0, 0.5),
            lambda: narrow.step(batch, 1.0, 0.5),
        ],
        args,
    )
    ways = ("published order, fp32", "ours, fp32", "ours, bf16")
    clock = "processor" if args.busy else "wall"
    size = f"{args.size[1]} x {args.size[0]}"
    print(f"G1 of width {args.width} at {size}, {args.threads} thread(s), {clock} time")
    for way, time, gain in zip(ways, seconds, [1.0, *gains], strict=True):
        print(f"{way:<24} {time:7.2f} s a step, gain {gain:.2f}")


if __name__ == "__main__":
    main()
