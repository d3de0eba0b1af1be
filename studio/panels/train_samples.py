"""The sample sheets of a training, with a slider through its time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale, QRectF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QVBoxLayout, QWidget

from studio.errand import Errands
from studio.images import Pyramid
from studio.theme import DARK, Tokens

_LARGEST = 4096
_DIGITS = 8
"""Names of sheets are the number of photos seen so far, in so many digits."""


class SheetView(QWidget):
    """One sheet, as large as it fits, or words in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.words = DARK, ""
        self._picture: Pyramid | None = None
        self.setMinimumSize(QSize(240, 120))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(560, 300)

    @property
    def shown(self) -> QImage:
        """The sheet that is seen; null = none."""
        return self._picture.image if self._picture else QImage()

    def show_image(self, image: QImage) -> None:
        """Show a sheet; a null one gives way to the words."""
        self._picture = None if image.isNull() else Pyramid(image)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.tokens.window))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._picture is None:
            painter.setPen(QColor(self.tokens.muted))
            inner = self.rect().adjusted(24, 0, -24, 0)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(inner, flags, self.words)
            return
        size = self._picture.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF(0, 0, size.width(), size.height())
        box.moveCenter(QRectF(self.rect()).center())
        self._picture.draw(painter, box)


class Samples(QWidget):
    """Sheets in the order of time; the newest is followed until another is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.view, self.caption = SheetView(), QLabel()
        self.caption.setObjectName("muted")
        self.caption.setMinimumWidth(self.caption.fontMetrics().horizontalAdvance("0" * 26))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(self.tr("Sample pictures over time"))
        self.slider.setToolTip(self.tr("Earlier and later sample pictures"))
        self.view.setAccessibleName(self.tr("Sample pictures"))
        self.view.words = self.tr("Sample pictures come while it learns.")
        self.sheets: Sequence[Path] = ()
        self._wanted: Path | None = None
        self._errands = Errands(self)
        self._errands.done.connect(self._take)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.slider, 1)
        foot.addWidget(self.caption)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.view, 1)
        column.addLayout(foot)
        self.slider.valueChanged.connect(self._show)
        self.forget()

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.view.tokens = tokens
        self.view.update()

    def forget(self) -> None:
        """Another training is seen."""
        self.sheets, self._wanted = (), None
        self.view.show_image(QImage())
        self.slider.setEnabled(False)
        self.caption.setText("")

    def show_sheets(self, sheets: Sequence[Path]) -> None:
        """These are there now."""
        if list(sheets) == list(self.sheets):
            return
        follow = self.slider.value() >= len(self.sheets) - 1
        self.sheets = list(sheets)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(len(sheets) - 1, 0))
            if follow:
                self.slider.setValue(len(sheets) - 1)
        self.slider.setEnabled(len(sheets) > 1)
        self._show(self.slider.value())

    def _show(self, place: int) -> None:
        if not 0 <= place < len(self.sheets):
            return
        sheet = self._wanted = self.sheets[place]
        self.caption.setText(self._told(sheet))
        self._errands.run(lambda: (sheet, _image(sheet)))

    def _take(self, read: tuple[Path, QImage]) -> None:
        sheet, image = read
        if sheet == self._wanted and not image.isNull():  # half a file comes whole later
            self.view.show_image(image)

    def _told(self, sheet: Path) -> str:
        name = sheet.stem
        if not (name.isdigit() and len(name) >= _DIGITS):
            return name
        photos = self.tr("after {0} pictures").format(QLocale().toString(int(name)))
        stages = {path.parent.parent.name for path in self.sheets}
        return f"{sheet.parent.parent.name} · {photos}" if len(stages) > 1 else photos

    def close_all(self) -> None:
        """Read no more."""
        self._errands.wait()


def _image(path: Path) -> QImage:
    """A sheet; null if it cannot be read."""
    reader = QImageReader(str(path))
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > _LARGEST:
        reader.setScaledSize(size.scaled(_LARGEST, _LARGEST, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
