"""The mask brush and the panel around it, with real mouse, pen and key events."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.appearance import FromPhoto
from engine.perception.base import Reading
from engine.photo import Mask
from engine.request import Quality, Scene
from studio.canvas.brush import Brush, BrushOptions, mask_palette
from studio.canvas.transform import ViewTransform
from studio.canvas.view import Canvas
from studio.document import Origin
from studio.editors.pose.document import PoseDocument
from studio.images import Pyramid
from studio.panels.refine import RefinePanel
from studio.theme import DARK
from tests.unit.people import drawn_person

LEFT = Qt.MouseButton.LeftButton
PLAIN, SHIFT, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
SIZE = (240, 320)


@pytest.fixture
def document(qtbot):
    photo, mask, pose = drawn_person(SIZE)
    return PoseDocument(Reading(photo, pose, mask, (1.0,) * 18, True), Origin("drawn"))


@pytest.fixture
def panel(qtbot, document):
    made = RefinePanel(BrushOptions(size=30, hardness=1.0))
    qtbot.addWidget(made)
    made.dress(DARK)
    made.follow(document)
    made.move(620, 0)
    made.show()
    return made


@pytest.fixture
def canvas(qtbot, document, panel):
    """A canvas at twice the photo's size that holds the panel's brush."""
    view = ViewTransform()
    made = Canvas(view)
    qtbot.addWidget(made)
    made.resize(600, 720)
    made.image = Pyramid.of(document.reading.photo.pixels)
    view.set_photo(*SIZE)
    made.show()
    qtbot.waitExposed(made)
    view.actual_size(0.5)
    panel.refine_mask(True)
    made.tool = panel.brush(view, made.update)
    return made


def at(canvas, x, y):
    return canvas.view.to_pane(x, y).toPoint()


def drag(canvas, points, keys=PLAIN, finish=True):
    first, *rest = (at(canvas, *p) for p in points)
    QTest.mousePress(canvas, LEFT, keys, first)
    for point in rest:
        QTest.mouseMove(canvas, point)
        QApplication.processEvents()
    if finish:
        QTest.mouseRelease(canvas, LEFT, keys, at(canvas, *points[-1]))


def mask(document):
    return document.shown_mask.pixels


def from_line(a, b):
    """Distance of every pixel from a line, by many points on it."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    points = [np.add(a, np.subtract(b, a) * t) for t in np.linspace(0, 1, 400)]
    return np.min([np.hypot(x - p[0], y - p[1]) for p in points], axis=0)


def test_a_stroke_adds_a_round_band_and_nothing_else(canvas, document):
    before = mask(document).copy()
    drag(canvas, [(20, 30), (120, 30), (200, 60)])
    after = mask(document)
    away = np.minimum(from_line((20, 30), (120, 30)), from_line((120, 30), (200, 60)))
    assert (after[away < 13.5] == 255).all()
    assert np.array_equal(after[away > 16.5], before[away > 16.5])
    assert document.undo.count() == 1


def test_a_stroke_is_one_step_of_few_bytes_that_comes_back_whole(canvas, document):
    read = document.reading.mask
    drag(canvas, [(20, 30), (60, 34)])
    first = document.mask
    drag(canvas, [(150, 250), (180, 260)], ALT)
    assert document.undo.count() == 2
    assert document.undo.command(0).nbytes < 2 * 80 * 40
    document.undo.undo()
    assert document.mask == first
    document.undo.undo()
    assert document.mask is None and document.shown_mask is read
    document.undo.redo()
    assert document.mask == first and first != read


def test_alt_and_the_erase_mode_take_away(canvas, document, panel):
    inside = [tuple(int(v) for v in np.argwhere(mask(document) > 0).mean(0)[::-1])]
    (x, y) = inside[0]
    assert mask(document)[y, x] == 255
    drag(canvas, inside, ALT)
    assert mask(document)[y, x] == 0
    document.undo.undo()
    QTest.mouseClick(panel.brushes.erase, LEFT)
    drag(canvas, inside)
    assert mask(document)[y, x] == 0
    QTest.mouseClick(panel.brushes.add, LEFT)
    drag(canvas, inside)
    assert mask(document)[y, x] == 255


