"""Run folders as the studio reads them: statistics, states, words, and the processes behind."""

import json
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError
from studio.training import process
from studio.training.answers import read_check, read_estimate
from studio.training.process import alive, explained, spoken_command, start_apart, words_of
from studio.training.runs import Child, Run, State, Word, ask, is_run, read_status, take_back
from studio.training.scale import Axis, fitted, round_step, short, spread
from studio.training.stats import Stats
from trainer.control import Desk


def line(images, **values):
    return json.dumps({"step": images, "images": images, "seconds": images * 6.0, **values}) + "\n"


def status(folder, **changes):
    fields = {"pid": os.getpid(), "host": socket.gethostname(), "state": "training"} | changes
    (folder / "status.json").write_text(json.dumps(fields))


@pytest.fixture
def ended():
    """The number of a process that is no more."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


# Statistics


def test_statistics_are_read_as_they_grow_and_half_a_line_waits(tmp_path):
    file, stats = tmp_path / "stats.jsonl", Stats()
    file.write_text(line(10, l1=0.5, wait=0.1) + line(20, l1=0.25)[:-9])
    assert stats.look([("", file)])
    assert stats.names == ["l1"] and list(stats.curves()["l1"].values) == [0.5]
    assert not stats.look([("", file)])
    file.write_text(line(10, l1=0.5, wait=0.1) + line(20, l1=0.25) + line(30, val_l1=0.3))
    assert stats.look([("", file)])
    curves = stats.curves()
    assert list(curves["l1"].values) == [0.5, 0.25]
    np.testing.assert_allclose(curves["val_l1"].minutes, [3.0])


def test_a_resumed_training_goes_back_to_its_checkpoint(tmp_path):
    file, stats = tmp_path / "stats.jsonl", Stats()
    file.write_text("".join(line(n, l1=n) for n in (10, 20, 30, 40)))
    stats.look([("", file)])
    with file.open("a") as more:
        more.write(line(25, l1=-1))
    stats.look([("", file)])
    assert list(stats.curves()["l1"].values) == [10, 20, -1]
    file.write_text(line(10, l1=7))  # begun anew
    stats.look([("", file)])
    assert list(stats.curves()["l1"].values) == [7]


def test_stages_follow_each_other_in_time(tmp_path):
    first, second, stats = tmp_path / "a.jsonl", tmp_path / "b.jsonl", Stats()
    first.write_text(line(10, l1=1) + line(20, l1=2))
    second.write_text(line(10, l1=3))
    stats.look([("64", first), ("128", second)])
    with first.open("a") as more:  # read after the second was
        more.write(line(30, l1=2.5))
    stats.look([("64", first), ("128", second)])
    curve = stats.curves()["l1"]
    assert list(curve.values) == [1, 2, 2.5, 3]
    np.testing.assert_allclose(curve.minutes, [1, 2, 3, 4])
    assert stats.stages() == {"64": 0.0, "128": pytest.approx(3.0)}


def test_damaged_lines_and_losses_that_are_no_numbers_are_left_out(tmp_path):
    file, stats = tmp_path / "stats.jsonl", Stats()
    bad = ['{"images": 1}', "[]", "nonsense", '{"images": "x", "seconds": 1}', '"text"', "\x00"]
    alarm = {"step": 9, "images": 9, "seconds": 54.0, "alarm": "nan", "text": "Lower the rate."}
    lines = [*bad, line(5, l1=float("nan"), l2=2.0).strip(), json.dumps(alarm)]
    file.write_text("\n".join(lines) + "\n")
    stats.look([("", file), ("gone", tmp_path / "gone.jsonl")])
    assert set(stats.curves()) == {"l2"}
    assert stats.alarms() == [(pytest.approx(0.9), "Lower the rate.")]


@pytest.mark.parametrize("width", [1, 3, 50])
def test_smoothing_is_the_mean_of_the_last_ones(tmp_path, width):
    values = np.random.default_rng(0).normal(size=40)
    file, stats = tmp_path / "stats.jsonl", Stats()
    file.write_text("".join(line(n + 1, l1=v) for n, v in enumerate(values)))
    stats.look([("", file)])
    expected = [values[max(0, n + 1 - width) : n + 1].mean() for n in range(len(values))]
    np.testing.assert_allclose(stats.curves()["l1"].smoothed(width), expected, atol=1e-12)


# Axes


def test_axes_hold_what_is_usual_and_mark_round_numbers():
    values = np.concatenate(([1e6], np.linspace(0.2, 1.0, 200)))
    axis = fitted([values], log=False)
    assert axis.low <= 0.2 and 1.0 <= axis.high < 2.0
    assert Axis(0.0, 1.0).marks(5) == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert [round_step(v) for v in (0.11, 1.0, 3.0, 6.0)] == pytest.approx([0.2, 1.0, 5.0, 10.0])
    log = fitted([np.array([0.01, 1.0, 100.0])], log=True)
    assert set(log.marks(8)) >= {0.1, 1.0, 10.0}
    np.testing.assert_allclose(Axis(0.01, 100, True).share(np.array([0.01, 1, 100])), [0, 0.5, 1])


def test_curves_far_apart_want_a_logarithmic_axis():
    assert spread([np.array([0.05]), np.array([3000.0])])
    assert not spread([np.array([0.05]), np.array([0.5])])
    assert not spread([np.array([0.0]), np.array([3000.0])])


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0832, "0.0832"), (12.44, "12.4"), (3368.2, "3368"), (23456, "23.5k"), (1e-5, "1e-05")],
)
def test_numbers_are_short(value, words):
    assert short(value) == words


# Run folders


def test_a_run_is_what_its_trainer_says_while_that_lives(tmp_path, ended):
    run = Run(tmp_path)
    assert run.look().state is State.killed  # a folder without a word
    status(tmp_path, command="guise train vunet --out x", progress=0.25)
    assert run.look().state is State.training
    assert not run.look().resumable
    status(tmp_path, pid=ended, command="guise train vunet --out x", progress=0.25)
    snapshot = run.look()
    assert snapshot.state is State.killed and snapshot.resumable
    status(tmp_path, pid=ended, state="done")
    assert run.look().state is State.done
    status(tmp_path, pid=ended, state="failed", error="Memory ran out.")
    assert run.look().error == "Memory ran out."
    assert Run(tmp_path / "gone").look().state is State.gone


def test_a_child_that_says_nothing_is_starting_or_has_failed(tmp_path, ended):
    run = Run(tmp_path)
    status(tmp_path, pid=1, state="stopped")
    assert run.look(Child(os.getpid())).state is State.starting  # the last run's words
    (tmp_path / "log.txt").write_text("warning: x\nguise: There is no folder x.\nbye\n")
    failed = run.look(Child(ended, 2))
    assert failed.state is State.failed and failed.error == "There is no folder x."


def test_a_run_of_another_machine_is_believed_for_a_while(tmp_path, ended):
    status(tmp_path, pid=ended, host="elsewhere", updated=1.0)
    assert Run(tmp_path).look().state is State.killed
    status(tmp_path, pid=ended, host="elsewhere", updated=4e9)
    assert Run(tmp_path).look().state is State.training


def test_damaged_words_are_no_words(tmp_path):
    for content in (b"", b"{", b'{"pid": "x"}', b"\xff\xfe"):
        (tmp_path / "status.json").write_bytes(content)
        assert read_status(tmp_path) is None
    status(tmp_path, state="dreaming", later="more")
    assert Run(tmp_path).look().state is State.killed


def test_words_are_files_and_a_gone_folder_is_told(tmp_path):
    assert not is_run(tmp_path)
    ask(tmp_path, Word.pause)
    status(tmp_path)
    assert (tmp_path / "control" / "pause").read_bytes() == b"" and is_run(tmp_path)
    assert Run(tmp_path).look().asked == {Word.pause}
    take_back(tmp_path, Word.pause)
    take_back(tmp_path, Word.pause)
    assert Run(tmp_path).look().asked == frozenset()
    with pytest.raises(InputError, match="gone"):
        ask(tmp_path / "no", Word.stop)


def test_sheets_of_all_stages_come_in_the_order_of_time(tmp_path):
    for age, stage in ((2000, "64"), (1000, "128")):
        folder = tmp_path / stage / "samples"
        folder.mkdir(parents=True)
        for name in ("00000200.png", "00000100.png"):
            (folder / name).write_bytes(b"x")
        stats = tmp_path / stage / "stats.jsonl"
        stats.write_text(line(1, l1=1))
        os.utime(stats, (5000 - age, 5000 - age))
    names = [f"{sheet.parent.parent.name}/{sheet.stem}" for sheet in Run(tmp_path).look().sheets]
    assert names == ["64/00000100", "64/00000200", "128/00000100", "128/00000200"]


def test_a_resumed_trainer_writes_its_own_process_into_the_status(tmp_path, ended):
    status(tmp_path, pid=ended, state="stopped", progress=0.5)
    Desk(tmp_path).tell("training")
    snapshot = Run(tmp_path).look(Child(os.getpid()))
    assert snapshot.state is State.training and snapshot.status.pid == os.getpid()
    assert snapshot.status.progress == 0.5


# Processes


def test_commands_are_spoken_and_understood():
    words = ["train", "vunet", "--data", "/my photos/it's", "--out", "x"]
    assert words_of(spoken_command(words)) == words
    assert shlex.split(spoken_command(words))[0] == "guise"
    assert words_of("rm -rf x") == [] and words_of("guise 'open") == []


def test_errors_are_the_last_sentence_of_ours():
    assert explained("a\nguise: First.\nguise: Second.\nTraceback\n") == "Second."
    assert explained("noise\nKilled\n") == "Killed" and explained("") == ""


def test_a_process_apart_outlives_its_starter_and_is_found_dead(tmp_path, monkeypatch):
    script = "import sys; print('guise: Said.', file=sys.stderr); sys.stdin.read(); sys.exit(2)"
    monkeypatch.setattr(process, "program", lambda: [sys.executable, "-c", script])
    child = start_apart([], tmp_path / "run")
    assert child.wait(60) == 2
    assert process.last_words(tmp_path / "run") == "Said."
    assert alive(os.getpid()) and not alive(child.pid) and not alive(0)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose another folder"):
        start_apart([], tmp_path / "file" / "run")


def test_a_process_apart_has_a_session_of_its_own_and_steps_back(tmp_path, monkeypatch):
    script = (
        "import os, time\n"
        "while os.nice(0) < 19: time.sleep(0.01)\n"
        "print(os.getsid(0) == os.getpid(), flush=True)"
    )
    monkeypatch.setattr(process, "program", lambda: [sys.executable, "-c", script])
    group = Path("/proc/self/autogroup")
    before = os.nice(0), group.read_text() if group.exists() else ""
    assert start_apart([], tmp_path).wait(60) == 0
    assert (tmp_path / "log.txt").read_text().strip() == "True"
    assert (os.nice(0), group.read_text() if group.exists() else "") == before


def test_answers_are_read_from_the_last_line():
    told = {"folder": "/x", "usable": True, "splits": {"train": 3}, "later": 1}
    check = read_check("noise\n" + json.dumps(told) + "\n")
    assert check.usable and check.splits == {"train": 3}
    stages = [{"bytes": 5, "images": 10}, {"bytes": 9, "images": None}]
    estimate = read_estimate(json.dumps({"stages": stages, "fits": False}))
    assert (estimate.most_bytes, estimate.images, estimate.fits) == (9, 10, False)
    for output in ("", "{", "[]"):
        with pytest.raises(InputError, match="try again"):
            read_check(output)
