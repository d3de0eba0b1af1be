"""pix2pixHD: label maps to pictures, with a look for every object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from engine import weights
from engine.card import Card
from engine.painters.pix2pixhd.inputs import SceneInputs, pooled
from engine.painters.pix2pixhd.network import Pix2PixHd, Pix2PixHdConfig
from trainer.data.scene_batches import SceneBatch, SceneBatches, Varied
from trainer.data.scenes import SceneFolder, find_scenes
from trainer.loop import RunOptions
from trainer.losses import finite
from trainer.networks.multiscale import Judges
from trainer.networks.perceptual import Perceptual
from trainer.recipes.people import set_rate, staged
from trainer.recipes.pix2pixhd_judging import HeldOutScenes
from trainer.task import Task

_TAPS = ("relu1_2", "relu2_2", "relu3_3", "relu4_2")


@dataclass(frozen=True)
class Pix2PixHdRecipe:
    """Options of `guise train pix2pixhd`."""

    data: Path
    """Folder with {train,val}_{label,img,inst}, {train,val}_{A,B}, or Cityscapes' own trees."""
    classes: int | None = None
    """Classes of the label set; without, those of labels.json, else 35 (Cityscapes)."""
    sizes: tuple[tuple[int, int], ...] = ((160, 224), (256, 320))
    """Height and width of the crops, trained one after the other; multiples of 32."""
    shares: tuple[float, ...] = (0.5, 0.5)
    """Share of the budget for each size."""
    network: Pix2PixHdConfig = field(
        default_factory=lambda: Pix2PixHdConfig(
            embedded=12, channels=(40, 80, 128, 176, 192), blocks=(1, 1, 2, 2, 2)
        )
    )
    """Sizes of generator and encoder; the classes follow the data."""
    varied: Varied = field(default_factory=Varied)
    """How scenes are varied."""
    rate: float = 5e-4
    """Learning rate of generator and encoder."""
    judge_rate: float = 3e-4
    """Learning rate of the discriminators."""
    judge_width: int = 32
    """Channels of the discriminators' first layer."""
    judge_widest: int = 4
    """Most channels of their layers, as a multiple of that."""
    judge_scales: int = 2
    """Sizes at which pictures are judged (num_D)."""
    adversarial: float = 1.0
    """Weight of fooling the discriminators."""
    matching: float = 10.0
    """Weight of feature matching."""
    perceptual_weight: float = 2.0
    """Weight of the perceptual distance; 0 = none."""
    perceptual: str = "vgg19"
    """vgg19, hed, or a weight file."""
    perceptual_scale: int = 2
    """How much smaller pictures are compared; full size costs several times the generator."""
    perceptual_share: float = 0.5
    """Share of each batch that is compared so."""
    l1: float = 5.0
    """Weight of the mean absolute difference (pictures in -1..1)."""
    colour: float = 4.0
    """Weight, at the start, of the pull of an object's look to its mean colour: so that looks mean
    something from the first step."""
    colour_until: float = 0.3
    """Share of the first size after which that pull is gone."""
    start: Path | None = None
    """Model to start from."""
    model_id: str = "street"
    """Id on the exported card."""


PRESETS: dict[str, dict[str, Any]] = {"small": {}}


def train_pix2pixhd(recipe: Pix2PixHdRecipe, options: RunOptions) -> Path:
    """Train every size in turn, each in its own folder."""

    def stage(index: int, start: Path | None) -> Task:
        return Pix2PixHdTask(recipe, index, start or recipe.start)

    names = [f"{width}x{height}" for height, width in recipe.sizes]
    return staged(names, recipe.shares, options, stage)


