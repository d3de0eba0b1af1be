"""`guise check`: every layout is recognised, and what is wrong is told by name."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.__main__ import main
from tests.unit import data_folders as made

PEOPLE = {"deformable", "deformable-paper", "vunet", "vunet-paper", "perception", "fine-tune"}
ITEMS = {"bicyclegan", "bicyclegan-paper", "vunet-edges", "edges", "fine-tune"}
SCENES = {"pix2pixhd", "bicyclegan-scenes", "segmenter", "fine-tune"}
FITTING = {
    "coco": PEOPLE,
    "coco-official": PEOPLE,
    "posegan": {"deformable-paper", "vunet-paper"},
    "index": {"vunet-paper"},
    "edges": ITEMS,
    "side-by-side": {*ITEMS, "pix2pixhd"},
    "pix2pixhd": SCENES,
    "cityscapes": SCENES,
    "labelme": SCENES,
    "pix2pixhd-pictures": {"pix2pixhd"},
}


def checked(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """What `guise check --json` prints; its exit code agrees with it."""
    capsys.readouterr()
    code = main(["check", str(folder), "--json", *options])
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert code == (0 if found["usable"] else 2)
    assert (found["reason"] in told.err) and (found["usable"] == (found["reason"] == ""))
    return found


def problem(found: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(one for one in found["problems"] if one["kind"] == kind)


@pytest.mark.parametrize("layout", made.MAKERS)
def test_layouts_are_recognised_and_recipes_that_fit_are_told(
    layout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made.MAKERS[layout](tmp_path / "my Daten ü")
    found = checked(folder, capsys)
    problems = [one for one in found["problems"] if one["kind"] != "photo-leak"]  # drawn alike
    assert (found["layout"], problems) == (layout, [])
    held = "test" if layout == "posegan" else "val"
    assert found["splits"] == {"train": 22, held: 4 if layout == "posegan" else 3}
    assert {one["id"] for one in found["recipes"] if one["fits"]} == FITTING[layout]
    assert all(one["reason"] for one in found["recipes"] if not one["fits"])
    assert found["arguments"] == ["--data", str(folder)]
    quick = checked(folder, capsys, "--quick")
    assert quick["splits"] == found["splits"] and quick["sizes"] == found["sizes"]


def test_bad_rows_of_a_table_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = made.posegan(tmp_path)
    table = folder / "annotation-train.csv"
    lines = table.read_text().splitlines()
    gone = lines[1].split(":")[0]
    (folder / "train" / gone).unlink()
    lines[2] = lines[2].replace("[", "[NaN, ", 1)
    lines[3] = lines[3].rpartition(":")[0] + ": [" + ", ".join(["900"] * 18) + "]"
    lines[4] = lines[4].rpartition(":")[0] + ": [" + ", ".join(["NaN"] * 18) + "]"
    table.write_text("\n".join(lines))
    found = checked(folder, capsys)
    assert problem(found, "missing")["names"][0].endswith(f"line 2: {gone}")
    assert "line 3: needs lists of 18 numbers" in problem(found, "row")["names"][0]
    assert "line 4: a joint outside" in problem(found, "joint-outside")["names"][0]
    assert "line 5" in problem(found, "not-a-number")["names"][0]
    assert found["splits"]["train"] == 18


def test_only_ten_of_many_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = made.coco(tmp_path)
    for i in range(12):
        (folder / "photos" / f"{i}.png").unlink()
    for options in ((), ("--quick",)):
        missing = problem(checked(folder, capsys, *options), "missing")
        assert (len(missing["names"]), missing["count"]) == (10, 12)
        assert missing["text"].startswith("12 files")


def test_coco_rows_out_of_range_not_numbers_and_without_photo_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made.coco(tmp_path)
    path = folder / "person_keypoints_train.json"
    table = json.loads(path.read_text())
    notes = table["annotations"]
    notes[0]["keypoints"][0] = float("nan")
    notes[1]["keypoints"][15:17] = [5000, 50]
    notes[2]["image_id"] = 777
    notes[3]["keypoints"] = notes[3]["keypoints"][:48]
    notes[4]["keypoints"][15:18] = notes[4]["keypoints"][18:21] = [0, 0, 0]
    path.write_text(json.dumps(table))
    Image.new("L", (10, 10)).save(folder / "masks" / "5.png")
    (folder / "masks" / "6.png").unlink()
    found = checked(folder, capsys)
    assert problem(found, "not-a-number")["names"] == ["0.png"]
    assert problem(found, "joint-outside")["names"] == ["1.png"]
    assert problem(found, "row")["count"] == 2
    assert problem(found, "no-core")["names"] == ["4.png"]
    assert problem(found, "size")["names"] == ["5.png: its mask"]
    assert problem(found, "no-mask")["names"] == ["6.png"]
    assert [one["severity"] for one in found["problems"]] == ["error"] * 4 + ["warning"] * 2


def test_people_and_photos_on_both_sides_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made.posegan(tmp_path)
    same = (folder / "train" / "0000_0.png").rename(folder / "train" / "0005_99.png")
    table = folder / "annotation-train.csv"
    table.write_text(table.read_text().replace("0000_0.png", "0005_99.png"))
    other = next(iter(sorted((folder / "test").iterdir())))
    other.write_bytes(same.read_bytes())
    held = folder / "annotation-test.csv"
    held.write_text(held.read_text().replace(other.name, "0005_77.png"))
    other.rename(folder / "test" / "0005_77.png")
    found = checked(folder, capsys)
    assert problem(found, "identity-leak")["names"] == ["0005: also in test"]
    assert problem(found, "photo-leak")["names"] == ["0005_77.png: as 0005_99.png"]
    assert found["usable"]


def test_unreadable_huge_and_empty_pictures_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made.edges(tmp_path)
    photos = folder / "train" / "photos"
    (photos / "0.png").write_bytes(b"no picture")
    (photos / "1.png").write_bytes(huge_png(40_000, 40_000))
    (photos / "2.png").write_bytes(b"")
    (photos / "3.png").write_bytes((photos / "3.png").read_bytes()[:300])
    (folder / "train" / "edges" / "4.png").unlink()
    found = checked(folder, capsys)
    assert problem(found, "too-large")["names"] == ["1"]
    assert {name.split(":")[0] for name in problem(found, "unreadable")["names"]} == {"0", "2", "3"}
    assert problem(found, "unpaired")["names"] == ["4: photo"]


def huge_png(width: int, height: int) -> bytes:
    """A small file that would be a picture of gigabytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_label_maps_of_other_sizes_ids_and_colours_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made.pix2pixhd(tmp_path)
    labels, objects, photo = made.street(0)
    odd = labels.copy()
    odd[0, 0] = 77
    made.save(folder / "train_label" / "0.png", odd)
    made.save(folder / "train_label" / "1.png", np.dstack([labels, labels * 2, labels]))
    made.save(folder / "train_img" / "2.png", photo[:32])
    made.save(folder / "train_inst" / "3.png", np.roll(objects, 30, 1))
    (folder / "train_img" / "4.png").rename(folder / "train_img" / "four.png")
    found = checked(folder, capsys)
    assert problem(found, "unknown-id")["names"] == ["0: 77"]
    assert problem(found, "colours")["names"] == ["1"]
    assert problem(found, "size")["names"] == ["2: 96x64 and 96x32"]
    assert problem(found, "contradiction")["names"][0].startswith("3: ")
    lonely = problem(found, "unpaired")["names"]
    assert lonely == ["4: not in train_img", "four: not in train_label"]
    wider = checked(folder, capsys, "--classes", "78")
    assert not any(one["kind"] == "unknown-id" for one in wider["problems"])


