"""Objects: what is behind them, moves, copies, joining and cutting, against brute force."""

import numpy as np
import pytest

from engine.errors import InputError
from engine.shapes import label_objects as edit
from engine.shapes.label_edit import LabelEdit
from engine.shapes.label_paint import Ink, Rules, painted, polygon, rectangle, stroke
from engine.shapes.label_sets import cityscapes
from engine.shapes.labels import LabelMap
from tests.unit.test_labels import CAR, PERSON, ROAD, scattered

SKY, SIZE = 23, (60, 40)


def street():
    """Sky over road, a car 3 across both and a person 8 beside it."""
    scene = LabelMap.blank(SIZE, cityscapes())
    scene = painted(scene, rectangle(SIZE, (0, 0), (59, 19)), Ink(SKY))
    scene = painted(scene, rectangle(SIZE, (0, 20), (59, 39)), Ink(ROAD))
    scene = painted(scene, rectangle(SIZE, (10, 14), (29, 27)), Ink(CAR, 3))
    return painted(scene, rectangle(SIZE, (40, 12), (45, 29)), Ink(PERSON, 8))


def shift(x, y):
    return np.array([[1.0, 0, x], [0, 1.0, y]])


@pytest.mark.parametrize("seed", range(3))
def test_behind_an_object_is_the_nearest_surface(seed):
    scene = scattered(seed, (48, 36))
    things = [label.id for label in cityscapes().labels if label.things]
    hidden = np.isin(scene.labels, things) | (scene.objects > 0)
    sources = np.argwhere(~hidden & (scene.labels != 0))
    behind = edit.backdrop(scene)
    assert np.array_equal(behind[~hidden], scene.labels[~hidden])
    for y, x in np.argwhere(hidden):
        away = np.hypot(*(sources - (y, x)).T)
        near = sources[away <= away.min() * 1.05]  # the transform is exact to 5 %
        assert behind[y, x] in {scene.labels[j, i] for j, i in near}


@pytest.mark.parametrize("seed", range(6))
def test_behind_a_part_is_what_is_behind_it_in_the_whole(seed):
    scene = scattered(seed, (300, 200))
    box = (40 + seed, 30, 90, 60)
    assert np.array_equal(edit.backdrop(scene, box), edit.backdrop(scene)[30:60, 40 + seed : 90])


def test_a_map_of_objects_only_has_nothing_behind():
    scene = LabelMap(np.full((4, 4), CAR), np.full((4, 4), 2), cityscapes())
    assert not edit.backdrop(scene).any() and not edit.without(scene, 2).objects.any()


def test_deleting_an_object_closes_its_hole_and_leaves_the_rest():
    scene = street()
    gone = edit.without(scene, 3)
    assert set(gone.instances) == {8}
    assert (gone.labels[14:19, 12:28] == SKY).all() and (gone.labels[21:27, 12:28] == ROAD).all()
    rest = scene.objects != 3
    assert np.array_equal(gone.labels[rest], scene.labels[rest])
    with pytest.raises(InputError, match="no object 77"):
        edit.without(scene, 77)


def test_moving_by_whole_pixels_is_exact():
    scene = painted(street(), stroke(SIZE, (12, 10), (20, 12), (4, 3)), Ink(CAR, 3))
    before = scene.objects == 3
    moved = edit.moved(scene, 3, shift(7, -5))
    expected = np.zeros_like(before)
    expected[:-5, 7:] = before[5:, :-7]
    assert np.array_equal(moved.objects == 3, expected)
    assert (moved.labels[expected] == CAR).all()
    assert edit.moved(scene, 3, shift(0, 0)) == scene


def test_scaling_and_turning_keep_the_area_they_should():
    scene = street()
    area = scene.instances[3].area
    half = edit.moved(scene, 3, np.array([[0.5, 0, 10], [0, 0.5, 10]]))
    assert half.instances[3].area == pytest.approx(area / 4, rel=0.08)
    assert half.instances[3].box == (15, 17, 25, 24)
    wide = edit.moved(scene, 3, np.array([[2.0, 0, -20], [0, 1.0, 0]]))
    assert wide.instances[3].box == (0, 14, 40, 28)
    turned = edit.moved(scene, 3, np.array([[0.0, -1, 41], [1, 0, 1]]))  # a quarter about 20, 21
    box = turned.instances[3].box
    assert (box[2] - box[0], box[3] - box[1]) == (14, 20)


def test_moving_respects_what_is_locked_and_what_stands_in_front():
    scene = street()
    over = edit.moved(scene, 3, shift(20, 0))
    assert over.instances[8].area < scene.instances[8].area
    for rules in (Rules(new_wins=False), Rules(protected=frozenset({PERSON}))):
        behind = edit.moved(scene, 3, shift(20, 0), rules)
        assert behind.instances[8].area == scene.instances[8].area


def test_an_object_moved_off_the_map_is_gone():
    assert set(edit.moved(street(), 3, shift(500, 0)).instances) == {8}


