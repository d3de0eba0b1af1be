"""Exports by name, films painted by the worker, and both giving way to the hand."""

import queue
import threading
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageSequence

from engine.appearance import FromPhoto
from engine.errors import InputError
from engine.exports import AnimationJob, ExportJob, Kind, export
from engine.painters.base import Stopped
from engine.photo_files import read_recipe
from engine.request import Cancelled, Failed, Painted, Progress, Quality, Request, Saved, Status
from engine.request_files import SourcesMissing, open_recipe, restored
from engine.session import Session, never
from engine.worker import Worker
from tests.unit.fake_models import ARCHITECTURES, painter_file, reader_file
from tests.unit.people import drawn_person

PHOTO, MASK, POSE = drawn_person()
OWN = FromPhoto(PHOTO, POSE, MASK)


def request(n=0):
    return Request("people", POSE.moved(left_wrist=(180.0, 60.0 + n)), OWN, longest=160)


@pytest.fixture
def session(tmp_path):
    return Session("cpu", [painter_file(tmp_path), reader_file(tmp_path)], ARCHITECTURES)


class Desk:
    """A worker with a real session; `gate` is asked before each painting."""

    def __init__(self, session):
        self.answers, self.painting, self.gate = (
            queue.Queue(),
            queue.Queue(),
            threading.Semaphore(0),
        )
        real = session.paint

        def paint(request, stop):
            self.painting.put(request)
            while not self.gate.acquire(timeout=0.005):
                if stop():
                    raise Stopped
            return real(request, stop)

        session.paint = paint
        self.worker = Worker(lambda: session, self.answers.put)

    def answer(self):
        while isinstance(answer := self.answers.get(timeout=30), Status):
            pass
        return answer

    def let(self, count):
        for _ in range(count):
            self.gate.release()


@pytest.fixture
def desk(session):
    desk = Desk(session)
    yield desk
    desk.worker.close()


def test_the_name_says_what_is_written(session, tmp_path):
    asked = replace(request(), quality=Quality.preview)
    names = {PHOTO.digest: "me.jpg"}
    for name in ("o.png", "o.ora", "o.JSON"):
        saved = export(session, ExportJob(asked, tmp_path / name, names), never)
        assert (saved.path, saved.degraded) == (tmp_path / name, "")
    full = request()
    merged = zipfile.ZipFile(tmp_path / "o.ora").read("mergedimage.png")
    recipes = (
        read_recipe(tmp_path / "o.png"),
        read_recipe(merged),
        open_recipe(tmp_path / "o.JSON"),
    )
    for recipe in recipes:
        assert restored(recipe, {PHOTO.digest: PHOTO}.get) == full
        assert recipe.weights == session.digest("people")
        with pytest.raises(SourcesMissing, match=r"me\.jpg"):
            restored(recipe, lambda digest: None)
    assert np.array_equal(
        np.array(Image.open(tmp_path / "o.png")), session.paint(full).picture.pixels
    )
    with pytest.raises(InputError, match=r"name it \.png, \.ora, \.json"):
        Kind.of(tmp_path / "o.psd")


def test_sources_are_embedded_if_asked(session, tmp_path):
    for name in ("o.png", "o.json"):
        export(session, ExportJob(request(), tmp_path / name, {}, True), never)
    for recipe in (read_recipe(tmp_path / "o.png"), open_recipe(tmp_path / "o.json")):
        assert restored(recipe, lambda digest: None) == request()


def test_the_worker_exports(desk, tmp_path):
    desk.let(9)
    job = ExportJob(request(), tmp_path / "o.ora")
    desk.worker.post(job)
    assert desk.answer() == Saved(job, tmp_path / "o.ora")
    bad = ExportJob(request(), tmp_path / "o.bmp")
    desk.worker.post(bad)
    answer = desk.answer()
    assert isinstance(answer, Failed) and answer.request is bad


def test_a_film_tells_how_far_it_is(desk, session, tmp_path):
    desk.let(99)
    requests = [request(0), request(0), request(10), request(20)]
    job = AnimationJob(requests, tmp_path / "o.gif", 10)
    desk.worker.post(job)
    told = [desk.answer() for _ in range(5)]
    assert [m.fraction for m in told[:4]] == [0.25, 0.5, 0.75, 1.0]
    assert all(isinstance(m, Progress) and m.request is job for m in told[:4])
    assert told[4] == Saved(job, job.path)
    assert desk.painting.qsize() == 3  # what is held is painted once
    with Image.open(job.path) as image:
        frames = [
            (np.array(f.convert("RGB")), f.info["duration"]) for f in ImageSequence.Iterator(image)
        ]
    assert [ms for _, ms in frames] == [200, 100, 100]
    for (pixels, _), asked in zip(frames, requests[1:], strict=True):
        wanted = session.paint(asked, never).picture.pixels.astype(float)
        assert np.abs(pixels - wanted).mean() < 8


def test_a_film_gives_way_to_the_hand_and_goes_on(desk, tmp_path):
    job = AnimationJob([request(n) for n in range(3)], tmp_path / "o.mp4", 10)
    desk.worker.post(job)
    desk.let(1)
    assert desk.answer().fraction == pytest.approx(1 / 3)
    first, second = (desk.painting.get(timeout=30) for _ in range(2))
    assert (first, second) == (job.requests[0], job.requests[1])  # the second frame is at the gate
    live = replace(request(50), quality=Quality.preview)
    desk.worker.post(live)
    assert desk.painting.get(timeout=30) is live  # the frame stepped aside
    desk.let(1)
    answer = desk.answer()
    assert isinstance(answer, Painted) and answer.request is live
    desk.let(9)
    assert [desk.answer().fraction for _ in range(2)] == [pytest.approx(2 / 3), 1.0]
    assert desk.answer() == Saved(job, job.path) and job.path.is_file()


@pytest.mark.parametrize("how", ["cancel", "newer", "close"])
def test_a_film_called_off_leaves_nothing(desk, tmp_path, monkeypatch, how):
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(drafts))
    job = AnimationJob([request(n) for n in range(3)], tmp_path / "o.mp4", 10)
    desk.worker.post(job)
    desk.let(1)
    assert isinstance(desk.answer(), Progress)
    assert list(drafts.iterdir())
    newer = AnimationJob([request()], tmp_path / "n.gif", 10)
    if how == "newer":
        desk.worker.post(newer)
    elif how == "cancel":
        desk.worker.cancel()
    else:
        desk.worker.close()
    assert desk.answer() == Cancelled(job)
    if how == "newer":
        desk.let(9)
        assert isinstance(desk.answer(), Progress) and desk.answer() == Saved(newer, newer.path)
    desk.worker.close()
    assert not job.path.exists() and not list(drafts.iterdir())


def test_a_frame_that_fails_ends_the_film(desk, tmp_path):
    desk.let(9)
    wrong = replace(request(), model="nobody")
    job = AnimationJob([request(), wrong], tmp_path / "o.gif", 10)
    desk.worker.post(job)
    assert isinstance(desk.answer(), Progress)
    answer = desk.answer()
    assert isinstance(answer, Failed) and answer.request is job and "nobody" in answer.message
    assert not job.path.exists()
    unnamed = AnimationJob([request()], tmp_path / "o.avi", 10)
    desk.worker.post(unnamed)
    assert "ends in" in desk.answer().message
    empty = AnimationJob([], tmp_path / "o.gif", 10)
    desk.worker.post(empty)
    assert "a picture at least" in desk.answer().message
