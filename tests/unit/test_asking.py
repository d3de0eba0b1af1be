"""Requests for measurements: what is asked of the engine, and on which canvas."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from engine.errors import InputError
from engine.framing import cut_out
from engine.painters.base import Frame
from engine.picture import Picture
from engine.request import Painted, Request, Scene
from tests.unit.people import drawn_person
from trainer.metrics.asking import Asking
from trainer.metrics.reconstruction import RANDOM, reconstruction_sheet, reconstructions
from trainer.metrics.stage import Person


def somebody(name: str = "somebody", size: tuple[int, int] = (120, 200)) -> Person:
    photo, mask, pose = drawn_person(size)
    return Person(name, photo, mask, pose)


@dataclass
class Mirror:
    """A session that returns the cut-out of the photo it is asked to stand in."""

    degraded: str = ""
    asked: list[Request] = field(default_factory=list)

    def paint(self, request: Request) -> Painted:
        self.asked.append(request)
        stands_in = request.stands_in
        assert stands_in is not None and stands_in.mask is not None
        side = request.longest or stands_in.photo.size[0]
        rgba = cut_out(stands_in.photo, stands_in.mask, Frame(0, 0, stands_in.photo.size[0]), side)
        return Painted(request, Picture(rgba), 0.0, self.degraded)


def test_a_squared_person_is_the_same_person_in_the_whole_canvas():
    for size in [(120, 200), (121, 203), (90, 231)]:
        person = somebody(size=size)
        squared = person.squared()
        side = int(person.frame.side)
        assert squared.frame == Frame(0.0, 0.0, float(side))
        assert squared.photo.size == squared.mask.size == squared.annotated.size == (side, side)
        assert (squared.cut(64) == person.cut(64)).all()
        wanted = person.framed(person.pose, 64).xy
        assert squared.framed(squared.pose, 64).xy == pytest.approx(wanted)


def test_own_look_is_asked_for_as_a_cutout_at_the_own_pose_in_the_own_place():
    person, session = somebody().squared(), Mirror()
    painted = Asking(session, "people", 64).paint(person.look, person)
    (request,) = session.asked
    assert request.scene is Scene.cutout and request.longest == 64
    assert request.appearance == request.place == person.look
    assert request.shape == person.annotated
    assert painted.shape == (64, 64, 4)


def test_a_picture_made_with_less_care_is_not_measured():
    with pytest.raises(InputError, match="only 64 px"):
        Asking(Mirror("It has only 64 px."), "people", 64).paint(somebody().look, somebody())


def test_reconstruction_beside_another_person():
    people = [somebody(f"{i}.png", (120, 200 + 10 * i)).squared() for i in range(3)]
    cases = reconstructions(Asking(Mirror(), "people", 64), people, None)
    assert [case.person.name for case in cases] == ["0.png", "1.png", "2.png"]
    for case in cases:
        assert not (case.rivals[RANDOM] == case.truth).all()
        assert (case.painted == case.truth).all()
    assert reconstruction_sheet(cases).shape[1] > 6 * 192
