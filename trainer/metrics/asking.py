"""Pictures asked of the engine as the studio asks for them, cut to a person's frame."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.appearance import Appearance
from engine.errors import InputError
from engine.framing import frame_window
from engine.painters.base import Frame
from engine.request import Painted, Request, Scene
from engine.shapes.pose import Pose
from trainer.metrics.stage import Person

Pixels = NDArray[np.uint8]
PROTOCOL = (
    "asked of the engine as a cut-out on the photo's canvas, at the photo's size, then reduced to "
    "the person's frame at the network's side"
)


class Paints(Protocol):
    """What is needed of :class:`engine.session.Session`."""

    def paint(self, request: Request) -> Painted:
        """The picture that the request asks for. Raises GuiseError."""
        ...


class Asking:
    """One model of a session.

    Args:
        side: side in pixels of the frames that come back: the network's own.
    """

    def __init__(self, session: Paints, model: str, side: int) -> None:
        self._session, self._model, self.side = session, model, side

    def paint(self, look: Appearance, person: Person, shape: Pose | None = None) -> Pixels:
        """(side, side, 4) a look in the place of a person, in the person's frame.

        Args:
            shape: the pose on the person's photo; None = the person's own.

        Raises:
            GuiseError: it cannot be painted, or only with less care than was asked for.
        """
        shape = shape or person.annotated
        request = Request(self._model, shape, look, scene=Scene.cutout, place=person.look)
        painted = self._session.paint(request)
        if painted.degraded:
            raise InputError(f"{painted.degraded} Free memory, then evaluate again.")
        return framed(painted.picture.pixels, person.frame, self.side)


def framed(canvas: Pixels, frame: Frame, side: int) -> Pixels:
    """(side, side, 4) the frame's square of an (H, W, 4) canvas; transparent outside of it."""
    window = frame_window(canvas, frame).astype(np.float32)
    window[..., :3] *= window[..., 3:] / 255  # premultiplied: transparent colours must not bleed
    how = cv2.INTER_AREA if side < window.shape[0] else cv2.INTER_CUBIC
    small = np.asarray(cv2.resize(window, (side, side), interpolation=how), np.float32)
    alpha = small[..., 3:]
    colour = small[..., :3] * (255 / np.maximum(alpha, 1e-3))
    return np.rint(np.concatenate([colour, alpha], 2).clip(0, 255)).astype(np.uint8)
