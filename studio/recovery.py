"""Offers what a crash left behind, over the window and without stopping anybody."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import (
    QCoreApplication,
    QDateTime,
    QLocale,
    QObject,
    QSize,
    Qt,
    QTimeZone,
    Signal,
)
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import GuiseError
from studio.journal_recovery import Recovery, discard, restore
from studio.project_state import ProjectState
from studio.saving_lane import Lane
from studio.theme import ICON_SIDE, Tokens, icon

_THUMB = QSize(56, 72)
_ROWS = 3
"""So many are seen at once; more are scrolled."""
_WIDTH = 560


class RecoveryRow(QWidget):
    """One document: small picture, name, time, and what can be done.

    Signals:
        restore_wanted, discard_wanted: for this row's recovery.
    """

    restore_wanted = Signal()
    discard_wanted = Signal()

    def __init__(self, recovery: Recovery, alone: bool) -> None:
        super().__init__()
        self.recovery = recovery
        self._moment = _moment(recovery)
        self._file = f" · {_near_home(recovery.path.parent)}" if recovery.path else ""
        self.picture = QLabel()
        self.picture.setFixedSize(_THUMB)
        self.name = QLabel(recovery.name, textFormat=Qt.TextFormat.PlainText)
        self.name.setObjectName("heading")
        self.when = QLabel(self._moment + self._file, textFormat=Qt.TextFormat.PlainText)
        self.when.setToolTip(str(recovery.path or ""))
        self.when.setObjectName("muted")
        self.trouble = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.trouble.setObjectName("warning")
        self.trouble.hide()
        self.restore_button = QPushButton(self.tr("Restore"))
        if alone:
            self.restore_button.setObjectName("primary")
        self.discard_button = QPushButton(self.tr("Discard"))
        for button in (self.restore_button, self.discard_button):
            button.setAccessibleDescription(recovery.name)
        self.restore_button.clicked.connect(self.restore_wanted)
        self.discard_button.clicked.connect(self._discard)
        self._sure = False
        self._lay_out()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addStretch()
        for label in (self.name, self.when, self.trouble):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            words.addWidget(label)
        words.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 8, 4)
        row.setSpacing(12)
        row.addWidget(self.picture)
        row.addLayout(words, 1)
        row.addWidget(self.discard_button)
        row.addWidget(self.restore_button)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        ratio = self.devicePixelRatioF()
        blank = icon("mdi6.image-outline", tokens, tokens.muted).pixmap(_THUMB / 2)
        self.picture.setPixmap(_rounded(self.recovery.thumbnail, ratio) or blank)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def wait(self, waiting: bool) -> None:
        """While it is being restored nothing else can be asked of it."""
        text = self.tr("Restoring…") if waiting else self.tr("Restore")
        self.restore_button.setText(text)
        for button in (self.restore_button, self.discard_button):
            button.setEnabled(not waiting)

    def say(self, text: str) -> None:
        """Why it could not be restored."""
        self.wait(False)
        self.trouble.setText(text)
        self.trouble.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        metrics, middle = self.when.fontMetrics(), Qt.TextElideMode.ElideMiddle
        room = self.when.width() - metrics.horizontalAdvance(self._moment)
        self.when.setText(self._moment + metrics.elidedText(self._file, middle, room))

    def _discard(self) -> None:
        """The work would be gone for good, so a second press is asked for."""
        if self._sure:
            self.discard_wanted.emit()
        self._sure = True
        self.discard_button.setText(self.tr("Discard for good"))


class RecoveryBanner(QFrame):
    """A card with one row a document; hidden while there is nothing to offer.

    Signals:
        restored: the document's state and its Recovery; give the new document a Saver with
            `recovered=` so that it is thrown away only once the work is safe again.
    """

    restored = Signal(object, object)
    _done = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.rows: list[RecoveryRow] = []
        self._tokens: Tokens | None = None
        self._lane = Lane("guise-recovery")
        self._done.connect(self._settle)
        self.title = QLabel(wordWrap=True)
        self.close_button = QToolButton()
        self.close_button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.close_button.setToolTip(self.tr("Keep for the next start"))
        self.close_button.setAccessibleName(self.close_button.toolTip())
        self.close_button.clicked.connect(self.put_off)
        self._list = QVBoxLayout()
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        inner = QWidget()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        inner.setLayout(self._list)
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setWidget(inner)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 8, 12)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._scroll)
        self.setFixedWidth(_WIDTH)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self.close_button.setIcon(icon("mdi6.close", tokens))
        for row in self.rows:
            row.dress(tokens)

    def offer(self, recoveries: list[Recovery]) -> None:
        """Show these; nothing is shown if there are none."""
        for recovery in recoveries:
            row = RecoveryRow(recovery, alone=len(recoveries) == 1)
            row.restore_wanted.connect(self._restore)
            row.discard_wanted.connect(self._discard)
            if self._tokens is not None:
                row.dress(self._tokens)
            self._list.addWidget(row)
            self.rows.append(row)
        self._refresh()

    def put_off(self) -> None:
        """Offer everything again at the next start."""
        for row in self.rows:
            row.recovery.lock.unlock()
            self._take_away(row)
        self.rows.clear()
        self._refresh()

    def wait(self) -> None:
        """Until nothing is being restored; before the window goes away."""
        self._lane.wait()

    def _restore(self) -> None:
        row = self._asking(self.sender())
        row.wait(True)
        recovery = row.recovery
        self._lane.run(str(recovery.folder), lambda: self._read(recovery))

    def _read(self, recovery: Recovery) -> None:
        try:
            self._done.emit(recovery, restore(recovery))
        except (GuiseError, OSError) as error:
            self._done.emit(recovery, str(error))

    def _settle(self, recovery: Recovery, outcome: ProjectState | str) -> None:
        row = next((row for row in self.rows if row.recovery == recovery), None)
        if row is None:
            return
        if isinstance(outcome, str):
            row.say(outcome)
            self._refresh()
            return
        self._drop(row)
        self.restored.emit(outcome, recovery)

    def _discard(self) -> None:
        row = self._asking(self.sender())
        discard(row.recovery)
        self._drop(row)

    def _asking(self, sender: QObject) -> RecoveryRow:
        return next(row for row in self.rows if row is sender)

    def _drop(self, row: RecoveryRow) -> None:
        self.rows.remove(row)
        self._take_away(row)
        self._refresh()

    def _take_away(self, row: RecoveryRow) -> None:
        self._list.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _refresh(self) -> None:
        self.title.setText(
            self.tr("Guise ended unexpectedly. This work was not saved:")
            if len(self.rows) == 1
            else self.tr("Guise ended unexpectedly. These {0} documents were not saved:").format(
                len(self.rows)
            )
        )
        heights = [row.sizeHint().height() for row in self.rows[:_ROWS]]
        self._scroll.setFixedHeight(sum(heights))
        self.setVisible(bool(self.rows))
        self.adjustSize()


def _moment(recovery: Recovery) -> str:
    """When it was changed last."""
    seconds = int(recovery.when.timestamp())
    moment = QDateTime.fromSecsSinceEpoch(seconds, QTimeZone.systemTimeZone())
    today = moment.date() == QDateTime.currentDateTime().date()
    short = QLocale.FormatType.ShortFormat
    clock = QLocale().toString(moment.time() if today else moment, short)
    return QCoreApplication.translate("RecoveryBanner", "Changed last {0}").format(clock)


def _near_home(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _rounded(content: bytes, ratio: float) -> QPixmap | None:
    """A PNG file filling a small picture with round corners; None if it is none."""
    image = QImage.fromData(content)
    if image.isNull():
        return None
    size = _THUMB * ratio
    filling = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    scaled = image.scaled(size, filling, Qt.TransformationMode.SmoothTransformation)
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    path.addRoundedRect(pixmap.rect().toRectF(), 6 * ratio, 6 * ratio)
    painter.setClipPath(path)
    spare = size - scaled.size()
    painter.drawImage(spare.width() // 2, spare.height() // 2, scaled)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
