"""The networks of a pix2pixHD run: which, how one size hands over to the next, what they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from engine.errors import InputError
from engine.painters.pix2pixhd.clusters import PREFIX
from engine.painters.pix2pixhd.inputs import SceneInputs
from engine.painters.pix2pixhd.network import Pix2PixHd, Pix2PixHdConfig, SceneNetwork
from engine.painters.pix2pixhd.official import EncoderConfig, OfficialConfig, OfficialHd
from trainer.data.scenes import SceneFolder
from trainer.networks.memory import step_bytes
from trainer.networks.multiscale import Judges

if TYPE_CHECKING:
    from trainer.recipes.pix2pixhd import Pix2PixHdRecipe


_VGG = 80 * 2**20
"""Bytes of the perceptual network itself."""
_SEEN = 900
"""Bytes that it keeps of a pixel, in bf16."""


def config_of(
    recipe: Pix2PixHdRecipe, stage: int, folder: SceneFolder
) -> Pix2PixHdConfig | OfficialConfig:
    """The sizes of a stage's network, with the classes of the data."""
    if recipe.form == "small":
        return replace(recipe.network, inputs=_inputs(recipe.network.inputs, folder))
    inputs = _inputs(replace(recipe.network.inputs, unlabelled=False), folder)
    encoder = EncoderConfig(downs=recipe.g1_downs) if inputs.features else None
    return OfficialConfig(
        inputs=inputs,
        width=recipe.g1_width // 2**stage,
        downs=recipe.g1_downs,
        blocks=recipe.g1_blocks,
        enhancers=stage,
        encoder=encoder,
    )


def _inputs(inputs: SceneInputs, folder: SceneFolder) -> SceneInputs:
    if folder.classes:
        return replace(inputs, labels=folder.classes)
    return replace(inputs, labels=0, pictures=3, unlabelled=False, edges=False)


def built(config: Pix2PixHdConfig | OfficialConfig) -> SceneNetwork:
    """The network of these sizes."""
    return Pix2PixHd(config) if isinstance(config, Pix2PixHdConfig) else OfficialHd(config)


def stride_of(recipe: Pix2PixHdRecipe, stage: int, folder: SceneFolder) -> int:
    """What heights and widths of a stage must be multiples of."""
    with torch.device("meta"):
        return built(config_of(recipe, stage, folder)).stride


def take_over(network: SceneNetwork, tensors: Mapping[str, Tensor]) -> None:
    """Start from another model's weights; a G1 may lack the enhancer that it gets now.

    Raises:
        InputError: the model is of other sizes.
    """
    mine = network.state_dict()
    kept = {
        name: value.float() if value.is_floating_point() else value
        for name, value in tensors.items()
        if not name.startswith(PREFIX) and name in mine and mine[name].shape == value.shape
    }
    grown = isinstance(network, OfficialHd) and network.generator.enhancers > 0
    if len(kept) < len(mine) and not (grown and kept):
        raise InputError("The model to start from has other sizes; start from one of the same.")
    network.load_state_dict(mine | kept)


def hold(network: SceneNetwork, stage: int, free: bool) -> None:
    """What of a published network learns: at further sizes E stays, and G1 too until `free`."""
    if stage == 0 or not isinstance(network, OfficialHd):
        return
    if network.encoder is not None:
        network.encoder.requires_grad_(False)
    newest = f"model{network.generator.enhancers}_"
    for name, parameter in network.generator.named_parameters():
        parameter.requires_grad_(free or name.startswith(newest))


def judges_of(recipe: Pix2PixHdRecipe, stage: int, inputs: SceneInputs) -> Judges:
    """The discriminators of a stage."""
    return Judges(
        inputs.shape_channels + 3,
        recipe.judge_width,
        recipe.judge_scales[stage],
        recipe.judge_rate,
        widest=recipe.judge_widest,
    )


def needed(
    recipe: Pix2PixHdRecipe, stage: int, folder: SceneFolder, batch: int, size: tuple[int, int]
) -> int:
    """About how many bytes a step on crops of (height, width) takes."""
    with torch.device("meta"):
        network = built(config_of(recipe, stage, folder))
        judge = judges_of(recipe, stage, network.inputs).bare

        def forward() -> Tensor:
            shape = torch.zeros(batch, network.inputs.shape_channels, *size)
            photos = torch.zeros(batch, 3, *size)
            parts = [shape]
            if network.inputs.features:
                parts.append(network.features(photos))
            painted = network.paint(torch.cat(parts, 1))
            pairs = torch.cat([shape, painted], 1)
            seen = judge(torch.cat([pairs, pairs]))
            return torch.stack([scale[-1].mean() for scale in seen]).sum()

        trained = step_bytes([network, judge], forward)
    compared = size[0] * size[1] * max(batch * recipe.perceptual_share, 1)
    compared /= recipe.perceptual_scale**2
    return trained + (_VGG + round(compared * _SEEN) if recipe.perceptual_weight else 0)
