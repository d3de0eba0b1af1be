"""Networks that say what a picture shows, as judges of sets: Inception-v3, EfficientNet-Lite0."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models.inception import Inception3, InceptionA, InceptionC, InceptionE

from engine.errors import InputError
from engine.perception.lite0 import Encoder, from_lite0
from trainer.metrics.memory import Memory, digest

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
_SIDE = 299
_REMEMBERED = 4_000
"""Pictures whose description is kept: protocols show the same ones again; about 70 MB."""
_CLASSES_2015 = 1008


class Seen(NamedTuple):
    """What a network saw: (N, D) pooled features and (N, K) class probabilities."""

    features: Floats
    chances: Floats


class Classifier:
    """A frozen network that describes pictures.

    Attributes:
        id: for reports.
        title: short, for the titles of figures.
        about: name, protocol and SHA-256 of the weights, for reports.
    """

    def __init__(
        self,
        identifier: str,
        title: str,
        about: dict[str, Any],
        side: int,
        forward: Callable[[Tensor], tuple[Tensor, Tensor]],
    ) -> None:
        """`forward` takes (1, 3, side, side) of 0..255 and gives features and probabilities."""
        self.id, self.title, self.about = identifier, title, about
        self._side, self._forward = side, forward
        self._known: Memory[Seen] = Memory(_REMEMBERED)

    @torch.inference_mode()
    def look(self, pictures: Sequence[Pixels]) -> Seen:
        """Describe (H, W, 3) pictures, whatever their sizes. Raises InputError if there are none.

        Each is stretched to the network's square, as Inception's graph does.
        """
        if not pictures:
            raise InputError("There are no pictures to describe.")
        seen = [self._look(picture) for picture in pictures]
        features, chances = ([one[part] for one in seen] for part in (0, 1))
        return Seen(np.concatenate(features), np.concatenate(chances))

    def _look(self, picture: Pixels) -> Seen:
        """One picture; batches would only make CPUs wait for their memory."""

        def describe() -> Seen:
            features, chances = self._forward(_square(picture, self._side))
            return Seen(features.double().numpy(), chances.double().numpy())

        return self._known.of(digest(picture), describe)


def _square(picture: Pixels, side: int) -> Tensor:
    x = torch.from_numpy(np.array(picture[..., :3])).permute(2, 0, 1)[None].float()
    return F.interpolate(x, (side, side), mode="bilinear", align_corners=False)


def read_weights(path: Path, of: str) -> dict[str, Tensor]:
    """A state dict, read without running code. InputError: no such file, or it holds none."""
    if not path.is_file():
        raise InputError(f"There is no weight file {path} for the judge {of}.")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for files that are not weights
        raise _no_weights(path, of, error) from None
    if not isinstance(state, Mapping) or not all(isinstance(v, Tensor) for v in state.values()):
        raise InputError(f"{path} holds no {of} weights (not a table of tensors).")
    return dict(state)


def fill(network: nn.Module, state: dict[str, Tensor], path: Path, of: str) -> nn.Module:
    """Put weights into a network, frozen, in fp32. InputError if they are those of another one.

    Args:
        network: may be on the device "meta", so that nothing is drawn at random first.
    """
    try:
        network.load_state_dict({name: value.float() for name, value in state.items()}, assign=True)
    except RuntimeError as error:
        raise _no_weights(path, of, error) from None
    return network.eval().requires_grad_(False)


def sha256(path: Path) -> str:
    """Of the file, as reports name it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _no_weights(path: Path, of: str, error: Exception) -> InputError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return InputError(f"{path} holds no {of} weights ({reason.rstrip(':')}).")


# Inception-v3


class _PoolsInside:
    """Averages over the pixels that are there, not over the zeros around them."""

    branch_pool: nn.Module
    largest = False

    def _forward(self, x: Tensor) -> list[Tensor]:
        outputs: list[Tensor] = super()._forward(x)  # type: ignore[misc]
        if self.largest:
            pooled = F.max_pool2d(x, 3, 1, 1)
        else:
            pooled = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        outputs[-1] = self.branch_pool(pooled)
        return outputs


class _A(_PoolsInside, InceptionA):
    pass


class _C(_PoolsInside, InceptionC):
    pass


