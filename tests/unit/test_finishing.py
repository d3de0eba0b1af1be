"""The last touch: soft edges, matched colours, and nothing at all without either."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from people import drawn_person

from engine.appearance import FromPhoto
from engine.errors import InputError
from engine.finishing import Finish
from engine.photo import Mask, Photo
from engine.picture import Picture
from engine.request import Request
from engine.request_files import open_recipe, restored, save_recipe
from engine.retouch import finished


def disc(side=200, radius=60, colour=(180, 60, 40)):
    alpha = cv2.circle(np.zeros((side, side), np.uint8), (side // 2, side // 2), radius, 255, -1)
    rng = np.random.default_rng(5)
    rgb = (np.array(colour) + rng.integers(-20, 20, (side, side, 1))).clip(0, 255)
    return Picture(np.dstack([rgb.astype(np.uint8), alpha]))


def test_without_a_finish_it_is_the_same_picture():
    picture = disc()
    assert finished(picture, Finish(), 2.0, None, None) is picture


@pytest.mark.parametrize("step", [0.5, 1.0, 3.0])
def test_the_edge_fades_inwards_over_so_many_photo_pixels(step):
    picture = disc(400, 150)
    soft = finished(picture, Finish(feather=12), step, None, None).pixels
    y, x = np.mgrid[:400, :400]
    depth = 150 - np.hypot(x - 200, y - 200)
    alpha = soft[..., 3].astype(int)
    assert alpha[depth < -1].max() == 0
    assert alpha[depth > 12 * step * 1.4].min() > 240
    assert alpha[np.abs(depth - 1) < 0.7].mean() < 120
    half = alpha[np.abs(depth - 4 * step) < 0.7].mean()
    assert 90 < half < 200
    assert np.array_equal(soft[..., :3], picture.pixels[..., :3])


def test_a_matched_person_takes_the_photos_light():
    shade = np.random.default_rng(1).normal(0, 12, (120, 90, 1))
    photo = Photo((np.array((60, 90, 130)) + shade).clip(0, 255).astype(np.uint8))
    mask = Mask(np.full((120, 90), 255, np.uint8))
    picture = disc()
    inside = picture.pixels[..., 3] > 200

    def lab(rgb):
        return cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2LAB).astype(float)

    aim, before = lab(photo.pixels).mean((0, 1)), lab(picture.pixels[..., :3])[inside].mean(0)
    steps = []
    for share in (0.5, 1.0):
        out = finished(picture, Finish(match=share), 1.0, photo, mask).pixels
        assert np.array_equal(out[..., 3], picture.pixels[..., 3])
        steps.append(np.linalg.norm(lab(out[..., :3])[inside].mean(0) - aim))
    far = np.linalg.norm(before - aim)
    assert steps[1] < 0.15 * far and 0.35 * far < steps[0] < 0.65 * far


def test_nobody_to_match_leaves_the_colours():
    picture, photo = disc(), Photo(np.full((64, 64, 3), 20, np.uint8))
    nobody = Mask(np.zeros((64, 64), np.uint8))
    out = finished(picture, Finish(match=1), 1.0, photo, nobody)
    assert np.array_equal(out.pixels, picture.pixels)


@pytest.mark.parametrize("wrong", [{"feather": -1}, {"feather": 51}, {"match": 1.5}])
def test_what_is_out_of_range_is_refused(wrong):
    with pytest.raises(InputError):
        Finish(**wrong)


def test_a_recipe_remembers_the_finish(tmp_path: Path):
    photo, mask, pose = drawn_person()
    plain = Request("people", pose, FromPhoto(photo, pose, mask))
    for request in (plain, replace(plain, finish=Finish(2.5, 0.25))):
        save_recipe(request, tmp_path / "it.json")
        found = open_recipe(tmp_path / "it.json")
        assert restored(found, lambda _: photo) == request
    written = (tmp_path / "it.json").read_text()
    (tmp_path / "it.json").write_text(written.replace("0.25", "7.5"))
    with pytest.raises(InputError, match="damaged"):
        restored(open_recipe(tmp_path / "it.json"), lambda _: photo)
