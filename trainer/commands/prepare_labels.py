"""`guise prepare labels`: label maps of photos of streets, for the painters of scenes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import tyro
from PIL import Image

from engine.batch import Batch, Item
from engine.errors import InputError
from engine.files import replacing
from engine.painters.base import Stop
from engine.photo import Photo
from engine.photo_files import open_photo
from engine.registry import SCENE_READER_MODEL
from engine.shapes.label_files import save_instance_ids, save_label_ids
from engine.shapes.label_sets import cityscapes, write_label_set
from trainer.commands.batch import run_folder
from trainer.commands.common import perception_with
from trainer.commands.prepare_places import at_most, placed

if TYPE_CHECKING:
    from engine.shapes.labels import LabelMap

_LEAST = 64
"""Pixels of the shorter side below which a photo shows no scene to learn from."""


@dataclass(frozen=True)
class Labels:
    """Read the labels and objects of every photo in a folder, for `guise train pix2pixhd`.

    OUT gets {train,val}_img, _label and _inst, paired by name. Where the folder has train and val
    itself, they stay. A second run goes on where the first one ended. Correct the labels in the
    studio before you train on them: a reader makes mistakes.
    """

    photos: Annotated[Path, tyro.conf.Positional]
    """Folder of photos of streets."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Folder to write to."""
    val: float = 0.1
    """Share of the photos that training does not see, chosen by their names."""
    longest: int = 1024
    """Longest side of the photos and maps written, in pixels; 1,024 at most."""
    resume: bool = True
    """Leave out what an earlier run has finished."""
    model: str = SCENE_READER_MODEL
    """Id of a model that reads scenes, or a model file."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


class Reader(Protocol):
    """What reads a photo as labels."""

    def read(self, photo: Photo) -> LabelMap: ...


def main(args: list[str]) -> int:
    """Parse, read, write."""
    options = tyro.cli(Labels, args=args, prog="guise prepare labels")
    if not 0 <= options.val < 1:
        raise InputError("--val must lie between 0 and 1.")
    if not 128 <= options.longest <= 1024:
        raise InputError("--longest must lie between 128 and 1024 px.")
    items = [
        Item(place.source, options.out / f"{place.split}_label" / f"{place.name}.png")
        for place in placed(options.photos, options.out, options.val)
    ]
    reader, digest = perception_with(options.model, options.device, "LabelMap")
    work = _Reading(reader, options)
    seal = repr((digest, options.longest))
    code = run_folder(Batch(items, options.out, work, seal, options.resume), "reading")
    print(f"Train on them: guise train pix2pixhd --data {options.out}")
    return code


class _Reading:
    """Writes photo and objects first: whoever finds the labels finds them too."""

    def __init__(self, reader: Reader, options: Labels) -> None:
        self._reader, self._options = reader, options

    def __call__(self, item: Item, stop: Stop) -> str:
        longest = self._options.longest
        photo = at_most(open_photo(item.source, longest=longest), longest)
        if min(photo.size) < _LEAST:
            raise InputError(f"{item.source} is too small to show a scene.")
        scene = self._reader.read(photo)
        if scene.size != photo.size:
            raise InputError(f"{item.source} was read at another size; lower --longest.")
        if scene.label_set != cityscapes() and not (self._options.out / "labels.json").exists():
            write_label_set(scene.label_set, self._options.out / "labels.json")
        split = item.target.parent.name.removesuffix("_label")
        shown, objects = (
            self._options.out / f"{split}_{part}" / item.target.name for part in ("img", "inst")
        )
        for path in (shown, objects):
            path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(shown) as file:
            Image.fromarray(photo.pixels).save(file, "PNG")
        save_instance_ids(scene, objects)
        save_label_ids(scene, item.target)
        return ""
