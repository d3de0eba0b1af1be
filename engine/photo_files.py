"""Photos from image files and pictures into PNG files."""

from __future__ import annotations

import functools
import importlib.metadata
import io
import warnings
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps
from PIL.PngImagePlugin import PngInfo

from engine.errors import InputError
from engine.files import read_limited, replacing
from engine.look_files import look_value
from engine.photo import MAX_PIXELS, MAX_SIDE, Photo
from engine.picture import Picture
from engine.request import Request
from engine.shapes.pose_files import to_openpose

MAX_FILE = 400_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "BMP", "TIFF", "GIF", "PPM", "JPEG2000", "TGA")
"""What is opened; formats that start other programs are not among them."""

SYNTHETIC = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's word for a photo that was partly painted by a trained model."""
_XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    f' Iptc4xmpExt:DigitalSourceType="{SYNTHETIC}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def open_photo(source: Path | str | bytes, name: str = "The image") -> Photo:
    """An image file as an upright 8 bit RGB photo; transparency becomes white.

    Colour profiles are applied (also CMYK), EXIF orientation too; of animations the first frame
    is taken. The size is checked before anything is decoded.

    Args:
        source: a path, or the content of a file.
        name: what to call it in errors if `source` is content.

    Raises:
        InputError: missing, a folder, empty, not an image, truncated, or outside 32 px to
            12,000 px a side.
    """
    if isinstance(source, bytes):
        content = source
    else:
        name, content = str(source), read_limited(Path(source), MAX_FILE)
    if not content:
        raise InputError(f"{name} is empty (0 bytes).")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own size limit is lower, and damage is told below
        try:
            with Image.open(io.BytesIO(content), formats=_formats()) as image:
                _check_size(image.size, name)
                pixels = _rgb(_upright(image))
        except InputError:
            raise
        except Image.DecompressionBombError:
            raise InputError(
                f"{name} is far too large; the limit is {MAX_SIDE} px a side and "
                f"{MAX_PIXELS // 10**6} megapixels."
            ) from None
        except Image.UnidentifiedImageError:
            raise InputError(f"{name} is not an image that Guise can open.") from None
        except MemoryError:
            raise
        except Exception as error:  # decoders raise whatever a damaged file provokes
            raise InputError(f"{name} is truncated or damaged ({error}).") from None
    return Photo(pixels)


@functools.cache
def _formats() -> tuple[str, ...]:
    """Those of FORMATS that this Pillow has."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if max(size) > MAX_SIDE or width * height > MAX_PIXELS:
        raise InputError(
            f"{name} is {width} x {height} px; the limit is {MAX_SIDE} px a side and "
            f"{MAX_PIXELS // 10**6} megapixels. Make it smaller first."
        )


def _upright(image: Image.Image) -> Image.Image:
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF must not cost the photo
        return image


def _rgb(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode.startswith(("I", "F")):
        return np.repeat(_eight_bits(np.asarray(image))[..., None], 3, 2)
    if image.has_transparency_data:
        rgba = _in_srgb(image.convert("RGBA"))
        return Picture(np.array(rgba.convert("RGBA"))).over((255, 255, 255)).pixels
    if image.mode == "P":
        image = image.convert("RGB")
    return np.array(_in_srgb(image).convert("RGB"))


def _eight_bits(grey: NDArray[Any]) -> NDArray[np.uint8]:
    """16 bit, 32 bit or floating point grey: the usual range of its type onto 0..255."""
    values = grey.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError("it has values that are not finite")
    top = 1.0 if grey.dtype.kind == "f" else 65535.0
    if values.max(initial=0) > top:
        top = 255.0 if grey.dtype.kind == "f" and values.max() <= 255 else float(values.max())
    return np.rint(np.clip(values / top, 0, 1) * 255).astype(np.uint8)


def _in_srgb(image: Image.Image) -> Image.Image:
    """The image with its colour profile applied; without a usable profile, as it is."""
    icc = image.info.get("icc_profile")
    if not icc or image.mode not in ("RGB", "RGBA", "L", "CMYK"):
        return image
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        srgb = ImageCms.createProfile("sRGB")
        turned = ImageCms.profileToProfile(image, profile, srgb, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return turned or image


def save_png(
    picture: Picture,
    path: Path,
    request: Request | None = None,
    weights: str = "",
    degraded: str = "",
) -> None:
    """Write a PNG that says how it was made and that a model painted it; never the source photo.

    The text chunk `guise` holds JSON: the request with the shape as OpenPose JSON, hashes instead
    of pixels, the model with the hash of its weights, and `degraded`.

    Raises:
        InputError: the place cannot be written.
    """
    info = PngInfo()
    info.add_text("Software", f"Guise {version()}")
    info.add_itxt("XML:com.adobe.xmp", _XMP)
    recipe = {"version": version(), "synthetic": SYNTHETIC, "degraded": degraded}
    if request is not None:
        recipe |= _recipe(request, weights or request.weights)
    info.add_itxt("guise", msgspec.json.encode(recipe).decode())
    with replacing(path) as file:
        Image.fromarray(picture.pixels).save(file, "PNG", pnginfo=info, compress_level=4)


def png_bytes(picture: Picture) -> bytes:
    """The picture as plain PNG, for the clipboard and for notebooks."""
    content = io.BytesIO()
    Image.fromarray(picture.pixels).save(content, "PNG", compress_level=1)
    return content.getvalue()


def _recipe(request: Request, weights: str) -> dict[str, Any]:
    return {
        "model": request.model,
        "weights": weights,
        "shape": to_openpose(request.shape),
        "appearance": look_value(request.appearance),
        "place": request.place and look_value(request.place),
        "longest": request.longest,
        "quality": request.quality.value,
        "scene": request.scene.value,
    }


def version() -> str:
    """The installed version of Guise, or "development" in a bare checkout."""
    try:
        return importlib.metadata.version("guise-studio")
    except importlib.metadata.PackageNotFoundError:
        return "development"
