"""Makes the README's picture of a report: `python -m tests.gui.report_picture FOLDER [OUT.png]`.

The headline table of FOLDER/report.json, every model a block, in the studio's dark colours.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter, QPen

from studio.theme import DARK, Tokens
from trainer.metrics.figures import Figure
from trainer.report.headline import headline_figures
from trainer.report.measured import Measured
from trainer.report.numbers import number
from trainer.report.results import read_results
from trainer.report.ruler import span, verdict

OUT = Path(__file__).parents[2] / "assets" / "readme" / "report.png"
WIDTH, COLUMNS, SCALE = 1280, 2, 2
EDGE, GUTTER, TOP = 28, 48, 84
HEAD, LINE, PAD = 46, 17, 9
RULER, VALUE, MARK = 120, 54, 62
_WRAP = Qt.TextFlag.TextWordWrap
_RIGHT = Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True)
class Row:
    """A figure as it is drawn: `height` in pixels."""

    figure: Figure
    height: float


@dataclass(frozen=True)
class Block:
    """A model with its rows."""

    model: Measured
    rows: Sequence[Row]

    @property
    def height(self) -> float:
        """With its title."""
        return HEAD + sum(row.height for row in self.rows)


class Poster:
    """Draws the blocks in two columns.

    Args:
        models: of a report; those without figures are named in the last line.
    """

    def __init__(self, models: Sequence[Measured], tokens: Tokens = DARK) -> None:
        self._tokens, self._models = tokens, models
        self._wide = (WIDTH - 2 * EDGE - GUTTER * (COLUMNS - 1)) / COLUMNS
        self._painter = QPainter()
        canvas = QImage(8, 8, QImage.Format.Format_RGB32)
        self._painter.begin(canvas)
        self._columns = balanced([self._block(m) for m in models if headline_figures(m)])
        self._painter.end()
        height = TOP + EDGE + max(sum(b.height for b in column) for column in self._columns)
        self.image = QImage(WIDTH * SCALE, round(height) * SCALE, QImage.Format.Format_RGB32)
        self.image.setDevicePixelRatio(SCALE)

    def draw(self) -> QImage:
        """The whole picture."""
        self.image.fill(QColor(self._tokens.window))
        self._painter.begin(self.image)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._header()
        for n, column in enumerate(self._columns):
            left, top = EDGE + n * (self._wide + GUTTER), float(TOP)
            for block in column:
                self._model(block, left, top)
                top += block.height
        self._painter.end()
        return self.image

    def _block(self, model: Measured) -> Block:
        self._font(13)
        room = QRectF(0, 0, self._title_room, 400)
        rows = []
        for figure in headline_figures(model):
            needed = self._painter.boundingRect(room, _WRAP, figure.title).height()
            rows.append(Row(figure, max(needed, LINE) + PAD))
        return Block(model, rows)

    @property
    def _title_room(self) -> float:
        return self._wide - RULER - VALUE - MARK - 36

    def _font(self, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> None:
        font = QFont(QGuiApplication.font())
        font.setPixelSize(pixels)
        font.setWeight(weight)
        self._painter.setFont(font)

    def _text(self, rect: QRectF, flags: int, text: str, colour: str) -> None:
        self._painter.setPen(QColor(colour))
        self._painter.drawText(rect, flags, text)

    def _header(self) -> None:
        met = [figure.met for model in self._models for figure in model.figures]
        judged = [one for one in met if one is not None]
        self._font(20, QFont.Weight.DemiBold)
        says = f"{sum(judged)} of {len(judged)} targets met"
        self._text(QRectF(EDGE, 22, WIDTH, 28), 0, says, self._tokens.text)
        self._font(12)
        legend = (
            f"{len(self._models)} bundled models on held-out data. Band: the target. Ticks: "
            "simpler answers to the same question. Dot: the model."
        )
        self._text(QRectF(EDGE, 52, WIDTH - 2 * EDGE, 18), 0, legend, self._tokens.muted)

    def _model(self, block: Block, left: float, top: float) -> None:
        self._font(15, QFont.Weight.DemiBold)
        title = QRectF(left, top + 16, self._wide, 22)
        self._text(title, 0, block.model.title, self._tokens.text)
        used = self._painter.fontMetrics().horizontalAdvance(block.model.title)
        self._font(12)
        about = QRectF(left + used + 10, top + 19, self._wide - used, 20)
        self._text(about, 0, block.model.id, self._tokens.muted)
        y = top + HEAD
        for row in block.rows:
            self._painter.setPen(QPen(QColor(self._tokens.border), 1))
            self._painter.drawLine(QPointF(left, y - 4), QPointF(left + self._wide, y - 4))
            self._row(row, left, y)
            y += row.height

    def _row(self, row: Row, left: float, y: float) -> None:
        figure = row.figure
        self._font(13)
        title = QRectF(left, y, self._title_room, row.height)
        self._text(title, int(_WRAP), figure.title, self._tokens.text)
        x = left + self._title_room + 12
        self._ruler(figure, x, y + LINE / 2)
        self._font(13, QFont.Weight.DemiBold)
        x += RULER + 6
        self._text(QRectF(x, y, VALUE, LINE), int(_RIGHT), number(figure.value), self._tokens.text)
        self._font(12)
        word = {"met": "✓ met", "missed": "✗ missed", "open": "no target"}[verdict(figure)]
        self._text(QRectF(x + VALUE + 16, y + 1, MARK, LINE), 0, word, self._colour(figure))

    def _colour(self, figure: Figure) -> str:
        tokens = self._tokens
        return {"met": tokens.ok, "missed": tokens.error, "open": tokens.muted}[verdict(figure)]

    def _ruler(self, figure: Figure, left: float, middle: float) -> None:
        low, high = span(figure)

        def x(value: float) -> float:
            return left + 6 + (min(max(value, low), high) - low) / (high - low) * (RULER - 12)

        painter = self._painter
        painter.setPen(QPen(QColor(self._tokens.border), 1))
        painter.drawLine(QPointF(left + 6, middle), QPointF(left + RULER - 6, middle))
        if figure.met is not None:
            start, end = figure.target
            band = QColor(self._tokens.ok)
            band.setAlpha(48)
            first = left + 6 if start is None else x(start)
            last = left + RULER - 6 if end is None else x(end)
            painter.fillRect(QRectF(first, middle - 7, max(last - first, 1), 14), band)
        painter.setPen(QPen(QColor(self._tokens.muted), 1.5))
        for value in figure.baselines.values():
            painter.drawLine(QPointF(x(value), middle - 6), QPointF(x(value), middle + 6))
        painter.setPen(QPen(QColor(self._tokens.window), 1.5))
        aimed = figure.met is not None
        painter.setBrush(QColor(self._colour(figure) if aimed else self._tokens.accent))
        painter.drawEllipse(QPointF(x(figure.value), middle), 4.5, 4.5)


def balanced(blocks: Sequence[Block]) -> list[list[Block]]:
    """Columns in reading order, the tallest as short as it can be."""

    def tallest(cut: int) -> float:
        return max(sum(b.height for b in part) for part in (blocks[:cut], blocks[cut:]))

    cut = min(range(1, max(len(blocks), 2)), key=tallest)
    return [list(blocks[:cut]), list(blocks[cut:])]


def main(folder: Path, out: Path = OUT) -> None:
    """Draw and save."""
    app = QGuiApplication.instance() or QGuiApplication(sys.argv)
    Poster(read_results(folder)).draw().save(str(out))
    del app


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:]))
