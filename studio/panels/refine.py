"""How the person is put back: the mask corrected with a brush, soft edges, colours, background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QMetaObject, QObject, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.finishing import MAX_FEATHER
from engine.request import Scene
from studio.actions import Command
from studio.canvas.brush import Brush, BrushOptions, mask_palette
from studio.canvas.transform import ViewTransform
from studio.editors.pose.document import PoseDocument
from studio.panels import brush_rows
from studio.panels.brush_rows import BrushRows, PersonMask
from studio.panels.painter import Menu
from studio.panels.rows import add_row, quietly, rows_grid, slider
from studio.theme import Tokens

COMMANDS: tuple[Command, ...] = (
    Command("refine_mask", "Refine mask", "Pose", ("B",), "mdi6.brush", True, toggle=True),
    *brush_rows.COMMANDS,
    Command("reset_mask", "Mask as it was read", "Pose"),
)
_FEATHER_STEP = 0.5


class RefinePanel(QWidget):
    """Add, erase, size and hardness while the mask is refined; feather, match and background.

    Signals:
        refining_changed: the canvas should hold the brush of :meth:`brush`, or its own tool again.
    """

    refining_changed = Signal(bool)

    def __init__(self, options: BrushOptions | None = None) -> None:
        super().__init__()
        self.document: PoseDocument | None = None
        self.options = options or BrushOptions()
        self.refining = False
        self._tokens: Tokens | None = None
        self._held: QMetaObject.Connection | None = None
        self.start = QPushButton(self.tr("Refine mask"))
        self.start.setToolTip(self.tr("Correct which pixels belong to the person  (B)"))
        self.start.clicked.connect(lambda: self.refine_mask(True))
        self.brushes = BrushRows(self.options)
        self.brushing = self._brush_rows()
        self.feather, self._feather_says = slider(round(MAX_FEATHER / _FEATHER_STEP))
        self.match, self._match_says = slider(100)
        self.background = Menu()
        for scene, name in self._scenes().items():
            self.background.addItem(name, scene)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.start)
        column.addWidget(self.brushing)
        column.addLayout(self._finish_rows())
        self.feather.valueChanged.connect(self._feathered)
        self.match.valueChanged.connect(self._matched)
        self.background.activated.connect(self._chosen)
        self._show_refining()
        self.follow(None)

    # Building

    def _scenes(self) -> dict[Scene, str]:
        return {
            Scene.photo: self.tr("Photo"),
            Scene.white: self.tr("White"),
            Scene.cutout: self.tr("Transparent"),
        }

    def _brush_rows(self) -> QWidget:
        self.reset = QPushButton(self.tr("Reset mask"))
        self.done = QPushButton(self.tr("Done"))
        self.done.setObjectName("primary")
        self.reset.clicked.connect(self.reset_mask)
        self.done.clicked.connect(lambda: self.refine_mask(False))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.reset, self.done):
            buttons.addWidget(button, 1)
        rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(8)
        column.addWidget(self.brushes)
        column.addLayout(buttons)
        return rows

    def _finish_rows(self) -> QGridLayout:
        grid = rows_grid()
        add_row(grid, 0, self.tr("Feather"), self.feather, self._feather_says)
        add_row(grid, 1, self.tr("Colour match"), self.match, self._match_says)
        label = QLabel(self.tr("Background"))
        label.setBuddy(self.background)
        self.background.setAccessibleName(label.text())
        grid.addWidget(label, 2, 0)
        grid.addWidget(self.background, 2, 1, 1, 2)
        self.feather.setToolTip(self.tr("The person's edge fades over so many photo pixels"))
        self.match.setToolTip(self.tr("Light and colour cast of the person in the photo"))
        return grid

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self.brushes.dress(tokens)

    # The document

    def follow(self, document: PoseDocument | None) -> None:
        """Show another document; None = there is none."""
        self.refine_mask(False)
        if self.document is not None:
            self.document.look_changed.disconnect(self._show)
        self.document = document
        self.setEnabled(document is not None)
        if document is not None:
            document.look_changed.connect(self._show)
            self._show()

    def _show(self) -> None:
        document = self.document
        assert document is not None
        finish = document.finish
        quietly(self.feather, round(finish.feather / _FEATHER_STEP))
        quietly(self.match, round(finish.match * 100))
        self._feather_says.setText(self.tr("{0:g} px").format(finish.feather))
        self._match_says.setText(self.tr("{0:.0f} %").format(finish.match * 100))
        self.background.setCurrentIndex(list(self._scenes()).index(document.scene))
        self.reset.setEnabled(document.mask is not None)

    def _feathered(self, value: int) -> None:
        if self.document is not None:
            finish = replace(self.document.finish, feather=value * _FEATHER_STEP)
            self.document.change_finish(finish, self.tr("Feather"), "feather")

    def _matched(self, value: int) -> None:
        if self.document is not None:
            finish = replace(self.document.finish, match=value / 100)
            self.document.change_finish(finish, self.tr("Colour match"), "match")

    def _chosen(self, index: int) -> None:
        if self.document is not None:
            scene = self.background.itemData(index)
            self.document.change_scene(scene, self.tr("Background"))

    # Brushing

    def brush(self, view: ViewTransform, changed: Callable[[], None]) -> Brush:
        """A brush on the mask of the document that is shown.

        Args:
            changed: called when the canvas must be drawn again.
        """
        assert self.document is not None and self._tokens is not None
        palette = mask_palette(QColor(self._tokens.accent))
        self._let_go()
        self._held = self.document.mask_changed.connect(changed)
        return Brush(PersonMask(self.document), view, palette, changed, self.options)

    def refine_mask(self, refining: bool) -> None:
        """Take the brush, or put it away."""
        refining = refining and self.document is not None
        if refining != self.refining:
            self.refining = refining
            self._let_go()
            self._show_refining()
            self.refining_changed.emit(refining)

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            QObject.disconnect(held)

    def reset_mask(self) -> None:
        """The mask as it was read, in one step."""
        if self.document is not None:
            wanted = self.document.wanted._replace(mask=None)
            self.document.restore(wanted, self.tr("Reset mask"))

    def _show_refining(self) -> None:
        self.start.setVisible(not self.refining)
        self.brushing.setVisible(self.refining)
