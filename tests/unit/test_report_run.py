"""`guise evaluate --all` from end to end with a small reader of streets."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.errors import InputError
from tests.unit.reports import write_reader, write_streets
from trainer.cli import main
from trainer.commands.evaluate import typed
from trainer.metrics.options import EvaluateOptions
from trainer.report import desk, jobs, orderings, workers
from trainer.report import run as report_run
from trainer.report.gather import Job
from trainer.report.options import ReportOptions

FIGURES = 5
"""Of the labels that a reader reads."""


@pytest.fixture
def reader(tmp_path: Path) -> Path:
    torch.set_num_threads(1)
    write_streets(tmp_path)
    return write_reader(tmp_path / "reader.safetensors")


def words(out: Path, *models: Path, workers: int = 1) -> list[str]:
    folder = models[0].parent
    named = ["--models", *(str(model) for model in models)]
    return ["evaluate", "--all", "--out", str(out), "--data", str(folder), "--cases", "few",
            "--device", "cpu", "--workers", str(workers), *named]  # fmt: skip


def measured_ids(out: Path) -> list[str]:
    return [
        model["model"]["id"] for model in json.loads((out / "report.json").read_text())["models"]
    ]


def test_the_same_run_twice_gives_the_same_bytes(reader: Path, tmp_path: Path):
    for name in ("first", "second"):
        assert main(words(tmp_path / name, reader)) == 0
    first, second = ((tmp_path / name / "report.json").read_bytes() for name in ("first", "second"))
    assert first == second
    found = json.loads(first)
    (model,) = found["models"]
    assert len(model["figures"]) == FIGURES
    assert model["figures"][0]["id"] == "pix2pixhd-segmentation.miou"
    assert "times" not in model and "--models reader.safetensors" in found["command"]
    times = json.loads((tmp_path / "first" / "times.json").read_text())
    assert times["street-reader"]["wall"] > 0
    assert "Reader street-reader" in (tmp_path / "first" / "report.html").read_text()


def test_what_was_measured_is_not_measured_again(
    reader: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = tmp_path / "out"
    assert main(words(out, reader)) == 0
    before = (out / "report.json").read_bytes()
    calls: list[str] = []
    real = desk.measure

    def counted(subject: Any, part: str, *rest: Any) -> Any:
        calls.append(part)
        return real(subject, part, *rest)

    monkeypatch.setattr(desk, "measure", counted)
    assert main(words(out, reader)) == 0
    assert not calls and (out / "report.json").read_bytes() == before
    assert main([*words(out, reader), "--fresh"]) == 0
    assert calls == ["pix2pixhd-segmentation"]
    write_reader(reader.with_name("b.safetensors")).replace(reader)
    assert main(words(out, reader)) == 0 and len(calls) == 1  # the same weights
    kept = out / "models" / "street-reader" / "pix2pixhd-segmentation.json"
    kept.write_text("damaged")
    assert main(words(out, reader)) == 0 and len(calls) == 2


def test_ctrl_c_keeps_what_is_done(reader: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    other = write_reader(tmp_path / "other.safetensors", "other")
    out = tmp_path / "out"
    real = desk.measure

    def interrupted(subject: Any, *rest: Any) -> Any:
        if subject.card.id == "other":
            raise KeyboardInterrupt
        return real(subject, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(desk, "measure", interrupted)
        assert main(words(out, reader, other)) == 130
    assert measured_ids(out) == ["street-reader"]
    assert (out / "report.html").is_file()
    assert main(words(out, reader, other)) == 0
    assert measured_ids(out) == ["street-reader", "other"]


def failing(monkeypatch: pytest.MonkeyPatch, identifier: str) -> None:
    real = desk.measure

    def broken(subject: Any, *rest: Any) -> Any:
        if subject.card.id == identifier:
            raise ZeroDivisionError("our own mistake")
        return real(subject, *rest)

    monkeypatch.setattr(desk, "measure", broken)


def test_a_mistake_of_ours_costs_one_model_and_is_measured_again(
    reader: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    other, out = write_reader(tmp_path / "other.safetensors", "other"), tmp_path / "out"
    with monkeypatch.context() as patched:
        failing(patched, "street-reader")
        assert main(words(out, reader, other)) == 0
    models = json.loads((out / "report.json").read_text())["models"]
    (gap,) = models[0]["gaps"]
    assert "ZeroDivisionError: our own mistake" in gap["reason"] and models[1]["gaps"]
    assert "in broken" in (out / "models" / "street-reader" / "error.txt").read_text()
    assert main(words(out, reader, other)) == 0
    assert len(json.loads((out / "report.json").read_text())["models"][0]["figures"]) == FIGURES


# Side by side


@pytest.fixture
def readers(reader: Path, tmp_path: Path) -> list[Path]:
    """Three models that can be measured, on packs of their own names."""
    found = [reader]
    for name in ("second", "third"):
        shutil.copytree(tmp_path / "street", tmp_path / name)
        found.append(write_reader(tmp_path / f"{name}.safetensors", name))
    return found


def test_several_processes_find_the_same_bytes_as_one(readers: list[Path], tmp_path: Path):
    alone, beside = tmp_path / "alone", tmp_path / "beside"
    assert main(words(alone, *readers)) == 0
    assert main(words(beside, *readers, workers=2)) == 0
    texts = [(out / "report.json").read_text() for out in (alone, beside)]
    assert texts[0] == texts[1].replace("--workers 2", "--workers 1")
    assert len(json.loads(texts[0])["models"][2]["figures"]) == FIGURES
    assert list(json.loads((beside / "times.json").read_text())) == [
        "street-reader", "second", "third",
    ]  # fmt: skip
    kept = {path: path.stat().st_mtime_ns for path in (beside / "models").rglob("*.json")}
    assert len(kept) == 3 and main(words(beside, *readers)) == 0
    assert kept == {path: path.stat().st_mtime_ns for path in kept}


KILLED = """
import os, signal, sys
from pathlib import Path
from trainer.report import desk, workers
from trainer.report.gather import Job
from trainer.report.options import ReportOptions
from trainer.report.run import run

