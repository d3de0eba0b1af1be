"""Mirror pairs: the photo seen in a mirror must become the photo again."""

from __future__ import annotations

import numpy as np

from engine.painters.base import Painter
from trainer.metrics.likeness import Likeness, Measure, nearest_rivals
from trainer.metrics.nearest import TrainingPhotos
from trainer.metrics.stage import Person, paint

MIRROR = Measure(
    "mirror",
    "Mirror pairs",
    "the held-out photo, mask and pose mirrored are the source, the photo's own pose is the "
    "target; compared with the photo on white, inside the person's box (margin 4 % of the frame), "
    "at the network's side",
)
COPY = "copy of the source"


def mirror_pair(painter: Painter, person: Person, training: TrainingPhotos | None) -> Likeness:
    """Paint one mirrored person back, at the painter's own side."""
    side = painter.card.side
    source = person.mirrored()
    # The person stands in the other half of the mirrored photo: the pose asked for goes there too.
    shift = [source.frame.left - person.frame.left, source.frame.top - person.frame.top]
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], float)
    asked = person.annotated.mapped(matrix, source.photo.size)
    rivals = {COPY: source.cut(side), **nearest_rivals(person, training)}
    return Likeness(person, person.cut(side), paint(painter, source, asked, side), rivals)
