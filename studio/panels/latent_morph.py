"""A slider from one look to another."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSlider, QWidget

from engine.appearance import Appearance, Mix
from studio.panels.latent_numbers import LookNumbers
from studio.panels.variations import fitted
from studio.panels.variations_painting import SmallPictures
from studio.theme import DARK, Tokens

_SIDE = 52
_WHOLE = 100
"""Steps of the slider."""


class _End(QWidget):
    """The picture of a look at one end, or a letter while there is none."""

    def __init__(self, letter: str) -> None:
        super().__init__()
        self.letter, self.tokens = letter, DARK
        self.image: QImage | None = None
        self.setFixedSize(QSize(_SIDE, _SIDE))

    def show_image(self, image: QImage | None) -> None:
        """Show a picture, or the letter."""
        self.image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        path = QPainterPath()
        path.addRoundedRect(box, 6, 6)
        painter.fillPath(path, QColor(self.tokens.raised))
        if self.image is None:
            painter.setPen(QPen(QColor(self.tokens.muted)))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.letter)
            return
        painter.setClipPath(path)
        fitted(painter, QRect(QPointF().toPoint(), self.size()), self.image)


class Morph(QWidget):
    """Looks at both ends, and a slider along the arc between them."""

    def __init__(self, numbers: LookNumbers, pictures: SmallPictures) -> None:
        super().__init__()
        self.numbers, self._pictures = numbers, pictures
        self.ends: dict[str, Appearance] = {}
        self.images = {"A": _End("A"), "B": _End("B")}
        self.share = QSlider(Qt.Orientation.Horizontal)
        self.share.setRange(0, _WHOLE)
        self.share.setPageStep(10)
        self.share.setAccessibleName(self.tr("Share of look B"))
        self.percent = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.percent.setObjectName("caption")
        self.set_a, self.set_b = QPushButton(self.tr("Set A")), QPushButton(self.tr("Set B"))
        self.set_a.setToolTip(self.tr("Keep the look as it is now as A"))
        self.set_b.setToolTip(self.tr("Keep the look as it is now as B"))
        self._merge = numbers.gesture()
        self._known: dict[Appearance, int] = {}
        self._lay_out()
        self.set_a.clicked.connect(lambda: self.set_end("A"))
        self.set_b.clicked.connect(lambda: self.set_end("B"))
        self.share.sliderPressed.connect(self._begin)
        self.share.sliderReleased.connect(self._begin)
        self.share.valueChanged.connect(self._moved)
        pictures.painted.connect(self._painted)
        numbers.changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        grid.addWidget(self.images["A"], 0, 0, Qt.AlignmentFlag.AlignHCenter)
        grid.addWidget(self.share, 0, 1)
        grid.addWidget(self.images["B"], 0, 2, Qt.AlignmentFlag.AlignHCenter)
        grid.addWidget(self.set_a, 1, 0)
        grid.addWidget(self.percent, 1, 1)
        grid.addWidget(self.set_b, 1, 2)
        grid.setColumnStretch(1, 1)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for end in self.images.values():
            end.tokens = tokens
            end.update()

    def set_end(self, name: str) -> None:
        """Keep the look as it is now at one end."""
        self._put_ends({**self.ends, name: self.numbers.look})
        self.refresh()

    def _put_ends(self, ends: dict[str, Appearance]) -> None:
        for name, look in ends.items():
            if self.ends.get(name) != look:
                self.images[name].show_image(None)
        self.ends = ends
        self._pictures.want({("end", name): look for name, look in ends.items()})
        self._known.clear()
        if self.ready:
            self._known = {self._look_at(n): n for n in range(_WHOLE + 1)}
            self._known |= {self.ends["A"]: 0, self.ends["B"]: _WHOLE}

    @property
    def ready(self) -> bool:
        """Whether there is a way to go."""
        return len(self.ends) == 2 and self.ends["A"] != self.ends["B"]

    def _look_at(self, percent: int) -> Appearance:
        return self.numbers.mixed(self.ends["A"], self.ends["B"], percent / _WHOLE)

    def refresh(self) -> None:
        """Show where the look lies, if it lies between the two."""
        look = self.numbers.look
        if isinstance(look, Mix):
            self._put_ends({"A": look.a, "B": look.b})
        percent = round(look.t * _WHOLE) if isinstance(look, Mix) else self._known.get(look)
        if percent is not None:
            self.share.blockSignals(True)
            self.share.setValue(percent)
            self.share.blockSignals(False)
        self.setVisible(self.numbers.can_mix)
        self.share.setEnabled(self.ready)
        self.percent.setText(self._told(percent))

    def _told(self, percent: int | None) -> str:
        if not self.ready:
            return self.tr("Set two looks")
        return "" if percent is None else self.tr("{0} % of B").format(percent)

    def _begin(self) -> None:
        self._merge = self.numbers.gesture()

    def _moved(self, percent: int) -> None:
        self.numbers.mix(self.ends["A"], self.ends["B"], percent / _WHOLE, self._merge)

    def _painted(self, name: tuple[str, str], image: QImage) -> None:
        if name[0] == "end":
            self.images[name[1]].show_image(image)
