"""The published parts once more, for one pose in plain numpy: the standard of the tensor code."""

import numpy as np
import torch

from engine.shapes.pose import Pose, Presence

LIMBS = [
    ("right_hip", "right_knee", 0.1, 0.1),
    ("left_hip", "left_knee", 0.1, 0.1),
    ("right_knee", "right_ankle", 0.3, 0.5),
    ("left_knee", "left_ankle", 0.3, 0.5),
    ("right_shoulder", "right_elbow", 0.1, 0.1),
    ("left_shoulder", "left_elbow", 0.1, 0.1),
    ("right_elbow", "right_wrist", 0.3, 0.5),
    ("left_elbow", "left_wrist", 0.3, 0.5),
]
FACE = ("nose", "right_eye", "left_eye", "right_ear", "left_ear")


def joints(*poses: Pose) -> torch.Tensor:
    """(B, 18, 3) x, y and presence."""
    stack = [np.c_[p.xy, p.presence] for p in poses]
    return torch.tensor(np.stack(stack), dtype=torch.float32)


def without(pose: Pose, *names: str) -> Pose:
    return pose.marked(Presence.missing, *names)


def other_side(name: str) -> str:
    return name.replace("right", "?").replace("left", "right").replace("?", "left")


def scale(pose: Pose) -> float:
    sides = [np.subtract(pose[f"{s}_hip"], pose[f"{s}_shoulder"]) for s in ("right", "left")]
    return float(np.sqrt(np.mean([v @ v for v in sides])))


def rectangle(pose: Pose, first: str, second: str, beyond: float) -> np.ndarray:
    """Four corners in order around the limb."""
    a, b = np.array(pose[first]), np.array(pose[second])
    start = a - 0.1 * (b - a)
    end = b + beyond * (b - start)
    direction = (end - start) / np.linalg.norm(end - start)
    side = np.array([-direction[1], direction[0]]) * 0.2 * scale(pose)
    return np.array([start + side, start - side, end - side, end + side])


def fitted(target: np.ndarray, source: np.ndarray) -> np.ndarray:
    """2x3 least-squares affine from target to source points."""
    columns = np.c_[target, np.ones(len(target))]
    return np.linalg.lstsq(columns, source, rcond=None)[0].T


def affines(target: Pose, source: Pose) -> list[np.ndarray | None]:
    """One affine a part; None where nothing is sampled."""
    torso = ("right_hip", "left_hip", "left_shoulder", "right_shoulder")
    found = [fitted(*(np.array([p[n] for n in torso]) for p in (target, source)))]
    face = [n for n in FACE if target.has(n) and source.has(n)]
    head = [*face, "right_shoulder", "left_shoulder"]
    points = (np.array([p[n] for n in head]) for p in (target, source))
    found.append(fitted(*points) if face else None)
    for first, second, beyond, _ in LIMBS:
        names = [(first, second), (other_side(first), other_side(second))]
        there = [n for n in names if source.has(*n)]
        if not target.has(first, second) or not there:
            found.append(None)
            continue
        quads = rectangle(target, first, second, beyond), rectangle(source, *there[0], beyond)
        found.append(fitted(*quads))
    return found


def inside(polygon: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Even-odd rule: a ray to the right crosses the outline an odd number of times."""
    odd = np.zeros(np.broadcast(x, y).shape, bool)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, 0), strict=True):
        if y0 != y1:
            odd ^= ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) / (y1 - y0) * (x1 - x0))
    return odd


def masks(target: Pose, height: int, width: int, cell: float = 1.0) -> np.ndarray:
    """(10, height, width) bool."""
    out = np.zeros((10, height, width), bool)
    out[0] = True
    y, x = (np.mgrid[:height, :width] + 0.5) * cell
    face = [target[n] for n in FACE if target.has(n)]
    if face:
        across, down = np.mean(face, 0)
        half = 0.4 * scale(target)
        out[1] = (abs(x - across) <= half) & (abs(y - down) <= half)
    for part, (first, second, _, beyond) in enumerate(LIMBS, 2):
        if target.has(first, second) and target[first] != target[second]:
            out[part] = inside(rectangle(target, first, second, beyond), x, y)
    return out


def sampled(picture: np.ndarray, affine: np.ndarray | None, x: float, y: float, smooth: bool):
    """(C,) features of a (C, H, W) picture where a target position comes from; zero outside."""
    channels, height, width = picture.shape
    if affine is None:
        return np.zeros(channels)
    u, v = affine @ (x, y, 1.0)

    def at(column: int, row: int) -> np.ndarray:
        within = 0 <= column < width and 0 <= row < height
        return picture[:, row, column] if within else np.zeros(channels)

    if not smooth:
        return at(int(np.floor(u)), int(np.floor(v)))
    left, top = int(np.floor(u - 0.5)), int(np.floor(v - 0.5))
    right, low = u - 0.5 - left, v - 0.5 - top
    upper = (1 - right) * at(left, top) + right * at(left + 1, top)
    lower = (1 - right) * at(left, top + 1) + right * at(left + 1, top + 1)
    return (1 - low) * upper + low * lower


def moved(picture, maps, cover, cell, smooth=False, average=False) -> np.ndarray:
    """The deformable skip, cell by cell."""
    parts, height, width = cover.shape
    out = np.zeros_like(picture)
    maps = [None if m is None else np.c_[m[:, :2], m[:, 2] / cell] for m in maps]
    for row, column in np.ndindex(height, width):
        layers = np.array(
            [
                sampled(picture, maps[p], column + 0.5, row + 0.5, smooth) * cover[p, row, column]
                for p in range(parts)
            ]
        )
        total = layers.sum(0) / max(cover[:, row, column].sum(), 1)
        out[:, row, column] = total if average else layers.max(0)
    return out
