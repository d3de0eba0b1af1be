"""The mask grown from a skeleton placed by hand."""

import numpy as np
import pytest

from engine.errors import InputError
from engine.perception.from_pose import mask_from_pose
from engine.photo import Photo
from engine.shapes.body import default_pose
from engine.shapes.pose import Presence
from tests.unit.people import drawn_person


def overlap(a, b):
    return (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize("size", [(240, 320), (700, 900)])
def test_it_finds_the_drawn_person_under_the_skeleton(size):
    photo, truth, pose = drawn_person(size)
    mask = mask_from_pose(photo, pose)
    assert mask.size == photo.size
    assert overlap(mask.pixels > 127, truth.pixels > 127) > 0.75
    again = mask_from_pose(photo, pose)
    assert mask == again


def test_a_blank_photo_gives_a_body_around_the_bones():
    photo = Photo(np.full((300, 200, 3), 128, np.uint8))
    pose = default_pose((200, 300))
    mask = mask_from_pose(photo, pose).pixels
    for joint in ("left_knee", "right_elbow", "nose"):
        x, y = pose[joint]
        assert mask[int(y), int(x)] == 255
    assert mask[:20].max() == 0


def test_a_skeleton_beside_the_photo_marks_nobody():
    photo, _, pose = drawn_person()
    away = pose.mapped(np.array([[1.0, 0, 5000], [0, 1, 0]]), pose.size)
    assert mask_from_pose(photo, away).pixels.max() == 0


def test_hips_are_needed():
    photo, _, pose = drawn_person()
    with pytest.raises(InputError, match="left hip"):
        mask_from_pose(photo, pose.marked(Presence.missing, "left_hip"))
