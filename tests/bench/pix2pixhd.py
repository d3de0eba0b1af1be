"""How much faster the engine paints with the published G1 than its plain forward does.

Run from the root: `python tests/bench/pix2pixhd.py`. The baseline is the network in fp32, NCHW and
eager, under inference_mode with the same threads and the same random weights. Both ways take turns,
so that other work on the machine slows both alike; the figure is the median of the pairs' ratios.
With one thread it is processor time, which does not count what others do meanwhile. Peak memory is
that of a process of its own for each way.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.painters.pix2pixhd.inputs import SceneInputs
from engine.painters.pix2pixhd.official import OfficialConfig, OfficialHd
from engine.runtime import Runtime


def network(width: int) -> OfficialHd:
    """G1 with the random weights that published training starts from."""
    torch.manual_seed(0)
    made = OfficialHd(OfficialConfig(SceneInputs(35, 0, False), width=width))
    return made.eval().requires_grad_(False)


def scene(width: int) -> Tensor:
    """(1, 39, width / 2, width): one-hot stripes, edges, looks."""
    height = width // 2
    labels = (torch.arange(width) // 32 % 35).expand(height, -1)
    one_hot = F.one_hot(labels, 35).permute(2, 0, 1)[None].float()
    edges = (torch.arange(width) % 32 == 0).float().expand(1, 1, height, -1)
    looks = torch.sin(torch.arange(3)[:, None, None] + labels)[None]
    return torch.cat([one_hot, edges, looks], 1)


def plain(model: nn.Sequential, x: Tensor) -> Tensor:
    """Module by module, as the published code runs them."""
    for layer in model:
        if hasattr(layer, "conv_block"):
            x = x + plain(layer.conv_block, x)  # type: ignore[arg-type]
        elif isinstance(layer, nn.Module) and type(layer).__name__ == "InstanceNorm":
            x = F.instance_norm(x)
        else:
            x = layer(x)
    return x


def runner(way: str, width: int):
    """The way, ready to paint."""
    made = network(width)
    if way == "plain":
        return lambda x: plain(made.generator.model, x)
    placed = Runtime.best("cpu").place(made)
    return placed.paint


def seconds(function, x: Tensor) -> float:
    clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    start = clock()
    function(x)
    return clock() - start


def peak(way: str, args: argparse.Namespace) -> float:
    """Megabytes of a process that paints once."""
    command = [sys.executable, __file__, "--way", way, "--threads", str(args.threads)]
    command += ["--width", str(args.width), "--side", str(args.side)]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--width", type=int, default=64, help="ngf")
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--way", help="paint once this way and print the peak in MB")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    x = scene(args.side)
    with torch.inference_mode():
        if args.way:
            runner(args.way, args.width)(x)
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            return
        ways = runner("plain", args.width), runner("engine", args.width)
        slow, quick = (way(x) for way in ways)
        error = ((slow - quick) * 127.5).square().mean()
        psnr = 10 * torch.log10(255**2 / error)
        times = [tuple(seconds(way, x) for way in ways) for _ in range(args.rounds)]
    ratios = [a / b for a, b in times]
    medians = [statistics.median(column) for column in zip(*times, strict=True)]
    print(
        f"G1, ngf {args.width}, {args.side} x {args.side // 2}, {args.threads} threads: "
        f"plain {medians[0]:.2f} s, engine {medians[1]:.2f} s, "
        f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}), "
        f"PSNR {psnr:.1f} dB (spread {float(slow.std()):.2f})"
    )
    print(", ".join(f"{way} peak {peak(way, args):.0f} MB" for way in ("plain", "engine")))


if __name__ == "__main__":
    main()
