"""The crash journal: killed programs, torn tails, damaged folders, several programs at once."""

import os
import random
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from engine.appearance import FromPhoto, Sampled
from engine.errors import InputError
from engine.finishing import Finish
from engine.perception.base import Reading
from engine.photo import Photo
from engine.picture import Picture
from engine.request import Painted, Quality, Scene
from engine.shapes.body import default_pose
from studio import journal_file
from studio.document import Origin
from studio.editors.pose.document import PoseDocument
from studio.forms import Moment
from studio.journal import Journal
from studio.journal_file import LOG, JournalFile
from studio.journal_recovery import AUTOSAVE, discard, recoverable, restore
from studio.panels.history_list import History
from studio.panels.strip_keys import KeyPoses
from studio.project import write_project
from studio.project_documents import state_of
from studio.saving_lock import taken
from tests.bench.kills import kill_one
from tests.unit.people import drawn_person

SIZE = (120, 180)


@pytest.fixture
def document(qtbot):
    photo, mask, _ = drawn_person(SIZE)
    reading = Reading(photo, default_pose(SIZE), mask, (1.0,) * 18, True)
    made = PoseDocument(reading, Origin("walker"))
    yield made
    made.deleteLater()


@pytest.fixture
def root(tmp_path):
    return tmp_path / "journals"


@pytest.fixture
def journal(root, qtbot):
    made = Journal(root)
    said = []
    made.failed.connect(said.append)
    yield made
    made.close(clean=True)
    assert not said


def move(document, x):
    document.change(document.pose.moved(left_wrist=(x, 40.0)), "Move")


def crashed(journal):
    """The folder of a journal as a killed program leaves it: the lock there, its owner gone."""
    folder = journal.folder
    journal.close(clean=False)
    return folder


def only(root):
    (recovery,) = recoverable(root)
    return recovery


@pytest.mark.parametrize("number", range(5))
def test_a_killed_studio_loses_at_most_two_seconds(tmp_path, number):
    seconds = random.Random(number).uniform(0, 3)
    kill = kill_one(tmp_path, 300, seconds)
    assert kill.poses > 5 and kill.lost <= 2


def test_everything_comes_back(journal, root, document):
    journal.follow(document, root / "walker.guise")
    document.preview(document.pose.moved(nose=(50.5, 20.25)))
    document.commit("Move")
    document.change_look(FromPhoto(Photo(255 - document.reading.photo.pixels), document.source), "")
    document.request(Quality.full, 180)
    picture = Picture(np.full((180, 120, 3), 9, np.uint8))
    document.take(Painted(document._wanted, picture, 0.5))
    History.of(document).toggle_star(0)
    document.select(frozenset({3, 7}))
    document.lock(frozenset({5}))
    document.paint_mask((10, 20, 30, 25), np.full((5, 20), 77, np.uint8), "Brush")
    document.change_finish(Finish(3.5, 0.25), "Finish")
    document.change_scene(Scene.white, "Scene")
    document.preview(document.pose.moved(nose=(70.125, 33.0)))  # the hand is still down
    wanted = state_of(document)
    crashed(journal)
    recovery = only(root)
    assert (recovery.name, recovery.path) == ("walker", root / "walker.guise")
    assert abs((datetime.now(UTC) - recovery.when).total_seconds()) < 60
    assert recovery.thumbnail == wanted.history[0].thumbnail
    assert restore(recovery) == replace(wanted, thumbnail=restore(recovery).thumbnail)
    assert sum(entry.starred for entry in restore(recovery).history) == 1


def test_a_change_reaches_the_disk_by_itself(journal, root, document, qtbot):
    journal.follow(document)
    move(document, 77.5)
    log = journal.folder / LOG

    def there():
        replay = journal_file.replayed(journal.folder)
        return replay is not None and replay.changed

    qtbot.waitUntil(there, timeout=5000)
    wanted = journal_file.state_in(journal.folder, journal_file.replayed(journal.folder)).wanted
    assert wanted == document.wanted and log.stat().st_size > 0


def test_an_animation_comes_back_too(journal, root, document):
    journal.follow(document)
    keys = KeyPoses.of(document)
    keys.add(document.pose)
    move(document, 70)
    keys.add(document.pose)
    crashed(journal)
    assert restore(only(root)).clip == keys.values() and len(keys.values().keys) == 2


def test_nothing_is_offered_after_a_clean_end_or_without_work(journal, root, document):
    journal.follow(document)
    move(document, 77.5)
    journal.close(clean=True)
    assert recoverable(root) == [] and list(root.iterdir()) == []
    journal.follow(document)
    crashed(journal)
    assert recoverable(root) == [] and list(root.iterdir()) == []


def test_saved_work_is_not_offered_but_what_came_after_is(journal, root, document):
    journal.follow(document)
    move(document, 70)
    journal.begin(root / "saved.guise", changed=False)
    crashed(journal)
    assert recoverable(root) == []
    journal.follow(document)
    journal.begin(root / "saved.guise", changed=False)
    move(document, 71)
    crashed(journal)
    recovery = only(root)
    assert recovery.path == root / "saved.guise"
    assert restore(recovery).wanted.pose["left_wrist"] == (71.0, 40.0)


def test_unsaved_work_of_a_recovery_is_offered_again(journal, root, document):
    journal.follow(document, changed=True)
    crashed(journal)
    assert restore(only(root)).wanted == document.wanted


def test_a_running_program_keeps_its_own(journal, root, document):
    journal.follow(document)
    move(document, 70)
    assert recoverable(root) == []


