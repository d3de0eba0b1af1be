"""The real window with real Qt events; only the networks are replaced."""

import json
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from engine.picture import Picture
from engine.request import Painted, Quality, Scene
from engine.shapes.pose import INDEX, Presence
from studio import dialogs, sample, theme
from studio.actions import make_actions
from studio.document import PictureState
from studio.panels.models import ModelsDialog
from studio.panels.status import CalmState
from studio.panels.strip_keys import KeyPoses
from studio.project import read_project
from studio.saving import Saver
from studio.settings import Settings
from studio.shortcuts import Shortcuts
from studio.window import ALL_COMMANDS, Window
from studio.worker import Bridge
from tests.fakes import FakeSession, photo_file, save_png_of

WRIST = INDEX["left_wrist"]


@pytest.fixture
def session():
    return FakeSession()


@pytest.fixture
def window(qtbot, session):
    made = Window(Bridge(lambda: session), Settings())
    qtbot.addWidget(made)
    made.resize(1200, 760)
    made.show()
    qtbot.waitExposed(made)
    yield made
    session.gate.set()
    made._leaving = True
    made.close()


@pytest.fixture
def opened(window, qtbot, tmp_path):
    """The window with a photo in which a person was found, and nothing left to paint."""
    window.open_path(photo_file(tmp_path / "walker.png"))
    qtbot.waitUntil(lambda: window.document is not None)
    qtbot.waitUntil(lambda: window.workspace.painting.warming is None)
    return window


def at(window, joint):
    """Where a joint lies in the editor pane."""
    x, y = window.document.edited.xy[joint]
    return window.workspace.panes.view.to_pane(x, y)


