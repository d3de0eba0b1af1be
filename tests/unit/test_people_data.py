"""Puppets, pairs and batches for the reposer."""

import json

import cv2
import numpy as np
import pytest
import torch

from engine.errors import InputError
from engine.framing import cut_out, person_frame
from engine.shapes.body import body_height, completed
from engine.shapes.pose_files import to_coco17
from tests.unit.people import drawn_person
from trainer.data.coco import read_people
from trainer.data.people import Cutout, Mixture, Pair, PeopleFrames, collate, narrow_width
from trainer.data.puppets import puppet, random_pose, without_hand


def write_pack(folder, split="train", count=4, groups=True):
    """A COCO key-point folder of drawn people."""
    for sub in ("photos", "masks"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    images, notes = [], []
    for i in range(count):
        photo, mask, pose = drawn_person((150 + 10 * i, 200))
        name = f"{split}{i}"
        cv2.imwrite(str(folder / "photos" / f"{name}.png"), photo.pixels[..., ::-1])
        cv2.imwrite(str(folder / "masks" / f"{name}.png"), mask.pixels)
        width, height = photo.size
        images.append({"id": i, "file_name": f"{name}.png", "width": width, "height": height})
        group = f"g{i // 2}" if groups else None
        notes.append(
            {
                "image_id": i,
                "keypoints": to_coco17(pose),
                "mask": f"{name}.png",
                "same_person_group": group,
            }
        )
    file = folder / f"person_keypoints_{split}.json"
    file.write_text(json.dumps({"images": images, "annotations": notes}))


@pytest.fixture
def pack(tmp_path):
    folder = tmp_path / "drawn"
    for split in ("train", "val"):
        write_pack(folder, split)
    return folder


def framed_person(side=128):
    photo, mask, pose = drawn_person()
    frame = person_frame(pose, mask)
    return Cutout(
        cut_out(photo, mask, frame, side),
        completed(pose).mapped(frame.matrix(side), (side, side)),
    )


def test_a_puppet_in_its_own_pose_is_the_person():
    person = framed_person()
    same = puppet(person.rgba, person.pose, person.pose).astype(float)
    inside = cv2.erode(person.rgba[..., 3], np.ones((5, 5))) > 250
    difference = np.abs(same[..., :3] - person.rgba[..., :3])[inside]
    assert difference.mean() < 12
    assert (same[..., 3][inside] > 200).mean() > 0.95


def test_a_puppet_moves_with_its_pose():
    person = framed_person()
    shifted = person.pose.mapped(np.array([[1.0, 0, 9], [0, 1, -4]]), person.pose.size)
    here = puppet(person.rgba, person.pose, person.pose)
    there = puppet(person.rgba, person.pose, shifted)
    moved = np.roll(here, (-4, 9), (0, 1))
    solid = (moved[..., 3] > 250) & (there[..., 3] > 250)
    assert solid.sum() > 800
    assert np.abs(there[..., :3].astype(int) - moved[..., :3])[solid].mean() < 8


def test_a_hidden_hand_takes_on_the_clothes_and_changes_nothing_else():
    person = framed_person()
    out = without_hand(person.rgba, person.pose, "left", np.random.default_rng(1))
    changed = (out != person.rgba).any(-1)
    ys, xs = np.nonzero(changed)
    wrist = np.array(person.pose["left_wrist"])
    assert len(xs) > 20
    reach = 0.2 * body_height(person.pose)
    assert np.hypot(xs - wrist[0], ys - wrist[1]).max() < reach


def test_random_poses_stay_in_the_frame_and_keep_the_body():
    person = framed_person()
    rng = np.random.default_rng(0)
    bank = [person.pose.mirrored()]
    for _ in range(50):
        pose = random_pose(person.pose, rng, bank)
        assert pose != person.pose
        assert pose.xy.min() > -8 and pose.xy.max() < 136
        assert 0.6 < body_height(pose) / body_height(person.pose) < 1.4


def test_packs_are_read_with_groups_and_pixels(pack):
    samples = read_people(pack, "train")
    assert len(samples) == 4
    assert samples[0].group == samples[1].group != samples[2].group
    photo, mask = samples[2].read()
    assert photo.shape[:2] == mask.shape == (200, 170)
    with pytest.raises(InputError, match="person_keypoints_test"):
        read_people(pack, "test")


def test_a_damaged_pack_says_which_file(pack):
    (pack / "person_keypoints_train.json").write_text('{"images": [{"id": "x"}]}')
    with pytest.raises(InputError, match="not COCO"):
        read_people(pack, "train")
    sample = read_people(pack, "val")[0]
    sample.photo.write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"val0\.png is not a picture"):
        sample.read()


def test_batches_have_one_width_and_repeat_with_their_seed(pack):
    frames = PeopleFrames(read_people(pack, "train"), 64, Mixture())
    batch = frames.batch(np.random.default_rng(3), 4)
    again = frames.batch(np.random.default_rng(3), 4)
    assert batch.source.shape == (4, 4, 64, 64)
    assert batch.target.shape[-1] in (narrow_width(64), 64)
    torch.testing.assert_close(batch.target, again.target)
    torch.testing.assert_close(batch.source_joints, again.source_joints)
    assert len(frames.pairs) == 4


def test_source_and_target_are_mirrored_and_tinted_together():
    person = framed_person(64)
    pairs = [Pair(person, person)] * 16
    batch = collate(pairs, 64, np.random.default_rng(0))
    torch.testing.assert_close(batch.source, batch.target)
    torch.testing.assert_close(batch.source_joints, batch.target_joints)
    plain = collate(pairs, 64, np.random.default_rng(0), augment=False)
    flipped = [
        bool((b[3].flip(-1) - p[3]).abs().max() < 1e-6)
        for b, p in zip(batch.target, plain.target, strict=True)
    ]
    assert any(flipped) and not all(flipped)
