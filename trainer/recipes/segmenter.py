"""How the reader of scenes is trained, and the judge of painted scenes, which is another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
from engine.errors import InputError
from engine.perception.segments_network import STRIDE, SegmentsConfig, SegmentsNet
from trainer.data.scene_batches import SceneBatch, SceneBatches, Varied, stack, whole
from trainer.data.scenes import DONT_CARE, SceneFolder, find_scenes, labels_of
from trainer.loop import RunOptions, run
from trainer.losses import finite
from trainer.metrics.segmentation import agreement, confusion
from trainer.recipes.people import set_rate
from trainer.recipes.pix2pixhd_looks import seen_classes
from trainer.recipes.scene_packs import PACKS, Pack

_ROWS = 6
_RARE = 0.5
"""Power by which rare classes count more: 0 = all pixels alike, 1 = all classes alike."""


@dataclass(frozen=True)
class SegmenterRecipe:
    """Options of `guise train segmenter`."""

    data: Path
    """Folder with {train,val}_{label,img}, or Cityscapes' own trees."""
    size: tuple[int, int] = (160, 224)
    """Height and width of the crops; multiples of 32."""
    channels: tuple[int, int, int, int, int] = (16, 32, 48, 72, 96)
    """Of the network at 1/2 to 1/32 of the photo."""
    side: int = 256
    """Longest side, in pixels, at which photos are read."""
    varied: Varied = Varied(closest=0.5, light=0.15, repainted=0.1, erased=0.0)  # noqa: RUF009
    """How scenes are varied."""
    rate: float = 2e-3
    """Learning rate."""
    start: Path | None = None
    """Model to start from."""
    model_id: str = "street-reader"
    """Id on the exported card."""


PRESETS: dict[str, dict[str, Any]] = {
    "small": {},
    "judge": {"channels": (24, 40, 80, 120, 160), "model_id": "street-judge", "rate": 1.5e-3},
    "base": {"channels": (32, 64, 128, 192, 256), "size": (256, 512), "side": 512},
}
"""`judge` says whether painted scenes show what they should; it must not be the bundled reader."""


def train_segmenter(recipe: SegmenterRecipe, options: RunOptions) -> Path:
    """Train the reader of scenes; returns the exported model's path."""
    return run(SegmenterTask(recipe), options)


