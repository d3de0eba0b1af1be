"""What the judges remember: the same answers as without, and nothing asked twice."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.appearance import Sampled
from engine.errors import InputError
from engine.shapes.pose import INDEX
from tests.unit.test_evaluate_sketches import Colourist, easel
from tests.unit.test_metrics import noise, random_lite0
from trainer.data.products import Products
from trainer.metrics import blazepose
from trainer.metrics.edge_detectors import Canny
from trainer.metrics.features import FeatureJudge, feature_distances
from trainer.metrics.line_finders import Finder
from trainer.metrics.memory import Memory, digest, stamp
from trainer.metrics.sketch_bench import Case, Group, held_out_cases
from trainer.metrics.sketch_set import Sketches


def test_the_answer_asked_for_least_recently_is_forgotten():
    memory: Memory[int] = Memory(2)
    made = iter(range(10))
    assert [memory.of(key, lambda: next(made)) for key in "abaca"] == [0, 1, 0, 2, 0]
    assert memory.get("b") is None and memory.of("b", lambda: next(made)) == 3


def test_nothing_is_kept_of_what_failed():
    memory: Memory[int] = Memory(2)

    def broken() -> int:
        raise InputError("no")

    with pytest.raises(InputError):
        memory.of("a", broken)
    assert memory.of("a", lambda: 5) == 5


def test_pictures_of_equal_bytes_and_other_shapes_or_types_are_told_apart():
    flat = np.arange(12, dtype=np.uint8)
    known = [flat, flat.reshape(3, 4), flat.reshape(4, 3), flat.view(np.int8), flat[::-1]]
    assert len({digest(array) for array in known}) == len(known)
    assert digest(flat.reshape(3, 4).T) == digest(flat.reshape(3, 4).T.copy())
    assert digest(flat, flat) != digest(flat)


def test_a_file_that_was_written_again_is_another_one(tmp_path: Path):
    file = tmp_path / "a"
    file.write_bytes(b"one")
    before = stamp(file)
    assert stamp(tmp_path / "." / "a") == before
    file.write_bytes(b"other")
    assert stamp(file) != before


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> FeatureJudge:
    path = tmp_path_factory.mktemp("judge") / "lite0.pth"
    torch.save(random_lite0(), path)
    return FeatureJudge(path)


def test_consecutive_distances_are_those_of_each_pair_and_the_network_sees_a_picture_once(
    judge: FeatureJudge,
):
    pictures = [noise(40, 40, 3, seed=n) for n in range(3)]
    calls: list[int] = []
    hook = judge._network.register_forward_hook(lambda *_: calls.append(1))
    first, again = judge.consecutive(pictures), judge.consecutive(pictures)
    hook.remove()
    assert len(calls) == 3 and np.array_equal(first, again)
    pairs = [feature_distances(judge.features(a), judge.features(b)) for a, b in pairwise(pictures)]
    assert first.tolist() == [pair.sum() for pair in pairs]
    backwards = judge.consecutive(pictures[::-1])
    assert backwards.tolist() == pytest.approx(first[::-1].tolist())


def test_lines_are_looked_for_once_in_every_picture():
    class Counting(Canny):
        looks = 0

        def look(self, rgb: np.ndarray) -> np.ndarray:
            self.looks += 1
            return super().look(rgb)

    detector, picture = Counting(), np.full((64, 64, 3), 255, np.uint8)
    picture[16:48, 16:48] = 0
    found = Finder(detector, 120.0)
    lines = [found.lines(picture.copy()) for _ in range(3)]
    assert detector.looks == 1 and lines[0].sum() > 60
    plain = Canny()
    assert np.array_equal(lines[2], plain.lines(plain.look(picture), 120.0))
    found.lines(picture[::-1, ::2])
    assert detector.looks == 2


@pytest.fixture
def group() -> Group:
    lines = np.zeros((3, 64, 64), bool)
    lines[:, 10:50, [10, 50]] = True
    photos = np.full((3, 64, 64, 3), 200, np.uint8)
    return Group("held_out", "edges", held_out_cases(Products(photos, lines, ("a", "b", "c")), 3))


def test_looks_of_a_sketch_are_painted_once_and_have_the_seeds_of_their_case(group: Group):
    painter = easel(Colourist())
    asked: list[tuple[str, int]] = []
    real = painter.paint

    def counted(case: Case, look: Sampled) -> np.ndarray:
        asked.append((case.name, look.seed))
        return real(case, look)

    painter.paint = counted  # type: ignore[method-assign, assignment]
    known = next(iter(group.cases))
    assert known.photo is not None
    given = Sketches(painter, Products(np.stack([known.photo]), np.stack([known.lines]), ("a",)),
                     [group])  # fmt: skip
    one, three = given.painted(group), given.looks(group, 3)
    assert len(asked) == 9 and ("c", 2002) in asked and ("b", 1000) in asked
    assert all(np.array_equal(first, looks[0]) for first, looks in zip(one, three, strict=True))
    assert [len(looks) for looks in given.looks(group, 2)] == [2, 2, 2] and len(asked) == 9
    fewer = Group(group.id, group.title, group.cases[2:])
    given.looks(fewer, 1)  # the same sketch as first of others: seeds count from there
    assert asked[9:] == [("c", 0)]


def test_blazepose_is_shown_a_picture_once(tmp_path: Path):
    python = tmp_path / "python"
    python.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "paths = sys.stdin.read().split()\n"
        f"open({str(tmp_path / 'shown')!r}, 'a').write(f'{{len(paths)}} ')\n"
        'print(\'{"mediapipe": "0"}\')\n'
        "for n, _ in enumerate(paths): print('{\"nose\": [0.5, %s]}' % (n / 4))\n"
    )
    python.chmod(0o755)
    a, b, c = (noise(40, 40, 3, seed=n) for n in (1, 2, 3))
    blazepose.find_poses(python, [a, b, a])
    found = blazepose.find_poses(python, [c, b, a])
    assert (tmp_path / "shown").read_text() == "2 1 "
    noses = [pose.xy[INDEX["nose"]].tolist() for pose in found.poses if pose is not None]
    assert noses == [[20, 0], [20, 10], [20, 0]]
    assert found.about == {"mediapipe": "0"}
