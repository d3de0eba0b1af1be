"""pix2pixHD's protocol: labels read again from painted scenes, and from the real photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import registry, weights
from engine.errors import InputError
from engine.perception.segments import SegmentsReader
from engine.shapes.labels import LabelSet
from trainer.metrics import scene_judge
from trainer.metrics.figures import Figure
from trainer.metrics.notes import Notes
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.published import published
from trainer.metrics.scene_judge import SceneJudge
from trainer.metrics.scenes import (
    HeldOut,
    Pixels,
    at_side,
    held_out_scenes,
    pack_of,
    paintings,
)
from trainer.metrics.segmentation import Agreement, Counts, agreement
from trainer.metrics.sheets import Cell, contact_sheet, strided

ID = "pix2pixhd-segmentation"
CASES = 60
"""Scenes for a report of all models."""
REAL = "real photos"
SHARE = 0.7
"""Of the judge's figure on real photos that painted scenes shall reach."""
SHOWN = 8
"""Scenes on the sheet."""
_RULES = (
    "confusions of all pictures summed at the map's size; pixels of classes that the judge does "
    "not read, 255 and void among them, are left out; mIoU over the classes that occur in the maps"
)


@dataclass(frozen=True)
class _Read:
    """What a judge read in pictures of the same scenes."""

    each: list[Counts]
    void: list[int]

    @property
    def all(self) -> Agreement:
        """Of all pictures together."""
        return agreement(np.sum(self.each, axis=0))

    def by_picture(self, measure: str) -> list[float]:
        """The same of every picture on its own."""
        return [float(getattr(agreement(counts), measure)) for counts in self.each]

    @property
    def accuracy_with_void(self) -> float:
        """Right pixels over all pixels, those without a class counted as wrong."""
        total = np.sum(self.each, axis=0)
        return float(np.trace(total) / (total.sum() + sum(self.void)))


def measure(subject: Subject, notes: Notes) -> None:
    """mIoU and accuracy of painted scenes beside those of the photos, or of a reader of scenes.

    Wang et al., CVPR 2018, section 4.1. The judge is ours where theirs is PSPNet.

    Raises:
        InputError: fewer than two scenes, or a judge that reads no scenes.
    """
    pack, count = pack_of(subject.card, subject.options), subject.count(CASES)
    scenes = held_out_scenes(subject, count)
    if subject.kind == "perception":
        _measure_reader(subject, notes, scenes)
        return
    if subject.options.segments is None:
        notes.gap(ID, "no judge was named (guise train segmenter --preset judge), see --segments")
        return
    judge = scene_judge.loaded(subject.options.segments, subject.runtime)
    if not judge.reads(scenes[0].shape.label_set):
        notes.gap(ID, f"the judge reads other labels than those of {pack}; train one on {pack}")
        return
    notes.judges["segmenter"] = {"weights_sha256": judge.sha256}
    side = subject.card.side
    painted = paintings(subject, notes, count).drawn(0)
    with notes.timed("labels read again"):
        found = _read(judge, scenes, painted)
        notes.sheet(ID, lambda: _sheet(scenes, painted, judge))
        real = _read(judge, scenes, [at_side(scene.photo, side) for scene in scenes])
    how = (
        f"{len(scenes)} held-out maps of {pack} spread over the split, painted at {side} px with "
        "looks drawn at random (seed 0); labels read again by a segmentation network that no "
        f"painter was trained with; {_RULES}"
    )
    notes.figures += _figures(found, real, scenes, how, "segmenter")


def _measure_reader(subject: Subject, notes: Notes, scenes: Sequence[HeldOut]) -> None:
    reader = registry.build(weights.load(subject.path), subject.runtime)
    if not isinstance(reader, SegmentsReader):
        raise InputError(f"{subject.card.id} reads no labels of scenes.")
    notes.judges["annotation"] = {"name": "labels as annotated in the pack"}
    with notes.timed("labels read"):
        judge = SceneJudge(subject.path, subject.runtime)
        found = _read(judge, scenes, [scene.photo for scene in scenes])
    how = f"labels that the model reads in {len(scenes)} held-out photos; {_RULES}"
    notes.figures += _figures(found, None, scenes, how, "annotation")


