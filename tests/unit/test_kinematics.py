"""Drags with and without limb lengths, groups, and the poses between two poses."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.shapes.kinematics import between, dragged, group_box, scaled, transformed
from engine.shapes.pose import INDEX, MIRROR, Pose
from tests.unit.people import asymmetric_pose

START = asymmetric_pose()
ALL = range(18)
coordinate = st.floats(-300, 500)
place = st.tuples(coordinate, coordinate)
joint = st.integers(0, 17)

BODY = [  # written down here once more: what an anatomist would keep
    ("neck", "right_shoulder"),
    ("neck", "left_shoulder"),
    ("right_shoulder", "right_elbow"),
    ("right_elbow", "right_wrist"),
    ("left_shoulder", "left_elbow"),
    ("left_elbow", "left_wrist"),
    ("right_hip", "right_knee"),
    ("right_knee", "right_ankle"),
    ("left_hip", "left_knee"),
    ("left_knee", "left_ankle"),
    ("neck", "nose"),
    ("nose", "right_eye"),
    ("nose", "left_eye"),
    ("right_eye", "right_ear"),
    ("left_eye", "left_ear"),
    ("right_hip", "left_hip"),
]
LIMBS_BY_END = {
    f"{s}_{e}": (f"{s}_{r}", f"{s}_{m}")
    for s in ("right", "left")
    for r, m, e in (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle"))
}


@st.composite
def poses(draw, least=0):
    xy = draw(st.lists(place, min_size=18, max_size=18))
    presence = draw(st.lists(st.integers(least, 2), min_size=18, max_size=18))
    return Pose(np.array(xy), np.array(presence, np.uint8), (240, 220))


def lengths(pose):
    out = {(a, b): math.dist(pose[a], pose[b]) for a, b in BODY if pose.has(a, b)}
    if pose.has("neck", "right_hip", "left_hip"):
        hips = np.add(pose["right_hip"], pose["left_hip"]) / 2
        out["spine"] = math.dist(pose["neck"], hips)
    return out


def side(pose, root, middle, end):
    u, v = np.subtract(pose[end], pose[root]), np.subtract(pose[middle], pose[root])
    return float(u[0] * v[1] - u[1] * v[0])


def changed(a, b):
    return {i for i in ALL if a.presence[i] != b.presence[i] or (a.xy[i] != b.xy[i]).any()}


@given(poses(), joint, place)
def test_a_plain_drag_moves_one_joint_and_places_a_missing_one(pose, i, to):
    out = dragged(pose, i, to)
    assert tuple(out.xy[i]) == to and out.presence[i]
    assert changed(pose, out) <= {i}


@given(poses(least=1), joint, place)
def test_lengths_stay_in_any_drag_of_a_whole_body(pose, i, to):
    before, after = lengths(pose), lengths(dragged(pose, i, to, keep_lengths=True))
    assert before.keys() == after.keys()
    for bone, length in before.items():
        assert after[bone] == pytest.approx(length, abs=1e-5), bone


@given(poses(), joint, place, st.booleans(), st.booleans(), st.frozensets(joint, max_size=5))
def test_locked_joints_never_move_and_missing_ones_stay_missing(
    pose, i, to, keep, symmetric, locked
):
    out = dragged(pose, i, to, keep_lengths=keep, symmetric=symmetric, locked=locked)
    assert not changed(pose, out) & locked
    assert (
        out.presence[[k for k in ALL if k != i]] == pose.presence[[k for k in ALL if k != i]]
    ).all()


@given(place, st.sampled_from(sorted(LIMBS_BY_END)))
def test_an_end_goes_where_it_is_dragged_if_the_limb_reaches(to, end):
    root, middle = LIMBS_BY_END[end]
    out = dragged(START, INDEX[end], to, keep_lengths=True)
    a, b = math.dist(START[root], START[middle]), math.dist(START[middle], START[end])
    far = math.dist(START[root], to)
    if abs(a - b) <= far <= a + b:
        assert out[end] == pytest.approx(to, abs=1e-6)
    else:
        assert math.dist(out[root], out[end]) == pytest.approx(min(max(far, abs(a - b)), a + b))
        cross = np.cross([*np.subtract(out[end], out[root]), 0], [*np.subtract(to, out[root]), 0])[
            2
        ]
        assert cross == pytest.approx(0, abs=1e-5 * max(1, far) * (a + b))
    assert side(START, root, middle, end) * side(out, root, middle, end) >= -1e-3
    assert changed(START, out) <= {INDEX[end], INDEX[middle]}


def test_a_straight_arm_bends_away_from_the_body():
    xy = START.xy.copy()
    names = ("left_shoulder", "left_elbow", "left_wrist")
    for k, name in enumerate(names):
        xy[INDEX[name]] = 118, 64 + 30 * k
    hanging = Pose(xy, START.presence, START.size)
    out = dragged(hanging, INDEX["left_wrist"], (118, 104), keep_lengths=True)
    assert out["left_elbow"][0] > 118 + 10


def test_an_elbow_turns_about_the_shoulder_and_takes_the_forearm_along():
    shoulder, elbow, wrist = (np.array(START[f"left_{n}"]) for n in ("shoulder", "elbow", "wrist"))
    to = shoulder + np.array([0, 300])
    out = dragged(START, INDEX["left_elbow"], tuple(to), keep_lengths=True)
    turned = math.pi / 2 - math.atan2(*(elbow - shoulder)[::-1])
    c, s = math.cos(turned), math.sin(turned)
    expected = shoulder + np.array([[c, -s], [s, c]]) @ (wrist - shoulder)
    assert out["left_elbow"] == pytest.approx(
        (shoulder[0], shoulder[1] + math.dist(elbow, shoulder))
    )
    assert out["left_wrist"] == pytest.approx(tuple(expected))


def test_a_shoulder_carries_the_arm_in_its_directions():
    out = dragged(START, INDEX["right_shoulder"], (60, 40), keep_lengths=True)
    shift = np.subtract(out["right_shoulder"], START["right_shoulder"])
    assert np.linalg.norm(shift) > 5
    for n in ("right_elbow", "right_wrist"):
        assert out[n] == pytest.approx(tuple(START[n] + shift))
    assert changed(START, out) == {INDEX[f"right_{n}"] for n in ("shoulder", "elbow", "wrist")}


def test_a_hip_swings_the_pelvis_and_a_neck_leans_the_body():
    lower = {INDEX[f"{s}_{n}"] for s in ("right", "left") for n in ("hip", "knee", "ankle")}
    assert changed(START, dragged(START, INDEX["left_hip"], (150, 130), keep_lengths=True)) == lower
    lean = dragged(START, INDEX["neck"], (140, 70), keep_lengths=True)
    assert changed(START, lean) == set(ALL) - lower
    every = [(i, k) for i in set(ALL) - lower for k in set(ALL) - lower]
    for i, k in every:  # the upper body stays as it is in itself
        assert math.dist(lean.xy[i], lean.xy[k]) == pytest.approx(
            math.dist(START.xy[i], START.xy[k]), abs=1e-6
        )


def test_a_locked_wrist_stays_while_the_body_leans_and_the_arm_bends_for_it():
    lock = frozenset({INDEX["right_wrist"], INDEX["left_wrist"]})
    out = dragged(START, INDEX["neck"], (101, 66), keep_lengths=True, locked=lock)
    assert out["right_shoulder"] != START["right_shoulder"]
    for bone, length in lengths(START).items():
        assert lengths(out)[bone] == pytest.approx(length, abs=1e-6), bone
    for s in ("right", "left"):
        names = f"{s}_shoulder", f"{s}_elbow", f"{s}_wrist"
        assert side(START, *names) * side(out, *names) > 0


def test_a_locked_hand_out_of_reach_stretches_the_arm_straight():
    lock = frozenset({INDEX["right_wrist"]})
    out = dragged(START, INDEX["neck"], (190, 110), keep_lengths=True, locked=lock)
    a, b, c = (np.array(out[f"right_{n}"]) for n in ("shoulder", "elbow", "wrist"))
    assert math.dist(a, b) + math.dist(b, c) == pytest.approx(math.dist(a, c))
    old = lengths(START)
    ratio = old["right_shoulder", "right_elbow"] / old["right_elbow", "right_wrist"]
    assert math.dist(a, b) / math.dist(b, c) == pytest.approx(ratio)


def test_an_elbow_with_a_locked_hand_chooses_its_side():
    lock = frozenset({INDEX["left_wrist"]})
    names = "left_shoulder", "left_elbow", "left_wrist"
    other = dragged(START, INDEX["left_elbow"], (150, 50), keep_lengths=True, locked=lock)
    same = dragged(START, INDEX["left_elbow"], (130, 120), keep_lengths=True, locked=lock)
    assert side(other, *names) * side(START, *names) < 0
    assert same["left_elbow"] == pytest.approx(START["left_elbow"])
    assert lengths(other) == pytest.approx(lengths(START))


@given(place, st.integers(2, 17), st.booleans())
def test_symmetric_drags_of_a_symmetric_body_leave_it_symmetric(to, i, keep):
    half = (START.xy + START.mirrored().xy) / 2
    turned = np.array([[0.8, -0.6, 40.0], [0.6, 0.8, -10.0]])
    pose = Pose(half, START.presence, START.size)
    out = dragged(pose.mapped(turned, (240, 220)), i, to, keep_lengths=keep, symmetric=True)
    back = (out.xy - turned[:, 2]) @ turned[:, :2]  # a rotation's inverse is its transpose
    assert back[MIRROR] * (-1, 1) + (240, 0) == pytest.approx(back, abs=1e-6)


def test_symmetric_drags_of_an_asymmetric_body_mirror_the_way():
    pose = START.moved(neck=(100, 60), right_hip=(90, 120), left_hip=(110, 120))
    x, y = pose["right_wrist"]
    out = dragged(pose, INDEX["right_wrist"], (x + 7, y + 11), symmetric=True)
    assert np.subtract(out["left_wrist"], pose["left_wrist"]) == pytest.approx((-7, 11))
    assert changed(pose, out) == {INDEX["right_wrist"], INDEX["left_wrist"]}


def test_joints_without_a_parent_move_freely_and_carry():
    headless = Pose.of((200, 200), {"right_elbow": (50, 50), "right_wrist": (60, 90)})
    out = dragged(headless, INDEX["right_elbow"], (80, 40), keep_lengths=True)
    assert out["right_elbow"] == (80, 40) and out["right_wrist"] == (90, 80)
    ear = Pose.of((200, 200), {"neck": (50, 50), "right_ear": (50, 30)})
    out = dragged(ear, INDEX["right_ear"], (90, 50), keep_lengths=True)
    assert out["right_ear"] == pytest.approx((70, 50))


def test_no_such_joint():
    with pytest.raises(InputError, match="joint number 18"):
        dragged(START, 18, (0, 0))


@given(poses(), st.frozensets(joint))
def test_a_group_box_holds_the_joints_that_are_there(pose, joints):
    here = [i for i in joints if pose.presence[i]]
    if not here:
        with pytest.raises(InputError):
            group_box(pose, joints)
        return
    left, top, right, bottom = group_box(pose, joints)
    assert all(left <= x <= right and top <= y <= bottom for x, y in pose.xy[here])
    assert {left, right} <= set(pose.xy[here, 0]) and {top, bottom} <= set(pose.xy[here, 1])


@given(poses(), st.frozensets(joint), st.lists(st.floats(-3, 3), min_size=6, max_size=6))
def test_transformed_maps_these_joints_only(pose, joints, numbers):
    matrix = np.array(numbers).reshape(2, 3)
    out = transformed(pose, joints, matrix)
    for i in ALL:
        x, y = pose.xy[i]
        if i in joints and pose.presence[i]:
            expected = [a * x + b * y + c for a, b, c in matrix.tolist()]
            assert out.xy[i] == pytest.approx(expected, abs=1e-9)
        else:
            assert (out.xy[i] == pose.xy[i]).all()


@given(poses(least=1), st.floats(0.1, 5), place)
def test_scaled_changes_every_distance_by_the_factor(pose, factor, about):
    out = scaled(pose, factor, about)
    for i in ALL:
        assert math.dist(out.xy[i], about) == pytest.approx(
            factor * math.dist(pose.xy[i], about), abs=1e-6
        )
        assert math.dist(out.xy[i], out.xy[0]) == pytest.approx(
            factor * math.dist(pose.xy[i], pose.xy[0]), abs=1e-6
        )


@pytest.mark.parametrize("factor", [0, -1, math.inf, math.nan])
def test_bodies_do_not_vanish(factor):
    with pytest.raises(InputError, match="positive"):
        scaled(START, factor, (0, 0))


def bend(pose, root, middle, end):
    """Angle of the second bone against the first, radians."""
    u, v = np.subtract(pose[middle], pose[root]), np.subtract(pose[end], pose[middle])
    return math.atan2(u[0] * v[1] - u[1] * v[0], u @ v)


@given(poses(least=1), poses(least=1), st.floats(0.01, 0.99))
def test_limbs_between_two_poses_swing_evenly_the_shorter_way(a, b, t):
    out = between(a, b, t)
    for end, (root, middle) in LIMBS_BY_END.items():
        bones = [(root, middle), (middle, end)]
        spans = [(math.dist(a[p], a[q]), math.dist(b[p], b[q])) for p, q in bones]
        if min(map(min, spans)) < 1:
            continue
        for (p, q), (first, last) in zip(bones, spans, strict=True):
            assert math.dist(out[p], out[q]) == pytest.approx(first + t * (last - first))
        turned = bend(b, root, middle, end) - bend(a, root, middle, end)
        turned = math.remainder(turned, 2 * math.pi)
        if abs(turned) > math.pi - 1e-6:
            continue  # both ways are equally short
        expected = bend(a, root, middle, end) + t * turned
        off = math.remainder(bend(out, root, middle, end) - expected, 2 * math.pi)
        assert off == pytest.approx(0, abs=1e-6)


@given(poses(), poses())
def test_the_ends_are_the_poses_themselves_and_the_way_arrives_there(a, b):
    assert between(a, b, 0) == a and between(a, b, 1) == b
    near = between(a, b, 1e-9), between(a, b, 1 - 1e-9)
    for end, close in zip((a, b), near, strict=True):
        here = (end.presence > 0) & (close.presence > 0)
        assert close.xy[here] == pytest.approx(end.xy[here], abs=1e-3)
        assert ((close.presence > 0) == (end.presence > 0)).all()


def test_a_body_that_turns_as_a_whole_keeps_its_shape_on_the_way():
    c, s = math.cos(1.9), math.sin(1.9)
    turned = START.mapped(np.array([[c, -s, 130.0], [s, c, 20.0]]), START.size)
    for t in (0.2, 0.5, 0.9):
        out = between(START, turned, t)
        for i in ALL:
            for k in ALL:
                assert math.dist(out.xy[i], out.xy[k]) == pytest.approx(
                    math.dist(START.xy[i], START.xy[k]), abs=1e-6
                )


def test_an_arm_in_one_pose_only_is_there_while_that_pose_is_nearer():
    gone = START.marked(0, "left_elbow", "left_wrist")
    early, late = between(START, gone, 0.4), between(START, gone, 0.6)
    assert early.has("left_wrist") and not late.has("left_wrist")
    assert early.xy[INDEX["left_wrist"]] == pytest.approx(START.xy[INDEX["left_wrist"]], abs=1e-6)


def test_between_needs_one_canvas_and_a_share():
    with pytest.raises(InputError, match="one size"):
        between(START, asymmetric_pose((100, 100)), 0.5)
    with pytest.raises(InputError, match="0 to 1"):
        between(START, START, 1.5)
