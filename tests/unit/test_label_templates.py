"""Scenes to start from: whole at any size, in perspective, with objects of believable size."""

import numpy as np
import pytest

from engine.shapes.label_sets import cityscapes
from engine.shapes.label_stage import EYE, Stage
from engine.shapes.label_templates import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
@pytest.mark.parametrize("size", [(512, 256), (333, 167), (64, 40)])
def test_templates_label_every_pixel_at_any_size(template, size):
    scene = template.draw(size)
    assert scene.size == size and scene.label_set == template.labels()
    assert scene.areas.get(scene.label_set.void, 0) == 0
    things = {label.id for label in scene.label_set.labels if label.things}
    assert np.array_equal(np.isin(scene.labels, list(things)), scene.objects > 0)
    for one in scene.instances.values():
        labels = set(scene.labels[scene.objects == one.id].tolist())
        assert labels == {one.label}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
def test_templates_look_alike_at_every_size(template):
    small, large = template.draw((256, 128)), template.draw((1024, 512))
    shrunk = large.labels[2::4, 2::4]
    assert (shrunk == small.labels).mean() > 0.95


def test_only_the_empty_road_is_empty():
    counts = {one.name: len(one.draw((1024, 512)).instances) for one in TEMPLATES}
    assert counts["Empty road"] == 0
    assert all(count >= 6 for name, count in counts.items() if name != "Empty road")


@pytest.mark.parametrize("away", [12.0, 24.0, 48.0])
def test_things_stand_on_the_ground_and_shrink_with_distance(away):
    stage = Stage((2048, 1024), cityscapes(), 0.4)
    stage.fill("road")
    stage.person(0, away, 1.8)
    stage.car(4, away)
    person, car = stage.scene.instances.values()
    pixels = 1.05 * 2048 / away  # a metre at that distance
    assert person.box[3] == pytest.approx(0.4 * 1024 + EYE * pixels, abs=1.5)
    assert person.box[3] - person.box[1] == pytest.approx(1.8 * pixels, rel=0.05)
    assert car.box[3] - car.box[1] == pytest.approx(1.48 * pixels, rel=0.08)
    assert car.box[2] - 1024 == pytest.approx(4.9 * pixels, abs=1.5)
