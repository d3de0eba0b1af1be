"""The labels of a set as rows to edit: colour, name, key, whether there are objects."""

from __future__ import annotations

import colorsys

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QColorDialog, QHeaderView, QTableWidget, QTableWidgetItem

from engine.shapes.labels import MAX_ID, Colour, Label, LabelSet
from studio.editors.scene.names import label_name
from studio.panels.scene_objects import unchanging

COLOUR, NAME, KEY, OBJECTS, ID = range(5)
"""Columns."""
_WIDTHS = {COLOUR: 76, KEY: 56, OBJECTS: 84, ID: 64}
_SWATCH = QSize(28, 16)
_ROW = 34
_GOLDEN = 0.618034
"""A turn of the colour wheel by this keeps any number of colours apart."""
_VALUE = Qt.ItemDataRole.UserRole
_FIXED = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_EDITED = _FIXED | Qt.ItemFlag.ItemIsEditable


class LabelTable(QTableWidget):
    """Shows a set, and says what it has become.

    Signals:
        edited: :meth:`labels` are others now.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__(0, len(_WIDTHS) + 1)
        self.own = False
        self._void = 0
        self.setHorizontalHeaderLabels(
            [self.tr("Colour"), self.tr("Name"), self.tr("Key"), self.tr("Objects"), self.tr("Id")]
        )
        self.setAccessibleName(self.tr("Labels"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.setShowGrid(False)
        self.setIconSize(_SWATCH)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        self.cellDoubleClicked.connect(self._double_clicked)
        self.itemChanged.connect(self._changed)

    def cell(self, row: int, column: int) -> QTableWidgetItem:
        """What stands there."""
        found = self.item(row, column)
        assert found is not None
        return found

    def show_set(self, known: LabelSet, own: bool) -> None:
        """Show a set; its own ones can be edited."""
        self.own, self._void = own, known.void
        with QSignalBlocker(self):
            self.setRowCount(0)
            for label in known.labels:
                shown = label.name if own else label_name(known, label.id)
                self._append(label, shown)
        self.selectRow(0)

    def labels(self) -> tuple[Label, ...]:
        """The rows. InputError if one is no usable label."""
        return tuple(self._label(row) for row in range(self.rowCount()))

    def _label(self, row: int) -> Label:
        def text(column: int) -> str:
            return self.cell(row, column).text().strip()

        things = self.cell(row, OBJECTS).checkState() is Qt.CheckState.Checked
        colour = self.cell(row, COLOUR).data(_VALUE)
        return Label(int(text(ID)), text(NAME), colour, things, int(text(KEY) or 0))

    def _append(self, label: Label, shown: str) -> None:
        row = self.rowCount()
        self.insertRow(row)
        edited = _EDITED if self.own else _FIXED
        key = str(label.key or "")
        for column, text, flags in (
            (COLOUR, "", _FIXED),
            (NAME, shown, edited),
            (KEY, key, edited),
            (OBJECTS, "", _FIXED),
            (ID, str(label.id), _FIXED),
        ):
            item = QTableWidgetItem(text)
            item.setFlags(flags)
            self.setItem(row, column, item)
        self._mark_objects(row, label)
        self._paint(row, label.colour)
        self.cell(row, KEY).setToolTip(self.tr("A digit, 1 to 9, chooses the label"))

    def _mark_objects(self, row: int, label: Label) -> None:
        item = self.cell(row, OBJECTS)
        if self.own and label.id != self._void:
            item.setFlags(_FIXED | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if label.things else Qt.CheckState.Unchecked)
        else:
            item.setText("✓" if label.things else "")
        item.setToolTip(self.tr("Each one is an object of its own, as cars are and sky is not"))

    def _paint(self, row: int, colour: Colour) -> None:
        pixels = QPixmap(_SWATCH * 2)
        pixels.fill(QColor(*colour))
        item = self.cell(row, COLOUR)
        item.setData(_VALUE, colour)
        item.setIcon(unchanging(pixels))
        item.setToolTip(QColor(*colour).name())

    # Edits

    def _double_clicked(self, row: int, column: int) -> None:
        if self.own and column == COLOUR:
            before = QColor(*self.cell(row, COLOUR).data(_VALUE))
            chosen = QColorDialog.getColor(before, self, self.tr("Colour of the label"))
            if chosen.isValid():
                self.recolour(row, (chosen.red(), chosen.green(), chosen.blue()))

    def recolour(self, row: int, colour: Colour) -> None:
        """Another colour for a label."""
        with QSignalBlocker(self):
            self._paint(row, colour)
        self.edited.emit()

    def _changed(self, item: QTableWidgetItem) -> None:
        if item.column() == KEY:
            self._settle_key(item)
        self.edited.emit()

    def _settle_key(self, item: QTableWidgetItem) -> None:
        """One digit, which no other label has then."""
        digit = item.text().strip()[-1:]
        digit = digit if digit in "123456789" else ""
        with QSignalBlocker(self):
            for row in range(self.rowCount()):
                other = self.cell(row, KEY)
                if digit and other.text() == digit:
                    other.setText("")
            item.setText(digit)

    def add(self) -> None:
        """A further label, named at once."""
        taken = {int(self.cell(row, ID).text()) for row in range(self.rowCount())}
        number = next(n for n in range(MAX_ID + 1) if n not in taken)
        hue = colorsys.hsv_to_rgb(number * _GOLDEN % 1, 0.65, 0.85)
        colour = (round(hue[0] * 255), round(hue[1] * 255), round(hue[2] * 255))
        name = self.tr("label {0}").format(number)
        with QSignalBlocker(self):
            self._append(Label(number, name, colour), name)
        self.selectRow(self.rowCount() - 1)
        self.edited.emit()
        self.editItem(self.cell(self.rowCount() - 1, NAME))

    @property
    def removable(self) -> bool:
        """Whether the selected label may go; what is not labelled needs its own."""
        row = self.currentRow()
        return self.own and row >= 0 and int(self.cell(row, ID).text()) != self._void

    def remove(self) -> None:
        """Take the selected label away."""
        if self.removable:
            self.removeRow(self.currentRow())
            self.edited.emit()

    def shift(self, by: int) -> None:
        """Move the selected label up or down in the palette."""
        row = self.currentRow()
        there = row + by
        if not self.own or row < 0 or not 0 <= there < self.rowCount():
            return
        with QSignalBlocker(self):
            for column in range(self.columnCount()):
                one, other = self.takeItem(row, column), self.takeItem(there, column)
                self.setItem(row, column, other)
                self.setItem(there, column, one)
        self.setCurrentCell(there, NAME)
        self.edited.emit()
