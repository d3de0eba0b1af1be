"""BicycleGAN and the methods its paper compares: sketches to pictures, their look from a vector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from engine import weights
from engine.card import Card
from engine.painters.bicyclegan.network import STRIDE, BicycleConfig, BicycleGan, Look
from trainer.data.products import Direction, read_products, read_sketches
from trainer.data.sketches import Batch, Drawings, Drawn
from trainer.loop import RunOptions
from trainer.losses import finite, foreground_l1
from trainer.networks.latents import Gathered, divergence
from trainer.networks.perceptual import Perceptual
from trainer.networks.two_scales import LeastSquaresJudge
from trainer.precision import in_precision
from trainer.ranks import common_mean, everyones, is_first, shared_noise
from trainer.recipes.bicyclegan_axes import in_order
from trainer.recipes.bicyclegan_judging import HeldOut, pairs_of
from trainer.recipes.people import check_sides, set_rate, staged
from trainer.task import Task

_TAPS = ("relu1_2", "relu2_2", "relu3_2")
_PERCEPTUAL_SIDE = 64
"""At most: a VGG at full size would cost several times the generator."""
_PAPER = 0.9
"""A photo whose channels are all above this, of -1..1, shows no item there."""


_EXAMINED = 16
"""Held-out sketches on which it is seen what each number of a look does."""
_FITTED = 600
"""Training photos whose looks random ones shall be like."""


class Method(NamedTuple):
    """What a method of the paper trains with.

    Attributes:
        paired: where z comes from when the true photo is known: read from the photo, noise,
            always zero, or no such pictures.
        divergence: whether q(z | photo) is drawn from and pulled to a standard normal.
        latent: whether pictures of random z are judged and their z must be found again.
    """

    paired: Literal["photo", "noise", "zero"] | None
    divergence: bool = False
    latent: bool = False


METHODS: dict[str, Method] = {
    "bicycle": Method("photo", True, True),
    "cvae-gan": Method("photo", True),
    "cae-gan": Method("photo"),
    "clr-gan": Method(None, latent=True),
    "pix2pix-noise": Method("noise"),
    "pix2pix": Method("zero"),
}


@dataclass(frozen=True)
class BicycleRecipe:
    """Options of `guise train bicyclegan`."""

    data: Path
    """Folder that holds the packs."""
    packs: tuple[str, ...] = ("shoes128",)
    """Folders below it: {train,val}/{photos,edges} paired by name, or side-by-side pictures."""
    direction: Direction = "AtoB"
    """Of side-by-side pictures: AtoB = the edges are on the left, BtoA = on the right."""
    sketches: str = ""
    """Folder below `data` with drawings for the sample sheets; empty = none."""
    sides: tuple[int, ...] = (64, 128)
    """Sides of the training pictures, trained one after the other; multiples of 32."""
    shares: tuple[float, ...] = (0.3, 0.7)
    """Share of the budget for each side."""
    method: Literal["bicycle", "cvae-gan", "cae-gan", "clr-gan", "pix2pix-noise", "pix2pix"] = (
        "bicycle"
    )
    """The objective, of those the paper compares."""
    network: BicycleConfig = field(default_factory=BicycleConfig)
    """Sizes of the networks."""
    drawn: Drawn = field(default_factory=Drawn)
    """How the edges are made to look drawn."""
    rate: float = 8e-4
    """Learning rate of generator and encoder."""
    l1: float = 10.0
    """Weight of the mean absolute difference (pictures in -1..1), the item counting three times."""
    perceptual_weight: float = 0.5
    """Weight of the perceptual distance at half the side, on half of each batch; 0 = none."""
    perceptual: str = "vgg19"
    """vgg19, bundled, auto, hed, or a weight file."""
    divergence: float = 0.01
    """Weight of the divergence of q(z | photo), in nats a picture."""
    free_nats: float = 0.5
    """Nats that each dimension of z may tell for nothing; without them most dimensions collapse
    early and only brightness is left."""
    gathered: float = 0.5
    """Weight of the pull of all photos' vectors together to the standard normal."""
    latent: float = 0.5
    """Weight of the mean absolute difference between z and the z found again."""
    adversarial: float = 1.0
    """Weight of each discriminator, in the last side only."""
    judge_width: int = 32
    """Channels of the discriminators' first layer."""
    conditional: bool = False
    """Whether the discriminators see the sketch too."""
    ramp: tuple[float, float] = (0.25, 0.5)
    """Discriminators, and finding z again, gain weight over this part of the last side; before it
    neither is computed."""
    spread: float = 1.0
    """Spread of random looks as a share of that of photos; below 1, unusual looks, which are
    painted worse, are rarer."""
    start: Path | None = None
    """Model to start from."""
    model_id: str = "shoes"
    """Id on the exported card."""


PRESETS: dict[str, dict[str, Any]] = {
    "small": {},
    "base": {
        "sides": (128, 256),
        "network": BicycleConfig((64, 128, 192, 256, 320), (48, 96, 160, 224), 8, 160),
        "judge_width": 64,
        "rate": 4e-4,
    },
}


