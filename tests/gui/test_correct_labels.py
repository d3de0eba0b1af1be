"""Label maps of training data are put right by hand: painted over the photo, saved, kept safe."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from studio.training import asking
from tests.gui.correcting import LEFT, LONG, answer_of, drag, opened, turn
from tests.unit.data_folders import cityscapes, pix2pixhd


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    """Commands of a test need not step back for its window."""
    monkeypatch.setattr(asking, "step_back", lambda pid: None)


@pytest.fixture
def folder(tmp_path):
    return pix2pixhd(tmp_path / "street", {"train": 3, "val": 1})


@pytest.fixture
def tab(window, qtbot, folder):
    window.services.scene_options.set("brush", 10)
    return opened(window, qtbot, folder)


def labels_in(tab):
    return np.array(Image.open(tab.item.labels))


def label(tab, name):
    return tab.pane.board.choice.label_set.named(name).id


def paint(tab, name, start, end):
    tab.pane.board.choice.choose(label(tab, name))
    drag(tab.pane, start, end)


def said(window):
    return [message.text for message in window.notice.history]


def test_labels_are_painted_at_the_pixels_of_the_file(tab, window):
    before = labels_in(tab)
    assert np.array_equal(tab.document.scene.labels, before)
    assert tab.document.reference is not None  # the photo lies under the labels
    paint(tab, "sky", (10, 40), (30, 40))
    after = tab.document.scene.labels
    assert (after[38:42, 10:30] == label(tab, "sky")).all()
    assert np.array_equal(after[60:], before[60:])
    assert tab.dirty and np.array_equal(labels_in(tab), before)  # nothing is written yet
    window.actions_by_name["undo"].trigger()
    assert np.array_equal(tab.document.scene.labels, before) and not tab.dirty


def test_the_photo_shows_through_as_strongly_as_is_wished(tab, window):
    grab = lambda: tab.pane.grab().toImage().pixelColor(tab.pane.rect().center())  # noqa: E731
    seen = {}
    for opacity in (1.0, 0.5, 0.0):
        window.services.scene_options.set("opacity", opacity)
        seen[opacity] = np.array(grab().getRgb()[:3], float)
    middle = (seen[1.0] + seen[0.0]) / 2
    assert not np.allclose(seen[1.0], seen[0.0], atol=8)
    assert seen[0.5] == pytest.approx(middle, abs=3)
    window.services.scene_options.set("opacity", 1.0)
    QTest.keyPress(tab.pane, Qt.Key.Key_Backslash)
    assert np.array(grab().getRgb()[:3], float) == pytest.approx(seen[0.0], abs=1)
    QTest.keyRelease(tab.pane, Qt.Key.Key_Backslash)
    assert np.array(grab().getRgb()[:3], float) == pytest.approx(seen[1.0], abs=1)


def test_no_painter_is_asked(tab, session, qtbot):
    paint(tab, "sky", (10, 40), (30, 40))
    turn(tab, qtbot)
    assert session.painted == []


def test_the_next_photo_keeps_label_and_corrections(tab, qtbot):
    paint(tab, "sky", (10, 40), (30, 40))
    first, painted = tab.item.id, tab.document.scene
    tab.pane.board.choice.lock(label(tab, "road"), True)
    turn(tab, qtbot)
    assert tab.pane.board.choice.label == label(tab, "sky")
    assert label(tab, "road") in tab.pane.board.choice.locked
    assert not tab.document.undo.canUndo() and tab.keeping.corrected == {first}
    turn(tab, qtbot, Qt.Key.Key_PageUp)
    assert tab.document.scene == painted and tab.document.undo.canUndo()


def test_labels_and_objects_are_written_into_the_files(tab, window, qtbot, folder):
    others = {p: p.read_bytes() for p in folder.rglob("*.png") if p.stem not in tab.item.labels}
    old = labels_in(tab)
    paint(tab, "car", (20, 50), (34, 50))
    assert len(tab.document.scene.instances) > 0
    qtbot.keyClick(tab.pane, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not tab.dirty, timeout=LONG)
    new = labels_in(tab)
    assert (new[48:52, 20:34] == label(tab, "car")).all()
    assert np.array_equal(new[60:], old[60:])
    instances = np.array(Image.open(tab.item.objects))
    assert (instances[48:52, 20:34] // 1000 == label(tab, "car")).all()
    assert {p: p.read_bytes() for p in others} == others
    assert any("originals are kept" in text or "original is kept" in text for text in said(window))
    again = answer_of(folder)  # it is read back as it was painted
    assert next(x for x in again.items if x.id == tab.item.id).problems == ()


def test_cityscapes_trees_are_corrected_too(window, qtbot, tmp_path):
    folder = cityscapes(tmp_path / "city", {"train": 2, "val": 1})
    window.services.scene_options.set("brush", 10)
    tab = opened(window, qtbot, folder)
    paint(tab, "sky", (10, 40), (30, 40))
    tab.save()
    qtbot.waitUntil(lambda: not tab.dirty, timeout=LONG)
    assert (labels_in(tab)[38:42, 10:30] == label(tab, "sky")).all()


def test_drafts_of_labels_come_back(tab, window, qtbot, folder):
    paint(tab, "sky", (10, 40), (30, 40))
    painted = tab.document.scene
    qtbot.waitUntil(lambda: tab.keeping.draft.path.exists())
    assert len(json.loads(tab.keeping.draft.path.read_text())["items"]) == 1
    tab.let_go(discard=False)  # it goes as a crash would take it
    window.tabs.bar.removeTab(0)
    again = opened(window, qtbot, folder)
    assert again is not tab and again.dirty
    assert np.array_equal(again.document.scene.labels, painted.labels)


def test_a_label_file_that_is_broken_says_so(window, qtbot, folder):
    answer = answer_of(folder)
    Path(answer.items[0].labels).write_bytes(b"no picture")
    window.training.correct(answer, ())
    tab = window.workspace
    words = lambda: " ".join(x.text() for x in tab.side.photo.findChildren(QLabel))  # noqa: E731
    qtbot.waitUntil(lambda: "is not an image" in words())
    assert tab.pane is None and not tab.side.labels.isEnabled()
    turn(tab, qtbot)
    assert tab.pane is not None and tab.side.labels.isEnabled()


def test_a_click_in_the_palette_chooses_what_is_painted(tab):
    view = tab.side.labels.view
    index = tab.side.labels.rows.index(3, 0)
    view.scrollTo(index)
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(index).center())
    chosen = tab.pane.board.choice
    assert chosen.label == chosen.label_set.labels[3].id
