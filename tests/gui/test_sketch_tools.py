"""The drawing tools on real paper, with real mouse, pen and key events."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt
from PySide6.QtGui import QGuiApplication

from engine.appearance import Sampled
from engine.shapes.raster import canvas_frame, drawn_ink
from engine.shapes.sketch import Sketch, Stroke
from studio import actions
from studio.canvas.box import MARGIN
from studio.canvas.ink import Ink
from studio.editors.sketch import commands
from studio.editors.sketch.options import TOOLS
from tests.gui.sketch_bench import ALT, CTRL, MIDDLE, RIGHT, SHIFT, SketchBench

EDGE = 64
"""Of 255: how much the edge of a line may differ when it is drawn again in other pieces."""
ZIGZAG = [(50, 50), (90, 80), (130, 50), (170, 80), (210, 50)]


@pytest.fixture
def bench(qtbot):
    return SketchBench(qtbot)


# The pencil


def test_every_point_of_the_mouse_is_a_point_of_the_stroke(bench):
    bench.drag([*ZIGZAG, ZIGZAG[-1]])
    (stroke,) = bench.strokes
    np.testing.assert_allclose(stroke.xy, ZIGZAG, atol=1e-9)
    assert set(stroke.width) == {3.0} and not stroke.erase
    assert bench.document.undo.count() == 1


def test_ink_is_there_before_the_document_hears_of_it(bench):
    bench.drag(ZIGZAG, release=False)
    assert not bench.strokes and not bench.told
    assert [bench.ink(*point) for point in ZIGZAG] == [255] * 5
    assert bench.ink(110, 65) == 255 and bench.ink(110, 50) == 0


def test_a_stroke_is_on_the_screen_without_any_time_for_the_document(bench, qtbot):
    bench.drag(ZIGZAG, release=False)
    place = bench.at(110, 65)
    seen = bench.canvas.grab().toImage().pixelColor(place.toPoint())
    assert seen.lightness() < 40
    assert not bench.told
    qtbot.waitUntil(lambda: bool(bench.told))
    np.testing.assert_allclose(bench.told[-1].strokes[0].xy, ZIGZAG, atol=1e-9)


def test_a_click_is_a_dot(bench):
    bench.click(100, 100)
    (stroke,) = bench.strokes
    np.testing.assert_allclose(stroke.xy, [(100, 100)], atol=1e-9)
    assert bench.ink(100, 100) == 255 and bench.ink(104, 100) == 0


def test_the_pens_pressure_is_the_width(bench):
    bench.options.set("width", 20)
    bench.pen_stroke([(50, 100, 0.1), (100, 100, 0.5), (150, 100, 1.0)])
    (stroke,) = bench.strokes
    assert stroke.width[0] < stroke.width[1] < stroke.width[2] == 20
    assert bench.ink(75, 105) == 255 and bench.ink(75, 109) == 0 and bench.ink(125, 109) == 255
    bench.options.set("pressure", False)
    bench.pen_stroke([(50, 200, 0.1), (150, 200, 1.0)])
    assert set(bench.strokes[1].width) == {20.0}


def test_shift_goes_on_straight_from_where_the_last_stroke_ended(bench):
    bench.drag([(50, 50), (90, 80)], SHIFT)
    bench.drag([(200, 80), (210, 120)], SHIFT)
    first, second = bench.strokes
    np.testing.assert_allclose(first.xy, [(50, 50), (90, 80)], atol=1e-9)
    np.testing.assert_allclose(second.xy, [(90, 80), (200, 80), (210, 120)], atol=1e-9)
    assert bench.ink(150, 80) == 255


def test_escape_takes_a_stroke_back_while_it_is_drawn(bench):
    bench.drag([(20, 20), (380, 280)])
    before, ink = bench.document.sketch, bench.board.ink.plane.copy()
    bench.drag(ZIGZAG, release=False)
    bench.key(Qt.Key.Key_Escape)
    bench.release(*ZIGZAG[-1])
    assert bench.document.sketch == before and bench.document.undo.count() == 1
    assert np.abs(bench.board.ink.plane.astype(int) - ink).max() <= EDGE


def test_undo_in_the_middle_of_a_stroke_takes_that_stroke(bench):
    bench.drag(ZIGZAG)
    bench.drag([(20, 200), (300, 200)], release=False)
    bench.editor.undo()
    bench.release(300, 200)
    assert len(bench.strokes) == 1 and bench.ink(150, 200) == 0 and bench.ink(90, 80) == 255
    bench.editor.undo()
    assert not bench.strokes and not bench.board.ink.plane.any()
    bench.editor.redo()
    assert len(bench.strokes) == 1 and bench.ink(90, 80) == 255


def test_smoothing_off_is_exact_and_on_it_is_calmer_and_ends_at_the_hand(bench):
    shaky = [(40 + 4 * n, 150 + 3 * (-1) ** n) for n in range(60)]
    bench.drag(shaky)
    np.testing.assert_allclose(bench.strokes[0].xy, shaky, atol=1e-9)
    bench.options.set("smoothing", 60)
    bench.drag(shaky)
    calm = bench.strokes[1].xy
    np.testing.assert_allclose(calm[[0, -1]], [shaky[0], shaky[-1]], atol=1e-9)
    assert np.ptp(calm[10:-10, 1]) < 0.3 * np.ptp(np.array(shaky)[:, 1])


def test_smoothing_does_not_depend_on_how_often_the_hand_is_heard(bench):
    bench.options.set("smoothing", 50)
    corner = [(40, 40), (240, 40), (240, 240)]
    often = [(40 + n, 40) for n in range(200)] + [(240, 40 + n) for n in range(201)]
    bench.drag(corner)
    bench.drag(often)
    a, b = (stroke.xy for stroke in bench.strokes)
    gap = np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1)).min(1)
    assert gap.max() < 1.5


def test_the_string_to_the_hand_is_seen_while_the_line_hangs_behind(bench):
    bench.options.set("smoothing", 100)
    bench.drag([(40, 150), (80, 150)], release=False)
    assert bench.ink(79, 150) == 0
    seen = bench.canvas.grab().toImage().pixelColor(bench.at(79, 150).toPoint())
    assert seen.lightness() < 60


# What is shown is what is kept


def test_what_was_drawn_live_is_what_is_drawn_anew(bench):
    bench.pen_stroke([(30 + 9 * n, 150 + 90 * math.sin(n / 3), 0.2 + 0.02 * n) for n in range(38)])
    bench.take("eraser")
    bench.drag([(200, 20), (210, 280)])
    bench.take("pencil")
    bench.drag([(20, 150), (380, 160)])
    anew = Ink((400, 300))
    anew.show(bench.document.sketch)
    differ = np.abs(bench.board.ink.plane.astype(int) - anew.plane)
    assert (differ > EDGE).mean() < 1e-4 and differ.mean() < 0.1  # edges that cross edges


def test_the_ink_lies_where_painters_are_shown_it(bench):
    bench.options.set("width", 2.5)
    bench.drag([(130, 40), (130, 260)])
    asked = drawn_ink(Sketch((400, 300), bench.strokes), canvas_frame((400, 300)), 400)
    shown, scale = bench.board.ink.plane[:, : round(400 * bench.board.ink.scale)], 400
    columns = [np.arange(len(row)) + 0.5 for row in (asked[200], shown[750])]
    there = [
        np.average(x, weights=row.astype(float))
        for x, row in zip(columns, (asked[200], shown[750]), strict=True)
    ]
    assert there[0] == pytest.approx(130, abs=0.15)
    assert there[1] * scale / shown.shape[1] == pytest.approx(130, abs=0.05)


def test_a_picture_of_lines_lies_under_the_strokes_and_is_erased_with_them(qtbot):
    raster = np.zeros((300, 400), np.uint8)
    raster[100:110] = 255
    bench = SketchBench(qtbot, sketch=Sketch((400, 300), raster=raster))
    assert bench.ink(50, 105) == 255
    bench.take("eraser")
    bench.drag([(200, 50), (200, 160)])
    assert bench.ink(200, 105) == 0 and bench.ink(300, 105) == 255
    bench.editor.undo()
    assert bench.ink(200, 105) == 255


# The eraser


@pytest.mark.parametrize("how", ["tool", "right", "pen"])
def test_it_erases_with_the_tool_the_right_button_and_the_pens_other_end(bench, how):
    bench.drag([(50, 150), (350, 150)])
    path = [(200, 100), (200, 200)]
    if how == "tool":
        bench.take("eraser")
        bench.drag(path)
    elif how == "right":
        bench.drag(path, button=RIGHT)
    else:
        bench.pen_stroke([(*p, 1.0) for p in path], eraser=True)
    assert bench.strokes[1].erase and bench.document.undo.count() == 2
    assert bench.ink(200, 150) == 0 and bench.ink(100, 150) == 255
    bench.editor.undo()
    assert bench.ink(200, 150) == 255


def test_with_ctrl_whole_strokes_go_in_one_step(bench):
    for y in (50, 100, 150):
        bench.drag([(50, y), (350, y)])
    bench.take("eraser")
    bench.drag([(100, 40), (100, 110)], CTRL)
    bench.drag([(300, 260), (380, 260)], CTRL)
    (left,) = bench.strokes
    assert left.xy[0, 1] == pytest.approx(150)
    assert bench.ink(200, 50) == 0 and bench.ink(200, 150) == 255
    assert bench.document.undo.count() == 4
    bench.editor.undo()
    assert len(bench.strokes) == 3


# Shapes


def test_shift_keeps_a_line_to_steps_of_fifteen_degrees(bench):
    bench.take("line")
    bench.drag([(100, 100), (150, 110), (200, 128)], SHIFT)
    (stroke,) = bench.strokes
    way = stroke.xy[1] - stroke.xy[0]
    assert math.degrees(math.atan2(way[1], way[0])) == pytest.approx(15)
    assert bench.document.undo.count() == 1
    bench.drag([(100, 200), (173, 231)])
    np.testing.assert_allclose(bench.strokes[1].xy, [(100, 200), (173, 231)], atol=1e-9)
    bench.click(20, 20)
    assert len(bench.strokes) == 2


def test_a_line_is_seen_while_it_is_drawn_and_escape_takes_it_back(bench):
    bench.take("line")
    bench.drag([(100, 100), (200, 100), (100, 200)], release=False)
    assert bench.ink(100, 150) == 255 and bench.ink(150, 100) == 0
    bench.key(Qt.Key.Key_Escape)
    bench.move(50, 50)
    bench.release(50, 50)
    assert not bench.strokes and not bench.board.ink.plane.any()


@pytest.mark.parametrize("tool", ["pencil", "line", "select", "eraser"])
def test_a_look_that_arrives_in_the_middle_of_a_gesture_takes_nothing_away(bench, qtbot, tool):
    """A colour that was searched for, say; every other edit ends the document's own gesture."""
    line = Stroke.of([(60, 60), (200, 60)], 4)
    bench.document.change(Sketch((400, 300), (line,)), "Line")
    bench.take(tool)
    bench.told.clear()
    bench.drag([(120, 60), (140, 80), (160, 90)], release=False)
    qtbot.waitUntil(lambda: bool(bench.told))
    bench.document.change_look(Sampled(5), "Look")
    bench.release(160, 90)
    assert bench.document.look == Sampled(5)
    assert bench.document.sketch == bench.told[-1] != Sketch((400, 300), (line,))
    assert bench.document.undo.count() == 3


