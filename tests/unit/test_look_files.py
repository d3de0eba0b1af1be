"""Looks and poses survive JSON bit for bit, and damaged ones are refused."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings

from engine.appearance import FromPhoto, Mix, Sampled
from engine.errors import GuiseError, InputError
from engine.look_files import look_from, look_value
from engine.photo import Mask
from engine.shape_files import Rasters, pose_from
from engine.shapes.pose import Pose
from engine.shapes.pose_files import to_openpose
from tests.unit.made_states import MASK, PHOTO, POSE, RASTERS, looks


@settings(max_examples=60, deadline=None)
@given(looks)
def test_every_look_comes_back_bit_for_bit(look):
    text = json.dumps(look_value(look))
    assert look_from(json.loads(text), RASTERS) == look


def test_a_pose_keeps_the_last_bit_and_may_be_empty():
    odd = struct.unpack("<d", struct.pack("<q", 0x405EDD2F1A9FBE77))[0]
    moved = POSE.moved(nose=(odd, -0.1))
    assert pose_from(json.loads(json.dumps(to_openpose(moved))))["nose"] == (odd, -0.1)
    empty = Pose(np.zeros((18, 2)), np.zeros(18, np.uint8), (60, 80))
    assert pose_from(to_openpose(empty)) == empty


def damaged():
    good = look_value(FromPhoto(PHOTO, POSE, MASK))
    shape = good["shape"]
    yield "unknown kind", good | {"kind": "Guess"}
    yield "no kind", {"photo": PHOTO.digest}
    yield "not a mapping", [1, 2]
    yield "digest of a wrong type", good | {"photo": 7}
    yield "no joints", good | {"shape": shape | {"people": []}}
    yield "too few numbers", good | {"shape": shape | {"people": [{"pose_keypoints_2d": [1.0]}]}}
    far = [1e300] * 54
    yield "far away", good | {"shape": shape | {"people": [{"pose_keypoints_2d": far}]}}
    yield "nan", good | {"shape": shape | {"people": [{"pose_keypoints_2d": [np.nan] * 54}]}}
    yield "no canvas", good | {"shape": shape | {"canvas_width": 0}}
    yield "another canvas", good | {"shape": shape | {"canvas_width": 61}}
    yield "share", look_value(Mix(Sampled(1, POSE), Sampled(2, POSE), 0.5)) | {"t": 2.0}
    yield "region", {"kind": "Parts", "default": good, "regions": {"tail": good}}
    yield "seed", look_value(Sampled(1, POSE)) | {"seed": 0.5}


@pytest.mark.parametrize("value", [v for _, v in damaged()], ids=[n for n, _ in damaged()])
def test_damage_is_told_in_one_sentence(value):
    with pytest.raises(InputError) as caught:
        look_from(value, RASTERS)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_endless_nesting_is_refused():
    value = look_value(Sampled(1, POSE))
    for _ in range(20_000):
        value = {"kind": "Mix", "a": value, "b": look_value(Sampled(2, POSE)), "t": 0.5}
    with pytest.raises(GuiseError):
        look_from(value, RASTERS)


def test_a_mask_for_another_photo_is_refused():
    wide = Mask(np.zeros((80, 61), np.uint8))
    value = look_value(FromPhoto(PHOTO, POSE, wide))
    with pytest.raises(InputError, match="61 x 80"):
        look_from(value, Rasters(RASTERS.photo, lambda _: wide))
