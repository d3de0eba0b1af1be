"""Shards hold what the folder held, sample by sample, and damaged ones are told."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError
from studio.__main__ import main
from tests.unit import data_folders as made
from trainer.data.check import Asked, check
from trainer.data.people_folders import read_packs
from trainer.data.products import read_products
from trainer.data.scenes import find_scenes
from trainer.data.shard_files import read_index
from trainer.data.sharding import write_shards

SMALL = 60_000
"""Bytes of a shard, so that there are several."""


@pytest.mark.parametrize("layout", ["coco", "coco-official", "posegan", "index"])
def test_people_are_the_same(layout: str, tmp_path: Path) -> None:
    folder, out = made.MAKERS[layout](tmp_path / "set"), tmp_path / "shards"
    index = write_shards(folder, out, SMALL)
    assert len(index.shards) > 2
    for split in ("train", "val"):
        ours, theirs = (read_packs(tmp_path, (name,), split) for name in ("shards", "set"))
        assert len(ours) == len(theirs) > 2
        for mine, other in zip(ours, theirs, strict=True):
            assert (mine.masked, mine.group, mine.pack) == (other.masked, other.group, other.pack)
            assert mine.pose == other.pose
            for a, b in zip(mine.read(), other.read(), strict=True):
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("layout", ["edges", "side-by-side"])
def test_items_are_the_same(layout: str, tmp_path: Path) -> None:
    folder, out = made.MAKERS[layout](tmp_path / "set"), tmp_path / "shards"
    write_shards(folder, out, SMALL)
    for split in ("train", "val"):
        mine, other = (read_products(tmp_path, [name], split, 64) for name in ("shards", "set"))
        assert len(mine) == len(other) > 2 and mine.names == other.names
        np.testing.assert_array_equal(mine.photos, other.photos)
        np.testing.assert_array_equal(mine.lines, other.lines)


@pytest.mark.parametrize(
    "layout", ["pix2pixhd", "cityscapes", "labelme", "pix2pixhd-pictures", "side-by-side"]
)
def test_scenes_are_the_same(layout: str, tmp_path: Path) -> None:
    folder, out = made.MAKERS[layout](tmp_path / "set"), tmp_path / "shards"
    write_shards(folder, out, SMALL)
    for split in ("train", "val"):
        mine, other = (find_scenes(place, split) for place in (out, folder))
        assert (len(mine), mine.classes, mine.things) == (len(other), other.classes, other.things)
        for i in reversed(range(len(mine))):  # any order
            for a, b in zip(vars(mine.load(i)).values(), vars(other.load(i)).values(), strict=True):
                np.testing.assert_array_equal(a, b)


def test_other_tools_read_them_as_plain_tar_files(tmp_path: Path) -> None:
    folder, out = made.coco(tmp_path / "set"), tmp_path / "shards"
    index = write_shards(folder, out, SMALL)
    held = [s.photo.read_bytes() for s in read_packs(tmp_path, ("set",), "train")]
    photos, keys = [], set()
    for name, length in index.shards:
        assert (out / name).stat().st_size == length <= SMALL + 10_240
        with tarfile.open(out / name) as tar:
            for head in tar:
                key, _, ending = head.name.partition(".")
                keys.add(key)
                content = tar.extractfile(head)
                assert content is not None
                if name.startswith("train") and ending == "photo.png":
                    photos.append(content.read())
                if ending == "json":
                    assert len(json.loads(content.read())["joints"]) == 18
    assert photos == held
    assert len(keys) == 22  # numbers begin anew in every split


def test_the_check_knows_shards(tmp_path: Path) -> None:
    folder, out = made.labelme(tmp_path / "set"), tmp_path / "shards"
    assert main(["prepare", "shards", str(folder), "-o", str(out), "--megabytes", "1"]) == 0
    found = check(Asked(out))
    assert found.usable and found.layout == "shards" and found.splits == {"train": 22, "val": 3}
    assert found.sizes == check(Asked(folder)).sizes


def test_what_stands_in_the_way_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    folder, out = made.edges(tmp_path / "set"), tmp_path / "shards"
    broken = folder / "val" / "photos" / "101.png"
    content = broken.read_bytes()
    broken.unlink()
    with pytest.raises(InputError, match="lacks its partner"):
        write_shards(folder, out, SMALL)
    assert not out.exists()
    broken.write_bytes(content)
    write_shards(folder, out, SMALL)
    with pytest.raises(InputError, match="not an empty folder"):
        write_shards(folder, out, SMALL)


def test_damaged_shards_are_told(tmp_path: Path) -> None:
    folder, out = made.edges(tmp_path / "set"), tmp_path / "shards"
    index = write_shards(folder, out, SMALL)
    first = out / index.shards[0][0]
    content = first.read_bytes()
    first.write_bytes(content[:-5000])
    assert "is cut off" in check(Asked(out)).reason
    first.unlink()
    assert "lacks the shard" in check(Asked(out)).reason
    first.write_bytes(content)
    table = json.loads((out / "shards.json").read_text())
    table["splits"]["train"][0]["members"]["photo.png"] = [0, 10**12]
    (out / "shards.json").write_text(json.dumps(table))
    assert check(Asked(out)).reason.startswith(f"{out}: A file cannot be read (0).")
    table["splits"]["train"][0]["shard"] = 99
    (out / "shards.json").write_text(json.dumps(table))
    assert "does not list" in check(Asked(out)).reason
    (out / "shards.json").write_text("{")
    assert "no index of shards" in check(Asked(out)).reason
    with pytest.raises(InputError, match="no index of shards"):
        read_index(out)
