"""The published part geometry against numpy written here, on poses that have no symmetry."""

import numpy as np
import pytest
import torch

from engine.painters.deformable.paper_geometry import (
    PAPER_PARTS,
    SIGMA,
    fitted_affines,
    heat_maps,
    paper_affines,
    paper_masks,
)
from engine.shapes.pose import INDEX, Pose, Presence
from tests.unit.people import asymmetric_pose

WIDTH, HEIGHT = 240, 220
LIMBS = {
    "right_thigh": ("right_hip", "right_knee", 0.1, 0.1),
    "left_thigh": ("left_hip", "left_knee", 0.1, 0.1),
    "right_calf": ("right_knee", "right_ankle", 0.3, 0.5),
    "left_calf": ("left_knee", "left_ankle", 0.3, 0.5),
    "right_upper_arm": ("right_shoulder", "right_elbow", 0.1, 0.1),
    "left_upper_arm": ("left_shoulder", "left_elbow", 0.1, 0.1),
    "right_forearm": ("right_elbow", "right_wrist", 0.3, 0.5),
    "left_forearm": ("left_elbow", "left_wrist", 0.3, 0.5),
}
FACE = ("nose", "right_eye", "left_eye", "right_ear", "left_ear")
TARGET = asymmetric_pose((WIDTH, HEIGHT))
SOURCE = TARGET.mapped(np.array([[0.9, 0.08, 7.0], [-0.1, 0.85, 30.0]]), (WIDTH, HEIGHT)).moved(
    right_elbow=(52, 140), right_wrist=(40, 171), left_knee=(150, 110), left_wrist=(160, 30)
)


def joints(*poses):
    rows = [np.column_stack([p.xy, p.presence]) for p in poses]
    return torch.tensor(np.stack(rows), dtype=torch.float32)


def affines(target, source):
    return paper_affines(joints(target), joints(source))[0].numpy().astype(float)


def part(name):
    return PAPER_PARTS.index(name)


def moved(affine, point):
    return affine[:, :2] @ point + affine[:, 2]


# Independent geometry: one limb at a time, corner by corner.


def scale(pose):
    squares = [
        np.sum((np.array(pose[f"{s}_hip"]) - pose[f"{s}_shoulder"]) ** 2) for s in ("right", "left")
    ]
    return np.sqrt(np.mean(squares))


def rectangle(pose, first, second, beyond):
    a, b = np.array(pose[first]), np.array(pose[second])
    start = a - 0.1 * (b - a)
    end = b + beyond * (b - start)
    angle = np.arctan2(end[1] - start[1], end[0] - start[0]) + np.pi / 2
    out = 0.2 * scale(pose) * np.array([np.cos(angle), np.sin(angle)])
    return np.array([start + out, start - out, end - out, end + out])


def part_points(pose, name, face=FACE):
    if name == "torso":
        names = ("right_hip", "left_hip", "left_shoulder", "right_shoulder")
        return np.array([pose[n] for n in names])
    if name == "head":
        return np.array([pose[n] for n in (*face, "right_shoulder", "left_shoulder")])
    first, second, beyond, _ = LIMBS[name]
    return rectangle(pose, first, second, beyond)


def least_squares(target, source):
    design = np.column_stack([target, np.ones(len(target))])
    return np.linalg.lstsq(design, source, rcond=None)[0].T


def inside(corners, x, y):
    """Even-odd rule: how many edges does a ray to the right cross?"""
    crossings = 0
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, 0), strict=True):
        if (y0 > y) != (y1 > y):
            crossings += x < x0 + (y - y0) / (y1 - y0) * (x1 - x0)
    return crossings % 2 == 1


def border_distance(corners, x, y):
    least = np.inf
    for a, b in zip(corners, np.roll(corners, -1, 0), strict=True):
        t = np.clip(np.dot((x, y) - a, b - a) / np.dot(b - a, b - a), 0, 1)
        least = min(least, np.hypot(*(a + t * (b - a) - (x, y))))
    return least


@pytest.mark.parametrize("name", PAPER_PARTS)
def test_each_part_has_its_least_squares_affine(name):
    wanted = least_squares(part_points(TARGET, name), part_points(SOURCE, name))
    found = affines(TARGET, SOURCE)[part(name)]
    for point in part_points(TARGET, name):
        np.testing.assert_allclose(moved(found, point), moved(wanted, point), atol=0.02)


