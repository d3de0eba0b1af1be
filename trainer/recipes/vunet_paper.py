"""The published VUNet (Esser et al., CVPR 2018): every photo painted again from shape and look.

The authors trained 100,000 steps of 8 pictures of 256 px or 16 of 128 px, which is
`--batch 8 --images 800000`, and a second round of the same length with stronger textures: the
`retrain` presets with `--start`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from engine import weights
from engine.card import Card
from engine.errors import InputError
from engine.painters.vunet.paper_network import (
    PaperVunet,
    PaperVunetConfig,
    Reconstruction,
    divergences,
)
from trainer.data.coco import PersonSample
from trainer.data.figures import FigureBatch, Figures
from trainer.data.index_p import read_index_people
from trainer.data.people_folders import read_packs
from trainer.loop import RunOptions, run
from trainer.losses import finite
from trainer.metrics.similarity import ssim
from trainer.networks.perceptual import Perceptual
from trainer.recipes.people import set_rate

TAPS = tuple(f"relu{block}_2" for block in range(1, 6))
"""Layers whose features are compared, after the pixels themselves."""
_LIKELIHOOD = 5.0
_START_PICTURES = 32
"""Pictures from which the layers start: four batches, as published."""
_SHEET_ROWS = 8
_VALIDATED = 48

Gram = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class VunetPaperRecipe:
    """Options of `guise train vunet-paper`."""

    data: Path
    """A folder with VUNet's index.p, or the folder that holds the packs."""
    packs: tuple[str, ...] = ("people", "athletes")
    """COCO key-point folders below it, where there is no index."""
    index: Path = Path("index.p")
    """VUNet's index, below the data folder or anywhere else."""
    network: PaperVunetConfig = field(default_factory=PaperVunetConfig)
    """Sizes of the network."""
    rate: float = 1e-3
    """Learning rate: constant for 1 % of the run, then falling to 0 in a line."""
    feature_weight: float = 1.0
    """Weight of pixels and features in the likelihood."""
    gram: Gram = (0.0, 0.01, 0.01, 0.01, 0.01, 0.01)
    """Weights of the Gram matrices of pixels and features."""
    mirror: bool = False
    """Show half of the photos mirrored; the authors did not."""
    perceptual: str = "vgg19"
    """vgg19, bundled, auto, hed, or a weight file."""
    start: Path | None = None
    """A model of a first round to start from."""
    model_id: str = "vunet-paper"
    """Id on the exported card."""


_SMALL = PaperVunetConfig(128, 1, 1, dropout=0.1)
_NO_GRAM: Gram = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
PRESETS: dict[str, dict[str, Any]] = {
    "paper256": {},
    "paper128": {"network": _SMALL, "gram": _NO_GRAM},
    "retrain256": {"feature_weight": 2.0, "gram": (0.0, *[0.02] * 5)},
    "retrain128": {"network": _SMALL, "gram": (0.0, 0.05, 0.05, 0.0, 0.0, 0.0)},
    "base": {"network": PaperVunetConfig(crops="feet", prior=160), "mirror": True},
    "tiny": {"network": PaperVunetConfig(32, 1, 1, 8, 16, crops="feet", prior=16)},
}


def train_vunet_paper(recipe: VunetPaperRecipe, options: RunOptions) -> Path:
    """Train one round; returns the exported model's path."""
    return run(VunetPaperTask(recipe), options)


def learning_rate(progress: float) -> float:
    """Share of the learning rate at a share of the run."""
    return min(1.0, (1 - progress) / 0.99)


def divergence_weight(progress: float) -> float:
    """Next to nothing for half of the run, then in a line to 1 at three quarters."""
    return float(np.interp(progress, (0.5, 0.75), (1e-6, 1.0)))


