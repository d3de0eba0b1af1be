"""Two processes on two cores against one process on one core: images a second of a training.

    python -m tests.bench.ranks [--steps 24] [--rounds 3]

Each way trains the small painter of sketches on drawn items, pinned to its cores; ways take turns.
On a machine that does other work, too, wall seconds say little: the second figure counts processor
seconds, as if every process had had its core to itself (waiting for each other is left out there).
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

from tests.unit.products import write_pack
from trainer.loop import RunOptions, run
from trainer.recipes.bicyclegan import BicycleRecipe, BicycleTask

_WARM = 4
_BATCH = 16


class _Timed(BicycleTask):
    """Notes wall and processor time at every step."""

    def __init__(self, recipe: BicycleRecipe) -> None:
        super().__init__(recipe, 0, None)
        self.times: list[tuple[float, float]] = []

    def step(self, batch, rate, progress):
        self.times.append((time.perf_counter(), time.process_time()))
        return super().step(batch, rate, progress)


def worker(data: Path, steps: int) -> None:
    """Train on this rank's core and print how long steps took."""
    rank = int(os.environ.get("RANK", 0))
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[rank]})
    torch.manual_seed(0)
    recipe = BicycleRecipe(data, ("items",), sides=(64,), shares=(1.0,), perceptual_weight=0.0)
    task = _Timed(recipe)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) if rank == 0 else data / "unused"
        options = RunOptions(out=out, images=steps * _BATCH, batch=_BATCH, device="cpu", threads=1)
        run(task, options)
    spent = np.diff(np.array(task.times[_WARM:]), axis=0).mean(0)
    print(json.dumps({"rank": rank, "wall": spent[0], "processor": spent[1]}), flush=True)


def measured(data: Path, steps: int, world: int) -> tuple[float, float]:
    """Seconds a step: wall, and processor time of the busier process."""
    launch = [sys.executable]
    if world > 1:
        launch += ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={world}"]
    command = [*launch, "-m", "tests.bench.ranks", "--worker", str(data), "--steps", str(steps)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"rank"')]
    assert len(told) == world
    return max(t["wall"] for t in told), max(t["processor"] for t in told)


def main() -> None:
    """Print both figures of every round, and their medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", type=Path)
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if args.worker is not None:
        worker(args.worker, args.steps)
        return
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        write_pack(data / "items")
        ratios = []
        for _ in range(args.rounds):
            one, two = (measured(data, args.steps, world) for world in (1, 2))
            ratios.append((one[0] / two[0], one[1] / two[1]))
            print(
                f"one process {_BATCH / one[0]:.1f} images/s, two {_BATCH / two[0]:.1f}: "
                f"{ratios[-1][0]:.2f}x by wall, {ratios[-1][1]:.2f}x by processor seconds"
            )
        wall, processor = np.median(np.array(ratios), axis=0)
        print(f"median {wall:.2f}x by wall, {processor:.2f}x by processor seconds")


if __name__ == "__main__":
    main()
