"""Colours that can be read, a focus that can be seen, and everything explained."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QTreeWidget,
    QWidget,
)

from studio import theme
from studio.preferences import PreferencesDialog
from studio.settings import Settings
from studio.shortcuts import Shortcuts
from studio.shortcuts_dialog import ShortcutsDialog
from studio.theme import DARK, LIGHT, ThemeChoice

THEMES = pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])


def luminance(colour):
    """Relative luminance as WCAG 2 defines it."""
    parts = QColor(colour).getRgbF()[:3]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@THEMES
@pytest.mark.parametrize("ground", ["window", "panel", "raised"])
def test_text_and_marks_can_be_read(tokens, ground):
    for ink in ("text", "muted", "accent", "warning", "error"):
        assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= 4.5, ink
    assert contrast(tokens.ok, getattr(tokens, ground)) >= 3
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5


@pytest.mark.parametrize("choice", [ThemeChoice.dark, ThemeChoice.light])
@pytest.mark.parametrize(
    "make", [QPushButton, QToolButton, QLineEdit, QSpinBox, QComboBox, QCheckBox, QTreeWidget]
)
def test_the_focus_can_be_seen(qtbot, choice, make):
    tokens = theme.apply(QApplication.instance(), choice)
    window = QWidget()
    qtbot.addWidget(window)
    layout = QHBoxLayout(window)
    parts = [make(), make()]
    for part in parts:
        part.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout.addWidget(part)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    parts[0].setFocus()
    qtbot.waitUntil(parts[0].hasFocus)

    def ringed(part):
        image = part.grab().toImage()
        rows, columns = range(image.height()), range(image.width())
        colours = (image.pixelColor(x, y) for x in columns for y in rows)
        return sum(c == QColor(tokens.accent) for c in colours) > 20

    assert [ringed(part) for part in parts] == [True, False]


def test_the_system_is_followed(qapp):
    hints = QGuiApplication.styleHints()
    known = {Qt.ColorScheme.Light: LIGHT, Qt.ColorScheme.Dark: DARK, Qt.ColorScheme.Unknown: DARK}
    assert theme.resolved(ThemeChoice.system) is known[hints.colorScheme()]


@THEMES
def test_icons_are_drawn_for_the_densest_screens(qapp, tokens):
    plain = theme.icon("mdi6.undo", tokens)
    sizes = [plain.pixmap(QSize(18, 18), ratio).width() for ratio in (1.0, 1.5, 2.0, 3.0)]
    assert sizes == [18, 27, 36, 54]


@pytest.mark.parametrize("choice", [ThemeChoice.dark, ThemeChoice.light])
def test_symbols_of_boxes_and_fields_are_there(choice):
    name = choice.value
    for symbol in ("check", "up", "down"):
        assert (theme._ICONS / f"{symbol}-{name}.svg").is_file()


def test_every_button_of_the_dialogs_says_what_it_does(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    settings = Settings()
    tokens = theme.apply(QApplication.instance(), ThemeChoice.dark)
    dialogs = [
        PreferencesDialog(parent, settings, tokens),
        ShortcutsDialog(parent, Shortcuts({}, settings), {}),
    ]
    for dialog in dialogs:
        for button in dialog.findChildren(QAbstractButton):
            inner = button.objectName().startswith("qt_")  # e.g. the cross of a search field
            clears = isinstance(button.parent(), QLineEdit)
            assert inner or clears or button.text().strip("…") or button.toolTip()


def test_the_dialog_follows_a_change_of_its_own_theme(qtbot):
    parent, settings = QWidget(), Settings()
    qtbot.addWidget(parent)
    tokens = theme.apply(QApplication.instance(), ThemeChoice.dark)
    dialog = PreferencesDialog(parent, settings, tokens)
    row = dialog.rows["history"]

    def inks():
        image = row.reset.icon().pixmap(18, 18).toImage()
        points = [(x, y) for x in range(image.width()) for y in range(image.height())]
        solid = [image.pixelColor(*p) for p in points if image.pixelColor(*p).alpha() == 255]
        return {colour.name() for colour in solid}

    settings.set("history", 300)
    assert inks() == {DARK.muted.lower()}
    settings.theme = ThemeChoice.light
    assert inks() == {LIGHT.muted.lower()}
