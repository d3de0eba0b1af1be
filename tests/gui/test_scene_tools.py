"""The label tools on a real canvas, with real mouse and key events."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt

from engine.appearance import PerObject, Vector
from engine.photo import Photo
from engine.shapes.label_paint import Ink, painted, rectangle
from engine.shapes.label_sets import cityscapes
from engine.shapes.labels import LabelMap
from studio import actions
from studio.editors.scene import commands
from studio.editors.scene.options import TOOLS
from tests.gui.scene_bench import ALT, CAR, CTRL, PERSON, RIGHT, ROAD, SHIFT, SKY, SceneBench

SIZE = (240, 160)
COLOURS = {label.id: label.colour for label in cityscapes().labels}


def street():
    """Sky over road, car 3 across both, person 8 beside it."""
    scene = LabelMap.blank(SIZE, cityscapes())
    scene = painted(scene, rectangle(SIZE, (0, 0), (239, 79)), Ink(SKY))
    scene = painted(scene, rectangle(SIZE, (0, 80), (239, 159)), Ink(ROAD))
    scene = painted(scene, rectangle(SIZE, (40, 60), (99, 99)), Ink(CAR, 3))
    return painted(scene, rectangle(SIZE, (160, 50), (179, 109)), Ink(PERSON, 8))


@pytest.fixture
def bench(qtbot):
    return SceneBench(qtbot)


@pytest.fixture
def city(qtbot):
    return SceneBench(qtbot, scene=street())


# Brush and eraser


def test_a_stroke_is_seen_before_the_document_hears_of_it(bench, qtbot):
    assert bench.colour(50, 50) == COLOURS[0]
    bench.drag([(20, 50), (60, 50), (100, 50)], release=False)
    assert not bench.scene.labels.any()
    assert bench.colour(50, 50) == COLOURS[ROAD] and bench.colour(50, 65) == COLOURS[0]
    qtbot.waitUntil(lambda: bench.scene.at((50, 50)) == (ROAD, 0))
    assert bench.document.moving and bench.document.undo.count() == 0


def test_a_stroke_is_one_step_back_and_forth(bench):
    blank = bench.scene
    bench.drag([(20, 50), (60, 50), (100, 80)])
    after = bench.scene
    assert bench.document.undo.count() == 1 and after != blank
    bench.editor.undo()
    assert bench.scene == blank and bench.colour(50, 50) == COLOURS[0]
    bench.editor.redo()
    assert bench.scene == after and bench.colour(50, 50) == COLOURS[ROAD]


def test_escape_takes_a_stroke_back(bench, qtbot):
    bench.drag([(20, 50), (60, 50)], release=False)
    qtbot.waitUntil(lambda: bench.scene.labels.any())
    bench.key(Qt.Key.Key_Escape)
    assert not bench.scene.labels.any() and bench.colour(40, 50) == COLOURS[0]
    bench.mouse(QEvent.Type.MouseButtonRelease, bench.at(60, 50))
    assert not bench.scene.labels.any() and bench.document.undo.count() == 0
    bench.click(60, 50)
    assert bench.document.undo.count() == 1


def test_the_brush_paints_a_disc_of_its_size(bench):
    bench.options.set("brush", 30)
    bench.click(100, 80)
    _, x = np.nonzero(bench.scene.labels == ROAD)
    assert x.max() - x.min() + 1 == pytest.approx(30, abs=1)
    assert len(x) == pytest.approx(np.pi * 15**2, rel=0.03)


def test_keys_change_the_size_of_brush_and_eraser_each(bench):
    bench.key(Qt.Key.Key_BracketRight)
    assert bench.options.brush == 24 and bench.options.eraser == 40
    bench.key(Qt.Key.Key_E)
    bench.key(Qt.Key.Key_BracketLeft)
    assert bench.options.tool == "eraser" and bench.options.eraser == 33
    bench.key(Qt.Key.Key_BraceLeft)
    assert bench.options.eraser < 10


def test_shift_paints_straight_on_from_the_last_stroke(bench):
    bench.click(30, 40)
    bench.click(200, 120, SHIFT)
    assert bench.scene.at((115, 80)) == (ROAD, 0) and bench.document.undo.count() == 2


@pytest.mark.parametrize("how", ["eraser", "ctrl", "right"])
def test_erasing_leaves_nothing(city, how):
    city.take("eraser" if how == "eraser" else "brush")
    keys = {"keys": CTRL} if how == "ctrl" else {}
    button = {"button": RIGHT} if how == "right" else {}
    city.drag([(70, 80), (70, 82)], **keys, **button)
    assert city.scene.at((70, 80)) == (0, 0) and city.colour(70, 80) == COLOURS[0]


def test_the_eraser_can_show_what_is_behind_an_object(city):
    city.actions["erase_behind"].trigger()
    city.take("eraser")
    city.options.set("eraser", 20)
    city.drag([(50, 62), (50, 96)])
    assert city.scene.at((50, 62)) == (SKY, 0) and city.scene.at((50, 96)) == (ROAD, 0)
    city.drag([(10, 20), (20, 20)])
    assert city.scene.at((10, 20)) == (SKY, 0) and city.document.undo.count() == 1


def test_things_are_painted_as_objects_and_n_begins_another(bench):
    bench.choice.choose(CAR)
    bench.drag([(20, 50), (40, 50)])
    bench.drag([(60, 50), (80, 50)])
    assert set(bench.scene.instances) == {1} and bench.document.selected == 1
    bench.key(Qt.Key.Key_N)
    assert bench.document.selected is None
    bench.click(150, 100)
    assert set(bench.scene.instances) == {1, 2} and bench.document.selected == 2
    assert {one.label for one in bench.scene.instances.values()} == {CAR}


def test_alt_picks_label_and_object_to_paint_on(city):
    city.take("brush")
    city.click(70, 70, ALT)
    assert (city.choice.label, city.choice.number) == (CAR, 3) and city.document.selected == 3
    city.drag([(99, 80), (120, 80)])
    assert city.scene.instances[3].box[2] > 120 and set(city.scene.instances) == {3, 8}
    city.take("picker")
    city.click(10, 10)
    assert (city.choice.label, city.choice.number) == (SKY, 0) and city.document.selected is None


def test_locked_and_hidden_labels_are_painted_around(city):
    city.choice.lock(CAR, True)
    city.choice.hide(PERSON, True)
    city.choice.choose(SKY)
    city.drag([(20, 80), (230, 80)])
    assert city.scene.at((70, 80)) == (CAR, 3) and city.scene.at((170, 80)) == (PERSON, 8)
    assert city.scene.at((120, 85)) == (SKY, 0)
    surround = city.canvas.surround
    assert city.colour(170, 80) == (surround.red(), surround.green(), surround.blue())
    city.choice.free_all()
    assert city.colour(170, 80) == COLOURS[PERSON]


def test_old_wins_keeps_objects_in_front(city):
    city.actions["new_wins"].trigger()
    assert not city.options.new_wins
    city.choice.choose(CAR)
    city.drag([(140, 70), (200, 70)])
    assert city.scene.at((170, 70)) == (PERSON, 8) and city.scene.at((145, 70))[0] == CAR


# Areas


def test_line_rectangle_polygon_and_lasso(bench):
    bench.options.set("brush", 4)
    bench.take("line")
    bench.drag([(10, 10), (15, 14), (60, 10)])
    assert bench.scene.at((35, 10)) == (ROAD, 0) and bench.scene.at((15, 14)) == (0, 0)
    bench.take("rectangle")
    bench.drag([(100, 20), (110, 25), (149, 39)])
    assert (bench.scene.labels[20:40, 100:150] == ROAD).all()
    bench.choice.choose(SKY)
    bench.take("polygon")
    for corner in ((20, 60), (80, 60), (80, 100)):
        bench.click(*corner)
    assert not (bench.scene.labels == SKY).any()
    bench.key(Qt.Key.Key_Return)
    assert bench.scene.at((70, 70)) == (SKY, 0) and bench.scene.at((30, 90)) == (0, 0)
    bench.take("lasso")
    bench.drag([(120, 80), (160, 80), (160, 130), (120, 130)])
    assert bench.scene.at((140, 110)) == (SKY, 0)
    assert bench.document.undo.count() == 4


def test_a_polygon_closes_by_double_click_or_its_first_corner_and_takes_corners_back(bench):
    bench.take("polygon")
    bench.click(20, 20)
    bench.click(80, 20)
    bench.click(200, 150)
    bench.key(Qt.Key.Key_Delete)
    bench.click(80, 90)
    bench.click(20, 20)
    assert bench.scene.at((70, 40)) == (ROAD, 0) and bench.scene.at((120, 90)) == (0, 0)
    bench.click(120, 20)
    bench.click(180, 20)
    bench.double_click(180, 90)
    assert bench.scene.at((170, 40)) == (ROAD, 0) and not bench.tools.busy
    bench.click(20, 120)
    bench.key(Qt.Key.Key_Escape)
    assert not bench.tools.busy and bench.document.undo.count() == 2


def test_a_click_with_a_dragging_tool_paints_nothing(bench):
    for tool in ("line", "rectangle", "lasso"):
        bench.take(tool)
        bench.click(50, 50)
    assert not bench.scene.labels.any() and bench.document.undo.count() == 0


def test_fill_takes_what_hangs_together_and_with_shift_all_alike(city):
    city.take("rectangle")
    city.choice.choose(0)
    city.drag([(120, 0), (125, 79)])
    city.take("fill")
    city.choice.choose(11)
    city.click(10, 10)
    assert city.scene.at((10, 10)) == (11, 0) and city.scene.at((230, 10)) == (SKY, 0)
    city.editor.undo()
    city.click(10, 10, SHIFT)
    assert city.scene.at((230, 10)) == (11, 0) and city.scene.at((70, 70)) == (CAR, 3)


def test_right_button_erases_areas_too(city):
    city.take("rectangle")
    city.drag([(30, 50), (110, 110)], button=RIGHT)
    assert 3 not in city.scene.instances and (city.scene.labels[50:111, 30:111] == 0).all()


# Objects


def test_objects_are_selected_moved_and_put_back(city):
    before = city.scene
    city.take("select")
    city.click(70, 80)
    assert city.document.selected == 3
    city.drag([(70, 80), (80, 80), (110, 70)])
    assert city.scene.instances[3].box == (80, 50, 140, 90)
    assert city.scene.at((45, 65)) == (SKY, 0) and city.scene.at((45, 95)) == (ROAD, 0)
    assert city.document.undo.count() == 1
    city.editor.undo()
    assert city.scene == before and city.document.selected == 3


def test_escape_in_a_move_puts_the_object_back(city, qtbot):
    before = city.scene
    city.take("select")
    city.click(70, 80)
    city.drag([(70, 80), (120, 40)], release=False)
    qtbot.waitUntil(lambda: city.scene != before)
    city.key(Qt.Key.Key_Escape)
    assert city.scene == before and city.document.undo.count() == 0
    city.key(Qt.Key.Key_Escape)
    assert city.document.selected is None


def test_a_handle_scales_an_object(city):
    city.take("select")
    city.click(170, 80)
    frame = city.tools.select.box._frame(city.tools.select.box.box)
    start = frame.topRight()
    city.mouse(QEvent.Type.MouseButtonPress, start)
    city.mouse(QEvent.Type.MouseMove, start + QPointF(20, -20))
    city.mouse(QEvent.Type.MouseMove, start + QPointF(city.view.scale * 20, -city.view.scale * 60))
    city.mouse(QEvent.Type.MouseButtonRelease, start)
    assert city.scene.instances[8].box == (160, 0, 200, 110)


def test_arrows_nudge_as_one_step_each(city):
    city.take("select")
    city.click(70, 80)
    city.key(Qt.Key.Key_Right)
    city.key(Qt.Key.Key_Down, SHIFT)
    assert city.scene.instances[3].box == (41, 70, 101, 110)


def test_shift_picks_more_and_they_merge(city):
    city.take("select")
    city.click(70, 80)
    city.click(170, 80, SHIFT)
    assert city.choice.group == {3, 8} and city.editor.enabled()["merge_objects"]
    city.actions["merge_objects"].trigger()
    assert set(city.scene.instances) == {3} and city.document.selected == 3
    assert city.scene.at((170, 80)) == (CAR, 3)
    city.actions["split_object"].trigger()
    assert len(city.scene.instances) == 2


def test_delete_closes_the_hole_and_duplicate_makes_a_copy(city):
    red = Vector((1.0, 0.0, 0.0))
    city.document.change_look(PerObject().with_look(3, red), "Look")
    city.take("select")
    city.click(70, 80)
    city.actions["duplicate_object"].trigger()
    assert city.document.selected == 9 and city.document.look.look_of(9) == red
    assert city.scene.instances[9].box == (104, 60, 164, 100)
    city.key(Qt.Key.Key_Delete)
    assert city.document.look.look_of(9) is None and city.document.look.look_of(3) == red
    assert 9 not in city.scene.instances and city.scene.at((110, 62)) == (SKY, 0)
    assert city.scene.at((110, 97)) == (ROAD, 0) and city.document.selected is None


def test_the_cutting_tool_parts_an_object_along_the_line(city):
    red = Vector((1.0, 0.0, 0.0))
    city.document.change_look(PerObject().with_look(3, red), "Look")
    city.take("cut")
    city.drag([(60, 50), (60, 80), (60, 110)])
    assert city.scene.instances[3].box[0] == 60 and city.scene.instances[9].box[2] == 60
    assert city.document.look.look_of(3) == city.document.look.look_of(9) == red
    city.drag([(10, 10), (20, 10)])
    assert city.said and len(city.scene.instances) == 3


def test_an_object_takes_the_chosen_label(city):
    city.take("select")
    city.click(70, 80)
    city.choice.choose(27)
    city.actions["label_object"].trigger()
    assert city.scene.instances[3].label == 27


# What is seen


def test_names_are_shown_under_the_pointer(city):
    city.take("select")
    city.hover(70, 80)
    assert city.tools._name == "Car 1"
    city.hover(10, 10)
    assert city.tools._name == "Sky"
    city.actions["show_names"].trigger()
    city.hover(11, 10)
    assert city.tools._name == ""


def test_objects_have_edges_and_labels_patterns_if_wished(city):
    assert city.colour(40, 80) != COLOURS[CAR] and city.colour(45, 80) == COLOURS[CAR]
    city.actions["show_outlines"].trigger()
    assert city.colour(40, 80) == COLOURS[CAR]
    city.actions["show_patterns"].trigger()
    shown = city.canvas.grab().toImage()
    corner, far = city.at(100, 120), city.at(140, 150)
    seen = {
        shown.pixelColor(x, y).name()
        for x in range(int(corner.x()), int(far.x()))
        for y in range(int(corner.y()), int(far.y()))
    }
    assert len(seen) > 1


def test_a_photo_shines_through_as_much_as_wished(city):
    city.document.put_reference(Photo(np.full((160, 240, 3), 200, np.uint8)))
    expected = [0.6 * part + 0.4 * 200 for part in COLOURS[SKY]]
    np.testing.assert_allclose(city.colour(10, 10), expected, atol=2)
    city.options.set("opacity", 0.0)
    assert city.colour(10, 10) == (200, 200, 200)
    city.actions["remove_scene_photo"].trigger()
    assert city.colour(10, 10) == COLOURS[SKY]


def test_far_away_the_map_is_drawn_from_its_halves(qtbot):
    noise = np.random.default_rng(0).choice([ROAD, SKY], (400, 600))
    bench = SceneBench(qtbot, scene=LabelMap.of(noise, None, cityscapes()), pane=(220, 200))
    mean = np.mean([COLOURS[ROAD], COLOURS[SKY]], 0)
    np.testing.assert_allclose(bench.colour(300, 200), mean, atol=30)
    bench.choice.choose(CAR)
    bench.options.set("brush", 120)
    bench.click(300, 200)
    bench.canvas.leaveEvent(None)
    np.testing.assert_allclose(bench.colour(300, 200), COLOURS[CAR], atol=3)


def test_digits_are_the_canvas_own(bench):
    pressed = []
    bench.canvas.digit_pressed.connect(pressed.append)
    bench.key(Qt.Key.Key_3)
    bench.key(Qt.Key.Key_9)
    assert pressed == [3, 9]


# Commands


def test_every_command_has_its_method_and_keys_of_its_own(bench):
    for command in commands.COMMANDS:
        assert hasattr(bench.editor, command.name)
    keys = [key for command in commands.COMMANDS for key in command.keys]
    common = [key for command in actions.COMMANDS for key in command.keys]
    assert len(set(keys)) == len(keys) and not set(keys) & set(common)
    assert set(commands.TOOL_COMMANDS) == set(TOOLS)
    assert {c.menu for c in commands.COMMANDS} <= {*commands.MENUS, *actions.MENUS}


def test_every_tool_is_chosen_by_its_key(bench):
    for command in commands.COMMANDS:
        if command.name in commands.TOOL_COMMANDS.values():
            bench.actions[command.name].trigger()
            assert bench.editor.checked()[command.name]


def test_options_are_kept_and_bad_ones_passed_over(bench):
    kept = bench.options.values() | {"brush": 77.0, "patterns": True}
    bench.options.restore(kept | {"eraser": "x", "opacity": True, "unknown": 1})
    assert bench.options.brush == 77 and bench.options.patterns
    assert bench.options.eraser == 40 and bench.options.opacity == 0.6
    with pytest.raises(ValueError, match="tool"):
        bench.options.set("tool", "hammer")
