"""Looks as numbers, and looks found by trying on drawn sketches with the bundled shoes."""

from __future__ import annotations

import numpy as np
import pytest

from engine.appearance import FromPhoto, Mix, Parts, Sampled, Vector
from engine.card import Card
from engine.errors import InputError, Unsupported
from engine.look_jobs import FindColour, FindDirections, ReadLook, found
from engine.painters.base import Stopped
from engine.photo import Photo
from engine.picture import Picture
from engine.request import Painted
from engine.session import Session
from engine.shapes.sketch import Sketch, Stroke
from engine.sketch_looks import STOPS, Trial, body_of, coloured, directions, tracks
from engine.vectors import (
    OUTERMOST,
    Directions,
    around,
    between,
    holding,
    numbers_of,
    plain,
    resolved,
    thrown,
    told_directions,
    within_reach,
)

CHIPS = {
    "red": (190, 30, 40),
    "blue": (35, 70, 160),
    "black": (25, 25, 28),
    "brown": (110, 70, 40),
    "white": (235, 235, 232),
    "green": (50, 120, 60),
}
SHOE = [(14, 62), (20, 38), (44, 34), (60, 52), (96, 66), (116, 76), (118, 88), (14, 90), (14, 62)]
BOOT = [(30, 12), (58, 12), (60, 62), (84, 72), (106, 80), (108, 100), (28, 100), (30, 12)]


def never() -> bool:
    return False


def drawn(points, size=(128, 128)) -> Sketch:
    outline = Stroke.of(points, 2.0)
    return Sketch(size, (outline, Stroke.of([(p[0] + 1, p[1] - 8) for p in points[5:8]], 2.0)))


def lab(rgb) -> np.ndarray:
    """CIE Lab of sRGB by the CIE's own formulas, D65."""
    c = np.asarray(rgb, np.float64) / 255
    c = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = c @ to_xyz.T / (0.9505, 1.0, 1.089)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    light, red, yellow = 116 * f[..., 1] - 16, f[..., 0] - f[..., 1], f[..., 1] - f[..., 2]
    return np.stack([light, 500 * red, 200 * yellow], -1)


@pytest.fixture(scope="module")
def session() -> Session:
    return Session("cpu")


CASES = [*((name, SHOE) for name in CHIPS), ("red", BOOT), ("white", BOOT)]


@pytest.mark.parametrize(("name", "points"), CASES)
def test_a_colour_lands_on_the_item(session, name, points) -> None:
    trial = Trial(session, "shoes", drawn(points), never)
    body, now = body_of(trial, 8), thrown(5, 8)
    look = coloured(trial, now, CHIPS[name])
    painted = np.median(lab(trial.picture(look)[body]), axis=0)
    assert np.linalg.norm(painted - lab(CHIPS[name])) < 20


def test_numbers_that_are_held_stay_while_the_others_find_the_colour(session) -> None:
    trial, now = Trial(session, "shoes", drawn(SHOE), never), thrown(5, 8)
    body, held = body_of(trial, 8), {3, 5}
    look = coloured(trial, now, CHIPS["blue"], held)
    assert [look.values[n] for n in held] == [now.values[n] for n in held]
    before, after = (
        np.linalg.norm(np.median(lab(trial.picture(v)[body]), axis=0) - lab(CHIPS["blue"]))
        for v in (now, look)
    )
    assert after < before / 2
    everything = coloured(trial, now, CHIPS["blue"], set(range(8)))
    assert everything == now


def test_the_body_is_inside_of_what_was_drawn(session) -> None:
    import cv2

    body = body_of(Trial(session, "shoes", drawn(SHOE), never), 8)
    filled = cv2.fillPoly(np.zeros((128, 128), np.uint8), [np.array(SHOE, np.int32)], 1) > 0
    assert (body & filled).sum() > 0.9 * body.sum()
    assert (body & filled).sum() > 0.6 * filled.sum()


@pytest.mark.parametrize(
    "sketch", [Sketch((90, 60)), Sketch((90, 60), raster=np.zeros((60, 90), np.uint8))]
)
def test_nothing_drawn_has_no_colour(session, sketch) -> None:
    with pytest.raises(InputError, match="draw one first"):
        coloured(Trial(session, "shoes", sketch, never), plain(8), (200, 0, 0))


def test_a_search_that_is_not_wanted_any_more_stops(session) -> None:
    with pytest.raises(Stopped):
        coloured(Trial(session, "shoes", drawn(SHOE), lambda: True), plain(8), (200, 0, 0))


class Linear:
    """A painter whose whole canvas has the colour that the look's numbers make; it reads none."""

    slopes = np.array([[20.0, 5, 0], [0, 0.2, 0], [0, 30, -12]])

    def vector(self, model, look):
        raise Unsupported("This model cannot read looks from photos.")

    def paint(self, request, stop):
        colour = 120 + np.array(request.appearance.values) @ self.slopes
        pixels = np.rint(np.broadcast_to(colour, (32, 32, 3)).clip(0, 255)).astype(np.uint8)
        return Painted(request, Picture(pixels.copy()), 0.0)