def test_two_programs_are_not_offered_the_same(journal, root, document):
    journal.follow(document)
    move(document, 70)
    crashed(journal)
    mine = only(root)
    assert recoverable(root) == []
    discard(mine)
    assert list(root.iterdir()) == []


def written(root, states):
    """A journal written at once."""
    file = JournalFile(root / "one")
    (root / "one").mkdir(parents=True)
    file.begin(states[0], None, changed=True)
    for n, state in enumerate(states[1:]):
        file.step(
            1e9 + n,
            Moment(state.wanted, {"fitting": state.fitting, "selected": sorted(state.selected)}),
        )
    file.close()
    return root / "one"


def steps(document, count):
    """States with a wrist at 0, 1, 2, ..."""
    for n in range(count):
        move(document, float(n))
        yield state_of(document)


def test_every_torn_tail_gives_the_last_whole_record(root, document):
    states = list(steps(document, 4))
    folder = written(root, states)
    content = (folder / LOG).read_bytes()
    seen = set()
    for length in range(len(content) - 4500, len(content) + 1, 29):
        (folder / LOG).write_bytes(content[:length])
        replay = journal_file.replayed(folder)
        if replay is not None:
            state = journal_file.state_in(folder, replay)
            assert state.wanted in [s.wanted for s in states]
            seen.add(state.wanted.pose["left_wrist"])
    assert len(seen) >= 2


def test_flipped_bytes_never_crash_and_never_lie(root, document):
    states = list(steps(document, 4))
    folder = written(root, states)
    content, dice = (folder / LOG).read_bytes(), random.Random(3)
    for _ in range(300):
        damaged = bytearray(content)
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        (folder / LOG).write_bytes(damaged)
        replay = journal_file.replayed(folder)
        if replay is not None:
            assert journal_file.state_in(folder, replay).wanted in [s.wanted for s in states]


def test_a_long_session_stays_small_and_whole(root, document, monkeypatch):
    monkeypatch.setattr(journal_file, "COMPACT", 20_000)
    other = FromPhoto(Photo(255 - document.reading.photo.pixels), document.source)
    document.change_look(other, "Look")
    first = state_of(document)
    document.change_look(Sampled(4, document.pose), "Look")
    states = [first, *steps(document, 60)]
    folder = written(root, states)
    assert (folder / LOG).stat().st_size < 25_000
    assert restore(only(root)).wanted == states[-1].wanted
    assert not (folder / f"{other.photo.digest}.npy").exists()


def test_masks_that_nobody_needs_are_swept_away(root, document, monkeypatch):
    monkeypatch.setattr(journal_file, "SWEEP", 3000)
    states = [state_of(document)]
    for n in range(30):
        values = np.random.default_rng(n).integers(0, 256, (20, 20), np.uint8)
        document.paint_mask((0, 0, 20, 20), values, "Brush")
        states.append(state_of(document))
    folder = written(root, states)
    assert len(list(folder.glob("*.png"))) < 20
    assert restore(only(root)).wanted == states[-1].wanted


def test_a_damaged_journal_falls_back_to_its_autosave(root, document):
    state = next(steps(document, 1))
    folder = written(root, [state])
    write_project(state, folder / AUTOSAVE)
    (folder / f"{state.reading.photo.digest}.npy").write_bytes(b"rubbish")
    recovery = only(root)
    assert restore(recovery).wanted == state.wanted
    (folder / AUTOSAVE).unlink()
    with pytest.raises(InputError, match="damaged"):
        restore(recovery)
    recovery.lock.unlock()
    write_project(state, folder / AUTOSAVE)
    (folder / LOG).write_bytes(b"rubbish")
    assert restore(only(root)).wanted == state.wanted


def test_rubbish_in_the_folder_stops_nobody(root, document):
    written(root, [next(steps(document, 1))])
    (root / "stray.txt").write_text("1")
    (root / "empty").mkdir()
    (root / "odd").mkdir()
    (root / "odd" / LOG).write_bytes(os.urandom(500))
    assert only(root).name == "walker"
    assert recoverable(root / "gone") == []


def test_a_folder_that_cannot_be_made_is_told_once(tmp_path, document, qtbot):
    (tmp_path / "file").write_text("1")
    journal, said = Journal(tmp_path / "file" / "journals"), []
    journal.failed.connect(said.append)
    journal.follow(document)
    move(document, 70)
    journal.close(clean=True)
    assert len(said) == 1 and "a crash could cost work" in said[0]


def test_a_journal_whose_folder_vanished_says_so_and_goes_on_once_it_can(root, document, qtbot):
    journal, said = Journal(root), []
    journal.failed.connect(said.append)
    journal.follow(document)
    journal._lane.wait()
    folder = journal.folder
    away = folder.rename(root / "away")
    other = FromPhoto(Photo(255 - document.reading.photo.pixels), document.source)
    document.change_look(other, "Look")
    qtbot.waitUntil(lambda: bool(said), timeout=5000)
    assert "could not be written" in said[0]
    away.rename(folder)
    move(document, 70)
    crashed(journal)
    assert restore(only(root)).wanted == document.wanted
    assert len(said) == 1


def test_the_lock_of_a_living_program_counts(root):
    root.mkdir()
    lock = taken(root / "lock")
    assert lock.isLocked()
    lines = (root / "lock").read_text().splitlines()
    assert int(lines[0]) == os.getpid()
    assert not taken(root / "lock").isLocked()


def test_a_lock_file_that_a_power_cut_emptied_does_not_count(root):
    root.mkdir()
    (root / "lock").touch()
    assert not taken(root / "lock").isLocked()  # it may be just being written
    os.utime(root / "lock", (1e9, 1e9))
    assert taken(root / "lock").isLocked()
