"""Poses in the formats that others speak: OpenPose JSON and COCO's 17 key points."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.files import read_limited, replacing
from engine.shapes.pose import INDEX, JOINTS, Pose, Presence

Size = tuple[int, int]
MAX_FILE = 20_000_000
MAX_CANVAS = 100_000
MAX_COORDINATE = 1e6
"""Positions beyond this many pixels are mistakes, not joints outside the frame."""
SEEN = 0.5
"""OpenPose confidence from which a joint counts as seen; below, as hidden."""
_WRITTEN = {Presence.missing: 0.0, Presence.hidden: 0.25, Presence.seen: 1.0}

COCO17: tuple[str, ...] = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)
_TO_18 = np.array([INDEX[name] for name in COCO17])
_BODY25_TO_18 = np.array([*range(8), *range(9, 19)])
"""BODY_25 is our order with the middle of the hips at 8 and six toes and heels at the end."""


def from_coco17(keypoints: Sequence[float], size: Size) -> Pose:
    """A pose from COCO's flat x, y, v list; the neck is the middle of the shoulders if both exist.

    Raises:
        InputError: not 51 finite numbers, or v outside 0..2.
    """
    if len(keypoints) != 51:
        raise InputError(f"COCO key points are 51 numbers, this list has {len(keypoints)}.")
    table = np.array(keypoints, dtype=np.float64).reshape(17, 3)
    if not np.isfinite(table).all() or not np.isin(table[:, 2], (0, 1, 2)).all():
        raise InputError("COCO key points must be finite, with v one of 0, 1 and 2.")
    xy, presence = np.zeros((18, 2)), np.zeros(18, np.uint8)
    xy[_TO_18], presence[_TO_18] = table[:, :2], table[:, 2]
    right, left, neck = (INDEX[n] for n in ("right_shoulder", "left_shoulder", "neck"))
    if presence[right] and presence[left]:
        xy[neck] = (xy[right] + xy[left]) / 2
        presence[neck] = min(presence[right], presence[left])
    return Pose(xy, presence, size)


def to_coco17(pose: Pose) -> list[float]:
    """COCO's flat x, y, v list of 51 numbers; the neck is left out."""
    flat: list[float] = []
    for i in _TO_18:
        v = int(pose.presence[i])
        flat += [*map(float, pose.xy[i]), v] if v != Presence.missing else [0.0, 0.0, 0]
    return flat


class _Person(msgspec.Struct):
    pose_keypoints_2d: list[float] = []


class _OpenPose(msgspec.Struct):
    people: list[_Person]
    canvas_width: int | None = None
    canvas_height: int | None = None
    units: str = ""


class _Image(msgspec.Struct):
    id: int | str
    width: int
    height: int


class _Annotation(msgspec.Struct):
    keypoints: list[float]
    image_id: int | str | None = None


class _Coco(msgspec.Struct):
    annotations: list[_Annotation]
    images: list[_Image] = []


def read_pose(source: Path | str | bytes, size: Size | None = None) -> Pose:
    """The most central person of an OpenPose or COCO JSON file.

    Args:
        source: a path, or the content of a file.
        size: canvas (width, height) in pixels where the file names none.

    Raises:
        InputError: missing, too large, not such JSON, wrong lengths or types, numbers that are not
            finite, no person, or no canvas size.
    """
    if isinstance(source, bytes):
        name, content = "The pose", source
    else:
        name, content = str(source), read_limited(Path(source), MAX_FILE)
    try:
        document = msgspec.json.decode(content)
        return from_document(document, size)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{name} is not a pose in OpenPose or COCO JSON ({error}).") from None
    except InputError as error:
        raise InputError(f"{name} cannot be used: {error}") from None


def write_pose(
    pose: Pose, path: Path, form: Literal["openpose", "coco"] = "openpose", photo: str = ""
) -> None:
    """Write a pose file; `photo` is the file name for COCO. InputError if it cannot be written."""
    document = to_openpose(pose) if form == "openpose" else to_coco(pose, photo)
    with replacing(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(document), indent=1))


def from_document(document: Any, size: Size | None = None) -> Pose:
    """The most central person of a decoded OpenPose or COCO document.

    Raises:
        InputError, msgspec.ValidationError: it is neither.
    """
    if isinstance(document, list) and document and isinstance(document[0], dict):
        results = "keypoints" in document[0]  # COCO's results; otherwise a list of frames
        document = {"annotations": document} if results else document[0]
    if isinstance(document, dict) and "annotations" in document:
        return _from_coco(msgspec.convert(document, _Coco), size)
    return _from_openpose(msgspec.convert(document, _OpenPose), size)


