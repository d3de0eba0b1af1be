"""A hand on the window: real Qt events at the joints of a photo."""

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.shapes.pose import INDEX
from studio.document import PictureState

WRIST = INDEX["left_wrist"]


def at(window, joint):
    """Where a joint lies in the editor pane."""
    x, y = window.document.edited.xy[joint]
    return window.workspace.panes.view.to_pane(x, y)


def mouse(window, kind, where, buttons=Qt.MouseButton.LeftButton, keys=None):
    canvas = window.workspace.panes.editor
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    if kind == QEvent.Type.MouseButtonRelease:
        buttons = Qt.MouseButton.NoButton
    event = QMouseEvent(
        kind,
        QPointF(where),
        canvas.mapToGlobal(QPointF(where)),
        button,
        buttons,
        keys or Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(canvas, event)


def drag(window, joint, by, release=True, steps=5):
    start = at(window, joint)
    mouse(window, QEvent.Type.MouseButtonPress, start)
    for n in range(1, steps + 1):
        mouse(window, QEvent.Type.MouseMove, start + QPointF(*by) * n / steps)
    if release:
        mouse(window, QEvent.Type.MouseButtonRelease, start + QPointF(*by))


def key(window, code, keys=Qt.KeyboardModifier.NoModifier, text=""):
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(window.workspace.panes.editor, QKeyEvent(kind, code, keys, text))


def settled(window, qtbot):
    qtbot.waitUntil(
        lambda: window.document.state is PictureState.current and window.workspace.painting.resting
    )
