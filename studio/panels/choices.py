"""Dialogs that paint several pictures to choose from: by each painter, or of invented looks."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.appearance import Sampled
from engine.request import Failed, Painted, Quality, Request
from studio.batch import Batch
from studio.document import PictureState
from studio.editors.pose.document import PoseDocument
from studio.images import to_qimage
from studio.painting import LivePainting
from studio.panels.look_pages import thrown_seed
from studio.panels.painter import PainterCard, can_take

_PAINTER_CELL = QSize(260, 340)
_LOOK_CELL = QSize(168, 220)
_MANY, _COLUMNS = 8, 4


class Choice(QWidget):
    """One picture to come, with a caption and a button below it.

    Signals:
        taken: the button was pressed.
    """

    taken = Signal()

    def __init__(self, size: QSize, title: str, verb: str) -> None:
        super().__init__()
        self.picture = QLabel(self.tr("Waiting…"), wordWrap=True)
        self.picture.setObjectName("choice")
        self.picture.setFixedSize(size)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title, self.caption = QLabel(title), QLabel(" ")
        self.caption.setObjectName("caption")
        self.button = QPushButton(verb)
        self.button.clicked.connect(self.taken)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.picture, self.title, self.caption, self.button):
            column.addWidget(widget)

    def show_answer(self, answer: Painted | Failed, joints: QRect) -> None:
        """Show the picture around the person, or why there is none."""
        if isinstance(answer, Failed):
            self.picture.setText(answer.message)
            return
        image = to_qimage(answer.picture.pixels)
        step = image.width() / answer.request.shape.size[0]
        corner, size = joints.topLeft() * step, joints.size() * step
        seen = image.copy(QRect(corner, size).intersected(image.rect()))
        ratio = self.devicePixelRatioF()
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode
        fitted = seen.scaled(self.picture.size() * ratio, keep, smooth.SmoothTransformation)
        pixmap = QPixmap.fromImage(fitted)
        pixmap.setDevicePixelRatio(ratio)
        self.picture.setPixmap(pixmap)


class ChoiceDialog(QDialog):
    """Choices whose pictures come one after the other; closing calls off what is left."""

    def __init__(self, parent: QWidget, document: PoseDocument, painting: LivePainting) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.document, self._painting = document, painting
        self.choices: list[Choice] = []
        self.batch: Batch | None = None
        self.grid = QGridLayout()
        self.grid.setSpacing(16)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setFixedHeight(4)
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(policy)
        self.footer = QHBoxLayout()
        self.close_button = QPushButton(self.tr("Close"))
        self.footer.addStretch()
        self.footer.addWidget(self.close_button)
        self.close_button.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(self.grid)
        column.addWidget(self.progress)
        column.addLayout(self.footer)
        self.finished.connect(lambda _: self._call_off())

    def _paint(self, requests: list[Request]) -> None:
        self.progress.setRange(0, len(requests))
        self.progress.setValue(0)
        self.progress.show()
        self.batch = self._painting.paint_all(requests)
        self.batch.answered.connect(self._answered)
        self.batch.start()

    def _answered(self, number: int, answer: Painted | Failed) -> None:
        self.progress.setValue(number + 1)
        self.progress.setVisible(number + 1 < self.progress.maximum())
        self.take_answer(number, answer)

    def take_answer(self, number: int, answer: Painted | Failed) -> None:
        """Show the answer to one of the requests."""
        self.choices[number].show_answer(answer, self._seen)

    @property
    def _seen(self) -> QRect:
        return self.document.focus

    def _longest(self, cell: QSize) -> int:
        """Longest side of a picture of which the person fills a cell."""
        whole, seen = self.document.reading.photo.size, self._seen
        scale = min(cell.width() / seen.width(), cell.height() / seen.height())
        return min(max(whole), round(max(whole) * scale * self.devicePixelRatioF()))

    def _call_off(self) -> None:
        if self.batch is not None:
            self.batch.stop()
        if self.document.state is PictureState.painting:  # it made room for these pictures
            self._painting.paint_now()


class PaintersDialog(ChoiceDialog):
    """What is asked for now, by every painter that takes its look, with the time it needs."""

    def __init__(
        self,
        parent: QWidget,
        document: PoseDocument,
        painting: LivePainting,
        painters: PainterCard,
    ) -> None:
        super().__init__(parent, document, painting)
        self.setWindowTitle(self.tr("Compare painters"))
        look = document.look or document.own
        cards = [card for card in painters.cards.values() if can_take(card, look)]
        for column, card in enumerate(cards):
            choice = Choice(_PAINTER_CELL, card.title, self.tr("Use this painter"))
            choice.button.setEnabled(card.id != document.model)
            choice.taken.connect(lambda model=card.id: self._use(painters, model))
            self.grid.addWidget(choice, 0, column)
            self.choices.append(choice)
        longest = self._longest(_PAINTER_CELL)
        # Each paints twice: the first time it loads and prepares, the second time is its speed.
        self._paint(
            [
                document.request_for(document.wanted._replace(model=card.id), quality, longest)
                for card in cards
                for quality in (Quality.preview, Quality.full)
            ]
        )

    def take_answer(self, number: int, answer: Painted | Failed) -> None:
        choice = self.choices[number // 2]
        choice.show_answer(answer, self._seen)
        if isinstance(answer, Painted) and number % 2:
            choice.caption.setText(self.tr("{0} ms").format(round(answer.seconds * 1000)))

    def _use(self, painters: PainterCard, model: str) -> None:
        self.accept()
        painters.choose(model)


class LooksDialog(ChoiceDialog):
    """Invented looks at this pose, to choose one."""

    def __init__(self, parent: QWidget, document: PoseDocument, painting: LivePainting) -> None:
        super().__init__(parent, document, painting)
        self.setWindowTitle(self.tr("More looks"))
        self.seeds: list[int] = []
        for n in range(_MANY):
            choice = Choice(_LOOK_CELL, "", self.tr("Use this look"))
            choice.title.hide()
            choice.taken.connect(lambda n=n: self._use(n))
            self.grid.addWidget(choice, n // _COLUMNS, n % _COLUMNS)
            self.choices.append(choice)
        self.again = QPushButton(self.tr("Invent {0} others").format(_MANY))
        self.again.clicked.connect(self.throw)
        self.footer.insertWidget(0, self.again)
        self.throw()

    def throw(self) -> None:
        """Invent other looks."""
        if self.batch is not None:
            self.batch.stop()
        self.seeds = [thrown_seed() for _ in range(_MANY)]
        for seed, choice in zip(self.seeds, self.choices, strict=True):
            choice.picture.setText(self.tr("Waiting…"))
            choice.caption.setText(self.tr("Throw {0}").format(seed))
        document, longest = self.document, self._longest(_LOOK_CELL)
        looks = [Sampled(seed, document.pose) for seed in self.seeds]
        wanted = [document.wanted._replace(look=look) for look in looks]
        self._paint([document.request_for(each, Quality.full, longest) for each in wanted])

    def _use(self, number: int) -> None:
        self.accept()
        look = Sampled(self.seeds[number], self.document.pose)
        self.document.change_look(look, self.tr("Invent a look"))
