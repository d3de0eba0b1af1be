"""A photo and its mask, as immutable pixels with an identity."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError

MIN_SIDE = 32
MAX_SIDE = 12_000
MAX_PIXELS = 80_000_000


@dataclass(frozen=True, eq=False)
class _Raster:
    pixels: NDArray[np.uint8]
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        pixels = np.array(self.pixels, np.uint8, order="C")  # own copy: nobody may change it later
        pixels.flags.writeable = False
        object.__setattr__(self, "pixels", pixels)
        seal = hashlib.sha256(str(pixels.shape).encode() + pixels.tobytes())
        object.__setattr__(self, "digest", seal.hexdigest())

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.digest == self.digest  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(self.digest)


class Photo(_Raster):
    """(H, W, 3) uint8 RGB, upright. Equal photos have equal pixels.

    Raises:
        InputError: a side is shorter than 32 px or longer than 12,000 px, or over 80 megapixels.
    """

    def __post_init__(self) -> None:
        height, width = self.pixels.shape[:2]
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            raise InputError("A photo needs three colour channels.")
        if min(width, height) < MIN_SIDE:
            raise InputError(
                f"The picture is {width} x {height} px; Guise needs at least {MIN_SIDE} px a side."
            )
        if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
            raise InputError(
                f"The picture is {width} x {height} px; the limit is {MAX_SIDE} px a side and "
                f"{MAX_PIXELS // 10**6} megapixels. Make it smaller first."
            )
        super().__post_init__()


class Mask(_Raster):
    """(H, W) uint8, 255 = belongs to the subject."""

    def __post_init__(self) -> None:
        if self.pixels.ndim != 2:
            raise InputError("A mask needs one channel.")
        super().__post_init__()
