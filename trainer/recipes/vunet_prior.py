"""The last stage of a VUNet: its prior alone, on the looks of all training people.

While the encoder learns, the prior chases moving codes. Once it stands still, every look is encoded
once and the prior can see hundreds of them a step.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.card import Card
from engine.painters.vunet.codes import Codes
from engine.painters.vunet.network import PartVunet
from trainer.data.people import Cutout, Pair, PeopleFrames, collate
from trainer.losses import finite
from trainer.recipes.people import on_white, set_rate
from trainer.recipes.vunet import VunetRecipe, VunetTask

_PASSES = 2
"""How often each person is encoded, mirrored and tinted anew."""
_CHUNK = 16
_LOOKS_A_STEP = 12
"""Looks a step for each image of the batch size, which is meant for pictures."""
_RATE = 1e-3


class PriorTask:
    """Implements :class:`trainer.task.Task`; sheet, figures and card are those of the painter."""

    network: nn.Module

    def __init__(self, recipe: VunetRecipe, start: Path) -> None:
        self.painter = VunetTask(recipe, len(recipe.sides) - 1, start)
        self.network = self.painter.network

    def setup(self, fabric: Fabric) -> None:
        """Place the modules, freeze the painter, and encode everyone."""
        bare = self.painter.bare
        self.painter.setup(fabric)
        self.network, self.fabric = self.painter.network, fabric
        bare.requires_grad_(False)
        bare.prior.requires_grad_(True)
        self.optimiser = torch.optim.AdamW(bare.prior.parameters(), lr=_RATE, weight_decay=1e-2)
        self.codes, self.joints = self._encoded(bare, self.painter.frames)
        with torch.no_grad():
            for _ in range(100):  # the spread settles before the first step
                bare.prior.measure(self.codes.coarse, self.codes.fine, self.codes.known)

    @torch.no_grad()
    def _encoded(self, network: PartVunet, frames: PeopleFrames) -> tuple[Codes, Tensor]:
        """Codes and joints of all training people, on the CPU in half precision."""
        rng = np.random.default_rng(0)
        found: list[Codes] = []
        joints: list[Tensor] = []
        for first in [i for _ in range(_PASSES) for i in range(0, len(frames.samples), _CHUNK)]:
            chunk = range(first, min(first + _CHUNK, len(frames.samples)))
            people = [frames.cutout(i) for i in chunk]
            batch = collate([Pair(person, person) for person in people], frames.side, rng)
            source, at = map(self.fabric.to_device, (batch.source, batch.source_joints))
            with self.fabric.autocast():
                codes = network.encode(source, at)
            found.append(
                Codes(codes.coarse.half().cpu(), codes.fine.half().cpu(), codes.known.cpu())
            )
            joints.append(batch.source_joints)
        return Codes(*(torch.cat(parts) for parts in zip(*found, strict=True))), torch.cat(joints)

    def batch(self, rng: np.random.Generator, size: int) -> tuple[Codes, Tensor]:
        """Random looks and the poses in which they were seen."""
        picked = torch.from_numpy(rng.integers(len(self.joints), size=size * _LOOKS_A_STEP))
        coarse, fine, known = (c[picked] for c in self.codes)
        return Codes(coarse.float(), fine.float(), known), self.joints[picked]

    def step(
        self, batch: tuple[Codes, Tensor], rate: float, progress: float
    ) -> Mapping[str, float]:
        """One update of the prior."""
        set_rate(self.optimiser, _RATE * rate)
        codes, joints = batch
        codes = Codes(*map(self.fabric.to_device, codes))
        loss = self.painter.network.prior_loss(codes, self.fabric.to_device(joints), 1)
        self.optimiser.zero_grad()
        self.fabric.backward(loss)
        if finite(nn.utils.clip_grad_norm_(self.painter.bare.prior.parameters(), 1.0)):
            self.optimiser.step()
        return {"prior": float(loss.detach())}

    @torch.no_grad()
    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Eight invented looks at four held-out poses."""
        assert isinstance(network, PartVunet)
        frames = self.painter.held_out
        people = [frames.cutout(n * len(frames.samples) // 4) for n in range(4)]
        return np.vstack([self._row(network, person) for person in people])

    def _row(self, network: PartVunet, person: Cutout) -> NDArray[np.uint8]:
        painted = [
            self.painter.painted(network, self.painter.sampled(network, person, seed), person)
            for seed in range(8)
        ]
        return np.hstack([on_white(p.rgba) for p in (person, *painted)])

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """The painter's figures, and the prior's loss on held-out people."""
        assert isinstance(network, PartVunet)
        codes, joints = self._encoded(network, self.painter.held_out)
        codes = Codes(codes.coarse.float(), codes.fine.float(), codes.known)
        on_device = Codes(*map(self.fabric.to_device, codes))
        with torch.no_grad(), self.fabric.autocast():
            loss = network.prior_loss(on_device, self.fabric.to_device(joints), 8)
        return {**self.painter.validate(network), "prior": float(loss)}

    def state(self) -> dict[str, Any]:
        """Network and optimiser."""
        return {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The exported model's card."""
        return self.painter.card(command, metrics)
