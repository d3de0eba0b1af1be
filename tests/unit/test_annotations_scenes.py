"""`guise annotations` on scenes: maps, trees and labelme's files; what was not touched stays."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.shapes.label_files import (
    open_label_map,
    partner,
    save_instance_ids,
    save_label_ids,
)
from engine.shapes.label_sets import cityscapes
from engine.shapes.labels import LabelMap
from studio.__main__ import main
from tests.unit import data_folders as made
from tests.unit.annotated import Folder, pixels_of
from trainer.data import cache
from trainer.data.scene_batches import SceneBatches, Varied
from trainer.data.scenes import find_scenes

COUNTS = {"train": 3, "val": 2}
ROAD, CAR, PERSON, VOID = 7, 26, 24, 0


@pytest.fixture(params=["pix2pixhd", "cityscapes", "labelme"])
def layout(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUISE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(layout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    return Folder(made.MAKERS[layout](tmp_path / "szenen ü", COUNTS), capsys)


def of(maker: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    return Folder(made.MAKERS[maker](tmp_path / "set", COUNTS), capsys)


def shown(item: dict[str, Any]) -> LabelMap:
    """The map as the studio opens it."""
    objects = None if item["objects"] is None else Path(item["objects"])
    return open_label_map(Path(item["labels"]), cityscapes(), objects).scene


def edited(scene: LabelMap) -> LabelMap:
    """A new person over the road, and sky that became road."""
    labels, objects = scene.labels.copy(), scene.objects.copy()
    labels[52:60, 3:9], objects[52:60, 3:9] = PERSON, scene.next_object
    labels[20:32, 80:90], objects[20:32, 80:90] = ROAD, 0
    return LabelMap.of(labels, objects, cityscapes())


TOUCHED = np.zeros((64, 96), bool)
TOUCHED[52:60, 3:9] = TOUCHED[20:32, 80:90] = True


def correction(folder: Folder, item: dict[str, Any], scene: LabelMap) -> dict[str, Any]:
    labels, objects = folder.work / "labels.png", folder.work / "objects.png"
    save_label_ids(scene, labels)
    save_instance_ids(scene, objects)
    return {"id": item["id"], "labels": str(labels), "objects": str(objects)}


def test_scenes_are_listed_with_the_maps_that_were_drawn(folder: Folder, layout: str) -> None:
    found = folder.listed()
    assert (found["layout"], found["kind"]) == (layout, "scenes")
    assert found["writes"] == ["labels", "objects"]
    assert found["label_set"]["names"][ROAD] == "road"
    assert found["label_set"]["colours"][CAR] == [0, 0, 142]
    assert CAR in found["label_set"]["things"] and found["label_set"]["void"] == VOID
    for number, item in enumerate(found["items"]):
        labels, objects, photo = made.street(number)
        assert (item["problems"], item["size"], item["joints"]) == ([], [96, 64], None)
        scene = shown(item)
        np.testing.assert_array_equal(scene.labels, labels)
        np.testing.assert_array_equal(scene.objects > 0, objects == 26_000)
        np.testing.assert_array_equal(pixels_of(item["photo"]), photo)


def test_a_corrected_map_is_read_by_trainers_and_no_other_changes(
    folder: Folder, layout: str
) -> None:
    before = find_scenes(folder.place, "train")
    old = [before.load(n) for n in range(3)]
    item = folder.items()["train/" + before.files[1].name]
    wanted = edited(shown(item))
    told = folder.write(correction(folder, item, wanted))
    assert told["written"] == 1
    assert len(told["files"]) == len(told["kept"])
    assert len(told["files"]) == {"labelme": 1, "pix2pixhd": 2, "cityscapes": 3}[layout]
    after = find_scenes(folder.place, "train")
    for n in (0, 2):
        np.testing.assert_array_equal(after.load(n).labels, old[n].labels)
        np.testing.assert_array_equal(after.load(n).objects, old[n].objects)
    new = after.load(1)
    np.testing.assert_array_equal(new.labels, wanted.labels)
    np.testing.assert_array_equal(new.objects[~TOUCHED], old[1].objects[~TOUCHED])
    (person,) = np.unique(new.objects[wanted.labels == PERSON])
    assert person // 1000 == PERSON
    again = shown(folder.items()[item["id"]])
    np.testing.assert_array_equal(again.labels, wanted.labels)
    assert len(again.instances) == len(wanted.instances)


def test_a_map_that_comes_back_as_it_was_listed_changes_no_file(folder: Folder) -> None:
    before = folder.contents()
    for item in folder.items().values():
        told = folder.write(correction(folder, item, shown(item)))
        assert (told["written"], told["files"]) == (0, [])
    assert folder.contents() == before


def test_maps_that_are_wrong_are_refused(folder: Folder) -> None:
    item = next(iter(folder.items().values()))
    one = {"id": item["id"]}
    small = folder.picture(np.zeros((10, 20), np.uint8))
    assert "has 20 x 10 px" in folder.refused(one | {"labels": small})
    strange = np.array(shown(item).labels)
    strange[0, 0] = 77
    assert "have 77, which" in folder.refused(one | {"labels": folder.picture(strange)})
    coloured = folder.picture(np.dstack([strange, strange * 2, strange]))
    assert "is in colours" in folder.refused(one | {"labels": coloured})
    assert "has no joints" in folder.refused(one | {"joints": {"nose": [1, 1]}})
    assert "no item" in folder.refused({"id": "train/gone", "labels": small})


def test_trees_of_cityscapes_keep_names_and_other_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("cityscapes", tmp_path, capsys)
    tree = folder.place / "gtFine" / "val" / "aachen"
    drawn = made.street(3)[0]
    colours = np.dstack([cityscapes().colours[drawn], np.full(drawn.shape, 255, np.uint8)])
    made.save(tree / "aachen_000003_000019_gtFine_color.png", colours)
    trained = np.select([drawn == 7, drawn == 23, drawn == 26], [0, 10, 13]).astype(np.uint8)
    made.save(tree / "aachen_000003_000019_gtFine_labelTrainIds.png", trained)
    before = folder.contents()
    item = folder.items()["val/aachen_000003_000019"]
    assert partner(Path(item["labels"])) == Path(item["objects"])
    wanted = edited(shown(item))
    told = folder.write(correction(folder, item, wanted))
    changed = {path for path, content in folder.contents().items() if before.get(path) != content}
    assert changed == {Path(path) for path in (*told["files"], *told["kept"])}
    assert all("aachen_000003" in path.name for path in changed)
    raw = pixels_of(item["objects"])
    assert raw.dtype == np.uint16
    np.testing.assert_array_equal(np.where(raw >= 1000, raw // 1000, raw), wanted.labels)
    assert len(told["files"]) == 4
    shown_now = pixels_of(tree / "aachen_000003_000019_gtFine_color.png")
    np.testing.assert_array_equal(shown_now[..., :3], cityscapes().colours[wanted.labels])
    assert (shown_now[..., 3] == 255).all()
    trained[52:60, 3:9], trained[20:32, 80:90] = 11, 0  # person, road
    now = pixels_of(tree / "aachen_000003_000019_gtFine_labelTrainIds.png")
    np.testing.assert_array_equal(now, trained)


def test_numbers_nobody_knows_and_forms_of_files_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("pix2pixhd", tmp_path, capsys)
    labels, objects, _ = made.street(0)
    labels[40, 40:50] = 255
    palette = Image.fromarray(labels)
    palette.putpalette([n * 7 % 256 for n in range(768)])
    place = folder.place / "train_label" / "0.png"
    palette.save(place)
    plain = np.where(objects == 26_000, 5, np.where(objects == 7, 3, 9)).astype(np.uint8)
    made.save(folder.place / "train_inst" / "0.png", plain)
    item = folder.items()["train/0"]
    assert Path(item["labels"]) != place and Path(item["objects"]).name == "0.png"
    wanted = edited(shown(item))
    folder.write(correction(folder, item, wanted))
    with Image.open(place) as image:
        assert image.mode == "P" and image.getpalette()[:9] == [0, 7, 14, 21, 28, 35, 42, 49, 56]
    after = pixels_of(place)
    np.testing.assert_array_equal(after[~TOUCHED], labels[~TOUCHED])
    np.testing.assert_array_equal(after[TOUCHED], wanted.labels[TOUCHED])
    numbered = pixels_of(folder.place / "train_inst" / "0.png")
    np.testing.assert_array_equal(numbered[~TOUCHED], plain[~TOUCHED])
    assert (numbered[20:32, 80:90] == 3).all()  # the number that the road has
    (person,) = np.unique(numbered[52:60, 3:9])
    assert person not in plain
    scene = find_scenes(folder.place, "train").load(0)
    np.testing.assert_array_equal(scene.labels == 255, labels == 255)


def test_labels_alone_take_their_objects_along(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("pix2pixhd", tmp_path, capsys)
    item = folder.items()["train/0"]
    scene = shown(item)
    labels = np.array(scene.labels)
    labels[labels == CAR] = ROAD
    folder.write({"id": item["id"], "labels": folder.picture(labels)})
    assert not (pixels_of(item["objects"]) >= 1000).any()
    for path in (folder.place / "train_inst", folder.place / "val_inst"):
        for file in path.iterdir():
            file.unlink()
        path.rmdir()
    assert folder.listed()["writes"] == ["labels"]
    assert "has no objects" in folder.refused({"id": item["id"], "objects": item["labels"]})


def test_damaged_and_coloured_maps_are_told_and_can_be_made_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("pix2pixhd", tmp_path, capsys)
    labels, _, _ = made.street(1)
    made.save(folder.place / "train_label" / "1.png", cityscapes().colours[labels])
    (folder.place / "train_label" / "2.png").write_bytes(b"no picture")
    (folder.place / "train_img" / "0.png").unlink()
    found = folder.listed()
    assert [one["id"] for one in found["items"]][:2] == ["train/1", "train/2"]
    coloured, damaged = found["items"][:2]
    assert "in colours" in coloured["problems"][0]
    np.testing.assert_array_equal(pixels_of(coloured["labels"]), labels)
    assert damaged["labels"] is None and damaged["problems"]
    assert len(found["problems"]) == 1 and "'0'" in found["problems"][0]
    wanted = edited(shown(coloured))
    folder.write(
        correction(folder, coloured, wanted),
        {"id": "train/2", "labels": folder.picture(made.street(2)[0], "two.png")},
    )
    again = folder.items()
    assert all(again[one]["problems"] == [] for one in ("train/1", "train/2"))
    np.testing.assert_array_equal(pixels_of(folder.place / "train_label" / "1.png"), wanted.labels)


def test_a_set_of_numbers_alone_gets_names_for_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("pix2pixhd", tmp_path, capsys)
    known = folder.listed("--classes", "40", "--only", "val/3")
    assert len(known["label_set"]["names"]) == 40 and len(known["items"]) == 1
    assert len({tuple(colour) for colour in known["label_set"]["colours"]}) == 40


# Colours


SQUARE = TOUCHED[:, :64]
COLOURS = np.array([[0, 0, 170], [255, 85, 0], [0, 170, 255]], np.uint8)


def coloured(place: Path, form: str, swapped: bool) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Pictures of labels in colours of their own with photos, side by side or in two folders."""
    drawn = {}
    for split, i in made.each(COUNTS):
        labels, _, photo = (part[:, :64] for part in made.street(i))  # A and B are square
        colours = COLOURS[np.searchsorted([7, 23, 26], labels)]
        drawn[f"{split}/{i}"] = colours, photo
        pair = (photo, colours) if swapped else (colours, photo)
        if form == "side-by-side":
            made.save(place / split / f"{i}.png", np.hstack(pair))
        else:
            for part, pixels in zip("AB", pair, strict=True):
                made.save(place / f"{split}_{part}" / f"{i}.png", pixels)
    return drawn


