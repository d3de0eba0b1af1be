"""The open documents: a line of tabs and the workspace of each, or the welcome page."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QToolButton, QVBoxLayout, QWidget

from studio.editors.base import Workspace
from studio.theme import Tokens, icon

_CLOSE = 16


class Tabs(QWidget):
    """One workspace is seen at a time; the line of tabs only if there are several.

    Args:
        welcome: what is seen while nothing is open.

    Signals:
        turned: another workspace is seen, or the welcome page.
        close_wanted: the person wants to close this workspace.
    """

    turned = Signal()
    close_wanted = Signal(object)

    def __init__(self, welcome: QWidget) -> None:
        super().__init__()
        self._welcome = welcome
        self.bar = QTabBar(movable=True, documentMode=True, autoHide=True)
        self.bar.setObjectName("documents")
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.stack = QStackedWidget()
        self.stack.addWidget(welcome)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.stack, 1)
        self.bar.currentChanged.connect(self._turn)
        self._tokens: Tokens | None = None

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        for n in range(self.bar.count()):
            self._dress_tab(n)

    def _dress_tab(self, n: int) -> None:
        button = self.bar.tabButton(n, QTabBar.ButtonPosition.RightSide)
        if isinstance(button, QToolButton) and self._tokens is not None:
            button.setIcon(icon("mdi6.close", self._tokens, self._tokens.muted))

    def _at(self, n: int) -> Workspace:
        workspace = self.bar.tabData(n)
        assert isinstance(workspace, Workspace)
        return workspace

    @property
    def workspaces(self) -> list[Workspace]:
        """All, from left to right."""
        return [self._at(n) for n in range(self.bar.count())]

    @property
    def current(self) -> Workspace | None:
        """The one that is seen."""
        n = self.bar.currentIndex()
        return self._at(n) if n >= 0 else None

    def add(self, workspace: Workspace) -> None:
        """Open a tab at the right and show it."""
        self.stack.addWidget(workspace)
        with QSignalBlocker(self.bar):
            n = self.bar.addTab(workspace.document.origin.name)
            self.bar.setTabData(n, workspace)
            self.bar.setTabButton(n, QTabBar.ButtonPosition.RightSide, self._closer(workspace))
            self._dress_tab(n)
            self.bar.setCurrentIndex(n)
        self._turn()

    def _closer(self, workspace: Workspace) -> QToolButton:
        button = QToolButton(autoRaise=True)
        button.setToolTip(self.tr("Close"))
        button.setIconSize(QSize(_CLOSE, _CLOSE))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self.close_wanted.emit(workspace))
        return button

    def show_tab(self, workspace: Workspace) -> None:
        """Show one that is open."""
        self.bar.setCurrentIndex(self.workspaces.index(workspace))

    def remove(self, workspace: Workspace) -> None:
        """Close a tab, and what is not saved is gone; its right neighbour is seen next."""
        workspace.let_go(discard=True)
        with QSignalBlocker(self.bar):
            self.bar.removeTab(self.workspaces.index(workspace))
        self._turn()
        self.stack.removeWidget(workspace)
        workspace.document.deleteLater()
        workspace.deleteLater()

    def step(self, by: int) -> None:
        """Show a neighbour, around the ends."""
        if self.bar.count():
            self.bar.setCurrentIndex((self.bar.currentIndex() + by) % self.bar.count())

    def mark(self, workspace: Workspace) -> None:
        """The name on its tab, with a dot while something is not saved."""
        document = workspace.document
        dot = "● " if workspace.dirty else ""
        n = self.workspaces.index(workspace)
        self.bar.setTabText(n, dot + document.origin.name)
        self.bar.setTabToolTip(n, str(document.origin.path or document.origin.name))

    def _turn(self) -> None:
        seen = self.stack.currentWidget()
        wanted = self.current or self._welcome
        if seen is not wanted:
            if isinstance(seen, Workspace):
                seen.leave()
            self.stack.setCurrentWidget(wanted)
            if isinstance(wanted, Workspace):
                wanted.arrive()
            self.turned.emit()
