"""Masks and label maps that a layout has no pictures of, as pictures in the cache of the user."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.errors import InputError
from engine.files import replacing
from trainer.data import cache

FOLDER = "annotations"
_DAYS = 30


def made_picture(source: Path, name: str, make: Callable[[], NDArray[np.generic]]) -> Path:
    """A PNG file that is made of another file, anew when that file changes.

    Args:
        source: the file that it is made of.
        name: what of it.
        make: (H, W) or (H, W, 3) of 8 or 16 bits.

    Raises:
        InputError: it cannot be made or written.
    """
    about = source.stat()
    what = _digest(f"{source.absolute()}|{name}")
    place = cache.folder() / FOLDER
    path = place / f"{what}-{_digest(f'{about.st_size}|{about.st_mtime_ns}')}.png"
    if path.is_file():
        os.utime(path)
        return path
    content = png(make())
    try:
        place.mkdir(parents=True, exist_ok=True)
        for old in place.glob(f"{what}-*.png"):
            old.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{place} cannot be written ({error.strerror}).") from None
    with replacing(path) as file:
        file.write(content)
    return path


def tidy() -> None:
    """Remove the pictures that were not used for a month."""
    oldest = time.time() - _DAYS * 24 * 3600
    for path in (cache.folder() / FOLDER).glob("*.png"):
        with suppress(OSError):  # another process did it
            if path.stat().st_mtime < oldest:
                path.unlink()


def png(pixels: NDArray[np.generic]) -> bytes:
    """Pixels as the bytes of a PNG file."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=6)
    return out.getvalue()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]
