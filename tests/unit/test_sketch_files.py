"""Drawings from files: every kind of paper and pen, and what is no drawing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.errors import InputError
from engine.photo import Photo
from engine.shapes.raster import canvas_frame, drawn_ink
from engine.shapes.sketch_files import open_sketch, sketch_from

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
    with pytest.raises(InputError, match="filled areas"):
        sketch_from(Photo(picture))
