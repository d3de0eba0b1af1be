"""People in training photos as a tab: joints are dragged and placed, masks are painted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent

from engine.errors import InputError
from engine.perception.base import Reading
from engine.photo import Mask
from engine.photo_files import open_photo
from engine.request import Cancelled, Failed, Message, Read
from engine.shapes.pose import Presence
from engine.worker import ReadEverybody
from studio.editors.annotation import commands
from studio.editors.annotation.document import Annotated, AnnotationDocument
from studio.editors.annotation.joints import AnnotationEditor
from studio.editors.annotation.loading import Loaded, Wish
from studio.editors.annotation.pane import AnnotationPane
from studio.editors.annotation.workspace import AnnotationWorkspace
from studio.editors.pose.posing import Posing
from studio.panels.correct_side import PeopleSide
from studio.services import Services
from studio.theme import Tokens
from studio.training.annotations import Annotations, Item


class PeopleWorkspace(AnnotationWorkspace):
    """Joints and masks of people."""

    COMMANDS = commands.PEOPLE
    MENUS = ("Photos", "Pose")

    def __init__(
        self, answer: Annotations, words: tuple[str, ...], services: Services, tokens: Tokens
    ) -> None:
        super().__init__(answer, words, services)
        self.pane = AnnotationPane(services.brush_options)
        self.side = PeopleSide(answer, services.brush_options, services.actions)
        self.editor = AnnotationEditor()
        self.posing: Posing | None = None
        self._asked: ReadEverybody | None = None
        self._lay_out(self.pane, self.side)
        self.pane.tabbed.connect(self._step)
        self.side.photo.search.clicked.connect(self.find_again)
        self.side.photo.revert.clicked.connect(self.revert_photo)
        services.bridge.answered.connect(self._answer)
        self.dress(tokens)
        self.take_settings()

    # The photo that is worked on

    def _read(self, wish: Wish) -> tuple[Mask | None, Mask | None]:
        drafted = wish.draft.mask if wish.draft is not None else None
        return _mask(wish.item.mask, wish.item), _mask(drafted, wish.item)

    def _made(self, item: Item, loaded: Loaded) -> AnnotationDocument:
        (mask, drafted), told = loaded.annotated, loaded.wish.draft
        draft = None if told is None else (told, drafted)
        return AnnotationDocument(item, self.answer.holds, self._origin, mask, draft)

    def _wait_for(self, item: Item) -> None:
        self.pane.let_go()
        self._tell_item(item)

    def _tell_failure(self, text: str) -> None:
        self.side.photo.show_item(self.item, text)

    def _tell_item(self, item: Item) -> None:
        self.side.photo.show_item(item)

    def _follow(self, document: AnnotationDocument, loaded: Loaded) -> None:
        self.pane.follow(document, loaded.image)
        assert self.pane.joints is not None
        self.editor.follow(document, self.pane.joints)
        self.posing = Posing(document, self.pane.joints)
        self.side.joints.follow(document)
        self._photo = loaded.photo

    def _let_go_of(self, document: AnnotationDocument) -> None:
        document.select(frozenset())
        self.pane.let_go()
        self.editor.document, self.editor.tool, self.posing = None, None, None
        self.side.joints.follow(None)
        self._asked = None
        self.busy.emit("")

    # Commands

    def owners(self) -> tuple[object, ...]:
        posing = () if self.posing is None else (self.posing,)
        return self, self.editor, *posing, self.side.masking.brushes

    def refresh(self, actions: Mapping[str, QAction]) -> None:
        super().refresh(actions)
        posing, pane, masks = self.posing, self.pane, "mask" in self.answer.writes
        own = self.command_names()
        for name in own & _NEEDS_PHOTO:
            actions[name].setEnabled(posing is not None)
        known = posing.enabled() if posing is not None else {}
        chosen = bool(self.editor.document and self.editor.document.selected)
        brushes = dict.fromkeys(("brush_smaller", "brush_larger", "swap_brush"), pane.brushing)
        masked = {"refine_mask": masks, "reset_mask": masks and self._mask_corrected}
        for name, on in {**known, "toggle_hidden": chosen, **brushes, **masked}.items():
            actions[name].setEnabled(on and posing is not None)
        boxing = pane.options.boxing
        actions["transform_box"].setChecked(boxing)
        actions["refine_mask"].setChecked(pane.brushing)
        actions["show_mask"].setChecked(pane.masked)
        actions["move_joints"].setChecked(not (boxing or pane.brushing))
        self.side.masking.paint.setEnabled(actions["refine_mask"].isEnabled())
        self.side.masking.reset.setEnabled(actions["reset_mask"].isEnabled())
        self.side.photo.search.setEnabled(actions["find_again"].isEnabled())
        self.side.photo.revert.setEnabled(actions["revert_photo"].isEnabled())

    @property
    def _mask_corrected(self) -> bool:
        document = self._shown
        return document is not None and document.wanted.mask != document.stored.mask

    @property
    def _shown(self) -> AnnotationDocument | None:
        """The document that is worked on; None = it is being opened."""
        return self.document if isinstance(self.document, AnnotationDocument) else None

    def move_joints(self) -> None:
        """Move the joints one by one."""
        self.refine_mask(False)
        self.pane.options.set("boxing", False)
        self.changed.emit()

    def refine_mask(self, on: bool) -> None:
        """The brush on the mask instead of the joints, or the joints again."""
        self.pane.brush_mask(on)
        self.side.masking.show_brushing(on)
        if on:
            self.side.section_of(self.side.masking).unfold()
        self.changed.emit()

    def reset_mask(self) -> None:
        """The mask as the folder has it."""
        document = self._shown
        if document is not None:
            wanted = document.wanted._replace(mask=document.stored.mask)
            document.restore(wanted, self.tr("Reset mask"))

    def show_mask(self, on: bool) -> None:
        """The mask over the photo, or not."""
        self.pane.show_mask(on)

    # What the person reader finds

    def find_again(self) -> None:
        """Have the photo read; joints and mask of the person who is meant are taken over."""
        if self._shown is not None:
            self._asked = ReadEverybody(self._photo)
            self.services.bridge.post(self._asked)
            self.busy.emit(self.tr("Looking for the person…"))

    def _answer(self, message: Message) -> None:
        if self._asked is None or message.request is not self._asked:
            return
        match message:
            case Read(people=people):
                self._take_reading([one for one in people if one.found])
            case Failed():
                self.said.emit(f"{message.message} {message.advice}".strip(), "error")
            case Cancelled():
                pass
            case _:
                return  # it goes on
        self._asked = None
        self.busy.emit("")

    def _take_reading(self, people: list[Reading]) -> None:
        document = self._shown
        if document is None:
            return
        if not people:
            text = self.tr("Nobody was found in this photo; place the joints by hand.")
            self.said.emit(text, "warning")
            return
        found = min(people, key=lambda one: _apart(one, document.wanted))
        mask = found.mask if "mask" in self.answer.writes else None
        document.replace(found.pose, mask, self.tr("Find again"))

    # Views and keys

    @property
    def _canvases(self) -> AnnotationPane:
        return self.pane

    def dress(self, tokens: Tokens) -> None:
        for part in (self.pane, self.side, self.strip):
            part.dress(tokens)

    def take_settings(self) -> None:
        limbs = self.services.settings.text("limbs")
        self.pane.scrolls = self.services.settings.text("wheel") == "scroll"
        self.pane.options.colour_limbs(limbs)
        self.side.joints.colour_limbs(limbs)

    def show_panels(self, on: bool) -> None:
        for part in (self.tools, self.side, self.strip):
            part.setVisible(on)

    def peek(self, on: bool) -> None:
        self.pane.peek(on)

    def keys_up(self) -> None:
        self.pane.peek(False)
        self.pane.hold(False)

    def arrive(self) -> None:
        self.pane.setFocus()

    def leave(self) -> None:
        self.keys_up()

    @property
    def hint(self) -> str:
        if self._shown is None:
            return ""
        if self.pane.brushing:
            return self.tr("Paint what belongs to the person; Alt erases, [ and ] size, Esc ends.")
        if self.pane.joints is not None and self.pane.joints.awaited is not None:
            return self.tr("Click where this joint is, or press Esc to leave it out.")
        if self._shown.selected:
            return self.tr("Drag or use the arrow keys; Del = not seen, H = covered, Tab = next.")
        if any(self._shown.outside):
            return self.tr("Choose a joint that lies outside in the list, then click where it is.")
        if "mask" not in self.answer.writes:
            return self.tr("Drag a joint; Page Down shows the next photo.")
        return self.tr("Drag a joint; B paints the mask; Page Down shows the next photo.")

    def _step(self, step: int) -> None:
        self.editor.next_joint() if step > 0 else self.editor.previous_joint()

    def press(self, event: QKeyEvent) -> bool:
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() == Qt.Key.Key_Escape and self.pane.brushing:
            if self.pane.tool is None or not self.pane.tool.cancel():
                self.refine_mask(False)
            return True
        return self._held(event.key(), True) or self.editor.key(event.key(), far)

    def let_go(self, discard: bool = False) -> None:
        self.services.bridge.answered.disconnect(self._answer)
        super().let_go(discard)


_NEEDS_PHOTO = frozenset(command.name for command in commands.PEOPLE) - frozenset(
    command.name for command in commands.PHOTOS
)


def _apart(found: Reading, known: Annotated) -> float:
    """How far somebody who was found stands from the person who is meant, roughly."""
    both = (found.pose.presence != Presence.missing) & (known.joints.presence != Presence.missing)
    if both.any():
        away = found.pose.xy[both] - known.joints.xy[both]
        return float(np.hypot(*away.T).mean())
    there, seen = known.mask.pixels > 127, found.mask.pixels > 127
    return -float((there & seen).sum())


def _mask(path: str | None, item: Item) -> Mask | None:
    """A mask of the photo's size; None = there is none. InputError: it cannot be used."""
    if path is None:
        return None
    mask = Mask(open_photo(Path(path)).pixels[..., 0])
    if mask.size != item.size:
        raise InputError(f"{path} must be as large as its photo, {item.size[0]} x {item.size[1]}.")
    return mask
