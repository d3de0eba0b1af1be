"""`guise prepare shards`: a folder of training data as a few large tar files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.console import Console
from rich.progress import Progress

from engine.errors import InputError
from trainer.data.sharding import write_shards


@dataclass(frozen=True)
class Shards:
    """Write a folder of training data into tar files of samples, by WebDataset's convention, with
    an index of places: every recipe reads them as it reads the folder."""

    data: Annotated[Path, tyro.conf.Positional]
    """Folder in any of the layouts of `guise check`."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """An empty folder."""
    megabytes: int = 1000
    """Size after which the next file begins."""
    direction: Literal["AtoB", "BtoA"] = "AtoB"
    """Of pictures A and B: which one is the input."""


def main(args: list[str]) -> int:
    """Parse, write, count."""
    options = tyro.cli(Shards, args=args, prog="guise prepare shards")
    if not 1 <= options.megabytes <= 100_000:
        raise InputError("--megabytes must lie between 1 and 100,000.")
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Writing", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        most = options.megabytes * 10**6
        index = write_shards(options.data, options.out, most, options.direction, progress)
    told = ", ".join(f"{len(entries)} {split}" for split, entries in index.splits.items())
    print(f"{options.out}: {len(index.shards)} shards with {told} samples")
    return 0
