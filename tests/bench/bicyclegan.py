"""BicycleGAN: the engine against the published networks' plain forward, the trainer against the
published order of a step, and a grid of eight variations of a bundled model.

    python -m tests.bench.bicyclegan engine|training|grid [--threads N] [--rounds N] [--busy]

Ways take turns, so that other work on the machine slows all alike; ratios are medians of the
rounds' ratios. With --busy processor seconds of all threads are counted, because on a machine with
much other work wall seconds say little.
"""

from __future__ import annotations

import argparse
import copy
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from engine import registry, weights
from engine.painters.bicyclegan.official import EncoderConfig, OfficialConfig, OfficialGan
from engine.painters.bicyclegan.painter import BicyclePainter
from engine.painters.layers import keep_variance
from engine.runtime import Runtime
from engine.shapes.raster import canvas_frame, drawn_ink, ink_tensor
from engine.shapes.sketch import Sketch, Stroke
from engine.vectors import thrown
from trainer.data.sketches import Batch
from trainer.loop import RunOptions, make_fabric
from trainer.networks.two_patches import BETAS, TwoPatches
from trainer.recipes.bicyclegan_paper import BicyclePaperRecipe, BicyclePaperTask

SHOE = [(14, 62), (20, 38), (44, 34), (60, 52), (96, 66), (116, 76), (118, 88), (14, 90), (14, 62)]


class PublishedOrder:
    """A step as the published code orders it: fp32, eager, NCHW, four plain Adams.

    Args:
        network, known, free: generator with encoder, and the discriminators D and D2; trained.
    """

    def __init__(
        self,
        network: OfficialGan,
        known: TwoPatches,
        free: TwoPatches,
        recipe: BicyclePaperRecipe,
    ) -> None:
        assert network.encoder is not None
        self.network, self.encoder, self.recipe = network, network.encoder, recipe
        self.known, self.free = known, free
        parts = (network.generator, self.encoder, known, free)
        self.adams = [torch.optim.Adam(p.parameters(), lr=recipe.rate, betas=BETAS) for p in parts]

    def step(self, batch: Batch, z: Tensor, noise: Tensor) -> None:
        """One update of every network with the given random numbers."""
        half = len(z)
        sketches, real, other = batch.sketches[:half], batch.photos[:half], batch.photos[-half:]
        mean, spread = self.encoder(real)
        drawn = mean + noise * (0.5 * spread).exp()
        encoded, random = self._painted(sketches, drawn), self._painted(sketches, z)
        again = self.encoder(random).mean
        generator, encoder, known, free = self.adams
        self._freeze(True, self.known, self.free)
        generator.zero_grad()
        encoder.zero_grad()
        loss = _squares(self.known(encoded), 1.0) + _squares(self.free(random), 1.0)
        loss = loss + self.recipe.l1 * (encoded - real).abs().mean()
        told = -0.5 * (1 + spread - mean.square() - spread.exp()).sum()
        (loss + self.recipe.divergence * told).backward(retain_graph=True)
        self._freeze(True, self.encoder)
        (self.recipe.latent * (again - z).abs().mean()).backward()
        self._freeze(False, self.encoder)
        generator.step()
        encoder.step()
        self._freeze(False, self.known, self.free)
        for judge, adam, fake, true in (
            (self.known, known, encoded, real),
            (self.free, free, random, other),
        ):
            adam.zero_grad()
            (_squares(judge(fake.detach()), 0.0) + _squares(judge(true), 1.0)).backward()
            adam.step()

    def _painted(self, sketches: Tensor, z: Tensor) -> Tensor:
        return self.network.paint(self.network.read(sketches), z)

    def _freeze(self, frozen: bool, *modules: nn.Module) -> None:
        for module in modules:
            module.requires_grad_(not frozen)


def _squares(scores: Sequence[Tensor], wanted: float) -> Tensor:
    return torch.stack([(score - wanted).square().mean() for score in scores]).sum()


def published(task: BicyclePaperTask) -> PublishedOrder:
    """Copies of a task's networks, to be trained in the published order."""
    judges = [copy.deepcopy(task.judges[name].bare) for name in ("known", "free")]
    return PublishedOrder(copy.deepcopy(task.bare), judges[0], judges[1], task.recipe)


def in_turns(
    ways: Sequence[Callable[[], object]], args: argparse.Namespace
) -> tuple[list[float], list[float]]:
    """Median seconds of each way, and the median ratios of the first to each of the others."""
    clock = time.process_time if args.busy else time.perf_counter

    def seconds(way: Callable[[], object]) -> float:
        start = clock()
        way()
        return clock() - start

    for way in ways:
        way()
    times = [[seconds(way) for way in ways] for _ in range(args.rounds)]
    medians = [statistics.median(column) for column in zip(*times, strict=True)]
    ratios = [statistics.median(row[0] / row[n] for row in times) for n in range(1, len(ways))]
    return medians, ratios


