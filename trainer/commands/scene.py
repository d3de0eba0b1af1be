"""`guise scene`: label maps painted as streets, facades or whatever a model paints."""

from __future__ import annotations

import tyro

from engine.errors import InputError
from engine.shapes.label_sets import cityscapes
from trainer.commands.canvas import check, painter_of
from trainer.commands.canvas_files import painted
from trainer.commands.common import session_with
from trainer.commands.scene_labels import label_set_of
from trainer.commands.scene_options import Looks
from trainer.commands.scene_task import SceneCommand, Task


def main(args: list[str]) -> int:
    """Parse, paint, write."""
    options = tyro.cli(SceneCommand, args=args, prog="guise scene")
    check(options, options.maps, Task.noun, Task.plural)
    if options.out is None:
        raise InputError("Name where to write with -o.")
    _check_instances(options)
    session, model = session_with(options.model, options.device)
    card = painter_of(session, model, "LabelMap", Task.plural)
    label_set = label_set_of(card, options.labels)
    if options.from_photo and label_set != cityscapes():
        raise InputError(f"Photos are read as streets, which the model {card.id!r} does not paint.")
    looks = Looks(session, card, options.looks, label_set)
    return painted(Task(session, card, options, looks, label_set), options.out)


def _check_instances(options: SceneCommand) -> None:
    told = options.instances
    if told is None:
        return
    if options.from_photo:
        raise InputError("Photos have no instance files; leave out --instances or --from-photo.")
    if not told.exists():
        raise InputError(f"There is no file {told}.")
    if told.is_file() and (len(options.maps) > 1 or any(path.is_dir() for path in options.maps)):
        raise InputError(f"Several maps need a folder of instance files; {told} is one file.")
