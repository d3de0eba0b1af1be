"""Inputs to try graphs with: random ones, and real ones from the bundled sample."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import assets
from engine.card import Card
from engine.framing import cut_out, person_frame
from engine.painters.pix2pixhd.inputs import pooled
from engine.photo import Mask, Photo
from engine.photo_files import open_photo
from engine.shapes.body import completed, default_pose
from engine.shapes.pose_files import read_pose
from trainer.onnx_base import Graph, Input

_SAMPLES = Path(assets.__file__).parent / "samples"
_PICTURES = 2
"""How many random ones at once, so that the batch is tried, too."""
_BY_CHANCE = ("maps", "placed")
"""Kinds of inputs of which the sample has none."""


def examples(
    graph: Graph, network: nn.Module, card: Card, held: Mapping[str, Tensor], number: int
) -> dict[str, Tensor]:
    """Inputs by name: random ones for number 0, else real ones.

    Args:
        held: what the graph before gave for the same number.
    """
    rng = np.random.default_rng(number)
    made: dict[str, Tensor] = {}
    for name, asked in graph.inputs.items():
        if asked.kind == "held" and name in held:
            made[name] = held[name]
        else:
            real = number and asked.kind not in _BY_CHANCE
            some = 1 if number else _PICTURES
            made[name] = _real(name, asked, card) if real else _random(asked, card, rng, some)
    if "look" in made and made["look"].ndim == 4:
        made["look"] = pooled(made["look"], made["objects"])
    return made


def _random(asked: Input, card: Card, rng: np.random.Generator, some: int) -> Tensor:
    shape = (some, *asked.shape)
    match asked.kind:
        case "rgba":
            return torch.from_numpy(rng.random(shape, np.float32))
        case "joints":
            drawn = default_pose((card.side, card.side)).xy
            moved = drawn + rng.normal(0, card.side / 40, (some, *drawn.shape))
            return torch.from_numpy(moved.astype(np.float32))
        case "placed":
            place = default_pose((card.side, card.side)).xy
            found = rng.random((some, len(place), 1)) < 0.9
            moved = place + rng.normal(0, card.side / 40, (some, *place.shape))
            return torch.from_numpy(np.concatenate([moved, found], 2).astype(np.float32))
        case "unit photo":
            return torch.from_numpy(rng.random(shape, np.float32))
        case "sketch":
            return torch.from_numpy((rng.random(shape) < 0.1).astype(np.float32))
        case "labels":
            return torch.from_numpy(rng.integers(0, 40, shape))
        case "objects":
            return torch.from_numpy(rng.integers(0, 9, shape))
        case "look":
            return torch.from_numpy(rng.standard_normal(shape).astype(np.float32))
        case _:
            return torch.from_numpy(rng.uniform(-1, 1, shape).astype(np.float32))


def _real(name: str, asked: Input, card: Card) -> Tensor:
    """From the photo of the bundled sample."""
    photo = open_photo(_SAMPLES / "walker.png")
    marked = cv2.imread(str(_SAMPLES / "walker.mask.png"), cv2.IMREAD_GRAYSCALE)
    mask = Mask(np.asarray(marked, np.uint8))
    height, width = asked.shape[-2:] if len(asked.shape) > 1 else (card.side, card.side)
    match asked.kind:
        case "rgba":
            return _batch(_framed(photo, mask, card.side)) / 255
        case "joints":
            return _in_frame("source" if name == "joints" else "pose", photo, mask, card.side)
        case "sketch":
            small = np.asarray(cv2.resize(photo.pixels, (width, height)), np.uint8)
            return torch.from_numpy((cv2.Canny(small, 80, 160) > 0)[None, None].astype(np.float32))
        case "labels" | "objects":
            person = cv2.resize(mask.pixels, (width, height)) > 127
            ids = np.where(person, 24, np.where(np.arange(height)[:, None] < height // 2, 23, 7))
            return torch.from_numpy(ids[None].astype(np.int64))
        case "look":
            return torch.zeros(1, *asked.shape)
        case _:
            small = _batch(np.asarray(cv2.resize(photo.pixels, (width, height)), np.uint8))
            return small / 255 if asked.kind == "unit photo" else small / 127.5 - 1


def _framed(photo: Photo, mask: Mask, side: int) -> NDArray[np.uint8]:
    pose = read_pose(_SAMPLES / "walker.source.json", photo.size)
    return cut_out(photo, mask, person_frame(pose, mask), side)


def _in_frame(name: str, photo: Photo, mask: Mask, side: int) -> Tensor:
    source, pose = (
        read_pose(_SAMPLES / f"walker.{which}.json", photo.size) for which in ("source", name)
    )
    matrix = person_frame(source, mask).matrix(side)
    inside = completed(pose).mapped(matrix, (side, side))
    return torch.from_numpy(inside.xy[None].astype(np.float32))


def _batch(pixels: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float()
