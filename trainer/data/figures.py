"""Photos with stick figures and part crops: what the published VUNet learns from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.framing import person_frame
from engine.painters.backgrounds import whole_frame, with_background
from engine.painters.vunet.paper_network import PaperVunetConfig
from engine.painters.vunet.paper_painter import Crops, crop_maps, signed
from engine.painters.vunet.paper_shape import CROPS, part_crops, stickman
from engine.photo import Mask, Photo
from engine.shapes.pose import CORE, Pose
from trainer.data.coco import PersonSample


class FigureBatch(NamedTuple):
    """Tensors in -1..1 on the CPU.

    Attributes:
        picture: (B, 3, S, S).
        shape: (B, 3, S, S) stick figures.
        crops: (B, C, s, s).
    """

    picture: Tensor
    shape: Tensor
    crops: Tensor


class Figures:
    """Samples in the network's frame, background included; each is read when it is asked for."""

    def __init__(self, samples: Sequence[PersonSample], config: PaperVunetConfig) -> None:
        self.samples = [sample for sample in samples if sample.pose.has(*CORE)]
        self.config = config

    def __len__(self) -> int:
        return len(self.samples)

    def batch(self, indices: Sequence[int], mirrored: Sequence[bool] | None = None) -> FigureBatch:
        """These samples stacked, some of them mirrored. InputError if a photo is damaged."""
        rows = []
        for i, flip in zip(indices, mirrored or [False] * len(indices), strict=True):
            pixels, pose = self.framed(i)
            if flip:
                pixels, pose = np.ascontiguousarray(pixels[:, ::-1]), pose.mirrored()
            rows.append(self._maps(pixels, pose))
        return FigureBatch(*(torch.stack(column) for column in zip(*rows, strict=True)))

    def framed(self, index: int) -> tuple[NDArray[np.uint8], Pose]:
        """(S, S, 3) and the pose there; joints that the annotation lacks stay missing."""
        sample, side = self.samples[index], self.config.size
        pixels, alpha = sample.read()
        photo, mask = Photo(pixels), Mask(alpha) if sample.masked else None
        frame = whole_frame(photo.size, 1.0) if self.config.whole else None
        frame = frame or person_frame(sample.pose, mask)
        pose = sample.pose.mapped(frame.matrix(side), (side, side))
        return with_background(photo, frame, side), pose

    def _maps(self, pixels: NDArray[np.uint8], pose: Pose) -> tuple[Tensor, Tensor, Tensor]:
        names = CROPS[self.config.crops]
        crops = Crops(*part_crops(pixels, pose, names, self.config.crop_side))
        return signed(pixels), signed(stickman(pose)), crop_maps(crops, self.config.crops)
