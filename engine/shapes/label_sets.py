"""Label sets: the bundled ones, and one's own from JSON files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from engine.card import Card
from engine.errors import InputError
from engine.files import read_limited
from engine.shapes.labels import Label, LabelSet

FOLDER = Path(__file__).parents[2] / "assets" / "labels"
MAX_FILE = 5_000_000


class _Entry(msgspec.Struct):
    id: int
    name: str
    colour: tuple[int, int, int] | None = None
    color: tuple[int, int, int] | None = None
    things: bool = False
    instances: bool = False


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


def known_to(card: Card) -> LabelSet | None:
    """The bundled set that a painter of scenes was trained on, told by how many ids it takes; None
    = a set of its own."""
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
    return Label(entry.id, entry.name, colour, entry.things or entry.instances)
