"""Photos of products with their edges: folders paired by name, or the two side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes import raster
from engine.shapes.raster import letterboxed
from trainer.data.cache import Kept, key_of
from trainer.data.pictures import pictures_of, read_gray, read_rgb
from trainer.data.problems import BadSample
from trainer.data.shard_files import INDEX, path_of, read_index

Image = NDArray[np.uint8]
Line = NDArray[np.bool_]
Direction = Literal["AtoB", "BtoA"]
"""Which half of a side-by-side picture is the input: A is the left one."""
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


def read_products(
    data: Path, packs: Sequence[str], split: str, side: int, direction: Direction = "AtoB"
) -> Products:
    """The pairs of all packs below `data`, letterboxed on white to side x side.

    A pack holds `split/photos` and `split/edges`, paired by name, or `split/` alone with pictures
    that show the edges on the left and the photo on the right (the edges2shoes layout), or it is a
    folder of shards. Where there are none of the packs but the split, `data` is the only pack.

    Args:
        direction: BtoA = the edges are on the right.

    Raises:
        InputError: a missing folder, an unpaired name, a picture of odd width or with its edges
            elsewhere, photos or edges alone, nothing found.
    """
    data = Path(data)
    alone = not any((data / pack).is_dir() for pack in packs)
    alone = alone and ((data / split).is_dir() or (data / INDEX).is_file())
    folders = [data] if alone else [data / pack for pack in packs]
    found = [pair for folder in folders for pair in _wanted(product_rows(folder, split, direction))]
    if not found:
        raise InputError(f"There are no pictures in {data} for {', '.join(packs)}.")

    photos, lines = _read(found, side)
    return Products(photos, lines, tuple(pair.name for pair in found))


def _read(pairs: Sequence[ProductPair], side: int) -> tuple[Image, Line]:
    """Photos and lines of all pairs, from the cache where they are in it."""
    pixels = side * side

    def made(index: int) -> Image:
        photo, edges = pairs[index].load()
        parts = letterboxed(whitened(photo), side), lines_of(edges, side).view(np.uint8)
        return np.concatenate([part.ravel() for part in parts])

    files = [path for pair in pairs for path in (pair.photo, pair.edges) if path]
    told = [(pair.edges is None, pair.direction) for pair in pairs]
    key = key_of(files, (raster, sys.modules[__name__]), side, told)
    kept = Kept(key, [4 * pixels] * len(pairs), made)
    with ThreadPoolExecutor(2) as pool:
        records = list(pool.map(kept.__getitem__, range(len(pairs))))
    photos, lines = kept.table((side, side, 3)), kept.table((side, side), 3 * pixels)
    if photos is None or lines is None:
        whole = np.stack(records)
        photos = whole[:, : 3 * pixels].reshape(-1, side, side, 3)
        lines = whole[:, 3 * pixels :].reshape(-1, side, side)
    return photos, lines.view(np.bool_)


def _wanted(rows: Rows) -> list[ProductPair]:
    pairs = []
    for _, found in rows:
        if isinstance(found, InputError):
            raise found
        pairs.append(found)
    return pairs


def read_sketches(folder: Path, side: int) -> Line:
    """(N, side, side) lines of every picture in a folder, in the order of their names.

    Raises:
        InputError: the folder is missing.
    """
    return np.stack([lines_of(read_gray(path), side) for path in pictures_of(folder)])


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
class ProductPair:
    """The files of one item.

    Attributes:
        name: for reports.
        photo: the photo, or the picture that shows both.
        edges: its edges; None = they are a half of that picture.
        direction: AtoB = the edges are on the left.
    """

    name: str
    photo: Path
    edges: Path | None = None
    direction: Direction = "AtoB"

    def load(self) -> tuple[Image, Image]:
        """(H, W, 3) photo and (H, W) edges, dark on light. InputError: they cannot be used."""
        if self.edges is None:
            return _halves(self.photo, self.direction)
        return read_rgb(self.photo), read_gray(self.edges)


Rows = Iterator[tuple[str, ProductPair | InputError]]


def product_rows(folder: Path, split: str, direction: Direction = "AtoB") -> Rows:
    """Name and files of every item of a split, or why there are none.

    Args:
        split: train or val; where a folder has no val but test, that is read.

    Raises:
        InputError: no such split, or photos or edges alone.
    """
    if (folder / INDEX).is_file():
        yield from _sharded(folder, split)
        return
    if split == "val" and not (folder / "val").is_dir() and (folder / "test").is_dir():
        split = "test"
    photos, edges = folder / split / "photos", folder / split / "edges"
    if photos.is_dir() and edges.is_dir():
        yield from _by_name(photos, edges)
    elif photos.is_dir():
        raise InputError(
            f"{photos} has no {edges.name} beside it; `guise prepare edges` makes them."
        )
    elif edges.is_dir():
        raise InputError(
            f"{edges} has no photos beside it to learn from; `guise sketch` paints edges alone."
        )
    else:
        for path in pictures_of(folder / split):
            yield path.name, ProductPair(path.stem, path, None, direction)


def _sharded(folder: Path, split: str) -> Rows:
    index = read_index(folder)
    if index.kind != "products" and index.about.get("classes") != 0:
        raise InputError(f"{folder} holds {index.kind}, but photos with edges are needed.")
    direction: Direction = "BtoA" if index.about.get("direction") == "BtoA" else "AtoB"
    split = "test" if split == "val" and split not in index.splits else split
    for entry in index.splits.get(split, ()):
        at = {end.split(".")[0]: path_of(folder, index, entry, end) for end in entry.members}
        name = str(entry.about.get("name", entry.key))
        photo = at["both"] if "both" in at else at["photo"]
        yield name, ProductPair(name, photo, at.get("edges"), direction)


def _by_name(photos: Path, edges: Path) -> Rows:
    drawn = {path.stem: path for path in pictures_of(edges)}
    shown = {path.stem: path for path in pictures_of(photos)}
    for name in sorted(drawn.keys() | shown.keys()):
        if name in drawn and name in shown:
            yield name, ProductPair(name, shown[name], drawn[name])
        else:
            said = f"{name!r} is only in one of {photos} and {edges}; every photo needs its edges."
            yield name, BadSample("unpaired", said, "edges" if name in drawn else "photo")


def split_halves(both: Image, path: Path) -> tuple[Image, Image]:
    """The left and the right half. InputError: the width is odd."""
    width = both.shape[1]
    if width % 2:
        said = f"{width} pixels wide"
        raise BadSample("halves", f"{path} is {said}; A and B need equal halves.", said)
    return both[:, : width // 2], both[:, width // 2 :]


def _halves(path: Path, direction: Direction) -> tuple[Image, Image]:
    """The photo and the edges of a picture that shows both. InputError: it does not."""
    halves = split_halves(read_rgb(path), path)
    drawn, photo = halves if direction == "AtoB" else halves[::-1]
    if colourful(drawn):
        here, there = ("left", "right") if direction == "AtoB" else ("right", "left")
        where = f"the {there} half; exchange them" if not colourful(photo) else "neither half"
        other = "BtoA" if direction == "AtoB" else "AtoB"
        hint = f" or use --direction {other}" if "exchange" in where else ""
        raise BadSample(
            "halves",
            f"{path} needs edges on its {here} half and a photo on its {there} half, but has edges "
            f"on {where}{hint}.",
            f"edges on {where}",
        )
    photo = np.ascontiguousarray(photo)
    return photo, np.asarray(cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY), np.uint8)


def colourful(half: Image) -> bool:
    """Whether this is no drawing in black and white, whatever compression did to it."""
    return float((np.ptp(half.astype(np.int16), axis=2) > _TINT).mean()) > _TINTED
