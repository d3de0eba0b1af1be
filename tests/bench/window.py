"""How smooth the window is: start, first live picture, and the gaps of an 8 ms tick in a drag.

    python -m tests.bench.window

Run it on a display (Xvfb will do) of a machine that does nothing else. It prints figures and
asserts nothing.
"""

from __future__ import annotations

import json
import sys
import time

STARTED = time.perf_counter()

import numpy as np  # noqa: E402 - the clock runs before anything is imported
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer  # noqa: E402
from PySide6.QtGui import QMouseEvent  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from engine.request import Message, Painted  # noqa: E402
from engine.shapes.pose import INDEX  # noqa: E402
from studio.document import PictureState  # noqa: E402
from studio.settings import Settings  # noqa: E402
from studio.window import Window  # noqa: E402
from studio.worker import Bridge, make_session  # noqa: E402

TICK_MS = 8
DRAG_SECONDS = 10.0
_WRIST = INDEX["left_wrist"]


def wait(app: QApplication, seconds: float, done=lambda: False) -> bool:
    """Let Qt work until `done`, at most so long."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        app.processEvents()
        if done():
            return True
        time.sleep(0.001)
    return False


def mouse(window: Window, kind: QEvent.Type, at: QPointF) -> None:
    """One pointer event on the editor pane."""
    held = kind != QEvent.Type.MouseButtonRelease
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    canvas = window.workspace.panes.editor
    button = none if kind == QEvent.Type.MouseMove else left
    buttons = left if held else none
    keys = Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(kind, at, canvas.mapToGlobal(at), button, buttons, keys)
    QApplication.sendEvent(canvas, event)


def drag(app: QApplication, window: Window) -> dict[str, float]:
    """Wave the left wrist for ten seconds; gaps between ticks, and pictures shown."""
    document = window.document
    assert document is not None
    gaps: list[float] = []
    shown: list[Painted] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append((now - last) * 1000)
        last = now

    def count(message: Message) -> None:
        if isinstance(message, Painted):
            shown.append(message)

    window.bridge.answered.connect(count)
    start = window.workspace.panes.view.to_pane(*document.pose.xy[_WRIST])
    mouse(window, QEvent.Type.MouseButtonPress, start)
    clock, pointer, begin = QTimer(), QTimer(), time.perf_counter()
    clock.setTimerType(Qt.TimerType.PreciseTimer)
    clock.timeout.connect(tick)

    def move() -> None:
        turn = (time.perf_counter() - begin) * 2
        mouse(window, QEvent.Type.MouseMove, start + QPointF(30 * np.sin(turn), -40 * turn % 60))

    pointer.timeout.connect(move)
    clock.start(TICK_MS)
    pointer.start(16)
    QTimer.singleShot(int(DRAG_SECONDS * 1000), lambda: app.exit(0))  # quit asks the window
    app.exec()
    clock.stop()
    pointer.stop()
    mouse(window, QEvent.Type.MouseButtonRelease, start)
    return {
        "tick_gap_p99_ms": float(np.percentile(gaps[5:], 99)),
        "tick_gap_max_ms": float(np.max(gaps[5:])),
        "pictures_a_second": len(shown) / DRAG_SECONDS,
    }


def main() -> None:
    """Measure and print."""
    app = QApplication(sys.argv)
    window = Window(Bridge(make_session), Settings())
    window.open_bundled_sample()
    window.show()
    wait(
        app,
        20,
        lambda: window.workspace.panes.editor.isVisible() and window.windowHandle().isExposed(),
    )
    app.processEvents()
    opened = time.perf_counter() - STARTED
    document = window.document
    assert document is not None
    shift = document.pose.moved(left_wrist=tuple(document.pose.xy[_WRIST] + 3))
    document.change(shift, "first")
    wait(app, 60, lambda: document.state is PictureState.current)
    first = time.perf_counter() - STARTED
    wait(app, 2)
    figures = {"window_s": opened, "first_live_picture_s": first, **drag(app, window)}
    print(json.dumps({k: round(v, 3) for k, v in figures.items()}, indent=1))
    document.undo.setIndex(0)
    window.close()


if __name__ == "__main__":
    main()
