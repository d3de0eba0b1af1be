"""How trainings are spoken of: states, durations, sizes."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from studio.languages import spoken
from studio.theme import Tokens
from studio.training.runs import Snapshot, State


def tr(text: str) -> str:
    """A text about trainings in the user's language."""
    return QCoreApplication.translate("Train", text)


def state_words(state: State) -> str:
    """How a training stands."""
    words = {
        State.starting: tr("starting"),
        State.training: tr("learning"),
        State.paused: tr("paused"),
        State.stopping: tr("stopping"),
        State.done: tr("finished"),
        State.stopped: tr("stopped and kept"),
        State.failed: tr("failed"),
        State.killed: tr("ended unexpectedly"),
        State.gone: tr("folder is gone"),
    }
    return words[state]


def state_ink(state: State, tokens: Tokens) -> str:
    """The colour of a state's dot."""
    if state in (State.failed, State.killed, State.gone):
        return tokens.error
    if state is State.done:
        return tokens.ok
    return {State.training: tokens.accent, State.paused: tokens.warning}.get(state, tokens.muted)


def duration(seconds: float) -> str:
    """A time span, as one reads it: 40 s, 12 min, 3 h 20 min."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return tr("{0} s").format(round(seconds))
    if minutes < 100:
        return tr("{0} min").format(minutes)
    if minutes < 48 * 60:
        return tr("{0} h {1} min").format(minutes // 60, minutes % 60)
    return tr("{0} days").format(round(minutes / 1440))


def gigabytes(nbytes: int) -> str:
    """An amount of memory."""
    if nbytes >= 1e9:
        return f"{nbytes / 1e9:.1f} GB"
    return f"{nbytes / 1e6:.0f} MB"


def percent(share: float | None) -> str:
    """A share as whole per cents."""
    return f"{round(100 * min(max(share or 0.0, 0.0), 1.0))} %"


def caption(snapshot: Snapshot) -> str:
    """A training in one short line."""
    words, state = state_words(snapshot.state), snapshot.state
    if state not in (State.training, State.paused, State.stopped, State.killed):
        return words
    return f"{words} · {percent(snapshot.status.progress)}"


def facts(snapshot: Snapshot) -> str:
    """How far and how fast it goes."""
    status, state = snapshot.status, snapshot.state
    if state is State.starting:
        return ""
    parts = [percent(status.progress)]
    if status.eta_s is not None and state is State.training:
        parts.append(tr("{0} left").format(duration(status.eta_s)))
    if status.per_second and state.runs:
        speed = QLocale().toString(float(status.per_second), "f", 1)
        parts.append(tr("{0} pictures a second").format(speed))
    if status.stages > 1 and status.stage:
        parts.append(
            tr("part {0} of {1}, {2}").format(status.stage_number, status.stages, status.stage)
        )
    if status.batch and state.runs:
        parts.append(tr("{0} at a time").format(status.batch))
    return " · ".join(parts)


def trouble(snapshot: Snapshot) -> tuple[str, str]:
    """What has to be said about a training, and its kind: "", "warning" or "error"."""
    match snapshot.state:
        case State.failed:
            last = snapshot.error or tr("It said nothing about why; its log may tell.")
            told = spoken(_ended(last))
            kept = tr("{0} What was learned until then is kept.")
            return (kept.format(told) if snapshot.ticks else told), "error"
        case State.killed:
            return (
                tr(
                    "The training was ended from outside: by the system, or because the computer "
                    "was switched off. Resume goes on from the last checkpoint."
                ),
                "error",
            )
        case State.gone:
            return (
                tr(
                    "{0} is not there any more. Connect its drive or put it back; until then there "
                    "is nothing to go on with."
                ).format(snapshot.folder),
                "error",
            )
        case _:
            alarm = snapshot.status.alarm
            return (spoken(alarm.text), "warning") if alarm is not None else ("", "")


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", "。")) else f"{sentence}."
