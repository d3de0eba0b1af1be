"""The VUNet on edges: drawings coloured with looks that are read, invented and mixed."""

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
from engine.painters.vunet.edges_network import SMALL, EdgesVunet, item_boxes
from engine.painters.vunet.network import CROP, STRIDE, VunetConfig
from trainer.data.products import Direction, read_products
from trainer.data.sketches import Batch, Drawings, Drawn
from trainer.loop import RunOptions
from trainer.losses import finite, foreground_l1
from trainer.networks.perceptual import Perceptual
from trainer.networks.two_scales import LeastSquaresJudge
from trainer.precision import in_precision
from trainer.ranks import shared_noise
from trainer.recipes.people import check_sides, set_rate, staged
from trainer.recipes.vunet import active, divergence, with_noise
from trainer.recipes.vunet_edges_judging import HeldOutItems
from trainer.task import Task

_TAPS = ("relu1_2", "relu2_2", "relu3_2")
_PERCEPTUAL_SIDE = 64
_PAPER = 0.9
"""A photo whose channels are all above this, of -1..1, shows no item there."""
_REPEATS = 8
"""Noise levels at which the prior sees each look of a batch."""
_BENT = 0.05
"""Standard deviation of how far items are bent before their looks are read, of their boxes."""


@dataclass(frozen=True)
class VunetEdgesRecipe:
    """Options of `guise train vunet-edges`."""

    data: Path
    """Folder that holds the packs."""
    packs: tuple[str, ...] = ("shoes128",)
    """Folders below it: {train,val}/{photos,edges} paired by name, or side-by-side pictures."""
    direction: Direction = "AtoB"
    """Of side-by-side pictures: AtoB = the edges are on the left, BtoA = on the right."""
    sides: tuple[int, ...] = (64, 128)
    """Sides of the training pictures, trained one after the other; multiples of 16."""
    shares: tuple[float, ...] = (0.35, 0.65)
    """Share of the budget for each side."""
    network: VunetConfig = SMALL
    """Sizes of the network."""
    drawn: Drawn = field(default_factory=Drawn)
    """How the edges are made to look drawn."""
    rate: float = 8e-4
    """Learning rate."""
    l1: float = 10.0
    """Weight of the mean absolute difference (pictures in -1..1), the item counting three times."""
    perceptual_weight: float = 0.5
    """Weight of the perceptual distance at 64 px, on half of each batch; 0 = none."""
    perceptual: str = "vgg19"
    """vgg19, bundled, auto, hed, or a weight file."""
    posterior_weight: float = 1e-4
    """Weight of the posterior's divergence from a standard normal, in nats a picture."""
    ramp: tuple[float, float] = (0.05, 0.35)
    """Noise and divergence grow over this part of the first side; means alone learn first."""
    prior_weight: float = 0.05
    """Weight of the prior's loss; it does not reach the codes."""
    adversarial: float = 1.0
    """Weight of the discriminator, in the last side only; 0 = none."""
    judge_width: int = 32
    """Channels of the discriminator's first layer."""
    judge_ramp: tuple[float, float] = (0.2, 0.45)
    """The discriminator gains weight over this part of the last side."""
    model_id: str = "shoes-vunet"
    """Id on the exported card."""


PRESETS: dict[str, dict[str, Any]] = {
    "small": {},
    "base": {
        "sides": (128, 256),
        "network": VunetConfig((64, 128, 192, 256), (48, 96, 128, 160), 96, 16, 48, 192, 4),
        "judge_width": 64,
        "rate": 4e-4,
    },
}


def train_vunet_edges(recipe: VunetEdgesRecipe, options: RunOptions) -> Path:
    """Train every side in turn, each in its own folder; returns the last one's model."""

    def stage(index: int, start: Path | None) -> Task:
        return VunetEdgesTask(recipe, index, start)

    check_sides(recipe.sides, STRIDE)
    return staged(recipe.sides, recipe.shares, options, stage)


