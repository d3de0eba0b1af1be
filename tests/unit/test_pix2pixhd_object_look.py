"""The look of one object: it stays where its object is, in any order of edits."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.appearance import PerObject, Sampled, Vector
from engine.card import Card
from engine.painters.base import Stop, Stopped
from engine.painters.layers import keep_variance
from engine.painters.pix2pixhd.clusters import Clusters
from engine.painters.pix2pixhd.inputs import SceneInputs
from engine.painters.pix2pixhd.network import Pix2PixHd, Pix2PixHdConfig, SceneNetwork
from engine.painters.pix2pixhd.object_look import changes, feather, grouped, joined, mask_of
from engine.painters.pix2pixhd.official import PAPER, OfficialConfig, OfficialHd
from engine.painters.pix2pixhd.painter import ScenePainter
from engine.painters.pix2pixhd.regions import Region, regions
from engine.painters.pix2pixhd.walk import Pinned
from engine.runtime import Runtime
from engine.shapes.labels import Label, LabelMap, LabelSet

RUNTIME = Runtime(torch.device("cpu"), torch.float32)
NAMES = ("road", "sky", "car")
STREET = LabelSet("street", tuple(Label(i, n, (i, i, i), n == "car") for i, n in enumerate(NAMES)))
SPANS = ((8, 23), (24, 39))
"""First and last column of the cars that touch."""
RED, BLUE = Vector((0.9, -0.8, 0.7)), Vector((-0.9, 0.8, -0.6))


def never() -> bool:
    return False


def street(side: int = 192) -> LabelMap:
    """Sky, road, and three cars; 1 and 2 touch, 3 is far away."""
    labels = np.zeros((side // 2, side), np.uint8)
    objects = np.zeros((side // 2, side), np.int32)
    labels[: side // 8] = 1
    for thing, left in ((1, 8), (2, 24), (3, side - 24)):
        labels[60:72, left : left + 16] = 2
        objects[60:72, left : left + 16] = thing
    return LabelMap(labels, objects, STREET)


def published(normalised: bool = True) -> SceneNetwork:
    torch.manual_seed(1)
    norm = "instance" if normalised else "batch"
    inputs = SceneInputs(3, 0, False)
    network = OfficialHd(OfficialConfig(inputs, width=8, downs=2, blocks=2, norm=norm))
    return _loud(network)


def ours() -> SceneNetwork:
    torch.manual_seed(1)
    return _loud(Pix2PixHd(Pix2PixHdConfig(SceneInputs(3), 8, (8,) * 5, (1,) * 5, (4, 4, 4))))  # type: ignore[arg-type]


def _loud(network: SceneNetwork) -> SceneNetwork:
    """Looks matter as they do after training."""
    if isinstance(network, OfficialHd):
        keep_variance(network)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim == 4 and parameter.shape[1] == network.inputs.channels:
                parameter[:, -3:] *= 10
    return network


def painter(network: SceneNetwork, architecture: str = PAPER) -> ScenePainter:
    card = Card(id="x", architecture=architecture, title="X", summary="", config={}, side=192)
    means = dict(enumerate(np.eye(3, dtype=np.float32) / 10))
    return ScenePainter(card, network, Clusters(3, {}, means), RUNTIME)


def pixels(made: ScenePainter, look: PerObject, shape: LabelMap | None = None) -> NDArray[np.int16]:
    shape = shape or street()
    picture = made.paint(shape, made.prepare(look), max(shape.size), never)
    return picture.pixels.astype(np.int16)


def dilated(shape: LabelMap, *things: int) -> NDArray[np.bool_]:
    mask = np.isin(shape.objects, things).astype(np.uint8)
    reach = feather(shape.labels.shape)
    return cv2.dilate(mask, np.ones((2 * reach + 1,) * 2, np.uint8)).astype(bool)


@pytest.mark.parametrize("network", [published(), published(False), ours()])
def test_a_look_changes_its_object_and_nothing_else(network: SceneNetwork) -> None:
    made, shape = painter(network), street()
    base = pixels(made, PerObject(None, (), 0))
    red = pixels(made, PerObject(None, ((3, RED),), 0))
    blue = pixels(made, PerObject(None, ((3, BLUE),), 0))
    outside = ~dilated(shape, 3)
    assert np.abs(red - base)[outside].max() <= 2
    inside = shape.objects == 3
    assert np.abs(red - blue)[inside].mean() > 4


@pytest.mark.parametrize("network", [published(), ours()])
def test_less_leaks_before_blending_than_from_a_naive_repaint(network: SceneNetwork) -> None:
    shape = street()
    found = regions(shape, 192, network.stride)
    made = painter(network)
    base = np.stack([made.clusters.mean(region.label) for region in found.listed])
    number = found.listed.index(Region(2, 3))
    other = base.copy()
    other[number] = RED.values
    x = made._input(shape, found, base)
    y = made._with_looks(x, found, other)
    change = changes(found, [number])
    mask = torch.from_numpy(mask_of(change, found.number.shape))[None, None]
    with torch.inference_mode():
        naive = network.paint(y) - network.paint(x)
        both = network.paint(torch.cat([x, y]), Pinned(mask, lambda: None))
    pinned = both[1:] - both[:1]
    outside = torch.from_numpy(~dilated(shape, 3))[None, None].expand(1, 3, -1, -1)
    leak = (naive[outside].abs().mean() + 1e-12) / (pinned[outside].abs().mean() + 1e-12)
    assert leak >= 5
    inside = torch.from_numpy(shape.objects == 3)[None, None].expand(1, 3, -1, -1)
    ratio = pinned[inside].abs().mean() / naive[inside].abs().mean()
    assert 0.8 < ratio < 1.25  # the object itself still takes the look


def test_the_base_of_a_pinned_pass_is_the_plain_picture() -> None:
    network = published().eval()
    x = torch.rand(3, network.inputs.channels, 48, 64)
    masks = torch.rand(2, 1, 48, 64) > 0.7
    with torch.inference_mode():
        both = network.paint(x, Pinned(masks, lambda: None))
        alone = network.paint(x[:1])
    torch.testing.assert_close(both[:1], alone, atol=1e-5, rtol=1e-4)


def test_the_order_of_edits_does_not_matter() -> None:
    made = painter(published())
    edits = ((1, RED), (2, Sampled(7)), (3, BLUE))
    pictures = [pixels(made, PerObject(None, order, 5)) for order in itertools.permutations(edits)]
    for picture in pictures[1:]:
        assert np.array_equal(picture, pictures[0])


def test_touching_objects_keep_their_own_looks() -> None:
    made, shape = painter(published()), street()
    both = pixels(made, PerObject(None, ((1, RED), (2, BLUE)), 0))
    for thing, look in ((1, RED), (2, BLUE)):
        alone = pixels(made, PerObject(None, ((thing, look),), 0))
        inside = shape.objects == thing
        assert np.abs(both - alone)[inside].max() <= 1


def test_a_third_look_leaves_the_first_two_alone() -> None:
    made, shape = painter(published()), street()
    two = pixels(made, PerObject(None, ((1, RED), (2, BLUE)), 0))
    three = pixels(made, PerObject(None, ((1, RED), (2, BLUE), (3, RED)), 0))
    assert np.abs(two - three)[~dilated(shape, 3)].max() <= 2
    assert np.abs(two - three)[shape.objects == 3].mean() > 1


def test_objects_far_apart_share_a_pass_and_touching_ones_do_not() -> None:
    shape = street(384)
    found = regions(shape, 384, 16)
    numbers = [found.listed.index(Region(2, thing)) for thing in (1, 2, 3)]
    groups = grouped(changes(found, numbers), found.number.shape, 16)
    things = [[found.listed[change.region].thing for change in group] for group in groups]
    assert things == [[1, 3], [2]]


def test_shares_fall_with_the_distance_to_the_object() -> None:
    shape = street()
    found = regions(shape, 192, 16)
    number = found.listed.index(Region(2, 3))
    [change] = changes(found, [number])
    full = np.zeros(found.number.shape)
    full[change.place] = change.share
    reach = feather(found.size)
    rows, columns = np.nonzero(found.number == number)
    for y, x in itertools.product(range(50, 90), range(160, 192)):
        nearest = np.sqrt(((rows - y) ** 2 + (columns - x) ** 2).min())
        assert full[y, x] == pytest.approx(max(1 - nearest / (reach + 1), 0), abs=1e-3)


def test_feathers_that_meet_share_the_place() -> None:
    shape = street()
    found = regions(shape, 192, 16)
    number = found.number
    numbers = [found.listed.index(Region(2, thing)) for thing in (1, 2)]
    both = changes(found, numbers)
    base = np.zeros((*number.shape, 3), np.float32)
    passes = [(c, np.full((*c.share.shape, 3), 1.0 + i, np.float32)) for i, c in enumerate(both)]
    out = joined(base, passes, number)
    assert (out[number == numbers[0]] == 1).all()
    assert (out[number == numbers[1]] == 2).all()
    reach = feather(found.size)
    for x in range(8, 40):  # one pixel over the cars
        near = [
            max(1 - np.hypot(max(first - x, x - last, 0), 1) / (reach + 1), 0)
            for first, last in SPANS
        ]
        wanted = (near[0] + 2 * near[1]) / max(sum(near), 1)
        assert out[59, x, 0] == pytest.approx(wanted, abs=1e-3)
    swapped = joined(base, passes[::-1], number)
    np.testing.assert_allclose(out, swapped, atol=1e-6)


def test_a_look_for_an_object_that_is_gone_does_nothing() -> None:
    made = painter(ours())
    base = pixels(made, PerObject(None, (), 0))
    assert np.array_equal(pixels(made, PerObject(None, ((99, RED),), 0)), base)


def test_many_looks_can_be_called_off_between_blocks() -> None:
    made, asked = painter(published()), [0]

    def stop() -> bool:
        asked[0] += 1
        return asked[0] > 6

    look = PerObject(None, ((1, RED), (2, BLUE)), 0)
    give_up: Stop = stop
    with pytest.raises(Stopped):
        made.paint(street(), made.prepare(look), 192, give_up)
    assert asked[0] == 7
