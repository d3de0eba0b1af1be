"""People in any layout: one door for the recipes that learn from them."""

from __future__ import annotations

from pathlib import Path

from engine.shapes.pose import CORE
from trainer.data import coco, coco_crops, index_p, posegan
from trainer.data.coco import PersonSample, Rows, wanted
from trainer.data.shard_files import INDEX, read_index
from trainer.data.shard_people import sharded_people

INDEX_P = "index.p"
_SPLITS = ("train", "val", "test")


def read_packs(data: Path, packs: tuple[str, ...], split: str) -> list[PersonSample]:
    """The samples of several packs below one data folder, one after the other.

    People without both shoulders and both hips are left out.

    Raises:
        InputError: a pack is in none of the layouts, or a row of it cannot be used.
    """
    samples = [sample for pack in packs for sample in wanted(people_rows(data / pack, split))]
    return [sample for sample in samples if sample.pose.has(*CORE)]


def people_rows(folder: Path, split: str) -> Rows:
    """Name and sample, or why there is none, of everybody in a split.

    Args:
        split: train or val; where a layout has no val but test, that is read.

    Raises:
        InputError: the folder is in none of the layouts, or lacks the split.
    """
    there = people_splits(folder)
    if split == "val" and "val" not in there and "test" in there:
        split = "test"
    if (folder / INDEX).is_file():
        return sharded_people(folder, split)
    if (folder / INDEX_P).is_file():
        path = folder / INDEX_P
        return index_p.index_rows(path, index_p.opened_index(path), split)
    if is_posegan(folder):
        return posegan.people_rows(folder, split)
    if coco_crops.splits_of(folder):
        return coco_crops.crop_rows(folder, split)
    return coco.coco_rows(folder, split)


def people_splits(folder: Path) -> tuple[str, ...]:
    """The splits that a folder of people has. InputError: an index that cannot be read."""
    if (folder / INDEX).is_file():
        return tuple(split for split in _SPLITS if split in read_index(folder).splits)
    if (folder / INDEX_P).is_file():
        flags = index_p.opened_index(folder / INDEX_P).train
        parts = {"train": flags.any(), "val": (~flags).any()}
        return tuple(split for split, there in parts.items() if there)
    if is_posegan(folder):
        return tuple(s for s in _SPLITS if any(folder.glob(f"*annotation-{s}.csv")))
    if found := coco_crops.splits_of(folder):
        return tuple(split for split in _SPLITS if split in found)
    return tuple(s for s in _SPLITS if (folder / f"person_keypoints_{s}.json").is_file())


def is_posegan(folder: Path) -> bool:
    """Whether pose-gan's tables lie in the folder."""
    return any(folder.glob("*annotation-*.csv"))