def test_shift_draws_straight_from_the_last_stroke(canvas, document):
    drag(canvas, [(20, 20)])
    drag(canvas, [(210, 300)], SHIFT)
    assert (mask(document)[from_line((20, 20), (210, 300)) < 13] == 255).all()
    assert document.undo.count() == 2


def test_escape_takes_the_stroke_under_way_back(canvas, document):
    shown = canvas.grab().toImage()
    drag(canvas, [(20, 30), (120, 30)], finish=False)
    assert canvas.grab().toImage() != shown
    assert canvas.tool.cancel() and not canvas.tool.cancel()
    QTest.mouseRelease(canvas, LEFT, PLAIN, at(canvas, 120, 30))
    assert document.mask is None and document.undo.count() == 0
    canvas.tool.hover(QPointF(-1e6, -1e6))
    canvas.tool.hover(QPointF(-1e6, -1e6))
    assert canvas.grab().toImage() == shown


def test_a_stroke_that_changes_nothing_is_no_step(canvas, document):
    y, x = (int(v) for v in np.argwhere(mask(document) > 0).mean(0))
    canvas.tool.options.set_size(6)
    drag(canvas, [(x, y), (x + 1, y)])
    assert document.undo.count() == 0


def test_strokes_may_leave_the_photo(canvas, document):
    drag(canvas, [(-40, -30), (10, 5), (-60, 400)])
    drag(canvas, [(-90, -90)])
    assert mask(document)[5, 10] == 255 and document.undo.count() == 1


def pen(canvas, kind, point, pressure, pointer=QPointingDevice.PointerType.Pen):
    device = QPointingDevice(
        "pen",
        1,
        QPointingDevice.DeviceType.Stylus,
        pointer,
        QPointingDevice.Capability.Pressure,
        1,
        1,
    )
    where = QPointF(at(canvas, *point))
    down = LEFT if pressure else Qt.MouseButton.NoButton
    event = QTabletEvent(kind, device, where, where, pressure, 0, 0, 0, 0, 0, PLAIN, LEFT, down)
    QApplication.sendEvent(canvas, event)


def test_a_pen_draws_as_wide_as_it_presses_and_its_other_end_erases(canvas, document):
    def line(y, pressures, pointer=QPointingDevice.PointerType.Pen):
        for i, pressure in enumerate(pressures):
            kind = QEvent.Type.TabletMove if i else QEvent.Type.TabletPress
            pen(canvas, kind, (20 + 90 * i, y), pressure, pointer)
        pen(canvas, QEvent.Type.TabletRelease, (20 + 90 * (len(pressures) - 1), y), 0, pointer)

    line(300, (0.2, 1.0))
    thick = (mask(document)[280:, :] > 127).sum(0)
    assert 4 <= thick[22] <= 10 and 26 <= thick[108] <= 32
    line(300, (1.0, 1.0), QPointingDevice.PointerType.Eraser)
    assert (mask(document)[290:, 20:110] == 0).all()


def test_a_soft_edge_fades_over_the_radius(canvas, document, panel):
    panel.brushes.hardness.setValue(0)
    canvas.tool.options.set_size(60)
    drag(canvas, [(40, 40)])
    row = mask(document)[40, 40:75].astype(int)
    assert row[0] > 245 and 110 < row[15] < 150 and row[31] == 0
    assert (np.diff(row) <= 0).all()


def test_labels_have_no_values_in_between(qtbot):
    class Labels:
        values = np.full((40, 40), 3, np.uint8)

        def pixels(self):
            return self.values

        def paint(self, box, values):
            self.values = self.values.copy()
            self.values[box[1] : box[3], box[0] : box[2]] = values

    labels, view = Labels(), ViewTransform()
    palette = mask_palette(QColor("#003"))
    tool = Brush(labels, view, palette, lambda: None, BrushOptions(14, 0.0), ink=9, soft=False)
    tool.press(view.to_pane(20, 20), PLAIN)
    tool.release(view.to_pane(20, 20))
    assert set(np.unique(labels.values)) == {3, 9}
    assert 120 < (labels.values == 9).sum() < 190  # a disc of 14 px


