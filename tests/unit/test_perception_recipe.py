"""The person reader's training pictures, losses and one short run."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine.errors import InputError
from engine.perception.network import PersonNetConfig
from engine.shapes.pose import INDEX, MIRROR, Pose
from trainer.data.augment import Amounts, Subject, mirrored, scene
from trainer.loop import RunOptions
from trainer.recipes.perception import (
    PerceptionRecipe,
    joint_targets,
    start_from,
    train_perception,
)

STILL = Amounts(backdrop=0, nobody=0, crowd=0, cover=0, close=0, far=0, tumble=0)
RIGHT_WRIST = INDEX["right_wrist"]


def subject(seed: int = 0) -> Subject:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (120, 80, 3)).astype(np.uint8)
    xy = rng.uniform((15, 15), (65, 105), (18, 2))
    mask = np.zeros((120, 80), np.uint8)
    cv2.circle(mask, (int(xy[RIGHT_WRIST, 0]), int(xy[RIGHT_WRIST, 1])), 5, 255, -1)
    xy[RIGHT_WRIST] = np.floor(xy[RIGHT_WRIST]) + 0.5
    return Subject(picture, mask, xy, np.full(18, 2, np.uint8))


def centre_of(mask: np.ndarray) -> np.ndarray:
    rows, columns = np.nonzero(mask > 127)
    return np.array([columns.mean() + 0.5, rows.mean() + 0.5])


def test_mirroring_swaps_the_names_and_agrees_with_poses():
    one = subject()
    other = mirrored(one)
    pose = Pose(one.xy, one.presence, (80, 120)).mirrored()
    assert other.xy == pytest.approx(pose.xy)
    assert other.xy[INDEX["left_wrist"]] == pytest.approx(
        (80 - one.xy[RIGHT_WRIST, 0], one.xy[RIGHT_WRIST, 1])
    )
    assert centre_of(other.mask) == pytest.approx(other.xy[INDEX["left_wrist"]])
    back = mirrored(other)
    assert (back.picture == one.picture).all()
    assert back.xy == pytest.approx(one.xy)


def test_joints_and_mask_move_together_and_mirrored_ones_swap_names():
    sides = set()
    for seed in range(24):
        made = scene(np.random.default_rng(seed), subject(), 96, subject, STILL)
        right = np.linalg.norm(centre_of(made.mask) - made.xy[RIGHT_WRIST])
        left = np.linalg.norm(centre_of(made.mask) - made.xy[MIRROR[RIGHT_WRIST]])
        assert min(right, left) < 1.0
        sides.add("right" if right < left else "left")
    assert sides == {"right", "left"}


def test_a_seed_gives_the_same_picture_and_another_seed_another():
    made = [scene(np.random.default_rng(s), subject(), 96, subject, Amounts()) for s in (5, 5, 6)]
    assert (made[0].picture == made[1].picture).all()
    assert (made[0].picture != made[2].picture).any()


def test_joints_outside_the_square_are_missing():
    close = Amounts(backdrop=0, nobody=0, crowd=0, cover=0, close=1, far=0, tumble=0)
    for seed in range(8):
        made = scene(np.random.default_rng(seed), subject(), 96, subject, close)
        inside = ((made.xy >= 0) & (made.xy < 96)).all(1)
        assert ((made.presence > 0) == inside).all()


def test_nobody_means_no_mask_and_no_joints():
    empty = Amounts(nobody=1)
    made = scene(np.random.default_rng(1), subject(), 96, subject, empty)
    assert not made.mask.any()
    assert not made.presence.any()


def test_targets_are_distributions_centred_on_the_joint():
    xy = torch.tensor([[[7.3, 10.6], [20.5, 5.5]]])
    odds = joint_targets(xy, 24, 32).view(1, 2, 24, 32)
    assert odds.sum((2, 3)) == pytest.approx(1)
    xs, ys = torch.arange(32) + 0.5, torch.arange(24) + 0.5
    mean = torch.stack([(odds.sum(2) * xs).sum(-1), (odds.sum(3) * ys).sum(-1)], -1)
    assert mean == pytest.approx(xy, abs=0.02)


def test_a_file_that_is_no_lite0_is_refused(tmp_path):
    from engine.perception.network import PersonNet

    path = tmp_path / "weights.pth"
    torch.save({"a": torch.zeros(1)}, path)
    with pytest.raises(InputError, match="Lite0"):
        start_from(PersonNet(PersonNetConfig([8, 8, 8, 8])), path)


def write_pack(folder: Path, count: int) -> None:
    (folder / "photos").mkdir(parents=True)
    (folder / "masks").mkdir()
    images, notes = [], []
    rng = np.random.default_rng(0)
    for i in range(count):
        pixels = rng.integers(0, 256, (90, 60, 3)).astype(np.uint8)
        mask = np.zeros((90, 60), np.uint8)
        mask[10:80, 20:40] = 255
        cv2.imwrite(str(folder / "photos" / f"{i}.jpg"), pixels)
        cv2.imwrite(str(folder / "masks" / f"{i}.png"), mask)
        points = np.column_stack([rng.uniform(20, 40, 17), rng.uniform(10, 80, 17), np.full(17, 2)])
        images.append({"id": i, "file_name": f"{i}.jpg", "width": 60, "height": 90})
        notes.append({"image_id": i, "keypoints": points.ravel().tolist(), "mask": f"{i}.png"})
    for split in ("train", "val"):
        (folder / f"person_keypoints_{split}.json").write_text(
            json.dumps({"images": images, "annotations": notes})
        )


def test_a_short_run_learns_exports_and_resumes(tmp_path):
    from engine import weights

    write_pack(tmp_path / "data" / "crowd", 3)
    recipe = PerceptionRecipe(
        tmp_path / "data", ("crowd",), sides=(64,), network=PersonNetConfig([8, 8, 8, 8], side=64)
    )
    options = RunOptions(tmp_path / "run", images=8, batch=4, tick=0, device="cpu", warmup=1)
    path = train_perception(recipe, options)
    saved = weights.load(path)
    assert saved.card.id == "person-reader"
    measured = {"read.crowd.pckh", "read.crowd.pckh.by_person", "read.crowd.mask_iou"}
    assert set(saved.card.metrics) == measured
    lines = [
        json.loads(line) for line in (tmp_path / "run" / "stats.jsonl").read_text().splitlines()
    ]
    assert all(np.isfinite(line["heat"]) for line in lines if "heat" in line)
    train_perception(recipe, RunOptions(tmp_path / "run", images=12, batch=4, device="cpu"))
    last = (tmp_path / "run" / "stats.jsonl").read_text().splitlines()[-1]
    assert json.loads(last)["images"] == 12
