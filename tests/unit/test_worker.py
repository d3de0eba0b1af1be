"""The worker: newest wins, every job is answered once, errors are messages. No clocks."""

import queue
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.appearance import FromPhoto
from engine.errors import InputError, ModelError
from engine.painters.base import Stopped
from engine.perception.base import Reading
from engine.picture import Picture
from engine.request import (
    Cancelled,
    Failed,
    FailureKind,
    Painted,
    Quality,
    Read,
    Request,
    Saved,
    Status,
)
from engine.worker import ReadEverybody, ReadFile, ReadPhoto, SaveJob, TendModels, Worker
from tests.unit.people import drawn_person

PHOTO, MASK, POSE = drawn_person((64, 96))


def request(n, quality=Quality.full):
    look = FromPhoto(PHOTO, POSE, MASK)
    return Request("people", POSE.moved(nose=(float(n), 1.0)), look, quality=quality)


class Blocking:
    """A session whose work lasts until the test lets it go on or the worker says stop."""

    status = "CPU test"

    def __init__(self):
        self.started = queue.Queue()
        self.go = threading.Semaphore(0)
        self.threads = set()
        self.errors = {}

    def memory(self):
        return 7

    def loaded(self):
        return {"people": 5}

    def tend(self, unload):
        self._work(("tend", unload), lambda: False)

    def _work(self, what, stop):
        self.threads.add(threading.get_ident())
        self.started.put(what)
        while not self.go.acquire(timeout=0.005):
            if stop():
                raise Stopped
        if what in self.errors:
            raise self.errors[what]

    def read(self, photo, stop):
        self._work("read", stop)
        return Reading(photo, POSE, MASK, (1.0,) * 18, True)

    def read_all(self, photo, stop):
        self._work("everybody", stop)
        return (Reading(photo, POSE, MASK, (1.0,) * 18, True),) * 2

    def paint(self, request, stop):
        self._work(request, stop)
        return Painted(request, Picture(np.zeros((2, 2, 3), np.uint8)), 0.1)

    def export(self, request, path, stop):
        self._work(("save", path), stop)
        return replace(
            Painted(request, Picture(np.zeros((2, 2, 3), np.uint8)), 0.1), degraded="less"
        )


class Desk:
    """A worker with a blocking session, and its answers in order."""

    def __init__(self, make=None):
        self.session = Blocking()
        self.answers = queue.Queue()
        self.worker = Worker(make or (lambda: self.session), self._reply)

    def _reply(self, message):
        if not isinstance(message, Status):
            self.answers.put(message)

    def started(self):
        return self.session.started.get(timeout=20)

    def answer(self):
        return self.answers.get(timeout=20)

    def go(self, n=1):
        self.session.go.release(n)


@pytest.fixture
def desk():
    made = Desk()
    yield made
    made.worker.close()


def test_the_session_is_made_in_the_worker_thread_and_tells_its_status():
    told, where = queue.Queue(), []

    def make():
        where.append(threading.current_thread())
        return Blocking()

    worker = Worker(make, told.put)
    assert told.get(timeout=20) == Status(None, "CPU test", 7, {"people": 5})
    assert where[0] is not threading.current_thread() and where[0].daemon
    worker.close()
    assert not where[0].is_alive()


def test_models_are_tended_between_pictures_and_the_status_answers():
    told, session = queue.Queue(), Blocking()
    worker = Worker(lambda: session, told.put)
    assert told.get(timeout=20).request is None
    job = TendModels("people")
    worker.post(job)
    session.go.release()
    assert told.get(timeout=20).request is job
    assert session.started.get(timeout=20) == ("tend", "people")
    worker.close()


def test_a_picture_is_painted_and_names_its_request(desk):
    desk.worker.post(request(1))
    desk.started()
    desk.go()
    answer = desk.answer()
    assert isinstance(answer, Painted) and answer.request == request(1)


def test_looking_for_everybody_gives_way_to_the_hand_and_goes_on(desk):
    desk.worker.post(ReadEverybody(PHOTO))
    assert desk.started() == "everybody"
    desk.worker.post(request(1))
    assert desk.started() == request(1)
    desk.go()
    assert isinstance(desk.answer(), Painted)
    assert desk.started() == "everybody"
    desk.go()
    assert len(desk.answer().people) == 2


def test_of_waiting_pictures_only_the_newest_is_painted(desk):
    desk.worker.post(request(0, Quality.preview))
    desk.started()
    for n in range(1, 6):
        desk.worker.post(request(n, Quality.preview))
    desk.go(2)
    answers = [desk.answer() for _ in range(6)]
    painted = [a.request for a in answers if isinstance(a, Painted)]
    dropped = [a.request for a in answers if isinstance(a, Cancelled)]
    assert painted == [request(0, Quality.preview), request(5, Quality.preview)]
    assert dropped == [request(n, Quality.preview) for n in range(1, 5)]
    assert desk.started() == request(5, Quality.preview) and desk.session.started.empty()


