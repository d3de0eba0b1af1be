"""After training: the looks each class can have, and what classes that were never seen do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor

from engine import weights
from engine.painters.pix2pixhd.clusters import PREFIX, Clusters
from engine.painters.pix2pixhd.inputs import object_means
from engine.painters.pix2pixhd.network import Pix2PixHd, SceneNetwork
from trainer.data.scene_batches import stack, whole
from trainer.data.scenes import DONT_CARE, SceneFolder

_LOOKS = 10
"""Looks of a class, at most (K of the paper)."""
_SMALLEST = 12
"""Pixels of the smallest object that says what its class looks like."""
_DRAWN = 3000
"""Objects drawn, by their size, for the clusters of a class."""
_LENT = {
    26: (27, 28, 29, 30, 31),
    25: (32, 33),
    7: (6, 9, 10),
    13: (12, 14),
    11: (15, 16),
    17: (18,),
    20: (19,),
    21: (22,),
    0: (1, 2, 3, 4, 5),
}
"""Cityscapes classes of which a set may have no example, by the class most like them."""


def find_looks(
    network: SceneNetwork, fabric: Fabric, folder: SceneFolder, size: tuple[int, int]
) -> Clusters:
    """The looks of every class in the photos of a split, small classes included.

    Args:
        network: with encoder.
        folder: the training split.
        size: (height, width) at which photos are read.
    """
    looks: dict[int, list[NDArray[np.float32]]] = {}
    areas: dict[int, list[int]] = {}
    for index in range(len(folder)):
        batch = stack([whole(folder.load(index), size)])
        with torch.no_grad(), fabric.autocast():
            found = network.features(fabric.to_device(batch.photos)).float().cpu()
        by = batch.labels if network.inputs.by_class else batch.objects
        means, number, counts = object_means(found, by)
        for label, mean, count in _objects(batch.labels, number, means, counts):
            looks.setdefault(label, []).append(mean)
            areas.setdefault(label, []).append(count)
    centres = {label: clustered(np.stack(looks[label]), areas[label]) for label in sorted(looks)}
    means_of = {
        label: np.average(np.stack(rows), 0, areas[label]).astype(np.float32)
        for label, rows in looks.items()
    }
    return Clusters(network.inputs.features, centres, means_of)


def _objects(
    labels: Tensor, number: Tensor, means: Tensor, counts: Tensor
) -> list[tuple[int, NDArray[np.float32], int]]:
    """Class, look and pixels of every object that is large enough."""
    of_object = torch.zeros(len(counts), dtype=torch.long)
    of_object[number.flatten()] = labels.long().flatten()
    rows = zip(of_object.tolist(), means.numpy(), counts.tolist(), strict=True)
    return [row for row in rows if row[0] != DONT_CARE and row[2] >= _SMALLEST]


def clustered(looks: NDArray[np.float32], areas: Sequence[int]) -> NDArray[np.float32]:
    """(K, F) centres of (N, F) looks, K at most 10 and N, ordered by the sum of their numbers:
    since looks start as colours, from dark to light.

    Large objects count more: looks are drawn by the square root of their pixels, so that a class
    of a few large ones and many dots is described by the large ones, yet dots are heard.
    """
    distinct = len(np.unique(looks.round(3), axis=0))
    count = min(_LOOKS, distinct)
    if count < 2:
        return looks.mean(0, keepdims=True).astype(np.float32)
    rng = np.random.default_rng(0)
    shares = np.sqrt(np.asarray(areas, float))
    drawn = rng.choice(len(looks), max(_DRAWN, len(looks)), p=shares / shares.sum())
    cv2.setRNGSeed(0)
    ends = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 60, 1e-4)
    rows = np.concatenate([looks, looks[drawn]]).astype(np.float32)  # all of them at least once
    start = np.zeros((len(rows), 1), np.int32)
    _, _, found = cv2.kmeans(rows, count, start, ends, 4, cv2.KMEANS_PP_CENTERS)
    centres = np.asarray(found, np.float32)
    return centres[np.argsort(centres.sum(1), kind="stable")]


def seen_classes(folder: SceneFolder) -> set[int]:
    """The classes of which a split has examples."""
    seen: set[int] = set()
    for index in range(len(folder)):
        seen |= set(np.unique(folder.read_labels(index)).tolist())
    return seen - {DONT_CARE}


def lend_unseen(
    network: Pix2PixHd, clusters: Clusters, seen: set[int], cityscapes: bool
) -> Clusters:
    """Let classes without examples be painted like those most like them, else like "no class".

    Without this they would be painted by weights that nothing has trained.

    Returns:
        The looks, lent in the same way.
    """
    labels = network.inputs.labels
    weight = network.generator.embed.weight
    centres, means = dict(clusters.centres), dict(clusters.means)
    for unseen in sorted(set(range(labels)) - seen):
        like = _most_like(unseen, seen) if cityscapes else None
        with torch.no_grad():
            if like is not None or network.inputs.unlabelled:
                weight[:, unseen] = weight[:, labels if like is None else like]
        if like is not None and like in means:
            means[unseen] = means[like]
            centres[unseen] = centres[like]
    return Clusters(clusters.features, centres, means)


def _most_like(unseen: int, seen: set[int]) -> int | None:
    return next((a for a, others in _LENT.items() if unseen in others and a in seen), None)


def with_looks(path: Path, tensors: Mapping[str, Tensor], clusters: Clusters) -> None:
    """Rewrite a model file with other weights and with looks."""
    card = weights.read_card(path)
    kept = {name: value.half() for name, value in tensors.items() if not name.startswith(PREFIX)}
    weights.save(path, card, kept | clusters.tensors())
