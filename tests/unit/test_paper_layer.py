"""The deformable skip against a loop over cells, parts and samples, and its gradients."""

import numpy as np
import paper_reference as reference
import pytest
import torch
from people import asymmetric_pose
from test_paper_geometry import joints, without

from engine.painters.deformable.paper_geometry import paper_affines, paper_masks
from engine.painters.deformable.paper_layer import deformed, look_up
from engine.shapes.body import default_pose

SIZE, CELL = (60, 56), 2
HEIGHT, WIDTH = 28, 30
TARGET = asymmetric_pose((240, 224)).resized(SIZE)
SOURCE = default_pose(SIZE).moved(right_wrist=(14.3, 31.1), left_knee=(38.2, 35.7))
PAIRS = [(TARGET, SOURCE), (without(SOURCE, "left_wrist"), without(TARGET, "right_knee"))]


def lookups(pairs=PAIRS, sampling="nearest"):
    target, source = (joints(*column) for column in zip(*pairs, strict=True))
    masks = paper_masks(target, HEIGHT, WIDTH, CELL)
    return look_up(paper_affines(target, source), masks, CELL, sampling)


def features(channels=5):
    torch.manual_seed(3)
    return torch.randn(len(PAIRS), channels, HEIGHT, WIDTH)


@pytest.mark.parametrize("sampling", ["nearest", "bilinear"])
@pytest.mark.parametrize("combining", ["max", "average"])
def test_the_layer_is_the_plain_loop(sampling, combining):
    given = features()
    mine = deformed(given, lookups(sampling=sampling), combining).numpy()
    for i, (target, source) in enumerate(PAIRS):
        expected = reference.moved(
            given[i].numpy(),
            reference.affines(target, source),
            reference.masks(target, HEIGHT, WIDTH, CELL),
            CELL,
            sampling == "bilinear",
            combining == "average",
        )
        wrong = np.abs(mine[i] - expected).max(0) > 1e-3
        assert wrong.sum() <= 1  # a position between two cells may round either way
        assert np.abs(expected).max() > 1


def test_zeros_of_absent_parts_take_part_in_the_maximum():
    """Only where every part has a value can the maximum be negative."""
    given = -features().abs() - 0.1
    affine = torch.eye(2, 3).expand(1, 3, 2, 3)
    masks = torch.zeros(1, 3, 4, 4, dtype=torch.bool)
    masks[:, 0] = True
    masks[:, 1, 1:3] = True
    masks[:, 2, 2] = True
    moved = deformed(given[:1, :, :4, :4], look_up(affine, masks, 1))
    crowded = masks[0].all(0)
    torch.testing.assert_close(moved[0][:, crowded], given[0, :, :4, :4][:, crowded])
    assert not moved[0][:, ~crowded].any()


def test_layout_and_chunks_change_nothing():
    given = features()
    whole = deformed(given, lookups())
    last = given.to(memory_format=torch.channels_last)
    assert torch.equal(deformed(last, lookups()), whole)
    assert torch.equal(deformed(given, lookups(), chunk=2), whole)


def test_a_batch_is_its_single_samples():
    given = features()
    together = deformed(given, lookups())
    for i, pair in enumerate(PAIRS):
        torch.testing.assert_close(deformed(given[i : i + 1], lookups([pair])), together[i : i + 1])


@pytest.mark.parametrize("sampling", ["nearest", "bilinear"])
@pytest.mark.parametrize("combining", ["max", "average"])
def test_gradients_are_the_numerical_ones(sampling, combining):
    given = features(2).double().requires_grad_()
    plan = lookups(sampling=sampling)
    weight = torch.randn(len(PAIRS), 2, HEIGHT, WIDTH, dtype=torch.float64)

    def total(x):
        return (deformed(x, plan, combining) * weight).sum()

    (mine,) = torch.autograd.grad(total(given), given)
    rng = np.random.default_rng(0)
    for _ in range(5):
        direction = torch.tensor(rng.normal(size=given.shape))
        step = 1e-6 * direction
        with torch.no_grad():
            slope = (total(given + step) - total(given - step)) / 2e-6
        assert float((mine * direction).sum()) == pytest.approx(float(slope), rel=1e-3, abs=1e-3)


def test_half_precision_keeps_its_type():
    plan = lookups(sampling="bilinear")
    given = features().bfloat16().requires_grad_()
    moved = deformed(given, plan)
    moved.float().sum().backward()
    assert moved.dtype == given.grad.dtype == torch.bfloat16
    torch.testing.assert_close(
        moved.float(), deformed(given.detach().float(), plan), rtol=0.03, atol=0.05
    )


def test_what_the_hand_holds_moves_with_the_hand():
    """A mark at the source's hand shows at the target's, and stays as the torso's background."""
    source = default_pose((128, 128))
    target = source.moved(left_elbow=(100, 30), left_wrist=(112, 14))
    x, y = (int(v) for v in source["left_wrist"])
    mark = torch.zeros(1, 1, 128, 128)
    mark[..., y - 3 : y + 4, x - 3 : x + 4] = 1
    affines = paper_affines(joints(target), joints(source))
    moved = deformed(mark, look_up(affines, paper_masks(joints(target), 128, 128), 1))
    rows, columns = np.nonzero(moved[0, 0].numpy())
    at_target = np.hypot(columns - 112, rows - 14) < 14
    at_source = np.hypot(columns - x, rows - y) < 8
    assert at_target.sum() > 10
    assert at_source.sum() > 10
    assert (at_target | at_source).all()
