"""Documents in the window: tabs, files in and out, saving, and what a crash leaves."""

import json
from zipfile import ZipFile

import numpy as np
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication

from engine.request import Scene
from studio import dialogs, sample
from studio.panels.strip_keys import KeyPoses
from studio.project import read_project
from studio.saving import Saver
from studio.settings import Settings
from studio.window import Window
from studio.worker import Bridge
from tests.fakes import photo_file, save_png_of
from tests.gui.driving import WRIST, drag, settled


def test_dropping_a_file_opens_it(window, qtbot, tmp_path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photo_file(tmp_path / "dropped.png")))])
    event = QDropEvent(
        QPointF(100, 100),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    qtbot.waitUntil(lambda: window.document is not None)
    assert window.document.origin.name == "dropped"


def test_a_broken_file_keeps_what_is_open(opened, qtbot, tmp_path):
    bad = tmp_path / "broken.jpg"
    bad.write_bytes(b"\xff\xd8\xff no picture")
    before = opened.document
    opened.open_path(bad)
    qtbot.waitUntil(lambda: opened.notice.kind == "error")
    assert opened.document is before
    assert "broken.jpg" in opened.notice.text.text()


def test_export_writes_a_png_with_its_recipe(opened, qtbot, monkeypatch, tmp_path):
    target = tmp_path / "out.png"
    monkeypatch.setattr(dialogs, "picture_to_save", lambda *_: (target, Scene.photo, False))
    drag(opened, WRIST, (10, 0))
    opened.actions_by_name["export_picture"].trigger()
    qtbot.waitUntil(target.exists)
    qtbot.waitUntil(lambda: "out.png" in opened.notice.text.text())
    with Image.open(target) as image:
        assert image.size == (200, 300)
        assert image.info


def test_export_to_a_place_that_cannot_be_written(opened, qtbot, monkeypatch, tmp_path):
    nowhere = tmp_path / "no" / "where" / "x.png"
    monkeypatch.setattr(dialogs, "picture_to_save", lambda *_: (nowhere, Scene.photo, False))
    opened.actions_by_name["export_picture"].trigger()
    qtbot.waitUntil(lambda: opened.notice.kind == "error")
    assert opened.document.picture is not None


def test_poses_travel_through_files(opened, qtbot, monkeypatch, tmp_path):
    path = tmp_path / "pose.json"
    monkeypatch.setattr(dialogs, "pose_to_save", lambda *_: path)
    monkeypatch.setattr(dialogs, "pose_to_open", lambda *_: path)
    drag(opened, WRIST, (33, -21))
    wanted = opened.document.pose
    opened.actions_by_name["export_pose"].trigger()
    assert json.loads(path.read_text())["people"]
    opened.actions_by_name["reset_pose"].trigger()
    opened.actions_by_name["import_pose"].trigger()
    np.testing.assert_allclose(opened.document.pose.xy, wanted.xy, atol=0.01)
    path.write_text('{"people": [{"pose_keypoints_2d": [NaN]}]}')
    opened.actions_by_name["import_pose"].trigger()
    assert opened.notice.kind == "error"
    np.testing.assert_allclose(opened.document.pose.xy, wanted.xy, atol=0.01)


def visible_question(window):
    return next(q for q in window.findChildren(dialogs.LeaveDialog) if q.isVisible())


def test_closing_with_unsaved_edits_asks(opened, qtbot):
    drag(opened, WRIST, (10, 0))
    opened.close()
    assert opened.isVisible()
    qtbot.mouseClick(visible_question(opened).stay_button, Qt.MouseButton.LeftButton)
    assert opened.isVisible()
    opened.close()
    qtbot.mouseClick(visible_question(opened).leave_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not opened.isVisible())


def test_saving_when_asked_closes_once_the_file_is_there(opened, qtbot, monkeypatch, tmp_path):
    target = tmp_path / "work.guise"
    monkeypatch.setattr(dialogs, "project_to_save", lambda *_: target)
    drag(opened, WRIST, (10, 0))
    wanted = opened.document.wanted
    opened.close()
    qtbot.mouseClick(visible_question(opened).save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not opened.isVisible())
    assert read_project(target).wanted == wanted


def test_a_project_is_saved_and_opened_again_with_its_history_and_view(
    opened, qtbot, monkeypatch, tmp_path
):
    target = tmp_path / "work.guise"
    monkeypatch.setattr(dialogs, "project_to_save", lambda *_: target)
    drag(opened, WRIST, (10, 0))
    settled(opened, qtbot)
    drag(opened, WRIST, (0, 30))
    settled(opened, qtbot)
    opened.actions_by_name["view_single"].trigger()
    opened.workspace.panes.view.zoom(2.0, QPointF(50, 60))
    middle = opened.workspace.panes.view.middle
    opened.actions_by_name["add_key_pose"].trigger()
    clip = KeyPoses.of(opened.document).values()
    wanted, rows = opened.document.wanted, opened.workspace.history.history.rowCount()
    assert opened.isWindowModified() and rows == 2
    opened.actions_by_name["save"].trigger()
    qtbot.waitUntil(lambda: not opened.isWindowModified())
    assert opened.windowTitle() == "work[*] - Guise"
    opened.actions_by_name["close_document"].trigger()
    assert opened.document is None
    opened.open_path(target)
    qtbot.waitUntil(lambda: opened.document is not None)
    assert opened.document.wanted == wanted
    assert opened.workspace.history.history.rowCount() == rows
    assert KeyPoses.of(opened.document).values() == clip and len(clip.keys) == 1
    assert opened.workspace.panes.mode == "single"
    assert (opened.workspace.panes.view.middle - middle).manhattanLength() < 1
    assert not opened.isWindowModified()
    settled(opened, qtbot)
    drag(opened, WRIST, (5, 5))
    opened.actions_by_name["save"].trigger()
    qtbot.waitUntil(lambda: not opened.isWindowModified())
    assert read_project(target).wanted == opened.document.wanted


def test_a_project_that_is_cut_is_explained(opened, qtbot, tmp_path):
    bad = tmp_path / "cut.guise"
    bad.write_bytes(b"PK\x03\x04 and no more")
    before = opened.document
    opened.open_path(bad)
    qtbot.waitUntil(lambda: opened.notice.kind == "error")
    assert "cut.guise" in opened.notice.text.text() and opened.document is before


def test_an_animation_is_exported_beside_the_work(opened, qtbot, monkeypatch, tmp_path):
    target = tmp_path / "wave.gif"
    monkeypatch.setattr(dialogs, "film_to_save", lambda *_: target)
    opened.actions_by_name["export_gif"].trigger()
    assert "two key poses" in opened.notice.text.text() and not target.exists()
    opened.actions_by_name["add_key_pose"].trigger()
    drag(opened, WRIST, (30, -40))
    opened.actions_by_name["add_key_pose"].trigger()
    opened.actions_by_name["export_gif"].trigger()
    qtbot.waitUntil(target.exists)
    with Image.open(target) as film:
        assert film.n_frames > 3 and film.size == opened.document.reading.photo.size


def test_layers_and_the_clipboard(opened, qtbot, monkeypatch, tmp_path):
    target = tmp_path / "layers.ora"
    monkeypatch.setattr(dialogs, "picture_to_save", lambda *_: (target, Scene.photo, False))
    drag(opened, WRIST, (10, 0))
    settled(opened, qtbot)
    opened.actions_by_name["export_picture"].trigger()
    qtbot.waitUntil(target.exists)
    with ZipFile(target) as archive:
        assert archive.namelist()[0] == "mimetype"
    opened.actions_by_name["copy_picture"].trigger()
    copied = QApplication.clipboard().image()
    assert (copied.width(), copied.height()) == opened.document.picture.size


def test_a_large_photo_is_asked_for_no_larger_than_seen(window, qtbot, session, tmp_path):
    path = tmp_path / "large.png"
    save_png_of(np.random.default_rng(0).integers(0, 255, (2400, 1600, 3), np.uint8), path)
    window.open_path(path)
    qtbot.waitUntil(lambda: window.document is not None, timeout=20000)
    drag(window, WRIST, (10, 0))
    settled(window, qtbot)
    assert session.painted[-1].longest == window.workspace.panes.longest() < 2400


def tab_names(window):
    bar = window.tabs.bar
    return [bar.tabText(n) for n in range(bar.count())]


def test_a_tab_a_document_with_its_own_history_and_view(opened, qtbot, tmp_path):
    first = opened.document
    drag(opened, WRIST, (10, 0))
    opened.workspace.panes.view.zoom(2.0, QPointF(100, 100))
    closer = opened.workspace.panes.view.scale
    opened.open_path(photo_file(tmp_path / "second.png"))
    qtbot.waitUntil(lambda: opened.document is not first)
    assert tab_names(opened) == ["● walker", "second"]
    assert not opened.isWindowModified() and not opened.actions_by_name["undo"].isEnabled()
    drag(opened, WRIST, (0, 20))
    opened.actions_by_name["previous_document"].trigger()
    assert opened.document is first and opened.isWindowModified()
    assert opened.workspace.panes.view.scale == closer
    opened.actions_by_name["undo"].trigger()
    assert first.pose == first.source
    assert tab_names(opened) == ["walker", "● second"]
    settled(opened, qtbot)


def test_a_file_that_is_open_is_shown_not_opened_again(opened, qtbot, tmp_path):
    first = opened.document
    opened.open_bundled_sample()
    opened.open_path(first.origin.path)
    assert opened.document is first and len(opened.tabs.workspaces) == 2


def test_closing_tabs_ends_at_the_welcome_page(opened, qtbot):
    drag(opened, WRIST, (10, 0))
    opened.actions_by_name["close_document"].trigger()
    question = opened.findChild(dialogs.LeaveDialog)
    qtbot.mouseClick(question.leave_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: opened.document is None)
    assert opened.invitation.isVisible() and opened.windowTitle() == "Guise"
    assert not opened.actions_by_name["mirror_pose"].isEnabled()
    opened.open_bundled_sample()
    assert opened.actions_by_name["mirror_pose"].isEnabled()


def test_a_picture_that_another_tab_overtook_is_painted_on_return(opened, qtbot, session, tmp_path):
    first = opened.document
    opened.open_path(photo_file(tmp_path / "second.png"))
    qtbot.waitUntil(lambda: opened.document is not first)
    second = opened.document
    settled(opened, qtbot)
    opened.tabs.step(-1)
    session.gate.clear()
    drag(opened, WRIST, (10, 0))
    opened.tabs.step(1)
    drag(opened, WRIST, (0, 10))
    session.gate.set()
    settled(opened, qtbot)
    assert opened.document is second and session.painted[-1].shape == second.pose
    opened.tabs.step(-1)
    settled(opened, qtbot)
    assert session.painted[-1].shape == first.pose
    assert session.painted[-1].quality.value == "full"


def test_a_tab_is_closed_by_its_button(opened, qtbot):
    opened.open_bundled_sample()
    bar = opened.tabs.bar
    first = bar.tabButton(0, bar.ButtonPosition.RightSide)
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert bar.count() == 1 and not bar.isVisible()
    assert opened.document.origin.path is None


def test_what_a_crash_left_is_offered_and_restored(qtbot, session, tmp_path):
    lost = sample.open_sample(sample.names()[0])
    saver = Saver(lost)
    x, y = lost.pose["left_wrist"]
    lost.change(lost.pose.moved(left_wrist=(x - 30, y - 30)), "Move joint")
    wanted = lost.wanted
    saver.close()  # nobody saved: as a crash leaves it
    lost.undo.blockSignals(True)
    window = Window(Bridge(lambda: session), Settings())
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.recovery.isVisible())
    qtbot.mouseClick(window.recovery.rows[0].restore_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.document is not None)
    assert window.document.wanted == wanted and window.isWindowModified()
    assert not window.recovery.isVisible()
    window._leaving = True
    window.close()


