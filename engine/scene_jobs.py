"""Photos that become scenes: what a photo shows, as labels and objects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from engine.painters.base import Stop
from engine.photo import Photo
from engine.shapes.labels import LabelMap


class Labelling(Protocol):
    """What is asked of a session."""

    def labels_of(self, photo: Photo, stop: Stop) -> LabelMap: ...


@dataclass(frozen=True)
class ReadScene:
    """Open a photo and say what is where; answered by SceneRead.

    Attributes:
        longest: longest side in pixels that the photo is made smaller to; None = as it is.
    """

    path: Path
    longest: int | None = None


@dataclass(frozen=True)
class SceneRead:
    """What a photo shows.

    Attributes:
        scene: what is where; smaller than a large photo.
    """

    request: object
    scene: LabelMap
    photo: Photo


def as_labelled(photo: Photo, scene: LabelMap) -> Photo:
    """A photo at the size of the map that says what it shows."""
    if photo.size == scene.size:
        return photo
    import cv2

    small = cv2.resize(photo.pixels, scene.size, interpolation=cv2.INTER_AREA)
    return Photo(np.asarray(small, np.uint8))


def seen(session: Labelling, job: ReadScene, stop: Stop) -> SceneRead:
    """Do the job. Raises GuiseError, Stopped."""
    from engine.photo_files import open_photo

    photo = open_photo(job.path, longest=job.longest)
    return SceneRead(job, session.labels_of(photo, stop), photo)
