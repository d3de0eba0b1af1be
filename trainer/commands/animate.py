"""`guise animate`: the person of a photo moving from pose to pose."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.console import Console
from rich.progress import Progress as Bar

from engine.animation import Course, Ease, Key, frames
from engine.appearance import FromPhoto
from engine.errors import InputError
from engine.exports import AnimationJob
from engine.request import Progress, Request, Saved, Scene
from engine.session import Session, never
from engine.shapes.pose import Pose
from engine.shapes.pose_files import read_pose
from engine.shapes.retarget import fitted, retargeted
from trainer.commands.common import person_of, session_with
from trainer.commands.looks import LookOptions, chosen_look, look_of


@dataclass(frozen=True)
class Animate:
    """Paint the person of a photo on the way from pose to pose, as a GIF or MP4 film."""

    photo: Annotated[Path, tyro.conf.Positional]
    """Photo of the person."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """GIF or MP4 file to write."""
    poses: tuple[Path, ...]
    """Pose files (OpenPose or COCO JSON, on the photo's canvas) or photos of people, in order;
    before a single one comes the pose of the photo itself."""
    fps: float = 12
    """Pictures a second."""
    hold: float = 0.3
    """Seconds that each pose is held."""
    move: float = 0.7
    """Seconds from one pose to the next."""
    ease: Literal["linear", "ease-in", "ease-out", "ease-in-out"] = "ease-in-out"
    """How movements start and end."""
    course: Literal["once", "loop", "ping-pong"] = "ping-pong"
    """What comes after the last pose: nothing, the first one, or the same way back."""
    longest: int | None = 640
    """Longest side of the pictures in pixels."""
    white: bool = False
    """The person alone on white."""
    look: tyro.conf.OmitArgPrefixes[LookOptions] = field(default_factory=LookOptions)
    """Where the look comes from."""
    model: str = ""
    """Id of a model as in `guise models list`, or a model file; without it, the bundled one that
    takes such a look."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


def main(args: list[str]) -> None:
    """Parse, paint, write."""
    options = tyro.cli(Animate, args=args, prog="guise animate")
    if not options.poses:
        raise InputError("An animation needs --poses to move through.")
    if options.longest is not None and not 32 <= options.longest <= 12_000:
        raise InputError("--longest must lie between 32 and 12000 px.")
    session, model = session_with(options.model or options.look.model, options.device)
    own = look_of(session, options.photo)
    shapes = _shapes(session, own, options)
    look = chosen_look(session, options.look, own, shapes[0])
    scene = Scene.white if options.white else Scene.photo
    requests = [
        Request(model, shape, look, longest=options.longest, scene=scene, place=own)
        for shape in shapes
    ]
    start = time.perf_counter()
    loop = Course(options.course) is not Course.once
    saved = _painted(session, AnimationJob(requests, options.out, options.fps, loop))
    seconds = time.perf_counter() - start
    print(f"{options.out}: {len(requests)} pictures in {seconds:.1f} s on {session.status}")
    if saved.degraded:
        print(f"guise: {saved.degraded}", file=sys.stderr)


def _shapes(session: Session, own: FromPhoto, options: Animate) -> list[Pose]:
    """The pose of every frame."""
    poses = [_pose(session, path, own.pose) for path in options.poses]
    if len(poses) == 1:
        poses.insert(0, own.pose)
    keys = [Key(pose, options.hold, options.move) for pose in poses]
    return frames(keys, options.fps, Ease(options.ease), Course(options.course))


def _pose(session: Session, path: Path, own: Pose) -> Pose:
    if path.suffix.lower() == ".json":
        return fitted(read_pose(path, own.size), own.size)
    return retargeted(person_of(session, path).pose, own)


def _painted(session: Session, job: AnimationJob) -> Saved:
    console, steps = Console(stderr=True), job.begin(session)
    try:
        with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("painting", total=1.0)
            while isinstance(message := steps.step(never), Progress):
                bar.update(task, completed=message.fraction)
    finally:
        steps.close()
    assert isinstance(message, Saved)
    return message
