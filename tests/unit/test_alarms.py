"""Alarms on curves as trainings draw them, and silence on healthy ones."""

import numpy as np
import pytest

from trainer.alarms import Alarms, read_lines


def ticks(count=40, **figures):
    """Lines of a run; figures are functions of its progress."""
    return [
        {"step": n, "progress": n / count} | {k: f(n / count) for k, f in figures.items()}
        for n in range(1, count + 1)
    ]


def rung(lines):
    alarms = Alarms()
    return [alarm.id for line in lines for alarm in alarms.look(line)]


def falling(progress):
    return 0.4 - 0.3 * progress


def with_validations(lines, **figures):
    """Every fifth tick is followed by held-out figures."""
    made = []
    for number, line in enumerate(lines):
        made.append(line)
        if number % 5 == 4:
            held_out = {f"val_{name}": f(line["progress"]) for name, f in figures.items()}
            made.append({"step": line["step"], "progress": line["progress"], **held_out})
    return made


def test_a_healthy_run_is_quiet():
    rng = np.random.default_rng(0)
    lines = ticks(
        l1=lambda p: falling(p) + rng.normal(0, 0.01),
        judge=lambda p: 0.5 + rng.normal(0, 0.1),
        kl_0=lambda p: 3.0 * p,
        active_coarse=lambda p: 0.8 * p + 0.05,
        wait=lambda p: 0.01,
    )
    held_out = {"encoded_l1": falling, "diversity": lambda p: 0.3 + 0.05 * p}
    assert rung(with_validations(lines, **held_out)) == []


@pytest.mark.parametrize(
    ("figures", "alarm"),
    [
        ({"judge": lambda p: max(0.5 - 2 * p, 0.001)}, "judge_too_strong"),
        ({"judge_known": lambda p: 0.01, "judge_free": lambda p: 0.02}, "judge_too_strong"),
        ({"kl_0": lambda p: 0.001, "kl_1": lambda p: 0.0}, "posterior_collapse"),
        ({"active_fine": lambda p: 0.0, "kl_fine": lambda p: 4.0}, "posterior_collapse"),
        ({"wait": lambda p: 0.6}, "data_too_slow"),
    ],
)
def test_what_stays_bad_is_said_once(figures, alarm):
    assert rung(ticks(**figures)) == [alarm]


def test_what_is_bad_only_at_times_is_not_said():
    assert rung(ticks(judge=lambda p: 0.001 if int(p * 40) % 3 else 0.4)) == []
    assert rung(ticks(kl_0=lambda p: 0.0, kl_1=lambda p: 0.5)) == []  # one dimension is used


def test_samples_that_become_alike():
    lines = with_validations(ticks(l1=falling), diversity=lambda p: 0.3 if p < 0.5 else 0.05)
    assert rung(lines) == ["mode_collapse"]


def test_a_set_that_is_learned_by_heart():
    def rising(progress):
        return 0.3 - 0.2 * progress if progress < 0.4 else 0.22 + 0.2 * (progress - 0.4)

    assert rung(with_validations(ticks(l1=falling), encoded_l1=rising)) == ["overfit"]
    still = ticks(l1=lambda p: 0.3)
    assert rung(with_validations(still, encoded_l1=rising)) == []  # not what it has learned


def test_a_resumed_run_does_not_repeat_itself():
    lines = ticks(wait=lambda p: 0.6)
    alarms = Alarms([*lines, {"step": 40, "alarm": "data_too_slow", "text": ""}])
    assert alarms.look(lines[-1]) == []


def test_a_line_that_was_cut_off_is_left_out(tmp_path):
    path = tmp_path / "stats.jsonl"
    path.write_text('{"step": 1}\n{"step": 2, "lo')
    assert read_lines(path) == [{"step": 1}]
    assert read_lines(tmp_path / "none") == []
