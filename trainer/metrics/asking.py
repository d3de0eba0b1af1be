"""Pictures asked of the engine as the studio asks for them, in a person's frame."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.appearance import Appearance
from engine.errors import InputError
from engine.request import Painted, Request, Scene
from engine.shapes.pose import Pose
from trainer.metrics.stage import Person

Pixels = NDArray[np.uint8]
PROTOCOL = (
    "asked of the engine as a cut-out on a canvas that is the person's frame, at the network's side"
)


class Paints(Protocol):
    """What is needed of :class:`engine.session.Session`."""

    def paint(self, request: Request) -> Painted:
        """The picture that the request asks for. Raises GuiseError."""
        ...


class Asking:
    """One model of a session.

    Args:
        side: side in pixels of what comes back: the network's own.
    """

    def __init__(self, session: Paints, model: str, side: int) -> None:
        self._session, self._model, self.side = session, model, side

    def paint(self, look: Appearance, person: Person, shape: Pose | None = None) -> Pixels:
        """(side, side, 4) a look in the place of a person.

        Args:
            person: on a canvas that is the frame (:meth:`Person.squared`).
            shape: the pose on the person's photo; None = the person's own.

        Raises:
            GuiseError: it cannot be painted, or only with less care than was asked for.
        """
        shape = shape or person.annotated
        request = Request(
            self._model,
            shape,
            look,
            longest=self.side,
            scene=Scene.cutout,
            place=person.look,
        )
        painted = self._session.paint(request)
        if painted.degraded:
            raise InputError(f"{painted.degraded} Free memory, then evaluate again.")
        return painted.picture.pixels
