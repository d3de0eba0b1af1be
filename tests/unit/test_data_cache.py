"""Decoded data on the disk: the same bytes as without it, made once, and never trusted blindly."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit import data_folders as made
from trainer.data import cache, people, products
from trainer.data.cache import Kept, key_of
from trainer.data.people import Mixture, PeopleFrames
from trainer.data.people_folders import read_packs
from trainer.data.products import read_products
from trainer.data.scene_batches import SceneBatches, Varied
from trainer.data.scenes import find_scenes

SIZES = [1000 + n for n in range(8)]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder in which the smallest sets are kept."""
    monkeypatch.setenv("GUISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "LEAST", 1)
    return tmp_path / "cache"


class Maker:
    """Records of noise; counts how often they were made."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, index: int) -> NDArray[np.uint8]:
        self.count += 1
        return np.random.default_rng(index).integers(0, 256, SIZES[index], np.uint8)


def wanted(index: int) -> NDArray[np.uint8]:
    return np.random.default_rng(index).integers(0, 256, SIZES[index], np.uint8)


def test_records_are_made_once_and_read_by_the_next_run(place: Path) -> None:
    for expected in (len(SIZES), 0):
        maker = Maker()
        kept = Kept("a", SIZES, maker)
        for index in (3, 1, 7, *range(8)):
            np.testing.assert_array_equal(kept[index], wanted(index))
        assert maker.count == expected
    assert [path.name for path in place.iterdir()] == ["a.cache"]


def test_what_was_damaged_is_made_again(place: Path) -> None:
    kept = Kept("a", SIZES, Maker())
    for index in range(8):
        kept[index]
    content = bytearray((place / "a.cache").read_bytes())
    content[4 * 8 + SIZES[0] + 5] ^= 1
    (place / "a.cache").write_bytes(content)
    maker = Maker()
    again = Kept("a", SIZES, maker)
    for index in range(8):
        np.testing.assert_array_equal(again[index], wanted(index))
    assert maker.count == 1
    (place / "a.cache").write_bytes(content[:3000])
    cut = Kept("a", SIZES, maker)
    np.testing.assert_array_equal(cut[7], wanted(7))


def test_two_runs_at_once_share_a_file() -> None:
    first, second = (Kept("a", SIZES, Maker()) for _ in "ab")
    for index in range(8):
        one, other = (first, second) if index % 2 else (second, first)
        np.testing.assert_array_equal(one[index], wanted(index))
        np.testing.assert_array_equal(other[index], wanted(index))


def test_sets_unused_for_longest_make_room(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = [100_000]
    monkeypatch.setenv("GUISE_CACHE_GB", "0.00025")
    for number, name in enumerate("abc"):
        record = np.full(100_000, number, np.uint8)
        np.testing.assert_array_equal(Kept(name, sizes, lambda _, r=record: r)[0], record)
        os.utime(place / f"{name}.cache", (number, number))
    assert sorted(path.name for path in place.iterdir()) == ["b.cache", "c.cache"]
    large = np.ones(1_000_000, np.uint8)
    np.testing.assert_array_equal(Kept("d", [len(large)], lambda _: large)[0], large)
    monkeypatch.setenv("GUISE_CACHE_GB", "0")
    maker = Maker()
    none = Kept("e", SIZES, maker)
    assert none[2] is none[2] and maker.count == 1  # in memory
    assert sorted(path.name for path in place.iterdir()) == ["b.cache", "c.cache"]


def test_a_full_disk_costs_nothing_but_time(monkeypatch: pytest.MonkeyPatch) -> None:
    maker = Maker()
    kept = Kept("a", SIZES, maker)
    kept[0]

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.os, "write", full)
    for index in (1, 2, 1, 0):
        np.testing.assert_array_equal(kept[index], wanted(index))
    assert maker.count == 3


def test_keys_change_with_files_code_and_options(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"one")
    keys = {key_of([file], (people,), 1), key_of([file], (people,), 2), key_of([file], (), 1)}
    keys |= {key_of([file], (people,), 1, np.arange(3)), key_of([file], (people,), 1, np.ones(3))}
    assert key_of([file], (people,), 1) in keys
    os.utime(file, (1, 1))
    keys.add(key_of([file], (people,), 1))
    file.write_bytes(b"four")
    os.utime(file, (1, 1))
    assert len(keys | {key_of([file], (people,), 1)}) == 7


def test_people_are_the_same_from_the_cache(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.coco(tmp_path / "set")
    samples = read_packs(tmp_path, ("set",), "train")
    monkeypatch.setenv("GUISE_CACHE_GB", "0")
    batches = [PeopleFrames(samples, 64, Mixture()).batch(np.random.default_rng(0), 6)]
    monkeypatch.delenv("GUISE_CACHE_GB")
    for _ in range(2):
        frames = PeopleFrames(samples, 64, Mixture())
        batches.append(frames.batch(np.random.default_rng(0), 6))
    assert len(list(place.iterdir())) == 2
    for batch in batches[1:]:
        for name, tensor in vars(batches[0]).items():
            np.testing.assert_array_equal(np.asarray(tensor), np.asarray(getattr(batch, name)))

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(people, "framed", never)
    PeopleFrames(samples, 64, Mixture()).batch(np.random.default_rng(0), 6)
    samples[3].photo.touch()
    with pytest.raises(AssertionError):
        PeopleFrames(samples, 64, Mixture()).batch(np.random.default_rng(0), 6)


@pytest.mark.parametrize("layout", ["edges", "side-by-side"])
def test_items_are_the_same_from_the_cache(
    layout: str, tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.MAKERS[layout](tmp_path / "set")
    monkeypatch.setenv("GUISE_CACHE_GB", "0")
    plain = read_products(tmp_path, ["set"], "train", 64)
    monkeypatch.delenv("GUISE_CACHE_GB")
    read_products(tmp_path, ["set"], "train", 64)
    monkeypatch.setattr(products, "whitened", None)
    kept = read_products(tmp_path, ["set"], "train", 64)
    np.testing.assert_array_equal(kept.photos, plain.photos)
    np.testing.assert_array_equal(kept.lines, plain.lines)
    assert kept.lines.dtype == bool and len(list(place.iterdir())) == 1


@pytest.mark.parametrize("layout", ["pix2pixhd", "labelme", "pix2pixhd-pictures", "side-by-side"])
def test_scenes_are_the_same_from_the_cache(
    layout: str, tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = find_scenes(made.MAKERS[layout](tmp_path / "set"), "train")
    monkeypatch.setenv("GUISE_CACHE_GB", "0")
    batches = [SceneBatches(folder, (32, 32), Varied()).batch(np.random.default_rng(0), 5)]
    monkeypatch.delenv("GUISE_CACHE_GB")
    for _ in range(2):
        batches.append(SceneBatches(folder, (32, 32), Varied()).batch(np.random.default_rng(0), 5))
    for batch in batches[1:]:
        for one, other in zip(batches[0], batch, strict=True):
            np.testing.assert_array_equal(one, other)
    assert len(list(place.iterdir())) == 1