def _read(judge: SceneJudge, scenes: Sequence[HeldOut], pictures: Sequence[Pixels]) -> _Read:
    each = [judge.confusion(s.shape, p) for s, p in zip(scenes, pictures, strict=True)]
    sizes = [scene.shape.labels.size for scene in scenes]
    return _Read(each, [size - int(c.sum()) for size, c in zip(sizes, each, strict=True)])


_KINDS = (("miou", "mIoU"), ("accuracy", "per-pixel accuracy"))


def _figures(
    found: _Read, real: _Read | None, scenes: Sequence[HeldOut], how: str, judge: str
) -> list[Figure]:
    mine, truth = found.all, None if real is None else real.all
    names = [scene.name for scene in scenes]
    figures = []
    for kind, says in _KINDS:
        limit = None if truth is None else getattr(truth, kind)
        common: dict[str, Any] = {"judge": judge, "n": len(names), "better": "higher"}
        detail = _detail(found, real, scenes[0].shape.label_set) if kind == "miou" else {}
        figures.append(Figure(
            id=f"{ID}.{kind}",
            title=f"Labels read again, {says}",
            protocol=how,
            value=getattr(mine, kind),
            baselines={} if limit is None else {REAL: limit},
            target=(None if limit is None else SHARE * limit, None),
            target_says="" if limit is None else f"at least {SHARE:.0%} of real photos",
            detail=detail,
            published=published(f"{ID}.{kind}"),
            **common,
        ))  # fmt: skip
        cases = found.by_picture(kind)
        figures.append(Figure(
            id=f"{ID}.{kind}.by_picture",
            title=f"Labels read again, {says}, mean over pictures",
            protocol=f"{how}; here of every picture on its own, then the mean",
            value=float(np.mean(cases)),
            baselines={} if real is None else {REAL: float(np.mean(real.by_picture(kind)))},
            cases=dict(zip(names, cases, strict=True)),
            **common,
        ))  # fmt: skip
    figures.append(_with_void(found, real, how, judge))
    return figures


def _with_void(found: _Read, real: _Read | None, how: str, judge: str) -> Figure:
    """Accuracy as evaluation code gives it that does not leave 255 out."""
    return Figure(
        id=f"{ID}.accuracy.with_void",
        title="Labels read again, per-pixel accuracy, pixels without a class counted as wrong",
        protocol=f"{how}; but here the pixels left out count as wrong, as where 255 is not masked",
        judge=judge,
        n=len(found.each),
        value=found.accuracy_with_void,
        baselines={} if real is None else {REAL: real.accuracy_with_void},
        better="higher",
    )


def _detail(found: _Read, real: _Read | None, known: LabelSet) -> dict[str, Any]:
    """Intersection over union by class, and the table of confusions in shares of each class."""
    names = {label.id: label.name for label in known.labels}
    counts = np.sum(found.each, axis=0)
    there = [int(n) for n in np.flatnonzero(counts.sum(0) + counts.sum(1))]
    detail: dict[str, Any] = {
        "IoU by class": {names[k]: v for k, v in found.all.by_class.items()},
        "confusion, rows true, columns found, shares of the row": {
            names[row]: {
                names[column]: float(counts[row, column] / counts[row].sum())
                for column in there
                if counts[row, column]
            }
            for row in there
            if counts[row].any()
        },
        "share of pixels left out": sum(found.void) / (sum(found.void) + int(counts.sum())),
    }
    if real is not None:
        detail["IoU by class, real photos"] = {names[k]: v for k, v in real.all.by_class.items()}
    return detail


def _sheet(scenes: Sequence[HeldOut], painted: Sequence[Pixels], judge: SceneJudge) -> Pixels:
    """(H, W, 3) some scenes: labels, photo, painting, labels that the judge read in it."""
    rows = []
    for i in strided(len(scenes), SHOWN):
        shape = scenes[i].shape
        colours = shape.label_set.colours
        again = colours[judge.labels(painted[i], shape.labels.shape)]
        rows.append([
            Cell(scenes[i].name, colours[shape.labels]),
            Cell("photo", scenes[i].photo),
            Cell("painted", painted[i]),
            Cell("read again", again),
        ])  # fmt: skip
    return contact_sheet(rows, 256)
