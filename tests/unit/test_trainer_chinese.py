"""What the trainer says in the studio's window is said in Chinese there, numbers and names kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import GuiseError
from studio import languages
from studio.sentences import Sentences
from tests.unit import data_folders as made
from tests.unit.sources import training_sentences
from tests.unit.test_check import huge_png
from tests.unit.test_loop import LineTask
from trainer.alarms import TEXTS
from trainer.commands import train
from trainer.data.check import Asked, Checked, check
from trainer.data.opening import opened
from trainer.estimate import in_words
from trainer.loop import RunOptions, run
from trainer.ranks import check_batch
from trainer.recipes.vunet import VunetRecipe

ENGLISH = re.compile(r"\b(is|are|has|have|the|of|not|to|from|it|with|cannot|there|as|its)\b")
HAN = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def own() -> dict[str, str]:
    return languages.read("zh_CN")[1]


@pytest.fixture(scope="module")
def told(own: dict[str, str]) -> Callable[[str], str]:
    """A sentence in Chinese, checked to leave no English but names and commands."""
    sentences = Sentences(own)

    def speak(text: str) -> str:
        said = sentences.told(text)
        bare = re.sub(r"`[^`]*`|\S*/\S*", "", said)
        assert HAN.search(said) and not ENGLISH.search(bare), f"{text!r} -> {said!r}"
        return said

    return speak


def test_every_sentence_of_the_trainer_has_its_chinese(own: dict[str, str]) -> None:
    missing = sorted(training_sentences() - set(own))
    assert not missing


def test_alarms_are_told(told: Callable[[str], str]) -> None:
    assert all(told(text).endswith("。") for text in TEXTS.values())


# What a check finds


def broken_people(folder: Path) -> None:
    made.coco(folder)
    path = folder / "person_keypoints_train.json"
    table = json.loads(path.read_text())
    notes = table["annotations"]
    notes[0]["keypoints"][0] = float("nan")
    notes[1]["keypoints"][15:17] = [5000, 50]
    notes[2]["image_id"] = 777
    notes[4]["keypoints"][15:18] = notes[4]["keypoints"][18:21] = [0, 0, 0]
    path.write_text(json.dumps(table))
    made.save(folder / "masks" / "5.png", np.zeros((9, 9), np.uint8))
    (folder / "masks" / "6.png").unlink()
    for i in range(7, 12):
        (folder / "photos" / f"{i}.png").unlink()


def broken_table(folder: Path) -> None:
    table = made.posegan(folder) / "annotation-train.csv"
    lines = table.read_text().splitlines()
    (folder / "train" / lines[1].split(":")[0]).unlink()
    lines[2] = lines[2].replace("[", "[NaN, ", 1)
    lines[3] = lines[3].rpartition(":")[0] + ": [" + ", ".join(["900"] * 18) + "]"
    table.write_text("\n".join(lines))


def broken_items(folder: Path) -> None:
    photos = made.edges(folder) / "train" / "photos"
    (photos / "0.png").write_bytes(b"no picture")
    (photos / "1.png").write_bytes(huge_png(40_000, 40_000))
    (folder / "train" / "edges" / "4.png").unlink()


def broken_streets(folder: Path) -> None:
    made.pix2pixhd(folder)
    labels, objects, photo = made.street(0)
    odd = labels.copy()
    odd[0, 0] = 77
    made.save(folder / "train_label" / "0.png", odd)
    made.save(folder / "train_label" / "1.png", np.dstack([labels, labels * 2, labels]))
    made.save(folder / "train_img" / "2.png", photo[:32])
    made.save(folder / "train_inst" / "3.png", np.roll(objects, 30, 1))


def nothing_held_out(folder: Path) -> None:
    made.edges(folder, {"train": 1, "val": 0})
    for place in ("val/photos", "val/edges", "val"):
        (folder / place).rmdir()


def photos_alone(folder: Path) -> None:
    made.save(folder / "one.png", made.street(0)[2])


def several(folder: Path) -> None:
    made.edges(folder / "shoes", {"train": 1, "val": 1})
    made.edges(folder / "bags", {"train": 1, "val": 1})


def nothing(folder: Path) -> None:
    folder.mkdir()


def words(found: Checked) -> Iterator[str]:
    yield from (problem.text for problem in found.problems)
    yield from (name for one in found.problems for name in one.names if ": " in name)
    yield from (fit.reason for fit in found.recipes if not fit.fits)
    yield from filter(None, (found.title, found.reason))


@pytest.mark.parametrize(
    "make",
    [
        broken_people,
        broken_table,
        broken_items,
        broken_streets,
        nothing_held_out,
        photos_alone,
        several,
        nothing,
    ],
)
def test_what_a_check_finds_is_told(
    make: Callable[[Path], None], told: Callable[[str], str], tmp_path: Path
) -> None:
    folder = tmp_path / "照片"
    make(folder)
    found = check(Asked(folder))
    assert found.reason
    for text in words(found):
        if HAN.search(text.replace(str(folder), "")) or not ENGLISH.search(text):
            continue
        said = told(text)
        numbers = re.findall(r"\d+", text)
        assert sorted(re.findall(r"\d+", said)) == sorted(numbers)


def test_refusals_of_other_recipes_are_told(told: Callable[[str], str], tmp_path: Path) -> None:
    streets = made.pix2pixhd(tmp_path / "street")
    for recipe in ("vunet", "bicyclegan", "deformable-paper"):
        said = told(check(Asked(streets, recipe)).reason)
        assert said.startswith(f"{recipe} 无法用 {streets} 训练。它从")


# What ends a training


def test_refusals_of_a_start_are_told(told: Callable[[str], str], tmp_path: Path) -> None:
    for start in (
        lambda: opened("vunet", VunetRecipe(tmp_path / "gone")),
        lambda: check_batch(10, 4),
        lambda: train.main(["no-such-recipe"]),
    ):
        with pytest.raises(GuiseError) as raised:
            start()
        told(str(raised.value))


def test_the_end_of_a_training_is_told(told: Callable[[str], str], tmp_path: Path) -> None:
    photo = tmp_path / "photo.bin"
    photo.write_bytes(b"1")
    task: Any = LineTask()
    made = task.batch

    def read(*given: Any) -> Any:
        photo.read_bytes()
        if len(task.seen) >= 3:
            photo.unlink(missing_ok=True)
        return made(*given)

    task.batch = read
    with pytest.raises(GuiseError) as raised:
        run(task, RunOptions(tmp_path / "run", device="cpu", tick=0, images=6400))
    said = told(str(raised.value))
    assert said.startswith(f"{photo} 已无法读写（没有这个文件或文件夹）") and "步继续。" in said


def test_estimates_are_told(told: Callable[[str], str]) -> None:
    scarce = in_words(16, 2**32, 2**31, RunOptions())
    assert told(scarce) == "每批 16 张约需 4.0 GiB；可用 2.0 GiB。请减小 --batch。"
