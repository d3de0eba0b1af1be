"""`guise repose`: the person of a photo in another pose."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from engine.appearance import FromPhoto
from engine.batch import Batch, Edit, items_in, painting
from engine.errors import InputError
from engine.exports import ExportJob, Kind, export
from engine.perception.base import Reading
from engine.photo import Mask, Photo
from engine.placing import scaled_size
from engine.request import Request, Scene
from engine.session import Session, never
from engine.shapes.body import default_pose
from engine.shapes.pose import Pose
from engine.shapes.pose_files import read_pose
from engine.shapes.retarget import fitted, retargeted
from trainer.commands.batch import run_folder
from trainer.commands.common import person_of, session_with
from trainer.commands.looks import LookOptions, chosen_look


@dataclass(frozen=True)
class Repose:
    """Paint the person of a photo in another pose or with another look, and write a PNG.

    The pose comes from a pose file (on the photo's canvas) or from the person of another photo
    (fitted to this person's build and place). Of a folder, every photo is painted, and every pose
    is fitted to the person; a second run goes on where the first one ended.
    """

    photo: Annotated[Path, tyro.conf.Positional]
    """Photo of the person, or a folder of photos."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """File to write: PNG, OpenRaster (.ora, with layers) or JSON (the recipe alone); of a folder of
    photos, the folder for the PNGs."""
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
    white: bool = False
    """The person alone on white."""
    embed_sources: bool = False
    """Put the photos into the PNG, so that it can be edited further without them."""
    resume: bool = True
    """Of a folder: leave out what an earlier run has finished."""
    look: tyro.conf.OmitArgPrefixes[LookOptions] = field(default_factory=LookOptions)
    """Where the look comes from."""
    model: str = ""
    """Id of a model as in `guise models list`, or a model file; without it, the bundled one that
    takes such a look."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


def main(args: list[str]) -> int:
    """Parse, paint, write."""
    options = tyro.cli(Repose, args=args, prog="guise repose")
    _check(options)
    session, model = session_with(options.model or options.look.model, options.device)
    if options.photo.is_dir():
        return _folder(session, model, options)
    if not options.out.parent.is_dir():
        raise InputError(f"There is no folder {options.out.parent} to write to.")
    person = person_of(session, options.photo)
    own = FromPhoto(person.photo, _own_pose(person, options.source_pose), person.mask)
    request = _request(session, model, own, _new_pose(session, own.pose, options), options)
    start = time.perf_counter()
    names = {person.photo.digest: options.photo.name}
    job = ExportJob(request, options.out, names, options.embed_sources)
    saved = export(session, job, never)
    seconds = time.perf_counter() - start
    print(f"{options.out}: {_size(request)} in {seconds:.1f} s on {session.status}")
    if saved.degraded:
        print(f"guise: {saved.degraded}", file=sys.stderr)
    return 0


def _check(options: Repose) -> None:
    if options.pose is not None and options.pose_of is not None:
        raise InputError("Name the new pose with either --pose FILE or --pose-of PHOTO.")
    if options.look.own and options.pose is None and options.pose_of is None:
        raise InputError("Name a new pose with --pose or --pose-of, or a look with --appearance.")
    if options.longest is not None and not 32 <= options.longest <= 12_000:
        raise InputError("--longest must lie between 32 and 12000 px.")
    if options.cutout and options.white:
        raise InputError("A person stands on a --cutout or on --white, not both.")
    if not options.photo.is_dir():
        if options.out.is_dir():
            raise InputError(f"{options.out} cannot be written (is a folder); name a file in it.")
        Kind.of(options.out)
    elif options.source_pose is not None:
        raise InputError("--source-pose is for one photo, not for a folder.")


def _folder(session: Session, model: str, options: Repose) -> int:
    """The edit is that of an empty photo, whose pose and look stand for everybody's own."""
    items = items_in(options.photo, options.out, ".png")
    size = (1000, 1000)
    empty = Photo(np.zeros((size[1], size[0], 3), np.uint8))
    anybody = FromPhoto(empty, default_pose(size), Mask(np.zeros(size[::-1], np.uint8)))
    pose = anybody.pose
    if options.pose is not None:
        pose = read_pose(options.pose, size)
    if options.pose_of is not None:
        pose = person_of(session, options.pose_of).pose
    like = _request(session, model, anybody, fitted(pose, size), options)
    edit = Edit(like, options.embed_sources)
    seal = edit.seal(session.digest(model))
    batch = Batch(items, options.out, painting(session, edit), seal, options.resume)
    return run_folder(batch, "painting")


def _request(session: Session, model: str, own: FromPhoto, pose: Pose, options: Repose) -> Request:
    scene = Scene.cutout if options.cutout else Scene.white if options.white else Scene.photo
    look = chosen_look(session, options.look, own, pose)
    return Request(model, pose, look, longest=options.longest, scene=scene, place=own)


def _size(request: Request) -> str:
    return "{} x {} px".format(*scaled_size(request.shape.size, request.longest))


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