def mouse(window, kind, where, buttons=Qt.MouseButton.LeftButton, keys=None):
    canvas = window.workspace.panes.editor
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    if kind == QEvent.Type.MouseButtonRelease:
        buttons = Qt.MouseButton.NoButton
    event = QMouseEvent(
        kind,
        QPointF(where),
        canvas.mapToGlobal(QPointF(where)),
        button,
        buttons,
        keys or Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(canvas, event)


def drag(window, joint, by, release=True, steps=5):
    start = at(window, joint)
    mouse(window, QEvent.Type.MouseButtonPress, start)
    for n in range(1, steps + 1):
        mouse(window, QEvent.Type.MouseMove, start + QPointF(*by) * n / steps)
    if release:
        mouse(window, QEvent.Type.MouseButtonRelease, start + QPointF(*by))


def key(window, code, keys=Qt.KeyboardModifier.NoModifier, text=""):
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(window.workspace.panes.editor, QKeyEvent(kind, code, keys, text))


def settled(window, qtbot):
    qtbot.waitUntil(
        lambda: window.document.state is PictureState.current and window.workspace.painting.resting
    )


def test_an_empty_window_invites(window):
    assert window.invitation.isVisible()
    assert not window.actions_by_name["export_picture"].isEnabled()
    assert window.windowTitle() == "Guise"


def test_a_photo_opens_with_its_person(opened):
    assert opened.workspace.panes.editor.isVisible() and opened.workspace.panes.painted.isVisible()
    assert opened.document.picture.pixels.shape == (300, 200, 3)
    assert opened.document.state is PictureState.current
    assert not opened.isWindowModified()
    assert "CPU test" in opened.status.device.text()


def test_dragging_a_joint_paints_while_it_moves_and_once_more_at_rest(opened, qtbot, session):
    before = opened.document.pose
    session.painted.clear()
    drag(opened, WRIST, (40, -60))
    settled(opened, qtbot)
    moved = (opened.document.pose.xy - before.xy) * opened.workspace.panes.view.scale
    np.testing.assert_allclose(moved[WRIST], (40, -60), atol=0.01)
    assert np.abs(np.delete(moved, WRIST, 0)).max() == 0
    qualities = [r.quality.value for r in session.painted]
    assert qualities[-1] == "full" and "preview" in qualities
    assert session.painted[-1].shape == opened.document.pose
    assert opened.isWindowModified()


def test_one_gesture_is_one_step_of_undo(opened, qtbot):
    start = opened.document.pose
    drag(opened, WRIST, (30, 10))
    drag(opened, INDEX["right_knee"], (-20, 15))
    end = opened.document.pose
    assert opened.document.undo.count() == 2
    opened.actions_by_name["undo"].trigger()
    opened.actions_by_name["undo"].trigger()
    assert opened.document.pose == start
    assert not opened.isWindowModified()
    assert not opened.actions_by_name["undo"].isEnabled()
    opened.actions_by_name["redo"].trigger()
    opened.actions_by_name["redo"].trigger()
    assert opened.document.pose == end


def test_escape_aborts_the_gesture_and_then_deselects(opened):
    start = opened.document.pose
    drag(opened, WRIST, (50, 50), release=False)
    assert opened.document.pose != start
    key(opened, Qt.Key.Key_Escape)
    assert opened.document.pose == start
    mouse(opened, QEvent.Type.MouseButtonRelease, at(opened, WRIST))
    assert opened.document.undo.count() == 0
    assert opened.document.selected == {WRIST}
    key(opened, Qt.Key.Key_Escape)
    assert opened.document.selected == frozenset()


def test_the_window_goes_on_while_a_picture_takes_forever(opened, qtbot, session):
    """The painter blocks; dragging, selecting and undoing still work, and nothing queues up."""
    session.painted.clear()
    session.gate.clear()
    drag(opened, WRIST, (10, 0))
    assert session.begun.acquire(timeout=5)
    for _ in range(20):
        drag(opened, WRIST, (3, -3))
    opened.actions_by_name["undo"].trigger()
    assert opened.document.state is PictureState.painting
    assert opened.document.undo.index() == 20
    session.gate.set()
    settled(opened, qtbot)
    assert len(session.painted) <= 4
    assert session.painted[-1].shape == opened.document.pose


def test_a_failure_keeps_the_last_picture_and_says_why(opened, qtbot, session):
    drag(opened, WRIST, (10, 0))
    settled(opened, qtbot)
    good = opened.document.picture
    session.failing = "The left hip is missing; place it."
    drag(opened, WRIST, (10, 0))
    qtbot.waitUntil(lambda: opened.document.state is PictureState.failed)
    assert opened.document.picture is good
    assert "left hip" in opened.notice.text.text()
    assert opened.notice.isVisible()


def test_cancelled_painting_leaves_the_picture_marked(opened, qtbot, session):
    session.gate.clear()
    drag(opened, WRIST, (10, 0))
    opened.actions_by_name["cancel_painting"].trigger()
    assert opened.document.state is PictureState.stale
    opened.actions_by_name["paint_now"].trigger()
    session.gate.set()
    settled(opened, qtbot)


def test_a_picture_that_was_under_way_when_called_off_leaves_the_mark(opened):
    document = opened.document
    older = document.request(Quality.preview, 100)
    document.request(Quality.full, 100)
    document.mark_stale()
    late = Picture(np.zeros((3, 2, 3), np.uint8))
    document.take(Painted(older, late, 0.5))
    assert document.state is PictureState.stale and document.picture is late


def test_nudging_is_one_step_and_moves_by_photo_pixels(opened):
    opened.document.select(frozenset({WRIST}))
    start = opened.document.pose.xy[WRIST].copy()
    for _ in range(3):
        key(opened, Qt.Key.Key_Right)
    key(opened, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    np.testing.assert_allclose(opened.document.pose.xy[WRIST] - start, (3, -10))
    assert opened.document.undo.count() == 1


def test_hiding_a_joint_and_bringing_it_back(opened):
    opened.document.select(frozenset({WRIST}))
    opened.actions_by_name["toggle_hidden"].trigger()
    assert opened.document.pose.presence[WRIST] == Presence.hidden
    opened.actions_by_name["toggle_hidden"].trigger()
    assert opened.document.pose.presence[WRIST] == Presence.seen


def test_mirroring_keeps_the_hips_and_swaps_the_names(opened):
    drag(opened, WRIST, (60, -90))
    before = opened.document.pose
    opened.actions_by_name["mirror_pose"].trigger()
    after = opened.document.pose
    hips = [INDEX["right_hip"], INDEX["left_hip"]]
    np.testing.assert_allclose(after.xy[hips].mean(0), before.xy[hips].mean(0))
    assert after["right_wrist"][1] == pytest.approx(before["left_wrist"][1])
    opened.actions_by_name["reset_pose"].trigger()
    assert opened.document.pose == opened.document.source


def test_a_box_selects_and_shift_adds(opened):
    head = [at(opened, INDEX[n]) for n in ("nose", "left_ear", "right_ear", "left_eye")]
    low = QPointF(min(p.x() for p in head) - 30, min(p.y() for p in head) - 30)
    high = QPointF(max(p.x() for p in head) + 30, max(p.y() for p in head) + 12)
    mouse(opened, QEvent.Type.MouseButtonPress, low)
    mouse(opened, QEvent.Type.MouseMove, high)
    mouse(opened, QEvent.Type.MouseButtonRelease, high)
    names = {"nose", "left_ear", "right_ear", "left_eye", "right_eye"}
    assert opened.document.selected == {INDEX[n] for n in names}
    keys = Qt.KeyboardModifier.ShiftModifier
    mouse(opened, QEvent.Type.MouseButtonPress, at(opened, WRIST), keys=keys)
    mouse(opened, QEvent.Type.MouseButtonRelease, at(opened, WRIST), keys=keys)
    assert WRIST in opened.document.selected and len(opened.document.selected) == 6
    start = opened.document.pose
    drag(opened, WRIST, (12, 12))
    moved = np.abs(opened.document.pose.xy - start.xy).max(1) > 0
    assert set(np.nonzero(moved)[0]) == opened.document.selected


def joint_row(window, joint):
    joints = window.workspace.side.joints
    return joints.visualRect(joints.model().index_of(joint)).center()


def test_the_joint_list_follows_and_leads(opened, qtbot):
    opened.workspace.side.sections[-1].unfold()
    drag(opened, WRIST, (5, 5))
    joints = opened.workspace.side.joints
    assert [joints.model().joints_at(i) for i in joints.selectionModel().selectedRows()] == [
        frozenset({WRIST})
    ]
    joints.scrollTo(joints.model().index_of(INDEX["nose"]))
    nose = joint_row(opened, INDEX["nose"])
    qtbot.mouseClick(joints.viewport(), Qt.MouseButton.LeftButton, pos=nose)
    assert opened.document.selected == {INDEX["nose"]}
    opened.actions_by_name["next_joint"].trigger()
    assert opened.document.selected == {INDEX["neck"]}
    opened.actions_by_name["previous_joint"].trigger()
    assert opened.document.selected == {INDEX["nose"]}


def test_zoom_keeps_the_point_under_the_cursor_and_space_pans(opened):
    view = opened.workspace.panes.view
    cursor = QPointF(300, 200)
    before = view.to_photo(cursor)
    view.zoom(2.5, cursor)
    after = view.to_photo(cursor)
    assert (before - after).manhattanLength() < 1e-6
    offset = QPointF(view.offset)
    QApplication.sendEvent(
        opened.workspace.panes.editor,
        QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier),
    )
    pose = opened.document.pose
    mouse(opened, QEvent.Type.MouseButtonPress, cursor)
    mouse(opened, QEvent.Type.MouseMove, cursor + QPointF(25, -10))
    mouse(opened, QEvent.Type.MouseButtonRelease, cursor)
    assert view.offset - offset == QPointF(25, -10)
    assert opened.document.pose == pose
    opened.actions_by_name["fit_view"].trigger()
    assert opened.workspace.panes.editor.rect().toRectF().contains(view.rect())


def test_backslash_shows_the_original_while_held(opened, qtbot):
    drag(opened, WRIST, (10, 0))
    settled(opened, qtbot)
    painted = opened.workspace.panes.painted.image
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Backslash, Qt.KeyboardModifier.NoModifier)
    lift = QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Backslash, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(opened.workspace.panes.editor, press)
    assert opened.workspace.panes.painted.image is opened.workspace.panes.editor.image
    QApplication.sendEvent(opened.workspace.panes.editor, lift)
    assert opened.workspace.panes.painted.image is painted


