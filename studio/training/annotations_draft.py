"""Corrections that are not saved yet, on the disk: they survive a crash, and are what is written.

The file is the one that `guise annotations DIR --write` takes, with its pictures beside it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec
from PIL import Image
from PySide6.QtCore import QLockFile

from engine.errors import InputError
from engine.files import read_limited, replacing
from engine.photo import Mask
from engine.shapes.label_files import save_instance_ids, save_label_ids
from engine.shapes.labels import LabelMap
from studio.saving_lock import taken
from studio.training.annotations import VERSION, Correction, Corrections

FILE = "corrections.json"
_LOCK = "lock"
_MAX = 200_000_000


class Draft:
    """The unsaved corrections of one folder of training photos.

    Args:
        root: where drafts lie.
        data: the folder of photos.
    """

    def __init__(self, root: Path, data: Path) -> None:
        name = hashlib.sha256(str(data.absolute()).encode()).hexdigest()[:16]
        self.folder = root / name
        self._lock: QLockFile | None = None

    @property
    def path(self) -> Path:
        """The file of corrections, for the command that writes them."""
        return self.folder / FILE

    def claim(self) -> None:
        """Keep other windows out. InputError: the photos are being corrected elsewhere."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{self.folder} cannot be made ({error.strerror}).") from None
        self._lock = taken(self.folder / _LOCK)
        if not self._lock.isLocked():
            raise InputError(
                "These photos are being corrected in another window of Guise; close it first."
            )

    def release(self) -> None:
        """Let others in; nothing is left of a draft without corrections."""
        if self._lock is None:
            return
        self._lock.unlock()
        self._lock = None
        if not self.path.exists():
            shutil.rmtree(self.folder, ignore_errors=True)

    def read(self) -> tuple[Correction, ...]:
        """What a crash left; empty = nothing. InputError: it cannot be read."""
        if not self.path.exists():
            return ()
        try:
            return msgspec.json.decode(read_limited(self.path, _MAX), type=Corrections).items
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise InputError(f"{self.path} holds no corrections ({error}).") from None

    def write(self, tellers: Sequence[Callable[[Draft], Correction]]) -> None:
        """Put corrections on the disk instead of those before.

        Args:
            tellers: each puts its pictures here and tells its correction; none = nothing is left.

        Raises:
            InputError: the folder cannot be written.
        """
        if not tellers:
            self.discard()
            return
        told = Corrections(VERSION, tuple(tell(self) for tell in tellers))
        with replacing(self.path) as file:
            file.write(msgspec.json.encode(told))
        named = {path for one in told.items for path in (one.mask, one.labels, one.objects)}
        self._sweep({Path(path) for path in named if path is not None})

    def discard(self) -> None:
        """Forget all corrections."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._sweep(set())

    # Pictures

    def mask(self, mask: Mask) -> str:
        """The PNG file of a mask. InputError as in :meth:`write`."""
        path = self.folder / f"{mask.digest}.png"
        if not path.exists():
            with replacing(path) as file:
                _save(mask, file)
        return str(path)

    def scene(self, scene: LabelMap) -> tuple[str, str]:
        """The PNG files of labels and objects. InputError as in :meth:`write`."""
        labels, objects = (
            self.folder / f"{scene.digest}-{part}.png" for part in ("labels", "objects")
        )
        if not objects.exists():  # it is the last one to be written
            save_label_ids(scene, labels)
            save_instance_ids(scene, objects)
        return str(labels), str(objects)

    def _sweep(self, named: set[Path]) -> None:
        """Delete pictures that no correction names any more."""
        for path in set(self.folder.glob("*.png")) - named:
            with suppress(OSError):
                path.unlink()


def _save(mask: Mask, file: BinaryIO) -> None:
    Image.fromarray(mask.pixels).save(file, "PNG", compress_level=4)
