"""What is annotated in training photos, and what is corrected of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from engine.errors import InputError
from engine.files import read_limited
from engine.shapes.labels import LabelSet
from trainer.data.examining import LabelRules, Sample

Point = tuple[float, float]
Joints = Mapping[str, Point | None]
"""Joint -> x and y in pixels of the photo; None = not annotated."""
Part = Literal["joints", "mask", "labels", "objects"]
VERSION = 1
"""Of the JSON; goes up when a field changes its meaning."""
_MAX_CORRECTIONS = 200_000_000


@dataclass
class Item:
    """One person or scene of a photo.

    Attributes:
        id: unique in the folder and the same every time.
        size: width and height of the photo in pixels.
        joints: None = the layout has none.
        hidden: joints that are known but covered.
        mask, labels, objects: picture files; None = there are none.
        problems: sentences.
        sample: what trainers read of it, or why they cannot.
        place: where the layout keeps it; its own affair.
    """

    id: str
    split: str
    photo: Path
    size: tuple[int, int]
    sample: Sample | InputError
    place: Any
    joints: Joints | None = None
    hidden: tuple[str, ...] = ()
    mask: Path | None = None
    labels: Path | None = None
    objects: Path | None = None
    problems: list[str] = field(default_factory=list)


class Correction(msgspec.Struct):
    """What shall be different of an item; None = it stays as it is.

    Attributes:
        joints: pixels of the photo; None = not seen.
        hidden: names of all joints that are known but covered.
        mask, labels, objects: picture files as large as the photo.
    """

    id: str
    joints: dict[str, Point | None] | None = None
    hidden: list[str] | None = None
    mask: str | None = None
    labels: str | None = None
    objects: str | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """What of an item it is about."""
        named: dict[Part, object] = {
            "joints": self.joints if self.hidden is None else self.hidden,
            "mask": self.mask,
            "labels": self.labels,
            "objects": self.objects,
        }
        return tuple(part for part, value in named.items() if value is not None)


class _Corrections(msgspec.Struct):
    version: int
    items: list[Correction]


def read_corrections(path: Path) -> list[Correction]:
    """The corrections of a JSON file.

    Raises:
        InputError: it is none of ours, of another version, or corrects an item twice.
    """
    try:
        found = msgspec.json.decode(read_limited(path, _MAX_CORRECTIONS), type=_Corrections)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path} holds no corrections ({error}).") from None
    if found.version != VERSION:
        raise InputError(f"{path} is of version {found.version}; only {VERSION} can be read.")
    twice = [name for name, n in Counter(one.id for one in found.items).items() if n > 1]
    if twice:
        raise InputError(f"{path} corrects {twice[0]!r} twice; keep one of the two.")
    return found.items


class Book(ABC):
    """The annotations of a folder in one layout: listed, corrected in memory, handed out.

    Attributes:
        kind: what an editor opens.
        writes: what can be corrected.
        holds: joints that have a place in the layout.
        label_set: what the numbers of label maps mean; None = it has none.
        rules: what its label maps are examined with.
    """

    kind: Literal["people", "scenes"] = "people"
    writes: tuple[Part, ...] = ("joints",)
    holds: tuple[str, ...] = ()
    label_set: LabelSet | None = None
    rules: LabelRules = LabelRules()

    @abstractmethod
    def items(self, split: str) -> Iterator[Item | str]:
        """Every item of a split, or a sentence of one that cannot be shown. InputError: all."""

    def show(self, item: Item) -> Item:
        """The item with pictures of what the layout keeps in another form. InputError: damaged."""
        return item

    @abstractmethod
    def correct(self, item: Item, correction: Correction) -> bool:
        """Correct an item in memory; whether that changed anything. InputError: it is wrong."""

    @abstractmethod
    def changed(self) -> dict[Path, bytes]:
        """What the files that were corrected shall hold."""


class Names:
    """Ids of items: split and name of the photo, numbered where a photo has several."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def of(self, split: str, name: str) -> str:
        """The next id."""
        plain = f"{split}/{name}"
        self._counts[plain] += 1
        count = self._counts[plain]
        return plain if count == 1 else f"{plain}#{count}"


T = TypeVar("T")


def sized(
    rows: Iterable[tuple[str, T | InputError]], size: Callable[[T], tuple[int, int]]
) -> Iterator[tuple[str, T, tuple[int, int]] | str]:
    """Rows with the size of their photo; of those that cannot be shown the reason."""
    for name, found in rows:
        try:
            if isinstance(found, InputError):
                raise found
            yield name, found, size(found)
        except InputError as error:
            yield str(error)


def sentence(words: str, detail: str = "") -> str:
    """A sentence of a few words and a detail."""
    told = f"{words[:1].upper()}{words[1:].rstrip('.')}"
    return f"{told} ({detail})." if detail else f"{told}."


def wanted_items(items: Iterable[Item], ids: Sequence[str]) -> list[Item]:
    """Items by their ids, in this order. InputError: there is no such item."""
    known = {item.id: item for item in items}
    missing = next((name for name in ids if name not in known), None)
    if missing is not None:
        raise InputError(f"There is no item {missing!r}; list the folder again.")
    return [known[name] for name in ids]
