"""Looks that are not the photo's own: moved between photos, invented, mixed, and put in place."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.appearance import FromPhoto, Mix, Parts, Sampled, within
from engine.compose import Stage
from engine.errors import InputError, Unsupported
from engine.framing import person_frame
from engine.photo import Photo
from engine.picture import Picture
from engine.request import Request, Scene
from engine.session import Session
from engine.shapes.body import default_pose
from tests.unit.fake_models import ARCHITECTURES, painter_file, reader_file
from tests.unit.people import asymmetric_pose, drawn_person

PHOTO, MASK, POSE = drawn_person()
OTHER, OTHER_MASK, OTHER_POSE = drawn_person((360, 330), asymmetric_pose((360, 330)))
OWN = FromPhoto(PHOTO, POSE, MASK)
THEIRS = FromPhoto(OTHER, OTHER_POSE, OTHER_MASK)
MOVED = POSE.moved(left_wrist=(200.0, 60.0))
DISC = [200, 40, 90]


@pytest.fixture
def session(tmp_path):
    return Session("cpu", [painter_file(tmp_path), reader_file(tmp_path)], ARCHITECTURES)


def request(look, **changes):
    return replace(Request("people", MOVED, look, place=OWN), **changes)


def wall_behind(size):
    """The gradient before which people.drawn_person draws."""
    across, down = np.linspace(60, 180, size[0]), np.linspace(0, 40, size[1])
    return (across[None, :, None] + down[:, None, None]).repeat(3, 2).astype(int)


def painter(session):
    return session._painter(request(THEIRS), session.runtime)


@pytest.mark.parametrize(
    "look",
    [
        THEIRS,
        Sampled(3, default_pose((700, 500))),
        Mix(THEIRS, OWN, 0.3),
        Parts(THEIRS, (("head", OWN),)),
    ],
)
def test_another_look_stands_where_the_pose_is(session, look):
    """The painter's own frame differs from the place's: joints must come out right all the same."""
    painted = session.paint(request(look, scene=Scene.cutout)).picture
    assert painted.size == PHOTO.size
    for x, y in MOVED.xy:
        assert painted.pixels[int(y), int(x)].tolist() == [*DISC, 255]
    half = session.paint(request(look, scene=Scene.cutout, longest=160)).picture
    assert half.size == (120, 160)
    for x, y in MOVED.xy / 2:
        assert half.pixels[int(y), int(x), 3] > 200


def test_nothing_of_the_old_person_stays_under_another_look(session):
    """Also where the pose did not change: a transferred look may not keep the old shirt."""
    out = session.paint(request(THEIRS, shape=POSE)).picture.pixels.astype(int)
    inside = cv2.erode(MASK.pixels, np.ones((3, 3), np.uint8)) > 0
    discs = cv2.dilate((np.abs(out - DISC).max(2) < 30).astype(np.uint8), np.ones((9, 9))) > 0
    bared = inside & ~discs
    assert bared.sum() > 0.3 * inside.sum()
    wall = wall_behind(PHOTO.size)
    assert np.abs(PHOTO.pixels.astype(int) - wall)[bared].max(1).mean() > 50
    assert np.abs(out - wall)[bared].max(1).mean() < 12
    far = cv2.dilate(MASK.pixels, np.ones((61, 61), np.uint8)) == 0
    assert np.array_equal(out[far], PHOTO.pixels[far])


def test_the_own_look_named_as_place_too_keeps_the_photo(session):
    same = session.paint(request(OWN, shape=POSE)).picture
    assert np.array_equal(same.pixels, PHOTO.pixels)


def test_an_invented_look_needs_a_place_in_a_photo(session):
    nowhere = request(Sampled(1, POSE), place=None)
    with pytest.raises(InputError, match="no photo to stand in"):
        session.paint(nowhere)
    alone = session.paint(replace(nowhere, scene=Scene.cutout)).picture
    assert alone.size == PHOTO.size and alone.has_alpha


def test_an_invented_person_keeps_its_size_while_a_joint_moves(session):
    look = Sampled(1, POSE)
    still, moved = (
        session.paint(Request("people", shape, look, scene=Scene.cutout)).picture.pixels[..., 3]
        for shape in (POSE, POSE.moved(left_wrist=(239.0, 10.0)))
    )
    body = np.s_[: PHOTO.size[1], : int(POSE["left_shoulder"][0])]
    assert (still[body] > 0).any() and np.array_equal(still[body], moved[body])
    assert not np.array_equal(still, moved)


def test_an_invented_look_can_be_painted_on_a_canvas_of_another_size(session):
    pose = default_pose((500, 640))
    look = Sampled(1, POSE)
    painted = session.paint(Request("people", pose, look, scene=Scene.cutout)).picture
    assert painted.size == (500, 640)
    for x, y in pose.xy:
        assert painted.pixels[int(y), int(x)].tolist() == [*DISC, 255]


def test_masks_are_found_for_every_photo_of_a_look(session):
    bare = replace(THEIRS, mask=None)
    look = Parts(Mix(bare, Sampled(2, POSE), 0.5), (("head", bare),))
    session.paint(request(look, place=replace(OWN, mask=None)))
    seen = painter(session).looks[-1]
    photos = [inner for inner in within(seen) if isinstance(inner, FromPhoto)]
    assert len(photos) == 2 and all(inner.mask is not None for inner in photos)


def test_a_look_that_the_model_cannot_take_is_refused_also_inside_another(tmp_path):
    models = [painter_file(tmp_path, takes=("FromPhoto", "Mix")), reader_file(tmp_path)]
    session = Session("cpu", models, ARCHITECTURES)
    session.paint(request(Mix(OWN, THEIRS, 0.5)))
    with pytest.raises(Unsupported, match="Sampled"):
        session.paint(request(Mix(OWN, Sampled(1, POSE), 0.5)))


def test_poses_of_another_canvas_are_refused(session):
    with pytest.raises(InputError, match="source pose is for 240 x 320 px"):
        session.paint(request(Mix(OWN, replace(THEIRS, shape=POSE), 0.5)))
    with pytest.raises(InputError, match="new pose is for 360 x 330 px"):
        session.paint(request(THEIRS, shape=OTHER_POSE))


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_mix_needs_a_share(share):
    with pytest.raises(InputError, match="0 to 1"):
        Mix(OWN, THEIRS, share)


def test_regions_have_names_and_one_source_each():
    with pytest.raises(InputError, match="no region 'tail'"):
        Parts(OWN, (("tail", THEIRS),))
    with pytest.raises(InputError, match="one place only"):
        Parts(OWN, (("head", THEIRS), ("head", OWN)))
    assert Parts(OWN, (("legs", THEIRS), ("arms", OWN))) == Parts(
        OWN, (("arms", OWN), ("legs", THEIRS))
    )


def test_the_png_names_its_looks_by_hash_only(session, tmp_path):
    look = Parts(Mix(OWN, Sampled(7, POSE), 0.25), (("legs", THEIRS),))
    session.export(request(look), tmp_path / "out.png")
    told = json.loads(Image.open(tmp_path / "out.png").text["guise"])
    mix = told["appearance"]["default"]
    assert (told["appearance"]["kind"], mix["kind"], mix["t"]) == ("Parts", "Mix", 0.25)
    assert mix["b"]["seed"] == 7 and len(mix["b"]["shape"]["people"]) == 1
    assert told["appearance"]["regions"]["legs"]["photo"] == OTHER.digest
    assert told["place"]["photo"] == PHOTO.digest
    assert (tmp_path / "out.png").stat().st_size < PHOTO.pixels.nbytes


def test_replacing_shows_the_painted_person_over_the_background():
    """A half transparent flood: half the flood, half of what is behind the person."""
    plain = Photo(np.full((320, 240, 3), 90, np.uint8))
    person = plain.pixels.copy()
    person[MASK.pixels > 0] = (250, 0, 0)
    frame = person_frame(POSE, MASK)
    stage = Stage.make(Photo(person), MASK, POSE, frame)
    nobody = np.zeros((64, 64, 4), np.uint8)
    gone = stage.replaced(Picture(nobody), None).pixels
    assert np.abs(gone.astype(int) - 90).max() <= 3  # the person has left
    rgba = np.full((64, 64, 4), (10, 200, 30, 255), np.uint8)
    flooded = stage.replaced(Picture(rgba), 160).pixels
    assert flooded.shape == (160, 120, 3)
    assert np.abs(flooded[80, 60].astype(int) - (10, 200, 30)).max() <= 1


@pytest.mark.parametrize("side", [40, 64, 400])
@pytest.mark.parametrize("longest", [None, 100, 500])
def test_a_replaced_person_ends_where_its_painted_square_ends(side, longest):
    """A square in the frame: all of it is there, and no more."""
    frame = person_frame(POSE, MASK)
    rgba = np.zeros((side, side, 4), np.uint8)
    here = slice(side // 2, side // 4 * 3)
    rgba[here, here] = (10, 200, 30, 255)
    out = Stage.make(PHOTO, MASK, POSE, frame).replaced(Picture(rgba), longest).pixels
    scale = (longest or 320) / 320
    ys, xs = (np.mgrid[: out.shape[0], : out.shape[1]] + 0.5) / scale
    u, v = (xs - frame.left) / frame.side - 0.625, (ys - frame.top) / frame.side - 0.625
    inwards = (0.125 - np.maximum(abs(u), abs(v))) * frame.side
    rim = frame.side / side + 1.5 / scale
    green = np.abs(out.astype(int) - (10, 200, 30)).max(2)
    assert (inwards > rim).any() and (green[inwards > rim] <= 1).all()
    assert (green[inwards < -rim] > 20).all()
