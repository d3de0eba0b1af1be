"""Part crops and pasting, against positions worked out by hand and against mirror images."""

import numpy as np
import pytest
import torch

from engine.painters.parts import PARTS, REGIONS, Window
from engine.painters.vunet.crops import CROPS, paste, places, take_crops
from engine.shapes.body import body_height
from engine.shapes.pose import Pose
from tests.unit.people import asymmetric_pose, drawn_person

SIDE = 240
POSE = asymmetric_pose((SIDE, SIDE))


def joints(pose: Pose = POSE) -> torch.Tensor:
    return torch.tensor(pose.xy[None], dtype=torch.float32)


def person() -> torch.Tensor:
    photo, mask, _ = drawn_person((SIDE, SIDE), POSE)
    rgba = np.dstack([photo.pixels, mask.pixels])
    return torch.from_numpy(rgba).permute(2, 0, 1)[None].float() / 255


def test_a_limb_crop_runs_along_its_joints():
    """The right forearm reaches from 0.1 before the elbow to 0.65 beyond the wrist."""
    crops, _ = take_crops(person(), joints(), 32)
    elbow, wrist = (np.array(POSE[f"right_{n}"]) for n in ("elbow", "wrist"))
    bone = wrist - elbow
    across = np.array([-bone[1], bone[0]]) / np.linalg.norm(bone) * body_height(POSE)
    found = crops[0, CROPS.index("right_forearm"), :4].numpy()
    rgba = person()[0].numpy()
    for row, column in ((3, 16), (8, 20), (14, 9), (20, 24)):
        u = -0.10 + 1.75 * (row + 0.5) / 32
        v = -0.08 + 0.16 * (column + 0.5) / 32
        x, y = elbow + u * bone + v * across - 0.5
        x0, y0 = int(np.floor(x)), int(np.floor(y))
        fx, fy = x - x0, y - y0
        premultiplied = np.concatenate([(rgba[:3] - 0.5) * rgba[3], rgba[3:]])
        block = premultiplied[:, y0 : y0 + 2, x0 : x0 + 2]
        wanted = (block @ np.array([1 - fx, fx])) @ np.array([1 - fy, fy])
        np.testing.assert_allclose(found[:, row, column], wanted, atol=1e-4)


def test_left_crops_are_those_of_the_mirrored_persons_right():
    crops, _ = take_crops(person(), joints(), 16)
    flipped, _ = take_crops(person().flip(-1), joints(POSE.mirrored()), 16)
    for name in ("upper_arm", "forearm", "thigh", "calf", "foot"):
        left, right = CROPS.index(f"left_{name}"), CROPS.index(f"right_{name}")
        torch.testing.assert_close(crops[0, left], flipped[0, right], atol=2e-4, rtol=1e-3)


def test_pasting_crops_at_their_own_pose_gives_the_person_back():
    crops, _ = take_crops(person(), joints(), 64)
    window = Window(SIDE, SIDE)
    at = places(joints(), window)
    pasted = paste(crops[:, :, :3], at)
    seen = person()
    truth = (seen[:, :3] - 0.5) * seen[:, 3:]
    arms = list(REGIONS["arms"])
    for layer, inside in enumerate(([i for i in range(12) if i not in arms], arms)):
        weight = at.weight[0, inside].sum(0)
        firm = (weight > 0.97) & (seen[0, 3] > 0.5)
        assert firm.sum() > 400
        error = (pasted[0, 3 * layer : 3 * layer + 3] - truth[0]).abs().mean(0)
        assert float(error[firm].mean()) < 0.02


def test_weights_share_each_layer():
    weight = places(joints(), Window(SIDE, SIDE)).weight[0]
    arms = list(REGIONS["arms"])
    assert float(weight[arms].sum(0).max()) <= 1.0001
    assert float(weight.sum(0).max()) > 1.5  # an arm in front of the body: both layers are there
    ankle = np.array(POSE["right_ankle"])
    knee = np.array(POSE["right_knee"])
    toes = (ankle + (ankle - knee) / np.linalg.norm(ankle - knee) * 0.05 * body_height(POSE)) // 1
    shin = (0.5 * knee + 0.5 * ankle) // 1
    foot, calf = CROPS.index("right_foot"), CROPS.index("right_calf")
    x, y = toes.astype(int)
    assert weight[foot, y, x] > 0.8 > weight[calf, y, x]
    x, y = shin.astype(int)
    assert weight[calf, y, x] > 0.8 > weight[foot, y, x]


def test_parts_outside_the_photo_are_unknown():
    rgba = person()
    rgba[..., 130:, :] = 0  # the photo ends above the knees
    _, known = take_crops(rgba, joints(), 32)
    seen = {name for name, there in zip(CROPS, known[0], strict=True) if there}
    assert {"torso", "head", "left_forearm"} <= seen
    assert not seen & {"right_calf", "left_calf", "right_foot", "left_foot"}


@pytest.mark.parametrize("region", REGIONS)
def test_regions_name_their_parts(region):
    stems = {"arms": ("arm",), "legs": ("thigh", "calf"), "feet": ("foot",)}.get(region, (region,))
    assert {CROPS[i] for i in REGIONS[region]} == {n for n in CROPS if n.endswith(stems)}


def test_regions_cover_every_part_once():
    assert sorted(i for parts in REGIONS.values() for i in parts) == list(range(len(PARTS) + 2))
