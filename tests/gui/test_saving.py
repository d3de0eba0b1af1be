"""Saving off the window's thread: confirmed, in order, elsewhere if need be, one at a time."""

import ctypes
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine import registry
from engine.perception.base import Reading
from engine.shapes.body import default_pose
from engine.weights import load
from studio.document import Origin
from studio.editors.pose.document import PoseDocument
from studio.journal_recovery import AUTOSAVE, recoverable, restore
from studio.project import read_project
from studio.project_documents import document_of
from studio.project_state import View
from studio.saving import UNSAVED, ProjectReader, Saver
from tests.unit.people import drawn_person

SIZE = (120, 180)


def document_on(photo_size=SIZE):
    photo, mask, _ = drawn_person(photo_size)
    reading = Reading(photo, default_pose(photo_size), mask, (1.0,) * 18, True)
    return PoseDocument(reading, Origin("walker"))


@pytest.fixture
def document(qtbot):
    made = document_on()
    yield made
    made.deleteLater()


class Told:
    """What a saver said, in order."""

    def __init__(self, saver):
        self.saved, self.failed, self.dirty, self.warned, self.threads = [], [], [], [], set()
        saver.saved.connect(self.saved.append)
        saver.saved.connect(lambda _: self.threads.add(threading.current_thread()))
        saver.failed.connect(lambda *args: self.failed.append(args))
        saver.failed.connect(lambda *_: self.threads.add(threading.current_thread()))
        saver.dirty_changed.connect(self.dirty.append)
        saver.warned.connect(self.warned.append)


@pytest.fixture
def saver(document, tmp_path):
    made = Saver(document, root=tmp_path / "journals", view=lambda: View("wipe", 2.0))
    yield made
    made.close(discard=True)
    assert not [t for t in threading.enumerate() if t.name.startswith("guise-")]


@pytest.fixture
def told(saver):
    return Told(saver)


def move(document, x):
    document.change(document.pose.moved(left_wrist=(x, 40.0)), "Move")


def test_dirty_until_it_is_confirmed(saver, told, document, tmp_path, qtbot):
    path = tmp_path / "runner.guise"
    assert not saver.dirty
    move(document, 70)
    saver.save_as(path)
    assert saver.dirty and told.saved == []
    qtbot.waitUntil(lambda: bool(told.saved))
    assert told.saved == [path] and not saver.dirty and told.dirty == [True, False]
    assert told.threads == {threading.main_thread()}
    state = read_project(path)
    assert (state.wanted, state.reading) == (document.wanted, document.reading)
    assert (state.name, document.origin.name, state.view) == ("runner", "runner", View("wipe", 2.0))
    move(document, 71)
    assert saver.dirty
    document.undo.undo()
    assert not saver.dirty
    document.undo.redo()
    saver.save()
    qtbot.waitUntil(lambda: not saver.dirty)
    assert read_project(path).wanted == document.wanted


def test_the_project_names_its_painter(saver, told, document, tmp_path, qtbot):
    saver.save_as(tmp_path / "a.guise")
    saver.wait()
    note = read_project(tmp_path / "a.guise").painter
    model = next(m for m in registry.catalogue() if m.card.id == document.model)
    assert note.weights == load(model.path).digest
    assert (note.title, note.terms) == (model.card.title, model.card.terms)


def test_what_changes_while_it_is_written_is_dirty_still(saver, told, document, tmp_path, qtbot):
    gate = threading.Event()
    saver._lane.run("gate", gate.wait)
    move(document, 70)
    saver.save_as(tmp_path / "a.guise")
    move(document, 71)
    gate.set()
    qtbot.waitUntil(lambda: bool(told.saved))
    assert saver.dirty
    assert read_project(tmp_path / "a.guise").wanted.pose["left_wrist"] == (70.0, 40.0)


def test_the_latest_state_wins_and_other_paths_keep_theirs(saver, told, document, tmp_path, qtbot):
    gate = threading.Event()
    saver._lane.run("gate", gate.wait)
    a, b = tmp_path / "a.guise", tmp_path / "b.guise"
    for x, path in ((70, a), (71, b), (72, a), (73, a)):
        move(document, x)
        saver.save_as(path)
    gate.set()
    saver.wait()
    assert told.saved == [b, a] and not saver.dirty and saver.path == a
    assert read_project(a).wanted.pose["left_wrist"] == (73.0, 40.0)
    assert read_project(b).wanted.pose["left_wrist"] == (71.0, 40.0)


