"""Photos from image files, pictures into PNG files, and from these how they were made."""

from __future__ import annotations

import functools
import importlib.metadata
import io
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps
from PIL.PngImagePlugin import PngInfo

from engine.errors import InputError
from engine.files import read_limited, replacing
from engine.photo import MAX_PIXELS, MAX_SIDE, MIN_SIDE, Photo
from engine.picture import Picture
from engine.request import Request
from engine.request_files import Recipe, rasters_of, recipe_from, recipe_value

MAX_FILE = 400_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "BMP", "TIFF", "GIF", "PPM", "JPEG2000", "TGA")
"""What is opened; formats that start other programs are not among them."""

SYNTHETIC = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's word for a photo that was partly painted by a trained model."""
_RASTER, _HEX = b"guSe", 64
"""Our PNG chunk (ancillary, private, safe to copy): a digest as so many letters, and a PNG."""
_XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    f' Iptc4xmpExt:DigitalSourceType="{SYNTHETIC}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def open_photo(
    source: Path | str | bytes, name: str = "The image", longest: int | None = None
) -> Photo:
    """An image file as an upright 8 bit RGB photo; transparency becomes white.

    Colour profiles are applied (also CMYK), EXIF orientation too; of animations the first frame
    is taken. The size is checked before anything is decoded.

    Args:
        source: a path, or the content of a file.
        name: what to call it in errors if `source` is content.
        longest: make the longest side at most about twice as many pixels as this, so that little
            memory is needed; None = as it is.

    Raises:
        InputError: missing, a folder, empty, not an image, truncated, or outside 32 px to
            12,000 px a side.
    """
    return Photo(_decoded(source, name, lambda image: _rgb(_reduced(image, longest))))


def open_alpha(path: Path | str, longest: int | None = None) -> NDArray[np.uint8] | None:
    """(H, W) how opaque an image file is, 255 = fully; None if it is so everywhere.

    Raises:
        InputError: as :func:`open_photo`.
    """

    def alpha(image: Image.Image) -> NDArray[np.uint8]:
        if not image.has_transparency_data:
            return np.full((1, 1), 255, np.uint8)
        return np.array(_reduced(image.convert("RGBA").getchannel("A"), longest))

    found = _decoded(path, str(path), alpha)
    return None if found.min() == 255 else found


def _decoded(
    source: Path | str | bytes, name: str, use: Callable[[Image.Image], NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    """What `use` makes of the upright image. Raises InputError."""
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
                return use(_upright(image))
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


def _reduced(image: Image.Image, longest: int | None) -> Image.Image:
    """The image made smaller by a whole number, averaging; no side falls below what is allowed."""
    if longest is None or image.mode.startswith(("I", "F")):
        return image
    factor = min(max(image.size) // longest, min(image.size) // MIN_SIDE)
    if factor < 2:
        return image
    if image.mode in ("1", "P"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image.reduce(factor)


@functools.cache
def _formats() -> tuple[str, ...]:
    """Those of FORMATS that this Pillow has."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def suffixes() -> frozenset[str]:
    """Ends of the names of files that may be opened, in lower case: ".jpg", ".png" and so on."""
    opened = _formats()
    return frozenset(end for end, name in Image.registered_extensions().items() if name in opened)


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
    names: Mapping[str, str] | None = None,
    embed_sources: bool = False,
) -> None:
    """Write a PNG that says how it was made and that a model painted it.

    The text chunk `guise` holds JSON: the request with the shape as OpenPose JSON, hashes instead
    of pixels, the model with the hash of its weights, and `degraded`. Masks travel in chunks of
    their own.

    Args:
        names: digest -> file name of photos, so that a person knows which one to look for.
        embed_sources: put the source photos into the file; otherwise they are never in it.

    Raises:
        InputError: the place cannot be written.
    """
    info = _told(request, weights, degraded, names, embed_sources)
    with replacing(path) as file:
        Image.fromarray(picture.pixels).save(file, "PNG", pnginfo=info, compress_level=4)


def png_bytes(
    picture: Picture,
    request: Request | None = None,
    weights: str = "",
    degraded: str = "",
    names: Mapping[str, str] | None = None,
) -> bytes:
    """The picture as PNG, for the clipboard and for notebooks; with a request as by save_png."""
    info = None if request is None else _told(request, weights, degraded, names, False)
    content = io.BytesIO()
    Image.fromarray(picture.pixels).save(content, "PNG", pnginfo=info, compress_level=1)
    return content.getvalue()


def read_recipe(source: Path | bytes) -> Recipe | None:
    """How a PNG of :func:`save_png` was made; None for any other image.

    Raises:
        InputError: missing, or its recipe is damaged.
    """
    content = source if isinstance(source, bytes) else read_limited(Path(source), MAX_FILE)
    text, chunks = _chunks(content)
    if text is None:
        return None
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(f"The recipe in this picture is damaged ({error}).") from None
    if isinstance(value, dict) and "model" not in value:
        return None  # a picture that no request painted
    return recipe_from(value, chunks)


def _told(
    request: Request | None,
    weights: str,
    degraded: str,
    names: Mapping[str, str] | None,
    embed_sources: bool,
) -> PngInfo:
    info = PngInfo()
    info.add_text("Software", f"Guise {version()}")
    info.add_itxt("XML:com.adobe.xmp", _XMP)
    recipe = {"version": version(), "synthetic": SYNTHETIC, "degraded": degraded}
    if request is not None:
        recipe |= recipe_value(request, weights, names)
        for digest, raster in rasters_of(request, embed_sources).items():
            info.add(_RASTER, digest.encode() + raster)
    info.add_itxt("guise", msgspec.json.encode(recipe).decode())
    return info


def _chunks(content: bytes) -> tuple[str | None, dict[str, bytes]]:
    """The recipe's text and the rasters, which all come before the pixels."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
                text = image.info.get("guise")
                private = getattr(image, "private_chunks", [])
    except MemoryError:
        raise
    except Exception:  # no PNG, or so damaged that opening it as a photo will tell
        return None, {}
    rasters = [chunk[1] for chunk in private if chunk[0] == _RASTER]
    return (
        str(text) if text is not None else None,
        {raster[:_HEX].decode("latin-1"): raster[_HEX:] for raster in rasters},
    )


def version() -> str:
    """The installed version of Guise, or "development" in a bare checkout."""
    try:
        return importlib.metadata.version("guise-studio")
    except importlib.metadata.PackageNotFoundError:
        return "development"
