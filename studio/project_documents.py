"""Between documents in the window and the plain state that is written."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice, Qt

from engine import registry, weights
from engine.errors import ModelError
from studio.document import Document, Origin
from studio.forms import form_for
from studio.images import to_qimage
from studio.panels.history_list import History
from studio.project_form import editor_form
from studio.project_state import PainterNote, ProjectState, View

_SIDE = 192
"""Longest side of a project's thumbnail in pixels."""


def captured(document: Document, view: View | None = None) -> Callable[[], ProjectState]:
    """Takes what a document is now, at once; called in any thread, the result makes the state."""
    picture = document.pictured
    history = History.of(document).entries
    state = replace(form_for(document).captured(document), history=history, view=view or View())
    return lambda: replace(state, thumbnail=_thumbnail(picture.pixels))


def state_of(document: Document, view: View | None = None) -> ProjectState:
    """All that is known of a document, with its history strip; pixels are not copied."""
    return captured(document, view)()


def document_of(state: ProjectState, path: Path | None = None) -> Document:
    """A document that asks for what the state asks for, with nothing to undo.

    Args:
        state: as read from a project or a journal.
        path: the project's file; None = it has none yet.
    """
    origin = Origin(path.stem if path else state.name, path)
    document = editor_form(state.EDITOR).document(state, origin)
    History.of(document).fill(state.history)
    return document


def painter_note(model: str) -> PainterNote:
    """What the card of a painter says, with the hash of its weights; slow when first asked."""
    try:
        found = next(m for m in registry.catalogue() if m.card.id == model)
        digest = _digest(found.path, found.path.stat().st_mtime_ns)
    except (StopIteration, ModelError, OSError):
        return PainterNote(model)
    card = found.card
    return PainterNote(card.id, card.title, digest, card.terms, card.commercial)


@functools.lru_cache(16)
def _digest(path: Path, changed: int) -> str:
    """Kept until the file changes."""
    return weights.digest_of(path)


def _thumbnail(pixels: NDArray[np.uint8]) -> bytes:
    """A picture as a small PNG."""
    step = max(1, max(pixels.shape[:2]) // (2 * _SIDE))
    aspect, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    image = to_qimage(pixels[::step, ::step]).scaled(_SIDE, _SIDE, aspect, smooth)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
