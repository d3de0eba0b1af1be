"""Shapes in files and folders, each painted with one look or with several."""

from __future__ import annotations

import hashlib
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from engine.batch import Batch, Item, Work
from engine.errors import GuiseError, InputError
from engine.exports import Exporting, Kind, LongJob
from engine.films import FORMATS
from engine.look_files import look_value
from engine.painters.base import Stop
from engine.request import Saved
from engine.request_files import open_recipe
from engine.session import never
from engine.shapes.labels import LabelMap
from engine.shapes.sketch import Sketch
from trainer.commands.batch import run_folder
from trainer.commands.canvas import CanvasTask


def painted(task: CanvasTask[Any], out: Path) -> int:
    """Paint one shape into a file, or several into a folder. Returns the exit code."""
    if len(task.sources) == 1 and task.sources[0].is_file() and out.suffix and not out.is_dir():
        _single(task, task.sources[0], out)
        return 0
    return _several(task, out)


def _single(task: CanvasTask[Any], source: Path, out: Path) -> None:
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent} to write to.")
    sheet = task.options.sheet or len(task.looks.names) > 1
    _check_kind(out, sheet)
    if out.resolve() == source.resolve():
        raise InputError(f"{out} is the {task.noun} itself; name another file.")
    _spare(out)
    start, shape = time.perf_counter(), task.opened(source)
    if sheet:
        saved = finished(task.sheet(shape, out), task.session, "painting")
        what = f"{len(task.looks.names)} looks"
    else:
        saved = task.save(shape, 0, out, never)
        what = "{} x {} px".format(*_size(shape, task.options.longest))
    tell(task, saved, what, start)


def _spare(out: Path) -> None:
    """InputError if a file would be lost that no command painted."""
    if not out.exists():
        return
    try:
        ours = out.suffix.lower() == ".json" and bool(open_recipe(out))
        if not ours:
            with Image.open(out) as image:
                ours = str(image.info.get("Software", "")).startswith("Guise")
    except (GuiseError, OSError, ValueError, SyntaxError):
        ours = False
    if not ours:
        raise InputError(f"{out} is there and was not painted by Guise; name another file.")


def _check_kind(out: Path, sheet: bool) -> None:
    if out.suffix.lower() in FORMATS:
        raise InputError("Write one film at a time.")
    if Kind.of(out) is Kind.openraster or (Kind.of(out) is Kind.json and sheet):
        raise InputError(f"{out.name} cannot be written; name it .png.")


def finished(job: LongJob, session: Exporting, doing: str) -> Saved:
    """Do all steps of a job, with a bar on stderr if that is a terminal."""
    console = Console(stderr=True)
    steps = job.begin(session)
    try:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            line = bar.add_task(doing, total=1.0)
            while not isinstance(message := steps.step(never), Saved):
                bar.update(line, completed=getattr(message, "fraction", 0.0))
    finally:
        steps.close()
    return message


def _size(shape: Sketch | LabelMap, longest: int | None) -> tuple[int, int]:
    scale = (longest or max(shape.size)) / max(shape.size)
    width, height = (max(round(side * scale), 1) for side in shape.size)
    return width, height


def tell(task: CanvasTask[Any], saved: Saved, what: str, start: float) -> None:
    """Say what was written, and on stderr how it is less than what was asked for."""
    seconds = time.perf_counter() - start
    by = f"by the model {task.card.id!r} on {task.session.status}"
    print(f"{saved.path}: {what} in {seconds:.1f} s {by}")
    if saved.degraded:
        print(f"guise: {saved.degraded}", file=sys.stderr)


def _several(task: CanvasTask[Any], out: Path) -> int:
    items = _items(task, out)
    work = _sheets(task) if task.options.sheet else _pictures(task, items)
    return run_folder(Batch(items, out, work, _seal(task), task.options.resume), "painting")


def _items(task: CanvasTask[Any], out: Path) -> list[Item]:
    """What is made of which file, one item a look unless sheets are wanted."""
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file; name a folder for the results.")
    if out.suffix.lower() in (".png", ".json") and not out.exists():
        raise InputError(f"Several pictures go into a folder; name one instead of {out.name}.")
    found = [item for path in task.sources for item in _of(task, path, out)]
    twice = [str(t) for t, n in Counter(item.target for item in found).items() if n > 1]
    if twice:
        raise InputError(f"Two {task.plural} would become {twice[0]}; give them different names.")
    names = task.looks.names
    if task.options.sheet or len(names) == 1:
        return found
    return [
        Item(item.source, item.target.with_stem(f"{item.target.stem}-{n:02d}-{name}"))
        for item in found
        for n, name in enumerate(names, 1)
    ]


def _of(task: CanvasTask[Any], path: Path, out: Path) -> list[Item]:
    if path.is_dir():
        inside = out if len(task.sources) == 1 else out / path.resolve().name
        return task.found(path, inside)
    target = out / path.with_suffix(".png").name
    if target.resolve() == path.resolve():
        raise InputError(
            f"Name another folder for the results, so that no {task.noun} is replaced."
        )
    return [Item(path, target)]


def _pictures(task: CanvasTask[Any], items: list[Item]) -> Work:
    count = len(task.looks.names)
    numbers = {item.target: n % count for n, item in enumerate(items)}
    held: dict[Path, Any] = {}

    def work(item: Item, stop: Stop) -> str:
        _spare(item.target)
        if item.source not in held:
            held.clear()  # all looks of a shape are painted in a row
            held[item.source] = task.opened(item.source)
        return task.save(held[item.source], numbers[item.target], item.target, stop).degraded

    return work


def _sheets(task: CanvasTask[Any]) -> Work:
    def work(item: Item, stop: Stop) -> str:
        _spare(item.target)
        steps = task.sheet(task.opened(item.source), item.target).begin(task.session)
        while not isinstance(message := steps.step(stop), Saved):
            pass
        return message.degraded

    return work


def _seal(task: CanvasTask[Any]) -> str:
    """A hash of all that the pictures depend on besides the shapes."""
    options = task.options
    told = (
        task.session.digest(task.card.id),
        [look_value(look) for look in task.looks.told()],
        task.seal(),
        (options.sheet, options.cell if options.sheet else 0, options.longest),
    )
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()
