"""The quality round in the report: read as `guise train rounds` writes it, told with its chance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.errors import InputError
from tests.unit.reports import aimed, measured
from tests.unit.test_report_page import page
from trainer.recipes.rounds import ROUNDS
from trainer.recipes.rounds_table import tables
from trainer.report import rounds


def row(figure: str, value: float, images: int) -> dict[str, Any]:
    return {"images": images, "cpu_seconds": 60.0 + images / 100, "figures": {figure: value}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The first round with two seeds of three recipes, and a second one without any change."""
    one, other = ROUNDS[:2]
    figure = one.measures[0].name
    assert not one.measures[0].higher
    rows = {
        one.bundled.name: [row(figure, 0.50, 800), row(figure, 0.52, 800)],
        one.changes[0].name: [row(figure, 0.30, 1000), row(figure, 0.32, 1000)],
        one.changes[1].name: [row(figure, 0.51, 700), row(figure, 0.53, 700)],
    }
    alone = {other.bundled.name: [row(other.measures[0].name, 0.1, 500)]}
    found = tables([(one, rows), (other, alone)])
    (tmp_path / "rounds.json").write_bytes(msgspec.json.encode(found))
    return tmp_path


def test_what_helped_is_in_the_report(folder: Path, tmp_path: Path):
    found, _ = page(tmp_path, measured("one", aimed()), rounds=rounds.read(folder))
    one, other = ROUNDS[:2]
    assert "#rounds" in found.links and f"rounds.{one.id}" in found.ids
    said = found.text[found.text.index("What helps", found.text.index("What helps") + 1) :]
    helped = said[said.index(one.changes[0].name) :]
    assert helped.startswith(f"{one.changes[0].name}1,0000.5100.310\u22120.200")
    # two seeds that differ by 0.02 have a deviation of 0.0141; twice the error of means of two
    assert helped.index("\u00b10.0283") < helped.index("\u2713 helps")
    assert "within chance" in said[said.index(one.changes[1].name) :]
    assert f"No change was measured yet of: {other.id}." in said
    assert f"{one.measures[0].says}, lower is better" in said


def test_a_folder_without_rounds_and_other_versions_are_refused(folder: Path, tmp_path: Path):
    with pytest.raises(InputError, match="--rounds"):
        rounds.read(tmp_path / "nothing")
    content = msgspec.json.decode((folder / "rounds.json").read_bytes())
    (folder / "rounds.json").write_bytes(msgspec.json.encode(content | {"version": 9}))
    with pytest.raises(InputError, match="version 9, this Guise reads version 1"):
        rounds.read(folder)
    (folder / "rounds.json").write_text('{"version": 1, "rounds": [{}]}')
    with pytest.raises(InputError, match="is no table of rounds"):
        rounds.read(folder)
