"""Writing models as ONNX files, and checking with onnxruntime that they say the same."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch import Tensor

from engine import registry
from engine.card import Card
from engine.errors import InputError, Unsupported
from engine.files import replacing
from engine.runtime import Runtime
from engine.weights import KEY, Loaded
from trainer.onnx_base import Graph
from trainer.onnx_examples import examples
from trainer.onnx_graphs import graphs

OPSET = 20
"""The first one whose GridSample is that of PyTorch."""
CLOSE = 1e-3
"""Largest difference to PyTorch, on random and on real inputs."""


@dataclass(frozen=True)
class Written:
    """A graph that has been written.

    Attributes:
        path: its file.
        apart: largest difference to PyTorch in what it gave.
    """

    path: Path
    apart: float


def write_onnx(loaded: Loaded, path: Path) -> list[Written]:
    """Write a model's graphs: `path`, and for what is done once a look NAME.prepare.onnx.

    The card travels in the metadata under the key `guise`.

    Raises:
        InputError: onnx is not installed, or the place cannot be written.
        Unsupported: a network that ONNX cannot hold, or one whose graph differs.
    """
    _needed()
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent} to write to.")
    card = loaded.card
    built = registry.build(loaded, Runtime(torch.device("cpu"), torch.float32))
    network = built.network.to(memory_format=torch.contiguous_format)
    written, held = [], [dict[str, Tensor]() for _ in range(2)]
    for graph in graphs(card, network):
        given = [examples(graph, network, card, before, seed) for seed, before in enumerate(held)]
        content = _exported(graph, given[0], card)
        told = [_outputs(graph, each) for each in given]
        apart = max(_apart(content, a, b) for a, b in zip(given, told, strict=True))
        if not apart <= CLOSE:
            raise Unsupported(
                f"{card.id} cannot become ONNX: its graph differs from PyTorch by {apart:.2g}."
            )
        place = path.with_suffix(".prepare.onnx") if graph.name == "prepare" else path
        with replacing(place) as file:
            file.write(content)
        written.append(Written(place, apart))
        for before, outputs in zip(held, told, strict=True):
            before |= outputs
    return written


def _needed() -> None:
    try:
        import onnx
        import onnxruntime
        import onnxscript
    except ImportError as error:
        raise InputError(
            f"{error.name} is not installed; run `pip install guise-studio[onnx]`."
        ) from None
    del onnx, onnxruntime, onnxscript


def _outputs(graph: Graph, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
    with torch.inference_mode():
        made = graph.module(*given.values())
    parts = made if isinstance(made, tuple) else (made,)
    return dict(zip(graph.outputs, (part.clone() for part in parts), strict=True))


def _exported(graph: Graph, given: Mapping[str, Tensor], card: Card) -> bytes:
    """The bytes of a file, with names, meanings and the card."""
    import onnx

    shapes = tuple(_dynamic(graph, name) for name in given)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # hints for the authors of PyTorch
            logging.getLogger("torch.onnx").setLevel(logging.ERROR)
            traced = torch.export.export(
                graph.module.eval(), tuple(given.values()), dynamic_shapes=(shapes,), strict=False
            )
            program = torch.onnx.export(
                traced,
                input_names=list(given),
                output_names=list(graph.outputs),
                opset_version=OPSET,
                dynamo=True,
            )
    except Exception as error:  # whatever the exporter stumbles over
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Unsupported(f"{card.id} cannot become ONNX: {reason}") from None
    assert program is not None
    model = program.model_proto
    about = {name: one.about for name, one in graph.inputs.items()} | graph.outputs
    notes = {KEY: msgspec.json.encode(card).decode(), "graph": graph.name}
    notes["about"] = msgspec.json.encode(about).decode()
    onnx.helper.set_model_props(model, notes)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _dynamic(graph: Graph, name: str) -> Any:
    """Which dimensions of an input may differ: how many pictures, and where it can their sizes."""
    from torch.export import Dim

    shape: dict[int, Any] = {0: Dim("pictures", min=1, max=1024)}
    asked = graph.inputs[name]
    if asked.grows:
        last = len(asked.shape)
        height, width = (Dim(side, min=1, max=512) for side in ("rows", "columns"))
        shape |= {last - 1: asked.stride * height, last: asked.stride * width}
    return shape


def _apart(content: bytes, given: Mapping[str, Tensor], told: Mapping[str, Tensor]) -> float:
    """Largest difference between onnxruntime's outputs and PyTorch's."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
    found = session.run(list(told), {name: value.numpy() for name, value in given.items()})
    differences = [
        float(np.abs(np.asarray(mine) - theirs.numpy()).max())
        for mine, theirs in zip(found, told.values(), strict=True)
    ]
    return max(differences)
