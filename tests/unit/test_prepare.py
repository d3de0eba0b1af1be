"""`guise prepare`: pairs of edges and photos that the trainer reads; a stand-in draws the edges."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from engine import weights
from engine.card import Card
from engine.perception.edges_network import EdgesConfig, EdgesNet
from engine.photo import Photo
from engine.shapes.sketch import Sketch
from studio.__main__ import main
from tests.unit.products import drawn_item
from tests.unit.test_cli import refused
from trainer.commands import prepare_edges
from trainer.data.products import read_products


class Outlines:
    """Draws where brightness changes."""

    def read(self, photo: Photo) -> Sketch:
        gray = photo.pixels.min(2)
        change = cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8))
        return Sketch(photo.size, raster=np.where(change > 20, 255, 0).astype(np.uint8))


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve items, two of one name, one in a folder, and a white wall."""
    monkeypatch.setattr(prepare_edges, "perception_with", lambda *_: (Outlines(), "digest"))
    made = tmp_path / "in"
    (made / "deep").mkdir(parents=True)
    for number in range(12):
        photo, _ = drawn_item(number)
        name = {0: "0.jpg", 1: "0.png", 2: "deep/0.png"}.get(number, f"{number}.png")
        cv2.imwrite(str(made / name), photo)
    Image.new("RGB", (64, 64), (255, 255, 255)).save(made / "wall.png")
    return made


def run(*args: object) -> int:
    return main(["prepare", "edges", *(str(a) for a in args)])


def test_pairs_are_what_the_trainer_reads(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(photos, "-o", out, "--side", 64, "--val", 0.3) == 1
    told = capsys.readouterr()
    assert "12 done, 1 failed" in told.out
    assert "--data" in told.out
    assert "wall.png shows no edges" in told.err
    splits = [read_products(out, ["shoes128"], split, 64) for split in ("train", "val")]
    assert sum(map(len, splits)) == 12
    assert min(map(len, splits)) >= 1
    names = {name for split in splits for name in split.names}
    assert {"0-jpg", "0-png", "deep-0"} <= names
    train = splits[0]
    for number, name in enumerate(train.names):
        item = int(name) if name.isdigit() else {"0-jpg": 0, "0-png": 1, "deep-0": 2}[name]
        photo, edges = drawn_item(item)
        away = cv2.distanceTransform(edges, cv2.DIST_L2, 5)
        assert away[train.lines[number]].max() < 3
        assert np.abs(train.photos[number].astype(int) - photo[..., ::-1]).mean() < 2


def test_a_second_run_goes_on_and_splits_stay(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(photos, "-o", out, "--side", 64, "--val", 0.3)
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*.png")}
    cv2.imwrite(str(photos / "further.png"), drawn_item(50)[0])
    run(photos, "-o", out, "--side", 64, "--val", 0.3)
    after = {p: p.stat().st_mtime_ns for p in out.rglob("*.png")}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 2


def test_side_by_side_as_edges2shoes_has_it(photos: Path, tmp_path: Path) -> None:
    run(photos, "-o", tmp_path / "pairs", "--side", 64)
    run(photos, "-o", tmp_path / "ab", "--side", 64, "--side-by-side")
    first = next((tmp_path / "ab" / "train").glob("*.png"))
    assert Image.open(first).size == (128, 64)
    pairs, halves = (read_products(tmp_path / n, ["x"], "train", 64) for n in ("pairs", "ab"))
    assert len(pairs) == len(halves)
    assert np.array_equal(pairs.lines, halves.lines)
    assert np.array_equal(pairs.photos, halves.photos)


def test_own_splits_stay(photos: Path, tmp_path: Path) -> None:
    split = tmp_path / "split"
    for name, numbers in (("train", (3, 4)), ("val", (5,))):
        (split / name / "photos").mkdir(parents=True)
        for number in numbers:
            (photos / f"{number}.png").rename(split / name / "photos" / f"{number}.png")
    assert run(split, "-o", tmp_path / "out") == 0
    made = sorted(str(p.relative_to(tmp_path / "out")) for p in tmp_path.glob("out/*/edges/*"))
    assert made == ["train/edges/3.png", "train/edges/4.png", "val/edges/5.png"]


def test_objects_are_made_of_label_maps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = np.full((40, 60), 7, np.uint8)
    labels[5:15, 5:15] = labels[5:15, 30:40] = 26
    (tmp_path / "val_label").mkdir()
    Image.fromarray(labels).save(tmp_path / "val_label" / "a.png")
    assert main(["prepare", "instances", str(tmp_path)]) == 0
    assert "1 object maps" in capsys.readouterr().out
    numbers = np.array(Image.open(tmp_path / "val_inst" / "a.png"))
    assert set(np.unique(numbers).tolist()) == {7, 26000, 26001}


def test_what_cannot_be_prepared_says_so(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ("-o", tmp_path / "out")
    assert "use edges, people, labels" in refused(capsys, "prepare", "shadows")
    assert "no folder" in refused(capsys, "prepare", "edges", tmp_path / "no", *out)
    assert "another folder" in refused(capsys, "prepare", "edges", photos, "-o", photos)
    assert "--val" in refused(capsys, "prepare", "edges", photos, *out, "--val", 1)
    assert "--side" in refused(capsys, "prepare", "edges", photos, *out, "--side", 9)
    assert "no label maps" in refused(capsys, "prepare", "instances", photos)
    assert main(["prepare"]) == 0
    assert "edges" in capsys.readouterr().out


def test_models_of_another_kind_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, _ = drawn_item(1)
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / "a.png"), photo)
    command = ("prepare", "edges", tmp_path / "in", "-o", tmp_path / "out", "--model")
    assert "does not read edges" in refused(capsys, *command, "shoes")
    assert "does not read edges" in refused(capsys, *command, "person-reader")
    assert "no model" in refused(capsys, *command, "nobody")
    config = EdgesConfig((4, 4, 4, 4), 64, 0.5)
    card = Card(
        id="lines",
        architecture="edges",
        title="",
        summary="",
        config=asdict(config),
        shape="Sketch",
    )
    torch.manual_seed(0)
    weights.save(tmp_path / "lines.safetensors", card, EdgesNet(config).state_dict())
    assert main([str(a) for a in (*command, tmp_path / "lines.safetensors")]) in (0, 1)
