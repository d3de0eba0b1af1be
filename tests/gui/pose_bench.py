"""A canvas with the pose tool over a drawn person, driven by real Qt events."""

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QInputDevice,
    QMouseEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow

from engine.perception.base import Reading
from engine.shapes.pose import INDEX
from studio import theme
from studio.actions import make_actions
from studio.canvas.transform import ViewTransform
from studio.canvas.view import Canvas
from studio.document import Origin
from studio.editors.pose import commands, posing
from studio.editors.pose.document import PoseDocument
from studio.editors.pose.editor import PoseEditor
from studio.editors.pose.tools import DragJoints
from studio.images import Pyramid
from tests.unit.people import drawn_person

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
_BUTTONS = {
    QEvent.Type.MouseMove: Qt.MouseButton.NoButton,
    QEvent.Type.TabletMove: Qt.MouseButton.NoButton,
}
_UP = (QEvent.Type.MouseButtonRelease, QEvent.Type.TabletRelease)
_pen = QPointingDevice(
    "pen",
    1,
    QInputDevice.DeviceType.Stylus,
    QPointingDevice.PointerType.Pen,
    QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
    1,
    2,
)
_pad = QPointingDevice(
    "pad",
    2,
    QInputDevice.DeviceType.TouchPad,
    QPointingDevice.PointerType.Finger,
    QInputDevice.Capability.Position | QInputDevice.Capability.Scroll,
    2,
    3,
)


def document(size=(200, 300)):
    """A drawn person that was found."""
    photo, mask, pose = drawn_person(size)
    return PoseDocument(Reading(photo, pose, mask, (1.0,) * 18, True), Origin("walker"))


class _Host(QMainWindow):
    """Gives keys that are no commands to the editor, as the window does."""

    def __init__(self, editor):
        super().__init__()
        self._editor = editor

    def keyPressEvent(self, event):
        self._editor.key(event.key(), bool(event.modifiers() & SHIFT))


class Bench:
    """One canvas, one document, one tool, and the commands on their keys."""

    def __init__(self, qtbot, size=(700, 800), tokens=theme.DARK):
        self.document = document()
        self.view = ViewTransform()
        self.canvas = Canvas(self.view)
        self.canvas.surround = QColor(tokens.window)
        self.canvas.image = Pyramid.of(self.document.reading.photo.pixels)
        self.tool = DragJoints(self.document, self.view, QColor(tokens.accent), self.canvas.update)
        self.canvas.tool = self.tool
        self.editor = PoseEditor()
        self.editor.follow(self.document, self.tool)
        self.posing = posing.Posing(self.document, self.tool)
        self.host = _Host(self.editor)
        qtbot.addWidget(self.host)
        self.host.setCentralWidget(self.canvas)
        owners = self.posing, self.editor
        own = [c for c in commands.COMMANDS if any(hasattr(o, c.name) for o in owners)]
        self.actions = make_actions(self.host, own, self._run)
        for name, on in self.posing.checked().items():
            self.actions[name].setChecked(on)
        self.host.resize(*size)
        self.host.show()
        qtbot.waitExposed(self.host)
        self.view.set_pane(*size)
        self.view.set_photo(*self.document.reading.photo.size)

    def _run(self, name, *args):
        owner = self.posing if hasattr(self.posing, name) else self.editor
        getattr(owner, name)(*args)

    def key(self, key, keys=NONE):
        QTest.keyClick(self.canvas, key, keys)

    def select(self, *names):
        self.document.select(frozenset(INDEX[n] for n in names))

    @property
    def selected(self):
        names = list(INDEX)
        return {names[i] for i in self.document.selected}

    def at(self, name):
        """Where a joint lies on the canvas."""
        return self.view.to_pane(*self.document.edited.xy[INDEX[name]])

    def mouse(self, kind, where, button=LEFT, keys=NONE, to=None):
        shown = _BUTTONS.get(kind, button)
        held = Qt.MouseButton.NoButton if kind in _UP else button
        where = QPointF(where)
        event = QMouseEvent(kind, where, self.canvas.mapToGlobal(where), shown, held, keys)
        QApplication.sendEvent(to or self.canvas, event)

    def press(self, where, keys=NONE, button=LEFT):
        self.mouse(QEvent.Type.MouseButtonPress, where, button, keys)

    def move(self, where, keys=NONE, button=LEFT):
        self.mouse(QEvent.Type.MouseMove, where, button, keys)

    def release(self, where, keys=NONE, button=LEFT):
        self.mouse(QEvent.Type.MouseButtonRelease, where, button, keys)

    def hover(self, where):
        self.mouse(QEvent.Type.MouseMove, where, Qt.MouseButton.NoButton)

    def click(self, where, keys=NONE):
        self.press(where, keys)
        self.release(where, keys)

    def double_click(self, where, keys=NONE):
        self.click(where, keys)
        self.mouse(QEvent.Type.MouseButtonDblClick, where, keys=keys)
        self.release(where, keys)

    def drag(self, start, by, keys=NONE, button=LEFT, steps=5, release=True):
        end = start + QPointF(*by)
        self.press(start, keys, button)
        for n in range(1, steps + 1):
            self.move(start + QPointF(*by) * n / steps, keys, button)
        if release:
            self.release(end, keys, button)

    def pen(self, kind, where, pressure=0.5, to=None):
        """One event of a pen, the tip down unless it is lifted."""
        where = QPointF(where)
        shown = _BUTTONS.get(kind, LEFT)
        held = Qt.MouseButton.NoButton if kind in _UP else LEFT
        event = QTabletEvent(
            kind,
            _pen,
            where,
            self.canvas.mapToGlobal(where),
            pressure,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            NONE,
            shown,
            held,
        )
        QApplication.sendEvent(to or self.canvas, event)
        return event

    def wheel(self, where, turn, keys=NONE, fingers=False, to=None):
        """A notch of the wheel, or two fingers on a touchpad."""
        where = QPointF(where)
        pixels, angle = (QPoint(*turn), QPoint()) if fingers else (QPoint(), QPoint(*turn))
        phase = Qt.ScrollPhase.ScrollUpdate if fingers else Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(
            where,
            self.canvas.mapToGlobal(where),
            pixels,
            angle if not fingers else QPoint(*turn),
            Qt.MouseButton.NoButton,
            keys,
            phase,
            False,
            Qt.MouseEventSource.MouseEventNotSynthesized,
            _pad if fingers else QPointingDevice.primaryPointingDevice(),
        )
        QApplication.sendEvent(to or self.canvas, event)

    def moved(self, before):
        """The joints that lie elsewhere than in `before`, and by how many pane points."""
        by = (self.document.edited.xy - before.xy) * self.view.scale
        return {name: by[i] for name, i in INDEX.items() if np.abs(by[i]).max() > 1e-9}
