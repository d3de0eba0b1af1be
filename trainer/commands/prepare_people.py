"""`guise prepare people`: joints and masks of photos, in a folder that painters of people learn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import msgspec
import numpy as np
import tyro
from numpy.typing import NDArray
from PIL import Image

from engine.batch import Batch, Item
from engine.errors import InputError
from engine.files import replacing
from engine.painters.base import Stop
from engine.photo import Photo
from engine.photo_files import open_photo
from engine.registry import PERCEPTION_MODEL
from engine.shapes.pose import CORE
from engine.shapes.pose_files import to_coco17
from trainer.commands.batch import run_folder
from trainer.commands.common import perception_with
from trainer.commands.prepare_places import SPLITS, Place, at_most, placed

if TYPE_CHECKING:
    from engine.perception.base import Reading

_SURE = 0.3
"""Mean confidence of the joints below which nobody was found."""


@dataclass(frozen=True)
class People:
    """Find the joints and the mask of the most central person of every photo, for `guise train
    deformable`, `vunet` and others.

    OUT gets photos, masks and person_keypoints_train.json and _val.json, as COCO has them. Photos
    of one person in the same clothes belong into one folder each with --same. Where the folder has
    train and val itself, they stay. A second run goes on where the first one ended.
    """

    photos: Annotated[Path, tyro.conf.Positional]
    """Folder of photos."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Folder to write to."""
    same: bool = False
    """Each folder shows one person in the same clothes: pairs to learn from."""
    val: float = 0.1
    """Share of the photos that training does not see, chosen by their names, or with --same by
    those of their folders."""
    longest: int = 1024
    """Longest side of the photos written, in pixels."""
    resume: bool = True
    """Leave out what an earlier run has finished."""
    model: str = PERCEPTION_MODEL
    """Id of a model that reads people, or a model file."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


class Found(msgspec.Struct):
    """What is kept beside a photo of a person, until the tables are written."""

    size: tuple[int, int]
    keypoints: list[float]


def main(args: list[str]) -> int:
    """Parse, read, write, and list what was found."""
    options = tyro.cli(People, args=args, prog="guise prepare people")
    if not 0 <= options.val < 1:
        raise InputError("--val must lie between 0 and 1.")
    if not 128 <= options.longest <= 4096:
        raise InputError("--longest must lie between 128 and 4096 px.")
    places = placed(options.photos, options.out, options.val, options.same)
    items = [Item(one.source, options.out / "joints" / f"{_file(one)}.json") for one in places]
    reader, digest = perception_with(options.model, options.device, "Pose")
    work = _Reading(reader, options)
    batch = Batch(items, options.out, work, repr((digest, options.longest)), options.resume)
    code = run_folder(batch, "reading")
    for split in SPLITS:
        mine = [one for one in places if one.split == split]
        groups = {_file(one): one.group if options.same else "" for one in mine}
        _write_table(options.out, split, groups)
    print(f"Train on them: guise train deformable --data {options.out}")
    return code


def _file(place: Place) -> str:
    """One name for the files of a photo; photos of two splits may be called the same."""
    return f"{place.split}-{place.name}"


class Reader(Protocol):
    """What finds the person of a photo."""

    def read(self, photo: Photo) -> Reading: ...


class _Reading:
    """Writes photo and mask first: whoever finds the joints finds them too."""

    def __init__(self, reader: Reader, options: People) -> None:
        self._reader, self._options = reader, options

    def __call__(self, item: Item, stop: Stop) -> str:
        longest = self._options.longest
        photo = at_most(open_photo(item.source, longest=longest), longest)
        reading = self._reader.read(photo)
        if not reading.found or np.mean(reading.confidence) < _SURE:
            raise InputError(f"No person was found in {item.source}.")
        if not reading.pose.has(*CORE):
            raise InputError(f"The person of {item.source} shows no shoulders or hips.")
        name, out = item.target.stem, self._options.out
        _save(photo.pixels, out / "photos" / f"{name}.png")
        _save(reading.mask.pixels, out / "masks" / f"{name}.png")
        found = Found(photo.size, to_coco17(reading.pose))
        with replacing(item.target) as file:
            file.write(msgspec.json.encode(found))
        return ""


def _save(pixels: NDArray[np.uint8], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        Image.fromarray(pixels).save(file, "PNG")


def _write_table(out: Path, split: str, groups: dict[str, str]) -> None:
    """Everybody of a split that was read, as COCO lists them."""
    images, notes = [], []
    for name, group in sorted(groups.items()):
        path = out / "joints" / f"{name}.json"
        if not path.is_file():
            continue
        found = msgspec.json.decode(path.read_bytes(), type=Found)
        number, file = len(images), f"{name}.png"
        width, height = found.size
        images.append({"id": number, "file_name": file, "width": width, "height": height})
        note = {"id": number, "image_id": number, "category_id": 1, "keypoints": found.keypoints}
        note |= {"num_keypoints": sum(v > 0 for v in found.keypoints[2::3]), "mask": file}
        notes.append(note | ({"same_person_group": group} if group else {}))
    if images or split != "test":
        content = msgspec.json.encode({"images": images, "annotations": notes})
        with replacing(out / f"person_keypoints_{split}.json") as file:
            file.write(content)
