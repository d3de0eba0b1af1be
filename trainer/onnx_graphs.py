"""Networks as graphs for ONNX: what is done once a look, and what is done once a picture.

Inputs and outputs have names and plain meanings; what a graph cannot hold is left to its user: the
frame around a person, drawing the lines of a sketch, averaging looks over objects.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from engine.card import Card
from engine.errors import Unsupported
from engine.painters.bicyclegan.network import STRIDE, SketchNetwork
from engine.painters.deformable.network import CopyGenerator, Source, warp_layers
from engine.painters.deformable.paper_network import PaperGenerator
from engine.painters.parts import Window
from engine.painters.pix2pixhd.network import SceneNetwork
from engine.painters.scenes import SceneBicycleGan
from engine.painters.vunet.edges_network import EdgesVunet, item_boxes
from engine.painters.vunet.network import PartVunet
from engine.painters.vunet.paper_network import PaperVunet
from engine.perception.edges_network import EdgesNet
from engine.perception.network import PersonNet
from engine.perception.segments_network import SegmentsNet
from trainer.onnx_base import RGB, Called, Graph, Input
from trainer.onnx_papers import published_looks, published_reposer
from trainer.onnx_readers import lines, persons, segments


def graphs(card: Card, network: nn.Module) -> list[Graph]:
    """The graphs of a network, in float32 on the CPU.

    Raises:
        Unsupported: a network that ONNX cannot hold; the message says why.
    """
    match network:
        case SceneBicycleGan():
            return _scene_looks(card, network)
        case SketchNetwork():
            return _sketches(card, network)
        case SceneNetwork():
            return _scenes(card, network)
        case PartVunet():
            return _people_looks(card, network)
        case EdgesVunet():
            return _item_looks(card, network)
        case CopyGenerator():
            return _copied(card, network)
        case PaperVunet():
            return published_looks(network)
        case PaperGenerator():
            return published_reposer(card, network)
        case PersonNet():
            return persons(network)
        case EdgesNet():
            return lines(card, network)
        case SegmentsNet():
            return segments(card, network)
    raise Unsupported(f"{card.id} cannot become ONNX: no graph is known for {card.architecture}.")


_RGBA = "straight RGB and alpha in 0..1, the person in its frame, colours bled beyond the mask"
_JOINTS = "18 joints x, y in pixels of the frame, none missing"


def _sketches(card: Card, network: SketchNetwork) -> list[Graph]:
    side, own = card.side, card.architecture == "bicyclegan"
    sketch = Input("sketch", (1, side, side), "1 = line, 0 = paper", own, STRIDE)
    look = Input("look", (network.looks,), "look vector, a standard normal")
    paint = Graph(
        "paint",
        Called(network, lambda net, drawn, z: net.paint(net.read(drawn), z)),
        {"sketch": sketch, "look": look},
        {"picture": RGB},
    )
    if getattr(network, "encoder", None) is None:
        return [paint]
    photo = Input("photo", (3, side, side), "an item on white, RGB in -1..1")
    read = Called(network, lambda net, picture: net.encode(picture).mean)
    return [Graph("prepare", read, {"photo": photo}, {"look": "(N, looks)"}), paint]


def _scene_looks(card: Card, network: SceneBicycleGan) -> list[Graph]:
    size, labels, objects = _map(card, STRIDE)
    look = Input("look", (network.looks,), "look vector, a standard normal")

    def paint(net: Any, seen: Tensor, things: Tensor, z: Tensor) -> Tensor:
        return net.paint(net.read(net.inputs.shape(seen, things)), z)

    photo = Input("photo", (3, *size), "RGB in -1..1")
    read = Called(network, lambda net, picture: net.encode(picture).mean)
    return [
        Graph("prepare", read, {"photo": photo}, {"look": "(N, looks)"}),
        Graph(
            "paint",
            Called(network, paint),
            {"labels": labels, "objects": objects, "look": look},
            {"picture": RGB},
        ),
    ]


def _map(card: Card, stride: int) -> tuple[tuple[int, int], Input, Input]:
    side = card.side // stride * stride
    labels = Input("labels", (side, side), "class ids; others are no class", True, stride)
    objects = Input("objects", (side, side), "numbers that differ by object", True, stride)
    return (side, side), labels, objects


def _scenes(card: Card, network: SceneNetwork) -> list[Graph]:
    inputs, stride = network.inputs, network.stride
    size, labels, objects = _map(card, stride)
    if not inputs.labels:
        labels = Input("photo", (inputs.pictures, *size), "RGB in -1..1", True, stride)
    given = {"labels" if inputs.labels else "photo": labels, "objects": objects}
    if not inputs.features:
        call = Called(network, lambda net, seen, things: net.paint(net.inputs.shape(seen, things)))
        return [Graph("paint", call, given, {"picture": RGB})]
    about = "the look of every pixel: that of its object, in -1..1"
    given["look"] = Input("held", (inputs.features, *size), about, True, stride)

    def paint(net: Any, seen: Tensor, things: Tensor, look: Tensor) -> Tensor:
        return net.paint(torch.cat([net.inputs.shape(seen, things), look], 1))

    graph = Graph("paint", Called(network, paint), given, {"picture": RGB})
    if getattr(network, "encoder", None) is None:
        return [graph]
    photo = Input("photo", (3, *size), "RGB in -1..1", True, stride)
    read = Called(network, lambda net, picture: net.features(picture))
    told = {"look": "(N, F, H, W): take the mean over each object"}
    return [Graph("prepare", read, {"photo": photo}, told), graph]


def _person(card: Card) -> tuple[Input, Input]:
    rgba = Input("rgba", (4, card.side, card.side), _RGBA)
    return rgba, Input("joints", (18, 2), _JOINTS)


def _people_looks(card: Card, network: PartVunet) -> list[Graph]:
    rgba, joints = _person(card)
    window = Window(card.side, card.side)
    features = Input("held", (), "what prepare gave")

    def prepare(net: Any, seen: Tensor, at: Tensor) -> Tensor:
        return net.unfold(net.encode(seen, at))

    def paint(net: Any, look: Tensor, at: Tensor) -> Tensor:
        return torch.cat(tuple(net.paint(look, at, window)), 1)

    held = {"features": "(N, parts, channels, 16, 16): the look"}
    return [
        Graph("prepare", Called(network, prepare), {"rgba": rgba, "joints": joints}, held),
        Graph(
            "paint",
            Called(network, paint),
            {"features": features, "joints": joints},
            {"rgba": "(N, 4, S, S) straight RGB and alpha in 0..1"},
        ),
    ]


def _item_looks(card: Card, network: EdgesVunet) -> list[Graph]:
    side = card.side
    photo = Input("photo", (3, side, side), "an item on white, RGB in -1..1")
    sketch = Input("sketch", (1, side, side), "1 = line, 0 = paper")

    def prepare(net: Any, picture: Tensor) -> Tensor:
        return net.unfold(net.encode(picture, item_boxes(picture)))

    held = {"features": "(N, 1, channels, 16, 16): the look"}
    features = Input("held", (), "what prepare gave")
    return [
        Graph("prepare", Called(network, prepare), {"photo": photo}, held),
        Graph(
            "paint",
            Called(network, lambda net, look, drawn: net.paint(look, drawn)),
            {"features": features, "sketch": sketch},
            {"picture": RGB},
        ),
    ]


def _copied(card: Card, network: CopyGenerator) -> list[Graph]:
    rgba, joints = _person(card)
    side = card.side

    def prepare(net: Any, seen: Tensor, at: Tensor) -> tuple[Tensor, Tensor]:
        source = Source.of(seen, at)
        return source.owned, net.memory(source)

    def paint(net: Any, *given: Tensor) -> Tensor:
        seen, at, owned, memory, wanted = given
        layers = warp_layers(Source(seen, at, owned), wanted, side, side, 0)
        made = net(layers, memory)
        return torch.cat([made.rgb, made.alpha], 1)

    held = {"owned": "(N, 10, S, S): which part owns a pixel", "memory": "(N, channels, 256)"}
    return [
        Graph("prepare", Called(network, prepare), {"rgba": rgba, "joints": joints}, held),
        Graph(
            "paint",
            Called(network, paint),
            {
                "rgba": rgba,
                "joints": joints,
                "owned": Input("held", (), "what prepare gave"),
                "memory": Input("held", (), "what prepare gave"),
                "wanted": joints,
            },
            {"painted": "(N, 4, S, S) straight RGB and alpha in 0..1"},
        ),
    ]
