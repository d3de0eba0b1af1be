"""Batches of label maps with photos: crops, mirrored, at several scales and in other colours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.data import labelme_folders, scene_ids, scenes
from trainer.data.cache import Kept, key_of
from trainer.data.scene_ids import DONT_CARE
from trainer.data.scenes import Scene, SceneFolder, picture_scene, size_of_scene

_MADE_BY = (scenes, scene_ids, labelme_folders)
"""What scenes depend on besides their files."""


class SceneBatch(NamedTuple):
    """What a step sees.

    Attributes:
        labels: (B, H, W) uint8 classes, DONT_CARE where unknown.
        objects: (B, H, W) int32, 0 to n - 1 over the whole batch: no two pictures share a number.
        photos: (B, 3, H, W) RGB in -1..1; six channels for A/B pictures: A, then B.
    """

    labels: Tensor
    objects: Tensor
    photos: Tensor


@dataclass(frozen=True)
class Varied:
    """How much a scene is varied before it is learned from.

    Attributes:
        widest: largest part of the photo that a crop may show (1 = all of its smaller side).
        closest: smallest part.
        flip: chance of mirroring.
        light: spread of brightness, contrast and the balance of colours.
        repainted: chance for a single object to get another colour, in photo and so in look; a few
            hundred scenes do not show that a car may be red.
    """

    widest: float = 1.0
    closest: float = 0.6
    flip: float = 0.5
    light: float = 0.08
    repainted: float = 0.25
    erased: float = 0.15
    """Chance that a rectangle of the labels is taken away, so that a map with gaps can be painted.
    """


class SceneBatches:
    """Random crops of a split, (height, width) each; scenes are decoded once, see
    :mod:`trainer.data.cache`."""

    def __init__(self, folder: SceneFolder, size: tuple[int, int], varied: Varied) -> None:
        self.folder, self.size, self.varied = folder, size, varied

    def batch(self, rng: np.random.Generator, count: int) -> SceneBatch:
        """A batch of random scenes."""
        picked = rng.integers(len(self.folder), size=count)
        return stack([self._one(rng, self._load(int(i))) for i in picked])

    def _load(self, index: int) -> Scene:
        width, height = self._sizes[index]
        record, pixels = self._kept[index], width * height
        if not self.folder.classes:
            return picture_scene(record.reshape(height, width, 6))
        objects, labels, photo = np.split(record, (4 * pixels, 5 * pixels))
        return Scene(
            labels.reshape(height, width),
            objects.view(np.int32).reshape(height, width),
            photo.reshape(height, width, 3),
        )

    @cached_property
    def _sizes(self) -> list[tuple[int, int]]:
        return [size_of_scene(files) for files in self.folder.files]

    @cached_property
    def _kept(self) -> Kept:
        def made(index: int) -> NDArray[np.uint8]:
            scene = self.folder.load(index)
            known = (scene.objects, scene.labels) if self.folder.classes else ()
            parts = *known, scene.photo
            return np.concatenate([np.ascontiguousarray(p).view(np.uint8).ravel() for p in parts])

        folder = self.folder
        files = [path for one in folder.files for path in one.paths]
        told = [(one.halves, one.label.name) for one in folder.files]
        key = key_of(files, _MADE_BY, folder.classes, folder.known, told)
        depth = 8 if folder.classes else 6  # objects, labels and the photo, or A and B
        return Kept(key, [depth * width * height for width, height in self._sizes], made)

    def _one(self, rng: np.random.Generator, scene: Scene) -> Scene:
        height, width = scene.labels.shape
        shown = rng.uniform(self.varied.closest, self.varied.widest)
        scale = shown * min(width / self.size[1], height / self.size[0])
        box = (round(self.size[0] * scale), round(self.size[1] * scale))
        top = int(rng.integers(max(height - box[0], 0) + 1))
        left = int(rng.integers(max(width - box[1], 0) + 1))
        part = cut(scene, (top, left, *box), self.size)
        if rng.random() < self.varied.flip:
            part = Scene(*(np.ascontiguousarray(x[:, ::-1]) for x in vars(part).values()))
        if self.folder.classes == 0:
            return part
        photo = _lit(rng, self._repainted(rng, part), self.varied.light)
        labels = _with_gap(rng, part.labels) if rng.random() < self.varied.erased else part.labels
        return Scene(labels, part.objects, photo)

    def _repainted(self, rng: np.random.Generator, scene: Scene) -> NDArray[np.uint8]:
        photo = scene.photo
        things = np.isin(scene.labels, self.folder.things)
        for number in np.unique(scene.objects[things]):
            if rng.random() >= self.varied.repainted:
                continue
            where = things & (scene.objects == number)
            photo = _recoloured(rng, photo, where)
        return photo


def whole(scene: Scene, size: tuple[int, int]) -> Scene:
    """The largest centred part of a scene with the proportions of `size` (height, width)."""
    height, width = scene.labels.shape
    scale = min(width / size[1], height / size[0])
    box = (round(size[0] * scale), round(size[1] * scale))
    return cut(scene, ((height - box[0]) // 2, (width - box[1]) // 2, *box), size)


def cut(scene: Scene, box: tuple[int, int, int, int], size: tuple[int, int]) -> Scene:
    """A box (top, left, height, width) of a scene at `size` (height, width); ids stay ids."""
    top, left, height, width = box
    rows, columns = slice(top, top + height), slice(left, left + width)
    there = (size[1], size[0])
    how = cv2.INTER_AREA if height > size[0] else cv2.INTER_CUBIC
    y = ((np.arange(size[0]) + 0.5) * height / size[0]).astype(int)
    x = ((np.arange(size[1]) + 0.5) * width / size[1]).astype(int)
    objects = scene.objects[rows, columns][y[:, None], x]
    labels = scene.labels[rows, columns][y[:, None], x]
    photos = np.split(scene.photo[rows, columns], scene.photo.shape[2] // 3, axis=2)  # A, B
    photo = np.dstack([cv2.resize(part, there, interpolation=how) for part in photos])
    return Scene(labels, objects, np.asarray(photo, np.uint8))


def stack(scenes: list[Scene]) -> SceneBatch:
    """Scenes of one size as a batch."""
    objects, before = [], 0
    for scene in scenes:
        # one number an object *and* class: at a smaller size a contradiction may be left over
        keys = scene.objects.astype(np.int64) * (DONT_CARE + 1) + scene.labels
        numbered, count = _numbered(keys)
        objects.append(numbered + before)
        before += count
    photos = np.stack([scene.photo for scene in scenes])
    return SceneBatch(
        torch.from_numpy(np.stack([scene.labels for scene in scenes])),
        torch.from_numpy(np.stack(objects)),
        torch.from_numpy(photos).permute(0, 3, 1, 2).float() / 127.5 - 1,
    )


def _numbered(keys: NDArray[np.int64]) -> tuple[NDArray[np.int32], int]:
    """(H, W) places of the keys among all that there are, in order, and how many there are.

    Sorts one key of every run of equal ones: as np.unique, but many times as fast on maps.
    """
    flat = keys.ravel()
    starts = np.flatnonzero(np.diff(flat, prepend=flat[0] - 1))
    found, inverse = np.unique(flat[starts], return_inverse=True)
    lengths = np.diff(starts, append=flat.size)
    return np.repeat(inverse.astype(np.int32), lengths).reshape(keys.shape), len(found)


def _with_gap(rng: np.random.Generator, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The labels without those of a rectangle up to half as high and wide as the map."""
    top, left = (int(rng.integers(side)) for side in labels.shape)
    height, width = (int(rng.integers(1, side // 2 + 1)) for side in labels.shape)
    out = labels.copy()
    out[top : top + height, left : left + width] = DONT_CARE
    return out


def _lit(rng: np.random.Generator, photo: NDArray[np.uint8], light: float) -> NDArray[np.uint8]:
    gain = np.exp(rng.normal(0, light) + rng.normal(0, light / 3, 3))
    gamma = np.exp(rng.normal(0, 1.5 * light))
    table = (np.linspace(0, 1, 256)[:, None] ** gamma * gain * 255).clip(0, 255)
    lookup = np.ascontiguousarray(table.round().astype(np.uint8)[None])
    return np.asarray(cv2.LUT(photo, lookup), np.uint8)


def _recoloured(
    rng: np.random.Generator, photo: NDArray[np.uint8], where: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """The photo with the pixels of an object in another colour, its light and shade kept."""
    pixels = photo[where][None]
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(np.float32)
    lab[..., 0] = lab[..., 0] * np.exp(rng.normal(0, 0.3)) + rng.normal(0, 8)
    shaded = (lab[..., :1] / 128).clip(0.3, 1.3)
    lab[..., 1:] += shaded * rng.normal(0, 22, 2)
    painted = cv2.cvtColor(lab.clip(0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)
    out = photo.copy()
    out[where] = painted[0]
    return out
