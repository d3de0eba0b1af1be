"""The model files at hand: listed with what is wrong with them, imported, removed, preferred."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QFile

from engine import registry, weights
from engine.card import Card
from engine.errors import InputError, ModelError
from engine.files import replacing
from engine.importing import FOREIGN, import_checkpoint, in_folder
from studio.settings import Settings

SUFFIXES = (".safetensors", *FOREIGN)
"""Files that can be dropped; PyTorch's own are read by the engine without running them."""
_TABLE = "painters"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Models", text)


@dataclass(frozen=True)
class Shelved:
    """A model file, usable or not.

    Attributes:
        path: the file.
        card: what it says about itself; None if it cannot be read.
        nbytes: its size on the disk; 0 if it is gone.
        problem: one sentence on why it cannot be used; empty = it can.
    """

    path: Path
    card: Card | None
    nbytes: int
    problem: str = ""

    @property
    def own(self) -> bool:
        """Whether it lies in the user's folder, and so can be removed."""
        return self.path.parent == registry.user_folder()

    @property
    def title(self) -> str:
        """For the list."""
        return self.card.title if self.card else self.path.stem

    @property
    def kind(self) -> str:
        """ "painter" or "perception"; empty if this version of Guise cannot build it."""
        try:
            return registry.architecture(self.card).kind if self.card else ""
        except ModelError:
            return ""


def shelf(before: Iterable[Path] = ()) -> list[Shelved]:
    """Every model file, bundled first; those of `before` that are gone are said to be gone."""
    folders = (*registry.bundled(), *sorted(registry.user_folder().glob("*.safetensors")))
    gone = [path for path in before if path not in folders]
    models = [_shelved(path) for path in folders]
    last = {model.card.id: model.path for model in models if model.card}
    shown = [_replaced(model, last[model.card.id]) if model.card else model for model in models]
    return shown + [_shelved(path) for path in gone]


def _replaced(model: Shelved, used: Path) -> Shelved:
    """Of files with one id the last is used; the others say so."""
    if model.path == used:
        return model
    return replace(model, problem=_tr("{0} has the same name and is used instead.").format(used))


def _shelved(path: Path) -> Shelved:
    try:
        card = weights.read_card(path)
    except ModelError as error:
        return Shelved(path, None, _size(path), str(error))
    try:
        registry.architecture(card)
    except ModelError as error:
        return Shelved(path, card, _size(path), str(error))
    return Shelved(path, card, _size(path))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def import_model(source: Path) -> Card:
    """Read a model file from end to end and put it into the user's folder.

    A checkpoint of another program is turned into a model of ours, with the encoder beside it.

    Returns:
        Its card.

    Raises:
        ModelError: it is damaged, not one of ours, or needs another version of Guise.
        InputError: there is a model of that name already, or the folder cannot be written.
    """
    if source.suffix.lower() in FOREIGN:
        card, tensors = import_checkpoint(in_folder(source))
        registry.architecture(card)
        weights.save(_place(source, card), card, tensors)
        return card
    card = weights.load(source).card
    registry.architecture(card)
    target = _place(source, card)
    with source.open("rb") as file, replacing(target) as copy:
        shutil.copyfileobj(file, copy)
    return card


def _place(source: Path, card: Card) -> Path:
    """The file for a new model; its folder is made. InputError: as import_model."""
    if not _NAME.fullmatch(card.id):
        raise InputError(
            _tr("{0} calls itself {1!r}, which cannot be a file's name.").format(source, card.id)
        )
    target = registry.user_folder() / f"{card.id}.safetensors"
    if target.exists():
        raise InputError(
            _tr("There is a model {0!r} already; remove it first, then import again.").format(
                card.id
            )
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(_tr("{0} cannot be made ({1}).").format(target.parent, reason)) from None
    return target


def remove_model(model: Shelved) -> None:
    """Move a model of the user's to the trash; where there is none, delete it.

    Raises:
        InputError: it is bundled, or cannot be removed.
    """
    if not model.own:
        raise InputError(_tr("{0} comes with Guise and stays.").format(model.title))
    if not model.path.exists():
        return
    if not (QFile.moveToTrash(str(model.path)) or QFile.remove(str(model.path))):
        raise InputError(_tr("{0} cannot be removed.").format(model.path))


def default_model(settings: Settings, shape: str) -> str:
    """Id of the painter with which an editor starts; the bundled one unless chosen otherwise.

    Args:
        settings: where the choice is kept.
        shape: the kind of shape that the editor edits, as on the card, e.g. "Pose".
    """
    stored = settings.table(_TABLE).get(shape, [])
    at_hand = {model.card.id for model in registry.catalogue() if model.card.shape == shape}
    return stored[0] if at_hand.issuperset(stored[:1]) and stored else registry.DEFAULTS[shape]


def set_default_model(settings: Settings, shape: str, model: str) -> None:
    """Remember the painter with which an editor starts."""
    settings.set_table(_TABLE, settings.table(_TABLE) | {shape: [model]})
