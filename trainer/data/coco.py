"""Folders with COCO key points: photos, masks and 17 joints, as the public packs have them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.pose import Pose
from engine.shapes.pose_files import from_coco17


@dataclass(frozen=True)
class PersonSample:
    """One annotated person.

    Attributes:
        photo: path of the photo.
        mask: path of the mask (255 = person), or None.
        pose: 18 joints on the photo's canvas, in pixels.
        group: photos with the same group show one person in the same clothes; empty = alone.
        pack: name of the folder the sample came from.
    """

    photo: Path
    mask: Path | None
    pose: Pose
    group: str
    pack: str

    def read(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """(H, W, 3) RGB and (H, W) mask, uint8. InputError if a file is missing or damaged."""
        photo = cv2.imread(str(self.photo), cv2.IMREAD_COLOR)
        if photo is None:
            raise InputError(f"{self.photo} is missing or damaged.")
        if self.mask is None:
            mask = np.full(photo.shape[:2], 255, np.uint8)
        else:
            mask = cv2.imread(str(self.mask), cv2.IMREAD_GRAYSCALE)
        if mask is None or mask.shape != photo.shape[:2]:
            raise InputError(f"{self.mask} is missing, damaged, or not as large as its photo.")
        return cv2.cvtColor(photo, cv2.COLOR_BGR2RGB).astype(np.uint8), mask.astype(np.uint8)


class _Image(msgspec.Struct):
    id: int
    file_name: str
    width: int
    height: int


class _Annotation(msgspec.Struct):
    image_id: int
    keypoints: list[float]
    mask: str | None = None
    same_person_group: str | None = None


class _File(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Annotation]


def read_people(folder: Path, split: str) -> list[PersonSample]:
    """Samples of `folder/person_keypoints_{split}.json`, in file order.

    Raises:
        InputError: no such file, or it is not COCO key-point JSON.
    """
    path = folder / f"person_keypoints_{split}.json"
    try:
        file = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        raise InputError(f"{folder} has no person_keypoints_{split}.json.") from None
    except msgspec.MsgspecError as error:
        raise InputError(f"{path} is not COCO key-point JSON: {error}.") from None
    images = {image.id: image for image in file.images}
    samples = []
    for note in file.annotations:
        image = images[note.image_id]
        pose = from_coco17(note.keypoints, (image.width, image.height))
        mask = note.mask or f"{Path(image.file_name).stem}.png"
        mask_path = folder / "masks" / mask
        samples.append(
            PersonSample(
                folder / "photos" / image.file_name,
                mask_path if mask_path.exists() else None,
                pose,
                f"{folder.name}/{note.same_person_group}" if note.same_person_group else "",
                folder.name,
            )
        )
    return samples


def read_packs(data: Path, packs: tuple[str, ...], split: str) -> list[PersonSample]:
    """The samples of several packs below one data folder, one after the other."""
    return [sample for pack in packs for sample in read_people(data / pack, split)]
