"""A hole in a photo filled with pieces of its surroundings.

On a small picture, patches around and inside the hole are matched with patches that are wholly
known, and every pixel becomes the mean of what its patches say (after Wexler, Shechtman, Irani:
Space-Time Completion of Video, PAMI 2007, section 3). The few shifts that most matches share (He,
Sun: Statistics of Patch Offsets for Image Completion, ECCV 2012, section 3) then compete for every
pixel, and the winners say which pieces of the large picture are copied, so that texture stays as
sharp as it is beside the hole.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.framing import bled
from engine.toning import toned

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

_SIDES = (48, 96)
"""Sizes at which matches are sought, coarse to fine."""
_ROUNDS = 3
_R = 3
"""Patches span 2 * _R + 1 pixels."""
_STAY = (7.0, 2.0)
"""What a step down and a step across cost against a colour step of 1 in one patch pixel: walls,
streets and horizons run sideways."""
_COMMON = 48
"""So many shifts compete."""
_AREA = 11
"""Neighbourhood in which a shift has to fit."""
_KNOWN = 4.0
"""Pixels of the neighbourhood that are known count this much more than those made up."""
_NOWHERE = 2e4
"""Cost of a pixel whose double is unknown or outside."""
_TRUST = 0.75
"""A patch one pixel further inside the hole counts this much less."""


def filled(pixels: Bytes, hole: Bytes) -> Bytes:
    """The picture with its hole filled.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        hole: (H, W) uint8, above 0 = unknown. Pixels outside it come back as they are.

    Returns:
        (H, W, 3) uint8; flat grey where nothing at all is known.
    """
    known = hole == 0
    if known.all():
        return pixels
    if not known.any():
        return np.full_like(pixels, 128)
    smooth = bled(pixels, np.where(known, 255, 0).astype(np.uint8))
    smooth = np.where(known[..., None], pixels, smooth)
    shifts = _shifts(smooth, hole)
    return smooth if shifts is None else _copied(smooth, ~known, shifts)


def _shifts(smooth: Bytes, hole: Bytes) -> Places | None:
    """(h, w, 2) how many rows and columns away each small pixel's double is; 0 off the hole."""
    image = shifts = None
    for side in _SIDES:
        small, unknown = _shrunk(smooth, hole, side)
        if image is None:
            start = np.rint(small).astype(np.uint8)
            image = cv2.inpaint(start, unknown.astype(np.uint8), 3, cv2.INPAINT_TELEA)
        last = cv2.resize(image, small.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        image = np.where(unknown[..., None], last, small).astype(np.float32)
        shifts = _matched(image, unknown)
        if shifts is None:
            return None
        shifts = _agreed(image, unknown, shifts)
    return shifts


def _shrunk(smooth: Bytes, hole: Bytes, side: int) -> tuple[Floats, Flags]:
    height, width = hole.shape
    scale = min(1.0, side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(smooth, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    share = cv2.resize((hole > 0).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32), np.asarray(share) > 0


def _matched(image: Floats, unknown: Flags) -> Places | None:
    """(N, 2) shifts from unknown pixels to their best matches; fills `image` on the way."""
    kernel = np.ones((2 * _R + 1, 2 * _R + 1), np.uint8)
    touched = cv2.dilate(unknown.astype(np.uint8), kernel) > 0
    whole = ~touched
    whole[:_R] = whole[-_R:] = False
    whole[:, :_R] = whole[:, -_R:] = False
    targets, origins = np.argwhere(touched), np.argwhere(whole)
    if not len(origins):
        return None
    depth = cv2.distanceTransform(unknown.astype(np.uint8), cv2.DIST_L2, 3)
    trust = _TRUST ** np.asarray(depth, np.float32)[tuple(targets.T)]
    found = targets
    for _ in range(_ROUNDS):
        found = origins[_nearest(_features(image, targets), _features(image, origins))]
        _vote(image, unknown, targets, found, trust)
    inside = unknown[tuple(targets.T)]
    return (found - targets)[inside]


def _agreed(image: Floats, unknown: Flags, shifts: Places) -> Places:
    """(h, w, 2) the common shift that fits the neighbourhood best, in the hole and on its rim."""
    common, counts = np.unique(shifts, axis=0, return_counts=True)
    common = common[np.argsort(-counts, kind="stable")[:_COMMON]]
    wanted = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    best = np.full(unknown.shape, np.inf, np.float32)
    out = np.zeros((*unknown.shape, 2), np.intp)
    for shift in common:
        cost = _misfit(image, unknown, ~wanted, shift)
        better = wanted & (cost < best)
        best[better], out[better] = cost[better], shift
    return out


def _misfit(image: Floats, unknown: Flags, usable: Flags, shift: Places) -> Floats:
    """(h, w) mean squared step between each neighbourhood and its shifted double."""
    matrix = np.array([[1, 0, shift[1]], [0, 1, shift[0]]], np.float64)
    how = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    size = unknown.shape[::-1]
    double = cv2.warpAffine(image, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    there = cv2.warpAffine(usable.astype(np.uint8), matrix, size, flags=how) > 0
    step = ((image - double) ** 2).sum(2) + ~there * np.float32(_NOWHERE)
    share = np.where(unknown, 1, _KNOWN).astype(np.float32)
    mean = cv2.blur(step * share, (_AREA, _AREA)) / cv2.blur(share, (_AREA, _AREA))
    return mean + ~there * np.float32(_NOWHERE)


def _features(image: Floats, centres: Places) -> Floats:
    """(N, 7 * 7 * 3 + 2) patch colours and the place, both as the cost weighs them."""
    padded = np.pad(image, ((_R, _R), (_R, _R), (0, 0)), mode="edge")
    span = 2 * _R + 1
    windows = np.lib.stride_tricks.sliding_window_view(padded, (span, span), (0, 1))
    patches = windows[tuple(centres.T)].reshape(len(centres), -1)
    return np.hstack([patches, centres * np.array(_STAY)]).astype(np.float32)


def _nearest(wanted: Floats, offered: Floats) -> Places:
    lengths = (offered**2).sum(1) / 2
    return (wanted @ offered.T - lengths).argmax(1)


def _vote(image: Floats, unknown: Flags, targets: Places, found: Places, trust: Floats) -> None:
    """Every unknown pixel becomes the trusted mean of what the patches over it copy there."""
    height, width = unknown.shape
    total = np.zeros((height + 2 * _R, width + 2 * _R, 4), np.float32)
    for dy, dx in np.ndindex(2 * _R + 1, 2 * _R + 1):
        near = np.exp(-((dy - _R) ** 2 + (dx - _R) ** 2) / 8) * trust[:, None]
        colour = image[found[:, 0] + dy - _R, found[:, 1] + dx - _R]
        total[targets[:, 0] + dy, targets[:, 1] + dx] += np.hstack([colour * near, near])
    inside = total[_R : _R + height, _R : _R + width][unknown]
    image[unknown] = inside[:, :3] / inside[:, 3:]


def _copied(smooth: Bytes, unknown: Flags, shifts: Places) -> Bytes:
    """Pieces of the large picture in the hole, brought to the brightness of its rim."""
    small, small_unknown = _shrunk(smooth, unknown.astype(np.uint8), _SIDES[-1])
    tones = cv2.resize(
        toned(small, small_unknown, shifts), unknown.shape[::-1], interpolation=cv2.INTER_LINEAR
    )
    out = smooth.copy()
    pieces = _pieces(smooth, np.argwhere(unknown), shifts) + np.asarray(tones)[unknown]
    out[unknown] = np.rint(np.clip(pieces, 0, 255))
    return out


def _pieces(smooth: Bytes, places: Places, shifts: Places) -> Floats:
    """(N, 3) what is copied to these places, faded from small pixel to small pixel."""
    size, cells = np.array(smooth.shape[:2]), np.array(shifts.shape[:2])
    shift = np.rint(shifts * (size / cells)).astype(np.intp)
    at = (places + 0.5) * (cells / size) - 0.5
    low = np.floor(at).astype(np.intp)
    part = at - low
    total = np.zeros((len(places), 3), np.float32)
    for corner in np.ndindex(2, 2):
        cell = np.clip(low + corner, 0, cells - 1)
        there = np.clip(places + shift[tuple(cell.T)], 0, size - 1)
        weight = np.where(corner, part, 1 - part).prod(1).astype(np.float32)
        total += smooth[tuple(there.T)] * weight[:, None]
    return total