def test_limbs_move_from_target_to_source_and_not_back():
    found = affines(TARGET, SOURCE)[part("right_upper_arm")]
    np.testing.assert_allclose(moved(found, TARGET["right_elbow"]), SOURCE["right_elbow"], atol=0.1)
    assert np.hypot(*(moved(found, SOURCE["right_elbow"]) - TARGET["right_elbow"])) > 20


@pytest.mark.parametrize("name", LIMBS)
def test_limb_masks_are_filled_rectangles(name):
    first, second, _, beyond = LIMBS[name]
    corners = rectangle(TARGET, first, second, beyond)
    mask = paper_masks(joints(TARGET), HEIGHT, WIDTH)[0, part(name)].numpy()
    assert mask.sum() > 200
    for row in range(0, HEIGHT, 3):
        for column in range(0, WIDTH, 3):
            x, y = column + 0.5, row + 0.5
            if border_distance(corners, x, y) > 0.01:
                assert mask[row, column] == inside(corners, x, y), (column, row)


def test_forearm_masks_reach_further_than_their_warps():
    reach = paper_masks(joints(TARGET), HEIGHT, WIDTH)[0, part("left_forearm")].numpy()
    a, b = (np.array(TARGET[n]) for n in ("left_elbow", "left_wrist"))
    x, y = (b + 0.4 * (b - a)).astype(int)
    assert reach[y, x]


def test_torso_mask_is_everything_and_head_mask_a_square():
    masks = paper_masks(joints(TARGET), HEIGHT, WIDTH)[0].numpy()
    assert masks[part("torso")].all()
    centre = np.mean([TARGET[n] for n in FACE], axis=0)
    half = 0.4 * scale(TARGET)
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    wanted = (abs(x - centre[0]) <= half) & (abs(y - centre[1]) <= half)
    np.testing.assert_array_equal(masks[part("head")], wanted)


