"""Items that were painted on white, cut out: the sketch says where they are, the paint how far."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.painters.base import Frame
from engine.picture import Picture
from engine.shapes.raster import drawn_ink
from engine.shapes.sketch import Sketch

Alpha = NDArray[np.uint8]
Flags = NDArray[np.bool_]

_WORK = 512
"""Longest side at which contours are looked for; painters know no finer ones."""
_LINE = 32
"""Ink, of 255, from which a pixel belongs to a line."""
_PAPER = 5
"""Distance from white, of 255, up to which a pixel is bare paper."""
_PAINT = 30
"""Distance from white from which a pixel is surely painted; of a pale item a third."""
_GAPS = (0.004, 0.008, 0.016, 0.03, 0.045, 0.065)
"""Half the gaps in an outline that are closed, as shares of the longest side."""
_HULL = 0.12
"""The same where the question is only what is paint and what has run out of the outline."""
_CRUMB = 0.01
"""Share of the item's area below which a loose piece is none of it."""
_RIM = 0.012
"""How far paint runs over its outline, as a share of the longest side."""
_WINDOW = (0.004, 0.4)
"""Share of the item's area that the opening under a handle has."""
_BARE = 0.15
"""Share of such an opening that is bare paper; painters half fill some."""
_WHITE_BARE = 0.6
"""The same in an item that is nearly as white as the paper."""
_RARE = 3
"""So many times more of it is bare than of the rest of the item."""
_OPEN = 0.4
"""Share of its border that lies along the outside, with the handle between."""
_HANDLE = 0.08
"""Widest handle, as a share of the longest side."""


def soft_mask(sketch: Sketch, picture: Picture) -> Alpha:
    """Alpha of an item painted on white: (H, W) of the picture, 255 = item.

    The body is opaque even where it is as white as the paper; the edge is as soft as it was
    painted, and the opening under a handle is open.

    Args:
        picture: the sketch's canvas painted, at any size.
    """
    width, height = picture.size
    scale = min(1.0, _WORK / max(width, height))
    small = max(round(width * scale), 1), max(round(height * scale), 1)
    rgb = picture.over((255, 255, 255)).pixels
    if scale < 1:
        rgb = np.asarray(cv2.resize(rgb, small, interpolation=cv2.INTER_AREA), np.uint8)
    paint = 255 - rgb.min(2)
    alpha = _alpha(_lines(sketch, small), paint)
    if scale < 1:
        how = cv2.INTER_LINEAR
        alpha = np.asarray(cv2.resize(alpha, (width, height), interpolation=how), np.uint8)
    return alpha


def cut_out(sketch: Sketch, picture: Picture) -> Picture:
    """The item alone, RGBA; the paper's white is taken out of the colours of its edge."""
    alpha = soft_mask(sketch, picture)
    rgb = picture.over((255, 255, 255)).pixels
    if not alpha.any():
        return Picture(np.dstack([rgb, alpha]))
    share = alpha[..., None] / np.float32(255)
    # the thinner the paint, the less its own colour can be told: the next opaque one takes over
    unmixed = ((rgb - 255 * (1 - share)) / np.maximum(share, 0.1)).clip(0, 255)
    own = share**2 * unmixed + (1 - share**2) * rgb[_nearest(_inner(alpha))]
    return Picture(np.dstack([np.rint(own).astype(np.uint8), alpha]))


def _inner(alpha: Alpha) -> Flags:
    """Opaque pixels, if there are any a little away from the edge."""
    opaque = alpha == alpha.max()
    deep = _shrunk(opaque, max(round(_RIM * max(alpha.shape) / 2), 1))
    thin = opaque & ~_opened(opaque, max(round(_RIM * max(alpha.shape) / 2), 1))
    return deep | thin


def _nearest(seeds: Flags) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column of the seed nearest to every pixel."""
    how = cv2.DIST_LABEL_PIXEL
    away = (~seeds).astype(np.uint8)
    _, labels = cv2.distanceTransformWithLabels(away, cv2.DIST_L2, 5, labelType=how)
    numbers = np.asarray(labels, np.intp)
    order = np.zeros(numbers.max() + 1, np.intp)
    places = np.flatnonzero(seeds)
    order[numbers.ravel()[places]] = places
    rows, columns = np.unravel_index(order[numbers], seeds.shape)
    return rows, columns


def _alpha(lines: Flags, paint: Alpha) -> Alpha:
    body = _body(lines, paint)
    if not body.any():
        return np.zeros(paint.shape, np.uint8)
    longest = max(paint.shape)
    windows = _windows(body, lines, paint)
    rim = max(round(_RIM * longest), 1)
    grown = _grown(body, rim)
    core = _shrunk(body & ~windows, rim)
    painted = _coverage(paint, core, rim)
    drawn = cv2.GaussianBlur((body & ~windows).astype(np.float32), (0, 0), max(rim / 3, 0.6))
    # a pale item tells nothing about its edge: there the line decides
    telling = np.clip(_around(paint, core, 4 * rim) / (2 * _PAINT), 0, 1)
    edge = telling * painted + (1 - telling) * drawn
    alpha = np.where(core, 1, np.where(grown, edge, 0))
    return np.rint(255 * alpha.clip(0, 1)).astype(np.uint8)


def _lines(sketch: Sketch, size: tuple[int, int]) -> Flags:
    """(H, W) of `size` (width, height): true on a line."""
    side = max(size)
    ink = drawn_ink(sketch, Frame(0, 0, max(sketch.size)), side)
    return ink[: size[1], : size[0]] >= _LINE


def _body(lines: Flags, paint: Alpha) -> Flags:
    """All that lies inside the outline, which paint helps to close, without loose hairs."""
    longest = max(paint.shape)
    near = _grown(lines, max(round(0.02 * longest), 1))
    shown = _touching(paint > _enough(paint), near)
    marks = lines | shown
    inside = _enclosed(marks)
    inside &= _grown(_filled(lines, round(_HULL * longest)), 3) | near
    hairless = _opened(inside, max(round(0.006 * longest), 1))
    return _without_crumbs(hairless | (inside & shown))


def _without_crumbs(body: Flags) -> Flags:
    """Without small pieces that hang together with nothing."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(body.astype(np.uint8), connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= _CRUMB * body.sum()
    kept[0] = False
    return kept[labels]


