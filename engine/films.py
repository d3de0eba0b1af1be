"""Moving pictures into GIF and MP4 files, while they are painted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.animation import MAX_FPS
from engine.errors import InputError
from engine.film import Film
from engine.film_gif import Gif
from engine.film_mp4 import Mp4
from engine.painters.base import Stop, Stopped
from engine.picture import Picture

GIF_FPS = 50.0
"""Viewers slow faster GIFs down to 10 frames a second."""
FORMATS: dict[str, type[Film]] = {".gif": Gif, ".mp4": Mp4}
"""By the end of the file's name."""


@contextmanager
def film(path: Path, fps: float, loop: bool = True) -> Iterator[Film]:
    """A film to add pictures to; it takes its place when the block ends without an error.

    Args:
        path: ends in .gif or .mp4.
        fps: 1..60, in a GIF at most 50.

    Raises:
        InputError: another name or fps, or it cannot be written.
    """
    made = opened(path, fps, loop)
    try:
        yield made
        made.finish()
    finally:
        made.close()


def opened(path: Path, fps: float, loop: bool = True) -> Film:
    """As :func:`film`, for those who call `finish` and `close` themselves."""
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise InputError(f"A film's name ends in {' or '.join(FORMATS)}, not {path.name!r}.")
    most = GIF_FPS if kind is Gif else MAX_FPS
    if not 1 <= fps <= most:
        raise InputError(f"A {path.suffix[1:].upper()} shows 1 to {most:.0f} frames a second.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent} to write to.")
    return kind(path, fps, loop)


def write_film(
    pictures: Iterable[Picture],
    path: Path,
    fps: float,
    loop: bool = True,
    progress: Callable[[int], None] = lambda count: None,
    stop: Stop = lambda: False,
) -> None:
    """Write pictures, which may be painted while this asks for them.

    Args:
        progress: called with the number of pictures taken so far.
        stop: asked before each picture; then nothing is written.

    Raises:
        InputError: as :func:`film`.
        Stopped: `stop` said so.
    """
    with film(path, fps, loop) as made:
        for picture in pictures:
            if stop():
                raise Stopped
            made.add(picture)
            progress(made.count)
