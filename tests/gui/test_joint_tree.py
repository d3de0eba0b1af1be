"""The joint list beside a real canvas: mouse and keyboard both ways."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from engine.shapes.pose import INDEX, JOINTS, Presence
from studio import theme
from studio.editors.pose.joint_model import LOCK, NAME, SEEN
from studio.editors.pose.joints import JointTree
from tests.gui.pose_bench import CTRL, NONE, Bench


@pytest.fixture
def bench(qtbot):
    return Bench(qtbot)


@pytest.fixture
def tree(qtbot, bench):
    made = JointTree()
    qtbot.addWidget(made)
    made.dress(theme.DARK)
    made.offer(bench.actions)
    made.follow(bench.document)
    made.resize(240, 720)
    made.show()
    qtbot.waitExposed(made)
    return made


def row(tree, text, column=NAME):
    found = tree.model().match(
        tree.model().index(0, NAME),
        Qt.ItemDataRole.DisplayRole,
        text,
        1,
        Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive,
    )
    return found[0].siblingAtColumn(column)


def click(tree, text, column=NAME, keys=NONE):
    at = tree.visualRect(row(tree, text, column)).center()
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, keys, at)


def chosen(tree):
    return {index.data() for index in tree.selectionModel().selectedRows(NAME)}


def test_all_joints_stand_under_their_limbs(tree):
    model = tree.model()
    limbs = [model.index(n, NAME) for n in range(model.rowCount())]
    assert [limb.data() for limb in limbs][:2] == ["Head", "Right arm"]
    assert sum(model.rowCount(limb) for limb in limbs) == len(JOINTS)


def test_clicks_select_on_the_canvas_and_the_canvas_in_the_list(bench, tree):
    click(tree, "Left wrist")
    click(tree, "Nose", keys=CTRL)
    assert bench.selected == {"left_wrist", "nose"}
    bench.click(bench.at("right_knee"))
    assert chosen(tree) == {"Right knee"}


def test_a_limb_selects_its_joints(bench, tree):
    click(tree, "Left arm")
    assert bench.selected == {"left_shoulder", "left_elbow", "left_wrist"}
    assert chosen(tree) == {"Left shoulder", "Left elbow", "Left wrist"}


def test_the_keyboard_walks_and_its_other_keys_are_commands(bench, tree):
    click(tree, "Left shoulder")
    tree.setFocus()
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert bench.selected == {"left_elbow"}
    QTest.keyClick(tree, Qt.Key.Key_Up)
    QTest.keyClick(tree, Qt.Key.Key_Up)
    assert bench.selected == {"left_shoulder", "left_elbow", "left_wrist"}
    before = bench.selected
    QTest.keyClick(tree, Qt.Key.Key_N)  # no search by typing
    assert bench.selected == before


def test_the_eye_hides_and_the_lock_locks(bench, tree):
    joint = INDEX["left_wrist"]
    seen = row(tree, "Left wrist", SEEN).data(Qt.ItemDataRole.DecorationRole).cacheKey()
    click(tree, "Left wrist", LOCK)
    assert bench.document.locked == {joint}
    assert not row(tree, "Left wrist", LOCK).data(Qt.ItemDataRole.DecorationRole).isNull()
    click(tree, "Left wrist", LOCK)
    assert bench.document.locked == frozenset()
    assert row(tree, "Left wrist", LOCK).data(Qt.ItemDataRole.DecorationRole).isNull()
    click(tree, "Left wrist", SEEN)
    assert bench.document.pose.presence[joint] == Presence.hidden
    assert row(tree, "Left wrist", SEEN).data(Qt.ItemDataRole.DecorationRole).cacheKey() != seen
    assert "hidden" in row(tree, "Left wrist").data(Qt.ItemDataRole.ToolTipRole)


def test_the_menu_does_what_the_keys_do(bench, tree, qtbot):
    click(tree, "Left wrist")
    at = tree.visualRect(row(tree, "Left wrist")).center()
    for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
        event = QContextMenuEvent(reason, at, tree.viewport().mapToGlobal(at))
        QApplication.sendEvent(tree.viewport(), event)
        menu = next(m for m in tree.findChildren(QMenu) if m.isVisible())
        texts = [action.text() for action in menu.actions()]
        assert texts[:3] == ["Hide joints", "Lock joints", "Reset joints"]
        menu.close()
    next(a for a in tree.menu().actions() if a.text() == "Remove joints").trigger()
    assert bench.document.pose["left_wrist"] is None
    assert "not in the pose" in row(tree, "Left wrist").data(Qt.ItemDataRole.ToolTipRole)


def test_following_nothing_lets_the_document_go(bench, tree):
    tree.follow(None)
    bench.select("nose")
    assert chosen(tree) == set()
    click(tree, "Left wrist")
    assert bench.selected == {"nose"}
