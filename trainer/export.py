"""Models out of run folders: the average of the weights, half precision or bytes, with its card."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
import torch
from torch import Tensor

from engine import registry, weights
from engine.errors import InputError, ModelError
from engine.weights import Loaded
from trainer.control import read_status

_RUNNING = ("starting", "training", "paused", "stopping")


class Found(NamedTuple):
    """A model, and in words where it was found."""

    loaded: Loaded
    source: str


def find(name: str) -> Found:
    """The model of a run folder, of a file, or of an id.

    A run that was stopped by force may have a checkpoint that is newer than its model; the average
    is then taken from that.

    Raises:
        ModelError: there is none, or it is damaged.
    """
    path = Path(name)
    if path.is_dir():
        return _of_run(path)
    if path.suffix:
        return Found(weights.load(path), str(path))
    for model in registry.catalogue():
        if model.card.id == name:
            return Found(weights.load(model.path), str(model.path))
    raise ModelError(f"There is no model or run {name!r}; see `guise models list`.")


def _of_run(run: Path) -> Found:
    model = _newest(run)
    if model is None:
        raise ModelError(
            f"{run} holds no model yet; let the training end, or stop it with Ctrl-C, which keeps "
            "one."
        )
    loaded = weights.load(model)
    state = model.with_name("state.pt")
    unfinished = read_status(run).get("state") in _RUNNING
    if unfinished and state.is_file() and state.stat().st_mtime > model.stat().st_mtime:
        return Found(_with_average(loaded, state), str(state))
    return Found(loaded, str(model))


def _newest(run: Path) -> Path | None:
    """The model of the last stage that has one."""
    found = [run / "model.safetensors", *run.glob("*/model.safetensors")]
    known = [path for path in found if path.is_file()]
    return max(known, key=lambda path: path.stat().st_mtime, default=None)


def _with_average(loaded: Loaded, path: Path) -> Loaded:
    try:
        average = torch.load(path, map_location="cpu", weights_only=True)["average"]
    except Exception as error:  # unpicklers raise whatever damaged bytes provoke
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ModelError(f"{path} is damaged ({reason}); name the model file instead.") from None
    fits = all(
        name in loaded.tensors and loaded.tensors[name].shape == value.shape
        for name, value in average.items()
    )
    if not fits:
        raise ModelError(f"{path} does not fit the model beside it; name the model file instead.")
    return Loaded(loaded.card, loaded.tensors | average, "")


def write_model(found: Found, out: Path, bits: Literal[8, 16]) -> None:
    """Write a model file in half precision, or with 8 bits for large weights.

    Raises:
        InputError: the place cannot be written, or is no .safetensors file.
    """
    if out.suffix != ".safetensors":
        raise InputError(f"{out}: model files end with .safetensors.")
    card = msgspec.structs.replace(found.loaded.card, bits=bits)
    weights.save(out, card, {name: _half(value) for name, value in found.loaded.tensors.items()})


def _half(value: Tensor) -> Tensor:
    return value.half() if value.is_floating_point() else value
