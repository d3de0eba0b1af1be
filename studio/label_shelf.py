"""All label sets at hand: the bundled ones, and one's own as files in a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from engine.errors import InputError
from engine.shapes.label_sets import bundled, own_sets, read_label_set, user_folder, write_label_set
from engine.shapes.labels import LabelSet

_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*.]')


@dataclass(frozen=True)
class Shelved:
    """A label set to choose.

    Attributes:
        path: the file of an own set; None = it comes with Guise.
    """

    known: LabelSet
    path: Path | None = None


class LabelShelf:
    """The bundled sets in their order, then one's own by name.

    Args:
        folder: where own sets are kept; None = the usual place.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or user_folder()

    @property
    def sets(self) -> tuple[Shelved, ...]:
        """Everything there is."""
        own = [Shelved(known, path) for path, known in own_sets(self.folder).items()]
        return (*map(Shelved, bundled()), *sorted(own, key=lambda one: one.known.name.casefold()))

    def add(self, known: LabelSet) -> Shelved:
        """Keep another set, under a name that is free. InputError if it cannot be written."""
        named = replace(known, name=self._free(known.name))
        self.folder.mkdir(parents=True, exist_ok=True)
        stem = " ".join(_FORBIDDEN.sub(" ", named.name).split()) or "labels"
        path, n = self.folder / f"{stem}.json", 1
        while path.exists():
            n += 1
            path = self.folder / f"{stem} {n}.json"
        write_label_set(named, path)
        return Shelved(named, path)

    def copy(self, shelved: Shelved) -> Shelved:
        """A set of one's own that begins as another one."""
        name = QCoreApplication.translate("LabelShelf", "{0} copy").format(shelved.known.name)
        return self.add(replace(shelved.known, name=name))

    def take(self, path: Path) -> Shelved:
        """Keep the set of a file. InputError if it holds none."""
        return self.add(read_label_set(path))

    def change(self, shelved: Shelved, known: LabelSet) -> Shelved:
        """An own set is another one now.

        Raises:
            InputError: its name is taken, or it cannot be written; then the old one stays.
        """
        assert shelved.path is not None
        if known.name in self._names() - {shelved.known.name}:
            raise InputError(f"There is another label set named {known.name!r}; choose a new name.")
        write_label_set(known, shelved.path)
        return Shelved(known, shelved.path)

    def remove(self, shelved: Shelved) -> None:
        """Throw an own set away; scenes that use it keep their labels."""
        assert shelved.path is not None
        shelved.path.unlink(missing_ok=True)

    def _names(self) -> set[str]:
        return {one.known.name for one in self.sets}

    def _free(self, name: str) -> str:
        taken, free, n = self._names(), name, 1
        while free in taken:
            n += 1
            free = f"{name} {n}"
        return free
