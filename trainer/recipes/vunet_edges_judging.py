"""Held-out drawings of a VUNet on edges: what it shows and measures while it trains."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor

from engine.painters.vunet.codes import Codes
from engine.painters.vunet.edges_network import EdgesVunet, item_boxes
from trainer.data.products import Products
from trainer.recipes.bicyclegan_judging import pairs_of, pixels

_ROWS = 10
_INVENTED = (1, 2, 3)
_OTHERS = (1, 2)
_MEASURED = 64


class HeldOutItems:
    """Pairs of the held-out split."""

    def __init__(self, products: Products) -> None:
        self.products = products

    @torch.no_grad()
    def sheet(self, network: EdgesVunet, fabric: Fabric) -> NDArray[np.uint8]:
        """A row a drawing: itself, photo, painted again, three invented looks, two of others."""
        sketches, photos = (fabric.to_device(t) for t in pairs_of(self.products, _ROWS))
        with fabric.autocast():
            own = network.unfold(network.encode(photos, item_boxes(photos)))
            looks = [own]
            looks += [network.unfold(self._invented(network, sketches, s)) for s in _INVENTED]
            looks += [own.roll(-n, 0) for n in _OTHERS]
            painted = [network.paint(look, sketches).float() for look in looks]
        columns = [1 - 2 * sketches.expand(-1, 3, -1, -1), photos, *painted]
        shown = torch.cat([torch.cat(list(column), 1) for column in columns], 2)
        return pixels(shown.cpu())

    @torch.no_grad()
    def figures(self, network: EdgesVunet, fabric: Fabric) -> Mapping[str, float]:
        """On 64 held-out pairs, defined as those of BicycleGAN.

        Returns:
            `encoded_l1`, `random_l1`: distance to the photo in -1..1 with its own look and with an
            invented one; `diversity` and `real_diversity`: mean distance of two invented looks of
            one drawing, and of two photos.
        """
        sketches, photos = (fabric.to_device(t) for t in pairs_of(self.products, _MEASURED))
        with fabric.autocast():
            looks = [network.encode(photos, item_boxes(photos))]
            looks += [self._invented(network, sketches, seed) for seed in (1, 2)]
            own, one, two = (network.paint(network.unfold(look), sketches) for look in looks)
        distances = {
            "encoded_l1": own - photos,
            "random_l1": one - photos,
            "diversity": one - two,
            "real_diversity": photos - photos.roll(1, 0),
        }
        return {name: float(d.float().abs().mean()) for name, d in distances.items()}

    def _invented(self, network: EdgesVunet, sketches: Tensor, seed: int) -> Codes:
        return network.sample(sketches, [100 * n + seed for n in range(len(sketches))])
