"""Sliders that an artist can use: the look vector turned so that its first numbers do the most.

A standard normal looks the same from every side, so z may be turned freely once training is over:
the pictures stay, and what each number does is put in order.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from engine import weights
from engine.painters.bicyclegan.network import BicycleConfig, BicycleGan

_PROTOCOL = "root mean square change of colour, in -1..1, for a step of 1, held-out edges"
_STEP = 0.5
_THROWS = 4
"""Random looks at which each sketch is examined."""


def in_order(path: Path, sketches: Tensor) -> None:
    """Turn the model of a file, and note on its card what each number does (`effect_1` ...).

    Args:
        path: a model of architecture bicyclegan; it is written anew.
        sketches: (B, 1, S, S) to examine it with.
    """
    file = weights.load(path)
    network = BicycleGan(msgspec.convert(file.card.config, BicycleConfig)).eval()
    network.load_state_dict({name: value.float() for name, value in file.tensors.items()})
    products = effects(network, sketches)
    axes = principal_axes(products)
    turn(network, axes)
    strengths = np.sqrt((axes @ products.numpy() @ axes.T).diagonal().clip(0))
    told = {
        f"effect_{number}": {"value": round(float(strength), 4), "protocol": _PROTOCOL}
        for number, strength in enumerate(strengths, 1)
    }
    card = msgspec.structs.replace(file.card, metrics=file.card.metrics | told)
    half = {name: value.half() for name, value in network.state_dict().items()}
    weights.save(path, card, half)


@torch.no_grad()
def effects(network: BicycleGan, sketches: Tensor) -> Tensor:
    """(looks, looks): how alike, and how strong, the changes are that each two numbers make.

    Args:
        sketches: (B, 1, S, S) on the network's device.

    Returns:
        Mean products of the changes of colour, in -1..1, for a step of 1; the diagonal holds mean
        squares.
    """
    noise = np.random.default_rng(3).standard_normal((_THROWS, len(sketches), network.looks))
    features = network.read(sketches)
    total = torch.zeros(network.looks, network.looks)
    for thrown in torch.from_numpy(noise.astype(np.float32)).to(sketches.device):
        changes = [_change(network, features, thrown, number) for number in range(network.looks)]
        flat = torch.stack(changes).flatten(1)
        total += flat @ flat.T / flat.shape[1] / _THROWS
    return total


def _change(network: BicycleGan, features: list[Tensor], z: Tensor, number: int) -> Tensor:
    """How colours change with one number of z, per step of 1, at half the size."""
    step = torch.zeros_like(z)
    step[:, number] = _STEP
    up, down = network.paint(features, z + step), network.paint(features, z - step)
    return (F.avg_pool2d(up - down, 2) / (2 * _STEP)).cpu()


def principal_axes(products: Tensor) -> NDArray[np.float32]:
    """(looks, looks) rotation out of :func:`effects`: row n is the direction that z's number n
    takes; the strongest comes first."""
    _, vectors = np.linalg.eigh(products.double().numpy())
    return np.ascontiguousarray(vectors[:, ::-1].T, np.float32)


@torch.no_grad()
def turn(network: BicycleGan, axes: NDArray[np.float32]) -> None:
    """Make the network read and write `axes @ z` wherever it had z; its pictures stay the same.

    The posterior's variances are those of the turned directions, without what they share.
    """
    rotation = torch.from_numpy(axes)
    first = network.generator.style[0]
    assert isinstance(first, torch.nn.Linear)
    first.weight.copy_(first.weight @ rotation.T)
    last = network.encoder.linear
    mean, spread = last.weight.chunk(2)
    mean_bias, spread_bias = last.bias.chunk(2)
    last.weight.copy_(torch.cat([rotation @ mean, rotation.square() @ spread]))
    variance = rotation.square() @ spread_bias.exp()
    last.bias.copy_(torch.cat([rotation @ mean_bias, variance.log()]))
