"""`guise evaluate`: a model's figures on held-out data, a report of all models, two compared."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TypeVar

import tyro
from rich.console import Console
from rich.table import Table

from trainer.metrics.options import EvaluateOptions
from trainer.report.options import CompareOptions, ReportOptions

Options = TypeVar("Options")
_ALL, _COMPARE, _PROTOCOLS = "--all", "--compare", "--protocols"
_MODEL = "model.safetensors"


_ABOUT = {
    "": (
        "Measure a model on held-out data.\n\n"
        "`guise evaluate --all` measures all models and writes one report.\n\n"
        "`guise evaluate --compare A B` compares two models over the same cases.\n\n"
        "`guise evaluate --protocols` lists the papers' protocols, for --protocol.\n\n"
        "With --help these list their own options."
    ),
    _ALL: (
        "Measure every model with everything that fits it, and write one report: a page that opens "
        "anywhere (report.html), the figures (report.json; the same run twice gives the same "
        "bytes) and the times (times.json). Ctrl-C keeps what is done; the same command goes on "
        "from there."
    ),
    _COMPARE: (
        "Compare two models over the cases that both were measured on. A figure is compared only "
        "if protocol, judge and number of cases are the same; the difference comes with its 95 % "
        "interval by a paired bootstrap."
    ),
}


def main(args: list[str]) -> int | None:
    """Parse, measure, print."""
    rest = [word for word in args if word not in (_ALL, _COMPARE, _PROTOCOLS)]
    if _ALL in args:
        from trainer.report.run import run as run_all

        return run_all(_parsed(ReportOptions, rest, _ALL), typed(args))
    if _COMPARE in args:
        from trainer.report.comparing import run as run_comparison

        run_comparison(_parsed(CompareOptions, rest, _COMPARE))
        return None
    if _PROTOCOLS in args:
        Console().print(protocols())
        return None
    from trainer.evaluate import run

    run(_parsed(EvaluateOptions, args, ""))
    return None


def _parsed(options: type[Options], args: list[str], way: str) -> Options:
    prog = f"guise evaluate {way}".rstrip()
    return tyro.cli(options, args=args, prog=prog, description=_ABOUT[way])


def typed(args: list[str]) -> str:
    """The command for the report, without its place: of files and folders only the names.

    Every run of the trainer leaves a file of the same name: of those the folder's name, too.
    """
    places = [n + k for n, word in enumerate(args) if word == "--out" for k in (0, 1)]
    kept = [word for n, word in enumerate(args) if n not in places and word != "--fresh"]
    return shlex.join(["guise", "evaluate", *map(_named, kept)])


def _named(word: str) -> str:
    if os.sep not in word:
        return word
    path = Path(word)
    return f"{path.parent.name}/{path.name}" if path.name == _MODEL else path.name


def protocols() -> Table:
    """The papers' protocols, for people."""
    from trainer.metrics.protocols import PROTOCOLS

    shown = Table()
    for name in ("protocol", "what", "source"):
        shown.add_column(name, overflow="fold")
    for name, protocol in PROTOCOLS.items():
        shown.add_row(name, protocol.title, protocol.source)
    return shown
