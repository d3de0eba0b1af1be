"""An animation as an artist sets it up."""

from __future__ import annotations

from dataclasses import dataclass

from engine.animation import Course, Key, frames
from engine.shapes.pose import Pose

FPS = 12


@dataclass(frozen=True)
class Clip:
    """An animation as an artist sets it up; what a project file keeps.

    Attributes:
        keys: poses with the seconds that each is held and that the way to the next one takes.
        fps: pictures a second.
        course: what comes after the last key.
    """

    keys: tuple[Key, ...] = ()
    fps: int = FPS
    course: Course = Course.loop

    def poses(self) -> list[Pose]:
        """One pose a picture, as they are played and exported; none without keys.

        Raises:
            InputError: they are too many.
        """
        return frames(self.keys, self.fps, course=self.course) if self.keys else []


EMPTY = Clip()
"""No animation."""
