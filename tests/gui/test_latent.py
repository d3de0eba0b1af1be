"""Sliders, dice, pad, morph and clipboard of a drawing's look, by real mouse and keyboard."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from engine.appearance import Mix, Sampled, Vector
from engine.vectors import between, resolved, thrown
from studio.editors.pose.commands import COMMANDS as POSE_COMMANDS
from studio.panels.latent import LatentPanel
from tests.gui.look_bench import SLOPES, bench, card

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def at(qtbot):
    made = bench(qtbot)
    yield made
    made.close()


def place(slider, value):
    """The pixel of a slider's value."""
    return QPoint(round(slider._at(value)), slider.height() // 2)


def drag(slider, *values):
    QTest.mousePress(slider, LEFT, pos=place(slider, values[0]))
    for value in values[1:]:
        QTest.mouseMove(slider, place(slider, value))
    QTest.mouseRelease(slider, LEFT, pos=place(slider, values[-1]))


def test_one_slide_is_one_step_and_is_painted_while_it_lasts(at, qtbot):
    first, seen = at.document.look, []
    at.document.look_changed.connect(lambda: seen.append(at.panel.numbers.now.values[0]))
    row = at.panel.sliders.rows[0]
    drag(row.slider, 0, 60, 120, 200)
    assert len(seen) == 4 and at.document.undo.count() == 1
    assert at.panel.numbers.now.values[0] == pytest.approx(2.0, abs=0.06)
    assert row.field.value() == pytest.approx(at.panel.numbers.now.values[0], abs=0.005)
    rest = resolved(Sampled(1), 4).values[1:]
    assert at.panel.numbers.now.values[1:] == rest
    qtbot.waitUntil(lambda: at.document.finished)
    assert at.document.look in [r.appearance for r in at.session.painted if r.longest == 40]
    drag(row.slider, 200, 100)
    assert at.document.undo.count() == 2
    at.document.undo.undo()
    at.document.undo.undo()
    assert at.document.look == first
    assert row.slider.value() == round(100 * thrown(1, 4).values[0])


def test_a_double_click_and_delete_reset_a_slider(at):
    row = at.panel.sliders.rows[1]
    drag(row.slider, 0, 150)
    QTest.mouseDClick(row.slider, LEFT, pos=place(row.slider, 150))
    assert at.panel.numbers.now.values[1] == 0
    at.document.undo.undo()
    assert at.panel.numbers.now.values[1] == pytest.approx(1.5, abs=0.06)
    row.slider.setFocus()
    QTest.keyClick(row.slider, Qt.Key.Key_Delete)
    assert at.panel.numbers.now.values[1] == 0


def test_arrow_keys_move_a_slider_and_make_one_step(at):
    row = at.panel.sliders.rows[2]
    row.slider.setFocus()
    before = row.slider.value()
    for _ in range(3):
        QTest.keyClick(row.slider, Qt.Key.Key_Right)
    QTest.keyClick(row.slider, Qt.Key.Key_PageUp)
    assert at.panel.numbers.now.values[2] == pytest.approx((before + 80) / 100)
    assert at.document.undo.count() == 1


def test_a_number_can_be_typed(at):
    field = at.panel.sliders.rows[0].field
    field.selectAll()
    QTest.keyClicks(field, "-1.25")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert at.panel.numbers.now.values[0] == -1.25
    assert at.panel.sliders.rows[0].slider.value() == -125


def test_the_dice_of_a_slider_change_it_alone_unless_it_is_locked(at):
    row, before = at.panel.sliders.rows[1], at.panel.numbers.now.values
    QTest.mouseClick(row.dice, LEFT)
    now = at.panel.numbers.now.values
    assert now[1] != before[1] and (now[0], *now[2:]) == (before[0], *before[2:])
    QTest.mouseClick(row.lock, LEFT)
    QTest.mouseClick(row.dice, LEFT)
    assert at.panel.numbers.now.values == now


def test_sliders_show_the_colours_that_the_item_would_have(at, qtbot):
    row = at.panel.sliders.rows[0]
    qtbot.waitUntil(lambda: bool(row.slider.colours), timeout=20_000)
    values = np.array(at.panel.numbers.now.values)
    for place, value in ((0, -3.0), (4, 3.0)):
        values[0] = value
        wanted = (120 + values @ SLOPES).clip(0, 230)
        assert row.slider.colours[place] == pytest.approx(wanted, abs=1)
        x = row.slider._at(round(value * 100)) + (10 if place == 0 else -10)
        image, ratio = row.slider.grab().toImage(), row.slider.devicePixelRatioF()
        seen = image.pixelColor(round(x * ratio), round(row.slider.height() / 2 * ratio))
        assert seen.getRgb()[:3] == pytest.approx(wanted, abs=30)
    first = row.slider.colours
    drag(at.panel.sliders.rows[1].slider, 0, 250)
    qtbot.waitUntil(lambda: row.slider.colours != first, timeout=20_000)


def test_nothing_is_found_out_for_sliders_that_nobody_sees(at, qtbot):
    qtbot.waitUntil(lambda: bool(at.panel.numbers.tracks), timeout=20_000)
    at.panel.sections[2].heading.setChecked(False)
    at.panel.throw_dice()
    qtbot.waitUntil(lambda: at.document.finished and not at.panel.pictures.missing)
    at.panel.asking._examine()
    assert at.panel.asking._tracked.now == thrown(1, 4)


def test_the_wheel_over_a_slider_without_focus_changes_nothing(at, qtbot):
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    slider = at.panel.sliders.rows[0].slider
    at.panel.source.throw.setFocus()
    middle = QPointF(slider.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(slider.mapToGlobal(middle.toPoint())),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(slider, event)
    assert at.document.undo.count() == 0


def test_what_is_locked_stays_through_dice_reset_and_paste(at):
    panel, numbers = at.panel, at.panel.numbers
    held = numbers.now.values[1]
    QTest.mouseClick(panel.sliders.rows[1].lock, LEFT)
    assert not panel.sliders.rows[1].slider.isEnabled()
    assert not panel.sliders.rows[1].field.isEnabled()
    assert panel.source.note.text() == "1 locked"
    for act in (panel.throw_dice, panel.next_look, panel.reset_look):
        before = numbers.now
        act()
        assert numbers.now != before and numbers.now.values[1] == held
    panel.copy_look()
    panel.unlock_sliders()
    panel.throw_dice()
    panel.numbers.lock(frozenset({0}))
    first = numbers.now.values[0]
    panel.paste_look()
    assert numbers.now.values == (first, held, 0.0, 0.0)


def test_dice_are_one_step_and_the_throw_is_shown_again_on_undo(at):
    at.panel.source.seed.setValue(41)
    QTest.mouseClick(at.panel.source.buttons["next"], LEFT)
    assert at.document.look == Sampled(42) and at.panel.source.seed.value() == 42
    QTest.mouseClick(at.panel.source.buttons["previous"], LEFT)
    QTest.mouseClick(at.panel.source.throw, LEFT)
    assert at.document.undo.count() == 4
    at.document.undo.undo()
    assert at.document.look == Sampled(41) and at.panel.source.seed.value() == 41


def test_a_painter_that_takes_numbers_only_gets_numbers(at):
    at.panel.offer(card(takes=("Vector",), name="other"))
    at.panel.source.seed.setValue(41)
    assert at.document.look == thrown(41, 4)
    at.panel.set_look_a()
    at.panel.next_look()
    at.panel.set_look_b()
    at.panel.morph.share.setValue(30)
    assert at.document.look == between(thrown(41, 4), thrown(42, 4), 0.3)


def test_sliders_that_do_nothing_are_counted_and_not_shown(at):
    assert list(at.panel.sliders.rows) == [0, 1, 2]
    assert at.panel.sliders.note.text().startswith("One more slider does nothing")


def test_what_sliders_do_is_found_where_the_card_does_not_tell(at, qtbot):
    at.panel.offer(card(told=False))
    assert list(at.panel.sliders.rows) == [0, 1, 2, 3]
    at.panel.throw_dice()
    qtbot.waitUntil(lambda: list(at.panel.sliders.rows) == [0, 1, 2], timeout=20_000)
    menu = at.panel.pad.across
    names = [menu.itemText(n) for n in range(menu.count())]
    assert names == ["Slider 1", "Slider 2", "Slider 3", "Main direction 1", "Main direction 2"]
    assert menu.currentText() == "Main direction 1"


def test_the_pad_moves_two_numbers_at_once_as_one_step(at):
    field = at.panel.pad.field
    before = at.panel.numbers.now.values
    QTest.mousePress(field, LEFT, pos=field.place_of(0, 0).toPoint())
    QTest.mouseMove(field, field.place_of(1, 1).toPoint())
    QTest.mouseMove(field, field.place_of(1.5, -2).toPoint())
    QTest.mouseRelease(field, LEFT, pos=field.place_of(1.5, -2).toPoint())
    now = at.panel.numbers.now.values
    assert now[:2] == pytest.approx((1.5, -2.0), abs=0.05) and now[2:] == before[2:]
    assert at.document.undo.count() == 1
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Left)
    QTest.keyClick(field, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    after = at.panel.numbers.now.values
    assert np.subtract(after, now)[:2] == pytest.approx((-0.1, 0.5))
    at.panel.numbers.toggle_lock(0)
    QTest.mouseDClick(field, LEFT, pos=field.place_of(2, 2).toPoint())
    assert at.panel.numbers.now.values[:2] == (after[0], 0.0)


def test_the_pad_follows_directions_that_are_not_at_right_angles(at):
    numbers, pad = at.panel.numbers, at.panel.pad
    slanted = (0.6, 0.8, 0.0, 0.0), (0.8, -0.6, 0.0, 0.0)
    told = numbers.directions
    numbers.learn(told._replace(axes=(*slanted, *told.axes[2:])))
    pad.across.setCurrentIndex(0)
    pad.up.setCurrentText("Main direction 1")
    pad.field.dragged.emit(1.0, -0.5)
    now = np.array(numbers.now.values)
    assert now[0] == pytest.approx(1.0) and now @ slanted[0] == pytest.approx(-0.5)


def test_the_same_direction_cannot_lie_both_ways(at):
    pad = at.panel.pad
    pad.across.setFocus()
    QTest.keyClick(pad.across, Qt.Key.Key_Down)
    assert pad.across.currentText() == "Slider 2" and pad.up.currentText() == "Slider 3"


def test_the_morph_slider_goes_along_the_arc_and_undo_takes_its_handle_back(at):
    panel, document = at.panel, at.document
    panel.set_look_a()
    assert not panel.morph.share.isEnabled()
    panel.numbers.throw_seed(7)
    panel.set_look_b()
    panel.morph.share.setFocus()
    QTest.keyClick(panel.morph.share, Qt.Key.Key_Home)
    for _ in range(3):
        QTest.keyClick(panel.morph.share, Qt.Key.Key_PageUp)
    assert document.look == Mix(Sampled(1), Sampled(7), 0.3)
    assert panel.numbers.now == between(thrown(1, 4), thrown(7, 4), 0.3)
    assert panel.morph.percent.text() == "30 % of B"
    document.undo.undo()
    assert document.look == Sampled(7) and panel.morph.share.value() == 100


def test_a_copied_look_is_pasted_and_other_text_is_told(at):
    panel, document = at.panel, at.document
    panel.numbers.throw_seed(3)
    kept = panel.numbers.now
    panel.copy_look()
    panel.throw_dice()
    panel.paste_look()
    assert document.look == kept
    for text, sentence in (
        ("hello", "no look on the clipboard"),
        ('{"guise_look": [1, 2]}', "has 2 numbers"),
        ('{"guise_look": ["x"]}', "no look on the clipboard"),
    ):
        QGuiApplication.clipboard().setText(text)
        panel.paste_look()
        assert sentence in at.said[-1] and document.look == kept


def test_a_painter_without_numbers_offers_dice_alone(at):
    at.panel.offer(card(takes=("Sampled",), name="other"))
    panel = at.panel
    assert panel.source.throw.isVisible() and not panel.source.chips.isVisible()
    assert not panel.sliders.rows and "no sliders" in panel.sliders.note.text()
    assert not panel.pad.isVisible()
    panel.throw_dice()
    assert isinstance(at.document.look, Sampled)
    panel.reset_look()
    assert at.document.look == Sampled(1)


def test_a_look_beyond_the_sliders_is_shown_as_it_is(at):
    at.document.change_look(Vector((4.2, 0.0, 0.0, 0.0)), "far")
    row = at.panel.sliders.rows[0]
    assert row.slider.value() == 300 and row.field.value() == 4.2
    assert at.document.look == Vector((4.2, 0.0, 0.0, 0.0))


def test_every_command_has_its_method_and_says_what_the_pose_editor_says():
    assert all(callable(getattr(LatentPanel, c.name)) for c in LatentPanel.COMMANDS)
    of_poses = {c.name: c for c in POSE_COMMANDS}
    shared = [c for c in LatentPanel.COMMANDS if c.name in of_poses]
    assert shared and all(c == of_poses[c.name] for c in shared)
