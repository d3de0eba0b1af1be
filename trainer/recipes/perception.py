"""How the person reader is trained: photos with joints and masks, changed at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.card import Card
from engine.errors import InputError
from engine.perception.lite0 import Conv, from_lite0
from engine.perception.network import HEAT_STRIDE, PersonNet, PersonNetConfig
from engine.perception.reader import Reader
from engine.photo import Photo
from engine.runtime import Runtime
from engine.shapes.pose import LIMBS
from trainer.data.augment import Amounts, Subject, scene
from trainer.data.coco import PersonSample
from trainer.data.people_folders import read_packs
from trainer.loop import RunOptions, run
from trainer.metrics.reading import reading_figures

SPREAD = 1.2
"""Standard deviation of a joint's target in heatmap cells."""


@dataclass(frozen=True)
class PerceptionRecipe:
    """Options of `guise train perception`."""

    data: Path
    """Folder of the packs."""
    packs: tuple[str, ...] = ("people", "athletes")
    """COCO key-point folders to learn from; each is validated apart."""
    shares: tuple[float, ...] = ()
    """How often each pack is drawn from; empty = as its number of photos."""
    init: Path | None = None
    """EfficientNet-Lite0 state dict (.pth) to start the encoder from."""
    rate: float = 1.2e-3
    """Learning rate of the decoder."""
    encoder_rate: float = 4e-4
    """Learning rate of the encoder."""
    sides: tuple[int, ...] = (160, 192, 224)
    """Sides of the square training pictures; each batch takes one."""
    amounts: Amounts = field(default_factory=Amounts)
    """How often each change is made."""
    network: PersonNetConfig = field(default_factory=PersonNetConfig)


PRESETS: dict[str, dict[str, Any]] = {
    "small": {},
    "base": {
        "sides": (192, 224, 256),
        "network": PersonNetConfig(decoder=[192, 128, 96, 48], side=256),
    },
}


def train_perception(recipe: PerceptionRecipe, options: RunOptions) -> Path:
    """Train the person reader; returns the exported model's path."""
    return run(PerceptionTask(recipe), options)


class Batch(NamedTuple):
    """N training pictures of side S.

    Attributes:
        picture: (N, S, S, 3) uint8 RGB.
        mask: (N, 1, S/2, S/2) uint8, 255 = the person.
        xy: (N, 18, 2) float32 joints in pixels.
        presence: (N, 18) uint8 of Presence.
    """

    picture: Tensor
    mask: Tensor
    xy: Tensor
    presence: Tensor


