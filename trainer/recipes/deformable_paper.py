"""The published Deformable GAN and its ablations (Siarohin et al., CVPR 2018, sections 3 and 4).

The authors trained 90,000 steps of 4 pairs at a constant rate, which is
`--batch 4 --images 360000 --warmup 1 --decay-from 1`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from engine.card import Card
from engine.errors import InputError
from engine.painters.deformable.paper_layer import Combining, Sampling
from engine.painters.deformable.paper_network import PaperConfig, PaperGenerator
from trainer.data.people_folders import read_packs
from trainer.data.pose_pairs import AnnotatedPairs, PairBatch, PairSource, PeoplePairs, stacked
from trainer.loop import RunOptions, run
from trainer.losses import finite, matte_loss, over
from trainer.metrics.similarity import ssim
from trainer.networks.nearest import nearest_loss
from trainer.networks.perceptual import Perceptual
from trainer.networks.posegan import PoseDiscriminator
from trainer.networks.two_patches import Verdict

_SHEET_PAIRS = 16
_VALIDATED = 48


@dataclass(frozen=True)
class DeformablePaperRecipe:
    """Options of `guise train deformable-paper`."""

    data: Path
    """A folder in pose-gan's layout, or the folder that holds the packs."""
    packs: tuple[str, ...] = ("people", "athletes")
    """COCO key-point folders below it, where it is not in pose-gan's layout."""
    height: int = 256
    """Height of the pictures in pixels."""
    width: int = 256
    """Width of the pictures in pixels: as the height, or half of it."""
    channels: int = 64
    """Channels of the first layers of generator and discriminator."""
    ablation: Literal["baseline", "dsc", "full"] = "full"
    """baseline: plain skips and L1. dsc: deformable skips and L1. full: deformable skips and the
    nearest-neighbour loss."""
    area: int = 5
    """Side of the nearest-neighbour loss's neighbourhood: 3 for Market-1501, 5 for DeepFashion."""
    sampling: Sampling = "nearest"
    """How the deformable skips read features."""
    combining: Combining = "max"
    """How the deformable skips put the parts together."""
    rate: float = 2e-4
    """Learning rate of generator and discriminator."""
    pixel_weight: float = 100.0
    """Weight of L1 in baseline and dsc."""
    nearest_weight: float = 0.01
    """Weight of the nearest-neighbour loss in full."""
    adversarial: float = 1.0
    """Weight of the discriminator."""
    perceptual: str = "vgg19"
    """vgg19, hed, or a weight file: whose relu1_2 the nearest-neighbour loss reads."""
    model_id: str = "deformable-paper"
    """Id on the exported card."""

    def network(self, alpha: bool) -> PaperConfig:
        """The generator's configuration. InputError for a size that it cannot have."""
        warp = self.ablation != "baseline"
        config = PaperConfig(
            self.height, self.width, self.channels, warp, alpha, self.sampling, self.combining
        )
        shapes = (self.height, self.height // 2)
        if self.width not in shapes or self.width < 64 or not config.fits():
            raise InputError(
                f"A frame of {self.width} x {self.height} pixels does not fit these networks; make "
                "its height a power of two, and its width the same or half of it but at least 64."
            )
        return config


PRESETS: dict[str, dict[str, Any]] = {
    "paper-256": {"height": 256, "width": 256, "channels": 64, "area": 5},
    "paper-128x64": {"height": 128, "width": 64, "channels": 64, "area": 3},
    "tiny": {"height": 128, "width": 64, "channels": 8, "area": 3},
}


def train_deformable_paper(recipe: DeformablePaperRecipe, options: RunOptions) -> Path:
    """Train one ablation; returns the exported model's path."""
    return run(DeformablePaperTask(recipe), options)


def read_pairs_of(recipe: DeformablePaperRecipe, held_out: bool) -> PairSource:
    """Pairs to train on, or those held out: the layout's test set, the packs' val sets."""
    size = (recipe.height, recipe.width)
    if any(recipe.data.glob("*annotation-train.csv")):
        return AnnotatedPairs(recipe.data, "test" if held_out else "train", size)
    split = "val" if held_out else "train"
    return PeoplePairs(read_packs(recipe.data, recipe.packs, split), size)


class Pairs(NamedTuple):
    """What the generator paints, and real pairs for the discriminator drawn apart from it."""

    painted: PairBatch
    real: PairBatch


class DeformablePaperTask:
    """The recipe as a :class:`trainer.task.Task`."""

    def __init__(self, recipe: DeformablePaperRecipe) -> None:
        self.recipe = recipe
        recipe.network(alpha=False)  # says at once if the size is wrong
        self.pairs = read_pairs_of(recipe, held_out=False)
        self.held_out = read_pairs_of(recipe, held_out=True)
        self.config = recipe.network(self.pairs.alpha)
        self.network: nn.Module = PaperGenerator(self.config)

    def setup(self, fabric: Fabric) -> None:
        """Place modules on the device and build the optimisers."""
        self.fabric = fabric
        self.network, self.optimiser = self._placed(self.network)
        self.judge, self.judge_optimiser = self._placed(PoseDiscriminator(self.recipe.channels))
        if self.recipe.ablation == "full":
            features = Perceptual(self.recipe.perceptual, ("relu1_2",))
            self.features = features.to(fabric.device)

    def _placed(self, module: nn.Module) -> tuple[Any, Any]:
        module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        adam = torch.optim.Adam(
            module.parameters(), lr=self.recipe.rate, betas=(0.5, 0.999), fused=True
        )
        return self.fabric.setup(module, adam)

    def batch(self, rng: np.random.Generator, size: int) -> Pairs:
        """Pairs for the generator, and others for the discriminator."""
        return Pairs(self._drawn(rng, size), self._drawn(rng, size))

    def _drawn(self, rng: np.random.Generator, size: int) -> PairBatch:
        picked = rng.integers(len(self.pairs), size=size)
        return stacked([self.pairs.pair(int(i), rng) for i in picked])

    def step(self, batch: Pairs, rate: float, progress: float) -> Mapping[str, float]:
        """One update of the generator and one of the discriminator."""
        for optimiser in (self.optimiser, self.judge_optimiser):
            for group in optimiser.param_groups:
                group["lr"] = self.recipe.rate * rate
        pairs, real = (self.fabric.to_device(part) for part in batch)
        losses, flat = self._painted(pairs)
        verdict = self._judged(pairs, flat, real)
        total = torch.stack(list(losses.values())).sum() + (flat * verdict.gradient).sum()
        self.optimiser.zero_grad()
        self.fabric.backward(total)
        if finite(total):
            self.optimiser.step()
        losses |= {"fool": verdict.fool, "judge": verdict.judge}
        return {name: float(value.detach()) for name, value in losses.items()}

    def _painted(self, pairs: PairBatch) -> tuple[dict[str, Tensor], Tensor]:
        """The generator's losses without the discriminator's, and its pictures on white."""
        made = self.network(pairs.source, pairs.source_joints, pairs.target_joints)
        flat, losses = _on_white(made), dict[str, Tensor]()
        if self.recipe.ablation == "full":
            losses["nearest"] = self.recipe.nearest_weight * self._nearest(flat, pairs.target)
        else:
            losses["pixels"] = self.recipe.pixel_weight * (flat - pairs.target).abs().mean()
        if self.config.alpha:
            losses["matte"] = matte_loss(_alpha(made), pairs.alpha)
        return losses, flat

    def _nearest(self, flat: Tensor, target: Tensor) -> Tensor:
        """In the features' published unit: a network that reads 0..255."""
        with self.fabric.autocast():
            (wanted,) = self.features(target / 2 + 0.5)
            (found,) = self.features(flat / 2 + 0.5)
        spread = self.features.spread
        unit = 1.0 if spread == 1 else 255 * spread
        return unit * nearest_loss(found.float(), wanted.float(), self.recipe.area)

    def _judged(self, pairs: PairBatch, flat: Tensor, real: PairBatch) -> Verdict:
        """One update of the discriminator: real pairs are to be told from painted ones.

        The published order runs it on a painted picture for each of the two; here it runs once, and
        the generator receives the gradient.
        """
        leaf = flat.detach().requires_grad_()
        shown = pairs._replace(target=leaf), real
        seen = (torch.cat(column) for column in zip(*(_seen(p) for p in shown), strict=True))
        fake, true = self.judge(*seen).split([len(leaf), len(real.target)])
        fool = self.recipe.adversarial * F.softplus(-fake).mean()
        self.fabric.backward(fool, inputs=[leaf], retain_graph=True)
        assert leaf.grad is not None
        judge = F.softplus(fake).mean() + F.softplus(-true).mean()
        self.judge_optimiser.zero_grad()
        self.fabric.backward(judge, inputs=list(self.judge.parameters()))
        if finite(judge):
            self.judge_optimiser.step()
        return Verdict(leaf.grad, fool.detach(), judge.detach())

    @torch.no_grad()
    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Held-out pairs: source, target, painted; four pairs a row."""
        tiles = []
        for index in self._spread(_SHEET_PAIRS):
            pair, made = self._apply(network, index)
            tiles.append(np.hstack([_pixels(pair.source), _pixels(pair.target), made]))
        tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % 4)
        return np.vstack([np.hstack(tiles[i : i + 4]) for i in range(0, len(tiles), 4)])

    @torch.no_grad()
    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Held-out pairs: L1 in 0..1 and SSIM to the target, and those of the source copied."""
        sums: dict[str, float] = {}
        picked = self._spread(_VALIDATED)
        for index in picked:
            pair, made = self._apply(network, index)
            target = _pixels(pair.target)
            for name, picture in (("", made), ("copy_", _pixels(pair.source))):
                apart = float(np.abs(picture.astype(float) - target).mean() / 255)
                sums[f"{name}l1"] = sums.get(f"{name}l1", 0.0) + apart
                sums[f"{name}ssim"] = sums.get(f"{name}ssim", 0.0) + ssim(picture, target)
        return {name: value / len(picked) for name, value in sums.items()}

    def _spread(self, count: int) -> list[int]:
        """Indices of held-out pairs, far from each other."""
        count = min(count, len(self.held_out))
        return [i * len(self.held_out) // count for i in range(count)]

    def _apply(self, network: nn.Module, index: int) -> tuple[PairBatch, NDArray[np.uint8]]:
        pair = stacked([self.held_out.pair(index, np.random.default_rng(index))])
        given = self.fabric.to_device(pair)
        with self.fabric.autocast():
            made = network(given.source, given.source_joints, given.target_joints)
        return pair, _pixels(_on_white(made))

    def state(self) -> dict[str, Any]:
        """Generator, discriminator and their optimisers."""
        names = ("network", "optimiser", "judge", "judge_optimiser")
        return {name: getattr(self, name).state_dict() for name in names}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        for name, part in state.items():
            getattr(self, name).load_state_dict(part)

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The exported model's card."""
        protocol = f"{_VALIDATED} held-out pairs, EMA weights; copy_ = the source unchanged"
        return Card(
            id=self.recipe.model_id,
            architecture="deformable-paper",
            title=f"Deformable GAN, {self.recipe.ablation}",
            summary="Reposes the person of a photo by moving features part by part, as published.",
            config=asdict(self.config),
            takes=("FromPhoto",),
            side=self.recipe.height,
            alpha=self.config.alpha,
            data=f"{len(self.pairs)} {'people' if self.config.alpha else 'annotated pairs'}",
            terms="as the training photos allow",
            commercial=False,
            command=command,
            metrics={k: {"value": round(v, 4), "protocol": protocol} for k, v in metrics.items()},
        )


def _seen(pairs: PairBatch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What the discriminator sees of pairs."""
    return pairs.source, pairs.source_joints, pairs.target, pairs.target_joints


def _alpha(made: Tensor) -> Tensor:
    return made[:, 3:] / 2 + 0.5


def _on_white(made: Tensor) -> Tensor:
    """(B, 3, H, W) in -1..1 of a painted picture, with or without alpha."""
    if made.shape[1] == 3:
        return made
    return over(made[:, :3], _alpha(made), made.new_ones(()))


def _pixels(pictures: Tensor) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 of the first of (B, 3, H, W) in -1..1."""
    values = (pictures[0].float() * 127.5 + 127.5).round().clamp(0, 255)
    return values.to(torch.uint8).permute(1, 2, 0).cpu().numpy()
