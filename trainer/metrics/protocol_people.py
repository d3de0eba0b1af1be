"""Protocols of reposed people: joints found again, and what is kept of the parts of a look."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from engine import registry, weights
from engine.errors import InputError
from trainer.data.coco import PersonSample, read_people
from trainer.metrics import blazepose, repose
from trainer.metrics.held_out import chosen, data_folder, refuse_leaks, without_doubles
from trainer.metrics.kept import look_figures
from trainer.metrics.likeness import Measure
from trainer.metrics.notes import Notes
from trainer.metrics.painters import held_out_people
from trainer.metrics.protocol_judges import FORMULA
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.published import published
from trainer.metrics.reading import reading_figures
from trainer.metrics.repose import Reposed, partners
from trainer.metrics.stage import Person

PCKH, PARTS = "pckh", "part-distances"
CASES = 60
"""People for a report of all models."""
READ = ("people", "athletes")
"""Readers are judged on these packs."""
_PARTS = Measure(PARTS, "Reposed", repose.REPOSE.protocol)


def held_out(subject: Subject, notes: Notes) -> tuple[list[Person], list[PersonSample]]:
    """The held-out people of a subject, and the training split; read once."""
    options = replace(subject.options, people=subject.count(CASES))
    return subject.once("people", lambda: held_out_people(options, notes))


def reposed(subject: Subject, notes: Notes) -> list[Reposed]:
    """Every held-out person in the pose of another one, painted once for all protocols."""

    def make() -> list[Reposed]:
        people, _ = held_out(subject, notes)
        painter = registry.build(weights.load(subject.path), subject.runtime)
        pairs = zip(people, [people[i] for i in partners(len(people))], strict=True)
        with notes.timed("repose people"):
            return [repose.repose(painter, person, other) for person, other in pairs]

    return subject.once("reposed", make)


def measure_pckh(subject: Subject, notes: Notes) -> None:
    """PCKh@0.5 of the joints asked for, or of the joints that a reader finds in photos.

    The head is 0.45 of the torso's length.

    Raises:
        GuiseError: no data, or somebody cannot be painted.
    """
    if subject.kind == "perception":
        _measure_reader(subject, notes)
        return
    if subject.options.blazepose is None:
        notes.gap(PCKH, "no --blazepose interpreter was named to find the joints again")
        return
    painted = reposed(subject, notes)
    try:
        with notes.timed(f"{PCKH}, blazepose"):
            found = repose.find_again(painted, subject.options.blazepose)
    except InputError as error:
        notes.gap(PCKH, str(error))
        return
    notes.judges[blazepose.ID] = found.about
    pooled = msgspec.structs.replace(
        repose.pooled_figure(found, painted, repose.REPOSE), id=PCKH, published=published(PCKH)
    )
    notes.figures += [pooled, repose.by_person(found, painted, pooled)]


def _measure_reader(subject: Subject, notes: Notes) -> None:
    notes.judges["annotation"] = {"name": "key points and masks as annotated in the pack"}
    reader = registry.build(weights.load(subject.path), subject.runtime)
    data = data_folder(subject.options.data)
    for pack in READ:
        if not (data / pack).is_dir():
            notes.gap(f"{PCKH}.{pack}", f"{data} has no pack {pack}")
            continue
        samples, train = (read_people(data / pack, split) for split in ("val", "train"))
        refuse_leaks(train, samples)
        fresh, seen_before = without_doubles(samples, train)
        notes.gaps += [gap for gap in seen_before if gap not in notes.gaps]
        with notes.timed(f"{PCKH}, {pack}"):
            found = reading_figures(reader, pack, chosen(fresh, subject.count(CASES)))
        notes.figures += [msgspec.structs.replace(f, id=f.id.replace("read", PCKH)) for f in found]


def measure_parts(subject: Subject, notes: Notes) -> None:
    """Colour, features and texture of each part of a reposed person against the photo's.

    Raises:
        GuiseError: no data, or somebody cannot be painted.
    """
    painted = reposed(subject, notes)
    judge = subject.judges.likeness(notes, f"{PARTS}.part_features")
    notes.judges |= FORMULA
    with notes.timed(PARTS):
        notes.figures += look_figures(painted, judge, _PARTS)
