"""The grid that transposed convolutions leave in pictures of small networks, taken out."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

_NO_GRID = np.array([-1, 4, 10, 4, -1]) / 16
"""Takes away what changes from pixel to pixel, and hardly anything else."""
_Value = TypeVar("_Value", np.uint8, np.float32)


def without_grid(pixels: NDArray[_Value]) -> NDArray[_Value]:
    """(H, W, 3) pixels without what alternates from each pixel to the next."""
    return cv2.sepFilter2D(pixels, -1, _NO_GRID, _NO_GRID)  # pyright: ignore[reportReturnType]
