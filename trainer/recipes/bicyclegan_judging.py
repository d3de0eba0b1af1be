"""Held-out sketches of a BicycleGAN run: what it shows and measures while it trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor

from engine.painters.bicyclegan.network import SketchNetwork
from engine.shapes.raster import ink_tensor
from trainer.data.products import Line, Products
from trainer.data.sketches import Batch, photo_tensor, pruned

_ROWS = 8
_SAMPLES = 6
_MEASURED = 64


class HeldOut:
    """Pairs of the held-out split, and drawings by people without photos.

    Args:
        products: held-out pairs.
        human: (N, side, side) lines of drawings, or nothing.
        looks: numbers in a look vector.
    """

    def __init__(self, products: Products, human: Line | Sequence[Line], looks: int) -> None:
        self.products = products
        self.human = np.asarray(human)
        self.looks = torch.from_numpy(
            np.random.default_rng(7).standard_normal((_SAMPLES, looks)).astype(np.float32)
        )

    @torch.no_grad()
    def sheet(self, network: SketchNetwork, fabric: Fabric) -> NDArray[np.uint8]:
        """A row each for held-out edges, then for drawings: sketch, photo, encoded, six looks;
        a drawing takes its look from the photo of the row number above."""
        edges, photos = pairs_of(self.products, _ROWS)
        groups = [edges]
        if len(self.human):
            picked = np.linspace(0, len(self.human) - 1, _ROWS).astype(int)
            groups.append(ink_tensor(self.human[picked].astype(np.uint8) * 255))
        with fabric.autocast():
            means = network.encode(fabric.to_device(photos)).mean
            rows = [
                self._row(network, fabric, sketch[None], photo[None], mean[None])
                for group in groups
                for sketch, photo, mean in zip(group, photos, means, strict=True)
            ]
        return np.vstack(rows)

    def _row(
        self, network: SketchNetwork, fabric: Fabric, sketch: Tensor, photo: Tensor, mean: Tensor
    ) -> NDArray[np.uint8]:
        z = torch.cat([mean.float(), self.looks.to(mean.device)])
        features = network.read(fabric.to_device(sketch))
        painted = network.paint([f.expand(len(z), -1, -1, -1) for f in features], z)
        cells = [1 - 2 * sketch.expand(-1, 3, -1, -1), photo, *painted.cpu().float().split(1)]
        return np.hstack([pixels(cell[0]) for cell in cells])

    @torch.no_grad()
    def figures(self, network: SketchNetwork, fabric: Fabric) -> Mapping[str, float]:
        """On 64 held-out pairs, or on all if they are fewer.

        Returns:
            `encoded_l1`, `random_l1`: distance to the photo in -1..1 with its own look and with a
            random one; `latent`: mean |z - E(G(z))|, 0.80 if z is ignored; `diversity` and
            `real_diversity`: mean distance of two random looks of one sketch, and of two photos.
        """
        count = min(_MEASURED, len(self.products))
        edges, photos = (fabric.to_device(t) for t in pairs_of(self.products, count))
        noise = np.random.default_rng(11).standard_normal((2, len(edges), self.looks.shape[1]))
        a, b = (fabric.to_device(torch.from_numpy(n.astype(np.float32))) for n in noise)
        with fabric.autocast():
            features, look = network.read(edges), network.encode(photos)
            encoded = network.paint(features, look.mean)
            one, two = network.paint(features, a), network.paint(features, b)
            again = network.encode(one).mean
        distances = {
            "encoded_l1": encoded - photos,
            "random_l1": one - photos,
            "latent": again - a,
            "diversity": one - two,
            "real_diversity": photos - photos.roll(1, 0),
        }
        return {name: float(d.float().abs().mean()) for name, d in distances.items()}


def pairs_of(products: Products, count: int) -> Batch:
    """Evenly spread edges, without hairs, and their photos."""
    picked = np.linspace(0, len(products) - 1, count).astype(int)
    lines = np.stack([pruned(products.lines[number]) for number in picked])
    return Batch(ink_tensor(lines.astype(np.uint8) * 255), photo_tensor(products.photos[picked]))


def pixels(rgb: Tensor) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 of (3, H, W) in -1..1."""
    shown = ((rgb.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return np.ascontiguousarray(shown.permute(1, 2, 0).numpy())
