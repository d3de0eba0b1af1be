"""`guise detect`: where the people of a photo are and how they stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from engine.errors import InputError, ModelError
from engine.files import replacing
from engine.shapes.pose import JOINTS
from engine.shapes.pose_files import write_poses
from trainer.commands.common import person_of

if TYPE_CHECKING:
    from engine.perception.base import Perception, Reading
    from engine.photo import Mask


@dataclass(frozen=True)
class Detect:
    """Find the most central person of a photo and write the 18 joints, and the mask if asked."""

    photo: Annotated[Path, tyro.conf.Positional]
    """Photo of a person, or of several."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Pose file to write."""
    format: Literal["openpose", "body25", "coco"] = "openpose"
    """Format of the pose file."""
    mask: Path | None = None
    """PNG file for the person's mask (255 = person); with --everyone NAME.png becomes NAME-1.png,
    NAME-2.png and so on."""
    everyone: bool = False
    """Find everybody, the most prominent person first."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


def main(args: list[str]) -> None:
    """Parse, read, write."""
    options = tyro.cli(Detect, args=args, prog="guise detect")
    people = _everyone(options) if options.everyone else _central(options)
    poses = [reading.pose for reading in people]
    write_poses(poses, options.out, options.format, options.photo.name)
    if options.mask is not None:
        for number, reading in enumerate(people, 1):
            name = f"-{number}" if options.everyone else ""
            path = options.mask.with_name(f"{options.mask.stem}{name}{options.mask.suffix}")
            _write_mask(reading.mask, path)
    print(f"{options.out}: {_told(people, options.everyone)}")


def _central(options: Detect) -> tuple[Reading, ...]:
    from engine.session import Session

    return (person_of(Session(options.device), options.photo),)


def _everyone(options: Detect) -> tuple[Reading, ...]:
    from engine.photo_files import open_photo

    people = _reader(options.device).read_all(open_photo(options.photo))
    if not people:
        raise InputError(f"No person was found in {options.photo}; choose a photo that shows one.")
    return people


def _reader(device: str) -> Perception:
    from engine import registry, weights
    from engine.runtime import Runtime

    wanted = registry.PERCEPTION_MODEL
    path = next((m.path for m in registry.catalogue() if m.card.id == wanted), None)
    if path is None:
        raise ModelError(f"The model {wanted!r} is missing; install Guise again.")
    return registry.build(weights.load(path), Runtime.best(device))


def _write_mask(mask: Mask, path: Path) -> None:
    from PIL import Image

    with replacing(path) as file:
        Image.fromarray(mask.pixels).save(file, "PNG")


def _told(people: tuple[Reading, ...], everyone: bool) -> str:
    seen = " and ".join(str(int((p.pose.presence > 0).sum())) for p in people)
    sure = sum(sum(p.confidence) for p in people) / (len(people) * len(JOINTS))
    who = f"{len(people)} {'person' if len(people) == 1 else 'people'} with " if everyone else ""
    return f"{who}{seen} of {len(JOINTS)} joints, mean confidence {sure:.2f}"
