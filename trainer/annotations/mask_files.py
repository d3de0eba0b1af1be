"""Masks of people: the corrected ones read, and written in the form of those they replace."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.errors import InputError
from trainer.annotations.items import Item
from trainer.data.pictures import contents, read_gray

Mask = NDArray[np.uint8]


def corrected_mask(path: Path, item: Item, before: Mask | None = None) -> Mask:
    """(H, W) of 0..255, 255 = person, of a corrected mask.

    Args:
        before: the mask until now; soft edges of it stay where a mask without any agrees with it.

    Raises:
        InputError: it cannot be read, is of another size than the photo, or has nobody in it.
    """
    mask = read_gray(path)
    width, height = item.size
    if mask.shape != (height, width):
        raise InputError(
            f"{path} has {mask.shape[1]} x {mask.shape[0]} px, but the photo of {item.id} has "
            f"{width} x {height}; a mask must be as large as its photo."
        )
    if not (mask > 127).any():
        raise InputError(f"{path} is black; a mask of {item.id} needs the person in white.")
    if before is None or before.shape != mask.shape or not is_hard(mask):
        return mask
    return np.where((mask > 127) == (before > 127), before, mask)


def mask_png(mask: Mask, like: Path) -> bytes:
    """A mask as PNG, with one bit a pixel if the file that it replaces has that and it will do."""
    image = Image.fromarray(mask)
    if is_hard(mask) and like.is_file():
        with Image.open(io.BytesIO(contents(like))) as old:
            image = image.convert("1") if old.mode == "1" else image
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=6)
    return out.getvalue()


def is_hard(mask: Mask) -> bool:
    """Whether a mask has no pixels between white and black."""
    return not ((mask > 0) & (mask < 255)).any()


def box_of(mask: Mask) -> list[int]:
    """Left, top, width and height of the person in pixels, as COCO has it."""
    ys, xs = np.nonzero(mask > 127)
    return [int(xs.min()), int(ys.min()), int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1]
