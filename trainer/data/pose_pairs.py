"""Pairs for the published Deformable GAN: one person in two poses, at the network's size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import InputError
from engine.shapes.pose import CORE, Pose
from trainer.data.coco import PersonSample
from trainer.data.people import Cutout, Mixture, PeopleFrames
from trainer.data.posegan import Annotated, read_pairs


class Posed(NamedTuple):
    """A picture at the network's size and the joints in it.

    Attributes:
        pixels: (H, W, 3) RGB, or (H, W, 4) with straight alpha; uint8.
        joints: (18, 3) float32 x, y and presence in pixels.
    """

    pixels: NDArray[np.uint8]
    joints: NDArray[np.float32]


class PosedPair(NamedTuple):
    """Source and target of one look."""

    source: Posed
    target: Posed


class PairBatch(NamedTuple):
    """Tensors on the CPU.

    Attributes:
        source, target: (B, 3, H, W) in -1..1, on white where there is alpha.
        source_joints, target_joints: (B, 18, 3) x, y and presence in pixels.
        alpha: (B, 1, H, W) of the target in 0..1; ones without alpha.
    """

    source: Tensor
    source_joints: Tensor
    target: Tensor
    target_joints: Tensor
    alpha: Tensor


class PairSource(Protocol):
    """Where pairs come from.

    Attributes:
        alpha: whether the pictures carry alpha.
    """

    alpha: bool

    def __len__(self) -> int: ...

    def pair(self, index: int, rng: np.random.Generator) -> PosedPair:
        """The pair of this index; where there is a choice, `rng` takes it."""
        ...


class AnnotatedPairs:
    """A folder in pose-gan's layout, photos as they are.

    Args:
        size: (height, width) of the network; photos of the same proportions are resized.

    Raises:
        InputError: as :func:`trainer.data.posegan.read_pairs`, or no pair with both people's
            shoulders and hips.
    """

    alpha = False

    def __init__(self, folder: Path, split: str, size: tuple[int, int]) -> None:
        every = read_pairs(folder, split)
        self.pairs = [p for p in every if p.source.pose.has(*CORE) and p.target.pose.has(*CORE)]
        self.left_out = len(every) - len(self.pairs)
        self.size = size
        if not self.pairs:
            raise InputError(f"{folder} has no {split} pair with shoulders and hips in both poses.")

    def __len__(self) -> int:
        return len(self.pairs)

    def pair(self, index: int, rng: np.random.Generator) -> PosedPair:
        """The pair of this index. InputError if a photo is damaged or of other proportions."""
        chosen = self.pairs[index]
        return PosedPair(_resized(chosen.source, self.size), _resized(chosen.target, self.size))


def _resized(photo: Annotated, size: tuple[int, int]) -> Posed:
    height, width = size
    pixels = photo.read()
    if abs(pixels.shape[0] * width / (pixels.shape[1] * height) - 1) > 0.02:
        raise InputError(
            f"{photo.path} is {pixels.shape[1]} x {pixels.shape[0]} pixels; this preset needs "
            f"photos as wide to their height as {width} x {height}."
        )
    if pixels.shape[:2] != size:
        how = cv2.INTER_AREA if height < pixels.shape[0] else cv2.INTER_CUBIC
        pixels = np.asarray(cv2.resize(pixels, (width, height), interpolation=how), np.uint8)
    return Posed(pixels, _joints(photo.pose.resized((width, height)), photo.pose))


class PeoplePairs:
    """Cut-outs of COCO key-point folders; a photo without partner has its own puppets as sources.

    Args:
        size: (height, width) of the network: the middle columns of the square person frame.
    """

    alpha = True

    def __init__(self, samples: Sequence[PersonSample], size: tuple[int, int]) -> None:
        self.frames = PeopleFrames(samples, size[0], Mixture())
        self.size = size
        self.partners: dict[int, list[int]] = {}
        for a, b in self.frames.pairs:
            self.partners.setdefault(b, []).append(a)

    def __len__(self) -> int:
        return len(self.frames.samples)

    def pair(self, index: int, rng: np.random.Generator) -> PosedPair:
        """This photo as target; its source is another photo of the person, or a puppet."""
        target = self._posed(self.frames.cutout(index), index)
        partners = self.partners.get(index)
        if partners:
            other = partners[rng.integers(len(partners))]
            return PosedPair(self._posed(self.frames.cutout(other), other), target)
        variant = int(rng.integers(self.frames.mixture.variants))
        return PosedPair(self._posed(self.frames.puppet(index, variant), index), target)

    def _posed(self, cutout: Cutout, index: int) -> Posed:
        """Joints that the photo's annotation lacks are missing again, as published."""
        height, width = self.size
        left = (height - width) // 2
        joints = _joints(cutout.pose, self.frames.samples[index].pose)
        return Posed(
            cutout.rgba[:, left : left + width], joints - np.array([left, 0, 0], np.float32)
        )


def _joints(pose: Pose, annotated: Pose) -> NDArray[np.float32]:
    presence = np.where(annotated.presence > 0, pose.presence, 0)
    return np.column_stack([pose.xy, presence]).astype(np.float32)


def stacked(pairs: Sequence[PosedPair]) -> PairBatch:
    """Pairs of one size as tensors."""
    source, _ = _pictures([pair.source.pixels for pair in pairs])
    target, alpha = _pictures([pair.target.pixels for pair in pairs])
    source_joints, target_joints = (
        torch.from_numpy(np.stack([posed.joints for posed in side]))
        for side in ([p.source for p in pairs], [p.target for p in pairs])
    )
    return PairBatch(source, source_joints, target, target_joints, alpha)


def _pictures(pixels: Sequence[NDArray[np.uint8]]) -> tuple[Tensor, Tensor]:
    values = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float() / 255
    rgb, alpha = values[:, :3], values[:, 3:]
    if not alpha.shape[1]:
        return rgb * 2 - 1, torch.ones_like(rgb[:, :1])
    return (rgb * alpha + (1 - alpha)) * 2 - 1, alpha
