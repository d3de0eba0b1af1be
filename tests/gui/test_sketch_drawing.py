"""The drawing panel, the example sketches and the hints."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.photo import Photo
from engine.shapes.sketch import Sketch, Stroke
from studio import theme
from studio.editors.sketch.curves import ellipse, smooth_curve
from studio.editors.sketch.drawing import DrawingPanel
from studio.editors.sketch.editor import fitted
from studio.editors.sketch.example_chooser import examples_dialog
from studio.editors.sketch.examples import example_names, examples
from studio.editors.sketch.hints import hint_for
from studio.editors.sketch.options import TOOLS
from tests.gui.sketch_bench import SketchBench


@pytest.fixture
def bench(qtbot):
    return SketchBench(qtbot, size=(256, 256), pane=(600, 600))


@pytest.fixture
def panel(bench, qtbot):
    made = DrawingPanel(bench.options)
    qtbot.addWidget(made)
    made.follow(bench.document, bench.editor)
    return made


def half_red():
    pixels = np.full((40, 80, 3), 255, np.uint8)
    pixels[:, :40] = (255, 0, 0)
    return Photo(pixels)


# The panel


def test_the_width_slider_is_for_what_is_in_use(bench, panel):
    panel.width_slider.setValue(50)
    width = bench.options.width
    assert 5 < width < 20 and bench.options.eraser == 24
    bench.take("eraser")
    assert panel.width_slider.value() > 50
    panel.width_slider.setValue(100)
    assert bench.options.eraser == 200 and bench.options.width == width
    bench.key(Qt.Key.Key_BracketLeft)
    assert panel.width_slider.value() < 100


def test_switches_and_commands_agree(bench, panel):
    panel.symmetric.click()
    assert bench.options.symmetric and bench.editor.checked()["symmetric_strokes"]
    bench.key(Qt.Key.Key_S)
    assert not panel.symmetric.isChecked()
    panel.smoothing.setValue(70)
    panel.pressure.click()
    assert bench.options.smoothing == 70 and not bench.options.pressure


def test_clear_is_offered_once_there_is_something(bench, panel):
    assert not panel.clear.isEnabled()
    bench.drag([(20, 20), (90, 90)])
    assert panel.clear.isEnabled()
    panel.clear.click()
    assert not bench.strokes and not panel.clear.isEnabled()
    bench.editor.undo()
    assert len(bench.strokes) == 1


def test_buttons_ask_for_a_photo_and_for_examples(bench, panel, qtbot):
    with qtbot.waitSignal(bench.editor.reference_wanted):
        panel.reference.click()
    with qtbot.waitSignal(bench.editor.examples_wanted):
        panel.examples.click()


def colour_at(bench, x, y):
    return bench.canvas.grab().toImage().pixelColor(bench.at(x, y).toPoint())


def test_the_reference_photo_lies_under_the_lines_as_strong_as_wished(bench, panel):
    bench.options.set("width", 20)
    bench.document.put_reference(half_red())
    panel.opacity.setValue(50)
    red = colour_at(bench, 60, 128)
    assert red.red() == 255 and abs(red.green() - 127) <= 2
    assert colour_at(bench, 200, 128).name() == "#ffffff"
    assert colour_at(bench, 60, 20).name() == "#ffffff"  # a wide photo leaves paper above
    panel.opacity.setValue(100)
    assert colour_at(bench, 60, 128).name() == "#ff0000"
    bench.drag([(20, 128), (100, 128)])
    assert colour_at(bench, 60, 128).lightness() < 10
    bench.editor.undo()
    bench.key(Qt.Key.Key_G)
    assert colour_at(bench, 60, 128).name() == "#ffffff" and not panel.shown.isChecked()
    panel.shown.click()
    assert colour_at(bench, 60, 128).name() == "#ff0000"
    panel.remove.click()
    assert bench.document.reference is None and panel.photo.isHidden()
    assert colour_at(bench, 60, 128).name() == "#ffffff"


# Example sketches


def test_examples_are_clean_drawings_of_items_that_the_painters_know():
    assert len(examples()) == 10 and {e.model for e in examples()} == {"shoes", "bags"}
    assert set(example_names()) == {e.name for e in examples()}
    for example in examples():
        points = np.concatenate([stroke.xy for stroke in example.sketch.strokes])
        assert points.min() > 0 and points.max() < 1024, example.name
        assert np.ptp(points, 0).max() > 0.75 * 1024, example.name
        for stroke in example.sketch.strokes:
            gaps = np.hypot(*np.diff(stroke.xy, axis=0).T)
            assert gaps.min() > 0 and gaps.max() < 200


def test_lines_of_an_example_meet(qtbot):
    """A gap in the outline lets the colour out; no line ends in the open by little."""
    for example in examples():
        strokes = example.sketch.strokes
        for n, stroke in enumerate(strokes):
            others = np.concatenate([s.xy for m, s in enumerate(strokes) if m != n])
            for end in stroke.xy[[0, -1]]:
                gap = np.hypot(*(others - end).T).min()
                assert gap < 7 or gap > 20, f"{example.name}, line {n}"


def test_a_sheet_is_chosen_by_hand_and_replaces_the_drawing_in_one_step(bench, qtbot):
    bench.drag([(20, 20), (90, 90)])
    dialog = examples_dialog(bench.host, theme.LIGHT)
    dialog.chosen.connect(lambda e: bench.editor.take(e.sketch, "Example"))
    dialog.show()
    cells = dialog.cells
    place = cells.visualRect(cells.model().index(2, 0)).center()
    with qtbot.waitSignal(dialog.chosen) as chosen:
        QTest.mouseClick(cells.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    example = chosen.args[0]
    assert example.name == "Ankle boot"
    assert bench.document.sketch == fitted(example.sketch, (256, 256))
    assert bench.document.undo.count() == 2
    bench.editor.undo()
    assert len(bench.strokes) == 1


def test_every_sheet_shows_its_drawing(qtbot):
    dialog = examples_dialog(None, theme.DARK)
    qtbot.addWidget(dialog)
    dialog.show()
    cells = dialog.cells
    image = cells.grab().toImage()
    for row in range(len(examples())):
        box = cells.visualRect(cells.model().index(row, 0))
        assert cells.viewport().rect().contains(box)
        seen = [
            image.pixelColor(x, y).lightness()
            for x in range(box.left() + 8, box.right() - 8, 2)
            for y in range(box.top() + 8, box.bottom() - 28, 2)
        ]
        dark = sum(value < 100 for value in seen) / len(seen)
        assert max(seen) == 255 and 0.01 < dark < 0.3


def test_a_sketch_of_another_shape_is_fitted_whole():
    wide = Sketch((400, 200), (Stroke.of([(0, 0), (400, 200)], 4),))
    (stroke,) = fitted(wide, (100, 100)).strokes
    np.testing.assert_allclose(stroke.xy, [(0, 25), (100, 75)])
    assert stroke.width[0] == pytest.approx(1)


# Hints


def test_every_tool_has_a_hint_and_an_empty_sheet_invites(bench):
    empty = hint_for(bench.document, bench.options)
    bench.drag([(20, 20), (200, 200)])
    hints = set()
    for tool in TOOLS:
        bench.take(tool)
        hints.add(hint_for(bench.document, bench.options))
    assert len(hints) == len(TOOLS) and empty not in hints
    bench.take("select")
    before = hint_for(bench.document, bench.options)
    bench.document.select(frozenset({0}))
    assert hint_for(bench.document, bench.options) not in (before, empty)


def test_small_and_crowded_drawings_are_remarked_on(bench):
    def hint_of(*lines):
        sketch = Sketch((256, 256), tuple(Stroke.of(xy, 2) for xy in lines))
        bench.document.change(sketch, "Draw")
        return hint_for(bench.document, bench.options)

    ring = ellipse(np.array((20.0, 20.0)), np.array((236.0, 236.0)))
    plain = hint_of(*[ring] * 4)
    small = hint_of(*[ring * 0.3] * 4)
    crowded = hint_of(*[ring * (1 - 0.005 * n) for n in range(20)])
    assert len({plain, small, crowded}) == 3
    bench.document.preview(bench.document.sketch.without({0}))
    assert hint_for(bench.document, bench.options) == plain  # not while the hand moves


# Curves


def test_a_smooth_curve_of_a_circles_points_is_nearly_a_circle():
    turn = np.linspace(0, 2 * np.pi, 13)
    curve = smooth_curve(100 * np.stack([np.cos(turn), np.sin(turn)], 1), 3)
    assert np.abs(np.hypot(*curve.T) - 100).max() < 0.6
    np.testing.assert_allclose(curve[0], curve[-1], atol=1e-9)
    gaps = np.hypot(*np.diff(curve, axis=0).T)
    assert gaps.max() < 4


def test_a_smooth_curve_bears_repeated_and_few_points():
    assert smooth_curve([(3, 3)]).tolist() == [[3, 3]]
    assert len(smooth_curve([(3, 3), (3, 3), (3, 3)])) == 1
    np.testing.assert_allclose(smooth_curve([(0, 0), (9, 0)]), [(0, 0), (9, 0)])
    curve = smooth_curve([(0, 0), (0, 0), (30, 0), (30, 30)], 2)
    assert np.isfinite(curve).all() and np.hypot(*(curve - (30, 0)).T).min() == 0
