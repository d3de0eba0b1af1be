"""The command palette: what it finds, in which order, and how it is left."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow

from studio.palette import CommandPalette, menu_path
from studio.palette_match import matched
from studio.settings import Settings


@pytest.fixture
def window(qtbot):
    """Menus with commands that write down that they ran."""
    made = QMainWindow()
    qtbot.addWidget(made)
    made.ran, made.actions = [], {}
    for menu, names in {
        "&File": ["Open photo…", "Export PNG…", "Quit"],
        "Pose": ["Mirror pose", "Reset pose"],
        "View": ["Fit to window", "Side by side"],
    }.items():
        shown = made.menuBar().addMenu(menu)
        for text in names:
            add(made, shown, text)
    made.actions["reset_pose"].setEnabled(False)
    made.actions["open_photo"].setShortcut("Ctrl+O")
    made.canvas = QLineEdit()
    made.setCentralWidget(made.canvas)
    made.palette_ = CommandPalette(made, made.actions, Settings())
    made.resize(1000, 700)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.canvas.setFocus()
    made.palette_.open()
    return made


def add(window, menu, text):
    action = QAction(text, window)
    action.triggered.connect(lambda: window.ran.append(text))
    menu.addAction(action)
    window.actions[text.rstrip("…").lower().replace(" ", "_")] = action


def listed(window):
    return [hit.action.text() for hit in window.palette_.hits()]


def type_(window, text):
    QTest.keyClicks(window.palette_.search, text)


def press(window, key):
    QTest.keyClick(window.palette_.search, key)


def test_typed_letters_find_words_and_enter_runs(window):
    type_(window, "mp")
    assert listed(window)[0] == "Mirror pose"
    assert window.palette_.hits()[0].letters == (0, 7)
    press(window, Qt.Key.Key_Return)
    assert window.ran == ["Mirror pose"]
    assert not window.palette_.isVisible() and window.canvas.hasFocus()


def test_arrows_go_round_and_enter_runs_the_marked_one(window):
    press(window, Qt.Key.Key_Up)  # from the first to the last, which cannot run now
    press(window, Qt.Key.Key_Return)
    press(window, Qt.Key.Key_Up)
    assert window.ran == []
    press(window, Qt.Key.Key_Return)
    assert window.ran == ["Side by side"]


def test_what_ran_last_stands_first_also_at_the_next_start(window):
    for text in ("quit", "mirror"):
        window.palette_.open()
        type_(window, text)
        press(window, Qt.Key.Key_Return)
    window.palette_.open()
    assert listed(window)[:3] == ["Mirror pose", "Quit", "Open photo…"]
    again = CommandPalette(window, window.actions, Settings())
    again.open()
    assert [h.name for h in again.hits()][:2] == ["mirror_pose", "quit"]


def test_what_cannot_run_is_listed_and_stays(window):
    type_(window, "reset")
    assert listed(window) == ["Reset pose"]
    press(window, Qt.Key.Key_Return)
    assert window.ran == [] and window.palette_.isVisible()


def test_a_menu_and_the_english_name_find_too(window):
    type_(window, "view")
    assert set(listed(window)) == {"Fit to window", "Side by side"}
    window.actions["mirror_pose"].setText("镜像姿势")
    window.palette_.open()
    type_(window, "mirror")
    assert listed(window) == ["镜像姿势"]
    window.palette_.open()
    chinese = QInputMethodEvent()
    chinese.setCommitString("镜像")
    QApplication.sendEvent(window.palette_.search, chinese)
    assert window.palette_.hits()[0].letters == (0, 1)


def test_escape_gives_the_keyboard_back(window):
    type_(window, "zzz")
    assert listed(window) == [] and window.palette_.nothing.isVisible()
    press(window, Qt.Key.Key_Return)
    press(window, Qt.Key.Key_Escape)
    assert not window.palette_.isVisible() and window.canvas.hasFocus()
    assert window.canvas.text() == ""


def test_a_click_runs_and_a_click_elsewhere_closes(window, qtbot):
    row = window.palette_.list.visualRect(window.palette_.list.model().index(1, 0))
    qtbot.mouseClick(window.palette_.list.viewport(), Qt.MouseButton.LeftButton, pos=row.center())
    assert window.ran == ["Export PNG…"]
    window.palette_.open()
    window.canvas.setFocus()
    assert not window.palette_.isVisible()


def test_it_stays_in_a_small_window(window):
    window.resize(420, 500)
    place = window.palette_.geometry()
    assert window.rect().contains(place) and abs(place.center().x() - 210) <= 1


def test_hidden_commands_are_not_listed(window):
    window.actions["quit"].setVisible(False)
    window.palette_.open()
    assert "Quit" not in listed(window)


def test_the_path_names_every_menu(window):
    file = window.menuBar().actions()[0].menu()
    inner = file.addMenu("Recent")
    add(window, inner, "walker.png")
    assert menu_path(window.actions["walker.png"]) == "File › Recent"


@pytest.mark.parametrize(
    ("typed", "text", "positions"),
    [
        ("ab", "xab ab", (4, 5)),
        ("FP", "fit pose", (0, 4)),
        ("i", "İi", (1,)),
        ("", "abc", ()),
        ("ss", "side by side", (0, 8)),
    ],
)
def test_letters_are_found_where_words_start(typed, text, positions):
    assert matched(typed, text)[1] == positions


def test_a_missing_letter_is_no_match():
    assert matched("abz", "abc") is None
    assert matched("ba", "ab") is None


def test_a_whole_word_beats_scattered_letters():
    assert matched("pose", "Reset pose")[0] > matched("pose", "Paint now, save later")[0]


def test_nothing_lies_over_the_window_before_it_is_opened(window):
    press(window, Qt.Key.Key_Escape)
    assert window.childAt(QPoint(500, 90)) is window.canvas
