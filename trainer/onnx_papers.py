"""Published networks of people as graphs for ONNX."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from engine.card import Card
from engine.errors import Unsupported
from engine.painters.deformable.paper_network import PaperGenerator
from engine.painters.vunet.paper_network import LATENTS, PaperVunet
from trainer.onnx_base import RGB, Called, Graph, Input

_PLACED = "18 joints x, y in pixels of the frame, and 1 = there, 0 = missing"


def published_looks(network: PaperVunet) -> list[Graph]:
    """The published VUNet: latents of crops, and a picture of a shape with latents."""
    config = network.config
    shape = Input("maps", (config.shape_channels, config.size, config.size), "the shape, -1..1")
    side = config.crop_side
    crops = Input("maps", (config.crop_channels, side, side), "crops of the parts, -1..1, stacked")
    names = [f"latent_{cells}" for cells in config.latent_sides()]
    about = "(N, channels, cells, cells): the look at this scale"

    def paint(net: Any, drawn: Tensor, *latents: Tensor) -> Tensor:
        return net.paint(drawn, latents)

    encode = Called(network, lambda net, seen: tuple(net.encode(seen)))
    held = {name: Input("held", (), "what prepare gave") for name in names}
    assert len(names) == LATENTS
    return [
        Graph("prepare", encode, {"crops": crops}, dict.fromkeys(names, about)),
        Graph("paint", Called(network, paint), {"shape": shape, **held}, {"picture": RGB}),
    ]


def published_reposer(card: Card, network: PaperGenerator) -> list[Graph]:
    """The published Deformable GAN without deformable skips, which is the paper's baseline.

    Raises:
        Unsupported: with them. They look up as many features as there are cells inside of the
            parts' masks, so that the sizes of tensors follow the pose.
    """
    config = network.config
    if config.warp:
        raise Unsupported(
            f"{card.id} cannot become ONNX: its deformable skips look up more or fewer features "
            "with each pose, which a graph cannot hold; export people instead."
        )
    photo = Input("photo", (3, config.height, config.width), "the person, RGB in -1..1")
    joints = Input("placed", (18, 3), _PLACED)
    told = "(N, 3 or 4, H, W) in -1..1; the fourth is alpha"
    inputs = {"photo": photo, "joints": joints, "wanted": joints}
    return [Graph("paint", Called(network, PaperGenerator.__call__), inputs, {"picture": told})]
