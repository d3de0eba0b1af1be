"""What the protocols of painters of sketches share: held-out edges, drawings, their paintings."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from engine.appearance import Sampled
from trainer.metrics.notes import Notes
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.sketch_bench import Easel, Group, NearestEdges, Pixels
from trainer.metrics.sketch_painters import sketch_groups

CASES = 100
"""Sketches of each kind for a report of all models."""
_SEED = 17


class Sketches:
    """What the protocols of a painter of sketches share."""

    def __init__(self, subject: Subject, notes: Notes) -> None:
        self._subject = subject
        self.easel = Easel(subject.session, subject.card)
        everyone = subject.count(CASES)
        self.train, self.groups = sketch_groups(subject.card, subject.options, everyone, notes)
        self._looks: dict[str, list[Pixels]] = {}

    @cached_property
    def nearest(self) -> NearestEdges:
        """Looks up the training pair with the most similar edges."""
        return NearestEdges(self.train)

    @cached_property
    def photos(self) -> list[Pixels]:
        """Held-out photos in random order."""
        known = [case.photo for case in self.groups[0].cases if case.photo is not None]
        return [known[i] for i in np.random.default_rng(_SEED).permutation(len(known))]

    def painted(self, group: Group) -> list[Pixels]:
        """Every case with one random look, the first of its samples."""
        if group.id not in self._looks:
            self._looks[group.id] = [
                self.easel.paint(case, Sampled(1000 * n, case.sketch))
                for n, case in enumerate(group.cases)
            ]
        return self._looks[group.id]


def sketches(subject: Subject, notes: Notes) -> Sketches:
    """Of a subject, made once."""
    return subject.once("sketches", lambda: Sketches(subject, notes))
