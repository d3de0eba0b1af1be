"""Steadies the hand: a line that is pulled behind the pointer like a stone on a string."""

from __future__ import annotations

import math

Sample = tuple[float, float, float]
"""x and y in pixels of the canvas, and the width there."""

_LONGEST = 40.0
"""Pane points that the line hangs behind at full smoothing."""
_SPACING = 2.0
"""Pane points between the points of a smoothed line."""


def reach_of(smoothing: float) -> float:
    """Pane points that a line hangs behind, for smoothing of 0..100; weak ones are told apart."""
    return _LONGEST * (smoothing / 100) ** 1.5


class Stabiliser:
    """Follows the hand along its way, whatever its speed and however often it is told.

    What is shorter than `reach` along the way is smoothed out; the line still ends where the hand
    ends.

    Args:
        reach: length that the line hangs behind, in pixels of the canvas; 0 = every point counts
            as it is.
        spacing: length between points of a smoothed line.
    """

    def __init__(self, first: Sample, reach: float, spacing: float) -> None:
        self.hand = self.head = first
        self._reach, self._spacing = reach, spacing
        self._kept = first

    @classmethod
    def of(cls, first: Sample, smoothing: float, scale: float) -> Stabiliser:
        """For smoothing of 0..100 as it feels at a zoom of `scale` pane points a pixel."""
        return cls(first, reach_of(smoothing) / scale, _SPACING / scale)

    def add(self, hand: Sample) -> list[Sample]:
        """New points of the line once the hand is here; none if it has not moved.

        Args:
            hand: the line's head goes towards it, and its width too.
        """
        before, self.hand = self.hand, hand
        if hand[:2] == before[:2]:
            return []
        if self._reach <= 0:
            self.head = self._kept = hand
            return [hand]
        steps = max(math.ceil(math.dist(hand[:2], before[:2]) / self._spacing), 1)
        length = math.dist(hand[:2], before[:2]) / steps
        share = 1 - math.exp(-length / self._reach)
        return [
            point
            for n in range(1, steps + 1)
            if (point := self._pulled(_between(before, hand, n / steps), share)) is not None
        ]

    def finish(self) -> list[Sample]:
        """The last points of the line: to where the hand is."""
        if self.head[:2] == self.hand[:2] and self._kept[:2] == self.head[:2]:
            return []
        self.head = self._kept = self.hand
        return [self.hand]

    def _pulled(self, towards: Sample, share: float) -> Sample | None:
        self.head = _between(self.head, towards, share)
        if math.dist(self.head[:2], self._kept[:2]) < self._spacing / 2:
            return None
        self._kept = self.head
        return self.head


def _between(a: Sample, b: Sample, share: float) -> Sample:
    x, y, width = (p + share * (q - p) for p, q in zip(a, b, strict=True))
    return x, y, width
