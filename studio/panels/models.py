"""The model manager: what there is, what it is made of, and what takes memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import (
    QFileSystemWatcher,
    Qt,
    QUrl,
    Signal,
)
from PySide6.QtGui import (
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine import registry
from engine.card import Card
from engine.errors import GuiseError
from studio.actions import Command
from studio.dialogs import dropped_file
from studio.errand import Errands
from studio.panels.models_card import ModelPage, kind_words, megabytes
from studio.panels.models_shelf import (
    SUFFIXES,
    Shelved,
    default_model,
    import_model,
    remove_model,
    set_default_model,
    shelf,
)
from studio.panels.notice import Notice
from studio.panels.two_lines import CAPTION, PROBLEM, TwoLines
from studio.settings import Settings
from studio.theme import Tokens, icon

COMMANDS: tuple[Command, ...] = (
    Command("show_models", "Models…", "File", ("Ctrl+Shift+M",), rule=True),
)
_LIST_WIDTH = 260


class ModelsDialog(QDialog):
    """Models in a list at the left, the chosen one's card at the right.

    Signals:
        unload_wanted: id of a model whose memory is wanted back.
        models_changed: files came or went, so the engine has to look again.
        default_changed: the kind of shape whose default painter is another one.
    """

    unload_wanted = Signal(str)
    models_changed = Signal()
    default_changed = Signal(str)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.setWindowTitle(self.tr("Models"))
        self.setAcceptDrops(True)
        self.models: list[Shelved] = []
        self._loaded: Mapping[str, int] = {}
        self._defaults: Mapping[str, str] = {}
        self.errands = Errands(self)
        self.list, self.page, self.notice = QListWidget(), ModelPage(), Notice()
        self.list.setAccessibleName(self.tr("Models"))
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rows = TwoLines(self.list)
        self.list.setItemDelegate(self._rows)
        self.prefer = QPushButton(self.tr("Use by default"))
        self.unload = QPushButton(self.tr("Unload"))
        self.reveal = QPushButton(self.tr("Show in folder"))
        self.remove = QPushButton(self.tr("Remove…"))
        self.add = QPushButton(self.tr("Import…"))
        self.close_button = QPushButton(self.tr("Close"))
        self.question = QLabel(wordWrap=True)
        self.really = QPushButton(self.tr("Move to trash"))
        self.keep = QPushButton(self.tr("Keep it"))
        self._lay_out()
        self._connect()
        self._watch()
        self.resize(840, 660)

    def _lay_out(self) -> None:
        self.buttons, self.confirmation = QWidget(), QWidget()
        _row(self.buttons, self.prefer, self.unload, self.reveal, None, self.remove)
        _row(self.confirmation, self.question, self.keep, self.really)
        self.confirmation.hide()
        self.hint = QLabel(self.tr("Drop a .safetensors file here to import it."))
        self.hint.setObjectName("muted")
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(self.list)
        for part in (self.page, self.buttons, self.confirmation):
            right.addWidget(part)
        body, foot = QHBoxLayout(), QHBoxLayout()
        body.setSpacing(16)
        body.addLayout(left)
        body.addLayout(right, 1)
        for part in (self.add, self.hint):
            foot.addWidget(part)
        foot.addStretch()
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(body, 1)
        column.addWidget(self.notice)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(lambda _: self._show_chosen())
        self.prefer.clicked.connect(self._use_by_default)
        self.unload.clicked.connect(self._unload)
        self.reveal.clicked.connect(self._show_in_folder)
        self.remove.clicked.connect(self._ask_to_remove)
        self.really.clicked.connect(self._remove)
        self.keep.clicked.connect(lambda: self._ask(""))
        self.add.clicked.connect(self._choose_file)
        self.close_button.clicked.connect(self.close)
        self.errands.done.connect(self._imported)
        self.errands.failed.connect(self._not_imported)

    def _watch(self) -> None:
        """Files that come and go beside us are seen at once."""
        folder = registry.user_folder()
        folder.mkdir(parents=True, exist_ok=True)
        self._watcher = QFileSystemWatcher([str(folder)], self)
        self._watcher.directoryChanged.connect(lambda _: self._files_changed())

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme; also fills the list."""
        self._rows.tokens = tokens
        self.page.dress(tokens)
        self.notice.dress(tokens)
        self.add.setIcon(icon("mdi6.plus", tokens))
        self.refresh()

    def show_loaded(self, loaded: Mapping[str, int]) -> None:
        """Which models the engine holds: id -> bytes in memory."""
        if loaded != self._loaded:
            self._loaded = dict(loaded)
            self.refresh()

    # The list

    @property
    def chosen(self) -> Shelved | None:
        """The model whose card is shown."""
        row = self.list.currentRow()
        return self.models[row] if 0 <= row < len(self.models) else None

    def refresh(self) -> None:
        """Look at the files again; the chosen one stays chosen."""
        chosen = self.chosen
        self.models = shelf(model.path for model in self.models)
        shapes = {model.card.shape for model in self.models if model.card}
        self._defaults = {shape: default_model(self.settings, shape) for shape in shapes}
        paths = [model.path for model in self.models]
        self.list.blockSignals(True)
        self.list.clear()
        for model in self.models:
            self.list.addItem(self._item(model))
        there = chosen is not None and chosen.path in paths
        self.list.setCurrentRow(paths.index(chosen.path) if there and chosen else 0)
        self.list.blockSignals(False)
        self._show_chosen()

    def _item(self, model: Shelved) -> QListWidgetItem:
        item = QListWidgetItem(model.title)
        item.setData(CAPTION, self._caption(model))
        item.setData(PROBLEM, bool(model.problem))
        item.setToolTip(model.problem)
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, self._caption(model))
        return item

    def _caption(self, model: Shelved) -> str:
        if model.problem:
            return self.tr("Cannot be used") if model.nbytes else self.tr("The file is gone")
        parts = [kind_words(model), megabytes(model.nbytes)]
        if self._is_default(model):
            parts.insert(1, self.tr("default"))
        memory = self._memory(model)
        if memory is not None:
            parts.append(self.tr("loaded"))
        return " · ".join(parts)

    def _memory(self, model: Shelved) -> int | None:
        return self._loaded.get(model.card.id) if model.card else None

    def _is_default(self, model: Shelved) -> bool:
        card = model.card
        if card is None or model.kind != "painter" or model.problem:
            return False
        return self._defaults.get(card.shape) == card.id

    def _show_chosen(self) -> None:
        model = self.chosen
        self._ask("")
        self.page.setVisible(model is not None)
        self.buttons.setVisible(model is not None)
        if model is None:
            return
        self.page.show_model(model, self._memory(model))
        usable = not model.problem
        self.prefer.setEnabled(usable and model.kind == "painter" and not self._is_default(model))
        self.unload.setEnabled(self._memory(model) is not None)
        self.reveal.setEnabled(model.path.parent.is_dir())
        self.remove.setEnabled(model.own)
        self.remove.setToolTip("" if model.own else self.tr("It comes with Guise and stays."))

    # What is done with a model

    def _use_by_default(self) -> None:
        model = self.chosen
        if model is not None and model.card is not None:
            set_default_model(self.settings, model.card.shape, model.card.id)
            self.default_changed.emit(model.card.shape)
            self.refresh()

    def _unload(self) -> None:
        model = self.chosen
        if model is not None and model.card is not None:
            self.unload_wanted.emit(model.card.id)

    def _show_in_folder(self) -> None:
        if self.chosen is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.chosen.path.parent)))

    def _ask_to_remove(self) -> None:
        if self.chosen is not None:
            self._ask(self.tr("Move {0} to the trash?").format(self.chosen.title))
            self.keep.setFocus()

    def _ask(self, question: str) -> None:
        """Ask in place of the buttons; an empty question brings them back."""
        self.question.setText(question)
        self.confirmation.setVisible(bool(question))
        self.buttons.setVisible(not question)

    def _remove(self) -> None:
        model = self.chosen
        if model is None:
            return
        try:
            remove_model(model)
        except GuiseError as error:
            self.notice.say(str(error), "error")
            return
        self.models.remove(model)
        self._files_changed()
        self.notice.say(self.tr("{0} was moved to the trash.").format(model.title))

    def _files_changed(self) -> None:
        self.refresh()
        self.models_changed.emit()

    # Import

    def _choose_file(self) -> None:
        kinds = f"{self.tr('Models')} (*{' *'.join(SUFFIXES)});;{self.tr('All files')} (*)"
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Import a model"), "", kinds)
        if name:
            self.import_file(Path(name))

    def import_file(self, path: Path) -> None:
        """Check a file and copy it to the user's models, beside the window."""
        self.notice.hide()
        self.add.setEnabled(False)
        self.hint.setText(self.tr("Checking {0}…").format(path.name))
        self.errands.run(lambda: import_model(path))

    def _imported(self, card: Card) -> None:
        self._done_importing()
        self._files_changed()
        ids = [model.card.id if model.card else "" for model in self.models]
        self.list.setCurrentRow(ids.index(card.id))
        self.notice.say(self.tr("{0} is ready to paint with.").format(card.title))

    def _not_imported(self, reason: str) -> None:
        self._done_importing()
        self.notice.say(reason, "error")

    def _done_importing(self) -> None:
        self.add.setEnabled(True)
        self.hint.setText(self.tr("Drop a .safetensors file here to import it."))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        path = dropped_file(event.mimeData())
        if path is not None and path.suffix.lower() in SUFFIXES and self.add.isEnabled():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.import_file(path)

    def done(self, result: int) -> None:
        self.errands.wait()
        super().done(result)


def _row(parent: QWidget, *parts: QWidget | None) -> None:
    """Parts side by side; None = room between."""
    row = QHBoxLayout(parent)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for part in parts:
        if part is None:
            row.addStretch()
        else:
            row.addWidget(part, 1 if isinstance(part, QLabel) else 0)