def test_coarse_masks_test_the_middle_of_each_cell():
    fine = paper_masks(joints(TARGET), HEIGHT, WIDTH)[0].numpy()
    coarse = paper_masks(joints(TARGET), HEIGHT // 4, WIDTH // 4, 4)[0].numpy()
    four = np.stack([fine[:, i::4, j::4] for i in (1, 2) for j in (1, 2)])
    settled = (four == four[0]).all(0)
    np.testing.assert_array_equal(coarse[settled], four[0][settled])
    assert settled.mean() > 0.95


def test_a_missing_source_limb_is_taken_from_the_other_side():
    lacking = SOURCE.marked(Presence.missing, "right_wrist")
    found = affines(TARGET, lacking)
    corners = rectangle(TARGET, "right_elbow", "right_wrist", 0.3)
    other = rectangle(SOURCE, "left_elbow", "left_wrist", 0.3)
    wanted = least_squares(corners, other)
    for point in corners:
        np.testing.assert_allclose(
            moved(found[part("right_forearm")], point), moved(wanted, point), atol=0.02
        )
    kept = [part(n) for n in PAPER_PARTS if n != "right_forearm"]
    np.testing.assert_array_equal(found[kept], affines(TARGET, SOURCE)[kept])


def test_a_limb_missing_on_both_sides_of_the_source_samples_nothing():
    lacking = SOURCE.marked(Presence.missing, "right_ankle", "left_ankle")
    assert_outside(affines(TARGET, lacking), "right_calf", "left_calf")


def test_a_limb_missing_in_the_target_has_neither_warp_nor_mask():
    lacking = TARGET.marked(Presence.missing, "left_elbow")
    assert_outside(affines(lacking, SOURCE), "left_upper_arm", "left_forearm")
    masks = paper_masks(joints(lacking), HEIGHT, WIDTH)[0]
    for name in PAPER_PARTS:
        assert masks[part(name)].any() == (name not in ("left_upper_arm", "left_forearm"))


def assert_outside(found, *names):
    for name in PAPER_PARTS:
        centre = moved(found[part(name)], np.array([WIDTH / 2, HEIGHT / 2]))
        away = abs(centre).min() > 10 * WIDTH
        assert away == (name in names), name
    assert np.isfinite(found).all()


def test_a_zero_length_target_limb_samples_nothing():
    flat = TARGET.moved(right_knee=TARGET["right_hip"])
    assert_outside(affines(flat, SOURCE), "right_thigh")
    masks = paper_masks(joints(flat), HEIGHT, WIDTH)[0]
    assert not masks[part("right_thigh")].any()


def test_a_zero_length_source_limb_is_taken_from_the_other_side():
    flat = SOURCE.moved(right_knee=SOURCE["right_hip"])
    gone = SOURCE.marked(Presence.missing, "right_knee")
    thigh = part("right_thigh")
    np.testing.assert_array_equal(affines(TARGET, flat)[thigh], affines(TARGET, gone)[thigh])


def test_face_points_count_only_where_both_poses_show_them():
    profile = TARGET.marked(Presence.missing, "left_ear", "left_eye")
    other = SOURCE.marked(Presence.missing, "right_ear")
    shared = ("nose", "right_eye")
    wanted = least_squares(part_points(TARGET, "head", shared), part_points(SOURCE, "head", shared))
    found = affines(profile, other)[part("head")]
    for point in part_points(TARGET, "head", shared):
        np.testing.assert_allclose(moved(found, point), moved(wanted, point), atol=0.02)


def test_no_face_in_common_samples_no_head():
    profile = TARGET.marked(Presence.missing, *FACE[1:])
    back = SOURCE.marked(Presence.missing, "nose")
    assert_outside(affines(profile, back), "head")
    faceless = TARGET.marked(Presence.missing, *FACE)
    assert not paper_masks(joints(faceless), HEIGHT, WIDTH)[0, part("head")].any()


def test_a_torso_seen_from_the_side_is_singular():
    """All four points on a line, in the target or in the source."""
    line = {
        "right_shoulder": (100, 60),
        "left_shoulder": (102, 66),
        "right_hip": (120, 120),
        "left_hip": (122, 126),
    }
    assert_outside(affines(TARGET.moved(**line), SOURCE), "torso")
    assert_outside(affines(TARGET, SOURCE.moved(**line)), "torso")


def test_coinciding_points_stay_finite():
    heap = Pose(np.full((18, 2), 50.0), np.full(18, 2, np.uint8), (WIDTH, HEIGHT))
    for pair in ((heap, SOURCE), (TARGET, heap), (heap, heap)):
        assert_outside(affines(*pair), *PAPER_PARTS)


def test_weighted_fits_agree_with_numpy():
    rng = np.random.default_rng(0)
    target, source = rng.uniform(0, 256, (2, 9, 6, 2))
    weight = rng.integers(0, 2, (9, 6)).astype(float)
    weight[:, :3] = 1
    given = (torch.tensor(t, dtype=torch.float64) for t in (target, source, weight))
    found = fitted_affines(*given).numpy()
    for i in range(9):
        used = weight[i] > 0
        wanted = least_squares(target[i][used], source[i][used])
        np.testing.assert_allclose(found[i], wanted, rtol=1e-6, atol=1e-6)


def test_a_batch_is_its_single_poses():
    lacking = TARGET.marked(Presence.missing, "left_wrist", "right_ear")
    targets, sources = joints(TARGET, lacking, SOURCE), joints(SOURCE, TARGET, lacking)
    together = paper_affines(targets, sources), paper_masks(targets, 55, 60, 4)
    for i in range(3):
        one = slice(i, i + 1)
        alone = paper_affines(targets[one], sources[one]), paper_masks(targets[one], 55, 60, 4)
        torch.testing.assert_close(together[0][one], alone[0])
        assert torch.equal(together[1][one], alone[1])


def test_heat_maps_peak_at_x_and_y():
    maps = heat_maps(joints(TARGET.marked(Presence.missing, "nose")), HEIGHT, WIDTH)[0].numpy()
    assert maps.shape == (18, HEIGHT, WIDTH)
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    for name in ("right_wrist", "left_wrist", "left_knee"):
        px, py = TARGET[name]
        wanted = np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * SIGMA**2))
        np.testing.assert_allclose(maps[INDEX[name]], wanted, atol=1e-5)
    assert not maps[INDEX["nose"]].any()


def test_mirrored_poses_have_mirrored_masks_with_sides_exchanged():
    masks = paper_masks(joints(TARGET), HEIGHT, WIDTH)[0].numpy()
    turned = paper_masks(joints(TARGET.mirrored()), HEIGHT, WIDTH)[0].numpy()
    swap = [
        part(n.replace("right", "~").replace("left", "right").replace("~", "left"))
        for n in PAPER_PARTS
    ]
    assert (masks != turned[swap][..., ::-1]).mean() < 1e-3
