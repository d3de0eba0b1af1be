"""The deformable skip against a loop in numpy over samples, parts and cells."""

import numpy as np
import pytest
import torch

from engine.painters.deformable.paper_geometry import paper_affines, paper_masks
from engine.painters.deformable.paper_layer import deformed, look_up
from engine.shapes.body import default_pose
from engine.shapes.pose import Presence
from tests.unit.people import asymmetric_pose
from tests.unit.test_paper_geometry import joints

HEIGHT, WIDTH, SCALE = 55, 60, 4
TARGET = asymmetric_pose((WIDTH * SCALE, HEIGHT * SCALE))
SOURCE = TARGET.mapped(np.array([[0.9, 0.1, 9.3], [-0.12, 0.8, 31.7]]), TARGET.size).moved(
    right_elbow=(52, 140), left_wrist=(160, 30)
)


def poses():
    lacking = TARGET.marked(Presence.missing, "left_ankle", "right_wrist")
    target, source = joints(TARGET, lacking, SOURCE), joints(SOURCE, TARGET, lacking)
    return paper_affines(target, source), paper_masks(target, HEIGHT, WIDTH, SCALE)


def maps(seed=0, channels=5, dtype=torch.float32):
    made = torch.Generator().manual_seed(seed)
    return torch.rand(3, channels, HEIGHT, WIDTH, generator=made, dtype=dtype) - 0.5


def looked_up(sampling):
    affines, masks = poses()
    return look_up(affines, masks, SCALE, sampling)


def sample(picture, u, v, sampling):
    """One (C,) value of (C, H, W) at column u and row v, zeros outside."""
    height, width = picture.shape[1:]
    if sampling == "nearest":
        column, row = int(np.floor(u)), int(np.floor(v))
        within = 0 <= column < width and 0 <= row < height
        return picture[:, row, column] if within else np.zeros(len(picture))
    total = np.zeros(len(picture))
    left, top = np.floor(u - 0.5), np.floor(v - 0.5)
    for column in (left, left + 1):
        for row in (top, top + 1):
            share = (1 - abs(u - 0.5 - column)) * (1 - abs(v - 0.5 - row))
            if 0 <= column < width and 0 <= row < height:
                total += share * picture[:, int(row), int(column)]
    return total


def by_hand(features, affines, masks, sampling, combining):
    """(B, C, H, W), and which cells may be compared: none near a rounding border of nearest."""
    out, sure = np.zeros(features.shape), np.ones((len(features), HEIGHT, WIDTH), bool)
    for b, row, column in np.ndindex(len(features), HEIGHT, WIDTH):
        values, covers = [], 0
        for p in range(10):
            centre = np.array([(column + 0.5) * SCALE, (row + 0.5) * SCALE, 1.0])
            u, v = affines[b, p] @ centre / SCALE
            if masks[b, p, row, column]:
                covers += 1
                values.append(sample(features[b], u, v, sampling))
                edge = min(abs(u - round(u)), abs(v - round(v)))
                sure[b, row, column] &= sampling == "bilinear" or edge > 1e-3
            else:
                values.append(np.zeros(features.shape[1]))
        together = np.max(values, 0) if combining == "max" else np.sum(values, 0) / max(covers, 1)
        out[b, :, row, column] = together
    return out, sure


@pytest.mark.parametrize("sampling", ["nearest", "bilinear"])
@pytest.mark.parametrize("combining", ["max", "average"])
def test_the_layer_is_the_loop(sampling, combining):
    affines, masks = poses()
    features = maps()
    found = deformed(features, look_up(affines, masks, SCALE, sampling), combining).numpy()
    arrays = (t.double().numpy() for t in (features, affines))
    wanted, sure = by_hand(*arrays, masks.numpy(), sampling, combining)
    assert sure.mean() > 0.97
    error = np.abs(found - wanted).max(1)
    assert error[sure].max() < 1e-4
    assert (np.abs(wanted).max(1) > 0.1).mean() > 0.3


