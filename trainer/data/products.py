"""Photos of products with their edges: folders paired by name, or the two side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.raster import letterboxed

Image = NDArray[np.uint8]
Line = NDArray[np.bool_]
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
_FAINT = 40
"""Ink, of 255, that still counts as a line after a sketch was made smaller."""
_TINT = 40
"""Difference between the channels of a colour, beyond what JPEG does to black lines."""
_TINTED = 0.02
"""Share of coloured pixels that drawings do not have."""
_LIGHT = 200
"""A backdrop whose every channel is above this was meant to be white."""


@dataclass(frozen=True)
class Products:
    """Every pair of a split at one size.

    Attributes:
        photos: (N, side, side, 3) RGB.
        lines: (N, side, side), true on a line.
        names: of the files, for reports.
    """

    photos: Image
    lines: Line
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)


def read_products(data: Path, packs: Sequence[str], split: str, side: int) -> Products:
    """The pairs of all packs below `data`, letterboxed on white to side x side.

    A pack holds `split/photos` and `split/edges`, paired by name, or `split/` alone with pictures
    that show the edges on the left and the photo on the right (the edges2shoes layout). Where
    there are none of the packs but the split, `data` is the only pack itself.

    Raises:
        InputError: a missing folder, an unpaired name, a picture of odd width or with its edges
            elsewhere, photos or edges alone, nothing found.
    """
    data = Path(data)
    alone = (data / split).is_dir() and not any((data / pack).is_dir() for pack in packs)
    folders = [data] if alone else [data / pack for pack in packs]
    found = [pair for folder in folders for pair in _pairs(folder / split)]
    if not found:
        raise InputError(f"There are no pictures in {data} for {', '.join(packs)}.")

    def read(pair: _Pair) -> tuple[Image, Line]:
        photo, edges = pair.load()
        return letterboxed(whitened(photo), side), lines_of(edges, side)

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(read, found))
    photos, lines = (np.stack(parts) for parts in zip(*made, strict=True))
    return Products(photos, lines, tuple(pair.name for pair in found))


def read_sketches(folder: Path, side: int) -> Line:
    """(N, side, side) lines of every picture in a folder, in the order of their names.

    Raises:
        InputError: the folder is missing.
    """
    return np.stack([lines_of(_gray(path), side) for path in _pictures(folder)])


def whitened(photo: Image) -> Image:
    """The photo with its light grey backdrop made white; other backdrops stay."""
    border = np.concatenate([photo[0], photo[-1], photo[:, 0], photo[:, -1]])
    backdrop = np.median(border, axis=0)
    if backdrop.min() < _LIGHT:
        return photo
    return (photo * (255 / backdrop)).clip(0, 255).astype(np.uint8)


def lines_of(gray: Image, side: int) -> Line:
    """(side, side) lines of a dark-on-light drawing; thin lines survive being made smaller."""
    ink = np.where(gray < 128, 0, 255).astype(np.uint8)
    return letterboxed(ink, side) < 255 - _FAINT


@dataclass(frozen=True)
class _Pair:
    name: str
    load: Callable[[], tuple[Image, Image]]


def _pairs(folder: Path) -> list[_Pair]:
    photos, edges = folder / "photos", folder / "edges"
    if photos.is_dir() and edges.is_dir():
        return _by_name(photos, edges)
    if photos.is_dir():
        raise InputError(
            f"{photos} has no {edges.name} beside it; `guise prepare edges` makes them."
        )
    if edges.is_dir():
        raise InputError(
            f"{edges} has no photos beside it to learn from; `guise sketch` paints edges alone."
        )
    return [_Pair(path.name, lambda path=path: _halves(path)) for path in _pictures(folder)]


def _by_name(photos: Path, edges: Path) -> list[_Pair]:
    drawn = {path.stem: path for path in _pictures(edges)}
    shown = {path.stem: path for path in _pictures(photos)}
    lonely = sorted(drawn.keys() ^ shown.keys())
    if lonely:
        raise InputError(
            f"{lonely[0]!r} is only in one of {photos} and {edges}; every photo needs its edges."
        )
    return [
        _Pair(name, lambda a=shown[name], b=drawn[name]: (_colour(a), _gray(b)))
        for name in sorted(shown)
    ]


def _halves(path: Path) -> tuple[Image, Image]:
    """The photo on the right and the edges on the left. InputError: it has no such halves."""
    both = _colour(path)
    width = both.shape[1]
    if width % 2:
        raise InputError(f"{path} is {width} pixels wide; edges and photo need equal halves.")
    left, right = both[:, : width // 2], both[:, width // 2 :]
    if _colourful(left):
        where = "the right half; exchange them" if not _colourful(right) else "neither half"
        raise InputError(
            f"{path} needs edges on its left half and a photo on its right half, but has edges on "
            f"{where}."
        )
    return right, np.asarray(cv2.cvtColor(left, cv2.COLOR_RGB2GRAY), np.uint8)


def _colourful(half: Image) -> bool:
    """Whether this is no drawing in black and white, whatever compression did to it."""
    return float((np.ptp(half.astype(np.int16), axis=2) > _TINT).mean()) > _TINTED


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)


def _colour(path: Path) -> Image:
    return np.ascontiguousarray(_read(path, cv2.IMREAD_COLOR)[..., ::-1])


def _gray(path: Path) -> Image:
    return _read(path, cv2.IMREAD_GRAYSCALE)


def _read(path: Path, how: int) -> Image:
    picture = cv2.imread(str(path), how)
    if picture is None:
        raise InputError(f"{path} is not a picture that can be read.")
    return np.asarray(picture, np.uint8)
