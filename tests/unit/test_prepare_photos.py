"""`guise prepare people`, `labels` and `names`: plain photos become folders that recipes read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.photo_files import open_photo
from engine.shapes.pose_files import read_pose
from studio.__main__ import main
from tests.unit import data_folders as made
from tests.unit.test_cli import refused
from trainer.data.check import Asked, check
from trainer.data.people_folders import read_packs
from trainer.data.scenes import find_scenes, labels_of

SAMPLES = Path(__file__).parents[2] / "assets" / "samples"


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people, one of them twice in a folder, and a wall."""
    folder = tmp_path_factory.mktemp("photos")
    (folder / "ann").mkdir()
    for number, name in enumerate(("walker.png", "waver.png", "ann/a.png", "ann/b.png")):
        image = Image.open(SAMPLES / ("waver.jpg" if name == "waver.png" else "walker.png"))
        image.convert("RGB").rotate(number, fillcolor=(200, 200, 200)).save(folder / name)
    Image.new("RGB", (96, 128), (120, 120, 120)).save(folder / "wall.png")
    return folder


def test_people_become_a_folder_that_painters_of_people_read(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["prepare", "people", str(photos), "-o", str(out), "--same", "--val", "0.4"]
    assert main(arguments) == 1
    told = capsys.readouterr()
    assert "4 done, 1 failed" in told.out and "wall.png" in told.err
    found = check(Asked(out))
    assert sum(found.splits.values()) == 4 and found.splits["val"] >= 1
    people = [s for split in ("train", "val") for s in read_packs(tmp_path, ("out",), split)]
    groups = sorted(one.group.rpartition("/")[2] for one in people)
    assert groups == ["", "", "ann", "ann"]
    held = {
        split
        for split in found.splits
        for one in read_packs(tmp_path, ("out",), split)
        if one.group
    }
    assert len(held) == 1
    plain = next(one for one in people if one.photo.stem.endswith("walker"))
    assert main(["detect", str(photos / "walker.png"), "-o", str(tmp_path / "pose.json")]) == 0
    np.testing.assert_allclose(
        plain.pose.xy[2:14], read_pose(tmp_path / "pose.json").xy[2:14], atol=0.02
    )
    pixels, mask = plain.read()
    np.testing.assert_array_equal(pixels, open_photo(photos / "walker.png").pixels)
    assert 0.03 < (mask > 127).mean() < 0.7
    before = {path: path.stat().st_mtime_ns for path in (out / "photos").iterdir()}
    assert main(arguments) == 1
    assert before == {path: path.stat().st_mtime_ns for path in (out / "photos").iterdir()}


def test_photos_of_streets_become_label_maps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos, out = tmp_path / "photos", tmp_path / "out"
    (photos / "val").mkdir(parents=True)
    for number in range(3):
        name = photos / ("val" if not number else "") / f"{number}.jpg"
        image = Image.fromarray(made.street(number)[2])
        image.convert("RGB").resize((320 + 16 * number, 240)).save(name, quality=95)
    arguments = ["prepare", "labels", str(photos), "-o", str(out), "--val", "0.5"]
    assert main([*arguments, "--longest", "256"]) == 0
    assert "guise train pix2pixhd" in capsys.readouterr().out
    found = check(Asked(out))
    assert found.usable and found.layout == "pix2pixhd" and sum(found.splits.values()) == 3
    scene = find_scenes(out, "val").load(0)
    assert max(scene.labels.shape) == 256
    assert set(np.unique(scene.labels)) <= set(labels_of(out).ids)


def test_names_of_labelme_become_a_label_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made.labelme(tmp_path / "set")
    for path in folder.rglob("*.json"):
        path.write_text(path.read_text().replace('"car"', '"Kutsche"'))
    assert "guise prepare names" in check(Asked(folder)).reason
    assert "No shape is called" in refused(
        capsys, "prepare", "names", str(folder), "--things", "moon"
    )
    assert main(["prepare", "names", str(folder), "--things", "Kutsche"]) == 0
    known = labels_of(folder)
    assert [label.name for label in known.labels] == ["unlabelled", "Kutsche", "road", "sky"]
    assert len({label.colour for label in known.labels}) == 4
    scene = find_scenes(folder, "train").load(0)
    labels, objects, _ = made.street(0)
    np.testing.assert_array_equal(scene.labels, np.select([labels == 26, labels == 7], [1, 2], 3))
    assert (objects == 26_000).sum() == (scene.objects == 1001).sum() > 0
    assert "--again replaces" in refused(capsys, "prepare", "names", str(folder))
    table = json.loads((folder / "labels.json").read_text())
    table["labels"] = [one for one in table["labels"] if one["name"] != "road"]
    (folder / "labels.json").write_text(json.dumps(table))
    problem = check(Asked(folder)).problems[0]
    assert (problem.kind, problem.count) == ("unknown-name", 25)
    assert "(road)" in problem.names[0]


def test_a_folder_of_labelme_without_splits_holds_some_out(tmp_path: Path) -> None:
    folder = made.labelme(tmp_path / "set")
    for path in [*(folder / "train").iterdir(), *(folder / "val").iterdir()]:
        path.rename(folder / path.name)
    (folder / "train").rmdir()
    (folder / "val").rmdir()
    first, second = (find_scenes(folder, split) for split in ("train", "val"))
    names = [files.name for files in first.files], [files.name for files in second.files]
    assert len(names[0]) + len(names[1]) == 25 and names[1] and not set(names[0]) & set(names[1])
    (folder / f"{names[1][0]}.png").unlink()
    assert "missing" in [one.kind for one in check(Asked(folder)).problems]
