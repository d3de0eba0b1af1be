"""“Use now”: the weights of a training as a painter of the editor, called as the training is."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from engine import registry, weights
from engine.card import Card
from engine.errors import InputError
from studio.errand import Errands
from studio.training.runs import Snapshot, Word
from studio.training.trainings import Trainings


def install(source: Path, name: str) -> Card:
    """Put weights into the user's models, in the place of those of the same training before.

    Args:
        source: a model file of ours.
        name: of the training; the model is called so.

    Returns:
        The card of the model that is there now.

    Raises:
        ModelError: the file is missing, damaged or not one of ours.
        InputError: the folder of models cannot be written.
    """
    loaded = weights.load(source)
    registry.architecture(loaded.card)
    title = name.replace("-", " ").replace("_", " ").strip().capitalize()
    card = msgspec.structs.replace(loaded.card, id=name, title=title)
    target = registry.user_folder() / f"{name}.safetensors"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{target.parent} cannot be made ({reason}).") from None
    weights.save(target, card, loaded.tensors)
    return card


class UseNow(QObject):
    """Asks a training for its weights and installs them as soon as they are written.

    Signals:
        installed: the card of a model that can be painted with.
        failed: why not, in one sentence.
    """

    installed = Signal(object)
    failed = Signal(str)

    def __init__(self, trainings: Trainings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trainings = trainings
        self._waiting: dict[Path, float] = {}
        self._errands = Errands(self)
        self._errands.done.connect(self.installed)
        self._errands.failed.connect(self.failed)
        trainings.seen.connect(self._look)

    def use(self, folder: Path) -> None:
        """The weights as they are now; those of a training that has ended are there already."""
        snapshot = self._trainings.snapshot(folder)
        if snapshot is None:
            return
        if snapshot.state.runs:
            self._waiting[folder] = snapshot.status.model_time or 0.0
            self._trainings.ask(folder, Word.export)
        else:
            self._install(snapshot)

    def waits_for(self, folder: Path) -> bool:
        """Whether weights are to come."""
        return folder in self._waiting

    def _look(self, snapshot: Snapshot) -> None:
        before = self._waiting.get(snapshot.folder)
        if before is None:
            return
        newer = (snapshot.status.model_time or 0.0) > before
        if newer or not snapshot.state.runs:
            del self._waiting[snapshot.folder]
            self._install(snapshot)

    def _install(self, snapshot: Snapshot) -> None:
        path = snapshot.model
        if path is None:
            self.failed.emit(f"{snapshot.name} has not kept any weights yet; resume it.")
            return
        self._errands.run(lambda: install(path, snapshot.name))

    def close(self) -> None:
        """Install no more."""
        self._errands.wait()
