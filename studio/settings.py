"""What the studio remembers between starts."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from studio.theme import ThemeChoice


class Settings:
    """Typed access to the stored choices."""

    def __init__(self) -> None:
        self._store = QSettings("Guise", "Studio")

    @property
    def theme(self) -> ThemeChoice:
        """Dark unless chosen otherwise."""
        stored = str(self._store.value("theme", ThemeChoice.dark.value))
        known = {choice.value for choice in ThemeChoice}
        return ThemeChoice(stored) if stored in known else ThemeChoice.dark

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("theme", choice.value)

    @property
    def view(self) -> str:
        """Name of the view: "side", "single" or "wipe"."""
        return str(self._store.value("view", "side"))

    @view.setter
    def view(self, name: str) -> None:
        self._store.setValue("view", name)

    @property
    def folder(self) -> str:
        """Where the last file was opened or saved."""
        return str(self._store.value("folder", ""))

    @folder.setter
    def folder(self, path: str) -> None:
        self._store.setValue("folder", path)

    @property
    def geometry(self) -> QByteArray:
        """The window's place and size."""
        stored: Any = self._store.value("geometry")
        return stored if isinstance(stored, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("geometry", value)
