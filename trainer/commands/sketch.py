"""`guise sketch`: drawings painted as shoes, bags or whatever a model paints."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import tyro

from engine.appearance import Appearance
from engine.errors import InputError
from engine.exports import AnimationJob
from engine.films import FORMATS
from engine.sketch_exports import way
from trainer.commands.canvas import check, painter_of
from trainer.commands.canvas_files import finished, painted, tell
from trainer.commands.common import session_with
from trainer.commands.sketch_options import Looks
from trainer.commands.sketch_task import SketchCommand, Task

_FPS = 12


def main(args: list[str]) -> int:
    """Parse, paint, write."""
    options = tyro.cli(SketchCommand, args=args, prog="guise sketch")
    if options.out is not None and options.out.suffix.lower() in FORMATS and not options.morph:
        options = replace(options, morph=options.out, out=None)
    _check(options)
    session, model = session_with(options.model, options.device)
    card = painter_of(session, model, "Sketch", Task.plural)
    task = Task(session, card, options, Looks(session, card, options.looks))
    if options.morph is not None:
        _film(task, options.sketches[0], options.morph)
    return 0 if options.out is None else painted(task, options.out)


def _check(options: SketchCommand) -> None:
    if options.out is None and options.morph is None and options.sketches:
        raise InputError("Name where to write with -o, or a film with --morph.")
    check(options, options.sketches, Task.noun, Task.plural)
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


def _film(task: Task, source: Path, path: Path) -> None:
    start, sketch = time.perf_counter(), task.opened(source)
    looks = [task.looks.of(sketch, n) for n in range(len(task.looks.names))]
    requests = [
        task.request(sketch, look) for look in _numbered(task, way(looks, task.options.steps))
    ]
    saved = finished(AnimationJob(requests, path, _FPS), task.session, "painting")
    tell(task, saved, f"{len(requests)} pictures", start)


def _numbered(task: Task, looks: list[Appearance]) -> list[Appearance]:
    if "Vector" not in task.card.takes:
        return looks
    return [task.session.vector(task.card.id, look) for look in looks]
