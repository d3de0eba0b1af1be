"""The paper with its marks, the drawing panel and the examples, against pictures looked at."""

import numpy as np
import pytest
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from engine.photo import Photo
from studio import theme
from studio.editors.sketch.drawing import DrawingPanel
from studio.editors.sketch.example_chooser import examples_dialog
from studio.editors.sketch.examples import examples
from tests.gui.sketch_bench import SketchBench
from tests.gui.test_snapshots import FONT, compare

CHOICES = [theme.ThemeChoice.dark, theme.ThemeChoice.light]


@pytest.fixture
def lettered():
    if FONT not in QFontDatabase.families():
        pytest.skip(f"The snapshots are written in {FONT}, which is not installed here.")
    before = QApplication.font()
    QApplication.setFont(QFont(FONT, 10))
    yield
    QApplication.setFont(before)


def sheet(qapp, qtbot, choice):
    """The paper with a boot on it."""
    bench = SketchBench(qtbot, size=(1024, 1024), pane=(460, 460), tokens=theme.apply(qapp, choice))
    bench.editor.take(examples()[2].sketch, "Boot")
    return bench


def ramp():
    """A photo that is told from the paper."""
    return Photo(np.indices((90, 120)).sum(0)[..., None].repeat(3, 2).astype(np.uint8) + 40)


@pytest.mark.parametrize("choice", CHOICES)
def test_the_paper_with_its_marks(lettered, qapp, qtbot, choice):
    bench = sheet(qapp, qtbot, choice)
    bench.document.put_reference(ramp())
    bench.options.set("symmetric", True)
    bench.take("eraser")
    bench.drag([(300, 300), (700, 500)])
    bench.take("select")
    bench.document.select(frozenset({1, 3, 7}))
    compare(f"paper-{choice.value}", bench.canvas)


@pytest.mark.parametrize("choice", CHOICES)
def test_a_curve_on_its_way(lettered, qapp, qtbot, choice):
    bench = sheet(qapp, qtbot, choice)
    bench.take("curve")
    for point in ((100, 900), (300, 960), (500, 880)):
        bench.click(*point)
    bench.hover(800, 950)
    compare(f"curve-{choice.value}", bench.canvas)


@pytest.mark.parametrize("choice", CHOICES)
def test_the_drawing_panel(lettered, qapp, qtbot, choice):
    bench = sheet(qapp, qtbot, choice)
    panel = DrawingPanel(bench.options)
    qtbot.addWidget(panel)
    panel.follow(bench.document, bench.editor)
    bench.document.put_reference(ramp())
    bench.options.set("smoothing", 35)
    panel.setFixedWidth(240)
    panel.resize(240, panel.sizeHint().height())
    compare(f"drawing-{choice.value}", panel)


@pytest.mark.parametrize("choice", CHOICES)
def test_the_examples(lettered, qapp, qtbot, choice):
    dialog = examples_dialog(None, theme.apply(qapp, choice))
    qtbot.addWidget(dialog)
    dialog.show()
    compare(f"examples-{choice.value}", dialog)
