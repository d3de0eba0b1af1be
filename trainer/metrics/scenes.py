"""A painter of scenes measured on held-out label maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from engine import registry, weights
from engine.appearance import Appearance, FromPhoto, Sampled
from engine.card import Card
from engine.errors import InputError
from engine.photo import Photo
from engine.runtime import Runtime
from engine.shapes.labels import LabelMap, LabelSet
from trainer.data.scenes import DONT_CARE, Scene, find_scenes, labels_of
from trainer.metrics import features, kernel_distance, scene_judge
from trainer.metrics.features import FeatureJudge
from trainer.metrics.figures import Figure, Report
from trainer.metrics.held_out import data_folder
from trainer.metrics.kernel_distance import KernelDistance
from trainer.metrics.notes import Notes
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.protocol_judges import FORMULA
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.scene_judge import SceneJudge
from trainer.metrics.scene_objects import object_figures
from trainer.metrics.segmentation import Agreement
from trainer.metrics.sheets import Cell, Pixels, contact_sheet, strided

_SHARE = 0.7
"""Of the judge's figure on real photos that painted scenes shall reach."""
_SHEET = 10
_LOOKS = 3
_PACKS = {"street-reader": "street", "facades-looks": "facades"}
"""Where bundled models are measured; others on the pack of their own name."""


@dataclass(frozen=True)
class HeldOut:
    """A held-out scene.

    Attributes:
        shape: its label map.
        photo: its photo, of the same size.
    """

    name: str
    shape: LabelMap
    photo: Pixels


def pack_of(card: Card, options: EvaluateOptions) -> str:
    """The pack that a model of scenes is measured on."""
    return options.pack or _PACKS.get(card.id, card.id)


def evaluate_scenes(subject: Subject) -> Report:
    """Everything about a painter of scenes.

    Raises:
        InputError: no data, or fewer than two held-out scenes.
    """
    options, notes = subject.options, Notes(subject.options.sheets)
    scenes = held_out_scenes(subject, options.cases)
    mine = paintings(subject, notes, options.cases)
    rival = Paintings(options.noise, subject.runtime, scenes) if options.noise else None
    if rival is None:
        notes.gap("rival", "no pix2pix trained the same time was named to stand beside it")
    _read_again(subject, notes, scenes, mine, rival)
    _likeness(subject, notes, scenes, mine, rival)
    if subject.card.architecture.startswith("pix2pixhd") and mine.encodes:
        notes.judges |= FORMULA
        with notes.timed("looks of objects"):
            notes.figures += object_figures(mine.painter, subject.card.side, scenes)
    notes.sheet("scenes", lambda: sheet(scenes, mine))
    return notes.report(subject.about)


def _read_again(
    subject: Subject,
    notes: Notes,
    scenes: Sequence[HeldOut],
    mine: Paintings,
    rival: Paintings | None,
) -> None:
    if subject.options.segments is None:
        notes.gap("miou", "no judge was named (guise train segmenter --preset judge)")
        return
    judge = scene_judge.loaded(subject.options.segments, subject.runtime)
    notes.judges["segmenter"] = {"weights_sha256": judge.sha256}
    with notes.timed("labels read again"):
        notes.figures += label_figures(judge, scenes, mine, rival)


def _likeness(
    subject: Subject,
    notes: Notes,
    scenes: Sequence[HeldOut],
    mine: Paintings,
    rival: Paintings | None,
) -> None:
    judge = subject.judges.likeness(notes, "features")
    if judge is None:
        return
    train = held_out(_folder(subject), max(len(scenes), 2), "train")
    with notes.timed("features"):
        notes.figures += likeness_figures(judge, scenes, train, mine, rival)


def held_out_scenes(subject: Subject, count: int) -> list[HeldOut]:
    """`count` scenes (0 = all) by which a model of scenes is judged, read once.

    Raises:
        InputError: no data, or fewer than two scenes.
    """
    return subject.once(f"{count} scenes", lambda: held_out(_folder(subject), count))


