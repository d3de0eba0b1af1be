"""Whom a painter of sketches is judged on: held-out edges with photos, and drawings by people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.appearance import Appearance
from engine.card import Card
from engine.errors import InputError
from engine.perception.edges_thinning import Line
from engine.request import Painted, Request
from engine.session import Session
from engine.shapes.raster import canvas_frame, drawn_ink
from engine.shapes.sketch import Sketch
from engine.shapes.sketch_files import open_sketch
from engine.vectors import numbers_of
from trainer.data.products import Products
from trainer.metrics.doubles import correlation
from trainer.metrics.sheets import strided

Pixels = NDArray[np.uint8]
PROTOCOL = "asked of the engine on a square canvas, at the network's side"
SAME = 0.98
"""Correlation from which a held-out photo counts as one of training."""
_CANDIDATES = 5
_THUMB = (24, 24)
_KEY = (32, 32)


class Pack(NamedTuple):
    """Where a bundled model's pictures are, below the folder of packs.

    Attributes:
        products: {train,val}/{photos,edges}.
        human: drawings by people of the same kind of thing; empty = none.
    """

    products: str
    human: str = ""


_SHOES = Pack("shoes128", "sketches/shoes/sketch")
PACKS: dict[str, Pack] = {
    "shoes": _SHOES,
    "shoes-vunet": _SHOES,
    "bags": Pack("bags256", "sketches/handbags/sketch"),
}
"""By the id of the model; other models name theirs."""


@dataclass(frozen=True)
class Case:
    """A sketch that is painted.

    Attributes:
        name: of its file.
        sketch: (side, side) canvas.
        lines: (side, side) what is drawn.
        photo: (side, side, 3) the item itself, if it is known.
    """

    name: str
    sketch: Sketch
    lines: Line
    photo: Pixels | None = None


@dataclass(frozen=True)
class Group:
    """Cases of one kind.

    Attributes:
        id, title: for figures.
        cases: two or more.
    """

    id: str
    title: str
    cases: Sequence[Case]

    def some(self, count: int) -> list[Case]:
        """`count` cases spread over all."""
        return [self.cases[i] for i in strided(len(self.cases), count)]


class Easel:
    """One model of a session; what comes back has the side of its network.

    Attributes:
        looks: numbers in a look; 0 = its looks are no numbers.
    """

    def __init__(self, session: Session, card: Card) -> None:
        self.session, self.model, self.side = session, card.id, card.side
        self.looks = numbers_of(card)

    def paint(self, case: Case, look: Appearance) -> Pixels:
        """(side, side, 3) the sketch with a look, on white.

        Raises:
            GuiseError: it cannot be painted, or only with less care than was asked for.
        """
        if self.looks:
            look = self.session.vector(self.model, look)
        painted = self.session.paint(Request(self.model, case.sketch, look, longest=self.side))
        return whole(painted).picture.over((255, 255, 255)).pixels


def whole(painted: Painted) -> Painted:
    """The answer, if it is what was asked for. InputError if memory did not suffice."""
    if painted.degraded:
        raise InputError(f"{painted.degraded} Free memory, then evaluate again.")
    return painted


def held_out_cases(products: Products, count: int) -> list[Case]:
    """`count` pairs spread over the split, edges as the pack has them."""
    return [
        Case(
            products.names[i],
            _canvas(np.where(products.lines[i], 255, 0).astype(np.uint8)),
            products.lines[i],
            products.photos[i],
        )
        for i in strided(len(products), count)
    ]


def human_cases(folder: Path, side: int, count: int) -> tuple[list[Case], list[str]]:
    """`count` drawings spread over a folder (0 = all), opened as the studio opens them.

    Returns:
        The cases, and what is wrong with those that the studio refuses.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    cases, refused = [], []
    for path in (paths[i] for i in strided(len(paths), count or len(paths))):
        try:
            sketch = open_sketch(path)
        except InputError as error:
            refused.append(str(error))
            continue
        ink = drawn_ink(sketch, canvas_frame(sketch.size), side)
        cases.append(Case(path.name, _canvas(ink), ink > 127))
    return cases, refused


def _canvas(ink: NDArray[np.uint8]) -> Sketch:
    return Sketch((ink.shape[1], ink.shape[0]), raster=ink)


def without_doubles(held_out: Products, train: Products) -> tuple[Products, list[str]]:
    """The held-out pairs whose photo is not also trained on, and the names of the others."""
    thumbs = _thumbs(train.photos)
    twins = [
        name
        for name, photo in zip(held_out.names, held_out.photos, strict=True)
        if _is_among(photo, train.photos, thumbs)
    ]
    fresh = np.array([name not in twins for name in held_out.names])
    names = tuple(name for name in held_out.names if name not in twins)
    return Products(held_out.photos[fresh], held_out.lines[fresh], names), twins


def _is_among(photo: Pixels, known: Pixels, thumbs: NDArray[np.float32]) -> bool:
    away = np.abs(thumbs - _thumbs(photo[None])).mean((1, 2, 3))
    return any(correlation(photo, known[i]) >= SAME for i in away.argsort()[:_CANDIDATES])


def _thumbs(photos: Pixels) -> NDArray[np.float32]:
    small = [cv2.resize(photo, _THUMB, interpolation=cv2.INTER_AREA) for photo in photos]
    return np.stack(small).astype(np.float32)


class NearestEdges:
    """Looks up the training pair whose edges are most like a sketch: what copying would give."""

    def __init__(self, train: Products) -> None:
        self._train = train
        self._keys = np.stack([_key(lines) for lines in train.lines])

    def photo(self, lines: Line) -> Pixels:
        """(side, side, 3) the photo of that pair."""
        return self._train.photos[int((self._keys @ _key(lines)).argmax())]


def _key(lines: Line) -> NDArray[np.float32]:
    """Unit vector; lines a few pixels apart still overlap."""
    thick = cv2.dilate(lines.astype(np.uint8) * 255, np.ones((3, 3), np.uint8))
    soft = cv2.GaussianBlur(thick.astype(np.float32), (0, 0), lines.shape[0] / 64)
    flat = np.asarray(cv2.resize(soft, _KEY, interpolation=cv2.INTER_AREA), np.float32).ravel()
    return flat / np.float32(np.linalg.norm(flat) + 1e-6)
