"""How far pictures move when a model's weights are stored as bytes.

    python -m tests.bench.eight_bit MODEL.safetensors --data DATA [--pack shoes128] [--out SMALL]

Takes a model in half precision, as `guise train` leaves it, and paints a dozen held-out inputs with
both, at the model's own side: edges of a pack or its label maps with as many random looks, or
people of the pack `people` with a hand moved. With --out the small file is kept.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine import registry, weights
from engine.appearance import FromPhoto, Sampled
from engine.card import Card
from engine.runtime import Runtime
from engine.shapes.sketch import Sketch
from trainer.data.coco import read_people
from trainer.data.products import read_products
from trainer.data.sketches import pruned
from trainer.metrics.scenes import held_out
from trainer.metrics.sheets import strided
from trainer.metrics.stage import Person

COUNT = 12
Pixels = NDArray[np.uint8]


def pictures(path: Path, runtime: Runtime, inputs: list[tuple]) -> Iterator[Pixels]:
    """What the model paints."""
    file = weights.load(path)
    painter = registry.build(file, runtime)
    for shape, look in inputs:
        yield painter.paint(shape, painter.prepare(look), file.card.side, lambda: False).pixels


def sketches(data: Path, pack: str, side: int) -> list[tuple]:
    """Held-out edges, hairs pruned, and thrown looks."""
    lines = read_products(data, [pack], "val", side).lines
    made = []
    for seed, number in enumerate(strided(len(lines), COUNT)):
        raster = pruned(lines[number]).astype(np.uint8) * 255
        made.append((Sketch((side, side), raster=raster), Sampled(seed)))
    return made


def people(data: Path) -> list[tuple]:
    """Held-out people with the right hand beside the shoulder."""
    samples = read_people(data / "people", "val")
    made = []
    for number in strided(len(samples), COUNT):
        person = Person.of(samples[number])
        shoulder = person.pose["right_shoulder"]
        if person.usable and shoulder:
            shape = person.pose.moved(right_wrist=(shoulder[0] - 60, shoulder[1] - 40))
            made.append((shape, FromPhoto(person.photo, person.pose, person.mask)))
    return made


def scenes(data: Path, pack: str) -> list[tuple]:
    """Held-out label maps and drawn looks."""
    maps = held_out(data / pack, COUNT)
    return [(scene.shape, Sampled(seed)) for seed, scene in enumerate(maps)]


def inputs_for(card: Card, options: argparse.Namespace) -> list[tuple]:
    """Shapes with looks that the model takes."""
    if card.shape == "Sketch":
        return sketches(options.data, options.pack, card.side)
    if card.shape == "LabelMap" and card.takes:
        return scenes(options.data, options.pack)
    if card.shape == "Pose" and card.takes:
        return people(options.data)
    sys.exit(f"{card.id} paints no pictures; judge it by `guise evaluate`.")


def decibels(one: Pixels, other: Pixels) -> float:
    """PSNR of 8-bit pictures."""
    error = np.square(one.astype(np.float64) - other).mean()
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", default="shoes128")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    card = weights.read_card(options.model)
    if card.bits == 8:
        sys.exit(f"{options.model} has 8 bits already; give the file that training left.")
    inputs = inputs_for(card, options)
    with tempfile.TemporaryDirectory() as folder:
        small = options.out or Path(folder) / "small.safetensors"
        weights.repack(options.model, small)
        sizes = [path.stat().st_size / 1e6 for path in (options.model, small)]
        for runtime in dict.fromkeys((Runtime(torch.device("cpu"), torch.float32), Runtime.best())):
            both = zip(*(pictures(p, runtime, inputs) for p in (options.model, small)), strict=True)
            values = [decibels(one, other) for one, other in both]
            print(
                f"{card.id}: {sizes[0]:.2f} -> {sizes[1]:.2f} MB; {len(values)} pictures at "
                f"{card.side} px, {runtime}: PSNR mean {np.mean(values):.1f} dB, "
                f"least {min(values):.1f} dB"
            )


if __name__ == "__main__":
    main()
