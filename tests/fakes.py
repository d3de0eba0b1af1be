"""A session without networks, for tests of the window."""

import threading
import time

import numpy as np

from engine.appearance import Vector
from engine.card import Card
from engine.errors import InputError
from engine.painters.base import Stopped
from engine.perception.base import Reading
from engine.photo import Mask
from engine.photo_files import open_photo, save_png
from engine.picture import Picture
from engine.request import Painted, Scene
from engine.shapes.body import default_pose
from engine.shapes.label_sets import cityscapes
from engine.shapes.labels import LabelMap
from engine.shapes.sketch import Sketch, Stroke
from tests.unit.people import drawn_person


class FakeSession:
    """Paints one colour a picture; waits at `gate` while it is closed.

    Attributes:
        gate: set = work goes on.
        painted: every request that was finished, in order.
        tended: what the models were looked at for, in order.
        crowd: how many people every photo has.
        nobody: photos are read as if nobody was in them.
        failing: text of the error that the next pictures give; empty = none.
    """

    status = "CPU test"

    def __init__(self):
        self.gate = threading.Event()
        self.gate.set()
        self.painted = []
        self.tended = []
        self.begun = threading.Semaphore(0)
        self.nobody = False
        self.crowd = 1
        self.failing = ""

    def memory(self):
        return 20_000_000

    def loaded(self):
        return {"people": 10_000_000}

    def tend(self, unload):
        self.tended.append(unload)

    def read(self, photo, stop):
        _, mask, _ = drawn_person(photo.size)
        confidence = (1.0,) * 18
        return Reading(photo, default_pose(photo.size), mask, confidence, not self.nobody)

    def read_all(self, photo, stop):
        first = self.read(photo, stop)
        others = []
        for n in range(1, self.crowd):
            shift = np.array([[1.0, 0, 20 * n], [0, 1, 0]])
            pose = first.pose.mapped(shift, first.pose.size)
            mask = Mask(np.roll(first.mask.pixels, 20 * n, 1))
            others.append(Reading(photo, pose, mask, first.confidence, True))
        return (first, *others)

    def paint(self, request, stop):
        self.begun.release()
        while not self.gate.is_set():
            if stop():
                raise Stopped
            time.sleep(0.001)
        if self.failing:
            raise InputError(self.failing)
        self.painted.append(request)
        width, height = request.shape.size
        if request.longest:
            scale = min(request.longest / max(width, height), 1)
            width, height = max(round(width * scale), 1), max(round(height * scale), 1)
        shade = len(self.painted) % 200 + 40
        channels = 4 if request.scene is Scene.cutout else 3
        pixels = np.full((height, width, channels), shade, np.uint8)
        return Painted(request, Picture(pixels), 0.042)

    traced = Sketch((200, 300), (Stroke.of([(10, 10), (90, 200)], 2.0),))

    def sketch_of(self, photo, stop):
        return self.traced

    def labels_of(self, photo, stop):
        return LabelMap.blank(photo.size, cityscapes())

    def vector(self, model, look):
        return Vector((0.0,) * 8)

    def digest(self, model):
        return "0" * 64

    def background(self, stand, longest, stop):
        return Picture(stand.photo.pixels)

    def export(self, request, path, stop):
        painted = self.paint(request, stop)
        save_png(painted.picture, path, request, weights="0" * 64, degraded="")
        return painted


def card(name, title, takes, architecture="vunet", commercial=False):
    """What a model that paints people says about itself."""
    return Card(
        id=name,
        architecture=architecture,
        title=title,
        summary=f"{title}, for tests.",
        config={},
        takes=takes,
        terms="For tests only.",
        commercial=commercial,
    )


def photo_file(path):
    """A drawn person's photo as a PNG."""
    photo, _, _ = drawn_person((200, 300))
    save_png_of(photo.pixels, path)
    assert open_photo(path).size == (200, 300)
    return path


def save_png_of(pixels, path):
    """Plain pixels as a PNG."""
    from PIL import Image

    Image.fromarray(pixels).save(path)
