"""The pose tool on a real canvas, with real mouse, pen and touchpad events."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt

from studio.canvas.tool import MOUSE
from tests.gui.pose_bench import CTRL, Bench

MIDDLE = Qt.MouseButton.MiddleButton


@pytest.fixture
def bench(qtbot):
    return Bench(qtbot)


def test_a_pen_drags_a_joint_and_its_mouse_echo_is_ignored(bench):
    start, before = bench.at("left_wrist"), bench.document.pose
    assert bench.pen(QEvent.Type.TabletPress, start).isAccepted()
    for x in (10, 20, 30):
        bench.pen(QEvent.Type.TabletMove, start + QPointF(x, -x))
        bench.move(start + QPointF(300, 300))
    bench.pen(QEvent.Type.TabletRelease, start + QPointF(30, -30), 0.0)
    moved = bench.moved(before)
    assert set(moved) == {"left_wrist"}
    np.testing.assert_allclose(moved["left_wrist"], (30, -30), atol=1e-6)
    assert bench.document.undo.count() == 1


def test_the_tool_hears_how_hard_the_pen_presses(bench, monkeypatch):
    heard = []
    monkeypatch.setattr(bench.tool, "press", lambda at, keys, touch=MOUSE: heard.append(touch))
    monkeypatch.setattr(bench.tool, "move", lambda at, keys, touch=MOUSE: heard.append(touch))
    bench.pen(QEvent.Type.TabletPress, QPointF(50, 50), 0.25)
    bench.pen(QEvent.Type.TabletMove, QPointF(60, 50), 0.75)
    bench.pen(QEvent.Type.TabletRelease, QPointF(60, 50), 0.0)
    assert [touch.pressure for touch in heard] == [0.25, 0.75]
    bench.press(QPointF(50, 50))
    assert heard[-1] == MOUSE


def test_the_middle_button_pans_and_does_not_end_a_drag(bench):
    offset, before = QPointF(bench.view.offset), bench.document.pose
    bench.drag(bench.at("left_wrist"), (40, 25), button=MIDDLE)
    assert bench.view.offset - offset == QPointF(40, 25)
    assert bench.document.pose == before
    start = bench.at("left_wrist")
    bench.press(start)
    bench.move(start + QPointF(20, 0))
    bench.press(start + QPointF(20, 0), button=MIDDLE)
    bench.release(start + QPointF(20, 0), button=MIDDLE)
    bench.move(start + QPointF(30, 0))
    bench.release(start + QPointF(30, 0))
    np.testing.assert_allclose(bench.moved(before)["left_wrist"], (30, 0), atol=1e-6)
    assert bench.document.undo.count() == 1


def test_a_release_that_went_elsewhere_ends_the_gesture(bench):
    start, before = bench.at("left_wrist"), bench.document.pose
    bench.drag(start, (20, 0), release=False)
    bench.hover(start + QPointF(90, 90))
    np.testing.assert_allclose(bench.moved(before)["left_wrist"], (20, 0), atol=1e-6)
    assert bench.document.undo.count() == 1


def test_two_fingers_pan_and_the_wheel_zooms_at_the_cursor(bench):
    cursor, offset = QPointF(123, 456), QPointF(bench.view.offset)
    bench.wheel(cursor, (7, -31), fingers=True)
    assert bench.view.offset - offset == QPointF(7, -31)
    for keys, fingers in ((Qt.KeyboardModifier.NoModifier, False), (CTRL, True), (CTRL, False)):
        there, scale = bench.view.to_photo(cursor), bench.view.scale
        bench.wheel(cursor, (0, 120), keys, fingers)
        assert bench.view.scale > scale
        assert (bench.view.to_photo(cursor) - there).manhattanLength() < 1e-9
