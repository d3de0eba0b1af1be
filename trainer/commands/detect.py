"""`guise detect`: where the people of a photo are and how they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from engine.batch import Batch, Item, items_in
from engine.errors import InputError, ModelError
from engine.files import replacing
from engine.painters.base import Stop
from engine.perception.base import Reading
from engine.shapes.pose import JOINTS
from engine.shapes.pose_files import write_poses
from trainer.commands.batch import run_folder
from trainer.commands.common import person_of

if TYPE_CHECKING:
    from engine.perception.base import Perception
    from engine.photo import Mask

Find = Callable[[Path], tuple[Reading, ...]]
"""The people of a photo file; InputError if there is nobody."""


@dataclass(frozen=True)
class Detect:
    """Find the most central person of a photo and write the 18 joints, and the mask if asked.

    Of a folder, every photo is read; a second run goes on where the first one ended.
    """

    photo: Annotated[Path, tyro.conf.Positional]
    """Photo of a person, or of several, or a folder of photos."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Pose file to write, or the folder for many."""
    format: Literal["openpose", "body25", "coco"] = "openpose"
    """Format of the pose file."""
    mask: Path | None = None
    """PNG file for the person's mask (255 = person); with --everyone NAME.png becomes NAME-1.png,
    NAME-2.png and so on. Of a folder of photos, the folder for masks."""
    everyone: bool = False
    """Find everybody, the most prominent person first."""
    resume: bool = True
    """Of a folder: leave out what an earlier run has finished."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


def main(args: list[str]) -> int:
    """Parse, read, write."""
    options = tyro.cli(Detect, args=args, prog="guise detect")
    find = _everyone(options.device) if options.everyone else _central(options.device)
    if options.photo.is_dir():
        return _folder(find, options)
    people = find(options.photo)
    _write(people, options.photo, options.out, options.mask, options)
    print(f"{options.out}: {_told(people, options.everyone)}")
    return 0


def _folder(find: Find, options: Detect) -> int:
    from engine.weights import load

    if options.mask is not None and options.mask.is_file():
        raise InputError(f"{options.mask} is a file; name a folder for the masks.")
    items = items_in(options.photo, options.out, ".json")

    def work(item: Item, stop: Stop) -> str:
        mask = options.mask and options.mask / item.target.relative_to(options.out)
        if mask is not None:
            mask.parent.mkdir(parents=True, exist_ok=True)
            mask = mask.with_suffix(".png")
        _write(find(item.source), item.source, item.target, mask, options)
        return ""

    told = (options.format, options.everyone, str(options.mask), load(_reader_file()).digest)
    batch = Batch(items, options.out, work, repr(told), options.resume)
    return run_folder(batch, "reading")


def _write(
    people: tuple[Reading, ...], photo: Path, out: Path, mask: Path | None, options: Detect
) -> None:
    """Masks first: whoever finds the pose file finds them too."""
    if mask is not None:
        for number, reading in enumerate(people, 1):
            name = f"-{number}" if options.everyone else ""
            _write_mask(reading.mask, mask.with_name(f"{mask.stem}{name}{mask.suffix}"))
    write_poses([reading.pose for reading in people], out, options.format, photo.name)


def _central(device: str) -> Find:
    from engine.session import Session

    session = Session(device)
    return lambda photo: (person_of(session, photo),)


def _everyone(device: str) -> Find:
    from engine.photo_files import open_photo

    reader = _reader(device)

    def find(photo: Path) -> tuple[Reading, ...]:
        people = reader.read_all(open_photo(photo))
        if not people:
            raise InputError(f"No person was found in {photo}; choose a photo that shows one.")
        return people

    return find


def _reader(device: str) -> Perception:
    from engine import registry, weights
    from engine.runtime import Runtime

    return registry.build(weights.load(_reader_file()), Runtime.best(device))


def _reader_file() -> Path:
    from engine import registry

    wanted = registry.PERCEPTION_MODEL
    path = next((m.path for m in registry.catalogue() if m.card.id == wanted), None)
    if path is None:
        raise ModelError(f"The model {wanted!r} is missing; install Guise again.")
    return path


def _write_mask(mask: Mask, path: Path) -> None:
    from PIL import Image

    with replacing(path) as file:
        Image.fromarray(mask.pixels).save(file, "PNG")


def _told(people: tuple[Reading, ...], everyone: bool) -> str:
    seen = " and ".join(str(int((p.pose.presence > 0).sum())) for p in people)
    sure = sum(sum(p.confidence) for p in people) / (len(people) * len(JOINTS))
    who = f"{len(people)} {'person' if len(people) == 1 else 'people'} with " if everyone else ""
    return f"{who}{seen} of {len(JOINTS)} joints, mean confidence {sure:.2f}"
