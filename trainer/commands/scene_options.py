"""The options that choose the looks of painted scenes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.appearance import Appearance, FromPhoto, PerObject, Sampled, Vector
from engine.card import Card
from engine.errors import InputError, ModelError
from engine.photo import Mask
from engine.photo_files import open_photo
from engine.scene_jobs import as_labelled
from engine.session import Session
from engine.shapes.label_sets import cityscapes
from engine.shapes.labels import LabelMap, LabelSet
from trainer.commands.canvas_looks import LookChoice
from trainer.commands.scene_labels import instances_of, labels_beside, open_map

_LONGEST = 2048
"""Longest side in pixels at which photos without labels are looked at."""


@dataclass(frozen=True)
class SceneLooks(LookChoice):
    """Where the looks come from; without any of these every object's look is invented."""

    look_labels: tuple[Path, ...] = ()
    """Label maps of the photos, so that cars look like its cars; those beside the photos are
    found by name, else they are read off the photo, else all of the photo is one look."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.look_labels and len(self.look_labels) != len(self.look):
            raise InputError("--look-labels needs one label map for each photo of --look.")


class Looks:
    """The chosen looks; photos are read once.

    Attributes:
        names: what each is called in file names: numbers of dice throws, or names of photos.
        sources: digest -> file name of the photos.
    """

    def __init__(
        self, session: Session, card: Card, options: SceneLooks, label_set: LabelSet
    ) -> None:
        self._session, self._card, self._label_set = session, card, label_set
        self.names = ["vector"] if options.vector else [str(seed) for seed in options.seeds]
        self.sources: dict[str, str] = {}
        self._found: list[Appearance] = [self._dice(seed) for seed in options.seeds]
        if options.vector:
            self._found = [self._whole(Vector(options.vector), options.seed)]
        if options.look:
            photos = [self._photo(n, options) for n in range(len(options.look))]
            self.names = [path.stem for path in options.look]
            self.sources = {
                look.photo.digest: path.name
                for look, path in zip(photos, options.look, strict=True)
            }
            self._found = [self._whole(look, options.seed) for look in photos]

    def of(self, shape: LabelMap, number: int) -> Appearance:
        """A look; it does not depend on the map."""
        return self._found[number]

    def told(self) -> Sequence[Appearance]:
        """All of them."""
        return self._found

    def _dice(self, seed: int) -> Appearance:
        return PerObject(seed=seed) if "PerObject" in self._card.takes else Sampled(seed, None)

    def _whole(self, look: Appearance, seed: int) -> Appearance:
        """As the editor keeps it, so that single objects can be changed there."""
        return PerObject(look, (), seed) if "PerObject" in self._card.takes else look

    def _photo(self, number: int, options: SceneLooks) -> FromPhoto:
        path = options.look[number]
        labels = options.look_labels[number] if options.look_labels else labels_beside(path)
        if labels is not None:
            opened = open_map(labels, self._label_set, instances_of(labels, None))
            return FromPhoto(open_photo(path), opened.scene)
        photo = open_photo(path, longest=_LONGEST)
        if self._label_set == cityscapes():
            try:
                shown = self._session.labels_of(photo)
                return FromPhoto(as_labelled(photo, shown), shown)
            except ModelError:  # no model at hand that reads streets
                pass
        return FromPhoto(photo, mask=Mask(np.full(photo.size[::-1], 255, np.uint8)))
