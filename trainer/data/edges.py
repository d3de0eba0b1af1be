"""Training pictures for the reader of lines: product photos in other light, on other backdrops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.data.augment import relit
from trainer.data.products import Image, Line, Products
from trainer.data.sketches import photo_tensor, placed, recoloured, smooth_noise

Rng = np.random.Generator
_RIDGE = 0.9
"""Standard deviation, in pixels, of the target across a line."""
_NEAR_WHITE = 20
"""How much darker than white, of 255, a backdrop may be."""


@dataclass(frozen=True)
class Changes:
    """How often each change is made, as probabilities, and how far photos are scaled.

    Attributes:
        backdrop: another backdrop instead of a white one.
        colours: another hue.
        light: other light, sharpness and compression.
        scale: range of sizes and places, as a share of the frame.
    """

    backdrop: float = 0.3
    colours: float = 0.3
    light: float = 0.6
    scale: float = 0.1


class EdgesBatch(NamedTuple):
    """(B, 3, S, S) photos in -1..1 and (B, 1, S, S) strengths of their lines in 0..1."""

    photos: Tensor
    strength: Tensor


class LinePhotos:
    """Training batches out of packs, each of one size; every pack is drawn from equally often."""

    def __init__(self, packs: Sequence[Products], changes: Changes) -> None:
        self.packs, self.changes = packs, changes

    def batch(self, rng: Rng, size: int, side: int) -> EdgesBatch:
        """Random squares of random photos, each changed at random."""
        made = [self._one(rng, side) for _ in range(size)]
        photos, strength = (np.stack(parts) for parts in zip(*made, strict=True))
        return EdgesBatch(photo_tensor(photos), torch.from_numpy(strength)[:, None])

    def _one(self, rng: Rng, side: int) -> tuple[Image, NDArray[np.float32]]:
        pack = self.packs[int(rng.integers(len(self.packs)))]
        index = int(rng.integers(len(pack)))
        x, y = placed(pack.photos.shape[1], self.changes.scale, rng)
        room = np.maximum(np.array(x.shape) - side, 0)
        top, left = rng.integers(0, room + 1)
        part = np.s_[top : top + side, left : left + side]
        photo, strength = (
            cv2.remap(whole, x[part], y[part], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            for whole in (pack.photos[index], line_strength(pack.lines[index]))
        )
        return self._changed(np.asarray(photo, np.uint8), rng), np.asarray(strength, np.float32)

    def _changed(self, photo: Image, rng: Rng) -> Image:
        if rng.random() < self.changes.colours:
            photo = recoloured(photo, rng)
        if rng.random() < self.changes.backdrop:
            photo = with_backdrop(photo, rng)
        return relit(rng, photo) if rng.random() < self.changes.light else photo


def line_strength(lines: Line) -> NDArray[np.float32]:
    """(H, W) of 0..1: 1 on a line, falling off within two pixels."""
    away = cv2.distanceTransform((~lines).astype(np.uint8), cv2.DIST_L2, 3)
    return np.exp(-np.square(away) / (2 * _RIDGE**2)).astype(np.float32)


def with_backdrop(photo: Image, rng: Rng) -> Image:
    """The photo with what is white around its item turned into a slope of colours; seams are soft,
    as the true edge is."""
    side = photo.shape[0]
    white = np.where(photo.min(2) >= 255 - _NEAR_WHITE, 255, 0).astype(np.uint8)
    framed = np.pad(white, 1, constant_values=255)
    cv2.floodFill(framed, None, (0, 0), (128,))
    around = np.where(framed[1:-1, 1:-1] == 128, 255, 0).astype(np.uint8)
    around = cv2.dilate(around, np.ones((3, 3), np.uint8))  # else a white rim stays
    share = cv2.GaussianBlur(around, (3, 3), 0)[..., None] / np.float32(255)
    a, b = rng.uniform(0, 255, (2, 3)).astype(np.float32)
    slope = smooth_noise(side, int(rng.integers(2, 5)), rng)[..., None]
    ground = a + (b - a) * rng.uniform(0.1, 1) * slope
    return (photo * (1 - share) + ground * share).clip(0, 255).astype(np.uint8)
