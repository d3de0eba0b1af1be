"""A scene on a canvas with the label tools, driven by real Qt events."""

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow

from engine.shapes.label_sets import cityscapes
from engine.shapes.labels import LabelMap
from studio import theme
from studio.actions import make_actions
from studio.canvas.transform import ViewTransform
from studio.document import Origin
from studio.editors.scene import commands
from studio.editors.scene.document import SceneDocument
from studio.editors.scene.editor import SceneEditor
from studio.editors.scene.options import SceneOptions
from studio.editors.scene.pane import LabelPane

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NO_BUTTON = Qt.MouseButton.NoButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
ROAD, SKY, CAR, PERSON = 7, 23, 26, 24


class _Host(QMainWindow):
    """Gives keys that are no commands to the editor, as the window does."""

    editor = None

    def keyPressEvent(self, event):
        self.editor.key(event.key(), bool(event.modifiers() & SHIFT))


class SceneBench:
    """One map, one document, the tools, and the commands on their keys."""

    def __init__(self, qtbot, size=(240, 160), pane=(800, 560), scene=None, tokens=theme.DARK):
        scene = scene or LabelMap.blank(size, cityscapes())
        self.document = SceneDocument(scene, Origin("street"), "street")
        self.options = SceneOptions()
        self.options.set("brush", 20)
        self.view = ViewTransform()
        self.canvas = LabelPane(self.view)
        self.canvas.dress(tokens)
        self.canvas.follow(self.document, self.options)
        self.board, self.tools = self.canvas.board, self.canvas.tools
        self.choice = self.board.choice
        self.editor = SceneEditor(self.document, self.tools)
        self.said = []
        self.editor.said.connect(self.said.append)
        self.host = _Host()
        self.host.editor = self.editor
        qtbot.addWidget(self.host)
        self.host.setCentralWidget(self.canvas)
        self.actions = make_actions(self.host, commands.COMMANDS, self._run)
        for name, on in self.editor.checked().items():
            self.actions[name].blockSignals(True)
            self.actions[name].setChecked(on)
            self.actions[name].blockSignals(False)
        self.host.resize(*pane)
        self.host.show()
        qtbot.waitExposed(self.host)

    def _run(self, name, *args):
        getattr(self.editor, name)(*args)

    @property
    def scene(self):
        return self.document.scene

    def take(self, tool):
        self.options.set("tool", tool)

    def key(self, key, keys=NONE):
        QTest.keyClick(self.canvas, key, keys)

    def at(self, x, y):
        """The middle of a pixel of the map in the pane."""
        return self.view.to_pane(x + 0.5, y + 0.5)

    def mouse(self, kind, where, button=LEFT, keys=NONE):
        shown = NO_BUTTON if kind == QEvent.Type.MouseMove else button
        held = NO_BUTTON if kind == QEvent.Type.MouseButtonRelease else button
        where = QPointF(where)
        event = QMouseEvent(kind, where, self.canvas.mapToGlobal(where), shown, held, keys)
        QApplication.sendEvent(self.canvas, event)

    def hover(self, x, y):
        self.mouse(QEvent.Type.MouseMove, self.at(x, y), NO_BUTTON)

    def drag(self, points, keys=NONE, button=LEFT, release=True):
        """Press at the first of some pixels of the map, move to the others, let go."""
        self.mouse(QEvent.Type.MouseButtonPress, self.at(*points[0]), button, keys)
        for point in points[1:]:
            self.mouse(QEvent.Type.MouseMove, self.at(*point), button, keys)
        if release:
            self.mouse(QEvent.Type.MouseButtonRelease, self.at(*points[-1]), button, keys)

    def click(self, x, y, keys=NONE, button=LEFT):
        self.drag([(x, y)], keys, button)

    def double_click(self, x, y):
        self.click(x, y)
        self.mouse(QEvent.Type.MouseButtonDblClick, self.at(x, y))
        self.mouse(QEvent.Type.MouseButtonRelease, self.at(x, y))

    def colour(self, x, y):
        """(r, g, b) on the screen at a pixel of the map."""
        shown = self.canvas.grab().toImage()
        colour = shown.pixelColor((self.at(x, y) * shown.devicePixelRatio()).toPoint())
        return colour.red(), colour.green(), colour.blue()
