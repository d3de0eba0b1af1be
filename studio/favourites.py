"""Favourite looks: a small file each, with all that the look is made of, in the user's folder."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zipfile import ZipFile

import msgspec
from platformdirs import user_data_dir
from PySide6.QtCore import QCoreApplication, QFile, QObject, Signal

from engine.appearance import Appearance, within
from engine.errors import GuiseError, InputError
from engine.files import replacing
from engine.look_files import look_from
from engine.shape_files import Rasters
from studio.project import mask_from, photo_from, png
from studio.project_form import Members
from studio.project_zip import Archive, opened

SUFFIX = ".look"
_JSON, _THUMBNAIL = "look.json", "thumbnail.png"
_FORMAT = 1
T = TypeVar("T")


class _Form(msgspec.Struct, kw_only=True):
    """The whole of a file's JSON."""

    format: int = _FORMAT
    name: str
    model: str
    kinds: list[str]
    kept: datetime
    look: Any


@dataclass(frozen=True)
class Favourite:
    """A look that was kept, without its photos.

    Attributes:
        path: its file.
        name: for people.
        model: id of the painter that it was kept with.
        kinds: every kind of look in it, as cards name them, e.g. "FromPhoto".
        kept: when it was kept.
        thumbnail: a PNG file.
    """

    path: Path
    name: str
    model: str
    kinds: frozenset[str]
    kept: datetime
    thumbnail: bytes


def user_looks() -> Path:
    """Where the user's favourites are kept."""
    return Path(user_data_dir("guise", appauthor=False)) / "looks"


class Favourites(QObject):
    """All favourites, the newest first.

    Signals:
        changed: some came, went, or have another name.
    """

    changed = Signal()

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self.folder = folder or user_looks()
        self.all: list[Favourite] = []
        self.problems: list[str] = []
        self.reload()

    def reload(self) -> None:
        """Read the folder again; `problems` says which files cannot be used."""
        found: list[Favourite] = []
        self.problems = []
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            try:
                found.append(read_favourite(path))
            except GuiseError as error:
                self.problems.append(str(error))
        self.all = sorted(found, key=lambda each: each.kept, reverse=True)
        self.changed.emit()

    def delete(self, favourite: Favourite) -> None:
        """Move a favourite to the trash; where there is none, delete it.

        Raises:
            InputError: it cannot be removed.
        """
        path = str(favourite.path)
        gone = not favourite.path.exists()
        if not (gone or QFile.moveToTrash(path) or QFile.remove(path)):
            raise InputError(self.tr("{0} cannot be removed.").format(path))
        self.reload()

    def fresh(self) -> Path:
        """Where one more favourite can be written; the folder is made.

        Raises:
            InputError: the folder cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            text = self.tr("{0} cannot be made ({1}).").format(self.folder, reason)
            raise InputError(text) from None
        return self.folder / f"{secrets.token_hex(8)}{SUFFIX}"


def rename_favourite(favourite: Favourite, name: str) -> None:
    """Give a favourite another name; slow for large photos, so away from the window.

    Raises:
        InputError: the name is empty, or the file is gone or cannot be written.
    """
    plain = " ".join(name.split())
    if not plain:
        raise InputError(QCoreApplication.translate("Favourites", "A look needs a name; type one."))
    look = read_look(favourite.path)
    write_favourite(replace(favourite, name=plain), look)


def write_favourite(favourite: Favourite, look: Appearance) -> None:
    """Write a look with its photos and masks; slow for large photos, so away from the window.

    Args:
        favourite: what is said about it; its kinds are taken from the look.

    Raises:
        InputError: the file cannot be written.
    """
    members = Members()
    form = _Form(
        name=favourite.name,
        model=favourite.model,
        kinds=sorted({type(inner).__name__ for inner in within(look)}),
        kept=favourite.kept,
        look=members.look(look),
    )
    with replacing(favourite.path) as file, ZipFile(file, "w") as archive:
        archive.writestr(_JSON, msgspec.json.encode(form))
        archive.writestr(_THUMBNAIL, favourite.thumbnail)
        for folder, rasters in (("photos", members.photos), ("masks", members.masks)):
            for digest, raster in rasters.items():
                archive.writestr(f"{folder}/{digest}.png", png(raster))


def read_favourite(path: Path) -> Favourite:
    """A favourite without its photos.

    Raises:
        InputError: it is missing, damaged, or from a newer Guise.
    """
    form, thumbnail = _read(path, lambda archive: (_form(archive), archive.read(_THUMBNAIL)))
    kinds = frozenset(form.kinds)
    return Favourite(path, form.name, form.model, kinds, form.kept, thumbnail)


def read_look(path: Path) -> Appearance:
    """The look of a favourite, equal in every bit; slow for large photos.

    Raises:
        InputError: it is missing, damaged, or from a newer Guise.
    """

    def look(archive: Archive) -> Appearance:
        rasters = Rasters(
            lambda digest: photo_from(archive.read(f"photos/{digest}.png"), digest),
            lambda digest: mask_from(archive.read(f"masks/{digest}.png"), digest),
        )
        return look_from(_form(archive).look, rasters)

    return _read(path, look)


def _read(path: Path, how: Callable[[Archive], T]) -> T:
    try:
        with opened(path) as archive:
            return how(archive)
    except GuiseError as error:
        raise InputError(f"{path} cannot be opened: {error}") from None


def _form(archive: Archive) -> _Form:
    try:
        form = msgspec.json.decode(archive.read(_JSON), type=_Form)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"its description is damaged ({error}).") from None
    if form.format > _FORMAT:
        raise InputError("it was made with a newer Guise; update Guise.")
    return form