class SegmenterTask:
    """The reader of scenes as the loop trains it; see :class:`trainer.task.Task`."""

    def __init__(self, recipe: SegmenterRecipe) -> None:
        if any(side <= 0 or side % STRIDE for side in recipe.size):
            raise InputError(f"--size needs multiples of {STRIDE}.")
        self.recipe = recipe
        self.folder = find_scenes(recipe.data, "train")
        if not self.folder.classes:
            raise InputError(f"{recipe.data} has pictures instead of labels; nothing can be told.")
        known = labels_of(recipe.data)
        outputs = tuple(sorted(seen_classes(self.folder) & set(known.ids) - {known.void}))
        self.config = SegmentsConfig(known, outputs, recipe.channels, recipe.side)
        self.bare = SegmentsNet(self.config)
        if recipe.start is not None:
            self.bare.load_state_dict(weights.load(recipe.start).tensors)
        self.network: Any = self.bare
        self.batches = SceneBatches(self.folder, recipe.size, recipe.varied)
        self.held_out = _scenes(find_scenes(recipe.data, "val"), recipe.size)
        self.channel = channels_by_id(outputs)

    def setup(self, fabric: Fabric) -> None:
        """Place the network on the device and build the optimiser."""
        self.fabric = fabric
        network = self.network.to(memory_format=torch.channels_last)
        optimiser = torch.optim.AdamW(
            network.parameters(), lr=self.recipe.rate, betas=(0.9, 0.99), weight_decay=1e-3
        )
        self.network, self.optimiser = fabric.setup(network, optimiser)
        self.shares = torch.ones(len(self.config.outputs), device=fabric.device)

    def batch(self, rng: np.random.Generator, size: int) -> SceneBatch:
        """Random crops of photos with their labels."""
        return self.batches.batch(rng, size)

    def step(self, batch: SceneBatch, rate: float, progress: float) -> Mapping[str, float]:
        """One update; a loss that is not finite skips it."""
        del progress
        set_rate(self.optimiser, self.recipe.rate * rate)
        truth = self.channel[batch.labels[:, 1::2, 1::2].long()]
        photos, truth = (self.fabric.to_device(t) for t in (batch.photos, truth))
        logits = self.network(photos)
        self._count(truth)
        weight = self.shares.mean() / self.shares.clamp_min(self.shares.mean() * 1e-3)
        loss = F.cross_entropy(logits, truth, weight=weight**_RARE, ignore_index=-1)
        self.optimiser.zero_grad()
        self.fabric.backward(loss)
        if finite(nn.utils.clip_grad_norm_(self.bare.parameters(), 2.0)):
            self.optimiser.step()
        return {"labels": float(loss.detach())}

    def _count(self, truth: Tensor) -> None:
        """Follow how many pixels each class has in a batch."""
        counts = torch.bincount(truth[truth >= 0], minlength=len(self.shares)).float()
        self.shares = 0.99 * self.shares + 0.01 * counts / counts.sum().clamp_min(1)

    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Held-out photos, their labels and what the network reads, side by side."""
        found = self._found(network)
        colours = self.config.label_set.colours
        rows = []
        for n in range(min(_ROWS, len(found))):
            photo = (self.held_out.photos[n].permute(1, 2, 0).numpy() + 1) * 127.5
            truth = colours[self.held_out.labels[n].numpy()]
            rows.append(np.hstack([photo.round().astype(np.uint8), truth, colours[found[n]]]))
        return np.vstack(rows)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """mIoU and accuracy on held-out photos, pixels that do not count left out."""
        found = self._found(network)
        truth = self.held_out.labels.numpy()
        void = self.config.label_set.void
        counts = confusion(np.where(truth == void, DONT_CARE, truth), found, DONT_CARE)
        result = agreement(counts)
        return {"miou": result.miou, "accuracy": result.accuracy}

    @torch.no_grad()
    def _found(self, network: nn.Module) -> NDArray[np.int64]:
        """(N, H, W) ids of the held-out photos."""
        ids = np.array(self.config.outputs)
        with self.fabric.autocast():
            made = [network(self.fabric.to_device(p[None])) for p in self.held_out.photos]
        logits = F.interpolate(torch.cat(made).float(), scale_factor=2.0, mode="bilinear")
        return ids[logits.argmax(1).cpu().numpy()]

    def state(self) -> dict[str, Any]:
        """Network, optimiser and the shares of the classes."""
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "shares": self.shares,
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.shares = state["shares"].to(self.fabric.device)

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The card of the exported reader."""
        recipe = self.recipe
        about = PACKS.get(recipe.data.name, Pack(f"the photos of {recipe.data.name}"))
        protocol = (
            f"held-out scenes at {recipe.size[1]} x {recipe.size[0]} px, EMA weights, classes "
            "that occur there, pixels without a class left out"
        )
        return Card(
            id=recipe.model_id,
            architecture="segments",
            title="Scene reader",
            summary="Finds the labels of a photo, to start a scene from it.",
            config=asdict(self.config),
            label_set=self.config.label_set.name,
            shape="LabelMap",
            side=recipe.side,
            alpha=False,
            data=about.data,
            terms=about.terms,
            commercial=False,
            command=command,
            metrics={k: {"value": round(v, 4), "protocol": protocol} for k, v in metrics.items()},
        )


def channels_by_id(outputs: tuple[int, ...]) -> Tensor:
    """(256,) channel of every id; -1 for those that the network does not tell."""
    table = torch.full((DONT_CARE + 1,), -1, dtype=torch.long)
    table[list(outputs)] = torch.arange(len(outputs))
    return table


def _scenes(folder: SceneFolder, size: tuple[int, int]) -> SceneBatch:
    picked = np.linspace(0, len(folder) - 1, min(48, len(folder))).astype(int)
    return stack([whole(folder.load(int(n)), size) for n in picked])
