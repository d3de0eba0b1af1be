"""`guise check`: what a folder of training data has, what is wrong with it, and who can learn."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import tyro

from engine.errors import InputError
from trainer.data.check import Asked, Checked, check
from trainer.data.fitting import TAKES

VERSION = 1
"""Of the JSON; goes up when a field changes its meaning."""


@dataclass(frozen=True)
class Check:
    """Check a folder of training data: counts, missing files, bad rows by name, people and photos
    that are both trained on and held out, and which recipes can learn from it.

    Ends with 0 if the folder can be trained on, else with 2 and the reason.
    """

    folder: Annotated[Path, tyro.conf.Positional]
    """Folder of the data, in any of the layouts that are known."""
    recipe: str = ""
    """Recipe that shall fit, as in `guise train`."""
    previews: Path | None = None
    """PNG file for a sheet of what networks will see."""
    direction: Literal["AtoB", "BtoA"] = "AtoB"
    """Of pictures A and B: which one is the input."""
    classes: int | None = None
    """Number of ids of label maps; without, those of labels.json, else Cityscapes."""
    quick: bool = False
    """Look at tables, files and the heads of some pictures only, as `guise train` does."""
    json: bool = False
    """Print the findings as JSON."""


def main(args: list[str]) -> int:
    """Parse, check, tell. Returns 2 for a folder that cannot be used."""
    options = tyro.cli(Check, args=args, prog="guise check")
    if options.recipe and options.recipe not in TAKES:
        raise InputError(f"There is no recipe {options.recipe!r}; use one of {', '.join(TAKES)}.")
    depth = "quick" if options.quick else "whole"
    asked = Asked(options.folder, options.recipe, options.direction, options.classes, depth)
    found = check(asked, Told())
    previews = None
    if options.previews is not None:
        from trainer.commands.check_previews import save_previews

        previews = save_previews(found, asked, options.previews)
    if options.json:
        print(msgspec.json.encode(told(found, asked, previews)).decode())
    else:
        print(described(found, previews))
    if found.usable:
        return 0
    print(f"guise: {found.reason}", file=sys.stderr)
    return 2


class Told:
    """A line a second on the error output."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._last >= 1:
            self._last = now
            print(f"checked {done} of {total}", file=sys.stderr, flush=True)


def told(found: Checked, asked: Asked, previews: Path | None) -> dict[str, Any]:
    """The findings as they are printed with --json."""
    names = ("smallest", "usual", "largest")
    arguments = ["--data", str(found.folder)]
    if found.kind == "pictures" and asked.direction != "AtoB":
        arguments += ["--direction", asked.direction]
    return {
        "version": VERSION,
        "folder": str(found.folder),
        "layout": found.layout,
        "title": found.title,
        "splits": found.splits,
        "sizes": dict(zip(names, found.sizes, strict=True)) if found.sizes else {},
        "problems": [asdict(problem) for problem in found.problems],
        "recipes": [asdict(fit) for fit in found.recipes],
        "arguments": arguments,
        "previews": None if previews is None else str(previews),
        "usable": found.usable,
        "reason": found.reason,
    }


def described(found: Checked, previews: Path | None) -> str:
    """The findings for people."""
    lines = [f"{found.folder}: {found.title or 'not recognised'}"]
    lines += [f"  {split:<6} {count:>7}" for split, count in found.splits.items()]
    if found.sizes:
        sizes = [f"{width} x {height}" for width, height in found.sizes]
        lines.append(f"  photos {sizes[0]} to {sizes[2]} px, mostly {sizes[1]}")
    for problem in found.problems:
        if problem.text == found.reason:
            continue  # told at the end
        lines.append(f"{problem.severity}: {problem.text}")
        lines += [f"    {name}" for name in problem.names]
        left = problem.count - len(problem.names)
        lines += [f"    and {left} more"] if problem.names and left else []
    fitting = [fit.id for fit in found.recipes if fit.fits]
    if fitting:
        lines.append(f"Recipes that fit: {', '.join(fitting)}")
    if previews is not None:
        lines.append(f"What networks will see: {previews}")
    return "\n".join(lines)
