"""People in training photos are put right by hand: joints, masks, photo after photo, saved."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from engine.errors import InputError
from engine.shapes.pose import INDEX, LIMBS, Presence
from studio.dialogs import LeaveDialog
from studio.editors.annotation.pane import TINT
from studio.panels.findings import Finding
from studio.training import asking
from studio.training.annotations_draft import FILE, Draft
from tests.gui.correcting import LEFT, LONG, PLAIN, answer_of, drag, opened, press, turn
from tests.unit.data_folders import SIZE, coco, posegan

WRIST, KNEE = INDEX["left_wrist"], INDEX["right_knee"]
OUTSIDE = 2
"""The photo of the table with a joint outside."""
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    """Commands of a test need not step back for its window."""
    monkeypatch.setattr(asking, "step_back", lambda pid: None)


@pytest.fixture
def folder(tmp_path):
    """Four people; of the third the left wrist lies outside of the photo."""
    made = coco(tmp_path / "people", {"train": 3, "val": 1})
    path = made / "person_keypoints_train.json"
    table = json.loads(path.read_text())
    table["annotations"][OUTSIDE]["keypoints"][9 * 3] = SIZE[0] + 30.0
    path.write_text(json.dumps(table))
    return made


@pytest.fixture
def tab(window, qtbot, folder):
    return opened(window, qtbot, folder)


def place(tab, joint):
    return tuple(tab.document.edited.xy[joint])


def keypoints(folder, n, split="train"):
    table = json.loads((folder / f"person_keypoints_{split}.json").read_text())
    return np.array(table["annotations"][n]["keypoints"]).reshape(17, 3)


def mask_of(folder, n):
    return cv2.imread(str(folder / "masks" / f"{n}.png"), cv2.IMREAD_GRAYSCALE)


def said(window):
    return [message.text for message in window.notice.history]


def clicked(button):
    assert button.isVisible() and button.isEnabled()
    QTest.mouseClick(button, LEFT)


# From the check to the photo


def test_the_check_leads_to_the_photo_of_a_problem_and_back(window, qtbot, folder):
    window.training.begin()
    window.actions_by_name["show_training"].trigger()
    data = window.training.dialog.setup.data
    data.open_folder(folder)
    qtbot.waitUntil(lambda: data.check is not None, timeout=LONG)
    assert data.correct.isVisible()
    row = next(one for one in data.findChildren(Finding) if "2.png" in one.toolTip())
    QTest.mouseDClick(row, LEFT)
    qtbot.waitUntil(lambda: window.workspace is not None, timeout=LONG)
    tab = window.workspace
    qtbot.waitUntil(lambda: tab.loaded, timeout=LONG)
    assert not window.training.dialog.isVisible()
    assert tab.item.id == "train/2.png" and tab.strip.progress.text() == "1 of 4"
    shown = [label.text() for label in tab.side.photo.findChildren(QLabel)]
    assert "Left wrist lies outside of the photo." in shown
    qtbot.keyClick(tab.pane, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: tab.loaded)
    window.actions_by_name["back_to_training"].trigger()
    assert window.training.dialog.isVisible()
    data.correct_annotations(("1.png",))
    qtbot.waitUntil(lambda: tab.item.id == "train/1.png", timeout=LONG)
    assert window.tabs.workspaces == [tab]  # a folder has one tab


def test_only_folders_with_something_to_correct_offer_it(window, qtbot, tmp_path):
    (tmp_path / "empty").mkdir()
    window.actions_by_name["show_training"].trigger()
    data = window.training.dialog.setup.data
    data.open_folder(tmp_path / "empty")
    qtbot.waitUntil(lambda: data.check is not None, timeout=LONG)
    assert not data.correct.isVisible()


# Joints


def test_a_joint_is_dragged_undone_and_done_again(tab, window):
    tab.next_photo()
    start = place(tab, KNEE)
    end = (start[0] + 9, start[1] - 6)
    drag(tab.pane, start, end)
    assert place(tab, KNEE) == pytest.approx(end, abs=0.6)
    assert tab.document.undo.count() == 1 and tab.dirty and window.isWindowModified()
    window.actions_by_name["undo"].trigger()
    assert place(tab, KNEE) == start and not tab.dirty
    window.actions_by_name["redo"].trigger()
    assert place(tab, KNEE) == pytest.approx(end, abs=0.6)


def test_a_joint_cannot_be_dragged_out_of_the_photo(tab):
    tab.next_photo()
    drag(tab.pane, place(tab, KNEE), (-20, 60))
    assert place(tab, KNEE)[0] == 0


def test_arrows_nudge_by_one_or_ten_pixels(tab, qtbot):
    tab.next_photo()
    x, y = place(tab, KNEE)
    tab.document.select(frozenset({KNEE}))
    qtbot.keyClick(tab.pane, Qt.Key.Key_Right)
    qtbot.keyClick(tab.pane, Qt.Key.Key_Up, SHIFT)
    assert place(tab, KNEE) == (x + 1, y - 10)


def test_delete_means_not_seen_and_a_click_places_it_again(tab, qtbot, window):
    tab.next_photo()
    drag(tab.pane, place(tab, WRIST), place(tab, WRIST))
    qtbot.keyClick(tab.pane, Qt.Key.Key_Delete)
    assert tab.document.edited.presence[WRIST] == Presence.missing and not tab.document.selected
    press(tab.pane, Qt.Key.Key_Tab)
    assert tab.document.selected == {WRIST + 1}  # on from there
    tree = tab.side.joints
    row = tree._joints.index_of(WRIST)
    tree.scrollTo(row)
    QTest.mouseClick(tree.viewport(), LEFT, PLAIN, tree.visualRect(row).center())
    assert tab.document.selected == {WRIST} and "Click where" in window.status.hint.text()
    drag(tab.pane, (50, 30), (52, 34))
    assert tab.document.edited.presence[WRIST] == Presence.seen
    assert place(tab, WRIST) == pytest.approx((52, 34), abs=0.6)
    assert tab.document.undo.count() == 2  # removed, placed


def test_tab_goes_from_joint_to_joint_over_missing_ones(tab):
    tab.next_photo()
    tab.pane.setFocus()
    seen = []
    for _ in range(18):
        assert press(tab.pane, Qt.Key.Key_Tab)  # before the window's own Tab
        seen += tab.document.selected
    assert seen[0] == INDEX["nose"] and len(set(seen)) == 17 and INDEX["neck"] not in seen
    press(tab.pane, Qt.Key.Key_Backtab, SHIFT)
    assert tab.document.selected == {seen[-2]}
    assert tab.strip.isVisible()  # no panel was hidden


def test_the_neck_follows_the_shoulders_where_the_layout_has_no_place_for_it(tab):
    tab.next_photo()
    left, right = INDEX["left_shoulder"], INDEX["right_shoulder"]
    drag(tab.pane, place(tab, left), (45, 50))
    middle = (np.array(place(tab, left)) + place(tab, right)) / 2
    assert place(tab, INDEX["neck"]) == pytest.approx(tuple(middle))


def test_a_joint_outside_is_fetched_with_a_click(tab):
    assert tab.item.id == "train/2.png" and place(tab, WRIST)[0] > SIZE[0]
    tab.document.select(frozenset({WRIST}))
    drag(tab.pane, (40, 70), (40, 70))
    assert place(tab, WRIST) == pytest.approx((40, 70), abs=0.6)


def test_left_and_right_are_swapped_of_a_limb_or_of_all(tab, qtbot):
    tab.next_photo()
    before = tab.document.edited
    tab.document.select(frozenset({WRIST}))
    qtbot.keyClick(tab.pane, Qt.Key.Key_S)
    after = tab.document.edited
    assert after["left_wrist"] == before["right_wrist"]
    assert after["right_wrist"] == before["left_wrist"]
    assert after["left_knee"] == before["left_knee"]
    tab.document.undo.undo()
    tab.document.select(frozenset())
    qtbot.keyClick(tab.pane, Qt.Key.Key_S)
    assert tab.document.edited["left_knee"] == before["right_knee"]
    assert tab.document.edited["nose"] == before["nose"]


# The mask


def test_the_mask_is_painted_and_erased(tab, qtbot):
    tab.next_photo()
    before = tab.document.shown_mask.pixels
    qtbot.keyClick(tab.pane, Qt.Key.Key_B)
    assert tab.side.masking.brushes.isVisible()
    tab.services.brush_options.set_size(6)
    drag(tab.pane, (4, 120), (14, 120))
    painted = tab.document.shown_mask.pixels
    assert (before[118:122, 5:13] == 0).all() and (painted[118:122, 5:13] == 255).all()
    assert np.array_equal(painted[:100], before[:100])
    drag(tab.pane, (4, 120), (14, 120), ALT)
    assert (tab.document.shown_mask.pixels[118:122, 5:13] == 0).all()
    assert tab.document.undo.count() == 2
    qtbot.keyClick(tab.pane, Qt.Key.Key_Escape)
    assert not tab.side.masking.brushes.isVisible()
    clicked(tab.side.photo.revert)
    assert tab.document.shown_mask.pixels is before or not tab.dirty


def test_the_mask_is_seen_on_the_photo_and_hidden_on_demand(tab, window, qtbot):
    tab.next_photo()
    y, x = _between_bones(tab) + 0.5
    at = tab.pane.view.to_pane(x, y).toPoint()

    def seen():
        return np.array(tab.pane.grab().toImage().pixelColor(at).getRgb()[:3], float)

    shown = seen()
    window.actions_by_name["show_mask"].trigger()
    mixed = seen() * 0.55 + np.array(TINT.getRgb()[:3]) * 0.45
    assert shown == pytest.approx(mixed, abs=4) and not np.allclose(shown, seen(), atol=10)


def _between_bones(tab):
    """Row and column of a pixel of the person, away from the skeleton that is drawn over it."""
    mask, pose = tab.document.shown_mask.pixels, tab.document.edited
    lines = np.full(mask.shape, 255, np.uint8)
    for a, b in LIMBS:
        ends = (tuple(int(v) for v in pose[name]) for name in (a, b))
        cv2.line(lines, *ends, 0, 1)
    away = cv2.distanceTransform(lines, cv2.DIST_L2, 3) * (mask == 255)
    return np.array(np.unravel_index(away.argmax(), away.shape))


# Photo after photo


def test_the_next_photo_keeps_what_was_done_to_the_one_before(tab, qtbot):
    turn(tab, qtbot)
    first = tab.item.id
    drag(tab.pane, place(tab, KNEE), (20, 60))
    turn(tab, qtbot)
    assert not tab.document.undo.canUndo()
    turn(tab, qtbot, Qt.Key.Key_PageUp)
    assert tab.item.id == first and place(tab, KNEE) == pytest.approx((20, 60), abs=0.6)
    assert tab.document.undo.canUndo() and tab.keeping.corrected == {first}
    assert tab.strip.save.text() == "Save corrections"


def test_a_click_in_the_row_shows_that_photo(tab, qtbot):
    cells = tab.strip.cells
    index = tab.strip.rows.index(2, 0)
    QTest.mouseClick(cells.viewport(), LEFT, PLAIN, cells.visualRect(index).center())
    assert tab.item.id == "train/1.png" and tab.strip.progress.text() == "3 of 4"


def test_only_photos_with_problems(tab, qtbot):
    assert tab.strip.told.text() == "1 with problems"
    clicked(tab.strip.only)
    assert tab.strip.rows.rowCount() == 1 and tab.strip.progress.text() == "1 of 1"
    qtbot.keyClick(tab.pane, Qt.Key.Key_PageDown)
    assert tab.item.id == "train/2.png"


def test_small_pictures_come_by_themselves(tab, qtbot):
    pictures = tab.photos.pictures
    paths = [item.photo for item in tab.answer.items]
    qtbot.waitUntil(lambda: all(pictures.of(path) is not None for path in paths))
    assert not pictures.of(paths[0]).isNull()


def test_a_photo_that_cannot_be_read_says_so_and_the_others_go_on(window, qtbot, folder):
    answer = answer_of(folder)
    (folder / "photos" / "2.png").write_bytes(b"no picture")
    window.training.correct(answer, ())
    tab = window.workspace
    words = lambda: " ".join(x.text() for x in tab.side.photo.findChildren(QLabel))  # noqa: E731
    qtbot.waitUntil(lambda: "is not an image" in words())
    assert not tab.loaded and not window.actions_by_name["find_again"].isEnabled()
    drag(tab.pane, (10, 10), (20, 20))  # nothing is there to be dragged
    turn(tab, qtbot)
    assert tab.item.id == "train/0.png"


def test_what_the_reader_finds_is_taken_over_in_one_step(tab, qtbot, session):
    tab.next_photo()
    joints, mask = tab.document.edited, tab.document.shown_mask
    clicked(tab.side.photo.search)
    qtbot.waitUntil(lambda: tab.document.undo.count() == 1)
    found = session.read(tab._photo, lambda: False)
    assert tab.document.edited["left_knee"] == found.pose["left_knee"]
    assert tab.document.shown_mask == found.mask
    tab.document.undo.undo()
    assert tab.document.edited == joints and tab.document.shown_mask == mask


# Saving


def test_corrections_are_written_into_the_layout_and_nothing_else(tab, window, qtbot, folder):
    untouched = keypoints(folder, 1)
    tab.document.select(frozenset({WRIST}))
    drag(tab.pane, (40, 70), (40, 70))
    turn(tab, qtbot)
    qtbot.keyClick(tab.pane, Qt.Key.Key_B)
    tab.services.brush_options.set_size(6)
    drag(tab.pane, (4, 120), (14, 120))
    qtbot.keyClick(tab.pane, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not tab.dirty, timeout=LONG)
    assert keypoints(folder, OUTSIDE)[9, :2] == pytest.approx((40, 70), abs=0.6)
    assert np.array_equal(keypoints(folder, 1), untouched)
    assert (mask_of(folder, 0)[118:122, 5:13] == 255).all()
    assert (folder / "person_keypoints_train.json.orig").exists()
    text = "2 photos corrected in people; the originals are kept as *.orig."
    assert text in said(window) and not window.isWindowModified()
    assert not tab.keeping.draft.path.exists() or not tab.keeping.corrected
    qtbot.waitUntil(lambda: tab.strip.told.text() == "no problems", timeout=LONG)
    tab.document.undo.undo()
    assert tab.dirty  # back to what the folder had is a correction now


def test_after_saving_the_folder_is_checked_again(window, qtbot, folder):
    window.actions_by_name["show_training"].trigger()
    data = window.training.dialog.setup.data
    data.folder = folder  # as if its check had led here
    tab = opened(window, qtbot, folder)
    tab.document.select(frozenset({WRIST}))
    drag(tab.pane, (40, 70), (40, 70))
    clicked(tab.strip.save)
    qtbot.waitUntil(lambda: data.check is not None, timeout=LONG)
    assert not any(problem.kind.startswith("joint") for problem in data.check.problems)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("import sys; sys.exit('guise: The disk is full; make room and save again.')", "disk"),
        ("print('not what was asked for')", "cannot be understood"),
    ],
)
def test_a_command_that_fails_says_why_and_keeps_everything(
    tab, window, qtbot, monkeypatch, folder, script, told
):
    before = keypoints(folder, OUTSIDE)
    monkeypatch.setattr(asking, "program", lambda: [sys.executable, "-c", script])
    tab.document.select(frozenset({WRIST}))
    drag(tab.pane, (40, 70), (40, 70))
    clicked(tab.strip.save)
    qtbot.waitUntil(lambda: any(told in text for text in said(window)), timeout=LONG)
    assert tab.dirty and tab.strip.save.isEnabled() and tab.document.undo.canUndo()
    assert np.array_equal(keypoints(folder, OUTSIDE), before)
    assert tab.keeping.draft.path.exists()


# Leaving, and a crash


def asked(window):
    return next(one for one in window.findChildren(LeaveDialog) if one.isVisible())


def test_unsaved_corrections_are_asked_for_when_the_tab_is_closed(tab, window, qtbot, folder):
    tab.document.select(frozenset({WRIST}))
    drag(tab.pane, (40, 70), (40, 70))
    qtbot.waitUntil(lambda: tab.keeping.draft.path.exists())
    window.close_tab(tab)
    clicked(asked(window).stay_button)
    assert window.tabs.workspaces == [tab] and tab.dirty
    window.close_tab(tab)
    clicked(asked(window).save_button)
    qtbot.waitUntil(lambda: not window.tabs.workspaces, timeout=LONG)
    assert keypoints(folder, OUTSIDE)[9, :2] == pytest.approx((40, 70), abs=0.6)


def test_corrections_that_are_not_wanted_leave_nothing(tab, window, qtbot, folder):
    before, draft = keypoints(folder, OUTSIDE), tab.keeping.draft.folder
    tab.document.select(frozenset({WRIST}))
    drag(tab.pane, (40, 70), (40, 70))
    qtbot.waitUntil(lambda: (draft / FILE).exists())
    window.close_tab(tab)
    clicked(asked(window).leave_button)
    assert not window.tabs.workspaces and not draft.exists()
    assert np.array_equal(keypoints(folder, OUTSIDE), before)


CRASH = """
import os, sys
from pathlib import Path
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
app = QApplication([])
from studio.settings import Settings
from studio.window import Window
from studio.worker import Bridge
from tests.fakes import FakeSession
from tests.gui.correcting import answer_of, drag
window = Window(Bridge(FakeSession), Settings())
window.resize(1200, 760)
window.show()
window.training.correct(answer_of(Path(sys.argv[1])), ())
tab = window.workspace
while not tab.loaded:
    QTest.qWait(10)
