"""Painters and readers without networks, built through a registry of the tests' own."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch

from engine import weights
from engine.appearance import within
from engine.card import Card
from engine.framing import person_frame
from engine.painters.base import Frame, Stopped
from engine.perception.base import Reading
from engine.photo import Mask
from engine.picture import Picture
from engine.registry import Architecture
from engine.shapes.body import default_pose

ARCHITECTURES = (
    Architecture("discs", "painter", "tests.unit.fake_models"),
    Architecture("middle", "perception", "tests.unit.fake_models"),
)


@dataclass
class Prepared:
    frame: Frame
    nbytes: int = 1000


class Discs:
    """Paints a disc on every joint; `most` is the largest side that fits into memory."""

    def __init__(self, card, most):
        self.card, self.most = card, most
        self.prepared, self.sides, self.looks = 0, [], []

    def prepare(self, appearance):
        self.prepared += 1
        self.looks.append(appearance)
        first = list(within(appearance))[-1]
        return Prepared(person_frame(first.shape, getattr(first, "mask", None)))

    def paint(self, shape, prepared, side, stop):
        self.sides.append(side)
        if side > self.most:
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried")
        if stop():
            raise Stopped
        pixels = np.zeros((side, side, 4), np.uint8)
        for x, y in shape.mapped(prepared.frame.matrix(side), (side, side)).xy:
            cv2.circle(pixels, (int(x), int(y)), max(2, side // 40), (200, 40, 90, 255), -1)
        return Picture(pixels)


class Middle:
    """Finds a person wherever the photo is not plain."""

    def __init__(self, card):
        self.card, self.reads = card, 0

    def read(self, photo):
        self.reads += 1
        found = int(photo.pixels.max()) > int(photo.pixels.min())
        mask = np.full(photo.pixels.shape[:2], 255 if found else 0, np.uint8)
        pose = default_pose(photo.size)
        return Reading(photo, pose, Mask(mask), (float(found),) * 18, found)


def load(card, tensors, runtime):
    if card.architecture == "middle":
        return Middle(card)
    return Discs(card, int(tensors["most"]))


ALL = ("FromPhoto", "Sampled", "Mix", "Parts")


def painter_file(folder, most=10_000, name="people", takes=ALL):
    path = folder / f"{name}.safetensors"
    card = Card(id=name, architecture="discs", title="Discs", summary="", config={}, takes=takes)
    weights.save(path, card, {"most": torch.tensor(most)})
    return path


def reader_file(folder):
    path = folder / "person-reader.safetensors"
    card = Card(id="person-reader", architecture="middle", title="Middle", summary="", config={})
    weights.save(path, card, {"none": torch.zeros(1)})
    return path
