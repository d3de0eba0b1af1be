"""The published stick figure and crops against corners worked out by hand."""

import numpy as np
import pytest

from engine.errors import InputError
from engine.painters.vunet.paper_shape import CROPS, part_crops, part_quad, stickman
from engine.shapes.pose import Pose, Presence
from tests.unit.people import asymmetric_pose


def value(figure, x, y):
    return tuple(int(v) for v in figure[y, x])


def test_sides_have_their_own_channels():
    figure = stickman(asymmetric_pose())
    assert figure.shape == (220, 240, 3)
    assert figure.dtype == np.uint8
    assert set(np.unique(figure)) == {0, 127, 255}  # no soft edges
    assert value(figure, 66, 34) == (255, 0, 0)  # right forearm
    assert value(figure, 155, 93) == (0, 255, 0)  # left forearm
    assert value(figure, 100, 95) == (0, 0, 255)  # inside the torso
    assert value(figure, 84, 94) == (255, 0, 255)  # right side of the torso
    assert value(figure, 100, 55) == (127, 127, 0)  # neck
    assert value(figure, 96, 38) == (255, 0, 0)  # right eye
    assert value(figure, 105, 37) == (0, 255, 0)  # left eye
    assert value(figure, 20, 200) == (0, 0, 0)


@pytest.mark.parametrize(("width", "thick"), [(128, 3), (200, 4), (256, 6), (32, 1)])
def test_lines_are_as_thick_as_published(width, thick):
    joints = {
        "right_shoulder": (width * 0.2, width * 0.2),
        "left_shoulder": (width * 0.8, width * 0.2),
        "right_hip": (width * 0.2, width * 0.8),
        "left_hip": (width * 0.8, width * 0.8),
    }
    figure = stickman(Pose.of((width, width), joints))
    found = int((figure[width // 2, :, 0] > 0).sum())
    assert thick <= found <= thick + 2  # OpenCV rounds thick lines up


def test_limbs_with_a_missing_end_are_left_out():
    pose = asymmetric_pose()
    figure = stickman(pose.marked(Presence.missing, "right_wrist", "left_eye"))
    assert value(figure, 66, 34) == (0, 0, 0)
    assert value(figure, 70, 59) == (255, 0, 0)  # the upper arm is still there
    assert value(figure, 96, 38) == (0, 0, 0)  # both eyes or none
    noseless = stickman(pose.marked(Presence.missing, "nose"))
    assert value(noseless, 100, 55) == (0, 0, 0)
    with pytest.raises(InputError, match="hips"):
        stickman(pose.marked(Presence.missing, "left_hip"))


SQUARE = Pose.of(
    (200, 200),
    {
        "left_shoulder": (120, 60),
        "right_shoulder": (80, 60),
        "left_hip": (110, 100),
        "right_hip": (90, 100),
        "nose": (100, 40),
        "left_elbow": (160, 60),
        "left_knee": (110, 140),
        "left_ankle": (110, 180),
    },
)

BY_HAND = {
    "torso": [(120, 60), (110, 100), (90, 100), (80, 60)],
    "head": [(120, 60), (120, 20), (80, 20), (80, 60)],
    "left_upper_arm": [(120, 70), (160, 70), (160, 50), (120, 50)],
    "left_thigh": [(100, 100), (100, 140), (120, 140), (120, 100)],
    "right_thigh": [(65, 100), (65, 200), (115, 200), (115, 100)],  # no knee: down to the last row
    "left_shin": [(100, 140), (100, 180), (120, 180), (120, 140)],
    "left_foot": [(100, 174), (100, 194), (120, 194), (120, 174)],
    "whole": [(0, 0), (0, 200), (200, 200), (200, 0)],
}


@pytest.mark.parametrize("name", BY_HAND)
def test_quads_by_hand(name):
    np.testing.assert_allclose(part_quad(SQUARE, name), BY_HAND[name], atol=1e-9)


def test_head_without_a_nose_stands_on_the_shoulders():
    noseless = SQUARE.marked(Presence.missing, "nose")
    wanted = [(120, 60), (120, 20), (80, 20), (80, 60)]
    np.testing.assert_allclose(part_quad(noseless, "head"), wanted)
    np.testing.assert_allclose(part_quad(noseless.mirrored(), "head")[:, 1], [60, 20, 20, 60])


@pytest.mark.parametrize(
    "name", ["left_forearm", "right_upper_arm", "right_forearm", "right_shin", "right_foot"]
)
def test_parts_without_joints_have_no_quad(name):
    assert part_quad(SQUARE, name) is None


def test_a_part_without_extent_has_no_quad():
    assert part_quad(SQUARE.moved(left_elbow=(120, 60)), "left_upper_arm") is None


def test_crops_show_their_part_and_its_orientation():
    """Colour is the position, so a crop's corner says where it was read."""
    x, y = np.meshgrid(np.arange(200), np.arange(200))
    pixels = np.dstack([x, y, np.full_like(x, 50)]).astype(np.uint8)
    names = CROPS["feet"]
    crops, there = part_crops(pixels, SQUARE, names, 40)
    arm = crops[names.index("left_upper_arm")].astype(int)
    np.testing.assert_allclose(arm[0, 0, :2], (120, 69), atol=1)  # shoulder end, lower edge
    np.testing.assert_allclose(arm[-1, 0, :2], (159, 69), atol=1)  # elbow end
    np.testing.assert_allclose(arm[0, -1, :2], (120, 50), atol=1)
    torso = crops[names.index("torso")].astype(int)
    np.testing.assert_allclose(torso[-1, -1, :2], (90, 99), atol=1)
    missing = [n for n, found in zip(names, there, strict=True) if not found]
    assert missing == [
        "left_forearm",
        "right_upper_arm",
        "right_forearm",
        "right_shin",
        "right_foot",
    ]
    assert not crops[there == 0].any()


def test_the_edge_runs_on_outside_of_the_picture():
    pixels = np.full((200, 200, 3), 90, np.uint8)
    pixels[:, -1] = 200
    pose = SQUARE.moved(left_elbow=(260, 60))
    crops, _ = part_crops(pixels, pose, ("left_upper_arm",), 64)
    assert (crops[0, -10:] == 200).all()


def test_a_mirrored_person_has_the_other_sides_crops():
    """With left and right exchanged, each limb's crop is the mirrored one of the other side."""
    pose = asymmetric_pose()
    rng = np.random.default_rng(0)
    pixels = np.repeat(np.repeat(rng.integers(0, 255, (22, 24, 3), np.uint8), 10, 0), 10, 1)
    mine, _ = part_crops(pixels, pose, ("left_forearm", "left_foot"), 32)
    flipped = np.ascontiguousarray(pixels[:, ::-1])
    theirs, _ = part_crops(flipped, pose.mirrored(), ("right_forearm", "right_foot"), 32)
    difference = np.abs(mine.astype(int) - theirs[:, :, ::-1].astype(int))
    assert np.median(difference) <= 2
