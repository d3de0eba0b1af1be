"""The VUNet whose codes stay with their parts: looks are encoded, invented, mixed and moved."""

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

from engine import weights
from engine.card import Card
from engine.errors import InputError
from engine.painters.parts import REGIONS, Window, pose_maps
from engine.painters.vunet.codes import Codes, with_region
from engine.painters.vunet.network import STRIDE, PartVunet, Person, VunetConfig
from trainer.data.people import Cutout, Mixture, PairBatch, PeopleFrames
from trainer.data.people_folders import read_packs
from trainer.loop import RunOptions
from trainer.losses import finite, foreground_l1, matte_loss, over
from trainer.networks.patch import Adversary
from trainer.networks.perceptual import Perceptual
from trainer.precision import in_precision
from trainer.ranks import everyones, normal_like, shared_dice, shared_noise
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
from trainer.task import Task

_SHEET_PEOPLE = 8
_REPEATS = 8
"""Noise levels at which the prior sees each look of a batch."""


@dataclass(frozen=True)
class VunetRecipe:
    """Options of `guise train vunet`."""

    data: Path
    """Folder that holds the packs."""
    packs: tuple[str, ...] = ("people", "athletes")
    """COCO key-point folders below it."""
    sides: tuple[int, ...] = (128, 192)
    """Frame sizes, trained one after the other; multiples of 16."""
    shares: tuple[float, ...] = (0.56, 0.36)
    """Share of the budget for each size."""
    prior_share: float = 0.08
    """Share of the budget for the prior alone, at the end; 0 = no such stage."""
    network: VunetConfig = field(default_factory=VunetConfig)
    """Sizes of the network."""
    rate: float = 8e-4
    """Learning rate of the first size; halved with each further one."""
    mixture: Mixture = field(
        default_factory=lambda: Mixture(itself=0.4, pairs=0.12, reverse=0.08, hidden_hands=0.1)
    )
    """Kinds of training pairs."""
    posterior_weight: float = 3e-6
    """Weight of the posterior's divergence from a standard normal, in nats a picture."""
    ramp: tuple[float, float] = (0.05, 0.35)
    """Noise and divergence grow over this part of the first size; means alone learn first."""
    prior_weight: float = 0.05
    """Weight of the prior's loss; it does not reach the codes."""
    perceptual: str = "vgg19"
    """vgg19, bundled, auto, hed, or a weight file."""
    perceptual_weight: float = 0.1
    """Weight of the perceptual loss, on half of each batch."""
    adversarial: float = 0.02
    """Weight of the patch discriminator, in the last size only; 0 = none."""
    model_id: str = "people-vunet"
    """Id on the exported card."""


PRESETS: dict[str, dict[str, Any]] = {
    "small": {},
    "base": {
        "sides": (128, 256),
        "shares": (0.37, 0.55),
        "network": VunetConfig((64, 128, 192, 256), (48, 96, 128, 160), 96, 16, 48, 256, 4),
        "mixture": Mixture(itself=0.4, variants=8),
    },
}


def train_vunet(recipe: VunetRecipe, options: RunOptions) -> Path:
    """Train every size of the recipe in turn and then its prior, each in its own folder."""
    prior = {"prior": recipe.prior_share} if recipe.prior_share else {}

    def stage(index: int, start: Path | None) -> Task:
        if index < len(recipe.sides):
            return VunetTask(recipe, index, start)
        from trainer.recipes.vunet_prior import PriorTask

        if start is None:
            raise InputError("The prior is trained after the painter.")
        return PriorTask(recipe, start)

    check_sides(recipe.sides, STRIDE)
    names, shares = (*map(str, recipe.sides), *prior), (*recipe.shares, *prior.values())
    return staged(names, shares, options, stage)


