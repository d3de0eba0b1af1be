"""Images a second that one core makes ready for training, alone: nothing is trained here.

    python -m tests.bench.loading DATA [--sets people shoes128 ...] [--images 256] [--profile]

DATA holds the packs. Every set is asked for batches three times: with an empty cache (photos are
decoded), by a new process's task on the cache that this left, and without a cache on the disk.
Seconds are processor seconds, so that other work on the machine counts little. A GPU stays busy as
long as a step takes longer than its images here, divided by the processes that make batches.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from trainer.recipes.bicyclegan import BicycleRecipe, BicycleTask
from trainer.recipes.deformable import DeformableRecipe, DeformableTask
from trainer.recipes.pix2pixhd import Pix2PixHdRecipe, Pix2PixHdTask
from trainer.recipes.vunet_paper import VunetPaperRecipe, VunetPaperTask

_BATCH = 16


def _people(data: Path) -> Any:
    recipe = DeformableRecipe(data, packs=("people", "athletes"))
    return DeformableTask(recipe, len(recipe.sides) - 1, None)


def _figures(data: Path) -> Any:
    return VunetPaperTask(VunetPaperRecipe(data, packs=("people", "athletes")))


def _street(data: Path) -> Any:
    return Pix2PixHdTask(Pix2PixHdRecipe(data / "street"), 1, None)


def _facades(data: Path) -> Any:
    return Pix2PixHdTask(Pix2PixHdRecipe(data / "facades"), 1, None)


def _products(pack: str) -> Callable[[Path], Any]:
    def made(data: Path) -> Any:
        recipe = BicycleRecipe(data, packs=(pack,))
        return BicycleTask(recipe, len(recipe.sides) - 1, None)

    return made


SETS: dict[str, Callable[[Path], Any]] = {
    "people": _people,
    "figures": _figures,
    "street": _street,
    "facades": _facades,
    "shoes128": _products("shoes128"),
    "shoes256": _products("shoes256"),
}


def rate(make: Callable[[Path], Any], data: Path, images: int) -> tuple[float, float]:
    """Processor seconds until the task is there, and images a second of its batches."""
    start = time.process_time()
    task = make(data)
    ready = time.process_time()
    rng = np.random.default_rng(0)
    for _ in range(images // _BATCH):
        task.batch(rng, _BATCH)
    spent = time.process_time() - ready
    return ready - start, images // _BATCH * _BATCH / spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--profile", action="store_true", help="where the cached way spends them")
    args = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    print(f"batches of {_BATCH}, {args.images} images, one core, processor time")
    for name in args.sets:
        with tempfile.TemporaryDirectory() as folder:
            os.environ |= {"GUISE_CACHE": folder, "GUISE_CACHE_GB": "8"}
            (first, cold), (again, kept) = (rate(SETS[name], args.data, args.images) for _ in "ab")
            if args.profile:
                with cProfile.Profile() as profile:
                    rate(SETS[name], args.data, args.images)
                pstats.Stats(profile).sort_stats("tottime").print_stats(14)
            os.environ["GUISE_CACHE_GB"] = "0"
            _, without = rate(SETS[name], args.data, args.images)
        print(
            f"{name:<10} begins in {first:.1f} s, cached {again:.1f} s; {cold:.0f} images/s at "
            f"first, {kept:.0f} from the cache, {without:.0f} without one",
            flush=True,
        )


if __name__ == "__main__":
    main()
