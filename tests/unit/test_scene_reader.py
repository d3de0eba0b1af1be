"""Photos read as label maps, objects found in labels, and the figures of both."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
import torch

from engine import registry, weights
from engine.card import Card
from engine.errors import InputError, ModelError
from engine.perception.segments import SegmentsReader, load
from engine.perception.segments_network import SegmentsConfig, SegmentsNet
from engine.photo import Photo
from engine.runtime import Runtime
from engine.scene_jobs import as_labelled
from engine.shapes.label_sets import cityscapes
from trainer.commands.prepare_instances import object_numbers, prepare_instances
from trainer.data.scenes import DONT_CARE, find_scenes
from trainer.loop import RunOptions
from trainer.metrics.segmentation import agreement, confusion
from trainer.recipes.segmenter import SegmenterRecipe, train_segmenter

CPU = Runtime(torch.device("cpu"), torch.float32)
SKY, ROAD, CAR = (230, 200, 160), (60, 60, 60), (30, 30, 200)


def _scene(left: int) -> tuple[np.ndarray, np.ndarray]:
    """(64, 96) labels and BGR pixels: sky, road, two cars."""
    labels = np.full((64, 96), 23, np.uint8)
    labels[30:] = 7
    labels[36:52, left : left + 20] = 26
    labels[34:46, left + 40 : left + 54] = 26
    photo = np.zeros((64, 96, 3), np.uint8)
    for label, colour in ((23, SKY), (7, ROAD), (26, CAR)):
        photo[labels == label] = colour
    return labels, photo


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("streets")
    for split in ("train", "val"):
        for part in ("label", "img"):
            (folder / f"{split}_{part}").mkdir()
        for n in range(4):
            labels, photo = _scene(2 + 9 * n)
            cv2.imwrite(str(folder / f"{split}_label/{n}.png"), labels)
            cv2.imwrite(str(folder / f"{split}_img/{n}.png"), photo)
    return folder


@pytest.fixture(scope="module")
def trained(streets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader that has learned these streets."""
    out = tmp_path_factory.mktemp("run")
    recipe = SegmenterRecipe(
        streets, size=(64, 96), channels=(8, 12, 16, 16, 16), side=96, rate=4e-3
    )
    options = RunOptions(out=out, images=320, batch=4, device="cpu", threads=1, warmup=10)
    return train_segmenter(recipe, options)


def test_a_trained_reader_finds_labels_and_objects(trained: Path) -> None:
    reader = registry.build(weights.load(trained), CPU)
    assert isinstance(reader, SegmentsReader)
    labels, photo = _scene(20)
    shape = reader.read(Photo(np.ascontiguousarray(photo[..., ::-1])))
    assert shape.size == (96, 64)
    assert (shape.labels == labels).mean() > 0.9
    cars = [one for one in shape.instances.values() if one.label == 26]
    assert len(cars) == 2
    assert all(one.area > 60 for one in cars)


def test_large_photos_give_maps_of_limited_size(trained: Path) -> None:
    reader = load(*_parts(trained), CPU)
    _, photo = _scene(20)
    large = cv2.resize(photo, (1536, 1000), interpolation=cv2.INTER_NEAREST)
    shape = reader.read(Photo(np.asarray(large, np.uint8)))
    assert shape.size == (1024, 667)


def test_a_large_photo_is_paired_with_its_map(trained: Path) -> None:
    _, photo = _scene(10)
    large = np.repeat(np.repeat(photo[..., ::-1], 18, 0), 18, 1)
    shown = as_labelled(Photo(large), load(*_parts(trained), CPU).read(Photo(large)))
    assert shown.size == (1024, 683)
    assert (shown.pixels[300, 500] == photo[28, 46, ::-1]).all()
    small = Photo(np.ascontiguousarray(photo[..., ::-1]))
    assert as_labelled(small, load(*_parts(trained), CPU).read(small)) is small


def test_labels_are_in_the_order_for_people(trained: Path) -> None:
    _, photo = _scene(10)
    assert load(*_parts(trained), CPU).read(Photo(photo)).label_set.ids == cityscapes().ids


def test_its_card_says_how_well_it_reads(trained: Path) -> None:
    card = weights.read_card(trained)
    assert (card.architecture, card.shape) == ("segments", "LabelMap")
    assert card.metrics["miou"]["value"] > 0.6
    assert 0 not in card.config["outputs"]


def _parts(path: Path) -> tuple[Card, dict[str, torch.Tensor]]:
    found = weights.load(path)
    return found.card, found.tensors


def test_weights_of_another_size_are_refused() -> None:
    config = SegmentsConfig(cityscapes(), (7, 23), (4, 4, 4, 4, 4))
    card = Card(id="x", architecture="segments", title="", summary="", config=asdict(config))
    plain = msgspec.json.decode(msgspec.json.encode(card), type=Card)
    other = SegmentsNet(SegmentsConfig(cityscapes(), (7, 23), (4, 4, 4, 4, 8)))
    with pytest.raises(ModelError, match="'x' does not read scenes"):
        load(plain, other.state_dict(), CPU)


def test_figures_of_confusions() -> None:
    truth = np.array([[0, 0, 1, 1, 255]])
    found = np.array([[0, 1, 1, 1, 0]])
    result = agreement(confusion(truth, found, 3))
    assert result.accuracy == pytest.approx(3 / 4)
    assert result.by_class == {0: pytest.approx(1 / 2), 1: pytest.approx(2 / 3)}
    assert result.miou == pytest.approx((1 / 2 + 2 / 3) / 2)


def test_objects_are_made_where_only_labels_exist(streets: Path) -> None:
    assert prepare_instances(streets, "train") == 4
    assert prepare_instances(streets) == 4  # those of val; the others are there
    scene = find_scenes(streets, "train").load(0)
    assert set(np.unique(scene.objects)) == {7, 23, 26000, 26001}
    np.testing.assert_array_equal(scene.objects // 1000 == 26, scene.labels == 26)


def test_gaps_and_crowds_in_labels() -> None:
    labels = np.full((8, 8), DONT_CARE, np.uint8)
    labels[2:4, 2:4] = 24
    numbers = object_numbers(labels, cityscapes(), Path("m.png"))
    assert set(np.unique(numbers)) == {0, 24000}
    crowd = np.full((130, 130), 7, np.uint8)
    crowd[::2, ::2] = 24
    with pytest.raises(InputError, match=r"m\.png has 4225 pieces of 'person'"):
        object_numbers(crowd, cityscapes(), Path("m.png"))


def test_a_folder_without_label_maps(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="train_label"):
        prepare_instances(tmp_path)
