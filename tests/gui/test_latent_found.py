"""Colours, photos and variations of a drawing, with what the worker answers."""

import cv2
import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog

from engine.appearance import FromPhoto, Vector
from engine.request import Quality
from engine.shapes.sketch import Sketch, Stroke
from studio.panels.variations import MANY
from tests.gui.look_bench import BOX, bench, card, sketch

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def made():
    return []


@pytest.fixture
def at(qtbot, made):
    def open_bench(*args, **more):
        made.append(bench(qtbot, *args, **more))
        return made[-1]

    yield open_bench
    for each in made:
        each.close()


def lab(rgb):
    pixel = np.float32([[rgb]]) / 255
    return cv2.cvtColor(pixel, cv2.COLOR_RGB2Lab)[0, 0]


def all_painted(bench_, qtbot):
    qtbot.waitUntil(lambda: not bench_.panel.pictures.missing, timeout=20_000)


def test_a_chip_gives_the_item_its_colour_in_one_step(at, qtbot):
    b = at()
    b.panel.numbers.lock(frozenset({3}))
    held, steps = b.panel.numbers.now.values[3], b.document.undo.count()
    chip = next(c for c in b.panel.source.chips.chips if c.text() == "Green")
    QTest.mouseClick(chip, LEFT)
    qtbot.waitUntil(lambda: b.document.undo.count() > steps, timeout=20_000)
    qtbot.waitUntil(lambda: b.document.finished)
    painted = np.median(b.document.picture.pixels[BOX].reshape(-1, 3), axis=0)
    assert np.linalg.norm(lab(painted) - lab(chip.colour)) < 20
    assert b.panel.numbers.now.values[3] == held
    assert (
        b.document.undo.count() == steps + 1 and b.document.undo.undoText() == "Colour of the item"
    )


def test_a_picked_colour_is_found_and_a_dialog_left_changes_nothing(at, qtbot, monkeypatch):
    b = at()
    monkeypatch.setattr(QColorDialog, "getColor", lambda *a: QColor())
    b.panel.pick_colour()
    monkeypatch.setattr(QColorDialog, "getColor", lambda *a: QColor(150, 120, 110))
    b.panel.pick_colour()
    qtbot.waitUntil(lambda: b.document.undo.count() == 1, timeout=20_000)
    qtbot.waitUntil(lambda: b.document.finished)
    painted = np.median(b.document.picture.pixels[BOX].reshape(-1, 3), axis=0)
    assert np.linalg.norm(lab(painted) - lab((150, 120, 110))) < 8


def test_arrows_go_from_chip_to_chip_and_space_takes_one(at, qtbot):
    b = at()
    chips = b.panel.source.chips
    chips.chips[0].setFocus()
    for code in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left):
        QTest.keyClick(QApplication.focusWidget(), code)
    assert QApplication.focusWidget() is chips.chips[8]
    with qtbot.waitSignal(chips.chosen) as chosen:
        QTest.keyClick(chips.chips[8], Qt.Key.Key_Space)
    assert chosen.args == [chips.chips[8].colour]


def test_an_empty_drawing_has_no_colour_and_says_so(at, qtbot):
    b = at(Sketch((40, 40)))
    b.panel.asking.find_colour((200, 0, 0))
    qtbot.waitUntil(lambda: bool(b.said), timeout=20_000)
    assert "draw one first" in b.said[0] and b.document.undo.count() == 0


def drop(widget, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action, keys = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QDragEnterEvent(QPoint(5, 5), action, data, LEFT, keys))
    QApplication.sendEvent(widget, QDropEvent(QPointF(5, 5), action, data, LEFT, keys))


def test_a_dropped_photo_lends_its_look(at, qtbot, tmp_path):
    b = at()
    Image.new("RGB", (50, 50), (150, 110, 130)).save(tmp_path / "rose.png")
    drop(b.panel.source, tmp_path / "rose.png")
    qtbot.waitUntil(lambda: b.document.undo.count() == 1, timeout=20_000)
    qtbot.waitUntil(lambda: b.document.finished)
    assert b.document.picture.pixels[20, 20] == pytest.approx((150, 110, 130), abs=2)
    b.document.undo.undo()
    assert b.document.look is None


def test_a_painter_without_numbers_gets_the_photo_itself(at, qtbot, tmp_path):
    b = at()
    b.panel.offer(card(takes=("Sampled", "FromPhoto"), name="other"))
    assert b.panel.source.photo.isVisible() and not b.panel.morph.isVisible()
    Image.new("RGB", (50, 60), (150, 110, 130)).save(tmp_path / "rose.png")
    drop(b.panel.source, tmp_path / "rose.png")
    qtbot.waitUntil(lambda: b.document.undo.count() == 1, timeout=20_000)
    look = b.document.look
    assert isinstance(look, FromPhoto) and look.photo.size == (50, 60)
    (tmp_path / "notes.png").write_text("no photo")
    drop(b.panel.source, tmp_path / "notes.png")
    qtbot.waitUntil(lambda: bool(b.said), timeout=20_000)
    assert "notes.png" in b.said[0] and b.document.look == look


