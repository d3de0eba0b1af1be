"""How much faster the deformable layer is than a plain loop over samples and parts.

Run from the root: `python tests/bench/deformable_layer.py`. Both ways take turns, so that other
work on the machine slows both alike; the figure is the median of the pairs' ratios.
"""

import argparse
import statistics
import time

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.painters.deformable.paper_geometry import paper_affines, paper_masks
from engine.painters.deformable.paper_layer import deformed, look_up
from engine.shapes.body import default_pose

SIDE, BATCH, CHANNELS = 256, 4, 64


def poses(seed: int) -> Tensor:
    """(B, 18, 3) people standing in various poses in the middle of the frame."""
    rng = np.random.default_rng(seed)
    xy = np.stack([default_pose((SIDE, SIDE)).xy] * BATCH)
    xy = (xy + rng.normal(0, 5, xy.shape) - SIDE / 2) * 0.9 + SIDE / 2
    joints = np.concatenate([xy, np.full((BATCH, 18, 1), 2.0)], 2)
    return torch.tensor(joints, dtype=torch.float32)


def plain(features: Tensor, affines: Tensor, masks: Tensor, sampling: str) -> Tensor:
    """One affine_grid, grid_sample, product and maximum for every sample and part."""
    to_pixels = torch.tensor([[SIDE / 2, 0, SIDE / 2], [0, SIDE / 2, SIDE / 2], [0, 0, 1]])
    painted = []
    for b in range(len(features)):
        best = None
        for p in range(affines.shape[1]):
            theta = affines[b, p] @ to_pixels / (SIDE / 2)
            theta[:, 2] -= 1
            grid = F.affine_grid(theta[None], list(features[b : b + 1].shape), align_corners=False)
            warped = F.grid_sample(features[b : b + 1], grid, mode=sampling, align_corners=False)
            part = warped * masks[b, p].float()
            best = part if best is None else torch.maximum(best, part)
        painted.append(best)
    return torch.cat(painted)


def fast(features: Tensor, affines: Tensor, masks: Tensor, sampling: str) -> Tensor:
    """The layer, its preparation included."""
    return deformed(features, look_up(affines, masks, 1.0, sampling))


def doubtful(affines: Tensor, masks: Tensor) -> Tensor:
    """(B, H, W) cells in which some part's source lies on the line between two cells.

    There the rounding of the nearest one differs between any two orders of computing.
    """
    centres = torch.arange(SIDE) + 0.5
    x, y = centres[None, :], centres[:, None]
    m = affines[..., None, None].double()
    u = m[:, :, 0, 0] * x + m[:, :, 0, 1] * y + m[:, :, 0, 2]
    v = m[:, :, 1, 0] * x + m[:, :, 1, 1] * y + m[:, :, 1, 2]
    edge = torch.minimum((u - u.round()).abs(), (v - v.round()).abs()) < 1e-3
    return (edge & masks).any(1)


def seconds(function, *args) -> float:
    start = time.perf_counter()
    function(*args)
    return time.perf_counter() - start


def measure(sampling: str, layout: torch.memory_format, rounds: int) -> None:
    """Compare results, then time both in turns and print."""
    source, target = poses(1), poses(2)
    affines = paper_affines(target, source)
    masks = paper_masks(target, SIDE, SIDE)
    torch.manual_seed(0)
    features = (torch.rand(BATCH, CHANNELS, SIDE, SIDE) - 0.5).contiguous(memory_format=layout)
    given = (features, affines, masks, sampling)
    difference = (plain(*given) - fast(*given)).abs().amax(1)
    if sampling == "nearest":
        difference = difference[~doubtful(affines, masks)]
    times = [(seconds(plain, *given), seconds(fast, *given)) for _ in range(rounds)]
    ratios = [slow / quick for slow, quick in times]
    slow, quick = (statistics.median(column) * 1e3 for column in zip(*times, strict=True))
    compared = difference.numel() / (BATCH * SIDE * SIDE)
    print(
        f"{sampling:8} {str(layout).removeprefix('torch.'):17} plain {slow:5.0f} ms, "
        f"layer {quick:4.0f} ms, ratio {statistics.median(ratios):4.1f} "
        f"({min(ratios):.1f} to {max(ratios):.1f}); "
        f"largest difference {float(difference.max()):.0e} on {compared:.1%} of the cells"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(
        f"{BATCH} x {CHANNELS} x {SIDE} x {SIDE} fp32, ten parts, maximum, no gradients, "
        f"{args.threads} thread(s)"
    )
    with torch.inference_mode():
        for sampling in ("nearest", "bilinear"):
            for layout in (torch.contiguous_format, torch.channels_last):
                measure(sampling, layout, args.rounds)


if __name__ == "__main__":
    main()
