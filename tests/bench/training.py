"""How smooth the window is while a model is trained beside it, and how soon its weights paint.

    python -m tests.bench.training DATA [OPTIONS OF guise train]

DATA is a folder of photos with their edges. A training is begun through the window by the real
command line; then come ten seconds of an 8 ms tick with the chart in view, ten with a drawing, and
“use now” until the first picture of the new weights. Run it on a display (Xvfb will do) of a
machine that does nothing else. It prints figures and asserts nothing.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
    os.environ[name] = tempfile.mkdtemp()

import numpy as np  # noqa: E402
from PySide6.QtCore import Qt, QTimer  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from studio.document import PictureState  # noqa: E402
from studio.editors.sketch.examples import examples  # noqa: E402
from studio.editors.sketch.workspace import SketchWorkspace  # noqa: E402
from studio.panels.train import TrainDialog  # noqa: E402
from studio.settings import Settings  # noqa: E402
from studio.training.runs import Word  # noqa: E402
from studio.window import Window  # noqa: E402
from studio.worker import Bridge, make_session  # noqa: E402

_TICK_MS, _SECONDS = 8, 10.0


def until(app: QApplication, done: Callable[[], bool], seconds: float = 600) -> None:
    """Let Qt work until something is so."""
    end = time.perf_counter() + seconds
    while not done():
        if time.perf_counter() > end:
            sys.exit("it never came so far")
        app.processEvents()
        time.sleep(0.001)


def gaps(app: QApplication, act: Callable[[], None]) -> dict[str, float]:
    """Milliseconds between ticks of the window's clock while something is done at each 16th ms."""
    found, last = list[float](), time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        found.append((now - last) * 1000)
        last = now

    clock, hand = QTimer(), QTimer()
    clock.setTimerType(Qt.TimerType.PreciseTimer)
    clock.timeout.connect(tick)
    hand.timeout.connect(act)
    clock.start(_TICK_MS)
    hand.start(16)
    QTimer.singleShot(int(_SECONDS * 1000), lambda: app.exit(0))
    app.exec()
    clock.stop()
    hand.stop()
    shown = found[5:]
    return {"p99_ms": float(np.percentile(shown, 99)), "max_ms": float(np.max(shown))}


def begin(app: QApplication, window: Window, data: Path) -> TrainDialog:
    """Train on a folder, as the window does."""
    window.run("show_training")
    dialog = window.training.dialog
    assert dialog is not None
    setup, run = dialog.setup, dialog.run
    setup.data.open_folder(data)
    until(app, lambda: setup.data.check is not None)
    cards = (c for c in setup.cards.cards if c.choice.words()[1:2] == ["bicyclegan"])
    next(cards).click()
    setup.options.setText(" ".join(sys.argv[2:]))
    setup.start.click()
    until(app, lambda: run.snapshot is not None and run.snapshot.ticks > 2)
    return dialog


def use_now(app: QApplication, window: Window, dialog: TrainDialog) -> float:
    """Seconds from the button to the new weights' first picture."""
    start = time.perf_counter()
    document = window.document
    assert document is not None
    before = document.model
    dialog.run.use_wanted.emit(dialog.chosen)
    until(app, lambda: document.model != before)
    until(app, lambda: document.state is PictureState.current)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    app = QApplication(sys.argv)
    window = Window(Bridge(make_session), Settings())
    window.show()
    window.bridge.start()
    window.run("new_drawing")
    workspace = window.workspace
    assert isinstance(workspace, SketchWorkspace)
    workspace.take_example(examples()[0])
    document = workspace.document
    until(app, lambda: document.state is PictureState.current)
    alone = gaps(app, lambda: None)
    dialog = begin(app, window, Path(sys.argv[1]))
    chart = gaps(app, dialog.run.curves.chart.update)
    dialog.hide()
    drawing = gaps(app, lambda: workspace.panes.editor.update())
    seconds = use_now(app, window, dialog)
    folder = dialog.chosen
    assert folder is not None
    window.training.trainings.ask(folder, Word.stop)
    until(app, lambda: dialog.run.snapshot is not None and not dialog.run.snapshot.state.runs)
    figures = {"alone": alone, "chart": chart, "drawing": drawing, "use_now_s": seconds}
    print(json.dumps(figures, indent=1))
    document.undo.setIndex(0)
    window.training.close()
    window.bridge.close()


if __name__ == "__main__":
    main()
