"""Pictures of training data: decoded after a look at their size, from folders and from shards."""

from __future__ import annotations

import base64
import binascii
import io
import warnings
from pathlib import Path

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.errors import InputError
from engine.files import read_limited
from engine.photo import MAX_PIXELS, MAX_SIDE
from trainer.data.problems import BadSample
from trainer.data.shard_files import TAR, member

MAX_FILE = 400_000_000
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".ppm", ".tif", ".tiff")

Pixels = NDArray[np.uint8]


def contents(path: Path) -> bytes:
    """The bytes of a picture file, of a member of a shard, whose path is below that of its tar
    file, or of the picture that a labelme file holds.

    Raises:
        InputError: missing, empty, or not readable.
    """
    if path.parent.suffix == TAR:
        return member(path)
    if not path.exists():
        raise BadSample("missing", f"There is no file {path}.")
    content = read_limited(path, MAX_FILE)
    return _embedded(path, content) if path.suffix == ".json" else content


class _Holder(msgspec.Struct):
    imageData: str | None = None


def has_picture(path: Path) -> bool:
    """Whether a labelme file holds its picture. InputError: it cannot be read."""
    return _held(path, read_limited(path, MAX_FILE)) is not None


def _embedded(path: Path, content: bytes) -> bytes:
    held = _held(path, content)
    try:
        return base64.b64decode(held or "", validate=True)
    except binascii.Error:
        raise unreadable(path) from None


def _held(path: Path, content: bytes) -> str | None:
    try:
        return msgspec.json.decode(content, type=_Holder).imageData or None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise unreadable(path) from None


def size_of(path: Path, content: bytes | None = None) -> tuple[int, int]:
    """Width and height in pixels, turned upright as decoders do; only the head is looked at.

    Raises:
        InputError: missing, no picture, or far too large to be decoded.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own limit is told below
        try:
            with Image.open(_source(path, content)) as picture:
                width, height = picture.size
                turned = picture.getexif().get(_ORIENTATION, 1) >= _TURNED
        except InputError:
            raise
        except Image.DecompressionBombError:
            raise BadSample("too-large", f"{path} is far too large; {_LIMIT}.") from None
        except FileNotFoundError:
            raise BadSample("missing", f"There is no file {path}.") from None
        except Exception:  # decoders raise whatever a damaged file provokes
            raise unreadable(path) from None
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        shown = f"{width} x {height} px"
        raise BadSample("too-large", f"{path} is {shown}; {_LIMIT}.", shown)
    return (height, width) if turned else (width, height)


_ORIENTATION, _TURNED = 0x0112, 5
"""EXIF's tag, and its first value that exchanges width and height."""
_LIMIT = f"the limit is {MAX_SIDE} px a side and {MAX_PIXELS // 10**6} megapixels"


def _source(path: Path, content: bytes | None) -> io.BytesIO | Path:
    if content is not None:
        return io.BytesIO(content)
    if path.parent.suffix == TAR or path.suffix == ".json":
        return io.BytesIO(contents(path))
    return path


def unreadable(path: Path) -> BadSample:
    """What to say of a file that is no picture."""
    return BadSample("unreadable", f"{path} is not a picture that can be read.")


def read_rgb(path: Path) -> Pixels:
    """(H, W, 3) RGB. InputError: missing, damaged or far too large."""
    return np.ascontiguousarray(_decoded(path, cv2.IMREAD_COLOR)[..., ::-1])


def read_gray(path: Path) -> Pixels:
    """(H, W) of 0..255. InputError: missing, damaged or far too large."""
    return _decoded(path, cv2.IMREAD_GRAYSCALE)


def _decoded(path: Path, how: int) -> Pixels:
    content = contents(path)
    size_of(path, content)
    try:
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), how)
    except cv2.error:
        picture = None
    if picture is None:
        raise unreadable(path)
    return np.asarray(picture, np.uint8)


def pictures_of(folder: Path) -> list[Path]:
    """The pictures that lie in a folder itself, by name. InputError: there is no such folder."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    try:
        return sorted(path for path in folder.iterdir() if is_picture(path))
    except OSError as error:
        raise InputError(f"{folder} cannot be read ({error.strerror}).") from None


def is_picture(path: Path) -> bool:
    """Whether its name says so; hidden files, as macOS leaves beside others, are none."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
