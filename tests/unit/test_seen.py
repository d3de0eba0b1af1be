"""How far poses are from the poses that a model saw."""

import math
import os
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ModelError
from engine.shapes.body import body_height, default_pose
from engine.shapes.pose import INDEX, Pose, Presence
from engine.shapes.seen import encoded_seen, read_seen, seen_people
from tests.unit.people import asymmetric_pose
from trainer.data.people_folders import read_packs
from trainer.data.seen_poses import fitted

STANDING = default_pose((300, 400))


def swung(rng, swing):
    """The standing person with arms and legs turned at random, bone by bone."""
    xy = STANDING.xy.copy()
    for side in ("right", "left"):
        for names in (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle")):
            chain = [INDEX[f"{side}_{n}"] for n in names]
            bones = np.diff(STANDING.xy[chain], axis=0)
            for k, bone in enumerate(bones):
                c, s = np.cos(t := rng.normal(0, swing)), np.sin(t)
                xy[chain[k + 1]] = xy[chain[k]] + np.array([[c, -s], [s, c]]) @ bone
    return Pose(xy, STANDING.presence, STANDING.size)


@pytest.fixture(scope="module")
def small():
    rng = np.random.default_rng(3)
    return fitted(
        [swung(rng, 0.4) for _ in range(300)], "swings", {"trunk": 4, "arm": 40, "leg": 40}
    )


def test_people_stand_and_nobody_has_an_arm_of_two_metres():
    seen = seen_people()
    assert seen.distance(STANDING) < 0.7
    x, y = STANDING["right_wrist"]
    long = STANDING.moved(right_wrist=(x, y + 200))
    assert seen.distance(long) > 2 and seen.far_joint(long) == "right_wrist"
    folded = STANDING.moved(left_ankle=(300, 20))
    assert seen.distance(folded) > 2 and seen.far_joint(folded) == "left_ankle"


def test_place_size_and_side_do_not_matter():
    seen, pose = seen_people(), asymmetric_pose()
    far = seen.distance(pose)
    elsewhere = pose.mapped(np.array([[2.5, 0, 90], [0, 2.5, -70.0]]), (900, 900))
    assert seen.distance(elsewhere) == pytest.approx(far)
    bent = pose.moved(right_wrist=(10, 200))
    assert seen.distance(bent) != pytest.approx(far)


def test_limbs_count_alike_on_both_sides():
    seen = seen_people()
    x, y = STANDING["right_wrist"]
    right = STANDING.moved(right_wrist=(x - 90, y - 40))
    assert seen.distance(right.mirrored()) == pytest.approx(seen.distance(right))
    assert (seen.far_joint(right), seen.far_joint(right.mirrored())) == (
        "right_wrist",
        "left_wrist",
    )


def test_missing_joints_neither_help_nor_hurt():
    seen = seen_people()
    for gone in (("left_wrist",), ("left_elbow", "left_wrist"), ("nose", "neck"), ("left_knee",)):
        far = seen.distance(STANDING.marked(Presence.missing, *gone))
        assert far < 0.9, gone
    x, y = STANDING["right_ankle"]
    far = STANDING.marked(Presence.missing, "left_wrist", "nose").moved(
        right_ankle=(x - 200, y - 90)
    )
    assert seen.distance(far) > 1 and seen.far_joint(far) == "right_ankle"


def test_without_hips_nothing_compares():
    half = STANDING.marked(Presence.missing, "left_hip")
    assert seen_people().distance(half) == math.inf
    assert seen_people().far_joint(half) == "left_hip"


def test_the_distance_is_that_of_the_nearest_centre(small):
    """Written out once more for one arm: bones over the height, Euclid, 99th percentiles."""
    x, y = STANDING["right_wrist"]
    pose = STANDING.moved(right_wrist=(x - 30, y - 90))
    height = body_height(pose)
    bones = []
    for a, b in (("right_shoulder", "right_elbow"), ("right_elbow", "right_wrist")):
        bones += [(pose[b][k] - pose[a][k]) / height for k in (0, 1)]
    nearest = min(math.dist(bones, row) for row in small.centres["arm"].tolist())
    assert small.distance(pose) == pytest.approx(nearest / small.scales["arm"] / small.limit)


def test_the_fit_flags_about_one_percent_of_poses_of_its_own_kind(small):
    rng = np.random.default_rng(4)
    fresh = np.array([small.distance(swung(rng, 0.4)) for _ in range(400)])
    wild = np.array([small.distance(swung(rng, 2.0)) for _ in range(400)])
    assert 0.001 <= (fresh > 1).mean() <= 0.04
    assert (wild > 1).mean() > 0.6


def test_files_come_back_and_others_are_refused(small, tmp_path):
    path = tmp_path / "seen.json"
    path.write_bytes(encoded_seen(small))
    again, pose = read_seen(path), swung(np.random.default_rng(5), 1.5)
    assert again.distance(pose) == pytest.approx(small.distance(pose), abs=0.05)
    assert again.about == "swings"
    for content in (
        b"",
        b"{}",
        path.read_bytes()[:-9],
        path.read_bytes().replace(b'"arm"', b'"a"'),
    ):
        path.write_bytes(content)
        with pytest.raises(ModelError, match="does not hold seen poses"):
            read_seen(path)
    with pytest.raises(ModelError):
        read_seen(tmp_path / "none.json")


@pytest.mark.skipif("GUISE_DATA" not in os.environ, reason="GUISE_DATA names no packs")
def test_held_out_people_are_like_those_that_were_seen():
    samples = read_packs(Path(os.environ["GUISE_DATA"]), ("people", "athletes"), "val")
    far = np.array([seen_people().distance(sample.pose) for sample in samples])
    assert len(far) > 100 and (far > 1).mean() <= 0.03
