"""A tab whose document is painted live and kept safe: what all editors have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication

from studio import dialogs
from studio.actions import Command
from studio.document import Document
from studio.editors.zooming import Zooming
from studio.images import to_qimage
from studio.journal_recovery import Recovery
from studio.painting import PREVIEW_LONGEST, LivePainting
from studio.panels import history
from studio.panels.history_list import History
from studio.panels.status import CalmState
from studio.panes import VIEWS, Panes
from studio.project_state import View
from studio.saving import Saver
from studio.services import Services

STEP_BYTES = 16_000
"""A step of the history, with its shape or a stroke of the brush, takes about so much."""
_SOON_MS = 100
"""So late may menus, hints and titles follow a drag."""


@dataclass(frozen=True)
class Start:
    """Where a document came from, apart from itself.

    Attributes:
        project: its project file.
        recovered: what a crash left, from which it was restored.
        view: how it was looked at.
    """

    project: Path | None = None
    recovered: Recovery | None = None
    view: View | None = None


class LiveWorkspace(Zooming):
    """Saving, painting, history and hints of one document.

    Args:
        panes: what is edited and what is painted.
        painting: asks the engine; it follows the document from :meth:`_begin` on.
    """

    COMMANDS: tuple[Command, ...] = history.COMMANDS
    PREVIEW = PREVIEW_LONGEST
    """Longest side in pixels of a picture while the hand moves, if the settings do not say it."""

    def __init__(
        self,
        document: Document,
        services: Services,
        panes: Panes,
        painting: LivePainting,
        start: Start,
    ) -> None:
        super().__init__(document)
        self.services, self.settings, self._start = services, services.settings, start
        self.panes, self.painting, self.state = panes, painting, CalmState()
        self.history = history.HistoryStrip()
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self.changed)
        self.saver = Saver(document, start.project, start.recovered, services.journals, self._view)
        steps = self.settings.whole("undo") * 1_000_000 // STEP_BYTES
        document.undo.setUndoLimit(steps)  # Qt takes it only while there is no step

    def _begin(self) -> None:
        """Once all parts are there: follow the document."""
        document, painting, saver = self.document, self.painting, self.saver
        self.panes.view.changed.connect(painting.view_changed)
        self.state.changed.connect(self.panes.show_state)
        painting.saved.connect(self._saved)
        painting.failed.connect(lambda text: self.said.emit(text, "error"))
        painting.warned.connect(lambda text: self.said.emit(text, "warning"))
        painting.busy.connect(self.busy)
        saver.saved.connect(self._project_saved)
        saver.failed.connect(lambda text, _: self.said.emit(text, "error"))
        saver.warned.connect(lambda text: self.said.emit(text, "warning"))
        saver.dirty_changed.connect(self._changed)
        for changed in (
            document.shape_changed,
            document.look_changed,
            document.picture_changed,
            document.selection_changed,
            document.undo.indexChanged,
        ):
            changed.connect(self._changed)
        self.history.follow(document)
        painting.follow(document)
        self._show_view(self.settings.view if self.settings.view in VIEWS else "side")
        if self._start.view is not None:
            self._look_as(self._start.view)
        self._changed()

    # State

    def _changed(self) -> None:
        self.state.set(self.document.state)
        if not self.document.moving:
            self._soon.stop()
            self.changed.emit()
        elif not self._soon.isActive():
            self._soon.start()  # the hand goes before what stands around the picture

    def refresh(self, actions: Mapping[str, QAction]) -> None:
        undo = self.document.undo
        actions["undo"].setEnabled(undo.canUndo())
        actions["redo"].setEnabled(undo.canRedo())
        actions["toggle_history"].setChecked(self.history.heading.isChecked())
        for each in VIEWS:
            actions[f"view_{each}"].setChecked(each == self.panes.mode)

    def arrive(self) -> None:
        self.panes.editor.setFocus()
        self.painting.resume()

    def leave(self) -> None:
        self.keys_up()
        self.painting.pause()

    def keys_up(self) -> None:
        self.panes.peek(False)
        self.panes.hold(False)

    def take_settings(self) -> None:
        settings = self.settings
        for canvas in (self.panes.editor, self.panes.painted):
            canvas.scrolls = settings.text("wheel") == "scroll"
        preview = settings.text("preview")
        self.painting.preview_longest = self.PREVIEW if preview == "auto" else int(preview)
        self.saver.set_autosave(settings.whole("autosave"))
        History.of(self.document).limit(settings.whole("history") * 1_000_000)

    def let_go(self, discard: bool = False) -> None:
        self.saver.close(discard)
        self.document.undo.blockSignals(True)  # it speaks once more when it is destroyed
        self._soon.stop()
        self.painting.let_go()

    # Views

    def view_side(self) -> None:
        """Photo and picture side by side."""
        self._show_view("side")

    def view_single(self) -> None:
        """The picture under the skeleton."""
        self._show_view("single")

    def view_wipe(self) -> None:
        """Before and after, with a line to drag."""
        self._show_view("wipe")

    def _show_view(self, name: str) -> None:
        self.settings.view = name
        self.panes.show_as(name)
        self.changed.emit()

    @property
    def _canvases(self) -> Panes:
        return self.panes

    def peek(self, on: bool) -> None:
        self.panes.peek(on)

    def _view(self) -> View:
        view = self.panes.view
        middle = view.middle
        zoom = 0.0 if view.fitted else view.scale
        return View(self.panes.mode, zoom, None if view.fitted else (middle.x(), middle.y()))

    def _look_as(self, view: View) -> None:
        if view.name in VIEWS:
            self.panes.show_as(view.name)
        if view.zoom and view.centre is not None:
            self.panes.view.look_at(view.zoom, QPointF(*view.centre))

    def _held(self, key: int, down: bool) -> bool:
        """Keys that count while they are held; False if this is none."""
        if key == Qt.Key.Key_Backslash:
            self.panes.peek(down)
        elif key == Qt.Key.Key_Space:
            self.panes.hold(down)
        else:
            return False
        return True

    # Files

    @property
    def dirty(self) -> bool:
        return self.saver.dirty

    def save(self) -> bool:
        """Write the project; asks where if it has no file yet."""
        if self.saver.path is None:
            return self.save_as()
        self.saver.save()
        return True

    def save_as(self) -> bool:
        """Write the project to another file, which is its own from then on."""
        path = dialogs.project_to_save(self, self.settings.folder, self.document.origin.name)
        if path is None:
            return False
        self.settings.folder = str(path.parent)
        self.saver.save_as(path)
        return True

    def _project_saved(self, path: Path) -> None:
        self.said.emit(self.tr("Saved as {0}.").format(path.name), "info")
        self.changed.emit()
        self.saved.emit()

    def export_picture(self) -> None:
        """Paint at full size and write a file."""
        chosen = dialogs.picture_to_save(self, self.settings.folder, self.document.origin.name)
        if chosen is not None:
            path, scene, embedded = chosen
            self.settings.folder = str(path.parent)
            self.painting.export(path, scene, embedded)

    def copy_picture(self) -> None:
        """The picture as it is shown, for other programs."""
        if self.document.picture is not None:
            QGuiApplication.clipboard().setImage(to_qimage(self.document.picture.pixels))
            self.said.emit(self.tr("The picture is on the clipboard."), "info")

    def _saved(self, path: Path, degraded: str) -> None:
        text = self.tr("The picture is in {0}.").format(path)
        self.said.emit(f"{text} {degraded}".strip(), "warning" if degraded else "info")
