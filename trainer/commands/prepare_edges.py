"""`guise prepare edges`: pairs of edges and photos to train sketch painters on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import numpy as np
import tyro
from numpy.typing import NDArray
from PIL import Image

from engine.batch import Batch, Item
from engine.errors import InputError
from engine.files import replacing
from engine.painters.base import Stop
from engine.photo import Photo
from engine.photo_files import open_photo
from engine.registry import EDGES_MODEL
from engine.shapes.raster import canvas_frame, drawn_ink, letterboxed
from trainer.commands.batch import run_folder
from trainer.commands.common import perception_with
from trainer.commands.prepare_places import placed
from trainer.data.products import whitened

if TYPE_CHECKING:
    from engine.shapes.sketch import Sketch

_FEWEST = 20
"""Pixels of lines below which there is nothing to learn from."""


@dataclass(frozen=True)
class Edges:
    """Draw the edges of every photo in a folder, for `guise train bicyclegan`.

    OUT/train and OUT/val get `photos` and `edges` paired by name, or with --side-by-side pictures
    that show the edges on the left and the photo on the right, as edges2shoes has them. Where the
    folder has train and val itself, they stay. A second run goes on where the first one ended.
    """

    photos: Annotated[Path, tyro.conf.Positional]
    """Folder of photos, best of one item each on white."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Folder to write to."""
    side_by_side: bool = False
    """One picture a pair instead of two."""
    val: float = 0.1
    """Share of the photos that training does not see, chosen by their names."""
    side: int = 256
    """Side of the pictures in pixels; photos are fitted into it on white."""
    resume: bool = True
    """Leave out what an earlier run has finished."""
    model: str = EDGES_MODEL
    """Id of a model that reads edges, or a model file."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


class Reader(Protocol):
    """What draws a photo."""

    def read(self, photo: Photo) -> Sketch: ...


def main(args: list[str]) -> int:
    """Parse, read, write."""
    options = tyro.cli(Edges, args=args, prog="guise prepare edges")
    if not 0 <= options.val < 1:
        raise InputError("--val must lie between 0 and 1.")
    if not 64 <= options.side <= 2048:
        raise InputError("--side must lie between 64 and 2048 px.")
    items = pairs_in(options)
    reader, digest = perception_with(options.model, options.device, "Sketch")
    seal = repr((digest, options.side, options.side_by_side))
    work = _Drawing(reader, options)
    code = run_folder(Batch(items, options.out, work, seal, options.resume), "drawing")
    print(f"Train on them: guise train bicyclegan --data {options.out}")
    return code


def pairs_in(options: Edges) -> list[Item]:
    """The photos and the edge maps (or side-by-side pictures) to be made of them.

    Raises:
        InputError: as :func:`engine.batch.items_in`.
    """
    items = []
    for place in placed(options.photos, options.out, options.val):
        folder = options.out / place.split
        folder = folder if options.side_by_side else folder / "edges"
        items.append(Item(place.source, folder / f"{place.name}.png"))
    return items


class _Drawing:
    """Writes the photo first: whoever finds the edges finds it too."""

    def __init__(self, reader: Reader, options: Edges) -> None:
        self._reader, self._options = reader, options

    def __call__(self, item: Item, stop: Stop) -> str:
        photo = Photo(whitened(open_photo(item.source).pixels))
        side = self._options.side
        sketch = self._reader.read(photo)
        ink = drawn_ink(sketch, canvas_frame(sketch.size), side)
        if (ink > 127).sum() < _FEWEST:
            raise InputError(f"{item.source} shows no edges to draw.")
        shown = letterboxed(photo.pixels, side)
        edges = 255 - ink
        if self._options.side_by_side:
            _write(np.hstack([np.repeat(edges[..., None], 3, 2), shown]), item.target)
            return ""
        beside = item.target.parent.with_name("photos")
        beside.mkdir(parents=True, exist_ok=True)
        _write(shown, beside / item.target.name)
        _write(edges, item.target)
        return ""


def _write(pixels: NDArray[np.uint8], path: Path) -> None:
    with replacing(path) as file:
        Image.fromarray(pixels).save(file, "PNG")
