"""The pose library: bundled poses and the user's own, which are OpenPose files in one folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from platformdirs import user_data_dir
from PySide6.QtCore import QFile, QObject, Signal

from engine.errors import GuiseError, InputError
from engine.shapes.pose import Pose
from engine.shapes.pose_files import read_pose, write_pose

_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_LONGEST_NAME = 80


class Named(Protocol):
    """A bundled pose."""

    @property
    def name(self) -> str: ...
    @property
    def pose(self) -> Pose: ...
    @property
    def tags(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class LibraryPose:
    """A pose to choose.

    Attributes:
        name: for people; the file's name for own ones.
        pose: on a canvas of its own.
        tags: words by which it is found.
        path: the file of an own pose; None = bundled.
    """

    name: str
    pose: Pose
    tags: tuple[str, ...] = ()
    path: Path | None = None

    def matches(self, words: Sequence[str]) -> bool:
        """Whether each word begins a word of the name or of a tag."""
        there = [w for text in (self.name, *self.tags) for w in _words(text)]
        return all(any(w.startswith(word) for w in there) for word in words)


def user_poses() -> Path:
    """Where the user's own poses are kept."""
    return Path(user_data_dir("guise", appauthor=False)) / "poses"


class PoseLibrary(QObject):
    """Own poses by name, then the bundled ones in their order.

    Signals:
        changed: poses came, went, or have another name.
    """

    changed = Signal()

    def __init__(self, bundled: Sequence[Named], folder: Path | None = None) -> None:
        super().__init__()
        self.folder = folder or user_poses()
        self._bundled = [LibraryPose(each.name, each.pose, tuple(each.tags)) for each in bundled]
        self._own: list[LibraryPose] = []
        self.problems: list[str] = []
        self.reload()

    @property
    def poses(self) -> tuple[LibraryPose, ...]:
        """Everything there is."""
        return (*self._own, *self._bundled)

    def found(self, text: str) -> list[LibraryPose]:
        """The poses whose name and tags have words that begin like those of `text`."""
        words = _words(text)
        return [pose for pose in self.poses if pose.matches(words)]

    def reload(self) -> None:
        """Read the folder again; `problems` says which files cannot be used."""
        self._own, self.problems = [], []
        for path in sorted(self.folder.glob("*.json"), key=lambda p: p.stem.casefold()):
            try:
                self._own.append(LibraryPose(path.stem, read_pose(path), ("own",), path))
            except GuiseError as error:
                self.problems.append(str(error))
        self.changed.emit()

    def save(self, name: str, pose: Pose) -> LibraryPose:
        """Keep a pose under a name; a name that is taken gets a number.

        Raises:
            InputError: the name is empty, or the folder cannot be written.
        """
        path = self._free(name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            text = self.tr("{0} cannot be made ({1}).").format(self.folder, reason)
            raise InputError(text) from None
        write_pose(pose, path)
        self.reload()
        return self._at(path)

    def add_file(self, source: Path) -> LibraryPose:
        """Copy the pose of an OpenPose or COCO file.

        Raises:
            InputError: it shows no pose, or the folder cannot be written.
        """
        return self.save(source.stem, read_pose(source))

    def rename(self, pose: LibraryPose, name: str) -> LibraryPose:
        """Give an own pose another name.

        Raises:
            InputError: the name is empty, the pose is bundled or gone, or it cannot be renamed.
        """
        path = self._path(pose)
        if _clean(name) == path.stem:
            return pose
        target = self._free(name)
        try:
            path.rename(target)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            text = self.tr("{0} cannot be renamed ({1}).").format(pose.name, reason)
            raise InputError(text) from None
        self.reload()
        return self._at(target)

    def delete(self, pose: LibraryPose) -> None:
        """Move an own pose to the trash; where there is none, delete it.

        Raises:
            InputError: it is bundled, or cannot be removed.
        """
        path = self._path(pose)
        if path.exists() and not (QFile.moveToTrash(str(path)) or QFile.remove(str(path))):
            raise InputError(self.tr("{0} cannot be removed.").format(path))
        self.reload()

    def _path(self, pose: LibraryPose) -> Path:
        if pose.path is None:
            raise InputError(self.tr("{0} comes with Guise and stays.").format(pose.name))
        return pose.path

    def _at(self, path: Path) -> LibraryPose:
        return next(pose for pose in self._own if pose.path == path)

    def _free(self, name: str) -> Path:
        """A file that is not there yet."""
        clean = _clean(name)
        if not clean:
            raise InputError(self.tr("A pose needs a name; type one."))
        path, number = self.folder / f"{clean}.json", 2
        while path.exists():
            path, number = self.folder / f"{clean} {number}.json", number + 1
        return path


def _clean(name: str) -> str:
    """A name that every file system takes."""
    plain = " ".join(_FORBIDDEN.sub(" ", name).split())
    return plain.strip(". ")[:_LONGEST_NAME].strip()


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