def test_edges_on_the_other_half_need_the_other_direction(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made.halves(tmp_path, swapped=True)
    found = checked(folder, capsys, "--recipe", "bicyclegan")
    assert "--direction" not in found["arguments"] and not found["usable"]
    found = checked(folder, capsys, "--recipe", "bicyclegan", "--direction", "BtoA")
    assert found["usable"] and found["arguments"][2:] == ["--direction", "BtoA"]


@pytest.mark.parametrize("quick", [(), ("--quick",)])
def test_folders_that_cannot_be_used_say_what_to_do(
    quick: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no folder" in checked(tmp_path / "gone", capsys, *quick)["reason"]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "is empty" in checked(empty, capsys, *quick)["reason"]
    (empty / "notes.txt").write_text("hello")
    assert "none of the layouts" in checked(empty, capsys, *quick)["reason"]
    made.save(empty / "one.png", made.street(0)[2])
    found = checked(empty, capsys, *quick)
    assert found["layout"] == "photos" and "guise prepare people" in found["reason"]
    several = tmp_path / "several"
    made.edges(several / "shoes")
    made.pix2pixhd(several / "street")
    assert "shoes, street" in checked(several, capsys, *quick)["reason"]
    alone = made.edges(tmp_path / "alone", {"train": 1, "val": 0})
    for folder in (alone / "val" / "photos", alone / "val" / "edges"):
        folder.rmdir()
    (alone / "val").rmdir()
    assert "nothing held out" in checked(alone, capsys, *quick)["reason"]
    few = made.edges(tmp_path / "few", {"train": 1, "val": 1})
    assert problem(checked(few, capsys, *quick), "few")["severity"] == "warning"


def test_links_that_go_in_circles_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = made.pix2pixhd(tmp_path / "set")
    (folder / "train_label" / "again").symlink_to(folder / "train_label", target_is_directory=True)
    (folder / "train_img" / "99.png").symlink_to(folder / "train_img" / "99.png")
    found = checked(folder, capsys)
    assert found["splits"]["train"] == 22
    assert problem(found, "unpaired")["names"] == ["99: not in train_label"]


def test_training_refuses_with_the_same_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made.coco(tmp_path / "people")
    (folder / "photos" / "0.png").unlink()
    found = checked(folder, capsys, "--quick", "--recipe", "vunet")
    code = main(["train", "vunet", "--data", str(folder), "--out", str(tmp_path / "run")])
    assert code == 2
    assert capsys.readouterr().err.strip() == f"guise: {found['reason']}"
    assert not (tmp_path / "run").exists()
    scenes = made.pix2pixhd(tmp_path / "street")
    assert main(["train", "vunet", "--data", str(scenes)]) == 2
    assert "learns from people with joints" in capsys.readouterr().err


def test_findings_for_people_name_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made.coco(tmp_path)
    for i in range(12):
        (folder / "photos" / f"{i}.png").unlink()
    assert main(["check", str(folder)]) == 2
    told = capsys.readouterr()
    assert "COCO key points" in told.out and "and 2 more" in told.out and "9.png" in told.out
    assert told.err.startswith("guise: ") and "guise check" in told.err


@pytest.mark.parametrize("layout", ["coco", "posegan", "edges", "labelme", "side-by-side"])
def test_previews_show_what_networks_will_see(
    layout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, sheet = made.MAKERS[layout](tmp_path / "set"), tmp_path / "sheet.png"
    found = checked(folder, capsys, "--quick", "--previews", str(sheet))
    assert found["previews"] == str(sheet)
    pixels = np.asarray(Image.open(sheet))
    rows = np.split(pixels[4 : 4 + 3 * 214], 3)
    cells = {"coco": 6, "posegan": 2, "edges": 6, "labelme": 7, "side-by-side": 6}[layout]
    assert (pixels.shape[1] - 4) // 196 == 2 * cells  # two samples a row
    for row in rows:
        shown = [row[20:, 4 + 196 * n : 196 + 196 * n] for n in range(2 * cells)]
        assert np.ptp(shown[0]) > 100 and np.ptp(shown[cells]) > 100  # the photos
        assert all(np.ptp(cell) > 60 for cell in shown)


def test_the_sheet_of_an_odd_number_of_samples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, sheet = made.MAKERS["side-by-side"](tmp_path / "set"), tmp_path / "sheet.png"
    for photo in sorted((folder / "train").glob("*"))[3:]:
        photo.unlink()
    checked(folder, capsys, "--quick", "--previews", str(sheet))
    pixels = np.asarray(Image.open(sheet))
    assert pixels.shape[0] == 4 + 2 * 214
    assert np.ptp(pixels[4 + 214 + 20 : 4 + 2 * 214, 4:196]) > 100
    assert np.ptp(pixels[4 + 214 : 4 + 2 * 214, 4 + 6 * 196 :]) == 0  # nothing beside the third


def test_previews_of_nothing_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = checked(tmp_path, capsys, "--previews", str(tmp_path / "sheet.png"))
    assert found["previews"] is None and not (tmp_path / "sheet.png").exists()
