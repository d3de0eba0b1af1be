"""What several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import InputError
from engine.registry import PAINTER_MODEL
from engine.weights import read_card

if TYPE_CHECKING:
    from engine.perception.base import Reading
    from engine.session import Session


def session_with(model: str, device: str | None) -> tuple[Session, str]:
    """A session, and the id of the model that is named by id or by file."""
    from engine.session import Session

    if Path(model).suffix or os.sep in model:
        return Session(device, [Path(model)]), read_card(Path(model)).id
    return Session(device), model or PAINTER_MODEL


def person_of(session: Session, photo: Path) -> Reading:
    """The person of a photo file; InputError if nobody was found."""
    from engine.photo_files import open_photo

    reading = session.read(open_photo(photo))
    if not reading.found:
        raise InputError(f"No person was found in {photo}; choose a photo that shows one.")
    return reading
