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
_UNITS = ("", "pixels", "normalized")
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
Form = Literal["openpose", "body25", "coco"]
NORMAL_REACH = 2.0
"""Coordinates up to this size are shares of the canvas: nobody is two pixels large."""
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
    units: str = ""


def read_pose(source: Path | str | bytes, size: Size | None = None) -> Pose:
    """The most central person of an OpenPose or COCO JSON file; otherwise as :func:`read_poses`."""
    return central(read_poses(source, size))


def read_poses(source: Path | str | bytes, size: Size | None = None) -> tuple[Pose, ...]:
    """Everybody in the first picture of an OpenPose (COCO-18 or BODY_25) or COCO JSON file.

    Coordinates are pixels if the file's `units` are "pixels" and shares of the canvas if they are
    "normalized". Without units they are shares where nobody's exceed :data:`NORMAL_REACH`.

    Args:
        source: a path, or the content of a file.
        size: canvas (width, height) in pixels where the file names none.

    Raises:
        InputError: missing, too large, not such JSON, wrong lengths or types, numbers that are not
            finite, no person, no canvas size, or some people in pixels and some in shares.
    """
    if isinstance(source, bytes):
        name, content = "The pose", source
    else:
        name, content = str(source), read_limited(Path(source), MAX_FILE)
    try:
        return people_of(msgspec.json.decode(content), size)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{name} is not a pose in OpenPose or COCO JSON ({error}).") from None
    except InputError as error:
        raise InputError(f"{name} cannot be used: {error}") from None


def write_pose(pose: Pose, path: Path, form: Form = "openpose", photo: str = "") -> None:
    """Write a pose file; `photo` is the file name for COCO. InputError if it cannot be written."""
    write_poses([pose], path, form, photo)


def write_poses(
    poses: Sequence[Pose], path: Path, form: Form = "openpose", photo: str = ""
) -> None:
    """Write several people of one photo to a pose file.

    Raises:
        InputError: it cannot be written, nobody is there, or the canvases differ.
    """
    if form == "coco":
        document = to_coco(*poses, photo=photo)
    else:
        document = to_openpose(*poses, body25=form == "body25")
    with replacing(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(document), indent=1))


def from_document(document: Any, size: Size | None = None) -> Pose:
    """The most central person of a decoded document; otherwise as :func:`people_of`."""
    return central(people_of(document, size))


def people_of(document: Any, size: Size | None = None) -> tuple[Pose, ...]:
    """Everybody in the first picture of a decoded OpenPose or COCO document, in its order.

    Raises:
        InputError, msgspec.ValidationError: it is neither, or shows nobody.
    """
    if isinstance(document, list) and document and isinstance(document[0], dict):
        results = "keypoints" in document[0]  # COCO's results; otherwise a list of frames
        document = {"annotations": document} if results else document[0]
    if isinstance(document, dict) and "annotations" in document:
        poses, units = _from_coco(msgspec.convert(document, _Coco), size)
    else:
        poses, units = _from_openpose(msgspec.convert(document, _OpenPose), size)
    there = [pose for pose in poses if pose.presence.any()]
    if not there:
        raise InputError("it shows no person.")
    return tuple(_in_pixels(there, units))


def to_openpose(*poses: Pose, body25: bool = False) -> dict[str, Any]:
    """OpenPose's document: 18 times x, y and confidence (seen 1, hidden 0.25, missing 0) a person.

    Args:
        poses: one person or more, on one canvas.
        body25: write BODY_25, with the middle of the hips and without toes and heels.

    Raises:
        InputError: nobody, or several canvases.
    """
    size = _shared_size(poses)
    flat = _flat25 if body25 else _flat18
    return {
        "version": 1.3,
        "people": [{"person_id": [-1], "pose_keypoints_2d": flat(pose)} for pose in poses],
        "canvas_width": size[0],
        "canvas_height": size[1],
        "units": "pixels",
    }


def _flat18(pose: Pose) -> list[float]:
    flat: list[float] = []
    for (x, y), presence in zip(pose.xy.tolist(), pose.presence.tolist(), strict=True):
        flat += [x, y, _WRITTEN[Presence(presence)]]
    return flat


def _flat25(pose: Pose) -> list[float]:
    table = np.zeros((25, 3))
    table[_BODY25_TO_18] = np.reshape(_flat18(pose), (18, 3))
    if pose.has("right_hip", "left_hip"):
        hips = [_BODY25_TO_18[INDEX[name]] for name in ("right_hip", "left_hip")]
        table[8] = [*table[hips, :2].mean(0), table[hips, 2].min()]
    return table.ravel().tolist()


