"""The commands with which a tab's view is moved, for all that has a canvas."""

from __future__ import annotations

from typing import Protocol

from studio.canvas.transform import ViewTransform
from studio.editors.base import Workspace


class Canvases(Protocol):
    """Canvases that move together."""

    @property
    def view(self) -> ViewTransform: ...
    def zoom(self, factor: float) -> None: ...


class Zooming(Workspace):
    """A tab whose view is fitted and zoomed."""

    @property
    def _canvases(self) -> Canvases:
        """What is zoomed."""
        raise NotImplementedError

    def fit_view(self) -> None:
        """The whole photo."""
        self._canvases.view.fit()

    def actual_size(self) -> None:
        """One photo pixel on one screen pixel."""
        self._canvases.view.actual_size(self.devicePixelRatioF())

    def zoom_in(self) -> None:
        """Closer to the middle."""
        self._canvases.zoom(1.25)

    def zoom_out(self) -> None:
        """Away from the middle."""
        self._canvases.zoom(0.8)
