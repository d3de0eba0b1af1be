"""The keys of every command: their defaults, what was chosen instead, and files of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec
from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QAction, QKeySequence

from engine.errors import InputError
from engine.files import read_limited, replacing
from studio.palette import shown_text, spelled_keys
from studio.settings import Settings

_TABLE = "shortcuts"
_LARGEST_FILE = 1_000_000
_PORTABLE = QKeySequence.SequenceFormat.PortableText

FIXED = ("\\", "Space", "Esc", "Left", "Right", "Up", "Down")
"""Keys of gestures on the canvas; a command cannot have them, with or without Shift."""


def gestures() -> list[tuple[str, str]]:
    """What hands do on the canvas, and how; these cannot be changed."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("Shortcuts", text)

    return [
        (tr("Nudge joints"), tr("Arrows, Shift for 10 px")),
        (tr("Show the original while held"), "\\"),
        (tr("Move the rest of the limb too"), tr("Ctrl and drag")),
        (tr("Select several joints"), tr("Shift and click, or drag a box")),
        (tr("Abort the gesture, then deselect"), "Esc"),
        (tr("Erase"), tr("Right button, or the pen's other end")),
        (tr("Erase whole strokes"), tr("Ctrl with the eraser")),
        (tr("End a curve or a polygon"), tr("Enter, or double click")),
        (tr("Move the view"), tr("Space and drag, or middle button")),
        (tr("Zoom"), tr("Wheel")),
    ]


class _File(msgspec.Struct):
    guise_shortcuts: int
    keys: dict[str, list[str]]


class Shortcuts(QObject):
    """Keeps the keys of actions as they were chosen; no key means two things at a time.

    Args:
        actions: every command by name, with its default keys.
        settings: where what differs from the defaults is kept.
        places: the editors in which a command works, by its name; commands that are not named
            work everywhere. Commands that never work together may have the same key.

    Signals:
        changed: some command has other keys.
    """

    changed = Signal()

    def __init__(
        self,
        actions: Mapping[str, QAction],
        settings: Settings,
        places: Mapping[str, frozenset[str]] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self.actions, self._places = actions, places
        self._settings = settings
        self._defaults = {name: action.shortcuts() for name, action in actions.items()}
        self._wear(_sequences(settings.table(_TABLE)))

    def keys(self, name: str) -> list[QKeySequence]:
        """A command's keys, the one shown in menus first."""
        return self.actions[name].shortcuts()

    def is_default(self, name: str) -> bool:
        """Whether the command has the keys that it came with."""
        return self.keys(name) == self._defaults[name]

    def users(self, key: QKeySequence, besides: str) -> list[str]:
        """Other commands that a key means now, or that begin with it."""
        return [
            name
            for name in self.actions
            if name != besides
            and self._meet(name, besides)
            and any(_clash(key, other) for other in self.keys(name))
        ]

    def _meet(self, one: str, other: str) -> bool:
        """Whether two commands ever work at the same time."""
        here, there = self._places.get(one), self._places.get(other)
        return here is None or there is None or bool(here & there)

    def assign(self, name: str, keys: list[QKeySequence]) -> None:
        """Give a command these keys; commands that had them lose them.

        Raises:
            ValueError: one of the keys is a gesture's.
        """
        if any(is_fixed(key) for key in keys):
            raise ValueError("a gesture's key")
        self._take({name: keys})

    def reset(self, name: str) -> None:
        """Give a command its default keys back; commands that had taken them lose them."""
        self.assign(name, self._defaults[name])

    def reset_all(self) -> None:
        """Give all commands their default keys back."""
        self._wear({})
        self._keep()

    def write(self, path: Path) -> None:
        """Write all keys as JSON.

        Raises:
            InputError: the place cannot be written.
        """
        keys = {name: _spelled(self.keys(name)) for name in self.actions}
        with replacing(path) as draft:
            draft.write(msgspec.json.format(msgspec.json.encode(_File(1, keys))))

    def read(self, path: Path) -> int:
        """Take the keys of a file; commands that it does not name keep theirs.

        Returns:
            How many of its commands are not known here; they are left out.

        Raises:
            InputError: the file cannot be read, or holds no shortcuts.
        """
        try:
            file = msgspec.json.decode(read_limited(path, _LARGEST_FILE), type=_File)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise InputError(f"{path.name} holds no shortcuts; nothing was changed.") from None
        taken = _sequences({n: k for n, k in file.keys.items() if n in self.actions})
        self._take(taken)
        return len(file.keys) - len(taken)

    def _take(self, keys: Mapping[str, list[QKeySequence]]) -> None:
        before = {name: kept for name, kept in self._chosen().items() if name not in keys}
        self._wear({**before, **keys})
        self._keep()

    def _chosen(self) -> dict[str, list[QKeySequence]]:
        return {name: self.keys(name) for name in self.actions if not self.is_default(name)}

    def _wear(self, chosen: Mapping[str, list[QKeySequence]]) -> None:
        """The last of the chosen wins over those before it and over defaults."""
        taken: list[tuple[str, QKeySequence]] = []
        order = [name for name in self._defaults if name not in chosen]
        for name in [*reversed([n for n in chosen if n in self.actions]), *order]:
            wanted = chosen.get(name, self._defaults[name])
            others = [key for owner, key in taken if self._meet(name, owner)]
            free = [k for k in wanted if not any(_clash(k, other) for other in others)]
            taken += [(name, key) for key in free]
            self.actions[name].setShortcuts(free)
            _explain(self.actions[name])

    def _keep(self) -> None:
        known = {name: _spelled(keys) for name, keys in self._chosen().items()}
        table = self._settings.table(_TABLE)
        strange = {name: keys for name, keys in table.items() if name not in self.actions}
        self._settings.set_table(_TABLE, strange | known)
        self.changed.emit()


def is_fixed(key: QKeySequence) -> bool:
    """Whether a gesture on the canvas needs it."""
    return key.toString(_PORTABLE).removeprefix("Shift+") in FIXED


def _clash(one: QKeySequence, other: QKeySequence) -> bool:
    """Whether they are equal or one begins with the other."""
    none = QKeySequence.SequenceMatch.NoMatch
    return one.matches(other) != none or other.matches(one) != none


def _sequences(table: Mapping[str, list[str]]) -> dict[str, list[QKeySequence]]:
    """Keys as they are written in files; what is no key, or a gesture's, is left out."""
    made = {}
    for name, keys in table.items():
        read = [QKeySequence.fromString(key, _PORTABLE) for key in keys]
        made[name] = [k for k in read if k.toString(_PORTABLE).strip() and not is_fixed(k)]
    return made


def _spelled(keys: list[QKeySequence]) -> list[str]:
    return [key.toString(_PORTABLE) for key in keys]


def _explain(action: QAction) -> None:
    """The tooltip: what it does and its key."""
    key = spelled_keys(action)
    action.setToolTip(f"{shown_text(action).rstrip('…')}{f'  ({key})' if key else ''}")