class PerceptionTask:
    """The person reader as the loop trains it; see :class:`trainer.task.Task`."""

    network: nn.Module

    def __init__(self, recipe: PerceptionRecipe) -> None:
        self.recipe = recipe
        self.train = read_packs(recipe.data, recipe.packs, "train")
        self.held_out = read_packs(recipe.data, recipe.packs, "val")
        if not self.train:
            raise InputError(f"{recipe.data} has no annotated people to learn from.")
        if len(recipe.shares) not in (0, len(recipe.packs)):
            raise InputError("--shares needs one value for each of --packs.")
        self._odds = _odds(self.train, recipe)
        self._cache: dict[int, Subject] = {}
        self._protocols: dict[str, str] = {}

    def setup(self, fabric: Fabric) -> None:
        """Network (encoder from `init` if given), optimiser, device."""
        net = PersonNet(self.recipe.network)
        if self.recipe.init is not None:
            start_from(net, self.recipe.init)
        net = net.to(memory_format=torch.channels_last)
        split = [
            {"params": [p for p in part if p.requires_grad], "lr": rate, "base": rate}
            for part, rate in (
                (net.encoder.parameters(), self.recipe.encoder_rate),
                ([p for n, p in net.named_parameters() if "encoder." not in n], self.recipe.rate),
            )
        ]
        optimizer = torch.optim.AdamW(split, betas=(0.9, 0.99), weight_decay=0.01)
        self._fabric = fabric
        self.network, self._optimizer = fabric.setup(net, optimizer)

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Random photos, each changed at random, at one of the recipe's sides."""
        cv2.setNumThreads(1)
        side = int(rng.choice(self.recipe.sides))

        def draw() -> Subject:
            return self._subject(int(rng.choice(len(self.train), p=self._odds)))

        scenes = [scene(rng, draw(), side, draw, self.recipe.amounts) for _ in range(size)]
        half = (side // 2, side // 2)
        masks = [cv2.resize(s.mask, half, interpolation=cv2.INTER_AREA) for s in scenes]
        return Batch(
            torch.from_numpy(np.stack([s.picture for s in scenes])),
            torch.from_numpy(np.stack(masks))[:, None],
            torch.from_numpy(np.stack([s.xy for s in scenes])).float(),
            torch.from_numpy(np.stack([s.presence for s in scenes])),
        )

    def _subject(self, index: int) -> Subject:
        if index not in self._cache:
            sample = self.train[index]
            photo, mask = sample.read()
            self._cache[index] = Subject(photo, mask, sample.pose.xy, sample.pose.presence)
        return self._cache[index]

    def step(self, batch: Batch, rate: float, progress: float) -> Mapping[str, float]:
        """One update; a loss that is not finite skips it."""
        del progress
        for group in self._optimizer.param_groups:
            group["lr"] = group["base"] * rate
        batch = Batch(*(part.to(self._fabric.device) for part in batch))
        picture = batch.picture.permute(0, 3, 1, 2).float() / 255
        losses = reading_losses(self.network(picture), batch)
        total = torch.stack(list(losses.values())).sum()
        if torch.isfinite(total):
            self._optimizer.zero_grad(set_to_none=True)
            self._fabric.backward(total)
            learning = [p for p in self.network.parameters() if p.requires_grad]
            torch.nn.utils.clip_grad_norm_(learning, 5.0)
            self._optimizer.step()
        return {name: float(value.detach()) for name, value in losses.items()}

    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Held-out people with the skeleton and mask outline that the network reads."""
        reader = self._reader(network)
        step = max(1, len(self.held_out) // 16)
        tiles = [_overlay(reader, sample) for sample in self.held_out[::step][:16]]
        rows = [np.concatenate(tiles[i : i + 8], 1) for i in range(0, len(tiles), 8)]
        width = rows[0].shape[1]
        padded = [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0))) for row in rows]
        return np.concatenate(padded, 0)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """PCKh and mask IoU of the whole reader in fp32, on each pack's held-out photos."""
        reader = self._reader(network)
        values: dict[str, float] = {}
        for pack in self.recipe.packs:
            samples = [s for s in self.held_out if s.pack == pack]
            for figure in reading_figures(reader, pack, samples):
                self._protocols[figure.id] = f"{figure.protocol}; n = {figure.n}; fp32"
                values[figure.id] = float(figure.value)
        return values

    def _reader(self, network: nn.Module) -> Reader:
        if not isinstance(network, PersonNet):
            raise TypeError("the loop hands over its average of the bare network")
        runtime = Runtime(self._fabric.device, torch.float32)
        return Reader(self.card("", {}), network, runtime, self.recipe.network.side)

    def state(self) -> dict[str, Any]:
        """Network and optimiser."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The card of the exported reader."""
        return Card(
            id="person-reader",
            architecture="perception",
            title="Person reader",
            summary="Finds the most central person of a photo: 18 joints and a mask.",
            config=asdict(self.recipe.network),
            side=self.recipe.network.side,
            data=DATA,
            terms=TERMS,
            commercial=True,
            command=command,
            metrics={
                name: {"value": value, "protocol": self._protocols.get(name, "")}
                for name, value in metrics.items()
            },
        )


def _odds(samples: list[PersonSample], recipe: PerceptionRecipe) -> NDArray[np.float64]:
    """Probability of drawing each sample."""
    packs = [sample.pack for sample in samples]
    shares = dict(zip(recipe.packs, recipe.shares, strict=False))
    odds = np.array([shares.get(pack, packs.count(pack)) / packs.count(pack) for pack in packs])
    return odds / odds.sum()


DATA = (
    "Clothing Co-Parsing street photos ('people', 1,849 for training) and AI-generated athletes "
    "('athletes', 1,008); joints computed with BlazePose, part of the masks with GrabCut. The "
    "encoder starts from EfficientNet-Lite0's published ImageNet weights (Apache-2.0), which also "
    "serve as a judge of painted pictures."
)
TERMS = (
    "people: Apache-2.0 as the repository of Clothing Co-Parsing states; athletes: 'provided "
    "without restriction'; EfficientNet-Lite0 weights: Apache-2.0."
)


def start_from(network: PersonNet, path: Path) -> None:
    """Take the encoder's weights from a Lite0 state dict; its depthwise filters stay as they are.

    Raises:
        InputError: the file is missing or holds something else.
    """
    try:
        published = torch.load(path, map_location="cpu", weights_only=True)
        network.load_state_dict(from_lite0(published), strict=False)
    except (OSError, RuntimeError, KeyError, TypeError, EOFError) as error:
        raise InputError(f"{path} is not an EfficientNet-Lite0 state dict: {error}.") from None
    for module in network.encoder.modules():
        if isinstance(module, Conv) and module.groups > 1:
            module.weight.requires_grad_(False)
            module.gain.requires_grad_(False)


def reading_losses(said: Any, batch: Batch) -> dict[str, Tensor]:
    """Cross-entropy of the heatmaps, of presence, and cross-entropy + Dice of the mask.

    Joints of uncertain presence count half; missing ones only teach `presence`.
    """
    presence = batch.presence.float()
    share = presence.clamp(max=2) / 2
    heat = said.heat.float()
    odds = heat.flatten(2).log_softmax(2)
    target = joint_targets(batch.xy / HEAT_STRIDE, heat.shape[2], heat.shape[3])
    wrong = -(target * odds).sum(2)
    truth = batch.mask.float() / 255
    logits = said.mask.float()
    mask = F.binary_cross_entropy_with_logits(logits, truth)
    odds_mask = logits.sigmoid()
    both = (odds_mask * truth).sum((1, 2, 3))
    dice = 1 - (2 * both + 10) / (odds_mask.sum((1, 2, 3)) + truth.sum((1, 2, 3)) + 10)
    known = F.binary_cross_entropy_with_logits(said.presence.float(), (presence > 0).float())
    return {
        "heat": 0.5 * (wrong * share).sum() / share.sum().clamp(min=1),
        "mask": 2 * mask,
        "dice": dice.mean(),
        "presence": 0.3 * known,
    }


def joint_targets(xy: Tensor, height: int, width: int) -> Tensor:
    """(N, J, height * width) probabilities: a Gaussian around each (N, J, 2) point in cells."""
    xs = torch.arange(width, device=xy.device) + 0.5
    ys = torch.arange(height, device=xy.device) + 0.5
    across = (-((xs - xy[..., 0:1]) ** 2) / (2 * SPREAD**2)).softmax(-1)
    down = (-((ys - xy[..., 1:2]) ** 2) / (2 * SPREAD**2)).softmax(-1)
    return (down[..., :, None] * across[..., None, :]).flatten(2)


def _overlay(reader: Reader, sample: PersonSample, height: int = 320) -> NDArray[np.uint8]:
    """A photo of 240 x `height` pixels with what was read drawn over it."""
    pixels, _ = sample.read()
    scale = min(240 / pixels.shape[1], height / pixels.shape[0])
    size = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
    reading = reader.read(Photo(np.asarray(cv2.resize(pixels, size), np.uint8)))
    tile = np.zeros((height, 240, 3), np.uint8)
    shown = reading.photo.pixels.copy()
    solid = (reading.mask.pixels > 127).astype(np.uint8)
    outline, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(shown, outline, -1, (0, 255, 0), 1)
    for a, b in LIMBS:
        start, end = reading.pose[a], reading.pose[b]
        if start and end:
            colour = (255, 60, 60) if "right" in b else (60, 120, 255)
            cv2.line(shown, _cell(start), _cell(end), colour, 2, cv2.LINE_AA)
    tile[: size[1], : size[0]] = shown
    return tile


def _cell(point: tuple[float, float]) -> tuple[int, int]:
    return int(point[0]), int(point[1])
