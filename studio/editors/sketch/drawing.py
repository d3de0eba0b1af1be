"""The section "Drawing": width, smoothing, both sides, and the photo to draw after."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.editor import SketchEditor
from studio.editors.sketch.options import WIDTHS, SketchOptions
from studio.panels.rows import add_row, quietly, rows_grid, share_of, slider, value_at

_STEPS = 100


class DrawingPanel(QWidget):
    """Choices of the drawing tools; it runs commands of the document's editor."""

    def __init__(self, options: SketchOptions) -> None:
        super().__init__()
        self.options = options
        self._document: SketchDocument | None = None
        self._editor: SketchEditor | None = None
        self.width_slider, self._width_says = slider(_STEPS, "000.0 px")
        self.smoothing, self._smoothing_says = slider(_STEPS, "000.0 px")
        self.opacity, self._opacity_says = slider(_STEPS, "000.0 px")
        self.pressure = QCheckBox(self.tr("Pen pressure is width"))
        self.symmetric = QCheckBox(self.tr("Draw on both sides"))
        self.shown = QCheckBox(self.tr("Show reference photo"))
        self.reference = QPushButton(self.tr("Reference photo…"))
        self.remove = QPushButton(self.tr("Remove photo"))
        self.examples = QPushButton(self.tr("Examples…"))
        self.clear = QPushButton(self.tr("Clear drawing"))
        self._explain()
        self._lay_out()
        self._connect()
        self._show()
        self._show_document()

    def _explain(self) -> None:
        self.width_slider.setToolTip(self.tr("Width of the line or the eraser  ([ and ])"))
        self.smoothing.setToolTip(self.tr("Steadies the hand; at 0 every point counts as it is"))
        self.symmetric.setToolTip(self.tr("Strokes are mirrored at an axis that you can drag  (S)"))
        self.shown.setToolTip(self.tr("Only you see the photo; it is not painted  (G)"))

    def _lay_out(self) -> None:
        self.photo = QWidget()
        lines, photo = rows_grid(), rows_grid(self.photo)
        add_row(lines, 0, self.tr("Width"), self.width_slider, self._width_says)
        add_row(lines, 1, self.tr("Smoothing"), self.smoothing, self._smoothing_says)
        photo.addWidget(self.shown, 0, 0, 1, 3)
        add_row(photo, 1, self.tr("Opacity"), self.opacity, self._opacity_says)
        photo.addWidget(self.remove, 2, 0, 1, 3)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.examples, self.clear):
            buttons.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(lines)
        column.addWidget(self.pressure)
        column.addWidget(self.symmetric)
        column.addWidget(self.reference)
        column.addWidget(self.photo)
        column.addLayout(buttons)

    def _connect(self) -> None:
        options = self.options
        self.width_slider.valueChanged.connect(self._widened)
        self.smoothing.valueChanged.connect(lambda value: options.set("smoothing", value))
        self.opacity.valueChanged.connect(self._faded)
        self.pressure.toggled.connect(lambda on: options.set("pressure", on))
        self.symmetric.toggled.connect(lambda on: self._run("symmetric_strokes", on))
        self.shown.toggled.connect(lambda on: options.set("reference", on))
        self.reference.clicked.connect(lambda: self._run("choose_reference"))
        self.remove.clicked.connect(lambda: self._run("remove_reference"))
        self.examples.clicked.connect(lambda: self._run("example_sketches"))
        self.clear.clicked.connect(lambda: self._run("clear_drawing"))
        options.changed.connect(self._show)

    def follow(self, document: SketchDocument, editor: SketchEditor) -> None:
        """Show the drawing of a document; its editor runs what the buttons say."""
        self._document, self._editor = document, editor
        document.reference_changed.connect(self._show_document)
        document.shape_changed.connect(self._show_document)
        self._show_document()

    def let_go(self) -> None:
        """Hear no more of the options, which the documents of a window share."""
        self.options.changed.disconnect(self._show)

    def _run(self, name: str, *state: bool) -> None:
        if self._editor is not None:
            getattr(self._editor, name)(*state)

    def _widened(self, step: int) -> None:
        width = value_at(step / _STEPS, *WIDTHS)
        self.options.set(self.options.sized, round(2 * width) / 2)

    def _faded(self, step: int) -> None:
        if self._document is not None:
            self._document.show_reference(step / _STEPS)

    def _show(self) -> None:
        options = self.options
        width = getattr(options, options.sized)
        quietly(self.width_slider, round(_STEPS * share_of(width, *WIDTHS)))
        quietly(self.smoothing, round(options.smoothing))
        self._width_says.setText(self.tr("{0:g} px").format(width))
        off = self.tr("off")
        self._smoothing_says.setText(f"{options.smoothing:.0f}" if options.smoothing else off)
        self.pressure.setChecked(options.pressure)
        self.symmetric.setChecked(options.symmetric)
        self.shown.setChecked(options.reference)

    def _show_document(self) -> None:
        document = self._document
        self.setEnabled(document is not None)
        if document is None:
            self.photo.hide()
            return
        self.photo.setVisible(document.reference is not None)
        quietly(self.opacity, round(document.reference_opacity * _STEPS))
        self._opacity_says.setText(self.tr("{0:.0f} %").format(document.reference_opacity * 100))
        sketch = document.sketch
        self.clear.setEnabled(bool(sketch.strokes) or sketch.raster is not None)
