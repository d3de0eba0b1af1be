"""The whole program on a real X display: window, drag, picture, file, end."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
DRIVE = """
import json, os, sys, traceback
from pathlib import Path
from PySide6.QtCore import QEventLoop, QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from engine.request import Scene
from engine.shapes.pose import INDEX
from studio import app, dialogs
from studio.document import PictureState
from studio.window import Window

target = Path(sys.argv[1])
dialogs.picture_to_save = lambda *_: (target, Scene.photo, False)
told = {}

def pause(ms):
    loop = QEventLoop()  # QTest.qWait would keep Python's lock from the worker
    QTimer.singleShot(ms, loop.quit)
    loop.exec()

def wait(done):
    for _ in range(8000):
        pause(20)
        if done():
            return
    raise SystemExit("waited in vain")

def drive():
    window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, Window))
    told["platform"] = QApplication.platformName()
    panes, document = window.workspace.panes, window.document
    canvas, view = panes.editor, panes.view
    told["sample"] = document.state.value
    start = view.to_pane(*document.pose.xy[INDEX["right_wrist"]])
    QTest.mousePress(canvas, Qt.LeftButton, Qt.NoModifier, start.toPoint())
    for n in range(1, 6):
        QTest.mouseMove(canvas, (start + QPointF(-9, -12) * n).toPoint())
        pause(30)
    end = (start + QPointF(-45, -60)).toPoint()
    QTest.mouseRelease(canvas, Qt.LeftButton, Qt.NoModifier, end)
    wait(lambda: document.state is PictureState.current and window.workspace.painting.resting)
    told["moved"] = [document.pose["right_wrist"], document.source["right_wrist"]]
    window.run("export_picture")
    wait(target.exists)
    wait(lambda: 'png' in window.notice.text.text())
    document.undo.setIndex(0)
    window.close()

def guarded():
    try:
        drive()
    except BaseException:
        traceback.print_exc()
        os._exit(3)

def shown(window, show=Window.show):
    show(window)
    told["torch at start"] = "torch" in sys.modules
    QTimer.singleShot(200, guarded)

Window.show = shown
code = app.main([])
print(json.dumps(told))
sys.exit(code)
"""


@pytest.fixture
def display(tmp_path):
    """An X server of its own."""
    if shutil.which("Xvfb") is None:
        pytest.skip("NO DISPLAY TEST WAS RUN: Xvfb is not installed (apt install xvfb)")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as number:
        yield f":{number.readline().strip()}"
    server.terminate()
    server.wait()


def test_the_program_from_start_to_export(display, tmp_path):
    script, target = tmp_path / "drive.py", tmp_path / "out.png"
    script.write_text(DRIVE)
    env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script), str(target)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["platform"] == "xcb" and told["sample"] == "up to date"
    assert not told["torch at start"]
    sample = ROOT / "assets" / "samples"
    photo = np.asarray(Image.open(sample / "walker.png").convert("RGB")).astype(int)
    out = np.asarray(Image.open(target).convert("RGB")).astype(int)
    assert out.shape == photo.shape
    changed = np.abs(out - photo).max(2) > 12
    (x, y), (old_x, old_y) = told["moved"]
    around = np.s_[int(y) - 20 : int(y) + 20, int(x) - 20 : int(x) + 20]
    assert changed[around].mean() > 0.2, "the hand is where it was dragged to"
    assert not changed[880:, :].any(), "the floor stays"
    assert changed[int(old_y) : int(old_y) + 12, int(old_x) - 10 : int(old_x) + 2].mean() > 0.5
