"""Another person's pose on this person's body."""

import numpy as np
import pytest

from engine.errors import InputError
from engine.shapes.body import body_height, default_pose
from engine.shapes.pose import INDEX, Pose, Presence
from engine.shapes.retarget import fitted, retargeted
from tests.unit.people import asymmetric_pose

SOURCE = asymmetric_pose()


def length(pose, a, b):
    return float(np.linalg.norm(pose.xy[INDEX[a]] - pose.xy[INDEX[b]]))


def test_a_person_in_their_own_pose_stays_where_they_are():
    assert np.allclose(retargeted(SOURCE, SOURCE).xy, SOURCE.xy)


def test_size_and_place_in_the_other_photo_do_not_matter():
    moved = SOURCE.mapped(np.array([[3.0, 0, 500], [0, 3.0, -70]]), (2000, 1500))
    again = retargeted(moved, SOURCE)
    assert np.allclose(again.xy, SOURCE.xy) and again.size == SOURCE.size


def test_the_pose_is_the_others_and_the_build_is_mine():
    other = default_pose((300, 500))
    mine = retargeted(other, SOURCE)
    assert np.isclose(body_height(mine), body_height(SOURCE), rtol=0.15)
    for a, b in (("right_shoulder", "right_elbow"), ("left_hip", "left_knee"), ("neck", "nose")):
        theirs = other.xy[INDEX[b]] - other.xy[INDEX[a]]
        made = mine.xy[INDEX[b]] - mine.xy[INDEX[a]]
        cosine = theirs @ made / np.linalg.norm(theirs) / np.linalg.norm(made)
        assert cosine > 0.999


def test_long_arms_stay_long():
    short = default_pose((300, 500))
    long = short.moved(
        right_wrist=tuple(np.add(short["right_wrist"], (0, 12))),
        left_wrist=tuple(np.add(short["left_wrist"], (0, 12))),
    )
    ratio = length(retargeted(short, long), "right_elbow", "right_wrist") / length(
        short, "right_elbow", "right_wrist"
    )
    expected = length(long, "right_elbow", "right_wrist") / length(
        short, "right_elbow", "right_wrist"
    )
    assert np.isclose(ratio, expected, rtol=0.02) and expected > 1.15


def test_one_bent_arm_does_not_shorten_the_other():
    straight = default_pose((300, 500))
    towards_us = straight.moved(right_wrist=straight["right_elbow"])
    made = retargeted(towards_us, straight)
    assert np.isclose(
        length(made, "left_elbow", "left_wrist"), length(straight, "left_elbow", "left_wrist")
    )
    assert length(made, "right_elbow", "right_wrist") < 1


def test_feet_stay_on_the_ground_and_hips_in_their_column():
    made = retargeted(default_pose((300, 500)), SOURCE)
    ground = max(SOURCE["right_ankle"][1], SOURCE["left_ankle"][1])
    assert np.isclose(max(made["right_ankle"][1], made["left_ankle"][1]), ground)
    assert np.isclose(
        made["right_hip"][0] + made["left_hip"][0], SOURCE["right_hip"][0] + SOURCE["left_hip"][0]
    )


def test_missing_joints_stay_missing_and_hips_hold_the_place():
    pose = default_pose((300, 500)).marked(Presence.missing, "right_ankle", "nose")
    made = retargeted(pose, SOURCE)
    assert not made.has("right_ankle") and not made.has("nose") and made.has("left_ankle")
    middle = np.add(made["right_hip"], made["left_hip"]) / 2
    assert np.allclose(middle, np.add(SOURCE["right_hip"], SOURCE["left_hip"]) / 2)


def test_bodies_without_hips_or_extent_are_refused():
    with pytest.raises(InputError, match="right hip"):
        retargeted(SOURCE.marked(Presence.missing, "right_hip"), SOURCE)
    point = Pose(np.full((18, 2), 9.0), np.full(18, 2, np.uint8), (20, 20))
    for pair in ((point, SOURCE), (SOURCE, point)):
        with pytest.raises(InputError, match="one point"):
            retargeted(*pair)


def test_a_pose_drawn_on_another_canvas_is_enlarged_evenly_and_centred():
    pose = Pose.of((100, 100), {"nose": (50, 50), "neck": (50, 70)})
    made = fitted(pose, (400, 200))
    assert made.size == (400, 200) and made["nose"] == (200, 100) and made["neck"] == (200, 140)
    assert fitted(pose, (100, 100)) == pose
