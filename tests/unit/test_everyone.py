"""Everybody in a photo: nobody missed, nobody twice, masks apart."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine import registry, weights
from engine.perception.reader import Reader
from engine.photo import Photo
from engine.photo_files import open_photo
from engine.runtime import Runtime
from engine.shapes.body import default_pose
from engine.shapes.pose import INDEX, Pose, Presence
from engine.shapes.pose_files import read_poses
from engine.shapes.similarity import similarity
from tests.unit.people import asymmetric_pose
from trainer.cli import main
from trainer.data.people_folders import read_packs

SAMPLES = Path(__file__).parents[2] / "assets" / "samples"


@pytest.fixture(scope="module")
def reader() -> Reader:
    """The bundled one."""
    torch.set_num_threads(1)
    path = next(p for p in registry.bundled() if p.stem == registry.PERCEPTION_MODEL)
    return registry.build(weights.load(path), Runtime(torch.device("cpu"), torch.float32))


def in_pixels(path: Path, height: int) -> np.ndarray:
    pixels = open_photo(path).pixels
    width = round(pixels.shape[1] * height / pixels.shape[0])
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def both() -> Photo:
    """The two bundled samples beside each other."""
    return Photo(np.hstack([in_pixels(SAMPLES / n, 480) for n in ("walker.png", "waver.jpg")]))


def test_the_two_samples_side_by_side_are_both_found(reader, both):
    left = in_pixels(SAMPLES / "walker.png", 480).shape[1]
    people = reader.read_all(both)
    assert len(people) == 2
    middles = sorted(one.pose.xy[one.pose.presence > 0].mean(0)[0] for one in people)
    assert middles[0] < left < middles[1]
    overlap = np.minimum(*(one.mask.pixels.astype(int) for one in people))
    assert not ((people[0].mask.pixels > 127) & (people[1].mask.pixels > 127)).any()
    assert overlap.max() <= 128
    for one in people:
        assert one.photo == both and one.found
        box = one.pose.xy[one.pose.presence == Presence.seen]
        rows, columns = np.nonzero(one.mask.pixels > 127)
        assert abs(columns.mean() - box[:, 0].mean()) < 30
        assert abs(rows.mean() - box[:, 1].mean()) < 60


def test_the_first_is_the_single_reading_bit_for_bit(reader, both):
    for photo in (both, open_photo(SAMPLES / "waver.jpg")):
        one, first = reader.read(photo), reader.read_all(photo)[0]
        assert first.pose == one.pose and first.mask == one.mask
        assert first.confidence == one.confidence


@pytest.mark.parametrize("name", ["walker.png", "waver.jpg"])
def test_alone_means_alone(reader, name):
    assert len(reader.read_all(open_photo(SAMPLES / name))) == 1


def test_nobody_is_an_empty_list(reader):
    assert reader.read_all(Photo(np.full((200, 300, 3), 130, np.uint8))) == ()


def test_a_crowd_ends_where_it_is_told_to(reader, both):
    assert len(reader.read_all(both, most=1)) == 1


def test_similarity_is_that_of_coco():
    truth = asymmetric_pose()
    assert similarity(truth, truth) == pytest.approx(1)
    x, y = truth["left_wrist"]
    moved = truth.moved(left_wrist=(x + 20, y))
    area = 0.53 * (170 - 60) * (186 - 20)  # of the box around the joints
    expected = (17 + np.exp(-(20**2) / (2 * area * (2 * 0.062) ** 2))) / 18
    assert similarity(moved, truth) == pytest.approx(expected)
    few = Pose(truth.xy, np.where(np.arange(18) < 3, 2, 0).astype(np.uint8), truth.size)
    assert similarity(few, truth) == 0
    assert similarity(default_pose(truth.size), truth) < 0.7


def test_detect_writes_everyone(both, tmp_path, capsys):
    photo = tmp_path / "both.png"
    cv2.imwrite(str(photo), both.pixels[..., ::-1])
    args = [str(photo), "-o", str(tmp_path / "p.json"), "--mask", str(tmp_path / "m.png")]
    assert main(["detect", *args, "--everyone"]) == 0
    assert "2 people" in capsys.readouterr().out
    poses = read_poses(tmp_path / "p.json")
    assert len(poses) == 2 and similarity(*poses) < 0.2
    for number, pose in enumerate(poses, 1):
        mask = cv2.imread(str(tmp_path / f"m-{number}.png"), cv2.IMREAD_GRAYSCALE)
        x, y = pose.xy[INDEX["neck"]].astype(int)
        assert mask.shape == both.pixels.shape[:2] and mask[y, x] > 127
    cv2.imwrite(str(photo), np.full((100, 100, 3), 200, np.uint8))
    assert main(["detect", *args, "--everyone"]) == 2
    assert "No person was found" in capsys.readouterr().err


def group(samples, rng):
    """People cut out of photos and pasted side by side, and their poses there."""
    height, cuts = 420, []
    for sample in samples:
        rgb, alpha = sample.read()
        rows, columns = (np.nonzero((alpha > 127).any(a))[0] for a in (1, 0))
        box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        scale = rng.uniform(0.8, 1.1)
        rgb, alpha = (cv2.resize(a[box], None, fx=scale, fy=scale) for a in (rgb, alpha))
        cuts.append((rgb, alpha, (sample.pose.xy - (columns[0], rows[0])) * scale))
    width = 40 + sum(rgb.shape[1] + 20 for rgb, _, _ in cuts)
    canvas = np.repeat(np.linspace(90, 190, height)[:, None, None], width, 1).repeat(3, 2)
    left, poses = 30, []
    for sample, (rgb, alpha, xy) in zip(samples, cuts, strict=True):
        top = height - 20 - len(rgb)
        part = canvas[top : top + len(rgb), left : left + rgb.shape[1]]
        part += (rgb - part) * (alpha[..., None] / 255)
        poses.append(Pose(xy + np.array([left, top]), sample.pose.presence, (width, height)))
        left += rgb.shape[1] + 20
    return Photo(canvas.round().astype(np.uint8)), poses


@pytest.mark.skipif("GUISE_DATA" not in os.environ, reason="GUISE_DATA names no packs")
@pytest.mark.parametrize("count", [2, 3])
def test_groups_of_held_out_people_are_found(reader, count):
    samples = read_packs(Path(os.environ["GUISE_DATA"]), ("people",), "val")
    rng, hits, extra = np.random.default_rng(count), 0, 0
    for _ in range(6):
        chosen = [samples[i] for i in rng.choice(len(samples), count, replace=False)]
        photo, poses = group(chosen, rng)
        people = reader.read_all(photo)
        found = [max((similarity(p.pose, q) for p in people), default=0) > 0.5 for q in poses]
        hits += sum(found)
        extra += len(people) - sum(found)
    assert hits >= 0.9 * 6 * count and extra <= 1
