"""`guise annotations` on people: what is corrected is what trainers read, all else stays."""

from __future__ import annotations

import csv
import json
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.shapes.pose_files import COCO17
from studio.__main__ import main
from tests.unit import data_folders as made
from tests.unit.annotated import Folder, pixels_of
from trainer.data import cache
from trainer.data.people import Mixture, PeopleFrames
from trainer.data.people_folders import people_rows, read_packs

LAYOUTS = ("coco", "coco-official", "posegan", "index")
COUNTS = {"train": 3, "val": 2}
WRIST, KNEE = (20.25, 30.75), None


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def folder(layout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    counts = {"train": 3, "test": 2} if layout == "posegan" else COUNTS
    return Folder(made.MAKERS[layout](tmp_path / "daten ü", counts), capsys)


def of(maker: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    return Folder(made.MAKERS[maker](tmp_path / "set", COUNTS), capsys)


def moved(item: dict[str, Any], **joints: tuple[float, float] | None) -> dict[str, Any]:
    return {"id": item["id"], "joints": item["joints"] | joints}


def test_everybody_is_listed_with_the_joints_that_were_drawn(folder: Folder, layout: str) -> None:
    found = folder.listed()
    held = "test" if layout == "posegan" else "val"
    assert (found["version"], found["layout"], found["kind"]) == (1, layout, "people")
    assert [item["split"] for item in found["items"]] == ["train"] * 3 + [held] * 2
    assert found["folder"] == str(folder.place) and found["label_set"] is None
    for number, item in enumerate(found["items"]):
        _, mask, pose = made.person(number)
        reach = 0.5 if layout == "posegan" else 1e-6  # whole pixels, told by their middles
        for name in found["holds"]:
            assert item["joints"][name] == pytest.approx(pose[name], abs=reach)
        assert (item["problems"], item["hidden"]) == ([], [])
        assert tuple(item["size"]) == pixels_of(item["photo"]).shape[1::-1]
        if "mask" in found["writes"]:
            shown = pixels_of(item["mask"])[:, : made.SIZE[0]] > 0
            # the test outlines people through the middles of their border
            assert (shown != (mask > 127)).mean() < (0.03 if layout == "coco-official" else 1e-9)


def test_a_correction_is_read_by_trainers_and_nobody_else_changes(
    folder: Folder, layout: str
) -> None:
    before = [sample for _, sample in people_rows(folder.place, "val")]
    item = list(folder.items().values())[-1]
    written = folder.write(moved(item, left_wrist=WRIST, right_elbow=KNEE))
    assert written["written"] == 1 and len(written["files"]) == len(written["kept"]) == 1
    after = [sample for _, sample in people_rows(folder.place, "val")]
    assert after[0].pose == before[0].pose
    corner = getattr(after[-1], "box", (0, 0))[:2]
    wrist = np.add(after[-1].pose["left_wrist"], corner)
    np.testing.assert_allclose(wrist, WRIST, atol=0.5 if layout == "posegan" else 0.01)
    assert after[-1].pose["right_elbow"] is None
    same = [n for n in item["joints"] if n not in ("left_wrist", "right_elbow")]
    assert all(after[-1].pose[name] == before[-1].pose[name] for name in same)
    again = folder.items()[item["id"]]
    assert again["joints"]["right_elbow"] is None
    original = Path(written["kept"][0])
    changed = Path(written["files"][0])
    assert original == changed.with_name(changed.name + ".orig")


def test_what_was_listed_and_comes_back_changes_no_file(folder: Folder) -> None:
    before = folder.contents()
    items = list(folder.items().values())
    parts = [{"id": one["id"], "joints": one["joints"], "mask": one["mask"]} for one in items]
    assert folder.write(*parts) == {"version": 1, "written": 0, "files": [], "kept": []}
    assert folder.contents() == before


def test_the_original_is_kept_once(folder: Folder) -> None:
    first = folder.contents()
    item = next(iter(folder.items().values()))
    (kept,) = folder.write(moved(item, left_wrist=(10, 10)))["kept"]
    assert folder.write(moved(item, left_wrist=(30, 30)))["kept"] == []
    assert Path(kept).read_bytes() == first[Path(kept.removesuffix(".orig"))]
    assert folder.listed()["problems"] == []


def test_corrections_that_are_wrong_are_refused(folder: Folder, layout: str) -> None:
    item = next(iter(folder.items().values()))
    good = moved(item, left_knee=(5, 5))
    assert "no item 'train/gone'" in folder.refused(good, {"id": "train/gone", "joints": {}})
    assert "corrects" in folder.refused(good, good)
    outside = folder.refused(good | {"joints": {"left_wrist": (30, 128.5)}})
    assert outside.startswith(f"{item['id']}: Left wrist lies outside of the photo of ")
    assert "no joint called 'tail'" in folder.refused(good | {"joints": {"tail": (1, 1)}})
    assert "has no labels" in folder.refused(good | {"labels": "x.png"})
    photo = folder.picture(np.zeros((40, 30), np.uint8))
    if layout in ("posegan", "index"):
        assert "has no mask" in folder.refused(good | {"mask": photo})
    else:
        assert "has 30 x 40 px" in folder.refused(good | {"mask": photo})
        assert "no file" in folder.refused(good | {"mask": photo + "x"})
        black = folder.picture(np.zeros(item["size"][::-1], np.uint8))
        assert "is black" in folder.refused(good | {"mask": black})
    if layout == "index":
        assert "no place for left_ear" in folder.refused(good | {"joints": {"left_ear": (1, 1)}})


def test_files_that_hold_no_corrections_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("coco", tmp_path, capsys)
    for content in (b"", b"{", b'{"version": 1}', b'{"version": 2, "items": []}', b"[NaN]"):
        path = folder.work / "bad.json"
        path.write_bytes(content)
        assert main(["annotations", str(folder.place), "--write", str(path)]) == 2
        assert str(path) in capsys.readouterr().err


# COCO


def notes_of(folder: Folder, split: str = "val") -> list[dict[str, Any]]:
    (path,) = folder.place.rglob(f"person_keypoints_{split}*.json")
    return json.loads(path.read_text())["annotations"]


def test_coco_keeps_flags_numbers_and_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("coco", tmp_path, capsys)
    path = folder.place / "person_keypoints_val.json"
    table = json.loads(path.read_text())
    note = table["annotations"][0]
    note["keypoints"][2] = note["keypoints"][27 + 2] = 1  # nose and left wrist
    note |= {"num_keypoints": 17, "bbox": [10, 8, 40.5, 100], "area": 7, "mine": {"ü": [1.50]}}
    text = json.dumps(table, indent=1).replace("1.5\n", "1.50\n")
    path.write_text(text)
    item = folder.items()["val/3.png"]
    assert set(item["hidden"]) == {"nose", "left_wrist"}
    folder.write(moved(item, left_wrist=WRIST, right_knee=None))
    after = notes_of(folder)[0]
    told = {name: after["keypoints"][3 * i : 3 * i + 3] for i, name in enumerate(COCO17)}
    assert told["left_wrist"] == [*WRIST, 1] and told["right_knee"] == [0, 0, 0]
    assert told["nose"] == note["keypoints"][:3]
    assert after["num_keypoints"] == 16 and after["bbox"] == note["bbox"]  # it has a mask
    assert notes_of(folder)[1] == table["annotations"][1]
    lines = set(text.splitlines()) - set(path.read_text().splitlines())
    assert len(lines) < 60 and '"mine": {' in path.read_text() and "1.50" in path.read_text()
    item = folder.items()["val/3.png"]
    hidden = {"id": item["id"], "joints": item["joints"], "hidden": ["right_wrist"]}
    folder.write(hidden | {"joints": item["joints"] | {"right_knee": (30, 40)}})
    item = folder.items()["val/3.png"]
    assert item["hidden"] == ["right_wrist"] and item["joints"]["right_knee"] == [30, 40]
    assert notes_of(folder)[0]["num_keypoints"] == 17


def test_a_box_grows_with_joints_where_nothing_outlines_the_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("coco-official", tmp_path, capsys)
    path = folder.place / "annotations" / "person_keypoints_val2017.json"
    table = json.loads(path.read_text())
    for note in table["annotations"]:
        note["segmentation"] = []
    path.write_text(json.dumps(table))
    item = folder.items()["val/3.png"]
    left, top, _, height = notes_of(folder)[0]["bbox"]
    folder.write(moved(item, left_wrist=(100.5, 2)))
    grown = notes_of(folder)[0]["bbox"]
    assert grown == pytest.approx([left, 2, 100.5 - left, top + height - 2])


def corrected_mask(folder: Folder, size: tuple[int, int]) -> tuple[np.ndarray, str]:
    """A person with a hole, and its file."""
    mask = np.zeros(size[::-1], np.uint8)
    mask[10:100, 5:50] = 255
    mask[40:60, 20:30] = 0
    mask[110:115, 8:12] = 255
    return mask, folder.picture(mask)


@pytest.mark.parametrize("form", ["polygons", "runs", "text"])
def test_masks_of_coco_as_downloaded_stay_in_their_form(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("coco-official", tmp_path, capsys)
    path = folder.place / "annotations" / "person_keypoints_val2017.json"
    table = json.loads(path.read_text())
    size = [made.SIZE[1], 2 * made.SIZE[0]]
    runs = [100, 50, size[0] * size[1] - 150]
    if form != "polygons":
        counts = runs if form == "runs" else compressed(runs)
        table["annotations"][0]["segmentation"] = {"counts": counts, "size": size}
        path.write_text(json.dumps(table))
    item = folder.items()["val/3.png"]
    mask, file = corrected_mask(folder, (size[1], size[0]))
    folder.write({"id": item["id"], "mask": file})
    note = notes_of(folder)[0]
    assert isinstance(note["segmentation"], list if form == "polygons" else dict)
    if form != "polygons":
        assert type(note["segmentation"]["counts"]) is (list if form == "runs" else str)
        assert note["segmentation"]["size"] == size
    assert note["bbox"] == [5, 10, 45, 105] and note["area"] == int((mask > 0).sum())
    np.testing.assert_array_equal(pixels_of(folder.items()[item["id"]]["mask"]), mask)
    sample = read_packs(tmp_path, ("set",), "val")[0]
    left, top, right, bottom = sample.box
    np.testing.assert_array_equal(sample.read()[1], mask[top:bottom, left:right])
    assert notes_of(folder)[1:] == table["annotations"][1:]


def compressed(counts: list[int]) -> str:
    """Run lengths as text, digit by digit: the sign and the bits of each number by themselves."""
    text = ""
    for n, count in enumerate(counts):
        value = count - counts[n - 2] if n > 2 else count
        bits = max((value if value >= 0 else ~value).bit_length() + 1, 1)
        groups = -(-bits // 5)
        whole = value % (1 << 5 * groups)
        parts = [whole >> 5 * k & 31 for k in range(groups)]
        text += "".join(chr(48 + part + 32 * (k + 1 < groups)) for k, part in enumerate(parts))
    return text


def test_masks_of_packs_keep_their_bits_and_are_made_where_there_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("coco", tmp_path, capsys)
    masks = folder.place / "masks"
    with Image.open(masks / "3.png") as image:
        image.convert("1").save(masks / "3.png")
    (masks / "4.png").unlink()
    soft = np.full(made.SIZE[::-1], 255, np.uint8)
    soft[:, :20], soft[:, 20] = 0, 200
    Image.fromarray(soft).save(masks / "0.png")
    items = folder.items()
    assert items["val/4.png"]["problems"] == [
        "A photo has no mask, so its backdrop counts as the person."
    ]
    mask, file = corrected_mask(folder, made.SIZE)
    hard = np.where(soft > 127, 255, 0).astype(np.uint8)
    hard[:5] = 0
    told = folder.write(
        {"id": "val/3.png", "mask": file},
        {"id": "val/4.png", "mask": file},
        {"id": "train/0.png", "mask": folder.picture(hard, "hard.png")},
    )
    assert told["written"] == 3 and len(told["files"]) == 3 and len(told["kept"]) == 2
    assert pixels_of(masks / "3.png").dtype == bool
    for name in ("3.png", "4.png"):
        np.testing.assert_array_equal(pixels_of(masks / name) > 0, mask > 0)
    expected = soft.copy()
    expected[:5] = 0
    np.testing.assert_array_equal(pixels_of(masks / "0.png"), expected)
    person = dict(people_rows(folder.place, "val"))["4.png"]
    np.testing.assert_array_equal(person.read()[1], mask)


def test_two_people_of_a_photo_get_masks_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("coco", tmp_path, capsys)
    path = folder.place / "person_keypoints_val.json"
    table = json.loads(path.read_text())
    table["annotations"].append(table["annotations"][0] | {"bbox": [0, 0, 1, 1], "area": 1})
    path.write_text(json.dumps(table))
    assert "val/3.png#2" in folder.items()
    mask, file = corrected_mask(folder, made.SIZE)
    folder.write({"id": "val/3.png#2", "mask": file})
    first, second = notes_of(folder)[0], notes_of(folder)[-1]
    assert "mask" not in first and second["mask"] == "3_1.png"
    assert (second["bbox"], second["area"]) == ([5, 10, 45, 105], int((mask > 0).sum()))
    people = [sample for _, sample in people_rows(folder.place, "val")]
    np.testing.assert_array_equal(people[-1].read()[1], mask)
    np.testing.assert_array_equal(people[0].read()[1], made.person(3)[1])


def test_rows_that_trainers_refuse_are_listed_first_and_can_be_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("coco", tmp_path, capsys)
    path = folder.place / "person_keypoints_train.json"
    table = json.loads(path.read_text())
    notes = table["annotations"]
    notes[1]["keypoints"][0] = float("nan")
    notes[2]["keypoints"][27:29] = [5000, 50]
    path.write_text(json.dumps(table))
    (folder.place / "photos" / "0.png").unlink()
    found = folder.listed()
    assert [one["id"] for one in found["items"]][:2] == ["train/1.png", "train/2.png"]
    assert len(found["problems"]) == 1 and "0.png" in found["problems"][0]
    nose, wrist = found["items"][:2]
    assert nose["joints"]["nose"] is None and "not numbers" in nose["problems"][0]
    assert wrist["problems"] == ["Left wrist lies outside of the photo."]
    folder.write(moved(nose), moved(wrist, left_wrist=WRIST))  # null: the nose is not seen
    again = folder.items()
    assert all(again[one["id"]]["problems"] == [] for one in (nose, wrist))


# pose-gan


def test_rows_of_tables_change_number_by_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Folder(made.posegan(tmp_path / "set", {"train": 3, "test": 2}), capsys)
    path = folder.place / "annotation-train.csv"
    lines = path.read_text().splitlines()
    lines[1] = lines[1].replace(", ", " ,").replace(": [", ":[")
    path.write_bytes("\ufeff".encode() + "\r\n".join([*lines, "", ""]).encode())
    items = list(folder.items().values())
    folder.write(moved(items[0], nose=(33.9, 12.2), neck=None))
    raw = path.read_bytes().decode()
    assert raw.startswith("\ufeff") and raw.endswith("\r\n\r\n") and raw.count("\r\n") == 5
    after = raw.removeprefix("\ufeff").split("\r\n")
    assert after[0] == lines[0] and after[2:4] == lines[2:4]
    name, ys, xs = next(csv.reader([after[1]], delimiter=":", quoting=csv.QUOTE_NONE))
    _, old_ys, old_xs = lines[1].split(":")
    assert (name, " ," in ys) == (lines[1].split(":")[0], True)
    for new, old, first in ((ys, old_ys, 12), (xs, old_xs, 33)):
        assert json.loads(new) == [first, -1, *json.loads(old)[2:]]


def test_joints_outside_and_broken_cells_of_a_table_can_be_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Folder(made.posegan(tmp_path / "set", {"train": 3, "test": 2}), capsys)
    path = folder.place / "annotation-train.csv"
    lines = path.read_text().splitlines()
    name, ys, xs = lines[1].split(":")
    lines[1] = f"{name}:{ys}: [900,{xs.split(',', 1)[1]}"
    lines[2] = lines[2].rpartition(":")[0] + ": [1, 2]"
    lines[3] = re.sub(r"\[\d+", "[NaN", lines[3], count=1)
    path.write_text("\n".join(lines))
    first, second, third = list(folder.items().values())[:3]
    assert third["joints"]["nose"] is None and "not numbers" in third["problems"][0]
    assert first["problems"] == ["Nose lies outside of the photo."]
    assert first["joints"]["nose"] == [900.5, json.loads(ys)[0] + 0.5]
    assert set(second["joints"].values()) == {None} and len(second["problems"]) == 1
    pose = {name: (3.5 + i, 7.5 + i) for i, name in enumerate(second["joints"])}
    folder.write(moved(first, nose=(1, 1)), {"id": second["id"], "joints": pose}, moved(third))
    assert all(not one["problems"] for one in folder.items().values())
    people = [sample for _, sample in people_rows(folder.place, "train")]
    assert people[1].pose.xy.tolist() == [[3.5 + i, 7.5 + i] for i in range(18)]


# VUNet


@pytest.mark.parametrize(
    ("protocol", "kind", "order"),
    [
        (0, "<f4", "C"),
        (1, "<f8", "C"),
        (2, "<f8", "F"),
        (3, "<f2", "C"),
        (4, "<f4", "F"),
        (5, "<f8", "C"),
    ],
)
def test_an_index_keeps_protocol_numbers_and_everything_else(
    protocol: int, kind: str, order: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = of("index", tmp_path, capsys)
    path = folder.place / "index.p"
    table = pickle.loads(path.read_bytes())
    table["joints"] = np.array(table["joints"], kind, order=order)
    table["joints"][1, 0] = -0.5  # missing, in a way of its own
    table |= {
        "copy": table["joints"].copy(),
        "notes": ["ü", {"a": 1.5}],
        "train": [True] * 3 + [False] * 2,
    }
    path.write_bytes(pickle.dumps(table, protocol))
    item = folder.items()["train/imgs/1.png"]
    assert item["joints"]["right_ankle"] is None
    folder.write(moved(item, left_wrist=WRIST, right_elbow=None))
    raw = path.read_bytes()
    assert raw[:2] == pickle.dumps(table, protocol)[:2]
    after = pickle.loads(raw)
    assert list(after) == list(table) and after["joints"].dtype == table["joints"].dtype
    expected = table["joints"].copy()
    expected[1, table["joint_order"].index("lwrist")] = np.divide(WRIST, made.SIZE)
    expected[1, table["joint_order"].index("relbow")] = -1
    np.testing.assert_array_equal(after["joints"], expected)
    np.testing.assert_array_equal(after["copy"], table["copy"])
    assert after["notes"] == table["notes"] and after["imgs"] == table["imgs"]


# The cache


@pytest.mark.parametrize("what", ["joints", "mask"])
def test_decoded_people_are_made_anew_after_a_correction(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "LEAST", 1)
    folder = of("coco", tmp_path, capsys)

    def decoded() -> Any:
        samples = read_packs(tmp_path, ("set",), "train")
        return PeopleFrames(samples, 64, Mixture()).cutout(0)

    before = decoded()
    item = folder.items()["train/0.png"]
    if what == "joints":
        folder.write(moved(item, left_wrist=WRIST))
        assert decoded().pose != before.pose
    else:
        folder.write({"id": item["id"], "mask": corrected_mask(folder, made.SIZE)[1]})
        assert (decoded().rgba[..., 3] != before.rgba[..., 3]).any()
