"""The bundled poses: natural bodies, told apart, readable by anything that reads OpenPose."""

import json
import math

import numpy as np
import pytest

from assets.stance_table import STANCES
from assets.stances import Stance, figure
from engine.errors import InputError
from engine.shapes.body import LENGTHS, TORSO_LENGTH, body_height, default_pose
from engine.shapes.pose_library import FOLDER, poses, read_named
from engine.shapes.retarget import retargeted
from engine.shapes.seen import seen_people

ALL = poses()
BY_NAME = {named.name: named.pose for named in ALL}


def test_there_are_many_with_names_and_words_to_find_them():
    assert len(ALL) >= 16 and len(BY_NAME) == len(ALL)
    assert {"Standing", "Walking", "Sitting", "Dancing", "Kneeling", "Pointing"} <= set(BY_NAME)
    assert ALL[0].name == "Standing"
    assert all(named.tags and all(tag == tag.lower() for tag in named.tags) for named in ALL)


@pytest.mark.parametrize("named", ALL, ids=lambda named: named.name)
def test_a_bundled_pose_is_a_whole_body_of_real_proportions(named):
    pose = named.pose
    assert (pose.presence > 0).all()
    assert (pose.xy >= 0).all() and (pose.xy <= pose.size).all()
    height = 640  # as drawn; no bone can be longer than the body's, and none of a pair vanishes
    for (a, b), share in LENGTHS.items():
        spans = [math.dist(pose[f"{s}_{a}"], pose[f"{s}_{b}"]) for s in ("right", "left")]
        assert max(spans) <= share * height * 1.01, (a, b)
        assert max(spans) >= share * height * 0.25, (a, b)
    hips = np.add(pose["right_hip"], pose["left_hip"]) / 2
    assert math.dist(hips, pose["neck"]) <= TORSO_LENGTH * height * 1.01
    assert seen_people().distance(pose) < 1, seen_people().far_joint(pose)


@pytest.mark.parametrize("named", ALL, ids=lambda named: named.name)
def test_a_bundled_pose_fits_a_person(named):
    person = default_pose((400, 600))
    fitted = retargeted(named.pose, person)
    assert fitted.size == person.size
    assert body_height(fitted) == pytest.approx(body_height(person), rel=0.25)


def test_the_files_are_normalized_and_as_the_table_makes_them():
    files = {
        json.loads(p.read_text())["name"]: p for p in FOLDER.glob("*.json") if p.stem[:4] != "seen"
    }
    assert files.keys() == STANCES.keys()
    for name, path in files.items():
        document = json.loads(path.read_text())
        assert document["units"] == "normalized"
        assert max(document["people"][0]["pose_keypoints_2d"]) <= 1
        made = figure(STANCES[name][1])
        assert read_named(path).pose.xy == pytest.approx(made.xy, abs=0.1)
        assert (read_named(path).pose.presence == made.presence).all()


def test_gestures_are_what_they_are_called():
    def up(name, joint, other):
        return BY_NAME[name][other][1] - BY_NAME[name][joint][1]

    assert up("Waving", "left_wrist", "nose") > 0 > up("Waving", "right_wrist", "nose")
    assert min(up("Cheering", f"{s}_wrist", "nose") for s in ("right", "left")) > 0
    assert abs(up("Sitting", "left_hip", "left_knee")) < 60
    assert up("Kneeling", "left_ankle", "left_knee") > -10
    for side in ("right", "left"):
        wrist, hip = (BY_NAME["Hands on hips"][f"{side}_{n}"] for n in ("wrist", "hip"))
        assert math.dist(wrist, hip) < 90
    folded = BY_NAME["Arms crossed"]
    assert folded["right_wrist"][0] > folded["left_wrist"][0]
    assert (
        BY_NAME["Bowing"]["nose"][0]
        > BY_NAME["Bowing"]["neck"][0]
        > BY_NAME["Bowing"]["left_hip"][0]
    )


def test_the_figure_is_a_rigid_body_seen_from_all_sides():
    front, back = figure(Stance()), figure(Stance(yaw=180))
    mirrored = back.xy * (-1, 1) + (front.size[0], 0)
    body = slice(1, 14)
    assert mirrored[body] == pytest.approx(front.xy[body], abs=20)
    side = figure(Stance(yaw=90))
    assert abs(side["right_shoulder"][0] - side["left_shoulder"][0]) < 1
    assert side["nose"][0] > side["neck"][0]  # it looks to the picture's right


@pytest.mark.parametrize("content", ["", "{}", '{"name": "A"}', '{"name": 3, "people": []}'])
def test_other_files_are_no_named_poses(tmp_path, content):
    path = tmp_path / "p.json"
    path.write_text(content)
    with pytest.raises(InputError):
        read_named(path)
