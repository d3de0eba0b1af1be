"""Joints in VUNet's index.p: shares of the photo, in one array for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.errors import InputError
from engine.files import read_limited
from engine.plain_pickle import read_plain
from engine.shapes.pose import INDEX
from trainer.annotations.items import Book, Correction, Item, Names
from trainer.annotations.joints import DERIVED, moved, named
from trainer.annotations.pickled import with_array
from trainer.data.coco import PersonSample
from trainer.data.index_p import MAX_FILE, index_rows, opened_index, our_joint

_MISSING = -1.0


class IndexBook(Book):
    """One index; joints are there or not, none is hidden, and it tells of no masks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._index = opened_index(path)
        self._content = read_limited(path, MAX_FILE)
        self._joints = read_plain(self._content)["joints"].value.copy()
        ours = {our_joint(name): n for n, name in enumerate(self._index.joint_order)}
        self._columns = {n: c for n, c in ours.items() if n in INDEX and n != DERIVED}
        self.holds = tuple(self._columns)
        self._changed = False

    def items(self, split: str) -> Iterator[Item | str]:
        """One for each photo that can be read; those not trained on are val."""
        rows = np.flatnonzero(self._index.train == (split == "train")).tolist()
        names = Names()
        for row, (_, found) in zip(rows, index_rows(self._path, self._index, split), strict=True):
            photo = self._index.photos[row]
            if not isinstance(found, PersonSample):
                yield str(found)
                continue
            joints, _ = named(found.pose, self.holds)
            name = names.of(split, photo.relative_to(self._path.parent).as_posix())
            yield Item(name, split, photo, found.pose.size, found, row, joints)

    def correct(self, item: Item, correction: Correction) -> bool:
        """Exchange places in a row."""
        if self._joints.dtype.kind != "f":
            raise InputError(f"{self._path} has whole numbers for joints; write it with fractions.")
        changes = moved(item, correction, self.holds)
        for name, point in changes.items():
            new = _MISSING if point is None else np.divide(point, item.size)
            self._joints[item.place, self._columns[name]] = new
        self._changed |= bool(changes)
        return bool(changes)

    def changed(self) -> dict[Path, bytes]:
        """The index with its new joints."""
        if not self._changed:
            return {}
        content = with_array(self._content, "joints", self._joints)
        if content is None:
            raise InputError(
                f"{self._path} holds its joints in a form that cannot be corrected; open it in "
                "Python and save it anew with pickle.dump(index, file, 2)."
            )
        return {self._path: content}
