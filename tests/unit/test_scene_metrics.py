"""Painters of scenes measured on held-out label maps, with small networks on small streets."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine import weights
from engine.card import Card
from engine.errors import InputError
from engine.painters.pix2pixhd.clusters import Clusters
from engine.painters.pix2pixhd.inputs import SceneInputs
from engine.painters.pix2pixhd.network import Pix2PixHd, Pix2PixHdConfig
from engine.perception.segments_network import SegmentsConfig, SegmentsNet
from engine.shapes.label_sets import cityscapes
from trainer.data.scenes import DONT_CARE, Scene
from trainer.evaluate import evaluate
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.scene_objects import masks, mean_lab
from trainer.metrics.scenes import held_out, label_map

TINY = Pix2PixHdConfig(
    embedded=4, channels=(8, 8, 8, 8, 8), blocks=(1, 1, 1, 1, 1), encoder=(4, 4, 4)
)


def _save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for split in ("train", "val"):
        for n in range(3):
            labels = np.full((64, 96), 23, np.uint8)
            labels[30:] = 7
            labels[36:52, 9 * n : 9 * n + 20] = 26
            objects = np.where(labels == 26, 26000 + n, labels).astype(np.uint16)
            photo = rng.integers(0, 256, (64, 96, 3), dtype=np.uint8)
            for part, pixels in (("label", labels), ("inst", objects), ("img", photo)):
                _save(tmp_path / "street" / f"{split}_{part}" / f"{n}.png", pixels)
    return tmp_path


def _painter(path: Path, features: int) -> Path:
    torch.manual_seed(0)
    config = replace(TINY, inputs=SceneInputs(features=features))
    card = Card(
        id="street",
        architecture="pix2pixhd",
        title="Street",
        summary="",
        config=asdict(config),
        shape="LabelMap",
        takes=("PerObject",),
        side=96,
        alpha=False,
    )
    tensors = Pix2PixHd(config).state_dict()
    if features:
        cars = np.array([[-0.9] * features, [0.9] * features], np.float32)
        tensors |= Clusters(features, {26: cars}, {7: cars.mean(0)}).tensors()
    weights.save(path, card, tensors)
    return path


def _judge(path: Path) -> Path:
    config = SegmentsConfig(cityscapes(), (7, 23, 26), (4, 4, 4, 4, 4), 96)
    card = Card(
        id="judge",
        architecture="segments",
        title="Judge",
        summary="",
        config=asdict(config),
        shape="LabelMap",
    )
    weights.save(path, card, SegmentsNet(config).state_dict())
    return path


def test_labels_are_read_again_beside_photos_and_pix2pix(data: Path, tmp_path: Path) -> None:
    found = evaluate(
        EvaluateOptions(
            model=str(_painter(tmp_path / "mine.safetensors", 3)),
            data=data,
            noise=_painter(tmp_path / "pix2pix.safetensors", 0),
            segments=_judge(tmp_path / "judge.safetensors"),
            judge=tmp_path / "none.pth",
            sheets=tmp_path / "sheets",
            device="cpu",
        )
    )
    by_id = {row["id"]: row for row in found["figures"]}
    read_again = {"miou.drawn", "accuracy.drawn", "miou.own", "accuracy.own"}
    assert set(by_id) == read_again | {"object.change", "object.outside"}
    row = by_id["miou.drawn"]
    assert set(row["baselines"]) == {"real photos", "pix2pix"}
    assert row["target"][0] == pytest.approx(0.7 * row["baselines"]["real photos"], abs=1e-5)
    assert row["n"] == 3
    assert [gap["id"] for gap in found["gaps"]] == ["features"]
    sheet = cv2.imread(str(tmp_path / "sheets" / "scenes.png"))
    assert sheet is not None
    assert sheet.shape[1] > 6 * 256


def test_without_a_judge_the_gap_says_how_to_get_one(data: Path, tmp_path: Path) -> None:
    found = evaluate(
        EvaluateOptions(
            model=str(_painter(tmp_path / "mine.safetensors", 3)),
            data=data,
            judge=tmp_path / "none.pth",
            device="cpu",
        )
    )
    reasons = {gap["id"]: gap["reason"] for gap in found["gaps"]}
    assert "guise train segmenter --preset judge" in reasons["miou"]


def test_a_judge_that_reads_something_else_is_refused(data: Path, tmp_path: Path) -> None:
    painter = _painter(tmp_path / "mine.safetensors", 3)
    options = EvaluateOptions(model=str(painter), data=data, segments=painter, device="cpu")
    with pytest.raises(InputError, match="does not read the labels of scenes"):
        evaluate(options)


def test_things_become_objects_and_surfaces_do_not(data: Path) -> None:
    scene = held_out(data / "street", 0)[1]
    assert set(np.unique(scene.shape.objects)) == {0, 1}
    np.testing.assert_array_equal(scene.shape.objects == 1, scene.shape.labels == 26)
    only = np.full((32, 32), 26, np.uint8)
    only[:2] = DONT_CARE
    numbers = np.where(np.arange(32) < 16, 4, 9)[None].repeat(32, 0).astype(np.int32)
    shape = label_map(Scene(only, numbers, np.zeros((32, 32, 3), np.uint8)), cityscapes())
    assert set(np.unique(shape.objects[2:])) == {1, 2}
    assert (shape.labels[:2] == 0).all()
    assert (shape.objects[:2] == 0).all()


def test_where_an_object_may_change() -> None:
    mask = np.zeros((48, 96), bool)
    mask[10:30, 20:60] = True
    inside, around = masks(mask, (48, 96))
    assert inside.sum() == 18 * 38
    assert around[8, 40] and around[31, 40]
    assert not around[6, 40] and not around[20, 63]
    assert not masks(mask, (6, 12))[0].all()


def test_colours_in_lab() -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    picture[:, 2:] = 255
    where = np.zeros((4, 4), bool)
    where[:, 2:] = True
    np.testing.assert_allclose(mean_lab(picture, where), (100, 0, 0), atol=0.1)
    np.testing.assert_allclose(mean_lab(picture, ~where), (0, 0, 0), atol=0.1)