def test_views(opened):
    opened.actions_by_name["view_single"].trigger()
    assert (
        opened.workspace.panes.editor.isVisible() and not opened.workspace.panes.painted.isVisible()
    )
    opened.actions_by_name["view_wipe"].trigger()
    assert (
        not opened.workspace.panes.editor.isVisible() and opened.workspace.panes.painted.wipe == 0.5
    )
    opened.workspace.panes.painted.wiped.emit(0.25)
    assert opened.workspace.panes.painted.wipe == 0.25
    opened.actions_by_name["toggle_panels"].trigger()
    assert not opened.workspace.side.isVisible() and not opened.workspace.tools.isVisible()


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_themes_reach_palette_icons_and_settings(window, choice):
    window.actions_by_name[f"theme_{choice}"].trigger()
    tokens = theme.LIGHT if choice == "light" else theme.DARK
    assert QApplication.palette().window().color().name().upper() == tokens.panel
    assert Settings().theme.value == choice
    image = window.actions_by_name["open_photo"].icon().pixmap(32, 32).toImage()
    inks = {
        image.pixelColor(x, y).name().upper()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 250
    }
    assert tokens.text in inks


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


def test_nobody_found_gives_a_skeleton_to_fit(window, qtbot, session, tmp_path):
    session.nobody = True
    window.open_path(photo_file(tmp_path / "wall.png"))
    qtbot.waitUntil(lambda: window.document is not None)
    assert window.document.fitting
    assert "Nobody was found" in window.notice.text.text()
    drag(window, WRIST, (15, 15))
    assert window.document.source == window.document.pose
    window.actions_by_name["fit_skeleton"].trigger()
    assert not window.document.fitting
    drag(window, WRIST, (15, 15))
    assert window.document.source != window.document.pose


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


