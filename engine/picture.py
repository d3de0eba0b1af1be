"""What comes out of a painter: pixels with straight alpha."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Picture:
    """uint8 pixels at every border of the engine.

    Attributes:
        pixels: (H, W, 3) RGB or (H, W, 4) RGBA with straight (not premultiplied) alpha.
    """

    pixels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        p = self.pixels
        if p.dtype != np.uint8 or p.ndim != 3 or p.shape[2] not in (3, 4) or not p.size:
            raise ValueError(f"a picture is uint8, H x W x 3 or 4, not {p.dtype} {p.shape}")
        p.flags.writeable = False

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def has_alpha(self) -> bool:
        """Whether a fourth channel is there."""
        return self.pixels.shape[2] == 4

    def over(self, colour: tuple[int, int, int]) -> Picture:
        """The picture flattened onto one colour, as RGB."""
        if not self.has_alpha:
            return self
        rgb, alpha = self.pixels[..., :3].astype(np.float32), self.pixels[..., 3:] / np.float32(255)
        flat = rgb * alpha + np.array(colour, np.float32) * (1 - alpha)
        return Picture(np.rint(flat).astype(np.uint8))

    def save(self, path: Path | str) -> None:
        """Write a PNG that says it was painted by a model. Raises InputError."""
        from engine.photo_files import save_png

        save_png(self, Path(path))

    def _repr_png_(self) -> bytes:
        """How notebooks show it."""
        from engine.photo_files import png_bytes

        return png_bytes(self)
