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
from engine.painters.pix2pixhd.object_look import Window, feather, joined, window
from engine.painters.pix2pixhd.official import PAPER, OfficialConfig, OfficialHd
from engine.painters.pix2pixhd.painter import ScenePainter
from engine.painters.pix2pixhd.regions import Region, regions
from engine.painters.pix2pixhd.walk import Pinned, Recorded
from engine.runtime import Runtime
from engine.scene_looks import class_key
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
    return _loud(Pix2PixHd(Pix2PixHdConfig(SceneInputs(3), 8, (16,) * 5, (1,) * 5, (4, 4, 4))))  # type: ignore[arg-type]


def _loud(network: SceneNetwork) -> SceneNetwork:
    """Looks matter as they do after training, and pictures are neither black nor white."""
    with torch.no_grad():
        if isinstance(network, OfficialHd):
            keep_variance(network)
            if not list(network.buffers()):  # normalised to one over the picture
                network.generator.model[-2].weight *= 0.15  # type: ignore[operator]
        for parameter in network.parameters():
            if parameter.ndim == 4 and parameter.shape[1] == network.inputs.channels:
                parameter[:, -3:] *= 3
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
    assert np.abs(red - blue)[inside].mean() > 2


@pytest.mark.parametrize("network", [published(), ours()])
def test_less_leaks_before_blending_than_from_a_naive_repaint(network: SceneNetwork) -> None:
    shape = street()
    x, there, other = pair(network, shape)
    with torch.inference_mode():
        walk = Recorded(lambda: None)
        base = network.paint(x, walk)
        naive = (network.paint(other) - base)[0].numpy()
        rows, columns = there.place
        both = torch.cat([x, other])[:, :, rows, columns]
        mask = torch.from_numpy(there.share > 0)[None, None]
        painted = network.paint(both, Pinned(mask, walk.statistics, lambda: None))
    pinned = np.zeros_like(naive)
    pinned[:, rows, columns] = (painted[1:] - painted[:1])[0].numpy()
    outside, inside = ~dilated(shape, 3), shape.objects == 3
    leak = np.abs(naive[:, outside]).mean() / (np.abs(pinned[:, outside]).mean() + 1e-12)
    assert leak >= 5
    ratio = np.abs(pinned[:, inside]).mean() / np.abs(naive[:, inside]).mean()
    assert 0.5 < ratio < 2  # the object itself still takes the look


def pair(network: SceneNetwork, shape: LabelMap) -> tuple[torch.Tensor, Window, torch.Tensor]:
    """What the network takes for the base and for a red third car, and the car's window."""
    made = painter(network)
    found = regions(shape, 192, network.stride)
    number = found.listed.index(Region(2, 3))
    tables = [np.stack([made.clusters.mean(region.label) for region in found.listed])] * 2
    tables[1] = tables[0].copy()
    tables[1][number] = RED.values
    keys = torch.from_numpy(found.number)[None]
    channels = network.inputs.shape(torch.from_numpy(found.labels.astype(int))[None], keys)
    x, other = (
        torch.cat([channels, torch.from_numpy(table[found.number]).permute(2, 0, 1)[None]], 1)
        for table in tables
    )
    return x, window(found, number, network.stride), other


