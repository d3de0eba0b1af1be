"""`guise sketch`: drawings painted as shoes, bags or whatever a model paints."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import tyro
from rich.console import Console
from rich.progress import Progress

from engine.appearance import Appearance
from engine.card import Card
from engine.errors import InputError, ModelError
from engine.exports import AnimationJob, Exporting, ExportJob, Kind, LongJob, export
from engine.films import FORMATS
from engine.registry import architecture
from engine.request import Saved
from engine.session import Session, never
from engine.shapes.sketch import Sketch
from engine.sketch_exports import way
from trainer.commands.common import session_with
from trainer.commands.sketch_folder import several
from trainer.commands.sketch_options import Looks
from trainer.commands.sketch_task import SketchCommand, Task

_FPS = 12
_CELL = (32, 1024)


def main(args: list[str]) -> int:
    """Parse, paint, write."""
    options = tyro.cli(SketchCommand, args=args, prog="guise sketch")
    if options.out is not None and options.out.suffix.lower() in FORMATS and not options.morph:
        options = replace(options, morph=options.out, out=None)
    _check(options)
    session, model = session_with(options.model, options.device)
    card = _painter(session, model)
    task = Task(session, card, options, Looks(session, card, options.looks))
    if options.morph is not None:
        _film(task, options.sketches[0], options.morph)
    if options.out is None:
        return 0
    if len(options.sketches) == 1 and options.sketches[0].is_file() and _is_name(options.out):
        return _single(task, options.sketches[0], options.out)
    return several(task, options.out)


def _painter(session: Session, model: str) -> Card:
    fit = {c.id: c for c in session.models() if c.shape == "Sketch" and _paints(c)}
    if model in fit:
        return fit[model]
    if any(card.id == model for card in session.models()):
        raise InputError(
            f"The model {model!r} does not paint sketches; use one of {', '.join(fit)}."
        )
    raise InputError(f"There is no model {model!r}; sketches are painted by {', '.join(fit)}.")


def _paints(card: Card) -> bool:
    try:
        return architecture(card).kind == "painter"
    except ModelError:  # of a later version
        return False


def _check(options: SketchCommand) -> None:
    if not options.sketches:
        raise InputError("Name a sketch, or a folder of sketches.")
    if options.out is None and options.morph is None:
        raise InputError("Name where to write with -o, or a film with --morph.")
    if options.longest is not None and not 32 <= options.longest <= 12_000:
        raise InputError("--longest must lie between 32 and 12000 px.")
    if not _CELL[0] <= options.cell <= _CELL[1]:
        raise InputError("--cell must lie between {} and {} px.".format(*_CELL))
    for path in options.sketches:
        if not path.exists():
            raise InputError(f"There is no file {path}.")
    if options.morph is not None:
        _check_morph(options)


def _check_morph(options: SketchCommand) -> None:
    assert options.morph is not None
    if len(options.sketches) != 1 or options.sketches[0].is_dir():
        raise InputError("A morph shows one sketch; name one file.")
    if options.looks.count < 2:
        raise InputError("A morph needs two looks or more; use --samples, or --look twice.")
    if not 1 <= options.steps <= 240:
        raise InputError("--steps must lie between 1 and 240.")
    if options.morph.suffix.lower() not in FORMATS:
        raise InputError(f"{options.morph} is no film; its name ends in {' or '.join(FORMATS)}.")


def _is_name(out: Path) -> bool:
    """Whether this names a file and not a folder."""
    return bool(out.suffix) and not out.is_dir()


def _single(task: Task, source: Path, out: Path) -> int:
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent} to write to.")
    _check_kind(out, task.options)
    if out.resolve() == source.resolve():
        raise InputError(f"{out} is the sketch itself; name another file.")
    start, sketch = time.perf_counter(), task.opened(source)
    if task.options.sheet or len(task.looks.names) > 1:
        saved = _finished(task.sheet(sketch, out), task.session, "painting")
        what = f"{len(task.looks.names)} looks"
    else:
        request = task.request(sketch, task.looks.of(sketch, 0))
        saved = export(task.session, ExportJob(request, out), never)
        what = "{} x {} px".format(*_size(sketch, task.options.longest))
    _tell(task, saved, what, start)
    return 0


def _check_kind(out: Path, options: SketchCommand) -> None:
    alone = options.looks.count == 1 and not options.sheet
    if out.suffix.lower() in FORMATS:
        raise InputError("Write one film at a time.")
    if Kind.of(out) is Kind.openraster or (Kind.of(out) is Kind.json and not alone):
        raise InputError(f"{out.name} cannot be written; name it .png.")


def _film(task: Task, source: Path, path: Path) -> None:
    start, sketch = time.perf_counter(), task.opened(source)
    looks = [task.looks.of(sketch, n) for n in range(len(task.looks.names))]
    requests = [
        task.request(sketch, look) for look in _numbered(task, way(looks, task.options.steps))
    ]
    saved = _finished(AnimationJob(requests, path, _FPS), task.session, "painting")
    _tell(task, saved, f"{len(requests)} pictures", start)


def _numbered(task: Task, looks: list[Appearance]) -> list[Appearance]:
    if "Vector" not in task.card.takes:
        return looks
    return [task.session.vector(task.card.id, look) for look in looks]


def _finished(job: LongJob, session: Exporting, doing: str) -> Saved:
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


def _size(sketch: Sketch, longest: int | None) -> tuple[int, int]:
    scale = (longest or max(sketch.size)) / max(sketch.size)
    width, height = (max(round(side * scale), 1) for side in sketch.size)
    return width, height


def _tell(task: Task, saved: Saved, what: str, start: float) -> None:
    seconds = time.perf_counter() - start
    by = f"by the model {task.card.id!r} on {task.session.status}"
    print(f"{saved.path}: {what} in {seconds:.1f} s {by}")
    if saved.degraded:
        print(f"guise: {saved.degraded}", file=sys.stderr)
