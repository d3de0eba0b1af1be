"""`guise sketch`: drawings painted as shoes, bags or whatever a model paints."""

from __future__ import annotations

import hashlib
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import msgspec
import tyro
from rich.console import Console
from rich.progress import Progress

from engine.appearance import Appearance
from engine.batch import Batch, Item, Work, items_in
from engine.card import Card
from engine.errors import InputError
from engine.exports import AnimationJob, Exporting, ExportJob, Kind, LongJob, export
from engine.films import FORMATS
from engine.look_files import look_value
from engine.painters.base import Stop
from engine.request import Request, Saved, Scene
from engine.session import Session, never
from engine.shapes.sketch import Sketch
from engine.shapes.sketch_files import open_sketch, sketch_suffixes
from engine.sketch_exports import SheetJob, ink_picture, way
from trainer.commands.batch import run_folder
from trainer.commands.common import session_with
from trainer.commands.sketch_options import Looks, SketchLooks

MODEL = "shoes"
"""Id of the bundled model that paints sketches unless another one is named."""
_FPS = 12
_HARDLY = 0.0015
"""Share of the canvas under lines below which there is hardly anything to paint."""
_CELL = (32, 1024)


@dataclass(frozen=True)
class SketchCommand:
    """Paint sketches, each with one look or with several, and write PNGs.

    A sketch is an SVG, or an image of dark lines on light paper or of light lines on dark paper.
    Several sketches, or folders of them, go into a folder; a second run goes on where the first
    one ended. Shoes are painted unless --model names another model, e.g. bags.
    """

    sketches: Annotated[tuple[Path, ...], tyro.conf.Positional]
    """Sketches, or folders of sketches."""
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """File to write: PNG, JSON (the recipe alone), GIF or MP4 (as --morph); several looks of one
    sketch make a sheet. For several sketches a folder."""
    morph: Path | None = None
    """GIF or MP4 file to write: one sketch, its looks turning into one another."""
    sheet: bool = False
    """Of each sketch one sheet of all looks, the sketch first, instead of a file a look."""
    cutout: bool = False
    """The item alone on a transparent background, with a soft edge."""
    longest: int | None = None
    """Longest side of a picture in pixels; without it, the sketch's own size."""
    cell: int = 256
    """Longest side of a picture on a sheet in pixels."""
    steps: int = 12
    """Pictures from one look to the next of a morph."""
    resume: bool = True
    """Of several sketches: leave out what an earlier run has finished."""
    looks: tyro.conf.OmitArgPrefixes[SketchLooks] = field(default_factory=SketchLooks)
    """Where the looks come from."""
    model: str = MODEL
    """Id of a model that paints sketches, as in `guise models list`, or a model file."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


def main(args: list[str]) -> int:
    """Parse, paint, write."""
    options = tyro.cli(SketchCommand, args=args, prog="guise sketch")
    if options.out is not None and options.out.suffix.lower() in FORMATS and not options.morph:
        options = replace(options, morph=options.out, out=None)
    _check(options)
    session, model = session_with(options.model, options.device)
    card = _painter(session, model)
    task = _Task(session, card, options, Looks(session, card, options.looks))
    if options.morph is not None:
        _film(task, options.sketches[0], options.morph)
    if options.out is None:
        return 0
    if len(options.sketches) == 1 and options.sketches[0].is_file() and _is_name(options.out):
        return _single(task, options.sketches[0], options.out)
    return _several(task, options.out)


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


def _painter(session: Session, model: str) -> Card:
    cards = {card.id: card for card in session.models()}
    fit = ", ".join(name for name, card in cards.items() if card.shape == "Sketch")
    if model in cards and cards[model].shape != "Sketch":
        raise InputError(f"The model {model!r} does not paint sketches; use one of {fit}.")
    if model not in cards:
        raise InputError(f"There is no model {model!r}; sketches are painted by {fit}.")
    return cards[model]


@dataclass(frozen=True)
class _Task:
    session: Session
    card: Card
    options: SketchCommand
    looks: Looks

    def request(self, sketch: Sketch, look: Appearance) -> Request:
        scene = Scene.cutout if self.options.cutout else Scene.white
        return Request(self.card.id, sketch, look, longest=self.options.longest, scene=scene)

    def sheet(self, sketch: Sketch, path: Path) -> SheetJob:
        numbers = range(len(self.looks.names))
        requests = [self.request(sketch, self.looks.of(sketch, n)) for n in numbers]
        return SheetJob(requests, path, self.options.cell)


def _single(task: _Task, source: Path, out: Path) -> int:
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent} to write to.")
    _check_kind(out, task.options)
    if out.resolve() == source.resolve():
        raise InputError(f"{out} is the sketch itself; name another file.")
    start, sketch = time.perf_counter(), _opened(source)
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


def _film(task: _Task, source: Path, path: Path) -> None:
    start, sketch = time.perf_counter(), _opened(source)
    looks = [task.looks.of(sketch, n) for n in range(len(task.looks.names))]
    requests = [
        task.request(sketch, look) for look in _numbered(task, way(looks, task.options.steps))
    ]
    saved = _finished(AnimationJob(requests, path, _FPS), task.session, "painting")
    _tell(task, saved, f"{len(requests)} pictures", start)


def _numbered(task: _Task, looks: list[Appearance]) -> list[Appearance]:
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


def _several(task: _Task, out: Path) -> int:
    items = _items(task, out)
    work = _sheets(task) if task.options.sheet else _pictures(task, items)
    return run_folder(Batch(items, out, work, _seal(task), task.options.resume), "painting")


def _items(task: _Task, out: Path) -> list[Item]:
    """What is made of which file, one item a look unless sheets are wanted."""
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file; name a folder for the results.")
    if out.suffix.lower() in (".png", ".json") and not out.exists():
        raise InputError(f"Several pictures go into a folder; name one instead of {out.name}.")
    found = [item for path in task.options.sketches for item in _of(path, task.options, out)]
    twice = [str(t) for t, n in Counter(item.target for item in found).items() if n > 1]
    if twice:
        raise InputError(f"Two sketches would become {twice[0]}; give them different names.")
    names = task.looks.names
    if task.options.sheet or len(names) == 1:
        return found
    return [
        Item(item.source, item.target.with_stem(f"{item.target.stem}-{n:02d}-{name}"))
        for item in found
        for n, name in enumerate(names, 1)
    ]


def _of(path: Path, options: SketchCommand, out: Path) -> list[Item]:
    if not path.is_dir():
        target = out / path.with_suffix(".png").name
        if target.resolve() == path.resolve():
            raise InputError("Name another folder for the results, so that no sketch is replaced.")
        return [Item(path, target)]
    inside = out if len(options.sketches) == 1 else out / path.resolve().name
    return items_in(path, inside, ".png", sketch_suffixes())


def _pictures(task: _Task, items: list[Item]) -> Work:
    count = len(task.looks.names)
    numbers = {item.target: n % count for n, item in enumerate(items)}

    def work(item: Item, stop: Stop) -> str:
        sketch = _opened(item.source)
        request = task.request(sketch, task.looks.of(sketch, numbers[item.target]))
        return export(task.session, ExportJob(request, item.target), stop).degraded

    return work


def _sheets(task: _Task) -> Work:
    def work(item: Item, stop: Stop) -> str:
        steps = task.sheet(_opened(item.source), item.target).begin(task.session)
        while not isinstance(message := steps.step(stop), Saved):
            pass
        return message.degraded

    return work


def _seal(task: _Task) -> str:
    """A hash of all that the pictures depend on besides the sketches."""
    options = task.options
    told = (
        task.session.digest(task.card.id),
        [look_value(look) for look in task.looks.told()],
        options.looks.chip,
        (options.sheet, options.cell if options.sheet else 0, options.cutout, options.longest),
    )
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def _opened(path: Path) -> Sketch:
    sketch = open_sketch(path)
    if (ink_picture(sketch, 128).pixels < 128).mean() < _HARDLY:
        print(
            f"guise: {path} has hardly any lines, so hardly anything is painted.", file=sys.stderr
        )
    return sketch


def _size(sketch: Sketch, longest: int | None) -> tuple[int, int]:
    scale = (longest or max(sketch.size)) / max(sketch.size)
    width, height = (max(round(side * scale), 1) for side in sketch.size)
    return width, height


def _tell(task: _Task, saved: Saved, what: str, start: float) -> None:
    seconds = time.perf_counter() - start
    by = f"by the model {task.card.id!r} on {task.session.status}"
    print(f"{saved.path}: {what} in {seconds:.1f} s {by}")
    if saved.degraded:
        print(f"guise: {saved.degraded}", file=sys.stderr)
