"""A folder of training photos as a tab: one photo after the other is corrected, all are saved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.errors import GuiseError
from studio.actions import COMMANDS as COMMON
from studio.canvas.view import Canvas
from studio.document import Document, Origin
from studio.editors.annotation import commands
from studio.editors.annotation.document import Nothing
from studio.editors.annotation.keeping import Keeping, drafts_folder
from studio.editors.annotation.loading import Loaded, PhotoLoader, Wish
from studio.editors.live import STEP_BYTES
from studio.editors.zooming import Zooming
from studio.panels.correct_photos import PhotoList
from studio.panels.correct_strip import PhotoStrip
from studio.panels.toolcolumn import ToolColumn
from studio.services import Services
from studio.training.annotations import Annotations, Item, read_annotations
from studio.training.annotations_draft import Draft
from studio.training.asking import Asking


class AnnotationWorkspace(Zooming):
    """Photos in a row, and above it the one that is corrected; subclasses say how.

    Args:
        answer: what is annotated in the folder.
        words: of the command line with which it was listed, after the folder.

    Raises:
        InputError: it is being corrected elsewhere, or what a crash left cannot be read.

    Signals:
        training_wanted: the person wants to go back to the window of trainings.
    """

    training_wanted = Signal()

    COMMANDS = commands.PHOTOS
    MENUS = ("Photos",)

    def __init__(self, answer: Annotations, words: tuple[str, ...], services: Services) -> None:
        self._origin = Origin(answer.name)
        super().__init__(Document(self._origin, Nothing()))
        self.answer, self.services, self._item = answer, services, answer.items[0].id
        self._words = words
        self.keeping = self._kept(Draft(drafts_folder(services.journals), Path(answer.folder)))
        self._listing, self._loader = Asking(self), PhotoLoader(self._read, self)
        self.photos = PhotoList(answer.items, self)
        self.strip = PhotoStrip(self.photos)
        self.tools = ToolColumn(services.actions, (*self.COMMANDS, *COMMON))

    def _kept(self, draft: Draft) -> Keeping:
        draft.claim()
        try:
            return Keeping(self.answer, self._words, draft, self)
        except GuiseError:
            draft.release()
            raise

    def _lay_out(self, canvas: QWidget, side: QWidget) -> None:
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(canvas, 1)
        middle.addWidget(self.strip)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tools)
        layout.addLayout(middle, 1)
        layout.addWidget(side)
        keeping, strip = self.keeping, self.strip
        keeping.changed.connect(self._tell)
        keeping.written.connect(self._written)
        keeping.failed.connect(lambda text: self.said.emit(text, "error"))
        keeping.busy.connect(self.busy)
        strip.chosen.connect(self.show_item)
        strip.save_wanted.connect(self.save)
        self._loader.loaded.connect(self._take)
        self._loader.failed.connect(self._take_failure)
        self._listing.answered.connect(self._listed)

    # The photo that is worked on

    @property
    def item(self) -> Item:
        """The photo that is worked on."""
        return self.photos.items[self.photos.row_of(self._item)]

    @property
    def loaded(self) -> bool:
        """Whether it is there to be worked on."""
        return self._item in self.keeping.documents

    def show_item(self, item: str) -> None:
        """Work on another photo; what was done to the one before stays."""
        self._leave_item()
        self._item = item
        self.document = Document(self._origin, Nothing())
        self._wait_for(self.item)
        self.strip.show_item(self.item)
        before, after = self.strip.neighbours()
        near = [one for one in (self.item, after, before) if one is not None]
        self._loader.ask([Wish(one, self.keeping.waiting.get(one.id)) for one in near])
        self._tell()

    def _leave_item(self) -> None:
        document = self.keeping.documents.get(self._item)
        if document is not None:
            self._let_go_of(document)
            if not document.corrected and not document.undo.count():
                self.keeping.drop(self._item)

    def _take(self, item: str, loaded: Loaded) -> None:
        if item != self._item or self.document is self.keeping.documents.get(item):
            return
        document = self.keeping.documents.get(item)
        if document is None:
            document = self._made(self.item, loaded)
            steps = self.services.settings.whole("undo") * 1_000_000 // STEP_BYTES
            document.undo.setUndoLimit(steps)
            document.undo.indexChanged.connect(self.keeping.note)
            document.selection_changed.connect(self.changed)
            self.keeping.add(item, document)
        self.document = document
        self._follow(document, loaded)
        self._tell()

    def _take_failure(self, item: str, text: str) -> None:
        if item == self._item:
            self._tell_failure(text)

    def _wait_for(self, item: Item) -> None:
        """Show that a photo is being opened."""
        raise NotImplementedError

    def _tell_failure(self, text: str) -> None:
        """Show why it cannot be."""
        raise NotImplementedError

    def _read(self, wish: Wish) -> Any:
        """What is annotated in files; called in a thread. GuiseError: it cannot be used."""
        raise NotImplementedError

    def _made(self, item: Item, loaded: Loaded) -> Any:
        """A document of an item."""
        raise NotImplementedError

    def _follow(self, document: Any, loaded: Loaded) -> None:
        """Work on a document."""
        raise NotImplementedError

    def _let_go_of(self, document: Any) -> None:
        """Work on it no more."""
        raise NotImplementedError

    # Commands

    def next_photo(self) -> None:
        """The photo to the right."""
        self._turn(1)

    def previous_photo(self) -> None:
        """The photo to the left."""
        self._turn(0)

    def _turn(self, side: int) -> None:
        item = self.strip.neighbours()[side]
        if item is not None:
            self.show_item(item.id)

    def only_problems(self, on: bool) -> None:
        """Photos of which there is something to say, or all."""
        self.strip.only.setChecked(on)

    def back_to_training(self) -> None:
        """The window of trainings, with this folder checked."""
        self.training_wanted.emit()

    def refresh(self, actions: Mapping[str, QAction]) -> None:
        undo, (before, after) = self.document.undo, self.strip.neighbours()
        enabled = {
            "undo": undo.canUndo(),
            "redo": undo.canRedo(),
            "save": self.dirty and not self.keeping.saving,
            "previous_photo": before is not None,
            "next_photo": after is not None,
            "only_problems": self.strip.only.isEnabled(),
            "revert_photo": self.loaded and self.document.wanted != self._stored,
        }
        for name, on in enabled.items():
            actions[name].setEnabled(on)
        actions["only_problems"].setChecked(self.strip.only.isChecked())

    @property
    def _stored(self) -> Any:
        """What the folder has of the photo that is worked on."""
        return self.keeping.documents[self._item].stored

    def revert_photo(self) -> None:
        """The photo as the folder has it, in one step."""
        if self.loaded:
            self.document.restore(self._stored, self.tr("Revert photo"))

    # Saving

    def tell_recovered(self) -> None:
        """Say what a crash left, if it left anything."""
        count = len(self.keeping.corrected)
        if count:
            text = self.tr("Corrections of the last time, not saved yet: {0}. They are here again.")
            self.offered.emit(text.format(count), self.tr("Throw away"), "throw_away")

    def throw_away(self) -> None:
        """Forget what a crash left."""
        self.keeping.throw_away()

    @property
    def dirty(self) -> bool:
        return bool(self.keeping.corrected)

    def save(self) -> bool:
        """Write all corrections into the folder."""
        self.keeping.save()
        return True

    def _tell(self) -> None:
        self.strip.show_corrected(self.keeping.corrected, self.keeping.saving)
        self.changed.emit()

    def _written(self, count: int) -> None:
        text = self.tr("{0} photos corrected in {1}; the originals are kept as *.orig.")
        if count == 1:
            text = self.tr("One photo corrected in {1}; the original is kept as *.orig.")
        words, label = text.format(count, self.answer.name), self.tr("Back to training")
        self.offered.emit(words, label, "back_to_training")
        self._listing.ask(["annotations", self.answer.folder, *self._words, "--json"])
        self.saved.emit()

    def _listed(self, code: int, output: str, error: str) -> None:
        """The folder after it was written: other problems, other numbers."""
        try:
            answer = read_annotations(output)
        except GuiseError as problem:
            self.said.emit(error or str(problem), "warning")
            return
        self.strip.refresh(answer.items)
        self._tell_item(self.item)
        self.changed.emit()

    def _tell_item(self, item: Item) -> None:
        """Show the name of the photo and what is said of it."""
        raise NotImplementedError

    # Keys that are no commands

    def release(self, event: QKeyEvent) -> bool:
        return self._held(event.key(), False)

    def _held(self, key: int, down: bool) -> bool:
        """Keys that count while they are held; False if this is none."""
        if key == Qt.Key.Key_Backslash:
            self.peek(down)
        elif key == Qt.Key.Key_Space:
            self._canvases.hold(down)
        else:
            return False
        return True

    @property
    def _canvases(self) -> Canvas:
        raise NotImplementedError

    def let_go(self, discard: bool = False) -> None:
        self._leave_item()
        self._listing.cancel()
        self._loader.wait()
        self.photos.pictures.close()
        for document in self.keeping.documents.values():
            document.undo.blockSignals(True)  # it speaks once more when it is destroyed
        self.keeping.close(discard)
