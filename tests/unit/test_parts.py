"""The part geometry against loops of plain numpy, on a pose without symmetries."""

import numpy as np
import pytest
import torch

from engine.painters.parts import (
    PARTS,
    Window,
    capsule_distance,
    ownership,
    part_affines,
    part_capsules,
    part_frames,
    sampling_grid,
    soft_masks,
    standing_height,
)
from engine.shapes.body import body_height, default_pose
from engine.shapes.pose import Pose
from tests.unit.people import asymmetric_pose


def joints(*poses: Pose) -> torch.Tensor:
    return torch.tensor(np.stack([p.xy for p in poses]), dtype=torch.float32)


SOURCE = default_pose((240, 220))
TARGET = asymmetric_pose()
LIMBS = {
    "right_upper_arm": ("right_shoulder", "right_elbow"),
    "left_forearm": ("left_elbow", "left_wrist"),
    "right_thigh": ("right_hip", "right_knee"),
    "left_calf": ("left_knee", "left_ankle"),
}


def affine(target: Pose, source: Pose) -> np.ndarray:
    return part_affines(part_frames(joints(target)), part_frames(joints(source)))[0].numpy()


def test_height_is_that_of_the_numpy_body():
    for pose in (SOURCE, TARGET):
        assert float(standing_height(joints(pose))[0]) == pytest.approx(body_height(pose), rel=1e-5)


@pytest.mark.parametrize("part", LIMBS)
def test_limbs_follow_their_joints_and_keep_their_thickness(part):
    """Solved independently: three point pairs determine the affine."""
    a, b = LIMBS[part]
    ends = {}
    for name, pose in (("target", TARGET), ("source", SOURCE)):
        p, q = np.array(pose[a]), np.array(pose[b])
        along = (q - p) / np.linalg.norm(q - p)
        side = np.array([-along[1], along[0]]) * body_height(pose)
        ends[name] = np.array([p, q, p + side])
    unknown = np.linalg.solve(np.c_[ends["target"], np.ones(3)], ends["source"])
    found = affine(TARGET, SOURCE)[PARTS.index(part)]
    np.testing.assert_allclose(found, unknown.T, rtol=1e-4, atol=1e-3)


def test_torso_maps_shoulders_to_shoulders_and_hips_to_hips():
    found = affine(TARGET, SOURCE)[PARTS.index("torso")]
    for joint in ("shoulder", "hip"):
        middle = {
            pose: (np.array(pose[f"right_{joint}"]) + np.array(pose[f"left_{joint}"])) / 2
            for pose in (TARGET, SOURCE)
        }
        mapped = found[:, :2] @ middle[TARGET] + found[:, 2]
        np.testing.assert_allclose(mapped, middle[SOURCE], atol=1e-2)


def test_same_pose_is_the_identity():
    found = affine(TARGET, TARGET)
    identity = np.broadcast_to([[1, 0, 0], [0, 1, 0]], (10, 2, 3))
    np.testing.assert_allclose(found, identity, atol=2e-3)


def test_a_head_that_looks_the_other_way_is_mirrored():
    turned = SOURCE.moved(nose=(SOURCE["nose"][0] + 12, SOURCE["nose"][1]))
    other = SOURCE.moved(nose=(SOURCE["nose"][0] - 12, SOURCE["nose"][1]))
    head = PARTS.index("head")
    assert np.linalg.det(affine(turned, other)[head][:, :2]) < 0
    assert np.linalg.det(affine(turned, turned)[head][:, :2]) > 0


def test_degenerate_poses_stay_finite():
    flat = Pose(np.full((18, 2), 50.0), np.full(18, 2, np.uint8), (100, 100))
    stick = SOURCE.moved(left_wrist=SOURCE["left_elbow"])
    for pose in (flat, stick):
        assert np.isfinite(affine(pose, SOURCE)).all()
        assert np.isfinite(affine(SOURCE, pose)).all()


def test_a_batch_is_its_single_poses():
    both = joints(SOURCE, TARGET)
    together = part_capsules(both, part_frames(both))
    for i in (0, 1):
        alone = part_capsules(both[i : i + 1], part_frames(both[i : i + 1]))[0]
        torch.testing.assert_close(together[i], alone)


def test_distance_is_the_distance_to_a_segment():
    j = joints(TARGET)
    capsules = part_capsules(j, part_frames(j))
    window = Window(40, 30, 85.0, 100.0)
    found = capsule_distance(capsules, window)[0].numpy()
    for part in (0, 3, 9):
        x0, y0, x1, y1 = capsules[0, part, :4].numpy().astype(float)
        for row, column in ((0, 0), (39, 3), (17, 29)):
            p = np.array([85 + column + 0.5, 100 + row + 0.5])
            a, b = np.array([x0, y0]), np.array([x1, y1])
            steps = np.linspace(0, 1, 4001)[:, None]
            nearest = np.linalg.norm(p - (a + steps * (b - a)), axis=1).min()
            assert found[part, row, column] == pytest.approx(nearest, abs=0.05)


def test_ownership_names_the_limb_under_the_pixel():
    j = joints(TARGET)
    capsules = part_capsules(j, part_frames(j))
    owned = ownership(capsules, Window(220, 240))[0]
    torch.testing.assert_close(owned.sum(0), torch.ones(220, 240))
    for part, (a, b) in LIMBS.items():
        x, y = (np.array(TARGET[a]) * 0.4 + np.array(TARGET[b]) * 0.6).astype(int)
        assert int(owned[:, y, x].argmax()) == PARTS.index(part)


def test_masks_cover_the_bone_and_fade_outside():
    j = joints(TARGET)
    thin, wide = soft_masks(part_capsules(j, part_frames(j)), Window(220, 240))
    x, y = (int(v) for v in TARGET["left_elbow"])
    forearm = PARTS.index("left_forearm")
    assert thin[0, forearm, y, x] > 0.9
    assert thin[0, forearm, 10, 10] < 0.01
    assert (wide[0, forearm] + 1e-3 >= thin[0, forearm]).all()


def test_sampling_grid_agrees_with_the_affine():
    a = torch.tensor(affine(TARGET, SOURCE))[None]
    window = Window(16, 32, 40.0, 60.0)
    grid = sampling_grid(a, window, 240)[0]
    row, column = 5, 20
    for part in range(10):
        expected = a[0, part, :, :2] @ torch.tensor([60.5, 65.5]) + a[0, part, :, 2]
        found = (grid[part, row, column] + 1) * 120
        torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-4)


def test_everything_has_gradients():
    j = joints(TARGET).requires_grad_()
    frames = part_frames(j)
    total = part_affines(frames, part_frames(joints(SOURCE))).sum()
    total = total + soft_masks(part_capsules(j, frames), Window(32, 32))[0].sum()
    total.backward()
    assert torch.isfinite(j.grad).all()
    assert (j.grad.abs().sum(-1) > 0).sum() > 12
