"""VUNet's own data format: `index.p`, one pickle that lists photos, joints and who is held out.

A dict with `joint_order` (names), `imgs` (paths relative to the file), `train` (flags) and `joints`
((N, J, 2) in 0..1, negative = missing). A pickle can run any code when it is opened, so this one is
read by an unpickler that knows plain values and arrays of numbers, and makes even those itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.files import read_limited
from engine.plain_pickle import Array, WantsCode, read_plain
from engine.shapes.pose import CORE, INDEX, Pose
from trainer.data.coco import PersonSample, wanted
from trainer.data.pictures import size_of
from trainer.data.problems import BadSample

MAX_FILE = 1_000_000_000
_PAIRED = ("ankle", "knee", "hip", "shoulder", "elbow", "wrist", "eye")
REQUIRED: tuple[str, ...] = (*(side + joint for side in "rl" for joint in _PAIRED), "cnose")
"""Joints that VUNet reads; others may be there too."""
_SIDES = {"r": "right_", "l": "left_", "c": ""}


@dataclass(frozen=True)
class Index:
    """What an `index.p` says.

    Attributes:
        joint_order: (J,) names such as "rankle".
        photos: (N,) paths.
        train: (N,) False = held out.
        joints: (N, J, 2) x and y in 0..1; negative = missing.
    """

    joint_order: tuple[str, ...]
    photos: tuple[Path, ...]
    train: NDArray[np.bool_]
    joints: NDArray[np.float64]


def read_index(path: Path) -> Index:
    """Read and check an index.

    Raises:
        InputError: as :func:`opened_index`, or a photo is not there.
    """
    index = opened_index(path)
    absent = [photo for photo in index.photos if not photo.is_file()]
    if absent:
        first = absent[0].relative_to(path.parent)
        raise InputError(
            f"{path} names {len(absent)} photos that are not beside it, first {first}."
        )
    return index


def opened_index(path: Path) -> Index:
    """An index whose photos may be missing.

    Raises:
        InputError: the file is missing, damaged, wants to run code, or its entries do not fit.
    """
    entries = _opened(path)
    missing = [k for k in ("joint_order", "imgs", "train", "joints") if k not in entries]
    if missing:
        raise InputError(f"{path} has no entry {missing[0]!r}; VUNet's index needs it.")
    order = _texts(path, "joint_order", entries["joint_order"])
    lacking = [name for name in REQUIRED if name not in order]
    if lacking or len(set(order)) < len(order):
        reason = f"lacks {', '.join(lacking)}" if lacking else "names a joint twice"
        raise InputError(f"{path}: joint_order {reason}; VUNet needs {', '.join(REQUIRED)}.")
    photos = tuple(path.parent / name for name in _texts(path, "imgs", entries["imgs"]))
    joints = _joints(path, entries["joints"], (len(photos), len(order), 2))
    return Index(tuple(order), photos, _flags(path, entries["train"], len(photos)), joints)


def _opened(path: Path) -> dict[str, Any]:
    content = read_limited(path, MAX_FILE)
    try:
        entries = read_plain(content)
    except WantsCode as error:
        raise InputError(
            f"{path} wants to run code ({error}), so it was not opened; "
            "an index holds lists, text and arrays of numbers only."
        ) from None
    except Exception as error:  # whatever a damaged or hostile pickle provokes
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path} is damaged or not a pickle ({reason}).") from None
    if not isinstance(entries, dict):
        raise InputError(f"{path} holds a {type(entries).__name__}; VUNet's index is a dict.")
    return entries


def _listed(path: Path, name: str, entry: Any) -> list[Any]:
    if isinstance(entry, Array) and entry.value.ndim == 1:
        return entry.value.tolist()
    if isinstance(entry, (list, tuple)):
        return list(entry)
    raise InputError(f"{path}: {name} must be a list.")


def _texts(path: Path, name: str, entry: Any) -> list[str]:
    texts = _listed(path, name, entry)
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise InputError(f"{path}: {name} must be a list of text.")
    return texts


def _flags(path: Path, entry: Any, count: int) -> NDArray[np.bool_]:
    flags = _listed(path, "train", entry)
    if len(flags) != count or not all(flag in (0, 1) for flag in flags):
        raise InputError(f"{path}: train must be {count} flags, one for each of imgs.")
    return np.array(flags, bool)


def _joints(path: Path, entry: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    if not isinstance(entry, Array) or entry.value.dtype.kind not in "iuf":
        raise InputError(f"{path}: joints must be a numpy array of numbers.")
    if entry.value.shape != shape:
        wanted, found = (" x ".join(map(str, s)) for s in (shape, entry.value.shape))
        raise InputError(
            f"{path}: joints must be {wanted} (imgs, joint_order, x and y), not {found}."
        )
    joints = entry.value.astype(np.float64)
    largest = float(joints.max(initial=0.0))
    if not np.isfinite(joints).all():
        raise InputError(f"{path}: joints holds numbers that are not finite; mark them with -1.")
    if largest > 1:
        kind = "in pixels" if largest >= 2 else "outside of their photo"
        raise InputError(
            f"{path}: joints are {kind} (up to {largest:g}); they must be in 0..1: "
            "divide x by the photo's width and y by its height."
        )
    return joints


def read_index_people(path: Path, split: str) -> list[PersonSample]:
    """The people of an index as samples for any recipe, in file order.

    Only those with both shoulders and both hips, as VUNet has it.

    Args:
        split: "train", or anything else for those held out.

    Raises:
        InputError: as :func:`read_index`, a photo is no picture, or nobody is left.
    """
    index = read_index(path)
    people = [one for one in wanted(index_rows(path, index, split)) if one.pose.has(*CORE)]
    if not people:
        raise InputError(
            f"{path} has nobody with shoulders and hips "
            f"{'to train on' if split == 'train' else 'held out'}; check its train flags."
        )
    return people


def index_rows(
    path: Path, index: Index, split: str
) -> Iterator[tuple[str, PersonSample | InputError]]:
    """Name and sample of everybody in a split, or why there is none."""
    for i in np.flatnonzero(index.train == (split == "train")).tolist():
        photo = index.photos[i]
        try:
            yield photo.name, PersonSample(photo, None, _pose(index, i), "", path.parent.name)
        except BadSample as error:
            yield photo.name, error


def our_joint(name: str) -> str:
    """VUNet's name of a joint, such as "rankle", as Guise has it; also of joints it lacks."""
    return _SIDES.get(name[0], "?") + name[1:]


def _pose(index: Index, i: int) -> Pose:
    """Our 18 joints on the photo's canvas; the neck is the middle of the shoulders."""
    size = size_of(index.photos[i])
    at: dict[str, tuple[float, float]] = {}
    for name, (x, y) in zip(index.joint_order, index.joints[i].tolist(), strict=True):
        ours = our_joint(name)
        if ours in INDEX and min(x, y) >= 0:
            at[ours] = x * size[0], y * size[1]
    shoulders = [at[n] for n in CORE[:2] if n in at]
    if len(shoulders) == 2:
        at["neck"] = tuple(np.mean(shoulders, axis=0).tolist())
    return Pose.of(size, at)
