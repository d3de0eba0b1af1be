"""`guise export`: a run's or a model's weights as a model file, or as ONNX graphs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from engine.errors import InputError


@dataclass(frozen=True)
class ExportOptions:
    """Take a model out of a run, or turn a model into ONNX.

    ONNX gives NAME.onnx, which paints or reads, and for what is done once a look
    NAME.prepare.onnx; both are compared with PyTorch before they are called good. Names, meanings
    and ranges of their inputs are in their metadata, beside the card.
    """

    model: Annotated[str, tyro.conf.Positional]
    """Run folder, model file, or id as in `guise models list`."""
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """Model file to write (.safetensors)."""
    bits: Literal[16, 8] = 16
    """8: large weights as bytes, a file of half the size."""
    onnx: Path | None = None
    """ONNX file to write (.onnx)."""


def main(args: list[str]) -> None:
    """Write what was asked for, and say what came of it."""
    options = tyro.cli(ExportOptions, args=args, prog="guise export")
    if options.out is None and options.onnx is None:
        raise InputError("Say what to write: -o OUT.safetensors, --onnx OUT.onnx, or both.")
    if options.onnx is not None and options.onnx.suffix != ".onnx":
        raise InputError(f"{options.onnx}: ONNX files end with .onnx.")
    from trainer.export import find, write_model

    found = find(options.model)
    if options.out is not None:
        write_model(found, options.out, options.bits)
        print(f"{options.out}: {_size(options.out)}, from {found.source}.")
    if options.onnx is not None:
        from trainer.onnx_export import write_onnx

        for written in write_onnx(found.loaded, options.onnx):
            told = f"differs from PyTorch by {written.apart:.1g} at most"
            print(f"{written.path}: {_size(written.path)}, {told}.")


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"
