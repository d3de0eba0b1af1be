"""How the reader of lines is trained: product photos and their edge pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from engine.card import Card
from engine.errors import InputError
from engine.perception.edges import EdgesReader
from engine.perception.edges_network import STRIDE, EdgesConfig, EdgesNet
from engine.runtime import Runtime
from trainer.data.edges import Changes, EdgesBatch, LinePhotos
from trainer.data.products import Direction, Products, read_products
from trainer.loop import RunOptions, run
from trainer.losses import finite
from trainer.recipes.edges_judging import TOLERANCE, best_threshold, score
from trainer.recipes.people import set_rate

_ROWS = 4
"""Photos of each pack on a sheet."""
_TUNED = 40
"""Training photos of each pack on which the threshold is chosen."""


@dataclass(frozen=True)
class EdgesRecipe:
    """Options of `guise train edges`."""

    data: Path
    """Folder of the packs."""
    packs: tuple[str, ...] = ("shoes256", "bags256", "shoes128")
    """Folders below it: {train,val}/{photos,edges} paired by name, or side-by-side pictures."""
    direction: Direction = "AtoB"
    """Of side-by-side pictures: AtoB = the edges are on the left, BtoA = on the right."""
    sizes: tuple[int, ...] = (256, 256, 128)
    """Side in pixels at which each pack is read; its edges should have been made at that size."""
    crop: int = 128
    """Side of the training squares; a multiple of 16 and no larger than any size."""
    rate: float = 1.5e-3
    """Learning rate."""
    emphasis: float = 2.0
    """How much more a pixel of a line counts than one of the paper."""
    changes: Changes = field(default_factory=Changes)
    """How often each change is made to a photo."""
    network: EdgesConfig = field(default_factory=EdgesConfig)
    """Sizes of the network."""
    model_id: str = "edges"
    """Id on the exported card."""


PRESETS: dict[str, dict[str, Any]] = {
    "small": {},
    "base": {"crop": 128, "network": EdgesConfig((48, 80, 112, 128))},
}


def train_edges(recipe: EdgesRecipe, options: RunOptions) -> Path:
    """Train the reader of lines; returns the exported model's path."""
    return run(EdgesTask(recipe), options)


class EdgesTask:
    """The reader of lines as the loop trains it; see :class:`trainer.task.Task`."""

    def __init__(self, recipe: EdgesRecipe) -> None:
        if len(recipe.sizes) != len(recipe.packs):
            raise InputError("--sizes needs one value for each of --packs.")
        if recipe.crop % STRIDE or recipe.crop > min(recipe.sizes):
            raise InputError(f"--crop must be a multiple of {STRIDE} and fit into all --sizes.")
        self.recipe = recipe
        self.train, self.held_out = (_packs(recipe, split) for split in ("train", "val"))
        self.photos = LinePhotos(self.train, recipe.changes)
        self.threshold = recipe.network.threshold
        self.network: Any = EdgesNet(recipe.network)

    def setup(self, fabric: Fabric) -> None:
        """Place the network on the device and build the optimiser."""
        self.fabric = fabric
        network = self.network.to(memory_format=torch.channels_last)
        optimiser = torch.optim.AdamW(
            network.parameters(), lr=self.recipe.rate, betas=(0.9, 0.99), weight_decay=1e-3
        )
        self.network, self.optimiser = fabric.setup(network, optimiser)

    def batch(self, rng: np.random.Generator, size: int) -> EdgesBatch:
        """Random squares of photos, each changed at random."""
        cv2.setNumThreads(1)
        return self.photos.batch(rng, size, self.recipe.crop)

    def step(self, batch: EdgesBatch, rate: float, progress: float) -> Mapping[str, float]:
        """One update; a loss that is not finite skips it."""
        del progress
        set_rate(self.optimiser, self.recipe.rate * rate)
        photos, strength = (self.fabric.to_device(t) for t in batch)
        loss = line_loss(self.network(photos), strength, self.recipe.emphasis)
        self.optimiser.zero_grad()
        self.fabric.backward(loss)
        if finite(nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)):
            self.optimiser.step()
        return {"line": float(loss.detach())}

    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Held-out photos, their edges and what the network draws, side by side."""
        reader = self._reader(network)
        return np.vstack([_shown(reader, pack) for pack in self.held_out])

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """F, precision and recall of each pack's held-out photos.

        The threshold is the best of those tried on some training photos.
        """
        reader = self._reader(network)
        self.threshold = best_threshold(reader, self.train, _TUNED)
        reader = self._reader(network)
        figures: dict[str, float] = {"threshold": self.threshold}
        for name, pack in zip(self.recipe.packs, self.held_out, strict=True):
            made = score(pack.lines, [reader.lines(photo) for photo in pack.photos])
            figures |= {f"{name}_{k}": v for k, v in made._asdict().items()}
        return figures

    def _reader(self, network: nn.Module) -> EdgesReader:
        assert isinstance(network, EdgesNet)
        runtime = Runtime(self.fabric.device, torch.float32)
        return EdgesReader(self.card("", {}), network, runtime, self._config())

    def _config(self) -> EdgesConfig:
        return replace(self.recipe.network, threshold=self.threshold)

    def state(self) -> dict[str, Any]:
        """Network and optimiser."""
        return {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The card of the exported reader."""
        protocol = (
            f"held-out photos, matched within {TOLERANCE:g} px after thinning both, threshold "
            "chosen on training photos, EMA weights, fp32"
        )
        return Card(
            id=self.recipe.model_id,
            architecture="edges",
            title="Line reader",
            summary="Draws the lines of a photo, to start a sketch from it or to train on.",
            config=asdict(self._config()),
            shape="Sketch",
            side=self.recipe.network.side,
            alpha=False,
            data=(
                "packs " + ", ".join(self.recipe.packs) + ", their train photos only; their edges "
                "were made with HED; see the README for their sources"
            ),
            terms="research data: product photos of catalogues, no licence stated",
            commercial=False,
            command=command,
            metrics={k: {"value": round(v, 4), "protocol": protocol} for k, v in metrics.items()},
        )


def line_loss(logits: Tensor, strength: Tensor, emphasis: float) -> Tensor:
    """Cross-entropy with the (B, 1, H, W) strengths 0..1, lines counting 1 + `emphasis` times."""
    each = F.binary_cross_entropy_with_logits(logits, strength, reduction="none")
    return (each * (1 + emphasis * strength)).mean()


def _packs(recipe: EdgesRecipe, split: str) -> list[Products]:
    return [
        read_products(recipe.data, (name,), split, side, recipe.direction)
        for name, side in zip(recipe.packs, recipe.sizes, strict=True)
    ]


def _shown(reader: EdgesReader, pack: Products) -> NDArray[np.uint8]:
    """A row of triples 128 px wide: photo, edges, what the reader draws."""
    cells: list[NDArray[np.uint8]] = []
    for index in np.linspace(0, len(pack) - 1, _ROWS).astype(int):
        drawn = (pack.lines[index], reader.lines(pack.photos[index]))
        pictures = [np.where(lines, 0, 255).astype(np.uint8) for lines in drawn]
        cells.append(pack.photos[index])
        cells += [np.dstack([gray] * 3) for gray in pictures]
    return np.hstack([_at(cell, 128) for cell in cells])


def _at(cell: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(cell, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