def to_coco(*poses: Pose, photo: str = "") -> dict[str, Any]:
    """A COCO key-point document with one image and one annotation a person.

    Raises:
        InputError: nobody, or several canvases.
    """
    size = _shared_size(poses)
    category = {"id": 1, "name": "person", "supercategory": "person", "keypoints": COCO17}
    image = {"id": 1, "file_name": photo, "width": size[0], "height": size[1]}
    notes = [_note(pose, number) for number, pose in enumerate(poses, 1)]
    return {"images": [image], "annotations": notes, "categories": [category], "units": "pixels"}


def _note(pose: Pose, number: int) -> dict[str, Any]:
    here = pose.xy[pose.presence > 0]
    low, high = (here.min(0), here.max(0)) if len(here) else (np.zeros(2), np.zeros(2))
    return {
        "id": number,
        "image_id": 1,
        "category_id": 1,
        "iscrowd": 0,
        "keypoints": to_coco17(pose),
        "num_keypoints": int((pose.presence[_TO_18] > 0).sum()),
        "bbox": [*low.tolist(), *(high - low).tolist()],
        "area": float(np.prod(high - low)),
    }


def _shared_size(poses: Sequence[Pose]) -> Size:
    sizes = {pose.size for pose in poses}
    if len(sizes) != 1:
        raise InputError("A pose file holds one person or more, all on one canvas.")
    return sizes.pop()


def _from_openpose(file: _OpenPose, size: Size | None) -> tuple[list[Pose], str]:
    """Everybody in the file's coordinates, and what these are."""
    if file.canvas_width is not None and file.canvas_height is not None:
        size = (file.canvas_width, file.canvas_height)
    size = _checked(size)
    tables = [_table(p.pose_keypoints_2d) for p in file.people if p.pose_keypoints_2d]
    return [_from_table(table, size) for table in tables], file.units


def _table(flat: list[float]) -> NDArray[np.float64]:
    """(18, 3) x, y, confidence."""
    if len(flat) not in (54, 75):
        raise InputError(
            f"OpenPose key points are 54 numbers (75 for BODY_25), this list has {len(flat)}."
        )
    table = np.array(flat, np.float64).reshape(-1, 3)
    _check_range(table)
    return table if len(table) == len(JOINTS) else table[_BODY25_TO_18]


def _from_table(table: NDArray[np.float64], size: Size) -> Pose:
    confidence = table[:, 2]
    presence = np.where(confidence >= SEEN, Presence.seen, Presence.hidden)
    presence = np.where(confidence > 0, presence, Presence.missing).astype(np.uint8)
    return Pose(table[:, :2], presence, size)


def _from_coco(file: _Coco, size: Size | None) -> tuple[list[Pose], str]:
    """Everybody in the first image, in the file's coordinates, and what these are."""
    notes = file.annotations
    if file.images:
        image = file.images[0]
        notes = [note for note in notes if note.image_id in (image.id, None)]
        size = (image.width, image.height)
    elif notes:
        notes = [note for note in notes if note.image_id == notes[0].image_id]
    size = _checked(size)
    for note in notes:
        _check_range(np.array(note.keypoints, np.float64))
    return [from_coco17(note.keypoints, size) for note in notes], file.units


def _in_pixels(poses: list[Pose], units: str) -> list[Pose]:
    """The poses with shares of the canvas turned into pixels."""
    if units not in _UNITS:
        raise InputError(f'its units are {units[:40]!r}; use "pixels" or "normalized".')
    small = [bool(np.abs(pose.xy).max() <= NORMAL_REACH) for pose in poses]
    if not units and any(small) and not all(small):
        raise InputError(
            "some people in it have pixels and some shares of the canvas for coordinates; "
            'write "units": "pixels" or "units": "normalized" into it.'
        )
    shares = all(small) if not units else units == "normalized"
    return [Pose(p.xy * p.size, p.presence, p.size) if shares else p for p in poses]


def _checked(size: Size | None) -> Size:
    if size is None:
        raise InputError("it does not say how large its canvas is.")
    if not (0 < size[0] <= MAX_CANVAS and 0 < size[1] <= MAX_CANVAS):
        raise InputError(f"its canvas of {size[0]} x {size[1]} px makes no sense.")
    return size


def _check_range(values: NDArray[np.float64]) -> None:
    if not np.isfinite(values).all() or np.abs(values).max(initial=0) > MAX_COORDINATE:
        raise InputError("it has key points that are not finite numbers of a sensible size.")


def central(poses: Sequence[Pose]) -> Pose:
    """The one of at least one person whose joints lie around the middle of the canvas."""

    def off_centre(pose: Pose) -> float:
        middle = pose.xy[pose.presence > 0].mean(0)
        return float(np.linalg.norm(middle - np.array(pose.size) / 2))

    return min(poses, key=off_centre)
