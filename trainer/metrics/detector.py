"""pose-gan's detection score: how sure an SSD is that a picture shows a person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.errors import InputError
from trainer.metrics.classifiers import fill, read_weights, sha256

ID = "ssd300"
PERSON = {91: 1, 21: 15}
"""Class "person" by how many classes the weights know: COCO's, VOC's."""
_SETS = {91: "COCO", 21: "VOC"}
_FIRST = "head.classification_head.module_list.0.weight"
_ANCHORS = 4
"""Boxes at each place of the first map."""
_BATCH = 8


class PersonDetector:
    """SSD300 on VGG-16 (Liu et al., ECCV 2016), torchvision's network.

    Attributes:
        about: for reports.
    """

    def __init__(self, path: Path) -> None:
        """Load weights. InputError: no such file, other weights, or no class of people."""
        from torchvision.models.detection import ssd300_vgg16

        state = read_weights(path, "SSD300")
        classes = state[_FIRST].shape[0] // _ANCHORS if _FIRST in state else 0
        if classes not in PERSON:
            raise InputError(
                f"{path} holds no SSD300 weights with the classes of COCO (91) or VOC (21)."
            )
        network = ssd300_vgg16(weights=None, weights_backbone=None, num_classes=classes)
        self._network, self._person = fill(network, state, path, "SSD300"), PERSON[classes]
        self.about = {
            "name": f"torchvision's SSD300 on VGG-16, classes of {_SETS[classes]}",
            "protocol": f"highest confidence of class {self._person} (person), 0 if none; the "
            "published score takes a Caffe SSD300 trained on VOC07+12",
            "weights_sha256": sha256(path),
            "file": path.name,
        }

    @torch.inference_mode()
    def scores(self, pictures: Sequence[NDArray[np.uint8]]) -> list[float]:
        """How sure it is of a person, 0..1, in each (H, W, 3) picture."""
        found: list[float] = []
        for start in range(0, len(pictures), _BATCH):
            batch = [
                torch.from_numpy(np.array(p[..., :3])).permute(2, 0, 1).float() / 255
                for p in pictures[start : start + _BATCH]
            ]
            for seen in self._network(batch):
                people = seen["scores"][seen["labels"] == self._person]
                found.append(float(people.max()) if len(people) else 0.0)
        return found
