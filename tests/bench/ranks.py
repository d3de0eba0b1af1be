"""Two processes on two cores against one process on one core: images a second of a training.

    python -m tests.bench.ranks [--steps 12] [--rounds 2] [--side 128]

Each way trains the small painter of sketches on drawn items, pinned to its cores; ways take turns.
Two processes share the batch of the one first, which makes the same weights; then each takes as
many images as the one. What does not depend on the number of images, such as reading weights and
updating them, is done by both, so that the first way gains less. On a machine that does other work,
too, wall seconds say little: the second figure counts processor seconds, as if every process had
had its core to itself (waiting for each other is left out there).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tests.unit.products import write_pack
from trainer.loop import RunOptions, run
from trainer.recipes.bicyclegan import BicycleRecipe, BicycleTask

_WARM = 4


class _Timed(BicycleTask):
    """Notes wall and processor time at every step."""

    def __init__(self, recipe: BicycleRecipe) -> None:
        super().__init__(recipe, 0, None)
        self.times: list[tuple[float, float]] = []

    def step(self, batch, rate, progress):
        self.times.append((time.perf_counter(), time.process_time()))
        return super().step(batch, rate, progress)


def worker(data: Path, steps: int, batch: int, side: int) -> None:
    """Train on this rank's core and print how long steps took."""
    rank = int(os.environ.get("RANK", 0))
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[rank]})
    torch.manual_seed(0)
    recipe = BicycleRecipe(data, ("items",), sides=(side,), shares=(1.0,), perceptual_weight=0.0)
    task = _Timed(recipe)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) if rank == 0 else data / "unused"
        options = RunOptions(out=out, images=steps * batch, batch=batch, device="cpu", threads=1)
        run(task, options)
    spent = np.diff(np.array(task.times[_WARM:]), axis=0).mean(0)
    print(json.dumps({"rank": rank, "wall": spent[0], "processor": spent[1]}), flush=True)


def measured(args: argparse.Namespace, data: Path, world: int, batch: int) -> NDArray[np.float64]:
    """Images a second: by wall, and by processor time of the busier process."""
    launch = [sys.executable]
    if world > 1:
        launch += ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={world}"]
    command = [*launch, "-m", "tests.bench.ranks", "--worker", str(data), "--batch", str(batch)]
    command += ["--steps", str(args.steps), "--side", str(args.side)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"rank"')]
    assert len(told) == world
    return batch / np.array([max(t[clock] for t in told) for clock in ("wall", "processor")])


def main() -> None:
    """Print both figures of every round, and their medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    if args.worker is not None:
        worker(args.worker, args.steps, args.batch, args.side)
        return
    ways = {"the same batch": args.batch, "the same batch a process": 2 * args.batch}
    gains: dict[str, list[NDArray[np.float64]]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        write_pack(data / "items")
        for _ in range(args.rounds):
            one = measured(args, data, 1, args.batch)
            print(f"one process {one[0]:.1f} images/s", flush=True)
            for name, batch in ways.items():
                two = measured(args, data, 2, batch)
                gains[name].append(two / one)
                print(f"two, {name}: {two[0]:.1f} images/s, {_told(two / one)}", flush=True)
    for name, ratios in gains.items():
        print(f"median, {name}: {_told(np.median(ratios, axis=0))}")


def _told(ratio: NDArray[np.float64]) -> str:
    return f"{ratio[0]:.2f}x by wall, {ratio[1]:.2f}x by processor seconds"


if __name__ == "__main__":
    main()
