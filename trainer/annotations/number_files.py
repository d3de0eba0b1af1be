"""Numbers of classes and objects in image files: read, and written in the form they have."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from engine.errors import InputError
from engine.shapes.label_files import ids_in
from engine.shapes.label_pictures import read_numbers
from engine.shapes.labels import LabelSet
from trainer.data.pictures import contents, unreadable
from trainer.data.problems import BadSample
from trainer.data.scene_ids import read_ids

Ids = NDArray[np.int32]
_WITHOUT_LOSSES = ("PNG", "TIFF", "BMP", "PPM", "GIF")
_PLAIN = ("1", "L")
"""Modes of files that everybody reads alike; so are those that begin with I."""


def numbers_in(path: Path, known: LabelSet | None = None) -> Ids:
    """(H, W) numbers as trainers read them.

    Args:
        known: where trainers refuse colours, those of this set mean its numbers.

    Raises:
        InputError: missing, damaged, or colours that are not the set's.
    """
    try:
        return read_ids(path)
    except BadSample as error:
        if error.kind != "colours" or known is None:
            raise
        return ids_in(path, read_numbers(path), known).astype(np.int32)


def is_plain(path: Path) -> bool:
    """Whether an image file holds nothing but a number a pixel: no palette and no colours."""
    image = _opened(path)
    return image.mode in _PLAIN or image.mode.startswith("I")


def _opened(path: Path) -> Image.Image:
    """An image file as its head tells of it. InputError: it is none."""
    try:
        return Image.open(io.BytesIO(contents(path)))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        raise unreadable(path) from None


def encoded(ids: Ids, like: Path) -> bytes:
    """The bytes of an image file with these numbers, of the kind of a file that is there.

    More bits than it has are taken where the numbers need them; one that cannot be read becomes a
    PNG file, and one in colours gets numbers.

    Raises:
        InputError: the file is of a kind that loses numbers, or cannot hold them.
    """
    try:
        old = _opened(like)
        old.load()
    except (InputError, OSError, ValueError, SyntaxError):
        return _saved(_grey(ids, like, "PNG", False), "PNG")
    kind = old.format or ""
    if kind not in _WITHOUT_LOSSES:
        raise InputError(f"{like} is a {kind} file, which blurs numbers; save it as PNG first.")
    small = ids.min() >= 0 and ids.max() <= 255
    if old.mode == "P" and small:
        image = Image.fromarray(ids.astype(np.uint8))
        image.putpalette(old.getpalette("RGB") or [], "RGB")
        clear = old.info.get("transparency")
        return _saved(image, kind, **({} if clear is None else {"transparency": clear}))
    if old.mode in ("RGB", "RGBA", "LA") and small:
        return _saved(_stacked(ids, old), kind)
    return _saved(_grey(ids, like, kind, old.mode.startswith("I")), kind)


def _stacked(ids: Ids, old: Image.Image) -> Image.Image:
    """Numbers in every channel of colour; colours become numbers."""
    before = np.asarray(old)
    after = before.copy()
    shades = 3 if before.shape[2] >= 3 else 1
    if before.shape[:2] != ids.shape or (before[..., :shades] != before[..., :1]).any():
        return Image.fromarray(ids.astype(np.uint8))
    after[..., :shades] = ids[..., None]
    return Image.fromarray(after)


def _grey(ids: Ids, path: Path, kind: str, wide: bool) -> Image.Image:
    """Numbers alone, in as few bits as hold them, or in 16 at least."""
    low, high = int(ids.min()), int(ids.max())
    if low >= 0 and high <= 65_535:
        few = high <= 255 and not wide
        return Image.fromarray(ids.astype(np.uint8 if few else np.uint16))
    if kind != "TIFF":
        raise InputError(f"{path} cannot hold {low} to {high}; such numbers need a TIFF file.")
    return Image.fromarray(ids)


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    try:
        image.save(out, kind, **options)
    except (OSError, ValueError) as error:
        raise InputError(
            f"A {kind} file cannot hold these numbers ({error}); convert it to PNG."
        ) from None
    return out.getvalue()
