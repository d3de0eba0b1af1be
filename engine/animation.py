"""Key poses to the poses of every frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from engine.errors import InputError
from engine.shapes.inbetween import between
from engine.shapes.pose import Pose

MAX_FRAMES = 3600
MAX_FPS = 60.0


class Ease(Enum):
    """How a movement starts and ends."""

    linear = "linear"
    ease_in = "ease-in"
    ease_out = "ease-out"
    ease_in_out = "ease-in-out"

    def at(self, t: float) -> float:
        """Share of the way that is done after a share `t` of the time; both 0..1."""
        match self:
            case Ease.linear:
                return t
            case Ease.ease_in:
                return t * t
            case Ease.ease_out:
                return t * (2 - t)
            case Ease.ease_in_out:
                return t * t * (3 - 2 * t)


class Course(Enum):
    """What comes after the last key pose."""

    once = "once"
    """Nothing."""
    loop = "loop"
    """The first key pose, reached within the last one's `move`, and so on forever."""
    ping_pong = "ping-pong"
    """The same way back, and so on forever."""


@dataclass(frozen=True)
class Key:
    """A key pose.

    Attributes:
        hold: seconds it is held.
        move: seconds that the way to the next key pose takes.
    """

    pose: Pose
    hold: float = 0.0
    move: float = 0.5

    def __post_init__(self) -> None:
        if not (0 <= self.hold <= 600 and 0 <= self.move <= 600):
            raise InputError("A key pose is held, and moved on from, for 0 to 600 seconds.")


@dataclass(frozen=True)
class _Leg:
    start: Pose
    end: Pose
    seconds: float

    def at(self, time: float, ease: Ease) -> Pose:
        if self.start is self.end:
            return self.start  # held: every frame is the same picture
        return between(self.start, self.end, ease.at(min(time / self.seconds, 1.0)))


def frames(
    keys: Sequence[Key],
    fps: float,
    ease: Ease = Ease.ease_in_out,
    course: Course = Course.once,
) -> list[Pose]:
    """The pose of every frame; frame i stands for the time i / fps.

    Played once, the last frame is the last key pose. Otherwise the frame after the last would be
    the first again, so that the film runs on without a stop.

    Args:
        keys: at least one, all on one canvas.
        fps: frames a second, 1..60.

    Raises:
        InputError: no key poses, several canvases, another fps, or more than 3600 frames.
    """
    if not keys:
        raise InputError("An animation needs a key pose; add one first.")
    if not 1 <= fps <= MAX_FPS:
        raise InputError(f"Frames a second lie between 1 and {MAX_FPS:.0f}.")
    legs = _legs(keys, course)
    total = sum(leg.seconds for leg in legs)
    if total * fps > MAX_FRAMES:
        raise InputError(
            f"{total:.0f} seconds at {fps:g} frames a second are too many pictures; "
            f"the limit is {MAX_FRAMES}."
        )
    if not total:
        return [keys[-1].pose]
    count = max(1, round(total * fps))
    if course is Course.once:
        moving = [_pose_at(legs, i / fps, ease) for i in range(count) if i / fps < total]
        return [*moving, keys[-1].pose]
    return [_pose_at(legs, i * total / count, ease) for i in range(count)]


def _legs(keys: Sequence[Key], course: Course) -> list[_Leg]:
    """Holds and moves, in the order of time."""
    legs = [_Leg(keys[0].pose, keys[0].pose, keys[0].hold)]
    for a, b in pairwise(keys):
        legs += [_Leg(a.pose, b.pose, a.move), _Leg(b.pose, b.pose, b.hold)]
    if course is Course.loop and len(keys) > 1:
        legs.append(_Leg(keys[-1].pose, keys[0].pose, keys[-1].move))
    if course is Course.ping_pong:
        # The held ends are not held twice.
        legs += [_Leg(leg.end, leg.start, leg.seconds) for leg in legs[-2:0:-1]]
    return [leg for leg in legs if leg.seconds > 0]


def _pose_at(legs: Sequence[_Leg], time: float, ease: Ease) -> Pose:
    for leg in legs:
        if time < leg.seconds:
            return leg.at(time, ease)
        time -= leg.seconds
    return legs[-1].end  # less than a rounding error late
