"""The pose library's panel: found while typing, taken by click and key, kept, dropped."""

from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.perception.base import Reading
from engine.shapes.body import body_height, default_pose
from engine.shapes.pose import Pose, Presence
from engine.shapes.pose_files import read_pose, write_pose
from engine.shapes.retarget import retargeted
from studio.document import Origin
from studio.editors.pose.document import PoseDocument
from studio.library import PoseLibrary, user_poses
from studio.panels.figure import draw_figure
from studio.panels.library import LibraryPanel
from studio.theme import DARK, LIGHT
from tests.unit.people import drawn_person

LEFT = Qt.MouseButton.LeftButton
SIZE = (120, 180)


@dataclass(frozen=True)
class Bundled:
    name: str
    pose: Pose
    tags: tuple[str, ...]


def raised(side):
    pose = default_pose((300, 700))
    x, y = pose[f"{side}_shoulder"]
    return pose.moved(**{f"{side}_elbow": (x, y - 90), f"{side}_wrist": (x, y - 170)})


BUNDLED = (
    Bundled("Standing", default_pose((300, 700)), ("calm",)),
    Bundled("Right arm up", raised("right"), ("greeting",)),
    Bundled("Left arm up", raised("left"), ("greeting",)),
)


@pytest.fixture
def document(qtbot):
    photo, mask, _ = drawn_person(SIZE)
    made = PoseDocument(
        Reading(photo, default_pose(SIZE), mask, (1.0,) * 18, True), Origin("walker")
    )
    yield made
    made.deleteLater()