def test_settings_hold_at_once(opened):
    opened.settings.set("theme", "light")
    assert QApplication.palette().window().color().name().upper() == theme.LIGHT.panel
    opened.settings.set("wheel", "scroll")
    assert opened.workspace.panes.editor.scrolls
    opened.settings.set("hints", False)
    assert opened.status.hint.text() == ""
    before = opened.services.pose_options.limbs
    opened.settings.set("limbs", "tones")
    assert opened.services.pose_options.limbs != before


def test_a_rebound_key_works_at_once_and_in_the_next_window(opened, qtbot):
    opened.shortcuts.assign("mirror_pose", [QKeySequence("Ctrl+Alt+M")])
    before = opened.document.pose
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(opened, Qt.Key.Key_M, keys)
    assert opened.document.pose != before
    later_window = QWidget()
    later = Shortcuts(make_actions(later_window, ALL_COMMANDS, print), Settings())
    assert later.keys("mirror_pose") == [QKeySequence("Ctrl+Alt+M")]


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


def test_every_command_has_a_tip_and_no_key_is_used_twice(window):
    keys = [k.toString() for a in window.actions_by_name.values() for k in a.shortcuts()]
    assert len(keys) == len(set(keys))
    assert all(a.toolTip() for a in window.actions_by_name.values())


def test_a_large_photo_is_asked_for_no_larger_than_seen(window, qtbot, session, tmp_path):
    path = tmp_path / "large.png"
    save_png_of(np.random.default_rng(0).integers(0, 255, (2400, 1600, 3), np.uint8), path)
    window.open_path(path)
    qtbot.waitUntil(lambda: window.document is not None, timeout=20000)
    drag(window, WRIST, (10, 0))
    settled(window, qtbot)
    assert session.painted[-1].longest == window.workspace.panes.longest() < 2400


def test_the_cursor_position_needs_no_pixel_rounding(opened):
    """Joints are hit at their place on screen at any zoom."""
    for factor in (0.4, 3.0):
        opened.workspace.panes.view.zoom(factor, QPointF(250, 250))
        where = at(opened, WRIST)
        mouse(opened, QEvent.Type.MouseButtonPress, where + QPointF(4, -3))
        assert opened.document.selected == {WRIST}
        mouse(opened, QEvent.Type.MouseButtonRelease, where)


