"""Our own light and dark palettes on Fusion, and icons coloured from them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import qtawesome
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

import assets

ICON_SIDE = 18
_ICONS = Path(assets.__file__).parent / "icons"


class ThemeChoice(Enum):
    """What the user asked for."""

    system = "system"
    dark = "dark"
    light = "light"


@dataclass(frozen=True)
class Tokens:
    """Colours by their role, as hex strings."""

    window: str
    panel: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    ok: str
    warning: str
    error: str


DARK = Tokens(
    window="#17181B",
    panel="#1F2024",
    raised="#2A2C31",
    border="#383A40",
    text="#E8E9EB",
    muted="#9B9EA6",
    accent="#6C9CFF",
    on_accent="#0E1420",
    ok="#5DBB86",
    warning="#E2AC4A",
    error="#EB6F68",
)
LIGHT = Tokens(
    window="#E9EAEC",
    panel="#F7F7F8",
    raised="#FFFFFF",
    border="#D5D7DB",
    text="#1B1C1F",
    muted="#656973",
    accent="#2B62D9",
    on_accent="#FFFFFF",
    ok="#2C8A57",
    warning="#8A5A04",
    error="#B8342D",
)

_SHEET = """
QMainWindow, QWidget#panes {{ background: {window}; }}
QWidget {{ font-size: 13px; }}
QWidget#panel, QWidget#tools, QWidget#status, QWidget#top {{ background: {panel}; }}
QWidget#top {{ border-bottom: 1px solid {border}; }}
QWidget#panel {{ border-left: 1px solid {border}; }}
QWidget#tools {{ border-right: 1px solid {border}; }}
QWidget#status {{ border-top: 1px solid {border}; }}
QLabel#muted {{ color: {muted}; }}
QLabel#warning {{ color: {warning}; font-size: 11px; }}
QLabel#caption {{ color: {muted}; font-size: 11px; }}
QLabel#heading {{ font-size: 15px; font-weight: 600; }}
QLabel#title {{ font-size: 22px; font-weight: 600; }}
QMenuBar {{ background: {panel}; border: none; padding: 0; }}
QMenuBar::item {{ padding: 4px 8px; border-radius: 6px; background: transparent; }}
QMenuBar::item:selected {{ background: {raised}; }}
QMenu {{ background: {panel}; border: 1px solid {border}; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 6px; }}
QMenu::item:selected {{ background: {accent}; color: {on_accent}; }}
QMenu::item:disabled {{ color: {muted}; }}
QMenu::separator {{ height: 1px; background: {border}; margin: 4px 8px; }}
QToolButton {{ border: none; border-radius: 6px; padding: 4px; min-width: 24px; min-height: 24px; }}
QToolButton:hover {{ background: {raised}; }}
QToolButton:pressed, QToolButton:checked {{ background: {raised}; }}
QToolButton:focus {{ border: 1px solid {accent}; }}
QToolButton#small {{ min-width: 20px; min-height: 20px; padding: 2px; }}
QToolButton#kind {{ font-size: 11px; padding: 4px 0; color: {muted}; min-width: 0; }}
QToolButton#kind:checked {{ color: {text}; }}
QToolButton#section {{ font-weight: 600; text-align: left; padding: 4px 0; }}
QToolButton#section:hover, QToolButton#section:checked {{ background: transparent; }}
QToolButton#view {{ color: {muted}; padding: 4px 12px; }}
QToolButton#view:hover {{ color: {text}; }}
QToolButton#view:checked {{ color: {text}; }}
QToolButton#view:disabled {{ color: {border}; }}
QToolButton#primary {{ background: {accent}; color: {on_accent}; padding: 4px 12px;
    font-weight: 600; }}
QToolButton#primary:hover {{ background: {accent}; border: 1px solid {text}; }}
QToolButton#primary:disabled {{ background: {raised}; color: {muted}; }}
QFrame#rule {{ background: {border}; border: none; }}
QFrame#invitation {{ border: 2px dashed {border}; border-radius: 12px; }}
QFrame#invitation[hot="true"] {{ border-color: {accent}; }}
QPushButton {{ background: {raised}; border: 1px solid {border}; border-radius: 6px;
    padding: 5px 12px; min-height: 20px; }}