@pytest.fixture
def panel(qtbot, document):
    made = LibraryPanel(PoseLibrary(BUNDLED))
    qtbot.addWidget(made)
    made.dress(DARK)
    made.follow(document)
    made.resize(240, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def shown(panel):
    return [pose.name for pose in panel.found.poses]


def click(panel, name):
    index = panel.found.index(shown(panel).index(name))
    QTest.mouseClick(panel.cells.viewport(), LEFT, pos=panel.cells.visualRect(index).center())


def test_click_fits_the_pose_to_this_person_in_one_step(panel, document):
    before = document.pose
    click(panel, "Right arm up")
    assert document.pose == retargeted(raised("right"), document.source)
    assert document.pose.size == SIZE
    assert document.pose["right_wrist"][1] < document.pose["nose"][1]
    assert body_height(document.pose) == pytest.approx(body_height(document.source), rel=0.02)
    click(panel, "Left arm up")
    assert document.undo.count() == 2 and "Left arm up" in document.undo.undoText()
    document.undo.undo()
    document.undo.undo()
    assert document.pose == before


def test_typing_filters_and_enter_takes_the_first(panel, document):
    panel.search_poses()
    QTest.keyClicks(panel.search, "greet l")
    assert shown(panel) == ["Left arm up"]
    QTest.keyClick(panel.search, Qt.Key.Key_Return)
    assert document.pose["left_wrist"][1] < document.pose["nose"][1]
    QTest.keyClicks(panel.search, "zz")
    assert shown(panel) == [] and panel.nothing.isVisible() and not panel.cells.isVisible()
    panel.search.clear()
    assert len(shown(panel)) == 3 and panel.cells.isVisible()


def test_keys_walk_and_take(panel, document):
    panel.cells.setFocus()
    panel.cells.setCurrentIndex(panel.found.index(0))
    QTest.keyClick(panel.cells, Qt.Key.Key_Right)
    QTest.keyClick(panel.cells, Qt.Key.Key_Return)
    assert "Right arm up" in document.undo.undoText()


def test_mirrored_exchanges_the_arms(panel, document):
    item = panel.found.poses[1]
    action = next(a for a in panel.menu_of(item).actions() if a.text() == "Use mirrored")
    action.trigger()
    assert document.pose["left_wrist"][1] < document.pose["nose"][1]
    assert document.pose["right_wrist"][1] > document.pose["right_shoulder"][1]


def test_save_asks_for_a_name_and_keeps_what_is_edited(panel, document):
    click(panel, "Left arm up")
    QTest.mouseClick(panel.save, LEFT)
    assert panel.name.hasFocus()
    QTest.keyClicks(panel.name, "Hailing a cab")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    assert shown(panel)[0] == "Hailing a cab" and not panel.name.isVisible()
    np.testing.assert_allclose(read_pose(user_poses() / "Hailing a cab.json").xy, document.pose.xy)


def test_escape_leaves_without_saving(panel):
    QTest.mouseClick(panel.save, LEFT)
    QTest.keyClicks(panel.name, "x")
    QTest.keyClick(panel.name, Qt.Key.Key_Escape)
    assert not panel.name.isVisible() and len(shown(panel)) == 3


def test_an_empty_name_is_refused_and_asked_again(panel, qtbot):
    QTest.mouseClick(panel.save, LEFT)
    with qtbot.waitSignal(panel.failed) as heard:
        QTest.keyClick(panel.name, Qt.Key.Key_Return)
    assert "name" in heard.args[0] and panel.name.isVisible()


def test_own_poses_are_renamed_and_deleted(panel, document):
    panel.library.save("Mine", document.pose)
    item = panel.found.poses[0]
    texts = [action.text() for action in panel.menu_of(item).actions()]
    assert "Rename…" in texts and "Delete" in texts
    assert "Delete" not in [a.text() for a in panel.menu_of(panel.found.poses[1]).actions()]
    panel.rename(item)
    assert panel.name.selectedText() == "Mine"
    QTest.keyClicks(panel.name, "Ours")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    assert shown(panel)[0] == "Ours"
    panel.cells.setFocus()
    panel.cells.setCurrentIndex(panel.found.index(0))
    QTest.keyClick(panel.cells, Qt.Key.Key_Delete)
    assert len(shown(panel)) == 3
    panel.cells.setCurrentIndex(panel.found.index(0))
    QTest.keyClick(panel.cells, Qt.Key.Key_Delete)  # bundled: stays
    assert len(shown(panel)) == 3


def drop(widget, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    keys, copy = Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    enter = QDragEnterEvent(widget.rect().center(), copy, data, LEFT, keys)
    enter.ignore()
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        at = QPointF(widget.rect().center())
        QApplication.sendEvent(widget, QDropEvent(at, copy, data, LEFT, keys))


def test_dropped_pose_files_join_the_library(panel, tmp_path, qtbot):
    write_pose(raised("left"), tmp_path / "a.json")
    write_pose(raised("right"), tmp_path / "b.json", "coco")
    (tmp_path / "c.json").write_text("[]")
    with qtbot.waitSignal(panel.failed) as heard:
        drop(panel, tmp_path / "a.json", tmp_path / "b.json", tmp_path / "c.json")
    assert shown(panel)[:2] == ["a", "b"] and "c.json" in heard.args[0]


def test_a_dropped_photo_is_handed_on(panel, tmp_path, qtbot):
    with qtbot.waitSignal(panel.photo_dropped) as heard:
        drop(panel, tmp_path / "dancer.jpg")
    assert heard.args == [tmp_path / "dancer.jpg"]


def test_pose_of_another_photo(panel, document, qtbot):
    photo, mask, pose = drawn_person((96, 144))
    panel.photo_wanted.connect(lambda taken: taken(Reading(photo, pose, mask, (), True), "dancer"))
    QTest.mouseClick(panel.from_photo, LEFT)
    assert document.pose == retargeted(pose, document.source)
    assert "dancer" in document.undo.undoText()


def test_a_pose_that_cannot_be_fitted_changes_nothing(panel, document, qtbot):
    panel.library.save("Half", Pose.of((100, 100), {"nose": (3, 4), "neck": (5, 20)}))
    with qtbot.waitSignal(panel.failed):
        click(panel, "Half")
    assert document.undo.count() == 0


@pytest.mark.parametrize("tokens", [DARK, LIGHT])
def test_figures_put_the_joints_where_they_are(qtbot, tokens):
    """The hand of a raised arm is inked, the place where it would hang is not."""
    images = []
    for side in ("right", "left"):
        image = QImage(200, 300, QImage.Format.Format_RGB32)
        image.fill(QColor(tokens.raised))
        painter = QPainter(image)
        draw_figure(painter, raised(side), QRectF(20, 20, 160, 260), tokens)
        painter.end()
        images.append(image)
    inked = [
        np.array(
            [
                [image.pixelColor(x, y) != QColor(tokens.raised) for x in range(200)]
                for y in range(300)
            ]
        )
        for image in images
    ]
    top = [rows[: 300 // 6] for rows in inked]
    assert top[0][:, :100].any() and not top[0][:, 130:].any()
    assert top[1][:, 100:].any() and not top[1][:, :70].any()
    for rows in inked:
        assert not rows[:18].any() and not rows[282:].any()
        assert not rows[:, :18].any() and not rows[:, 182:].any()


def test_an_arm_before_the_trunk_is_set_off_and_a_hidden_one_is_behind(qtbot):
    folded = default_pose((300, 700))
    x, y = folded["neck"]
    folded = folded.moved(right_elbow=(x - 60, y + 130), right_wrist=(x + 10, y + 100))
    shades = []
    for pose in (folded, folded.marked(Presence.hidden, "right_wrist")):
        image = QImage(120, 260, QImage.Format.Format_RGB32)
        image.fill(QColor(DARK.raised))
        painter = QPainter(image)
        draw_figure(painter, pose, QRectF(0, 0, 120, 260), DARK)
        painter.end()
        column = [image.pixelColor(60, y).lightness() for y in range(70, 120)]
        shades.append(min(column))
    ground, body = QColor(DARK.raised).lightness(), QColor(DARK.text).lightness()
    assert shades[0] < (ground + body) / 2  # a dark line around the arm
    assert shades[1] == body


def test_half_a_pose_is_still_drawn(qtbot):
    image = QImage(80, 100, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    draw_figure(painter, Pose.of((50, 50), {}), QRectF(0, 0, 80, 100), DARK)
    draw_figure(painter, Pose.of((50, 50), {"nose": (9, 9)}), QRectF(0, 0, 80, 100), DARK)
    painter.end()
    assert image.pixelColor(40, 50) == QColor(DARK.text)
