"""The pose editor as a tab: tools, panes, panels and live painting around one photo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from engine.appearance import Sampled
from engine.batch import Outcome, State
from engine.errors import GuiseError
from engine.perception.base import Reading
from engine.shapes.pose_files import write_pose
from studio import dialogs
from studio.actions import COMMANDS as COMMON
from studio.actions import Command
from studio.editors.live import LiveWorkspace, Start
from studio.editors.pose import commands, posing
from studio.editors.pose.document import PoseDocument
from studio.editors.pose.editor import PoseEditor
from studio.editors.pose.hints import hint_for
from studio.editors.pose.painting import PosePainting
from studio.editors.pose.panes import PosePanes
from studio.editors.pose.people import PeopleChooser
from studio.panels import favourites, library, refine, strip
from studio.panels.choices import LooksDialog, PaintersDialog
from studio.panels.side import SidePanel
from studio.panels.toolcolumn import ToolColumn
from studio.services import Services
from studio.theme import Tokens

_TOLD = 5
"""Failures of a batch that are told one by one."""


class PoseWorkspace(LiveWorkspace):
    """A person in a photo, reposed.

    Signals:
        person_wanted: another person of the photo is to be reposed; their Reading.
    """

    person_wanted = Signal(object)

    document: PoseDocument
    painting: PosePainting
    panes: PosePanes

    COMMANDS: tuple[Command, ...] = (
        *commands.COMMANDS,
        *library.COMMANDS,
        *favourites.COMMANDS,
        *refine.COMMANDS,
        *LiveWorkspace.COMMANDS,
        *strip.COMMANDS,
    )
    MENUS = commands.MENUS

    def __init__(
        self,
        document: PoseDocument,
        services: Services,
        tokens: Tokens,
        start: Start,
    ) -> None:
        panes = PosePanes()
        painting = PosePainting(services.bridge, panes.longest)
        super().__init__(document, services, panes, painting, start)
        self.side = SidePanel(services)
        self.tools = ToolColumn(services.actions, (*self.COMMANDS, *COMMON))
        self.pose_editor = PoseEditor()
        self.people: tuple[Reading, ...] = ()
        self.chooser = PeopleChooser(self.panes.editor, self.panes.view)
        self.strip = strip.AnimationStrip()
        middle = QVBoxLayout()
        middle.addWidget(self.panes, 1)
        middle.setSpacing(0)
        middle.addWidget(self.strip)
        middle.addWidget(self.history)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tools)
        layout.addLayout(middle, 1)
        layout.addWidget(self.side)
        self.dress(tokens)
        self.take_settings()
        self._connect()
        self._follow()

    def _connect(self) -> None:
        painting, look = self.painting, self.side.look
        self.side.painter.compare.clicked.connect(self.compare_painters)
        self.side.painter.fell_back.connect(lambda text: self.said.emit(text, "info"))
        look.photo_wanted.connect(self._choose_person)
        look.photo_dropped.connect(lambda path: self._read_person(path, look.take_reading))
        look.more_wanted.connect(self.more_looks)
        poses = self.side.library
        poses.photo_wanted.connect(self._choose_person)
        poses.photo_dropped.connect(lambda path: self._read_person(path, poses.take_reading))
        poses.failed.connect(lambda text: self.said.emit(text, "error"))
        poses.said.connect(lambda text: self.said.emit(text, "info"))
        side = self.side
        side.favourites.failed.connect(lambda text: self.said.emit(text, "error"))
        side.favourites.said.connect(lambda text: self.said.emit(text, "info"))
        self.pose_editor.said.connect(lambda text: self.said.emit(text, "info"))
        self.chooser.chosen.connect(self._choose)
        self.side.refine.refining_changed.connect(self._refine)
        painting.batched.connect(self._batched)
        painting.people.connect(self._found_people)
        self.strip.export_wanted.connect(self._export_film)
        self.strip.failed.connect(lambda text: self.said.emit(text, "error"))

    def _follow(self) -> None:
        document = self.document
        self.panes.follow(document, self.services.pose_options)
        self.side.follow(document)
        self.strip.follow(document)
        self.pose_editor.follow(document, self.panes.joints)
        self.posing = posing.Posing(document, self.panes.joints)
        self.services.pose_options.changed.connect(self._changed)
        self._begin()

    def owners(self) -> tuple[object, ...]:
        side = self.side
        return (
            self,
            self.pose_editor,
            self.posing,
            self.painting,
            side.look,
            side.library,
            side.favourites,
            side.refine,
            side.refine.brushes,
            self.history,
            self.strip,
        )

    def dress(self, tokens: Tokens) -> None:
        self.panes.dress(tokens)
        self.side.dress(tokens)
        self.chooser.dress(tokens)
        if self.side.refine.refining:
            self._refine(True)  # the tint has the theme's colour
        self.history.dress(tokens)
        self.strip.dress(tokens)

    # State

    @property
    def hint(self) -> str:
        if self.side.refine.refining:
            return self.tr("Paint what belongs to the person; Alt erases, [ and ] size, Esc ends.")
        return hint_for(self.document, self.services.pose_options)

    def refresh(self, actions: Mapping[str, QAction]) -> None:
        super().refresh(actions)
        document = self.document
        actions["toggle_hidden"].setEnabled(bool(document.selected))
        card = self.side.painter.card
        invents = card is not None and "Sampled" in card.takes
        for name in ("throw_dice", "more_looks"):
            actions[name].setEnabled(invents)
        held = isinstance(document.look, Sampled) and document.look.shape != document.pose
        actions["dice_here"].setEnabled(held)
        actions["own_look"].setEnabled(document.look is not None)
        actions["refine_mask"].setChecked(self.side.refine.refining)
        for name in ("brush_smaller", "brush_larger", "swap_brush"):
            actions[name].setEnabled(self.side.refine.refining)
        actions["reset_mask"].setEnabled(document.mask is not None)
        actions["choose_person"].setEnabled(len(self.people) > 1)
        actions["fit_skeleton"].setChecked(document.fitting)
        for name, on in self.posing.enabled().items():
            actions[name].setEnabled(on)
        for name, on in self.posing.checked().items():
            actions[name].setChecked(on)
        actions["toggle_animation"].setChecked(self.strip.heading.isChecked())
        actions["move_joints"].setChecked(
            not (document.fitting or self.services.pose_options.boxing or self.side.refine.refining)
        )

    def take_settings(self) -> None:
        super().take_settings()
        self.side.joints.colour_limbs(self.settings.text("limbs"))

    def models_changed(self) -> None:
        self.side.models_changed()
        self.changed.emit()

    def let_go(self, discard: bool = False) -> None:
        super().let_go(discard)
        self.services.pose_options.changed.disconnect(self._changed)

    def show_panels(self, on: bool) -> None:
        for part in (self.tools, self.side, self.history, self.strip):
            part.setVisible(on)

    # Files

    def _export_film(self, kind: str) -> None:
        name = f"{self.document.origin.name}.{kind}"
        path = dialogs.film_to_save(self, self.settings.folder, name)
        if path is None:
            return
        self.settings.folder = str(path.parent)
        clip = strip.KeyPoses.of(self.document).values()
        try:
            self.painting.film(clip.poses(), path, clip.fps)
        except GuiseError as error:
            self.said.emit(str(error), "error")

    def apply_to_folder(self) -> None:
        """The same edit on every photo of a folder."""
        folders = dialogs.folders_for_batch(self, self.settings.folder)
        if folders is not None:
            self.painting.apply_to(*folders)

    def _batched(self, outcomes: Sequence[Outcome]) -> None:
        failed = [outcome for outcome in outcomes if outcome.state is State.failed]
        text = self.tr("{0} of {1} photos are done.").format(
            len(outcomes) - len(failed), len(outcomes)
        )
        reasons = [f"{outcome.item.source.name}: {outcome.text}" for outcome in failed]
        self.said.emit("\n".join([text, *reasons[:_TOLD]]), "warning" if failed else "info")

    def import_pose(self) -> None:
        """Take the pose of an OpenPose or COCO file."""
        path = dialogs.pose_to_open(self, self.settings.folder)
        if path is None:
            return
        try:
            self.pose_editor.take(dialogs.read_fitted(path, self.document.source))
        except GuiseError as error:
            self.said.emit(str(error), "error")

    def export_pose(self) -> None:
        """Write the pose as OpenPose JSON."""
        path = dialogs.pose_to_save(self, self.settings.folder)
        if path is None:
            return
        try:
            write_pose(self.document.pose, path)
        except (GuiseError, OSError) as error:
            self.said.emit(str(error), "error")
            return
        self.said.emit(self.tr("The pose is in {0}.").format(path), "info")

    def _refine(self, refining: bool) -> None:
        """The brush on the mask instead of the joints, or the joints again."""
        canvas = self.panes.editor
        self.panes.joints.cancel()
        brush = self.side.refine.brush(self.panes.view, canvas.update) if refining else None
        canvas.tool = brush or self.panes.joints
        if refining:
            self.side.section_of(self.side.refine).unfold()
        canvas.set_cursor()
        canvas.update()
        self.changed.emit()

    def _end_stroke(self) -> None:
        """Take the stroke in progress back; without one, put the brush away."""
        tool = self.panes.editor.tool
        if tool is None or not tool.cancel():
            self.side.refine.refine_mask(False)

    # People

    def find_people(self) -> None:
        """See whether there is anybody else in the photo."""
        self.painting.find_people()

    def _found_people(self, people: tuple[Reading, ...]) -> None:
        self.people = people
        if len(people) > 1:
            text = self.tr("{0} people are in this photo.").format(len(people))
            self.offered.emit(text, self.tr("Choose person…"), "choose_person")
        self.changed.emit()

    def choose_person(self) -> None:
        """Show everybody who was found, to choose one."""
        same = [n for n, one in enumerate(self.people) if one.mask == self.document.reading.mask]
        self.chooser.offer(self.people, same[0] if same else 0)

    def _choose(self, index: int) -> None:
        if self.people[index].mask != self.document.reading.mask:
            self.person_wanted.emit(self.people[index])

    # Looks of others

    def look_from_photo(self) -> None:
        """Choose another photo and take its person's look."""
        self._choose_person(self.side.look.take_reading)

    def _choose_person(self, taken: Callable[[Reading, str], None]) -> None:
        path = dialogs.photo_to_open(self, self.settings.folder)
        if path is not None:
            self.settings.folder = str(path.parent)
            self._read_person(path, taken)

    def _read_person(self, path: Path, taken: Callable[[Reading, str], None]) -> None:
        self.painting.read_person(path, lambda reading: taken(reading, path.stem))

    def compare_painters(self) -> None:
        """What is asked for, by every painter that takes this look."""
        PaintersDialog(self, self.document, self.painting, self.side.painter).open()

    def more_looks(self) -> None:
        """Several invented looks to choose from."""
        LooksDialog(self, self.document, self.painting).open()

    # Keys that are no commands

    def press(self, event: QKeyEvent) -> bool:
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() == Qt.Key.Key_Escape and self.side.refine.refining:
            self._end_stroke()
            return True
        return self._held(event.key(), True) or self.pose_editor.key(event.key(), far)

    def release(self, event: QKeyEvent) -> bool:
        return self._held(event.key(), False)
