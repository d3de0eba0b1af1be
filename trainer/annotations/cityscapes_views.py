"""Cityscapes' other pictures of a label map: in colours, and with the ids that are trained."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.errors import InputError
from engine.shapes.labels import LabelSet
from trainer.annotations.merging import Ids
from trainer.data.pictures import contents

_LABELS, _COLOURS, _TRAINED = "_labelIds.png", "_color.png", "_labelTrainIds.png"
_NOT_TRAINED = 255
_TRAIN_IDS = (7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33)
"""Labels in the order of the ids that are trained."""


def other_views(
    labels: Path, before: Ids, after: Ids, known: LabelSet
) -> Iterator[tuple[Path, bytes]]:
    """The files that show the same map, with what changed: those that are there and can be read.

    Args:
        labels: path of the file of label ids.
        before, after: its numbers.
    """
    if not labels.name.endswith(_LABELS):
        return
    stem = labels.name.removesuffix(_LABELS)
    trained = np.full(256, _NOT_TRAINED, np.uint8)
    trained[list(_TRAIN_IDS)] = np.arange(len(_TRAIN_IDS))
    where = before != after
    new = np.where(where, after, 0)
    for ending, values in ((_COLOURS, known.colours[new]), (_TRAINED, trained[new])):
        path = labels.with_name(stem + ending)
        content = _patched(path, where, values) if path.is_file() else None
        if content is not None:
            yield path, content


def _patched(path: Path, where: NDArray[np.bool_], values: NDArray[np.uint8]) -> bytes | None:
    try:
        with Image.open(io.BytesIO(contents(path))) as image:
            pixels = np.array(image)
    except (InputError, OSError, SyntaxError, ValueError):
        return None
    channels = (*where.shape, *values.shape[2:])
    if pixels.shape[:2] != where.shape or pixels.ndim != len(channels):
        return None
    if pixels.ndim == 2:
        pixels[where] = values[where]
    else:
        pixels[..., :3][where] = values[where]
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()