def _conditions(args: argparse.Namespace) -> str:
    clock = "processor" if args.busy else "wall"
    return f"{args.threads} thread(s), load {os.getloadavg()[0]:.1f}, {clock} time"


def training(args: argparse.Namespace) -> None:
    """The same networks, losses and data: published order, ours in fp32, ours in bf16."""
    recipe = BicyclePaperRecipe(data=args.data, packs=(args.pack,), side=args.side)
    torch.manual_seed(0)
    tasks = [BicyclePaperTask(recipe) for _ in range(2)]
    batch = tasks[0].batch(np.random.default_rng(0), args.batch)
    plain = published(tasks[0])
    fabrics = (
        Fabric(accelerator="cpu", devices=1, precision="32-true"),
        make_fabric(RunOptions(threads=args.threads, device="cpu")),
    )
    for task, fabric in zip(tasks, fabrics, strict=True):
        task.setup(fabric)
    half = args.batch // 2
    z, noise = torch.randn(2, half, recipe.looks)
    ways = [
        lambda: plain.step(batch, z, noise),
        *(lambda task=task: task.step(batch, 1.0, 0.0) for task in tasks),
    ]
    medians, ratios = in_turns(ways, args)
    print(
        f"trainer, published networks at {args.side} px, {args.batch} pairs a step, "
        f"{_conditions(args)}: published order "
        f"{medians[0]:.2f} s; ours in fp32 {medians[1]:.2f} s, ratio {ratios[0]:.2f}; ours in bf16 "
        f"{medians[2]:.2f} s, ratio {ratios[1]:.2f}"
    )


def paper_network(side: int) -> OfficialGan:
    """The published networks with random weights of the size that trained ones have."""
    torch.manual_seed(0)
    config = OfficialConfig(downs=side.bit_length() - 1, encoder=EncoderConfig(side=side))
    made = OfficialGan(config)
    keep_variance(made)
    return made.eval().requires_grad_(False)


def shoe(side: int) -> Sketch:
    """A drawn shoe."""
    stroke = Stroke.of([(x * side / 128, y * side / 128) for x, y in SHOE], 2.0)
    return Sketch((side, side), (stroke,))


@torch.inference_mode()
def engine(args: argparse.Namespace) -> None:
    """One picture of the published generator: plain forward against the painter's network."""
    plain, ours = paper_network(args.side), paper_network(args.side)
    runtime = Runtime.best("cpu")
    ours = runtime.place(ours)
    sketch = shoe(args.side)
    ink = ink_tensor(drawn_ink(sketch, canvas_frame(sketch.size), args.side)[None])
    for count in (1, 8):
        z = torch.tensor([thrown(seed, 8).values for seed in range(count)], dtype=torch.float32)

        def way(network: OfficialGan, z: Tensor = z) -> Tensor:
            features = [f.expand(len(z), -1, -1, -1) for f in network.read(ink)]
            return network.paint(features, z)

        slow, quick = way(plain), way(ours)
        error = ((slow - quick) * 127.5).square().mean()
        medians, ratios = in_turns([lambda: way(plain), lambda: way(ours)], args)
        print(
            f"engine, published generator at {args.side} px, {count} look(s), "
            f"{_conditions(args)}: plain fp32 {medians[0] * 1000:.0f} ms, "
            f"{runtime} {medians[1] * 1000:.0f} ms, ratio {ratios[0]:.2f}, PSNR "
            f"{10 * torch.log10(255**2 / error):.1f} dB (spread {float(slow.std()):.2f})"
        )


def grid(args: argparse.Namespace) -> None:
    """Eight variations of a drawing by a bundled model, drawing and reading included."""
    path = next(m.path for m in registry.catalogue() if m.card.id == args.model)
    file = weights.load(path)
    runtime = Runtime.best("cpu")
    painter: BicyclePainter = registry.build(file, runtime)
    looks = [painter.prepare(thrown(seed, painter.looks)) for seed in range(8)]
    drawn = iter(range(1, 100_000))

    def sketch() -> Sketch:
        """One not seen before."""
        moved = np.array([[1.0, 0.0, next(drawn) * 1e-3], [0.0, 1.0, 0.0]])
        return shoe(256).moved([0], moved)

    def eight() -> None:
        painter.paint_all(sketch(), looks, 256, lambda: False)

    def one() -> None:
        painter.paint(sketch(), looks[0], 256, lambda: False)

    medians, _ = in_turns([one, eight], args)
    print(
        f"{args.model}, network at {file.card.side} px, pictures at 256 px, {runtime}, "
        f"{_conditions(args)}: one {medians[0] * 1000:.0f} ms, "
        f"grid of eight {medians[1] * 1000:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=("engine", "training", "grid"))
    parser.add_argument("--data", type=Path, default=os.environ.get("GUISE_DATA", "."))
    parser.add_argument("--pack", default="bags256")
    parser.add_argument("--model", default="shoes")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--busy", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    {"engine": engine, "training": training, "grid": grid}[args.what](args)


if __name__ == "__main__":
    main()
