"""Which models a report is of, and what is asked of each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine import registry
from engine.card import Card
from engine.errors import InputError
from engine.registry import DEFAULTS, Model
from engine.weights import read_card
from trainer.metrics.options import EvaluateOptions, Measure, SketchMeasure
from trainer.metrics.painters import PAIRS
from trainer.metrics.protocols import fitting
from trainer.metrics.scenes import pack_of
from trainer.metrics.sketch_bench import PACKS, Pack
from trainer.report.counts import COUNTS
from trainer.report.gather import Job
from trainer.report.options import ReportOptions
from trainer.report.orderings import Contestant, Group

_ORDER = ("Pose", "Sketch", "LabelMap")


def chosen(names: tuple[str, ...]) -> list[Model]:
    """The models named, or all: painters before readers, kind by kind, the bundled default first.

    Raises:
        GuiseError: no such model, or two of one name.
    """
    known = registry.catalogue()
    if not names:
        return sorted(known, key=_place)
    by_id = {model.card.id: model for model in known}
    models = [by_id[name] if name in by_id else _file(name, by_id) for name in names]
    ids = [model.card.id for model in models]
    twice = next((name for name in ids if ids.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"Two models are called {twice!r}; a report needs different names.")
    return models


def _file(name: str, known: dict[str, Model]) -> Model:
    path = Path(name)
    if not path.is_file():
        raise InputError(
            f"There is no model {name!r}; name a file or some of: {', '.join(known) or 'none yet'}."
        )
    return Model(path, read_card(path))


def _place(model: Model) -> tuple[int, bool, bool, str]:
    card = model.card
    shape = _ORDER.index(card.shape) if card.shape in _ORDER else len(_ORDER)
    reads = registry.architecture(card).kind != "painter"
    return shape, reads, DEFAULTS.get(card.shape) != card.id, card.id


def _own(shape: str, rival: bool) -> tuple[Measure | SketchMeasure, ...]:
    """Measures of a model that no protocol takes already; of sketches with a rival, all."""
    if shape == "Pose":
        return "mirror", "detail", "transfer", "samples", "mixing", "interpolation", "inplace"
    if shape == "Sketch" and not rival:
        return "encoding", "edges", "chips", "dimensions"
    return ()


def job(model: Model, options: ReportOptions) -> Job:
    """What a report asks of one model."""
    counts = COUNTS[options.cases]
    card = model.card
    asked = EvaluateOptions(
        model=card.id,
        data=options.data,
        judge=options.judge,
        blazepose=options.blazepose,
        hed=options.hed,
        noise=options.noise.get(card.id),
        segments=options.segments.get(card.id),
        people=counts.people,
        only=_own(card.shape, card.id in options.noise),
        pairs=counts.people,
        large=counts.large,
        poses=counts.poses,
        samples=counts.samples,
        cases=counts.cases(card.shape),
        protocol_cases=counts.cases(card.shape),
        device=options.device,
        threads=options.threads,
        files=options.files,
    )
    return Job(model.path, asked)


def kin(job: Job, card: Card) -> str:
    """What the model's photos are, for :class:`trainer.report.desk.Order`."""
    options = job.options
    packs = {
        "Sketch": options.pack or PACKS.get(card.id, Pack(card.id)).products,
        "LabelMap": pack_of(card, options),
    }
    return f"{packs.get(card.shape, card.shape)}, {card.side} px"


_Parts = tuple[tuple[Measure | SketchMeasure, ...], tuple[str, ...]]
"""Own measures (none = all) and protocols."""
_CONTESTS: dict[str, _Parts] = {
    "Pose": (("pairs",), ("pose-gan",)),
    "Sketch": (("diversity", "encoding", "edges"), ("bicyclegan-diversity",)),
    "LabelMap": ((), ("pix2pixhd-segmentation",)),
}
"""What is measured of the papers' methods, by shape."""
_UNPAIRED: _Parts = (("reconstruction", "transfer"), ("vunet-reconstruction",))
"""The same on people who are in no pairs."""


def contest(contestant: Contestant, group: Group, options: ReportOptions) -> Job:
    """What a report asks of one of a paper's methods: held-out cases of the group's own pack.

    Raises:
        ModelError: the model is gone or damaged.
    """
    path = Path(contestant.path)
    card = read_card(path)
    common = job(Model(path, card), options)
    only, protocols = _CONTESTS.get(card.shape, ((), ()))
    if card.shape == "Pose" and group.pack != PAIRS:
        only, protocols = _UNPAIRED
    asked = replace(
        common.options,
        only=only,
        pack=group.pack,
        hed=None,
        segments=options.segments.get(group.pack),
    )
    return Job(path, asked, protocols=tuple(n for n in protocols if n in fitting(card)))


def refuse_absent(options: ReportOptions, models: list[Model]) -> None:
    """Say now, not in twenty minutes, that a file named is not there.

    Raises:
        InputError: no such file, or a model that is not of the report.
    """
    named = {
        "--judge": options.judge,
        "--hed": options.hed,
        "--blazepose": options.blazepose,
        **{f"--{name.replace('_', '-')}": value for name, value in vars(options.files).items()},
    }
    for flag, given in (("--segments", options.segments), ("--noise", options.noise)):
        named |= {f"{flag} {name}": path for name, path in given.items()}
        known = {model.card.id for model in [*models, *registry.catalogue()]}
        unknown = sorted(set(given) - known)
        if unknown:
            names = ", ".join(sorted(known))
            raise InputError(f"{flag} names {unknown[0]!r}, which is no model; there are: {names}.")
    for flag, path in named.items():
        if isinstance(path, Path) and not path.exists():
            raise InputError(f"There is no {path}, which {flag} names.")
