"""Films as GIF files with one palette."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import GifImagePlugin, Image

from engine.boxes import rows
from engine.files import replacing
from engine.film import Bytes, Film
from engine.photo_files import SYNTHETIC
from engine.pixels import bounds

_COMMENT = f"Guise; digital source type: {SYNTHETIC}"
_BITS = 5
_SAMPLES = 400_000
_LONGEST = 65_535
"""Hundredths of a second that a picture can be shown."""


class Gif(Film):
    """A GIF with one palette for all pictures.

    The pictures wait on the disk until the palette can be chosen from all of them. What does not
    change from one picture to the next keeps its colours, so that nothing boils.
    """

    def __init__(self, path: Path, fps: float, loop: bool = True) -> None:
        super().__init__(path, fps, loop)
        self._spool, self._ends = tempfile.TemporaryFile(), [0]  # noqa: SIM115  (see close)
        self._colours = _Colours()

    def close(self) -> None:
        self._spool.close()

    def _add(self, pixels: Bytes) -> None:
        self._colours.count(pixels)
        _, content = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        self._spool.write(content.tobytes())
        self._ends.append(self._spool.tell())

    def _finish(self) -> None:
        palette = self._colours.palette()
        with replacing(self.path) as file:
            file.writelines(_gif(self._pictures(), palette, self.fps, self.loop))

    def _pictures(self) -> Iterator[Bytes]:
        for start, end in zip(self._ends, self._ends[1:], strict=False):
            self._spool.seek(start)
            content = np.frombuffer(self._spool.read(end - start), np.uint8)
            yield np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)


class _Colours:
    """How often which colours occur, in 32 levels a channel."""

    def __init__(self) -> None:
        self._sums = np.zeros((4, 1 << 3 * _BITS))

    def count(self, pixels: Bytes) -> None:
        flat = pixels.reshape(-1, 3)
        red, green, blue = (flat[:, i].astype(np.int32) >> 8 - _BITS for i in range(3))
        code = (red << 2 * _BITS) | (green << _BITS) | blue
        for total, weights in zip(self._sums, (None, *flat.T), strict=True):
            total += np.bincount(code, weights, len(total))

    def palette(self) -> Image.Image:
        """A picture whose palette has the 256 colours that serve best."""
        there = self._sums[0] > 0
        often = self._sums[0][there]
        means = np.rint(self._sums[1:, there] / often).T.astype(np.uint8)
        times = np.maximum(1, np.rint(often / often.sum() * 400_000)).astype(int)
        sample = Image.fromarray(np.repeat(means, times, 0)[None])
        return sample.quantize(256, Image.Quantize.MEDIANCUT, kmeans=2)


def _gif(
    pictures: Iterator[Bytes], palette: Image.Image, fps: float, loop: bool
) -> Iterator[bytes]:
    """The file piece by piece; pictures that show the same are one, shown for longer."""
    first = next(pictures)
    shown = _indices(first, palette)
    yield from _header(palette, first.shape[1::-1], loop)
    waiting, corner, since, number = shown, (0, 0), 0, 0
    before = first
    for number, pixels in enumerate(pictures, 1):
        moved = (pixels != before).any(2)
        before = pixels
        now = np.where(moved, _indices(pixels, palette), shown)
        left, top, right, bottom = box = bounds((now != shown).astype(np.uint8))
        if left == right or top == bottom:
            continue
        yield from _block(waiting, corner, _moment(number, fps) - _moment(since, fps), palette)
        waiting, corner, since, shown = now[rows(box)], (left, top), number, now
    yield from _block(waiting, corner, _moment(number + 1, fps) - _moment(since, fps), palette)
    yield b";"


def _moment(number: int, fps: float) -> int:
    """When a picture comes, in hundredths of a second: rounded alone, so that no error adds up."""
    return round(100 * number / fps)


def _indices(pixels: Bytes, palette: Image.Image) -> Bytes:
    """(H, W) places in the palette."""
    dither = Image.Dither.FLOYDSTEINBERG
    return np.array(Image.fromarray(pixels).quantize(palette=palette, dither=dither))


def _indexed(indices: Bytes, palette: Image.Image) -> Image.Image:
    image = Image.fromarray(np.ascontiguousarray(indices)).convert("P")
    colours = palette.getpalette() or []
    image.putpalette(colours + [0] * (768 - len(colours)))
    return image


def _header(palette: Image.Image, size: tuple[int, ...], loop: bool) -> list[bytes]:
    """What comes before the first picture: size, palette, and whether it runs forever."""
    blank = _indexed(np.zeros((size[1], size[0]), np.uint8), palette)
    told = {"duration": 1, "comment": _COMMENT} | ({"loop": 0} if loop else {})
    return GifImagePlugin.getheader(blank, info=told)[0]


def _block(
    indices: Bytes, corner: tuple[int, int], hundredths: int, palette: Image.Image
) -> list[bytes]:
    """One picture at its place, left standing when the next one comes."""
    shown = min(hundredths, _LONGEST) * 10
    return GifImagePlugin.getdata(_indexed(indices, palette), corner, duration=shown, disposal=1)
