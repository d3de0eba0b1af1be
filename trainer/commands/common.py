"""What several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import InputError, ModelError
from engine.registry import PAINTER_MODEL
from engine.weights import read_card

if TYPE_CHECKING:
    from engine.perception.base import Reading
    from engine.session import Session

_READS = {"Pose": "poses", "Sketch": "edges", "LabelMap": "scenes"}
"""Kind of shape -> what a model that finds it in photos reads, in words."""


def session_with(model: str, device: str | None) -> tuple[Session, str]:
    """A session, and the id of the model that is named by id or by file."""
    from engine.importing import FOREIGN
    from engine.session import Session

    if Path(model).suffix.lower() in FOREIGN:
        raise ModelError(f"{model} is a checkpoint; import it first with `guise models import`.")
    if Path(model).suffix or os.sep in model:
        return Session(device, [Path(model)]), read_card(Path(model)).id
    return Session(device), model or PAINTER_MODEL


def perception_with(model: str, device: str, shape: str) -> tuple[Any, str]:
    """A model that reads photos, named by id or by file, and the hash of its weights.

    Args:
        shape: the kind of shape that it is to read, as on the card.

    Raises:
        ModelError: missing, damaged, or a model of another kind.
    """
    from engine import registry, weights
    from engine.runtime import Runtime

    path = Path(model)
    if not path.suffix and os.sep not in model:
        found = (m.path for m in registry.catalogue() if m.card.id == model)
        path = next(found, None)
        if path is None:
            raise ModelError(f"There is no model {model!r}; see `guise models list`.")
    card = read_card(path)
    if registry.architecture(card).kind != "perception" or card.shape != shape:
        raise ModelError(
            f"The model {card.id!r} does not read {_READS[shape]}; choose another one."
        )
    loaded = weights.load(path)
    return registry.build(loaded, Runtime.best(device)), loaded.digest


def person_of(session: Session, photo: Path) -> Reading:
    """The person of a photo file; InputError if nobody was found."""
    from engine.photo_files import open_photo

    reading = session.read(open_photo(photo))
    if not reading.found:
        raise InputError(f"No person was found in {photo}; choose a photo that shows one.")
    return reading
