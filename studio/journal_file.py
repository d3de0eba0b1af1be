"""The file behind a crash journal: records that are whole or do not count."""

from __future__ import annotations

import io
import os
import struct
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.files import read_limited, replacing
from engine.photo import Mask, Photo
from engine.shape_files import Rasters
from studio import project_form
from studio.entries import Entry
from studio.forms import EditorForm, Moment, told_entries
from studio.members import Members, Source
from studio.project import mask_from, png, thumbnail_from
from studio.project_form import ProjectForm
from studio.project_state import ProjectState

LOG = "log"
MAGIC = b"GUISEJ1\n"
COMPACT = 4_000_000
"""Bytes of a log from which it is written anew, with the last state only."""
SWEEP = 300_000_000
"""Bytes of new photos, masks and thumbnails after which those that are not needed are deleted."""
MAX_LOG = 400_000_000
MAX_RASTER = 250_000_000
MAX_PNG = 250_000_000
_FRAME = struct.Struct("<II")
"""Length of a record and its CRC-32."""


class Base(msgspec.Struct, tag="base"):
    """A whole document.

    Attributes:
        when: seconds since 1970.
        project: the document.
        path: its project file; empty = none yet.
        changed: whether it holds work that no project file has.
    """

    when: float
    project: ProjectForm
    path: str = ""
    changed: bool = False


class Step(msgspec.Struct, tag="step"):
    """What is wanted after a change, also in the middle of a gesture."""

    when: float
    wanted: Any
    marks: dict[str, Any] = {}


class Pictures(msgspec.Struct, tag="pictures"):
    """The history strip after a change."""

    when: float
    history: list[dict[str, Any]]


Record = Base | Step | Pictures


@dataclass
class Replay:
    """What a log tells in the end."""

    when: float
    project: ProjectForm
    path: str
    changed: bool

    def apply(self, record: Record) -> None:
        """Go on to the next record."""
        document = self.project.document
        match record:
            case Base(when, project, path, changed):
                self.project, self.path, self.changed = project, path, changed
            case Step(when, wanted, marks):
                self.changed |= wanted != document["wanted"]
                document |= {"wanted": wanted, **marks}
            case Pictures(when, history):
                self.changed = self.changed or _has_more(history, document)
                document["history"] = history
        self.when = when