class VunetPaperTask:
    """The recipe as a :class:`trainer.task.Task`."""

    def __init__(self, recipe: VunetPaperRecipe) -> None:
        self.recipe = recipe
        self.indexed = (recipe.data / recipe.index).is_file()
        samples = [self._samples(split) for split in ("train", "val")]
        cut_out = any(sample.masked for sample in samples[0])
        self.config = replace(recipe.network, whole=not cut_out)
        self.figures, self.held_out = (Figures(people, self.config) for people in samples)
        self.bare = PaperVunet(self.config)
        self.network: Any = self.bare

    def _samples(self, split: str) -> list[PersonSample]:
        if self.indexed:
            return read_index_people(self.recipe.data / self.recipe.index, split)
        return read_packs(self.recipe.data, self.recipe.packs, split)

    def setup(self, fabric: Fabric) -> None:
        """Place modules on the device, start the layers from data, and build the optimiser."""
        self.fabric = fabric
        network = self.network.to(memory_format=torch.channels_last)
        adam = torch.optim.Adam(
            network.parameters(), lr=self.recipe.rate, betas=(0.5, 0.9), fused=True
        )
        self.network, self.optimiser = fabric.setup(network, adam)
        self.features = Perceptual(self.recipe.perceptual, TAPS).to(fabric.device)
        if self.recipe.start is None:
            first = self.batch(np.random.default_rng(0), _START_PICTURES)
            _, shape, crops = (fabric.to_device(part) for part in first)
            self.bare.start_from(shape, crops)
        else:
            self._read(self.recipe.start)

    def _read(self, start: Path) -> None:
        tensors = weights.load(start).tensors
        try:
            self.bare.load_state_dict({name: value.float() for name, value in tensors.items()})
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"{start} does not fit this preset's network ({reason}).") from None

    def batch(self, rng: np.random.Generator, size: int) -> FigureBatch:
        """Photos drawn at random."""
        indices = rng.integers(len(self.figures), size=size).tolist()
        flips = (rng.random(size) < (0.5 if self.recipe.mirror else 0.0)).tolist()
        return self.figures.batch(indices, flips)

    def step(self, batch: FigureBatch, rate: float, progress: float) -> Mapping[str, float]:
        """One update; of the loop's rate only the rise is left, `--warmup 1` is as published."""
        set_rate(self.optimiser, self.recipe.rate * min(rate, learning_rate(progress)))
        picture, shape, crops = (self.fabric.to_device(part) for part in batch)
        found: Reconstruction = self.network(shape, crops)
        losses = self.likelihood(found.picture, picture)
        apart = divergences(found)
        losses["divergence"] = divergence_weight(progress) * torch.stack(apart).sum()
        total = torch.stack(list(losses.values())).sum()
        self.optimiser.zero_grad()
        self.fabric.backward(total)
        if finite(total):
            self.optimiser.step()
        losses |= self._latents(found, apart)
        return {name: float(value.detach()) for name, value in losses.items()}

    def likelihood(self, painted: Tensor, truth: Tensor) -> dict[str, Tensor]:
        """Distances of pixels, features and textures, weighted, in units of 0..255.

        Gram matrices are F^T F / 4hw, compared by their mean absolute difference.
        """
        spread = self.features.spread
        unit = 1.0 if spread == 1 else 255 * spread
        with self.fabric.autocast():
            with torch.no_grad():
                wanted = self.features(truth / 2 + 0.5)
            found = self.features(painted / 2 + 0.5)
        pairs = [(painted * 127.5, truth * 127.5)]
        pairs += [(a.float() * unit, b.float() * unit) for a, b in zip(found, wanted, strict=True)]
        apart = [(a - b).abs().mean() for a, b in pairs]
        losses = {"pixels": apart[0], "features": torch.stack(apart[1:]).sum()}
        losses = {name: self.recipe.feature_weight * loss for name, loss in losses.items()}
        if any(self.recipe.gram):
            textures = zip(self.recipe.gram, pairs, strict=True)
            parts = [w * (_gram(a) - _gram(b)).abs().mean() for w, (a, b) in textures if w]
            losses["gram"] = torch.stack(parts).sum()
        return {name: _LIKELIHOOD * loss for name, loss in losses.items()}

    def _latents(self, found: Reconstruction, apart: list[Tensor]) -> dict[str, Tensor]:
        """In nats a picture at each scale: KL(q | p), and how far q and p are from N(0, 1).

        A latent that has collapsed shows as a `kl` near 0.
        """
        figures: dict[str, Tensor] = {}
        scales = zip(self.config.latent_sides(), apart, found.posterior, found.prior, strict=True)
        for side, kl, posterior, prior in scales:
            figures[f"kl_{side}"] = kl
            for name, mean in (("posterior", posterior), ("prior", prior)):
                figures[f"{name}_{side}"] = 0.5 * mean.square().flatten(1).sum(1).mean()
        return figures

    @torch.no_grad()
    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Held-out people: photo, figure, painted again, the next one's look, two invented ones."""
        assert isinstance(network, PaperVunet)
        batch = self._held_out(_SHEET_ROWS)
        picture, shape, crops = (self.fabric.to_device(part) for part in batch)
        with self.fabric.autocast():
            look = network.encode(crops)
            looks = [look, [z.roll(-1, 0) for z in look]]
            for seed in (1, 2):
                looks.append(network.sample(shape, [seed] * len(shape)))
            painted = [network.paint(shape, each) for each in looks]
        columns = [_pixels(part) for part in (picture, shape, *painted)]
        return np.vstack([np.hstack(row) for row in zip(*columns, strict=True)])

    @torch.no_grad()
    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Held-out people painted again: L1 in 0..1, SSIM, and KL(q | p) in nats a picture."""
        assert isinstance(network, PaperVunet)
        sums = {"l1": 0.0, "ssim": 0.0, "kl": 0.0}
        indices = self._spread(_VALIDATED)
        for index in indices:
            batch = self.held_out.batch([index])
            picture, shape, crops = (self.fabric.to_device(part) for part in batch)
            with self.fabric.autocast():
                made = network.reconstruct(shape, crops)
                kl = torch.stack(divergences(network(shape, crops))).sum()
            mine, theirs = _pixels(made)[0], _pixels(picture)[0]
            sums["l1"] += float(np.abs(mine.astype(float) - theirs).mean() / 255)
            sums["ssim"] += ssim(mine, theirs)
            sums["kl"] += float(kl)
        return {name: value / len(indices) for name, value in sums.items()}

    def _held_out(self, count: int) -> FigureBatch:
        return self.held_out.batch(self._spread(count))

    def _spread(self, count: int) -> list[int]:
        """Indices of held-out people, far from each other."""
        count = min(count, len(self.held_out))
        return [i * len(self.held_out) // count for i in range(count)]

    def state(self) -> dict[str, Any]:
        """Network and optimiser."""
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The exported model's card."""
        protocol = f"{len(self._spread(_VALIDATED))} held-out people, EMA weights"
        source = "VUNet's index" if self.indexed else "packs " + ", ".join(self.recipe.packs)
        return Card(
            id=self.recipe.model_id,
            architecture="vunet-paper",
            title="VUNet",
            summary="Paints people from a look that can be taken from photos, invented, or mixed, "
            "as published.",
            config=asdict(self.config),
            takes=("FromPhoto", "Sampled", "Mix", "Parts"),
            side=self.config.size,
            alpha=False,
            data=f"{len(self.figures)} people; {source}",
            terms="as the training photos allow",
            commercial=False,
            command=command,
            metrics={k: {"value": round(v, 4), "protocol": protocol} for k, v in metrics.items()},
        )


def _gram(features: Tensor) -> Tensor:
    """(B, C, C)."""
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2) / (4 * flat.shape[2])


def _pixels(pictures: Tensor) -> NDArray[np.uint8]:
    """(B, H, W, 3) uint8 of (B, 3, H, W) in -1..1."""
    values = (pictures.float() * 127.5 + 127.5).round().clamp(0, 255)
    return values.to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
