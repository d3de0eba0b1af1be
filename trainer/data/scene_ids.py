"""Numbers of classes and objects in the files of label and object maps."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from trainer.data.pictures import contents, size_of, unreadable
from trainer.data.problems import BadSample

DONT_CARE = 255
"""What a pixel of a label map says where nobody knows: 255 and -1 of the files."""
_CODED = 1000
"""Object ids from here on are class * 1000 + number (Cityscapes)."""
_TOLERATED = 0.02
"""Share of a map whose objects may contradict the labels: borders drawn by hand."""


def read_ids(path: Path) -> NDArray[np.int32]:
    """(H, W) numbers of a label or object map: 8, 16 or 32 bits, or a palette's indices.

    Raises:
        InputError: missing, damaged, or a colour picture.
    """
    content = contents(path)
    size_of(path, content)
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.load()
            values = np.asarray(picture)
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
        raise unreadable(path) from None
    if values.ndim == 3:
        grey = values[..., :3] if values.shape[2] >= 3 else values[..., :1]
        if (grey != grey[..., :1]).any():
            raise BadSample(
                "colours",
                f"{path} is in colours, but numbers of classes are needed; import it in the studio "
                "and export its ids.",
            )
        values = grey[..., 0]
    if values.dtype.kind == "f" and (values != np.rint(values)).any():
        raise BadSample(
            "colours", f"{path} holds fractions, but numbers of classes are needed.", "fractions"
        )
    wide = values.astype(np.int64)
    if np.abs(wide).max(initial=0) >= 2**31:
        wide = np.where(wide >= 2**31, wide - 2**32, wide)  # -1 in 32 bits without a sign
    return wide.astype(np.int32)


def checked_labels(ids: NDArray[np.int32], classes: int, path: Path) -> NDArray[np.uint8]:
    """(H, W) uint8 classes; 255 and -1 (also in 16 bits) become DONT_CARE.

    Raises:
        InputError: other ids that the label set does not have.
    """
    unknown = (ids == -1) | (ids == DONT_CARE) | (ids == 65535)
    beyond = ((ids < 0) | (ids >= classes)) & ~unknown
    if beyond.any():
        named = ", ".join(str(n) for n in np.unique(ids[beyond])[:5])
        raise BadSample(
            "unknown-id",
            f"{path} has the ids {named}, but the label set has 0 to {classes - 1}; "
            "set --classes to their number, or write 255 where a pixel shall not count.",
            named,
        )
    return np.where(unknown, DONT_CARE, ids).astype(np.uint8)


def checked_objects(
    ids: NDArray[np.int32], labels: NDArray[np.uint8], path: Path
) -> NDArray[np.int32]:
    """Object numbers such that every object has one class.

    Raises:
        InputError: they contradict the labels in more than a few pixels.
    """
    known = labels != DONT_CARE
    if (ids >= _CODED).any():
        classes = np.where(ids >= _CODED, ids // _CODED, ids)
        wrong = known & (ids >= 0) & (classes != labels)
    else:
        wrong = known & _minorities(ids, labels)
    share = float(wrong.mean())
    if share > _TOLERATED:
        raise BadSample(
            "contradiction",
            f"{path} contradicts the labels in {share:.0%} of its pixels; objects are class * 1000 "
            "+ number, or any number that one class alone uses. `guise prepare instances` makes "
            "them anew.",
            f"{share:.0%} of its pixels",
        )
    return np.where(wrong | (ids < 0), labels, ids).astype(np.int32)


def _minorities(ids: NDArray[np.int32], labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pixels whose class is not the most frequent one of their object."""
    numbers, inverse = np.unique(ids, return_inverse=True)
    counts = np.zeros((len(numbers), 256), np.int64)
    np.add.at(counts, (inverse.ravel(), labels.ravel()), 1)
    counts[:, DONT_CARE] = 0
    return counts.argmax(1)[inverse.reshape(ids.shape)] != labels