class JournalFile:
    """Writes one document's journal into a folder of its own. Use it from one thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log: FileIO | None = None
        self._end = self._added = 0
        self._replay: Replay | None = None
        self._form: EditorForm

    def begin(self, state: ProjectState, path: Path | None, changed: bool) -> None:
        """Start anew from a whole document. InputError if the folder cannot be written."""
        members = Members()
        form = project_form.told(state, members)
        form.document = msgspec.to_builtins(form.document)
        self._form = project_form.editor_form(state.EDITOR)
        self._keep(members)
        self._restart(Base(time.time(), form, str(path or ""), changed))

    def step(self, when: float, step: Moment) -> None:
        """Note what is wanted. InputError as in :meth:`begin`."""
        members = Members()
        wanted = msgspec.to_builtins(self._form.told_wanted(step.wanted, members))
        self._keep(members)
        self._append(Step(when, wanted, dict(step.marks)))

    def pictures(self, when: float, entries: tuple[Entry, ...]) -> None:
        """Note the history strip. InputError as in :meth:`begin`."""
        members = Members()
        told = msgspec.to_builtins(told_entries(self._form, entries, members))
        self._keep(members)
        self._append(Pictures(when, told))

    def close(self) -> None:
        """Let go of the file; what is written stays."""
        if self._log is not None:
            self._log.close()
            self._log = None

    def _append(self, record: Record) -> None:
        """Add a record and have it on the disk; a half one is overwritten by the next."""
        if self._log is None or self._replay is None:
            raise InputError("The recovery journal has not begun.")
        framed = _framed(record)
        try:
            self._log.seek(self._end)
            rest = memoryview(framed)
            while rest:
                rest = rest[self._log.write(rest) :]
            self._log.truncate()
            os.fsync(self._log.fileno())
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise InputError(f"{self.folder} cannot be written ({reason}).") from None
        self._end += len(framed)
        self._replay.apply(record)
        if self._end > COMPACT or self._added > SWEEP:
            self._compact(self._replay)

    def _compact(self, replay: Replay) -> None:
        self._restart(Base(replay.when, replay.project, replay.path, replay.changed))
        named = msgspec.json.encode(replay.project).decode()
        for file in self.folder.glob("*.*"):
            if len(file.stem) == 64 and file.stem not in named:
                with suppress(OSError):
                    file.unlink()

    def _restart(self, base: Base) -> None:
        """A log of one record takes the place of the old one."""
        framed = MAGIC + _framed(base)
        with replacing(self.folder / LOG) as file:
            file.write(framed)
        self.close()
        self._log = FileIO(self.folder / LOG, "r+")
        self._end, self._added = len(framed), 0
        self._replay = Replay(base.when, base.project, base.path, base.changed)

    def _keep(self, members: Members) -> None:
        """Have the members beside the log before a record names them."""
        for digest, photo in members.photos.items():
            self._write(f"{digest}.npy", lambda file, photo=photo: _save(file, photo.pixels))
        for digest, mask in members.masks.items():
            self._write(f"{digest}.png", lambda file, mask=mask: file.write(png(mask)))
        for digest, content in members.thumbnails.items():
            self._write(f"{digest}.png", lambda file, content=content: file.write(content))

    def _write(self, name: str, write: Callable[[BinaryIO], object]) -> None:
        path = self.folder / name
        if not path.exists():
            with replacing(path) as file:
                write(file)
            self._added += path.stat().st_size


def _has_more(history: list[dict[str, Any]], document: Mapping[str, Any]) -> bool:
    """Whether there are pictures of something else than the document has."""
    known = [document["wanted"], *(entry["wanted"] for entry in document.get("history", ()))]
    return any(entry["wanted"] not in known for entry in history)


def replayed(folder: Path) -> Replay | None:
    """What the log in a folder tells up to its first torn record; None = nothing."""
    try:
        content = read_limited(folder / LOG, MAX_LOG)
    except InputError:
        return None
    records = _records(content)
    base = next(records, None)
    if not isinstance(base, Base):
        return None
    replay = Replay(base.when, base.project, base.path, base.changed)
    for record in records:
        replay.apply(record)
    return replay


def state_in(folder: Path, replay: Replay) -> ProjectState:
    """The replayed document with its pixels; InputError if they lack or are damaged."""
    photos: dict[str, Photo] = {}
    masks: dict[str, Mask] = {}

    def photo(digest: str) -> Photo:
        if digest not in photos:
            photos[digest] = Photo(_pixels(folder, digest))
            _check(photos[digest].digest, digest)
        return photos[digest]

    def mask(digest: str) -> Mask:
        if digest not in masks:
            masks[digest] = mask_from(_png_in(folder, digest), digest)
        return masks[digest]

    source = Source(Rasters(photo, mask), lambda digest: thumbnail_in(folder, digest))
    return project_form.state_from(replay.project, source)


def thumbnail_in(folder: Path, digest: str) -> bytes:
    """The thumbnail of this digest; InputError if it lacks or is damaged."""
    return thumbnail_from(_png_in(folder, digest), digest)


def _save(file: BinaryIO, pixels: NDArray[np.uint8]) -> None:
    """As np.save does, which forgets why a disk refused."""
    header = np.lib.format.header_data_from_array_1_0(pixels)
    np.lib.format.write_array_header_1_0(file, header)
    file.write(pixels.data)


def _png_in(folder: Path, digest: str) -> bytes:
    return read_limited(folder / f"{digest}.png", MAX_PNG)


def _framed(record: Record) -> bytes:
    content = msgspec.json.encode(record)
    return _FRAME.pack(len(content), zlib.crc32(content)) + content


def _records(content: bytes) -> Iterator[Record]:
    if not content.startswith(MAGIC):
        return
    at = len(MAGIC)
    while at + _FRAME.size <= len(content):
        length, crc = _FRAME.unpack_from(content, at)
        inner = content[at + _FRAME.size : at + _FRAME.size + length]
        if len(inner) < length or zlib.crc32(inner) != crc:
            return
        try:
            yield msgspec.json.decode(inner, type=Record)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return
        at += _FRAME.size + length


def _pixels(folder: Path, digest: str) -> NDArray[np.uint8]:
    content = read_limited(folder / f"{digest}.npy", MAX_RASTER)
    try:
        pixels = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError, SyntaxError, TypeError):
        raise InputError("A photo of the recovery journal is damaged.") from None
    if pixels.dtype != np.uint8:
        raise InputError("A photo of the recovery journal is damaged.")
    return pixels


def _check(found: str, wanted: str) -> None:
    if found != wanted:
        raise InputError("A photo of the recovery journal is damaged.")
