"""The background behind a person: made up once a photo, at a bounded size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.boxes import Box, rows
from engine.inpaint import filled
from engine.pixels import cropped, grown, warped

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

PLATE_SIDE = 768
"""Longest side, in pixels, of what is made up."""
_CONTEXT = 0.35
"""So much around the hole is looked at, as a share of its longer side."""
_GRAIN_WINDOW = 512
_GRAIN_TILE = 256


@dataclass(frozen=True)
class Plate:
    """The background behind a person.

    Attributes:
        pixels: (h, w, 3) uint8 of the surroundings without the person.
        corner: where they begin on the photo, in photo pixels.
        step: photo pixels a plate pixel covers.
        noise: standard deviation of the photo's grain, in 0..255 units.
    """

    pixels: Bytes
    corner: tuple[int, int]
    step: NDArray[np.float64]
    noise: float

    @classmethod
    def make(cls, photo: Bytes, matte: Bytes, place: Box) -> Plate:
        """Make up what a matte hides.

        Args:
            photo: (H, W, 3) uint8.
            matte: (h, w) uint8, above 0 = hidden; it lies in the rectangle `place` of the photo.
        """
        around = max(place[2] - place[0], place[3] - place[1]) * _CONTEXT
        box = grown(place, round(around) + 2, photo.shape)
        whole = np.array((box[2] - box[0], box[3] - box[1]))
        width, height = np.maximum(np.round(whole * min(1, PLATE_SIDE / whole.max())), 1)
        size = int(width), int(height)
        pixels = cv2.resize(photo[rows(box)], size, interpolation=cv2.INTER_AREA)
        hole = cv2.resize(cropped(matte, place, box), size, interpolation=cv2.INTER_AREA)
        hole = cv2.dilate(hole, np.ones((3, 3), np.uint8))
        told = filled(np.asarray(pixels, np.uint8), np.asarray(hole, np.uint8))
        return cls(told, box[:2], whole / size, _noise_near(photo, matte, place))

    def at(self, scale: NDArray[np.float64], box: Box) -> Bytes:
        """The background at a box of the photo scaled by (2,) `scale`, with the photo's grain."""
        corner, step = self.corner * scale, self.step * scale
        if step.min() < 0.75:
            size = tuple(max(1, int(np.ceil(s * n))) for s, n in zip(step, self._size, strict=True))
            smaller = cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA)
            step = step * self._size / size
            out = warped(np.asarray(smaller, np.uint8), corner, step, box, cv2.BORDER_REPLICATE)
        else:
            out = warped(self.pixels, corner, step, box, cv2.BORDER_REPLICATE)
        # Enlarging loses the finest grain; shrinking the photo loses it too.
        lost = 1 - min(1.0, 1 / float(step.min())) ** 2
        return _grained(out, self.noise * min(1.0, float(scale.min())) * lost**0.5, box)

    @property
    def _size(self) -> tuple[int, int]:
        return self.pixels.shape[1], self.pixels.shape[0]


def _noise_near(photo: Bytes, matte: Bytes, place: Box) -> float:
    """Grain of the background around the middle of the matte; a sample is enough."""
    x, y, half = (place[0] + place[2]) // 2, (place[1] + place[3]) // 2, _GRAIN_WINDOW // 2
    box = grown((x, y, x, y), half, photo.shape)
    return noise_level(photo[rows(box)], cropped(matte, place, box) == 0)


def noise_level(pixels: Bytes, where: NDArray[np.bool_]) -> float:
    """Standard deviation of the grain in the flat parts of the chosen pixels, in 0..255 units.

    Args:
        pixels: (H, W, 3) uint8.
        where: (H, W) the pixels to look at; 0.0 if there are hardly any.
    """
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY).astype(np.float32)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
    rough = np.abs(np.asarray(cv2.filter2D(grey, -1, kernel)))[where]
    if len(rough) < 64:
        return 0.0
    return float(np.percentile(rough, 35) / 0.454)  # 35 % of a Gaussian lies below 0.454 sigma


def _grained(pixels: Bytes, level: float, box: Box) -> Bytes:
    """With noise that depends only on the place, so that neighbouring boxes fit together."""
    if level < 0.5:
        return pixels
    tile = np.random.default_rng(7).normal(0, level, (_GRAIN_TILE, _GRAIN_TILE))
    across, down = (np.arange(box[i], box[i + 2]) % _GRAIN_TILE for i in (0, 1))
    noise = np.rint(tile).astype(np.int16)[down[:, None], across]
    return np.clip(pixels + noise[..., None], 0, 255).astype(np.uint8)