def to_openpose(pose: Pose) -> dict[str, Any]:
    """OpenPose's document: 18 times x, y and confidence (seen 1, hidden 0.25, missing 0)."""
    flat: list[float] = []
    for (x, y), presence in zip(pose.xy.tolist(), pose.presence.tolist(), strict=True):
        flat += [x, y, _WRITTEN[Presence(presence)]]
    return {
        "version": 1.3,
        "people": [{"person_id": [-1], "pose_keypoints_2d": flat}],
        "canvas_width": pose.size[0],
        "canvas_height": pose.size[1],
        "units": "pixels",
    }


def to_coco(pose: Pose, photo: str = "") -> dict[str, Any]:
    """A COCO key-point document with one image and one annotation."""
    here = pose.xy[pose.presence > 0]
    low, high = (here.min(0), here.max(0)) if len(here) else (np.zeros(2), np.zeros(2))
    category = {"id": 1, "name": "person", "supercategory": "person", "keypoints": COCO17}
    note = {
        "id": 1,
        "image_id": 1,
        "category_id": 1,
        "iscrowd": 0,
        "keypoints": to_coco17(pose),
        "num_keypoints": int((pose.presence[_TO_18] > 0).sum()),
        "bbox": [*low.tolist(), *(high - low).tolist()],
        "area": float(np.prod(high - low)),
    }
    image = {"id": 1, "file_name": photo, "width": pose.size[0], "height": pose.size[1]}
    return {"images": [image], "annotations": [note], "categories": [category]}


def _from_openpose(file: _OpenPose, size: Size | None) -> Pose:
    if file.canvas_width is not None and file.canvas_height is not None:
        size = (file.canvas_width, file.canvas_height)
    size = _checked(size)
    tables = [_table(p.pose_keypoints_2d) for p in file.people if p.pose_keypoints_2d]
    poses = [_scaled(table, size, file.units) for table in tables]
    return _central(poses)


def _table(flat: list[float]) -> NDArray[np.float64]:
    """(18, 3) x, y, confidence."""
    if len(flat) not in (54, 75):
        raise InputError(
            f"OpenPose key points are 54 numbers (75 for BODY_25), this list has {len(flat)}."
        )
    table = np.array(flat, np.float64).reshape(-1, 3)
    _check_range(table)
    return table if len(table) == len(JOINTS) else table[_BODY25_TO_18]


def _scaled(table: NDArray[np.float64], size: Size, units: str) -> Pose:
    """Shares of the canvas are turned into pixels."""
    xy, confidence = table[:, :2], table[:, 2]
    here = confidence > 0
    shares = units != "pixels" and here.any() and xy[here].min() >= 0 and xy[here].max() <= 1
    presence = np.where(confidence >= SEEN, Presence.seen, Presence.hidden)
    presence = np.where(here, presence, Presence.missing).astype(np.uint8)
    return Pose(xy * size if shares else xy, presence, size)


def _from_coco(file: _Coco, size: Size | None) -> Pose:
    notes = file.annotations
    if file.images:
        image = file.images[0]
        notes = [note for note in notes if note.image_id in (image.id, None)]
        size = (image.width, image.height)
    size = _checked(size)
    for note in notes:
        _check_range(np.array(note.keypoints, np.float64))
    return _central([from_coco17(note.keypoints, size) for note in notes])


def _checked(size: Size | None) -> Size:
    if size is None:
        raise InputError("it does not say how large its canvas is.")
    if not (0 < size[0] <= MAX_CANVAS and 0 < size[1] <= MAX_CANVAS):
        raise InputError(f"its canvas of {size[0]} x {size[1]} px makes no sense.")
    return size


def _check_range(values: NDArray[np.float64]) -> None:
    if not np.isfinite(values).all() or np.abs(values).max(initial=0) > MAX_COORDINATE:
        raise InputError("it has key points that are not finite numbers of a sensible size.")


def _central(poses: list[Pose]) -> Pose:
    """The person whose joints lie around the middle of the canvas."""
    there = [pose for pose in poses if pose.presence.any()]
    if not there:
        raise InputError("it shows no person.")

    def off_centre(pose: Pose) -> float:
        middle = pose.xy[pose.presence > 0].mean(0)
        return float(np.linalg.norm(middle - np.array(pose.size) / 2))

    return min(there, key=off_centre)