class VunetTask(Adversarial):
    """One size of the recipe; implements :class:`trainer.task.Task`."""

    def __init__(self, recipe: VunetRecipe, stage: int, start: Path | None) -> None:
        self.recipe, self.side = recipe, recipe.sides[stage]
        self.rate = recipe.rate / 2**stage
        self.ramp = recipe.ramp if stage == 0 else (-1.0, 0.0)
        last = stage == len(recipe.sides) - 1
        self.adversary = Adversary(3 + MAPS, recipe.adversarial if last else 0.0)
        self.bare = PartVunet(recipe.network)
        self.network: Any = self.bare
        if start is not None:
            self.bare.load_state_dict(
                {k: v.float() for k, v in weights.load(start).tensors.items()}
            )
        train, val = (read_packs(recipe.data, recipe.packs, split) for split in ("train", "val"))
        self.frames = PeopleFrames(train, self.side, recipe.mixture)
        self.held_out = PeopleFrames(val, self.side, recipe.mixture)
        self.measured = range(0, len(val), EVERY)

    def setup(self, fabric: Fabric) -> None:
        """Place modules on the device and build the optimisers."""
        self.fabric = fabric
        network = self.network.to(memory_format=torch.channels_last)
        optimiser = torch.optim.AdamW(
            network.parameters(), lr=self.rate, betas=(0.9, 0.99), weight_decay=1e-3
        )
        self.network, self.optimiser = fabric.setup(network, optimiser)
        in_precision(fabric, self.network, "encode", "unfold", "paint", "prior_loss", "sample")
        self.perceptual = Perceptual(self.recipe.perceptual, TAPS).to(fabric.device)
        self.adversary.setup(fabric)

    def batch(self, rng: np.random.Generator, size: int) -> PairBatch:
        """Pairs of one look."""
        return self.frames.batch(rng, size)

    def step(self, batch: PairBatch, rate: float, progress: float) -> Mapping[str, float]:
        """One update of the model and, if there is one, of the discriminator."""
        set_rate(self.optimiser, self.rate * rate)
        source, source_joints, target, joints, plain = (
            self.fabric.to_device(t)
            for t in (
                batch.source,
                batch.source_joints,
                batch.target,
                batch.target_joints,
                batch.plain,
            )
        )
        window = Window(target.shape[-2], target.shape[-1], batch.left)
        share = float(np.interp(progress, self.ramp, (0.0, 1.0)))
        codes = self.network.encode(source, source_joints)
        noisy = with_noise(codes, share, self.fabric)
        person = self.network.paint(self.network.unfold(noisy), joints, window)
        losses, flat, truth = self._likelihood(person, target)
        coarse, fine = divergence(codes)
        losses["posterior"] = self.recipe.posterior_weight * share * (coarse + fine)
        prior = self._prior_loss(codes, source_joints, plain)
        if prior is not None:
            losses["prior"] = self.recipe.prior_weight * prior
        maps = pose_maps(joints, window)
        fake: list[tuple[Tensor, Tensor]] = []
        if self.adversary.weight:
            new = self._new_looks(noisy, joints, window)
            fake = [(flat, maps), (new, maps[: len(new)])]
            losses["fool"] = self.adversary.fool(fake)
        total = torch.stack(list(losses.values())).sum()
        self.optimiser.zero_grad()
        self.fabric.backward(total)
        if finite(self._clipped()):
            self.optimiser.step()
        if fake:
            real = batch.real
            losses["judge"] = self.adversary.step(truth[real], maps[real], fake, rate)
        losses |= {"kl_coarse": coarse, "kl_fine": fine} | active(codes, self.fabric)
        return {name: float(value.detach()) for name, value in losses.items()}

    def _prior_loss(self, codes: Codes, joints: Tensor, plain: Tensor) -> Tensor | None:
        """The prior's loss on the looks of photos; every rank sees those of all, they are small."""
        plain, joints = everyones(self.fabric, plain), everyones(self.fabric, joints)
        known = Codes(*(everyones(self.fabric, c.detach())[plain] for c in codes))
        if not plain.any():
            return None
        with shared_dice(self.fabric):
            return self.network.prior_loss(known, joints[plain], _REPEATS)

    def _clipped(self) -> Tensor:
        """Norm of all gradients; the prior's are clipped apart, they say nothing of the painter."""
        prior = list(self.bare.prior.parameters())
        inside = {id(p) for p in prior}
        others = [p for p in self.bare.parameters() if id(p) not in inside]
        norms = [nn.utils.clip_grad_norm_(group, 1.0) for group in (prior, others)]
        return torch.stack(norms)

    def _likelihood(
        self, person: Person, target: Tensor
    ) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        """Losses of a painted person, and both pictures on one backdrop."""
        colour, alpha = target[:, :3], target[:, 3:]
        count, device = len(target), target.device
        backdrop = shared_noise(self.fabric, lambda n: torch.rand(n, 4, 1, 1, device=device), count)
        backdrop = torch.where(backdrop[:, 3:] < 0.5, 1.0, backdrop[:, :3])  # half are white
        flat = over(person.rgb, person.alpha, backdrop)
        truth = over(colour, alpha, backdrop)
        half = max(len(target) // 2, 1)
        with self.fabric.autocast():
            likeness = self.perceptual.distance(flat[:half], truth[:half], self.fabric)
        losses = {
            "l1": foreground_l1(flat, truth, alpha),
            "matte": matte_loss(person.alpha, alpha),
            "perceptual": self.recipe.perceptual_weight * likeness,
        }
        return losses, flat, truth

    def _new_looks(self, codes: Codes, joints: Tensor, window: Window) -> Tensor:
        """Invented looks and looks mixed by region, which must fool the judge too."""
        count = min(max(len(joints) // 4, 2), len(joints))
        joints = joints[:count]
        with torch.no_grad():
            thrown = max(count // 2, 1)
            seeds = shared_noise(self.fabric, lambda n: torch.randint(2**31, (n,)), thrown).tolist()
            sampled = self.network.sample(joints[: len(seeds)], seeds)
        with shared_dice(self.fabric):
            mixed = _exchanged(codes, count - len(seeds))
        look = Codes(*(torch.cat([s, m]) for s, m in zip(sampled, mixed, strict=True)))
        person = self.network.paint(self.network.unfold(look), joints, window)
        return over(person.rgb, person.alpha, person.rgb.new_ones(()))

    @torch.no_grad()
    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Held-out people: photo, painted again, in another pose, the next one's look, two
        invented looks, and the next one's legs and feet."""
        assert isinstance(network, PartVunet)
        rows = []
        step = len(self.held_out.samples) // _SHEET_PEOPLE
        for n in range(_SHEET_PEOPLE):
            person, pose = self.held_out.cutout(n * step), self.held_out.puppet(n * step, 0)
            following = self.held_out.cutout((n + 1) % _SHEET_PEOPLE * step)
            own, other = self.codes_of(network, person), self.codes_of(network, following)
            thrown = [self.sampled(network, person, seed) for seed in (1, 2)]
            legs = with_region(with_region(own, other, "legs"), other, "feet")
            looks = [(own, person), (own, pose), (other, person)]
            looks += [(look, person) for look in (*thrown, legs)]
            painted = [self.painted(network, look, at) for look, at in looks]
            rows.append(np.hstack([on_white(p.rgba) for p in (person, *painted)]))
        return np.vstack(rows)

    @torch.no_grad()
    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Held-out people painted again in their pose (`again`) and from a puppet (`moved`)."""
        assert isinstance(network, PartVunet)
        names = ("again_l1", "again_perceptual", "moved_l1", "mask_iou")
        sums: dict[str, float] = dict.fromkeys(names, 0.0)
        for index in self.measured:
            truth = self.held_out.cutout(index)
            again = self.painted(network, self.codes_of(network, truth), truth)
            moved = self.painted(
                network, self.codes_of(network, self.held_out.puppet(index, 0)), truth
            )
            mine, away, wanted = (tensor_of(c.rgba) for c in (again, moved, truth))
            inside = wanted[3] > 0.5
            both = torch.minimum(mine[3], wanted[3]) > 0.5
            sums["mask_iou"] += float(both.sum() / (inside | (mine[3] > 0.5)).sum())
            for name, made in (("again_l1", mine), ("moved_l1", away)):
                sums[name] += float((made[:3] - wanted[:3]).abs().mean(0)[inside].mean())
            flat = [over(t[None, :3], t[None, 3:], torch.ones(())) for t in (mine, wanted)]
            with self.fabric.autocast():
                mine, wanted = (self.fabric.to_device(picture) for picture in flat)
                distance = self.perceptual.distance(mine, wanted)
            sums["again_perceptual"] += float(distance)
        return {name: value / len(self.measured) for name, value in sums.items()}

    def _joints(self, cutout: Cutout) -> Tensor:
        joints = torch.tensor(cutout.pose.xy[None], dtype=torch.float32)
        return self.fabric.to_device(joints)

    def sampled(self, network: PartVunet, person: Cutout, seed: int) -> Codes:
        """An invented look at a person's pose."""
        with self.fabric.autocast():
            return network.sample(self._joints(person), [seed])

    def codes_of(self, network: PartVunet, cutout: Cutout) -> Codes:
        """The look of a person."""
        rgba = self.fabric.to_device(tensor_of(cutout.rgba)[None])
        with self.fabric.autocast():
            return network.encode(rgba, self._joints(cutout))

    def painted(self, network: PartVunet, codes: Codes, at: Cutout) -> Cutout:
        """A look in a person's pose."""
        with self.fabric.autocast():
            person = network.paint(
                network.unfold(codes), self._joints(at), Window(self.side, self.side)
            )
        return Cutout(pixels_of(torch.cat([person.rgb, person.alpha], 1)), at.pose)

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The exported model's card."""
        protocol = f"{len(self.measured)} held-out people, EMA weights"
        return people_card(
            self.recipe.packs,
            command,
            metrics,
            protocol,
            id=self.recipe.model_id,
            architecture="vunet",
            title="People, looks",
            summary="Paints people from a look that can be taken from photos, invented, or mixed.",
            config=asdict(self.recipe.network),
            takes=("FromPhoto", "Sampled", "Mix", "Parts"),
            side=self.side,
            alpha=True,
        )


def divergence(codes: Codes) -> tuple[Tensor, Tensor]:
    """KL(q | N(0, 1)) of the coarse and of the fine codes, in nats a picture; q has variance 1."""
    known = codes.known.float()
    coarse = 0.5 * codes.coarse.square().sum(-1) * known
    fine = 0.5 * codes.fine.square().flatten(2).sum(-1) * known
    return coarse.sum(1).mean(), fine.sum(1).mean()


def active(codes: Codes, fabric: Fabric) -> dict[str, Tensor]:
    """Share of code numbers whose mean moves from person to person; 0 = collapsed.

    A number is active when the variance of its mean is above 0.01 (Burda et al., 2016).
    """
    with torch.no_grad():
        both = {"coarse": everyones(fabric, codes.coarse), "fine": everyones(fabric, codes.fine)}
        return {f"active_{n}": (c.var(0) > 0.01).float().mean() for n, c in both.items()}


def with_noise(codes: Codes, share: float, fabric: Fabric) -> Codes:
    """A draw from the posterior, its noise scaled by `share`."""
    coarse, fine = (c + share * normal_like(c, fabric) for c in (codes.coarse, codes.fine))
    return Codes(coarse, fine, codes.known)


def _exchanged(codes: Codes, count: int) -> Codes:
    """The first `count` looks, each with random regions of one half a batch away."""
    mine = Codes(*(c[:count] for c in codes))
    theirs = Codes(*(c.roll(max(len(c) // 2, 1), 0)[:count] for c in codes))
    for region in REGIONS:
        if torch.rand(()) < 0.5:
            mine = with_region(mine, theirs, region)
    return mine
