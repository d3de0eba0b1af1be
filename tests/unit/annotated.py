"""Folders of training data as `guise annotations` lists and corrects them, through the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from studio.__main__ import main


class Folder:
    """A folder and the command that is run on it."""

    def __init__(self, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self._capsys = place, capsys
        self.work = place.parent / "work"
        self.work.mkdir(exist_ok=True)

    def listed(self, *options: str) -> dict[str, Any]:
        """What --json prints."""
        return json.loads(self._run("--json", *options))

    def items(self, *options: str) -> dict[str, dict[str, Any]]:
        """Items by id, in their order."""
        return {item["id"]: item for item in self.listed(*options)["items"]}

    def write(self, *corrections: dict[str, Any], version: int = 1) -> dict[str, Any]:
        """What writing corrections prints."""
        return json.loads(self._run("--json", "--write", str(self.told(*corrections))))

    def refused(self, *corrections: dict[str, Any]) -> str:
        """The sentence with which corrections are refused; no file differs."""
        before = self.contents()
        self._capsys.readouterr()
        code = main(["annotations", str(self.place), "--write", str(self.told(*corrections))])
        said = self._capsys.readouterr()
        assert (code, said.out) == (2, "") and said.err.count("\n") == 1
        assert self.contents() == before
        return said.err.removeprefix("guise: ").strip()

    def told(self, *corrections: dict[str, Any]) -> Path:
        """A file of corrections."""
        path = self.work / "corrections.json"
        path.write_text(json.dumps({"version": 1, "items": corrections}))
        return path

    def picture(self, pixels: NDArray[Any], name: str = "corrected.png") -> str:
        """A picture file that a correction names."""
        Image.fromarray(pixels).save(self.work / name)
        return str(self.work / name)

    def contents(self) -> dict[Path, bytes]:
        """Every file of the folder."""
        return {path: path.read_bytes() for path in self.place.rglob("*") if path.is_file()}

    def _run(self, *options: str) -> str:
        self._capsys.readouterr()
        assert main(["annotations", str(self.place), *options]) == 0
        return self._capsys.readouterr().out


def pixels_of(path: str | Path) -> NDArray[Any]:
    """A picture as PIL reads it."""
    with Image.open(path) as image:
        return np.asarray(image)
