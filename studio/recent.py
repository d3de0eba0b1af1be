"""The files that were opened last, with small pictures of them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec
from platformdirs import user_cache_dir, user_data_dir
from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader

from engine.errors import GuiseError
from engine.files import read_limited, replacing

log = logging.getLogger("guise")

MOST = 20
THUMB = QSize(320, 240)
"""Pixels that a small picture fills, for screens of up to 200 %."""
_LARGEST_LIST = 1_000_000


class _Line(msgspec.Struct):
    path: str
    when: datetime


@dataclass(frozen=True)
class RecentFile:
    """A file that was opened.

    Attributes:
        when: the last time, with its time zone.
    """

    path: Path
    when: datetime

    @property
    def there(self) -> bool:
        """Whether it can still be opened."""
        try:
            return self.path.is_file()
        except OSError:  # e.g. a name that this system cannot have
            return False


class RecentFiles(QObject):
    """At most 20 files, the last one first; shared by all windows of this user.

    Signals:
        changed: files or pictures are others.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._list = Path(user_data_dir("guise", appauthor=False)) / "recent.json"
        self._cache = Path(user_cache_dir("guise", appauthor=False)) / "thumbnails"

    def files(self) -> list[RecentFile]:
        """The files, the last one first; none if the list is damaged."""
        try:
            lines = msgspec.json.decode(read_limited(self._list, _LARGEST_LIST), type=list[_Line])
        except (GuiseError, msgspec.DecodeError, UnicodeDecodeError):
            return []
        return [RecentFile(Path(line.path), line.when.astimezone()) for line in lines[:MOST]]

    def add(self, path: Path, picture: QImage | None = None) -> None:
        """Put a file first.

        Args:
            path: a file that was just opened or saved.
            picture: what its small picture is made from; None = the file itself, if it is a photo.
        """
        path = Path(path).absolute()
        others = [file for file in self.files() if file.path != path]
        self._keep([RecentFile(path, datetime.now().astimezone()), *others])
        self._keep_thumbnail(path, picture if picture is not None else _photo(path))
        self.changed.emit()

    def remove(self, path: Path) -> None:
        """Forget a file; the file itself stays."""
        self._keep([file for file in self.files() if file.path != path])
        self._thumbnail_file(path).unlink(missing_ok=True)
        self.changed.emit()

    def clear(self) -> None:
        """Forget all."""
        for file in self.files():
            self._thumbnail_file(file.path).unlink(missing_ok=True)
        self._keep([])
        self.changed.emit()

    def thumbnail(self, path: Path) -> QImage:
        """A file's small picture as it was when it was opened; null if there is none."""
        return QImage(str(self._thumbnail_file(path)))

    def _thumbnail_file(self, path: Path) -> Path:
        return self._cache / f"{sha256(str(path).encode(errors='surrogatepass')).hexdigest()}.png"

    def _keep_thumbnail(self, path: Path, picture: QImage) -> None:
        if picture.isNull():
            return
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            log.warning("thumbnails: %s", error)
            return
        _filled(picture).save(str(self._thumbnail_file(path)))

    def _keep(self, files: list[RecentFile]) -> None:
        lines = [_Line(str(file.path), file.when) for file in files[:MOST]]
        for file in files[MOST:]:
            self._thumbnail_file(file.path).unlink(missing_ok=True)
        try:
            self._list.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self._list) as draft:
                draft.write(msgspec.json.encode(lines))
        except (GuiseError, OSError) as error:  # a list that cannot be kept stops nobody
            log.warning("recent files: %s", error)


def _photo(path: Path) -> QImage:
    """A photo, read no larger than needed where its format can; null if it is none."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():
        reader.setScaledSize(size.scaled(THUMB * 2, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    return reader.read()


def _filled(picture: QImage) -> QImage:
    """The picture filling a thumbnail, cut at the sides, or at the bottom: heads matter."""
    filling = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    scaled = picture.scaled(THUMB, filling, Qt.TransformationMode.SmoothTransformation)
    return scaled.copy((scaled.width() - THUMB.width()) // 2, 0, THUMB.width(), THUMB.height())
