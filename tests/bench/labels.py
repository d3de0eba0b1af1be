"""Painting labels on a 2048 x 1024 map: from the mouse event to painted pixels, and the history.

    QT_QPA_PLATFORM=offscreen python -m tests.bench.labels

Prints the time of each step of brush strokes (percentiles) and what 500 steps of undo hold. The
processor time says what a machine would take that does nothing else.
"""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.shapes import label_objects
from engine.shapes.label_edit import LabelEdit
from engine.shapes.label_paint import Ink, painted, polygon, rectangle, stroke
from engine.shapes.label_sets import cityscapes
from engine.shapes.labels import LabelMap
from studio import theme
from studio.canvas.transform import ViewTransform
from studio.document import Origin
from studio.editors.scene.document import SceneDocument
from studio.editors.scene.options import SceneOptions
from studio.editors.scene.pane import LabelPane

SIZE = (2048, 1024)
STROKES, STEPS, UNDO = 12, 60, 500
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def busy_street(seed: int = 0) -> LabelMap:
    """Surfaces in bands and 120 objects of all sizes."""
    rng = np.random.default_rng(seed)
    scene = LabelMap.blank(SIZE, cityscapes())
    for label, top in ((23, 0), (21, 200), (11, 330), (8, 560), (7, 640)):
        scene = painted(scene, rectangle(SIZE, (0, top), (2047, 1023)), Ink(label))
    for number in range(1, 121):
        corner = rng.uniform((0, 400), (2000, 900))
        reach = corner + rng.uniform(6, 160, 2)
        label = int(rng.choice([24, 26, 33]))
        scene = painted(scene, rectangle(SIZE, tuple(corner), tuple(reach)), Ink(label, number))
    return scene


def send(canvas: LabelPane, kind: QEvent.Type, at: QPointF) -> None:
    """One mouse event, and the painting that it asks for."""
    up = kind == QEvent.Type.MouseButtonRelease
    shown = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
    held = Qt.MouseButton.NoButton if up else LEFT
    event = QMouseEvent(kind, at, canvas.mapToGlobal(at), shown, held, NONE)
    QApplication.sendEvent(canvas, event)
    QApplication.processEvents()


def strokes(canvas: LabelPane, seed: int) -> list[tuple[float, float]]:
    """Seconds of every step of a dozen strokes, from the event to painted pixels.

    Returns:
        By the clock, and of the processor.
    """
    rng = np.random.default_rng(seed)
    seconds = []
    for _ in range(STROKES):
        at = rng.uniform((100, 100), (canvas.width() - 100, canvas.height() - 100))
        send(canvas, QEvent.Type.MouseButtonPress, QPointF(*at))
        for _ in range(STEPS):
            at = np.clip(at + rng.normal(0, 9, 2), 60, (canvas.width() - 60, canvas.height() - 60))
            before, worked = time.perf_counter(), time.thread_time()
            send(canvas, QEvent.Type.MouseMove, QPointF(*at))
            seconds.append((time.perf_counter() - before, time.thread_time() - worked))
        send(canvas, QEvent.Type.MouseButtonRelease, QPointF(*at))
    return seconds


def brushes() -> None:
    """Percentiles for three sizes, fitted and at 100 %, plain and with patterns."""
    for size, patterns, fitted in (
        (20, False, True),
        (60, False, True),
        (200, False, True),
        (60, True, True),
        (60, False, False),
    ):
        view, options = ViewTransform(), SceneOptions()
        options.set("brush", size)
        options.set("patterns", patterns)
        canvas = LabelPane(view)
        canvas.dress(theme.DARK)
        document = SceneDocument(busy_street(), Origin("bench"), "street")
        canvas.follow(document, options)
        canvas.resize(900, 700)
        canvas.show()
        QApplication.processEvents()
        if not fitted:
            view.actual_size(1.0)
        strokes(canvas, 1)
        found = np.array(strokes(canvas, 2)) * 1000
        where = "fitted" if fitted else "100 %"
        dotted = " with patterns" if patterns else ""
        for clock, column in (("clock", 0), ("processor", 1)):
            p50, p95, p99 = np.percentile(found[:, column], (50, 95, 99))
            print(
                f"brush {size:3} px {where}{dotted}, {clock}: p50 {p50:.1f} ms, p95 {p95:.1f} ms,"
                f" p99 {p99:.1f} ms"
            )
        canvas.close()


def history() -> None:
    """What 500 steps hold: strokes, polygons, moves, fills."""
    rng = np.random.default_rng(3)
    scene, held, largest = busy_street(), 0, 0
    for n in range(UNDO):
        before = scene
        match n % 4:
            case 0:
                at = rng.uniform((0, 0), SIZE)
                for _ in range(20):
                    there = at + rng.normal(0, 40, 2)
                    ink = Ink(int(rng.choice([7, 11, 21, 23])))
                    scene = painted(scene, stroke(SIZE, tuple(at), tuple(there), (30, 30)), ink)
                    at = there
            case 1:
                corners = rng.uniform((0, 0), SIZE, (6, 2))
                scene = painted(scene, polygon(SIZE, corners), Ink(int(rng.choice([8, 21]))))
            case 2 if scene.instances:
                number = int(rng.choice(list(scene.instances)))
                shift = np.array([[1.0, 0, rng.normal(0, 60)], [0, 1.0, rng.normal(0, 30)]])
                scene = label_objects.moved(scene, number, shift)
            case _:
                corner, reach = rng.uniform((0, 0), SIZE), rng.uniform((0, 0), SIZE)
                ink = Ink(26, scene.next_object)
                scene = painted(scene, rectangle(SIZE, tuple(corner), tuple(reach)), ink)
        edit = LabelEdit.between(before, scene)
        if edit is not None:
            held, largest = held + edit.nbytes, max(largest, edit.nbytes)
    print(f"history: {UNDO} steps hold {held / 1e6:.1f} MB, the largest {largest / 1e3:.0f} kB")


if __name__ == "__main__":
    app = QApplication([])
    theme.apply(app, theme.ThemeChoice.dark)
    brushes()
    history()