def test_a_copy_is_an_object_of_its_own():
    scene = street()
    copied, new = edit.duplicated(scene, 8, (10, 0))
    assert new == 9 and copied.instances[9].area == scene.instances[8].area
    assert copied.instances[9].box == (50, 12, 56, 30) and copied.instances[9].label == PERSON
    assert copied.instances[8] == scene.instances[8]


def test_merging_keeps_id_and_label_of_the_largest():
    scene = street()
    one, kept = edit.merged(scene, [8, 3])
    assert kept == 3 and set(one.instances) == {3} and one.instances[3].label == CAR
    assert one.instances[3].area == scene.instances[3].area + scene.instances[8].area
    for few in ([3], [3, 3], []):
        with pytest.raises(InputError, match="at least two"):
            edit.merged(scene, few)


def test_pieces_come_apart_and_the_largest_keeps_its_id():
    scene = painted(street(), rectangle(SIZE, (17, 0), (18, 39)), Ink(SKY))
    scene = painted(scene, rectangle(SIZE, (25, 0), (25, 39)), Ink(SKY))
    apart, new = edit.pieces(scene, 3)
    areas = {n: i.area for n, i in apart.instances.items()}
    assert new == (9, 10) and areas == {3: 98, 8: 108, 9: 84, 10: 56}
    assert np.array_equal(apart.labels, scene.labels)
    whole, none = edit.pieces(scene, 8)
    assert whole is scene and none == ()


def test_a_cut_parts_along_the_line():
    scene = street()
    apart, new = edit.cut(scene, 3, (16.0, 0.0), (16.0, 40.0))
    assert new == (9,) and apart.instances[3].box == (16, 14, 30, 28)
    assert apart.instances[9].box == (10, 14, 16, 28)
    missed, none = edit.cut(scene, 3, (0.0, 1.0), (60.0, 1.0))
    assert missed is scene and none == ()


def test_another_label_makes_another_object_or_none():
    scene = street()
    assert edit.relabelled(scene, 3, PERSON).instances[3].label == PERSON
    plain = edit.relabelled(scene, 3, ROAD)
    assert set(plain.instances) == {8} and (plain.labels[15:27, 11:29] == ROAD).all()


def test_things_without_objects_are_numbered_piece_by_piece():
    scene = street()
    bare = LabelMap(scene.labels, np.where(scene.objects == 8, 8, 0), scene.label_set)
    bare = painted(bare, rectangle(SIZE, (0, 0), (3, 3)), Ink(CAR))
    counted = edit.numbered(bare)
    assert {n: i.area for n, i in counted.instances.items()} == {8: 108, 9: 16, 10: 280}
    assert edit.numbered(counted) is counted


def test_outlines_go_between_pixels_inside_and_outside():
    scene = street()
    scene = painted(scene, rectangle(SIZE, (15, 18), (16, 18)), Ink(ROAD))
    lines = edit.outline(edit.stamp(scene, 3))
    mask = np.pad(scene.objects == 3, 1)
    cracks = (mask[1:] != mask[:-1]).sum() + (mask[:, 1:] != mask[:, :-1]).sum()
    length = np.abs(lines[:, 2:] - lines[:, :2]).sum()
    assert length == cracks == 2 * (20 + 14) + 2 * (2 + 1)
    assert [10, 14, 30, 14] in lines.tolist() and [15, 18, 15, 19] in lines.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_steps_of_the_history_go_back_and_forth(seed):
    rng = np.random.default_rng(seed)
    states, steps = [scattered(seed)], []
    size = states[0].size
    for _ in range(12):
        scene = states[-1]
        ink = Ink(CAR, int(rng.integers(0, 20)))
        if rng.random() < 0.4:
            after = painted(scene, polygon(size, rng.uniform(0, 90, (5, 2))), ink)
        else:
            number = int(rng.choice(list(scene.instances)))
            after = edit.moved(scene, number, shift(*rng.integers(-9, 9, 2)))
        step = LabelEdit.between(scene, after)
        if step is not None:
            states.append(after)
            steps.append(step)
    scene = states[-1]
    for before, step in zip(states[-2::-1], steps[::-1], strict=True):
        scene = step.undone(scene)
        assert scene == before
    for after, step in zip(states[1:], steps, strict=True):
        scene = step.redone(scene)
        assert scene == after


def test_no_change_is_no_step_and_steps_are_small():
    scene = LabelMap.blank((2048, 1024), cityscapes())
    assert (
        LabelEdit.between(
            scene, scene.patched((0, 0, 1, 1), np.zeros((1, 1), int), np.zeros((1, 1), int))
        )
        is None
    )
    everything = painted(scene, rectangle(scene.size, (0, 0), (2047, 1023)), Ink(ROAD))
    step = LabelEdit.between(scene, everything)
    assert step is not None and step.nbytes < 10_000
