"""An artist who tries everything: many random gestures and commands in the real window.

GUISE_SOAK sets how many; 1,000 take about two minutes.
"""

import gc
import os
import random
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from engine.shapes.label_templates import TEMPLATES
from studio.document import PictureState
from studio.editors.pose.document import PoseDocument
from studio.settings import Settings
from studio.window import Window
from studio.worker import Bridge
from tests.fakes import FakeSession, photo_file

GESTURES = int(os.environ.get("GUISE_SOAK", "150"))
LEFT_OUT = {
    "close",
    "close_document",
    "open_bundled_sample",
    "new_drawing",
    "new_scene",
    "next_document",
    "previous_document",
}
"""They end the session or change the document."""
KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Escape, Qt.Key.Key_Backslash, Qt.Key.Key_Space)
NO, LEFT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
MODIFIERS = [
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
]


class Artist:
    """Random gestures; the same seed makes the same ones."""

    def __init__(self, window, seed):
        self.window, self.dice = window, random.Random(seed)
        posed = isinstance(window.document, PoseDocument)
        self.moves = (
            *[self.drag_joint if posed else self.drag_inside] * 6,
            *[self.drag_anywhere] * 2,
            *[self.command] * 6,
            *[self.key] * 2,
            self.wheel,
            self.undo_some,
            self.restore,
        )

    @property
    def canvas(self):
        return self.window.workspace.panes.editor

    def act(self):
        """One gesture."""
        self.dice.choice(self.moves)()
        QApplication.processEvents()
        for dialog in self.window.findChildren(QDialog):
            if dialog.isVisible():
                dialog.reject()

    def somewhere(self):
        size = self.canvas.size()
        return QPointF(self.dice.uniform(0, size.width()), self.dice.uniform(0, size.height()))

    def drag_joint(self):
        xy = self.window.document.edited.xy[self.dice.randrange(18)]
        start = self.window.workspace.panes.view.to_pane(*xy)
        self.drag(start, start + QPointF(self.dice.gauss(0, 40), self.dice.gauss(0, 40)))

    def drag_inside(self):
        width, height = self.window.document.size
        view, dice = self.window.workspace.panes.view, self.dice
        places = [(dice.uniform(0, width), dice.uniform(0, height)) for _ in range(2)]
        self.drag(*(view.to_pane(x, y) for x, y in places))

    def drag_anywhere(self):
        self.drag(self.somewhere(), self.somewhere())

    def drag(self, start, end):
        keys = self.dice.choice(MODIFIERS)
        self.mouse(QEvent.Type.MouseButtonPress, start, LEFT, LEFT, keys)
        steps = self.dice.randrange(1, 6)
        for n in range(1, steps + 1):
            self.mouse(QEvent.Type.MouseMove, start + (end - start) * n / steps, NO, LEFT, keys)
        if self.dice.random() < 0.1:
            self.press(Qt.Key.Key_Escape)
        self.mouse(QEvent.Type.MouseButtonRelease, end, LEFT, NO, keys)

    def mouse(self, kind, where, button, buttons, keys):
        point = self.canvas.mapToGlobal(where)
        QApplication.sendEvent(self.canvas, QMouseEvent(kind, where, point, button, buttons, keys))

    def command(self):
        actions = self.window.actions_by_name
        names = [n for n, a in actions.items() if a.isEnabled() and n not in LEFT_OUT]
        actions[self.dice.choice(names)].trigger()

    def key(self):
        self.press(self.dice.choice(KEYS))

    def press(self, key):
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, self.dice.choice(MODIFIERS))
            QApplication.sendEvent(self.canvas, event)

    def wheel(self):
        where = self.somewhere()
        event = QWheelEvent(
            where,
            self.canvas.mapToGlobal(where),
            QPointF(0, 0).toPoint(),
            QPointF(0, self.dice.choice((-120, 120))).toPoint(),
            NO,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.canvas, event)

    def undo_some(self):
        for _ in range(self.dice.randrange(1, 5)):
            self.window.run(self.dice.choice(("undo", "redo")))

    def restore(self):
        history = self.window.workspace.history
        rows = history.history.rowCount()
        if rows:
            history.restore(self.dice.randrange(rows))


@pytest.fixture(params=["pose", "drawing", "scene"])
def window(request, qtbot, tmp_path, monkeypatch):
    session = FakeSession()
    for name in ("getOpenFileName", "getSaveFileName", "getOpenFileNames"):
        monkeypatch.setattr(QFileDialog, name, lambda *_, **__: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: "")
    made = Window(Bridge(lambda: session), Settings())
    qtbot.addWidget(made)
    made.resize(1200, 760)
    made.show()
    qtbot.waitExposed(made)
    if request.param == "pose":
        made.open_path(photo_file(tmp_path / "walker.png"))
    else:
        made.run(f"new_{request.param}")
    if request.param == "scene":
        made.workspace.take_template(TEMPLATES[1])
        made.document.undo.clear()
    qtbot.waitUntil(lambda: made.document is not None)
    qtbot.waitUntil(lambda: made.workspace.painting.warming is None)
    yield made
    made._leaving = True
    made.close()


def memory():
    """Resident bytes."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def objects_of(window):
    """Children of the window that could be left behind; timers by what they belong to."""
    timers = [type(timer.parent()).__name__ for timer in window.findChildren(QTimer)]
    return {"objects": len(window.findChildren(QObject)), "timers": sorted(timers)}


def settle(window, qtbot):
    document = window.document
    window.workspace.painting.paint_now()
    blank = not document.worth_painting
    done = lambda: blank or document.state is PictureState.current  # noqa: E731
    qtbot.waitUntil(lambda: done() and window.workspace.painting.resting)
    for card in list(window.notice.cards):
        qtbot.mouseClick(card.close_button, Qt.MouseButton.LeftButton)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.timeout(1200)
def test_random_gestures_leave_nothing_behind_and_undo_to_the_first_document(window, qtbot):
    document, artist = window.document, Artist(window, seed=7)
    document.undo.setUndoLimit(0)
    first, seen, changes = document.wanted, {}, []
    document.undo.indexChanged.connect(changes.append)
    warm = GESTURES // 2
    for n in range(GESTURES):
        artist.act()
        if n == warm:
            settle(window, qtbot)
            seen = {"memory": memory(), **objects_of(window)}
    settle(window, qtbot)
    after = {"memory": memory(), **objects_of(window)}
    assert len(changes) > GESTURES // 20  # most gestures of a tool that fits nothing change nothing
    threads = [t.name for t in threading.enumerate()]
    assert threads.count("guise-worker") == 1
    while document.undo.canUndo():
        document.undo.undo()
    assert document.wanted == first
    print(f"{GESTURES} gestures: {seen} -> {after}")
    assert after["timers"] == seen["timers"]
    assert after["objects"] <= seen["objects"] * 1.05
    if GESTURES >= 1000:
        assert after["memory"] <= seen["memory"] * 1.05
