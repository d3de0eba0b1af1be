"""The look of a drawing, light and dark, at 100 and 200 %, against pictures that were looked at."""

import numpy as np
import pytest
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from engine.vectors import thrown
from studio import theme
from tests.gui.look_bench import SLOPES, bench
from tests.gui.test_snapshots import FONT, compare


@pytest.fixture
def lettered():
    if FONT not in QFontDatabase.families():
        pytest.skip(f"The snapshots are written in {FONT}, which is not installed here.")
    before = QApplication.font()
    QApplication.setFont(QFont(FONT, 10))
    yield
    QApplication.setFont(before)


@pytest.fixture
def closing():
    opened = []

    def note(made):
        opened.append(made)
        return made

    yield note
    for each in opened:
        each.close()


@pytest.mark.parametrize("choice", [theme.ThemeChoice.dark, theme.ThemeChoice.light])
def test_the_look_panel(lettered, qapp, qtbot, closing, choice):
    tokens = theme.apply(qapp, choice)
    b = closing(bench(qtbot))
    panel = b.panel
    panel.dress(tokens)
    panel.setFixedWidth(276)
    panel.set_look_a()
    panel.numbers.throw_seed(7)
    panel.set_look_b()
    panel.morph.share.setValue(40)
    panel.numbers.toggle_lock(1)
    panel.variations._show([thrown(seed, 4) for seed in range(12)])
    panel.variations.adopt(4)
    qtbot.waitUntil(lambda: b.document.finished)
    qtbot.waitUntil(lambda: not panel.pictures.missing, timeout=20_000)
    end = (120 + np.array((3.0, *panel.numbers.now.values[1:])) @ SLOPES).clip(0, 230)
    colours = panel.sliders.rows[0].slider
    qtbot.waitUntil(
        lambda: bool(colours.colours) and bool(np.allclose(colours.colours[-1], end, atol=1)),
        timeout=20_000,
    )
    panel.resize(276, panel.sizeHint().height())
    compare(f"sketch_look-{choice.value}", panel)
