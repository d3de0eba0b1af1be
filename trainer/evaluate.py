"""`guise evaluate`: a model measured on held-out data; protocols, judges and baselines named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import torch
from rich.console import Console
from rich.table import Table

from engine import registry, weights
from engine.card import Card
from engine.errors import InputError
from engine.files import replacing
from engine.perception.base import Perception
from engine.runtime import Runtime
from trainer.data.coco import read_people
from trainer.metrics.figures import Figure, Gap, Report, as_builtins
from trainer.metrics.held_out import chosen, data_folder, refuse_leaks, without_doubles
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.painters import evaluate_painter
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.protocols import fitting, measured, of_folder
from trainer.metrics.reading import reading_figures
from trainer.metrics.scene_trial import evaluate_scenes
from trainer.metrics.sketch_painters import evaluate_sketches

READ = ("people", "athletes")
"""Readers are judged on these packs."""
_PAINTERS = {"Sketch": evaluate_sketches, "LabelMap": evaluate_scenes}
"""What measures painters of other things than people."""


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
    """All figures of a model file, or those of the protocols that the options name.

    A folder of pictures is measured by protocols that need no model.

    Returns:
        A :class:`trainer.metrics.figures.Report` as plain dicts.

    Raises:
        GuiseError: no data, no such model, or nothing to measure.
    """
    if Path(options.model).is_dir():
        pictures, cases = Path(options.model), options.protocol_cases or 0
        return as_builtins(of_folder(pictures, options.protocol, options, cases))
    subject = subject_of(model_file(options.model), options)
    if options.protocol:
        return as_builtins(measured(subject, options.protocol))
    if not measurable(subject.card):
        raise InputError(
            f"{subject.card.id} is a model neither of people nor of sketches or scenes to paint, "
            f"which `guise evaluate` measures by itself; {_otherwise(subject.card)}."
        )
    return as_builtins(own_figures(subject))


def subject_of(path: Path, options: EvaluateOptions) -> Subject:
    """A model file and what a report says of it. ModelError: it is none, or of another Guise."""
    if options.threads:
        torch.set_num_threads(options.threads)
    loaded = weights.load(path)
    registry.architecture(loaded.card)
    about = {
        "id": loaded.card.id,
        "architecture": loaded.card.architecture,
        "side": loaded.card.side,
        "weights_sha256": loaded.digest,
        "runtime": str(Runtime.best(options.device)),
    }
    return Subject(path, loaded.card, about, options, options.files, options.protocol_cases)


def measurable(card: Card) -> bool:
    """Whether a model is measured without a protocol being named."""
    paints = registry.architecture(card).kind == "painter"
    return card.shape == "Pose" or (paints and card.shape in _PAINTERS)


def own_figures(subject: Subject) -> Report:
    """What is measured of a model without a protocol being named.

    Raises:
        GuiseError: no data, or a model that is not :func:`measurable`.
    """
    options, card, about = subject.options, subject.card, subject.about
    if card.shape != "Pose":
        return _PAINTERS[card.shape](subject)
    model = registry.build(weights.load(subject.path), Runtime.best(options.device))
    if subject.kind == "perception":
        return evaluate_reader(model, about, options)
    return evaluate_painter(model, about, options, subject.session)


def _otherwise(card: Card) -> str:
    names = fitting(card)
    if not names:
        return "what its training measured is on its card"
    return f"name one of its protocols with --protocol: {', '.join(names)}"


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
        figures += reading_figures(reader, pack, chosen(fresh, options.people))
    if not figures:
        raise InputError(f"{data} has none of the packs {', '.join(READ)}.")
    judges = {"annotation": {"name": "key points and masks as annotated in the pack"}}
    return Report(model=about, judges=judges, figures=figures, gaps=gaps, times={})


def table(found: dict[str, Any]) -> Table:
    """The figures of a report, for people."""
    model = found["model"]
    size = f", {model['side']} px" if model["side"] else ""
    shown = Table(title=f"{model['id']} ({model['architecture']}{size})")
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


def model_file(model: str) -> Path:
    """The file named, or that of a model in the catalogue. InputError: there is none."""
    if Path(model).is_file():
        return Path(model)
    known = {entry.card.id: entry.path for entry in registry.catalogue()}
    if model not in known:
        names = ", ".join(known) or "none yet"
        raise InputError(f"There is no model {model!r}; name a file or one of: {names}.")
    return known[model]
