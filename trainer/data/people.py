"""Batches for reposers: cut-outs in the person frame, puppets of them, and real pairs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine import framing
from engine.framing import cut_out, person_frame
from engine.photo import Mask, Photo
from engine.shapes import body
from engine.shapes.body import completed
from engine.shapes.pose import Pose
from trainer.data import puppets
from trainer.data.cache import Kept, key_of
from trainer.data.coco import PersonSample
from trainer.data.puppets import puppet, random_pose, without_hand


@dataclass(frozen=True)
class Cutout:
    """A person in the frame: (S, S, 4) uint8 straight alpha, and the complete pose there."""

    rgba: NDArray[np.uint8]
    pose: Pose

    @cached_property
    def width(self) -> float:
        """Share of the frame's columns, counted from the middle, that the person needs."""
        columns = np.nonzero((self.rgba[..., 3] > 100).any(0))[0]
        if not len(columns):
            return 1.0
        side = self.rgba.shape[1]
        reach = max(side / 2 - columns[0], columns[-1] + 1 - side / 2)
        return min(2 * float(reach) / side, 1.0)


@dataclass(frozen=True)
class PairBatch:
    """Source and target of the same look; all tensors on the CPU.

    Attributes:
        source: (B, 4, S, S) in 0..1.
        source_joints, target_joints: (B, 18, 2) pixels of the S x S frame.
        target: (B, 4, S, W) in 0..1, the window starting at column `left`.
        left: first column of the window.
        real: (B,) whether the target is an untouched photo.
        plain: (B,) whether the source is one.
    """

    source: Tensor
    source_joints: Tensor
    target: Tensor
    target_joints: Tensor
    left: int
    real: Tensor
    plain: Tensor


def narrow_width(side: int) -> int:
    """Columns that most standing people need, a multiple of 16."""
    return max(round(side * 0.6 / 16) * 16, 16)


@dataclass(frozen=True)
class Mixture:
    """Shares of the kinds of pairs; the rest is puppet -> photo."""

    itself: float = 0.0
    """A photo and itself."""
    pairs: float = 0.12
    """Two photos of one person."""
    reverse: float = 0.12
    """Photo -> puppet, or puppet -> puppet."""
    variants: int = 3
    """Puppets kept per photo; each is made at first use."""
    hidden_hands: float = 0.15
    """How often each hand of the source is out of sight."""


@dataclass(frozen=True)
class Pair:
    """Source and target of one look; `real` and `plain` say which of the two is a photo."""

    source: Cutout
    target: Cutout
    real: bool = True
    plain: bool = True


class PeopleFrames:
    """Cut-outs at one size, made at first use and kept, see :mod:`trainer.data.cache`."""

    def __init__(self, samples: Sequence[PersonSample], side: int, mixture: Mixture) -> None:
        self.samples = samples
        self.side = side
        self.mixture = mixture
        groups: dict[str, list[int]] = {}
        for i, sample in enumerate(samples):
            if sample.group:
                groups.setdefault(sample.group, []).append(i)
        self.pairs = [(a, b) for g in groups.values() for a in g for b in g if a != b]

    @cached_property
    def bank(self) -> list[Pose]:
        """Real complete poses to borrow limbs from."""
        return [completed(sample.pose) for sample in self.samples[::2]]

    def cutout(self, index: int) -> Cutout:
        """The person of a sample in the frame."""
        return _unpacked(self._kept[index], self.side)

    def puppet(self, index: int, variant: int) -> Cutout:
        """The same person as a puppet in another pose; the same every time."""
        places = len(self.samples) * variant + index
        return _unpacked(self._puppets[places], self.side)

    @cached_property
    def _kept(self) -> Kept:
        def made(index: int) -> NDArray[np.uint8]:
            return _packed(framed(self.samples[index], self.side))

        return Kept(self._key, [_packed_size(self.side)] * len(self.samples), made)

    @cached_property
    def _puppets(self) -> Kept:
        variants = max(self.mixture.variants, 1)

        def made(place: int) -> NDArray[np.uint8]:
            variant, index = divmod(place, len(self.samples))
            person = self.cutout(index)
            pose = random_pose(person.pose, np.random.default_rng((index, variant)), self.bank)
            return _packed(Cutout(puppet(person.rgba, person.pose, pose), pose))

        sizes = [_packed_size(self.side)] * (len(self.samples) * variants)
        return Kept(key_of((), _MADE_BY, self._key, "puppets"), sizes, made)

    @cached_property
    def _key(self) -> str:
        files = [path for one in self.samples for path in (one.photo, one.mask) if path]
        poses = [np.column_stack([one.pose.xy, one.pose.presence]) for one in self.samples]
        told = [_beside_pose(one) for one in self.samples]
        return key_of(files, _MADE_BY, self.side, np.stack(poses) if poses else (), told)

    def batch(self, rng: np.random.Generator, size: int) -> PairBatch:
        """A batch of one width: that of standing people, or the whole frame."""
        slim, wide = narrow_width(self.side), self.side
        waiting: dict[int, list[Pair]] = {slim: [], wide: []}
        while True:
            pair = self._pair(rng)
            width = slim if pair.target.width * self.side <= slim else wide
            waiting[width].append(pair)
            if len(waiting[width]) == size:
                return collate(waiting[width], width, rng)

    def _pair(self, rng: np.random.Generator) -> Pair:
        kind = rng.random() - self.mixture.itself
        i = int(rng.integers(len(self.samples)))
        if kind < 0:
            return Pair(self.cutout(i), self.cutout(i))
        if kind < self.mixture.pairs and self.pairs:
            a, b = self.pairs[rng.integers(len(self.pairs))]
            return Pair(self.cutout(a), self.cutout(b))
        j, k = rng.permutation(self.mixture.variants)[:2]
        if kind < self.mixture.pairs + self.mixture.reverse:
            plain = rng.random() < 0.5
            source = self.cutout(i) if plain else self.puppet(i, int(k))
            return Pair(source, self.puppet(i, int(j)), False, plain)
        return Pair(self._hands_hidden(self.puppet(i, int(j)), rng), self.cutout(i), True, False)

    def _hands_hidden(self, cutout: Cutout, rng: np.random.Generator) -> Cutout:
        rgba = cutout.rgba
        for side in ("right", "left"):
            if rng.random() < self.mixture.hidden_hands:
                rgba = without_hand(rgba, cutout.pose, side, rng)
        return Cutout(rgba, cutout.pose)


