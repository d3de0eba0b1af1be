"""Holes filled from their surroundings, and the background plate made of them."""

import cv2
import numpy as np
import pytest

from engine.inpaint import filled
from engine.plate import PLATE_SIDE, Plate, noise_level


def hole_in(shape, box):
    hole = np.zeros(shape, np.uint8)
    left, top, right, bottom = box
    hole[top:bottom, left:right] = 255
    return hole


def ramp(height=120, width=160):
    """A picture without detail: red grows to the right, green downwards."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(40, 200, width)[None, :]
    pixels[..., 1] = np.linspace(60, 160, height)[:, None]
    pixels[..., 2] = 90
    return pixels


def test_nothing_to_fill_and_nothing_to_go_by():
    pixels = ramp()
    assert np.array_equal(filled(pixels, np.zeros((120, 160), np.uint8)), pixels)
    assert (filled(pixels, np.full((120, 160), 255, np.uint8)) == 128).all()


@pytest.mark.parametrize("shape", [(1, 9), (9, 1), (3, 3), (5, 400), (33, 40)])
def test_known_pixels_stay_at_any_size(shape):
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3)).astype(np.uint8)
    hole = np.zeros(shape, np.uint8)
    hole[shape[0] // 2, shape[1] // 2] = 255
    out = filled(pixels, hole)
    assert out.shape == pixels.shape and out.dtype == np.uint8
    assert np.array_equal(out[hole == 0], pixels[hole == 0])


def test_what_the_hole_held_never_shows():
    hole = hole_in((120, 160), (60, 20, 100, 110))
    black, white = ramp(), ramp()
    black[hole > 0], white[hole > 0] = 0, 255
    once, again = filled(black, hole), filled(white, hole)
    assert np.array_equal(once, again)


def test_a_smooth_wall_goes_on_smoothly():
    pixels = ramp()
    hole = hole_in((120, 160), (60, 20, 100, 110))
    told = filled(pixels, hole).astype(int)
    assert np.abs(told - pixels)[hole > 0].mean() < 12
    rim = cv2.dilate(hole, np.ones((3, 3), np.uint8)) > 0
    across = np.abs(np.diff(told, axis=1)).max(2)
    assert across[rim[:, 1:]].max() < 30  # no visible step anywhere on the rim


def test_courses_of_a_wall_run_on_behind_the_person():
    rows = np.where(np.arange(160) // 10 % 2, 190, 70)
    pixels = np.repeat(np.repeat(rows[:, None, None], 200, 1), 3, 2).astype(np.uint8)
    hole = hole_in((160, 200), (80, 30, 120, 150))
    wrong = np.abs(filled(pixels, hole).astype(int) - pixels)[hole > 0]
    assert (wrong > 60).mean() < 0.1


def test_texture_is_no_smear():
    rng = np.random.default_rng(3)
    grass = cv2.GaussianBlur(rng.normal(0, 1, (240, 240)).astype(np.float32), (0, 0), 1.2)
    pixels = np.clip(110 + 60 * grass / grass.std() * 0.6, 0, 255).astype(np.uint8)
    pixels = np.repeat(pixels[..., None], 3, 2)
    hole = hole_in((240, 240), (95, 40, 145, 200))
    told = filled(pixels, hole)
    inner = cv2.erode(hole, np.ones((9, 9), np.uint8)) > 0

    def energy(image):
        return np.abs(cv2.Laplacian(image[..., 0].astype(np.float32), cv2.CV_32F))

    share = energy(told)[inner].mean() / energy(pixels)[hole == 0].mean()
    assert 0.5 < share < 2


def red_on_blue(height=400, width=300):
    """A red figure on a blue ramp, with a soft edge that mixes both."""
    photo = np.zeros((height, width, 3), np.uint8)
    photo[..., 2] = np.linspace(80, 220, height)[:, None]
    photo[..., 1] = np.linspace(30, 90, width)[None, :]
    wall = photo.copy()
    figure = np.zeros((height, width), np.uint8)
    cv2.line(figure, (150, 90), (150, 330), 255, 60)
    cv2.line(figure, (150, 140), (230, 220), 255, 24)
    share = cv2.GaussianBlur(figure.astype(np.float32) / 255, (0, 0), 1.0)[..., None]
    photo = np.rint(photo * (1 - share) + np.array((230, 10, 10)) * share).astype(np.uint8)
    matte = cv2.dilate(figure, np.ones((7, 7), np.uint8))
    return photo, wall, matte


def test_the_plate_holds_nothing_of_the_person():
    photo, wall, matte = red_on_blue()
    plate = Plate.make(photo, matte, (0, 0, 300, 400))
    told = plate.at(np.ones(2), (0, 0, 300, 400)).astype(int)
    assert told[..., 0].max() < 25  # the person is 230 there, the wall 0
    assert np.abs(told - wall)[matte > 0].mean() < 12


def test_the_plate_is_bounded_and_says_where_it_lies():
    photo = np.zeros((1500, 2400, 3), np.uint8)
    photo[..., 0] = np.linspace(0, 255, 2400)[None, :]
    matte = hole_in((900, 300), (20, 20, 280, 880))
    plate = Plate.make(photo, matte, (1400, 300, 1700, 1200))
    assert max(plate.pixels.shape) <= PLATE_SIDE
    told = plate.at(np.ones(2), (1300, 600, 1390, 640)).astype(int)  # beside the hole: as it was
    assert np.abs(told - photo[600:640, 1300:1390]).max() <= 3
    small = plate.at(np.full(2, 0.25), (325, 150, 347, 160)).astype(int)
    assert np.abs(small - photo[600:640:4, 1300:1388:4]).max() <= 4


def noisy_photo(sigma):
    wall = np.full((500, 500, 1), 120.0) + np.random.default_rng(5).normal(0, sigma, (500, 500, 1))
    return np.repeat(np.clip(np.rint(wall), 0, 255), 3, 2).astype(np.uint8)


@pytest.mark.parametrize("sigma", [2.0, 5.0, 9.0])
def test_grain_is_measured(sigma):
    level = noise_level(noisy_photo(sigma), np.ones((500, 500), bool))
    assert 0.75 * sigma < level < 1.25 * sigma


def test_grain_fits_from_box_to_box_and_from_run_to_run():
    matte = hole_in((500, 500), (200, 100, 300, 400))
    photo = noisy_photo(6.0)
    plates = [Plate.make(photo, matte, (0, 0, 500, 500)) for _ in range(2)]
    whole = plates[0].at(np.ones(2), (180, 90, 320, 410))
    assert np.array_equal(whole, plates[1].at(np.ones(2), (180, 90, 320, 410)))
    part = plates[0].at(np.ones(2), (230, 150, 290, 260))
    assert np.array_equal(part, whole[60:170, 50:110])
    inside = whole[20:300, 30:110, 0].astype(float)
    assert 3 < (inside - cv2.blur(inside, (5, 5))).std() < 12
