import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.shapes.body import body_height, completed, default_pose
from engine.shapes.pose import CORE, JOINTS, Pose, Presence

coordinate = st.floats(-500, 1500, allow_nan=False)


@st.composite
def poses(draw):
    xy = draw(st.lists(st.tuples(coordinate, coordinate), min_size=18, max_size=18))
    presence = draw(st.lists(st.integers(0, 2), min_size=18, max_size=18))
    return Pose(np.array(xy), np.array(presence, np.uint8), (640, 480))


@given(poses())
def test_mirror_twice_is_the_same_pose(pose):
    twice = pose.mirrored().mirrored()
    np.testing.assert_allclose(twice.xy, pose.xy, atol=1e-9)
    assert (twice.presence == pose.presence).all()


def test_mirror_swaps_names_and_counts_from_the_right_edge():
    pose = Pose.of((100, 50), {"left_wrist": (10, 20), "nose": (40, 5)})
    mirrored = pose.mirrored()
    assert mirrored["right_wrist"] == (90, 20)
    assert mirrored["left_wrist"] is None
    assert mirrored["nose"] == (60, 5)


def test_poses_are_values():
    pose = default_pose((200, 300))
    assert pose == default_pose((200, 300))
    assert hash(pose) == hash(default_pose((200, 300)))
    moved = pose.moved(left_wrist=(1, 2))
    assert moved != pose
    assert pose["left_wrist"] != (1, 2)
    with pytest.raises(ValueError, match="read-only"):
        pose.xy[0] = 3


def test_moving_keeps_hidden_joints_hidden_and_brings_missing_ones_back():
    pose = default_pose((200, 300)).marked(Presence.hidden, "nose")
    pose = pose.marked(Presence.missing, "left_ear").moved(nose=(5, 5), left_ear=(6, 6))
    assert pose.presence[JOINTS.index("nose")] == Presence.hidden
    assert pose.presence[JOINTS.index("left_ear")] == Presence.seen


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_positions_must_be_finite(bad):
    with pytest.raises(InputError, match="finite"):
        default_pose((10, 10)).moved(nose=(bad, 1))


def test_unknown_joints_are_named():
    with pytest.raises(InputError, match="tail"):
        default_pose((10, 10)).moved(tail=(1, 1))


@pytest.mark.parametrize("missing", CORE)
def test_a_body_needs_shoulders_and_hips(missing):
    with pytest.raises(InputError, match=missing.replace("_", " ")):
        completed(default_pose((200, 300)).marked(Presence.missing, missing))


def test_missing_limbs_hang_down_and_are_marked_hidden():
    pose = default_pose((200, 400)).marked(Presence.missing, "left_elbow", "left_wrist", "nose")
    full = completed(pose)
    left_shoulder, elbow, wrist = (full[n] for n in ("left_shoulder", "left_elbow", "left_wrist"))
    assert left_shoulder[1] < elbow[1] < wrist[1]
    assert full.presence[JOINTS.index("left_elbow")] == Presence.hidden
    face = [full[n] for n in ("right_eye", "left_eye", "right_ear", "left_ear")]
    np.testing.assert_allclose(full["nose"], np.mean(face, axis=0))


def test_height_does_not_shrink_when_an_arm_points_at_the_camera():
    standing = default_pose((400, 400))
    shoulder = standing["right_shoulder"]
    foreshortened = standing.moved(right_elbow=shoulder, right_wrist=shoulder)
    assert body_height(foreshortened) == pytest.approx(body_height(standing), rel=0.05)
    assert body_height(standing) == pytest.approx(0.8 * 400, rel=0.1)


def test_map_and_resize():
    pose = Pose.of((100, 50), {"nose": (10, 20)})
    assert pose.resized((200, 100))["nose"] == (20, 40)
    assert pose.mapped(np.array([[0, -1, 5], [1, 0, 7]]), (9, 9))["nose"] == (-15, 17)