def paintings(subject: Subject, notes: Notes, count: int) -> Paintings:
    """Of the held-out scenes with looks drawn at random, painted once for all that is measured."""

    def make() -> Paintings:
        mine = Paintings(subject.path, subject.runtime, held_out_scenes(subject, count))
        with notes.timed("paint scenes"):
            mine.drawn(0)
        return mine

    return subject.once(f"paintings of {count} scenes", make)


def _folder(subject: Subject) -> Path:
    return data_folder(subject.options.data) / pack_of(subject.card, subject.options)


def held_out(folder: Path, count: int, split: str = "val") -> list[HeldOut]:
    """Scenes spread over a split; 0 = all.

    Raises:
        InputError: fewer than two.
    """
    found = find_scenes(folder, split)
    known = labels_of(folder)
    picked = strided(len(found), count or len(found))
    if len(picked) < 2 or not found.classes:
        raise InputError(f"{folder} needs two or more {split} scenes with labels.")
    scenes = []
    for index in picked:
        scene = found.load(index)
        shape = label_map(scene, known)
        scenes.append(HeldOut(found.files[index].name, shape, scene.photo))
    return scenes


def label_map(scene: Scene, known: LabelSet) -> LabelMap:
    """A scene as the editor has it: things are objects 1, 2, ...; surfaces are none."""
    usable = (scene.labels != DONT_CARE) & known.known[scene.labels]
    labels = np.where(usable, scene.labels, known.void).astype(known.dtype)
    things = np.isin(labels, [label.id for label in known.labels if label.things])
    keys = np.where(things, scene.objects.astype(np.int64) * (DONT_CARE + 1) + labels, -1)
    numbers, inverse = np.unique(keys, return_inverse=True)
    first = 0 if numbers[0] == -1 else 1
    return LabelMap(labels, (inverse.reshape(keys.shape) + first).astype(np.int32), known)


class Paintings:
    """What a model makes of every held-out map, painted once for each look that is asked for."""

    def __init__(self, path: Path, runtime: Runtime, scenes: Sequence[HeldOut]) -> None:
        loaded = weights.load(path)
        self.card = loaded.card
        self.painter: Any = registry.build(loaded, runtime)
        self._scenes = scenes
        self._made: dict[int | None, list[Pixels]] = {}

    @property
    def encodes(self) -> bool:
        """Whether it can take looks from photos."""
        return bool(self.painter.looks)

    def own(self) -> list[Pixels]:
        """With the looks of the scenes' own photos."""
        return self._painted(None)

    def drawn(self, seed: int) -> list[Pixels]:
        """With looks drawn at random."""
        return self._painted(seed)

    def _painted(self, seed: int | None) -> list[Pixels]:
        if seed not in self._made:
            self._made[seed] = [self._one(scene, seed) for scene in self._scenes]
        return self._made[seed]

    def _one(self, scene: HeldOut, seed: int | None) -> Pixels:
        look: Appearance = Sampled(seed or 0, scene.shape)
        if seed is None and self.encodes:
            look = FromPhoto(Photo(scene.photo), scene.shape)
        with torch.inference_mode():
            prepared = self.painter.prepare(look)
            picture = self.painter.paint(scene.shape, prepared, self.card.side, lambda: False)
        return picture.pixels


