"""The history strip: what it keeps, what it forgets, and that a click brings all inputs back."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtTest import QTest

from engine import registry
from engine.appearance import FromPhoto, Mix, Sampled
from engine.perception.base import Reading
from engine.photo import Photo
from engine.picture import Picture
from engine.request import Painted, Quality, Scene
from engine.session import Session
from engine.shapes.body import default_pose
from engine.shapes.pose_files import read_pose
from studio.document import Origin
from studio.editors.pose.document import PoseDocument
from studio.entries import Entry
from studio.panels.history import HistoryStrip
from studio.panels.history_list import History
from studio.theme import DARK
from tests.unit.people import drawn_person

SIZE = (120, 180)


@pytest.fixture(scope="module")
def session():
    return Session("cpu")


@pytest.fixture
def document(qtbot):
    photo, mask, _ = drawn_person(SIZE)
    made = PoseDocument(
        Reading(photo, default_pose(SIZE), mask, (1.0,) * 18, True), Origin("walker")
    )
    yield made
    made.deleteLater()


@pytest.fixture
def strip(qtbot, document):
    made = HistoryStrip()
    qtbot.addWidget(made)
    made.dress(DARK)
    made.follow(document)
    made.resize(700, 100)
    made.show()
    qtbot.waitExposed(made)
    return made


def finish(document, shade=None):
    """Answer what the document asks for, in one colour."""
    request = document.request(Quality.full, 180)
    shade = int(request.shape.xy.sum()) % 200 if shade is None else shade
    picture = Picture(np.full((180, 120, 3), shade, np.uint8))
    document.take(Painted(request, picture, 0.042))


def bend(document, dx):
    x, y = document.pose["right_wrist"]
    document.change(document.pose.moved(right_wrist=(x + dx, y - 3)), "Bend")


def middle(strip, row):
    return strip.cells.visualRect(strip.history.index(row)).center()


def click(strip, row, at=None):
    place = middle(strip, row) if at is None else at
    QTest.mouseClick(strip.cells.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_every_entry_gives_back_its_inputs_and_its_picture(qtbot, session):
    """With the bundled painters: poses, skeleton and mask, painter, looks and background."""
    photo, mask, _ = drawn_person(SIZE)
    other, other_mask, other_pose = drawn_person((96, 144))
    document = PoseDocument(
        Reading(photo, default_pose(SIZE), mask, (1.0,) * 18, True), Origin("walker")
    )
    history = History.of(document)
    made = []

    def paint():
        request = document.request(Quality.full, 120)
        painted = session.paint(request)
        document.take(painted)
        return painted.picture.pixels.tobytes()

    def note():
        made.append((document.wanted, paint()))

    bend(document, 14)
    note()
    borrowed = FromPhoto(other, other_pose, other_mask)
    document.change_look(borrowed, "Other")
    note()
    document.change_painter(registry.LOOKS_MODEL, Sampled(7, document.pose), "Painter")
    note()
    document.change_look(Mix(Sampled(7, document.pose), borrowed, 0.25), "Mix")
    note()
    document.set_fitting(True)
    document.change(document.source.moved(nose=(61.0, 20.0)), "Fit")
    document.set_fitting(False)
    note()
    document.paint_mask((20, 100, 60, 150), np.zeros((50, 40), np.uint8), "Brush")
    note()
    document.change_scene(Scene.cutout, "Background")
    note()

    assert [entry.wanted for entry in reversed(history.entries)] == [w for w, _ in made]
    assert len({pixels for _, pixels in made}) == 7
    for row in (6, 0, 2, 5, 1, 3, 4):
        wanted, pixels = made[len(made) - 1 - row]
        before, steps = document.wanted, document.undo.index()
        history.restore(row)
        assert document.wanted == wanted
        assert paint() == pixels
        assert len(history.entries) == 7, "a restored picture is not kept twice"
        assert document.undo.index() == steps + (row > 0)
        document.undo.setIndex(steps)
        assert document.wanted == before
    document.deleteLater()


def test_previews_and_failed_or_lesser_pictures_are_not_kept(document, strip):
    bend(document, 5)
    request = document.request(Quality.preview, 90)
    picture = Picture(np.zeros((90, 60, 3), np.uint8))
    document.take(Painted(request, picture, 0.01))
    assert not document.finished and strip.history.rowCount() == 0
    request = document.request(Quality.full, 90)
    document.fail(request, "No.")
    document.take(Painted(document.request(Quality.full, 90), picture, 0.1, "Only 45 px."))
    assert strip.history.rowCount() == 0
    assert strip.empty.isVisible() and not strip.cells.isVisible()
    finish(document)
    assert strip.history.rowCount() == 1
    assert strip.cells.isVisible() and not strip.empty.isVisible()


def test_click_restores_in_one_step(document, strip):
    first = document.wanted
    finish(document)
    bend(document, 9)
    finish(document)
    second = document.wanted
    assert strip.history.entry(0).wanted == second
    click(strip, 1)
    assert document.wanted == first
    assert document.undo.undoText() == "Restore from history"
    click(strip, 1)  # what is shown already is no step
    assert document.undo.count() == 2
    document.undo.undo()
    assert document.wanted == second


def test_keys_choose_restore_star_and_delete(document, strip):
    wanted = []
    for dx in (0, 4, 8):
        bend(document, dx)
        finish(document)
        wanted.append(document.wanted)
    strip.cells.setFocus()
    strip.cells.setCurrentIndex(strip.history.index(0))
    QTest.keyClick(strip.cells, Qt.Key.Key_Right)
    QTest.keyClick(strip.cells, Qt.Key.Key_Right)
    QTest.keyClick(strip.cells, Qt.Key.Key_Return)
    assert document.wanted == wanted[0]
    QTest.keyClick(strip.cells, Qt.Key.Key_S)
    assert [entry.starred for entry in strip.history.entries] == [False, False, True]
    QTest.keyClick(strip.cells, Qt.Key.Key_Left)
    QTest.keyClick(strip.cells, Qt.Key.Key_Delete)
    assert [entry.wanted for entry in strip.history.entries] == [wanted[2], wanted[0]]


def test_letters_of_the_window_pass_through(document, strip, qtbot):
    finish(document)
    strip.cells.setFocus()
    strip.cells.setCurrentIndex(strip.history.index(0))
    seen = []
    strip.keyPressEvent = lambda event: seen.append(event.text())
    QTest.keyClicks(strip.cells, "ms")
    assert seen == ["m"]


def test_star_key_wins_over_a_command_of_the_window(document, strip, qtbot):
    ran = []
    for keys in ("S", "M"):
        action = QAction(strip)
        action.setShortcut(keys)
        action.triggered.connect(lambda _=False, keys=keys: ran.append(keys))
        strip.addAction(action)
    finish(document)
    strip.activateWindow()
    qtbot.waitUntil(strip.isActiveWindow)
    strip.cells.setFocus()
    strip.cells.setCurrentIndex(strip.history.index(0))
    window = strip.windowHandle()
    for key in (Qt.Key.Key_S, Qt.Key.Key_M):
        QTest.keyClick(window, key)
    assert strip.history.entry(0).starred and ran == ["M"]


def test_pictures_in_the_middle_of_a_gesture_are_kept_when_it_ends(document, strip):
    x, y = document.pose["right_wrist"]
    for dx in (3, 6):
        document.preview(document.pose.moved(right_wrist=(x + dx, y)))
        finish(document)  # the hand paused long enough for a picture with full care
        assert strip.history.rowCount() == 0
    document.commit("Drag")
    assert [entry.wanted for entry in strip.history.entries] == [document.wanted]


def test_star_in_the_corner_toggles_and_does_not_restore(document, strip):
    finish(document)
    bend(document, 6)
    finish(document)
    now = document.wanted
    box: QRect = strip.cells.visualRect(strip.history.index(1))
    corner = QPoint(box.right() - 12, box.top() + 12)
    click(strip, 1, corner)
    assert strip.history.entry(1).starred and document.wanted == now
    click(strip, 1, corner)
    assert not strip.history.entry(1).starred


def test_oldest_without_a_star_go_first(document):
    history = History.of(document)
    history.limit(1)
    for dx in range(3):
        bend(document, dx + 1)
        finish(document)
        assert len(history.entries) == 1
        assert history.entry(0).wanted == document.wanted
    history.toggle_star(0)
    kept = history.entry(0).wanted
    for dx in range(3):
        bend(document, dx + 10)
        finish(document)
    assert [entry.wanted for entry in history.entries] == [document.wanted, kept]


def test_bytes_count_each_photo_of_a_look_once(document):
    history = History.of(document)
    before = history.nbytes
    large = Photo(np.random.default_rng(1).integers(0, 255, (400, 300, 3), np.uint8))
    look = FromPhoto(large, default_pose((300, 400)))
    document.change_look(look, "Other")
    finish(document)
    once = history.nbytes
    assert 360_000 < once - before < 420_000
    bend(document, 3)
    finish(document)
    assert history.nbytes - once < 60_000
    document.change_look(document.own, "Own")
    finish(document)
    assert history.nbytes - once < 90_000, "the document's own photo is not the history's"


def test_bytes_count_a_corrected_mask_once(document):
    history = History.of(document)
    finish(document)
    before = history.nbytes
    document.paint_mask((10, 10, 20, 20), np.full((10, 10), 255, np.uint8), "Brush")
    finish(document)
    once = history.nbytes - before
    bend(document, 3)
    finish(document)
    assert len(history.entries) == 3
    mask_bytes = SIZE[0] * SIZE[1]
    assert mask_bytes < once and history.nbytes - before < 2 * once - mask_bytes + 2000


def test_thumbnail_shows_the_person(document):
    """The middle of the person's box is in the middle of the thumbnail."""
    history = History.of(document)
    pixels = np.zeros((180, 120, 3), np.uint8)
    xy = document.pose.xy
    low, high = xy.min(0), xy.max(0)
    pixels[int(low[1]) : int(high[1]), int(low[0]) : int(high[0])] = (255, 0, 0)
    request = document.request(Quality.full, 180)
    document.take(Painted(request, Picture(pixels), 0.1))
    image = QImage.fromData(history.entry(0).thumbnail)
    assert image.width() / image.height() == pytest.approx(56 / 72, abs=0.01)
    middle = image.pixelColor(image.width() // 2, image.height() // 2)
    assert middle.red() > 200
    corner = image.pixelColor(2, 2)
    assert corner.red() < 60


def test_menu_copies_the_pose(document, strip):
    bend(document, 7)
    finish(document)
    copy = next(a for a in strip.menu_of(0).actions() if a.text() == "Copy pose")
    copy.trigger()
    text = QGuiApplication.clipboard().mimeData().text()
    np.testing.assert_allclose(read_pose(text.encode()).xy, document.pose.xy)


def test_tooltip_names_painter_time_and_throw(document, strip):
    document.change_painter(registry.LOOKS_MODEL, Sampled(4711, document.pose), "Invent")
    finish(document)
    tip = strip.history.index(0).data(Qt.ItemDataRole.ToolTipRole)
    title = next(m.card.title for m in registry.catalogue() if m.card.id == registry.LOOKS_MODEL)
    assert title in tip and "4711" in tip and "42 ms" in tip


def test_folding_hides_the_pictures(document, strip, qtbot):
    finish(document)
    height = strip.sizeHint().height()
    QTest.mouseClick(strip.heading, Qt.MouseButton.LeftButton)
    assert not strip.cells.isVisible()
    assert strip.sizeHint().height() < height / 2
    strip.toggle_history(True)
    assert strip.cells.isVisible()


def test_each_document_keeps_its_own(document, strip, qtbot):
    finish(document)
    photo, mask, _ = drawn_person((100, 150))
    second = PoseDocument(
        Reading(photo, default_pose((100, 150)), mask, (1.0,) * 18, True), Origin("b")
    )
    strip.follow(second)
    assert strip.history.rowCount() == 0
    bend(document, 4)
    finish(document)  # noted while another one is shown
    strip.follow(document)
    assert strip.history.rowCount() == 2
    strip.follow(None)
    assert not strip.cells.isVisible()
    second.deleteLater()


def test_entries_of_a_project_come_back(document, strip):
    finish(document)
    entry = replace(strip.history.entry(0), starred=True)
    older = Entry(
        entry.wanted._replace(model="gone"), entry.thumbnail, False, 0.0, datetime.now(UTC)
    )
    strip.history.fill([entry, older])
    assert strip.history.entries == (entry, older)
    assert strip.cells.isVisible()
    assert "gone" in strip.history.index(1).data(Qt.ItemDataRole.ToolTipRole)