def test_a_newer_picture_stops_a_running_full_one(desk):
    desk.worker.post(request(1))
    desk.started()
    desk.worker.post(request(2))
    assert desk.answer() == Cancelled(request(1))
    desk.started()
    desk.go()
    assert desk.answer().request == request(2)


def test_reading_goes_first_and_the_picture_is_painted_afterwards(desk):
    desk.worker.post(request(1))
    desk.started()
    desk.worker.post(ReadPhoto(PHOTO))
    assert desk.started() == "read"
    desk.go()
    answer = desk.answer()
    assert isinstance(answer, Read) and answer.reading.photo == PHOTO
    assert desk.started() == request(1)
    desk.go()
    assert isinstance(desk.answer(), Painted)


def test_a_newer_photo_stops_the_reading_of_an_older_one(desk):
    other = drawn_person((80, 96))[0]
    desk.worker.post(ReadPhoto(PHOTO))
    desk.started()
    desk.worker.post(ReadPhoto(other))
    assert desk.answer() == Cancelled(ReadPhoto(PHOTO))
    desk.started()
    desk.go()
    assert desk.answer().reading.photo == other


def test_saving_is_not_disturbed_by_pictures(desk):
    job = SaveJob(request(1), Path("o.png"))
    desk.worker.post(job)
    desk.started()
    desk.worker.post(request(2))
    desk.go()
    assert desk.answer() == Saved(job, Path("o.png"), "less")
    desk.started()
    desk.go()
    assert desk.answer().request == request(2)


def test_cancel_answers_what_runs_and_what_waits_and_work_goes_on(desk):
    desk.worker.post(request(1))
    desk.started()
    desk.worker.post(SaveJob(request(1), Path("o.png")))
    desk.worker.cancel()
    answers = [desk.answer(), desk.answer()]
    assert all(isinstance(a, Cancelled) for a in answers)
    desk.worker.post(request(3))
    desk.started()
    desk.go()
    assert desk.answer().request == request(3)


def test_close_ends_the_thread_while_it_works_and_answers_everything():
    desk = Desk()
    desk.worker.post(request(1))
    desk.started()
    desk.worker.post(ReadPhoto(PHOTO))
    desk.worker.close()
    answers = [desk.answer(), desk.answer()]
    assert {type(a) for a in answers} == {Cancelled}
    desk.worker.post(request(2))  # dropped, not an error
    desk.worker.close()  # twice is fine


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InputError("no hips"), FailureKind.input),
        (ModelError("no model"), FailureKind.model),
        (MemoryError(), FailureKind.memory),
        (RuntimeError("CUDA out of memory. Tried to"), FailureKind.memory),
        (ZeroDivisionError("odd"), FailureKind.internal),
    ],
)
def test_errors_become_messages_with_advice_and_work_goes_on(desk, error, kind):
    desk.session.errors[request(1)] = error
    desk.go()
    desk.worker.post(request(1))
    answer = desk.answer()
    assert isinstance(answer, Failed) and answer.kind is kind and answer.advice
    desk.go()
    desk.worker.post(request(2))
    assert isinstance(desk.answer(), Painted)


def test_a_session_that_cannot_be_made_fails_every_job():
    def make():
        raise ModelError("no bundled models")

    desk = Desk(make)
    for n in (1, 2):
        desk.worker.post(request(n))
        answer = desk.answer()
        assert isinstance(answer, Failed) and answer.message == "no bundled models"
    desk.worker.close()


def test_a_photo_file_is_opened_in_the_worker(desk, tmp_path):
    from PIL import Image

    Image.fromarray(PHOTO.pixels).save(tmp_path / "p.png")
    desk.go()
    desk.worker.post(ReadFile(tmp_path / "p.png"))
    assert desk.answer().reading.photo == PHOTO
    desk.worker.post(ReadFile(tmp_path / "none.png"))
    assert desk.answer().kind is FailureKind.input


def test_under_a_storm_of_jobs_each_is_answered_exactly_once(desk):
    desk.go(10_000)
    posted = []

    def storm(seed):
        rng = np.random.default_rng(seed)
        for n in range(200):
            kind = rng.integers(3)
            made = request(seed * 1000 + n, Quality.preview if rng.integers(2) else Quality.full)
            job = made if kind else SaveJob(made, Path(f"{n}.png"))
            posted.append(job)
            desk.worker.post(job)

    threads = [threading.Thread(target=storm, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers = [desk.answer() for _ in range(len(posted))]
    assert Counter(a.request for a in answers) == Counter(posted)
    assert len(desk.session.threads) == 1
