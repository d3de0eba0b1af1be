"""The grid of small networks goes, the picture stays."""

import numpy as np

from engine.painters.grid import without_grid

ROWS, COLUMNS = np.mgrid[:40, :60]


def test_what_alternates_from_pixel_to_pixel_goes() -> None:
    board = np.where((ROWS + COLUMNS) % 2, 160, 80)[..., None].repeat(3, 2).astype(np.uint8)
    assert np.ptp(without_grid(board)) <= 1
    stripes = np.where(COLUMNS % 2, 0.5, -0.5)[..., None].repeat(3, 2).astype(np.float32)
    assert np.abs(without_grid(stripes)).max() < 1e-6


def test_forms_of_eight_pixels_and_more_stay() -> None:
    waves = 0.8 * np.sin(2 * np.pi * COLUMNS / 8)[..., None].repeat(3, 2).astype(np.float32)
    kept = without_grid(waves)[2:-2, 2:-2]
    assert kept.dtype == np.float32
    assert np.abs(kept - waves[2:-2, 2:-2]).max() < 0.03
