"""Palette and object list beside a real canvas, used by clicks and keys."""

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest

from engine.picture import Picture
from engine.shapes.label_sets import cityscapes
from engine.shapes.labels import Label, LabelSet
from studio import theme
from studio.panels import scene_objects, scene_palette
from studio.panels.scene_objects import ObjectList
from studio.panels.scene_palette import KEY, LOCK, NAME, SEEN, SHARE, LabelPalette
from tests.gui.scene_bench import CAR, CTRL, PERSON, ROAD, SKY, SceneBench
from tests.gui.test_scene_tools import street


@pytest.fixture
def bench(qtbot):
    made = SceneBench(qtbot, scene=street())
    made.palette, made.objects = LabelPalette(), ObjectList()
    made.objects.offer(made.actions)
    for panel in (made.palette, made.objects):
        qtbot.addWidget(panel)
        panel.dress(theme.DARK)
        panel.follow(made.board)
        panel.resize(280, 500)
        panel.show()
    made.canvas.digit_pressed.connect(made.palette.take_key)
    return made


def index_of(palette, label, column):
    ids = cityscapes().ids
    return palette.rows.item(ids.index(label), column).index()


def click(view, index, keys=Qt.KeyboardModifier.NoModifier):
    view.scrollTo(index)
    at = view.visualRect(index).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, keys, at)


def texts(palette, column):
    return {
        palette.rows.item(n, NAME).text(): palette.rows.item(n, column).text()
        for n in range(palette.rows.rowCount())
    }


def test_a_click_chooses_a_label_and_eye_and_lock_do_not_paint(bench):
    click(bench.palette.view, index_of(bench.palette, CAR, NAME))
    assert bench.choice.label == CAR
    click(bench.palette.view, index_of(bench.palette, SKY, SEEN))
    click(bench.palette.view, index_of(bench.palette, PERSON, LOCK))
    assert bench.choice.hidden == {SKY} and bench.choice.locked == {PERSON}
    click(bench.palette.view, index_of(bench.palette, SKY, SEEN))
    assert not bench.choice.hidden
    tip = bench.palette.rows.itemFromIndex(index_of(bench.palette, PERSON, LOCK)).toolTip()
    assert tip == "Unlock this label"


def test_digits_choose_the_labels_that_show_them(bench):
    shown = texts(bench.palette, KEY)
    assert [name for name, key in shown.items() if key][:3] == ["Road", "Sidewalk", "Building"]
    assert shown["Unlabeled"] == "" and shown["Car"] == "6"
    bench.canvas.setFocus()
    bench.key(Qt.Key.Key_6)
    assert bench.choice.label == CAR
    assert bench.palette.view.currentIndex().row() == cityscapes().ids.index(CAR)
    bench.key(Qt.Key.Key_1)
    assert bench.choice.label == ROAD


def test_shares_follow_the_map(bench, qtbot):
    assert texts(bench.palette, SHARE)["Car"] == "6 %"
    bench.editor.clear_labels()
    qtbot.waitUntil(lambda: texts(bench.palette, SHARE)["Unlabeled"] == "100 %")
    assert texts(bench.palette, SHARE)["Car"] == ""
    bench.choice.choose(CAR)
    bench.options.set("brush", 4)
    bench.click(50, 50)
    qtbot.waitUntil(lambda: texts(bench.palette, SHARE)["Car"] == "<1 %")


def test_search_shows_what_has_all_words_and_enter_takes_the_first(bench):
    QTest.keyClicks(bench.palette.search, "traffic s")
    rows = bench.palette.rows
    hidden = [bench.palette.view.isRowHidden(n, QModelIndex()) for n in range(rows.rowCount())]
    shown = [rows.item(n, NAME).text() for n, gone in enumerate(hidden) if not gone]
    assert shown == ["Traffic sign"]
    QTest.keyClick(bench.palette.search, Qt.Key.Key_Return)
    assert bench.choice.label == cityscapes().named("traffic sign").id
    assert bench.palette.search.text() == ""


