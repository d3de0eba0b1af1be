"""BicycleGAN as published, and the methods it is compared with (Zhu et al., NIPS 2017, section 3).

The authors trained edges2shoes for 60 epochs with two pairs a step, which for its 50,000 pairs is
`--batch 2 --images 3000000`; the rate is constant over the first half and falls to 0 over the rest.
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

from engine.card import Card
from engine.errors import InputError
from engine.painters.bicyclegan.network import Look
from engine.painters.bicyclegan.official import EncoderConfig, OfficialConfig, OfficialGan
from engine.shapes.raster import ink_tensor
from trainer.data.products import Direction, read_products, read_sketches
from trainer.data.sketches import Batch, photo_tensor
from trainer.loop import RunOptions, run
from trainer.losses import finite
from trainer.networks.two_patches import BETAS, PublishedJudge, Verdict
from trainer.precision import in_precision
from trainer.ranks import normal_like
from trainer.recipes.bicyclegan import METHODS
from trainer.recipes.bicyclegan_judging import HeldOut

_SPREAD = 0.02
"""Gain of the initial weights."""


@dataclass(frozen=True)
class BicyclePaperRecipe:
    """Options of `guise train bicyclegan-paper`."""

    data: Path
    """Folder that holds the packs."""
    packs: tuple[str, ...] = ("shoes256",)
    """Folders below it: {train,val}/{photos,edges} paired by name, or side-by-side pictures."""
    direction: Direction = "AtoB"
    """Of side-by-side pictures: AtoB = the edges are on the left, BtoA = on the right."""
    sketches: str = ""
    """Folder below `data` with drawings for the sample sheets; empty = none."""
    side: Literal[128, 256] = 256
    """Side of the pictures in pixels."""
    load: int = 0
    """Side to which pictures are enlarged before a random piece is cut out; 0 = the whole picture.
    The authors took 286 for 256, but for edges the whole."""
    method: Literal["bicycle", "cvae-gan", "cae-gan", "clr-gan", "pix2pix-noise", "pix2pix"] = (
        "bicycle"
    )
    """The objective, of those the paper compares."""
    width: int = 64
    """Channels of the first layers of generator, encoder and discriminators (ngf, nef, ndf)."""
    looks: int = 8
    """Numbers in a look (nz)."""
    everywhere: bool = True
    """Whether the look is given to every layer down, or to the first only (where_add)."""
    bilinear: bool = False
    """Whether the way up enlarges and convolves, instead of transposed convolutions (upsample)."""
    encoder: Literal["resnet", "conv"] = "resnet"
    """Residual blocks, or plain 4x4 convolutions (netE)."""
    dropout: float = 0.5
    """Share of values dropped in the middle of the generator (use_dropout)."""
    conditional: bool = False
    """Whether the discriminators see the sketch too (conditional_D)."""
    rate: float = 2e-4
    """Learning rate of all networks."""
    constant: float = 0.5
    """Share of the budget before the rate falls to 0 in a line."""
    l1: float = 10.0
    """Weight of the mean absolute difference (lambda_L1)."""
    divergence: float = 0.01
    """Weight of the divergence, summed over batch and numbers (lambda_kl)."""
    latent: float = 0.5
    """Weight of the mean absolute difference of z and the z found again (lambda_z)."""
    known: float = 1.0
    """Weight of the discriminator of pictures whose photo is known (lambda_GAN)."""
    free: float = 1.0
    """Weight of the discriminator of random looks (lambda_GAN2)."""
    model_id: str = "bicyclegan-paper"
    """Id on the exported card."""

    def network(self) -> OfficialConfig:
        """The networks' configuration."""
        return OfficialConfig(
            looks=self.looks,
            width=self.width,
            downs=self.side.bit_length() - 1,
            everywhere=self.everywhere,
            bilinear=self.bilinear,
            encoder=EncoderConfig(self.encoder, self.side, self.width),
            dropout=self.dropout,
        )


PRESETS: dict[str, dict[str, Any]] = {
    "paper": {},
    "paper-128": {"side": 128, "packs": ("shoes128",)},
    "tiny": {"side": 128, "packs": ("shoes128",), "width": 8},
}