@pytest.mark.parametrize("form", ["side-by-side", "pix2pixhd-pictures"])
@pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
def test_colours_of_label_pictures_are_corrected(
    form: str, direction: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = coloured(tmp_path / "set", form, direction == "BtoA")
    folder = Folder(tmp_path / "set", capsys)
    towards = ("--direction", direction)
    found = folder.listed(*towards)
    assert (found["layout"], found["writes"]) == (form, ["labels"])
    shades = np.array(found["label_set"]["colours"], np.uint8)
    items = {item["id"]: item for item in found["items"]}
    assert items.keys() == drawn.keys()
    for name, (colours, photo) in drawn.items():
        np.testing.assert_array_equal(shades[pixels_of(items[name]["labels"])], colours)
        np.testing.assert_array_equal(pixels_of(items[name]["photo"]), photo)
    labels = pixels_of(items["val/3"]["labels"]).copy()
    new = int(np.flatnonzero((shades == COLOURS[1]).all(1))[0])
    labels[SQUARE] = new
    told = folder.told({"id": "val/3", "labels": folder.picture(labels)})
    assert main(["annotations", str(folder.place), *towards, "--write", str(told)]) == 0
    for split in COUNTS:
        scenes = find_scenes(folder.place, split, direction=direction)
        for n, files in enumerate(scenes.files):
            colours, photo = drawn[f"{split}/{files.name}"]
            if files.name == "3":
                colours[SQUARE] = COLOURS[1]
            np.testing.assert_array_equal(scenes.load(n).photo, np.dstack([colours, photo]))


def test_pictures_without_flat_colours_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made.halves(tmp_path / "drawn", COUNTS)
    made.edges(tmp_path / "edges", COUNTS)
    made.save(tmp_path / "photos" / "one.png", made.street(0)[2])
    coloured(tmp_path / "blurred", "pix2pixhd-pictures", False)
    for path in (tmp_path / "blurred").glob("*_A/*.png"):
        Image.open(path).save(path.with_suffix(".jpg"), quality=40)
        path.unlink()
    for name, words in {
        "drawn": "has drawings",
        "edges": "no joints, masks or labels",
        "photos": "photos alone",
        "blurred": "more than 64 colours",
        "gone": "There is no folder",
    }.items():
        capsys.readouterr()
        assert main(["annotations", str(tmp_path / name), "--json"]) == 2
        assert words in capsys.readouterr().err


# labelme


def rich(folder: Folder) -> tuple[Path, dict[str, Any]]:
    """A labelme file with groups, a name that nobody knows, notes, and its photo inside."""
    path = folder.place / "train" / "0.json"
    file = json.loads(path.read_text())
    common = {"group_id": None, "shape_type": "polygon", "flags": {}}
    two = common | {"label": "person", "group_id": 7, "description": "twins ü"}
    file["shapes"] += [
        common | {"label": "pole", "points": [[40, 5], [44, 5], [44, 60], [40, 60]]},
        two | {"points": [[70, 30], [80, 30], [75, 50]]},
        two | {"points": [[82, 30], [90, 30], [85, 50]], "flags": {"a": True}},
        common | {"label": "rumour", "points": [[1, 1], [2, 1], [2, 2]]},
    ]
    file["imageData"] = base64.b64encode(path.with_suffix(".png").read_bytes()).decode()
    (folder.place / "labels.json").write_bytes(Path("assets/labels/cityscapes.json").read_bytes())
    path.write_text(json.dumps(file, indent=2, ensure_ascii=False))
    return path, file


def changed_at_random(scene: LabelMap, rng: np.random.Generator) -> LabelMap:
    """Painted over, erased, new, grown, and taken away."""
    labels, objects = scene.labels.copy(), scene.objects.copy()
    for _ in range(rng.integers(1, 4)):
        left, top = rng.integers(0, 80), rng.integers(0, 50)
        width, height = rng.integers(2, 40, 2)
        area = np.zeros(labels.shape, bool)
        area[top : top + height, left : left + width] = True
        area &= rng.random(area.shape) < rng.choice((0.7, 1.0))
        some = int(rng.choice(np.unique(objects[objects > 0])))
        ink = [(ROAD, 0), (VOID, 0), (CAR, int(objects.max()) + 1)][int(rng.integers(3))]
        match rng.integers(3):
            case 0:
                ink = int(labels[objects == some][0]), some
            case 1:
                area = objects == some if len(np.unique(objects)) > 2 else area
        labels[area], objects[area] = ink
    return LabelMap.of(labels, objects, scene.label_set)


def parts_of(scene: LabelMap) -> NDArray[np.int64]:
    """Label and object of each pixel; objects numbered by their first pixel."""
    flat = scene.objects.ravel()
    _, first, which = np.unique(flat, return_index=True, return_inverse=True)
    number = np.where(flat > 0, first[which.ravel()] + 1, 0)
    return scene.labels.astype(np.int64) * 10**6 + number.reshape(scene.labels.shape)


@pytest.mark.parametrize("seed", range(6))
def test_polygons_of_corrected_areas_read_back_exactly(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("labelme", tmp_path, capsys)
    path, file = rich(folder)
    item = folder.items("--only", "train/0")["train/0"]
    wanted = changed_at_random(shown(item), np.random.default_rng(seed))
    folder.write(correction(folder, item, wanted))
    again = shown(folder.items("--only", "train/0")["train/0"])
    np.testing.assert_array_equal(parts_of(again), parts_of(wanted))
    after = json.loads(path.read_text())
    assert after["shapes"][-1] == file["shapes"][-1] or file["shapes"][-1] in after["shapes"]
    assert after | {"shapes": 0} == file | {"shapes": 0}


def test_only_shapes_of_what_was_touched_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("labelme", tmp_path, capsys)
    path, file = rich(folder)
    before = path.read_text()
    item = folder.items()["train/0"]
    scene = shown(item)
    labels, objects = scene.labels.copy(), scene.objects.copy()
    twins = int(objects[35, 75])
    assert twins == objects[35, 86]
    labels[30:36, 60:72], objects[30:36, 60:72] = PERSON, twins
    folder.write(correction(folder, item, LabelMap.of(labels, objects, cityscapes())))
    after = json.loads(path.read_text())
    kept = [shape for shape in file["shapes"] if shape["label"] != "person"]
    assert [shape for shape in after["shapes"] if shape["label"] != "person"] == kept
    assert len(after["shapes"]) == len(file["shapes"])
    people = [shape for shape in after["shapes"] if shape["label"] == "person"]
    assert {shape["group_id"] for shape in people} == {7}
    assert all(shape["description"] == "twins ü" for shape in people)
    texts = [before[before.index('"pole"') :].split("}")[0], before.split('"shapes"')[0]]
    assert all(text in path.read_text() for text in texts)


def test_a_photo_inside_of_a_file_is_trained_on_and_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("labelme", tmp_path, capsys)
    path, _ = rich(folder)
    photo = made.street(0)[2]
    path.with_suffix(".png").unlink()
    scenes = find_scenes(folder.place, "train")
    np.testing.assert_array_equal(scenes.load(0).photo, photo)
    item = folder.items()["train/0"]
    np.testing.assert_array_equal(pixels_of(item["photo"]), photo)
    assert main(["check", str(folder.place), "--json"]) == 0
    assert main(["prepare", "shards", str(folder.place), "--out", str(tmp_path / "tars")]) == 0
    np.testing.assert_array_equal(find_scenes(tmp_path / "tars", "train").load(0).photo, photo)
    file = json.loads(path.read_text())
    path.write_text(json.dumps(file | {"imageData": "no picture"}))
    assert "train/0" not in folder.items() and "0.json" in folder.listed()["problems"][0]


# The cache


def test_pictures_that_nobody_used_for_long_go(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("labelme", tmp_path, capsys)
    items = folder.items()
    shown_first = {Path(item["labels"]) for item in items.values()}
    old = shown_first.pop()
    os.utime(old, (1e9, 1e9))
    content = old.read_bytes()
    gone = old.with_name("0-0.png")
    gone.write_bytes(content)
    os.utime(gone, (1e9, 1e9))
    again = {Path(item["labels"]) for item in folder.items().values()}
    assert again == {*shown_first, old} and old.read_bytes() == content and not gone.exists()


def test_decoded_scenes_are_made_anew_after_a_correction(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "LEAST", 1)

    def decoded() -> NDArray[np.uint8]:
        batches = SceneBatches(find_scenes(folder.place, "train"), (96, 64), Varied())
        return np.array(batches._load(0).labels)

    before = decoded()
    np.testing.assert_array_equal(before, decoded())
    item = next(iter(folder.items().values()))
    wanted = edited(shown(item))
    folder.write(correction(folder, item, wanted))
    np.testing.assert_array_equal(decoded(), wanted.labels)
