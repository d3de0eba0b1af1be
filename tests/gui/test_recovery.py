"""What a crash left behind is offered, restored or thrown away, by mouse and by keyboard."""

from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.perception.base import Reading
from engine.shapes.body import default_pose
from studio.document import Origin
from studio.editors.pose.document import PoseDocument
from studio.forms import Moment
from studio.journal import Journal
from studio.journal_file import LOG, JournalFile
from studio.journal_recovery import recoverable, restore
from studio.project_documents import document_of
from studio.recovery import RecoveryBanner
from studio.saving import Saver
from studio.theme import DARK
from tests.unit.people import drawn_person

SIZE = (120, 180)
LEFT = Qt.MouseButton.LeftButton


def crash(root, name, x, path=None):
    """Work that nobody saved."""
    photo, mask, _ = drawn_person(SIZE)
    reading = Reading(photo, default_pose(SIZE), mask, (1.0,) * 18, True)
    document = PoseDocument(reading, Origin(name))
    journal = Journal(root)
    journal.follow(document, path)
    document.change(document.pose.moved(left_wrist=(x, 40.0)), "Move")
    folder = journal.folder
    journal.close(clean=False)
    document.deleteLater()
    return folder


@pytest.fixture
def root(tmp_path):
    return tmp_path / "journals"


@pytest.fixture
def banner(qtbot):
    made = RecoveryBanner()
    qtbot.addWidget(made)
    made.dress(DARK)
    yield made
    made.wait()


def test_nothing_is_shown_where_nothing_was_lost(banner, root):
    banner.offer(recoverable(root))
    assert banner.isHidden()


def test_name_time_file_and_picture_are_told(banner, root, tmp_path):
    crash(root, "<b>walker</b>", 70, tmp_path / "home" / "art" / "walker.guise")
    banner.offer(recoverable(root))
    (row,) = banner.rows
    assert not banner.isHidden() and "This work" in banner.title.text()
    now = datetime.now()
    nearby = [now - timedelta(minutes=m) for m in (0, 1)]
    short = QLocale.FormatType.ShortFormat
    told = [QLocale().toString(moment.time(), short) for moment in nearby]
    assert row.when.text() in [f"Changed last {moment} · ~/art" for moment in told]
    assert row.name.text() == "<b>walker</b>"
    assert row.name.textFormat() is Qt.TextFormat.PlainText
    assert not row.picture.pixmap().isNull()


def test_restored_work_is_handed_over_and_safe_at_every_moment(banner, root, qtbot):
    crash(root, "walker", 70.5)
    banner.offer(recoverable(root))
    banner.show()
    row = banner.rows[0]
    with qtbot.waitSignal(banner.restored) as caught:
        qtbot.mouseClick(row.restore_button, LEFT)
        assert not row.restore_button.isEnabled()
    state, recovery = caught.args
    assert banner.isHidden() and recovery.folder.exists()
    document = document_of(state, recovery.path)
    assert document.wanted.pose["left_wrist"] == (70.5, 40.0)
    saver = Saver(document, recovery.path, recovered=recovery, root=root)
    saver.journal._lane.wait()
    assert not recovery.folder.exists() and (saver.journal.folder / LOG).exists()
    saver.close(discard=True)
    document.deleteLater()


def test_throwing_away_takes_two_presses(banner, root, qtbot):
    folder = crash(root, "walker", 70)
    banner.offer(recoverable(root))
    banner.show()
    button = banner.rows[0].discard_button
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert button.text() == "Discard for good" and folder.exists()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert banner.isHidden() and not folder.exists()


def test_what_is_put_off_is_offered_again(banner, root, qtbot):
    crash(root, "walker", 70)
    crash(root, "dancer", 71)
    banner.offer(recoverable(root))
    banner.show()
    assert sorted(row.name.text() for row in banner.rows) == ["dancer", "walker"]
    assert "2 documents" in banner.title.text()
    assert recoverable(root) == []
    qtbot.mouseClick(banner.close_button, LEFT)
    assert banner.isHidden()
    assert len(recoverable(root)) == 2


def test_work_that_cannot_be_read_says_so_and_stays(banner, root, qtbot):
    folder = crash(root, "walker", 70)
    for raster in folder.glob("*.npy"):
        raster.write_bytes(b"rubbish")
    banner.offer(recoverable(root))
    banner.show()
    (row,) = banner.rows
    qtbot.mouseClick(row.restore_button, LEFT)
    qtbot.waitUntil(lambda: "damaged" in row.trouble.text())
    assert row.trouble.isVisible() and row.restore_button.isEnabled() and folder.exists()


def test_the_keyboard_reaches_everything_in_order(banner, root, qtbot):
    crash(root, "walker", 70)
    crash(root, "dancer", 71)
    banner.offer(recoverable(root))
    banner.show()
    banner.activateWindow()
    qtbot.waitUntil(banner.isActiveWindow)
    banner.rows[0].discard_button.setFocus()
    seen = []
    for _ in range(4):
        seen.append(QApplication.focusWidget())
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    first, second = banner.rows
    assert seen == [
        first.discard_button,
        first.restore_button,
        second.discard_button,
        second.restore_button,
    ]


def test_work_of_another_day_tells_the_day(banner, root):
    folder = crash(root, "walker", 70)
    (recovery,) = recoverable(root)
    file, state = JournalFile(folder), restore(recovery)
    recovery.lock.unlock()
    file.begin(state, None, changed=True)
    moment = datetime(2001, 2, 3, 12, 5)
    file.step(moment.timestamp(), Moment(state.wanted, {"fitting": False, "selected": []}))
    file.close()
    banner.offer(recoverable(root))
    told = QLocale().toString(moment, QLocale.FormatType.ShortFormat)
    assert banner.rows[0].when.text() == f"Changed last {told}"


def test_a_long_path_is_shortened_in_its_middle(banner, root, tmp_path):
    path = tmp_path / "home" / ("autumn " * 20) / "walker.guise"
    crash(root, "walker", 70, path)
    banner.offer(recoverable(root))
    banner.show()
    shown = banner.rows[0].when
    assert " · ~/aut" in shown.text() and "…" in shown.text()
    assert shown.fontMetrics().horizontalAdvance(shown.text()) <= shown.width()
    assert shown.toolTip() == str(path)
