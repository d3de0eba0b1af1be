"""A painter of scenes measured on held-out label maps: labels read again, likeness, realism."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from trainer.metrics import features, kernel_distance, scene_judge
from trainer.metrics.features import FeatureJudge
from trainer.metrics.figures import Figure, Report
from trainer.metrics.kernel_distance import KernelDistance
from trainer.metrics.notes import Notes
from trainer.metrics.protocol_judges import FORMULA
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.scene_judge import SceneJudge
from trainer.metrics.scene_objects import object_figures
from trainer.metrics.scenes import (
    HeldOut,
    Paintings,
    at_side,
    held_out,
    held_out_scenes,
    pack_folder,
    paintings,
)
from trainer.metrics.segmentation import Agreement
from trainer.metrics.sheets import Cell, Pixels, contact_sheet, strided

_SHARE = 0.7
"""Of the judge's figure on real photos that painted scenes shall reach."""
_SHEET = 10
"""Scenes on the sheet."""
_LOOKS = 3
"""Drawn looks of each."""
_KINDS = (("miou", "mIoU"), ("accuracy", "accuracy"))
_SAYS = {"drawn": "looks drawn", "own": "looks of the photos"}
_RIVAL = "pix2pix"


class Trial(NamedTuple):
    """Scenes, and what two painters make of them.

    Attributes:
        scenes: two or more.
        mine, rival: of the model, and of a pix2pix trained the same time, if there is one.
    """

    scenes: Sequence[HeldOut]
    mine: Paintings
    rival: Paintings | None

    @property
    def photos(self) -> list[Pixels]:
        """The real ones, as large as the paintings."""
        return sized(self.scenes, self.mine.card.side)


def sized(scenes: Sequence[HeldOut], side: int) -> list[Pixels]:
    """Photos of scenes, `side` pixels along their longer side."""
    return [at_side(scene.photo, side) for scene in scenes]


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
    trial = Trial(scenes, mine, rival)
    _read_again(subject, notes, trial)
    _likeness(subject, notes, trial)
    if subject.card.architecture.startswith("pix2pixhd") and mine.encodes:
        notes.judges |= FORMULA
        with notes.timed("looks of objects"):
            notes.figures += object_figures(mine.painter, subject.card.side, scenes)
    notes.sheet("scenes", lambda: sheet(scenes, mine))
    return notes.report(subject.about)


def _read_again(subject: Subject, notes: Notes, trial: Trial) -> None:
    if subject.options.segments is None:
        notes.gap("miou", "no judge was named (guise train segmenter --preset judge)")
        return
    judge = scene_judge.loaded(subject.options.segments, subject.runtime)
    notes.judges["segmenter"] = {"weights_sha256": judge.sha256}
    with notes.timed("labels read again"):
        notes.figures += label_figures(judge, trial)


def _likeness(subject: Subject, notes: Notes, trial: Trial) -> None:
    judge = subject.judges.likeness(notes, "features")
    if judge is None:
        return
    train = held_out(pack_folder(subject), max(len(trial.scenes), 2), "train")
    with notes.timed("features"):
        trained = sized(train, trial.mine.card.side)
        notes.figures += [
            _distance_figure(judge, trial, trained),
            _realism_figure(judge, trial, trained),
        ]


def label_figures(judge: SceneJudge, trial: Trial) -> list[Figure]:
    """mIoU and accuracy of labels read again, for drawn looks and for the photos' own."""
    mine, rival = trial.mine, trial.rival

    def of(pictures: Sequence[Pixels]) -> Agreement:
        return judge.agreement(zip((s.shape for s in trial.scenes), pictures, strict=True))

    others = {"real photos": of(trial.photos)}
    others |= {} if rival is None else {_RIVAL: of(rival.drawn(0))}
    shown = {"drawn": of(mine.drawn(0))} | ({"own": of(mine.own())} if mine.encodes else {})
    return [
        _label_figure(name, found, others, kind, trial)
        for name, found in shown.items()
        for kind in _KINDS
    ]


def _label_figure(
    name: str, found: Agreement, others: dict[str, Agreement], kind: tuple[str, str], trial: Trial
) -> Figure:
    measure, says = kind
    count, side = len(trial.scenes), trial.mine.card.side
    baselines = {name: getattr(other, measure) for name, other in others.items()}
    return Figure(
        id=f"{measure}.{name}",
        title=f"{says} of labels read again, {_SAYS[name]}",
        protocol=f"{count} held-out maps painted at {side} px; {scene_judge.PROTOCOL}",
        judge="segmenter",
        n=count,
        value=getattr(found, measure),
        baselines=baselines,
        better="higher",
        target=(_SHARE * baselines["real photos"], None),
        target_says=f"at least {_SHARE:.0%} of real photos",
        detail={"by_class": {str(k): v for k, v in found.by_class.items()}},
    )


def _distance_figure(judge: FeatureJudge, trial: Trial, trained: Sequence[Pixels]) -> Figure:
    """How far a painting is from the photo of its scene."""
    real, rival = trial.photos, trial.rival

    def away(pictures: Sequence[Pixels]) -> float:
        pairs = zip(pictures, real, strict=True)
        return float(np.mean([judge.distances(a, b).sum() for a, b in pairs]))

    shuffled = [trained[n % len(trained)] for n in range(len(real))]
    return Figure(
        id="features",
        title="Feature distance to the true photo",
        protocol=f"{len(real)} held-out maps with the looks of their photos; {features.PROTOCOL}",
        judge=features.ID,
        n=len(real),
        value=away(trial.mine.own()),
        baselines={"another street": away(_as_large(shuffled, real))}
        | ({} if rival is None else {_RIVAL: away(rival.drawn(0))}),
        better="lower",
    )


def _realism_figure(judge: FeatureJudge, trial: Trial, trained: Sequence[Pixels]) -> Figure:
    """How alike the sets of paintings and of photos are."""
    sets, rival = KernelDistance(trial.photos, judge), trial.rival
    return Figure(
        id="realism",
        title="Kernel distance to real photos",
        protocol=f"{len(trial.scenes)} held-out maps, looks drawn; {kernel_distance.PROTOCOL}",
        judge=features.ID,
        n=len(trial.scenes),
        value=sets.to(trial.mine.drawn(0)),
        baselines={"training photos": sets.to(trained)}
        | ({} if rival is None else {_RIVAL: sets.to(rival.drawn(0))}),
        better="lower",
    )


def sheet(scenes: Sequence[HeldOut], mine: Paintings) -> Pixels:
    """(H, W, 3) a row each: labels, photo, the photo's look, three looks drawn."""
    columns = [mine.own(), *(mine.drawn(seed) for seed in range(_LOOKS))]
    names = ["its look", *(f"look {seed + 1}" for seed in range(_LOOKS))]
    rows = []
    for n in strided(len(scenes), _SHEET):
        scene = scenes[n]
        labels = Cell("labels", scene.shape.label_set.colours[scene.shape.labels])
        painted = [Cell(name, made[n]) for name, made in zip(names, columns, strict=True)]
        rows.append([labels, Cell("photo", scene.photo), *painted])
    return contact_sheet(rows, 256)


def _as_large(pictures: Sequence[Pixels], like: Sequence[Pixels]) -> list[Pixels]:
    return [
        np.asarray(cv2.resize(a, b.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
        for a, b in zip(pictures, like, strict=True)
    ]
