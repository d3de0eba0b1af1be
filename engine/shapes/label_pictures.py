"""Image files as they store numbers: raw ids or colours, read safely and written whole."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.errors import InputError
from engine.files import read_limited, replacing
from engine.shapes.labels import check_size

MAX_FILE = 400_000_000
_FORMATS = ("PNG", "TIFF", "BMP", "GIF", "PPM", "WEBP", "TGA", "JPEG")


@dataclass(frozen=True, eq=False)
class Numbers:
    """What an image file says about each pixel.

    Attributes:
        ids: (H, W) int64, or None where the file has colours only.
        colours: (H, W, 3) uint8, or None where it has numbers only; both for palette files.
        clear: (H, W) bool, where the file is transparent.
    """

    ids: NDArray[np.int64] | None
    colours: NDArray[np.uint8] | None
    clear: NDArray[np.bool_] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W)."""
        content = self.colours if self.ids is None else self.ids
        assert content is not None
        return content.shape[:2]


def read_numbers(path: Path) -> Numbers:
    """An image file with 1, 8, 16 or 32 bit numbers, a palette, or colours.

    Raises:
        InputError: missing, not an image, damaged, too large, or with fractions.
    """
    content = read_limited(path, MAX_FILE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own limit is lower
        try:
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                check_size(image.size[::-1])
                image.load()
                return _numbers(image, path)
        except (InputError, MemoryError):
            raise
        except Image.DecompressionBombError:
            raise InputError(
                f"{path} is far too large for a label map; make it smaller first."
            ) from None
        except Image.UnidentifiedImageError:
            raise InputError(f"{path} is not an image that Guise can open.") from None
        except Exception as error:  # decoders raise whatever a damaged file provokes
            raise InputError(f"{path} is truncated or damaged ({error}).") from None


def _numbers(image: Image.Image, path: Path) -> Numbers:
    if image.mode == "P":
        return Numbers(np.asarray(image).astype(np.int64), np.asarray(image.convert("RGB")))
    if image.mode == "1" or (image.mode.startswith(("L", "I", "F")) and image.mode != "LA"):
        values = np.asarray(image)
        ids = values.astype(np.int64)
        if image.mode == "F" and not np.array_equal(ids, values):
            raise InputError(f"{path} has fractions; label files need whole numbers.")
        return Numbers(ids, None)
    rgba = np.asarray(image.convert("RGBA"))
    clear = rgba[..., 3] < 128
    return Numbers(None, np.ascontiguousarray(rgba[..., :3]), clear if clear.any() else None)


def write_ids(ids: NDArray[np.int64], path: Path) -> None:
    """Ids as an image of as few bits as hold them: 8 or 16, in TIFF files also 32.

    Raises:
        InputError: the place cannot be written, or 32 bits are needed and it is no TIFF file.
    """
    largest, tiff = int(ids.max()), path.suffix.lower() in (".tif", ".tiff")
    if largest > 65_535 and not tiff:
        raise InputError(
            f"The largest id is {largest}, which needs 32 bits; choose a name that ends in .tif."
        )
    form = np.uint8 if largest <= 255 else (np.uint16 if largest <= 65_535 else np.int32)
    _write(Image.fromarray(ids.astype(form)), path)


def write_palette(ids: NDArray[np.uint8], palette: NDArray[np.uint8], path: Path) -> None:
    """Ids up to 255 as a palette image: other programs show it in colours.

    Args:
        palette: (256, 3) RGB by id.

    Raises:
        InputError: the place cannot be written.
    """
    image = Image.fromarray(ids)
    image.putpalette(palette.tobytes(), "RGB")
    _write(image, path)


def write_colours(colours: NDArray[np.uint8], path: Path) -> None:
    """(H, W, 3) colours as an image without losses. InputError if it cannot be written."""
    _write(Image.fromarray(colours), path)


def _write(image: Image.Image, path: Path) -> None:
    kind = "TIFF" if path.suffix.lower() in (".tif", ".tiff") else "PNG"
    options = {"compression": "tiff_deflate"} if kind == "TIFF" else {"compress_level": 6}
    with replacing(path) as file:
        image.save(file, kind, **options)