def test_a_pinned_pass_with_nothing_to_change_is_the_base() -> None:
    network = published().eval()
    x = torch.rand(1, network.inputs.channels, 48, 64)
    walk = Recorded(lambda: None)
    nothing = torch.zeros(1, 1, 48, 64, dtype=torch.bool)
    with torch.inference_mode():
        plain, recorded = network.paint(x), network.paint(x, walk)
        both = network.paint(
            torch.cat([x, torch.rand_like(x)]), Pinned(nothing, walk.statistics, lambda: None)
        )
    torch.testing.assert_close(recorded, plain, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(both[:1], plain, atol=1e-4, rtol=1e-3)


def test_the_order_of_edits_does_not_matter() -> None:
    made = painter(published())
    edits = ((1, RED), (2, Sampled(7)), (3, BLUE))
    pictures = [pixels(made, PerObject(None, order, 5)) for order in itertools.permutations(edits)]
    for picture in pictures[1:]:
        assert np.array_equal(picture, pictures[0])


def test_what_an_object_shows_does_not_depend_on_other_looks() -> None:
    """Cars 1 and 2 touch; all of a car's own pixels are out of its own pass."""
    made, shape = painter(published()), street()
    looks = ((1, RED), (2, BLUE), (3, RED))
    together = pixels(made, PerObject(None, looks, 0))
    for thing, look in looks:
        alone = pixels(painter(published()), PerObject(None, ((thing, look),), 0))
        inside = shape.objects == thing
        assert np.array_equal(together[inside], alone[inside])


def test_kept_parts_of_earlier_pictures_give_the_same_bytes() -> None:
    made, fresh = painter(published()), painter(published())
    for looks in (((1, RED),), ((1, BLUE), (3, RED)), ((1, RED), (3, RED))):
        last = pixels(made, PerObject(None, looks, 0))
    assert np.array_equal(last, pixels(fresh, PerObject(None, looks, 0)))


@pytest.mark.parametrize("network", [published(), ours()])
def test_a_window_shows_what_the_whole_picture_would(network: SceneNetwork) -> None:
    shape = street()
    x, there, other = pair(network, shape)
    full = torch.zeros(1, 1, *x.shape[2:], dtype=torch.bool)
    rows, columns = there.place
    full[0, 0, rows, columns] = torch.from_numpy(there.share > 0)
    with torch.inference_mode():
        walk = Recorded(lambda: None)
        network.paint(x, walk)
        both = torch.cat([x, other])
        whole = network.paint(both, Pinned(full, walk.statistics, lambda: None))
        masks = full[:, :, rows, columns]
        part = network.paint(
            both[:, :, rows, columns], Pinned(masks, walk.statistics, lambda: None)
        )
    inside = torch.from_numpy(there.share == 1).expand(3, -1, -1)
    wanted = (whole[1] - whole[0])[:, rows, columns][inside]
    error = (part[1] - part[0])[inside] - wanted
    assert error.abs().mean() < 0.15 * wanted.abs().mean()


@pytest.mark.parametrize("stride", [4, 32])
def test_windows_lie_on_the_networks_grid_and_hold_their_feather(stride: int) -> None:
    found = regions(street(), 192, stride)
    for number in range(len(found.listed)):
        there = window(found, number, stride)
        for part, length in zip(there.place, found.number.shape, strict=True):
            assert part.start % stride == 0
            assert part.stop % stride == 0
            assert 2 * stride <= part.stop - part.start <= length
        full = np.zeros(found.number.shape, np.float32)
        full[there.place] = there.share
        reach = feather(found.size)
        far = cv2.dilate((full == 1).astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8))
        assert np.array_equal(full == 1, found.number == number)
        assert not full[far == 0].any()


def test_shares_fall_with_the_distance_to_the_object() -> None:
    found = regions(street(), 192, 16)
    number = found.listed.index(Region(2, 3))
    there = window(found, number, 16)
    full = np.zeros(found.number.shape)
    full[there.place] = there.share
    reach = feather(found.size)
    rows, columns = np.nonzero(found.number == number)
    for y, x in itertools.product(range(50, 90), range(160, 192)):
        nearest = np.sqrt(((rows - y) ** 2 + (columns - x) ** 2).min())
        assert full[y, x] == pytest.approx(max(1 - nearest / (reach + 1), 0), abs=1e-3)


def test_feathers_that_meet_share_the_place() -> None:
    found = regions(street(), 192, 16)
    number = found.number
    numbers = [found.listed.index(Region(2, thing)) for thing in (1, 2)]
    both = [window(found, n, 16) for n in numbers]
    base = np.zeros((*number.shape, 3), np.float32)
    changed = [
        (there, np.full((*there.share.shape, 3), 1.0 + i, np.float32))
        for i, there in enumerate(both)
    ]
    out = joined(base, changed, number)
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


def test_a_class_has_a_look_too_and_its_objects_may_have_others() -> None:
    made, shape = painter(published()), street()
    prepared = made.prepare(PerObject(None, ((class_key(2), RED), (3, BLUE)), 0))
    assert made.look_of(shape, prepared, 1).values == pytest.approx(RED.values)
    assert made.look_of(shape, prepared, 3).values == pytest.approx(BLUE.values)
    plain, red = (pixels(made, PerObject(None, own, 0)) for own in ((), ((class_key(2), RED),)))
    assert np.abs(plain - red)[shape.objects == 1].mean() > 4


def test_a_look_for_an_object_that_is_gone_does_nothing() -> None:
    made = painter(ours())
    base = pixels(made, PerObject(None, (), 0))
    assert np.array_equal(pixels(made, PerObject(None, ((99, RED),), 0)), base)


def test_many_looks_can_be_called_off_between_blocks() -> None:
    made, asked = painter(published()), [0]

    def stop() -> bool:
        asked[0] += 1
        return asked[0] > 20

    look = PerObject(None, ((1, RED), (2, BLUE)), 0)
    give_up: Stop = stop
    with pytest.raises(Stopped):
        made.paint(street(), made.prepare(look), 192, give_up)
    assert asked[0] == 21
