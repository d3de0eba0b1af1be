"""`guise sketch` on several sketches and on folders of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import msgspec

from engine.batch import Batch, Item, Work, items_in
from engine.errors import InputError
from engine.exports import ExportJob, export
from engine.look_files import look_value
from engine.painters.base import Stop
from engine.request import Saved
from engine.shapes.sketch_files import sketch_suffixes
from trainer.commands.batch import run_folder
from trainer.commands.sketch_task import SketchCommand, Task


def several(task: Task, out: Path) -> int:
    """Paint them into a folder. Returns the exit code: 1 if some sketch failed."""
    items = _items(task, out)
    work = _sheets(task) if task.options.sheet else _pictures(task, items)
    return run_folder(Batch(items, out, work, _seal(task), task.options.resume), "painting")


def _items(task: Task, out: Path) -> list[Item]:
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


def _pictures(task: Task, items: list[Item]) -> Work:
    count = len(task.looks.names)
    numbers = {item.target: n % count for n, item in enumerate(items)}

    def work(item: Item, stop: Stop) -> str:
        sketch = task.opened(item.source)
        request = task.request(sketch, task.looks.of(sketch, numbers[item.target]))
        return export(task.session, ExportJob(request, item.target), stop).degraded

    return work


def _sheets(task: Task) -> Work:
    def work(item: Item, stop: Stop) -> str:
        steps = task.sheet(task.opened(item.source), item.target).begin(task.session)
        while not isinstance(message := steps.step(stop), Saved):
            pass
        return message.degraded

    return work


def _seal(task: Task) -> str:
    """A hash of all that the pictures depend on besides the sketches."""
    options = task.options
    told = (
        task.session.digest(task.card.id),
        [look_value(look) for look in task.looks.told()],
        options.looks.chip,
        options.from_photo,
        (options.sheet, options.cell if options.sheet else 0, options.cutout, options.longest),
    )
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()
