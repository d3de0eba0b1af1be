"""Messages over the panes: how they come, stay, go and are found again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QWidget

from studio import theme
from studio.panels import notice as module
from studio.panels.notice import Notice
from studio.panels.notice_history import NoticeHistory
from studio.panels.status import StatusLine

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def quick(monkeypatch):
    """Seconds pass faster."""
    monkeypatch.setattr(module, "SECONDS", 0.05)


@pytest.fixture
def place(qtbot):
    """Notice and status line in a window."""
    window = QWidget()
    qtbot.addWidget(window)
    window.notice, window.status = Notice(), StatusLine()
    window.tokens = theme.apply(QApplication.instance(), theme.ThemeChoice.dark)
    layout = QGridLayout(window)
    layout.addWidget(window.notice, 0, 0, Qt.AlignmentFlag.AlignCenter)
    layout.addWidget(window.status, 1, 0)
    for part in (window.notice, window.status):
        part.dress(window.tokens)
    window.status.follow(window.notice)
    window.resize(900, 500)
    window.show()
    qtbot.waitExposed(window)
    return window


def texts(notice):
    return [card.text.text() for card in notice.cards]


def test_information_leaves_errors_stay_until_closed(place, qtbot, quick):
    place.notice.say("It did not work.", "error")
    place.notice.say("It worked.")
    assert texts(place.notice) == ["It did not work.", "It worked."]
    qtbot.waitUntil(lambda: texts(place.notice) == ["It did not work."])
    assert place.notice.isVisible()
    qtbot.mouseClick(place.notice.cards[0].close_button, LEFT)
    assert texts(place.notice) == [] and not place.notice.isVisible()


def test_a_hovered_message_stays(place, qtbot, quick):
    place.notice.say("Read me.")
    card = place.notice.cards[0]
    qtbot.mouseMove(card)
    qtbot.waitUntil(lambda: not card.leaving)
    place.notice.say("Gone soon.")
    qtbot.waitUntil(lambda: texts(place.notice) == ["Read me."])
    qtbot.mouseMove(place.status)
    qtbot.waitUntil(lambda: texts(place.notice) == [])


def test_the_keyboard_keeps_it_too(place, qtbot, quick):
    place.notice.say("Read me.", action="Undo", run=lambda: None)
    card = place.notice.cards[0]
    place.activateWindow()
    card.action_button.setFocus()
    qtbot.waitUntil(card.action_button.hasFocus)
    place.notice.say("Gone soon.")
    qtbot.waitUntil(lambda: texts(place.notice) == ["Read me."])
    place.setFocus()
    qtbot.waitUntil(lambda: texts(place.notice) == [])


def test_three_at_most_and_information_makes_room_first(place):
    place.notice.say("One.", "error")
    for n in ("Two.", "Three.", "Four."):
        place.notice.say(n)
    assert texts(place.notice) == ["One.", "Three.", "Four."]
    for n in ("Five.", "Six.", "Seven."):
        place.notice.say(n, "warning")
    assert texts(place.notice) == ["Five.", "Six.", "Seven."]
    assert len(place.notice.history) == 7


def test_the_same_message_again_is_not_doubled(place):
    for text in ("A.", "B.", "A."):
        place.notice.say(text, "warning")
    assert texts(place.notice) == ["B.", "A."]


def test_the_button_does_it_and_the_message_goes(place, qtbot):
    done = []
    place.notice.say("The pose was reset.", action="Undo", run=lambda: done.append(1))
    qtbot.mouseClick(place.notice.cards[0].action_button, LEFT)
    assert done == [1] and texts(place.notice) == []


def test_the_action_may_say_something(place, qtbot):
    again = lambda: place.notice.say("Undone.")  # noqa: E731
    place.notice.say("Removed.", action="Undo", run=again)
    qtbot.mouseClick(place.notice.cards[0].action_button, LEFT)
    assert texts(place.notice) == ["Undone."]


def test_past_messages_open_from_the_status_line(place, qtbot):
    place.notice.say("First.", "error")
    place.notice.say("Second <b>not markup</b>.")
    qtbot.mouseClick(place.status.messages, LEFT)
    (popup,) = place.findChildren(NoticeHistory)
    shown = [label.text() for label in popup.rows.findChildren(QLabel) if label.wordWrap()]
    assert shown == ["Second <b>not markup</b>.", "First."]
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not place.findChildren(NoticeHistory))


def test_screen_readers_hear_the_text(place):
    place.notice.say("The picture is saved.", action="Show in folder", run=lambda: None)
    card = place.notice.cards[0]
    names = {
        widget: QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
        for widget in (card, card.close_button, card.action_button, place.status.messages)
    }
    assert list(names.values()) == [
        "The picture is saved.",
        "Close",
        "Show in folder",
        "Messages so far",
    ]


def test_long_text_wraps_and_stays_in_the_window(place, qtbot):
    place.notice.say("A sentence that is long enough to need more than one line. " * 3)
    card = place.notice.cards[0]
    qtbot.waitUntil(lambda: card.text.height() > 3 * card.text.fontMetrics().height() - 4)
    assert card.width() < 600 and place.rect().contains(place.notice.geometry())
