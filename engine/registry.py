"""Which architectures there are, which model files there are, and how one becomes the other."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from platformdirs import user_data_dir

from engine.card import Card
from engine.errors import ModelError
from engine.weights import Loaded, read_card

if TYPE_CHECKING:
    from engine.runtime import Runtime

log = logging.getLogger("guise")

PAINTER_MODEL = "people"
"""Id of the bundled painter."""
LOOKS_MODEL = "people-vunet"
"""Id of the bundled painter whose looks can be invented and mixed."""
DEFAULTS = {"Pose": PAINTER_MODEL, "Sketch": "shoes", "LabelMap": "street"}
"""Ids of the bundled painters that come first, by the kind of shape that they paint."""
PERCEPTION_MODEL = "person-reader"
"""Id of the bundled perception model."""
SCENE_READER_MODEL = "street-reader"
"""Id of the bundled model that labels photos of streets."""
EDGES_MODEL = "edges"
"""Id of the bundled model that draws the lines of photos."""


@dataclass(frozen=True)
class Architecture:
    """A kind of network.

    Attributes:
        id: as on the card.
        kind: painter or perception.
        module: imported when first needed; offers `load(card, tensors, runtime)`.
    """

    id: str
    kind: Literal["painter", "perception"]
    module: str


ARCHITECTURES: tuple[Architecture, ...] = (
    Architecture("deformable", "painter", "engine.painters.deformable.painter"),
    Architecture("deformable-paper", "painter", "engine.painters.deformable.paper_painter"),
    Architecture("vunet", "painter", "engine.painters.vunet.painter"),
    Architecture("vunet-paper", "painter", "engine.painters.vunet.paper_painter"),
    Architecture("vunet-edges", "painter", "engine.painters.vunet.edges"),
    Architecture("bicyclegan", "painter", "engine.painters.bicyclegan.painter"),
    Architecture("bicyclegan-paper", "painter", "engine.painters.bicyclegan.official"),
    Architecture("bicyclegan-scenes", "painter", "engine.painters.scenes"),
    Architecture("pix2pixhd", "painter", "engine.painters.pix2pixhd.painter"),
    Architecture("pix2pixhd-paper", "painter", "engine.painters.pix2pixhd.painter"),
    Architecture("perception", "perception", "engine.perception.reader"),
    Architecture("edges", "perception", "engine.perception.edges"),
    Architecture("segments", "perception", "engine.perception.segments"),
)


@dataclass(frozen=True)
class Model:
    """A model file that can be loaded."""

    path: Path
    card: Card


def architecture(card: Card, among: Sequence[Architecture] = ARCHITECTURES) -> Architecture:
    """The entry that builds this card's network; ModelError if there is none."""
    for entry in among:
        if entry.id == card.architecture:
            return entry
    raise ModelError(
        f"The model {card.id!r} needs the architecture {card.architecture!r}, which this version "
        "of Guise does not have; update Guise."
    )


def build(loaded: Loaded, runtime: Runtime, among: Sequence[Architecture] = ARCHITECTURES) -> Any:
    """A Painter or Perception out of a loaded file, on the runtime's device.

    Raises:
        ModelError: unknown architecture, or tensors that do not fit it.
    """
    module = importlib.import_module(architecture(loaded.card, among).module)
    try:
        return module.load(loaded.card, loaded.tensors, runtime)
    except (RuntimeError, KeyError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(
            f"The weights of {loaded.card.id!r} do not fit its architecture ({reason})."
        ) from error


def bundled() -> list[Path]:
    """The model files that come with Guise, sorted by name."""
    folder = Path(__file__).parent.parent / "assets" / "models"
    return sorted(folder.glob("*.safetensors"), key=lambda path: path.stem)


def user_folder() -> Path:
    """Where a person puts further model files."""
    return Path(user_data_dir("guise", appauthor=False)) / "models"


def catalogue(extra: Iterable[Path] = ()) -> list[Model]:
    """Every usable model: bundled, then the user's, then `extra`; a later id replaces an earlier.

    A damaged file in a folder is left out with a warning.

    Raises:
        ModelError: a file in `extra` is missing, damaged, or not one of ours.
    """
    found: dict[str, Model] = {}
    for path in [*bundled(), *sorted(user_folder().glob("*.safetensors"))]:
        try:
            card = read_card(path)
        except ModelError as error:
            log.warning("%s", error)
            continue
        found[card.id] = Model(path, card)
    for path in extra:
        card = read_card(path)
        found[card.id] = Model(Path(path), card)
    return list(found.values())