def test_an_exported_picture_brings_its_edit_back_and_asks_for_a_photo_that_is_away(
    opened, qtbot, monkeypatch, tmp_path
):
    target = tmp_path / "elsewhere" / "out.png"
    target.parent.mkdir()
    monkeypatch.setattr(dialogs, "picture_to_save", lambda *_: (target, Scene.photo, False))
    drag(opened, WRIST, (25, -30))
    wanted, photo = opened.document.wanted, opened.document.origin.path
    opened.actions_by_name["export_picture"].trigger()
    qtbot.waitUntil(lambda: "out.png" in opened.notice.text.text())
    opened.open_path(target)
    qtbot.waitUntil(lambda: "walker.png" in opened.notice.text.text())
    monkeypatch.setattr(dialogs, "photos_to_find", lambda *_: [photo])
    qtbot.mouseClick(opened.notice.cards[-1].action_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(opened.tabs.workspaces) == 2)
    again = opened.document
    assert again.pose == wanted.pose and again.source == wanted.source
    assert again.own == opened.tabs.workspaces[0].document.own
    again_beside = target.parent / "walker.png"
    again_beside.write_bytes(photo.read_bytes())
    opened.open_path(target)
    qtbot.waitUntil(lambda: len(opened.tabs.workspaces) == 3)


