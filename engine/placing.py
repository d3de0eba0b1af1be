"""Pictures at other sizes and at their place on the photo's canvas."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.painters.base import Frame
from engine.picture import Picture

Size = tuple[int, int]


def scaled_size(size: Size, longest: int | None) -> Size:
    """(width, height) with this longest side and the same proportions, at least 1 px a side."""
    if longest is None:
        return size
    scale = longest / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def resized(picture: Picture, longest: int | None) -> Picture:
    """An opaque picture with this longest side; None = as it is."""
    size = scaled_size(picture.size, longest)
    return picture if size == picture.size else Picture(_resized(picture.pixels, size))


def placed(picture: Picture, frame: Frame, size: Size, longest: int | None) -> Picture:
    """A painted frame at its place on a transparent canvas.

    Args:
        picture: RGBA of the whole frame, at any size.
        frame: where the frame lies on the photo.
        size: the photo's (width, height).
        longest: longest side of the canvas; None = the photo's own size.
    """
    canvas = scaled_size(size, longest)
    scale = np.divide(canvas, size)
    corner, side = np.array((frame.left, frame.top)) * scale, frame.side * scale
    if np.allclose(side, picture.size) and np.allclose(corner, np.round(corner)):
        left, top = np.round(corner).astype(int)
        return Picture(_pasted(picture.pixels, int(left), int(top), canvas))
    rgba = picture.pixels.astype(np.float32)
    rgba[..., :3] *= rgba[..., 3:] / 255  # premultiplied: transparent colours must not bleed
    if side.max() < picture.size[0]:
        width, height = np.ceil(side).astype(int)
        rgba = cv2.resize(rgba, (int(width), int(height)), interpolation=cv2.INTER_AREA)
    step = side / (rgba.shape[1], rgba.shape[0])
    matrix = np.column_stack([np.diag(step), corner + 0.5 * step - 0.5])  # pixel centres
    out = cv2.warpAffine(rgba, matrix, canvas, flags=cv2.INTER_LINEAR)
    return Picture(_straight(np.asarray(out, np.float32)))


def _resized(pixels: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    how = cv2.INTER_AREA if size[0] < pixels.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)


def _pasted(pixels: NDArray[np.uint8], left: int, top: int, canvas: Size) -> NDArray[np.uint8]:
    out = np.zeros((canvas[1], canvas[0], 4), np.uint8)
    height, width = pixels.shape[:2]
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + width, canvas[0]), min(top + height, canvas[1])
    if x0 < x1 and y0 < y1:
        out[y0:y1, x0:x1] = pixels[y0 - top : y1 - top, x0 - left : x1 - left]
    return out


def _straight(premultiplied: NDArray[np.float32]) -> NDArray[np.uint8]:
    alpha = premultiplied[..., 3:]
    colour = premultiplied[..., :3] * (255 / np.maximum(alpha, 1e-3))
    return np.rint(np.clip(np.concatenate([colour, alpha], 2), 0, 255)).astype(np.uint8)
