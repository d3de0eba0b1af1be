"""A label map of a folder of training data that is corrected: no painter takes part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.shapes.label_sets import in_order
from engine.shapes.labels import Label, LabelMap, LabelSet
from studio.document import Origin
from studio.editors.scene.document import SceneDocument
from studio.training.annotations import Correction, Item, Labels
from studio.training.annotations_draft import Draft


class SceneAnnotation(SceneDocument):
    """The labels of one photo.

    Args:
        scene: as the folder has it.
        writes: what of it can be corrected.
        draft: a correction that was not saved before a crash.

    Attributes:
        stored: what the folder has.
    """

    EDITOR = "scene annotation"

    def __init__(
        self,
        item: Item,
        scene: LabelMap,
        writes: tuple[str, ...],
        origin: Origin,
        draft: LabelMap | None = None,
    ) -> None:
        super().__init__(scene, origin, "")
        self.item, self.stored, self._writes = item, self.wanted, writes
        if draft is not None:
            self.show(self.wanted._replace(scene=draft))

    @property
    def corrected(self) -> bool:
        """Whether anything is not as the folder has it."""
        return self.scene != self.stored.scene

    def teller(self) -> Callable[[Draft], Correction]:
        """Tells what is different now, also from another thread."""
        item, now, before, writes = self.item.id, self.scene, self.stored.scene, self._writes

        def tell(draft: Draft) -> Correction:
            labels, objects = draft.scene(now)
            alike = np.array_equal(now.objects, before.objects)
            kept = "objects" in writes and not alike
            return Correction(item, labels=labels, objects=objects if kept else None)

        return tell


def label_set_of(labels: Labels) -> LabelSet:
    """What the numbers of label maps mean; InputError if they contradict each other."""
    numbered = enumerate(zip(labels.names, labels.colours, strict=True))
    found = tuple(
        Label(number, name, colour, number in labels.things)
        for number, (name, colour) in numbered
        if name
    )
    return in_order(LabelSet(labels.id, found, labels.void))
