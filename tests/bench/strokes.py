"""How soon a stroke is seen: from the pen's event to painted pixels, on a sheet of 300 strokes.

    python -m tests.bench.strokes [--real]

A pen draws at 125 events a second while the painter is stuck, its thread busy; with `--real` the
bundled `shoes` paint. What an event waits because the window was busy when it came counts too. Run
it on a display (Xvfb will do) of a machine that does nothing else. It prints milliseconds and
asserts nothing; `work` is what the window's thread itself needed, whatever else the machine does.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPaintEvent, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QApplication

from engine.request import Request
from engine.shapes.sketch import Sketch, Stroke
from studio.canvas.transform import ViewTransform
from studio.document import Origin
from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.editor import SketchEditor
from studio.editors.sketch.options import SketchOptions
from studio.editors.sketch.pane import SketchPane
from studio.painting import LivePainting
from studio.theme import DARK
from studio.worker import Bridge, make_session
from tests.fakes import FakeSession

SIDE, STROKES, POINTS = 1024, 300, 80
EVENT_S = 0.008
EVENTS = 240
"""Of each kind of gesture."""


class StuckSession(FakeSession):
    """Begins to paint and never comes back until it is let go; its thread computes all the time."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()

    def paint(self, request: Request, stop: Callable[[], bool]) -> object:
        numbers = np.random.default_rng(0).random((300, 300))
        while not self.over.is_set():
            numbers = np.tanh(numbers @ numbers / 300)
        return super().paint(request, stop)


class TimedPane(SketchPane):
    """Notes when its last paint was over."""

    painted = 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted = time.perf_counter()


def sheet() -> Sketch:
    """Many strokes of wandering hands, some of them erasing."""
    rng = np.random.default_rng(1)
    strokes = []
    for n in range(STROKES):
        turns = np.cumsum(rng.normal(0, 0.3, POINTS)) + rng.uniform(0, 2 * np.pi)
        steps = 6 * np.stack([np.cos(turns), np.sin(turns)], 1)
        xy = (rng.uniform(100, SIDE - 100, 2) + np.cumsum(steps, 0)) % SIDE
        cut = int(np.abs(np.diff(xy, axis=0)).max(1).argmax()) + 1  # where it left the sheet
        width = rng.uniform(3, 7, max(cut, POINTS - cut))
        xy = xy[:cut] if cut > POINTS / 2 else xy[cut:]
        strokes.append(Stroke.of(xy, width[: len(xy)], erase=n % 20 == 19))
    return Sketch((SIDE, SIDE), tuple(strokes))


def pen(pane: SketchPane, kind: QEvent.Type, at: QPointF, pressure: float) -> None:
    """One event of the pen."""
    moving, up = kind == QEvent.Type.TabletMove, kind == QEvent.Type.TabletRelease
    button = Qt.MouseButton.NoButton if moving else Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if up else Qt.MouseButton.LeftButton
    keys, still = Qt.KeyboardModifier.NoModifier, (0.0,) * 5
    there = pane.mapToGlobal(at)
    QApplication.sendEvent(
        pane, QTabletEvent(kind, DEVICE, at, there, pressure, *still, keys, button, held)
    )


def waves() -> Iterator[tuple[QPointF, float]]:
    """Where the pen is on the sheet, and its pressure."""
    for n in range(EVENTS):
        x = SIDE * (0.5 + 0.45 * np.sin(n / 31))
        y = SIDE * (0.5 + 0.45 * np.sin(n / 17 + 1))
        yield QPointF(x, y), 0.5 + 0.4 * float(np.sin(n / 9))


def gesture(app: QApplication, pane: TimedPane, strokes: int) -> dict[str, float]:
    """Draw all waves as so many strokes; milliseconds from each event's time to its pixels."""
    waits: list[float] = []
    work: list[float] = []
    due = time.perf_counter()
    each = EVENTS // strokes
    for n, (at, pressure) in enumerate(waves()):
        where = pane.view.to_pane(at.x(), at.y())
        due = max(due + EVENT_S, time.perf_counter() - 0.1)
        while time.perf_counter() < due:
            app.processEvents()
        kind = QEvent.Type.TabletPress if n % each == 0 else QEvent.Type.TabletMove
        begun, worked = time.perf_counter(), time.thread_time()
        pen(pane, kind, where, pressure)
        app.processEvents()
        while pane.painted < begun and kind == QEvent.Type.TabletMove:
            app.processEvents()
        if pane.painted >= begun:  # some tools show nothing before the pen moves
            waits.append((pane.painted - due) * 1000)
            work.append((time.thread_time() - worked) * 1000)
        if n % each == each - 1:
            pen(pane, QEvent.Type.TabletRelease, where, 0.0)
    spread = {f"p{p}": np.percentile(waits, p) for p in (50, 99)}
    spread |= {"max": max(waits), "work_p50": np.median(work), "work_p99": np.percentile(work, 99)}
    return {name: round(float(ms), 1) for name, ms in spread.items()}


def tell(name: str, figures: dict[str, float]) -> None:
    """One line a gesture."""
    print(name, json.dumps(figures), flush=True)


def main() -> None:
    """Measure and print."""
    app = QApplication(sys.argv)
    stuck = StuckSession()
    bridge = Bridge(make_session if "--real" in sys.argv else lambda: stuck)
    document = SketchDocument(sheet(), Origin("bench"), "shoes")
    options, pane = SketchOptions(), TimedPane(ViewTransform())
    pane.dress(DARK)
    begun = time.perf_counter()
    pane.follow(document, options)
    tell("open", {"ms": round((time.perf_counter() - begun) * 1000, 1)})
    pane.resize(900, 900)
    pane.show()
    painting = LivePainting(bridge, lambda: 900)
    painting.follow(document)
    bridge.start()
    end = time.perf_counter() + 3
    while time.perf_counter() < end:
        app.processEvents()
    for name, tool, smoothing, symmetric, strokes in (
        ("pencil", "pencil", 0, False, 20),
        ("pencil, one stroke", "pencil", 0, False, 1),
        ("smoothed", "pencil", 50, False, 20),
        ("both sides", "pencil", 0, True, 20),
        ("eraser", "eraser", 0, False, 20),
        ("line", "line", 0, False, 20),
    ):
        options.set("tool", tool)
        options.set("smoothing", smoothing)
        options.set("symmetric", symmetric)
        tell(name, gesture(app, pane, strokes))
        document.undo.setIndex(0)
    options.set("tool", "select")
    editor = SketchEditor(document, pane.tools)
    for name, picked in (("move 5", frozenset(range(5))), ("move all", None)):
        editor.select_all_strokes()
        if picked is not None:
            document.select(picked)
        tell(name, gesture(app, pane, 1))
        document.undo.setIndex(0)
    stuck.over.set()
    painting.let_go()
    bridge.close()


DEVICE = QPointingDevice(
    "pen",
    1,
    QInputDevice.DeviceType.Stylus,
    QPointingDevice.PointerType.Pen,
    QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
    1,
    2,
)

if __name__ == "__main__":
    main()
