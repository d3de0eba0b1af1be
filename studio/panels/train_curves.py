"""The chart with its legend, smoothing and scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from studio.panels.train_chart import Chart, Flag, colours, nearest
from studio.panels.train_legend import Legend
from studio.theme import DARK, Tokens
from studio.training.scale import spread
from studio.training.stats import Curve

_WIDTHS = (1, 3, 5, 9, 15, 25, 41, 65, 101)
"""Ticks of a mean, by the place of the slider."""


class Curves(QWidget):
    """What a training's statistics say, as curves."""

    def __init__(self) -> None:
        super().__init__()
        self.chart, self.legend = Chart(), Legend()
        self.smooth = QSlider(Qt.Orientation.Horizontal)
        self.smooth.setRange(0, len(_WIDTHS) - 1)
        self.smooth.setFixedWidth(120)
        self.smooth.setAccessibleName(self.tr("Smooth"))
        self.smooth.setToolTip(self.tr("Each point is the mean of those before it"))
        self.log = QCheckBox(self.tr("Logarithmic"))
        self.log.setToolTip(self.tr("Equal ratios are equally far apart"))
        self._curves: Mapping[str, Curve] = {}
        self._tokens = DARK
        self._log_chosen = False
        self._lay_out()
        self.smooth.valueChanged.connect(lambda _: self._refresh())
        self.log.clicked.connect(self._choose_log)
        self.legend.changed.connect(self._refresh)
        self.chart.hovered.connect(self._tell)

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        words = QLabel(self.tr("Smooth"))
        words.setObjectName("muted")
        words.setBuddy(self.smooth)
        for part in (words, self.smooth):
            foot.addWidget(part)
        foot.addSpacing(8)
        foot.addWidget(self.log)
        foot.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.chart, 3)
        column.addLayout(foot)
        column.addWidget(self.legend, 2)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self.chart.dress(tokens)
        self.legend.dress(tokens, colours(list(self._curves), tokens))

    def show_curves(self, curves: Mapping[str, Curve], flags: Sequence[Flag]) -> None:
        """Draw these; what is seen of them stays as it was chosen."""
        self._curves = curves
        self.legend.show_names(list(curves))
        self.legend.dress(self._tokens, colours(list(curves), self._tokens))
        self.legend.setVisible(bool(curves))
        self.chart.show_curves(curves, flags)
        self._refresh()

    def forget(self) -> None:
        """Another training is seen: nothing of the last one's choices holds."""
        self._log_chosen = False
        self.legend.show_names([])
        self.show_curves({}, ())

    def _choose_log(self) -> None:
        self._log_chosen = True
        self._refresh()

    def _refresh(self) -> None:
        seen = self.legend.seen
        if not self._log_chosen:
            with QSignalBlocker(self.log):
                self.log.setChecked(spread([self._curves[name].values for name in seen]))
        self.chart.show_only(seen, _WIDTHS[self.smooth.value()], self.log.isChecked())
        self._tell()

    def _tell(self) -> None:
        """Values under the pointer, or the last ones."""
        at = self.chart.minutes
        self.legend.tell(
            {
                name: float(curve.values[-1 if at is None else nearest(curve.minutes, at)])
                for name, curve in self._curves.items()
                if len(curve.values)
            }
        )
