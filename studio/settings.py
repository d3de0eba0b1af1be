"""What the studio remembers between starts: one JSON file, described by one table."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from platformdirs import user_config_dir
from PySide6.QtCore import QByteArray, QCoreApplication, QObject, Signal

from engine.errors import GuiseError
from engine.files import read_limited, replacing
from studio.theme import ThemeChoice

log = logging.getLogger("guise")

Value = str | int | bool
Kind = Literal["choice", "whole", "switch", "folder", "text"]
_TYPES: dict[Kind, type] = {
    "choice": str,
    "whole": int,
    "switch": bool,
    "folder": str,
    "text": str,
}
_LONGEST_TEXT = 4096
_LONGEST_FILE = 1_000_000


@dataclass(frozen=True)
class Setting:
    """One remembered value.

    Attributes:
        name: its key in the file.
        kind: "whole" has a range, "choice" has choices; "text" is never shown to the user.
        default: what holds until it is chosen.
        section: heading in the settings dialog; empty = not shown there.
        text: label, sentence case, English.
        help: what it does, one or two sentences, English.
        choices: values of the file with their labels.
        low, high, step: range of a whole number, both ends included.
        unit: after the number, English; empty = none.
        restart: whether it holds from the next start on.
    """

    name: str
    kind: Kind
    default: Value
    section: str = ""
    text: str = ""
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    low: int = 0
    high: int = 0
    step: int = 1
    unit: str = ""
    restart: bool = False

    def accepts(self, value: object) -> bool:
        """Whether a value may stand in the file under this name."""
        if type(value) is not _TYPES[self.kind]:
            return False
        if self.kind == "choice":
            return value in [known for known, _ in self.choices]
        if isinstance(value, int) and self.kind == "whole":
            return self.low <= value <= self.high
        return self.kind == "switch" or len(str(value)) <= _LONGEST_TEXT


def worded(text: str) -> str:
    """A text of the table in the user's language."""
    return QCoreApplication.translate("Settings", text) if text else ""


_LOOK = "Look and language"
_PAINT = "Painting"
_CANVAS = "Canvas"
_FILES = "Files and memory"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "theme",
        "choice",
        "dark",
        _LOOK,
        "Theme",
        "Dark keeps the picture the brightest thing in the window.",
        (
            ("dark", "Dark"),
            ("light", "Light"),
            ("system", "As the system"),
        ),
    ),
    Setting(
        "language",
        "choice",
        "system",
        _LOOK,
        "Language",
        "The language of menus, panels and messages.",
        (
            ("system", "As the system"),
            ("en", "English"),
            ("zh_CN", "简体中文"),
        ),
        restart=True,
    ),
    Setting(
        "scale",
        "choice",
        "100",
        _LOOK,
        "Interface size",
        "Larger text and buttons, on top of the system's scaling.",
        tuple((str(n), f"{n} %") for n in (100, 125, 150, 175, 200, 250, 300)),
        restart=True,
    ),
    Setting(
        "device",
        "choice",
        "auto",
        _PAINT,
        "Paint on",
        "A graphics card paints faster; the processor always works.",
        (
            ("auto", "The fastest device"),
            ("cpu", "Processor (CPU)"),
            ("gpu", "Graphics card (GPU)"),
        ),
        restart=True,
    ),
    Setting(
        "preview",
        "choice",
        "auto",
        _PAINT,
        "Preview size",
        "The longest side of the picture while you edit. "
        "Smaller is faster; an export always has the size of the photo.",
        (
            ("auto", "As it is shown"),
            *((str(n), f"{n} px") for n in (256, 512, 768, 1024, 2048)),
        ),
    ),
    Setting(
        "models",
        "folder",
        "",
        _PAINT,
        "Folder for models",
        "More painters are looked for here, beside your own folder.",
        restart=True,
    ),
    Setting(
        "wheel",
        "choice",
        "zoom",
        _CANVAS,
        "The wheel",
        "With Ctrl held it always zooms.",
        (
            ("zoom", "Zooms"),
            ("scroll", "Scrolls"),
        ),
    ),
    Setting(
        "limbs",
        "choice",
        "sides",
        _CANVAS,
        "Limb colours",
        "How the person's right and left are told apart. Red and cyan suits "
        "blue-yellow blindness; light and dark needs no colour vision at all.",
        (
            ("sides", "Orange and blue"),
            ("red", "Red and cyan"),
            ("tones", "Light and dark"),
        ),
    ),
    Setting(
        "hints",
        "switch",
        True,
        _CANVAS,
        "Show hints",
        "What can be done now, in the line at the bottom.",
    ),
    Setting(
        "autosave",
        "whole",
        30,
        _FILES,
        "Save for recovery every",
        "After a crash, work is offered as it was saved last.",
        low=5,
        high=600,
        step=5,
        unit="s",
    ),
    Setting(
        "history",
        "whole",
        200,
        _FILES,
        "History of pictures",
        "The oldest leave first; starred pictures always stay.",
        low=10,
        high=4000,
        step=10,
        unit="MB",
    ),
    Setting(
        "undo",
        "whole",
        64,
        _FILES,
        "Steps to undo",
        "The memory that one document may use to take steps back.",
        low=4,
        high=1000,
        step=4,
        unit="MB",
    ),
    Setting("view", "text", "side"),
    Setting("folder", "text", ""),
    Setting("geometry", "text", ""),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}


