"""The dialog of label sets: choose one, make one's own, bring files in and out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import InputError
from engine.shapes.label_objects import numbered
from engine.shapes.label_sets import write_label_set
from engine.shapes.labels import LabelMap, LabelSet
from studio.label_shelf import LabelShelf, Shelved
from studio.panels.painter import Menu
from studio.panels.rows import side_by_side
from studio.panels.scene_label_table import LabelTable

Source = TypeVar("Source", Shelved, Path)
_SIZE = (640, 620)
_NOTE = 34
"""Room for two lines, so that nothing jumps when there is something to say."""


class LabelSetsDialog(QDialog):
    """What is changed in an own set holds at once; open scenes keep the labels that they have.

    Args:
        scene: the map that the set can be used for.

    Signals:
        begun: a LabelSet, for an empty scene.
        used: a LabelMap, the scene with the labels of the set.
    """

    begun = Signal(object)
    used = Signal(object)

    def __init__(self, parent: QWidget, scene: LabelMap, shelf: LabelShelf | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Label sets"))
        self._scene, self.shelf = scene, shelf or LabelShelf()
        self._sets: tuple[Shelved, ...] = ()
        self.menu, self.name = Menu(), QLineEdit()
        self.menu.setAccessibleName(self.tr("Label set"))
        self.name.setAccessibleName(self.tr("Name of the set"))
        self.name.setPlaceholderText(self.tr("Name of the set"))
        self.table, self.note = LabelTable(), QLabel(wordWrap=True)
        self.note.setMinimumHeight(_NOTE)
        self._make_buttons()
        self._lay_out()
        self._connect()
        self._list(scene.label_set.name)
        self.resize(*_SIZE)

    def _make_buttons(self) -> None:
        self.copy_button = QPushButton(self.tr("Duplicate"))
        self.import_button = QPushButton(self.tr("Import…"))
        self.export_button = QPushButton(self.tr("Export…"))
        self.delete_button = QPushButton(self.tr("Delete"))
        self.add_button = QPushButton(self.tr("Add label"))
        self.remove_button = QPushButton(self.tr("Remove label"))
        self.up_button = QPushButton(self.tr("Move up"))
        self.down_button = QPushButton(self.tr("Move down"))
        self.use_button = QPushButton(self.tr("Use in a copy of this scene"))
        self.begin_button = QPushButton(self.tr("New scene with these labels"))
        self.begin_button.setObjectName("primary")
        self.close_button = QPushButton(self.tr("Close"))
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter ends the editing of a name

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        for row in (
            (self.menu, self.copy_button, self.import_button, self.export_button),
            (self.name, self.delete_button),
            self.table,
            (self.add_button, self.remove_button, None, self.up_button, self.down_button),
            self.note,
            (self.close_button, None, self.use_button, self.begin_button),
        ):
            if isinstance(row, tuple):
                line = side_by_side(*row)
                line.setStretch(0, 1 if row[0] is self.menu else 0)
                layout.addLayout(line)
            else:
                layout.addWidget(row, 1 if row is self.table else 0)

    def _connect(self) -> None:
        self.menu.currentIndexChanged.connect(self._show)
        self.name.editingFinished.connect(self._edited)
        self.table.edited.connect(self._edited)
        self.table.itemSelectionChanged.connect(self._enable)
        self.copy_button.clicked.connect(lambda: self._keep(self.shelf.copy, self.shown))
        self.import_button.clicked.connect(self._import)
        self.export_button.clicked.connect(self._export)
        self.delete_button.clicked.connect(self._delete)
        self.add_button.clicked.connect(self.table.add)
        self.remove_button.clicked.connect(self.table.remove)
        self.up_button.clicked.connect(lambda: self.table.shift(-1))
        self.down_button.clicked.connect(lambda: self.table.shift(1))
        self.use_button.clicked.connect(self._use)
        self.begin_button.clicked.connect(self._begin)
        self.close_button.clicked.connect(self.close)

    # What is shown

    @property
    def shown(self) -> Shelved:
        """The set that is chosen."""
        return self._sets[max(self.menu.currentIndex(), 0)]

    def _list(self, name: str) -> None:
        """All sets anew, one of them shown."""
        self._sets = self.shelf.sets
        names = [one.known.name for one in self._sets]
        self.menu.blockSignals(True)
        self.menu.clear()
        self.menu.addItems(names)
        self.menu.setCurrentIndex(names.index(name) if name in names else 0)
        self.menu.blockSignals(False)
        self._show()

    def _show(self) -> None:
        one = self.shown
        self.name.setText(one.known.name)
        for part in (self.name, self.delete_button):
            part.setVisible(one.path is not None)
        self.table.show_set(one.known, own=one.path is not None)
        bundled = self.tr("This set comes with Guise; duplicate it to change it.")
        self._say(bundled if one.path is None else "", "muted")
        self._enable()

    def _enable(self) -> None:
        own, row = self.shown.path is not None, self.table.currentRow()
        self.add_button.setEnabled(own)
        self.remove_button.setEnabled(self.table.removable)
        self.up_button.setEnabled(own and row > 0)
        self.down_button.setEnabled(own and 0 <= row < self.table.rowCount() - 1)
        missing = self._missing(self.shown.known)
        self.use_button.setEnabled(not missing)
        told = self.tr("This set lacks the labels {0} of the scene.")
        self.use_button.setToolTip(told.format(", ".join(missing)) if missing else "")

    def _missing(self, known: LabelSet) -> list[str]:
        """Names of the labels of the scene that a set does not have."""
        return [self._scene.label_set[n].name for n in self._scene.areas if n not in known]

    def _say(self, text: str, kind: str) -> None:
        self.note.setText(text)
        self.note.setObjectName(kind)
        self.note.style().unpolish(self.note)
        self.note.style().polish(self.note)

    # What is done

    def _edited(self) -> None:
        """Keep an own set as it is now; where it is no usable one yet, say why."""
        one = self.shown
        if one.path is None:
            return
        try:
            labels = self.table.labels()
            name = self.name.text().strip() or one.known.name
            known = replace(one.known, name=name, labels=labels)
            changed = self.shelf.change(one, known)
        except InputError as error:
            self._say(str(error), "warning")
            return
        row = self.menu.currentIndex()
        self._sets = (*self._sets[:row], changed, *self._sets[row + 1 :])
        self.menu.setItemText(row, changed.known.name)
        self._say("", "muted")
        self._enable()

    def _keep(self, way: Callable[[Source], Shelved], source: Source) -> None:
        """Add a set to one's own, and show it."""
        try:
            added = way(source)
        except (InputError, OSError) as error:
            self._say(str(error), "warning")
            return
        self._list(added.known.name)

    def _import(self) -> None:
        kinds = f"{self.tr('Label sets')} (*.json)"
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Import label set"), "", kinds)
        if name:
            self._keep(self.shelf.take, Path(name))

    def _export(self) -> None:
        one = self.shown.known
        kinds, start = f"{self.tr('Label sets')} (*.json)", f"{one.name}.json"
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Export label set"), start, kinds)
        if name:
            try:
                write_label_set(one, Path(name).with_suffix(".json"))
            except InputError as error:
                self._say(str(error), "warning")

    def _delete(self) -> None:
        self.shelf.remove(self.shown)
        self._list(self._scene.label_set.name)

    def _use(self) -> None:
        known, scene = self.shown.known, self._scene
        things = np.zeros(len(known.known), bool)
        things[[label.id for label in known.labels if label.things]] = True
        objects = np.where(things[scene.labels], scene.objects, 0)
        self.accept()
        self.used.emit(numbered(LabelMap.of(scene.labels, objects, known)))

    def _begin(self) -> None:
        self.accept()
        self.begun.emit(self.shown.known)
