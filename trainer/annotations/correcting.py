"""Corrections of training photos, written into the files that trainers read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import InputError
from trainer.annotations.books import Place
from trainer.annotations.items import Book, Correction, wanted_items
from trainer.annotations.listing import gathered
from trainer.annotations.writing import Saved, save


@dataclass(frozen=True)
class Corrected:
    """What was corrected.

    Attributes:
        items: those that differ now.
        saved: the files.
    """

    items: int
    saved: Saved


def correct(place: Place, corrections: Sequence[Correction]) -> Corrected:
    """Write corrections into the folder's own files; the originals stay beside them.

    Raises:
        InputError: there is no such item, a correction is wrong or cannot be held by the layout, or
            a file cannot be written; nothing is changed then.
    """
    ids = [one.id for one in corrections]
    _, book, items, _ = gathered(place, ids)
    found = wanted_items(items, ids)
    for correction in corrections:
        _check_parts(book, correction)
    differing = sum(map(book.correct, found, corrections))
    return Corrected(differing, save(book.changed()))


def _check_parts(book: Book, correction: Correction) -> None:
    beyond = [part for part in correction.parts if part not in book.writes]
    if beyond:
        raise InputError(
            f"{correction.id}: this layout has no {beyond[0]}; only {' and '.join(book.writes)} "
            "can be corrected."
        )
