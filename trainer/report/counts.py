"""How many cases of everything a report takes, so that it is done in time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """Cases, all spread over what is held out; 0 = all there are.

    Attributes:
        people: as many pairs, too.
        large: people painted at 2,000 px.
        poses: at which looks are invented.
        sketches: and as many drawings by people.
        scenes: label maps.
        samples: looks drawn at random for each.
    """

    people: int
    large: int
    poses: int
    sketches: int
    scenes: int
    samples: int = 20

    def cases(self, shape: str) -> int:
        """Of each protocol, by the kind of shape that a model paints or reads."""
        return {"Sketch": self.sketches, "LabelMap": self.scenes}.get(shape, self.people)


COUNTS = {
    "few": Counts(people=6, large=1, poses=1, sketches=6, scenes=3, samples=4),
    "some": Counts(people=40, large=2, poses=2, sketches=40, scenes=24),
    "all": Counts(people=0, large=3, poses=4, sketches=0, scenes=0),
}
"""By what `--cases` says."""
