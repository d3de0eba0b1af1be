"""The paper and the picture of a drawing."""

from __future__ import annotations

from studio.canvas.transform import ViewTransform
from studio.editors.sketch.document import SketchDocument, drawing_of
from studio.editors.sketch.options import SketchOptions
from studio.editors.sketch.pane import SketchPane
from studio.images import Pyramid
from studio.panes import Panes
from studio.theme import Tokens

_LINES = 0.35
"""Opacity of the lines over the picture."""


class SketchPanes(Panes):
    """Paper at the left, the picture at the right; or the picture under the lines."""

    editor: SketchPane

    def __init__(self) -> None:
        view = ViewTransform()
        super().__init__(view, SketchPane(view))

    def dress(self, tokens: Tokens) -> None:
        self.editor.dress(tokens)
        super().dress(tokens)

    def follow(self, document: SketchDocument, options: SketchOptions) -> None:
        """Show a document; `options` are those of its tools."""
        self.editor.follow(document, options)
        document.shape_changed.connect(self._drawn)
        self._follow(document)

    def _drawn(self) -> None:
        """Another drawing: what the picture is compared with is another one."""
        if self.mode == "wipe" or self.peeking:
            self._refresh()

    def _drawing(self) -> Pyramid | None:
        compared = self.mode == "wipe" or self.peeking or self._picture is None
        return Pyramid.of(drawing_of(self.editor.board.sketch).pixels) if compared else None

    def _refresh(self) -> None:
        if self._document is None:
            return
        single = self.mode == "single" and not self.peeking
        self.editor.paper.picture = self._picture if single else None
        self.editor.paper.lines = _LINES if single and self._picture else 1.0
        self._compare(self._drawing())
        if single:
            self._label(self.editor, self.painted.title)
        else:
            self.editor.title, self.editor.note = self.tr("Drawing"), ""
        self.editor.update()
        self.painted.update()
