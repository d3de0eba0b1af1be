"""Plays an animation in the document: poses in time, no trace in the undo history."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from engine.animation import Course
from engine.shapes.pose import Pose
from studio.clip import Clip
from studio.editors.pose.document import PoseDocument


class Player(QObject):
    """Shows the pose of the moment; a picture that takes long is skipped, the speed stays.

    Args:
        clock: milliseconds since the start; for tests.

    Signals:
        turned: playing began or ended.
    """

    turned = Signal(bool)

    def __init__(self, clock: Callable[[], int] | None = None) -> None:
        super().__init__()
        self._watch = QElapsedTimer()
        self._clock = clock or self._watch.elapsed
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._document: PoseDocument | None = None
        self._clip, self._poses = Clip(), list[Pose]()
        self._ours = False

    @property
    def playing(self) -> bool:
        """Whether poses are shown."""
        return self._timer.isActive()

    def start(self, document: PoseDocument, clip: Clip) -> None:
        """Play from the first pose; less than two keys, or a skeleton being fitted, stay still.

        Raises:
            InputError: the clip has too many pictures.
        """
        self.stop()
        self._poses = clip.poses() if len(clip.keys) > 1 else []
        if document.fitting or not self._poses:
            return
        self._document, self._clip = document, clip
        document.shape_changed.connect(self._pose_changed)
        document.undo.indexChanged.connect(self.stop)
        self._watch.start()
        self._timer.start(round(1000 / clip.fps))
        self.turned.emit(True)
        self._tick()

    def stop(self) -> None:
        """End, with the pose as it was before; nothing is left to undo."""
        document = self._let_go()
        if document is not None:
            document.abort()
            self.turned.emit(False)

    def _let_go(self) -> PoseDocument | None:
        self._timer.stop()
        document, self._document = self._document, None
        if document is not None:
            document.shape_changed.disconnect(self._pose_changed)
            document.undo.indexChanged.disconnect(self.stop)
        return document

    def _tick(self) -> None:
        document = self._document
        if document is None:
            return
        number = int(self._clock() * self._clip.fps / 1000)
        if self._clip.course is Course.once and number >= len(self._poses):
            self.stop()
            return
        number %= len(self._poses)
        self._ours = True
        document.preview(self._poses[number])
        self._ours = False

    def _pose_changed(self) -> None:
        """A hand on a joint takes over: its gesture goes on from the pose that is shown."""
        if self._ours:
            return
        if self._document is not None and self._document.fitting:
            self.stop()
        elif self._let_go() is not None:
            self.turned.emit(False)
