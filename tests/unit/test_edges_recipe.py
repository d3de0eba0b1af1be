"""Training of the reader of lines: aligned pictures, a checked loss, F, one short run."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine import weights
from engine.errors import InputError
from engine.perception.edges import load
from engine.perception.edges_network import EdgesConfig
from engine.photo import Photo
from engine.runtime import Runtime
from tests.unit.products import drawn_item, write_pack
from trainer.cli import main
from trainer.data.edges import Changes, LinePhotos, line_strength, with_backdrop
from trainer.data.products import read_products
from trainer.loop import RunOptions
from trainer.recipes.edges import EdgesRecipe, EdgesTask, line_loss, train_edges
from trainer.recipes.edges_judging import score

STILL = Changes(backdrop=0, colours=0, light=0, scale=0.1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_pack(tmp_path / "items")
    return tmp_path


def recipe(data: Path, **changed: object) -> EdgesRecipe:
    given = {"packs": ("items",), "sizes": (64,), "crop": 64} | changed
    return EdgesRecipe(data=data, **given)  # type: ignore[arg-type]


def test_photo_and_lines_are_moved_together(data: Path) -> None:
    made = LinePhotos([read_products(data, ["items"], "train", 64)], STILL)
    batch = made.batch(np.random.default_rng(3), 12, 64)
    assert batch.photos.shape == (12, 3, 64, 64)
    for photo, strength in zip(batch.photos.numpy(), batch.strength[:, 0].numpy(), strict=True):
        item = (photo.min(0) < 0.9).astype(np.uint8)
        rim = cv2.morphologyEx(item, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
        assert (rim[strength > 0.8] > 0).mean() > 0.95


def test_a_seed_gives_the_same_pictures(data: Path) -> None:
    made = LinePhotos([read_products(data, ["items"], "train", 64)], Changes())
    one, two, other = (made.batch(np.random.default_rng(s), 4, 64).photos for s in (1, 1, 2))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_strength_falls_off_from_the_line() -> None:
    lines = np.zeros((20, 20), bool)
    lines[10] = True
    strength = line_strength(lines)
    assert (strength[10] == 1).all()
    assert (np.diff(strength[10:14, 5]) < 0).all()
    assert strength[13].max() < 0.05


def test_another_backdrop_leaves_the_item_and_what_it_encloses() -> None:
    photo, _ = drawn_item(4)
    item = photo.min(2) < 250
    middle = np.argwhere(item).mean(0).astype(int)
    photo[middle[0] - 2 : middle[0] + 3, middle[1] - 2 : middle[1] + 3] = 255  # a white buckle
    made = with_backdrop(photo, np.random.default_rng(0))
    inner = cv2.erode(item.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert np.array_equal(made[inner], photo[inner])
    outer = cv2.dilate(item.astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    assert (made[outer] != 255).any(1).mean() > 0.95


def test_lines_count_more_than_paper() -> None:
    logits = torch.tensor([[[[0.3, -1.2]]]])
    wanted = torch.tensor([[[[1.0, 0.0]]]])
    on, off = np.log1p(np.exp(-0.3)), np.log1p(np.exp(-1.2))
    assert float(line_loss(logits, wanted, 2.0)) == pytest.approx((3 * on + off) / 2, rel=1e-5)


def test_lines_within_two_pixels_agree_and_others_do_not() -> None:
    known = np.zeros((60, 60), bool)
    known[20, 10:50] = True
    near, far, half = (np.roll(known, n, 0) for n in (2, 3, 0))
    half = half & (np.arange(60) < 30)
    assert score([known], [near]) == (1, 1, 1)
    assert score([known], [far]) == (0, 0, 0)
    f, precision, recall = score([known], [half])
    assert precision == 1
    assert recall == pytest.approx(22 / 40)  # two more pixels lie within reach of its end
    assert f == pytest.approx(2 * recall / (1 + recall))
    both = score([known, known], [near, np.zeros_like(known)])
    assert both.recall == pytest.approx(0.5)
    assert score([known], [cv2.dilate(known.astype(np.uint8), np.ones((3, 3))) > 0]).f > 0.9


def test_a_short_run_learns_and_the_export_draws(data: Path) -> None:
    small = recipe(data, network=EdgesConfig((8, 8, 8, 8)), changes=STILL, rate=5e-3)
    out = data / "run"
    options = RunOptions(out=out, images=1200, batch=8, device="cpu", warmup=10, tick=0)
    path = train_edges(small, options)
    file = weights.load(path)
    figures = {name: entry["value"] for name, entry in file.card.metrics.items()}
    assert figures["items_f"] > 0.8
    assert file.card.config["threshold"] == figures["threshold"]
    reader = load(file.card, file.tensors, Runtime(torch.device("cpu"), torch.float32))
    photo, edges = drawn_item(100)
    drawn = reader.read(Photo(photo[..., ::-1])).raster
    assert drawn is not None
    assert score([edges == 0], [drawn > 127]).f > 0.7
    assert len(list((out / "samples").glob("*.png"))) == 1


def test_the_command_trains_and_goes_on(data: Path) -> None:
    args = ["train", "edges", "--data", str(data), "--packs", "items", "--sizes", "64"]
    args += ["--crop", "64", "--batch", "2", "--device", "cpu", "--out", str(data / "run")]
    assert main([*args, "--images", "4"]) == 0
    assert main([*args, "--images", "8"]) == 0
    lines = (data / "run" / "stats.jsonl").read_text().splitlines()
    assert [json.loads(line)["images"] for line in lines] == [4, 8]


def test_sizes_that_do_not_fit_are_explained(data: Path) -> None:
    with pytest.raises(InputError, match="one value for each"):
        EdgesTask(recipe(data, sizes=(64, 64)))
    with pytest.raises(InputError, match="multiple of 16"):
        EdgesTask(recipe(data, crop=40))
    with pytest.raises(InputError, match="multiple of 16"):
        EdgesTask(recipe(data, crop=128))
