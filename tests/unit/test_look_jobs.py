"""Jobs about looks in the worker: each answered once, the slow one gives way. No clocks."""

import queue
import threading

import numpy as np
import pytest

from engine.appearance import Vector
from engine.look_jobs import DirectionsFound, FindColour, FindDirections, LookFound, ReadLook
from engine.painters.base import Stopped
from engine.picture import Picture
from engine.request import Cancelled, Failed, Painted, Request, Status
from engine.shapes.sketch import Sketch, Stroke
from engine.worker import Worker

SKETCH = Sketch((40, 40), (Stroke.of([(5, 5), (30, 30)], 2.0),))


class Counting:
    """Paints the look's first number as a gray; each picture waits for the test."""

    status = "CPU test"

    def __init__(self):
        self.started = queue.Queue()
        self.go = threading.Semaphore(0)

    def memory(self):
        return 0

    def loaded(self):
        return {}

    def vector(self, model, look):
        return Vector((float(look.photo.pixels.mean()), 0.5))

    def paint(self, request, stop):
        self.started.put(request.appearance)
        while not self.go.acquire(timeout=0.005):
            if stop():
                raise Stopped
        gray = int(np.clip(100 + 20 * request.appearance.values[0], 0, 255))
        return Painted(request, Picture(np.full((40, 40, 3), gray, np.uint8)), 0.0)


@pytest.fixture
def desk():
    session, answers = Counting(), queue.Queue()
    worker = Worker(lambda: session, lambda m: isinstance(m, Status) or answers.put(m))
    yield worker, session, answers
    worker.close()


def test_what_numbers_do_is_found_after_the_hand_and_told_once(desk):
    worker, session, answers = desk
    job = FindDirections("any", SKETCH, 2)
    worker.post(job)
    session.started.get(timeout=20)
    hand = Request("any", SKETCH, Vector((3.0, 3.0)))
    worker.post(hand)
    while session.started.get(timeout=20) != hand.appearance:
        pass
    session.go.release()
    assert answers.get(timeout=20).request is hand
    session.go.release(100)
    answer = answers.get(timeout=20)
    assert isinstance(answer, DirectionsFound) and answer.request is job
    assert answer.directions.effects == pytest.approx((20 / 127.5, 0), abs=0.01)
    assert answer.directions.idle == {1}
    assert answers.empty()


def test_a_newer_colour_overtakes_an_older_one(desk):
    worker, session, answers = desk
    jobs = [FindColour("any", SKETCH, Vector((0.0, 0.0)), (n, n, n)) for n in (60, 150)]
    worker.post(jobs[0])
    session.started.get(timeout=20)
    worker.post(jobs[1])
    assert answers.get(timeout=20) == Cancelled(jobs[0])
    session.go.release(500)
    answer = answers.get(timeout=20)
    assert isinstance(answer, LookFound) and answer.request is jobs[1]
    assert 100 + 20 * answer.look.values[0] == pytest.approx(150, abs=12)


def test_a_file_that_is_no_picture_is_told_in_a_sentence(desk, tmp_path):
    worker, _, answers = desk
    (tmp_path / "no.png").write_text("nothing")
    job = ReadLook("any", tmp_path / "no.png")
    worker.post(job)
    answer = answers.get(timeout=20)
    assert isinstance(answer, Failed) and answer.request is job and "no.png" in answer.message
