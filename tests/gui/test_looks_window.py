"""Painters and looks in the real window: chosen, undone, mixed, compared."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from engine import registry
from engine.appearance import FromPhoto, Mix, Parts, Sampled
from engine.picture import Picture
from engine.request import Painted, Scene
from studio import dialogs
from studio.document import PictureState
from studio.panels.choices import LooksDialog, PaintersDialog
from studio.settings import Settings
from studio.window import Window
from studio.worker import Bridge
from tests.fakes import FakeSession, card, photo_file, save_png_of

ALL = ("FromPhoto", "Sampled", "Mix", "Parts")
PLAIN = card(registry.PAINTER_MODEL, "Follows joints", ("FromPhoto",), commercial=True)
FREE = card("free", "Invents looks", ALL)
READER = card("eyes", "Reads people", (), architecture="perception")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session():
    return FakeSession()


@pytest.fixture
def window(qtbot, session, monkeypatch):
    models = [registry.Model(Path(f"{c.id}.safetensors"), c) for c in (READER, FREE, PLAIN)]
    monkeypatch.setattr(registry, "catalogue", lambda: models)
    made = Window(Bridge(lambda: session), Settings())
    qtbot.addWidget(made)
    made.resize(1200, 860)
    made.show()
    qtbot.waitExposed(made)
    yield made
    session.gate.set()
    made._leaving = True
    made.close()


@pytest.fixture
def opened(window, qtbot, tmp_path):
    """The window with a photo and nothing left to paint, under the plain painter."""
    window.open_path(photo_file(tmp_path / "walker.png"))
    qtbot.waitUntil(
        lambda: window.document is not None and window.workspace.painting.warming is None
    )
    return window


@pytest.fixture
def free(opened, qtbot):
    """The same under the painter that takes every look, with a clean history."""
    pick_painter(opened, qtbot, "free")
    opened.document.undo.clear()
    settled(opened, qtbot)
    return opened


@pytest.fixture
def other(tmp_path, monkeypatch):
    """Another photo, which the file dialog gives."""
    path = tmp_path / "dancer.png"
    save_png_of(np.full((260, 180, 3), 90, np.uint8), path)
    monkeypatch.setattr(dialogs, "photo_to_open", lambda *_: path)
    return path


def settled(window, qtbot):
    qtbot.waitUntil(
        lambda: window.document.state is PictureState.current and window.workspace.painting.resting
    )


def pick_painter(window, qtbot, model):
    menu = window.workspace.side.painter.menu
    while menu.currentData() != model:
        step = 1 if menu.findData(model) > menu.currentIndex() else -1
        QTest.keyClick(menu, Qt.Key.Key_Down if step > 0 else Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: window.document.model == model)


def press(window, qtbot, kind):
    qtbot.mouseClick(window.workspace.side.look.kinds[kind], LEFT)


def visible_kinds(window):
    return [name for name, b in window.workspace.side.look.kinds.items() if b.isVisible()]


def throw(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_D)
    return window.document.look


def test_only_painters_of_people_are_offered_with_their_terms(opened, qtbot):
    painter = opened.workspace.side.painter
    offered = [painter.menu.itemText(n) for n in range(painter.menu.count())]
    assert offered == ["Follows joints", "Invents looks"]
    assert "Free for commercial use" in painter.terms.text()
    pick_painter(opened, qtbot, "free")
    assert "Not for commercial use" in painter.terms.text()
    assert "Invents looks, for tests." in painter.summary.text()


def test_looks_that_the_painter_cannot_take_are_hidden(opened, qtbot):
    assert visible_kinds(opened) == ["own", "other"]
    assert not opened.actions_by_name["throw_dice"].isEnabled()
    pick_painter(opened, qtbot, "free")
    assert visible_kinds(opened) == ["own", "other", "dice", "mix", "parts"]
    assert opened.actions_by_name["throw_dice"].isEnabled()


def test_another_painter_paints_the_same_and_is_one_step(opened, qtbot, session):
    session.painted.clear()
    pick_painter(opened, qtbot, "free")
    settled(opened, qtbot)
    assert {r.model for r in session.painted} == {"free"}
    assert [r.quality.value for r in session.painted][-1] == "full"
    assert opened.isWindowModified()
    opened.actions_by_name["undo"].trigger()
    assert opened.document.model == registry.PAINTER_MODEL
    assert opened.workspace.side.painter.menu.currentData() == registry.PAINTER_MODEL
    assert not opened.isWindowModified()


def test_a_painter_that_cannot_take_the_look_falls_back_and_one_undo_brings_both_back(free, qtbot):
    thrown = throw(free, qtbot)
    pick_painter(free, qtbot, registry.PAINTER_MODEL)
    assert free.document.look is None
    assert "cannot take that look" in free.notice.text.text()
    free.actions_by_name["undo"].trigger()
    assert (free.document.model, free.document.look) == ("free", thrown)
    assert free.workspace.side.look.dice.isVisible()


def test_the_look_of_another_photo_is_put_on_the_person_of_this_one(free, qtbot, session, other):
    press(free, qtbot, "other")
    qtbot.waitUntil(lambda: free.document.look is not None)
    settled(free, qtbot)
    asked = session.painted[-1]
    assert asked.appearance.photo.size == (180, 260)
    assert asked.place.photo == free.document.reading.photo
    assert asked.shape.size == (200, 300)
    assert free.document.undo.count() == 1
    card = free.workspace.side.look.other
    assert card.source.text() == "dancer" and "180 × 260" in card.detail.text()
    shown = card.thumb.pixmap().toImage()
    assert shown.pixelColor(shown.width() // 2, shown.height() // 2).red() == 90


def test_a_photo_with_nobody_in_it_changes_nothing(free, qtbot, session, other):
    before = free.document.picture
    session.nobody = True
    press(free, qtbot, "other")
    qtbot.waitUntil(lambda: free.notice.kind == "error")
    assert "No person was found" in free.notice.text.text()
    assert free.document.look is None and free.document.picture is before
    assert free.workspace.side.look.kinds["own"].isChecked()
    assert free.document.undo.count() == 0


def test_a_broken_photo_changes_nothing(free, qtbot, other):
    other.write_bytes(b"\xff\xd8\xff no picture")
    press(free, qtbot, "other")
    qtbot.waitUntil(lambda: free.notice.kind == "error")
    assert "dancer.png" in free.notice.text.text()
    assert free.document.look is None


def test_a_photo_opened_while_a_look_is_read_does_not_become_a_look(
    free, qtbot, session, other, tmp_path
):
    old = free.document
    free.actions_by_name["look_from_photo"].trigger()
    free.open_path(photo_file(tmp_path / "next.png"))
    qtbot.waitUntil(lambda: free.document is not old)
    QTest.qWait(100)
    assert free.document.origin.name == "next" and free.document.look is None


def test_dropping_a_photo_on_the_section_takes_its_look(free, qtbot, other):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(other))])
    keys, copy = Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    target = free.workspace.side.look
    QApplication.sendEvent(target, QDragEnterEvent(QPoint(9, 9), copy, data, LEFT, keys))
    QApplication.sendEvent(target, QDropEvent(QPointF(9, 9), copy, data, LEFT, keys))
    qtbot.waitUntil(lambda: isinstance(free.document.look, FromPhoto))
    assert free.document.origin.name == "walker"


def test_the_dice_are_held_while_joints_move_until_thrown_here(free, qtbot, session):
    thrown = throw(free, qtbot)
    assert isinstance(thrown, Sampled) and thrown.shape == free.document.pose
    assert free.workspace.side.look.dice.seed.value() == thrown.seed
    assert not free.workspace.side.look.dice.here.isEnabled()
    free.actions_by_name["mirror_pose"].trigger()
    assert free.document.look == thrown != Sampled(thrown.seed, free.document.pose)
    qtbot.mouseClick(free.workspace.side.look.dice.here, LEFT)
    assert free.document.look == Sampled(thrown.seed, free.document.pose)
    settled(free, qtbot)
    assert session.painted[-1].appearance == free.document.look
    again = throw(free, qtbot)
    assert again.seed != thrown.seed
    assert free.document.undo.count() == 4


def test_a_seed_can_be_typed(free, qtbot):
    held = throw(free, qtbot).shape
    seed = free.workspace.side.look.dice.seed
    seed.selectAll()
    qtbot.keyClicks(seed, "417")
    qtbot.keyClick(seed, Qt.Key.Key_Return)
    assert free.document.look == Sampled(417, held)
    free.actions_by_name["undo"].trigger()
    assert seed.value() == free.document.look.seed != 417


def test_dragging_the_share_of_a_mix_is_one_step(free, qtbot, session):
    press(free, qtbot, "mix")
    mix = free.workspace.side.look.mix
    assert mix.isVisible() and not mix.share.isEnabled()
    mix.second.choices["dice"].trigger()
    assert isinstance(free.document.look, Mix) and free.document.look.a == free.document.own
    for _ in range(3):
        qtbot.keyClick(mix.share, Qt.Key.Key_PageUp)
    assert free.document.look.t == pytest.approx(0.8)
    assert "80 %" in mix.percent.text()
    assert free.document.undo.count() == 2
    settled(free, qtbot)
    assert session.painted[-1].appearance == free.document.look
    free.actions_by_name["undo"].trigger()
    assert free.document.look.t == 0.5 and mix.share.value() == 50


def test_a_mix_begins_with_the_look_that_is_there(free, qtbot, other):
    thrown = throw(free, qtbot)
    press(free, qtbot, "mix")
    free.workspace.side.look.mix.second.choices["photo"].trigger()
    qtbot.waitUntil(lambda: isinstance(free.document.look, Mix))
    assert free.document.look.a == thrown
    assert free.workspace.side.look.mix.second.text() == "dancer"
    assert not free.workspace.side.look.mix.second.icon().isNull()


def test_regions_take_their_looks_from_different_places(free, qtbot, other):
    press(free, qtbot, "parts")
    sources = free.workspace.side.look.parts.sources
    assert list(sources) == ["head", "torso", "arms", "legs", "feet"]
    sources["legs"].choices["photo"].trigger()
    qtbot.waitUntil(lambda: isinstance(free.document.look, Parts))
    sources["head"].choices["dice"].trigger()
    look = free.document.look
    assert look.default == free.document.own
    assert [name for name, _ in look.regions] == ["head", "legs"]
    assert sources["legs"].text() == "dancer" and sources["feet"].text() == "As a whole"
    sources["head"].choices["own"].trigger()
    sources["legs"].choices["own"].trigger()
    assert free.document.look is None
    assert free.document.undo.count() == 4


def test_own_parts_of_a_mix_follow_the_skeleton_of_the_photo(free, qtbot, session):
    press(free, qtbot, "mix")
    free.workspace.side.look.mix.second.choices["dice"].trigger()
    free.actions_by_name["fit_skeleton"].trigger()
    free.document.select(frozenset({0}))
    free.workspace.pose_editor.nudge(5, 0)
    settled(free, qtbot)
    assert session.painted[-1].appearance.a.shape == free.document.source


def test_export_uses_the_painter_and_the_look(free, qtbot, session, monkeypatch, tmp_path):
    target = tmp_path / "out.png"
    monkeypatch.setattr(dialogs, "picture_to_save", lambda *_: (target, Scene.photo, False))
    thrown = throw(free, qtbot)
    free.actions_by_name["export_picture"].trigger()
    qtbot.waitUntil(lambda: target.exists() and "out.png" in free.notice.text.text())
    exported = [r for r in session.painted if r.longest is None]
    assert [(r.model, r.appearance) for r in exported] == [("free", thrown)]


def test_every_painter_paints_the_same_side_by_side(opened, qtbot, session):
    session.painted.clear()
    opened.actions_by_name["compare_painters"].trigger()
    dialog = opened.findChild(PaintersDialog)
    qtbot.waitUntil(lambda: dialog.progress.value() == 4)
    assert [c.title.text() for c in dialog.choices] == ["Follows joints", "Invents looks"]
    assert [c.caption.text() for c in dialog.choices] == ["42 ms", "42 ms"]
    assert all(not c.picture.pixmap().isNull() for c in dialog.choices)
    assert [r.model for r in session.painted] == ["people", "people", "free", "free"]
    assert {r.shape for r in session.painted} == {opened.document.pose}
    assert not dialog.choices[0].button.isEnabled()
    qtbot.mouseClick(dialog.choices[1].button, LEFT)
    assert opened.document.model == "free"
    assert opened.document.undo.count() == 1


def test_painters_that_cannot_take_the_look_are_not_compared(free, qtbot):
    throw(free, qtbot)
    free.actions_by_name["compare_painters"].trigger()
    dialog = free.findChild(PaintersDialog)
    assert [c.title.text() for c in dialog.choices] == ["Invents looks"]
    dialog.reject()


def test_escape_calls_the_comparison_off(opened, qtbot, session):
    session.painted.clear()
    session.gate.clear()
    opened.actions_by_name["compare_painters"].trigger()
    dialog = opened.findChild(PaintersDialog)
    assert session.begun.acquire(timeout=5)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    session.gate.set()
    QTest.qWait(150)
    assert len(session.painted) <= 1  # a preview that has begun is let finish
    assert opened.document.state is PictureState.current


def test_a_painter_that_fails_says_so_in_its_place(opened, qtbot, session):
    session.failing = "The left hip is missing; place it."
    opened.actions_by_name["compare_painters"].trigger()
    dialog = opened.findChild(PaintersDialog)
    qtbot.waitUntil(lambda: dialog.progress.value() == 4)
    assert all("left hip" in c.picture.text() for c in dialog.choices)


def test_more_looks_come_one_after_the_other_and_one_is_taken(free, qtbot, session):
    session.painted.clear()
    free.actions_by_name["more_looks"].trigger()
    dialog = free.findChild(LooksDialog)
    qtbot.waitUntil(lambda: dialog.progress.value() == 8)
    assert [r.appearance.seed for r in session.painted] == dialog.seeds
    assert len(set(dialog.seeds)) == 8
    qtbot.mouseClick(dialog.choices[4].button, LEFT)
    assert free.document.look == Sampled(dialog.seeds[4], free.document.pose)
    assert free.document.undo.count() == 1
    settled(free, qtbot)
    assert session.painted[-1].appearance == free.document.look


def test_closing_more_looks_early_paints_what_the_document_wants(free, qtbot, session):
    session.gate.clear()
    thrown = throw(free, qtbot)
    free.actions_by_name["more_looks"].trigger()
    dialog = free.findChild(LooksDialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    session.gate.set()
    settled(free, qtbot)
    assert session.painted[-1].appearance == thrown


def test_throwing_others_while_painting_leaves_the_first_ones(free, qtbot, session):
    session.gate.clear()
    free.actions_by_name["more_looks"].trigger()
    dialog = free.findChild(LooksDialog)
    first = list(dialog.seeds)
    qtbot.mouseClick(dialog.again, LEFT)
    session.gate.set()
    qtbot.waitUntil(lambda: dialog.progress.value() == 8)
    assert not set(first) & set(dialog.seeds)
    painted = [r.appearance.seed for r in session.painted if isinstance(r.appearance, Sampled)]
    assert painted[-8:] == dialog.seeds
    assert all(not c.picture.pixmap().isNull() for c in dialog.choices)
    dialog.reject()


def test_nothing_is_cut_off_in_the_panel(free, qtbot, tmp_path, monkeypatch):
    path = tmp_path / "a-photo-with-a-name-that-is-much-too-long-for-the-panel.png"
    save_png_of(np.full((260, 180, 3), 90, np.uint8), path)
    monkeypatch.setattr(dialogs, "photo_to_open", lambda *_: path)
    free.workspace.side.look.mix.second.choices["photo"].trigger()
    qtbot.waitUntil(lambda: isinstance(free.document.look, Mix))
    for kind in visible_kinds(free):
        free.workspace.side.look.show_kind(kind)
        QApplication.processEvents()
        seen = [w for w in free.workspace.side.look.findChildren(QWidget) if w.isVisible()]
        rights = [w.mapTo(free.workspace.side, QPoint(w.width(), 0)).x() for w in seen]
        assert max(rights) <= free.workspace.side.width() - 12, kind
    assert free.workspace.side.look.mix.second.toolTip() == path.stem


def test_a_late_picture_of_a_choice_never_becomes_the_document_s(free, qtbot, session):
    before = free.document.picture
    free.actions_by_name["more_looks"].trigger()
    dialog = free.findChild(LooksDialog)
    first = dialog.batch
    qtbot.mouseClick(dialog.again, LEFT)
    late = Painted(first.requests[0], Picture(np.zeros((300, 200, 3), np.uint8)), 0.1)
    free.bridge.answered.emit(late)
    assert free.document.picture is before
    dialog.reject()