class VunetEdgesTask:
    """One side of the recipe; implements :class:`trainer.task.Task`."""

    def __init__(self, recipe: VunetEdgesRecipe, stage: int, start: Path | None) -> None:
        self.recipe, self.side = recipe, recipe.sides[stage]
        self.last = stage == len(recipe.sides) - 1
        self.ramp = recipe.ramp if stage == 0 else (-1.0, 0.0)
        self.bare = EdgesVunet(recipe.network)
        self.network: Any = self.bare
        if start is not None:
            tensors = weights.load(start).tensors
            self.bare.load_state_dict({name: value.float() for name, value in tensors.items()})
        train = read_products(recipe.data, recipe.packs, "train", self.side, recipe.direction)
        self.drawings = Drawings(train, recipe.drawn)
        val = read_products(recipe.data, recipe.packs, "val", self.side, recipe.direction)
        self.held_out = HeldOutItems(val)
        judged = recipe.adversarial and self.last
        self.judge = LeastSquaresJudge(3, recipe.judge_width) if judged else None

    def setup(self, fabric: Fabric) -> None:
        """Place modules on the device and build the optimisers."""
        self.fabric = fabric
        network = self.network.to(memory_format=torch.channels_last)
        optimiser = torch.optim.Adam(network.parameters(), lr=self.recipe.rate, betas=(0.5, 0.99))
        self.network, self.optimiser = fabric.setup(network, optimiser)
        in_precision(fabric, self.network, "encode", "unfold", "paint", "prior_loss", "sample")
        if self.recipe.perceptual_weight:
            self.perceptual = Perceptual(self.recipe.perceptual, _TAPS).to(fabric.device)
        if self.judge:
            self.judge.setup(fabric)

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Sketches with their photos."""
        return self.drawings.batch(rng, size)

    def step(self, batch: Batch, rate: float, progress: float) -> Mapping[str, float]:
        """One update of the model, then one of the discriminator."""
        set_rate(self.optimiser, self.recipe.rate * rate)
        sketches, photos = (self.fabric.to_device(t) for t in batch)
        share = float(np.interp(progress, self.ramp, (0.0, 1.0)))
        judged = float(np.interp(progress, self.recipe.judge_ramp, (0.0, 1.0)))
        judge = self.judge if judged else None
        codes = self.network.encode(
            photos, item_boxes(photos), shared_noise(self.fabric, bends, len(photos)).to(photos)
        )
        features = self.network.unfold(with_noise(codes, share, self.fabric))
        painted = self.network.paint(features, sketches)
        coarse, fine = divergence(codes)
        losses = self._likeness(painted, photos)
        losses["posterior"] = self.recipe.posterior_weight * share * (coarse + fine)
        prior = self.network.prior_loss(codes, sketches, _REPEATS)
        losses["prior"] = self.recipe.prior_weight * prior
        fake = self._judged(features, sketches, painted) if judge else painted
        if judge:
            losses["fool"] = self.recipe.adversarial * judged * judge.fool(fake)
        total = torch.stack(list(losses.values())).sum()
        self.optimiser.zero_grad()
        self.fabric.backward(total)
        if finite(self._clipped()):
            self.optimiser.step()
        if judge:
            losses["judge"] = judge.step(photos, fake, rate)
        losses |= {"kl_coarse": coarse, "kl_fine": fine} | active(codes, self.fabric)
        return {name: float(value.detach()) for name, value in losses.items()}

    def _judged(self, features: Tensor, sketches: Tensor, painted: Tensor) -> Tensor:
        """Pictures that must fool the judge: half as painted, half with the look of another."""
        half = max(len(painted) // 2, 1)
        moved = self.network.paint(features.roll(half, 0)[:half], sketches[:half])
        return torch.cat([painted[half:], moved])

    def _clipped(self) -> Tensor:
        """Norm of all gradients; the prior's are clipped apart, they say nothing of the painter."""
        prior = list(self.bare.prior.parameters())
        inside = {id(p) for p in prior}
        others = [p for p in self.bare.parameters() if id(p) not in inside]
        norms = [nn.utils.clip_grad_norm_(group, 5.0) for group in (prior, others)]
        return torch.stack(norms)

    def _likeness(self, painted: Tensor, photos: Tensor) -> dict[str, Tensor]:
        item = (photos.amin(1, keepdim=True) < _PAPER).float()
        losses = {"l1": self.recipe.l1 * foreground_l1(painted, photos, item)}
        if self.recipe.perceptual_weight:
            half = max(len(photos) // 2, 1)
            side = min(_PERCEPTUAL_SIDE, self.side)
            small = [F.adaptive_avg_pool2d((p[:half] + 1) / 2, side) for p in (painted, photos)]
            with self.fabric.autocast():
                likeness = self.perceptual.distance(small[0], small[1], self.fabric)
            losses["perceptual"] = self.recipe.perceptual_weight * likeness
        return losses

    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Held-out drawings, their photos, painted again, with three invented looks, and with the
        looks of the next two photos."""
        assert isinstance(network, EdgesVunet)
        return self.held_out.sheet(network, self.fabric)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Figures on held-out pairs."""
        assert isinstance(network, EdgesVunet)
        return self.held_out.figures(network, self.fabric)

    def state(self) -> dict[str, Any]:
        """Network, optimiser and discriminator."""
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "judge": self.judge.state() if self.judge else {},
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        if self.judge:
            self.judge.load_state(state["judge"])

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The exported model's card."""
        recipe = self.recipe
        protocol = f"64 held-out pairs at {self.side} px, EMA weights"
        return Card(
            id=recipe.model_id,
            architecture="vunet-edges",
            title=recipe.model_id.replace("-vunet", ", looks").capitalize(),
            summary="Colours sketches with a look read from a photo, invented, or mixed.",
            config=asdict(recipe.network),
            shape="Sketch",
            takes=("FromPhoto", "Sampled", "Mix"),
            side=self.side,
            alpha=False,
            data="packs " + ", ".join(recipe.packs) + "; see the README for their sources",
            terms="research data: product photos of catalogues, no licence stated",
            commercial=False,
            command=command,
            metrics={k: {"value": round(v, 4), "protocol": protocol} for k, v in metrics.items()},
        )


def bends(count: int) -> Tensor:
    """(count, 64, 64, 2) smooth random shifts in -1..1 of a box: its outline tells less of it."""
    coarse = _BENT * torch.randn(count, 2, 4, 4)
    smooth = F.interpolate(coarse, 2 * CROP, mode="bicubic", align_corners=True)
    return smooth.permute(0, 2, 3, 1)
