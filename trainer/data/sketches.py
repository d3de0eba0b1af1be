"""Machine edges made to look drawn: hairs pruned, strokes broken, wobbling and of any width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.perception.edges_thinning import pruned
from engine.shapes.raster import ink_tensor
from trainer.data.products import Image, Line, Products

Rng = np.random.Generator
_GAP = 9
"""Pixels; gaps of an outline up to this width count as closed."""


@dataclass(frozen=True)
class Drawn:
    """How unlike machine edges the drawings of training are.

    Attributes:
        hairs: probability that the hairs stay.
        detail: largest share of inner lines left out.
        gaps: largest share of the outline left out.
        wobble: largest shift of a line against its photo in pixels of 128.
        thick: probability of lines wider than one pixel.
        scale: range of sizes and places, as a share of the frame.
        colours: probability that a photo is given other colours.
    """

    hairs: float = 0.2
    detail: float = 0.6
    gaps: float = 0.06
    wobble: float = 1.6
    thick: float = 0.35
    scale: float = 0.1
    colours: float = 0.5


class Batch(NamedTuple):
    """(B, 1, S, S) sketches, 1 = line, and (B, 3, S, S) photos in -1..1."""

    sketches: Tensor
    photos: Tensor


class Drawings:
    """Training batches out of product photos."""

    def __init__(self, products: Products, drawn: Drawn) -> None:
        self.products, self.drawn = products, drawn
        self.pruned = np.stack([pruned(lines) for lines in products.lines])
        self.outer = np.stack([outline(lines) for lines in self.pruned])

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Random pairs, each drawn and placed anew."""
        picked = rng.integers(len(self.products), size=size)
        made = [self._one(int(index), rng) for index in picked]
        sketches, photos = (np.stack(parts) for parts in zip(*made, strict=True))
        return Batch(ink_tensor(sketches), photo_tensor(photos))

    def _one(self, index: int, rng: Rng) -> tuple[Image, Image]:
        drawn, photo = self.drawn, self.products.photos[index]
        side = photo.shape[0]
        lines = self.products.lines[index]
        if rng.random() >= drawn.hairs:
            lines = self._left_out(self.pruned[index], self.outer[index], rng)
        x, y = placed(side, drawn.scale, rng)
        shift = wobble(side, drawn.wobble * side / 128 * rng.random(), rng)
        ink = cv2.remap(_ink(lines), x + shift[0], y + shift[1], cv2.INTER_LINEAR)
        photo = cv2.remap(
            photo, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,) * 3
        )
        if rng.random() < drawn.colours:
            photo = recoloured(np.asarray(photo, np.uint8), rng)
        return pen(np.asarray(ink, np.uint8), drawn.thick, rng), np.asarray(photo, np.uint8)

    def _left_out(self, lines: Line, outer: Line, rng: Rng) -> Line:
        """Fewer inner lines, and small gaps everywhere."""
        side = lines.shape[0]
        detail = self.drawn.detail * max(rng.uniform(-0.5, 1), 0)
        gaps = self.drawn.gaps * max(rng.uniform(-1, 1), 0)
        coarse, fine = (smooth_noise(side, cells, rng) for cells in (6, 20))
        return lines & ((coarse > detail) | outer) & (fine > gaps)


def outline(lines: Line) -> Line:
    """Those lines that the paper around the item touches."""
    closed = cv2.morphologyEx(
        np.pad(_ink(lines), _GAP),
        cv2.MORPH_CLOSE,
        cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_GAP, _GAP)),
    )
    cv2.floodFill(closed, None, (0, 0), (128,))
    outside = cv2.dilate((closed == 128).astype(np.uint8), np.ones((5, 5), np.uint8))
    return lines & (outside[_GAP:-_GAP, _GAP:-_GAP] > 0)


def placed(side: int, scale: float, rng: Rng) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each pixel (side, side) comes from, x and y: size, aspect, place and mirror changed."""
    grid = np.arange(side, dtype=np.float32) - (side - 1) / 2
    sizes = 1 + scale * rng.uniform(-1, 1, 2)
    shift = rng.normal(0, 0.2 * scale * side, 2)
    flip = rng.choice((-1.0, 1.0))
    middle = (side - 1) / 2
    x = (flip * grid / sizes[0] + middle + shift[0]).astype(np.float32)
    y = (grid / sizes[1] + middle + shift[1]).astype(np.float32)
    return np.tile(x, (side, 1)), np.tile(y[:, None], (1, side))


def wobble(side: int, amount: float, rng: Rng) -> NDArray[np.float32]:
    """(2, side, side) smooth shifts: an unsteady hand, and proportions a little wrong."""
    fields = [
        1.5 * smooth_noise(side, 4, rng) + 0.7 * smooth_noise(side, 12, rng) - 1.1 for _ in "xy"
    ]
    return (2 * amount * np.stack(fields)).astype(np.float32)


def smooth_noise(side: int, cells: int, rng: Rng) -> NDArray[np.float32]:
    """(side, side) of 0..1 that changes over side / cells pixels."""
    coarse = rng.random((cells, cells), np.float32)
    return np.asarray(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)


def pen(ink: Image, thick: float, rng: Rng) -> Image:
    """Lines of another width and hardness, 255 = full ink."""
    if rng.random() < thick:
        tip = (2, 2) if rng.random() < 0.6 else (3, 3)
        ink = np.asarray(cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_CROSS, tip)), np.uint8)
    if rng.random() < 0.3:
        ink = np.asarray(cv2.GaussianBlur(ink, (3, 3), 0.6), np.uint8)
    return np.asarray(cv2.convertScaleAbs(ink, alpha=rng.uniform(1.1, 2.2)), np.uint8)


def recoloured(photo: Image, rng: Rng) -> Image:
    """Another hue, and more or less of colour and light; white stays white."""
    hls = cv2.cvtColor(photo, cv2.COLOR_RGB2HLS).astype(np.float32)
    paper = hls[..., 1] / 255
    hls[..., 0] = (hls[..., 0] + rng.uniform(0, 180)) % 180
    hls[..., 1] = 255 * paper ** rng.uniform(0.6, 1.5)
    hls[..., 2] *= rng.uniform(0.6, 2.2)
    return np.asarray(cv2.cvtColor(hls.clip(0, 255).astype(np.uint8), cv2.COLOR_HLS2RGB), np.uint8)


def _ink(lines: Line) -> Image:
    return lines.astype(np.uint8) * 255


def photo_tensor(photos: NDArray[np.uint8]) -> Tensor:
    """(B, 3, S, S) of -1..1 from (B, S, S, 3) of 0..255."""
    return torch.from_numpy(np.ascontiguousarray(photos)).permute(0, 3, 1, 2).float() / 127.5 - 1
