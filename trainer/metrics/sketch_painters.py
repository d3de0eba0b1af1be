"""A painter of sketches measured on held-out edges and on drawings by people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine import weights
from engine.card import Card
from engine.errors import InputError
from engine.session import Session
from trainer.data.products import Products, read_products
from trainer.metrics import features
from trainer.metrics.edge_detectors import Canny, Detector, Hed
from trainer.metrics.features import FeatureJudge, MissingJudge
from trainer.metrics.figures import Report
from trainer.metrics.held_out import data_folder
from trainer.metrics.notes import Notes
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.sketch_bench import (
    PACKS,
    SAME,
    Easel,
    Group,
    Pack,
    held_out_cases,
    human_cases,
    without_doubles,
)
from trainer.metrics.sketch_trial import SketchTrial

_TAKES = {
    "diversity": "Sampled",
    "encoding": "FromPhoto",
    "chips": "Vector",
    "dimensions": "Vector",
}
"""Looks that a measure needs; a painter whose looks are vectors takes the others too."""


def evaluate_sketches(
    path: Path, card: Card, about: dict[str, Any], options: EvaluateOptions
) -> Report:
    """Everything about a painter of sketches.

    Args:
        path: the model's file.
        about: what the report says of the model.

    Raises:
        InputError: no data, or a pack with fewer than two held-out photos.
    """
    if not options.sketch_measures:
        raise InputError(f"{card.id} paints sketches; none of the measures of --only is for them.")
    if options.samples < 2:
        raise InputError("Compare two or more --samples.")
    notes = Notes(options.sheets)
    train, groups = sketch_groups(card, options, options.cases, notes)
    judge = _judge(options, notes)
    files = [path, *([options.noise] if options.noise else [])]
    session = Session(options.device, models=files)
    noisy = None
    if options.noise is not None:
        noisy = Easel(session, weights.read_card(options.noise))
    trial = SketchTrial(
        Easel(session, card),
        train,
        groups,
        notes,
        judge,
        options.samples,
        noisy,
    )
    _measure(trial, card, options, notes)
    return notes.report(about)


def _measure(trial: SketchTrial, card: Card, options: EvaluateOptions, notes: Notes) -> None:
    steps = {
        "diversity": trial.diversity,
        "encoding": trial.encoding,
        "edges": lambda: trial.edges(line_detectors(options, notes)),
        "chips": trial.chips,
        "dimensions": trial.dimensions,
    }
    for name in options.sketch_measures:
        kind = _TAKES.get(name, "Sampled")
        if {kind, "Vector"}.isdisjoint(card.takes):
            reason = f"left out, the model {card.id} takes no looks of the kind {kind}"
            notes.gap(name, reason)
        else:
            steps[name]()
    trial.sheets()


def sketch_groups(
    card: Card, options: EvaluateOptions, count: int, notes: Notes
) -> tuple[Products, list[Group]]:
    """The training pairs, and `count` cases (0 = all) of each kind: edges, drawings by people.

    Raises:
        InputError: no data, no pack is named, or it has fewer than two held-out photos.
    """
    data, pack = data_folder(options.data), _pack(card, options)
    train, val = (
        read_products(data, [pack.products], split, card.side) for split in ("train", "val")
    )
    return train, _groups(data, pack, _fresh(val, train, notes), card.side, count, notes)


def _pack(card: Card, options: EvaluateOptions) -> Pack:
    known = PACKS.get(card.id, Pack(""))
    pack = Pack(options.pack or known.products, options.human or known.human)
    if not pack.products:
        raise InputError(f"Name the pack of product photos that {card.id} is judged on: --pack.")
    return pack


def _fresh(val: Products, train: Products, notes: Notes) -> Products:
    fresh, twins = without_doubles(val, train)
    if twins:
        reason = (
            f"{len(twins)} val photos left out, they are in train too ({', '.join(twins)}); found "
            f"as: the middle of a photo, correlation of {SAME} or more"
        )
        notes.gap("doubles", reason)
    if len(fresh) < 2:
        raise InputError(f"The pack has {len(fresh)} usable photos in val; two or more are needed.")
    return fresh


def _groups(
    data: Path, pack: Pack, val: Products, side: int, count: int, notes: Notes
) -> list[Group]:
    groups = [Group("held_out", "held-out edges", held_out_cases(val, count or len(val)))]
    if not pack.human or not (data / pack.human).is_dir():
        notes.gap("human", "no folder of drawings by people was named or found")
        return groups
    cases, refused = human_cases(data / pack.human, side, count)
    if refused:
        notes.gap("human.refused", f"{len(refused)} drawings were refused: {refused[0]}")
    if len(cases) > 1:
        groups.append(Group("human", "drawings by people", cases))
    return groups


def _judge(options: EvaluateOptions, notes: Notes) -> FeatureJudge | None:
    notes.judges["formula"] = {"name": "computed from the pixels, no network"}
    try:
        judge = FeatureJudge(features.find_weights(options.judge))
    except MissingJudge as error:
        for measure in ("diversity", "reconstruction.features", "realism"):
            notes.gap(measure, str(error))
        return None
    about = {"weights_sha256": judge.sha256, "protocol": features.PROTOCOL}
    notes.judges[features.ID] = about
    return judge


def line_detectors(options: EvaluateOptions, notes: Notes) -> list[Detector]:
    """Canny, and HED where its weights were named; without them a gap says so."""
    found: list[Detector] = [Canny()]
    if options.hed is None:
        notes.gap("edges.hed", "no weights of HED were named; Canny finds the lines")
    else:
        found.append(Hed(options.hed))
    notes.judges |= {detector.id: dict(detector.about) for detector in found}
    return found
