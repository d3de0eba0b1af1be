"""A sheet of paper with the drawing tools, driven by real Qt events."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QInputDevice,
    QMouseEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow

from engine.shapes.sketch import Sketch
from studio import theme
from studio.actions import make_actions
from studio.canvas.transform import ViewTransform
from studio.document import Origin
from studio.editors.sketch import commands
from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.editor import SketchEditor
from studio.editors.sketch.options import SketchOptions
from studio.editors.sketch.pane import SketchPane

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
MIDDLE, NO_BUTTON = Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
_MOVES = (QEvent.Type.MouseMove, QEvent.Type.TabletMove)
_UP = (QEvent.Type.MouseButtonRelease, QEvent.Type.TabletRelease)


def _stylus(number, kind):
    pressing = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
    device = QInputDevice.DeviceType.Stylus
    return QPointingDevice(kind.name, number, device, kind, pressing, 1, 2)


_PEN = _stylus(1, QPointingDevice.PointerType.Pen)
_ERASER = _stylus(2, QPointingDevice.PointerType.Eraser)


class _Host(QMainWindow):
    """Gives keys that are no commands to the editor, as the window does."""

    editor = None

    def keyPressEvent(self, event):
        self.editor.key(event.key(), bool(event.modifiers() & SHIFT))


class SketchBench:
    """One sheet, one document, the tools, and the commands on their keys."""

    def __init__(self, qtbot, size=(400, 300), pane=(600, 500), sketch=None, tokens=theme.DARK):
        self.document = SketchDocument(sketch or Sketch(size), Origin("boot"), "shoes")
        self.told = []
        self.document.shape_changed.connect(lambda: self.told.append(self.document.sketch))
        self.options = SketchOptions()
        for name, value in (("smoothing", 0), ("width", 3), ("eraser", 24)):
            self.options.set(name, value)
        self.view = ViewTransform()
        self.canvas = SketchPane(self.view)
        self.canvas.dress(tokens)
        self.canvas.follow(self.document, self.options)
        self.board, self.tools = self.canvas.board, self.canvas.tools
        self.editor = SketchEditor(self.document, self.tools)
        self.host = _Host()
        self.host.editor = self.editor
        qtbot.addWidget(self.host)
        self.host.setCentralWidget(self.canvas)
        self.actions = make_actions(self.host, commands.COMMANDS, self._run)
        self.options.changed.connect(self._refresh)
        self._refresh()
        self.host.resize(*pane)
        self.host.show()
        qtbot.waitExposed(self.host)

    def _refresh(self):
        for name, on in self.editor.checked().items():
            self.actions[name].setChecked(on)

    def _run(self, name, *args):
        getattr(self.editor, name)(*args)

    @property
    def strokes(self):
        return self.document.sketch.strokes

    def take(self, tool):
        self.options.set("tool", tool)

    def key(self, key, keys=NONE):
        QTest.keyClick(self.canvas, key, keys)

    def at(self, x, y):
        """A place of the canvas in the pane."""
        return self.view.to_pane(x, y)

    def ink(self, x, y):
        """0..255 at a place of the canvas, out of the plane that is shown."""
        scale = self.board.ink.scale
        return int(self.board.ink.plane[int(y * scale), int(x * scale)])

    def mouse(self, kind, where, button=LEFT, keys=NONE):
        shown = NO_BUTTON if kind in _MOVES else button
        held = NO_BUTTON if kind in _UP else button
        where = QPointF(where)
        event = QMouseEvent(kind, where, self.canvas.mapToGlobal(where), shown, held, keys)
        QApplication.sendEvent(self.canvas, event)

    def press(self, x, y, keys=NONE, button=LEFT):
        self.mouse(QEvent.Type.MouseButtonPress, self.at(x, y), button, keys)

    def move(self, x, y, keys=NONE, button=LEFT):
        self.mouse(QEvent.Type.MouseMove, self.at(x, y), button, keys)

    def release(self, x, y, keys=NONE, button=LEFT):
        self.mouse(QEvent.Type.MouseButtonRelease, self.at(x, y), button, keys)

    def hover(self, x, y):
        self.mouse(QEvent.Type.MouseMove, self.at(x, y), NO_BUTTON)

    def click(self, x, y, keys=NONE, button=LEFT):
        self.press(x, y, keys, button)
        self.release(x, y, keys, button)

    def double_click(self, x, y):
        self.click(x, y)
        self.mouse(QEvent.Type.MouseButtonDblClick, self.at(x, y))
        self.release(x, y)

    def drag(self, points, keys=NONE, button=LEFT, release=True):
        """Press at the first of some places of the canvas, move to the others, let go."""
        self.press(*points[0], keys, button)
        for point in points[1:]:
            self.move(*point, keys, button)
        if release:
            self.release(*points[-1], keys, button)

    def pen(self, kind, x, y, pressure=0.5, eraser=False, button=LEFT):
        """One event of a pen; the tip is down unless it is lifted."""
        where = self.at(x, y)
        shown = NO_BUTTON if kind in _MOVES else button
        held = NO_BUTTON if kind in _UP else button
        device = _ERASER if eraser else _PEN
        there = self.canvas.mapToGlobal(where)
        still = (0.0,) * 5
        event = QTabletEvent(kind, device, where, there, pressure, *still, NONE, shown, held)
        QApplication.sendEvent(self.canvas, event)

    def pen_stroke(self, samples, eraser=False):
        """A pen's stroke through (x, y, pressure)."""
        self.pen(QEvent.Type.TabletPress, *samples[0], eraser)
        for sample in samples[1:]:
            self.pen(QEvent.Type.TabletMove, *sample, eraser)
        x, y, _ = samples[-1]
        self.pen(QEvent.Type.TabletRelease, x, y, 0.0, eraser)

    def wheel(self, x, y, turn):
        where = self.at(x, y)
        event = QWheelEvent(
            where,
            self.canvas.mapToGlobal(where),
            QPoint(),
            QPoint(0, turn),
            NO_BUTTON,
            NONE,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.canvas, event)
