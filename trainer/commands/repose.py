"""`guise repose`: the person of a photo in another pose."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import tyro

from engine.appearance import FromPhoto
from engine.errors import InputError
from engine.perception.base import Reading
from engine.request import Request, Scene
from engine.session import Session
from engine.shapes.pose import Pose
from engine.shapes.pose_files import read_pose
from engine.shapes.retarget import fitted, retargeted
from trainer.commands.common import person_of, session_with
from trainer.commands.looks import LookOptions, chosen_look


@dataclass(frozen=True)
class Repose:
    """Paint the person of a photo in another pose or with another look, and write a PNG.

    The pose comes from a pose file (on the photo's canvas) or from the person of another photo
    (fitted to this person's build and place).
    """

    photo: Annotated[Path, tyro.conf.Positional]
    """Photo of the person."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """PNG file to write."""
    pose: Path | None = None
    """Pose file: OpenPose or COCO JSON."""
    pose_of: Path | None = None
    """Another photo, whose person shows the pose."""
    source_pose: Path | None = None
    """Pose file of the person in the photo, instead of finding the joints."""
    longest: int | None = None
    """Longest side of the picture in pixels; without it, the photo's own size."""
    cutout: bool = False
    """The person alone on a transparent background."""
    look: tyro.conf.OmitArgPrefixes[LookOptions] = field(default_factory=LookOptions)
    """Where the look comes from."""
    model: str = ""
    """Id of a model as in `guise models list`, or a model file; without it, the bundled one that
    takes such a look."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


def main(args: list[str]) -> None:
    """Parse, paint, write."""
    options = tyro.cli(Repose, args=args, prog="guise repose")
    if options.pose is not None and options.pose_of is not None:
        raise InputError("Name the new pose with either --pose FILE or --pose-of PHOTO.")
    if options.look.own and options.pose is None and options.pose_of is None:
        raise InputError("Name a new pose with --pose or --pose-of, or a look with --appearance.")
    if options.longest is not None and not 32 <= options.longest <= 12_000:
        raise InputError("--longest must lie between 32 and 12000 px.")
    if not options.out.parent.is_dir():
        raise InputError(f"There is no folder {options.out.parent} to write to.")
    session, model = session_with(options.model or options.look.model, options.device)
    person = person_of(session, options.photo)
    own = FromPhoto(person.photo, _own_pose(person, options.source_pose), person.mask)
    pose = _new_pose(session, own.shape, options)
    request = Request(
        model,
        pose,
        chosen_look(session, options.look, own, pose),
        longest=options.longest,
        scene=Scene.cutout if options.cutout else Scene.photo,
        place=own,
    )
    painted = session.export(request, options.out)
    width, height = painted.picture.size
    print(f"{options.out}: {width} x {height} px in {painted.seconds:.1f} s on {session.status}")
    if painted.degraded:
        print(f"guise: {painted.degraded}", file=sys.stderr)


def _own_pose(person: Reading, file: Path | None) -> Pose:
    if file is None:
        return person.pose
    size = person.photo.size
    return fitted(read_pose(file, size), size)


def _new_pose(session: Session, source: Pose, options: Repose) -> Pose:
    if options.pose is not None:
        return fitted(read_pose(options.pose, source.size), source.size)
    if options.pose_of is None:
        return source
    return retargeted(person_of(session, options.pose_of).pose, source)
