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
from trainer.data.examining import examined, glanced
from trainer.data.layouts import Layout
from trainer.data.problems import KINDS, BadSample

_AHEAD = 64
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
    layout, book, items, problems = gathered(place)
    chosen = wanted_items(items, only) if only else items
    for done, (item, told) in enumerate(zip(chosen, _told(chosen, book, quick), strict=True), 1):
        item.problems += told
        if progress is not None:
            progress(done, len(chosen))
    _add_unmasked(chosen, items)
    splits = {split: n for n, split in enumerate(layout.splits(place.folder))}
    order = sorted(chosen, key=lambda item: (splits[item.split], not item.problems))
    return Listing(place, layout, book, tuple(order), tuple(problems))


def gathered(place: Place) -> tuple[Layout, Book, list[Item], list[str]]:
    """Every item of a folder without a closer look, and what could not be listed."""
    layout, book = open_book(place)
    items: list[Item] = []
    problems: list[str] = []
    for split in layout.splits(place.folder):
        for found in book.items(split):
            if isinstance(found, Item):
                items.append(found)
            else:
                problems.append(found)
    return layout, book, items, problems


def _told(items: Sequence[Item], book: Book, quick: bool) -> Iterator[list[str]]:
    """The problems of each item."""
    if quick:
        yield from (_problems(item, book, True) for item in items)
        return
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        waiting = iter(items)
        while ahead := list(islice(waiting, _AHEAD)):
            yield from pool.map(lambda item: _problems(item, book, False), ahead)


def _problems(item: Item, book: Book, quick: bool) -> list[str]:
    sample = item.sample
    if isinstance(sample, BadSample):
        found = [(sample.kind, sample.detail)]
    elif isinstance(sample, InputError):
        return [*outside(item), str(sample)]
    else:
        look = glanced(sample, heads=True) if quick else examined(sample, book.rules)
        found = look.found
    by_joint = outside(item)
    others = [one for one in found if not (by_joint and one[0] in _BY_JOINT)]
    return by_joint + [_sentence(kind, detail, item) for kind, detail in others]


def _sentence(kind: str, detail: str, item: Item) -> str:
    words = KINDS[kind][1]
    return sentence(words, ", ".join(lacking(item)) if kind == "no-core" else detail)


def _add_unmasked(chosen: Sequence[Item], items: Sequence[Item]) -> None:
    """Tell of people without a mask where others have one."""
    masked = {item.split for item in items if item.mask is not None}
    for item in chosen:
        if item.mask is None and item.split in masked:
            item.problems.append(sentence(KINDS["no-mask"][1]))
