"""Where networks run and in which precision."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import nn
from torch.nn import functional as F

from engine.errors import GuiseError

M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True)
class Runtime:
    """A device and the floating point type that networks use on it."""

    device: torch.device
    dtype: torch.dtype

    @classmethod
    def best(cls, device: str | None = None) -> Runtime:
        """The fastest device of this computer, or the one named.

        Args:
            device: None or "auto" for CUDA, else MPS, else CPU; otherwise "cpu", "mps", "cuda" or
                "cuda:1".

        Raises:
            GuiseError: an unknown name, or a device that this computer does not have.
        """
        chosen = _named(device) if device and device != "auto" else _fastest()
        return cls(chosen, _precision(chosen))

    def place(self, module: M) -> M:
        """The module ready to paint: evaluation mode, no gradients, channels last, placed."""
        module.eval().requires_grad_(False)
        module.to(device=self.device, dtype=self.dtype)
        return module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def __str__(self) -> str:
        names = {torch.bfloat16: "bf16", torch.float32: "fp32"}
        return f"{str(self.device).upper()} {names.get(self.dtype, str(self.dtype))}"


def _fastest() -> torch.device:
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _named(name: str) -> torch.device:
    try:
        device = torch.device(name)
    except RuntimeError:
        raise GuiseError(f"There is no device called {name!r}; use cpu, cuda or mps.") from None
    count = {
        "cpu": 1,
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": int(torch.backends.mps.is_available()),
    }.get(device.type)
    if count is None:
        raise GuiseError(f"There is no device called {name!r}; use cpu, cuda or mps.")
    if (device.index or 0) >= count:
        raise GuiseError(f"This computer has no {name} device for PyTorch; use --device cpu.")
    return device


def _precision(device: torch.device) -> torch.dtype:
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device.type == "cpu":
        fast = _cpu_has_bf16() or _cpu_is_faster_in_bf16()
    else:
        fast = False
    return torch.bfloat16 if fast else torch.float32


def _cpu_has_bf16() -> bool:
    read = getattr(torch.cpu, "get_capabilities", dict)  # newer than the oldest PyTorch we take
    flags = read()
    return bool(flags.get("avx512_bf16") or flags.get("amx_bf16"))


@functools.cache
def _cpu_is_faster_in_bf16() -> bool:
    """A tiny convolution timed both ways; bf16 must win clearly."""
    seconds: dict[torch.dtype, float] = {}
    with torch.inference_mode():
        for dtype in (torch.float32, torch.bfloat16):
            x = torch.ones(1, 64, 48, 48, dtype=dtype).to(memory_format=torch.channels_last)
            w = torch.ones(64, 64, 3, 3, dtype=dtype).to(memory_format=torch.channels_last)
            seconds[dtype] = min(_seconds(x, w) for _ in range(5))
    return seconds[torch.bfloat16] < 0.8 * seconds[torch.float32]


def _seconds(x: torch.Tensor, w: torch.Tensor) -> float:
    start = time.perf_counter()
    F.conv2d(x, w, padding=1)
    return time.perf_counter() - start
