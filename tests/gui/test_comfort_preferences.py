"""The settings dialog: every row of the table, changed by hand, applied and kept at once."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio import theme
from studio.preferences import PreferencesDialog
from studio.settings import SETTINGS, Settings
from studio.theme import ThemeChoice

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def settings():
    return Settings()


@pytest.fixture
def dialog(qtbot, settings):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    tokens = theme.apply(QApplication.instance(), ThemeChoice.dark)
    made = PreferencesDialog(parent, settings, tokens)
    made.show()
    qtbot.waitExposed(made)
    made.parent_ = parent
    return made


def test_every_setting_of_the_table_has_its_row(dialog):
    assert list(dialog.rows) == [s.name for s in SETTINGS if s.section]
    for row in dialog.rows.values():
        interface = QAccessible.queryAccessibleInterface(row.control)
        assert interface.text(QAccessible.Text.Name)
        assert row.control.toolTip() and row.reset.toolTip()


def test_a_choice_is_told_and_kept_at_once(dialog, settings, qtbot):
    told = []
    settings.changed.connect(told.append)
    QTest.keyClick(dialog.rows["theme"].control, Qt.Key.Key_Down)
    assert told == ["theme"] and settings.theme is ThemeChoice.light
    assert Settings().theme is ThemeChoice.light


def test_a_typed_number_is_taken_when_it_is_finished(dialog, settings):
    told = []
    settings.changed.connect(lambda name: told.append(settings.whole(name)))
    box = dialog.rows["history"].control
    box.selectAll()
    QTest.keyClicks(box, "350")
    assert told == []
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert told == [350] and dialog.isVisible()


def test_a_number_stays_in_its_range(dialog, settings):
    box = dialog.rows["autosave"].control
    box.selectAll()
    QTest.keyClicks(box, "9999")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert 5 <= settings.whole("autosave") <= 600


def test_a_switch(dialog, settings, qtbot):
    box = dialog.rows["hints"].control
    qtbot.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
    assert settings.switch("hints") is False


def test_reset_gives_the_default_back_and_is_off_when_it_holds(dialog, settings, qtbot):
    row = dialog.rows["undo"]
    assert not row.reset.isEnabled()
    QTest.keyClick(row.control, Qt.Key.Key_Up)
    assert settings.whole("undo") == 68 and row.reset.isEnabled()
    qtbot.mouseClick(row.reset, LEFT)
    assert settings.whole("undo") == 64 == row.control.value()
    assert not row.reset.isEnabled()


def test_a_change_made_elsewhere_is_shown(dialog, settings):
    settings.theme = ThemeChoice.system
    assert dialog.rows["theme"].control.currentData() == "system"


def test_a_folder_must_be_there(dialog, settings, tmp_path):
    folder = dialog.rows["models"].control
    QTest.keyClicks(folder.field, str(tmp_path))
    QTest.keyClick(folder.field, Qt.Key.Key_Return)
    assert settings.text("models") == str(tmp_path)
    folder.field.selectAll()
    QTest.keyClicks(folder.field, str(tmp_path / "gone"))
    QTest.keyClick(folder.field, Qt.Key.Key_Return)
    assert settings.text("models") == str(tmp_path)
    assert "no such folder" in folder.field.toolTip()


def test_search_leaves_what_fits_with_its_heading(dialog, qtbot):
    def seen():
        return [name for name, row in dialog.rows.items() if row.isVisibleTo(dialog)]

    qtbot.keyClicks(dialog.search, "graphics")
    assert seen() == ["device"]
    assert [h.text() for h in dialog._headings.values() if h.isVisibleTo(dialog)] == ["Painting"]
    dialog.search.clear()
    qtbot.keyClicks(dialog.search, "xyzzy")
    assert seen() == [] and dialog.nothing.isVisible()


def test_the_wheel_over_a_control_changes_nothing(dialog, settings):
    for name in ("theme", "history"):
        before = settings.value(name)
        control = dialog.rows[name].control
        at = QPointF(control.rect().center())
        wheel = QWheelEvent(
            at,
            control.mapToGlobal(at),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(control, wheel)
        assert settings.value(name) == before