def test_a_folder_that_vanished_is_told_and_the_work_is_elsewhere(
    saver, told, document, tmp_path, qtbot
):
    move(document, 70)
    saver.save_as(tmp_path / "gone" / "runner.guise")
    qtbot.waitUntil(lambda: bool(told.failed))
    sentence, fallback = told.failed[0]
    assert "no such file or directory" in sentence and str(fallback) in sentence
    assert fallback.parent == tmp_path / UNSAVED
    assert read_project(fallback).wanted == document.wanted
    assert saver.dirty and saver.path is None and told.saved == []
    (tmp_path / "gone").mkdir()
    saver.save_as(tmp_path / "gone" / "runner.guise")
    qtbot.waitUntil(lambda: bool(told.saved))
    assert not saver.dirty


def test_a_failed_save_keeps_the_old_project(saver, told, document, tmp_path, qtbot):
    path = tmp_path / "kept.guise"
    saver.save_as(path)
    saver.wait()
    before = path.read_bytes()
    path.chmod(0o444)
    move(document, 70)
    saver.save()
    qtbot.waitUntil(lambda: bool(told.failed))
    assert "write-protected" in told.failed[0][0] and path.read_bytes() == before
    assert saver.dirty and saver.path == path


def test_another_window_has_the_project(saver, told, document, tmp_path, qtbot):
    path = tmp_path / "mine.guise"
    move(document, 70)
    saver.save_as(path)
    saver.wait()
    second = Saver(document_on(), path, root=tmp_path / "others")
    assert "mine.guise is being edited in another window" in second.warning
    assert second.path is None
    heard = Told(second)
    second.save_as(path)
    assert "another window" in heard.failed[0][0] and heard.failed[0][1] is None
    second.save_as(tmp_path / "copy.guise")
    qtbot.waitUntil(lambda: bool(heard.saved))
    assert second.path == tmp_path / "copy.guise" and second.warning == ""
    second.close()
    assert read_project(path).wanted == document.wanted
    saver.close()
    third = Saver(document_on(), path, root=tmp_path / "others")
    assert third.path == path and not third.warning
    third.close()
    assert not list(tmp_path.glob(".*.lock"))


