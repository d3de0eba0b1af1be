"""The copying reposer as a painter: prepare a photo once, paint poses many times."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.appearance import Appearance, FromPhoto, Parts
from engine.card import Card
from engine.errors import InputError, ModelError
from engine.framing import cut_out, person_frame
from engine.painters.base import Frame, Stop, Stopped, from_photo
from engine.painters.deformable.copying import Choice, copy_at
from engine.painters.deformable.network import (
    STRIDE,
    CopyConfig,
    CopyGenerator,
    Painting,
    Source,
    chosen_layers,
    warp_layers,
)
from engine.painters.parts import (
    CALVES,
    PARTS,
    REGIONS,
    Window,
    beyond_ankles,
    needed_window,
    part_affines,
    part_capsules,
    part_frames,
)
from engine.picture import Picture
from engine.runtime import Runtime
from engine.shapes.body import completed
from engine.shapes.pose import Pose

LAYERS: tuple[int, ...] = (*range(len(PARTS)), *CALVES)
"""The part whose warp each copied layer follows: the ten parts, then the feet."""
MAX_SIDE = 4096
"""Largest frame, in pixels, at which detail is copied; larger photos are painted at this size."""


@dataclass
class Seen:
    """One photo's person: the source at the network's size, and cut-outs at the sizes asked for."""

    look: FromPhoto
    frame: Frame
    source: Source
    cutouts: dict[int, NDArray[np.uint8]] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        held = sum(t.nbytes for t in self.source)
        return held + sum(c.nbytes for c in self.cutouts.values())

    def colours(self, side: int) -> NDArray[np.uint8]:
        """(side, side, 3) RGB to copy; kept, because a drag asks for one size again and again."""
        if side not in self.cutouts:
            assert self.look.mask is not None
            if len(self.cutouts) > 2:
                self.cutouts.clear()
            rgba = cut_out(self.look.photo, self.look.mask, self.frame, side)
            self.cutouts[side] = np.ascontiguousarray(rgba[..., :3])
        return self.cutouts[side]


@dataclass
class PreparedPerson:
    """The photos that are copied from, the first one for whatever no other one owns.

    Attributes:
        owners: (12,) for each layer of :data:`LAYERS`, the index of its photo.
        memory: what the attention looks at.
    """

    seen: list[Seen]
    owners: tuple[int, ...]
    memory: Tensor

    @property
    def frame(self) -> Frame:
        return self.seen[0].frame

    @property
    def nbytes(self) -> int:
        """Bytes held, for the cache."""
        return self.memory.nbytes + sum(each.nbytes for each in self.seen)


class CopyPainter:
    """Deformable GAN with the copying last layer; see :mod:`engine.painters.deformable.network`.

    Regions may be copied from several photos: each warped part then comes from its own source.
    """

    def __init__(self, card: Card, network: CopyGenerator, runtime: Runtime) -> None:
        self.card = card
        self.runtime = runtime
        self.network = runtime.place(network)

    def prepare(self, appearance: Appearance) -> PreparedPerson:
        """Frame the people and encode the sources.

        Raises:
            InputError: no mask, an empty one, or shoulders and hips missing.
            Unsupported: a look that is not from photos.
        """
        looks, owners = _owners(appearance)
        with torch.inference_mode():
            seen = [self._seen(look) for look in looks]
            memory = self.network.memory(seen[0].source)
        return PreparedPerson(seen, owners, memory)

    def _seen(self, look: FromPhoto) -> Seen:
        if look.mask is None or not (look.mask.pixels > 127).any():
            raise InputError("Nobody is marked in the photo; choose a photo that shows a person.")
        frame = person_frame(look.pose, look.mask)
        rgba = cut_out(look.photo, look.mask, frame, self.card.side)
        pixels = torch.from_numpy(rgba).permute(2, 0, 1)[None].to(self.runtime.device).float() / 255
        return Seen(look, frame, Source.of(pixels, self._joints(look.pose, frame)))

    def _joints(self, pose: Pose, frame: Frame) -> Tensor:
        side = self.card.side
        inside = completed(pose).mapped(frame.matrix(side), (side, side))
        return torch.tensor(inside.xy[None], dtype=torch.float32, device=self.runtime.device)

    def paint(self, shape: Pose, prepared: PreparedPerson, side: int, stop: Stop) -> Picture:
        """The person in the pose `shape` (on the photo's canvas), RGBA at side x side.

        The network decides at its own size; colours are copied at `side`.
        """
        side = min(side, MAX_SIDE)
        with torch.inference_mode():
            joints = self._joints(shape, prepared.frame)
            frames = part_frames(joints)
            capsules = part_capsules(joints, frames)
            window = needed_window(capsules[0], self.card.side, STRIDE)
            layers = [warp_layers(each.source, joints, *window) for each in prepared.seen]
            feet = beyond_ankles(frames, window)
            if len(layers) > 1:
                layers = [chosen_layers(layers, _shares(prepared, feet[0]))]
            painting = self.network(layers[0], prepared.memory)
            affines = [
                part_affines(frames, part_frames(each.source.joints))[0].cpu().numpy()
                for each in prepared.seen
            ]
        if stop():
            raise Stopped
        choice = _choice(painting, feet, window, self.card.side)
        copied = [affines[owner][part] for owner, part in zip(prepared.owners, LAYERS, strict=True)]
        sources = [prepared.seen[owner].colours(side) for owner in prepared.owners]
        fine = side >= prepared.frame.side  # a reduced photo is sharp enough for linear copies
        return Picture(copy_at(choice, np.stack(copied), sources, stop, fine))


def _owners(appearance: Appearance) -> tuple[list[FromPhoto], tuple[int, ...]]:
    """The photos of a look, and which of them owns each layer."""
    if not isinstance(appearance, Parts):
        return [from_photo(appearance)], (0,) * len(LAYERS)
    looks, owners = _owners(appearance.default)
    found = list(owners)
    for region, inner in appearance.regions:
        others, theirs = _owners(inner)
        for layer in REGIONS[region]:
            found[layer] = len(looks) + theirs[layer]
        looks = looks + others
    return looks, tuple(found)


def _shares(prepared: PreparedPerson, feet: Tensor) -> Tensor:
    """(N, 10, H, W): which source each part comes from; feet are the far ends of the calves."""
    owners = torch.tensor(prepared.owners, device=feet.device)
    owned = (owners == torch.arange(len(prepared.seen), device=feet.device)[:, None]).float()
    parts = owned[:, :10, None, None].repeat(1, 1, *feet.shape[1:])
    parts[:, CALVES] = torch.lerp(parts[:, CALVES], owned[:, 10:, None, None], feet)
    return parts


def _choice(painting: Painting, feet: Tensor, window: Window, side: int) -> Choice:
    def channels_last(x: Tensor) -> NDArray[np.float32]:
        return x[0].permute(1, 2, 0).float().cpu().numpy()

    shares = painting.choice.float()
    others, calves, generated = shares.split([CALVES[0], len(CALVES), 1], 1)
    layers = torch.cat([others, calves * (1 - feet), calves * feet, generated], 1)
    return Choice(
        layers[0].cpu().numpy(),
        channels_last(painting.alpha)[..., 0],
        channels_last(painting.generated),
        int(window.left),
        int(window.top),
        side,
    )


def load(card: Card, tensors: dict[str, Tensor], runtime: Runtime) -> CopyPainter:
    """Build the painter from a model file's card and tensors. Raises ModelError if they differ."""
    try:
        network = CopyGenerator(CopyConfig(tuple(card.config["channels"])))
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} does not fit its own card: {reason}") from None
    return CopyPainter(card, network, runtime)