def test_ctrl_moves_the_whole_limb(opened):
    start = opened.document.pose
    where = at(opened, INDEX["left_elbow"])
    keys = Qt.KeyboardModifier.ControlModifier
    mouse(opened, QEvent.Type.MouseButtonPress, where)
    mouse(opened, QEvent.Type.MouseMove, where + QPointF(20, 5), keys=keys)
    mouse(opened, QEvent.Type.MouseButtonRelease, where + QPointF(20, 5), keys=keys)
    moved = np.abs(opened.document.pose.xy - start.xy).max(1) > 0
    assert set(np.nonzero(moved)[0]) == {INDEX["left_elbow"], WRIST}


def test_a_click_that_slips_a_little_moves_nothing(opened):
    start = opened.document.pose
    drag(opened, WRIST, (1, 1))
    assert opened.document.pose == start
    assert opened.document.selected == {WRIST}


def test_commands_end_the_gesture_in_progress(opened):
    start = opened.document.pose
    drag(opened, WRIST, (40, 0), release=False)
    opened.workspace.pose_editor.undo()
    assert opened.document.pose == start
    drag(opened, WRIST, (40, 0), release=False)
    opened.actions_by_name["mirror_pose"].trigger()
    mirrored = opened.document.pose
    mouse(opened, QEvent.Type.MouseMove, at(opened, WRIST) + QPointF(70, 70))
    mouse(opened, QEvent.Type.MouseButtonRelease, at(opened, WRIST))
    assert opened.document.pose == mirrored
    opened.actions_by_name["undo"].trigger()
    assert opened.document.pose == start


def test_a_notice_moves_no_picture(opened):
    """It floats: the photo must not slip away under the hand when it comes or goes."""
    opened.notice.hide()
    QApplication.processEvents()
    before = opened.workspace.panes.view.rect()
    opened.notice.say("A sentence that is long enough to need more than one line. " * 3)
    QApplication.processEvents()
    assert opened.notice.isVisible() and opened.workspace.panes.view.rect() == before


