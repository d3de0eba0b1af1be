"""How many cases of everything a report takes, so that it is done in time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """Cases, all spread over what is held out.

    Attributes:
        people, pairs, large, poses: of painters of people.
        sketches: and as many drawings by people.
        scenes: label maps.
        samples: looks drawn at random for each.
        protocol: cases of each paper's protocol; None = as many as that protocol says.
    """

    people: int = 60
    pairs: int = 60
    large: int = 2
    poses: int = 2
    sketches: int = 60
    scenes: int = 12
    samples: int = 20
    protocol: int | None = None

    def cases(self, shape: str) -> int:
        """Of `guise evaluate --cases`, by the kind of shape that a model paints."""
        return self.scenes if shape == "LabelMap" else self.sketches


FULL = Counts()
QUICK = Counts(people=6, pairs=6, large=1, poses=1, sketches=6, scenes=3, samples=4, protocol=6)
