"""Folders of training photos in tabs: opened, and worked on with real events."""

import msgspec
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from studio.training.annotations import read_annotations
from trainer.annotations.books import Place
from trainer.annotations.listing import listed
from trainer.commands.annotations import told

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
PLAIN = Qt.KeyboardModifier.NoModifier
LONG = 60_000
"""Milliseconds; processes begin slowly on a busy machine."""


def answer_of(folder):
    """What the command tells of a folder, without a process."""
    return read_annotations(msgspec.json.encode(told(listed(Place(folder)))).decode())


def opened(window, qtbot, folder):
    """The folder in a tab of the window, its first photo there."""
    window.training.correct(answer_of(folder), ())
    workspace = window.workspace
    qtbot.waitUntil(lambda: workspace.loaded)
    return workspace


def turn(workspace, qtbot, key=Qt.Key.Key_PageDown):
    """The next photo, by its key."""
    before = workspace.item.id
    qtbot.keyClick(workspace.window(), key)
    assert workspace.item.id != before
    qtbot.waitUntil(lambda: workspace.loaded)


def mouse(canvas, kind, x, y, keys=PLAIN):
    """A mouse event at a place of the photo."""
    at = canvas.view.to_pane(x, y)
    button = NONE if kind == QEvent.Type.MouseMove else LEFT
    held = NONE if kind == QEvent.Type.MouseButtonRelease else LEFT
    event = QMouseEvent(kind, at, canvas.mapToGlobal(at), button, held, keys)
    QApplication.sendEvent(canvas, event)


def drag(canvas, start, end, keys=PLAIN, steps=4):
    """Press, move and let go, in pixels of the photo."""
    (x, y), way = start, QPointF(end[0] - start[0], end[1] - start[1])
    mouse(canvas, QEvent.Type.MouseButtonPress, x, y, keys)
    for n in range(1, steps + 1):
        at = QPointF(x, y) + way * n / steps
        mouse(canvas, QEvent.Type.MouseMove, at.x(), at.y(), keys)
    mouse(canvas, QEvent.Type.MouseButtonRelease, *end, keys)


def press(widget, key, keys=PLAIN):
    """A key on a widget that has the focus; True if it was taken before any shortcut."""
    override = QKeyEvent(QEvent.Type.ShortcutOverride, key, keys)
    override.ignore()
    QApplication.sendEvent(widget, override)
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, key, keys))
    return override.isAccepted()
