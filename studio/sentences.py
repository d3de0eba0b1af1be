"""Sentences of the engine and the trainer in another language, although things were filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

_FIELD = re.compile(r"\{\d+\}")
_SEAM = re.compile(r"(?<=[.!?]) |: ")
"""Where one sentence ends and the next begins, or a place ends and what is said of it begins."""
_CLOSED = tuple("。！？：）")
_KEPT = 2048
"""Sentences whose translation is remembered: a page of a training asks for the same again."""


class _Told(NamedTuple):
    """A translation and how many letters of the English it accounts for."""

    known: int
    text: str


class _Form:
    """A sentence with {0}, {1}… for what is filled in.

    Args:
        english: as it is written in the source.
        own: its translation, with the same placeholders.
    """

    def __init__(self, english: str, own: str) -> None:
        self.own = own
        self._fixed = _FIELD.split(english)
        self.letters = sum(map(len, self._fixed))
        self._pattern = re.compile("(.+)".join(map(re.escape, self._fixed)), re.DOTALL)

    def filled(self, text: str) -> tuple[str, ...] | None:
        """What stands for {0}, {1}…; None if this is another sentence."""
        place = 0
        for part in self._fixed:  # far quicker than the pattern where it does not fit
            place = text.find(part, place)
            if place < 0:
                return None
            place += len(part)
        match = self._pattern.fullmatch(text)
        return match.groups() if match else None


class Sentences:
    """Translations of sentences, of several in a row, and of sentences inside of others.

    Of all ways to read a text the one is taken that leaves the least in English.

    Args:
        own: translations by English, with {0}, {1}… for what is filled in.
    """

    def __init__(self, own: Mapping[str, str]) -> None:
        self._plain = {text: told for text, told in own.items() if not _FIELD.search(text)}
        self._forms = [_Form(t, told) for t, told in own.items() if t not in self._plain]
        self._best = lru_cache(_KEPT)(self._found)

    def told(self, text: str) -> str:
        """The text as far as it is known; the rest stays English."""
        return self._best(text).text

    def _found(self, text: str) -> _Told:
        if text in self._plain:
            return _Told(len(text), self._plain[text])
        return max(self._readings(text), key=lambda told: told.known)

    def _readings(self, text: str) -> Iterator[_Told]:
        yield _Told(0, text)
        for form in self._forms:
            groups = form.filled(text)
            if groups is not None:
                parts = [self._best(group) for group in groups]
                known = form.letters + sum(part.known for part in parts)
                yield _Told(known, form.own.format(*(part.text for part in parts)))
        for seam in _SEAM.finditer(text):
            head, tail = self._best(text[: seam.start()]), self._best(text[seam.end() :])
            yield _Told(head.known + tail.known, _joined(head, tail, seam[0]))


def _joined(head: _Told, tail: _Told, seam: str) -> str:
    """Two neighbours; Chinese leaves no space after a full stop."""
    if seam == ": " and tail.known:
        seam = "："
    elif tail.known and head.text.endswith(_CLOSED):
        seam = ""
    return f"{head.text}{seam}{tail.text}"
