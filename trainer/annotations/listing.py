"""What is annotated in a folder, item by item, and what is wrong with each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from engine.errors import InputError
from trainer.annotations.books import Place, open_book
from trainer.annotations.items import Book, Item, sentence, wanted_items
from trainer.annotations.joints import lacking, outside
from trainer.annotations.made_pictures import tidy
from trainer.data.coco import PersonSample
from trainer.data.examining import examined, glanced
from trainer.data.layouts import Layout
from trainer.data.problems import KINDS, BadSample

_AHEAD = 64
MOST_SHOWN = 2000
"""Items up to which pictures are made of what a layout keeps in another form; of larger folders
only of those that are asked for by their ids."""
_BY_JOINT = ("joint-outside", "joint-beyond")
"""Problems that are told joint by joint."""
Progress = Callable[[int, int], None]
"""Told how many items of how many are done."""


@dataclass(frozen=True)
class Listing:
    """The annotations of a folder.

    Attributes:
        items: by split, those with problems first.
        problems: sentences of what could not be listed.
    """

    place: Place
    layout: Layout
    book: Book
    items: tuple[Item, ...]
    problems: tuple[str, ...]


def listed(
    place: Place, only: Sequence[str] = (), quick: bool = False, progress: Progress | None = None
) -> Listing:
    """List a folder.

    Args:
        only: ids of the items that are asked for; none = all.
        quick: look at tables and the heads of files only.

    Raises:
        InputError: the folder cannot be listed, or has no such item.
    """
    layout, book, items, problems = gathered(place, only)
    chosen = wanted_items(items, only) if only else items
    tidy()
    look = _Look(book, quick, bool(only) or len(chosen) <= MOST_SHOWN)
    for done, (item, told) in enumerate(zip(chosen, look.at(chosen), strict=True), 1):
        item.problems += told
        if progress is not None:
            progress(done, len(chosen))
    _add_unmasked(chosen, items)
    splits = {split: n for n, split in enumerate(layout.splits(place.folder))}
    order = sorted(chosen, key=lambda item: (splits[item.split], not item.problems))
    return Listing(place, layout, book, tuple(order), tuple(problems))


def gathered(place: Place, only: Sequence[str] = ()) -> tuple[Layout, Book, list[Item], list[str]]:
    """Every item of a folder without a closer look, and what could not be listed.

    Args:
        only: ids of the items that are asked for; splits without any are left out.
    """
    layout, book = open_book(place)
    asked = {name.partition("/")[0] for name in only}
    items: list[Item] = []
    problems: list[str] = []
    for split in layout.splits(place.folder):
        if asked and split not in asked:
            continue
        for found in book.items(split):
            if isinstance(found, Item):
                items.append(found)
            else:
                problems.append(found)
    return layout, book, items, problems


@dataclass(frozen=True)
class _Look:
    """A look at items.

    Attributes:
        quick: only at tables and the heads of files.
        show: whether pictures are made of what the layout keeps in another form.
    """

    book: Book
    quick: bool
    show: bool

    def at(self, items: Sequence[Item]) -> Iterator[list[str]]:
        """The problems of each item."""
        with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
            waiting = iter(items)
            while ahead := list(islice(waiting, _AHEAD)):
                yield from pool.map(self._problems, ahead)

    def _problems(self, item: Item) -> list[str]:
        by_joint, found = outside(item), self._found(item)
        try:
            if self.show:
                self.book.show(item)
        except InputError as error:
            found = found or [error]
        others = [one for one in found if not (by_joint and _kind(one) in _BY_JOINT)]
        return by_joint + [_sentence(one, item) for one in others]

    def _found(self, item: Item) -> list[InputError]:
        sample = item.sample
        if isinstance(sample, InputError):
            return [sample]
        look = glanced(sample, heads=True) if self.quick else examined(sample, self.book.rules)
        return [BadSample(kind, "", detail) for kind, detail in look.found]


def _kind(error: InputError) -> str:
    return error.kind if isinstance(error, BadSample) else ""


def _sentence(error: InputError, item: Item) -> str:
    """What is wrong with an item, without its name."""
    if not isinstance(error, BadSample):
        return str(error)
    missing = ", ".join(lacking(item))
    return sentence(KINDS[error.kind][1], missing if error.kind == "no-core" else error.detail)


def _add_unmasked(chosen: Sequence[Item], items: Sequence[Item]) -> None:
    """Tell of people without a mask where others have one."""
    masked = {item.split for item in items if _is_masked(item)}
    for item in chosen:
        if item.split in masked and not _is_masked(item):
            item.problems.append(sentence(KINDS["no-mask"][1]))


def _is_masked(item: Item) -> bool:
    return item.mask is not None or (isinstance(item.sample, PersonSample) and item.sample.masked)
