"""Tar shards on disk: an index with the place of every member, and the bytes of one of them."""

from __future__ import annotations

import mmap
from functools import lru_cache
from pathlib import Path

import msgspec

from engine.errors import InputError
from engine.files import read_limited

TAR = ".tar"
INDEX = "shards.json"
"""File in the folder of shards that makes it a set."""
VERSION = 1
_MAX_INDEX = 4_000_000_000
_OPEN = 256
"""Shards that are mapped at a time."""


class Entry(msgspec.Struct, frozen=True):
    """A sample in the shards.

    Attributes:
        key: of its members' names, before the first dot.
        shard: number of the file in the index's list.
        members: ending, such as "photo.jpg", -> offset and length of the content in bytes.
        about: what its kind needs besides pictures.
    """

    key: str
    shard: int
    members: dict[str, tuple[int, int]]
    about: dict[str, object] = {}


class Index(msgspec.Struct, frozen=True):
    """What is in a folder of shards.

    Attributes:
        kind: people, products or scenes.
        source: title of the layout that the samples came in.
        shards: file names and their lengths in bytes.
        splits: samples of each split, in the order of the folder that they came from.
        about: what holds for all of them, such as the number of classes.
    """

    kind: str
    source: str
    shards: list[tuple[str, int]]
    splits: dict[str, list[Entry]]
    about: dict[str, object] = {}
    version: int = VERSION


def read_index(folder: Path) -> Index:
    """The index of a folder of shards.

    Raises:
        InputError: none there, damaged, of a later version, or a shard is missing or cut off.
    """
    return _index(folder, _written(folder))


@lru_cache(4)
def _index(folder: Path, _written: int) -> Index:
    path = folder / INDEX
    try:
        index = msgspec.json.decode(read_limited(path, _MAX_INDEX), type=Index)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no index of shards ({error}); prepare them again.") from None
    if index.version > VERSION:
        raise InputError(f"{path} was written by a later Guise; install that one.")
    numbers = {entry.shard for entries in index.splits.values() for entry in entries}
    if not numbers <= set(range(len(index.shards))):
        raise InputError(f"{path} names shards that it does not list; prepare them again.")
    for name, length in index.shards:
        file = folder / name
        if Path(name).name != name or not file.is_file():
            raise InputError(f"{folder} lacks the shard {name}; copy it again.")
        if file.stat().st_size != length:
            raise InputError(f"{file} is cut off or was changed; copy or prepare it again.")
    return index


def path_of(folder: Path, index: Index, entry: Entry, ending: str) -> Path:
    """What stands for a member where a file's path is wanted."""
    return folder / index.shards[entry.shard][0] / f"{entry.key}.{ending}"


def member(path: Path) -> bytes:
    """The bytes of a member that :func:`path_of` names. InputError: it is not there."""
    tar, folder = path.parent, path.parent.parent
    written = _written(folder)
    place = _places(folder, written).get(tar.name, {}).get(path.name)
    if place is None:
        raise InputError(f"{tar} has no {path.name}.")
    mapped = _mapped(tar, written)
    offset, length = place
    if offset < 0 or length <= 0 or offset + length > len(mapped):
        raise InputError(f"{tar} ends before {path.name}; prepare the shards again.")
    return mapped[offset : offset + length]


def _written(folder: Path) -> int:
    """When the index was written: whatever is remembered of an older one does not count."""
    try:
        return (folder / INDEX).stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(4)
def _places(folder: Path, _written: int) -> dict[str, dict[str, tuple[int, int]]]:
    """Shard -> name -> offset and length of everything in it."""
    index = read_index(folder)
    places: dict[str, dict[str, tuple[int, int]]] = {name: {} for name, _ in index.shards}
    for entries in index.splits.values():
        for entry in entries:
            inside = places[index.shards[entry.shard][0]]
            inside |= {f"{entry.key}.{ending}": at for ending, at in entry.members.items()}
    return places


@lru_cache(_OPEN)
def _mapped(tar: Path, _written: int) -> mmap.mmap:
    with tar.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
