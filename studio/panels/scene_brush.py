"""How labels are painted and seen: size of the brush, what covers what, strength over a photo."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from studio.editors.scene.options import SIZES, SceneOptions
from studio.panels.rows import add_row, quietly, rows_grid, share_of, slider, value_at

_STEPS = 100


class BrushRows(QWidget):
    """Choices of the label tools; the size is that of the brush or of the eraser, as in use."""

    def __init__(self) -> None:
        super().__init__()
        self.options: SceneOptions | None = None
        self.size_slider, self._size_says = slider(_STEPS, "0000 px")
        self.opacity, self._opacity_says = slider(_STEPS, "0000 px")
        self.new_wins = QCheckBox(self.tr("New covers old"))
        self.behind = QCheckBox(self.tr("Eraser shows what is behind"))
        self.pressure = QCheckBox(self.tr("Pen pressure is size"))
        self._explain()
        self._lay_out()

    def _explain(self) -> None:
        self.size_slider.setToolTip(self.tr("Size of the brush or the eraser  ([ and ])"))
        self.opacity.setToolTip(self.tr("How strong labels are over a photo or the picture"))
        tip = self.tr("Off: objects stay before what is painted, and surfaces fill gaps only  (X)")
        self.new_wins.setToolTip(tip)
        tip = self.tr("Off: the eraser leaves pixels without a label  (Shift+E)")
        self.behind.setToolTip(tip)

    def _lay_out(self) -> None:
        lines = rows_grid()
        add_row(lines, 0, self.tr("Size"), self.size_slider, self._size_says)
        add_row(lines, 1, self.tr("Opacity"), self.opacity, self._opacity_says)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(lines)
        for box in (self.new_wins, self.behind, self.pressure):
            column.addWidget(box)

    def follow(self, options: SceneOptions) -> None:
        """Show and change these options from now on."""
        self.options = options
        self.size_slider.valueChanged.connect(self._resized)
        self.opacity.valueChanged.connect(lambda step: options.set("opacity", step / _STEPS))
        self.new_wins.toggled.connect(lambda on: options.set("new_wins", on))
        self.behind.toggled.connect(lambda on: options.set("behind", on))
        self.pressure.toggled.connect(lambda on: options.set("pressure", on))
        options.changed.connect(self._show)
        self._show()

    def let_go(self) -> None:
        """Hear no more of the options, which the documents of a window share."""
        if self.options is not None:
            self.options.changed.disconnect(self._show)

    def _resized(self, step: int) -> None:
        assert self.options is not None
        self.options.set(self.options.sized, float(round(value_at(step / _STEPS, *SIZES))))

    def _show(self) -> None:
        options = self.options
        assert options is not None
        size = getattr(options, options.sized)
        quietly(self.size_slider, round(_STEPS * share_of(size, *SIZES)))
        quietly(self.opacity, round(options.opacity * _STEPS))
        self._size_says.setText(self.tr("{0:g} px").format(size))
        self._opacity_says.setText(self.tr("{0:.0f} %").format(options.opacity * 100))
        self.new_wins.setChecked(options.new_wins)
        self.behind.setChecked(options.behind)
        self.pressure.setChecked(options.pressure)
