"""How much work a killed studio costs: a drag in progress, SIGKILL, what the journal gives back.

    python -m tests.bench.kills --kills 50 [--side 2000] [--seed 1]

A process of its own drags a joint over a real canvas without pause, with fresh photos taken as
looks now and then, and says when each pose came to be; it is killed at a random moment and the
journal is restored. Lost = from the restored pose to the last one before the kill.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.shapes.pose import INDEX, Pose
from studio.journal_recovery import recoverable, restore

WRIST = INDEX["left_wrist"]


@dataclass(frozen=True)
class Kill:
    """What one kill cost.

    Attributes:
        after: seconds from the first pose to the last.
        poses: how many there were.
        lost: seconds of work.
    """

    after: float
    poses: int
    lost: float


def mark(pose: Pose) -> str:
    """A short name that no other pose of the drag has."""
    return hashlib.sha1(pose.xy.tobytes()).hexdigest()


def kill_one(folder: Path, side: int, seconds: float) -> Kill:
    """Let a studio drag for so long, kill it, restore; AssertionError if nothing can be read."""
    command = [sys.executable, "-m", "tests.bench.kills", "--victim", str(folder)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    victim = subprocess.Popen(
        [*command, "--side", str(side)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert victim.stdout is not None
    first = victim.stdout.readline()
    time.sleep(seconds)
    victim.send_signal(signal.SIGKILL)
    lines = [first, *victim.stdout.readlines()]
    victim.wait()
    told = [line.split() for line in lines if line.endswith("\n")]
    times = {name: float(when) for when, name in told}
    begun, ended = float(told[0][0]), float(told[-1][0])
    left = recoverable(folder)
    kept = begun
    if left:
        kept = times[mark(restore(left[0]).wanted.pose)]
    return Kill(ended - begun, len(told), ended - kept)


def drag_for_ever(folder: Path, side: int) -> None:
    """The victim: a canvas on which a wrist is dragged, let go, taken back, and dragged again."""
    from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
    from PySide6.QtGui import QColor, QMouseEvent
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from engine.appearance import FromPhoto
    from engine.perception.base import Reading
    from engine.photo import Photo
    from studio.canvas.transform import ViewTransform
    from studio.canvas.view import Canvas
    from studio.document import Origin
    from studio.editors.pose.document import PoseDocument
    from studio.editors.pose.tools import DragJoints
    from studio.journal import Journal
    from tests.unit.people import drawn_person

    app = QApplication([])
    photo, mask, pose = drawn_person((side * 2 // 3, side))
    document = PoseDocument(Reading(photo, pose, mask, (1.0,) * 18, True), Origin("victim"))
    view = ViewTransform()
    canvas = Canvas(view)
    canvas.tool = DragJoints(document, view, QColor("red"), canvas.update)
    canvas.resize(600, 800)
    canvas.show()
    view.set_pane(600, 800)
    view.set_photo(*photo.size)
    journal = Journal(folder)
    journal.failed.connect(sys.exit)
    journal.follow(document)

    def told() -> None:
        sys.stdout.write(f"{time.time()} {mark(document.pose)}\n")
        sys.stdout.flush()

    document.shape_changed.connect(told)
    dice = random.Random(7)
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    steps = 0

    def mouse(kind: QEvent.Type, at: QPointF) -> None:
        button = none if kind == QEvent.Type.MouseMove else left
        buttons = none if kind == QEvent.Type.MouseButtonRelease else left
        keys = Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(kind, at, canvas.mapToGlobal(at), button, buttons, keys)
        QApplication.sendEvent(canvas, event)

    def step() -> None:
        nonlocal steps
        at = view.to_pane(*document.pose.xy[WRIST])
        phase = steps % 150
        if phase == 0:
            mouse(QEvent.Type.MouseButtonPress, at)
        elif phase < 140:
            turn = steps / 20
            middle = QPointF(300 + 150 * math.cos(turn), 400 + 150 * math.sin(turn))
            mouse(QEvent.Type.MouseMove, middle + QPointF(dice.random(), dice.random()))
        elif phase == 140:
            mouse(QEvent.Type.MouseButtonRelease, at)
        elif phase == 144 and dice.random() < 0.3:
            document.undo.undo()
        elif phase == 146 and dice.random() < 0.3:
            other = Photo(np.roll(photo.pixels, steps, 1))
            document.change_look(FromPhoto(other, document.source), "Look")
        steps += 1

    clock = QTimer(interval=8)
    clock.timeout.connect(step)
    clock.start()
    QTest.qWaitForWindowExposed(canvas)
    app.exec()


def main() -> None:
    """Read the options and kill."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--side", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--victim", type=Path)
    options = parser.parse_args()
    if options.victim is not None:
        drag_for_ever(options.victim, options.side)
        return
    dice = random.Random(options.seed)
    kills = []
    for n in range(options.kills):
        with tempfile.TemporaryDirectory() as folder:
            kills.append(kill_one(Path(folder), options.side, dice.uniform(0, 6)))
        last = kills[-1]
        print(f"{n + 1:3d}: {last.lost:.2f} s of {last.after:.2f} s, {last.poses} poses")
    lost = np.array([kill.lost for kill in kills])
    print(f"lost: median {np.median(lost):.2f} s, worst {lost.max():.2f} s, {len(lost)} kills")


if __name__ == "__main__":
    main()