def test_rectangles_and_ellipses_with_shift_and_alt(bench):
    bench.take("rectangle")
    bench.drag([(100, 100), (180, 140)], SHIFT)
    np.testing.assert_allclose(np.ptp(bench.strokes[0].xy, 0), (80, 80))
    bench.take("ellipse")
    bench.drag([(200, 150), (260, 180)], ALT)
    ring = bench.strokes[1].xy
    np.testing.assert_allclose([ring.min(0), ring.max(0)], [(140, 120), (260, 180)], atol=0.1)
    np.testing.assert_allclose(
        ((ring - (200, 150)) ** 2 / np.array([60, 30]) ** 2).sum(1), 1, atol=1e-9
    )


# The curve


def test_a_curve_leads_through_its_points_and_ends_with_a_double_click(bench):
    bench.take("curve")
    points = [(50, 200), (120, 80), (220, 220)]
    for point in points:
        bench.click(*point)
        bench.hover(point[0] + 20, point[1])
    assert bench.document.undo.count() == 0
    bench.double_click(330, 100)
    (stroke,) = bench.strokes
    for point in [*points, (330, 100)]:
        assert np.hypot(*(stroke.xy - point).T).min() < 1e-6
    turns = np.diff(np.unwrap(np.arctan2(*np.diff(stroke.xy, axis=0).T)))
    assert np.abs(turns).max() < 0.6
    assert bench.document.undo.count() == 1


