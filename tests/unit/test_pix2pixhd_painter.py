"""Scenes from label maps: any size, looks of every kind, model files there and back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn.functional import conv2d, pad

from engine import weights
from engine.appearance import Appearance, FromPhoto, Mix, PerObject, Sampled, Vector
from engine.card import Card
from engine.errors import InputError, ModelError, Unsupported
from engine.painters.base import Stopped
from engine.painters.layers import keep_variance
from engine.painters.pix2pixhd.clusters import Clusters, clusters_from
from engine.painters.pix2pixhd.inputs import SceneInputs
from engine.painters.pix2pixhd.network import Pix2PixHd, Pix2PixHdConfig
from engine.painters.pix2pixhd.official import PAPER, EncoderConfig, OfficialConfig, OfficialHd
from engine.painters.pix2pixhd.painter import ScenePainter, load
from engine.painters.pix2pixhd.regions import Region, compact, regions
from engine.photo import Mask, Photo
from engine.runtime import Runtime
from engine.scene_looks import class_looks, dice
from engine.shapes.labels import Label, LabelMap, LabelSet

BLACK = Photo(np.zeros((64, 64, 3), np.uint8))
RUNTIME = Runtime(torch.device("cpu"), torch.float32)
NAMES = ("road", "sky", "car")
STREET = LabelSet("street", tuple(Label(i, n, (i, i, i), n == "car") for i, n in enumerate(NAMES)))
TINY = Pix2PixHdConfig(SceneInputs(3), 8, (8, 8, 8, 8, 8), (1, 1, 1, 1, 1), (4, 4, 4))
CENTRES = {2: np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3)}
MEANS = {0: np.array([0.1, 0.2, 0.3], np.float32), 2: np.array([0.4, 0, 0], np.float32)}


def street(width: int = 80, height: int = 60, cars: int = 2) -> LabelMap:
    labels = np.zeros((height, width), np.uint8)
    objects = np.zeros((height, width), np.int32)
    labels[: height // 3] = 1
    for n in range(cars):
        box = np.s_[height // 2 : height // 2 + 9, 4 + 20 * n : 16 + 20 * n]
        labels[box], objects[box] = 2, n + 1
    return LabelMap(labels, objects, STREET)


def card(architecture: str = "pix2pixhd", side: int = 96) -> Card:
    config = asdict(TINY)
    return Card(id="x", architecture=architecture, title="X", summary="", config=config, side=side)


@pytest.fixture(scope="module")
def painter() -> ScenePainter:
    torch.manual_seed(2)
    return ScenePainter(card(), Pix2PixHd(TINY), Clusters(3, CENTRES, MEANS), RUNTIME)


def pixels(
    painter: ScenePainter, look: Appearance, shape: LabelMap | None = None, side: int = 80
) -> NDArray[np.int16]:
    prepared = painter.prepare(look)
    picture = painter.paint(shape or street(), prepared, side, lambda: False)
    return picture.pixels.astype(np.int16)


@pytest.mark.parametrize("size", [(80, 60), (33, 97), (1, 1), (7, 300), (96, 96)])
@pytest.mark.parametrize("side", [1, 31, 80, 96, 250])
def test_any_canvas_is_painted_at_any_size(
    painter: ScenePainter, size: tuple[int, int], side: int
) -> None:
    shape = LabelMap.blank(size, STREET)
    picture = painter.paint(shape, painter.prepare(Sampled(0)), side, lambda: False)
    long, short = max(size), min(size)
    assert max(picture.size) == side
    assert min(picture.size) == max(round(short * side / long), 1)


def test_a_published_network_paints_beyond_its_own_size_and_ours_is_enlarged(
    painter: ScenePainter,
) -> None:
    config = OfficialConfig(SceneInputs(3, 0, False), width=4, downs=2, blocks=1)
    published = ScenePainter(card(PAPER), OfficialHd(config), Clusters(3), RUNTIME)
    assert published.own_side(500) == 500
    assert painter.own_side(500) == 96
    assert painter.own_side(40) == 40
    assert "96 px" in painter.lessened(500)
    assert not painter.lessened(96)
    assert not published.lessened(500)


def test_odd_sizes_are_padded_with_what_is_at_the_border(painter: ScenePainter) -> None:
    shape = street(70, 50)
    found = pixels(painter, Vector((0.5, 0.0, 0.2)), shape, 70)
    labels, objects = (
        torch.from_numpy(np.pad(ids.astype(np.int32), ((0, 14), (0, 26)), "edge"))[None]
        for ids in (shape.labels, shape.objects)
    )
    look = torch.tensor([0.5, 0.0, 0.2])[:, None, None].expand(1, 3, 64, 96)
    x = torch.cat([painter.network.inputs.shape(labels, objects * 10 + labels), look], 1)
    with torch.inference_mode():
        painted = painter.network.paint(x).transpose(0, 1)
        taps = torch.tensor([-1.0, 4, 10, 4, -1]) / 16
        smooth = conv2d(pad(painted, (2, 2, 2, 2), "reflect"), torch.outer(taps, taps)[None, None])
        wanted = smooth[:, 0, :50, :70].permute(1, 2, 0).numpy()
    assert np.abs(found - (wanted + 1) * 127.5).max() <= 0.51


def test_the_same_request_gives_the_same_bytes(painter: ScenePainter) -> None:
    look = PerObject(Sampled(1), ((1, Vector((1.0, 0.0, 0.0))),), 3)
    assert np.array_equal(pixels(painter, look), pixels(painter, look))


def test_dice_are_the_same_everywhere_and_differ_by_object() -> None:
    clusters = Clusters(3, {2: np.arange(30, dtype=np.float32).reshape(10, 3)})
    rows = [int(clusters.drawn(5, 2, thing)[0]) // 3 for thing in range(1, 9)]
    assert rows == [DRAWN[thing] for thing in range(8)]
    assert len(set(rows)) > 3
    assert [int(clusters.drawn(6, 2, t)[0]) // 3 for t in range(1, 9)] != rows


DRAWN = (2, 4, 4, 8, 3, 7, 0, 8)
"""BLAKE2b of "5:2:1" to "5:2:8", eight bytes, modulo 10."""


def test_classes_without_clusters_have_a_look() -> None:
    clusters = Clusters(3, CENTRES, MEANS)
    assert clusters.drawn(1, 0, 0).tolist() == pytest.approx([0.1, 0.2, 0.3])
    everyone = np.mean([MEANS[0], MEANS[2]], axis=0)
    np.testing.assert_allclose(clusters.drawn(1, 7, 0), everyone)
    assert Clusters(3).drawn(1, 7, 0).tolist() == [0, 0, 0]
    np.testing.assert_allclose(Clusters(3, CENTRES).mean(2), CENTRES[2].mean(0), atol=1e-6)


def test_an_object_keeps_its_look_when_others_come_and_go(painter: ScenePainter) -> None:
    prepared = painter.prepare(PerObject(None, (), 4))
    first = painter.look_of(street(cars=2), prepared, 2)
    assert painter.look_of(street(cars=3), prepared, 2) == first


def test_sliders_dice_and_mixes_reach_their_object(painter: ScenePainter) -> None:
    shape = street()
    a, b = Vector((1.0, 0.0, -1.0)), Vector((0.0, 1.0, 1.0))
    looks = ((1, Mix(a, b, 0.25)), (2, Sampled(11)))
    prepared = painter.prepare(PerObject(None, looks, 0))
    assert painter.look_of(shape, prepared, 1).values == pytest.approx((0.75, 0.25, -0.5))
    drawn = painter.clusters.drawn(11, 2, 2).tolist()
    assert painter.look_of(shape, prepared, 2).values == pytest.approx(tuple(drawn))
    assert len(painter.choices(2)) == 5
    assert painter.choices(1) == (Vector(tuple(painter.clusters.mean(1).tolist())),)


def photo_of(shape: LabelMap) -> Photo:
    random = np.random.default_rng(0).integers(0, 255, (*shape.labels.shape, 3))
    return Photo((random // 2 + 60 * shape.labels[..., None]).astype(np.uint8))


def test_looks_of_a_photo_are_means_over_its_objects(painter: ScenePainter) -> None:
    shape = street(96, 64)
    photo = photo_of(shape)
    prepared = painter.prepare(FromPhoto(photo, shape))
    picture = torch.from_numpy(photo.pixels.astype(np.float32)).permute(2, 0, 1)[None] / 127.5 - 1
    with torch.inference_mode():
        features = painter.network.features(picture)[0].numpy()
    for thing in (1, 2):
        wanted = features[:, shape.objects == thing].mean(1)
        np.testing.assert_allclose(prepared.base(Region(2, thing)), wanted, atol=1e-5)
    unseen = prepared.base(Region(2, 77))  # another car: the mean of the photo's cars
    np.testing.assert_allclose(unseen, features[:, shape.labels == 2].mean(1), atol=1e-5)
    with_mask = painter.vector(
        FromPhoto(photo, shape, Mask((shape.objects == 1).astype(np.uint8) * 255))
    )
    np.testing.assert_allclose(with_mask.values, prepared.base(Region(2, 1)), atol=1e-5)


def test_a_class_that_a_photo_lacks_gets_its_own_look(painter: ScenePainter) -> None:
    shape = LabelMap(np.ones((64, 96), np.uint8), np.zeros((64, 96), np.int32), STREET)
    prepared = painter.prepare(PerObject(FromPhoto(photo_of(shape), shape), (), 9))
    drawn = painter.clusters.drawn(9, 2, 3)
    assert np.array_equal(prepared.base(Region(2, 3)), drawn)


@pytest.mark.parametrize(
    ("look", "words"),
    [
        (Vector((1.0,)), "3 numbers"),
        (FromPhoto(BLACK), "no label map"),
        (FromPhoto(BLACK, street()), "80 x 60 px"),
        (
            FromPhoto(BLACK, None, Mask(np.zeros((64, 64), np.uint8))),
            "Nothing is marked",
        ),
        (
            FromPhoto(
                Photo(np.zeros((64, 64, 3), np.uint8)), None, Mask(np.zeros((4, 4), np.uint8))
            ),
            "photo's size",
        ),
    ],
)
def test_looks_that_cannot_be_used_are_explained(
    painter: ScenePainter, look: Appearance, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        painter.prepare(PerObject(None, ((1, look),), 0))


def test_a_look_that_depends_on_the_object_is_no_vector(painter: ScenePainter) -> None:
    with pytest.raises(Unsupported, match="object"):
        painter.vector(Sampled(1))


def test_without_an_encoder_photos_are_refused() -> None:
    config = OfficialConfig(SceneInputs(3, 0, False), width=4, downs=2, blocks=1)
    bare = ScenePainter(card(PAPER), OfficialHd(config), Clusters(3), RUNTIME)
    with pytest.raises(Unsupported, match="import its encoder"):
        bare.prepare(FromPhoto(photo_of(street()), street()))


def test_a_network_of_label_pictures_is_given_the_colours() -> None:
    config = OfficialConfig(SceneInputs(0, 3, False, False, 0), width=4, downs=2, blocks=1)
    torch.manual_seed(0)
    network = OfficialHd(config)
    keep_variance(network)
    made = ScenePainter(card(PAPER), network, Clusters(0), RUNTIME)
    shape = street(96, 64)
    found = pixels(made, Sampled(0), shape, 96)
    x = torch.from_numpy(STREET.colours[shape.labels] / np.float32(127.5) - 1)
    with torch.inference_mode():
        wanted = network.paint(x.permute(2, 0, 1)[None])[0].permute(1, 2, 0).numpy()
    assert np.abs(found - (wanted + 1) * 127.5).max() <= 0.51


def test_looks_may_belong_to_classes() -> None:
    inputs = SceneInputs(3, 0, False, True, 3, by_class=True)
    network = OfficialHd(OfficialConfig(inputs, width=4, downs=2, blocks=1))
    made = ScenePainter(card(PAPER), network, Clusters(3, CENTRES), RUNTIME)
    found = regions(street(), 80, network.stride, made.network.inputs.by_class)
    assert found.listed == (Region(0, 0), Region(1, 0), Region(2, 0))


def test_painting_can_be_called_off_between_blocks(painter: ScenePainter) -> None:
    asked = [0]

    def stop() -> bool:
        asked[0] += 1
        return asked[0] >= 5

    with pytest.raises(Stopped):
        painter.paint(street(), painter.prepare(Sampled(0)), 80, stop)
    assert asked[0] == 5


def test_five_thousand_objects_are_painted(painter: ScenePainter) -> None:
    height, width = 192, 256
    block = np.arange(48 * 128).reshape(48, 128) % 5000 + 1
    objects = np.kron(block, np.ones((4, 2), int)).astype(np.int32)
    shape = LabelMap(np.full((height, width), 2, np.uint8), objects, STREET)
    looks = tuple((thing, Vector((1.0, 1.0, 1.0))) for thing in (3, 17))
    assert pixels(painter, PerObject(None, looks, 0), shape, 96).shape == (72, 96, 3)


def test_ids_are_numbered_without_gaps_however_large() -> None:
    ids = np.array([[2**31 - 2, 5], [5, 0]], np.int32)
    for values in (ids, ids % 11):
        found, place = compact(values)
        assert np.array_equal(found[place], values)
        assert np.array_equal(found, np.unique(values))


@pytest.mark.parametrize("published", [False, True])
def test_a_model_file_paints_what_its_network_painted(tmp_path: Path, published: bool) -> None:
    torch.manual_seed(4)
    clusters = Clusters(3, CENTRES, MEANS)
    config = OfficialConfig(
        SceneInputs(3, 0, False), width=4, downs=2, blocks=1, encoder=EncoderConfig(3, 4, 2)
    )
    network = OfficialHd(config) if published else Pix2PixHd(TINY)
    tensors = network.state_dict() | clusters.tensors()
    own = Card(
        id="x",
        architecture=PAPER if published else "pix2pixhd",
        title="X",
        summary="",
        config=asdict(config if published else TINY),
        side=96,
    )
    before = ScenePainter(own, network, clusters, RUNTIME)
    weights.save(tmp_path / "x.safetensors", own, tensors)
    loaded = weights.load(tmp_path / "x.safetensors")
    after = load(loaded.card, loaded.tensors, RUNTIME)
    look = PerObject(Sampled(3), ((1, Sampled(8)),), 0)
    assert np.array_equal(pixels(before, look), pixels(after, look))
    assert clusters_from(loaded.tensors, 3).means.keys() == MEANS.keys()
    offered = class_looks(tmp_path / "x.safetensors")
    for label in (0, 2):
        np.testing.assert_array_equal([look.values for look in offered[label]], clusters.of(label))
    given = offered[2][dice(3, 2, 1) % len(offered[2])]
    assert after.look_of(street(), after.prepare(Sampled(3)), 1) == given


def test_looks_of_classes_are_read_from_model_files_only(tmp_path: Path) -> None:
    weights.save(tmp_path / "bare.safetensors", card(), Pix2PixHd(TINY).state_dict())
    assert class_looks(tmp_path / "bare.safetensors") == {}
    (tmp_path / "cut.safetensors").write_bytes(b"\0" * 50)
    for name in ("cut.safetensors", "gone.safetensors"):
        with pytest.raises(ModelError, match="missing or damaged"):
            class_looks(tmp_path / name)


def test_a_file_that_does_not_fit_its_card_is_refused() -> None:
    tensors = Pix2PixHd(TINY).state_dict()
    with pytest.raises(ModelError, match="does not fit its own card"):
        load(card(PAPER), tensors, RUNTIME)
    with pytest.raises(ModelError, match="3 numbers"):
        load(card(), tensors | Clusters(2, {1: np.zeros((2, 2), np.float32)}).tensors(), RUNTIME)


def test_bf16_paints_the_same_picture() -> None:
    torch.manual_seed(5)
    network = Pix2PixHd(TINY)
    state = {name: value.clone() for name, value in network.state_dict().items()}
    pictures = []
    for dtype in (torch.float32, torch.bfloat16):
        network = Pix2PixHd(TINY)
        network.load_state_dict(state)
        made = ScenePainter(
            card(), network, Clusters(3, CENTRES), Runtime(torch.device("cpu"), dtype)
        )
        pictures.append(pixels(made, PerObject(None, ((1, Sampled(3)),), 0)).astype(np.uint8))
    assert cv2.PSNR(*pictures) > 38
