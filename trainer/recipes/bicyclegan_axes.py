"""Dice and sliders that an artist can use: look vectors given another basis once training is over.

Looks of photos never fill the standard normal exactly, and what is thrown beside them is ugly. So z
is first scaled until photos do fill it. A standard normal looks the same from every side, so it is
then turned until its first numbers do the most. The pictures themselves stay as they are.
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
_LEAST = 0.05
"""Least variance of looks along any direction."""
_STEP = 0.5
_THROWS = 4
"""Random looks at which each sketch is examined."""


def in_order(path: Path, sketches: Tensor, photos: Tensor, spread: float) -> None:
    """Give the model of a file its final basis; its card says what each number does (`effect_1`
    and so on).

    Args:
        path: a model of architecture bicyclegan; it is written anew.
        sketches: (B, 1, S, S) on which effects are seen.
        photos: (N, 3, S, S) in -1..1 whose looks random ones shall be like.
        spread: of random looks as a share of that of photos.
    """
    file = weights.load(path)
    network = BicycleGan(msgspec.convert(file.card.config, BicycleConfig)).eval()
    network.load_state_dict({name: value.float() for name, value in file.tensors.items()})
    rebase(network, *spread_of(network, photos, spread))
    products = effects(network, sketches)
    axes = principal_axes(products)
    rebase(network, axes.T, np.zeros(len(axes), np.float32))
    strengths = np.sqrt((axes @ products.numpy() @ axes.T).diagonal().clip(0))
    told = {
        f"effect_{number}": {"value": round(float(strength), 4), "protocol": _PROTOCOL}
        for number, strength in enumerate(strengths, 1)
    }
    card = msgspec.structs.replace(file.card, metrics=file.card.metrics | told)
    half = {name: value.half() for name, value in network.state_dict().items()}
    weights.save(path, card, half)


@torch.no_grad()
def spread_of(
    network: BicycleGan, photos: Tensor, share: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The looks of photos as a normal distribution: root of the covariance (looks, looks), mean.

    Directions that photos hardly use keep a small spread, so that no number is divided by nothing.

    Args:
        share: of the photos' spread that is given back.
    """
    means = network.encode(photos).mean.double().numpy()
    values, vectors = np.linalg.eigh(np.cov(means.T))
    root = vectors @ np.diag(np.sqrt(values.clip(_LEAST))) @ vectors.T
    return np.asarray(share * root, np.float32), np.asarray(means.mean(0), np.float32)


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
def rebase(network: BicycleGan, basis: NDArray[np.float32], middle: NDArray[np.float32]) -> None:
    """Make the network read and write y wherever it had z = basis @ y + middle.

    Its pictures stay the same. The posterior's variances are those of the new directions, without
    what they share.
    """
    matrix, centre = torch.from_numpy(np.ascontiguousarray(basis)), torch.from_numpy(middle)
    first = network.generator.style[0]
    assert isinstance(first, torch.nn.Linear)
    first.bias.add_(first.weight @ centre)
    first.weight.copy_(first.weight @ matrix)
    back = torch.linalg.inv(matrix)
    last = network.encoder.linear
    mean, spread = last.weight.chunk(2)
    mean_bias, spread_bias = last.bias.chunk(2)
    shares = back.square() * spread_bias.exp()  # of the old variances in each new one
    last.weight.copy_(torch.cat([back @ mean, shares / shares.sum(1, keepdim=True) @ spread]))
    last.bias.copy_(torch.cat([back @ (mean_bias - centre), shares.sum(1).log()]))
