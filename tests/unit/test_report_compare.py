"""Two models over the same cases, from files and from reports, and what cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.errors import InputError
from tests.unit.reports import CASES, figure, measured
from trainer.cli import main
from trainer.metrics.figures import Gap
from trainer.report.compare import Compared, compare, compared, of_figure, rivals
from trainer.report.measured import plain, write_json
from trainer.report.results import Results, read_results, read_side

BETTER = {name: value + 0.1 for name, value in CASES.items()}


def report(folder: Path, *models: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    content = Results(command="guise evaluate --all", versions={}, models=list(models))
    write_json(folder / "report.json", content)
    return folder


def test_the_difference_is_that_of_the_common_cases():
    more = {**BETTER, "e.png": 9.0}
    less = {**CASES, "f.png": -9.0}
    a, b = measured("a", figure(cases=more)), measured("b", figure(cases=less))
    row = compare(a, b).rows[0]
    assert row.n == 4
    assert row.difference == pytest.approx(0.1)
    assert (row.a, row.b) == pytest.approx((0.6, 0.5))
    assert row.low == pytest.approx(0.1) and row.high == pytest.approx(0.1)
    assert row.wins == 1 and row.winner == "A"


def test_the_lower_one_wins_where_lower_is_better():
    a, b = (measured(n, figure(cases=c, better="lower")) for n, c in (("a", BETTER), ("b", CASES)))
    row = compare(a, b).rows[0]
    assert row.winner == "B" and row.wins == 0


def test_noise_is_undecided():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(2, 40))
    a, b = (
        measured(n, figure(cases={str(i): float(v) for i, v in enumerate(row)}))
        for n, row in zip("ab", values, strict=True)
    )
    row = compare(a, b).rows[0]
    assert row.low < 0 < row.high and row.winner == ""


OTHER_JUDGE = {"lite0": {"weights_sha256": "ef56"}}
REFUSALS = [
    ({"protocol": "another"}, {}, "the protocols differ"),
    ({"judge": "hed"}, {}, "the judges differ: lite0 and hed"),
    ({}, {"judges": OTHER_JUDGE}, "the weights of the judge lite0 differ"),
    ({"n": 7}, {}, "one is of 4 cases, the other of 7"),
    ({"better": "between"}, {}, None),
    ({"cases": {}, "n": 4, "value": 0.5}, {}, "no mean over cases"),
    ({"cases": {"x": 1.0, "y": 1.0, "z": 1.0, "w": 2.0}}, {}, "different cases"),
    ({}, {"model": {"id": "b", "side": 128}}, "one was measured at 64 px, the other at 128 px"),
]


@pytest.mark.parametrize(("changed", "about", "reason"), REFUSALS)
def test_what_differs_is_refused_in_a_sentence(
    changed: dict[str, Any], about: dict[str, Any], reason: str | None
):
    a = measured("a", figure(**({"better": "between"} if reason is None else {})))
    found = of_figure(a, measured("b", figure(**changed), **about), "ssim")
    assert isinstance(found, Gap)
    assert (reason or "neither higher nor lower is better") in found.reason


def test_cases_of_the_same_name_in_other_data_are_not_taken_for_common_ones():
    few = {"a.png": 0.5, "x.png": 0.5, "y.png": 0.5, "z.png": 0.5}
    found = of_figure(measured("a", figure()), measured("b", figure(cases=few)), "ssim")
    assert isinstance(found, Gap) and "different cases" in found.reason
    half = few | {"b.png": 0.5}
    del half["z.png"]
    found = of_figure(measured("a", figure()), measured("b", figure(cases=half)), "ssim")
    assert isinstance(found, Compared) and found.n == 2


def test_figures_of_one_model_only_are_named():
    found = compare(measured("a", figure("x"), figure("y")), measured("b", figure("y")))
    assert [row.id for row in found.rows] == ["y"]
    assert found.refused == [Gap(id="x", reason="B has none")]


def test_models_of_one_kind_stand_side_by_side():
    drawn = measured("c", figure(), card={"shape": "Sketch"})
    people = [measured("a", figure()), measured("b", figure()), drawn]
    assert [(one.a["id"], one.b["id"]) for one in rivals(people)] == [("a", "b")]


# Files


def test_a_report_comes_back_from_its_file(tmp_path: Path):
    models = [measured("a", figure(baselines={"copy": 0.25})), measured("b")]
    assert read_results(report(tmp_path / "r", *models)) == models
    assert read_results(tmp_path / "r" / "report.json") == models


def test_a_file_of_one_model_can_be_compared_with_a_report(tmp_path: Path):
    alone = plain(measured("a", figure(cases=BETTER))) | {"times": {"paint": 1.0}}
    (tmp_path / "a.json").write_bytes(msgspec.json.encode(alone))
    folder = report(tmp_path / "r", measured("b", figure()), measured("c"))
    out, page = tmp_path / "out.json", tmp_path / "out.html"
    words = ["evaluate", "--compare", str(tmp_path / "a.json"), "b", "--report", str(folder)]
    assert main([*words, "--out", str(out), "--html", str(page)]) == 0
    (found,) = json.loads(out.read_text())
    assert found["rows"][0]["winner"] == "A"
    assert found["rows"][0]["difference"] == pytest.approx(0.1)
    assert "Likeness &lt;ssim&gt;" in page.read_text()


def test_two_reports_are_compared_model_by_model(tmp_path: Path):
    new = report(tmp_path / "new", measured("a", figure(cases=BETTER)), measured("b", figure()))
    old = report(tmp_path / "old", measured("b", figure()), measured("a", figure()))
    found = compared(read_side(str(new), tmp_path), read_side(str(old), tmp_path))
    assert [(one.a["id"], one.rows[0].winner) for one in found] == [("a", "A"), ("b", "")]


WRONG = [
    ("not json", "is no report of `guise evaluate`"),
    ("[1, 2]", "is no report of `guise evaluate`"),
    ('{"figures": 3}', "is no report of `guise evaluate`"),
    ('{"format": "guise project", "version": 1}', "is no report of `guise evaluate`"),
    ('{"format": "guise report", "version": 99}', "is a report of version 99, this Guise reads"),
    ('{"format": "guise report", "version": 1}', "is no report of `guise evaluate`"),
    ("", "is empty"),
]


@pytest.mark.parametrize(("content", "sentence"), WRONG)
def test_other_files_are_refused(tmp_path: Path, content: str, sentence: str, capsys: Any):
    (tmp_path / "x.json").write_text(content)
    good = report(tmp_path / "r", measured("b", figure()))
    assert main(["evaluate", "--compare", str(tmp_path / "x.json"), str(good)]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1


def test_absent_models_and_reports_are_named(tmp_path: Path):
    with pytest.raises(InputError, match="no report in"):
        read_side("people", tmp_path)
    folder = report(tmp_path / "r", measured("a"), measured("b"))
    with pytest.raises(InputError, match="has no model 'people'; it has: a, b"):
        read_side("people", folder)


def test_nothing_in_common_is_said(tmp_path: Path):
    with pytest.raises(InputError, match="no figure in common"):
        compared([measured("a", figure("x"))], [measured("b", figure("y"))])
    with pytest.raises(InputError, match="ssim: the protocols differ"):
        compared([measured("a", figure())], [measured("b", figure(protocol="another"))])
    with pytest.raises(InputError, match="no model of the same name"):
        compared([measured("a"), measured("b")], [measured("c")])


def test_of_figure_gives_the_row():
    found = of_figure(measured("a", figure(cases=BETTER)), measured("b", figure()), "ssim")
    assert isinstance(found, Compared) and found.winner == "A"