QPushButton:hover {{ border-color: {accent}; }}
QPushButton:focus {{ border-color: {accent}; }}
QPushButton:disabled {{ color: {muted}; border-color: {border}; }}
QPushButton#primary {{ background: {accent}; color: {on_accent}; border-color: {accent}; }}
QPushButton#primary:disabled {{ background: {raised}; color: {muted}; border-color: {border}; }}
QPushButton::menu-indicator {{ subcontrol-origin: border; subcontrol-position: right center;
    right: 8px; }}
QLabel#choice {{ background: {window}; border-radius: 6px; color: {muted}; }}
QProgressBar {{ background: {raised}; border: none; border-radius: 2px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 2px; }}
QComboBox {{ background: {raised}; border: 1px solid {border}; border-radius: 6px;
    padding: 4px 8px; min-height: 20px; }}
QComboBox:hover, QComboBox:focus {{ border-color: {accent}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox QAbstractItemView {{ background: {panel}; border: 1px solid {border}; outline: none; }}
QSlider::groove:horizontal {{ height: 4px; background: {border}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ background: {text}; width: 14px; height: 14px; margin: -5px 0;
    border-radius: 7px; }}
QSlider::handle:horizontal:disabled, QSlider::sub-page:horizontal:disabled {{
    background: {border}; }}
QLineEdit, QAbstractSpinBox {{ background: {raised};
    border: 1px solid {border}; border-radius: 6px; padding: 4px 8px; min-height: 20px;
    selection-background-color: {accent}; selection-color: {on_accent}; }}
QLineEdit:hover, QAbstractSpinBox:hover {{ border-color: {muted}; }}
QLineEdit:focus, QAbstractSpinBox:focus {{ border-color: {accent}; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
QAbstractSpinBox QLineEdit {{ background: transparent; border: none; padding: 0 4px;
    min-height: 0; }}
QTabBar#documents {{ background: {window}; }}
QTabBar#documents::tab {{ background: {window}; color: {muted}; border: none;
    border-right: 1px solid {border}; padding: 0 6px 0 14px; height: 32px; }}
QTabBar#documents::tab:selected {{ background: {panel}; color: {text}; }}
QTabBar#documents::tab:hover {{ color: {text}; }}
QTabBar#documents QToolButton {{ padding: 2px; margin-left: 6px; }}
QLineEdit[wrong="true"] {{ border-color: {error}; }}
QLineEdit:disabled, QAbstractSpinBox:disabled {{ color: {muted}; }}
QLineEdit#palette {{ background: {panel}; font-size: 15px; padding: 6px 10px; }}
QTreeView, QTableView {{ background: {window}; border: 1px solid {border}; border-radius: 6px;
    outline: none; padding: 4px; }}
QTreeView::item, QTableView::item {{ padding: 5px 8px; border: none; }}
QTreeView::item:hover {{ background: {panel}; }}
QTreeView::item:selected, QTableView::item:selected {{ background: {raised}; color: {text}; }}
QTreeView:focus, QTableView:focus {{ border-color: {accent}; }}
QTreeView::branch {{ background: transparent; }}
QHeaderView::section {{ background: {panel}; color: {muted}; border: none; padding: 4px 8px; }}
QAbstractSpinBox QLineEdit {{ background: transparent; border: none; padding: 0 4px;
    min-height: 0; }}
QAbstractSpinBox {{ padding-right: 24px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ subcontrol-origin: border;
    width: 22px; border: none; }}
QAbstractSpinBox::up-button {{ subcontrol-position: top right; }}
QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; }}
QAbstractSpinBox::up-arrow {{ image: url("{icons}/up-{name}.svg"); width: 12px; height: 12px; }}
QAbstractSpinBox::down-arrow {{ image: url("{icons}/down-{name}.svg"); width: 12px; height: 12px; }}
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover {{ background: {border}; }}
QCheckBox {{ spacing: 8px; min-height: 24px; }}
QCheckBox::indicator, QTableView::indicator {{ width: 16px; height: 16px;
    border: 1px solid {muted}; border-radius: 4px; background: {raised}; }}
