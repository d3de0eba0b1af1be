"""The welcome page: what it offers, by hand and by key alone."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio import sample, theme
from studio.panels.welcome import WelcomePage
from studio.recent import RecentFiles
from tests.fakes import save_png_of

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def recent(qapp, tmp_path):
    """Two photos, the newer one gone."""
    made = RecentFiles()
    for name in ("old.png", "gone.png"):
        save_png_of(np.full((60, 80, 3), 120, np.uint8), tmp_path / name)
        made.add(tmp_path / name)
    (tmp_path / "gone.png").unlink()
    return made


@pytest.fixture
def page(qtbot, recent):
    tokens = theme.apply(QApplication.instance(), theme.ThemeChoice.dark)
    made = WelcomePage(sample.cards(), recent)
    qtbot.addWidget(made)
    made.dress(tokens)
    made.resize(1100, 800)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.said = []
    made.open_wanted.connect(lambda: made.said.append("open"))
    made.sample_wanted.connect(made.said.append)
    made.recent_wanted.connect(made.said.append)
    return made


def test_clicks_ask_for_what_was_clicked(page, qtbot, tmp_path):
    qtbot.mouseClick(page.open_button, LEFT)
    qtbot.mouseClick(page.recent.tiles[1], LEFT)
    for tile in page.samples.tiles:
        qtbot.mouseClick(tile, LEFT)
    assert page.said == ["open", tmp_path / "old.png", *sample.names()]
    assert sample.names()


def test_tab_goes_through_all_in_order_and_enter_chooses(page, qtbot, tmp_path):
    page.open_button.setFocus()
    walk = []
    for _ in range(4 + len(page.samples.tiles)):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        walk.append(QApplication.focusWidget())
    new = [page.drawing_button, page.scene_button]
    assert walk == [*new, *page.recent.tiles, *page.samples.tiles]
    QTest.keyClick(walk[3], Qt.Key.Key_Return)
    QTest.keyClick(walk[4], Qt.Key.Key_Space)
    assert page.said == [tmp_path / "old.png", sample.names()[0]]


def test_a_vanished_file_is_told_and_can_only_be_removed(page, qtbot, recent, tmp_path):
    gone = page.recent.tiles[0]
    assert gone.faded and "deleted" in gone.toolTip() and str(tmp_path) in gone.toolTip()
    qtbot.mouseClick(gone, LEFT)
    assert page.said == []
    gone.setFocus()
    QTest.keyClick(gone, Qt.Key.Key_Delete)
    assert [file.path.name for file in recent.files()] == ["old.png"]
    assert [tile.text() for tile in page.recent.tiles] == ["old.png"]


def test_the_cross_shows_under_the_pointer_and_removes(page, qtbot, recent):
    tile = page.recent.tiles[1]
    assert not page.samples.tiles[0].cross.isVisible()
    qtbot.mouseMove(tile, QPoint(20, 20))
    qtbot.waitUntil(tile.cross.isVisible)
    qtbot.mouseMove(tile.cross)
    qtbot.mouseClick(tile.cross, LEFT)
    assert [file.path.name for file in recent.files()] == ["gone.png"] and page.said == []


def test_a_file_opened_meanwhile_appears_first(page, recent, tmp_path):
    save_png_of(np.zeros((50, 50, 3), np.uint8), tmp_path / "new.png")
    recent.add(tmp_path / "new.png")
    assert [tile.text() for tile in page.recent.tiles] == ["new.png", "gone.png", "old.png"]
    page.scene_button.setFocus()
    QTest.keyClick(page.scene_button, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is page.recent.tiles[0]


def test_nothing_recent_shows_no_empty_heading(qtbot):
    page = WelcomePage([], RecentFiles())
    qtbot.addWidget(page)
    page.show()
    assert not page.recent_title.isVisible() and not page.sample_title.isVisible()
    assert page.open_button.isVisible()


def test_tiles_wrap_in_a_narrow_window(page, qtbot):
    def rows(grid):
        return len({tile.y() for tile in grid.tiles})

    assert rows(page.recent) == 1
    page.resize(330, 700)
    qtbot.waitUntil(lambda: rows(page.recent) == 2)
    for grid in (page.recent, page.samples):
        for tile in grid.tiles:
            assert grid.rect().contains(tile.geometry())


def test_every_choice_is_named_for_screen_readers(page):
    for tile in (*page.recent.tiles, *page.samples.tiles):
        assert tile.text() in tile.accessibleName() and tile.toolTip()


def test_pictures_are_those_of_the_files(page):
    shown = page.recent.tiles[1].grab().toImage()
    assert shown.pixelColor(86, 66).red() == 120


def test_what_is_going_on_replaces_the_invitation(page):
    page.say("Reading walker.png")
    assert page.heading.text() == "Reading walker.png"
    page.say("")
    assert "Drop a photo" in page.heading.text()
