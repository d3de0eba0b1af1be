"""Lines one pixel wide followed from end to end, so that a pen could have drawn them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.perception.edges_thinning import Line

Pixel = tuple[int, int]
"""Row and column."""
Path = list[Pixel]
"""Pixels from one end to the other; a closed one ends where it begins."""

Graph = dict[Pixel, list[Pixel]]
"""Every pixel and those it touches."""

_AHEAD = 5
"""Pixels that tell where a path is heading."""
_STUB = 3
"""Pixels; what is no longer than that is left over from thinning."""
_STRAIGHT = 0.75
"""Cosine up to which two paths that meet are one stroke."""
_TEXTURE = 12
"""Where more paths than that meet is no crossing but a texture, and nothing goes straight on."""
_GAP = 3
"""Pixels, at most, between the ends of two paths that are one stroke."""
_SMOOTH = 1.5
"""Standard deviation, in pixels along a stroke, of the mean that takes out the staircase."""
_OFF = 0.3
"""Pixels that a stroke may miss its line by, to have fewer points."""


def traced(lines: Line) -> list[NDArray[np.float64]]:
    """Strokes, (N, 2) x and y in continuous pixels each, the longest first; no single dots.

    Where lines meet, the two that go straight on are one stroke.
    """
    graph = _neighbours(lines)
    joined = _joined(_paths(graph), _crossings(graph, lines.shape))
    paths = [path for path in joined if len(path) > _STUB]
    return [_smoothed(path) for path in sorted(paths, key=len, reverse=True)]


def _neighbours(lines: Line) -> Graph:
    """Which pixels each pixel touches; a corner counts only where no side does."""
    inked = set(map(tuple, np.argwhere(lines).tolist()))
    graph: Graph = {}
    for y, x in inked:
        sides = [(y + dy, x + dx) for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0))]
        corners = [
            (y + dy, x + dx)
            for dy, dx in ((1, 1), (1, -1), (-1, 1), (-1, -1))
            if (y + dy, x) not in inked and (y, x + dx) not in inked
        ]
        graph[y, x] = [at for at in (*sides, *corners) if at in inked]
    return graph


def _paths(graph: Graph) -> Iterator[Path]:
    """Every piece between ends and crossings, then the closed ones; not single dots."""
    used: set[frozenset[Pixel]] = set()

    def walk(start: Pixel, then: Pixel) -> Path:
        path = [start, then]
        used.add(frozenset(path))
        while len(graph[path[-1]]) == 2 and path[-1] != start:
            a, b = graph[path[-1]]
            path.append(a if b == path[-2] else b)
            used.add(frozenset(path[-2:]))
        return path

    nodes = [at for at, near in graph.items() if len(near) != 2]
    for start in (*nodes, *graph):
        for then in graph[start]:
            if frozenset((start, then)) not in used:
                yield walk(start, then)


def _crossings(graph: Graph, shape: tuple[int, int]) -> dict[Pixel, int]:
    """The number of the crossing that a pixel belongs to; thinning may leave several to each."""
    marks = np.zeros(shape, np.uint8)
    forks = [at for at, near in graph.items() if len(near) > 2]
    for at in forks:
        marks[at] = 1
    labels = cv2.connectedComponents(cv2.dilate(marks, np.ones((3, 3), np.uint8)))[1]
    return {at: int(labels[at]) for at in forks}


def _joined(paths: Iterator[Path], crossings: dict[Pixel, int]) -> list[Path]:
    """The paths, with those that go straight on across a crossing made one."""
    pieces = dict(enumerate(paths))
    meeting: dict[int, set[int]] = {}
    for number, path in pieces.items():
        for end in (path[0], path[-1]):
            if end in crossings:
                meeting.setdefault(crossings[end], set()).add(number)
    for crossing, numbers in meeting.items():
        if len(numbers) > _TEXTURE:
            continue
        while pair := _straightest({n: pieces[n] for n in numbers}, crossing, crossings):
            kept, gone = pair
            one, two = (_from(pieces.pop(number), crossing, crossings) for number in pair)
            pieces[kept] = [*reversed(one), *two]
            numbers -= {kept, gone}
            if two[-1] in crossings:
                meeting[crossings[two[-1]]] ^= {kept, gone}
    return list(pieces.values())


def _from(path: Path, crossing: int, crossings: dict[Pixel, int]) -> Path:
    return path if crossings.get(path[0]) == crossing else path[::-1]


def _straightest(
    meeting: dict[int, Path], crossing: int, crossings: dict[Pixel, int]
) -> tuple[int, int] | None:
    """The two paths that turn least where they meet; None if all turn too much.

    A path between two pixels of the same crossing is none of them.
    """
    ways: dict[int, NDArray[np.float64]] = {}
    starts: dict[int, NDArray[np.float64]] = {}
    for number, path in meeting.items():
        if crossings.get(path[0]) != crossings.get(path[-1]):
            begin = np.array(_from(path, crossing, crossings)[: _AHEAD + 1], float)
            ahead = begin[-1] - begin[0]
            ways[number] = ahead / max(float(np.linalg.norm(ahead)), 1.0)
            starts[number] = begin[0]
    found = [
        (float(ways[a] @ ways[b]), a, b)
        for a, b in combinations(ways, 2)
        if np.abs(starts[a] - starts[b]).max() <= _GAP
    ]
    turn, one, two = min(found, default=(1.0, 0, 0))
    return None if turn > -_STRAIGHT else (one, two)


def _smoothed(path: Path) -> NDArray[np.float64]:
    """The path without its staircase, with as few points as it needs."""
    xy = np.array(path, float)[:, ::-1] + 0.5
    closed = len(path) > 2 and path[0] == path[-1]
    if len(path) > 4:
        reach = min(4, (len(path) - 1) // 2)
        wide = _continued(xy, reach, closed)
        weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * _SMOOTH**2))
        weights /= weights.sum()
        xy = np.stack([np.convolve(axis, weights, "valid") for axis in wide.T], 1)
    kept = cv2.approxPolyDP(xy[: len(xy) - closed].astype(np.float32)[:, None], _OFF, closed)
    points = np.asarray(kept, np.float64)[:, 0]
    return np.concatenate([points, points[:1]]) if closed else points


def _continued(xy: NDArray[np.float64], reach: int, closed: bool) -> NDArray[np.float64]:
    """The points with `reach` more at either end: around, or mirrored so that ends stay."""
    if closed:
        return np.concatenate([xy[-1 - reach : -1], xy, xy[1 : 1 + reach]])
    before, after = 2 * xy[0] - xy[reach:0:-1], 2 * xy[-1] - xy[-2 : -2 - reach : -1]
    return np.concatenate([before, xy, after])