def settings_file() -> Path:
    """Where the choices are kept."""
    return Path(user_config_dir("guise", appauthor=False)) / "settings.json"


class Settings(QObject):
    """Typed access to the stored choices; every change is written at once.

    A file that cannot be read is kept under another name and everything starts from its defaults;
    a single value that is out of range gives its default.

    Signals:
        changed: a value is another one; its name.
    """

    changed = Signal(str)

    def __init__(self, path: Path | None = None) -> None:
        super().__init__()
        self.path = path or settings_file()
        self._broken = False
        self._kept: Path | None = None
        self._raw = self._read()

    def value(self, name: str) -> Value:
        """The value of a setting, its default if none was chosen.

        Raises:
            KeyError: there is no such setting.
        """
        setting, stored = BY_NAME[name], self._raw.get(name)
        return stored if stored is not None and setting.accepts(stored) else setting.default

    def text(self, name: str) -> str:
        """A choice, a folder or a text."""
        return str(self.value(name))

    def whole(self, name: str) -> int:
        """A whole number in its range."""
        return int(self.value(name))

    def switch(self, name: str) -> bool:
        """Whether it is on."""
        return bool(self.value(name))

    def set(self, name: str, value: Value) -> None:
        """Choose a value and write it.

        Raises:
            ValueError: out of range, or of another type.
        """
        if not BY_NAME[name].accepts(value):
            raise ValueError(f"{name} cannot be {value!r}")
        if value != self.value(name):
            self._store(name, value)
            self.changed.emit(name)

    def table(self, name: str) -> dict[str, list[str]]:
        """Lists of words by name, as `shortcuts`; empty if there are none or they are damaged."""
        try:
            return msgspec.convert(self._raw.get(name, {}), dict[str, list[str]])
        except msgspec.ValidationError:
            return {}

    def set_table(self, name: str, table: dict[str, list[str]]) -> None:
        """Remember lists of words."""
        self._store(name, table)

    def values(self, name: str) -> dict[str, str | bool | float]:
        """Plain values by name, as of a tool's options; empty if there are none or are damaged."""
        try:
            return msgspec.convert(self._raw.get(name, {}), dict[str, str | bool | float])
        except msgspec.ValidationError:
            return {}

    def set_values(self, name: str, values: Mapping[str, str | bool | float]) -> None:
        """Remember plain values."""
        self._store(name, dict(values))

    # Choices that the window itself keeps

    @property
    def theme(self) -> ThemeChoice:
        """Dark unless chosen otherwise."""
        return ThemeChoice(self.text("theme"))

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self.set("theme", choice.value)

    @property
    def view(self) -> str:
        """Name of the view: "side", "single" or "wipe"."""
        return self.text("view")

    @view.setter
    def view(self, name: str) -> None:
        self.set("view", name)

    @property
    def folder(self) -> str:
        """Where the last file was opened or saved."""
        return self.text("folder")

    @folder.setter
    def folder(self, path: str) -> None:
        self.set("folder", path[:_LONGEST_TEXT])

    @property
    def geometry(self) -> QByteArray:
        """The window's place and size."""
        try:
            return QByteArray(base64.b64decode(self.text("geometry"), validate=True))
        except (binascii.Error, ValueError):
            return QByteArray()

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self.set("geometry", base64.b64encode(value.data()).decode())

    # The file

    @property
    def trouble(self) -> str:
        """What has to be said about a file that could not be read; empty = nothing."""
        if not self._broken:
            return ""
        if self._kept is None:
            return self.tr("The settings cannot be read, so everything starts from its defaults.")
        text = self.tr("The settings could not be read and start afresh. The old file is {0}.")
        return text.format(self._kept)

    def _read(self) -> dict[str, Any]:
        try:
            return _decoded(self.path) if self.path.exists() else {}
        except (GuiseError, OSError, ValueError) as error:
            log.warning("settings: %s", error)
            self._broken, self._kept = True, _set_aside(self.path)
            return {}

    def _store(self, name: str, value: object) -> None:
        """Another window's choices in the same file stay."""
        self._raw[name] = value
        try:
            stored = _decoded(self.path) | {name: value}
        except (GuiseError, ValueError):
            stored = self._raw
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self.path) as draft:
                draft.write(msgspec.json.format(msgspec.json.encode(stored)))
        except (GuiseError, OSError) as error:  # not writable: it holds until the end
            log.warning("settings: %s", error)


def _decoded(path: Path) -> dict[str, Any]:
    return msgspec.json.decode(read_limited(path, _LONGEST_FILE), type=dict[str, Any])


def _set_aside(path: Path) -> Path | None:
    """The broken file's new place beside the old one, or None if it cannot be moved."""
    kept = path.with_name(f"settings broken {datetime.now():%Y-%m-%d %H%M%S}.json")
    try:
        return path.rename(kept)
    except OSError:
        return None
