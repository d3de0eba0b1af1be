"""The in-place figures against painters that are known to do well or badly."""

import cv2
import numpy as np
import pytest
from people import drawn_person

from engine.picture import Picture
from engine.request import Painted
from engine.shapes.body import completed
from engine.shapes.pose import INDEX
from trainer.metrics.inplace import inplace_figures, staged
from trainer.metrics.stage import Person

SIZE = (300, 400)


@pytest.fixture(scope="module")
def person() -> Person:
    photo, mask, pose = drawn_person(SIZE)
    grain = np.random.default_rng(3).integers(-40, 40, photo.pixels.shape)
    pixels = (photo.pixels.astype(int) + grain).clip(0, 255).astype(np.uint8)
    return Person("drawn.png", type(photo)(pixels), mask, pose)


class Turning:
    """Moves an arm as exactly as can be, or spoils it."""

    def __init__(self, person, spoil=lambda pixels: pixels):
        self.person, self.spoil = person, spoil

    def paint(self, request):
        out = self.person.photo.pixels.copy()
        source, target = self.person.pose.xy, completed(request.shape).xy
        for side in ("right", "left"):
            for a, b in (("shoulder", "elbow"), ("elbow", "wrist")):
                ends = [INDEX[f"{side}_{name}"] for name in (a, b)]
                if np.abs(source[ends] - target[ends]).max() > 1e-6:
                    out = self.carried(out, source[ends], target[ends])
        if request.shape != self.person.annotated:
            out = self.spoil(out)
        return Painted(request, Picture(out), 0.0)

    def carried(self, out, old, new):
        bone = [complex(*(ends[1] - ends[0])) for ends in (old, new)]
        turn = bone[1] / bone[0] / abs(bone[1] / bone[0])
        linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
        shift = new[0] - 0.5 - linear @ (old[0] - 0.5)
        there = cv2.warpAffine(
            self.person.photo.pixels, np.column_stack([linear, shift]), SIZE, flags=cv2.INTER_CUBIC
        )
        line = np.zeros(out.shape[:2], np.uint8)
        ends = [tuple(int(v) for v in np.rint(p)) for p in new]
        cv2.line(line, ends[0], ends[1], 255, 28)
        return np.where(line[..., None] > 0, there, out)


def figures(person, spoil=lambda pixels: pixels):
    found = inplace_figures(staged(Turning(person, spoil), "people", [person]))
    return {figure.id: figure for figure in found}


def test_an_exact_turn_keeps_its_detail_and_leaves_the_rest(person):
    found = figures(person)
    assert found["inplace.same"].met and found["inplace.outside"].met
    assert found["inplace.detail"].value > 0.8
    assert found["inplace.outside"].n == 4


def test_a_soft_arm_fails(person):
    found = figures(person, lambda pixels: cv2.GaussianBlur(pixels, (0, 0), 2))
    assert found["inplace.detail"].value < 0.2 and not found["inplace.detail"].met


def test_noise_is_no_detail_kept(person):
    def noisy(pixels):
        noise = np.random.default_rng(0).integers(-60, 60, pixels.shape)
        return (cv2.GaussianBlur(pixels, (0, 0), 4) + noise).clip(0, 255).astype(np.uint8)

    found = figures(person, noisy)["inplace.detail"]
    assert found.value < 0.1
    assert found.detail["energy of any detail over the source's, median"] > 0.5


def test_one_pixel_in_the_corner_is_outside(person):
    def stray(pixels):
        pixels = pixels.copy()
        pixels[2, 2] ^= 8
        return pixels

    found = figures(person, stray)["inplace.outside"]
    assert not found.met and found.detail["largest difference of a channel"] == 8
    assert found.detail["edits that change anything outside"] == 4
    assert 0 < found.value < 1e-4
