"""Figures and sheets for TensorBoard, where it is installed and asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError

_OWN = ("step", "images", "seconds")


class Board:
    """Writes `tensorboard/` in a run folder.

    Args:
        out: the run folder.
        wanted: without it nothing is written.

    Raises:
        InputError: it is wanted and not installed.
    """

    def __init__(self, out: Path, wanted: bool) -> None:
        self._writer: Any = None
        if wanted:
            try:
                from torch.utils.tensorboard import SummaryWriter
            except ImportError:
                raise InputError(
                    "TensorBoard is not installed; run `pip install guise-studio[tensorboard]`, or "
                    "leave --tensorboard out."
                ) from None
            self._writer = SummaryWriter(str(out / "tensorboard"))

    def __enter__(self) -> Board:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, line: Mapping[str, Any]) -> None:
        """A line of stats.jsonl: losses below `train/`, held-out figures below `val/`."""
        if self._writer is None:
            return
        for name, value in line.items():
            if name in _OWN or isinstance(value, str):
                continue
            held_out = name.startswith("val_")
            tag = f"val/{name.removeprefix('val_')}" if held_out else f"train/{name}"
            self._writer.add_scalar(tag, value, line["step"])

    def show(self, sheet: NDArray[np.uint8], step: int) -> None:
        """A sample sheet (H, W, 3)."""
        if self._writer is not None:
            self._writer.add_image("samples", sheet, step, dataformats="HWC")