def train_bicyclegan(recipe: BicycleRecipe, options: RunOptions) -> Path:
    """Train every side in turn, each in its own folder; put the numbers of looks in order."""

    def stage(index: int, start: Path | None) -> Task:
        return BicycleTask(recipe, index, start or recipe.start)

    check_sides(recipe.sides, STRIDE)
    path = staged(recipe.sides, recipe.shares, options, stage)
    if METHODS[recipe.method].latent and is_first():
        side = recipe.sides[-1]
        train, held_out = (
            read_products(recipe.data, recipe.packs, split, side, recipe.direction)
            for split in ("train", "val")
        )
        sketches = pairs_of(held_out, _EXAMINED).sketches
        in_order(path, sketches, pairs_of(train, _FITTED).photos, recipe.spread)
    return path


class _Painted(NamedTuple):
    """Both kinds of pictures of a step, the free ones of half the sketches, as published; None
    where the method has none."""

    look: Look | None
    drawn: Tensor
    known: Tensor | None
    z: Tensor
    free: Tensor | None


class BicycleTask:
    """One side of the recipe; implements :class:`trainer.task.Task`."""

    def __init__(self, recipe: BicycleRecipe, stage: int, start: Path | None) -> None:
        self.recipe, self.method = recipe, METHODS[recipe.method]
        self.side = recipe.sides[stage]
        self.last = stage == len(recipe.sides) - 1
        self.bare = _begun(BicycleGan(recipe.network), self.method)
        self.network: Any = self.bare
        if start is not None:
            tensors = weights.load(start).tensors
            self.bare.load_state_dict({name: value.float() for name, value in tensors.items()})
        train = read_products(recipe.data, recipe.packs, "train", self.side, recipe.direction)
        val = read_products(recipe.data, recipe.packs, "val", self.side, recipe.direction)
        self.drawings = Drawings(train, recipe.drawn)
        human = read_sketches(recipe.data / recipe.sketches, self.side) if recipe.sketches else ()
        self.held_out = HeldOut(val, human, recipe.network.looks)
        self.gathered = Gathered(recipe.network.looks)
        inputs = 4 if recipe.conditional else 3
        self.judges = {
            name: LeastSquaresJudge(inputs, recipe.judge_width)
            for name, used in (("known", self.method.paired), ("free", self.method.latent))
            if used
        }

    def setup(self, fabric: Fabric) -> None:
        """Place modules on the device and build the optimisers."""
        self.fabric = fabric
        network = self.network.to(memory_format=torch.channels_last)
        optimiser = torch.optim.Adam(network.parameters(), lr=self.recipe.rate, betas=(0.5, 0.99))
        self.network, self.optimiser = fabric.setup(network, optimiser)
        in_precision(fabric, self.network, "encode", "read", "paint")
        if self.recipe.perceptual_weight:
            self.perceptual = Perceptual(self.recipe.perceptual, _TAPS).to(fabric.device)
        for judge in self.judges.values():
            judge.setup(fabric)

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Sketches with their photos."""
        return self.drawings.batch(rng, size)

    def step(self, batch: Batch, rate: float, progress: float) -> Mapping[str, float]:
        """One update of generator and encoder, then one of each discriminator."""
        set_rate(self.optimiser, self.recipe.rate * rate)
        sketches, photos = (self.fabric.to_device(t) for t in batch)
        share = self._share(progress)
        judges = self.judges if share else {}
        made = self._painted(sketches, photos, self.method.latent and bool(share))
        half = _half(sketches)
        fakes = {"known": made.known, "free": made.free}
        losses = self._likeness(made, photos)
        for name, judge in judges.items():
            fake = self._seen(fakes[name], sketches, slice(half))
            losses[f"fool_{name}"] = self.recipe.adversarial * share * judge.fool(fake)
        if made.free is not None:
            losses["latent"] = self.recipe.latent * share * self._found_again(made.free, made.z)
        total = torch.stack(list(losses.values())).sum()
        self.optimiser.zero_grad()
        self.fabric.backward(total)
        if finite(nn.utils.clip_grad_norm_(self.bare.parameters(), 5.0)):
            self.optimiser.step()
        for name, judge in judges.items():
            real = self._seen(
                photos, sketches, slice(half) if name == "known" else slice(-half, None)
            )
            fake = self._seen(fakes[name], sketches, slice(half))
            losses[f"judge_{name}"] = judge.step(real, fake, rate)
        figures = {name: float(value.detach()) for name, value in losses.items()}
        return figures | self._watched(made, photos)

    def _share(self, progress: float) -> float:
        """How much discriminators count; a method without true photos needs them always."""
        if self.method.paired is None:
            return 1.0
        return float(np.interp(progress, self.recipe.ramp, (0.0, 1.0))) if self.last else 0.0

    def _painted(self, sketches: Tensor, photos: Tensor, freely: bool) -> _Painted:
        features = self.network.read(sketches)
        z = self._thrown(sketches)
        drawn = z.new_zeros(z.shape) if self.method.paired == "zero" else self._thrown(sketches)
        look = known = None
        if self.method.paired == "photo":
            look = self.network.encode(photos)
            noise = drawn * (look.spread / 2).exp() if self.method.divergence else 0.0
            drawn = look.mean + noise
        if self.method.paired:
            known = self.network.paint(features, drawn)
        half = _half(sketches)
        few = [feature[:half] for feature in features]
        free = self.network.paint(few, z[:half]) if freely else None
        return _Painted(look, drawn, known, z[:half], free)

    def _thrown(self, sketches: Tensor) -> Tensor:
        """A random look for every sketch."""
        looks, device = self.recipe.network.looks, sketches.device
        return shared_noise(
            self.fabric, lambda n: torch.randn(n, looks, device=device), len(sketches)
        )

    def _likeness(self, made: _Painted, photos: Tensor) -> dict[str, Tensor]:
        """Losses that need the true photo."""
        recipe, losses = self.recipe, dict[str, Tensor]()
        if made.known is not None:
            item = (photos.amin(1, keepdim=True) < _PAPER).float()
            losses["l1"] = recipe.l1 * foreground_l1(made.known, photos, item)
            if recipe.perceptual_weight:
                losses["perceptual"] = recipe.perceptual_weight * self._distance(made.known, photos)
        if made.look is not None and self.method.divergence:
            told = common_mean(self.fabric, divergence(made.look)).clamp_min(recipe.free_nats)
            losses["divergence"] = recipe.divergence * told.sum()
            every = everyones(self.fabric, made.drawn)
            losses["gathered"] = recipe.gathered * self.gathered.loss(every)
        return losses

    def _distance(self, painted: Tensor, photos: Tensor) -> Tensor:
        half = _half(photos)
        side = min(self.side // 2, _PERCEPTUAL_SIDE)
        small = [F.adaptive_avg_pool2d(t[:half], side) / 2 + 0.5 for t in (painted, photos)]
        with self.fabric.autocast():
            return self.perceptual.distance(small[0], small[1], self.fabric)

    def _found_again(self, free: Tensor, z: Tensor) -> Tensor:
        """|E(G(z)) - z|. Where the encoder learns from photos this must not teach it: the two
        would hide z in the picture together."""
        learns = self.method.paired != "photo"
        self.bare.encoder.requires_grad_(learns)
        try:
            return (self.network.encode(free).mean - z).abs().mean()
        finally:
            self.bare.encoder.requires_grad_(True)

    def _seen(self, pictures: Tensor | None, sketches: Tensor, part: slice) -> Tensor:
        """What a discriminator looks at: a part of the batch."""
        assert pictures is not None
        if not self.recipe.conditional:
            return pictures[part]
        return torch.cat([pictures[part], sketches[part]], 1)

    def _watched(self, made: _Painted, photos: Tensor) -> dict[str, float]:
        """Plain figures, without weights: how well z is found, used and spread."""
        figures: dict[str, float] = {}
        if made.known is not None:
            figures["plain_l1"] = float((made.known - photos).abs().mean().detach())
        if made.look is not None:
            kl = divergence(made.look).detach()
            figures |= {f"kl_{n}": float(value) for n, value in enumerate(kl)}
        return figures

    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Held-out sketches, their photos, encoded, and the same six random looks in every row."""
        assert isinstance(network, BicycleGan)
        return self.held_out.sheet(network, self.fabric)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Figures on held-out pairs."""
        assert isinstance(network, BicycleGan)
        return self.held_out.figures(network, self.fabric)

    def state(self) -> dict[str, Any]:
        """Network, optimiser and discriminators."""
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "gathered": self.gathered.latest,
            "judges": {name: judge.state() for name, judge in self.judges.items()},
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.gathered.latest = state["gathered"]
        for name, judge in self.judges.items():
            judge.load_state(state["judges"][name])

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The exported model's card."""
        recipe = self.recipe
        protocol = f"held-out pairs at {self.side} px, EMA weights"
        return Card(
            id=recipe.model_id,
            architecture="bicyclegan",
            title=recipe.model_id.capitalize(),
            summary="Colours sketches; sliders, dice or a photo set the look.",
            config=asdict(recipe.network),
            shape="Sketch",
            takes=("Vector", "Sampled", "FromPhoto", "Mix"),
            side=self.side,
            alpha=False,
            data="packs " + ", ".join(recipe.packs) + "; see the README for their sources",
            terms="research data: product photos of catalogues, no licence stated",
            commercial=False,
            command=command,
            metrics={k: {"value": round(v, 4), "protocol": protocol} for k, v in metrics.items()},
        )


def _half(batch: Tensor) -> int:
    """How many make the half of a batch."""
    return max(len(batch) // 2, 1)


def _begun(network: BicycleGan, method: Method) -> BicycleGan:
    """The network as a method needs it at the start."""
    if method.paired == "zero":  # z is never learned, so whatever z is given later must do nothing
        nn.init.zeros_(network.generator.style[0].weight)  # type: ignore[arg-type]
    return network
