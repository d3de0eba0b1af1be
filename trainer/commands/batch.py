"""Folders of photos on the command line: a bar while it lasts, and what failed at the end."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.batch import Batch, Outcome, State, run_batch

_COLUMNS = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


def run_folder(batch: Batch, doing: str) -> int:
    """Do a batch and tell how it went.

    Args:
        doing: what is done to a photo, e.g. "painting".

    Returns:
        The exit code: 1 if some photo failed.
    """
    outcomes: list[Outcome] = []
    try:
        _run(batch, doing, outcomes)
    finally:  # Ctrl-C too: what is finished stays and is counted
        _tell(batch, outcomes)
    return int(any(outcome.state is State.failed for outcome in outcomes))


def _run(batch: Batch, doing: str, outcomes: list[Outcome]) -> None:
    console = Console(stderr=True)
    columns = [TextColumn(c) if isinstance(c, str) else c for c in _COLUMNS]
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(doing, total=len(batch.items))
        for outcome in run_batch(batch):
            outcomes.append(outcome)
            bar.advance(task)


def _tell(batch: Batch, outcomes: list[Outcome]) -> None:
    count = Counter(outcome.state for outcome in outcomes)
    told = [f"{count[State.done]} done"]
    if count[State.skipped]:
        told.append(f"{count[State.skipped]} done before")
    if count[State.failed]:
        told.append(f"{count[State.failed]} failed")
    left = len(batch.items) - len(outcomes)
    if left:
        told.append(f"{left} left; the same command goes on")
    print(f"{batch.out}: {', '.join(told)}")
    for line in _lines([outcome for outcome in outcomes if outcome.text]):
        print(line, file=sys.stderr)


def _lines(outcomes: Sequence[Outcome]) -> list[str]:
    """What there is to say; once, where it is the same of several finished files."""
    alike = Counter(outcome.text for outcome in outcomes if outcome.state is State.done)
    told = [
        f"guise: {alike[outcome.text]} files: {outcome.text}"
        if outcome.state is State.done and alike[outcome.text] > 1
        else _line(outcome)
        for outcome in outcomes
    ]
    return list(dict.fromkeys(told))


def _line(outcome: Outcome) -> str:
    name = str(outcome.item.source)
    where = "" if outcome.text.startswith(name) else f"{name}: "
    return f"guise: {where}{outcome.text}"
