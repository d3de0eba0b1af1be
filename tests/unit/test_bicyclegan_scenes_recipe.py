"""Training BicycleGAN on label maps, with a small network on small house fronts."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine import registry, weights
from engine.appearance import Sampled
from engine.errors import InputError
from engine.painters.bicyclegan.network import BicycleConfig
from engine.painters.scenes import SceneBicyclePainter
from engine.runtime import Runtime
from engine.shapes.label_sets import facades
from engine.shapes.labels import LabelMap
from trainer.commands import train
from trainer.loop import RunOptions
from trainer.recipes.bicyclegan_scenes import (
    SceneBicycleRecipe,
    train_bicyclegan_scenes,
)

TINY = BicycleConfig(channels=(8, 8, 8, 8, 8), encoder=(8, 8, 8, 8), looks=3, hidden=8)


@pytest.fixture
def fronts(tmp_path: Path) -> Path:
    entries = [{"id": n, "name": f"label {n}", "color": [n, n, n]} for n in range(9)]
    (tmp_path / "labels.json").write_text(json.dumps(entries))
    for split in ("train", "val"):
        for n in range(3):
            labels = np.full((64, 64), 1, np.uint8)
            labels[10:20, 4 * n : 4 * n + 12] = 8
            photo = np.where(labels[..., None] == 8, 40, (90, 120, 60 * n)).astype(np.uint8)
            for part, pixels in (("label", labels), ("img", photo)):
                (tmp_path / f"{split}_{part}").mkdir(exist_ok=True)
                cv2.imwrite(str(tmp_path / f"{split}_{part}/{n}.png"), pixels)
    return tmp_path


def _recipe(data: Path, sides: tuple[int, ...] = (32, 64)) -> SceneBicycleRecipe:
    return SceneBicycleRecipe(
        data, sides=sides, shares=(0.5, 0.5), network=TINY, perceptual_weight=0.0, conditional=True
    )


def test_both_sides_are_trained_and_paint_maps(fronts: Path, tmp_path: Path) -> None:
    options = RunOptions(out=tmp_path / "run", images=16, batch=2, device="cpu", threads=1)
    loaded = weights.load(train_bicyclegan_scenes(_recipe(fronts), options))
    assert set(loaded.card.metrics) == {"encoded_l1", "random_l1", "latent"}
    painter = registry.build(loaded, Runtime(torch.device("cpu"), torch.float32))
    assert isinstance(painter, SceneBicyclePainter)
    shape = LabelMap.blank((64, 48), facades())
    picture = painter.paint(shape, painter.prepare(Sampled(1, shape)), 64, lambda: False)
    assert picture.pixels.shape == (48, 64, 3)


def test_sides_that_do_not_halve_are_refused(fronts: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="multiples of 32"):
        train_bicyclegan_scenes(_recipe(fronts, (40, 64)), RunOptions(out=tmp_path / "run"))


def test_its_options_can_be_listed(fronts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        train.main(["bicyclegan-scenes", "--data", str(fronts), "--help"])
    assert ended.value.code == 0
    assert "--pack" in capsys.readouterr().out
