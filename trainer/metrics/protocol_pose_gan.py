"""pose-gan's protocol: SSIM, mask-SSIM, Inception score, mask-IS and detection score of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.errors import InputError
from trainer.data.posegan import PosePair
from trainer.metrics import detector, pose_masks, similarity
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
from trainer.metrics.protocol_pairs import PACK, listed_pairs, ready_picture
from trainer.metrics.protocol_sets import inception_figures
from trainer.metrics.protocol_subject import Ready, Subject
from trainer.metrics.published import published
from trainer.metrics.sheets import Cell, contact_sheet, strided

ID = "pose-gan"
CASES = 100
"""Pairs for a report of all models."""
REAL = "real target photos"
SHOWN = 12


def measure(subject: Subject, notes: Notes) -> None:
    """A model that reposes people (Siarohin et al., CVPR 2018, section 4).

    Raises:
        InputError: see :func:`trainer.metrics.protocol_pairs.listed_pairs`, or no pair is usable.
    """
    if subject.files.pairs_file is None:
        folder = data_folder(subject.options.data) / PACK
        if not folder.is_dir():
            notes.gap(ID, f"there is no folder {folder}, and no list of pairs was named")
            return
    name, pairs, left = chosen_pairs(subject.files, subject.options.data, subject.count(CASES))
    repaint = SessionRepaint(subject.session, subject.card.id)
    with notes.timed(f"{ID}, paint"):
        painted = list(paint_pairs(lambda pair: repaint(pair.source, pair.target.pose), pairs))
    _figures(painted, name, left, subject.judges, notes)


def measure_ready(ready: Ready, notes: Notes) -> None:
    """Pictures that somebody's code made of the pairs; see :func:`ready_picture`."""
    name, pairs, left = chosen_pairs(ready.files, ready.options.data, ready.cases)
    painted = list(paint_pairs(lambda pair: ready_picture(ready.folder, pair), pairs))
    _figures(painted, name, left, ready.judges, notes)


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
    with notes.timed(f"{ID}, Inception score"):
        notes.figures += _scored(pairs, judges, notes, how)
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


def _scored(pairs: Sequence[PaintedPair], judges: Judges, notes: Notes, how: str) -> list[Figure]:
    figures: list[Figure] = []
    for kind, says, masked in (("is", "Inception score", False), ("mask_is", "mask-IS", True)):
        masks = [pair.mask[..., None] | (not masked) for pair in pairs]
        rule = f"; pictures multiplied by the {pose_masks.PROTOCOL}" if masked else ""
        figures += inception_figures(
            judges,
            notes,
            f"{ID}.{kind}",
            f"Pairs, {says}",
            f"{how}{rule}",
            [pair.painted * mask for pair, mask in zip(pairs, masks, strict=True)],
            {
                REAL: [pair.truth * mask for pair, mask in zip(pairs, masks, strict=True)],
                COPY: [pair.copy * mask for pair, mask in zip(pairs, masks, strict=True)],
            },
        )
    return figures


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
