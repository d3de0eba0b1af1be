"""Keys of commands: changed by pressing them, kept, resolved, reset, written and read."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow

from studio.settings import Settings
from studio.shortcuts import Shortcuts
from studio.shortcuts_dialog import ShortcutsDialog

LEFT = Qt.MouseButton.LeftButton
TABLE = {
    "open_photo": ("File", "Open photo…", ["Ctrl+O"]),
    "mirror_pose": ("Pose", "Mirror pose", ["M"]),
    "redo": ("Edit", "Redo", ["Ctrl+Shift+Z", "Ctrl+Y"]),
    "more_looks": ("Look", "More looks…", []),
}


@pytest.fixture
def make(qtbot):
    """Windows with the same commands, as at every start."""

    def made():
        window = QMainWindow()
        qtbot.addWidget(window)
        window.ran, window.actions = [], {}
        for name, (menu, text, keys) in TABLE.items():
            action = QAction(text, window)
            action.setShortcuts([QKeySequence(k) for k in keys])
            action.triggered.connect(lambda _=False, n=name: window.ran.append(n))
            window.menuBar().addMenu(menu).addAction(action)
            window.actions[name] = action
        window.shortcuts = Shortcuts(window.actions, Settings())
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        return window

    return made


@pytest.fixture
def window(make):
    return make()


@pytest.fixture
def dialog(window, qtbot):
    made = ShortcutsDialog(window, window.shortcuts, {"redo": "Undoing"})
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def keys(window):
    return {n: [k.toString() for k in a.shortcuts()] for n, a in window.actions.items()}


def press(dialog, name, key, modifiers=Qt.KeyboardModifier.NoModifier):
    dialog.choose(name)
    QTest.keyClick(dialog.tree, Qt.Key.Key_Return)
    dialog.field.setFocus()
    QTest.keyClick(dialog.field, key, modifiers)


def test_a_pressed_key_runs_the_command_at_once_and_after_a_new_start(window, dialog, make, qtbot):
    press(dialog, "mirror_pose", Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: keys(window)["mirror_pose"] == ["Ctrl+X"])
    assert dialog.rows["mirror_pose"].text(1) == "Ctrl+X"
    assert window.actions["mirror_pose"].toolTip() == "Mirror pose  (Ctrl+X)"
    dialog.close()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_M)
    assert window.ran == ["mirror_pose"]
    assert keys(make())["mirror_pose"] == ["Ctrl+X"]


def test_a_key_in_use_is_said_and_taken_only_on_request(window, dialog, qtbot):
    press(dialog, "more_looks", Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: dialog.take_button.isVisible())
    assert "Ctrl+O" in dialog.note.text() and "Open photo" in dialog.note.text()
    assert keys(window)["open_photo"] == ["Ctrl+O"]
    qtbot.mouseClick(dialog.take_button, LEFT)
    assert keys(window)["more_looks"] == ["Ctrl+O"] and keys(window)["open_photo"] == []
    assert dialog.note.text() == "" and not dialog.take_button.isVisible()


def test_going_on_without_taking_it_changes_nothing(window, dialog, qtbot):
    before = keys(window)
    press(dialog, "more_looks", Qt.Key.Key_M)
    qtbot.waitUntil(lambda: dialog.take_button.isVisible())
    dialog.choose("redo")
    assert keys(window) == before and dialog.note.text() == ""


def test_keys_of_gestures_stay_theirs(window, dialog, qtbot):
    press(dialog, "more_looks", Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "needed on the canvas" in dialog.note.text())
    assert keys(window)["more_looks"] == []


def test_removed_and_reset(window, dialog, qtbot):
    dialog.choose("redo")
    assert not dialog.reset_button.isEnabled()
    qtbot.mouseClick(dialog.remove_button, LEFT)
    assert keys(window)["redo"] == []
    qtbot.mouseClick(dialog.reset_button, LEFT)
    assert keys(window)["redo"] == ["Ctrl+Shift+Z", "Ctrl+Y"]


def test_a_reset_takes_the_key_back(window):
    window.shortcuts.assign("more_looks", [QKeySequence("M")])
    assert keys(window)["mirror_pose"] == []
    window.shortcuts.reset("mirror_pose")
    assert keys(window)["mirror_pose"] == ["M"] and keys(window)["more_looks"] == []


def test_reset_all(window, dialog, make, qtbot):
    before = keys(window)
    for name, key in (("redo", "M"), ("more_looks", "Ctrl+O"), ("open_photo", "F5")):
        window.shortcuts.assign(name, [QKeySequence(key)])
    assert keys(window) != before
    qtbot.mouseClick(dialog.reset_all_button, LEFT)
    assert keys(window) == before == keys(make())


def test_it_is_searched_by_word_and_by_key(dialog, qtbot):
    def shown():
        return {name for name, row in dialog.rows.items() if not row.isHidden()}

    qtbot.keyClicks(dialog.search, "mirror")
    assert shown() == {"mirror_pose"}
    dialog.search.clear()
    qtbot.keyClicks(dialog.search, "ctrl+y")
    assert shown() == {"redo"}


def test_commands_stand_under_their_menus(dialog):
    heads = {name: row.parent().text(0) for name, row in dialog.rows.items()}
    assert heads == {
        "open_photo": "File",
        "mirror_pose": "Pose",
        "redo": "Undoing",
        "more_looks": "Look",
    }


def test_keys_travel_in_a_file(window, make, tmp_path):
    window.shortcuts.assign("more_looks", [QKeySequence("Ctrl+M")])
    window.shortcuts.assign("mirror_pose", [])
    window.shortcuts.write(tmp_path / "mine.json")
    window.shortcuts.reset_all()
    other = make()
    assert other.shortcuts.read(tmp_path / "mine.json") == 0
    assert keys(other)["more_looks"] == ["Ctrl+M"] and keys(other)["mirror_pose"] == []


@pytest.mark.parametrize(
    "content", ["", "garbage", "[]", '{"guise_shortcuts": 1, "keys": {"redo": "M"}}']
)
def test_a_file_of_something_else_is_said_and_changes_nothing(window, dialog, tmp_path, content):
    before = keys(window)
    path = tmp_path / "other.json"
    path.write_text(content)
    dialog.import_from(path)
    assert "other.json" in dialog.note.text() and keys(window) == before


def test_a_file_with_clashes_leaves_every_key_to_one_command(window, dialog, tmp_path):
    path = tmp_path / "odd.json"
    wanted = {"redo": ["M", "nonsense+", "Space"], "strange": ["Q"], "more_looks": ["M"]}
    path.write_text(json.dumps({"guise_shortcuts": 1, "keys": wanted}))
    dialog.import_from(path)
    used = [k for each in keys(window).values() for k in each]
    assert len(used) == len(set(used)) and used.count("M") == 1 and "Space" not in used
    assert "not known" in dialog.note.text()


def test_commands_that_never_work_together_share_a_key(window):
    names = ("mirror_pose", "more_looks", "redo")
    actions = {name: window.actions[name] for name in names}
    for action in actions.values():
        action.setShortcuts([QKeySequence("V")])
    places = {"mirror_pose": frozenset({"pose"}), "more_looks": frozenset({"sketch"})}
    shortcuts = Shortcuts(actions, Settings(), places)
    assert [bool(shortcuts.keys(name)) for name in names] == [True, True, False]
    assert shortcuts.users(QKeySequence("V"), "mirror_pose") == []
    shortcuts.assign("redo", [QKeySequence("V")])
    assert not shortcuts.keys("mirror_pose") and not shortcuts.keys("more_looks")
