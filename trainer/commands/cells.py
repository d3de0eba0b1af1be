"""Painted people in squares of one size, for grids and strips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from engine.appearance import Appearance, FromPhoto
from engine.errors import InputError
from engine.framing import frame_window, person_frame
from engine.photo import Mask, Photo
from engine.request import Request, Scene
from engine.session import Session
from engine.shapes.pose import Pose
from engine.shapes.pose_files import read_pose
from trainer.commands.looks import look_of
from trainer.metrics.sheets import skeleton

Pixels = NDArray[np.uint8]
T = TypeVar("T")
BACKDROP = (236, 236, 236)
_POSE_CANVAS = (1000, 1000)
"""Of pose files that name no canvas."""


def place_of(pose: Pose, side: int, mask: Mask | None = None) -> FromPhoto:
    """An empty square in which a person stands in this pose, framed as painters frame people.

    Args:
        mask: of the person on the pose's canvas, which makes the frame exact.
    """
    inside = pose.mapped(person_frame(pose, mask).matrix(side), (side, side))
    empty = np.zeros((side, side), np.uint8)
    return FromPhoto(Photo(np.full((side, side, 3), BACKDROP, np.uint8)), inside, Mask(empty))


def painted_in(session: Session, model: str, look: Appearance, place: FromPhoto) -> Pixels:
    """(side, side, 3) the look in a place."""
    request = Request(model, place.pose, look, scene=Scene.cutout, place=place)
    return session.paint(request).picture.over(BACKDROP).pixels


def photo_cell(look: FromPhoto, side: int) -> Pixels:
    """(side, side, 3) the person of a photo, framed alike."""
    frame, pixels = person_frame(look.pose, look.mask), look.photo.pixels
    window = frame_window(pixels, frame)
    window[frame_window(np.ones(pixels.shape[:2], np.uint8), frame) == 0] = BACKDROP
    how = cv2.INTER_AREA if side < len(window) else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(window, (side, side), interpolation=how), np.uint8)


def place_from(session: Session, path: Path, side: int) -> tuple[FromPhoto, Pixels]:
    """The place for the pose of a photo's person or of a pose file, and what shows that pose.

    Raises:
        InputError: neither a photo of a person nor a pose.
    """
    if path.suffix.lower() == ".json":
        place = place_of(read_pose(path, _POSE_CANVAS), side)
        return place, skeleton(place.pose)
    person = look_of(session, path)
    return place_of(person.pose, side, person.mask), photo_cell(person, side)


def shown(items: Sequence[T]) -> Iterator[T]:
    """The items, with a progress bar on stderr if that is a terminal."""
    console = Console(stderr=True)
    yield from track(
        items, "painting", transient=True, console=console, disable=not console.is_terminal
    )


def checked(out: Path, side: int) -> None:
    """InputError if a sheet of such cells cannot be written there."""
    if not 64 <= side <= 1024:
        raise InputError("--cell must lie between 64 and 1024 px.")
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent} to write to.")