@pytest.mark.parametrize("end", ["enter", "right", "again", "tool"])
def test_other_ways_to_end_a_curve(bench, end):
    bench.take("curve")
    for point in [(50, 200), (120, 80), (220, 220)]:
        bench.click(*point)
    if end == "enter":
        bench.key(Qt.Key.Key_Return)
    elif end == "right":
        bench.click(300, 200, button=RIGHT)
    elif end == "again":
        bench.click(221, 220)
    else:
        bench.key(Qt.Key.Key_P)
    assert len(bench.strokes) == 1 and bench.document.undo.count() == 1
    np.testing.assert_allclose(bench.strokes[0].xy[-1], (220, 220), atol=1e-6)


def test_backspace_takes_a_point_of_the_curve_and_escape_all(bench):
    bench.take("curve")
    for point in [(50, 200), (120, 80), (220, 220)]:
        bench.click(*point)
    bench.key(Qt.Key.Key_Backspace)
    assert np.hypot(*(bench.strokes[0].xy - (220, 220)).T).min() > 50
    bench.key(Qt.Key.Key_Escape)
    assert not bench.strokes and bench.document.undo.count() == 0
    assert not bench.board.ink.plane.any()
    bench.click(50, 50)
    bench.key(Qt.Key.Key_Return)
    assert not bench.strokes


