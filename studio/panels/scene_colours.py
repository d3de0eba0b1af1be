"""The dialog that asks what the colours of a picture mean, and shows the answer at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.shapes.label_colours import ColourPicture, Shade
from engine.shapes.label_objects import numbered
from engine.shapes.labels import Colour
from studio.editors.scene.names import label_name
from studio.images import to_qimage
from studio.panels.painter import Menu
from studio.panels.scene_objects import unchanging

ASKED = 24
"""So many unknown colours are listed, the largest; the others mean what is nearest."""
_SWATCH = 18
_PREVIEW = QSize(300, 170)
_FADED = 0.25
_COLOUR = Qt.ItemDataRole.UserRole


class ColoursDialog(QDialog):
    """Unknown colours with a label each; the picture before and after beside them.

    Signals:
        mapped: the LabelMap that is wanted.
    """

    mapped = Signal(object)

    def __init__(self, parent: QWidget, picture: ColourPicture, name: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("What do these colours mean?"))
        self._picture = picture
        self._step = max(1, -(-max(picture.index.shape) // 600))
        self._asked = picture.unknown[:ASKED]
        said = QLabel(self._said(name), wordWrap=True)
        self.rows = self._table()
        self.before, self.after = _Preview(self.tr("The picture")), _Preview(self.tr("Labels"))
        self.things = QCheckBox(self.tr("Make each loose car, person… an object"))
        self.things.setChecked(True)
        both = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(both.Cancel)
        take = self.buttons.addButton(
            self.tr("Import labels"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        take.setObjectName("primary")
        self.buttons.accepted.connect(self._take)
        self.buttons.rejected.connect(self.reject)
        pictures = QVBoxLayout()
        pictures.addWidget(self.before)
        pictures.addWidget(self.after)
        pictures.addStretch()
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.rows, 1)
        middle.addLayout(pictures)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(said)
        layout.addLayout(middle, 1)
        layout.addWidget(self.things)
        layout.addWidget(self.buttons)
        self.resize(820, 560)
        self._show()

    def _said(self, name: str) -> str:
        count, known = len(self._picture.unknown), self._picture.label_set.name
        text = self.tr("{0} has {1} colours that {2} does not know.").format(name, count, known)
        if count > ASKED:
            return (
                text
                + " "
                + self.tr("The {0} largest are listed; the others mean what is nearest.").format(
                    ASKED
                )
            )
        return text

    def _table(self) -> QTableWidget:
        table = QTableWidget(len(self._asked), 3)
        table.setHorizontalHeaderLabels([self.tr("Colour"), self.tr("Share"), self.tr("Label")])
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        table.verticalHeader().setDefaultSectionSize(38)
        table.setColumnWidth(0, 124)
        table.setColumnWidth(1, 72)
        for row, shade in enumerate(self._asked):
            colour = QTableWidgetItem(_swatch(shade.colour), QColor(*shade.colour).name())
            share = f"{shade.area / self._picture.index.size * 100:.1f} %"
            table.setItem(row, 0, colour)
            table.setItem(row, 1, QTableWidgetItem(share))
            table.setCellWidget(row, 2, self._choice(shade, row, table))
        table.itemSelectionChanged.connect(self._show)
        return table

    def _choice(self, shade: Shade, row: int, table: QTableWidget) -> QComboBox:
        """The labels, that of the nearest colour chosen."""
        box, label_set = Menu(), self._picture.label_set
        for label in label_set.labels:
            box.addItem(_swatch(label.colour), label_name(label_set, label.id), label.id)
        box.setCurrentIndex(label_set.ids.index(shade.near))
        box.currentIndexChanged.connect(lambda _: (table.selectRow(row), self._show()))
        box.setAccessibleName(QColor(*shade.colour).name())
        return box

    def choices(self) -> dict[Colour, int]:
        """The label of every colour that is asked about."""
        found = {}
        for row, shade in enumerate(self._asked):
            box = self.rows.cellWidget(row, 2)
            assert isinstance(box, QComboBox)
            found[shade.colour] = box.currentData()
        return found

    def _show(self) -> None:
        """Both pictures; of the first, what has the selected colour stands out."""
        step, picture = self._step, self._picture
        index = picture.index[::step, ::step]
        colours = np.array([*(shade.colour for shade in picture.shades), (0, 0, 0)], np.uint8)
        before = colours[index]
        row = self.rows.currentRow()
        if row >= 0 and self.rows.selectedItems():
            shown = picture.shades.index(self._asked[row])
            before = np.where((index == shown)[..., None], before, _faded(before))
        self.before.show_pixels(before)
        self.after.show_pixels(picture.label_set.colours[self._meant()[index]])

    def _meant(self) -> NDArray[np.int64]:
        """The label of every shade, last of what is transparent."""
        choices = self.choices()
        own = [
            choices.get(s.colour, s.near if s.label is None else s.label)
            for s in self._picture.shades
        ]
        return np.array([*own, self._picture.label_set.void])

    def _take(self) -> None:
        scene = self._picture.mapped(self.choices())
        self.accept()
        self.mapped.emit(numbered(scene) if self.things.isChecked() else scene)


class _Preview(QWidget):
    """A small picture with a caption."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.picture, caption = QLabel(), QLabel(text)
        self.picture.setObjectName("choice")
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setFixedSize(_PREVIEW)
        caption.setObjectName("caption")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(caption)
        layout.addWidget(self.picture)

    def show_pixels(self, pixels: NDArray[np.uint8]) -> None:
        """(H, W, 3) RGB."""
        ratio = self.devicePixelRatioF()
        how = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        shown = QPixmap.fromImage(to_qimage(pixels).scaled(_PREVIEW * ratio, *how))
        shown.setDevicePixelRatio(ratio)
        self.picture.setPixmap(shown)


def _swatch(colour: Colour) -> QIcon:
    pixels = QPixmap(_SWATCH, _SWATCH)
    pixels.fill(QColor(*colour))
    return unchanging(pixels)


def _faded(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey and dark."""
    grey = pixels.mean(-1, keepdims=True) * _FADED
    return np.repeat(np.rint(grey), 3, -1).astype(np.uint8)
