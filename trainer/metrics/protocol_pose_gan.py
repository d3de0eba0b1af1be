"""pose-gan's protocol: SSIM, mask-SSIM, Inception score, mask-IS and detection score of pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from engine.errors import InputError
from trainer.data.posegan import PosePair
from trainer.metrics import detector, pose_masks, similarity
from trainer.metrics.classifiers import Classifier
from trainer.metrics.detector import PersonDetector
from trainer.metrics.figures import Figure
from trainer.metrics.held_out import data_folder
from trainer.metrics.notes import Notes
from trainer.metrics.pairs import (
    COPY,
    PROTOCOL,
    PaintedPair,
    Pixels,
    SessionRepaint,
    paint_pairs,
    similarity_figure,
    usable,
)
from trainer.metrics.protocol_files import ProtocolFiles
from trainer.metrics.protocol_judges import FORMULA, Judges
from trainer.metrics.protocol_pairs import listed_pairs, ready_picture
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.published import published
from trainer.metrics.scores import inception_score
from trainer.metrics.sheets import Cell, contact_sheet, strided

ID = "pose-gan"
CASES = 100
"""Pairs for a report of all models."""
REAL = "real target photos"
SHOWN = 12
_SCORE = (
    "exp of the mean divergence of each picture's classes from those of all, in 10 parts in the "
    "order of the list (one part below 100 pictures); few pictures give a low score, so compare "
    "equal numbers only"
)


def measure(subject: Subject, notes: Notes) -> None:
    """A model that reposes people (Siarohin et al., CVPR 2018, section 4).

    Raises:
        InputError: see :func:`trainer.metrics.protocol_pairs.listed_pairs`, or no pair is usable.
    """
    name, pairs, left = chosen_pairs(subject.files, subject.options.data, subject.count(CASES))
    repaint = SessionRepaint(subject.session, subject.card.id)
    with notes.timed(f"{ID}, paint"):
        painted = list(paint_pairs(lambda pair: repaint(pair.source, pair.target.pose), pairs))
    _figures(painted, name, left, subject.judges, notes)


def measure_folder(
    folder: Path, files: ProtocolFiles, data: Path | None, judges: Judges, notes: Notes, cases: int
) -> None:
    """Pictures that somebody's code made of the pairs; see :func:`ready_picture`."""
    name, pairs, left = chosen_pairs(files, data, cases)
    painted = list(paint_pairs(lambda pair: ready_picture(folder, pair), pairs))
    _figures(painted, name, left, judges, notes)


def chosen_pairs(
    files: ProtocolFiles, data: Path | None, count: int
) -> tuple[str, list[PosePair], int]:
    """Name of the list, `count` usable pairs spread over it (0 = all), how many are not usable.

    Raises:
        InputError: the list cannot be read, or fewer than two pairs can be used.
    """
    name, pairs = listed_pairs(files, data_folder(data) if files.pairs_file is None else data)
    used = usable(pairs)
    if len(used) < 2:
        raise InputError(
            f"{name} has {len(used)} usable pairs (shoulders and hips in both photos); "
            "two or more are needed."
        )
    picked = [used[i] for i in strided(len(used), count or len(used))]
    return name, picked, len(pairs) - len(used)


def _figures(
    pairs: Sequence[PaintedPair], name: str, left: int, judges: Judges, notes: Notes
) -> None:
    notes.judges |= FORMULA
    how = f"{len(pairs)} pairs spread over {name}; {PROTOCOL}"
    with notes.timed(f"{ID}, SSIM"):
        notes.figures += _similar(pairs, left, how)
    scorers = [
        (judges.inception(notes, f"{ID}.is", f"{ID}.mask_is"), ""),
        (judges.classes(notes, f"{ID}.is.lite0", f"{ID}.mask_is.lite0"), ".lite0"),
    ]
    for scorer, ending in scorers:
        if scorer is not None:
            with notes.timed(f"{ID}, {scorer.title}"):
                notes.figures += _scored(pairs, scorer, ending, how)
    found = judges.detector(notes, f"{ID}.ds")
    if found is not None:
        with notes.timed(f"{ID}, people found"):
            notes.figures.append(_detected(pairs, found, how))
    notes.sheet(ID, lambda: _sheet(pairs))


def _similar(pairs: Sequence[PaintedPair], left: int, how: str) -> list[Figure]:
    own = [similarity.ssim_own_range(pair.painted, pair.truth) for pair in pairs]
    detail: dict[str, float] = {
        "pairs left out": left,
        "with the range of the painted picture, as the published code has it": float(np.mean(own)),
        "mean |difference| / 255": float(np.mean([_l1(pair) for pair in pairs])),
    }
    rows = (("ssim", "SSIM, range 255", False), ("mask_ssim", "mask-SSIM, range 255", True))
    return [
        similarity_figure(
            f"{ID}.{kind}",
            f"Pairs, {says}",
            pairs,
            {} if masked else detail,
            masked,
            how,
            published(f"{ID}.{kind}"),
        )
        for kind, says, masked in rows
    ]


def _l1(pair: PaintedPair) -> float:
    return float(np.abs(pair.painted.astype(float) - pair.truth).mean() / 255)


def _scored(pairs: Sequence[PaintedPair], judge: Classifier, ending: str, how: str) -> list[Figure]:
    def figure(kind: str, says: str, masked: bool) -> Figure:
        def score(of: Callable[[PaintedPair], Pixels]) -> float:
            pictures = [of(p) * p.mask[..., None] if masked else of(p) for p in pairs]
            return inception_score(judge.look(pictures).chances).mean

        rule = f"; pictures multiplied by the {pose_masks.PROTOCOL}" if masked else ""
        return Figure(
            id=f"{ID}.{kind}{ending}",
            title=f"Pairs, {says} over the classes of {judge.title}",
            protocol=f"{how}; {_SCORE}{rule}",
            judge=judge.id,
            n=len(pairs),
            value=score(lambda pair: pair.painted),
            baselines={
                REAL: score(lambda pair: pair.truth),
                COPY: score(lambda pair: pair.copy),
            },
            better="higher",
            published=() if ending else published(f"{ID}.{kind}"),
        )

    return [figure("is", "Inception score", False), figure("mask_is", "mask-IS", True)]


def _detected(pairs: Sequence[PaintedPair], judge: PersonDetector, how: str) -> Figure:
    cases = dict(
        zip([p.name for p in pairs], judge.scores([p.painted for p in pairs]), strict=True)
    )
    rivals = {
        REAL: float(np.mean(judge.scores([p.truth for p in pairs]))),
        COPY: float(np.mean(judge.scores([p.copy for p in pairs]))),
    }
    return Figure(
        id=f"{ID}.ds",
        title="Pairs, detection score (DS)",
        protocol=f"{how}; {judge.about['protocol']}",
        judge=detector.ID,
        n=len(cases),
        value=float(np.mean(list(cases.values()))),
        baselines=rivals,
        better="higher",
        cases=cases,
        published=published(f"{ID}.ds"),
    )


def _sheet(pairs: Sequence[PaintedPair]) -> Pixels:
    cells: list[Cell] = []
    for pair in (pairs[i] for i in strided(len(pairs), SHOWN)):
        cells += [Cell("source", pair.copy), Cell("target", pair.truth)]
        cells += [Cell("painted", pair.painted)]
    return contact_sheet([cells[i : i + 9] for i in range(0, len(cells), 9)])
