"""The labels and the picture of a scene."""

from __future__ import annotations

from studio.canvas.transform import ViewTransform
from studio.editors.scene.document import SceneDocument, coloured
from studio.editors.scene.options import SceneOptions
from studio.editors.scene.pane import LabelPane
from studio.images import Pyramid
from studio.panes import Panes
from studio.theme import Tokens


class ScenePanes(Panes):
    """Labels at the left, the picture at the right; or the picture under the labels."""

    editor: LabelPane

    def __init__(self) -> None:
        view = ViewTransform()
        super().__init__(view, LabelPane(view))

    def dress(self, tokens: Tokens) -> None:
        self.editor.dress(tokens)
        super().dress(tokens)

    def follow(self, document: SceneDocument, options: SceneOptions) -> None:
        """Show a document; `options` are those of its tools."""
        self.editor.follow(document, options)
        document.shape_changed.connect(self._painted_over)
        self._follow(document)

    def _painted_over(self) -> None:
        """Other labels: what the picture is compared with is another one."""
        if self.mode == "wipe" or self.peeking:
            self._refresh()

    def _labels(self) -> Pyramid | None:
        compared = self.mode == "wipe" or self.peeking or self._picture is None
        return Pyramid.of(coloured(self.editor.board.scene).pixels) if compared else None

    def _refresh(self) -> None:
        if self._document is None:
            return
        single = self.mode == "single" and not self.peeking
        self.editor.show_picture(self._picture if single else None)
        self._compare(self._labels())
        if single:
            self._label(self.editor, self.painted.title)
        else:
            self.editor.title, self.editor.note = self.tr("Labels"), ""
        self.editor.update()
        self.painted.update()
