"""What every editor gives the window: a place for one document, with its commands."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QWidget

from studio.actions import Command
from studio.document import Document
from studio.theme import Tokens


class Workspace(QWidget):
    """One tab: everything between the line of tabs and the status line.

    Attributes:
        COMMANDS: what this editor adds to the common commands.
        MENUS: names of the menus that it adds.
        document: what is edited.

    Signals:
        saved: the project is on the disk.
        said: a sentence for the person, and its kind: info, warning or error.
        offered: a sentence, the label of a button, and the command that it runs.
        busy: what is going on, or "".
        changed: what :meth:`refresh` or the status line shows may be another.
    """

    COMMANDS: tuple[Command, ...] = ()
    MENUS: tuple[str, ...] = ()

    saved = Signal()
    said = Signal(str, str)
    offered = Signal(str, str, str)
    busy = Signal(str)
    changed = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document

    @classmethod
    def command_names(cls) -> frozenset[str]:
        """Names of the commands that this editor adds."""
        return frozenset(command.name for command in cls.COMMANDS)

    @property
    def dirty(self) -> bool:
        """Whether there is work that no project file has."""
        raise NotImplementedError

    def save(self) -> bool:
        """Begin to save; False if the person gave no place. `saved` tells the success."""
        raise NotImplementedError

    @property
    def hint(self) -> str:
        """One line on what can be done now."""
        return ""

    def owners(self) -> tuple[object, ...]:
        """Objects whose methods run commands, the first that has one wins."""
        return (self,)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        raise NotImplementedError

    def refresh(self, actions: Mapping[str, QAction]) -> None:
        """Enable and check the actions as the document stands."""
        raise NotImplementedError

    def show_panels(self, on: bool) -> None:
        """Tools and panels, or the picture alone."""
        raise NotImplementedError

    def peek(self, on: bool) -> None:
        """Show the original while a key or button is held."""
        raise NotImplementedError

    def arrive(self) -> None:
        """This is the tab that is seen now."""

    def leave(self) -> None:
        """Another tab is seen now."""

    def keys_up(self) -> None:
        """Held keys are let go elsewhere: in another tab or window."""

    def press(self, event: QKeyEvent) -> bool:
        """A key that is no command; False if it means nothing here."""
        return False

    def release(self, event: QKeyEvent) -> bool:
        """The key is up again."""
        return False

    def take_settings(self) -> None:
        """As the settings are now."""

    def models_changed(self) -> None:
        """Model files came or went."""

    def let_go(self, discard: bool = False) -> None:
        """The tab is being closed; `discard` = unsaved work is not wanted any more."""
        raise NotImplementedError
