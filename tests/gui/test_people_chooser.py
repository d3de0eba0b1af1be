"""Choosing one of several people over a real canvas, by mouse, pen and keys."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.perception.base import Reading
from engine.photo import Mask, Photo
from engine.shapes.pose import Pose
from studio import theme
from studio.editors.pose.people import PeopleChooser, outline_of
from tests.gui.pose_bench import Bench
from tests.unit.people import drawn_person

SIZE = (620, 300)
LEFTS = (0, 210, 420)


def crowd():
    """Three readings of one photo, drawn people side by side."""
    photo, mask, pose = drawn_person((200, 300))
    pixels = np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)
    readings = []
    for left in LEFTS:
        pixels[:, left : left + 200] = photo.pixels
    for left in LEFTS:
        whole = np.zeros((SIZE[1], SIZE[0]), np.uint8)
        whole[:, left : left + 200] = mask.pixels
        shifted = Pose(pose.xy + np.array([left, 0]), pose.presence, SIZE)
        readings.append(Reading(Photo(pixels), shifted, Mask(whole), (1.0,) * 18, True))
    return readings


@pytest.fixture
def bench(qtbot):
    return Bench(qtbot)


@pytest.fixture
def chooser(bench):
    made = PeopleChooser(bench.canvas, bench.view)
    made.dress(theme.DARK)
    bench.view.set_photo(*SIZE)
    made.offer(crowd(), 0)
    made.heard = []
    made.chosen.connect(made.heard.append)
    return made


def chest(bench, person):
    """On the trunk of one of the people, in pane points."""
    x, y = crowd()[person].pose["neck"]
    return bench.view.to_pane(x, y + 40).toPoint()


def test_an_outline_holds_the_pixels_of_its_mask():
    mask = crowd()[1].mask
    path = outline_of(mask)
    ys, xs = np.nonzero(mask.pixels)
    assert path.contains(QPointF(np.median(xs) + 0.5, np.median(ys) + 0.5))
    box = path.boundingRect()
    assert box.left() == pytest.approx(xs.min(), abs=1.5)
    assert box.bottom() == pytest.approx(ys.max(), abs=1.5)


def test_a_click_chooses_and_one_beside_them_does_not(bench, chooser):
    QTest.mouseClick(chooser, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert chooser.isVisible() and chooser.heard == []
    QTest.mouseClick(chooser, Qt.MouseButton.LeftButton, pos=chest(bench, 1))
    assert chooser.heard == [1] and not chooser.isVisible()
    assert bench.canvas.hasFocus()
    assert bench.document.undo.count() == 0 and bench.selected == set()


def test_a_number_chooses_though_the_window_uses_it_too(bench, chooser):
    taken = []
    action = QAction("View", bench.host)
    action.setShortcut(QKeySequence("2"))
    action.triggered.connect(lambda: taken.append(True))
    bench.host.addAction(action)
    bench.host.activateWindow()
    QTest.keyClick(chooser, Qt.Key.Key_7)
    assert chooser.heard == []
    QTest.keyClick(chooser, Qt.Key.Key_2)
    assert chooser.heard == [1] and taken == []
    QTest.keyClick(bench.canvas, Qt.Key.Key_2)
    assert taken == [True]


def test_arrows_walk_enter_takes_and_escape_leaves(bench, chooser):
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Tab, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(chooser, key)
    QTest.keyClick(chooser, Qt.Key.Key_Return)
    assert chooser.heard == [2]
    chooser.offer(crowd(), 1)
    closed = []
    chooser.closed.connect(lambda: closed.append(True))
    QTest.keyClick(chooser, Qt.Key.Key_Escape)
    assert closed == [True] and chooser.heard == [2] and not chooser.isVisible()


def test_a_pen_chooses(bench, chooser):
    bench.pen(QEvent.Type.TabletPress, QPointF(chest(bench, 2)), to=chooser)
    assert chooser.heard == [2]


def test_the_view_still_moves_under_it(bench, chooser):
    scale, offset = bench.view.scale, QPointF(bench.view.offset)
    bench.wheel(QPointF(200, 200), (0, 120), to=chooser)
    assert bench.view.scale > scale
    offset = QPointF(bench.view.offset)
    middle = Qt.MouseButton.MiddleButton
    at = QPointF(250, 300)
    bench.mouse(QEvent.Type.MouseButtonPress, at, middle, to=chooser)
    bench.mouse(QEvent.Type.MouseMove, at + QPointF(30, 10), middle, to=chooser)
    bench.mouse(QEvent.Type.MouseButtonRelease, at + QPointF(30, 10), middle, to=chooser)
    assert bench.view.offset - offset == QPointF(30, 10)
    assert chooser.isVisible() and chooser.heard == []


def test_it_covers_the_canvas_whatever_size_that_gets(bench, chooser):
    bench.host.resize(500, 640)
    QApplication.processEvents()
    assert chooser.geometry() == bench.canvas.rect()
    QTest.mouseClick(chooser, Qt.MouseButton.LeftButton, pos=chest(bench, 0))
    assert chooser.heard == [0]
