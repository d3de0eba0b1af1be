"""The sample that the studio opens with: a photo, its reading, a pose and its picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

import assets
from engine.perception.base import Reading
from engine.photo import Mask, Photo
from engine.picture import Picture
from engine.shapes.pose_files import read_pose
from studio.document import Origin
from studio.editors.pose.document import PoseDocument

FOLDER = Path(assets.__file__).parent / "samples"


class _Sample(msgspec.Struct):
    title: str
    photo: str
    mask: str
    source: str
    pose: str
    painted: str


def names() -> list[str]:
    """The samples that are bundled."""
    return sorted(path.stem for path in FOLDER.glob("*.sample.json"))


@dataclass(frozen=True)
class SampleCard:
    """What the welcome page shows of a sample.

    Attributes:
        name: for :func:`open_sample`.
        picture: file of its painted picture.
    """

    name: str
    title: str
    picture: Path


def cards() -> list[SampleCard]:
    """All samples that are bundled."""
    made = []
    for name in names():
        file = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes(), type=_Sample)
        made.append(SampleCard(name, file.title, FOLDER / file.painted))
    return made


def open_sample(name: str) -> PoseDocument:
    """A document with its picture painted beforehand, so that nothing has to be computed."""
    file = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes(), type=_Sample)
    photo = Photo(_pixels(file.photo, "RGB"))
    source = read_pose(FOLDER / file.source, photo.size)
    pose = read_pose(FOLDER / file.pose, photo.size)
    confidence = tuple(1.0 for _ in range(18))
    reading = Reading(photo, source, Mask(_pixels(file.mask, "L")), confidence, found=True)
    document = PoseDocument(reading, Origin(file.title), pose)
    document.adopt(Picture(_pixels(file.painted, "RGB")))
    return document


def _pixels(name: str, mode: str) -> NDArray[np.uint8]:
    with Image.open(FOLDER / name) as image:
        return np.asarray(image.convert(mode)).copy()