def label_figures(
    judge: SceneJudge, scenes: Sequence[HeldOut], mine: Paintings, rival: Paintings | None
) -> list[Figure]:
    """mIoU and accuracy of labels read again, for drawn looks and for the photos' own."""
    side = mine.card.side

    def of(pictures: Sequence[Pixels]) -> Agreement:
        return judge.agreement(zip((s.shape for s in scenes), pictures, strict=True))

    real = of([at_side(scene.photo, side) for scene in scenes])
    others = {} if rival is None else {"pix2pix": of(rival.drawn(0))}
    shown = {"drawn": of(mine.drawn(0))} | ({"own": of(mine.own())} if mine.encodes else {})
    figures = []
    for name, found in shown.items():
        for measure, says in (("miou", "mIoU"), ("accuracy", "accuracy")):
            truth = getattr(real, measure)
            figures.append(
                Figure(
                    id=f"{measure}.{name}",
                    title=f"{says} of labels read again, {_SAYS[name]}",
                    protocol=f"{len(scenes)} held-out maps painted at {side} px; "
                    + scene_judge.PROTOCOL,
                    judge="segmenter",
                    n=len(scenes),
                    value=getattr(found, measure),
                    baselines={"real photos": truth}
                    | {key: getattr(value, measure) for key, value in others.items()},
                    better="higher",
                    target=(_SHARE * truth, None),
                    target_says=f"at least {_SHARE:.0%} of real photos",
                    detail={"by_class": {str(k): v for k, v in found.by_class.items()}},
                )
            )
    return figures


_SAYS = {"drawn": "looks drawn", "own": "looks of the photos"}


def likeness_figures(
    judge: FeatureJudge,
    scenes: Sequence[HeldOut],
    train: Sequence[HeldOut],
    mine: Paintings,
    rival: Paintings | None,
) -> list[Figure]:
    """Feature distance to the true photo, and how alike the sets of pictures are."""
    side = mine.card.side
    real = [at_side(scene.photo, side) for scene in scenes]

    def away(pictures: Sequence[Pixels]) -> float:
        pairs = zip(pictures, real, strict=True)
        return float(np.mean([judge.distances(a, b).sum() for a, b in pairs]))

    trained = [at_side(scene.photo, side) for scene in train]
    shuffled = [trained[n % len(trained)] for n in range(len(scenes))]
    sets = KernelDistance(real, judge)
    others = {} if rival is None else {"pix2pix": rival.drawn(0)}
    distance = Figure(
        id="features",
        title="Feature distance to the true photo",
        protocol=f"{len(scenes)} held-out maps with the looks of their photos; {features.PROTOCOL}",
        judge=features.ID,
        n=len(scenes),
        value=away(mine.own()),
        baselines={"another street": away(_sized(shuffled, real))}
        | {name: away(pictures) for name, pictures in others.items()},
        better="lower",
    )
    realism = Figure(
        id="realism",
        title="Kernel distance to real photos",
        protocol=f"{len(scenes)} held-out maps, looks drawn; {kernel_distance.PROTOCOL}",
        judge=features.ID,
        n=len(scenes),
        value=sets.to(mine.drawn(0)),
        baselines={"training photos": sets.to(trained)}
        | {name: sets.to(pictures) for name, pictures in others.items()},
        better="lower",
    )
    return [distance, realism]


def sheet(scenes: Sequence[HeldOut], mine: Paintings) -> NDArray[np.uint8]:
    """A row each: labels, photo, the photo's look, three looks drawn."""
    columns = [mine.own(), *(mine.drawn(seed) for seed in range(_LOOKS))]
    names = ["its look", *(f"look {seed + 1}" for seed in range(_LOOKS))]
    rows = []
    for n in strided(len(scenes), _SHEET):
        scene = scenes[n]
        labels = Cell("labels", scene.shape.label_set.colours[scene.shape.labels])
        painted = [Cell(name, made[n]) for name, made in zip(names, columns, strict=True)]
        rows.append([labels, Cell("photo", scene.photo), *painted])
    return contact_sheet(rows, 256)


def _sized(pictures: Sequence[Pixels], like: Sequence[Pixels]) -> list[Pixels]:
    return [
        np.asarray(cv2.resize(a, b.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
        for a, b in zip(pictures, like, strict=True)
    ]


def at_side(photo: Pixels, side: int) -> Pixels:
    """The (H, W, 3) photo, `side` pixels along its longer side."""
    scale = side / max(photo.shape[:2])
    size = max(round(photo.shape[1] * scale), 1), max(round(photo.shape[0] * scale), 1)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, size, interpolation=how), np.uint8)
