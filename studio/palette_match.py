"""Which letters of a command's name a few typed letters mean, and how well they fit."""

from __future__ import annotations

from functools import cache

_START, _NEXT, _GAP = 8.0, 9.0, 0.3


def matched(typed: str, text: str) -> tuple[float, tuple[int, ...]] | None:
    """The best way to find all typed letters in a text, in their order, whatever their case.

    Letters at the start of a word count most, then letters that follow each other.

    Args:
        typed: spaces are ignored; empty fits everything.
        text: what is searched.

    Returns:
        A score, the higher the better, and the positions of the letters; None if one is missing.
    """
    # lower() may lengthen a text (İ); positions have to stay those of the text itself
    letters = tuple(c.lower() for c in typed if not c.isspace())
    where = tuple(c.lower() for c in text)
    starts = tuple(n == 0 or not text[n - 1].isalnum() for n in range(len(text)))

    @cache
    def best(at: int, after: int) -> tuple[float, tuple[int, ...]] | None:
        """The rest of the letters from the `at`-th on, behind position `after`."""
        if at == len(letters):
            return 0.0, ()
        found = None
        for n in range(after + 1, len(where)):
            if where[n] != letters[at]:
                continue
            rest = best(at + 1, n)
            if rest is None:
                break  # later places leave even less behind them
            gain = _START * starts[n] + _NEXT * (n == after + 1 and at > 0)
            score = gain - _GAP * (n - after - 1) + rest[0]
            if found is None or score > found[0]:
                found = score, (n, *rest[1])
        return found

    return best(0, -1)