def test_the_tint_lies_on_the_mask_and_the_ring_at_the_pointer(canvas, document, qtbot):
    canvas.tool.hover(QPointF(-1e6, -1e6))
    image = QImage(canvas.size(), QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    canvas.tool.draw(painter)
    painter.end()
    marks = mask(document)
    for x, y in ((120, 120), (5, 5), (60, 300)):
        tinted = image.pixelColor(at(canvas, x + 0.5, y + 0.5)).alpha()
        assert (tinted > 100) == (marks[y, x] > 127)
    QTest.mouseMove(canvas, at(canvas, 20, 20))
    qtbot.waitUntil(lambda: canvas.tool.pointer == QPointF(at(canvas, 20, 20)))
    shot = canvas.grab().toImage()
    middle = at(canvas, 20, 20)
    lights = [shot.pixelColor(middle + QPoint(dx, 0)).lightness() for dx in range(24, 36)]
    assert 28 <= 24 + int(np.argmax(lights)) <= 32 and max(lights) > 150


def test_sizes_of_brush_and_eraser_are_their_own(panel):
    options, slider = panel.options, panel.brushes.size_slider
    panel.brushes.brush_larger()
    larger = options.size()
    assert larger > 30
    QTest.mouseClick(panel.brushes.erase, LEFT)
    assert options.size() == 30
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert options.size() == 1
    panel.brushes.brush_smaller()
    assert options.size() == 1
    panel.brushes.brush_larger()
    assert options.size() == 2
    panel.brushes.swap_brush()
    assert options.size() == larger and panel.brushes.add.isChecked()


def test_done_puts_the_brush_away(panel, qtbot):
    assert panel.start.isVisible() and not panel.brushing.isVisible()
    with qtbot.waitSignal(panel.refining_changed) as told:
        QTest.mouseClick(panel.start, LEFT)
    assert told.args == [True] and panel.brushing.isVisible()
    with qtbot.waitSignal(panel.refining_changed) as told:
        QTest.mouseClick(panel.done, LEFT)
    assert told.args == [False] and panel.start.isVisible()


def test_reset_gives_the_mask_that_was_read(canvas, document, panel):
    assert not panel.reset.isEnabled()
    drag(canvas, [(20, 30), (120, 30)])
    assert panel.reset.isEnabled()
    QTest.mouseClick(panel.reset, LEFT)
    assert document.mask is None and not panel.reset.isEnabled()
    document.undo.undo()
    assert mask(document)[30, 60] == 255


def test_what_is_chosen_is_asked_for_and_undone(document, panel):
    moved = document.pose.moved(left_wrist=(20.0, 20.0))
    document.change(moved, "Move")
    for slider in (panel.feather, panel.match):
        slider.setFocus()
        for _ in range(3):
            QTest.keyClick(slider, Qt.Key.Key_Right)
    request = document.request(Quality.full, None)
    assert (request.finish.feather, request.finish.match) == (1.5, 0.03)
    assert document.undo.count() == 3
    panel.background.setFocus()
    QTest.keyClick(panel.background, Qt.Key.Key_Down)
    assert document.request(Quality.full, None).scene is Scene.white
    document.undo.setIndex(1)
    assert document.request(Quality.full, None).finish.feather == 0
    assert panel.feather.value() == 0 and panel.background.currentIndex() == 0


def test_the_corrected_mask_is_asked_for(canvas, document):
    drag(canvas, [(20, 30), (120, 30)])
    request = document.request(Quality.full, None)
    assert isinstance(request.appearance, FromPhoto)
    assert request.appearance.mask == request.place.mask == Mask(mask(document).copy())
    assert document.request_for(document.wanted._replace(mask=None), Quality.full, None).place == (
        FromPhoto(document.reading.photo, document.source, document.reading.mask)
    )


def test_another_document_is_shown_and_none_disables(panel, document):
    photo, read, pose = drawn_person((100, 140))
    other = PoseDocument(Reading(photo, pose, read, (1.0,) * 18, True), Origin("other"))
    panel.refine_mask(True)
    panel.follow(other)
    assert not panel.refining
    panel.feather.setValue(8)
    assert other.finish.feather == 4 and document.finish.feather == 0
    panel.follow(None)
    assert not panel.isEnabled()