def test_directions_are_the_principal_ones_of_a_known_painter() -> None:
    trial = Trial(Linear(), "any", drawn(SHOE), never)
    found_out = directions(trial, 3)
    products = Linear.slopes @ Linear.slopes.T / 3 / 127.5**2
    assert found_out.effects == pytest.approx(np.sqrt(np.diag(products)), rel=0.1, abs=2e-3)
    assert found_out.idle == {1}
    _, vectors = np.linalg.eigh(products)
    assert abs(np.dot(found_out.axes[0], vectors[:, 2])) > 0.99


def test_colours_along_a_number_are_those_that_are_painted(session) -> None:
    trial, now = Trial(session, "shoes", drawn(SHOE), never), thrown(5, 8)
    told = tracks(trial, now, (0, 4))
    assert set(told) == {0, 4} and len(told[0]) == len(STOPS) == 5
    body = body_of(trial, 8)
    for number, colours in told.items():
        for stop, colour in zip(STOPS, colours, strict=True):
            values = list(now.values)
            values[number] = stop
            painted = np.median(trial.picture(Vector(tuple(values)))[body], axis=0)
            assert np.linalg.norm(lab(painted) - lab(colour)) < 1
    assert np.ptp([lab(c)[0] for c in told[0]]) > 30  # training put light and dark first
    with pytest.raises(InputError, match="draw one first"):
        tracks(Trial(session, "shoes", Sketch((64, 64)), never), plain(8), (0,))


def test_a_model_that_reads_no_looks_finds_a_colour_by_steps_alone() -> None:
    trial, wanted = Trial(Linear(), "any", drawn(SHOE), never), (150, 100, 140)
    look = coloured(trial, plain(3), wanted)
    assert np.linalg.norm(lab(trial.picture(look)[0, 0]) - lab(wanted)) < 12


def test_jobs_are_answered_with_their_request(session) -> None:
    job = FindColour("shoes", drawn(SHOE), plain(8), CHIPS["red"], frozenset({2}))
    answer = found(session, job, never)
    assert answer.request is job and answer.look.values[2] == 0
    asked = FindDirections("shoes", drawn(SHOE), 8)
    strongest = np.argmax(found(session, asked, never).directions.effects)
    assert strongest == 0  # training has put the numbers in order


def test_the_look_of_a_photo_file_is_what_the_model_reads(session, tmp_path) -> None:
    from PIL import Image

    trial = Trial(session, "shoes", drawn(SHOE), never)
    picture = trial.picture(coloured(trial, thrown(5, 8), CHIPS["red"]))
    Image.fromarray(picture).save(tmp_path / "red.png")
    look = found(session, ReadLook("shoes", tmp_path / "red.png"), never).look
    assert look.values == pytest.approx(
        session.vector("shoes", FromPhoto(Photo(picture))).values, abs=1e-4
    )
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(InputError):
        found(session, ReadLook("shoes", tmp_path / "text.png"), never)


def test_looks_near_another_hold_what_is_held_and_stay_in_reach() -> None:
    now = Vector((0.0, 2.9, -1.0, 0.5))
    near = holding(around(now, 3, 0.5), now, {2})
    assert near.values[2] == -1.0 and near.values[0] != 0.0
    assert max(map(abs, around(now, 3, 9.0).values)) <= 3.0
    assert within_reach(Vector((9.0, -9.0, 1.0))).values == (OUTERMOST, -OUTERMOST, 1.0)
    many = np.array([around(plain(4), seed, 0.5).values for seed in range(400)])
    assert many.std() == pytest.approx(0.5, abs=0.03)


def test_recipes_of_looks_are_numbers_where_no_painter_is_needed() -> None:
    assert resolved(Sampled(4), 3) == thrown(4, 3)
    mixed = resolved(Mix(Sampled(4), Vector((1.0, 0.0, 0.0)), 0.25), 3)
    assert mixed == between(thrown(4, 3), Vector((1.0, 0.0, 0.0)), 0.25)
    assert resolved(Vector((1.0,)), 3) is None
    photo = FromPhoto(Photo(np.zeros((40, 40, 3), np.uint8)))
    assert resolved(photo, 3) is None
    assert resolved(Mix(photo, Sampled(1), 0.5), 3) is None
    assert resolved(Parts(Sampled(1), ()), 3) is None


def test_a_card_tells_what_its_numbers_do_or_nothing() -> None:
    told = {f"effect_{n}": {"value": value} for n, value in enumerate((0.2, 0.05, 0.006), 1)}
    card = Card(
        id="a", architecture="b", title="", summary="", config={"looks": 3}, takes=("Vector",)
    )
    assert told_directions(card) is None and numbers_of(card) == 3
    known = told_directions(
        Card(
            id="a",
            architecture="b",
            title="",
            summary="",
            config={"looks": 3},
            takes=("Vector",),
            metrics=told,
        )
    )
    assert known is not None and known.idle == {2}
    assert known == Directions((0.2, 0.05, 0.006), ((1, 0, 0), (0, 1, 0), (0, 0, 1)))
    assert numbers_of(None) == 0
