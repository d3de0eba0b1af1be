"""BicycleGAN on label maps: a look for the whole scene, out of a vector of a few numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import nn

from engine import weights
from engine.card import Card
from engine.errors import InputError
from engine.painters.bicyclegan.network import STRIDE, BicycleConfig
from engine.painters.pix2pixhd.inputs import SceneInputs
from engine.painters.scenes import TAKES, SceneBicycleConfig, SceneBicycleGan
from trainer.data.scene_batches import SceneBatch, SceneBatches, Varied, stack, whole
from trainer.data.scenes import SceneFolder, find_scenes, labels_of
from trainer.data.sketches import Batch
from trainer.loop import RunOptions
from trainer.networks.latents import Gathered
from trainer.networks.two_scales import LeastSquaresJudge
from trainer.recipes.bicyclegan import METHODS, BicycleRecipe, BicycleTask
from trainer.recipes.bicyclegan_judging import pixels
from trainer.recipes.people import check_sides, staged
from trainer.recipes.scene_packs import PACKS, Pack
from trainer.task import Task

_ROWS = 6
_LOOKS = 5
_MEASURED = 24


@dataclass(frozen=True)
class SceneBicycleRecipe(BicycleRecipe):
    """Options of `guise train bicyclegan-scenes`; losses are those of `bicyclegan`."""

    pack: str = ""
    """Folder below `data`, in a layout of `guise train pix2pixhd`; empty = `data` itself."""
    varied: Varied = Varied(repainted=0.0, light=0.0)  # noqa: RUF009
    """How scenes are varied."""
    embedded: int = 12
    """Channels that labels and edges are mixed down to."""


PRESETS: dict[str, dict[str, Any]] = {
    "small": {
        "network": BicycleConfig(channels=(40, 80, 128, 160, 160)),
        "sides": (96, 192),
        "conditional": True,
        "model_id": "facades-looks",
    },
}


def train_bicyclegan_scenes(recipe: SceneBicycleRecipe, options: RunOptions) -> Path:
    """Train every side in turn, each in its own folder; returns the exported model's path."""

    def stage(index: int, start: Path | None) -> Task:
        return SceneBicycleTask(recipe, index, start or recipe.start)

    check_sides(recipe.sides, STRIDE)
    return staged(recipe.sides, recipe.shares, options, stage)


class SceneBicycleTask(BicycleTask):
    """One side of the recipe: the losses of sketches on label maps."""

    def __init__(self, recipe: SceneBicycleRecipe, stage: int, start: Path | None) -> None:
        self.recipe, self.method = recipe, METHODS[recipe.method]
        self.side, self.last = recipe.sides[stage], stage == len(recipe.sides) - 1
        self.folder = recipe.data / recipe.pack
        train, val = (find_scenes(self.folder, split) for split in ("train", "val"))
        if not train.classes:
            raise InputError(f"{self.folder} has pictures instead of labels.")
        inputs = SceneInputs(labels=train.classes, features=0)
        self.config = SceneBicycleConfig(inputs, recipe.embedded, recipe.network)
        self.bare: Any = SceneBicycleGan(self.config)
        self.network: Any = self.bare
        if start is not None:
            tensors = weights.load(start).tensors
            self.bare.load_state_dict({name: value.float() for name, value in tensors.items()})
        self.scenes = SceneBatches(train, (self.side, self.side), recipe.varied)
        self.shown = HeldOutLooks(val, self.side, self.config, labels_of(self.folder).colours)
        self.gathered = Gathered(recipe.network.looks)
        seen = 3 + (inputs.shape_channels if recipe.conditional else 0)
        used = (("known", self.method.paired), ("free", self.method.latent))
        self.judges = {
            name: LeastSquaresJudge(seen, recipe.judge_width) for name, there in used if there
        }

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """What the network reads of label maps, with their photos."""
        return _drawn(self.scenes.batch(rng, size), self.config.inputs)

    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Held-out scenes: labels, photo, its own look, the same five looks in every row."""
        assert isinstance(network, SceneBicycleGan)
        return self.shown.sheet(network, self.fabric)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Figures on held-out scenes."""
        assert isinstance(network, SceneBicycleGan)
        return self.shown.figures(network, self.fabric)

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The exported model's card."""
        about = PACKS.get(self.folder.name, Pack(f"the photos of {self.folder.name}"))
        protocol = f"held-out scenes at {self.side} px, EMA weights"
        return Card(
            id=self.recipe.model_id,
            architecture="bicyclegan-scenes",
            title=self.recipe.model_id.replace("-", " ").capitalize(),
            summary="Paints label maps; sliders, dice or a photo set the look of the whole scene.",
            config=asdict(self.config),
            label_set=labels_of(self.folder).name,
            shape="LabelMap",
            takes=TAKES,
            side=self.side,
            alpha=False,
            data=about.data,
            terms=about.terms,
            commercial=False,
            command=command,
            metrics={k: {"value": round(v, 4), "protocol": protocol} for k, v in metrics.items()},
        )


class HeldOutLooks:
    """Held-out scenes of a run: what it shows and measures while it trains."""

    def __init__(
        self,
        val: SceneFolder,
        side: int,
        config: SceneBicycleConfig,
        colours: NDArray[np.uint8],
    ) -> None:
        picked = np.linspace(0, len(val) - 1, min(_MEASURED, len(val))).astype(int)
        self._scenes = stack([whole(val.load(int(n)), (side, side)) for n in picked])
        self._inputs, self._colours = config.inputs, colours
        noise = np.random.default_rng(7).standard_normal((_LOOKS, config.network.looks))
        self._looks = torch.from_numpy(noise.astype(np.float32))

    @torch.no_grad()
    def sheet(self, network: SceneBicycleGan, fabric: Fabric) -> NDArray[np.uint8]:
        """Labels, photo, its own look, five random ones."""
        shapes, photos = _drawn(self._scenes, self._inputs)
        rows = []
        for n in range(min(_ROWS, len(photos))):
            with fabric.autocast():
                mean = network.encode(fabric.to_device(photos[n : n + 1])).mean
                z = torch.cat([mean.float(), fabric.to_device(self._looks)])
                features = network.read(fabric.to_device(shapes[n : n + 1]))
                made = network.paint([f.expand(len(z), -1, -1, -1) for f in features], z)
            cells = [photos[n], *made.float().cpu()]
            labels = self._colours[self._scenes.labels[n].numpy()]
            rows.append(np.hstack([labels, *(pixels(cell) for cell in cells)]))
        return np.vstack(rows)

    @torch.no_grad()
    def figures(self, network: SceneBicycleGan, fabric: Fabric) -> Mapping[str, float]:
        """`encoded_l1` and `random_l1`: distance to the photo with its own look and a random one;
        `latent`: mean |z - E(G(z))|, 0.80 if z is ignored."""
        shapes, photos = (fabric.to_device(t) for t in _drawn(self._scenes, self._inputs))
        noise = np.random.default_rng(11).standard_normal((len(photos), self._looks.shape[1]))
        z = fabric.to_device(torch.from_numpy(noise.astype(np.float32)))
        with fabric.autocast():
            features = network.read(shapes)
            encoded = network.paint(features, network.encode(photos).mean)
            free = network.paint(features, z)
            again = network.encode(free).mean
        differences = {
            "encoded_l1": encoded - photos,
            "random_l1": free - photos,
            "latent": again - z,
        }
        return {name: float(d.float().abs().mean()) for name, d in differences.items()}


def _drawn(batch: SceneBatch, inputs: SceneInputs) -> Batch:
    return Batch(inputs.shape(batch.labels, batch.objects), batch.photos)
