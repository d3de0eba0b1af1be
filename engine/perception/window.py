"""Which part of a photo a network looks at, and the way back to the photo's pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

PAD = (124, 116, 104)
"""Colour around a picture that does not fill its window (ImageNet's mean)."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels; right and bottom are outside."""


@dataclass(frozen=True)
class Window:
    """A box of a photo, scaled and centred in a canvas.

    Attributes:
        box: left, top, right, bottom in whole photo pixels, inside the photo.
        part: (width, height) of the scaled box in canvas pixels.
        canvas: (width, height) of the canvas.
    """

    box: Box
    part: tuple[int, int]
    canvas: tuple[int, int]

    @classmethod
    def fit(cls, box: Box, canvas: tuple[int, int]) -> Window:
        """The window that shows the whole box as large as the canvas allows."""
        width, height = box[2] - box[0], box[3] - box[1]
        scale = min(canvas[0] / width, canvas[1] / height)
        part = max(1, round(width * scale)), max(1, round(height * scale))
        return cls(box, part, canvas)

    @property
    def offset(self) -> tuple[int, int]:
        """Left and top of the scaled box in the canvas."""
        return (self.canvas[0] - self.part[0]) // 2, (self.canvas[1] - self.part[1]) // 2

    def cut(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(h, w, 3) canvas out of the (H, W, 3) photo; averages pixels where it shrinks."""
        left, top, right, bottom = self.box
        x, y = self.offset
        part = resized(pixels[top:bottom, left:right], self.part)
        canvas = np.empty((self.canvas[1], self.canvas[0], 3), np.uint8)
        canvas[:] = PAD
        canvas[y : y + self.part[1], x : x + self.part[0]] = part
        return canvas

    def to_photo(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., 2) canvas points in continuous pixels of the photo."""
        left, top, right, bottom = self.box
        scale = (right - left) / self.part[0], (bottom - top) / self.part[1]
        return (xy - np.array(self.offset)) * scale + (left, top)

    def inner(self, plane: NDArray[np.float32]) -> NDArray[np.float32]:
        """The box's part, at canvas resolution, of a map of the whole canvas."""
        full = cv2.resize(plane, self.canvas, interpolation=cv2.INTER_LINEAR)
        x, y = self.offset
        return np.asarray(full[y : y + self.part[1], x : x + self.part[0]], np.float32)


def resized(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Pixels at (width, height): areas averaged when shrinking, linear when growing."""
    shrinks = size[0] < pixels.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)
