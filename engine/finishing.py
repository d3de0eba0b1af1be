"""What may be asked for as the last touch on a painted person."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import InputError

MAX_FEATHER = 50.0


@dataclass(frozen=True)
class Finish:
    """How a painted person is put back.

    Attributes:
        feather: photo pixels over which the edge fades, inwards, 0..50.
        match: 0 = colours as painted, 1 = with the lightness, the contrast and the colour cast of
            the person in the photo.

    Raises:
        InputError: out of range.
    """

    feather: float = 0.0
    match: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.feather <= MAX_FEATHER:
            raise InputError(f"An edge fades over 0 to {MAX_FEATHER:g} px, not {self.feather}.")
        if not 0 <= self.match <= 1:
            raise InputError(f"Colours are matched by a share of 0 to 1, not {self.match}.")


PLAIN = Finish()
"""As painted."""
