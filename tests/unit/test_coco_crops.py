"""COCO as downloaded: people cut out of photos of several, and their outlines as masks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError
from engine.shapes.pose import INDEX
from tests.unit import data_folders as made
from trainer.data.coco_crops import crop_rows
from trainer.data.coco_outlines import mask_of, packed, run_lengths
from trainer.data.people_folders import read_packs
from trainer.data.problems import BadSample


def test_people_are_cut_out_with_their_joints_and_masks(tmp_path: Path) -> None:
    made.coco_official(tmp_path / "coco")
    people = read_packs(tmp_path, ("coco",), "val")
    assert len(people) == 3  # crowds are left out
    for number, sample in enumerate(people, made.COUNTS["train"]):
        photo, mask, pose = made.person(number)
        ys, xs = np.nonzero(mask)
        around = 0.2 * max(np.ptp(xs) + 1, np.ptp(ys) + 1)
        left, top = (max(int(np.floor(v.min() - around)), 0) for v in (xs, ys))
        pixels, cut = sample.read()
        height, width = cut.shape
        right = min(left + width, made.SIZE[0])  # beyond, the other one begins
        np.testing.assert_array_equal(
            pixels[:, : right - left], photo[top : top + height, left:right]
        )
        there = mask[top : top + height, left:right] > 127
        assert ((cut[:, : right - left] > 127) != there).mean() < 0.03  # half a pixel of border
        named = np.delete(np.arange(18), INDEX["neck"])  # COCO has none
        np.testing.assert_allclose(sample.pose.xy[named], (pose.xy - (left, top))[named], atol=1e-6)
        assert sample.pose.size == (width, height)


def test_run_lengths_go_down_the_columns() -> None:
    mask = np.zeros((5, 7), np.uint8)
    mask[1:4, 2] = 255
    mask[0:2, 3] = 255
    counts = [11, 3, 1, 2, 18]
    np.testing.assert_array_equal(mask_of({"counts": counts, "size": [5, 7]}, (7, 5)), mask)
    square = mask_of([[1.0, 1.0, 4.0, 1.0, 4.0, 3.0, 1.0, 3.0]], (7, 5))
    assert 2 * 3 <= (square > 0).sum() <= 3 * 4
    for strange in ({"counts": "abc", "size": [5, 7]}, {"counts": [3], "size": [5, 7]}, [3, 4]):
        with pytest.raises(BadSample, match=r"neither polygons|of another photo"):
            mask_of(strange, (7, 5))


def test_run_lengths_as_text_are_those_of_cocos_own_api() -> None:
    mask = np.zeros((40, 50), np.uint8)
    mask[20:40, 30:50] = mask[0, :3] = mask[3:9, 7:19] = 255
    mask[25:30, 35:37] = 0
    # written by pycocotools 2.0
    text = "01W1000S55hJ000000000000000000000Y>>YA00000000AA5?KA5?:000000000000000000000000"
    np.testing.assert_array_equal(mask_of({"counts": text, "size": [40, 50]}, (50, 40)), mask)
    assert packed(run_lengths(mask > 0)) == text


def test_rows_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    folder = made.coco_official(tmp_path)
    path = folder / "annotations" / "person_keypoints_val2017.json"
    table = json.loads(path.read_text())
    notes = [note for note in table["annotations"] if not note["iscrowd"]]
    notes[0]["image_id"] = 999
    notes[1]["bbox"] = [500, 0, 40, 100]
    path.write_text(json.dumps({**table, "annotations": notes}))
    found = dict(crop_rows(folder, "val"))
    bad = {name for name, sample in found.items() if isinstance(sample, InputError)}
    assert len(found) == 3 and len(bad) == 2
    assert f"annotation {notes[0]['id']}" in bad
    (folder / "val2017" / f"{made.COUNTS['train'] + 2}.png").unlink()
    left = next(sample for sample in found.values() if not isinstance(sample, InputError))
    with pytest.raises(BadSample, match="no file"):
        left.read()
