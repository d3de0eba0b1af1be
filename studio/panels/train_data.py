"""The photos of a training: a folder is chosen or dropped, checked, and shown with its problems."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import GuiseError
from studio.dialogs import dropped_file
from studio.languages import spoken
from studio.panels.findings import Finding, add_to, emptied
from studio.panels.train_samples import SheetView
from studio.panels.train_words import tr
from studio.settings import Settings
from studio.theme import DARK, ICON_SIDE, Tokens, icon
from studio.training.annotations import read_annotations
from studio.training.answers import Check, Problem, read_check
from studio.training.asking import Asking

_TABLE, _FOLDERS = "training_data", "folders"
_RECENT = 4
_NAMES = 3
"""So many file names stand beside a problem; the others are in its tooltip."""
_PREVIEW = 240
_READING = ("--direction", "--classes")
"""Options that say how the files of a folder are read."""
_CORRECTABLE = frozenset(
    ("index", "posegan", "coco", "coco-official", "pix2pixhd", "cityscapes", "labelme")
)
"""Layouts with joints, masks or label maps."""
_SOME_FAILED = 1
"""Exit code of a command that did what it could."""


class DataPanel(QWidget):
    """Asks for a folder, has it checked beside the window, and says what was found.

    Signals:
        checked: there is another answer, or none yet; see :attr:`check`.
        annotated: what is annotated in the folder was listed, to be corrected: the Annotations,
            the words of the command line after the folder, and file names of photos of concern.
        failed: a sentence for the person.
    """

    checked = Signal()
    annotated = Signal(object, object, object)
    failed = Signal(str)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings, self._tokens = settings, DARK
        self.folder: Path | None = None
        self.check: Check | None = None
        self._made: Path | None = None
        self._temporary = tempfile.TemporaryDirectory(prefix="guise-")
        self._previews = Path(self._temporary.name) / "previews.png"
        self._asking = Asking(self)
        self._asking.answered.connect(self._take)
        self._asking.went_on.connect(self._hear)
        self._listing, self._concern = Asking(self), ()
        self._listing.answered.connect(self._take_annotations)
        self._listing.went_on.connect(self._hear)
        self.setAcceptDrops(True)
        self._build_invitation()
        self._build_answer()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.invitation)
        column.addWidget(self.answer)
        self._show_recent()
        self._refresh()

    # Construction

    def _build_invitation(self) -> None:
        self.invitation = QFrame()
        self.invitation.setObjectName("invitation")
        self._picture = QLabel()
        heading, told = QLabel(self.tr("Drop a folder of photos here")), QLabel(wordWrap=True)
        heading.setObjectName("heading")
        told.setObjectName("muted")
        told.setText(
            self.tr(
                "Photos with joints, outlines, drawings or maps of areas beside them, in any of "
                "the usual forms. Nothing leaves this machine."
            )
        )
        self.choose = QPushButton(self.tr("Choose folder…"))
        self.choose.setObjectName("primary")
        self.choose.clicked.connect(self._choose)
        self.recent = QVBoxLayout()
        self.recent.setSpacing(0)
        column = QVBoxLayout(self.invitation)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(8)
        for label in (self._picture, heading, told):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(self.recent)

    def _build_answer(self) -> None:
        self.answer = QWidget()
        self._symbol, self.path = QLabel(), QLabel()
        self.path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.change = QPushButton(self.tr("Choose another…"))
        self.change.clicked.connect(self._choose)
        self.again = QPushButton(self.tr("Check again"))
        self.again.clicked.connect(lambda: self.folder and self.open_folder(self.folder))
        self.busy, self.bar = QLabel(), QProgressBar()
        self.busy.setObjectName("muted")
        self.bar.setRange(0, 0)
        self.bar.setFixedHeight(4)
        self.bar.setTextVisible(False)
        self.preview = SheetView()
        self.preview.setFixedHeight(_PREVIEW)
        self.preview.setAccessibleName(self.tr("What the network will see"))
        self.preview.setToolTip(self.tr("What the network will see"))
        self._build_makers()
        self.correct = QPushButton(self.tr("Correct annotations…"))
        self.correct.setToolTip(self.tr("Put joints, masks and labels of these photos right"))
        self.correct.clicked.connect(lambda: self.correct_annotations())
        self.findings = QVBoxLayout()
        self.findings.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._symbol)
        head.addWidget(self.path, 1)
        head.addWidget(self.again)
        head.addWidget(self.change)
        column = QVBoxLayout(self.answer)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.busy)
        column.addWidget(self.bar)
        column.addLayout(self.findings)
        column.addWidget(self.correct, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.makers)
        column.addWidget(self.preview)

    def _build_makers(self) -> None:
        """What can be made of photos alone, by what they show."""
        self.makers = QWidget()
        self.make = {
            "edges": QPushButton(self.tr("Things: draw their lines")),
            "people": QPushButton(self.tr("People: find their joints")),
            "labels": QPushButton(self.tr("Streets: find their areas")),
        }
        words = self.tr(
            "These are photos alone. Painters learn from photos with what is drawn of them; Guise "
            "can draw it. What do they show?"
        )
        told, row = QLabel(words, wordWrap=True), QHBoxLayout()
        row.setSpacing(8)
        for kind, button in self.make.items():
            button.clicked.connect(lambda _=False, kind=kind: self._prepare(kind))
            row.addWidget(button)
        row.addStretch()
        column = QVBoxLayout(self.makers)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(told)
        column.addLayout(row)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self.preview.tokens = tokens
        symbol = icon("mdi6.folder-image", tokens, tokens.muted)
        self._picture.setPixmap(symbol.pixmap(QSize(40, 40), self.devicePixelRatioF()))
        self._symbol.setPixmap(symbol.pixmap(ICON_SIDE, ICON_SIDE))
        self._show_findings()

    # Choosing

    def _choose(self) -> None:
        start = str(self.folder or self._settings.folder)
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Folder of photos"), start)
        if chosen:
            self.open_folder(Path(chosen))

    def open_folder(self, folder: Path) -> None:
        """Have a folder checked."""
        self.folder, self.check, self._made = folder.absolute(), None, None
        self._asking.cancel()
        self._listing.cancel()
        self._previews.unlink(missing_ok=True)
        previews = ["--previews", str(self._previews)]
        self._asking.ask(["check", str(self.folder), "--json", *previews])
        self.busy.setText(self.tr("Looking at the photos…"))
        self._refresh()
        self.checked.emit()

    def _prepare(self, kind: str) -> None:
        """Have training data made of photos alone, in a folder beside theirs."""
        assert self.folder is not None
        self._made = self.folder.with_name(f"{self.folder.name}-{kind}")
        self.check = None
        self._asking.ask(["prepare", kind, str(self.folder), "-o", str(self._made)])
        self.busy.setText(self.tr("Making {0}…").format(self._made))
        self._refresh()
        self.checked.emit()

    def _hear(self, line: str) -> None:
        """How far the check is: “checked 1200 of 3000”."""
        words = line.split()
        if len(words) == 4 and words[0] == "checked":
            self.busy.setText(self.tr("Looking at the photos: {0} of {1}").format(*words[1::2]))
            self.bar.setRange(0, int(words[3]))
            self.bar.setValue(int(words[1]))

    # Correcting

    def correct_annotations(self, names: Sequence[str] = ()) -> None:
        """List what is annotated, to be corrected; `names` = files of the photos of concern."""
        assert self.folder is not None
        if self._listing.busy:
            return
        self._concern = tuple(names)
        self._listing.ask(["annotations", str(self.folder), *self._reading, "--json"])
        self.busy.setText(self.tr("Reading the annotations…"))
        self._show_busy()

    @property
    def _reading(self) -> tuple[str, ...]:
        """How the files of the folder are read, for the command line."""
        given = self.check.arguments if self.check is not None else ()
        return tuple(word for pair in pairwise(given) if pair[0] in _READING for word in pair)

    def _take_annotations(self, code: int, output: str, error: str) -> None:
        self._show_busy()
        try:
            answer = read_annotations(output)
        except GuiseError as problem:
            self.failed.emit(error or str(problem))
            return
        if answer.items:
            self.annotated.emit(answer, self._reading, self._concern)
        else:
            self.failed.emit(self.tr("There is nothing in this folder to correct."))

    def _take(self, code: int, output: str, error: str) -> None:
        assert self.folder is not None
        made, self._made = self._made, None
        if made is not None and code in (0, _SOME_FAILED):
            self.open_folder(made)
            return
        try:
            self.check = read_check(output)
        except GuiseError as problem:
            self.check = Check(str(self.folder), False, reason=error or str(problem))
        if self.check.usable:
            self._remember(self.folder)
        self._refresh()
        self.checked.emit()

    def close_all(self) -> None:
        """Nobody waits for an answer any more."""
        self._asking.cancel()
        self._listing.cancel()
        self._temporary.cleanup()

    # What was found

    def _refresh(self) -> None:
        self.invitation.setVisible(self.folder is None)
        self.answer.setVisible(self.folder is not None)
        self.path.setText(str(self.folder or ""))
        self._show_busy()
        self.correct.setVisible(self._correctable)
        self.makers.setVisible(self._alone)
        self._show_findings()
        image = QImage(str(self._previews)) if self.check is not None else QImage()
        self.preview.show_image(image)
        self.preview.setVisible(not image.isNull())

    def _show_busy(self) -> None:
        self.bar.setRange(0, 0)
        for part in (self.busy, self.bar):
            part.setVisible(self._asking.busy or self._listing.busy)
        self.correct.setEnabled(not self._listing.busy)

    @property
    def _correctable(self) -> bool:
        """Whether the photos have joints, masks or labels that can be corrected."""
        return self.check is not None and self.check.layout in _CORRECTABLE

    @property
    def _alone(self) -> bool:
        """Whether there are photos with nothing beside them."""
        return self.check is not None and self.check.layout == "photos"

    def _show_findings(self) -> None:
        emptied(self.findings)
        check = self.check
        if check is None:
            return
        if self._alone:
            return
        if check.usable:
            add_to(self.findings, Finding(_summary(check), "", "ok", self._tokens))
        elif not any(problem.severity == "error" for problem in check.problems):
            add_to(self.findings, Finding(spoken(check.reason), "", "error", self._tokens))
        for problem in check.problems:
            row = Finding(spoken(problem.text), _named(problem), problem.severity, self._tokens)
            row.setToolTip("\n".join(map(spoken, problem.names)))
            if problem.names and self._correctable:
                row.activated.connect(lambda names=problem.names: self.correct_annotations(names))
            add_to(self.findings, row)

    # Recent folders

    def _remembered(self) -> list[str]:
        return self._settings.table(_TABLE).get(_FOLDERS, [])

    def _remember(self, folder: Path) -> None:
        others = [name for name in self._remembered() if name != str(folder)]
        self._settings.set_table(_TABLE, {_FOLDERS: [str(folder), *others][:_RECENT]})

    def _show_recent(self) -> None:
        for name in self._remembered():
            if Path(name).is_dir():
                link = QPushButton(name)
                link.setObjectName("link")
                link.clicked.connect(lambda _=False, name=name: self.open_folder(Path(name)))
                self.recent.addWidget(link, 0, Qt.AlignmentFlag.AlignHCenter)

    # Dropping

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        path = dropped_file(event.mimeData())
        if path is not None and path.is_dir():
            event.acceptProposedAction()
            self._welcome(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._welcome(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._welcome(False)
        path = dropped_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.open_folder(path)

    def _welcome(self, dragging: bool) -> None:
        self.invitation.setProperty("hot", dragging)
        self.invitation.style().polish(self.invitation)


def _summary(check: Check) -> str:
    """What the folder is, in one line."""
    locale = QLocale()
    parts = [spoken(check.title)]
    names = {
        "train": tr("{0} to learn from"),
        "val": tr("{0} to check with"),
        "test": tr("{0} kept for the end"),
    }
    parts += [
        names[split].format(locale.toString(count))
        for split, count in check.splits.items()
        if split in names
    ]
    usual: Sequence[int] = check.sizes.get("usual", ())
    if len(usual) == 2:
        parts.append(tr("usually {0} × {1} px").format(*usual))
    return " · ".join(parts)


def _named(problem: Problem) -> str:
    """The first files that a problem is about, and how many more there are."""
    shown = ", ".join(map(spoken, problem.names[:_NAMES]))
    more = max(problem.count, len(problem.names)) - min(len(problem.names), _NAMES)
    if not shown or more <= 0:
        return shown
    return tr("{0} and {1} more").format(shown, more)
