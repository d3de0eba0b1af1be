"""A look as text for the clipboard, so that it can be given to another drawing or kept."""

from __future__ import annotations

import msgspec

from engine.appearance import Vector
from engine.errors import InputError


class _Copied(msgspec.Struct):
    guise_look: list[float]
    model: str = ""


def to_text(look: Vector, model: str) -> str:
    """JSON with the numbers, and the model that they are for."""
    return msgspec.json.encode(_Copied(list(look.values), model)).decode()


def from_text(text: str, count: int) -> Vector:
    """The look in a text.

    Args:
        count: how many numbers the painter's looks have.

    Raises:
        InputError: no look, or one of a painter with another number of sliders.
    """
    try:
        copied = msgspec.json.decode(text, type=_Copied)
    except (msgspec.DecodeError, UnicodeError):
        raise InputError(
            "There is no look on the clipboard; copy one from a drawing first."
        ) from None
    if len(copied.guise_look) != count:
        raise InputError(
            f"The copied look has {len(copied.guise_look)} numbers and this painter's looks have "
            f"{count}; choose the painter it is from."
        )
    return Vector(tuple(copied.guise_look))
