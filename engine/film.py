"""What takes the pictures of a film one by one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.picture import Picture

Bytes = NDArray[np.uint8]
Size = tuple[int, int]

BACKDROP = (255, 255, 255)
"""What transparent pictures are laid over."""


class Film(ABC):
    """Takes pictures one by one; all are brought to the first one's size.

    Args:
        path: the file that is replaced once the film is whole.
        fps: frames a second.
        loop: whether it starts again at its end, where the format can say so.
    """

    def __init__(self, path: Path, fps: float, loop: bool = True) -> None:
        self.path, self.fps, self.loop = path, fps, loop
        self.count = 0
        self._size: Size | None = None

    def add(self, picture: Picture) -> None:
        """Append a picture. InputError: there is no room for it."""
        pixels = picture.over(BACKDROP).pixels
        if self._size is None:
            self._size = picture.size
        elif picture.size != self._size:
            resized = cv2.resize(pixels, self._size, interpolation=cv2.INTER_AREA)
            pixels = np.asarray(resized, np.uint8)
        try:
            self._add(np.ascontiguousarray(pixels))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise InputError(f"There is no room for the film's pictures ({reason}).") from None
        self.count += 1

    def finish(self) -> None:
        """Put the film in its place. InputError: it is empty or cannot be written."""
        if not self.count:
            raise InputError("A film needs a picture at least.")
        self._finish()

    @abstractmethod
    def close(self) -> None:
        """Let go of what lies on the disk until the film is finished."""

    @abstractmethod
    def _add(self, pixels: Bytes) -> None: ...

    @abstractmethod
    def _finish(self) -> None: ...