def test_swatches_have_their_labels_colour_and_a_pattern_if_wished(bench):
    def colours(label):
        image = bench.palette.rows.itemFromIndex(index_of(bench.palette, label, NAME)).icon()
        shown = image.pixmap(16).toImage()
        return {shown.pixelColor(x, y).name() for x in range(4, 12) for y in range(4, 12)}

    assert colours(ROAD) == {"#804080"}
    bench.actions["show_patterns"].trigger()
    assert len(colours(ROAD)) > 1


def test_brush_rows_and_keys_change_the_same(bench):
    rows = bench.palette.brush
    bench.options.set("brush", 20)
    low = rows.size_slider.value()
    rows.size_slider.setValue(low + 20)
    assert bench.options.brush > 30 and bench.options.eraser == 40
    bench.take("eraser")
    bench.actions["label_larger"].trigger()
    assert bench.options.eraser == 48 and "48" in rows._size_says.text()
    rows.new_wins.setChecked(False)
    assert not bench.options.new_wins and not bench.board.rules.new_wins
    bench.editor.new_wins(True)
    assert rows.new_wins.isChecked()
    rows.opacity.setValue(30)
    assert bench.canvas.sheet.opacity == 0.3


def names(objects):
    return [objects.rows.item(n).text() for n in range(objects.rows.count())]


def item(objects, name):
    return objects.rows.item(names(objects).index(name))


def test_objects_are_listed_largest_first_and_follow_the_map(bench, qtbot):
    assert names(bench.objects) == ["Car 1", "Person 1"]
    bench.take("select")
    bench.click(70, 80)
    bench.actions["duplicate_object"].trigger()
    qtbot.waitUntil(lambda: len(names(bench.objects)) == 3)
    assert sorted(names(bench.objects)) == ["Car 1", "Car 2", "Person 1"]
    bench.editor.clear_labels()
    qtbot.waitUntil(lambda: not names(bench.objects))
    assert "each one becomes an object" in bench.objects.caption.text()


def test_list_and_canvas_select_the_same(bench):
    bench.take("select")
    bench.click(170, 80)
    assert [one.text() for one in bench.objects.rows.selectedItems()] == ["Person 1"]
    click(bench.objects.rows, bench.objects.rows.indexFromItem(item(bench.objects, "Car 1")))
    assert bench.document.selected == 3
    there = bench.objects.rows.indexFromItem(item(bench.objects, "Person 1"))
    click(bench.objects.rows, there, CTRL)
    assert bench.choice.group == {3, 8}
    bench.actions["merge_objects"].trigger()
    assert set(bench.scene.instances) == {3}


def test_thumbnails_show_the_painted_picture(bench, qtbot):
    pixels = np.zeros((80, 120, 3), np.uint8)
    pixels[:, 20:50] = (200, 10, 10)
    bench.document.adopt(Picture(pixels))

    def middle():
        shown = item(bench.objects, "Car 1").icon().pixmap(scene_objects.THUMB).toImage()
        colour = shown.pixelColor(shown.rect().center())
        return colour.red(), colour.green(), colour.blue()

    qtbot.waitUntil(lambda: middle() == (200, 10, 10))


def test_keys_of_labels_leave_out_what_is_not_labelled():
    labels = list(scene_palette.keyed(cityscapes()).values())
    assert len(labels) == 9 and 0 not in labels


def test_labels_with_a_key_of_their_own_have_it_and_the_others_what_is_left():
    labels = (
        Label(0, "nothing", (0, 0, 0)),
        Label(1, "lawn", (0, 9, 0)),
        Label(2, "tree", (0, 99, 0), key=1),
        Label(3, "path", (9, 9, 9)),
        Label(4, "dog", (99, 9, 9), True, key=5),
    )
    assert scene_palette.keyed(LabelSet("Garden", labels)) == {1: 2, 2: 1, 3: 3, 5: 4}