# Selection


def three_lines(bench):
    lines = [[(60, y), (200, y)] for y in (60, 150, 240)]
    bench.document.change(Sketch((400, 300), tuple(Stroke.of(xy, 4) for xy in lines)), "Lines")
    bench.take("select")


def test_click_band_and_shift_select(bench):
    three_lines(bench)
    bench.click(120, 62)
    assert bench.document.selected == {0}
    bench.click(120, 150, SHIFT)
    assert bench.document.selected == {0, 1}
    bench.click(120, 62, SHIFT)
    assert bench.document.selected == {1}
    bench.click(350, 30)
    assert bench.document.selected == set()
    bench.drag([(30, 120), (250, 290)])
    assert bench.document.selected == {1, 2}
    bench.key(Qt.Key.Key_A, CTRL)
    assert bench.document.selected == {0, 1, 2}
    bench.key(Qt.Key.Key_Escape)
    assert bench.document.selected == set()


def test_a_line_is_dragged_at_once_and_only_it(bench):
    three_lines(bench)
    bench.drag([(120, 150), (140, 150), (160, 170)])
    np.testing.assert_allclose(bench.strokes[1].xy, [(100, 170), (240, 170)], atol=1e-9)
    np.testing.assert_allclose(bench.strokes[0].xy, [(60, 60), (200, 60)])
    assert bench.ink(150, 170) == 255 and bench.ink(80, 150) == 0
    assert bench.document.undo.count() == 2


