"""Requests for measurements: what is asked of the engine, and how the canvas becomes a frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from engine.errors import InputError
from engine.painters.base import Frame
from engine.picture import Picture
from engine.request import Painted, Request, Scene
from tests.unit.people import drawn_person
from trainer.metrics.asking import Asking, framed
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
        rgba = np.dstack([stands_in.photo.pixels, stands_in.mask.pixels])
        return Painted(request, Picture(rgba), 0.0, self.degraded)


def test_a_frame_that_overhangs_the_canvas_keeps_places_and_colours():
    canvas = np.zeros((40, 30, 4), np.uint8)
    canvas[10:20, 4:8] = (200, 100, 50, 255)
    canvas[20:30, 4:8, :3] = 255  # transparent white below must not bleed in
    found = framed(canvas, Frame(-16.0, -10.0, 60.0), 30)
    wanted = np.zeros((30, 30), bool)
    wanted[10:15, 10:12] = True
    assert ((found[..., 3] == 255) == wanted).all() and (found[..., 3] > 0).sum() == wanted.sum()
    assert (found[wanted] == (200, 100, 50, 255)).all()


def test_half_covered_pixels_keep_their_colour():
    canvas = np.zeros((8, 8, 4), np.uint8)
    canvas[:, :3] = (90, 180, 30, 255)
    found = framed(canvas, Frame(0.0, 0.0, 8.0), 4)
    assert (found[:, 1, 3] == 128).all()
    assert np.abs(found[:, 1, :3].astype(int) - (90, 180, 30)).max() <= 1


def test_own_look_is_asked_for_as_a_cutout_at_the_own_pose_in_the_own_place():
    person, session = somebody(), Mirror()
    painted = Asking(session, "people", 64).paint(person.look, person)
    (request,) = session.asked
    assert request.scene is Scene.cutout and request.longest is None
    assert request.appearance == request.place == person.look
    assert request.shape == person.annotated
    alpha = person.cut(64)[..., 3].astype(int)
    assert np.abs(painted[..., 3] - alpha).max() <= 1


def test_a_picture_made_with_less_care_is_not_measured():
    with pytest.raises(InputError, match="only 64 px"):
        Asking(Mirror("It has only 64 px."), "people", 64).paint(somebody().look, somebody())


def test_reconstruction_beside_another_person():
    people = [somebody(f"{i}.png", (120, 200 + 10 * i)) for i in range(3)]
    cases = reconstructions(Asking(Mirror(), "people", 64), people, None)
    assert [case.person.name for case in cases] == ["0.png", "1.png", "2.png"]
    for case in cases:
        assert not (case.rivals[RANDOM] == case.truth).all()
        firm = case.truth[..., 3] > 250
        near = np.abs(case.painted[firm].astype(int) - case.truth[firm])
        assert np.median(near) <= 1
    assert reconstruction_sheet(cases).shape[1] > 6 * 192
