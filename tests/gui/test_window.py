"""The real window with real Qt events; only the networks are replaced."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from engine.picture import Picture
from engine.request import Painted, Quality
from engine.shapes.pose import INDEX, Presence
from studio import theme
from studio.actions import COMMANDS, make_actions
from studio.document import PictureState
from studio.editors.pose.workspace import PoseWorkspace
from studio.editors.scene.workspace import SceneWorkspace
from studio.editors.sketch.workspace import SketchWorkspace
from studio.panels.models import ModelsDialog
from studio.panels.status import CalmState
from studio.services import Services
from studio.settings import Settings
from studio.shortcuts import Shortcuts
from studio.window import ALL_COMMANDS
from tests.fakes import photo_file, save_png_of
from tests.gui.driving import WRIST, at, drag, key, mouse, settled


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


@pytest.mark.parametrize("editor", [PoseWorkspace, SketchWorkspace, SceneWorkspace])
def test_every_command_has_a_tip_and_no_key_is_used_twice_in_an_editor(window, editor):
    names = {command.name for command in COMMANDS} | editor.command_names()
    keys = [k.toString() for name in names for k in window.actions_by_name[name].shortcuts()]
    assert len(keys) == len(set(keys))
    assert all(a.toolTip() for a in window.actions_by_name.values())


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


def test_switches_of_the_pose_tools_are_kept_for_the_next_start(opened):
    opened.actions_by_name["keep_lengths"].trigger()
    opened.actions_by_name["show_ghost"].trigger()
    later = Services(opened.bridge, Settings(), {}).pose_options
    assert later.keep_lengths and not later.ghost and not later.symmetric
