"""Corrections that cannot be written: a full disk, folders and files that may not change."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError
from tests.unit import data_folders as made
from tests.unit.annotated import Folder
from trainer.annotations import writing
from trainer.annotations.json_text import elements, members, with_values
from trainer.annotations.writing import save

COUNTS = {"train": 3, "val": 2}


def obey_permissions() -> None:
    """Even as root: what the process starts next may not override permissions."""
    drop_from_bounding_set, override_permissions = 24, 1
    ctypes.CDLL(None).prctl(drop_from_bounding_set, override_permissions, 0, 0, 0)


def written_by_another(folder: Folder, path: Path, before: Callable[[], None]) -> str:
    """What the command says on its error output; nothing in the folder differs."""
    contents = folder.contents()
    done = subprocess.run(
        [sys.executable, "-m", "studio", "annotations", str(folder.place), "--write", str(path)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        preexec_fn=before,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert folder.contents() == contents
    return done.stderr


@pytest.fixture
def corrections(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Folder, Path]:
    """A folder, and a file that corrects joints and masks of all its people."""
    folder = Folder(made.coco(tmp_path / "set", COUNTS), capsys)
    noise = np.random.default_rng(0).integers(0, 256, made.SIZE[::-1], np.uint8)
    mask = folder.picture(noise)
    joints = {"left_wrist": (3, 4)}
    told = [{"id": name, "joints": joints, "mask": mask} for name in folder.items()]
    return folder, folder.told(*told)


def test_a_full_disk_changes_no_file(corrections: tuple[Folder, Path]) -> None:
    folder, path = corrections
    limit = (6_000, 6_000)  # room for the tables, not for the masks
    said = written_by_another(
        folder, path, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    )
    assert "cannot be written (file too large); nothing was changed." in said
    assert said.startswith("guise: ") and said.count("\n") == 1


def test_a_read_only_folder_changes_no_file(corrections: tuple[Folder, Path]) -> None:
    folder, path = corrections
    folder.place.joinpath("masks").chmod(0o555)
    said = written_by_another(folder, path, obey_permissions)
    assert "cannot be written (permission denied); nothing was changed." in said


def test_a_write_protected_table_changes_no_file(corrections: tuple[Folder, Path]) -> None:
    folder, path = corrections
    for table in folder.place.glob("*.json"):
        table.chmod(0o444)
    assert "write-protected" in folder.refused(*json.loads(path.read_text())["items"])


def test_many_files_are_written_in_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_AT_ONCE", 3)
    paths = [tmp_path / f"{n}.bin" for n in range(8)]
    for path in paths:
        path.write_bytes(b"old")
    new = {path: b"old" if n == 5 else b"new" for n, path in enumerate(paths)}
    saved = save(new | {tmp_path / "more" / "new.bin": b"new"})
    assert len(saved.files) == 8 and len(saved.kept) == 7
    assert not (tmp_path / "5.bin.orig").exists() and (tmp_path / "more" / "new.bin").is_file()
    assert all(path.read_bytes() == b"old" for path in saved.kept)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "masks").write_bytes(b"a file")
    with pytest.raises(InputError, match=r"cannot be written \(file exists\); nothing was changed"):
        save({tmp_path / "new.bin": b"1", tmp_path / "masks" / "0.png": b"2"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "masks"]


def test_json_keeps_every_byte_that_is_not_exchanged() -> None:
    text = '{ "a" : [ {"k":1.50,"n":NaN} ,\n {"k" : 2, "s": "} ]\\""} ], "b": {"ü": []} }'
    assert list(members(text)) == ["a", "b"]
    first, second = elements(text, members(text)["a"].start)
    assert first[1]["k"] == 1.5 and second[1] == {"k": 2, "s": '} ]"'}
    one = text[slice(*second[0])]
    assert with_values(one, {"k": [1, 2], "new": "ä"}) == (
        '{"k" : [1, 2], "s": "} ]\\"", "new": "\\u00e4"}'
    )
    assert with_values("{}", {"a": 1}) == '{"a":1}'
    assert list(elements("[ ]", 0)) == [] and members("{ }") == {}