class Pix2PixHdTask:
    """One size of the recipe; implements :class:`trainer.task.Task`."""

    def __init__(self, recipe: Pix2PixHdRecipe, stage: int, start: Path | None) -> None:
        self.recipe, self.first = recipe, stage == 0
        folder = find_scenes(recipe.data, "train", recipe.classes)
        self.config = fitting(recipe.network, folder)
        self.inputs = self.config.inputs
        self.bare = Pix2PixHd(self.config)
        self.network: Any = self.bare
        if start is not None:
            tensors = weights.load(start).tensors
            self.bare.load_state_dict({name: value.float() for name, value in tensors.items()})
        self.batches = SceneBatches(folder, recipe.sizes[stage], recipe.varied)
        val = find_scenes(recipe.data, "val", recipe.classes)
        self.held_out = HeldOutScenes(folder, val, recipe.sizes[stage], self.inputs)
        self.judges = Judges(
            self.inputs.shape_channels + 3,
            recipe.judge_width,
            recipe.judge_scales,
            recipe.judge_rate,
            widest=recipe.judge_widest,
        )

    def setup(self, fabric: Fabric) -> None:
        """Place modules on the device and build the optimisers."""
        self.fabric = fabric
        network = self.network.to(memory_format=torch.channels_last)
        optimiser = torch.optim.Adam(network.parameters(), lr=self.recipe.rate, betas=(0.5, 0.99))
        self.network, self.optimiser = fabric.setup(network, optimiser)
        for method in ("features", "paint"):
            self.network.mark_forward_method(method)
        if self.recipe.perceptual_weight:
            self.perceptual = Perceptual(self.recipe.perceptual, _TAPS).to(fabric.device)
        self.judges.setup(fabric)

    def batch(self, rng: np.random.Generator, size: int) -> SceneBatch:
        """Label maps with their photos."""
        return self.batches.batch(rng, size)

    def step(self, batch: SceneBatch, rate: float, progress: float) -> Mapping[str, float]:
        """One update of generator, encoder and discriminators."""
        recipe = self.recipe
        set_rate(self.optimiser, recipe.rate * rate)
        labels, objects, photos = (self.fabric.to_device(t) for t in batch)
        shape = self.inputs.shape(labels, objects)
        losses: dict[str, Tensor] = {}
        look = photos.new_zeros(len(photos), 0, *photos.shape[2:])
        if self.inputs.features:
            look = pooled(self.network.features(photos), objects)
            losses |= self._meaning(look, photos, objects, progress)
        painted = self.network.paint(torch.cat([shape, look], 1))
        weighted = (recipe.adversarial, recipe.matching)
        verdict = self.judges.step(shape, painted, photos, weighted, rate)
        losses["l1"] = recipe.l1 * (painted - photos).abs().mean()
        if recipe.perceptual_weight:
            losses["perceptual"] = recipe.perceptual_weight * self._distance(painted, photos)
        total = torch.stack(list(losses.values())).sum() + (painted * verdict.gradient).sum()
        self.optimiser.zero_grad()
        self.fabric.backward(total)
        if finite(nn.utils.clip_grad_norm_(self.bare.parameters(), 10.0)):
            self.optimiser.step()
        losses |= {"fool": verdict.fool, "match": verdict.features, "judge": verdict.judge}
        return {name: float(value.detach()) for name, value in losses.items()}

    def _meaning(
        self, look: Tensor, photos: Tensor, objects: Tensor, progress: float
    ) -> dict[str, Tensor]:
        """The pull of looks to colours, while it lasts."""
        left = 1 - progress / self.recipe.colour_until if self.first else 0.0
        if left <= 0 or self.inputs.features < 3:
            return {}
        wanted = torch.tanh(1.5 * pooled(photos, objects))
        return {"colour": self.recipe.colour * left * (look[:, :3] - wanted).abs().mean()}

    def _distance(self, painted: Tensor, photos: Tensor) -> Tensor:
        part = max(round(len(photos) * self.recipe.perceptual_share), 1)
        both = (t[:part] / 2 + 0.5 for t in (painted, photos))
        if self.recipe.perceptual_scale > 1:
            both = (F.avg_pool2d(t, self.recipe.perceptual_scale) for t in both)
        with self.fabric.autocast():
            return self.perceptual.distance(*both)

    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Held-out scenes: labels, photo, its own look, looks of other photos."""
        assert isinstance(network, Pix2PixHd)
        return self.held_out.sheet(network, self.fabric)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Figures on held-out scenes."""
        assert isinstance(network, Pix2PixHd)
        return self.held_out.figures(network, self.fabric)

    def state(self) -> dict[str, Any]:
        """Network, optimiser and discriminators."""
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "judges": self.judges.state(),
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.judges.load_state(state["judges"])

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The exported model's card."""
        height, width = self.batches.size
        protocol = f"held-out scenes at {width} x {height} px, EMA weights"
        return Card(
            id=self.recipe.model_id,
            architecture="pix2pixhd",
            title=self.recipe.model_id.capitalize(),
            summary="Paints label maps; every object has a look of its own.",
            config=asdict(self.config),
            shape="LabelMap",
            takes=("PerObject",),
            side=max(self.batches.size),
            alpha=False,
            data=f"pack {self.recipe.data.name}; see the README for its source",
            terms="research data",
            commercial=False,
            command=command,
            metrics={k: {"value": round(v, 4), "protocol": protocol} for k, v in metrics.items()},
        )


def fitting(network: Pix2PixHdConfig, folder: SceneFolder) -> Pix2PixHdConfig:
    """The sizes with the classes of a data set."""
    inputs = network.inputs
    if folder.classes:
        own = SceneInputs(folder.classes, 0, inputs.unlabelled, inputs.edges, inputs.features)
    else:
        own = SceneInputs(0, 3, False, False, inputs.features)
    return Pix2PixHdConfig(own, network.embedded, network.channels, network.blocks, network.encoder)
