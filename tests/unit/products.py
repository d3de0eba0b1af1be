"""A tiny pack of drawn items, as data packs are laid out."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray


def drawn_item(seed: int, side: int = 64) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """An ellipse in a random colour on white (side, side, 3) BGR, and its dark outline."""
    rng = np.random.default_rng(seed)
    photo = np.full((side, side, 3), 255, np.uint8)
    edges = np.full((side, side), 255, np.uint8)
    middle = [int(value) for value in rng.integers(side // 2 - 6, side // 2 + 6, 2)]
    axes = [int(value) for value in rng.integers(side // 5, side // 3, 2)]
    colour = [int(value) for value in rng.integers(0, 220, 3)]
    cv2.ellipse(photo, middle, axes, 0, 0, 360, colour, -1)
    cv2.ellipse(edges, middle, axes, 0, 0, 360, 0, 1)
    return photo, edges


def write_pack(folder: Path, train: int = 8, val: int = 4) -> None:
    """`folder`/{train,val}/{photos,edges}."""
    for split, numbers in (("train", range(train)), ("val", range(100, 100 + val))):
        for part in ("photos", "edges"):
            (folder / split / part).mkdir(parents=True)
        for number in numbers:
            photo, edges = drawn_item(number)
            cv2.imwrite(str(folder / split / "photos" / f"{number}.png"), photo)
            cv2.imwrite(str(folder / split / "edges" / f"{number}.png"), edges)