def train_bicyclegan_paper(recipe: BicyclePaperRecipe, options: RunOptions) -> Path:
    """Train one method; returns the exported model's path."""
    if options.batch % 2:
        raise InputError("The published method halves each batch; give an even number to --batch.")
    return run(BicyclePaperTask(recipe), options)


class Painted(NamedTuple):
    """Pictures of the first half of a batch; None where the method has none.

    Attributes:
        look, drawn: q(z | photo) and the z drawn from it.
        known: painted with `drawn`.
        z, free: random looks, and the pictures of them.
    """

    look: Look | None
    drawn: Tensor | None
    known: Tensor | None
    z: Tensor
    free: Tensor | None


class BicyclePaperTask:
    """The recipe as a :class:`trainer.task.Task`.

    Losses and updates are the published ones; three things are computed once that the published
    order computes twice: the discriminators see painted pictures once a step, both kinds of looks
    are painted in one batch, and the gradient of the latent loss joins the others.
    """

    def __init__(self, recipe: BicyclePaperRecipe) -> None:
        self.recipe, self.method = recipe, METHODS[recipe.method]
        self.bare = OfficialGan(recipe.network())
        self.judges = {
            name: PublishedJudge(4 if recipe.conditional else 3, recipe.width, recipe.rate)
            for name, used in (("known", self.method.paired), ("free", self.method.latent))
            if used
        }
        for module in (self.bare, *(judge.bare for judge in self.judges.values())):
            module.apply(_initialised)
        self.network: Any = self.bare
        load = max(recipe.load, recipe.side)
        self.train = read_products(recipe.data, recipe.packs, "train", load, recipe.direction)
        val = read_products(recipe.data, recipe.packs, "val", recipe.side, recipe.direction)
        human = read_sketches(recipe.data / recipe.sketches, recipe.side) if recipe.sketches else ()
        self.held_out = HeldOut(val, human, recipe.looks)

    def setup(self, fabric: Fabric) -> None:
        """Place modules on the device and build the optimisers."""
        self.fabric = fabric
        network = self.network.to(memory_format=torch.channels_last)
        adam = torch.optim.Adam(network.parameters(), lr=self.recipe.rate, betas=BETAS, fused=True)
        self.network, self.optimiser = fabric.setup(network, adam)
        in_precision(fabric, self.network, "encode", "read", "paint")
        for judge in self.judges.values():
            judge.setup(fabric)

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Pairs, mirrored at random, and cut if they were enlarged."""
        lines, photos = [], []
        for index in rng.integers(len(self.train), size=size):
            room = self.train.photos.shape[1] - self.recipe.side
            top, left = rng.integers(room + 1, size=2)
            piece = (
                slice(top, top + self.recipe.side),
                slice(left, left + self.recipe.side),
            )
            turn = slice(None, None, int(rng.choice((1, -1))))
            lines.append(self.train.lines[index][piece][:, turn].astype(np.uint8) * 255)
            photos.append(self.train.photos[index][piece][:, turn])
        return Batch(ink_tensor(np.stack(lines)), photo_tensor(np.stack(photos)))

    def step(self, batch: Batch, rate: float, progress: float) -> Mapping[str, float]:
        """One update of every network. The rate follows the recipe's own schedule."""
        rate = min(1.0, (1 - progress) / max(1 - self.recipe.constant, 1e-9))
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate * rate
        sketches, photos = (self.fabric.to_device(t) for t in batch)
        half = max(len(sketches) // 2, 1)
        made = self.painted(sketches[:half], photos[:half])
        losses = self._likeness(made, photos[:half])
        total = [*losses.values()]
        reals = {"known": photos[:half], "free": photos[-half:]}
        fakes = {"known": (made.known, self.recipe.known), "free": (made.free, self.recipe.free)}
        for name, judge in self.judges.items():
            fake, weight = fakes[name]
            assert fake is not None
            seen = self._conditions(name, sketches, half)
            verdict: Verdict = judge.step(fake, reals[name], seen, rate)
            total.append(weight * (fake * verdict.gradient).sum())
            losses |= {f"fool_{name}": weight * verdict.fool, f"judge_{name}": verdict.judge}
        gradients = torch.stack(total).sum()
        self.optimiser.zero_grad()
        self.fabric.backward(gradients)
        if finite(gradients):
            self.optimiser.step()
        return {name: float(value.detach()) for name, value in losses.items()}

    def painted(self, sketches: Tensor, photos: Tensor) -> Painted:
        """Both kinds of pictures, painted as one batch."""
        z = normal_like(sketches.new_empty(len(sketches), self.recipe.looks), self.fabric)
        look = drawn = None
        if self.method.paired == "photo":
            look = self.network.encode(photos)
            drawn = look.mean
            if self.method.divergence:
                drawn = drawn + normal_like(z, self.fabric) * (look.spread / 2).exp()
        elif self.method.paired:
            drawn = (
                normal_like(z, self.fabric)
                if self.method.paired == "noise"
                else torch.zeros_like(z)
            )
        looks = [each for each in (drawn, z if self.method.latent else None) if each is not None]
        features = self.network.read(sketches.repeat(len(looks), 1, 1, 1))
        parts = list(self.network.paint(features, torch.cat(looks)).split(len(sketches)))
        known = parts.pop(0) if drawn is not None else None
        return Painted(look, drawn, known, z, parts.pop() if parts else None)

    def _likeness(self, made: Painted, photos: Tensor) -> dict[str, Tensor]:
        """Losses that no discriminator has to do with."""
        recipe, losses = self.recipe, dict[str, Tensor]()
        if made.known is not None:
            losses["l1"] = recipe.l1 * (made.known - photos).abs().mean()
        if made.look is not None and self.method.divergence:
            mean, spread = made.look
            told = -0.5 * (1 + spread - mean.square() - spread.exp()).sum()
            # a sum over all images, as published; means are taken over ranks
            losses["divergence"] = recipe.divergence * told * self.fabric.world_size
        if made.free is not None:
            losses["latent"] = recipe.latent * self._found_again(made.free, made.z)
        return losses

    def _found_again(self, free: Tensor, z: Tensor) -> Tensor:
        """|E(G(z)) - z|. Where the encoder learns from photos this must not teach it: the two
        would hide z in the picture together."""
        assert self.bare.encoder is not None
        self.bare.encoder.requires_grad_(self.method.paired != "photo")
        try:
            return (self.network.encode(free).mean - z).abs().mean()
        finally:
            self.bare.encoder.requires_grad_(True)

    def _conditions(self, name: str, sketches: Tensor, half: int) -> tuple[Tensor, Tensor] | None:
        """Sketches of painted and real pictures, as the generator sees them."""
        if not self.recipe.conditional:
            return None
        shown = 1 - 2 * sketches
        return shown[:half], shown[:half] if name == "known" else shown[-half:]

    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Held-out sketches, their photos, encoded, and the same six random looks in every row."""
        assert isinstance(network, OfficialGan)
        return self.held_out.sheet(network, self.fabric)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Figures on held-out pairs."""
        assert isinstance(network, OfficialGan)
        return self.held_out.figures(network, self.fabric)

    def state(self) -> dict[str, Any]:
        """Networks and their optimisers."""
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "judges": {name: judge.state() for name, judge in self.judges.items()},
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        for name, judge in self.judges.items():
            judge.load_state(state["judges"][name])

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The exported model's card."""
        recipe = self.recipe
        protocol = f"held-out pairs at {recipe.side} px, EMA weights"
        return Card(
            id=recipe.model_id,
            architecture="bicyclegan-paper",
            title=f"BicycleGAN as published, {recipe.method}",
            summary="Colours sketches at a fixed size, as published.",
            config=asdict(recipe.network()),
            shape="Sketch",
            takes=("Vector", "Sampled", "FromPhoto", "Mix"),
            side=recipe.side,
            alpha=False,
            data="packs " + ", ".join(recipe.packs),
            terms="as the training photos allow",
            commercial=False,
            command=command,
            metrics={k: {"value": round(v, 4), "protocol": protocol} for k, v in metrics.items()},
        )


def _initialised(module: nn.Module) -> None:
    """Xavier's normal with a small gain; biases 0."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.xavier_normal_(module.weight, _SPREAD)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
