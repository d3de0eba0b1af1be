"""How many cases of everything a report takes, so that it is done in time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """Cases, all spread over what is held out; 0 = all there are.

    Attributes:
        people, pairs, large, poses: of painters of people.
        sketches: and as many drawings by people.
        scenes: label maps.
        samples: looks drawn at random for each.
        protocol: cases of each paper's protocol; None = as many as that protocol says.
    """

    people: int
    pairs: int
    large: int
    poses: int
    sketches: int
    scenes: int
    samples: int = 20
    protocol: int | None = None

    def cases(self, shape: str) -> int:
        """Of `guise evaluate --cases`, by the kind of shape that a model paints."""
        return self.scenes if shape == "LabelMap" else self.sketches


COUNTS = {
    "few": Counts(6, 6, 1, 1, 6, 3, 4, 6),
    "some": Counts(40, 60, 2, 2, 40, 12),
    "all": Counts(0, 0, 3, 4, 0, 0, 20, 0),
}
"""By what `--cases` says."""
