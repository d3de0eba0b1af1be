"""Cutting painted items off their white paper: bodies, edges, handles."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.alpha import cut_out, soft_mask
from engine.picture import Picture
from engine.shapes.sketch import Sketch, Stroke

SIDE = 200
AXES = (70, 45)


def outline(gap: float = 0.0, size: int = SIDE) -> Stroke:
    turn = np.linspace(gap, 2 * np.pi - gap, 120)
    scale = size / SIDE
    points = (100 + AXES[0] * np.cos(turn), 100 + AXES[1] * np.sin(turn))
    return Stroke.of(np.stack(points, 1) * scale, 2.0)


def ellipse() -> NDArray[np.bool_]:
    found = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(found, (100, 100), AXES, 0, 0, 360, 255, -1)
    return found > 0


def painted(colour: tuple[int, int, int], blur: float = 0.0) -> Picture:
    pixels = np.full((SIDE, SIDE, 3), 255, np.uint8)
    pixels[ellipse()] = colour
    if blur:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), blur), np.uint8)
    return Picture(pixels)


def agreement(alpha: NDArray[np.uint8]) -> float:
    there = alpha > 127
    return float((there & ellipse()).sum() / (there | ellipse()).sum())


@pytest.mark.parametrize("colour", [(20, 20, 20), (200, 40, 40), (240, 225, 200), (255, 255, 255)])
def test_the_body_is_opaque_whatever_its_colour(colour: tuple[int, int, int]) -> None:
    alpha = soft_mask(Sketch((SIDE, SIDE), (outline(),)), painted(colour))
    assert agreement(alpha) > 0.95
    assert alpha[70:130, 60:140].min() == 255
    assert not alpha[:40].any()
    assert not alpha[160:].any()


@pytest.mark.parametrize("colour", [(200, 40, 40), (255, 255, 255)])
def test_an_outline_with_a_gap_is_closed(colour: tuple[int, int, int]) -> None:
    alpha = soft_mask(Sketch((SIDE, SIDE), (outline(0.12),)), painted(colour))
    assert agreement(alpha) > 0.93


def test_a_soft_edge_stays_soft_and_keeps_no_white() -> None:
    picture = painted((180, 30, 30), blur=2.5)
    cut = cut_out(Sketch((SIDE, SIDE), (outline(),)), picture)
    row = cut.pixels[100]
    soft = row[(row[:, 3] > 60) & (row[:, 3] < 200)]
    assert 2 <= len(soft) <= 12
    assert np.abs(soft[:, :3].astype(int) - (180, 30, 30)).max() < 100
    faint = picture.pixels[100][(row[:, 3] > 60) & (row[:, 3] < 200)]
    assert faint[:, 1].mean() > soft[:, 1].mean() + 40


def test_the_opening_under_a_handle_is_open() -> None:
    body = Stroke.of([(40, 100), (160, 100), (150, 180), (50, 180), (40, 100)], 2.0)
    turn = np.linspace(np.pi, 2 * np.pi, 60)
    handle = Stroke.of(np.stack([100 + 40 * np.cos(turn), 100 + 60 * np.sin(turn)], 1), 2.0)
    pixels = np.full((SIDE, SIDE, 3), 255, np.uint8)
    cv2.fillPoly(pixels, [np.array([(40, 100), (160, 100), (150, 180), (50, 180)])], (150, 90, 40))
    cv2.ellipse(pixels, (100, 100), (40, 60), 0, 180, 360, (150, 90, 40), 4)
    alpha = soft_mask(Sketch((SIDE, SIDE), (body, handle)), Picture(pixels))
    assert alpha[60:90, 85:115].max() < 30
    assert alpha[120:160, 80:120].min() == 255
    assert alpha[38:44, 100].max() > 200


def test_a_white_patch_in_a_coloured_body_stays() -> None:
    picture = np.array(painted((40, 60, 150)).pixels)
    picture[85:115, 80:120] = 255
    alpha = soft_mask(Sketch((SIDE, SIDE), (outline(),)), Picture(picture))
    assert alpha[85:115, 80:120].min() == 255


def test_paint_far_from_the_outline_is_left_out() -> None:
    picture = np.array(painted((40, 60, 150)).pixels)
    picture[5:15, 5:15] = (90, 90, 90)
    assert not soft_mask(Sketch((SIDE, SIDE), (outline(),)), Picture(picture))[:30, :30].any()


def test_loose_strokes_beside_the_item_are_no_item() -> None:
    crumb = Stroke.of([(20, 20), (30, 22)], 2.0)
    picture = np.array(painted((40, 60, 150)).pixels)
    cv2.line(picture, (20, 20), (30, 22), (40, 60, 150), 2)
    alpha = soft_mask(Sketch((SIDE, SIDE), (outline(), crumb)), Picture(picture))
    assert not alpha[:40].any()
    assert agreement(alpha) > 0.95


def test_pictures_of_another_size_than_the_canvas() -> None:
    small = Sketch((50, 50), (outline(size=50),))
    pixels = painted((200, 40, 40)).pixels
    large = np.asarray(cv2.resize(pixels, (1200, 1200), interpolation=cv2.INTER_CUBIC), np.uint8)
    alpha = soft_mask(small, Picture(large))
    assert alpha.shape == (1200, 1200)
    assert agreement(np.asarray(cv2.resize(alpha, (SIDE, SIDE)), np.uint8)) > 0.95


def test_a_wide_canvas() -> None:
    sketch = Sketch((SIDE, 160), (outline(),))
    picture = Picture(np.ascontiguousarray(painted((200, 40, 40)).pixels[:160]))
    alpha = soft_mask(sketch, picture)
    assert alpha.shape == (160, SIDE)
    assert alpha[100, 100] == 255


def test_an_empty_sketch_on_bare_paper_has_no_item() -> None:
    assert not soft_mask(Sketch((SIDE, SIDE)), painted((255, 255, 255))).any()
