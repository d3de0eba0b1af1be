"""Drawings from files: every kind of paper and pen, and what is no drawing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine.errors import InputError
from engine.photo import Photo
from engine.shapes.raster import canvas_frame, drawn_ink
from engine.shapes.sketch_files import LARGEST, NotADrawing, open_sketch, sketch_from

POINTS = np.array([(60, 60), (340, 90), (300, 240), (80, 220)], np.int32)


def drawing(paper: tuple[int, ...], pen: tuple[int, ...]) -> NDArray[np.uint8]:
    picture = np.full((300, 400, len(paper)), paper, np.uint8)
    cv2.polylines(picture, [POINTS], True, pen, 3, cv2.LINE_AA)
    return picture


def wanted() -> NDArray[np.bool_]:
    return drawing((255, 255, 255), (0, 0, 0))[..., 0] < 128


def test_any_paper_and_pen_gives_the_same_lines() -> None:
    kinds = [
        ((255, 255, 255), (0, 0, 0)),
        ((0, 0, 0), (255, 255, 255)),
        ((250, 244, 214), (40, 60, 160)),
        ((240, 240, 240), (230, 40, 40)),
    ]
    for paper, pen in kinds:
        sketch = sketch_from(Photo(drawing(paper, pen)))
        assert sketch.raster is not None
        lines = sketch.raster > 127
        assert (lines & wanted()).sum() / (lines | wanted()).sum() > 0.9


def test_a_transparent_drawing_lies_on_white_paper(tmp_path: Path) -> None:
    Image.fromarray(drawing((0, 0, 0, 0), (0, 0, 0, 255)), "RGBA").save(tmp_path / "a.png")
    sketch = open_sketch(tmp_path / "a.png")
    assert sketch.size == (400, 300)
    assert sketch.raster is not None
    assert sketch.raster[220:240, 80:300].any()
    assert not sketch.raster[:40].any()


def test_grain_and_shadow_of_a_scan_are_no_lines() -> None:
    rng = np.random.default_rng(0)
    shade = np.linspace(1, 0.9, 400)[None, :, None]
    scan = drawing((245, 245, 245), (30, 30, 30)) * shade + rng.normal(0, 3, (300, 400, 3))
    sketch = sketch_from(Photo(scan.clip(0, 255).astype(np.uint8)))
    assert sketch.raster is not None
    far = cv2.dilate(wanted().astype(np.uint8), np.ones((9, 9))) == 0
    assert not sketch.raster[far].any()


def test_a_very_large_drawing_keeps_its_lines() -> None:
    large = drawing((255, 255, 255), (0, 0, 0)).repeat(10, axis=0).repeat(10, axis=1)
    sketch = sketch_from(Photo(large))
    ink = drawn_ink(sketch, canvas_frame(sketch.size), 128)
    assert (ink > 127).sum() > 150


@pytest.mark.parametrize("level", [0, 128, 255])
def test_empty_paper_says_so(level: int) -> None:
    with pytest.raises(InputError, match="no lines"):
        sketch_from(Photo(np.full((200, 200, 3), level, np.uint8)))


def test_a_photo_is_no_drawing() -> None:
    picture = np.full((300, 400, 3), 255, np.uint8)
    cv2.fillPoly(picture, [POINTS], (150, 60, 40))
    with pytest.raises(NotADrawing, match=r"looks like a photo.*guise prepare edges"):
        sketch_from(Photo(picture))
    textured = np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8)
    with pytest.raises(NotADrawing):
        sketch_from(Photo(cv2.resize(textured, (400, 300)).astype(np.uint8)))


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_png_and_tiff(mode: str, tmp_path: Path) -> None:
    image = Image.fromarray(drawing((255, 255, 255), (0, 0, 0)))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    else:
        image = image.convert(mode)
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    image.save(path)
    raster = open_sketch(path).raster
    assert raster is not None
    lines = raster > 127
    assert (lines & wanted()).sum() / (lines | wanted()).sum() > 0.9


def test_light_lines_on_nothing(tmp_path: Path) -> None:
    Image.fromarray(drawing((255, 255, 255, 0), (255, 255, 255, 255)), "RGBA").save(
        tmp_path / "a.png"
    )
    raster = open_sketch(tmp_path / "a.png").raster
    assert raster is not None
    assert ((raster > 127) & wanted()).sum() > 0.9 * wanted().sum()


def test_a_jpeg_has_no_lines_beside_its_lines(tmp_path: Path) -> None:
    Image.fromarray(drawing((255, 255, 255), (0, 0, 0))).save(tmp_path / "a.jpg", quality=60)
    raster = open_sketch(tmp_path / "a.jpg").raster
    assert raster is not None
    far = cv2.dilate(wanted().astype(np.uint8), np.ones((5, 5))) == 0
    assert not raster[far].any()


def test_a_black_frame_is_no_blackboard() -> None:
    framed = drawing((255, 255, 255), (0, 0, 0))
    framed[[0, -1]] = framed[:, [0, -1]] = 0
    raster = sketch_from(Photo(framed)).raster
    assert raster is not None
    assert not raster[5:50, 5:50].any()
    assert raster[150, 310:345].any()


def test_one_short_line_and_one_dot_on_a_large_sheet_are_seen() -> None:
    sheet = np.full((1500, 1500, 3), 255, np.uint8)
    cv2.circle(sheet, (700, 700), 3, (0, 0, 0), -1)
    raster = sketch_from(Photo(sheet)).raster
    assert raster is not None
    assert raster[700, 700] == 255
    assert (raster > 0).sum() < 60


def test_a_lamp_beside_the_paper() -> None:
    light = np.linspace(1, 0.45, 400)[None, :, None]
    raster = sketch_from(
        Photo((drawing((245, 240, 235), (40, 40, 40)) * light).astype(np.uint8))
    ).raster
    assert raster is not None
    lines = raster > 127
    assert (lines & wanted()).sum() / (lines | wanted()).sum() > 0.8


@pytest.mark.parametrize("mode", ["1", "RGBA"])
def test_a_sketch_of_6000_pixels_is_read_small(mode: str, tmp_path: Path) -> None:
    large = Image.new("L", (6000, 4500), 255)
    closed = [(15 * x, 15 * y) for x, y in (*POINTS.tolist(), *POINTS.tolist()[:2])]
    ImageDraw.Draw(large).line(closed, 0, 45, "curve")
    large.convert(mode).save(tmp_path / "a.png")
    sketch = open_sketch(tmp_path / "a.png")
    assert LARGEST <= max(sketch.size) < 2 * LARGEST
    assert sketch.raster is not None
    small = cv2.resize(sketch.raster, (400, 300), interpolation=cv2.INTER_AREA) > 100
    assert (small & wanted()).sum() / (small | wanted()).sum() > 0.5


def test_too_large_says_so(tmp_path: Path) -> None:
    Image.new("1", (12_500, 40), 1).save(tmp_path / "a.png")
    with pytest.raises(InputError, match="12000 px a side"):
        open_sketch(tmp_path / "a.png")


def test_an_svg_leaves_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><script>1</script>'
        '<line x2="99" y2="99" stroke="red"/></svg>'
    )
    assert len(open_sketch(tmp_path / "a.svg").strokes) == 1
    assert "scripts" in caplog.text
