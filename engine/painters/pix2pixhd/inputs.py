"""What a scene network is given: one-hot labels, the edges of objects, and a look a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class SceneInputs:
    """Channels of the input, in this order.

    Attributes:
        labels: classes (label_nc); 0 = the shape is itself a picture.
        pictures: channels of that picture (input_nc), used where `labels` is 0.
        unlabelled: whether one more channel marks pixels without a class. Published networks have
            none: such pixels are zero in every channel.
        edges: whether a channel marks the edges of objects (the published default).
        features: channels of the look (feat_num); 0 = the network paints one look only.
        by_class: whether all objects of a class share their look (label_feat).
    """

    labels: int = 35
    pictures: int = 3
    unlabelled: bool = True
    edges: bool = True
    features: int = 3
    by_class: bool = False

    @property
    def shape_channels(self) -> int:
        """Channels without the look: what a discriminator sees beside the picture."""
        base = self.labels + self.unlabelled if self.labels else self.pictures
        return base + self.edges

    @property
    def channels(self) -> int:
        """All channels."""
        return self.shape_channels + self.features

    def shape(self, seen: Tensor, objects: Tensor) -> Tensor:
        """(B, shape_channels, H, W) float32.

        Args:
            seen: (B, H, W) class ids of any integer type (ids outside the classes, 255 and -1 are
                "no class"), or, where `labels` is 0, pictures (B, pictures, H, W) in -1..1.
            objects: (B, H, W) integers that differ where objects differ.
        """
        base = one_hot(seen, self.labels, self.unlabelled) if self.labels else seen
        return torch.cat([base, object_edges(objects)], 1) if self.edges else base


def one_hot(classes: Tensor, labels: int, unlabelled: bool) -> Tensor:
    """(B, labels + unlabelled, H, W) float32 of (B, H, W) ids; no id is out of range."""
    ids = classes.long()
    ids = torch.where((ids >= 0) & (ids < labels), ids, labels)
    found = torch.zeros(ids.shape[0], labels + 1, *ids.shape[1:], device=ids.device)
    found.scatter_(1, ids[:, None], 1.0)
    return found if unlabelled else found[:, :labels]


def object_edges(objects: Tensor) -> Tensor:
    """(B, 1, H, W) float32: 1 where an id differs from any of its four neighbours', else 0."""
    across = objects[:, :, 1:] != objects[:, :, :-1]
    down = objects[:, 1:] != objects[:, :-1]
    marked = F.pad(across, (1, 0)) | F.pad(across, (0, 1))
    marked |= F.pad(down, (0, 0, 1, 0)) | F.pad(down, (0, 0, 0, 1))
    return marked[:, None].float()


def object_keys(classes: Tensor, objects: Tensor) -> Tensor:
    """(...) int64 that differ where class or object differ: what counts as one object."""
    return objects.long() * 65536 + classes.long().clamp(-1, 65534) + 1


def object_means(features: Tensor, objects: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The mean look of every object of a batch.

    Args:
        features: (B, F, H, W).
        objects: (B, H, W) integers; the same id in another image is another object.

    Returns:
        Means (N, F) float32, the object's number of every pixel (B, H, W), and pixel counts (N,).
    """
    images = torch.arange(len(objects), device=objects.device)[:, None, None].expand_as(objects)
    pairs = torch.stack([images, objects.long()], -1).flatten(0, 2)
    _, number = torch.unique(pairs[:, 1], return_inverse=True)
    joint = pairs[:, 0] * (number.max() + 1) + number
    _, number, counts = torch.unique(joint, return_inverse=True, return_counts=True)
    rows = features.float().permute(0, 2, 3, 1).flatten(0, 2)
    sums = torch.zeros(len(counts), rows.shape[1], device=rows.device)
    sums = sums.index_add(0, number, rows)
    return sums / counts[:, None], number.view(objects.shape), counts


def pooled(features: Tensor, objects: Tensor) -> Tensor:
    """(B, F, H, W) float32: every pixel with the mean of its object (instance-wise pooling)."""
    means, number, _ = object_means(features, objects)
    return means[number].permute(0, 3, 1, 2)