def test_a_file_that_is_no_photo_changes_nothing_and_is_told(at, qtbot, tmp_path):
    b = at()
    (tmp_path / "notes.png").write_text("no photo")
    drop(b.panel.source, tmp_path / "notes.png")
    qtbot.waitUntil(lambda: bool(b.said), timeout=20_000)
    assert "notes.png" in b.said[0] and b.document.undo.count() == 0


def test_variations_are_this_drawing_and_a_click_adopts_one(at, qtbot):
    b = at()
    all_painted(b, qtbot)
    grid, cells = b.panel.variations.grid, b.panel.variations.cells
    assert len(grid.looks) == MANY == len(set(grid.looks)) and len(grid.images) == MANY
    place = cells.visualRect(grid.index(4)).center()
    QTest.mouseClick(cells.viewport(), LEFT, pos=place)
    assert b.document.look == grid.looks[4] and b.document.undo.count() == 1
    qtbot.waitUntil(lambda: b.document.finished)
    colour = b.document.picture.pixels[20, 20]
    assert grid.images[4].pixelColor(20, 20).getRgb()[:3] == tuple(colour)
    cells.setFocus()
    QTest.keyClick(cells, Qt.Key.Key_Right)
    QTest.keyClick(cells, Qt.Key.Key_Return)
    assert b.document.look == grid.looks[5]


def test_more_like_this_is_nearer_than_what_is_invented(at, qtbot):
    b = at()
    b.document.change_look(Vector((1.0, -1.0, 0.5, 0.0)), "look")
    b.panel.numbers.lock(frozenset({1}))
    b.panel.more_like_this()
    near = np.array([look.values for look in b.panel.variations.grid.looks])
    assert set(near[:, 1]) == {-1.0}
    assert np.abs(near - b.panel.numbers.now.values).mean() < 0.7
    b.panel.more_variations()
    far = np.array([look.values for look in b.panel.variations.grid.looks])
    assert set(far[:, 1]) == {-1.0}
    all_painted(b, qtbot)
    assert len(b.panel.variations.grid.images) == MANY


def test_a_new_line_paints_all_variations_anew_and_the_picture_comes_first(at, qtbot):
    b = at()
    all_painted(b, qtbot)
    b.session.gate.clear()
    b.panel.variations.invent()
    b.document.change(sketch(Stroke.of([(10, 20), (30, 20)], 1.0)), "line")
    b.session.gate.set()
    qtbot.waitUntil(lambda: b.document.finished)
    all_painted(b, qtbot)
    looks = [r.appearance for r in b.session.painted if r.shape == b.document.sketch]
    wanted = b.document.wanted
    assert looks[0] == b.document.request_for(wanted, Quality.full, None).appearance
    assert set(b.panel.variations.grid.looks) <= set(looks[1:])


def test_nothing_is_painted_for_a_grid_that_nobody_sees(at, qtbot):
    b = at()
    all_painted(b, qtbot)
    b.panel.sections[1].heading.setChecked(False)
    b.panel.variations.invent()
    b.panel.throw_dice()
    qtbot.waitUntil(lambda: b.document.finished)
    assert b.panel.pictures.missing == MANY
    b.panel.sections[1].unfold()
    all_painted(b, qtbot)


def test_a_cell_under_the_pointer_is_shown_at_twice_its_size(at, qtbot):
    b = at()
    all_painted(b, qtbot)
    cells, magnifier = b.panel.variations.cells, b.panel.variations.magnifier
    place = QPointF(cells.visualRect(b.panel.variations.grid.index(2)).center())
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        place,
        QPointF(cells.viewport().mapToGlobal(place.toPoint())),
        none,
        none,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(cells.viewport(), event)
    assert magnifier.isVisible()
    image = magnifier.pixmap().toImage()
    shown = image.pixelColor(image.rect().center())
    assert shown == b.panel.variations.grid.images[2].pixelColor(20, 20)
    QApplication.sendEvent(cells, QEvent(QEvent.Type.Leave))
    assert not magnifier.isVisible()


def test_ends_of_the_morph_show_their_pictures(at, qtbot):
    b = at()
    all_painted(b, qtbot)
    b.panel.set_look_a()
    first = b.document.picture.pixels[20, 20]
    b.panel.numbers.throw_seed(9)
    b.panel.set_look_b()
    qtbot.waitUntil(lambda: b.document.finished)
    all_painted(b, qtbot)
    images = b.panel.morph.images
    assert images["A"].image.pixelColor(20, 20).getRgb()[:3] == tuple(first)
    assert images["B"].image.pixelColor(20, 20).getRgb()[:3] == tuple(
        b.document.picture.pixels[20, 20]
    )
    assert images["A"].grab().toImage().pixelColor(26, 26) == images["A"].image.pixelColor(20, 20)


def test_a_hand_that_moves_while_variations_are_painted_gets_its_picture(at, qtbot):
    b = at()
    all_painted(b, qtbot)
    b.panel.variations.invent()
    for value in (-200, -100, 0, 100, 200):
        b.panel.sliders.rows[0].slider.setValue(value)
        QApplication.processEvents()
    qtbot.waitUntil(lambda: b.document.finished)
    assert b.document._wanted.appearance == b.document.look
    all_painted(b, qtbot)
    assert len(b.panel.variations.grid.images) == MANY