def test_coming_closer_asks_for_a_finer_picture(window, qtbot, session, tmp_path):
    path = tmp_path / "large.png"
    save_png_of(np.full((3000, 2000, 3), 90, np.uint8), path)
    window.open_path(path)
    qtbot.waitUntil(lambda: window.document is not None, timeout=20000)
    drag(window, WRIST, (10, 0))
    settled(window, qtbot)
    asked = len(session.painted)
    smaller = session.painted[-1].longest
    window.document.picture = Picture(np.zeros((smaller, smaller * 2 // 3, 3), np.uint8))
    window.workspace.panes.view.zoom(3.0, QPointF(200, 200))
    qtbot.waitUntil(lambda: len(session.painted) > asked)
    assert session.painted[-1].longest > smaller


def test_the_state_is_calm_while_pictures_come_quickly(qtbot):
    state, shown = CalmState(), []
    state.changed.connect(shown.append)
    for _ in range(5):
        state.set(PictureState.painting)
        state.set(PictureState.current)
    assert shown == [PictureState.current]
    state.set(PictureState.painting)
    qtbot.waitUntil(lambda: shown[-1] is PictureState.painting)


def test_the_sample_opens_without_the_engine(window, session):
    session.gate.clear()
    window.open_bundled_sample()
    assert window.document.state is PictureState.current
    assert window.document.picture.size == window.document.reading.photo.size
    assert window.document.pose != window.document.source
    assert not window.isWindowModified()


def test_typing_in_the_joint_list_is_left_to_the_window(opened, qtbot):
    opened.workspace.side.sections[-1].unfold()
    opened.document.select(frozenset({WRIST}))
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Backslash, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(opened.workspace.side.joints, press)
    assert opened.workspace.panes.peeking
    assert opened.document.selected == {WRIST}


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


def test_finished_pictures_wait_in_the_history_and_bring_their_inputs_back(opened, qtbot):
    start = opened.document.wanted
    drag(opened, WRIST, (10, 0))
    settled(opened, qtbot)
    first = opened.document.wanted
    drag(opened, WRIST, (0, 40))
    settled(opened, qtbot)
    strip = opened.workspace.history
    older = strip.cells.visualRect(strip.history.index(1)).center()
    qtbot.mouseClick(strip.cells.viewport(), Qt.MouseButton.LeftButton, pos=older)
    assert opened.document.wanted == first
    settled(opened, qtbot)
    opened.actions_by_name["toggle_history"].trigger()
    assert not strip.cells.isVisible()
    for _ in range(3):
        opened.actions_by_name["undo"].trigger()
    assert opened.document.wanted == start


def test_a_tab_is_closed_by_its_button(opened, qtbot):
    opened.open_bundled_sample()
    bar = opened.tabs.bar
    first = bar.tabButton(0, bar.ButtonPosition.RightSide)
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert bar.count() == 1 and not bar.isVisible()
    assert opened.document.origin.path is None


def test_models_are_tended_from_their_dialog(opened, qtbot, session):
    opened.actions_by_name["show_models"].trigger()
    dialog = opened.findChild(ModelsDialog)
    ids = [shelved.card.id for shelved in dialog.models if shelved.card]
    dialog.list.setCurrentRow(ids.index("people"))
    assert dialog.unload.isEnabled()
    qtbot.mouseClick(dialog.unload, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.tended == ["people"])


def test_a_command_is_found_by_a_few_letters(opened, qtbot):
    qtbot.keyClick(opened, Qt.Key.Key_F1)
    palette = opened.palette_box
    assert palette.isVisible()
    qtbot.keyClicks(palette.search, "mirr")
    before = opened.document.pose
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert not palette.isVisible() and opened.document.pose != before


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


def test_another_person_of_the_photo_is_chosen(window, qtbot, session, tmp_path):
    session.crowd = 3
    window.open_path(photo_file(tmp_path / "three.png"))
    qtbot.waitUntil(lambda: "3 people" in window.notice.text.text())
    first = window.document
    qtbot.mouseClick(window.notice.cards[-1].action_button, Qt.MouseButton.LeftButton)
    chooser = window.workspace.chooser
    assert chooser.isVisible()
    qtbot.keyClick(chooser, Qt.Key.Key_2)
    assert window.document is not first and len(window.tabs.workspaces) == 1
    shifted = window.document.source.xy - first.source.xy
    np.testing.assert_allclose(shifted, np.tile((20, 0), (18, 1)))
    drag(window, WRIST, (10, 0))
    window.actions_by_name["choose_person"].trigger()
    qtbot.keyClick(window.workspace.chooser, Qt.Key.Key_3)
    assert len(window.tabs.workspaces) == 2  # the edited one stays


def test_a_look_is_kept_as_a_favourite(opened, qtbot):
    opened.workspace.side.sections[2].unfold()
    opened.actions_by_name["keep_look"].trigger()
    panel = opened.workspace.side.favourites
    qtbot.waitUntil(lambda: len(opened.services.favourites.all) == 1)
    assert panel.cells.model().rowCount() == 1


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


def test_the_mask_is_refined_with_a_brush_and_the_joints_come_back(opened, qtbot, session):
    before = opened.document.shown_mask.pixels.copy()
    opened.actions_by_name["refine_mask"].trigger()
    pose, view = opened.document.pose, opened.workspace.panes.view
    corner = view.to_pane(30, 30)
    mouse(opened, QEvent.Type.MouseButtonPress, corner)
    mouse(opened, QEvent.Type.MouseMove, corner + QPointF(30, 0))
    mouse(opened, QEvent.Type.MouseButtonRelease, corner + QPointF(30, 0))
    assert opened.document.shown_mask.pixels[30, 35] == 255 and before[30, 35] == 0
    assert opened.document.pose == pose and opened.document.undo.count() == 1
    settled(opened, qtbot)
    assert session.painted[-1].stands_in.mask == opened.document.shown_mask
    opened.actions_by_name["theme_light"].trigger()
    key(opened, Qt.Key.Key_Escape)
    assert not opened.workspace.side.refine.refining
    opened.actions_by_name["undo"].trigger()
    assert (opened.document.shown_mask.pixels == before).all()
    drag(opened, WRIST, (10, 0))
    assert opened.document.pose != pose


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
