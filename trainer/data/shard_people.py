"""People in shards: a photo, a mask if there is one, and the joints of each sample."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from engine.errors import InputError
from engine.shapes.pose import Pose
from trainer.data.coco import PersonSample, Rows
from trainer.data.problems import BadSample
from trainer.data.shard_files import Entry, Index, path_of, read_index


class About(msgspec.Struct):
    """What an entry says of a person.

    Attributes:
        name: of the photo that it came from.
        joints: 18 of x, y and presence in pixels.
        size: width and height of the photo.
        group: see :class:`trainer.data.coco.PersonSample`.
        pack: name of the folder that it came from.
    """

    name: str
    joints: list[tuple[float, float, int]]
    size: tuple[int, int]
    group: str
    pack: str


def about(name: str, person: PersonSample) -> About:
    """The entry of a person."""
    rows = zip(person.pose.xy.tolist(), person.pose.presence.tolist(), strict=True)
    joints = [(x, y, presence) for (x, y), presence in rows]
    return About(name, joints, person.pose.size, person.group, person.pack)


def sharded_people(folder: Path, split: str) -> Rows:
    """Name and sample of everybody in a split. InputError: the shards hold something else."""
    index = read_index(folder)
    if index.kind != "people":
        raise InputError(f"{folder} holds {index.kind}, but people with joints are needed.")
    for entry in index.splits.get(split, ()):
        try:
            yield _person(folder, index, entry)
        except (msgspec.MsgspecError, InputError) as error:
            said = f"{folder}, {entry.key}: its joints cannot be read ({error})."
            yield entry.key, BadSample("row", said, str(error))


def _person(folder: Path, index: Index, entry: Entry) -> tuple[str, PersonSample]:
    at = {end.split(".")[0]: path_of(folder, index, entry, end) for end in entry.members}
    told = msgspec.convert(entry.about, About)
    table = np.array(told.joints, np.float64).reshape(18, 3)
    pose = Pose(table[:, :2], table[:, 2].astype(np.uint8), told.size)
    return told.name, PersonSample(at["photo"], at.get("mask"), pose, told.group, told.pack)
