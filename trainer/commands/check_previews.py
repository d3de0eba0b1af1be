"""The sheet of `guise check --previews`: samples as they are, and as networks will see them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.labels import LabelSet
from engine.shapes.pose import CORE, Pose
from engine.shapes.raster import letterboxed
from trainer.data.check import Asked, Checked
from trainer.data.coco import PersonSample
from trainer.data.examining import Sample
from trainer.data.people import Cutout, Pair, collate, framed
from trainer.data.products import ProductPair, Products, lines_of, whitened
from trainer.data.puppets import puppet, random_pose
from trainer.data.scene_batches import SceneBatches, Varied
from trainer.data.scene_files import SceneFiles
from trainer.data.scene_ids import DONT_CARE
from trainer.data.scenes import Scene, scene_folder
from trainer.data.sketches import Drawings, Drawn
from trainer.metrics.sheets import GROUND, Cell, contact_sheet, save_sheet, skeleton, strided

ROWS = 6
SIDE = 192
"""Pixels of a picture on the sheet."""
_SEED = 0
Pixels = NDArray[np.uint8]
Row = list[Cell]


def save_previews(found: Checked, asked: Asked, path: Path) -> Path | None:
    """Write the sheet; None where nothing could be shown.

    Raises:
        InputError: the place cannot be written.
    """
    rows: list[Row] = []
    samples = found.samples.get("train", [])
    for index in strided(len(samples), ROWS):
        _, sample = samples[index]
        try:
            rows.append(_Previews(found, asked).row(sample))
        except InputError:
            continue  # it is among the problems
    if not rows:
        return None
    save_sheet(path, contact_sheet(_beside(rows), SIDE))
    return path


def _beside(rows: Sequence[Row]) -> list[Row]:
    """Two samples a row: a sheet that is wide, as the place is where it is seen."""
    width = max(len(row) for row in rows)
    empty = Cell("", np.full((SIDE, SIDE, 3), GROUND, np.uint8))
    half = (len(rows) + 1) // 2
    pairs = zip_longest(rows[:half], rows[half:], fillvalue=())
    return [[*left, *[empty] * (width - len(left)), *right] for left, right in pairs]


class _Previews:
    def __init__(self, found: Checked, asked: Asked) -> None:
        self.found, self.asked = found, asked
        self.rng = np.random.default_rng(_SEED)

    def row(self, sample: Sample) -> Row:
        """Annotated sample and two varied views. InputError if it cannot be read."""
        if isinstance(sample, PersonSample):
            return self._person(sample)
        if isinstance(sample, ProductPair):
            return self._product(sample)
        return self._scene(sample)

    def _person(self, sample: PersonSample) -> Row:
        pixels, mask = sample.read()
        drawn = skeleton(sample.pose, pixels)
        row = [Cell(_short(sample.photo.stem), drawn)]
        if not sample.masked or not sample.pose.has(*CORE):
            return [*row, Cell("photo", pixels)]
        row.append(Cell("mask", np.where(mask[..., None] > 127, pixels, 255).astype(np.uint8)))
        target = framed(sample, SIDE)
        posed = random_pose(target.pose, self.rng, [target.pose])
        source = Cutout(puppet(target.rgba, target.pose, posed), posed)
        batch = collate([Pair(source, target, True, False)], SIDE, self.rng)
        views = {
            "seen: source": (batch.source, batch.source_joints, source.pose.presence),
            "seen: target": (batch.target, batch.target_joints, target.pose.presence),
        }
        for name, (rgba, joints, presence) in views.items():
            flat = rgba[0, :3] * rgba[0, 3:] + 1 - rgba[0, 3:]
            shown = (flat.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
            pose = Pose(joints[0].numpy().astype(float), presence, (SIDE, SIDE))
            row += [Cell(name, shown), Cell("its joints", skeleton(pose, shown))]
        return row

    def _product(self, sample: ProductPair) -> Row:
        photo, edges = sample.load()
        lines = lines_of(edges, SIDE)
        fitted = letterboxed(whitened(photo), SIDE)
        products = Products(fitted[None], lines[None], (sample.name,))
        row = [Cell(_short(sample.name), fitted), Cell("lines", _drawn(~lines))]
        for _ in range(2):
            batch = Drawings(products, Drawn()).batch(self.rng, 1)
            row.append(Cell("seen: sketch", _drawn(1 - batch.sketches[0, 0].numpy())))
            row.append(Cell("seen: photo", _pixels(batch.photos[0].permute(1, 2, 0).numpy())))
        return row

    def _scene(self, sample: SceneFiles) -> Row:
        folder = scene_folder(self.found.folder, (sample,), self.asked.classes)
        scene, colours = folder.load(0), _colours(folder.known)

        def shape(labels: NDArray[np.uint8], pictures: Pixels) -> Pixels:
            return colours[labels] if folder.classes else pictures[..., :3]

        row = [Cell(_short(sample.name), scene.photo[..., -3:])]
        row.append(Cell("input", shape(scene.labels, scene.photo)))
        if folder.classes:
            row.append(Cell("objects", _outlined(scene)))
        height, width = scene.labels.shape
        size = (SIDE, SIDE) if height >= width else (round(SIDE * height / width), SIDE)
        for _ in range(2):
            batch = SceneBatches(folder, size, Varied()).batch(self.rng, 1)
            seen = _pixels(batch.photos[0].permute(1, 2, 0).numpy())
            row.append(Cell("seen: input", shape(batch.labels[0].numpy(), seen)))
            row.append(Cell("seen: photo", seen[..., -3:]))
        return row


def _colours(known: LabelSet | None) -> Pixels:
    """(256, 3) colours of labels; what does not count is white."""
    if known is None:
        shades = np.random.default_rng(_SEED).integers(40, 220, (DONT_CARE + 1, 3), np.uint8)
    else:
        shades = known.colours[: DONT_CARE + 1].copy()
    shades[DONT_CARE] = 255
    return shades


def _short(name: str) -> str:
    """What fits above a picture, in letters that OpenCV has."""
    return name.encode("ascii", "replace").decode()[-24:]


def _pixels(values: NDArray[np.float32]) -> Pixels:
    """0..255 of -1..1."""
    return ((values + 1) * 127.5).round().clip(0, 255).astype(np.uint8)


def _drawn(paper: NDArray[np.floating] | NDArray[np.bool_]) -> Pixels:
    """(H, W, 3) of (H, W) in 0..1."""
    return np.repeat((paper * 255.0).astype(np.uint8)[..., None], 3, 2)


def _outlined(scene: Scene) -> Pixels:
    """The photo, pale, with the borders of its objects."""
    border = np.zeros(scene.objects.shape, bool)
    border[:, 1:] |= scene.objects[:, 1:] != scene.objects[:, :-1]
    border[1:] |= scene.objects[1:] != scene.objects[:-1]
    pale = (scene.photo.astype(np.uint16) + 255) // 2
    return np.where(border[..., None], 0, pale).astype(np.uint8)
