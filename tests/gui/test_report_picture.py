"""The README's picture of a report: every headline figure is on it."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from studio.theme import DARK
from tests.gui.report_picture import SCALE, WIDTH, Block, Poster, Row, balanced
from tests.unit.reports import aimed, figure, measured


def pixels(image) -> np.ndarray:
    """(H, W, 4) BGRA."""
    content = np.frombuffer(image.constBits(), np.uint8)
    return content.reshape(image.height(), image.bytesPerLine() // 4, 4)


def count(image, colour: str) -> int:
    """Pixels of exactly this colour."""
    wanted = QColor(colour)
    bgr = [wanted.blue(), wanted.green(), wanted.red()]
    return int((pixels(image)[..., :3] == bgr).all(2).sum())


def test_met_and_missed_are_drawn_in_their_colours(qapp):
    met, missed = aimed("a"), aimed("b", target=(0.9, None))
    both = Poster([measured("one", met), measured("two", missed)]).draw()
    good = Poster([measured("one", met), measured("two", met)]).draw()
    assert both.width() == WIDTH * SCALE and both.height() == good.height()
    assert count(both, DARK.error) > 50 and count(good, DARK.error) == 0
    assert count(good, DARK.ok) > 1.5 * count(both, DARK.ok) > 0


def test_long_names_take_more_lines(qapp):
    long = aimed("a", title="a long name of a figure " * 6)
    short, tall = (Poster([measured("one", one)]).draw() for one in (aimed("a"), long))
    assert tall.height() > short.height() + 20 * SCALE


def test_columns_are_as_short_as_they_can_be():
    heights = (300, 120, 80, 200, 90)
    blocks = [Block(measured(str(h)), [Row(figure(), h)]) for h in heights]
    left, right = balanced(blocks)
    assert [*left, *right] == blocks
    tallest = max(sum(b.height for b in column) for column in (left, right))
    cuts = [
        max(sum(b.height for b in blocks[:n]), sum(b.height for b in blocks[n:]))
        for n in range(1, 5)
    ]
    assert tallest == min(cuts)
