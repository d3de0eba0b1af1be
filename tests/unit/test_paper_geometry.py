"""The published parts against plain numpy, on poses without symmetries."""

import numpy as np
import paper_reference as reference
import pytest
import torch
from people import asymmetric_pose

from engine.painters.deformable.paper_geometry import (
    PAPER_PARTS,
    body_scale,
    fitted_affines,
    heat_maps,
    paper_affines,
    paper_masks,
)
from engine.shapes.body import default_pose
from engine.shapes.pose import JOINTS, Pose, Presence

SIZE = (240, 220)
TARGET = asymmetric_pose(SIZE)
SOURCE = default_pose(SIZE).moved(right_wrist=(60, 120), left_knee=(150, 140), nose=(128, 40))
FACE = reference.FACE


def joints(*poses: Pose) -> torch.Tensor:
    stack = [np.c_[p.xy, p.presence] for p in poses]
    return torch.tensor(np.stack(stack), dtype=torch.float32)


def without(pose: Pose, *names: str) -> Pose:
    return pose.marked(Presence.missing, *names)


def found(target: Pose, source: Pose) -> np.ndarray:
    return paper_affines(joints(target), joints(source))[0].numpy()


def reads_nothing(affine: np.ndarray) -> bool:
    corners = np.array([(x, y, 1) for x in (0, SIZE[0]) for y in (0, SIZE[1])])
    return bool((corners @ affine.T > 2000).all())


CASES = {
    "complete": (TARGET, SOURCE),
    "reversed": (SOURCE, TARGET),
    "limb missing in the source": (TARGET, without(SOURCE, "left_elbow", "right_ankle")),
    "limb missing on both sides": (TARGET, without(SOURCE, "left_wrist", "right_wrist")),
    "limb missing in the target": (without(TARGET, "right_knee", "left_wrist"), SOURCE),
    "one face point in common": (
        without(TARGET, "nose", "left_eye", "right_ear"),
        without(SOURCE, "right_eye"),
    ),
    "no face point in common": (without(TARGET, *FACE[:2]), without(SOURCE, *FACE[2:])),
}


@pytest.mark.parametrize("case", CASES)
def test_affines_are_least_squares_from_target_to_source(case):
    target, source = CASES[case]
    maps = found(target, source)
    for name, mine, expected in zip(
        PAPER_PARTS, maps, reference.affines(target, source), strict=True
    ):
        if expected is None:
            assert reads_nothing(mine), name
        else:
            np.testing.assert_allclose(mine, expected, rtol=1e-3, atol=5e-3, err_msg=name)


def test_a_missing_limb_is_taken_from_the_other_side():
    part = PAPER_PARTS.index("left_forearm")
    source = without(SOURCE, "left_wrist")
    mapped = found(TARGET, source)[part] @ [*TARGET["left_elbow"], 1]
    whole = found(TARGET, SOURCE)[part] @ [*TARGET["left_elbow"], 1]
    assert np.linalg.norm(whole - SOURCE["left_elbow"]) < 3
    assert np.linalg.norm(mapped - SOURCE["right_elbow"]) < 3


@pytest.mark.parametrize("which", ["target", "source"])
def test_a_limb_without_length_reads_nothing(which):
    part = PAPER_PARTS.index("right_calf")
    flat = {p: p.moved(right_ankle=p["right_knee"]) for p in (TARGET, SOURCE)}
    other = without(SOURCE, "left_knee")
    maps = found(flat[TARGET], SOURCE) if which == "target" else None
    if maps is None:
        maps = found(TARGET, other.moved(right_ankle=other["right_knee"]))
    assert np.isfinite(maps).all()
    assert reads_nothing(maps[part])
    assert not paper_masks(joints(flat[TARGET]), 220, 240)[0, part].any()


def test_a_torso_on_one_line_reads_nothing():
    line = TARGET.moved(
        right_shoulder=(50, 50), left_shoulder=(70, 70), left_hip=(90, 90), right_hip=(110, 110)
    )
    for target, source in ((line, SOURCE), (SOURCE, line)):
        maps = found(target, source)
        assert np.isfinite(maps).all()
        assert reads_nothing(maps[0])


def test_all_joints_in_one_place_stay_finite():
    point = Pose(np.full((18, 2), 50.0), np.full(18, 2, np.uint8), SIZE)
    for target, source in ((point, SOURCE), (SOURCE, point), (point, point)):
        maps = found(target, source)
        assert np.isfinite(maps).all()
        assert all(reads_nothing(m) for m in maps)


def test_weights_leave_points_out():
    rng = np.random.default_rng(0)
    target, source = rng.uniform(0, 100, (2, 7, 2))
    weight = np.array([1, 0, 1, 1, 0, 1, 1.0])
    given = (torch.tensor(a, dtype=torch.float32) for a in (target, source, weight))
    expected = reference.fitted(target[weight > 0], source[weight > 0])
    np.testing.assert_allclose(fitted_affines(*given).numpy(), expected, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize(
    "pose", [TARGET, SOURCE, without(TARGET, "left_knee", "right_wrist", "nose", "left_ear")]
)
@pytest.mark.parametrize("cell", [1, 4])
def test_masks_are_filled_polygons(pose, cell):
    height, width = 220 // cell, 240 // cell
    mine = paper_masks(joints(pose), height, width, cell)[0].numpy()
    expected = reference.masks(pose, height, width, cell)
    assert mine.shape == expected.shape
    assert mine[0].all()
    # a cell's centre on the very edge may fall to either side in single precision
    assert (mine != expected).sum() <= 2
    assert expected[2:].any((1, 2)).sum() == 8 - 3 * (not pose.has("left_knee"))


def test_a_person_without_a_face_has_no_head():
    faceless = without(TARGET, *FACE)
    assert not paper_masks(joints(faceless), 220, 240)[0, 1].any()
    assert reads_nothing(found(faceless, SOURCE)[1])


def test_scale_is_that_of_the_torso():
    for pose in (TARGET, SOURCE):
        assert float(body_scale(joints(pose))[0]) == pytest.approx(reference.scale(pose), rel=1e-5)


def test_heat_maps_are_bells_of_six_pixels():
    pose = without(TARGET, "left_wrist")
    maps = heat_maps(joints(pose), 220, 240)[0].numpy()
    for j, name in enumerate(JOINTS):
        for row, column in ((20, 70), (116, 112), (181, 127)):
            if not pose.has(name):
                assert not maps[j].any()
                continue
            x, y = pose[name]
            square = (column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2
            assert maps[j, row, column] == pytest.approx(np.exp(-square / 72), abs=1e-5)


def test_a_batch_is_its_single_poses():
    sparse = without(TARGET, "left_wrist", "nose")
    targets, sources = (TARGET, sparse, SOURCE), (SOURCE, TARGET, sparse)
    together = paper_affines(joints(*targets), joints(*sources))
    covers = paper_masks(joints(*targets), 55, 60, 4)
    for i, (target, source) in enumerate(zip(targets, sources, strict=True)):
        alone = paper_affines(joints(target), joints(source))[0]
        torch.testing.assert_close(together[i], alone, rtol=1e-4, atol=1e-3)
        assert torch.equal(covers[i], paper_masks(joints(target), 55, 60, 4)[0])
