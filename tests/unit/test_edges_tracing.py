"""Tracing: strokes follow the lines, cross where lines cross, and keep closed shapes closed."""

from __future__ import annotations

import cv2
import numpy as np

from engine.perception.edges_thinning import skeleton
from engine.perception.edges_tracing import traced


def drawn(*polylines: list[tuple[int, int]], side: int = 100) -> np.ndarray:
    ink = np.zeros((side, side), np.uint8)
    for points in polylines:
        cv2.polylines(ink, [np.array(points, np.int32)[:, None]], False, 1, 1)
    return skeleton(ink > 0)


def redrawn(strokes: list[np.ndarray], side: int = 100) -> np.ndarray:
    ink = np.zeros((side, side), np.uint8)
    for xy in strokes:
        points = np.rint((xy - 0.5) * 16).astype(np.int32)[:, None]
        cv2.polylines(ink, [points], False, 1, 1, cv2.LINE_8, 4)
    return ink > 0


def away_from(lines: np.ndarray) -> np.ndarray:
    blank = (~lines).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(blank, cv2.DIST_L2, cv2.DIST_MASK_PRECISE))


def test_a_straight_line_is_two_points_at_the_middles_of_its_pixels():
    (stroke,) = traced(drawn([(10, 20), (60, 20)]))
    assert sorted(map(tuple, stroke.tolist())) == [(10.5, 20.5), (60.5, 20.5)]


def test_lines_that_cross_are_two_strokes():
    strokes = traced(drawn([(10, 12), (90, 80)], [(15, 85), (80, 10)]))
    assert len(strokes) == 2
    for stroke in strokes:
        assert np.linalg.norm(stroke[0] - stroke[-1]) > 90


def test_a_line_that_ends_on_another_is_its_own_stroke():
    long, short = traced(drawn([(10, 50), (90, 50)], [(50, 50), (50, 20)]))
    assert np.ptp(long[:, 0]) == 80
    assert 28 <= np.ptp(short[:, 1]) <= 30


def test_circles_stay_closed_and_round():
    ink = np.zeros((100, 100), np.uint8)
    cv2.circle(ink, (50, 50), 30, 1, 1)
    (stroke,) = traced(skeleton(ink > 0))
    np.testing.assert_allclose(stroke[0], stroke[-1])
    away = np.hypot(*(stroke - 50.5).T)
    assert np.abs(away - 30).max() < 1.0


def test_a_drawing_is_followed_everywhere_and_nothing_is_added():
    rng = np.random.default_rng(2)
    for _ in range(8):
        lines = drawn(*(rng.integers(5, 95, (4, 2)).tolist() for _ in range(5)))
        strokes = traced(lines)
        again = redrawn(strokes)
        assert away_from(lines)[again].max() < 2.5
        assert (away_from(again)[lines] < 3).mean() > 0.97  # stubs may go
        assert sum(map(len, strokes)) < 0.5 * lines.sum()


def test_dots_and_paper_are_no_strokes():
    lines = np.zeros((20, 20), bool)
    assert traced(lines) == []
    lines[3, 3] = lines[10, 10] = lines[10, 11] = True
    assert traced(lines) == []


def test_paths_are_joined_on_and_on_across_a_grid():
    rails = [[(5, y), (95, y)] for y in range(10, 95, 10)]
    rungs = [[(x, 5), (x, 95)] for x in range(10, 95, 10)]
    strokes = traced(drawn(*rails, *rungs))
    assert len(strokes) == len(rails) + len(rungs)
    assert all(np.ptp(stroke, 0).max() == 90 for stroke in strokes)


def test_noise_is_followed_without_ado():
    lines = skeleton(np.random.default_rng(0).random((80, 80)) < 0.45)
    assert len(traced(lines)) > 100
