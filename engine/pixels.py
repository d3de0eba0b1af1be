"""Rectangles of images: cut, grown, sampled."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.boxes import Box

Bytes = NDArray[np.uint8]


def bounds(mask: Bytes) -> Box:
    """The smallest box around everything above 0; all zeros if there is nothing."""
    x, y, width, height = cv2.boundingRect(mask)
    return x, y, x + width, y + height


def grown(box: Box, by: int, shape: tuple[int, ...]) -> Box:
    """A box with room around it, inside an image of this (H, W)."""
    left, top, right, bottom = box
    low = max(left - by, 0), max(top - by, 0)
    return *low, min(right + by, shape[1]), min(bottom + by, shape[0])


def cropped(pixels: Bytes, place: Box, box: Box) -> Bytes:
    """The `box` of a canvas on which an image lies at `place`; 0 outside the image."""
    if place[0] <= box[0] and place[1] <= box[1] and box[2] <= place[2] and box[3] <= place[3]:
        inside = np.s_[box[1] - place[1] : box[3] - place[1], box[0] - place[0] : box[2] - place[0]]
        return np.ascontiguousarray(pixels[inside])
    out = np.zeros((box[3] - box[1], box[2] - box[0], *pixels.shape[2:]), np.uint8)
    x0, y0 = max(place[0], box[0]), max(place[1], box[1])
    x1, y1 = min(place[2], box[2]), min(place[3], box[3])
    if x0 < x1 and y0 < y1:
        source = pixels[y0 - place[1] : y1 - place[1], x0 - place[0] : x1 - place[0]]
        out[y0 - box[1] : y1 - box[1], x0 - box[0] : x1 - box[0]] = source
    return out


def warped(pixels: Bytes, corner: ArrayLike, step: ArrayLike, box: Box, border: int) -> Bytes:
    """An image that lies stretched on a canvas, at the pixels of a box.

    Args:
        corner: (2,) where the image's corner lies on the canvas.
        step: (2,) canvas pixels an image pixel covers.
        border: OpenCV's word for what lies outside, e.g. cv2.BORDER_CONSTANT.
    """
    step = np.asarray(step, float)
    shift = (np.array(box[:2]) + 0.5 - np.asarray(corner, float)) / step - 0.5  # pixel centres
    matrix = np.column_stack([np.diag(1 / step), shift])
    size = (box[2] - box[0], box[3] - box[1])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(pixels, matrix, size, flags=how, borderMode=border), np.uint8)
