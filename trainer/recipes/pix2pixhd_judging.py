"""Held-out scenes of a pix2pixHD run: what it shows and measures while it trains."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor

from engine.painters.pix2pixhd.inputs import SceneInputs, object_means, pooled
from engine.painters.pix2pixhd.network import SceneNetwork
from trainer.data.scene_batches import SceneBatch, stack, whole
from trainer.data.scenes import SceneFolder

_ROWS = 6
_LOOKS = 3
"""Training photos that lend their looks."""
_MEASURED = 24
_RECOLOURED = 24
"""Objects whose look is changed to see how far their colour follows."""
_CAR = 26


class HeldOutScenes:
    """Scenes of the held-out split, and training photos that lend them looks.

    Args:
        train, val: both splits.
        size: (height, width) at which they are painted.
        inputs: what the network takes.
    """

    def __init__(
        self,
        train: SceneFolder,
        val: SceneFolder,
        size: tuple[int, int],
        inputs: SceneInputs,
    ) -> None:
        self.inputs = inputs
        self.shown = _some(val, _ROWS, size)
        self.measured = _some(val, _MEASURED, size)
        self.lenders = _some(train, _LOOKS + 2, size)
        self.palette = np.random.default_rng(3).integers(40, 255, (256, 3)).astype(np.uint8)

    @torch.no_grad()
    def sheet(self, network: SceneNetwork, fabric: Fabric) -> NDArray[np.uint8]:
        """A row each: labels, photo, painted with its own look, then with borrowed ones."""
        tables = [self._table(network, fabric, _nth(self.lenders, i)) for i in range(1, _LOOKS + 1)]
        rows = []
        for index in range(len(self.shown.labels)):
            scene = _nth(self.shown, index)
            drawn = self.palette[scene.labels[0].numpy()]
            looks = [self._own(network, fabric, scene)]
            if self.inputs.features and self.inputs.labels:
                looks += [table[scene.labels.long()].permute(0, 3, 1, 2) for table in tables]
            painted = [_pixels(self._paint(network, fabric, scene, look)) for look in looks]
            rows.append(np.hstack([drawn, _pixels(scene.photos[:, -3:]), *painted]))
        return np.vstack(rows)

    def _own(self, network: SceneNetwork, fabric: Fabric, scene: SceneBatch) -> Tensor:
        if not self.inputs.features:
            return scene.photos.new_zeros(len(scene.photos), 0, *scene.photos.shape[2:])
        with fabric.autocast():
            found = network.features(fabric.to_device(scene.photos[:, -3:]))
        by = scene.labels if self.inputs.by_class else scene.objects
        return pooled(found, fabric.to_device(by))

    def _paint(
        self, network: SceneNetwork, fabric: Fabric, scene: SceneBatch, look: Tensor
    ) -> Tensor:
        seen = scene.labels if self.inputs.labels else scene.photos[:, :3]
        shape = self.inputs.shape(*(fabric.to_device(t) for t in (seen, scene.objects)))
        with fabric.autocast():
            return network.paint(torch.cat([shape, look.to(shape.device)], 1)).float().cpu()

    def _table(self, network: SceneNetwork, fabric: Fabric, scene: SceneBatch) -> Tensor:
        """(256, F): the mean look of every class in a photo, the photo's own mean elsewhere."""
        if not self.inputs.features:
            return torch.zeros(256, 0)
        with fabric.autocast():
            found = network.features(fabric.to_device(scene.photos[:, -3:])).float().cpu()
        means, number, _ = object_means(found, scene.labels)
        table = found.mean((0, 2, 3)).expand(256, -1).clone()
        table[scene.labels.long().flatten()] = means[number.flatten()]
        return table

    @torch.no_grad()
    def figures(self, network: SceneNetwork, fabric: Fabric) -> Mapping[str, float]:
        """Mean absolute difference with the photos' own looks, and how far cars take on looks."""
        differences, changes = [], []
        for index in range(len(self.measured.labels)):
            scene = _nth(self.measured, index)
            look = self._own(network, fabric, scene)
            painted = self._paint(network, fabric, scene, look)
            differences.append(float((painted - scene.photos[:, -3:]).abs().mean()))
            if self.inputs.features:
                changes += self._change(network, fabric, scene, look)
        figures = {"l1": float(np.mean(differences))}
        return figures | ({"car_lab": float(np.mean(changes))} if changes else {})

    def _change(
        self, network: SceneNetwork, fabric: Fabric, scene: SceneBatch, look: Tensor
    ) -> list[float]:
        """Lab distance between a dark and a light look of all cars, in the network's output."""
        where = scene.labels == _CAR
        if int(where.sum()) < 60:
            return []
        means = []
        for value in (-0.6, 0.6):
            other = torch.where(where[:, None], torch.full_like(look, value), look)
            painted = _pixels(self._paint(network, fabric, scene, other))
            lab = cv2.cvtColor(painted.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
            means.append(lab[where[0].numpy()].mean(0))
        return [float(np.linalg.norm(means[0] - means[1]))]


def _some(folder: SceneFolder, count: int, size: tuple[int, int]) -> SceneBatch:
    picked = np.linspace(0, len(folder) - 1, min(count, len(folder))).astype(int)
    return stack([whole(folder.load(int(i)), size) for i in picked])


def _nth(batch: SceneBatch, index: int) -> SceneBatch:
    return SceneBatch(*(part[index : index + 1] for part in batch))


def _pixels(picture: Tensor) -> NDArray[np.uint8]:
    """(H, W, 3) of a batch of one in -1..1."""
    straight = (picture[0].float().clamp(-1, 1) * 127.5 + 127.5).round()
    return straight.to(torch.uint8).permute(1, 2, 0).numpy()
