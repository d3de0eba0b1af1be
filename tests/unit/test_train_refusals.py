"""`guise train` with senseless numbers, damaged states and mistakes of ours: one sentence each."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cv2
import pytest

from engine.errors import ModelError
from studio.__main__ import main
from tests.unit import data_folders as made
from tests.unit.test_run_survival import COMMAND
from trainer import export
from trainer.options import RunOptions
from trainer.recipes.bicyclegan import BicycleTask

TINY = [word for word in COMMAND[1:] if word not in ("--packs", "items", "64")]
TINY[TINY.index("--shares") + 1 : TINY.index("--channels")] = ["1"]


@pytest.fixture
def items(tmp_path: Path) -> Path:
    return made.edges(tmp_path / "items", {"train": 4, "val": 2})


def trained(items: Path, *more: str) -> int:
    out = str(items.parent / "run")
    asked = ["--images", "8", "--batch", "4", "--tick", "0"]
    return main(["train", "bicyclegan", "--data", str(items), "--out", out, *TINY, *asked, *more])


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--batch", "-1", "--batch must be 0 or more."),
        ("--images", "-5", "--images must be 0 or more."),
        ("--threads", "-1", "--threads must be 0 or more."),
        ("--workers", "-7", "--workers must be -1 or more."),
        ("--devices", "0", "--devices must be 1 or more."),
        ("--average", "1.5", "--average must lie between 0 and 1, below 1."),
        ("--device", "tpu", "--device tpu is unknown; use auto, cpu, cuda or mps."),
    ],
)
def test_numbers_without_sense_are_refused(
    option: str, value: str, words: str, items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained(items, option, value) == 2
    assert capsys.readouterr().err == f"guise: {words}\n"
    assert not (items.parent / "run").exists()


def test_sides_that_cannot_be_halved_are_refused(
    items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained(items, "--sides", "33") == 2
    assert capsys.readouterr().err == "guise: --sides must be multiples of 32.\n"


@pytest.mark.parametrize("minutes", ["0", "-3", "nan"])
def test_a_training_that_would_never_end_is_refused(
    minutes: str, items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained(items, "--images", "0", "--minutes", minutes) == 2
    assert "--minutes must be more than 0" in capsys.readouterr().err


def test_few_images_are_shared_by_all_stages() -> None:
    whole = RunOptions(Path("run"), images=1)
    assert [whole.stage("a", n, (0.5, 0.5)).images for n in range(2)] == [1, 1]
    timed = RunOptions(Path("run"), minutes=4)
    assert timed.stage("a", 0, (0.5, 0.5)).images == 0


@pytest.mark.parametrize("junk", [b"junk", b"", b"\x80\x02}q"])
def test_a_damaged_state_is_told(
    junk: bytes, items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained(items) == 0
    state = items.parent / "run" / "32" / "state.pt"
    state.write_bytes(junk)
    assert trained(items, "--images", "16") == 2
    told = capsys.readouterr().err
    assert f"{state} cannot be resumed (" in told and "--fresh" in told
    os.utime(state.with_name("model.safetensors"), (0, 0))
    status = items.parent / "run" / "status.json"
    status.write_text(json.dumps({"state": "training"}))
    with pytest.raises(ModelError, match="is damaged"):
        export.find(str(items.parent / "run"))


def test_a_state_of_another_network_is_told(
    items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained(items) == 0
    assert trained(items, "--images", "16", "--looks", "6") == 2
    assert "its network has other sizes than the one asked for" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("where", "words"),
    [("batch", "Memory ran out at batches of 4;"), ("__init__", "Memory ran out; close other")],
)
def test_memory_that_runs_out_outside_of_pytorch_is_told(
    where: str,
    words: str,
    items: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hungry(*_: Any) -> Any:
        raise cv2.error("std::bad_alloc")

    monkeypatch.setattr(BicycleTask, where, hungry)
    assert trained(items) == 2
    assert capsys.readouterr().err.startswith(f"guise: {words}")


def test_a_mistake_of_ours_is_one_sentence_and_a_file(
    items: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(BicycleTask, "step", broken)
    assert trained(items) == 2
    told = capsys.readouterr().err
    path = items.parent / "run" / "error.txt"
    assert told.startswith("guise: Something unexpected went wrong (ZeroDivisionError: division")
    assert str(path) in told and told.count("\n") == 1
    assert "in broken" in path.read_text()
    status = json.loads((items.parent / "run" / "status.json").read_text())
    assert status["state"] == "failed" and status["error"] in told
