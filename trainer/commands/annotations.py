"""`guise annotations`: joints, masks and labels of training photos, listed and corrected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import tyro

from engine.shapes.labels import LabelSet
from trainer.annotations.books import Place
from trainer.annotations.correcting import Corrected, correct
from trainer.annotations.items import VERSION, Item, read_corrections
from trainer.annotations.listing import Listing, listed
from trainer.commands.check import Told

_SHOWN = 10
"""Items with problems that are told to people."""


@dataclass(frozen=True)
class Annotations:
    """List the joints, masks and labels of training photos, or write corrected ones.

    Corrections go into the folder's own files; the first time, the original of each is kept beside
    it as NAME.orig.
    """

    folder: Annotated[Path, tyro.conf.Positional]
    """Folder of the data, in any of the layouts that `guise check` knows."""
    write: Path | None = None
    """JSON file of corrections to write."""
    only: tuple[str, ...] = ()
    """Ids of the items to list."""
    direction: Literal["AtoB", "BtoA"] = "AtoB"
    """Of pictures A and B: which one is the input."""
    classes: int | None = None
    """Number of ids of label maps; without, those of labels.json, else Cityscapes."""
    quick: bool = False
    """Look at tables and the heads of pictures only."""
    json: bool = False
    """Print JSON."""


def main(args: list[str]) -> None:
    """Parse, list or write, tell. GuiseError: nothing was written."""
    options = tyro.cli(Annotations, args=args, prog="guise annotations")
    place = Place(options.folder.absolute(), options.direction, options.classes)
    if options.write is not None:
        done = correct(place, read_corrections(options.write))
        print(_json(written(done)) if options.json else described(done))
        return
    found = listed(place, options.only, options.quick, Told())
    print(_json(told(found)) if options.json else table(found))


def _json(document: Any) -> str:
    return msgspec.json.encode(document).decode()


def told(found: Listing) -> dict[str, Any]:
    """A listing as it is printed with --json."""
    book = found.book
    return {
        "version": VERSION,
        "folder": str(found.place.folder),
        "layout": found.layout.id,
        "title": found.layout.title,
        "kind": book.kind,
        "writes": book.writes,
        "holds": book.holds,
        "label_set": None if book.label_set is None else _labels(book.label_set),
        "problems": found.problems,
        "items": [_item(item) for item in found.items],
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "split": item.split,
        "photo": str(item.photo),
        "size": item.size,
        "joints": item.joints,
        "hidden": item.hidden,
        "mask": _path(item.mask),
        "labels": _path(item.labels),
        "objects": _path(item.objects),
        "problems": item.problems,
    }


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _labels(known: LabelSet) -> dict[str, Any]:
    """A label set with a place for every number up to its largest."""
    numbers = range(max(known.ids) + 1)
    named = {label.id: label.name for label in known.labels}
    return {
        "id": known.name.lower(),
        "names": [named.get(number, "") for number in numbers],
        "colours": [known.colours[number].tolist() for number in numbers],
        "things": [label.id for label in known.labels if label.things],
        "void": known.void,
    }


def written(done: Corrected) -> dict[str, Any]:
    """What was written, as it is printed with --json."""
    return {
        "version": VERSION,
        "written": done.items,
        "files": [str(path) for path in done.saved.files],
        "kept": [str(path) for path in done.saved.kept],
    }


def described(done: Corrected) -> str:
    """What was written, for people."""
    if not done.items:
        return "Nothing differs from what is there; no file was written."
    lines = [f"Corrected {_count(done.items, 'item')}."]
    lines += [f"  {path}" for path in done.saved.files]
    lines += [f"  original kept: {path}" for path in done.saved.kept]
    return "\n".join(lines)


def table(found: Listing) -> str:
    """A listing for people."""
    lines = [f"{found.place.folder}: {found.layout.title}"]
    for split in dict.fromkeys(item.split for item in found.items):
        items = [item for item in found.items if item.split == split]
        lines.append(f"  {split:<6} {_count(len(items), 'item')}: {_parts(items)}")
    wrong = [item for item in found.items if item.problems]
    lines += [f"    {item.id}: {' '.join(item.problems)}" for item in wrong[:_SHOWN]]
    lines += [f"    and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
    lines += [f"  {problem}" for problem in found.problems[:_SHOWN]]
    return "\n".join([*lines, f"Can be corrected: {', '.join(found.book.writes)}"])


def _parts(items: Iterable[Item]) -> str:
    """How many of the items have what."""
    counts = {"joints": 0, "masks": 0, "labels": 0, "objects": 0}
    for item in items:
        counts["joints"] += item.joints is not None and any(item.joints.values())
        counts["masks"] += item.mask is not None
        counts["labels"] += item.labels is not None
        counts["objects"] += item.objects is not None
    return ", ".join(f"{n} with {part}" for part, n in counts.items() if n) or "nothing annotated"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
