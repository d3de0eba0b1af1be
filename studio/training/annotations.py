"""What is annotated in training photos, as `guise annotations` tells it and takes it back."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from engine.shapes.pose import JOINTS, Pose, Presence
from studio.training.answers import read_answer

VERSION = 1
Point = tuple[float, float]


class Item(msgspec.Struct, frozen=True):
    """One person or scene of a photo.

    Attributes:
        id: unique in its folder.
        photo, mask, labels, objects: picture files; None = there are none.
        size: width and height of the photo in pixels.
        joints: pixels of the photo by name; null = not annotated; None = the layout has none.
        hidden: joints that are known but covered.
        problems: one sentence each.
    """

    id: str
    split: str
    photo: str
    size: tuple[int, int]
    joints: dict[str, Point | None] | None = None
    hidden: tuple[str, ...] = ()
    mask: str | None = None
    labels: str | None = None
    objects: str | None = None
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """For people: without the split, which stands beside it."""
        return self.id.removeprefix(f"{self.split}/")

    @property
    def pose(self) -> Pose:
        """The joints on the photo's canvas."""
        return pose_of(self.size, self.joints or {}, self.hidden)


class Labels(msgspec.Struct, frozen=True):
    """What the numbers of label maps mean.

    Attributes:
        names, colours: by number; an empty name = there is no such label.
        things: numbers of what can be counted.
        void: the number of what is not labelled.
    """

    id: str
    names: tuple[str, ...]
    colours: tuple[tuple[int, int, int], ...]
    things: tuple[int, ...] = ()
    void: int = 0


class Annotations(msgspec.Struct, frozen=True):
    """What `guise annotations DIR --json` says.

    Attributes:
        kind: what an editor opens.
        writes: what can be corrected.
        holds: joints that have a place in the layout.
        items: by split, those with problems first.
        problems: of what could not be listed.
    """

    version: int
    folder: str
    layout: str
    kind: Literal["people", "scenes"]
    writes: tuple[str, ...]
    items: tuple[Item, ...]
    holds: tuple[str, ...] = JOINTS
    label_set: Labels | None = None
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the folder, for people."""
        return Path(self.folder).name


class Correction(msgspec.Struct, frozen=True, omit_defaults=True):
    """What shall be different of an item; what is left out stays as it is.

    Attributes:
        joints: all that the layout has a place for; null = not seen.
        hidden: names of all joints that are known but covered.
        mask, labels, objects: absolute paths of PNG files as large as the photo.
    """

    id: str
    joints: dict[str, Point | None] | None = None
    hidden: tuple[str, ...] | None = None
    mask: str | None = None
    labels: str | None = None
    objects: str | None = None


class Corrections(msgspec.Struct, frozen=True):
    """The file that `guise annotations DIR --write FILE` takes."""

    version: int
    items: tuple[Correction, ...]


class Written(msgspec.Struct, frozen=True):
    """What `guise annotations DIR --write FILE --json` says.

    Attributes:
        written: how many items differ now.
        kept: originals that were kept for the first time.
    """

    written: int
    files: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def pose_of(
    size: tuple[int, int], joints: dict[str, Point | None], hidden: tuple[str, ...] = ()
) -> Pose:
    """Named joints on a canvas. InputError: a name or a number is wrong."""
    there = {name: point for name, point in joints.items() if point is not None}
    return Pose.of(size, there, [name for name in hidden if name in there])


def joints_of(
    pose: Pose, holds: tuple[str, ...]
) -> tuple[dict[str, Point | None], tuple[str, ...]]:
    """The joints of a pose that a layout has a place for, and which of them are hidden."""
    named = {name: pose[name] for name in JOINTS if name in holds}
    hidden = [n for n, p in zip(JOINTS, pose.presence, strict=True) if p == Presence.hidden]
    return named, tuple(name for name in hidden if name in holds)


def read_annotations(output: str) -> Annotations:
    """The answer to a listing. InputError: it is none."""
    return read_answer(output, Annotations)


def read_written(output: str) -> Written:
    """The answer to a writing. InputError: it is none."""
    return read_answer(output, Written)
