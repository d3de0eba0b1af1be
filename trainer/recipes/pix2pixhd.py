"""pix2pixHD: label maps to pictures, with a look for every object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from engine import weights
from engine.card import Card
from engine.errors import InputError
from engine.painters.pix2pixhd.inputs import pooled
from engine.painters.pix2pixhd.network import (
    BASE,
    TAKES,
    Pix2PixHd,
    Pix2PixHdConfig,
    SceneNetwork,
)
from trainer.data.products import Direction
from trainer.data.scene_batches import SceneBatch, SceneBatches, Varied
from trainer.data.scenes import CITYSCAPES, find_scenes
from trainer.loop import RunOptions
from trainer.losses import finite
from trainer.networks.memory import Advice, advice, free_bytes
from trainer.networks.perceptual import Perceptual
from trainer.precision import in_precision
from trainer.ranks import is_first, lone_fabric
from trainer.recipes.people import set_rate, staged
from trainer.recipes.pix2pixhd_judging import HeldOutScenes
from trainer.recipes.pix2pixhd_looks import find_looks, lend_unseen, seen_classes, with_looks
from trainer.recipes.pix2pixhd_networks import (
    built,
    config_of,
    hold,
    judges_of,
    needed,
    stride_of,
    take_over,
)
from trainer.recipes.scene_packs import PACKS, Pack
from trainer.task import Task

_TAPS = ("relu1_2", "relu2_2", "relu3_3", "relu4_2")
PUBLISHED = {
    "relu1_1": 1 / 32,
    "relu2_1": 1 / 16,
    "relu3_1": 1 / 8,
    "relu4_1": 1 / 4,
    "relu5_1": 1.0,
}
"""Layers that the paper compares, and their weights."""
_STEEPEST = 10.0
"""Length to which a longer gradient of generator and encoder is cut."""


@dataclass(frozen=True)
class Pix2PixHdRecipe:
    """Options of `guise train pix2pixhd`."""

    data: Path
    """Folder with {train,val}_{label,img,inst}, {train,val}_{A,B} or pictures of both side by side,
    labelme's files, Cityscapes' own trees, or shards of any of these."""
    classes: int | None = None
    """Number of ids of the label set; without, that of labels.json, else 35 (Cityscapes)."""
    direction: Direction = "AtoB"
    """Of pictures A and B, in folders or side by side: BtoA = B is the input."""
    sizes: tuple[tuple[int, int], ...] = ((96, 128), (256, 320))
    """Height and width of the crops, trained one after the other; multiples of 32."""
    shares: tuple[float, ...] = (0.4, 0.6)
    """Share of the budget for each size."""
    form: Literal["small", "published"] = "small"
    """Our network, or the published ones: G1 at the first size, then a local enhancer more at each
    further size."""
    network: Pix2PixHdConfig = field(default_factory=lambda: STREET)
    """Sizes of our network, and the inputs of both; the classes follow the data."""
    g1_width: int = 64
    """Channels of the first layer of the published G1 (ngf)."""
    g1_downs: int = 4
    """How often it halves the picture."""
    g1_blocks: int = 9
    """Its residual blocks."""
    varied: Varied = field(default_factory=Varied)
    """How scenes are varied."""
    rate: float = 5e-4
    """Learning rate of generator and encoder."""
    fixed: float = 0.1
    """Share of each further size in which the published G1 is left as it is."""
    judge_rate: float = 3e-4
    """Learning rate of the discriminators."""
    judge_width: int = 32
    """Channels of the discriminators' first layer."""
    judge_widest: int = 4
    """Most channels of their layers, as a multiple of that."""
    judge_scales: tuple[int, ...] = (2, 2)
    """Sizes at which pictures are judged (num_D), for each size of the crops."""
    unjudged: int = 1
    """Sizes, the first ones, that are trained without discriminators: colours and layout come
    twice as fast."""
    adversarial: float = 1.0
    """Weight of fooling the discriminators."""
    matching: float = 10.0
    """Weight of feature matching."""
    perceptual_weight: float = 2.0
    """Weight of the perceptual distance; 0 = none."""
    perceptual: str = "vgg19"
    """vgg19, bundled, auto, hed, or a weight file."""
    perceptual_scale: int = 2
    """How much smaller pictures are compared; full size costs several times our network."""
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
    anyway: bool = False
    """Start even where the memory seems too small."""
    side: int = 0
    """Longest side of the pictures that it paints best; 0 = that of the last crops."""
    model_id: str = "street"
    """Id on the exported card."""


