"""Key poses to frames: times, holds, easing, loops."""

from itertools import pairwise

import numpy as np
import pytest

from engine.animation import Course, Ease, Key, frames
from engine.errors import InputError
from engine.shapes.inbetween import between
from tests.unit.people import drawn_person

_, _, A = drawn_person((200, 300))
B = A.moved(left_wrist=(160.0, 40.0))
C = B.moved(right_wrist=(30.0, 50.0))


def test_frames_lie_on_the_way_at_their_times():
    made = frames([Key(A, 0.5, 1.0), Key(B, 0.5)], 4, Ease.linear)
    wanted = [A, A, A, *(between(A, B, t) for t in (0.25, 0.5, 0.75)), B, B, B]
    assert made == wanted  # 0 to 2 s in steps of 0.25 s


@pytest.mark.parametrize("fps", [1, 7, 12, 23.976, 60])
@pytest.mark.parametrize("course", list(Course))
def test_a_film_lasts_as_long_as_its_keys_say(fps, course):
    keys = [Key(A, 0.3, 0.7), Key(B, 0, 1.1), Key(C, 0.9, 2.0)]
    seconds = {
        Course.once: 0.3 + 0.7 + 1.1 + 0.9,
        Course.loop: 0.3 + 0.7 + 1.1 + 0.9 + 2.0,
        Course.ping_pong: 0.3 + 0.7 + 1.1 + 0.9 + 1.1 + 0.7,
    }[course]
    made = frames(keys, fps, course=course)
    steps = len(made) - (course is Course.once)
    assert abs(steps - seconds * fps) <= 1
    assert made[0] == A
    if course is Course.once:
        assert made[-1] == C


def test_there_and_back_is_the_same_way_backwards():
    made = frames([Key(A, 0.5, 1), Key(B, 0, 1), Key(C, 0.5)], 4, Ease.linear, Course.ping_pong)
    assert len(made) == 20
    moving = made[2:]  # after the first pose was held
    for i in range(1, 9):
        assert np.allclose(moving[i].xy, moving[len(moving) - i].xy, atol=1e-9)
    assert made.count(C) == 3 and made.count(A) == 3


def test_a_loop_comes_round():
    made = frames([Key(A, 0, 1), Key(B, 0, 2)], 4, Ease.linear, Course.loop)
    assert len(made) == 12 and made[4] == B
    assert made[8] == between(B, A, 0.5) and made[11] == between(B, A, 0.875)


def test_easing_starts_and_ends_at_rest():
    def way(ease):
        made = frames([Key(A, 0, 1), Key(B)], 10, ease)
        return np.array([np.linalg.norm(p.xy - q.xy) for p, q in pairwise(made)])

    slow_start, slow_end, both, even = (
        way(e) for e in (Ease.ease_in, Ease.ease_out, Ease.ease_in_out, Ease.linear)
    )
    assert slow_start[0] < even[0] / 2 and slow_end[-1] < even[-1] / 2
    assert both[0] < even[0] / 2 and both[-1] < even[-1] / 2 and both[5] > even[5]
    for ease in Ease:
        assert (ease.at(0), ease.at(1)) == (0, 1)


def test_a_single_or_instant_key_still_shows():
    assert frames([Key(A)], 12) == [A]
    assert set(frames([Key(A, 1)], 12, course=Course.loop)) == {A}
    assert frames([Key(A, 0, 0), Key(B)], 12)[-1] == B
    assert B in frames([Key(A, 0, 0), Key(B)], 12, course=Course.ping_pong)


@pytest.mark.parametrize(
    ("keys", "fps", "says"),
    [
        ([], 12, "needs a key pose"),
        ([Key(A)], 0, "Frames a second"),
        ([Key(A)], float("nan"), "Frames a second"),
        ([Key(A, 600), Key(B)], 60, "too many"),
        ([Key(A), Key(B.resized((100, 150)))], 12, "canvases of one size"),
    ],
)
def test_unusable_wishes_are_explained(keys, fps, says):
    with pytest.raises(InputError, match=says):
        frames(keys, fps)


@pytest.mark.parametrize("seconds", [-1, float("nan"), 1e9])
def test_times_have_limits(seconds):
    with pytest.raises(InputError, match="0 to 600"):
        Key(A, seconds)