QCheckBox::indicator:hover, QCheckBox::indicator:focus {{ border-color: {accent}; }}
QCheckBox::indicator:checked, QTableView::indicator:checked {{
    background: {accent}; border-color: {accent}; image: url("{icons}/check-{name}.svg"); }}
QCheckBox:focus {{ color: {accent}; }}
QCheckBox::indicator:disabled, QTableView::indicator:disabled {{
    border-color: {border}; background: {panel}; }}
QFrame#popup QListView {{ background: transparent; border: none; outline: none; }}
QListWidget {{ background: transparent; border: none; outline: none; }}
QListWidget::item {{ border-radius: 6px; padding: 3px 6px; min-height: 22px; }}
QListWidget::item:hover {{ background: {raised}; }}
QListWidget::item:selected {{ background: {raised}; color: {text};
    border: 1px solid {accent}; }}
QFrame#notice, QFrame#popup {{ background: {raised}; border: 1px solid {border};
    border-radius: 6px; }}
QPushButton#link {{ background: transparent; border: 1px solid transparent; color: {accent};
    font-weight: 600; padding: 3px 8px; }}
QPushButton#link:hover {{ background: {panel}; }}
QPushButton#link:focus {{ border-color: {accent}; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {border}; border-radius: 5px; min-height: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {border}; padding: 4px; }}
"""


def resolved(choice: ThemeChoice) -> Tokens:
    """The colours for a choice; a system that does not say is taken as dark."""
    if choice is ThemeChoice.system:
        scheme = QGuiApplication.styleHints().colorScheme()
        return LIGHT if scheme == Qt.ColorScheme.Light else DARK
    return LIGHT if choice is ThemeChoice.light else DARK


def palette(tokens: Tokens) -> QPalette:
    """Fusion's palette in our colours."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: tokens.panel,
        QPalette.ColorRole.WindowText: tokens.text,
        QPalette.ColorRole.Base: tokens.raised,
        QPalette.ColorRole.AlternateBase: tokens.panel,
        QPalette.ColorRole.Text: tokens.text,
        QPalette.ColorRole.Button: tokens.raised,
        QPalette.ColorRole.ButtonText: tokens.text,
        QPalette.ColorRole.ToolTipBase: tokens.raised,
        QPalette.ColorRole.ToolTipText: tokens.text,
        QPalette.ColorRole.PlaceholderText: tokens.muted,
        QPalette.ColorRole.Highlight: tokens.accent,
        QPalette.ColorRole.HighlightedText: tokens.on_accent,
        QPalette.ColorRole.Link: tokens.accent,
        QPalette.ColorRole.Mid: tokens.border,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.muted))
    made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText, QColor(tokens.muted))
    return made


def apply(app: QApplication, choice: ThemeChoice) -> Tokens:
    """Dress the application; returns the colours in use."""
    tokens = resolved(choice)
    app.setStyle("Fusion")
    app.setPalette(palette(tokens))
    name = "light" if tokens is LIGHT else "dark"
    app.setStyleSheet(_SHEET.format(**vars(tokens), name=name, icons=_ICONS.as_posix()))
    return tokens


def icon(name: str, tokens: Tokens, colour: str | None = None) -> QIcon:
    """A Material Design icon by its qtawesome name, in the text colour."""
    ink, faint = colour or tokens.text, QColor(tokens.muted)
    faint.setAlpha(120)
    return qtawesome.icon(
        name,
        color=ink,
        color_active=ink,
        color_disabled=faint,
        color_on=colour or tokens.accent,
        color_on_active=colour or tokens.accent,
        color_on_disabled=faint,
    )
