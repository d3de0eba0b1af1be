"""Whether lines are kept: found again in painted sketches, or drawn by a reader of photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from engine import registry, weights
from engine.errors import InputError
from engine.perception.edges import EdgesReader
from engine.perception.edges_thinning import Line
from trainer.data.products import Products, read_products
from trainer.metrics.edge_detectors import Canny
from trainer.metrics.edge_fidelity import fidelity_by_sketch, fidelity_figure
from trainer.metrics.figures import Figure
from trainer.metrics.held_out import data_folder
from trainer.metrics.line_finders import Finder, finder, finders
from trainer.metrics.notes import Notes
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.sketch_bench import PACKS, Group, Pixels, held_out_cases
from trainer.metrics.sketch_set import CASES, Sketches, sketches
from trainer.recipes.edges_judging import TOLERANCE, score

ID = "edge-fidelity"


def measure(subject: Subject, notes: Notes) -> None:
    """F at 2 px of lines found again in painted sketches, or of the lines that a reader draws.

    Raises:
        GuiseError: no data, or a sketch cannot be painted.
    """
    if subject.kind == "perception":
        _measure_reader(subject, notes)
        return
    given = sketches(subject, notes, subject.count(CASES))
    with notes.timed(f"{ID}, calibrate"):
        detectors = finders(subject.options, given.train, notes)
    for group in given.groups:
        with notes.timed(f"{ID}, paint, {group.title}"):
            given.painted(group)
        with notes.timed(f"{ID}, {group.title}"):
            for detector in detectors:
                notes.figures += _fidelity(given, group, detector)


def _fidelity(given: Sketches, group: Group, detector: Finder) -> list[Figure]:
    painted, others = given.painted(group), given.rivals(group)
    ending = "" if group.id == "held_out" else f".{group.id}"
    pooled = msgspec.structs.replace(
        fidelity_figure(group, painted, others, detector),
        id=f"{ID}.{detector.id}{ending}",
    )
    return [pooled, fidelity_by_sketch(pooled, group, painted, others, detector)]


def _measure_reader(subject: Subject, notes: Notes) -> None:
    reader = registry.build(weights.load(subject.path), subject.runtime)
    if not isinstance(reader, EdgesReader):
        raise InputError(f"{subject.card.id} draws no lines of photos.")
    notes.judges["annotation"] = {"name": "edges as the pack has them (HED, thinned)"}
    data = data_folder(subject.options.data)
    wanted = subject.options.pack
    for pack in (wanted,) if wanted else sorted({pack.products for pack in PACKS.values()}):
        if not (data / pack).is_dir():
            notes.gap(f"{ID}.{pack}", f"{data} has no pack {pack}")
            continue
        with notes.timed(f"{ID}, {pack}"):
            train, val = (
                read_products(data, [pack], split, _side(pack)) for split in ("train", "val")
            )
            notes.figures += _lines_read(reader, pack, train, val, subject.count(CASES))


def _side(pack: str) -> int:
    """The size of a pack's pictures, which its name ends with."""
    return int(pack[-3:]) if pack[-3:].isdigit() else 256


def _lines_read(
    reader: EdgesReader, pack: str, train: Products, val: Products, count: int
) -> list[Figure]:
    group = Group(pack, pack, held_out_cases(val, count or len(val)))
    photos = [case.photo for case in group.cases if case.photo is not None]
    canny = finder(Canny(), train)
    return [_read(group, photos, reader.lines, canny.lines, pooled) for pooled in (True, False)]


def _read(
    group: Group,
    photos: Sequence[Pixels],
    mine: Callable[[Pixels], Line],
    canny: Callable[[Pixels], Line],
    pooled: bool,
) -> Figure:
    asked = [case.lines for case in group.cases]

    def each(lines: Callable[[Pixels], Line]) -> list[float]:
        if pooled:
            return [score(asked, [lines(photo) for photo in photos]).f]
        return [score([a], [lines(p)]).f for a, p in zip(asked, photos, strict=True)]

    found = each(mine)
    names = [case.name for case in group.cases]
    return Figure(
        id=f"{ID}.{group.id}{'' if pooled else '.by_photo'}",
        title=f"Lines read, F at {TOLERANCE:g} px, {group.title}"
        + ("" if pooled else ", mean over photos"),
        protocol=f"lines that the model finds in {len(asked)} held-out photos of {group.title}, "
        f"both thinned, right if within {TOLERANCE:g} px, "
        + ("counts summed over all" if pooled else "F of every photo, then the mean")
        + "; Canny at the threshold that is best for the training photos",
        judge="annotation",
        n=len(asked),
        value=float(np.mean(found)),
        baselines={"Canny": float(np.mean(each(canny)))},
        better="higher",
        cases={} if pooled else dict(zip(names, found, strict=True)),
    )
