"""Photos of every kind come in upright and in colour; pictures go out with their recipe."""

import io
import json
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from engine.appearance import FromPhoto
from engine.errors import InputError
from engine.photo_files import SYNTHETIC, open_photo, save_png
from engine.picture import Picture
from engine.request import Request, Scene
from engine.shapes.pose_files import from_document
from tests.unit.people import drawn_person


def gradient(width=48, height=64):
    """Red grows to the right, green downwards."""
    x = np.linspace(0, 255, width)[None, :].repeat(height, 0)
    y = np.linspace(0, 255, height)[:, None].repeat(width, 1)
    return np.stack([x, y, np.full_like(x, 80)], 2).astype(np.uint8)


def encoded(image, form="PNG", **options):
    content = io.BytesIO()
    image.save(content, form, **options)
    return content.getvalue()


def opened(image, form="PNG", **options):
    return open_photo(encoded(image, form, **options)).pixels


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "PPM", "TGA"])
def test_lossless_formats_keep_every_pixel(form):
    assert np.array_equal(opened(Image.fromarray(gradient()), form), gradient())


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_lossy_formats_stay_close(form):
    pixels = opened(Image.fromarray(gradient()), form, quality=95)
    assert np.abs(pixels.astype(int) - gradient()).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation):
    stored = Image.fromarray(gradient())
    backwards = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    if orientation in backwards:
        stored = stored.transpose(backwards[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert np.array_equal(opened(stored, "PNG", exif=exif), gradient())


def test_damaged_exif_does_not_cost_the_photo():
    content = encoded(Image.fromarray(gradient()), "PNG", exif=b"Exif\0\0MM\0*garbage")
    assert np.array_equal(open_photo(content).pixels, gradient())


def test_greyscale_black_and_white_and_palette():
    grey = gradient()[..., 0]
    assert np.array_equal(opened(Image.fromarray(grey)), np.repeat(grey[..., None], 3, 2))
    assert set(np.unique(opened(Image.fromarray(grey).convert("1")))) == {0, 255}
    flat = np.zeros((40, 40, 3), np.uint8)
    flat[:, 20:] = (200, 30, 60)
    assert np.array_equal(opened(Image.fromarray(flat).quantize(4)), flat)


def test_sixteen_bit_grey_and_float():
    ramp = np.linspace(0, 65535, 64).astype(np.uint16)[None].repeat(40, 0)
    expected = np.rint(ramp / 65535 * 255)
    assert np.abs(opened(Image.fromarray(ramp))[..., 0] - expected).max() <= 1
    assert (
        np.abs(opened(Image.fromarray(ramp.astype(np.int32)), "TIFF")[..., 1] - expected).max() <= 1
    )
    shares = (ramp / 65535).astype(np.float32)
    assert np.abs(opened(Image.fromarray(shares), "TIFF")[..., 2] - expected).max() <= 1


def test_sixteen_bit_colour():
    rgb = np.linspace(0, 65535, 40 * 40 * 3).astype(">u2").reshape(40, 40, 3)
    rows = b"".join(b"\0" + row.tobytes() for row in rgb)

    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 40, 16, 2, 0, 0, 0))
    content = (
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    assert np.abs(open_photo(content).pixels - np.rint(rgb.astype(float) / 257)).max() <= 1


def test_cmyk_without_a_profile():
    cmyk = Image.new("CMYK", (40, 40), (0, 255, 255, 0))  # no cyan: red
    red, green, blue = opened(cmyk, "TIFF")[20, 20]
    assert red > 200 and green < 40 and blue < 40


def test_colour_profiles_are_applied(tmp_path):
    # A profile with red and blue exchanged cannot be mistaken for no profile.
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, blue = lab.index(b"rXYZ"), lab.index(b"bXYZ")
    swapped = bytearray(lab)
    swapped[red : red + 4], swapped[blue : blue + 4] = b"bXYZ", b"rXYZ"
    pixels = opened(Image.new("RGB", (40, 40), (250, 10, 20)), "PNG", icc_profile=bytes(swapped))
    assert pixels[0, 0, 2] > 200 > pixels[0, 0, 0]


def test_a_damaged_profile_is_ignored():
    assert np.array_equal(
        opened(Image.fromarray(gradient()), "PNG", icc_profile=b"nonsense"), gradient()
    )


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_becomes_white(mode):
    image = Image.new(mode, (40, 40))
    image.paste((10, 20, 30, 255) if mode == "RGBA" else (10, 255), (0, 0, 20, 40))
    pixels = opened(image)
    assert (pixels[:, 25:] == 255).all() and (pixels[:, :20, 0] == 10).all()


def test_transparent_palette_becomes_white():
    image = Image.new("P", (40, 40), 0)
    image.putpalette([0, 0, 0, 200, 0, 0])
    image.paste(1, (0, 0, 20, 40))
    pixels = opened(image, "GIF", transparency=0)
    assert (pixels[:, 30] == 255).all() and tuple(pixels[0, 0]) == (200, 0, 0)


def test_of_an_animation_the_first_frame_is_taken():
    frames = [Image.new("RGB", (40, 40), c) for c in ("red", "blue")]
    pixels = opened(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert pixels[0, 0, 0] > 200 > pixels[0, 0, 2]


def png_header(width, height):
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    check = struct.pack(">I", zlib.crc32(b"IHDR" + body))
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + b"IHDR"
        + body
        + check
        + bytes.fromhex("00000fa0")
        + b"IDAT"
    )


BAD = {
    "0 bytes": (b"", "0 bytes"),
    "text": (b"this is not an image" * 50, "not an image"),
    "truncated png": (encoded(Image.effect_noise((90, 90), 90))[:4000], "truncated or damaged"),
    "truncated jpeg": (
        encoded(Image.effect_noise((300, 300), 90), "JPEG")[:9000],
        "truncated or damaged",
    ),
    "header only": (png_header(64, 64), "truncated or damaged"),
    "1x1": (encoded(Image.new("RGB", (1, 1))), "at least 32"),
    "30,000 px wide": (png_header(30_000, 40), "30000 x 40 px; the limit is 12000 px"),
    "bomb": (png_header(60_000, 60_000), "limit"),
    "not finite": (
        encoded(Image.fromarray(np.full((40, 40), np.nan, np.float32)), "TIFF"),
        "damaged",
    ),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n", "not an image"),
}


@pytest.mark.parametrize(("content", "says"), BAD.values(), ids=BAD.keys())
def test_bad_images_are_one_sentence(tmp_path, content, says):
    path = tmp_path / "photo.png"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        open_photo(path)
    with pytest.raises(InputError, match=says):
        open_photo(content)


def test_bad_places(tmp_path):
    with pytest.raises(InputError, match="no file"):
        open_photo(tmp_path / "none.jpg")
    with pytest.raises(InputError, match="is a folder"):
        open_photo(tmp_path)
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="not a regular file"):
        open_photo(pipe)


