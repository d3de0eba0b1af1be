"""The session: caches, cancelling, memory, places, and the same bytes for the same request."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from engine import registry
from engine.appearance import FromPhoto, Sampled
from engine.errors import GuiseError, InputError, ModelError, Unsupported
from engine.finishing import Finish
from engine.painters.base import Stopped
from engine.photo import Mask, Photo
from engine.request import Cancelled, Failed, FailureKind, Painted, Quality, Request, Scene
from engine.session import Session
from engine.shapes.body import default_pose
from engine.shapes.sketch import Sketch, Stroke
from tests.unit.fake_models import ARCHITECTURES, painter_file, reader_file
from tests.unit.people import drawn_person

PHOTO, MASK, POSE = drawn_person()
MOVED = POSE.moved(left_wrist=(200.0, 60.0))


def session_of(folder, **painter):
    return Session("cpu", [painter_file(folder, **painter), reader_file(folder)], ARCHITECTURES)


@pytest.fixture
def session(tmp_path):
    return session_of(tmp_path)


def request(scene=Scene.cutout, **changes):
    look = FromPhoto(PHOTO, POSE, MASK)
    return replace(Request("people", MOVED, look, scene=scene), **changes)


def painter(session):
    return session._painter(request(), session.runtime)


def reader(session):
    return session._build("person-reader", session.runtime, "perception")


def test_a_cutout_lies_at_its_place_on_the_photos_canvas(session):
    painted = session.paint(request())
    assert painted.picture.size == PHOTO.size and painted.picture.has_alpha
    for x, y in MOVED.xy:
        assert painted.picture.pixels[int(y), int(x)].tolist() == [200, 40, 90, 255]
    assert painted.picture.pixels[0, 0].tolist() == [0, 0, 0, 0]
    assert painted.degraded == "" and painted.seconds >= 0


def test_a_smaller_picture_has_its_joints_at_the_same_place(session):
    picture = session.paint(request(longest=160)).picture
    assert picture.size == (120, 160)
    for x, y in MOVED.xy / 2:
        assert picture.pixels[int(y), int(x), 3] > 200


def test_the_painter_is_asked_for_the_pixels_that_are_shown(session):
    full = session.paint(request())
    session.paint(request(longest=160, quality=Quality.preview))
    side, half = painter(session).sides
    assert abs(half - side / 2) <= 1 and full.picture.size == PHOTO.size


def test_the_same_request_gives_the_same_bytes_also_in_another_session(session, tmp_path):
    first, again = session.paint(request()).picture, session.paint(request()).picture
    (tmp_path / "other").mkdir()
    other = session_of(tmp_path / "other").paint(request()).picture
    assert first.pixels.tobytes() == again.pixels.tobytes() == other.pixels.tobytes()


def test_no_edit_is_the_photo_bit_for_bit(session):
    untouched = request(Scene.photo, shape=POSE)
    assert np.array_equal(session.paint(untouched).picture.pixels, PHOTO.pixels)
    assert session.paint(replace(untouched, longest=160)).picture.size == (120, 160)


def test_an_edit_changes_the_photo_only_near_the_person(session):
    picture = session.paint(request(Scene.photo)).picture
    assert picture.size == PHOTO.size and not picture.has_alpha
    assert not np.array_equal(picture.pixels, PHOTO.pixels)
    assert np.array_equal(picture.pixels[:, :10], PHOTO.pixels[:, :10])


def test_the_edge_is_as_soft_as_asked_for(session):
    hard, soft = session.paint(request()), session.paint(request(finish=Finish(feather=3)))
    alphas = [p.picture.pixels[..., 3].astype(int) for p in (hard, soft)]
    assert (alphas[1] <= alphas[0]).all() and alphas[1].sum() < 0.9 * alphas[0].sum()
    scene = session.paint(request(Scene.photo, finish=Finish(feather=3))).picture.pixels
    plain = session.paint(request(Scene.photo)).picture.pixels
    assert (scene != plain).any()
    untouched = request(Scene.photo, shape=POSE, finish=Finish(feather=3, match=1))
    assert np.array_equal(session.paint(untouched).picture.pixels, PHOTO.pixels)


def test_an_appearance_is_prepared_once(session):
    session.paint(request())
    session.paint(request(shape=MOVED.moved(nose=(120.0, 40.0))))
    assert painter(session).prepared == 1
    other = FromPhoto(PHOTO, POSE.moved(nose=(118.0, 40.0)), MASK)
    session.paint(request(appearance=other))
    assert painter(session).prepared == 2


def test_without_a_mask_perception_finds_it_once(session):
    bare = request(appearance=FromPhoto(PHOTO, POSE))
    session.paint(bare)
    session.paint(replace(bare, shape=POSE.moved(nose=(1.0, 1.0))))
    assert reader(session).reads == 1


def test_where_nobody_is_found_a_placed_skeleton_still_works(session):
    plain = Photo(np.full((64, 64, 3), 9, np.uint8))
    pose = default_pose(plain.size)
    raised = pose.moved(left_wrist=(50.0, 8.0))
    painted = session.paint(Request("people", raised, FromPhoto(plain, pose)))
    assert painted.picture.size == (64, 64)
    with pytest.raises(InputError, match="No person was found"):
        session.repose(session.read(plain), raised)


def test_reading_and_the_five_line_api(session):
    person = session.read(PHOTO)
    assert person.found and session.read(PHOTO) is person
    picture = session.repose(person, person.pose.moved(right_wrist=(30, 60)), scene=Scene.cutout)
    assert picture.pixels[60, 30, 3] == 255


def test_poses_and_masks_of_another_size_are_refused(session):
    small = default_pose((10, 10))
    with pytest.raises(InputError, match="new pose is for 10 x 10 px and the photo has 240 x 320"):
        session.paint(request(shape=small))
    with pytest.raises(InputError, match="source pose"):
        session.paint(request(appearance=FromPhoto(PHOTO, small, MASK)))
    mask = Mask(np.zeros((9, 9), np.uint8))
    with pytest.raises(InputError, match="mask"):
        session.paint(request(appearance=FromPhoto(PHOTO, POSE, mask)))


def test_unknown_models_wrong_kinds_wrong_looks_and_wrong_weights(session, tmp_path):
    with pytest.raises(ModelError, match="no model 'ghosts'"):
        session.paint(request(model="ghosts"))
    session.read(PHOTO)  # loaded or not, a reader paints nothing
    with pytest.raises(ModelError, match="no painter"):
        session.paint(request(model="person-reader"))
    with pytest.raises(ModelError, match="other weights"):
        session.paint(request(weights="0" * 64))
    session.paint(request(weights=session.digest("people")))
    (tmp_path / "s").mkdir()
    with pytest.raises(Unsupported):
        session_of(tmp_path / "s", takes=("Sampled",)).paint(request())
    with pytest.raises(GuiseError, match="no device"):
        Session("toaster")


def test_stopping(session):
    calls = []

    def stop():
        calls.append(1)
        return len(calls) > 1

    with pytest.raises(Stopped):
        session.paint(request(), stop)
    assert session.answer(request(), lambda: True) == Cancelled(request())
    assert isinstance(session.answer(request()), Painted)


def test_answers_are_messages_and_never_raise(session):
    failed = session.answer(request(model="ghosts"))
    assert isinstance(failed, Failed) and failed.kind is FailureKind.model and failed.advice
    broken = session.answer(request(shape=None))
    assert broken.kind is FailureKind.internal


def test_out_of_memory_gives_a_smaller_picture_that_says_so_and_is_not_kept(tmp_path):
    session = session_of(tmp_path, most=300)
    painted = session.paint(request(longest=480))
    assert max(painted.picture.size) == 240 and "240 px" in painted.degraded
    small = session.paint(request(longest=200))
    assert small.degraded == "" and max(small.picture.size) == 200


def test_out_of_memory_twice_is_a_failure_with_advice(tmp_path):
    failed = session_of(tmp_path, most=10).answer(request())
    assert failed.kind is FailureKind.memory and "smaller" in failed.advice


def test_export_writes_the_full_picture_with_its_recipe(session, tmp_path):
    path = tmp_path / "out.png"
    session.export(request(longest=100, quality=Quality.preview), path)
    with Image.open(path) as image:
        recipe = json.loads(image.info["guise"])
        assert max(image.size) == 100 and image.mode == "RGBA"
    assert recipe["weights"] == session.digest("people") and recipe["quality"] == "full"


def test_memory_counts_what_is_kept(session):
    before = session.memory()
    session.paint(request())
    assert session.memory() >= before + 1000
    assert session.status.startswith("CPU ")


def test_a_model_is_unloaded_and_loaded_again_when_it_is_needed(session):
    first = session.paint(request())
    held, before = session.loaded(), session.memory()
    assert held["people"] > 0
    session.tend(unload="people")
    assert "people" not in session.loaded() and session.memory() <= before - held["people"]
    assert session.paint(request()).picture.pixels.tobytes() == first.picture.pixels.tobytes()


def test_models_that_come_and_go_are_seen(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    session = session_of(tmp_path)
    session.paint(request())
    folder = registry.user_folder()
    folder.mkdir(parents=True)
    added = painter_file(folder, name="added")
    session.tend()
    assert session.paint(request(model="added")).picture.size == PHOTO.size
    assert set(session.loaded()) >= {"people", "added"}
    added.unlink()
    session.tend()
    assert "added" not in session.loaded()
    with pytest.raises(ModelError):
        session.paint(request(model="added"))


def test_models_are_listed_with_their_cards(session):
    assert {"people", "person-reader"} <= {card.id for card in session.models()}


def test_a_painter_of_people_refuses_a_drawing_in_words():
    sketch = Sketch((64, 64), (Stroke.of([(5, 5), (50, 50)], 2),))
    answer = Session("cpu").answer(Request("people", sketch, Sampled(1), longest=64))
    assert isinstance(answer, Failed)
    assert answer.message == "The model 'people' paints people in poses, not drawings."