_MADE_BY = (framing, puppets, body, sys.modules[__name__])
"""What the look of a cut-out depends on besides its photo."""
_JOINTS = 18


def _packed_size(side: int) -> int:
    return side * side * 4 + _JOINTS * (2 * 8 + 1)


def _packed(cutout: Cutout) -> NDArray[np.uint8]:
    """A cut-out and its pose as bytes."""
    parts = (cutout.rgba, cutout.pose.xy.astype("<f8"), cutout.pose.presence)
    return np.concatenate([np.ascontiguousarray(part).view(np.uint8).ravel() for part in parts])


def _unpacked(record: NDArray[np.uint8], side: int) -> Cutout:
    pixels, joints, presence = np.split(record, np.cumsum([side * side * 4, _JOINTS * 16]))
    xy = joints.copy().view("<f8").reshape(_JOINTS, 2)
    return Cutout(pixels.reshape(side, side, 4), Pose(xy, presence.copy(), (side, side)))


def framed(sample: PersonSample, side: int) -> Cutout:
    """Read a sample and cut its person out, at side x side."""
    pixels, alpha = sample.read()
    photo, mask = Photo(pixels), Mask(alpha)
    frame = person_frame(sample.pose, mask)
    pose = completed(sample.pose).mapped(frame.matrix(side), (side, side))
    return Cutout(cut_out(photo, mask, frame, side), pose)


def collate(
    pairs: Sequence[Pair],
    width: int,
    rng: np.random.Generator,
    augment: bool = True,
) -> PairBatch:
    """Stack pairs; mirror and tint both alike (a logo must not flip in one of them)."""
    side = pairs[0].source.rgba.shape[0]
    flips = rng.random(len(pairs)) < (0.5 if augment else 0.0)
    sources, targets = (
        [_mirrored(c) if flip else c for c, flip in zip(column, flips, strict=True)]
        for column in ([p.source for p in pairs], [p.target for p in pairs])
    )
    source, target = _images(sources), _images(targets)
    if augment:
        gain = rng.uniform(0.8, 1.15, (len(pairs), 3, 1, 1))
        gain = gain * rng.uniform(0.8, 1.15, (len(pairs), 1, 1, 1))
        tint = torch.tensor(gain, dtype=torch.float32)
        source[:, :3] = (source[:, :3] * tint).clamp(0, 1)
        target[:, :3] = (target[:, :3] * tint).clamp(0, 1)
    left = (side - width) // 2
    return PairBatch(
        source,
        joints_of(sources),
        target[..., left : left + width],
        joints_of(targets),
        left,
        torch.tensor([p.real for p in pairs]),
        torch.tensor([p.plain for p in pairs]),
    )


def _mirrored(cutout: Cutout) -> Cutout:
    return Cutout(cutout.rgba[:, ::-1], cutout.pose.mirrored())


def _images(cutouts: Sequence[Cutout]) -> Tensor:
    stack = np.stack([c.rgba for c in cutouts])
    return torch.from_numpy(stack).permute(0, 3, 1, 2).float() / 255


def joints_of(cutouts: Sequence[Cutout]) -> Tensor:
    """(B, 18, 2) float32 joints."""
    return torch.tensor(np.stack([c.pose.xy for c in cutouts]), dtype=torch.float32)


def _beside_pose(sample: PersonSample) -> list[Any]:
    """What else there is to a sample: to print thousands of poses takes seconds."""
    return [getattr(sample, one.name) for one in fields(sample) if one.name != "pose"]
