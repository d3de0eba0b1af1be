"""Every panel, light and dark, at 100 and 200 %, against pictures that somebody has looked at.

GUISE_SNAPSHOTS=write makes the pictures anew; look at them before they are kept.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QFont, QFontDatabase, QImage
from PySide6.QtWidgets import QApplication, QWidget

from studio import sample
from studio.panels.choices import PaintersDialog
from studio.preferences import PreferencesDialog
from studio.settings import Settings
from studio.shortcuts_dialog import ShortcutsDialog
from studio.window import Window
from studio.worker import Bridge
from tests.fakes import FakeSession

FOLDER = Path(__file__).parent / "snapshots"
WRITE = os.environ.get("GUISE_SNAPSHOTS") == "write"
FONT = "DejaVu Sans"
FAR = 64
"""Levels by which a pixel is another one; edges of letters differ a little between machines."""
MOST = 0.03
"""Share of the pixels that may be others."""


@pytest.fixture
def window(qtbot):
    if FONT not in QFontDatabase.families():
        pytest.skip(f"The snapshots are written in {FONT}, which is not installed here.")
    before = QApplication.font()
    QApplication.setFont(QFont(FONT, 10))
    session = FakeSession()
    made = Window(Bridge(lambda: session), Settings())
    qtbot.addWidget(made)
    made.resize(1280, 900)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made._leaving = True
    made.close()
    QApplication.setFont(before)


@pytest.fixture
def opened(window, qtbot):
    window.open_sample(sample.names()[0])
    qtbot.waitUntil(lambda: window.workspace.painting.warming is None)
    for section in window.workspace.side.sections:
        section.unfold()
    for card in list(window.notice.cards):
        card.close_button.click()
    return window


def drawn(widget: QWidget, scale: int) -> np.ndarray:
    """(H, W, 3) the widget as a screen of this scale shows it."""
    size = widget.size()
    image = QImage(size * scale, QImage.Format.Format_RGB888)
    image.setDevicePixelRatio(scale)
    image.fill(widget.palette().window().color())
    widget.render(image, QPoint())
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def compare(name: str, widget: QWidget) -> None:
    """Against the kept pictures; a difference is written beside them."""
    QApplication.processEvents()
    for scale in (1, 2):
        path = FOLDER / f"{name}-{scale}00.png"
        now = drawn(widget, scale)
        picture = QImage(now.data, now.shape[1], now.shape[0], now.shape[1] * 3, _RGB)
        if WRITE:
            FOLDER.mkdir(exist_ok=True)
            assert picture.save(str(path))
            continue
        kept = QImage(str(path)).convertToFormat(_RGB)
        assert kept.size() == picture.size(), f"{path.name} has another size"
        rows = np.frombuffer(kept.constBits(), np.uint8).reshape(kept.height(), -1)
        before = rows[:, : kept.width() * 3].reshape(now.shape)
        others = (np.abs(before.astype(int) - now).max(2) > FAR).mean()
        assert others <= MOST, f"{others:.1%} of {path.name} is drawn otherwise"


_RGB = QImage.Format.Format_RGB888
PANELS = {
    "tools": lambda w: w.workspace.tools,
    "painter": lambda w: w.workspace.side.painter,
    "looks": lambda w: w.workspace.side.look,
    "favourites": lambda w: w.workspace.side.favourites,
    "poses": lambda w: w.workspace.side.library,
    "finish": lambda w: w.workspace.side.refine,
    "joints": lambda w: w.workspace.side.section_of(w.workspace.side.joints),
    "top": lambda w: w.top,
}


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("panel", PANELS)
def test_panels(opened, panel, theme):
    opened.actions_by_name[f"theme_{theme}"].trigger()
    compare(f"{panel}-{theme}", PANELS[panel](opened))


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_strips(opened, theme):
    opened.actions_by_name[f"theme_{theme}"].trigger()
    opened.actions_by_name["add_key_pose"].trigger()
    compare(f"animation-{theme}", opened.workspace.strip)
    compare(f"history-{theme}", opened.workspace.history)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_canvas_with_its_marks(opened, theme):
    opened.actions_by_name[f"theme_{theme}"].trigger()
    opened.actions_by_name["transform_box"].trigger()
    compare(f"canvas-{theme}", opened.workspace.panes.editor)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_welcome_page(window, theme):
    window.actions_by_name[f"theme_{theme}"].trigger()
    compare(f"welcome-{theme}", window.invitation)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_command_palette(window, theme):
    window.actions_by_name[f"theme_{theme}"].trigger()
    window.actions_by_name["show_palette"].trigger()
    compare(f"palette-{theme}", window.palette_box)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_messages(window, theme):
    window.actions_by_name[f"theme_{theme}"].trigger()
    window.notice.say("The picture is in picture.png.", "info", "Show", lambda: None)
    window.notice.say("Nobody was found in this photo.", "warning")
    window.notice.say("There is no file photo.jpg.", "error")
    compare(f"messages-{theme}", window.notice)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("command", ["show_settings", "show_shortcuts", "compare_painters"])
def test_dialogs(opened, qtbot, command, theme):
    opened.actions_by_name[f"theme_{theme}"].trigger()
    opened.actions_by_name[command].trigger()
    kind = {
        "show_settings": PreferencesDialog,
        "show_shortcuts": ShortcutsDialog,
        "compare_painters": PaintersDialog,
    }[command]
    dialog = opened.findChild(kind)
    if isinstance(dialog, PaintersDialog):
        qtbot.waitUntil(lambda: dialog.progress.value() == dialog.progress.maximum())
    compare(f"{command}-{theme}", dialog)
    dialog.close()