def written(path):
    with Image.open(path) as image:
        image.load()
        return np.array(image), dict(image.info)


def request_of():
    photo, mask, pose = drawn_person()
    look = FromPhoto(photo, pose, mask)
    return Request("people", pose.moved(left_wrist=(9, 9)), look, longest=64, scene=Scene.cutout)


def test_a_png_tells_how_it_was_made(tmp_path):
    request, pixels = request_of(), np.dstack([gradient(), gradient()[..., 0]])
    save_png(Picture(pixels), tmp_path / "out.png", request, "abc123", "smaller")
    back, info = written(tmp_path / "out.png")
    recipe = json.loads(info["guise"])
    assert np.array_equal(back, pixels)
    assert from_document(recipe["shape"]) == request.shape
    assert from_document(recipe["appearance"]["shape"]) == request.appearance.shape
    assert recipe["appearance"]["photo"] == request.appearance.photo.digest
    assert (recipe["model"], recipe["weights"]) == ("people", "abc123")
    assert (recipe["longest"], recipe["scene"], recipe["degraded"]) == (64, "cutout", "smaller")
    assert SYNTHETIC in info["XML:com.adobe.xmp"]
    assert info["Software"].startswith("Guise ") and recipe["version"]


def test_a_png_holds_no_source_photo(tmp_path):
    request = request_of()
    save_png(Picture(gradient()), tmp_path / "out.png", request)
    with Image.open(tmp_path / "out.png") as image:
        image.load()
        text = json.dumps({k: str(v) for k, v in image.info.items()})
    assert len(text) < 8000  # 240 x 320 px would need more
    assert (tmp_path / "out.png").stat().st_size < request.appearance.photo.pixels.nbytes / 4


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "out.png"
    save_png(Picture(gradient()), path)
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="no space left"):
        save_png(Picture(gradient()[::-1].copy()), path)
    assert path.read_bytes() == before and [p for p in tmp_path.iterdir() if p.is_file()] == [path]


def test_unwritable_places(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "none" / "o.png", tmp_path / "file" / "o.png", tmp_path):
        with pytest.raises(InputError, match="cannot be written"):
            save_png(Picture(gradient()), path)


def test_notebooks_show_a_picture():
    shown = Image.open(io.BytesIO(Picture(gradient())._repr_png_()))
    assert np.array_equal(np.array(shown), gradient())