def test_the_same_edit_is_done_on_a_folder_and_its_failures_are_told(
    opened, qtbot, monkeypatch, tmp_path
):
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    for name in ("a.png", "b.png"):
        photo_file(photos / name)
    (photos / "c.png").write_bytes(b"no picture")
    monkeypatch.setattr(dialogs, "folders_for_batch", lambda *_: (photos, out))
    drag(opened, WRIST, (10, -20))
    opened.actions_by_name["apply_to_folder"].trigger()
    qtbot.waitUntil(lambda: "2 of 3 photos" in opened.notice.text.text(), timeout=20000)
    assert "c.png" in opened.notice.text.text()
    assert sorted(p.name for p in out.glob("*.png")) == ["a.png", "b.png"]


def test_a_picture_with_its_photo_inside_needs_no_other_file(opened, qtbot, monkeypatch, tmp_path):
    target = tmp_path / "elsewhere" / "whole.png"
    target.parent.mkdir()
    monkeypatch.setattr(dialogs, "picture_to_save", lambda *_: (target, Scene.photo, True))
    drag(opened, WRIST, (25, -30))
    opened.actions_by_name["export_picture"].trigger()
    qtbot.waitUntil(lambda: "whole.png" in opened.notice.text.text())
    wanted = opened.document.pose
    opened.open_path(target)
    qtbot.waitUntil(lambda: len(opened.tabs.workspaces) == 2)
    assert opened.document.pose == wanted
