"""KID and FID of any painter: its paintings of held-out shapes beside the held-out photos."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from trainer.data.coco import read_people
from trainer.metrics import protocol_people, protocol_scenes, protocol_sets, scenes
from trainer.metrics.edge_fidelity import FLAT, NEAREST
from trainer.metrics.held_out import data_folder
from trainer.metrics.notes import Notes
from trainer.metrics.painters import PACK
from trainer.metrics.protocol_subject import Ready, Subject
from trainer.metrics.scene_trial import sized
from trainer.metrics.sheets import strided
from trainer.metrics.sketch_set import CASES, sketches
from trainer.metrics.stage import Person, on_white

Pixels = NDArray[np.uint8]
TRAINING = "training photos"
_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


@dataclass(frozen=True)
class Sets:
    """Pictures that are compared.

    Attributes:
        says: what was painted, for reports.
        painted, real: paintings and held-out photos.
        others: by name, sets that stand beside the paintings.
    """

    says: str
    painted: list[Pixels]
    real: list[Pixels]
    others: dict[str, list[Pixels]]


def measure_kid(subject: Subject, notes: Notes) -> None:
    """KID. Raises GuiseError: no data, or something cannot be painted."""
    _measure(subject, notes, protocol_sets.KID)


def measure_fid(subject: Subject, notes: Notes) -> None:
    """FID. Raises GuiseError: no data, or something cannot be painted."""
    _measure(subject, notes, protocol_sets.FID)


def ready_kid(ready: Ready, notes: Notes) -> None:
    """KID of a folder to --photos. InputError: see :func:`pictures_in`."""
    _measure_ready(ready, notes, protocol_sets.KID)


def ready_fid(ready: Ready, notes: Notes) -> None:
    """FID of a folder to --photos. InputError: see :func:`pictures_in`."""
    _measure_ready(ready, notes, protocol_sets.FID)


def _measure_ready(ready: Ready, notes: Notes, kind: str) -> None:
    photos = ready.files.photos
    if photos is None:
        raise InputError("Name the folder of real photos to compare with: --photos.")
    painted, real = (pictures_in(folder, ready.cases) for folder in (ready.folder, photos))
    says = f"{len(painted)} pictures of {ready.folder.name} and {len(real)} of {photos.name}"
    notes.figures += protocol_sets.distance_figures(
        ready.judges, notes, kind, says, painted, real, {}
    )


def pictures_in(folder: Path, count: int = 0) -> list[Pixels]:
    """(H, W, 3) each: `count` pictures (0 = all) spread over a folder, of whatever sizes.

    Raises:
        InputError: no folder, fewer than two pictures, or one that cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    files = sorted(f for f in folder.iterdir() if f.suffix.lower() in _ENDINGS)
    if len(files) < 2:
        raise InputError(f"A set needs two or more pictures; {folder} holds {len(files)}.")
    return [_read(files[i]) for i in strided(len(files), count or len(files))]


def _read(file: Path) -> Pixels:
    picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if picture is None:
        raise InputError(f"{file} is not a picture that can be read.")
    return np.array(picture[..., ::-1], np.uint8)


def _measure(subject: Subject, notes: Notes, kind: str) -> None:
    made = {"Pose": _people, "Sketch": _sketches, "LabelMap": _scenes}[subject.card.shape]
    sets = subject.once("sets", lambda: made(subject, notes))
    with notes.timed(kind):
        notes.figures += protocol_sets.distance_figures(
            subject.judges, notes, kind, sets.says, sets.painted, sets.real, sets.others
        )


def _people(subject: Subject, notes: Notes) -> Sets:
    painted = protocol_people.reposed(subject, notes)
    side = subject.card.side
    train = read_people(data_folder(subject.options.data) / PACK, "train")
    some = [Person.of(train[i]) for i in strided(len(train), len(painted))]
    return Sets(
        f"{len(painted)} held-out people, each in the pose of another one, and their photos, cut "
        f"out on white at {side} px",
        [on_white(each.painted) for each in painted],
        [on_white(each.source) for each in painted],
        {TRAINING: [on_white(person.cut(side)) for person in some if person.usable]},
    )


def _sketches(subject: Subject, notes: Notes) -> Sets:
    given = sketches(subject, notes, subject.count(CASES))
    group = given.groups[0]
    others = given.rivals(group)
    photos = given.train.photos
    return Sets(
        f"{len(group.cases)} held-out edges painted with one random look each, and their photos",
        given.painted(group),
        given.photos,
        {
            TRAINING: [photos[i] for i in strided(len(photos), len(group.cases))],
            NEAREST: others[NEAREST],
            FLAT: others[FLAT],
        },
    )


def _scenes(subject: Subject, notes: Notes) -> Sets:
    pack, side = scenes.pack_of(subject.card, subject.options), subject.card.side
    count = subject.count(protocol_scenes.CASES)
    shown = scenes.held_out_scenes(subject, count)
    train = scenes.held_out(scenes.pack_folder(subject), len(shown), "train")
    return Sets(
        f"{len(shown)} held-out maps of {pack} painted at {side} px with looks drawn at random, "
        "and their photos",
        scenes.paintings(subject, notes, count).drawn(0),
        sized(shown, side),
        {TRAINING: sized(train, side)},
    )
