"""A drawing with its look panel over the real worker; only the networks are replaced."""

import threading
import time
from types import SimpleNamespace

import numpy as np

from engine.appearance import FromPhoto, Vector
from engine.card import Card
from engine.painters.base import Stopped
from engine.picture import Picture
from engine.request import Painted
from engine.shapes.sketch import Sketch, Stroke
from engine.vectors import resolved
from studio.document import Origin
from studio.editors.sketch.document import SketchDocument
from studio.painting import LivePainting
from studio.panels.latent import LatentPanel
from studio.settings import Settings
from studio.theme import DARK
from studio.worker import Bridge

EFFECTS = (0.2, 0.1, 0.05, 0.004)
SLOPES = np.array([[30.0, 10, 0], [0, -20, 25], [8, 0, -15], [0, 0, 0]])
"""How red, green and blue of the item change with each number of the look."""
BOX = np.s_[10:30, 8:32]


class Colours:
    """A session that paints a box on white in the colour that the look's numbers make.

    Attributes:
        painted: every request that was finished, in order.
        gate: set = work goes on.
    """

    status = "CPU test"

    def __init__(self):
        self.painted = []
        self.gate = threading.Event()
        self.gate.set()

    def memory(self):
        return 0

    def loaded(self):
        return {}

    def digest(self, model):
        return "0" * 64

    def vector(self, model, look):
        if not isinstance(look, FromPhoto):
            return resolved(look, 4)
        colour = np.median(look.photo.pixels[look.photo.pixels.min(2) < 235], axis=0)
        return Vector(tuple(np.linalg.lstsq(SLOPES.T, colour - 120, rcond=None)[0].tolist()))

    def paint(self, request, stop):
        while not self.gate.is_set():
            if stop():
                raise Stopped
            time.sleep(0.001)
        pixels = np.full((40, 40, 3), 255, np.uint8)
        values = resolved(request.appearance, 4).values
        pixels[BOX] = np.rint((120 + np.array(values) @ SLOPES).clip(0, 230))
        self.painted.append(request)
        return Painted(request, Picture(pixels), 0.01)


def card(told=True, takes=("Vector", "Sampled", "Mix", "FromPhoto"), name="shoes"):
    """A painter of drawings whose looks have four numbers; the last does nothing."""
    metrics = {f"effect_{n}": {"value": v} for n, v in enumerate(EFFECTS, 1)}
    return Card(
        id=name,
        architecture="bicyclegan",
        title="Shoes",
        summary="",
        config={"looks": 4} if "Vector" in takes else {},
        shape="Sketch",
        takes=takes,
        metrics=metrics if told else {},
    )


def sketch(*more):
    """A drawn box."""
    lines = [Stroke.of([(8, 10), (32, 10), (32, 30), (8, 30), (8, 10)], 2.0), *more]
    return Sketch((40, 40), tuple(lines))


def bench(qtbot, drawing=None, of=None):
    """The panel in a window, with its document, painting and session."""
    session = Colours()
    bridge = Bridge(lambda: session)
    document = SketchDocument(drawing or sketch(), Origin("drawing"), "shoes")
    painting = LivePainting(bridge, lambda: 40)
    panel = LatentPanel(SimpleNamespace(bridge=bridge, settings=Settings()))
    qtbot.addWidget(panel)
    said = []
    panel.failed.connect(said.append)
    painting.follow(document)
    panel.dress(DARK)
    panel.follow(document)
    panel.offer(of or card())
    panel.resize(250, 1150)
    panel.show()
    qtbot.waitExposed(panel)
    bridge.start()
    painting.paint_now()
    if document.worth_painting:
        qtbot.waitUntil(lambda: document.finished)

    def close():
        session.gate.set()
        panel.let_go()
        painting.let_go()
        bridge.close()

    return SimpleNamespace(**locals())
