"""Checkpoints of the official BicycleGAN code turned into models: plain weights, nothing is run."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from engine.card import Card
from engine.errors import ModelError
from engine.painters.bicyclegan.official import EncoderConfig, OfficialConfig, OfficialGan

_LOOKS = 8
"""Published default; a generator with z at its input does not say how many it takes."""
_BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
"""Left by old versions of instance normalisation; they are not used."""
State = Mapping[str, Tensor]


_TAKES = ("Vector", "Sampled", "FromPhoto", "Mix")


def import_official(
    generator: Path,
    encoder: Path | None = None,
    model_id: str = "bicyclegan-official",
    looks: int | None = None,
) -> tuple[Card, dict[str, Tensor]]:
    """A model out of `latest_net_G.pth` and, to read looks from photos, `latest_net_E.pth`.

    Args:
        looks: how many numbers a look has (nz), for generators with z at their input alone that
            were not trained with 8; the encoder says it too.

    Raises:
        ModelError: missing, damaged or other files, a network that Guise does not know, or an
            encoder of another number of looks.
    """
    generator = Path(generator)
    state = _read(generator)
    told, read = looks, None
    tensors: dict[str, Tensor] = {}
    if encoder is not None:
        read, told, named = _read_encoder(Path(encoder))
        tensors |= {f"encoder.{name}": value for name, value in named.items()}
    try:
        config, named = _generator(state, told, read)
        tensors |= {f"generator.{name}": value for name, value in named.items()}
        OfficialGan(config).load_state_dict(tensors)
    except (KeyError, IndexError, ValueError, RuntimeError) as error:
        reason = (str(error).splitlines() or ["unknown layers"])[-1].strip()
        raise ModelError(
            f"{generator} is no BicycleGAN generator with instance normalisation ({reason})."
        ) from None
    for count, where in ((told if read else None, "the encoder gives"), (looks, "you said")):
        if count is not None and config.looks != count:
            raise ModelError(
                f"The generator takes {config.looks} numbers a look and {where} {count}; "
                "choose files of one training run."
            )
    return _card(config, model_id), tensors


def _card(config: OfficialConfig, model_id: str) -> Card:
    return Card(
        id=model_id,
        architecture="bicyclegan-paper",
        title="BicycleGAN, imported",
        summary="An official checkpoint; it paints sketches at a fixed size.",
        config=asdict(config),
        shape="Sketch",
        takes=("Vector", "Sampled", "Mix") if config.encoder is None else _TAKES,
        side=config.side,
        alpha=False,
    )


def _read(path: Path) -> dict[str, Tensor]:
    try:
        with warnings.catch_warnings(action="ignore"):  # hints for the authors of such files
            content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise ModelError(f"There is no file {path}.") from None
    except Exception:  # whatever a hostile or damaged file provokes: it is not opened
        raise ModelError(f"{path} is damaged or holds more than plain weights.") from None
    if not isinstance(content, dict) or not all(isinstance(v, Tensor) for v in content.values()):
        raise ModelError(f"{path} does not hold the plain weights of one network.")
    return {
        name.removeprefix("module."): value.float()
        for name, value in content.items()
        if not name.endswith(_BUFFERS)
    }


def _generator(
    state: State, told: int | None, encoder: EncoderConfig | None
) -> tuple[OfficialConfig, dict[str, Tensor]]:
    everywhere = any(".submodule." in name for name in state)
    named = {(_all_name if everywhere else _input_name)(key): value for key, value in state.items()}
    if len(named) != len(state):
        raise ValueError("layers of another network")
    downs = [named[f"downs.{n}.weight"] for n in range(len(state) // 4)]
    inputs = downs[0].shape[1]
    looks = downs[1].shape[1] - len(downs[0]) if everywhere else _at_input(inputs, told)
    config = OfficialConfig(
        inputs=inputs - looks,
        looks=looks,
        width=len(downs[0]),
        downs=len(downs),
        everywhere=everywhere,
        bilinear=named["ups.0.weight"].shape[-1] == 3,
        encoder=encoder,
    )
    return config, named


def _at_input(channels: int, told: int | None) -> int:
    """How many of the first layer's channels are z: the rest is a sketch, grey or coloured."""
    if told is None:
        told = next((n for n in (0, _LOOKS) if channels - n in (1, 3)), None)
    if told is None or channels - told not in (1, 3):
        raise ValueError(
            f"its input has {channels} channels: say how many of them are the look's, or add the "
            "encoder"
        )
    return told


def _all_name(key: str) -> str:
    """`model.submodule.submodule.down.1.weight` -> `downs.2.weight`."""
    found = re.fullmatch(r"model\.((?:submodule\.)*)(down|up)\.\d+\.(weight|bias)", key)
    if found is None:
        raise ValueError(f"{key} is unknown")
    return f"{found[2]}s.{found[1].count('.')}.{found[3]}"


def _input_name(key: str) -> str:
    """`model.model.1.model.3.model.7.weight` -> `ups.2.weight`: each block holds its layer down,
    the block below, and its layer up, in this order."""
    found = re.fullmatch(r"model\.((?:model\.\d+\.)+)(weight|bias)", key)
    if found is None:
        raise ValueError(f"{key} is unknown")
    places = [int(number) for number in re.findall(r"\d+", found[1])]
    level = len(places) - 1
    first = 0 if level == 0 else 1
    return f"{'downs' if places[-1] == first else 'ups'}.{level}.{found[2]}"


def _read_encoder(path: Path) -> tuple[EncoderConfig, int, dict[str, Tensor]]:
    """What an encoder is, how many numbers its looks have, and its tensors. Raises ModelError."""
    state = _read(path)
    try:
        config, named = _encoder(state)
        return config, len(state["fc.0.bias"]), named
    except (KeyError, IndexError, ValueError) as error:
        raise ModelError(
            f"{path} is no BicycleGAN encoder; give the latest_net_E.pth of the same training."
        ) from error


def _encoder(state: State) -> tuple[EncoderConfig, dict[str, Tensor]]:
    resnet = any(".shortcut." in name for name in state)
    named = {_encoder_name(key, resnet): value for key, value in state.items()}
    steps = sum(name.endswith("first.weight") for name in named)
    kind = "resnet" if resnet else "conv"
    return EncoderConfig(kind, 2 ** (steps + 4), len(named["stem.weight"])), named


def _encoder_name(key: str, resnet: bool) -> str:
    heads = {"fc.0": "mean", "fcVar.0": "spread", "conv.0": "stem"}
    layer, _, parameter = key.rpartition(".")
    if layer in heads:
        return f"{heads[layer]}.{parameter}"
    if not resnet:  # convolutions at 2, 5, 8 ...
        return f"blocks.{(int(layer.removeprefix('conv.')) - 2) // 3}.first.{parameter}"
    number, _, inner = layer.removeprefix("conv.").partition(".")
    parts = {"conv.2": "first", "conv.5.0": "second", "shortcut.1": "shortcut"}
    return f"blocks.{int(number) - 1}.{parts[inner]}.{parameter}"
