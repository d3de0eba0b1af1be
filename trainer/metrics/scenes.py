"""Held-out label maps, and what a painter of scenes makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from engine import registry, weights
from engine.appearance import Appearance, FromPhoto, Sampled
from engine.card import Card
from engine.errors import InputError
from engine.photo import Photo
from engine.runtime import Runtime
from engine.shapes.labels import LabelMap, LabelSet
from trainer.data.scenes import DONT_CARE, Scene, find_scenes, labels_of
from trainer.metrics.held_out import data_folder
from trainer.metrics.notes import Notes
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.sheets import Pixels, strided

_PACKS = {"street-reader": "street", "facades-looks": "facades"}
"""Where bundled models are measured; others on the pack of their own name."""


@dataclass(frozen=True)
class HeldOut:
    """A held-out scene.

    Attributes:
        shape: its label map.
        photo: its photo, of the same size.
    """

    name: str
    shape: LabelMap
    photo: Pixels


def pack_of(card: Card, options: EvaluateOptions) -> str:
    """The pack that a model of scenes is measured on."""
    return options.pack or _PACKS.get(card.id, card.id)


def held_out_scenes(subject: Subject, count: int) -> list[HeldOut]:
    """`count` scenes (0 = all) by which a model of scenes is judged, read once.

    Raises:
        InputError: no data, or fewer than two scenes.
    """
    return subject.once(f"{count} scenes", lambda: held_out(pack_folder(subject), count))


def paintings(subject: Subject, notes: Notes, count: int) -> Paintings:
    """Of the held-out scenes with looks drawn at random, painted once for all that is measured."""

    def make() -> Paintings:
        mine = Paintings(subject.path, subject.runtime, held_out_scenes(subject, count))
        with notes.timed("paint scenes"):
            mine.drawn(0)
        return mine

    return subject.once(f"paintings of {count} scenes", make)


def pack_folder(subject: Subject) -> Path:
    """Of :func:`pack_of`. InputError: no data."""
    return data_folder(subject.options.data) / pack_of(subject.card, subject.options)


def held_out(folder: Path, count: int, split: str = "val") -> list[HeldOut]:
    """Scenes spread over a split; 0 = all.

    Raises:
        InputError: fewer than two.
    """
    found = find_scenes(folder, split)
    known = labels_of(folder)
    picked = strided(len(found), count or len(found))
    if len(picked) < 2 or not found.classes:
        raise InputError(f"{folder} needs two or more {split} scenes with labels.")
    scenes = []
    for index in picked:
        scene = found.load(index)
        shape = label_map(scene, known)
        scenes.append(HeldOut(found.files[index].name, shape, scene.photo))
    return scenes


def label_map(scene: Scene, known: LabelSet) -> LabelMap:
    """A scene as the editor has it: things are objects 1, 2, ...; surfaces are none."""
    usable = (scene.labels != DONT_CARE) & known.known[scene.labels]
    labels = np.where(usable, scene.labels, known.void).astype(known.dtype)
    things = np.isin(labels, [label.id for label in known.labels if label.things])
    keys = np.where(things, scene.objects.astype(np.int64) * (DONT_CARE + 1) + labels, -1)
    numbers, inverse = np.unique(keys, return_inverse=True)
    first = 0 if numbers[0] == -1 else 1
    return LabelMap(labels, (inverse.reshape(keys.shape) + first).astype(np.int32), known)


class Paintings:
    """What a model makes of every held-out map, painted once for each look that is asked for."""

    def __init__(self, path: Path, runtime: Runtime, scenes: Sequence[HeldOut]) -> None:
        loaded = weights.load(path)
        self.card = loaded.card
        self.painter: Any = registry.build(loaded, runtime)
        self._scenes = scenes
        self._made: dict[int | None, list[Pixels]] = {}

    @property
    def encodes(self) -> bool:
        """Whether it can take looks from photos."""
        return bool(self.painter.looks)

    def own(self) -> list[Pixels]:
        """With the looks of the scenes' own photos."""
        return self._painted(None)

    def drawn(self, seed: int) -> list[Pixels]:
        """With looks drawn at random."""
        return self._painted(seed)

    def _painted(self, seed: int | None) -> list[Pixels]:
        if seed not in self._made:
            self._made[seed] = [self._one(scene, seed) for scene in self._scenes]
        return self._made[seed]

    def _one(self, scene: HeldOut, seed: int | None) -> Pixels:
        look: Appearance = Sampled(seed or 0, scene.shape)
        if seed is None and self.encodes:
            look = FromPhoto(Photo(scene.photo), scene.shape)
        with torch.inference_mode():
            prepared = self.painter.prepare(look)
            picture = self.painter.paint(scene.shape, prepared, self.card.side, lambda: False)
        return picture.pixels


def at_side(photo: Pixels, side: int) -> Pixels:
    """The (H, W, 3) photo, `side` pixels along its longer side."""
    scale = side / max(photo.shape[:2])
    size = max(round(photo.shape[1] * scale), 1), max(round(photo.shape[0] * scale), 1)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, size, interpolation=how), np.uint8)
