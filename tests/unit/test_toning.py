"""Copied pieces toned to their surroundings, against equations written out one by one."""

import numpy as np

from engine.toning import toned

OTHER, HOLD = 50.0, 0.002


def expected(image, unknown, shifts):
    """The same least squares problem, neighbour by neighbour, solved densely."""
    height, width = unknown.shape
    cells = [tuple(c) for c in np.argwhere(unknown)]
    index = {c: i for i, c in enumerate(cells)}

    def taken(cell, by, step=(0, 0)):
        y, x = cell[0] + by[0] + step[0], cell[1] + by[1] + step[1]
        inside = 0 <= y < height and 0 <= x < width
        return image[min(max(y, 0), height - 1), min(max(x, 0), width - 1)], (
            inside and not unknown[y, x]
        )

    def fixed(cell):
        near = [(cell[0] + a, cell[1] + b) for a in (-1, 0, 1) for b in (-1, 0, 1)]
        rim = any(n in index for n in near)
        return image[cell] - taken(cell, shifts[cell])[0] if rim else np.zeros(3)

    matrix = np.eye(len(cells)) * HOLD
    right = np.zeros((len(cells), 3))
    for y, x in np.ndindex(height, width):
        for dy, dx in ((0, 1), (1, 0)):
            p, q = (y, x), (y + dy, x + dx)
            if q[0] >= height or q[1] >= width or not (p in index or q in index):
                continue
            at_p, at_q = taken(p, shifts[p])[0], taken(q, shifts[q])[0]
            slopes = []
            on, known = taken(p, shifts[p], (dy, dx))
            if known:
                slopes.append(at_p - on)
            back, known = taken(p, shifts[q])
            if known:
                slopes.append(back - at_q)
            jump = (np.mean(slopes, axis=0) if slopes else np.zeros(3)) - (at_p - at_q)
            misses = [fixed(c) for c in (p, q) if c not in index]
            if max(np.abs(v).max() for v in (jump, *misses)) > OTHER:
                continue
            for a, b, sign in ((p, q, 1), (q, p, -1)):
                if a in index:
                    matrix[index[a], index[a]] += 1
                    right[index[a]] += sign * jump
                    if b in index:
                        matrix[index[a], index[b]] -= 1
                    else:
                        right[index[a]] += fixed(b)
    return cells, np.linalg.solve(matrix, right)


def test_it_solves_the_equations():
    rng = np.random.default_rng(2)
    rows, columns = np.mgrid[:14, :18]
    image = np.stack([columns * 6.0, rows * 7.0, rows + columns + 60.0], 2)
    image = (image + rng.normal(0, 4, image.shape)).astype(np.float32)
    image[:4, 12:] += 90  # another thing, which no piece may be drawn towards
    unknown = np.zeros((14, 18), bool)
    unknown[3:11, 6:12] = True
    shifts = np.zeros((14, 18, 2), np.intp)
    shifts[:, :9], shifts[:, 9:] = (1, -6), (-2, 6)
    cells, wanted = expected(image.astype(float), unknown, shifts)
    found = toned(image, unknown, shifts)
    assert np.abs(np.array([found[c] for c in cells]) - wanted).max() < 1.0
    assert np.abs(wanted).max() > 10
    assert not found[:2].any() and not found[:, :5].any()


def test_pieces_that_fit_are_left_alone():
    image = np.full((12, 12, 3), 80, np.float32)
    unknown = np.zeros((12, 12), bool)
    unknown[4:8, 4:8] = True
    shifts = np.zeros((12, 12, 2), np.intp)
    shifts[...] = (0, -4)
    assert not toned(image, unknown, shifts).any()
