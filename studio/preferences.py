"""The settings dialog: a row for every line of the table of settings."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.panels.painter import Menu
from studio.settings import SETTINGS, Setting, Settings, worded
from studio.theme import ICON_SIDE, Tokens, icon, resolved

_CONTROL = 200


class Row(QWidget):
    """One setting: label and help, its control, and a button that gives the default back."""

    def __init__(self, setting: Setting, settings: Settings) -> None:
        super().__init__()
        self.setting, self._settings = setting, settings
        title, told = QLabel(worded(setting.text)), QLabel(self._told(), wordWrap=True)
        told.setObjectName("caption")
        self.control = _CONTROLS[setting.kind](setting, settings)
        self.control.setAccessibleName(title.text())
        self.control.setAccessibleDescription(told.text())
        self.control.setToolTip(told.text())
        self.control.setFixedWidth(_CONTROL)
        title.setBuddy(self.control)
        self.reset = QToolButton()
        self.reset.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        words = self.tr("Reset “{0}” to its default").format(title.text())
        self.reset.setToolTip(words)
        self.reset.setAccessibleName(words)
        self.reset.clicked.connect(lambda: settings.set(setting.name, setting.default))
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.setHorizontalSpacing(12)
        layout.setVerticalSpacing(2)
        layout.setColumnStretch(0, 1)
        layout.addWidget(title, 0, 0)
        layout.addWidget(told, 1, 0)
        layout.addWidget(self.control, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.reset, 0, 2, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        self.show_value()

    def show_value(self) -> None:
        """The control as the setting stands."""
        value = self._settings.value(self.setting.name)
        with QSignalBlocker(self.control):
            self.control.show_value(value)
        self.reset.setEnabled(value != self.setting.default)

    def fits(self, words: str) -> bool:
        """Whether all words occur in its texts."""
        labels = (worded(label) for _, label in self.setting.choices)
        texts = (self.setting.name, worded(self.setting.text), self._told(), *labels)
        return all(word in " ".join(texts).lower() for word in words.lower().split())

    def _told(self) -> str:
        later = self.tr("Holds from the next start on.") if self.setting.restart else ""
        return f"{worded(self.setting.help)} {later}".strip()


class _Choice(Menu):
    def __init__(self, setting: Setting, settings: Settings) -> None:
        super().__init__()
        for value, label in setting.choices:
            self.addItem(worded(label), value)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.currentIndexChanged.connect(lambda: settings.set(setting.name, self.currentData()))

    def show_value(self, value: object) -> None:
        self.setCurrentIndex(self.findData(value))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page is scrolled, not the choice


class _Whole(QSpinBox):
    def __init__(self, setting: Setting, settings: Settings) -> None:
        super().__init__()
        self.setRange(setting.low, setting.high)
        self.setSingleStep(setting.step)
        self.setSuffix(f" {worded(setting.unit)}" if setting.unit else "")
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(lambda value: settings.set(setting.name, value))

    def show_value(self, value: object) -> None:
        assert isinstance(value, int)
        self.setValue(value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _Switch(QCheckBox):
    def __init__(self, setting: Setting, settings: Settings) -> None:
        super().__init__()
        self.toggled.connect(lambda on: settings.set(setting.name, on))

    def show_value(self, value: object) -> None:
        self.setChecked(bool(value))


class _Folder(QWidget):
    """A path, typed or chosen; a folder that is not there is refused in red."""

    def __init__(self, setting: Setting, settings: Settings) -> None:
        super().__init__()
        self._name, self._settings = setting.name, settings
        self.field = QLineEdit(placeholderText=self.tr("Your own folder only"))
        self.button = QPushButton("…")
        self.button.setFixedWidth(36)
        self.button.setToolTip(self.tr("Choose a folder"))
        self.button.setAccessibleName(self.tr("Choose a folder"))
        self.button.setAutoDefault(False)
        self.setFocusProxy(self.field)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.field)
        layout.addWidget(self.button)
        self.field.editingFinished.connect(lambda: self.take(self.field.text().strip()))
        self.button.clicked.connect(self._ask)

    def show_value(self, value: object) -> None:
        self.field.setText(str(value))
        self._mark(wrong=False)

    def take(self, path: str) -> None:
        """Remember a folder, or none."""
        there = not path or Path(path).is_dir()
        self._mark(wrong=not there)
        if there:
            self._settings.set(self._name, path)

    def _mark(self, wrong: bool) -> None:
        words = self.tr("There is no such folder; the one before is kept.") if wrong else ""
        self.field.setProperty("wrong", wrong)
        self.field.style().polish(self.field)
        self.field.setToolTip(words or self.field.text())
        self.field.setAccessibleDescription(words)

    def _ask(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "", self.field.text())
        if path:
            self.take(path)


_CONTROLS = {"choice": _Choice, "whole": _Whole, "switch": _Switch, "folder": _Folder}


class PreferencesDialog(QDialog):
    """Everything that can be set, by section, searchable; what is changed holds at once."""

    def __init__(self, parent: QWidget, settings: Settings, tokens: Tokens) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.rows = {s.name: Row(s, settings) for s in SETTINGS if s.section}
        self.search = QLineEdit(placeholderText=self.tr("Search"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search"))
        self.nothing = QLabel(self.tr("No setting fits."), alignment=Qt.AlignmentFlag.AlignCenter)
        self.nothing.setObjectName("muted")
        self.nothing.hide()
        self._headings: dict[str, QLabel] = {}
        close = QPushButton(self.tr("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        area = QScrollArea(widgetResizable=True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._page())
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.search)
        layout.addWidget(self.nothing)
        layout.addWidget(area, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self._settings = settings
        self.search.textChanged.connect(self._filter)
        settings.changed.connect(self._changed)
        self.dress(tokens)
        self.resize(600, 640)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for row in self.rows.values():
            row.reset.setIcon(icon("mdi6.restore", tokens, tokens.muted))

    def _page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 12, 0)
        layout.setSpacing(0)
        for row in self.rows.values():
            section = row.setting.section
            if section not in self._headings:
                heading = QLabel(worded(section))
                heading.setObjectName("heading")
                heading.setContentsMargins(0, 12 if self._headings else 0, 0, 4)
                layout.addWidget(heading)
                self._headings[section] = heading
            layout.addWidget(row)
        layout.addStretch()
        return page

    def _filter(self, words: str) -> None:
        for row in self.rows.values():
            row.setVisible(row.fits(words))
        seen = {row.setting.section for row in self.rows.values() if row.fits(words)}
        for section, heading in self._headings.items():
            heading.setVisible(section in seen)
        self.nothing.setVisible(not seen)

    def _changed(self, name: str) -> None:
        if name in self.rows:
            self.rows[name].show_value()
        if name == "theme":
            self.dress(resolved(self._settings.theme))