STREET = Pix2PixHdConfig(embedded=12, channels=(40, 80, 128, 176, 192), blocks=(1, 1, 2, 2, 2))
"""For two CPU cores, also to be trained on them."""
PRESETS: dict[str, dict[str, Any]] = {
    "small": {},
    "base": {
        "unjudged": 0,
        "sizes": ((256, 512), (512, 1024)),
        "network": BASE,
        "judge_width": 64,
        "judge_scales": (2, 3),
        "judge_widest": 8,
        "perceptual_scale": 1,
        "perceptual_share": 1.0,
        "rate": 3e-4,
    },
    "paper": {
        "unjudged": 0,
        "form": "published",
        "sizes": ((512, 1024), (1024, 2048)),
        "shares": (2 / 3, 1 / 3),
        "varied": Varied(closest=1.0, light=0.0, repainted=0.0, erased=0.0),
        "rate": 2e-4,
        "judge_rate": 2e-4,
        "judge_width": 64,
        "judge_widest": 8,
        "judge_scales": (2, 3),
        "perceptual_weight": 10.0,
        "perceptual_scale": 1,
        "perceptual_share": 1.0,
        "l1": 0.0,
        "colour": 0.0,
    },
    "pix2pix": {
        "unjudged": 0,
        "network": replace(STREET, inputs=replace(STREET.inputs, features=0)),
        "judge_scales": (1, 1),
        "matching": 0.0,
        "perceptual_weight": 0.0,
        "l1": 100.0,
    },
}
"""`pix2pix` is Isola et al., CVPR 2017: U-Net, one conditional discriminator, L1, one look."""


def train_pix2pixhd(recipe: Pix2PixHdRecipe, options: RunOptions) -> Path:
    """Train every size in turn, each in its own folder; then find the looks of every class."""

    def stage(index: int, start: Path | None) -> Task:
        return Pix2PixHdTask(recipe, index, start or recipe.start)

    if len(recipe.judge_scales) < len(recipe.sizes):
        raise InputError("--judge-scales needs a number for each of --sizes.")
    for index in range(len(recipe.sizes) if options.batch and not options.estimate else 0):
        told = needs(recipe, index, options)
        if not (told.fits or recipe.anyway):
            raise InputError(f"{told.text} Or take a smaller --batch, or try it with --anyway.")
        print(told.text)
    names = [f"{width}x{height}" for height, width in recipe.sizes]
    path = staged(names, recipe.shares, options, stage)
    if not is_first():
        return path
    last = Pix2PixHdTask(recipe, len(recipe.sizes) - 1, path)
    if last.inputs.features and last.inputs.labels:
        last.keep_looks(path, options)
    return path