tab.document.select(frozenset({7}))
drag(tab.pane, (40, 70), (40, 70))
tab.refine_mask(True)
tab.services.brush_options.set_size(6)
drag(tab.pane, (4, 120), (14, 120))
while not list(tab.keeping.draft.folder.glob("*.png")) or not tab.keeping.draft.path.exists():
    QTest.qWait(10)
os.kill(os.getpid(), 9)
"""


def test_corrections_survive_a_crash(window, qtbot, folder):
    assert subprocess.run([sys.executable, "-c", CRASH, str(folder)]).returncode == -9
    tab = opened(window, qtbot, folder)
    assert tab.dirty and place(tab, WRIST) == pytest.approx((40, 70), abs=0.6)
    assert (tab.document.shown_mask.pixels[118:122, 5:13] == 255).all()
    assert any("not saved yet: 1" in text for text in said(window))
    clicked(tab.strip.save)
    qtbot.waitUntil(lambda: not tab.dirty, timeout=LONG)
    assert keypoints(folder, OUTSIDE)[9, :2] == pytest.approx((40, 70), abs=0.6)
    assert (mask_of(folder, OUTSIDE)[118:122, 5:13] == 255).all()


def test_what_a_crash_left_can_be_thrown_away(window, qtbot, folder):
    subprocess.run([sys.executable, "-c", CRASH, str(folder)])
    tab = opened(window, qtbot, folder)
    window.run("throw_away")
    assert not tab.dirty and place(tab, WRIST)[0] > SIZE[0]
    qtbot.waitUntil(lambda: not tab.keeping.draft.path.exists())


def test_another_window_is_kept_out(tab, window, qtbot, folder):
    other = Draft(tab.keeping.draft.folder.parent, folder)
    with pytest.raises(InputError, match="another window of Guise"):
        other.claim()


def test_layouts_without_masks_say_so(window, qtbot, tmp_path):
    tab = opened(window, qtbot, posegan(tmp_path / "market"))
    assert not tab.side.masking.paint.isVisible()
    assert not window.actions_by_name["refine_mask"].isEnabled()
    assert "keeps no masks" in " ".join(x.text() for x in tab.side.masking.findChildren(QLabel))
    assert "mask" not in window.status.hint.text()
