"""Films as MP4 files."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import cv2
import numpy as np

from engine.errors import InputError
from engine.files import replacing
from engine.film import Bytes, Film, Size

_CODEC = "mp4v"


class Mp4(Film):
    """An MPEG-4 film; sides of odd length are repeated once, for the codec wants them even."""

    def __init__(self, path: Path, fps: float, loop: bool = True) -> None:
        super().__init__(path, fps, loop)
        self._folder = tempfile.TemporaryDirectory(prefix="guise-")
        self._draft = Path(self._folder.name) / "film.mp4"
        self._writer: cv2.VideoWriter | None = None

    def close(self) -> None:
        if self._writer is not None:
            self._writer.release()
        self._folder.cleanup()

    def _add(self, pixels: Bytes) -> None:
        height, width = pixels.shape[:2]
        if height % 2 or width % 2:
            how = cv2.BORDER_REPLICATE
            even = cv2.copyMakeBorder(pixels, 0, height % 2, 0, width % 2, how)
            pixels = np.asarray(even, np.uint8)
        if self._writer is None:
            self._writer = self._opened((width + width % 2, height + height % 2))
        self._writer.write(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))

    def _opened(self, size: Size) -> cv2.VideoWriter:
        codec = cv2.VideoWriter.fourcc(*_CODEC)
        writer = cv2.VideoWriter(str(self._draft), codec, self.fps, size)
        if not writer.isOpened():
            raise InputError("OpenCV has no MPEG-4 codec here; export a GIF instead.")
        return writer

    def _finish(self) -> None:
        assert self._writer is not None
        self._writer.release()
        # The writer tells of no error, a full disk included.
        reader = cv2.VideoCapture(str(self._draft))
        whole = int(reader.get(cv2.CAP_PROP_FRAME_COUNT)) == self.count
        reader.release()
        if not whole:
            raise InputError("The film could not be written whole; make room on the disk.")
        with replacing(self.path) as file, self._draft.open("rb") as draft:
            shutil.copyfileobj(draft, file)
