"""Tiny trainings of all four systems, for one process or, started by torchrun, for several."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import torch

from engine.painters.bicyclegan.network import BicycleConfig
from engine.painters.pix2pixhd.network import Pix2PixHdConfig
from engine.painters.vunet.network import VunetConfig
from trainer.data.scene_batches import Varied
from trainer.loop import RunOptions, run
from trainer.recipes.bicyclegan import BicycleRecipe, BicycleTask
from trainer.recipes.deformable import DeformableRecipe, DeformableTask
from trainer.recipes.pix2pixhd import Pix2PixHdRecipe, Pix2PixHdTask
from trainer.recipes.vunet import VunetRecipe, VunetTask

STEPS, BATCH = 5, 16
SYSTEMS = ("deformable", "vunet", "bicyclegan", "pix2pixhd")


def people(data):
    return {"data": data, "packs": ("drawn",), "sides": (32,), "shares": (1.0,), "rate": 1e-4} | {
        "perceptual": str(data / "vgg.pth")
    }


def deformable(data):
    recipe = DeformableRecipe(**people(data), channels=(8, 8, 8, 8))
    return DeformableTask(recipe, 0, None)


def vunet(data):
    network = VunetConfig((8, 8, 8, 8), (8, 8, 8, 8), 4, 2, 4, 16, 1)
    recipe = VunetRecipe(**people(data), network=network, ramp=(-1.0, 0.0))
    return VunetTask(recipe, 0, None)


def bicyclegan(data):
    recipe = BicycleRecipe(
        data=data,
        packs=("items",),
        sides=(32,),
        shares=(1.0,),
        network=BicycleConfig((8, 8, 8, 8, 8), (8, 8, 8, 8), 4, 8),
        judge_width=8,
        perceptual=str(data / "vgg.pth"),
        ramp=(-1.0, 0.0),
    )
    return BicycleTask(recipe, 0, None)


def pix2pixhd(data):
    network = Pix2PixHdConfig(
        embedded=4, channels=(8, 8, 8, 8, 8), blocks=(1, 1, 1, 1, 1), encoder=(4, 4, 4)
    )
    recipe = Pix2PixHdRecipe(
        data / "scenes",
        sizes=((32, 32),),
        shares=(1.0,),
        network=network,
        judge_width=4,
        judge_scales=(2,),
        perceptual_weight=0.0,
        unjudged=0,
        varied=Varied(repainted=0),
    )
    return Pix2PixHdTask(recipe, 0, None)


OPTIONS = RunOptions(
    images=STEPS * BATCH, batch=BATCH, device="cpu", precision="fp32", tick=0.0, threads=1, warmup=1
)


def train_all(data, out, seed):
    """Every system in its own folder; the first weights follow `seed` and the rank."""
    for name in SYSTEMS:
        torch.manual_seed(seed)
        run(globals()[name](data), replace(OPTIONS, out=out / name))


if __name__ == "__main__":
    rank = int(os.environ["RANK"])
    train_all(Path(sys.argv[1]), Path(sys.argv[2]), 100 * rank)  # rank 0's weights must win
