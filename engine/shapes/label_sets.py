"""Label sets: the bundled ones, and one's own from JSON files."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec
from platformdirs import user_data_dir

from engine.card import Card
from engine.errors import InputError
from engine.files import read_limited, replacing
from engine.shapes.labels import Label, LabelSet

log = logging.getLogger("guise")

FOLDER = Path(__file__).parents[2] / "assets" / "labels"
MAX_FILE = 5_000_000


class _Entry(msgspec.Struct, omit_defaults=True):
    id: int
    name: str
    colour: tuple[int, int, int] | None = None
    color: tuple[int, int, int] | None = None
    things: bool = False
    instances: bool = False
    key: int = 0


class _File(msgspec.Struct):
    name: str
    labels: list[_Entry]
    void: int = 0


@cache
def cityscapes() -> LabelSet:
    """The 34 label ids of Cityscapes, with their official names and colours."""
    return read_label_set(FOLDER / "cityscapes.json")


@cache
def facades() -> LabelSet:
    """Nine labels of house fronts."""
    return read_label_set(FOLDER / "facades.json")


def known_to(card: Card, among: Iterable[LabelSet] = ()) -> LabelSet | None:
    """The set that a painter of scenes was trained on; None = one that is not at hand.

    Args:
        among: further sets than the bundled ones.
    """
    if card.label_set:
        sets = (*bundled(), *among)
        return next((one for one in sets if one.name == card.label_set), None)
    return _by_count(card)


def _by_count(card: Card) -> LabelSet | None:
    """What older files do not say: the bundled set with as many ids as the network takes."""
    count = card.config.get("inputs", {}).get("labels", 0)
    if count == max(facades().ids) + 1:
        return facades()
    # Cityscapes without and with its licence plates, or pictures instead of labels
    return cityscapes() if count in (0, 34, 35) else None


def bundled() -> tuple[LabelSet, ...]:
    """All label sets that come with Guise."""
    return cityscapes(), facades()


def in_order(known: LabelSet) -> LabelSet:
    """The bundled set that means the same, with its colours and its order for people; else the set
    itself."""
    return next((one for one in bundled() if one.digest == known.digest), known)


def read_label_set(path: Path) -> LabelSet:
    """A label set from a JSON file.

    The file is an object with `name`, `labels` and, if it is not 0, `void`; each label has `id`,
    `name`, `colour` (or `color`) and, if it comes in objects, `things` (or `instances`). A bare
    list of labels will do too.

    Raises:
        InputError: missing, damaged, or not a usable set.
    """
    content = read_limited(path, MAX_FILE)
    try:
        file = msgspec.json.decode(content, type=_File | list[_Entry])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(f"{path} holds no label set ({error}).") from None
    if isinstance(file, list):
        file = _File(path.stem, file)
    return LabelSet(file.name, tuple(_label(entry) for entry in file.labels), file.void)


def _label(entry: _Entry) -> Label:
    colour = entry.colour or entry.color
    if colour is None:
        raise InputError(f"The label {entry.name!r} needs a colour of three numbers, 0 to 255.")
    return Label(entry.id, entry.name, colour, entry.things or entry.instances, entry.key)


def write_label_set(known: LabelSet, path: Path) -> None:
    """The inverse of :func:`read_label_set`. InputError if it cannot be written."""
    entries = [
        _Entry(one.id, one.name, one.colour, things=one.things, key=one.key) for one in known.labels
    ]
    content = msgspec.json.encode(_File(known.name, entries, known.void))
    with replacing(path) as file:
        file.write(msgspec.json.format(content, indent=1))


def user_folder() -> Path:
    """Where a person's own sets are kept."""
    return Path(user_data_dir("guise", appauthor=False)) / "labels"


def own_sets(folder: Path | None = None) -> dict[Path, LabelSet]:
    """A person's own sets by their files, sorted by name; damaged files are left out."""
    found = {}
    for path in sorted((folder or user_folder()).glob("*.json")):
        try:
            found[path] = read_label_set(path)
        except InputError as error:
            log.warning("%s", error)
    return found
