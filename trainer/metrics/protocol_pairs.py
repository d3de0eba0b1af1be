"""Lists of pairs as pose-gan has them, and the pictures that its test code writes for them."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from trainer.data import posegan
from trainer.data.posegan import PosePair, read_annotations, read_pairs
from trainer.metrics.protocol_files import ProtocolFiles

PACK = "pku_reid"
"""Its test pairs are taken where no list is named."""
_LAYOUT = re.compile(r"(?:annotation|pairs)-(.+)\.csv$")
_ENDINGS = (".png", ".jpg", ".jpeg")


def listed_pairs(files: ProtocolFiles, data: Path | None) -> tuple[str, list[PosePair]]:
    """A name for the list, and its pairs in the order of the file.

    Args:
        data: folder of packs, where no list is named.

    Raises:
        InputError: a file is missing or cannot be read, a row names a photo that is not annotated
            or not there, or a coordinate is not a number; the row is named.
    """
    if files.pairs_file is None:
        if data is None or not (data / PACK).is_dir():
            raise InputError(f"There is no pack {PACK}; name a list of pairs with --pairs-file.")
        return PACK, read_pairs(data / PACK, "test")
    table = files.annotations or files.pairs_file
    layout = _LAYOUT.search(table.name)
    if layout is None:
        raise InputError(
            f"{table.name} does not end with annotation-SPLIT.csv or pairs-SPLIT.csv, so the "
            "photos cannot be found; name the joints as pose-gan does with --annotations."
        )
    known = read_annotations(table.parent, layout[1])
    return files.pairs_file.name, posegan.listed_pairs(files.pairs_file, known)


def ready_picture(folder: Path, pair: PosePair) -> NDArray[np.uint8]:
    """(H, W, 3) what somebody's code made of a pair: FROM_TO.jpg, at the right if it shows more.

    pose-gan's test code writes source, target and result side by side under such names.

    Raises:
        InputError: there is none, or it is not as large as the target.
    """
    names = (pair.source.path, pair.target.path)
    stems = ("_".join(path.name for path in names), "_".join(path.stem for path in names))
    for file in (folder / f"{stem}{end}" for stem in stems for end in _ENDINGS):
        if file.is_file():
            return _last(file, pair.target.pose.size)
    raise InputError(f"{folder} has no picture {stems[1]}.png of a pair that the list names.")


def _last(file: Path, size: tuple[int, int]) -> NDArray[np.uint8]:
    picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if picture is None:
        raise InputError(f"{file} is not a picture that can be read.")
    width, height = size
    if picture.shape[0] != height or picture.shape[1] % width:
        found = f"{picture.shape[1]} x {picture.shape[0]}"
        raise InputError(f"{file} is {found} pixels; its target is {width} x {height}.")
    return np.array(picture[:, -width:, ::-1], np.uint8)
