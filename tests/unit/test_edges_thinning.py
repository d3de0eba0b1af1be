"""Thinning: one pixel wide, on the ridge, as connected as before."""

from __future__ import annotations

import cv2
import numpy as np

from engine.perception.edges_thinning import lines_in, ridges, skeleton, without_specks


def thick_drawing(seed: int, side: int = 96) -> np.ndarray:
    rng = np.random.default_rng(seed)
    ink = np.zeros((side, side), np.uint8)
    for _ in range(4):
        points = rng.integers(12, side - 12, (4, 1, 2)).astype(np.int32)
        cv2.polylines(ink, [points], False, 1, int(rng.integers(3, 6)))
    return ink > 0


def pieces(lines: np.ndarray) -> int:
    return cv2.connectedComponents(lines.astype(np.uint8), connectivity=8)[0]


def test_a_skeleton_is_thin_lies_inside_and_stays_connected():
    for seed in range(6):
        thick = thick_drawing(seed)
        thin = skeleton(thick)
        assert not (thin & ~thick).any()
        assert pieces(thin) == pieces(thick)
        filled = cv2.filter2D(thin.astype(np.uint8), -1, np.ones((3, 3)), borderType=0)
        assert (filled == 9).sum() == 0  # no pixel is surrounded
        gone = cv2.distanceTransform((~thin).astype(np.uint8), cv2.DIST_L2, 5)[thick]
        half = cv2.distanceTransform(thick.astype(np.uint8), cv2.DIST_L2, 5).max()
        assert gone.max() < 2 * half  # ends are not eaten
        assert (skeleton(thin) == thin).all()


def test_a_skeleton_keeps_holes():
    ring = np.zeros((60, 60), np.uint8)
    cv2.circle(ring, (30, 30), 18, 1, 5)
    outside = cv2.connectedComponents((~skeleton(ring > 0)).astype(np.uint8), connectivity=4)[0]
    assert outside == 3  # background label, inside, outside


def test_ridges_run_along_the_crest_of_a_blurred_curve_at_any_angle():
    y, x = np.mgrid[:80, :80] + 0.5
    away = np.abs(np.hypot(x - 40, y - 40) - 25)
    strength = np.exp(-(away**2) / 8).astype(np.float32)
    kept = ridges(strength) > 0.3
    assert away[kept].max() < 1.0
    assert kept.sum() > 2 * 3.14159 * 25 * 0.8  # and all around
    lines = lines_in(strength, 0.3, 10)
    assert pieces(lines) == 2
    assert np.ptp(np.arctan2(*(np.argwhere(lines) - 39.5).T)) > 6.2


def test_below_the_threshold_and_on_paper_there_are_no_lines():
    strength = np.zeros((40, 40), np.float32)
    assert not lines_in(strength, 0.3, 1).any()
    strength[20, 5:35] = 0.25
    assert not lines_in(strength, 0.3, 1).any()
    assert lines_in(strength, 0.2, 1).sum() >= 28


def test_small_pieces_go_and_diagonal_ones_count_as_one():
    lines = np.eye(40, dtype=bool)
    lines[2, 30:34] = True
    kept = without_specks(lines, 10)
    assert (kept == np.eye(40, dtype=bool)).all()
