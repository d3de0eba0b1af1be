"""`guise detect`: where the person of a photo is and how they stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from engine.files import replacing
from engine.shapes.pose import JOINTS
from engine.shapes.pose_files import write_pose
from trainer.commands.common import person_of


@dataclass(frozen=True)
class Detect:
    """Find the most central person of a photo and write the 18 joints, and the mask if asked."""

    photo: Annotated[Path, tyro.conf.Positional]
    """Photo of a person."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Pose file to write."""
    format: Literal["openpose", "coco"] = "openpose"
    """Format of the pose file."""
    mask: Path | None = None
    """PNG file for the person's mask (255 = person)."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


def main(args: list[str]) -> None:
    """Parse, read, write."""
    options = tyro.cli(Detect, args=args, prog="guise detect")
    from PIL import Image

    from engine.session import Session

    reading = person_of(Session(options.device), options.photo)
    write_pose(reading.pose, options.out, options.format, options.photo.name)
    if options.mask is not None:
        with replacing(options.mask) as file:
            Image.fromarray(reading.mask.pixels).save(file, "PNG")
    seen = int((reading.pose.presence > 0).sum())
    sure = sum(reading.confidence) / len(reading.confidence)
    print(f"{options.out}: {seen} of {len(JOINTS)} joints, mean confidence {sure:.2f}")