def test_another_program_has_the_project(document, tmp_path, qtbot):
    path = tmp_path / "mine.guise"
    script = (
        "import sys; from pathlib import Path; from studio.saving_lock import claim\n"
        "held = claim(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdout.readline() == b"held\n"
    saver = Saver(document, path, root=tmp_path / "journals")
    assert f", {other.pid})" in saver.warning and saver.path is None
    saver.close()
    other.kill()
    other.wait()
    saver = Saver(document, path, root=tmp_path / "journals")
    assert saver.path == path and not saver.warning
    saver.close()


def test_autosave_keeps_unsaved_work_beside_the_journal(saver, document, tmp_path, qtbot):
    saver.autosave()
    saver.wait()
    kept = saver.journal.folder / AUTOSAVE
    assert not kept.exists()
    move(document, 70)
    saver.set_autosave(0)
    qtbot.waitUntil(kept.exists)
    assert read_project(kept).wanted == document.wanted


def test_work_is_offered_after_a_crash_and_not_after_a_save(saver, document, tmp_path, qtbot):
    root = tmp_path / "journals"
    move(document, 70)
    saver.save_as(tmp_path / "a.guise")
    saver.close()
    assert recoverable(root) == []
    again = Saver(document, tmp_path / "a.guise", root=root)
    move(document, 71)
    again.close()
    (recovery,) = recoverable(root)
    assert recovery.path == tmp_path / "a.guise"
    assert restore(recovery).wanted == document.wanted


def test_recovered_work_is_dirty_until_it_is_saved(document, tmp_path, qtbot):
    root = tmp_path / "journals"
    first = Saver(document, tmp_path / "a.guise", root=root)
    move(document, 70)
    first.close()
    (recovery,) = recoverable(root)
    restored = document_of(restore(recovery), recovery.path)
    saver = Saver(restored, recovery.path, recovered=recovery, root=root)
    assert saver.dirty and saver.path == tmp_path / "a.guise"
    saver.journal._lane.wait()
    assert [saver.journal.folder] == list(root.iterdir())
    saver.close()  # it was not saved, so it is offered again
    (recovery,) = recoverable(root)
    again = document_of(restore(recovery), recovery.path)
    assert again.wanted == document.wanted
    saver = Saver(again, recovery.path, recovered=recovery, root=root)
    saver.save()
    saver.wait()
    assert not saver.dirty
    saver.close()
    assert list(root.iterdir()) == []
    for made in (restored, again):
        made.deleteLater()


def test_thrown_away_work_is_gone(document, tmp_path, qtbot):
    saver = Saver(document, root=tmp_path / "journals")
    move(document, 70)
    saver.close(discard=True)
    assert recoverable(tmp_path / "journals") == []


def test_projects_are_read_away_from_the_window(saver, document, tmp_path, qtbot):
    path = tmp_path / "a.guise"
    document.set_fitting(True)
    move(document, 70)
    document.select(frozenset({2}))
    document.lock(frozenset({9}))
    saver.save_as(path)
    saver.wait()
    reader = ProjectReader()
    with qtbot.waitSignal(reader.opened) as caught:
        reader.open(path)
    opened, state = caught.args
    assert opened.wanted == document.wanted and opened.fitting
    assert (opened.selected, opened.locked) == (frozenset({2}), frozenset({9}))
    assert (opened.origin, opened.undo.count()) == (Origin("a", path), 0)
    assert state.view == View("wipe", 2.0)
    with qtbot.waitSignal(reader.failed) as refused:
        reader.open(tmp_path / "gone.guise")
    assert "no such file" in refused.args[0]
    opened.deleteLater()


# What only another process can have: a full disk, a read-only folder

_SCRIPT = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from studio.saving import Saver
from tests.gui.test_saving import document_on, move
app = QApplication([])
document = document_on((600, 900))
saver = Saver(document, root=Path(sys.argv[2]))
saver.failed.connect(lambda text, fallback: print("FAILED", text, "|", fallback))
saver.warned.connect(lambda text: print("WARNED", text))
saver.saved.connect(lambda path: print("SAVED", path))
move(document, 70)
saver.save_as(Path(sys.argv[1]))
saver.close()
app.processEvents()
print("DIRTY", saver.dirty)
"""


def saved_by_another(path, root, before):
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(path), str(root)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), "TMPDIR": str(root)},
        preexec_fn=before,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def obey_permissions():
    """Even as root: what the process starts next may not override permissions."""
    drop_from_bounding_set, override_permissions = 24, 1
    ctypes.CDLL(None).prctl(drop_from_bounding_set, override_permissions, 0, 0, 0)


def test_a_full_disk_costs_nothing_that_was_there(tmp_path):
    path = tmp_path / "a.guise"
    path.write_bytes(b"the old project")
    limit = (5_000, 5_000)
    said = saved_by_another(
        path, tmp_path / "j", lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    )
    assert f"FAILED {path} cannot be written (file too large); choose another place." in said
    assert "WARNED The recovery journal could not be written" in said
    assert said.count("file too large") == 2
    assert "| None" in said and "DIRTY True" in said and "SAVED" not in said
    assert path.read_bytes() == b"the old project"
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".tmp"] == []


def test_a_read_only_folder_is_told_and_the_work_is_elsewhere(tmp_path):
    folder, state = tmp_path / "shared", tmp_path / "state"
    folder.mkdir()
    folder.chmod(0o555)
    said = saved_by_another(folder / "a.guise", state / "journals", obey_permissions)
    assert "cannot be written (permission denied)" in said and "DIRTY True" in said
    (fallback,) = (state / UNSAVED).glob("*.guise")
    assert str(fallback) in said
    assert read_project(fallback).wanted.pose["left_wrist"] == (70.0, 40.0)
