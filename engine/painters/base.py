"""The one idea: prepare an appearance once, paint shapes with it many times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.appearance import Appearance, FromPhoto
from engine.card import Card
from engine.errors import Unsupported
from engine.picture import Picture
from engine.shapes.pose import Pose


@dataclass(frozen=True)
class Frame:
    """A square window on the photo, frozen at prepare so that nothing jumps while joints move.

    Attributes:
        left, top: its corner in photo pixels (may lie outside the photo).
        side: its side in photo pixels.
    """

    left: float
    top: float
    side: float

    def matrix(self, pixels: float) -> NDArray[np.float64]:
        """2x3 affine from photo coordinates to the frame drawn at `pixels` x `pixels`."""
        s = pixels / self.side
        return np.array([[s, 0, -self.left * s], [0, s, -self.top * s]])


class Prepared(Protocol):
    """A painter's own tensors of one appearance: cached, never saved, never compared."""

    @property
    def frame(self) -> Frame: ...

    @property
    def nbytes(self) -> int: ...


P = TypeVar("P", bound=Prepared)
Stop = Callable[[], bool]
"""Asked between steps; True means: give up, the answer is no longer wanted."""


class Stopped(Exception):
    """Raised by a painter that was asked to stop."""


def not_taken(appearance: Appearance) -> Unsupported:
    """What to raise for a look of a kind that a painter does not know."""
    kind = type(appearance).__name__
    return Unsupported(f"This model cannot take a look of kind {kind}; choose another model.")


def from_photo(appearance: Appearance) -> FromPhoto:
    """The look, for painters that take photos only. Raises Unsupported."""
    if not isinstance(appearance, FromPhoto):
        raise Unsupported("This model takes its look from photos only; choose another model.")
    return appearance


class Painter(Protocol[P]):
    """A model that paints people.

    `paint` returns the person alone, RGBA, in the prepared frame at `side` x `side` pixels, which
    may be larger than the network's own side: a painter that can copies the photo's detail, others
    are enlarged.
    """

    card: Card

    def prepare(self, appearance: Appearance) -> P:
        """Encode the appearance. Raises InputError for unusable input, Unsupported for others."""
        ...

    def paint(self, shape: Pose, prepared: P, side: int, stop: Stop) -> Picture:
        """The person in the given shape (on the photo's canvas). Raises Stopped, InputError."""
        ...