def test_a_corner_scales_and_outside_it_turns(bench):
    three_lines(bench)
    bench.key(Qt.Key.Key_A, CTRL)
    margin = MARGIN / bench.view.scale
    corner = (200 + margin, 240 + margin)
    bench.drag([corner, (corner[0] + 40, corner[1]), (corner[0] + 70, corner[1] - 90)])
    np.testing.assert_allclose(bench.strokes[2].xy, [(60, 150), (270, 150)], atol=1e-6)
    assert bench.strokes[0].width[0] == pytest.approx(4 * math.sqrt(1.5 * 0.5))
    bench.editor.undo()
    out = 14 / bench.view.scale
    start = (corner[0] + out, corner[1] + out)
    middle = np.array([130, 150])
    way = start - middle
    end = middle + np.array([-way[1], way[0]])
    bench.drag([start, tuple(middle + (way + end - middle) / 2), tuple(end)], CTRL)
    np.testing.assert_allclose(bench.strokes[1].xy, [(130, 80), (130, 220)], atol=1e-6)


def test_strokes_in_the_hand_are_seen_at_once_and_told_of_soon(bench, qtbot):
    three_lines(bench)
    bench.told.clear()
    bench.drag([(120, 150), (140, 160), (160, 190)], release=False)
    assert not bench.told
    image = bench.canvas.grab().toImage()
    moved, left = (
        image.pixelColor(bench.at(*place).toPoint()) for place in ((180, 190), (90, 150))
    )
    assert moved.lightness() < 200 and left.name() == "#ffffff"
    np.testing.assert_allclose(bench.tools.select.box.box.top(), 190)
    qtbot.waitUntil(lambda: bool(bench.told))
    np.testing.assert_allclose(bench.told[-1].strokes[1].xy, [(100, 190), (240, 190)], atol=1e-9)


@pytest.mark.parametrize("told", [False, True])
def test_escape_takes_a_move_back(bench, qtbot, told):
    three_lines(bench)
    before = bench.document.sketch
    bench.drag([(120, 150), (160, 170)], release=False)
    if told:
        qtbot.waitUntil(lambda: bench.document.sketch != before)
    bench.key(Qt.Key.Key_Escape)
    bench.release(200, 200)
    assert bench.document.sketch == before and bench.document.undo.count() == 1
    assert bench.ink(80, 150) == 255 and bench.ink(150, 170) == 0


def test_keys_nudge_duplicate_mirror_and_delete(bench):
    three_lines(bench)
    bench.click(120, 150)
    bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_Down, SHIFT)
    np.testing.assert_allclose(bench.strokes[1].xy, [(61, 160), (201, 160)])
    bench.key(Qt.Key.Key_D, CTRL)
    assert len(bench.strokes) == 4 and bench.document.selected == {3}
    np.testing.assert_allclose(bench.strokes[3].xy, [(73, 172), (213, 172)])
    bench.key(Qt.Key.Key_M)
    np.testing.assert_allclose(bench.strokes[3].xy, [(213, 172), (73, 172)])
    bench.key(Qt.Key.Key_Delete)
    assert len(bench.strokes) == 3 and bench.document.selected == set()
    bench.key(Qt.Key.Key_M)
    np.testing.assert_allclose(bench.strokes[0].xy, [(340, 60), (200, 60)])


