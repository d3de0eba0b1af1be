"""The options that choose the looks of what is painted on a canvas of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError

MOST = 99
"""Looks at once."""


@dataclass(frozen=True)
class LookChoice:
    """Where the looks come from; without any of these one look is invented."""

    samples: int = 1
    """How many looks to invent."""
    seed: int = 0
    """First dice throw; the same one gives the same look."""
    look: tuple[Path, ...] = ()
    """Photos whose looks are taken."""
    vector: tuple[float, ...] = ()
    """A look as numbers, one a slider."""

    def __post_init__(self) -> None:
        if not 1 <= self.samples <= MOST:
            raise InputError(f"--samples must lie between 1 and {MOST}.")
        if not 0 <= self.seed < 2**62:
            raise InputError("A dice throw is a number from 0 to 2^62.")
        if len(self.look) > MOST:
            raise InputError(f"--look takes at most {MOST} photos.")
        if self.look and self.vector:
            raise InputError("Looks are taken from --look or told by --vector, not both.")
        if self.samples > 1 and (self.look or self.vector):
            raise InputError(
                "--samples invents looks, so it goes neither with --look nor --vector."
            )

    @property
    def count(self) -> int:
        """How many looks there are."""
        return len(self.look) or self.samples

    @property
    def seeds(self) -> range:
        """The dice throws of invented looks."""
        return range(self.seed, self.seed + self.samples)
