"""The animation strip: cards put in order, played without a trace, undone like everything else."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.animation import Course, Key, frames
from engine.perception.base import Reading
from engine.shapes.body import default_pose
from studio.clip import Clip
from studio.document import Origin
from studio.editors.pose.document import PoseDocument
from studio.panels.strip import AnimationStrip
from studio.panels.strip_keys import KeyPoses
from studio.panels.strip_player import Player
from studio.theme import DARK
from tests.unit.people import drawn_person

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
SIZE = (120, 180)


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
    made = AnimationStrip()
    qtbot.addWidget(made)
    made.dress(DARK)
    made.follow(document)
    made.toggle_animation(True)
    made.resize(900, 120)
    made.show()
    qtbot.waitExposed(made)
    return made


def bent(n):
    pose = default_pose(SIZE)
    x, y = pose["right_wrist"]
    return pose.moved(right_wrist=(x - 4 * n, y - 9 * n))


def add(strip, *numbers):
    for n in numbers:
        strip.document.change(bent(n), "Bend")
        QTest.mouseClick(strip.add, LEFT)
    QApplication.processEvents()  # cards that appear are laid out


def order(strip):
    poses = [bent(n) for n in range(6)]
    return [poses.index(key.pose) for key in strip.keys.values().keys]


def middle(strip, row):
    return strip.cards.visualRect(strip.keys.index(row)).center()


def click(strip, row):
    QTest.mouseClick(strip.cards.viewport(), LEFT, pos=middle(strip, row))


def drag(strip, row, to):
    view = strip.cards.viewport()
    QTest.mousePress(view, LEFT, pos=middle(strip, row))
    QTest.mouseMove(view, middle(strip, row) + QPoint(15, 0))
    QTest.mouseMove(view, to)
    QTest.mouseRelease(view, LEFT, pos=to)


def row_of(strip):
    return strip.cards.currentIndex().row()


def test_poses_are_added_after_the_card_with_the_focus_and_undone_one_by_one(strip, document):
    assert strip.empty.isVisible() and not strip.play.isEnabled()
    add(strip, 0, 1, 2)
    assert order(strip) == [0, 1, 2] and row_of(strip) == 2
    assert not strip.empty.isVisible() and strip.play.isEnabled()
    click(strip, 0)
    add(strip, 3)
    assert order(strip) == [0, 3, 1, 2] and row_of(strip) == 1
    document.undo.undo()
    assert order(strip) == [0, 1, 2]
    document.undo.setIndex(0)
    assert order(strip) == []
    document.undo.setIndex(document.undo.count())
    assert order(strip) == [0, 3, 1, 2]


def test_click_asks_for_the_pose_of_a_card(strip, document):
    add(strip, 1, 2)
    click(strip, 0)
    assert document.pose == bent(1)
    assert document.undo.undoText() == "Pose of a key"
    document.undo.undo()
    assert document.pose == bent(2)


def test_dragging_puts_cards_in_order(strip, document):
    add(strip, 0, 1, 2, 3)
    drag(strip, 0, middle(strip, 2) + QPoint(10, 0))
    assert order(strip) == [1, 2, 0, 3] and row_of(strip) == 2
    drag(strip, 3, QPoint(1, 40))
    assert order(strip) == [3, 1, 2, 0]
    drag(strip, 0, QPoint(850, 40))
    assert order(strip) == [1, 2, 0, 3]
    pose = document.pose
    before = document.undo.index()
    drag(strip, 1, middle(strip, 1) + QPoint(20, 0))  # back where it was
    assert order(strip) == [1, 2, 0, 3]
    assert document.undo.index() == before and document.pose == pose


def test_keys_put_cards_in_order_and_delete_them(strip):
    add(strip, 0, 1, 2)
    strip.cards.setFocus()
    QTest.keyClick(strip.cards, Qt.Key.Key_Left, CTRL)
    assert order(strip) == [0, 2, 1] and row_of(strip) == 1
    QTest.keyClick(strip.cards, Qt.Key.Key_Left, CTRL)
    QTest.keyClick(strip.cards, Qt.Key.Key_Left, CTRL)  # the first stays the first
    assert order(strip) == [2, 0, 1] and row_of(strip) == 0
    QTest.keyClick(strip.cards, Qt.Key.Key_Right)
    assert row_of(strip) == 1
    QTest.keyClick(strip.cards, Qt.Key.Key_Delete)
    assert order(strip) == [2, 1] and row_of(strip) == 1
    QTest.keyClick(strip.cards, Qt.Key.Key_Delete)
    QTest.keyClick(strip.cards, Qt.Key.Key_Delete)
    assert order(strip) == [] and strip.empty.isVisible()


def test_menu_duplicates_and_replaces(strip, document):
    add(strip, 0, 1)
    acts = {action.text(): action for action in strip.menu_of(0).actions()}
    acts["Duplicate"].trigger()
    assert order(strip) == [0, 0, 1] and row_of(strip) == 1
    document.change(bent(4), "Bend")
    acts = {action.text(): action for action in strip.menu_of(2).actions()}
    acts["Replace with current pose"].trigger()
    assert order(strip) == [0, 0, 4]


def test_times_belong_to_the_card_and_merge_into_one_step(strip, document):
    add(strip, 0, 1)
    click(strip, 0)
    steps = document.undo.index()
    strip.hold.setFocus()
    for _ in range(3):
        QTest.keyClick(strip.hold, Qt.Key.Key_Up)
    assert strip.keys.values().keys[0].hold == pytest.approx(0.5)
    assert strip.keys.values().keys[1].hold == pytest.approx(0.2)
    assert document.undo.index() == steps + 1
    strip.move_on.setFocus()
    strip.move_on.selectAll()
    QTest.keyClicks(strip.move_on, "2.5")
    QTest.keyClick(strip.move_on, Qt.Key.Key_Return)
    assert strip.keys.values().keys[0].move == pytest.approx(2.5)
    click(strip, 1)
    assert strip.hold.value() == pytest.approx(0.2) and strip.move_on.value() != 2.5
    document.undo.setIndex(steps)
    assert strip.keys.values().keys[0].hold == pytest.approx(0.2)


def test_rate_and_course_are_undoable(strip, document):
    add(strip, 0, 1)
    strip.fps.setFocus()
    QTest.keyClick(strip.fps, Qt.Key.Key_Up)
    QTest.keyClick(strip.course, Qt.Key.Key_Down)
    assert strip.keys.values().fps == 13
    assert strip.keys.values().course is Course.ping_pong
    document.undo.undo()
    document.undo.undo()
    assert strip.fps.value() == 12 and strip.course.currentData() is Course.loop


class Clock:
    now = 0

    def __call__(self):
        return self.now


@pytest.fixture
def playing(document):
    """A player whose time is turned by hand, and its clip."""
    clock = Clock()
    player = Player(clock)
    keys = (Key(bent(0), 0.25, 0.5), Key(bent(3), 0.0, 0.25))
    return player, clock, Clip(keys, 8, Course.loop)


def at(player, clock, milliseconds):
    clock.now = milliseconds
    player._timer.timeout.emit()


@pytest.mark.parametrize("course", list(Course))
def test_the_pose_of_the_moment_is_that_of_the_film(document, playing, course):
    player, clock, clip = playing
    clip = Clip(clip.keys, clip.fps, course)
    film = frames(clip.keys, clip.fps, course=course)
    player.start(document, clip)
    assert document.pose == film[0]
    for number in (1, 3, len(film) - 1):
        at(player, clock, round(number * 1000 / 8) + 3)
        assert document.pose == film[number]
    at(player, clock, round(len(film) * 1000 / 8) + 3)
    if course is Course.once:
        assert not player.playing and document.pose == document.source
    else:
        assert document.pose == film[0]
    player.stop()


def test_playing_leaves_no_trace(document, playing):
    player, clock, clip = playing
    document.change(bent(2), "Bend")
    before, steps = document.wanted, document.undo.count()
    player.start(document, clip)
    at(player, clock, 400)
    assert document.pose != bent(2) and not document.finished
    player.stop()
    assert document.wanted == before and document.undo.count() == steps
    assert not document.abort(), "no gesture is left open"


def test_a_hand_that_takes_over_goes_on_from_the_pose_shown(document, playing):
    player, clock, clip = playing
    before = document.wanted
    player.start(document, clip)
    at(player, clock, 400)
    shown = document.pose
    document.preview(shown.moved(left_wrist=(9.0, 9.0)))  # as a tool does
    assert not player.playing
    document.commit("Move joint")
    assert document.pose == shown.moved(left_wrist=(9.0, 9.0))
    document.undo.undo()
    assert document.wanted == before


def test_other_edits_while_playing_start_from_the_pose_before(document, playing):
    player, clock, clip = playing
    before = document.wanted
    player.start(document, clip)
    at(player, clock, 400)
    document.change_painter("another", None, "Painter")
    assert not player.playing
    assert document.wanted == before._replace(model="another")
    document.undo.undo()
    assert document.wanted == before


def test_a_skeleton_that_is_fitted_is_never_played(document, playing):
    player, clock, clip = playing
    source = document.source
    document.set_fitting(True)
    player.start(document, clip)
    assert not player.playing
    document.set_fitting(False)
    player.start(document, clip)
    at(player, clock, 400)
    document.set_fitting(True)
    assert not player.playing and document.source == source and document.pose == source


def test_play_button_plays_in_real_time_and_stops(strip, document, qtbot):
    add(strip, 0, 4)
    strip.keys.set_fps(50)
    seen = set()
    document.shape_changed.connect(lambda: seen.add(document.pose))
    before = document.pose
    QTest.mouseClick(strip.play, LEFT)
    qtbot.waitUntil(lambda: len(seen) > 4)
    assert strip.player.playing and strip.play.accessibleName() == "Stop"
    QTest.mouseClick(strip.play, LEFT)
    assert not strip.player.playing and document.pose == before
    assert strip.play.accessibleName() == "Play"


@pytest.mark.parametrize("leave", ["fold", "hide", "follow"])
def test_playing_ends_when_the_strip_goes_away(strip, document, leave):
    add(strip, 0, 4)
    strip.play_animation()
    assert strip.player.playing
    {
        "fold": lambda: QTest.mouseClick(strip.heading, LEFT),
        "hide": strip.hide,
        "follow": lambda: strip.follow(None),
    }[leave]()
    assert not strip.player.playing and document.pose == bent(4)


def test_an_edit_of_the_cards_ends_playing(strip, document):
    add(strip, 0, 4)
    strip.play_animation()
    strip.delete(0)
    assert not strip.player.playing and document.pose == bent(4)
    assert not strip.play.isEnabled()


def test_too_long_a_film_is_refused_with_a_sentence(strip, qtbot):
    add(strip, *[0, 1] * 8)
    strip.keys.set_fps(60)
    for row in range(16):
        strip.keys.set_hold(row, 20.0)
    with qtbot.waitSignal(strip.failed) as heard:
        strip.play_animation()
    assert "too many" in heard.args[0] and not strip.player.playing


def test_export_is_asked_for_with_two_keys_only(strip, qtbot):
    add(strip, 0)
    with qtbot.waitSignal(strip.failed):
        strip.export.menu().actions()[0].trigger()
    add(strip, 1)
    with qtbot.waitSignal(strip.export_wanted) as heard:
        strip.export.menu().actions()[1].trigger()
    assert heard.args == ["mp4"]


def test_each_document_has_its_own_keys_and_a_project_brings_them_back(strip, document):
    add(strip, 0, 1)
    photo, mask, pose = drawn_person(SIZE)
    second = PoseDocument(Reading(photo, pose, mask, (1.0,) * 18, True), Origin("b"))
    kept = strip.keys.values()
    strip.follow(second)
    assert order(strip) == []
    KeyPoses.of(second).restore(kept)
    assert order(strip) == [0, 1] and second.undo.count() == 0
    strip.follow(document)
    assert order(strip) == [0, 1]
    second.deleteLater()


def test_poses_of_a_clip_are_those_of_the_film():
    assert Clip().poses() == []
    only = Clip((Key(bent(1), 0.5, 0.5),), 10, Course.once).poses()
    assert set(only) == {bent(1)}
    there = Clip((Key(bent(0), 0, 1), Key(bent(2), 0, 1)), 10, Course.once).poses()
    heights = np.array([pose["right_wrist"][1] for pose in there])
    assert (np.diff(heights) <= 0).all() and heights[0] > heights[-1]