def _enclosed(marks: Flags) -> Flags:
    """The marks and what they enclose, with the widest gaps closed that open a room.

    Closing alone fills no disc larger than the one it closes with; where a larger one fits, a
    gap was closed and not a hollow filled.
    """
    longest = max(marks.shape)
    radii = sorted({max(round(gap * longest), 1) for gap in _GAPS})
    inside = _filled(marks, radii[0])
    for radius in radii[1:]:
        wider = _filled(marks, radius)
        if _distance(np.pad(wider & ~inside, 1)).max() > radius + 2:
            inside = wider
    return inside


def _enough(paint: Alpha) -> float:
    """The paint above which a pixel belongs to the item."""
    marked = paint[paint > 2 * _PAPER]
    return float(np.clip(np.median(marked) / 4, _PAINT / 3, _PAINT)) if marked.size else _PAINT


def _filled(marks: Flags, gap: int) -> Flags:
    """The marks and what they enclose once gaps up to twice `gap` pixels are closed."""
    room = 2 * gap + 2
    outside = _grown(np.pad(marks, room), gap).astype(np.uint8)
    cv2.floodFill(outside, None, (0, 0), 2)
    return _shrunk(outside != 2, gap)[room:-room, room:-room]


def _windows(body: Flags, lines: Flags, paint: Alpha) -> Flags:
    """Enclosed bare paper that lies along the outside, as under a handle; never the largest."""
    longest = max(paint.shape)
    outline = _grown(lines, max(round(0.004 * longest), 1))
    inner = (body & ~outline).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inner, connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA]
    outside = _grown(~body, max(round(_HANDLE * longest), 1))
    found, bare = np.zeros_like(body), paint <= _PAPER
    largest = 1 + int(areas[1:].argmax()) if count > 1 else 0
    for number in range(1, count):
        part = labels == number
        share = areas[number] / body.sum()
        if number == largest or not _WINDOW[0] <= share <= _WINDOW[1]:
            continue
        border = part & ~_shrunk(part, 1)
        rest = body & ~part
        least = _BARE if np.median(paint[rest]) > 2 * _PAINT else _WHITE_BARE
        enough = max(least, _RARE * bare[rest].mean())
        if bare[part].mean() >= enough and outside[border].mean() >= _OPEN:
            found |= _grown(part, 2) & body
    return found


def _coverage(paint: Alpha, core: Flags, rim: int) -> NDArray[np.float32]:
    """How much of the paint of the item nearby a pixel has: 0..1."""
    full = np.maximum(_around(paint, core, 4 * rim), _PAINT)
    return ((paint - np.float32(_PAPER)) / (0.9 * full - _PAPER)).clip(0, 1)


def _around(paint: Alpha, core: Flags, reach: int) -> NDArray[np.float32]:
    """The mean paint of the core within reach; 0 where there is no core."""
    size = (2 * reach + 1, 2 * reach + 1)
    weight = cv2.blur(core.astype(np.float32), size)
    total = cv2.blur(np.where(core, paint, 0).astype(np.float32), size)
    return np.where(weight > 1e-4, total / np.maximum(weight, 1e-4), 0).astype(np.float32)


def _touching(marks: Flags, seeds: Flags) -> Flags:
    """Those connected marks that touch a seed."""
    _, labels = cv2.connectedComponents(marks.astype(np.uint8), connectivity=8)
    kept = np.unique(labels[marks & seeds])
    return np.isin(labels, kept[kept > 0])


def _grown(flags: Flags, radius: float) -> Flags:
    """Dilated by a disc; the distance transform takes the same time for every radius."""
    return _distance(~flags) <= radius


def _shrunk(flags: Flags, radius: float) -> Flags:
    """Eroded by a disc; what lies outside the picture does not count."""
    return _distance(flags) > radius


def _opened(flags: Flags, radius: float) -> Flags:
    return _grown(_shrunk(flags, radius), radius)


def _distance(flags: Flags) -> NDArray[np.float32]:
    """Of every true pixel to the nearest false one."""
    if flags.all():
        return np.full(flags.shape, np.inf, np.float32)
    found = cv2.distanceTransform(flags.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(found, np.float32)
