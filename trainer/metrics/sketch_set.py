"""What a painter of sketches is measured on, and what it paints there: each thing painted once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from engine.appearance import Sampled
from engine.card import Card
from engine.errors import InputError
from trainer.data.products import Products, read_products
from trainer.metrics.edge_fidelity import rivals
from trainer.metrics.held_out import data_folder
from trainer.metrics.memory import Memory, digest
from trainer.metrics.notes import Notes
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.sketch_bench import (
    PACKS,
    SAME,
    Easel,
    Group,
    NearestEdges,
    Pack,
    Pixels,
    held_out_cases,
    human_cases,
    without_doubles,
)
from trainer.metrics.sketch_looks import encoded

CASES = 100
"""Sketches of each kind for a report of all models."""
_SEED = 17
_FRESH: Memory[tuple[Products, list[str]]] = Memory(1)
"""The held-out pairs looked at last: models of one kind are judged on the same ones."""


class Sketches:
    """A painter's easel, its cases, and its paintings of them.

    Args:
        train: the training pairs.
        groups: held-out edges first, then drawings by people, if there are any.
    """

    def __init__(self, easel: Easel, train: Products, groups: Sequence[Group]) -> None:
        self.easel, self.train, self.groups = easel, train, groups
        self._looks: dict[tuple[str, ...], list[list[Pixels]]] = {}
        self._rivals: dict[str, dict[str, list[Pixels]]] = {}

    @cached_property
    def nearest(self) -> NearestEdges:
        """Looks up the training pair with the most similar edges."""
        return NearestEdges(self.train)

    @cached_property
    def photos(self) -> list[Pixels]:
        """Held-out photos in random order."""
        known = [case.photo for case in self.groups[0].cases if case.photo is not None]
        return [known[i] for i in np.random.default_rng(_SEED).permutation(len(known))]

    @cached_property
    def encoded(self) -> list[Pixels]:
        """Every held-out item painted with the look of its own photo."""
        return encoded(self.easel, self.groups[0].cases)

    def looks(self, group: Group, count: int) -> list[list[Pixels]]:
        """`count` random looks of every case: with the seeds 0, 1, ... of the case's own range."""
        names = tuple(case.name for case in group.cases)
        made = self._looks.setdefault((group.id, *names), [[] for _ in names])
        for n, (case, pictures) in enumerate(zip(group.cases, made, strict=True)):
            for seed in range(len(pictures), count):
                pictures.append(self.easel.paint(case, Sampled(1000 * n + seed, case.sketch)))
        return [pictures[:count] for pictures in made]

    def painted(self, group: Group) -> list[Pixels]:
        """Every case with one random look, the first of :meth:`looks`."""
        return [pictures[0] for pictures in self.looks(group, 1)]

    def rivals(self, group: Group) -> dict[str, list[Pixels]]:
        """What simpler answers give, see :func:`trainer.metrics.edge_fidelity.rivals`."""
        if group.id not in self._rivals:
            self._rivals[group.id] = rivals(group, self.nearest, self.photos)
        return self._rivals[group.id]


def sketches(subject: Subject, notes: Notes, count: int) -> Sketches:
    """`count` cases of each kind (0 = all) of a subject, made once for all that is measured.

    Raises:
        InputError: no data, no pack is named, or it has fewer than two held-out photos.
    """

    def make() -> Sketches:
        train, groups = sketch_groups(subject.card, subject.options, count, notes)
        return Sketches(Easel(subject.session, subject.card), train, groups)

    return subject.once(f"sketches, {count}", make)


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
    both = digest(val.photos, val.lines, train.photos), val.names
    fresh, twins = _FRESH.of(both, lambda: without_doubles(val, train))
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
