"""The pose tool on a real canvas, with real mouse, pen and touchpad events."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt

from engine.shapes.pose import INDEX, JOINTS, LIMBS, Presence
from studio import actions
from studio.canvas.box import MARGIN
from studio.canvas.tool import MOUSE
from studio.editors.pose import commands
from studio.editors.pose.hints import hint_for
from studio.editors.pose.marks import LIMB_COLOURS
from tests.gui.pose_bench import CTRL, SHIFT, Bench

ALT = Qt.KeyboardModifier.AltModifier
ARM = {"left_shoulder", "left_elbow", "left_wrist"}
MIDDLE = Qt.MouseButton.MiddleButton


@pytest.fixture
def bench(qtbot):
    return Bench(qtbot)


def test_a_pen_drags_a_joint_and_its_mouse_echo_is_ignored(bench):
    start, before = bench.at("left_wrist"), bench.document.pose
    assert bench.pen(QEvent.Type.TabletPress, start).isAccepted()
    for x in (10, 20, 30):
        bench.pen(QEvent.Type.TabletMove, start + QPointF(x, -x))
        bench.move(start + QPointF(300, 300))
    bench.pen(QEvent.Type.TabletRelease, start + QPointF(30, -30), 0.0)
    moved = bench.moved(before)
    assert set(moved) == {"left_wrist"}
    np.testing.assert_allclose(moved["left_wrist"], (30, -30), atol=1e-6)
    assert bench.document.undo.count() == 1


def test_the_tool_hears_how_hard_the_pen_presses(bench, monkeypatch):
    heard = []
    monkeypatch.setattr(bench.tool, "press", lambda at, keys, touch=MOUSE: heard.append(touch))
    monkeypatch.setattr(bench.tool, "move", lambda at, keys, touch=MOUSE: heard.append(touch))
    bench.pen(QEvent.Type.TabletPress, QPointF(50, 50), 0.25)
    bench.pen(QEvent.Type.TabletMove, QPointF(60, 50), 0.75)
    bench.pen(QEvent.Type.TabletRelease, QPointF(60, 50), 0.0)
    assert [touch.pressure for touch in heard] == [0.25, 0.75]
    bench.press(QPointF(50, 50))
    assert heard[-1] == MOUSE


def test_the_middle_button_pans_and_does_not_end_a_drag(bench):
    offset, before = QPointF(bench.view.offset), bench.document.pose
    bench.drag(bench.at("left_wrist"), (40, 25), button=MIDDLE)
    assert bench.view.offset - offset == QPointF(40, 25)
    assert bench.document.pose == before
    start = bench.at("left_wrist")
    bench.press(start)
    bench.move(start + QPointF(20, 0))
    bench.press(start + QPointF(20, 0), button=MIDDLE)
    bench.release(start + QPointF(20, 0), button=MIDDLE)
    bench.move(start + QPointF(30, 0))
    bench.release(start + QPointF(30, 0))
    np.testing.assert_allclose(bench.moved(before)["left_wrist"], (30, 0), atol=1e-6)
    assert bench.document.undo.count() == 1


def test_a_release_that_went_elsewhere_ends_the_gesture(bench):
    start, before = bench.at("left_wrist"), bench.document.pose
    bench.drag(start, (20, 0), release=False)
    bench.hover(start + QPointF(90, 90))
    np.testing.assert_allclose(bench.moved(before)["left_wrist"], (20, 0), atol=1e-6)
    assert bench.document.undo.count() == 1


def test_two_fingers_pan_and_the_wheel_zooms_at_the_cursor(bench):
    cursor, offset = QPointF(123, 456), QPointF(bench.view.offset)
    bench.wheel(cursor, (7, -31), fingers=True)
    assert bench.view.offset - offset == QPointF(7, -31)
    for keys, fingers in ((Qt.KeyboardModifier.NoModifier, False), (CTRL, True), (CTRL, False)):
        there, scale = bench.view.to_photo(cursor), bench.view.scale
        bench.wheel(cursor, (0, 120), keys, fingers)
        assert bench.view.scale > scale
        assert (bench.view.to_photo(cursor) - there).manhattanLength() < 1e-9


def test_the_wheel_scrolls_if_wished_and_zooms_with_ctrl(bench):
    bench.canvas.scrolls = True
    cursor, offset, scale = QPointF(99, 99), QPointF(bench.view.offset), bench.view.scale
    bench.wheel(cursor, (0, -120))
    assert bench.view.offset - offset == QPointF(0, -120) and bench.view.scale == scale
    bench.wheel(cursor, (0, 120), CTRL)
    assert bench.view.scale > scale


def box_on(bench, handle):
    """Where a handle of the box is, in pane points."""
    points = bench.tool.box.subject.points()
    low, high = bench.view.to_pane(*points.min(0)), bench.view.to_pane(*points.max(0))
    size = high - low + QPointF(2 * MARGIN, 2 * MARGIN)
    return low - QPointF(MARGIN, MARGIN) + QPointF(size.x() * handle[0], size.y() * handle[1])


def lengths(pose):
    return {
        bone: math.dist(pose.xy[INDEX[bone[0]]], pose.xy[INDEX[bone[1]]])
        for bone in LIMBS
        if "hip" not in bone[1]
    }


# Selection


def test_a_double_click_on_a_bone_selects_the_limb_and_drags_it(bench):
    middle = (bench.at("left_elbow") + bench.at("left_wrist")) / 2
    bench.double_click(middle)
    assert bench.selected == ARM
    before = bench.document.pose
    bench.drag(bench.at("left_elbow"), (20, 5))
    assert set(bench.moved(before)) == ARM
    bench.double_click((bench.at("neck") + bench.at("right_hip")) / 2)
    assert "neck" in bench.selected and "right_wrist" not in bench.selected


def test_shift_double_click_adds_a_limb_and_a_click_on_nothing_lets_go(bench):
    bench.double_click((bench.at("left_elbow") + bench.at("left_wrist")) / 2)
    bench.mouse(QEvent.Type.MouseButtonDblClick, bench.at("right_knee"), keys=SHIFT)
    bench.release(bench.at("right_knee"), SHIFT)
    assert bench.selected == ARM | {"right_hip", "right_knee", "right_ankle"}
    bench.click(QPointF(5, 5))
    assert bench.selected == set()


def test_a_limb_grows_from_one_joint_by_a_key(bench):
    bench.select("left_wrist")
    bench.key(Qt.Key.Key_A, SHIFT)
    assert bench.selected == ARM


@pytest.mark.parametrize("zoom", [0.1, 1, 8])
def test_a_joint_is_grabbed_from_twelve_points_away_at_any_zoom(bench, zoom):
    bench.view.zoom(zoom, bench.at("left_wrist"))
    bench.drag(bench.at("left_wrist") + QPointF(8.4, 8.4), (0, 30))
    assert "left_wrist" in bench.selected or zoom < 1
    assert len(bench.moved(bench.document.source)) == 1


def test_the_nearest_joint_wins_and_a_selected_one_wins_ties(bench):
    names = {INDEX["right_wrist"]: (80.0, 200.0), INDEX["left_wrist"]: (80.0, 200.0)}
    pose = bench.document.pose.moved(**{JOINTS[i]: at for i, at in names.items()})
    bench.document.change(pose, "Stack")
    for name in ("left_wrist", "right_wrist"):
        bench.select(name)
        bench.click(bench.at(name))
        assert bench.selected == {name}
    bench.select("left_wrist")
    bench.view.zoom(3, bench.at("nose"))
    bench.click(bench.at("right_eye") + QPointF(-2, 0))
    assert bench.selected == {"right_eye"}


# The box


def test_a_corner_of_the_box_scales_about_the_opposite_one_in_one_step(bench):
    bench.key(Qt.Key.Key_T)
    before = bench.document.pose
    low, high = before.xy.min(0), before.xy.max(0)
    size = (high - low) * bench.view.scale
    bench.drag(box_on(bench, (1, 1)), (-0.25 * size[0], -0.5 * size[1]))
    expected = low + (before.xy - low) * (0.75, 0.5)
    np.testing.assert_allclose(bench.document.pose.xy, expected, atol=1e-6)
    assert bench.document.undo.count() == 1
    bench.document.undo.undo()
    assert bench.document.pose == before


def test_shift_keeps_the_proportions_and_alt_the_pivot(bench):
    bench.key(Qt.Key.Key_T)
    before = bench.document.pose
    bench.drag(box_on(bench, (1, 0.5)), (40, 7), SHIFT)
    after = bench.document.pose
    spread = np.ptp(after.xy, 0) / np.ptp(before.xy, 0)
    assert spread[0] == pytest.approx(spread[1]) and spread[0] > 1.05
    bench.document.undo.undo()
    hips = before.xy[[INDEX["right_hip"], INDEX["left_hip"]]].mean(0)
    bench.drag(box_on(bench, (0.5, 0)), (0, 60), ALT)
    after = bench.document.pose
    np.testing.assert_allclose(
        after.xy[[INDEX["right_hip"], INDEX["left_hip"]]].mean(0), hips, atol=1e-9
    )
    np.testing.assert_allclose(after.xy[:, 0], before.xy[:, 0])
    assert np.ptp(after.xy[:, 1]) < np.ptp(before.xy[:, 1])


def test_outside_a_corner_turns_a_limb_about_its_root_and_ctrl_snaps(bench):
    bench.key(Qt.Key.Key_T)
    bench.select(*ARM)
    before = bench.document.pose
    root = bench.at("left_shoulder")
    start = box_on(bench, (1, 1)) + QPointF(14, 14)
    way = start - root
    for degrees, snapped in ((33, 30), (-50, -45)):
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        end = root + QPointF(c * way.x() - s * way.y(), s * way.x() + c * way.y())
        bench.drag(start, (end - start).toTuple(), CTRL)
        c, s = math.cos(math.radians(snapped)), math.sin(math.radians(snapped))
        centre = before.xy[INDEX["left_shoulder"]]
        for name in ARM:
            x, y = before.xy[INDEX[name]] - centre
            expected = centre + np.array([c * x - s * y, s * x + c * y])
            np.testing.assert_allclose(bench.document.pose[name], expected, atol=1e-9)
        assert set(bench.moved(before)) == ARM - {"left_shoulder"}
        bench.document.undo.undo()


def test_the_pivot_moves_snaps_to_a_joint_and_goes_back_with_the_selection(bench):
    bench.key(Qt.Key.Key_T)
    bench.select(*ARM)
    natural = bench.view.to_pane(*bench.tool.box.pivot.toTuple())
    assert (natural - bench.at("left_shoulder")).manhattanLength() < 1e-9
    wrist = bench.at("left_wrist")
    bench.drag(natural, (wrist - natural + QPointF(5, 4)).toTuple())
    assert bench.tool.box.pivot == QPointF(*bench.document.pose["left_wrist"])
    assert bench.document.undo.count() == 0
    before = bench.document.pose
    start = box_on(bench, (0, 0)) - QPointF(14, 14)
    bench.drag(start, (60, -10))
    moved = bench.moved(before)
    assert "left_shoulder" in moved and "left_wrist" not in moved
    bench.select("right_hip", "right_knee", "right_ankle")
    assert bench.tool.box.pivot == QPointF(*bench.document.pose["right_hip"])


def test_the_box_paints_while_it_is_dragged_and_escape_takes_it_back(bench, qtbot):
    bench.key(Qt.Key.Key_T)
    before = bench.document.pose
    shown = []
    bench.document.shape_changed.connect(lambda: shown.append(bench.document.pose))
    bench.drag(box_on(bench, (1, 1)), (-80, -80), release=False)
    assert len(shown) == 5 and bench.document.pose != before
    bench.key(Qt.Key.Key_Escape)
    assert bench.document.pose == before
    bench.release(QPointF(100, 100))
    assert bench.document.pose == before and bench.document.undo.count() == 0


def test_the_inside_of_the_box_moves_and_a_click_in_it_selects(bench):
    bench.key(Qt.Key.Key_T)
    before = bench.document.pose
    bench.drag(bench.at("neck") + QPointF(25, 40), (30, 12))
    by = np.array(list(bench.moved(before).values()))
    np.testing.assert_allclose(by, np.tile((30, 12), (18, 1)), atol=1e-6)
    bench.click(bench.at("left_knee"))
    assert bench.selected == {"left_knee"}


def test_nothing_is_scaled_away_or_inside_out(bench):
    bench.key(Qt.Key.Key_T)
    before = bench.document.pose
    bench.drag(box_on(bench, (1, 1)), (-3000, -3000))
    after = bench.document.pose
    spread = np.ptp(after.xy, 0) / np.ptp(before.xy, 0)
    assert (spread > 0.02).all() and (spread < 0.1).all()
    left = INDEX["left_shoulder"], INDEX["right_shoulder"]
    assert (after.xy[left[0]] - after.xy[left[1]])[0] > 0


# Switches and locks


def test_kept_lengths_hold_while_a_wrist_is_dragged_anywhere(bench):
    bench.key(Qt.Key.Key_L, SHIFT)
    before = lengths(bench.document.pose)
    bench.drag(bench.at("left_wrist"), (400, -300))
    assert set(bench.moved(bench.document.source)) == {"left_elbow", "left_wrist"}
    for bone, length in lengths(bench.document.pose).items():
        assert length == pytest.approx(before[bone]), bone


def test_a_group_with_kept_lengths_carries_what_hangs_on_it(bench):
    bench.key(Qt.Key.Key_L, SHIFT)
    before = bench.document.pose
    bench.select("left_hip", "right_hip", "neck")
    bench.drag(bench.at("neck"), (25, -15))
    by = np.array(list(bench.moved(before).values()))
    np.testing.assert_allclose(by, np.tile((25, -15), (18, 1)), atol=1e-6)


def test_both_sides_move_mirrored(bench):
    bench.key(Qt.Key.Key_S)
    before = bench.document.pose
    bench.drag(bench.at("left_wrist"), (40, -70))
    moved = bench.moved(before)
    assert set(moved) == {"left_wrist", "right_wrist"}
    np.testing.assert_allclose(moved["left_wrist"], (40, -70), atol=1e-6)
    np.testing.assert_allclose(moved["right_wrist"], (-40, -70), atol=1e-6)


def test_both_sides_in_the_box(bench):
    bench.key(Qt.Key.Key_S)
    bench.key(Qt.Key.Key_T)
    bench.select("left_elbow", "left_wrist")
    before = bench.document.pose
    middle = (bench.at("left_elbow") + bench.at("left_wrist")) / 2
    bench.drag(middle + QPointF(12, 40), (50, 20))
    moved = bench.moved(before)
    assert set(moved) == {"left_elbow", "left_wrist", "right_elbow", "right_wrist"}
    np.testing.assert_allclose(moved["right_wrist"], (-50, 20), atol=1e-6)


def test_locked_joints_stay_whatever_moves_them(bench):
    bench.select("left_wrist", "left_elbow")
    bench.key(Qt.Key.Key_L)
    before = bench.document.pose
    bench.drag(bench.at("left_wrist"), (40, 40))
    assert bench.moved(before) == {}
    bench.select("left_wrist", "nose")
    bench.key(Qt.Key.Key_Right)
    assert set(bench.moved(before)) == {"nose"}
    bench.key(Qt.Key.Key_T)
    bench.document.select(frozenset(range(18)))
    bench.drag(box_on(bench, (1, 1)), (-60, -60))
    moved = bench.moved(before)
    assert "left_wrist" not in moved and "left_elbow" not in moved and "right_ankle" in moved


def test_nothing_happens_to_a_body_that_is_all_locked_or_gone(bench):
    for code in (Qt.Key.Key_L, Qt.Key.Key_Delete):
        bench.document.select(frozenset(range(18)))
        if code == Qt.Key.Key_Delete:
            bench.key(Qt.Key.Key_L)  # unlocks
        bench.key(code)
        before, steps = bench.document.pose, bench.document.undo.count()
        for turn in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right):
            bench.key(turn, CTRL)
        bench.tool.options.set("boxing", True)
        bench.drag(QPointF(300, 300), (50, 50))
        bench.canvas.grab()
        assert bench.document.pose == before and bench.document.undo.count() == steps


def test_locking_is_undone_like_any_other_step(bench):
    bench.select("left_wrist")
    bench.key(Qt.Key.Key_L)
    assert bench.document.locked == {INDEX["left_wrist"]}
    bench.key(Qt.Key.Key_L)
    assert bench.document.locked == frozenset()
    bench.document.undo.undo()
    assert bench.document.locked == {INDEX["left_wrist"]}
    bench.document.undo.undo()
    assert bench.document.locked == frozenset()


def test_nudges_of_one_joint_make_one_step_and_another_joint_the_next(bench):
    before = bench.document.pose
    bench.select("nose")
    for _ in range(3):
        bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_Up, SHIFT)
    assert bench.document.undo.count() == 1
    moved = bench.document.pose.xy - before.xy
    np.testing.assert_allclose(moved[INDEX["nose"]], (3, -10))
    bench.select("neck")
    bench.key(Qt.Key.Key_Down)
    assert bench.document.undo.count() == 2


def test_the_body_grows_on_the_ground_that_it_stands_on(bench):
    before = bench.document.pose
    for _ in range(3):
        bench.key(Qt.Key.Key_Up, CTRL)
    after = bench.document.pose
    assert after.xy[:, 1].max() == pytest.approx(before.xy[:, 1].max())
    grown = np.ptp(after.xy, 0) / np.ptp(before.xy, 0)
    np.testing.assert_allclose(grown, 1.02**3)
    assert bench.document.undo.count() == 1
    bench.key(Qt.Key.Key_Down, CTRL)
    grown = np.ptp(bench.document.pose.xy, 0) / np.ptp(before.xy, 0)
    np.testing.assert_allclose(grown, 1.02**2)


def test_joints_are_removed_placed_and_reset(bench):
    bench.select("left_wrist")
    bench.key(Qt.Key.Key_Delete)
    assert bench.document.pose["left_wrist"] is None
    assert bench.posing.enabled()["place_joints"] and not bench.posing.enabled()["remove_joints"]
    bench.actions["place_joints"].trigger()
    _, y = bench.document.pose["left_wrist"]
    elbow = bench.document.pose["left_elbow"]
    assert y > elbow[1] and bench.document.pose.presence[INDEX["left_wrist"]] == Presence.seen
    bench.key(Qt.Key.Key_Backspace, CTRL)
    assert bench.document.pose == bench.document.source


def test_switches_are_remembered_and_garbage_is_passed_over(bench):
    options = bench.tool.options
    bench.key(Qt.Key.Key_S)
    bench.key(Qt.Key.Key_G)
    kept = options.values()
    assert kept == {"keep_lengths": False, "symmetric": True, "ghost": False}
    options.restore({"symmetric": False, "ghost": "yes", "keep_lengths": 1, "other": True})
    assert options.values() == {"keep_lengths": False, "symmetric": False, "ghost": False}
    assert bench.posing.checked()["symmetric_edit"] is False


def test_every_command_of_the_pose_has_keys_of_its_own_and_every_switch_a_state(bench):
    keys = [k for c in (*actions.COMMANDS, *commands.COMMANDS) for k in c.keys]
    assert len(keys) == len(set(keys))
    toggles = {c.name for c in commands.COMMANDS if c.toggle} - {"fit_skeleton"}
    assert toggles == set(bench.posing.checked())


# What is said and shown


def test_a_limb_that_no_painter_has_seen_is_named(bench):
    assert "Drag a joint" in hint_for(bench.document)
    bench.drag(bench.at("left_wrist"), (25, -200))
    assert "Left" not in hint_for(bench.document)
    bench.drag(bench.at("right_ankle"), (-250, -900))
    assert hint_for(bench.document).startswith("Right leg:")
    bench.document.undo.undo()
    bench.document.undo.undo()
    bench.select("nose")
    assert "arrow keys" in hint_for(bench.document)


def test_the_hand_is_told_what_it_would_do(bench):
    bench.hover(QPointF(3, 3))
    assert bench.canvas.cursor().shape() == Qt.CursorShape.ArrowCursor
    bench.hover(bench.at("left_wrist"))
    assert bench.canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    bench.select("left_wrist")
    bench.key(Qt.Key.Key_L)
    bench.hover(bench.at("left_wrist"))
    assert bench.canvas.cursor().shape() == Qt.CursorShape.ForbiddenCursor
    bench.key(Qt.Key.Key_T)
    for handle, shape in (
        ((1, 0.5), Qt.CursorShape.SizeHorCursor),
        ((0, 0), Qt.CursorShape.SizeFDiagCursor),
    ):
        bench.hover(box_on(bench, handle))
        assert bench.canvas.cursor().shape() == shape
    bench.hover(box_on(bench, (1, 0)) + QPointF(15, -15))
    assert bench.canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor


def test_hovering_names_a_joint_and_locking_marks_it(bench):
    def shot():
        return bench.canvas.grab().toImage()

    bench.hover(QPointF(3, 3))
    plain = shot()
    bench.hover(bench.at("left_wrist"))
    named = shot()
    below = bench.at("left_wrist") + QPointF(30, 30)
    assert named.pixelColor(below.toPoint()) != plain.pixelColor(below.toPoint())
    bench.hover(QPointF(3, 3))
    bench.document.lock(frozenset({INDEX["left_wrist"]}))
    corner = (bench.at("left_wrist") + QPointF(4, 4)).toPoint()
    assert shot().pixelColor(corner) != plain.pixelColor(corner)


@pytest.mark.parametrize("limbs", list(LIMB_COLOURS))
def test_left_and_right_differ_in_every_set_of_colours(bench, limbs):
    bench.tool.options.colour_limbs(limbs)
    image = bench.canvas.grab().toImage()
    left, right = (image.pixelColor(bench.at(f"{s}_knee").toPoint()) for s in ("left", "right"))
    assert left.name().upper() == LIMB_COLOURS[limbs].left_upper
    assert right.name().upper() == LIMB_COLOURS[limbs].right_upper
