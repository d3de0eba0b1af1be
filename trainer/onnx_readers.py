"""Models that read photos as graphs for ONNX: what their networks say, before it is interpreted."""

from __future__ import annotations

from engine.card import Card
from engine.perception.edges_network import STRIDE as EDGES_STRIDE
from engine.perception.edges_network import EdgesNet
from engine.perception.network import MULTIPLE, PersonNet
from engine.perception.segments_network import STRIDE as SEGMENTS_STRIDE
from engine.perception.segments_network import SegmentsNet
from trainer.onnx_base import Called, Graph, Input


def persons(network: PersonNet) -> list[Graph]:
    """Where joints are, which are there, and which pixels belong to the person."""
    photo = Input("unit photo", (3, 192, 192), "RGB in 0..1", True, MULTIPLE)
    told = {
        "heat": "(N, 18, H/4, W/4) logits; a softmax over the map is where the joint is",
        "presence": "(N, 18) logits: the joint can be placed within the picture",
        "mask": "(N, 1, H/2, W/2) logits: belongs to the person",
    }
    read = Called(network, lambda net, seen: tuple(net(seen)))
    return [Graph("read", read, {"photo": photo}, told)]


def lines(card: Card, network: EdgesNet) -> list[Graph]:
    """How surely a line is at each pixel."""
    photo = Input("photo", (3, *_square(card, EDGES_STRIDE)), "RGB in -1..1", True, EDGES_STRIDE)
    told = {"lines": "(N, 1, H, W) logits: a line is here; ridges are lines"}
    return [Graph("read", Called(network, EdgesNet.__call__), {"photo": photo}, told)]


def segments(card: Card, network: SegmentsNet) -> list[Graph]:
    """To which class each pixel belongs."""
    size = _square(card, SEGMENTS_STRIDE)
    photo = Input("photo", (3, *size), "RGB in -1..1", True, SEGMENTS_STRIDE)
    told = {"classes": "(N, outputs, H/2, W/2) logits; the card's config names the outputs"}
    return [Graph("read", Called(network, SegmentsNet.__call__), {"photo": photo}, told)]


def _square(card: Card, stride: int) -> tuple[int, int]:
    side = max(card.side // stride, 1) * stride
    return side, side
