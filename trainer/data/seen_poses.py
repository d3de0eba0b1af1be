"""Makes the statistics of seen poses: `python -m trainer.data.seen_poses DATA -o FILE`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import tyro
from numpy.typing import NDArray

from engine.files import replacing
from engine.shapes.pose import CORE, Pose
from engine.shapes.seen import BONES, BUNDLED, KINDS, SeenPoses, bone_vectors, encoded_seen
from trainer.data.people_folders import read_packs

CLUSTERS = {"trunk": 320, "arm": 320, "leg": 320}
"""Centres a kind; more follow the training poses closer but make the file larger."""
SHARE = 99.0
LEAST = 0.01
"""Least scale as a share of the height, where all training parts are alike."""


@dataclass(frozen=True)
class Options:
    """Collect what poses the packs show."""

    data: Annotated[Path, tyro.conf.Positional]
    """Folder that holds the packs."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = BUNDLED
    """File to write."""
    packs: tuple[str, ...] = ("people", "athletes")
    """Their train splits."""


def fitted(
    poses: Sequence[Pose], about: str = "", clusters: dict[str, int] = CLUSTERS
) -> SeenPoses:
    """Cluster the parts of these poses and of their mirror images.

    A pose's leave-one-out distance measures each part to the centres as they would be without that
    part and without its mirror image.

    Args:
        poses: those with both shoulders and both hips count.
        clusters: most centres a kind.
    """
    whole = [pose for pose in poses if pose.has(*CORE)]
    both = whole + [pose.mirrored() for pose in whole]
    vectors = [bone_vectors(pose) for pose in both]
    twin = np.roll(np.arange(len(both)), len(whole))
    centres: dict[str, NDArray[np.float64]] = {}
    scales: dict[str, float] = {}
    own = np.zeros(len(both))
    for kind, most in clusters.items():
        part = next(p for p in BONES if KINDS[p] == kind and not p.startswith("left"))
        rows = np.stack([bones[part] for bones in vectors])
        there = np.asarray(np.isfinite(rows).all(1), np.bool_)
        centres[kind], labels = _clustered(rows[there], most)
        apart = np.full(len(both), 0.0)
        apart[there] = _left_out(rows[there], centres[kind], labels, _within(twin, there))
        scales[kind] = max(float(np.percentile(apart[there], SHARE)), LEAST)
        own = np.maximum(own, np.maximum(apart, apart[twin]) / scales[kind])
    return SeenPoses(centres, scales, float(np.percentile(own[: len(whole)], SHARE)), about)


def _within(twin: NDArray[np.intp], there: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The twins' places among the rows that are there; -1 where the twin is not."""
    place = np.where(there, np.cumsum(there) - 1, -1)
    return place[twin][there]


def _clustered(
    rows: NDArray[np.float64], most: int
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """(K, D) k-means centres and each row's cluster; the same every time."""
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 100, 1e-5)
    count = min(most, len(np.unique(rows, axis=0)))
    start = np.zeros((len(rows), 1), np.int32)
    data = rows.astype(np.float32)
    _, labels, _ = cv2.kmeans(data, count, start, stop, 3, cv2.KMEANS_PP_CENTERS)
    at = labels.ravel().astype(np.intp)
    return np.stack([rows[at == k].mean(0) for k in np.unique(at)]), np.unique(
        at, return_inverse=True
    )[1]


def _left_out(
    rows: NDArray[np.float64],
    centres: NDArray[np.float64],
    labels: NDArray[np.intp],
    twin: NDArray[np.intp],
) -> NDArray[np.float64]:
    """(N,) distance of each row to the nearest centre, without the row and its twin in them."""
    sums = np.stack([rows[labels == k].sum(0) for k in range(len(centres))])
    counts = np.bincount(labels, minlength=len(centres))
    out = np.empty(len(rows))
    for i, row in enumerate(rows):
        far = np.linalg.norm(centres - row, axis=1)
        gone = [i] if twin[i] < 0 else [i, int(twin[i])]
        for k in {int(labels[g]) for g in gone}:
            leaving = [g for g in gone if labels[g] == k]
            left = counts[k] - len(leaving)
            rest = (sums[k] - rows[leaving].sum(0)) / max(left, 1)
            far[k] = np.linalg.norm(rest - row) if left else np.inf
        out[i] = far.min()
    return out


def main(args: Sequence[str]) -> None:
    """Parse, fit, write."""
    options = tyro.cli(Options, args=args, prog="python -m trainer.data.seen_poses")
    samples = read_packs(options.data, options.packs, "train")
    poses = [sample.pose for sample in samples]
    about = f"{len(poses)} training poses of the packs {' and '.join(options.packs)}"
    with replacing(options.out) as file:
        file.write(encoded_seen(fitted(poses, about)))
    print(f"{options.out}: {about}")


if __name__ == "__main__":
    main(sys.argv[1:])