class Pix2PixHdTask:
    """One size of the recipe; implements :class:`trainer.task.Task`."""

    def __init__(self, recipe: Pix2PixHdRecipe, stage: int, start: Path | None) -> None:
        self.recipe, self.stage = recipe, stage
        self.folder = find_scenes(recipe.data, "train", recipe.classes, recipe.direction)
        self.config = config_of(recipe, stage, self.folder)
        self.bare = built(self.config)
        self.inputs = self.bare.inputs
        self.network: Any = self.bare
        if start is not None:
            take_over(self.bare, weights.load(start).tensors)
        self.size = recipe.sizes[stage]
        _check_size(self.size, self.bare.stride)
        self.batches = SceneBatches(self.folder, self.size, recipe.varied)
        val = find_scenes(recipe.data, "val", recipe.classes, recipe.direction)
        self.held_out = HeldOutScenes(self.folder, val, self.size, self.inputs)
        self.judges = judges_of(recipe, stage, self.inputs)
        self.judged = stage >= recipe.unjudged
        if not (self.judged or recipe.l1 or recipe.perceptual_weight):
            raise InputError(
                "Without discriminators the first size has nothing to learn from; "
                "set --l1, --perceptual-weight, or --unjudged 0."
            )

    def setup(self, fabric: Fabric) -> None:
        """Place modules on the device and build the optimisers."""
        self.fabric = fabric
        network = self.network.to(memory_format=torch.channels_last)
        optimiser = torch.optim.Adam(
            network.parameters(), lr=self.recipe.rate, betas=(0.5, 0.99), fused=True
        )
        self.network, self.optimiser = fabric.setup(network, optimiser)
        in_precision(fabric, self.network, "features", "paint")
        if self.recipe.perceptual_weight:
            taps = _TAPS if self.recipe.form == "small" else tuple(PUBLISHED)
            self.perceptual = Perceptual(self.recipe.perceptual, taps).to(fabric.device)
        self.judges.setup(fabric)

    def batch(self, rng: np.random.Generator, size: int) -> SceneBatch:
        """Label maps with their photos."""
        return self.batches.batch(rng, size)

    def step(self, batch: SceneBatch, rate: float, progress: float) -> Mapping[str, float]:
        """One update of generator, encoder and discriminators."""
        recipe = self.recipe
        hold(self.bare, self.stage, progress >= recipe.fixed)
        set_rate(self.optimiser, recipe.rate * rate)
        labels, objects, photos = (self.fabric.to_device(t) for t in batch)
        shape = self.inputs.shape(labels if self.inputs.labels else photos[:, :3], objects)
        photos = photos[:, -3:]
        parts, losses = [shape], dict[str, Tensor]()
        if self.inputs.features:
            by = labels if self.inputs.by_class else objects
            parts.append(pooled(self.network.features(photos), by))
            losses |= self._meaning(parts[-1], photos, by, progress)
        painted = self.network.paint(torch.cat(parts, 1))
        losses |= self._likeness(painted, photos)
        total, told = sum(losses.values(), painted.new_zeros(())), dict(losses)
        if self.judged:
            weighted = (recipe.adversarial, recipe.matching)
            verdict = self.judges.step(shape, painted, photos, weighted, rate)
            total = total + (painted * verdict.gradient).sum()
            told |= {"fool": verdict.fool, "match": verdict.features, "judge": verdict.judge}
        self.optimiser.zero_grad()
        self.fabric.backward(total)
        if finite(nn.utils.clip_grad_norm_(self.bare.parameters(), _STEEPEST)):
            self.optimiser.step()
        return {name: float(value.detach()) for name, value in told.items()}

    def _meaning(
        self, look: Tensor, photos: Tensor, objects: Tensor, progress: float
    ) -> dict[str, Tensor]:
        """The pull of looks to colours, while it lasts."""
        left = 1 - progress / self.recipe.colour_until if self.stage == 0 else 0.0
        if left <= 0 or not self.recipe.colour or self.inputs.features < 3:
            return {}
        wanted = torch.tanh(1.5 * pooled(photos, objects))
        return {"colour": self.recipe.colour * left * (look[:, :3] - wanted).abs().mean()}

    def _likeness(self, painted: Tensor, photos: Tensor) -> dict[str, Tensor]:
        recipe, losses = self.recipe, dict[str, Tensor]()
        if recipe.l1:
            losses["l1"] = recipe.l1 * (painted - photos).abs().mean()
        if recipe.perceptual_weight:
            part = max(round(len(photos) * recipe.perceptual_share), 1)
            both = [t[:part] / 2 + 0.5 for t in (painted, photos)]
            if recipe.perceptual_scale > 1:
                both = [F.avg_pool2d(t, recipe.perceptual_scale) for t in both]
            with self.fabric.autocast():
                distance = (
                    self.perceptual.distance(both[0], both[1], self.fabric)
                    if recipe.form == "small"
                    else published_distance(self.perceptual, *both)
                )
            losses["perceptual"] = recipe.perceptual_weight * distance
        return losses

    def keep_looks(self, path: Path, options: RunOptions) -> None:
        """Find every class's looks with the exported weights, and write them into the file."""
        fabric = lone_fabric(options)
        network = self.bare.to(fabric.device).eval()
        clusters = find_looks(network, fabric, self.folder, self.size)
        if isinstance(network, Pix2PixHd):
            known = self.recipe.classes is None and self.folder.classes == CITYSCAPES
            clusters = lend_unseen(network, clusters, seen_classes(self.folder), known)
        with_looks(path, network.state_dict(), clusters)

    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Held-out scenes: labels, photo, its own look, looks of other photos."""
        assert isinstance(network, SceneNetwork)
        return self.held_out.sheet(network, self.fabric)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Figures on held-out scenes."""
        assert isinstance(network, SceneNetwork)
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
        recipe = self.recipe
        about = PACKS.get(recipe.data.name, Pack(f"the photos of {recipe.data.name}"))
        protocol = f"held-out scenes at {self.size[1]} x {self.size[0]} px, EMA weights"
        return Card(
            id=recipe.model_id,
            architecture="pix2pixhd" if recipe.form == "small" else "pix2pixhd-paper",
            title=recipe.model_id.capitalize(),
            summary=about.summary,
            config=asdict(self.config),
            label_set="" if self.folder.known is None else self.folder.known.name,
            shape="LabelMap",
            takes=TAKES,
            side=recipe.side or max(self.size),
            alpha=False,
            data=about.data,
            terms=about.terms,
            commercial=False,
            command=command,
            metrics={k: {"value": round(v, 4), "protocol": protocol} for k, v in metrics.items()},
        )


def needs(recipe: Pix2PixHdRecipe, stage: int, options: RunOptions) -> Advice:
    """What a size needs of memory, and which crop would fit."""
    folder = find_scenes(recipe.data, "train", recipe.classes, recipe.direction)
    return advice(
        lambda size: needed(recipe, stage, folder, options.batch, size),
        recipe.sizes[stage],
        free_bytes(lone_fabric(options).device),
        stride_of(recipe, stage, folder),
    )


def published_distance(perceptual: Perceptual, painted: Tensor, photos: Tensor) -> Tensor:
    """The paper's perceptual loss; the deeper the layer, the more it counts."""
    with torch.no_grad():
        wanted = perceptual(photos)
    pairs = zip(PUBLISHED.values(), perceptual(painted), wanted, strict=True)
    return torch.stack([w * (a.float() - b.float()).abs().mean() for w, a, b in pairs]).sum()


def _check_size(size: tuple[int, int], stride: int) -> None:
    if any(side <= 0 or side % stride for side in size):
        raise InputError(
            f"--sizes {size[0]} {size[1]}: heights and widths must be multiples of {stride}."
        )