@pytest.mark.parametrize("sampling", ["nearest", "bilinear"])
@pytest.mark.parametrize("combining", ["max", "average"])
def test_gradients_are_those_of_finite_differences(sampling, combining):
    lookups = looked_up(sampling)
    features = maps(1, 2, torch.float64).requires_grad_()
    weights = maps(2, 2, torch.float64)

    def total(x):
        return (deformed(x, lookups, combining) * weights).sum()

    (gradient,) = torch.autograd.grad(total(features), features)
    assert (gradient != 0).any((0, 2, 3)).all()
    along = maps(3, 2, torch.float64) * 1e-7
    difference = total(features.detach() + along) - total(features.detach() - along)
    assert float(difference) == pytest.approx(2 * float((gradient * along).sum()), rel=1e-5)


def test_zeros_of_absent_parts_take_part_in_the_maximum():
    """So that the maximum is never below zero, unless every part is there."""
    found = deformed(maps() - 1, looked_up("nearest"))
    assert float(found.max()) == 0


def test_a_cell_where_every_part_is_keeps_a_negative_maximum():
    affines = torch.eye(2, 3).expand(1, 3, 2, 3)
    masks = torch.zeros(1, 3, 4, 4, dtype=torch.bool)
    masks[:, 0] = True
    masks[:, 1:, 1, 2] = True
    found = deformed(torch.full((1, 1, 4, 4), -2.0), look_up(affines, masks, 1.0))
    wanted = torch.zeros(1, 1, 4, 4)
    wanted[0, 0, 1, 2] = -2
    torch.testing.assert_close(found, wanted)


def test_the_same_pose_changes_nothing_under_the_torso():
    pose = joints(TARGET)
    affines, masks = paper_affines(pose, pose), paper_masks(pose, HEIGHT, WIDTH, SCALE)
    features = maps()[:1]
    found = deformed(features, look_up(affines, masks, SCALE, "bilinear"))
    torch.testing.assert_close(found, features.relu(), atol=1e-4, rtol=0)


@pytest.mark.parametrize("combining", ["max", "average"])
def test_chunks_and_layout_change_nothing(combining):
    lookups, features = looked_up("bilinear"), maps()
    whole = deformed(features, lookups, combining)
    torch.testing.assert_close(deformed(features, lookups, combining, chunk=2), whole)
    last = features.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(deformed(last, lookups, combining), whole)


def test_a_batch_is_its_single_samples():
    affines, masks = poses()
    features = maps()
    together = deformed(features, look_up(affines, masks, SCALE))
    for i in range(3):
        one = slice(i, i + 1)
        alone = deformed(features[one], look_up(affines[one], masks[one], SCALE))
        torch.testing.assert_close(together[one], alone)


def test_a_part_that_samples_outside_leaves_zeros():
    affines = torch.eye(2, 3).repeat(1, 2, 1, 1)
    affines[:, :, :, 2] = 1e5
    masks = torch.ones(1, 2, 6, 5, dtype=torch.bool)
    for sampling in ("nearest", "bilinear"):
        lookups = look_up(affines, masks, 1.0, sampling)
        for combining in ("max", "average"):
            assert not deformed(torch.ones(1, 3, 6, 5), lookups, combining).any()


def test_what_the_hand_holds_moves_with_the_hand():
    """A mark at the source's hand shows at the target's, and stays as the torso's background."""
    source = default_pose((128, 128))
    target = source.moved(left_elbow=(100, 30), left_wrist=(112, 14))
    x, y = (int(v) for v in source["left_wrist"])
    mark = torch.zeros(1, 1, 128, 128)
    mark[..., y - 3 : y + 4, x - 3 : x + 4] = 1
    affines = paper_affines(joints(target), joints(source))
    found = deformed(mark, look_up(affines, paper_masks(joints(target), 128, 128), 1))
    rows, columns = np.nonzero(found[0, 0].numpy())
    at_target = np.hypot(columns - 112, rows - 14) < 14
    at_source = np.hypot(columns - x, rows - y) < 8
    assert at_target.sum() > 10
    assert at_source.sum() > 10
    assert (at_target | at_source).all()


@pytest.mark.parametrize("combining", ["max", "average"])
def test_half_precision_keeps_its_type(combining):
    lookups, exact = looked_up("bilinear"), maps()
    features = exact.bfloat16().requires_grad_()
    found = deformed(features, lookups, combining)
    found.float().sum().backward()
    assert features.grad is not None
    assert found.dtype == features.grad.dtype == torch.bfloat16
    wanted = deformed(exact, lookups, combining)
    torch.testing.assert_close(found.float(), wanted, rtol=0.03, atol=0.02)
