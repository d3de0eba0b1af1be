"""The copying reposer: trained on puppets of single photos and on real pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from engine import weights
from engine.card import Card
from engine.painters.deformable.network import (
    STRIDE,
    CopyConfig,
    CopyGenerator,
    Layers,
    Painting,
    Source,
    warp_layers,
)
from trainer.data.people import (
    Cutout,
    Mixture,
    Pair,
    PairBatch,
    PeopleFrames,
    collate,
    narrow_width,
)
from trainer.data.people_folders import read_packs
from trainer.loop import RunOptions
from trainer.losses import finite, foreground_l1, matte_loss, over
from trainer.networks.patch import Adversary
from trainer.networks.perceptual import Perceptual
from trainer.recipes.people import (
    EVERY,
    MAPS,
    TAPS,
    Adversarial,
    check_sides,
    on_white,
    people_card,
    pixels_of,
    set_rate,
    staged,
    tensor_of,
)

_SHEET_PEOPLE = 8


@dataclass(frozen=True)
class DeformableRecipe:
    """Options of `guise train deformable`."""

    data: Path
    """Folder that holds the packs."""
    packs: tuple[str, ...] = ("people", "athletes")
    """COCO key-point folders below it."""
    sides: tuple[int, ...] = (128, 192)
    """Frame sizes, trained one after the other; multiples of 16."""
    shares: tuple[float, ...] = (0.6, 0.4)
    """Share of the budget for each size."""
    channels: tuple[int, int, int, int] = (48, 96, 160, 224)
    """U-Net channels at 1/2, 1/4, 1/8 and 1/16."""
    rate: float = 6e-4
    """Learning rate of the first size; halved with each further one."""
    mixture: Mixture = field(default_factory=Mixture)
    """Kinds of training pairs."""
    perceptual: str = "vgg19"
    """vgg19, bundled, auto, hed, or a weight file."""
    perceptual_weight: float = 0.1
    """Weight of the perceptual loss, on half of each batch."""
    adversarial: float = 0.02
    """Weight of the patch discriminator, in the last size only; 0 = none."""
    model_id: str = "people"
    """Id on the exported card."""


PRESETS: dict[str, dict[str, Any]] = {
    "small": {},
    "base": {
        "sides": (128, 256),
        "shares": (0.3, 0.7),
        "channels": (64, 128, 256, 384),
        "mixture": Mixture(variants=8),
    },
}


def train_deformable(recipe: DeformableRecipe, options: RunOptions) -> Path:
    """Train every size of the recipe in turn, each in its own folder below `options.out`."""

    def stage(index: int, start: Path | None) -> DeformableTask:
        return DeformableTask(recipe, index, start)

    check_sides(recipe.sides, STRIDE)
    return staged(recipe.sides, recipe.shares, options, stage)


class _Batch(NamedTuple):
    paired: PairBatch
    unpaired: PairBatch | None


class DeformableTask(Adversarial):
    """One size of the recipe; implements :class:`trainer.task.Task`."""

    def __init__(self, recipe: DeformableRecipe, stage: int, start: Path | None) -> None:
        self.recipe, self.side = recipe, recipe.sides[stage]
        self.rate = recipe.rate / 2**stage
        last = stage == len(recipe.sides) - 1
        self.adversary = Adversary(3 + MAPS, recipe.adversarial if last else 0.0)
        self.config = CopyConfig(recipe.channels)
        self.network: nn.Module = CopyGenerator(self.config)
        if start is not None:
            self.network.load_state_dict(
                {k: v.float() for k, v in weights.load(start).tensors.items()}
            )
        samples = read_packs(recipe.data, recipe.packs, "train")
        self.frames = PeopleFrames(samples, self.side, recipe.mixture)
        held_out = read_packs(recipe.data, recipe.packs, "val")
        self.held_out = PeopleFrames(held_out, self.side, recipe.mixture)
        self.measured = range(0, len(held_out), EVERY)

    def setup(self, fabric: Fabric) -> None:
        """Place modules on the device and build the optimisers."""
        self.fabric = fabric
        network = self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimiser = torch.optim.AdamW(
            network.parameters(), lr=self.rate, betas=(0.9, 0.99), weight_decay=1e-3
        )
        self.network, self.optimiser = fabric.setup(network, optimiser)
        self.perceptual = Perceptual(self.recipe.perceptual, TAPS).to(fabric.device)
        self.adversary.setup(fabric)

    def batch(self, rng: np.random.Generator, size: int) -> _Batch:
        """Pairs with a truth, and with a discriminator also new poses without one."""
        paired = self.frames.batch(rng, size)
        return _Batch(paired, self._unpaired(rng, size // 2) if self.adversary.weight else None)

    def _unpaired(self, rng: np.random.Generator, size: int) -> PairBatch:
        """Real sources in new poses; the target is only a rough puppet."""
        found: list[Pair] = []
        slim = narrow_width(self.side)
        while len(found) < size:
            index = int(rng.integers(len(self.frames.samples)))
            rough = self.frames.puppet(index, int(rng.integers(self.recipe.mixture.variants)))
            if rough.width * self.side <= slim:
                found.append(Pair(self.frames.cutout(index), rough, False))
        return collate(found, slim, rng)

    def step(self, batch: _Batch, rate: float, progress: float) -> Mapping[str, float]:
        """One update of the generator and, if there is one, of the discriminator."""
        set_rate(self.optimiser, self.rate * rate)
        painting, layers, target = self._paint(batch.paired)
        losses, flat, truth = self._paired_losses(painting, target)
        pose = _pose_maps(layers)
        fake: list[tuple[Tensor, Tensor]] = []
        if batch.unpaired is not None:
            half = len(batch.unpaired.source)
            fake = [(flat[:half], pose[:half])]
            losses |= self._new_pose_losses(batch.unpaired, fake)
        total = torch.stack(list(losses.values())).sum()
        self.optimiser.zero_grad()
        self.fabric.backward(total)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        if finite(norm):
            self.optimiser.step()
        if fake:
            real = batch.paired.real
            losses["judge"] = self.adversary.step(truth[real], pose[real], fake, rate)
        return {name: float(value.detach()) for name, value in losses.items()}

    def _new_pose_losses(
        self, batch: PairBatch, fake: list[tuple[Tensor, Tensor]]
    ) -> dict[str, Tensor]:
        """New poses have no truth: they follow a rough puppet from afar and must fool the judge.

        Appends what was painted, with its pose maps, to `fake`.
        """
        painting, layers, rough = self._paint(batch)
        white = _white(rough)
        flat = over(painting.rgb, painting.alpha, white)
        fake.append((flat, _pose_maps(layers)))
        return {
            "low": _low_distance(painting, flat, rough, white),
            "fool": self.adversary.fool(fake),
        }

    def _paint(self, batch: PairBatch) -> tuple[Painting, Layers, Tensor]:
        to = self.fabric.to_device
        target = to(batch.target)
        with torch.no_grad():
            source = Source.of(to(batch.source), to(batch.source_joints))
            height, width = target.shape[-2:]
            layers = warp_layers(source, to(batch.target_joints), height, width, batch.left)
        return self.network(layers, source), layers, target

    def _paired_losses(
        self, painting: Painting, target: Tensor
    ) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        colour, alpha = target[:, :3], target[:, 3:]
        white = _white(target)
        flat = over(painting.rgb, painting.alpha, white)
        truth = over(colour, alpha, white)
        half = max(len(target) // 2, 1)
        with self.fabric.autocast():
            likeness = self.perceptual.distance(flat[:half], truth[:half], self.fabric)
        invented = ((painting.generated - colour).abs() * alpha).mean()
        losses = {
            "l1": foreground_l1(flat, truth, alpha),
            "matte": matte_loss(painting.alpha, alpha),
            "perceptual": self.recipe.perceptual_weight * likeness,
            "generated": 0.3 * invented,
        }
        return losses, flat, truth

    @torch.no_grad()
    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Held-out people: source, puppet in a new pose, painted; then puppet back to the photo."""
        rows = []
        for n in range(_SHEET_PEOPLE):
            index = n * len(self.held_out.samples) // _SHEET_PEOPLE
            person, other = self.held_out.cutout(index), self.held_out.puppet(index, 0)
            forth, back = self._apply(network, person, other), self._apply(network, other, person)
            rows.append(np.hstack([on_white(p.rgba) for p in (person, other, forth, back)]))
        pairs = [np.hstack(rows[i : i + 2]) for i in range(0, len(rows), 2)]
        return np.vstack(pairs)

    @torch.no_grad()
    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Held-out puppets back to their photos: foreground L1, IoU and perceptual distance."""
        sums = dict.fromkeys(("foreground_l1", "mask_iou", "perceptual"), 0.0)
        for index in self.measured:
            truth = self.held_out.cutout(index)
            made = self._apply(network, self.held_out.puppet(index, 0), truth)
            mine, wanted = (tensor_of(c.rgba) for c in (made, truth))
            both = torch.minimum(mine[3], wanted[3]) > 0.5
            either = torch.maximum(mine[3], wanted[3]) > 0.5
            inside = wanted[3] > 0.5
            sums["foreground_l1"] += float((mine[:3] - wanted[:3]).abs().mean(0)[inside].mean())
            sums["mask_iou"] += float(both.sum() / either.sum())
            painted, true = (
                self.fabric.to_device(over(t[None, :3], t[None, 3:], torch.ones(())))
                for t in (mine, wanted)
            )
            with self.fabric.autocast():
                sums["perceptual"] += float(self.perceptual.distance(painted, true))
        return {name: value / len(self.measured) for name, value in sums.items()}

    def _apply(self, network: nn.Module, source: Cutout, target: Cutout) -> Cutout:
        rng = np.random.default_rng(0)
        batch = collate([Pair(source, target)], self.side, rng, augment=False)
        to = self.fabric.to_device
        prepared = Source.of(to(batch.source), to(batch.source_joints))
        layers = warp_layers(prepared, to(batch.target_joints), self.side, self.side, 0)
        with self.fabric.autocast():
            painting = network(layers, prepared)
        return Cutout(pixels_of(torch.cat([painting.rgb, painting.alpha], 1)), target.pose)

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The exported model's card."""
        protocol = f"{len(self.measured)} held-out puppets back to their photos, EMA weights"
        return people_card(
            self.recipe.packs,
            command,
            metrics,
            protocol,
            id=self.recipe.model_id,
            architecture="deformable",
            title="People",
            summary="Moves and mends what photos show: sharp, and true to the person.",
            config=asdict(self.config),
            takes=("FromPhoto", "Parts"),
            side=self.side,
            alpha=True,
        )


def _white(like: Tensor) -> Tensor:
    return like.new_ones(())


def _pose_maps(layers: Layers) -> Tensor:
    return torch.cat([layers.shape, layers.face], 1)


def _low_distance(painting: Painting, flat: Tensor, rough: Tensor, white: Tensor) -> Tensor:
    """At 1/8 size a new pose should look like its rough puppet."""
    wanted = over(rough[:, :3], rough[:, 3:], white)
    colour = (F.avg_pool2d(flat, 8) - F.avg_pool2d(wanted, 8)).abs().mean()
    alpha = (F.avg_pool2d(painting.alpha, 8) - F.avg_pool2d(rough[:, 3:], 8)).abs().mean()
    return colour + 0.05 * alpha