real, home = desk.measure, os.getpid()

def killed(subject, *rest):
    if subject.card.id == "second":
        os.kill({whom}, signal.{how})
        if {whom} != os.getpid():
            signal.pause()
    return real(subject, *rest)

desk.measure = killed
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what shells start behind ignores it
    folder = Path(sys.argv[1])
    models = tuple(str(folder / f"{{name}}.safetensors") for name in ("reader", "second", "third"))
    sys.exit(run(ReportOptions(folder / "out", models, folder, cases="few", device="cpu",
                               workers=2), "guise"))
"""


def run_script(folder: Path, whom: str, how: str) -> subprocess.CompletedProcess[str]:
    """A report in a program of its own, in which a process is sent a signal."""
    script = folder / "script.py"
    script.write_text(KILLED.format(whom=whom, how=how))
    environment = {**os.environ, "PYTHONPATH": str(Path(desk.__file__).parents[2])}
    return subprocess.run(
        [sys.executable, str(script), str(folder)],
        env=environment, capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip


def test_a_process_that_is_killed_costs_one_model(readers: list[Path], tmp_path: Path):
    assert run_script(tmp_path, "os.getpid()", "SIGKILL").returncode == 0
    models = json.loads((tmp_path / "out" / "report.json").read_text())["models"]
    assert [len(model["figures"]) for model in models] == [FIGURES, 0, FIGURES]
    assert "SIGKILL" in models[1]["gaps"][0]["reason"]


def test_ctrl_c_stops_all_processes_and_leaves_no_drafts(readers: list[Path], tmp_path: Path):
    done = run_script(tmp_path, "os.getppid()", "SIGINT")
    assert done.returncode == 130 and "Stopped;" in done.stderr and "Traceback" not in done.stderr
    assert "second" not in measured_ids(tmp_path / "out")
    sheets = tmp_path / "out" / "sheets"
    assert not drafts(sheets)
    assert main(words(tmp_path / "out", *readers)) == 0
    assert measured_ids(tmp_path / "out") == ["street-reader", "second", "third"]


def test_processes_end_with_the_one_that_started_them(readers: list[Path], tmp_path: Path):
    done = run_script(tmp_path, "os.getppid()", "SIGKILL")  # returns once all have gone
    assert done.returncode == -signal.SIGKILL
    assert not drafts(tmp_path / "out" / "sheets")


def drafts(sheets: Path) -> list[Path]:
    return [path for path in sheets.rglob("*") if path.is_dir() and path.parent != sheets]


def order(name: str, kin: str) -> desk.Order:
    return desk.Order(Job(Path(name), EvaluateOptions(name)), name, "", kin)


def test_a_process_stays_with_the_photos_that_it_knows():
    a, b, c = order("a", "shoes"), order("b", "shoes"), order("c", "people")
    assert workers.chosen([a, b, c], "people", set()) is c
    assert workers.chosen([b, c], "", {"shoes"}) is c
    assert workers.chosen([b], "people", {"shoes"}) is b


@pytest.mark.parametrize(
    ("cores", "gigabytes", "kind", "count"),
    [(2, 15, "cpu", 2), (16, 15, "cpu", 7), (4, 1, "cpu", 1), (16, 80, "cuda", 1)],
)
def test_as_many_processes_as_cores_and_memory_allow(
    cores: int, gigabytes: int, kind: str, count: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(workers, "cores", lambda: cores)
    monkeypatch.setattr(workers, "free_bytes", lambda device: gigabytes * 2**30)
    assert workers.usual(torch.device(kind)) == count


def test_models_of_one_pack_and_size_are_kin():
    kins = {job.path.stem: jobs.kin(job, model.card) for model in jobs.chosen(())
            for job in [jobs.job(model, ReportOptions())]}  # fmt: skip
    assert kins["shoes"] == kins["shoes-vunet"] != kins["bags"]
    assert kins["facades"].split(",")[0] == kins["facades-looks"].split(",")[0] == "facades"


def test_a_model_that_cannot_be_measured_is_in_the_report_with_the_reason(
    reader: Path, tmp_path: Path
):
    other = write_reader(tmp_path / "other.safetensors", "other")  # there is no pack of that name
    assert main(words(tmp_path / "out", reader, other)) == 0
    models = json.loads((tmp_path / "out" / "report.json").read_text())["models"]
    assert models[1]["figures"] == []
    assert models[1]["gaps"][0]["id"] == "pix2pixhd-segmentation"
    assert "other" in models[1]["gaps"][0]["reason"]


WRONG = [
    (["--models", "nobody"], "There is no model 'nobody'"),
    (["--judge", "none.pth"], "There is no none.pth, which --judge names."),
    (["--inception", "none.pth"], "There is no none.pth, which --inception names."),
    (["--segments", "street", "none.x"], "There is no none.x, which --segments street names."),
    (["--noise", "elsewhere", "none.x"], "--noise names 'elsewhere', which is no model"),
    (["--orderings", "."], "has no orderings.json; name the folder of `guise train orderings`"),
]


@pytest.mark.parametrize(("more", "sentence"), WRONG)
def test_what_is_absent_is_said_at_once(
    reader: Path, tmp_path: Path, more: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
):
    asked = words(tmp_path / "out", reader)
    assert main([*(asked[:-2] if more[0] == "--models" else asked), *more]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1
    assert not (tmp_path / "out" / "report.json").exists()


def test_two_models_of_one_name_are_refused(reader: Path, tmp_path: Path):
    twin = write_reader(tmp_path / "twin.safetensors")
    with pytest.raises(InputError, match="Two models are called 'street-reader'"):
        jobs.chosen((str(reader), str(twin)))


def test_all_models_come_kind_by_kind_painters_first():
    ids = [model.card.id for model in jobs.chosen(())]
    assert ids.index("people") < ids.index("person-reader") < ids.index("shoes")
    assert (
        ids.index("shoes") < ids.index("edges") < ids.index("street") < ids.index("street-reader")
    )


def write_orderings(folder: Path, *models: str, **more: Any) -> None:
    group = {
        "id": "streets",
        "title": "Streets",
        "paper": "a paper",
        "pack": "street",
        "models": [{"name": name, "path": f"{name}.safetensors"} for name in models],
        "claims": [
            {"text": "x beats y.", "better": "x", "worse": "y",
             "figure": "pix2pixhd-segmentation.miou.by_picture"}
        ],
    }  # fmt: skip
    content = {"version": 1, "groups": [group]} | more
    (folder / "orderings.json").write_text(json.dumps(content))


def test_the_papers_orderings_are_measured(reader: Path, tmp_path: Path):
    folder = tmp_path / "orderings"
    folder.mkdir()
    write_reader(folder / "x.safetensors", "x")
    write_reader(folder / "y.safetensors", "y")
    write_orderings(folder, "x", "y", "gone")
    out = tmp_path / "out"
    assert main([*words(out, reader), "--orderings", str(folder)]) == 0
    (ranking,) = json.loads((out / "report.json").read_text())["orderings"]
    (outcome,) = ranking["outcomes"]
    assert outcome["verdict"] == "undecided" and outcome["compared"]["difference"] == 0
    names = {entry["name"]: entry["reason"] for entry in ranking["entries"]}
    assert names["x"] == names["y"] == "" and "gone" in names["gone"]
    assert str(tmp_path) not in json.dumps(ranking["group"])
    assert "The papers' orderings" in (out / "report.html").read_text()


def test_orderings_of_other_versions_are_refused(tmp_path: Path):
    write_orderings(tmp_path, version=7)
    with pytest.raises(InputError, match="version 7, this Guise reads version 1"):
        orderings.read(tmp_path)
    (tmp_path / "orderings.json").write_text('{"version": 1, "groups": 5}')
    with pytest.raises(InputError, match="is no table of orderings"):
        orderings.read(tmp_path)


def test_a_report_needs_data(reader: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GUISE_DATA", raising=False)
    with pytest.raises(InputError, match="--data"):
        report_run.run(ReportOptions(tmp_path / "out", (str(reader),)), "")


def test_the_command_names_files_without_their_places_but_runs_by_their_folders():
    words = ["--all", "--out", "/a/b", "--judge", "/x/lite0.pth", "--noise", "shoes",
             "/runs/noise/model.safetensors", "--fresh"]  # fmt: skip
    assert typed(words) == (
        "guise evaluate --all --judge lite0.pth --noise shoes noise/model.safetensors"
    )


# One model by a protocol


def test_a_protocol_is_named_on_the_command_line(
    reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "one.json"
    asked = ["evaluate", str(reader), "--data", str(tmp_path), "--device", "cpu", "--threads", "1"]
    chosen = ["--protocol", "pix2pixhd-segmentation", "--protocol-cases", "2", "--out", str(out)]
    assert main([*asked, *chosen]) == 0
    found = json.loads(out.read_text())
    assert [row["n"] for row in found["figures"]] == [2] * FIGURES
    assert main([*asked, "--protocol", "nothing"]) == 2
    assert "There is no protocol 'nothing'" in capsys.readouterr().err
    assert main(asked) == 2
    assert "--protocol: pix2pixhd-segmentation" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path / "street"), *asked[2:]]) == 2
    assert "with --protocol" in capsys.readouterr().err


def test_the_protocols_are_listed(capsys: pytest.CaptureFixture[str]):
    assert main(["evaluate", "--protocols"]) == 0
    said = capsys.readouterr().out
    assert "pose-gan" in said and "Siarohin" in said