def test_strokes_go_through_the_clipboard_exactly(bench, qtbot):
    three_lines(bench)
    bench.document.change(bench.document.sketch.drawn(Stroke.of([(9.1, 8)], 3.3)), "Dot")
    original = bench.strokes
    bench.document.select(frozenset({1, 3}))
    bench.key(Qt.Key.Key_X, CTRL)
    assert bench.strokes == (original[0], original[2])
    bench.key(Qt.Key.Key_V, CTRL)
    assert bench.strokes[2:] == (original[1], original[3])
    assert bench.document.selected == {2, 3}
    bench.key(Qt.Key.Key_V, CTRL)
    np.testing.assert_allclose(bench.strokes[4].xy, original[1].xy + 12)
    bench.editor.undo()
    assert len(bench.strokes) == 4
    other = SketchBench(qtbot, size=(800, 600))
    other.editor.paste_strokes()
    np.testing.assert_allclose(other.strokes[0].xy, original[1].xy * 2)


def test_other_programs_give_and_take_svg(bench, qtbot):
    three_lines(bench)
    bench.click(120, 150)
    bench.key(Qt.Key.Key_C, CTRL)
    clipboard = QGuiApplication.clipboard()
    assert b"<polyline" in bytes(clipboard.mimeData().data("image/svg+xml").data())
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300">'
    line = '<line x1="10" y1="20" x2="110" y2="20" stroke="black" stroke-width="5"/></svg>'
    clipboard.setText(head + line)
    bench.key(Qt.Key.Key_V, CTRL)
    np.testing.assert_allclose(bench.strokes[3].xy[[0, -1]], [(10, 20), (110, 20)], atol=0.01)
    clipboard.setText("no strokes at all")
    bench.key(Qt.Key.Key_V, CTRL)
    assert len(bench.strokes) == 4
    damaged = QMimeData()
    damaged.setData("application/x-guise-strokes", b'{"sketch": 1, "size": [0, 0]')
    clipboard.setMimeData(damaged)
    with qtbot.waitSignal(bench.editor.failed) as told:
        bench.key(Qt.Key.Key_V, CTRL)
    assert "copy them again" in told.args[0] and len(bench.strokes) == 4


def test_an_erasure_goes_along_with_the_line_that_it_cuts_alone(bench):
    three_lines(bench)
    bench.take("eraser")
    bench.drag([(100, 40), (100, 80)])
    bench.drag([(150, 40), (150, 170)])
    bench.take("select")
    bench.drag([(180, 60), (200, 60), (210, 60)])
    alone, shared = bench.strokes[3:]
    np.testing.assert_allclose(alone.xy, [(130, 40), (130, 80)], atol=1e-6)
    np.testing.assert_allclose(shared.xy, [(150, 40), (150, 170)], atol=1e-6)
    assert bench.ink(130, 60) == 0 and bench.ink(180, 60) == 255


# Symmetry


def test_strokes_are_mirrored_in_one_step(bench):
    bench.key(Qt.Key.Key_S)
    bench.drag(ZIGZAG)
    one, other = bench.strokes
    np.testing.assert_allclose(other.xy, one.xy * (-1, 1) + (400, 0))
    assert bench.ink(310, 80) == 255 and bench.ink(310, 50) == 0
    assert bench.document.undo.count() == 1
    bench.take("line")
    bench.drag([(20, 200), (100, 250)])
    np.testing.assert_allclose(bench.strokes[3].xy, [(380, 200), (300, 250)], atol=1e-9)
    assert bench.document.undo.count() == 2


def test_the_axis_is_dragged_by_its_grip_and_snaps_to_the_middle(bench):
    bench.key(Qt.Key.Key_S)
    grip = bench.view.to_photo(QPointF(bench.at(200, 0).x(), bench.view.rect().top() - 11))
    bench.drag([grip.toTuple(), (150, grip.y()), (100, grip.y())])
    assert bench.board.axis == pytest.approx(100) and not bench.strokes
    bench.drag([(60, 100), (70, 100)])
    np.testing.assert_allclose(bench.strokes[1].xy, [(140, 100), (130, 100)], atol=1e-9)
    bench.drag([(100, grip.y()), (150, grip.y()), (203, grip.y())])
    assert bench.board.axis == 200
    bench.drag([(200, grip.y()), (250, grip.y())], release=False)
    bench.key(Qt.Key.Key_Escape)
    assert bench.board.axis == 200
    bench.release(250, grip.y())
    bench.key(Qt.Key.Key_S)
    bench.drag([(200, grip.y()), (250, 20)])
    assert bench.board.axis == 200 and len(bench.strokes) == 3