class _E(_PoolsInside, InceptionE):
    pass


def inception_2015() -> Inception3:
    """The network of the graph inception-2015-12-05, without weights (on the device "meta").

    It has 1,008 classes and other pools than torchvision's: its average pools leave padding out,
    and its last block takes the largest instead.
    """
    from torchvision.models import inception as blocks

    parts = [blocks.BasicConv2d, _A, blocks.InceptionB, _C, blocks.InceptionD, _E,
             blocks.InceptionAux]  # fmt: skip
    with torch.device("meta"):
        network = Inception3(_CLASSES_2015, aux_logits=False, init_weights=False,
                             inception_blocks=parts)  # fmt: skip
    setattr(network.Mixed_7c, "largest", True)  # noqa: B010
    return network


def inception(path: Path) -> Classifier:
    """Inception-v3 out of a file of either kind; which it is, is named in the report.

    Raises:
        InputError: no such file, or other weights.
    """
    state = read_weights(path, "Inception-v3")
    original = state.get("fc.weight", torch.empty(0)).shape[:1] == (_CLASSES_2015,)
    with torch.device("meta"):
        auxiliary = "AuxLogits.fc.weight" in state
        usual = Inception3(aux_logits=auxiliary, init_weights=False)
    network = inception_2015() if original else usual
    filled = fill(network, state, path, "Inception-v3")
    if not isinstance(filled, Inception3):
        raise TypeError(type(filled))

    def forward(x: Tensor) -> tuple[Tensor, Tensor]:
        pooled = _pooled(filled, x / 127.5 - 1)
        bias = None if original else filled.fc.bias
        return pooled, F.linear(pooled, filled.fc.weight, bias).softmax(1)

    name = "graph inception-2015-12-05" if original else "torchvision's ImageNet weights"
    says = "logits without bias, as the published score takes them" if original else "1,000 classes"
    about = {
        "name": f"Inception-v3, {name}",
        "protocol": f"stretched to {_SIDE} px (bilinear), pooled features of 2,048, {says}",
        "weights_sha256": sha256(path),
        "file": path.name,
    }
    return Classifier("inception-v3", f"Inception-v3 ({name})", about, _SIDE, forward)


def _pooled(network: Inception3, x: Tensor) -> Tensor:
    kept: list[Tensor] = []

    def keep(_network: nn.Module, _inputs: object, pooled: Tensor) -> None:
        kept.append(pooled)

    hook = network.avgpool.register_forward_hook(keep)
    try:
        network(x)
    finally:
        hook.remove()
    return kept[0].flatten(1)


# EfficientNet-Lite0


def lite0(path: Path) -> Classifier:
    """EfficientNet-Lite0 with its classifier (ImageNet, 1,000 classes).

    Raises:
        InputError: no such file, or other weights.
    """
    of = "EfficientNet-Lite0"
    state = read_weights(path, of)
    try:
        own = {k.removeprefix("encoder."): v for k, v in from_lite0(state).items()}
        head, gain, bias = _head(state)
        fc = state["_fc.weight"], state["_fc.bias"]
    except KeyError as error:
        raise _no_weights(path, of, error) from None
    encoder = fill(Encoder(), own, path, of)

    def forward(x: Tensor) -> tuple[Tensor, Tensor]:
        last = encoder((x - 127.0) / 128.0)[-1]
        wide = F.conv2d(last, head) * gain[:, None, None] + bias[:, None, None]
        pooled = wide.clamp(0, 6).mean((2, 3))
        return pooled, F.linear(pooled, *fc).softmax(1)

    about = {
        "name": "EfficientNet-Lite0 with its classifier, ImageNet",
        "protocol": "stretched to 224 px (bilinear), pooled features of 1,280, 1,000 classes",
        "weights_sha256": sha256(path),
        "file": path.name,
    }
    return Classifier("efficientnet-lite0-classes", of, about, 224, forward)


def _head(state: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """The last convolution with its normalisation as one gain and bias a channel."""
    gain = state["_bn1.weight"] * (state["_bn1.running_var"] + 1e-3).rsqrt()
    return state["_conv_head.weight"], gain, state["_bn1.bias"] - state["_bn1.running_mean"] * gain
