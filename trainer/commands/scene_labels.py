"""Label maps of `guise scene`: which labels there are, and files that hold them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from engine.card import Card
from engine.errors import InputError
from engine.shapes.label_colours import open_colours
from engine.shapes.label_files import Opened, UnknownColours, ids_in, open_label_map, partner
from engine.shapes.label_labelme import open_labelme
from engine.shapes.label_objects import numbered
from engine.shapes.label_pictures import read_numbers
from engine.shapes.label_sets import known_to, read_label_set
from engine.shapes.labels import MAX_ID, LabelSet

ENDS = (".png", ".tif", ".tiff", ".bmp", ".gif", ".pgm")
"""Of the names of files that may be label maps, in lower case."""
_PHOTO = 1000
"""A picture with more colours shows no labels."""
_INSTANCES = (("labelIds", "instanceIds"), ("label", "inst"))
_PHOTOS = (("leftImg8bit", "gtFine_labelIds"), ("img", "label"))
"""How data sets name photos, and the labels of them."""


def label_set_of(card: Card, own: Path | None) -> LabelSet:
    """What the ids of a model mean.

    Args:
        own: JSON file of a label set; None = the one that the model was trained on.

    Raises:
        InputError: the file is none, or the model was trained on a set that does not come along.
    """
    if own is not None:
        return read_label_set(own)
    known = known_to(card)
    if known is None:
        raise InputError(
            f"The model {card.id!r} has labels of its own; say what they mean with --labels."
        )
    return known


def open_map(path: Path, label_set: LabelSet, instances: Path | None) -> Opened:
    """A label map with its objects; without instances, each piece of a thing is an object.

    Raises:
        InputError: no usable label map, one of another set, or nothing on it.
    """
    if path.suffix.lower() == ".json":
        opened = open_labelme(path, label_set)
    else:
        opened = _image(path, label_set, instances)
    if (opened.scene.labels == label_set.void).all():
        raise InputError(f"Nothing is labelled in {path}; it needs labels of {label_set.name}.")
    return Opened(opened.scene if instances else numbered(opened.scene), opened.notes)


def check_set(path: Path, label_set: LabelSet) -> None:
    """InputError if a labels.json beside a map, or above its folder, says that ids mean others."""
    places = (path.absolute().parent, path.absolute().parent.parent)
    told = next((p for place in places if (p := place / "labels.json").is_file()), None)
    try:
        said = None if told is None else read_label_set(told)
    except InputError:  # a file of something else
        said = None
    if said is not None and _names(said) != _names(label_set):
        raise InputError(
            f"{told} says that the map has other labels than {label_set.name}; choose a model that "
            "paints them, or insist with --labels."
        )


def _names(label_set: LabelSet) -> dict[int, str]:
    return {label.id: label.name for label in label_set.labels}


def _image(path: Path, label_set: LabelSet, instances: Path | None) -> Opened:
    try:
        opened = open_label_map(path, label_set, instances)
    except UnknownColours:
        raise _in_colours(path, label_set) from None
    if opened.notes and _strange(path, label_set) > 0.5:
        raise InputError(
            f"{path} holds no labels of {label_set.name}: most of its pixels have other ids; give "
            "a map of label ids, or name its set with --labels."
        )
    return opened


def _in_colours(path: Path, label_set: LabelSet) -> InputError:
    try:
        found = len(open_colours(path, label_set).shades)
    except InputError:  # more than it counts
        found = _PHOTO
    if found >= _PHOTO:
        return InputError(
            f"{path} looks like a photo; name a label map, or add --from-photo to read the labels "
            "off the photo."
        )
    return InputError(
        f"{path} shows colours that {label_set.name} does not have; name its set with --labels, or "
        "import it in the studio and say what each colour means."
    )


def _strange(path: Path, label_set: LabelSet) -> float:
    """Share of the pixels whose ids the set does not know."""
    ids = ids_in(path, read_numbers(path), label_set)
    return 1 - float(label_set.known[np.clip(ids, 0, MAX_ID)].mean())


def instances_of(path: Path, told: Path | None) -> Path | None:
    """The instance file of a label map; None if there is none.

    Args:
        told: a file, or a folder that has one for each map; None = beside it, if it is there.

    Raises:
        InputError: the folder has none for this map.
    """
    if told is None:
        return None if path.suffix.lower() == ".json" else partner(path)
    if not told.is_dir():
        return told
    for name in dict.fromkeys([path.name, *_renamed(path.name, _INSTANCES)]):
        for place in (told / path.parent.name, told):
            if (place / name).is_file():
                return place / name
    raise InputError(f"{told} has no instance file for {path.name}; add one, or leave it out.")


def labels_beside(photo: Path) -> Path | None:
    """The label map of a photo, by the names that data sets use; None if there is none."""
    names = [f"{photo.stem}.png", *(f"{stem}.png" for stem in _renamed(photo.stem, _PHOTOS))]
    folders = [photo.parent.name, *_renamed(photo.parent.name, _PHOTOS)]
    for folder in dict.fromkeys(folders):
        for name in dict.fromkeys(names):
            found = photo.parent.with_name(folder) / name if folder else photo.with_name(name)
            if found.is_file() and (folder, name) != (photo.parent.name, f"{photo.stem}.png"):
                return found
    return None


def _renamed(name: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [name.replace(old, new) for old, new in pairs if old in name]


def label_files(sources: list[Path], folder: Path) -> set[Path]:
    """Those files of a folder that hold label ids, beside photos, instances and colour pictures."""
    inside = {path: path.relative_to(folder).as_posix().lower() for path in sources}
    named = {p for p, name in inside.items() if "label" in name and "trainids" not in name}
    found = named or set(sources)
    return found - {partner(path) for path in found}