# The view and the rest


def test_the_paper_is_white_in_every_theme_and_zoom_and_pan_move_it(bench):
    for turn in (0, 240, -720):
        if turn:
            bench.wheel(200, 150, turn)
        centre = bench.canvas.grab().toImage().pixelColor(bench.at(200, 150).toPoint())
        assert centre.name() == "#ffffff"
    offset = QPointF(bench.view.offset)
    bench.drag([(200, 150), (210, 150)], button=MIDDLE)
    assert bench.view.offset.x() - offset.x() == pytest.approx(10 * bench.view.scale)
    bench.key(Qt.Key.Key_H)
    offset = QPointF(bench.view.offset)
    start = bench.at(200, 150)
    bench.mouse(QEvent.Type.MouseButtonPress, start)
    bench.mouse(QEvent.Type.MouseMove, start + QPointF(30, 20))
    bench.mouse(QEvent.Type.MouseButtonRelease, start + QPointF(30, 20))
    assert bench.view.offset - offset == QPointF(30, 20) and not bench.strokes


def test_drawing_is_right_at_any_zoom(bench):
    for turn in (600, -1800):
        bench.wheel(100, 100, turn)
        bench.drag([(80, 90), (120, 110)])
        np.testing.assert_allclose(bench.strokes[-1].xy, [(80, 90), (120, 110)], atol=1e-6)
        bench.editor.undo()


def test_every_tool_has_a_key_and_every_command_keys_of_its_own(bench):
    keys = [k for c in (*actions.COMMANDS, *commands.COMMANDS) for k in c.keys]
    assert len(keys) == len(set(keys))
    for tool in TOOLS:
        bench.actions[commands.TOOL_COMMANDS[tool]].trigger()
        assert bench.options.tool == tool
        checked = bench.editor.checked()
        assert [n for n in commands.TOOL_COMMANDS.values() if checked[n]] == [f"draw_{tool}"]
    names = {command.name for command in commands.COMMANDS}
    assert names == {name for name in names if hasattr(bench.editor, name)}
    toggles = {c.name for c in commands.COMMANDS if c.toggle or c.choice}
    assert toggles == set(bench.editor.checked())


def test_brackets_change_the_width_of_what_is_in_use(bench):
    bench.key(Qt.Key.Key_BracketRight)
    assert bench.options.width > 3 and bench.options.eraser == 24
    bench.take("eraser")
    bench.key(Qt.Key.Key_BracketLeft)
    assert bench.options.eraser < 24
    for _ in range(60):
        bench.key(Qt.Key.Key_BracketLeft)
    assert bench.options.eraser == 0.5


def test_clearing_is_one_step_and_is_undone(bench):
    bench.drag(ZIGZAG)
    bench.drag([(20, 20), (50, 200)])
    bench.key(Qt.Key.Key_Backspace, CTRL)
    assert not bench.strokes and not bench.board.ink.plane.any()
    bench.editor.undo()
    assert len(bench.strokes) == 2 and bench.ink(90, 80) == 255


def test_choices_are_remembered_and_garbage_is_passed_over(bench):
    options = bench.options
    options.set("width", 7)
    options.set("symmetric", True)
    kept = options.values()
    assert set(kept) == set(options.KEPT)
    options.restore(
        {"width": "thick", "eraser": True, "smoothing": float("nan"), "symmetric": 0, "x": 1}
    )
    assert options.values() == kept
    options.restore({"width": 1e9, "smoothing": -5, "symmetric": False})
    assert (options.width, options.smoothing, options.symmetric) == (200, 0, False)
    with pytest.raises(ValueError, match="tool"):
        options.set("tool", "spray")
