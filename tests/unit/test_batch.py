"""Folders in and out: names, failures told, what is done stays done."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from engine.appearance import FromPhoto, Mix, Parts, Sampled
from engine.batch import (
    MANIFEST,
    Batch,
    BatchJob,
    Edit,
    State,
    items_in,
    painting,
    run_batch,
)
from engine.errors import InputError
from engine.painters.base import Stopped
from engine.photo_files import open_photo, read_recipe
from engine.request import Batched, Progress, Request, Scene
from engine.request_files import restored
from engine.session import Session, never
from engine.shapes.retarget import retargeted
from tests.unit.fake_models import ARCHITECTURES, painter_file, reader_file
from tests.unit.people import asymmetric_pose, drawn_person


@pytest.fixture
def session(tmp_path):
    files = tmp_path / "models"
    files.mkdir()
    return Session("cpu", [painter_file(files), reader_file(files)], ARCHITECTURES)


@pytest.fixture
def folder(tmp_path):
    """Two photos, one of them deeper, a broken one, and what is no photo."""
    made = tmp_path / "in"
    (made / "deep").mkdir(parents=True)
    for size, name in (((120, 160), "a.png"), ((90, 140), "deep/b.jpg")):
        Image.fromarray(drawn_person(size)[0].pixels).save(made / name)
    (made / "cut.png").write_bytes((made / "a.png").read_bytes()[:300])
    (made / "notes.txt").write_text("none")
    (made / ".hidden.png").write_bytes((made / "a.png").read_bytes())
    return made


def batch_of(session, folder, out, edit, resume=True):
    work = painting(session, edit)
    seal = edit.seal(session.digest(edit.like.model))
    return Batch(items_in(folder, out, ".png"), out, work, seal, resume)


PHOTO, MASK, POSE = drawn_person()
FIRST = FromPhoto(PHOTO, POSE, MASK)
LIKE = Request("people", asymmetric_pose().resized(POSE.size), FIRST, longest=100, place=FIRST)
EDIT = Edit(LIKE)


def states(batch):
    return {o.item.source.name: o.state.value for o in run_batch(batch)}


def test_every_photo_gets_its_own_edit(session, folder, tmp_path):
    out = tmp_path / "out"
    outcomes = list(run_batch(batch_of(session, folder, out, EDIT)))
    assert [o.state for o in outcomes] == [State.done, State.failed, State.done]
    assert outcomes[1].item.source.name == "cut.png" and "damaged" in outcomes[1].text
    assert sorted(str(p.relative_to(out)) for p in out.rglob("*.png")) == ["a.png", "deep/b.png"]
    for name, source in (("a.png", "a.png"), ("deep/b.png", "deep/b.jpg")):
        photo = open_photo(folder / source)
        person = session.read(photo)
        request = restored(read_recipe(out / name), {photo.digest: photo}.get)
        assert request.shape == retargeted(LIKE.shape, person.pose)
        painted = session.paint(request).picture.pixels
        assert np.array_equal(np.array(Image.open(out / name)), painted)


def test_what_is_done_stays_done(session, folder, tmp_path):
    out = tmp_path / "out"
    run = iter(run_batch(batch_of(session, folder, out, EDIT)))
    assert next(run).state is State.done  # and then the power fails
    with (out / MANIFEST).open("ab") as file:
        file.write(b"\xff half a li")
    again = batch_of(session, folder, out, EDIT)
    assert states(again) == {"a.png": "skipped", "cut.png": "failed", "b.jpg": "done"}
    done = {"a.png": "skipped", "cut.png": "failed", "b.jpg": "skipped"}
    assert states(batch_of(session, folder, out, EDIT)) == done
    (out / "a.png").unlink()
    assert states(batch_of(session, folder, out, EDIT))["a.png"] == "done"
    assert states(batch_of(session, folder, out, EDIT, False))["a.png"] == "done"


def test_another_edit_or_photo_is_done_anew(session, folder, tmp_path):
    out = tmp_path / "out"
    states(batch_of(session, folder, out, EDIT))
    other = Edit(replace(LIKE, shape=LIKE.shape.mirrored()))
    assert states(batch_of(session, folder, out, other))["b.jpg"] == "done"
    Image.fromarray(drawn_person((100, 200))[0].pixels).save(folder / "a.png")
    found = states(batch_of(session, folder, out, other))
    assert (found["a.png"], found["b.jpg"]) == ("done", "skipped")
    seals = {
        EDIT.seal("x"),
        EDIT.seal("y"),
        other.seal("x"),
        Edit(replace(LIKE, longest=90)).seal("x"),
    }
    assert len(seals) == 4


def test_called_off_it_leaves_the_file_as_it_was(session, folder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.png").write_bytes(b"old")
    batch = batch_of(session, folder, out, EDIT)
    with pytest.raises(Stopped):
        batch.outcome(batch.items[0], lambda: True)
    with pytest.raises(Stopped):
        next(run_batch(batch, lambda: True))
    assert (out / "a.png").read_bytes() == b"old" and not (out / MANIFEST).exists()


def test_results_never_fall_on_each_other_or_on_photos(folder, tmp_path):
    shutil.copy(folder / "a.png", folder / "A.webp.png")
    Image.open(folder / "a.png").save(folder / "a.webp")
    targets = [i.target.name for i in items_in(folder, tmp_path / "out", ".png")]
    assert sorted(targets) == ["A.webp.png", "a.png.png", "a.webp.png", "b.png", "cut.png"]
    inside = folder / "out"
    inside.mkdir()
    shutil.copy(folder / "a.png", inside / "made.png")
    assert all("made" not in i.source.name for i in items_in(folder, inside, ".png"))
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="another folder"):
        items_in(folder, folder / "deep" / "..", ".png")
    with pytest.raises(InputError, match="no photos"):
        items_in(empty, tmp_path / "out", ".png")
    with pytest.raises(InputError, match="no folder"):
        items_in(tmp_path / "none", tmp_path / "out", ".png")
    with pytest.raises(InputError, match="is a file"):
        items_in(folder, folder / "a.png", ".png")


def test_nobody_and_places_that_cannot_be_written_are_told(session, folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    below = tmp_path / "file" / "out"
    batch = Batch(items_in(folder, below, ".png"), below, painting(session, EDIT), "s")
    assert "cannot be made" in batch.outcome(batch.items[0]).text
    reading = session.read(drawn_person()[0])
    with pytest.raises(InputError, match="No person"):
        EDIT.request(type(reading)(reading.photo, reading.pose, reading.mask, (), False))
    gone = batch_of(session, folder, tmp_path / "out", EDIT)
    (folder / "a.png").unlink()
    assert "cannot be read" in gone.outcome(gone.items[0]).text


def test_each_keeps_what_the_first_kept(session):
    person = session.read(drawn_person((120, 160))[0])
    own = FromPhoto(person.photo, person.pose, person.mask)
    other = FromPhoto(PHOTO, POSE.mirrored(), MASK)
    inner = Parts(FIRST, (("head", other), ("legs", Sampled(7, POSE))))
    like = replace(LIKE, shape=POSE, appearance=Mix(inner, FIRST, 0.25), scene=Scene.white)
    request = Edit(like).request(person)
    wanted = Parts(own, (("head", other), ("legs", Sampled(7, person.pose))))
    assert request.appearance == Mix(wanted, own, 0.25)
    assert (request.shape, request.place, request.scene) == (person.pose, own, Scene.white)
    alone = Edit(replace(LIKE, place=None)).request(person)
    assert alone.appearance == alone.place == own


def test_step_by_step_for_the_window(session, folder, tmp_path):
    job = BatchJob(folder, tmp_path / "out", EDIT)
    steps, told = job.begin(session), []
    while isinstance(message := steps.step(never), Progress):
        told.append(message)
    assert [m.fraction for m in told] == pytest.approx([1 / 3, 2 / 3, 1])
    assert "damaged" in told[1].text and told[0].text == "a.png"
    assert isinstance(message, Batched) and message.request is job
    assert [o.state for o in message.outcomes] == [State.done, State.failed, State.done]
