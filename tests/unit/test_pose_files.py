"""Pose files: what others write is read, what we write is read back, and nonsense is refused."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.shapes.body import default_pose
from engine.shapes.pose import INDEX, JOINTS, Pose, Presence
from engine.shapes.pose_files import (
    COCO17,
    from_document,
    people_of,
    read_pose,
    read_poses,
    to_coco,
    to_openpose,
    write_pose,
    write_poses,
)
from tests.unit.people import asymmetric_pose

numbers = st.floats(-5000, 5000, allow_nan=False)
poses = st.builds(
    lambda xy, presence, size: Pose(np.array(xy), np.array(presence, np.uint8), size),
    st.lists(st.tuples(numbers, numbers), min_size=18, max_size=18),
    st.lists(st.sampled_from([0, 1, 2]), min_size=18, max_size=18).filter(any),
    st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
)


@given(poses)
def test_openpose_round_trip(pose):
    assert read_pose(json.dumps(to_openpose(pose)).encode()) == pose


@given(poses)
def test_coco_round_trip_but_for_the_neck(pose):
    if not (np.delete(pose.presence, INDEX["neck"]) > 0).any():
        return
    back = read_pose(json.dumps(to_coco(pose)).encode())
    others = [i for i, name in enumerate(JOINTS) if name != "neck"]
    assert back.size == pose.size
    assert np.array_equal(back.xy[others], pose.xy[others])
    assert np.array_equal(back.presence[others], pose.presence[others])


@pytest.mark.parametrize("form", ["openpose", "coco"])
def test_files_on_disk(tmp_path, form):
    pose = asymmetric_pose().marked(Presence.hidden, "left_wrist")
    neck = (np.array(pose["right_shoulder"]) + pose["left_shoulder"]) / 2
    pose = pose.moved(neck=tuple(neck))  # COCO has no neck: it is the middle of the shoulders
    write_pose(pose, tmp_path / "p.json", form, "photo.jpg")
    assert read_pose(tmp_path / "p.json") == pose


def test_coco_lists_joints_in_its_own_order():
    document = to_coco(asymmetric_pose(), photo="photo.jpg")
    note = document["annotations"][0]
    at = COCO17.index("left_wrist") * 3
    assert note["keypoints"][at : at + 3] == [170, 96, 2]
    assert note["num_keypoints"] == 17
    assert document["images"][0] == {
        "id": 1,
        "file_name": "photo.jpg",
        "width": 240,
        "height": 220,
    }
    assert note["bbox"] == [60, 20, 110, 166]


def openpose(flat, **more):
    return {"people": [{"pose_keypoints_2d": flat}], **more}


def test_body_25_skips_the_hip_middle_and_the_feet():
    flat = [v for i in range(25) for v in (i * 10.0, i * 10.0 + 1, 0.9)]
    pose = from_document(openpose(flat), (500, 500))
    assert pose["left_wrist"] == (70, 71)  # 7
    assert pose["right_hip"] == (90, 91)  # 9, after the middle of the hips
    assert pose["left_ankle"] == (140, 141)  # 14
    assert pose["left_ear"] == (180, 181)  # 18


def test_confidence_tells_missing_hidden_and_seen():
    flat = [v for i in range(18) for v in (100.0 + i, 50.0, (0, 0.3, 0.8)[i % 3])]
    pose = from_document(openpose(flat), (300, 300))
    assert [int(p) for p in pose.presence[:3]] == [0, 1, 2]


def test_shares_of_the_canvas_become_pixels():
    flat = [v for i in range(18) for v in (0.5, i / 20, 1)]
    pose = from_document(openpose(flat, canvas_width=200, canvas_height=400))
    assert pose["neck"] == (100, 20)


def test_the_file_names_its_canvas_and_the_caller_is_asked_only_if_not():
    flat = [v for i in range(18) for v in (10.0 + i, 20.0, 1)]
    assert from_document(openpose(flat, canvas_width=64, canvas_height=48), (9, 9)).size == (64, 48)
    assert from_document(openpose(flat), (90, 91)).size == (90, 91)
    with pytest.raises(InputError, match="canvas"):
        from_document(openpose(flat))


def test_of_several_people_the_central_one_is_taken():
    def person(x):
        return {"pose_keypoints_2d": [v for i in range(18) for v in (x + i, 100.0 + i, 1)]}

    empty = {"pose_keypoints_2d": [0.0] * 54}
    people = [person(300), empty, person(190), {"pose_keypoints_2d": []}, person(20)]
    pose = from_document({"people": people, "canvas_width": 400, "canvas_height": 220})
    assert pose["nose"] == (190, 100)


@pytest.mark.parametrize("form", ["openpose", "body25", "coco"])
def test_everybody_comes_back_from_every_form(tmp_path, form):
    first = default_pose((240, 220)).marked(Presence.missing, "left_wrist")
    second = asymmetric_pose().marked(Presence.hidden, "right_knee")
    middle = np.add(second["right_shoulder"], second["left_shoulder"]) / 2
    second = second.moved(neck=tuple(middle))
    middle = np.add(first["right_shoulder"], first["left_shoulder"]) / 2
    people = (first.moved(neck=tuple(middle)), second)
    write_poses(people, tmp_path / "p.json", form, "photo.jpg")
    assert read_poses(tmp_path / "p.json") == people


def test_body_25_has_the_middle_of_the_hips_at_8_and_no_feet():
    flat = to_openpose(asymmetric_pose(), body25=True)["people"][0]["pose_keypoints_2d"]
    table = np.array(flat).reshape(25, 3)
    assert table[8].tolist() == [100, 117, 1] and table[9].tolist() == [88, 118, 1]
    assert table[18].tolist() == [112, 40, 1] and not table[19:].any()
    hipless = asymmetric_pose().marked(Presence.missing, "left_hip")
    assert to_openpose(hipless, body25=True)["people"][0]["pose_keypoints_2d"][24:27] == [0, 0, 0]


def test_people_on_two_canvases_are_not_one_photo(tmp_path):
    poses = [default_pose((100, 100)), default_pose((100, 120))]
    for some in (poses, []):
        for form in ("openpose", "coco"):
            with pytest.raises(InputError, match="one canvas"):
                write_poses(some, tmp_path / "p.json", form)
    assert not (tmp_path / "p.json").exists()


def shares(document, factor=(1 / 240, 1 / 220)):
    """The document with all coordinates multiplied, and without units."""
    del document["units"]
    for person in [*document.get("people", ()), *document.get("annotations", ())]:
        key = "keypoints" if "keypoints" in person else "pose_keypoints_2d"
        table = np.array(person[key], float).reshape(-1, 3) * (*factor, 1)
        person[key] = table.ravel().tolist()
    return document


@pytest.mark.parametrize("write", [to_openpose, to_coco])
def test_shares_are_told_from_pixels_also_beyond_the_canvas(write):
    pose = asymmetric_pose().moved(left_ankle=(140, 250), right_wrist=(-20, 40))
    (read,) = people_of(shares(write(pose)))
    others = [i for i, name in enumerate(JOINTS) if name != "neck"]
    assert np.allclose(read.xy[others], pose.xy[others])
    (read,) = people_of(shares(write(pose), (1, 1)))
    assert np.allclose(read.xy[others], pose.xy[others])


def test_named_units_decide():
    document = shares(to_openpose(asymmetric_pose()))
    (tiny,) = people_of(document | {"units": "pixels"})
    assert np.abs(tiny.xy).max() < 1
    (whole,) = people_of(document | {"units": "normalized"})
    assert np.allclose(whole.xy, asymmetric_pose().xy)
    with pytest.raises(InputError, match="furlongs"):
        people_of(document | {"units": "furlongs"})


def test_pixels_beside_shares_are_ambiguous():
    document = to_openpose(asymmetric_pose())
    document["people"] += shares(to_openpose(asymmetric_pose()))["people"]
    assert len(people_of(document)) == 2  # it says pixels
    del document["units"]
    with pytest.raises(InputError, match="pixels and some shares"):
        people_of(document)


def test_results_of_several_images_give_the_first_ones_people():
    rows = [(5, 3.0), (5, 30.0), (6, 20.0)]
    results = [{"image_id": i, "keypoints": [x, 4.0, 2] * 17} for i, x in rows]
    assert [pose["nose"][0] for pose in people_of(results, (50, 50))] == [3, 30]


def test_a_list_of_frames_and_cocos_results_format():
    flat = [v for i in range(18) for v in (10.0 + i, 20.0, 1)]
    frames = [{**openpose(flat), "canvas_width": 64, "canvas_height": 48}]
    assert from_document(frames)["nose"] == (10, 20)
    results = [{"image_id": 5, "category_id": 1, "keypoints": [3.0, 4.0, 2] * 17, "score": 0.9}]
    assert from_document(results, (50, 50))["nose"] == (3, 4)


def test_coco_takes_the_first_images_annotations():
    document = to_coco(default_pose((100, 200)))
    other = {"image_id": 9, "keypoints": [1.0, 1.0, 2] * 17}
    document["annotations"].insert(0, other)
    assert read_pose(json.dumps(document).encode())["nose"] == default_pose((100, 200))["nose"]


BAD = {
    "not json": b"{oops",
    "empty": b"",
    "latin": b'{"people": "\xff"}',
    "nested": b"[" * 100_000,
    "number": b"7",
    "no people": b'{"people": []}',
    "nobody": json.dumps(openpose([0.0] * 54, canvas_width=9, canvas_height=9)).encode(),
    "nan": b'{"people":[{"pose_keypoints_2d":[' + b",".join([b"NaN"] * 54) + b"]}]}",
    "infinity": b'{"people":[{"pose_keypoints_2d":[' + b",".join([b"1e999"] * 54) + b"]}]}",
    "huge": json.dumps(openpose([1e30] * 54, canvas_width=9, canvas_height=9)).encode(),
    "text": json.dumps(openpose(["1"] * 54, canvas_width=9, canvas_height=9)).encode(),
    "null": json.dumps(openpose([None] * 54, canvas_width=9, canvas_height=9)).encode(),
    "truth": json.dumps(openpose([True] * 54, canvas_width=9, canvas_height=9)).encode(),
    "53 numbers": json.dumps(openpose([1.0] * 53, canvas_width=9, canvas_height=9)).encode(),
    "no canvas": json.dumps(openpose([1.0] * 54)).encode(),
    "empty canvas": json.dumps(openpose([5.0] * 54, canvas_width=0, canvas_height=9)).encode(),
    "vast canvas": json.dumps(openpose([5.0] * 54, canvas_width=9, canvas_height=10**9)).encode(),
    "canvas text": json.dumps(openpose([5.0] * 54, canvas_width="9")).encode(),
    "coco v": json.dumps(
        {
            "images": [{"id": 1, "width": 9, "height": 9}],
            "annotations": [{"image_id": 1, "keypoints": [1.0, 1.0, 7] * 17}],
        }
    ).encode(),
    "coco short": json.dumps([{"image_id": 1, "keypoints": [1.0, 1.0, 2]}]).encode(),
    "coco nobody": b'{"annotations": [], "images": [{"id": 1, "width": 9, "height": 9}]}',
    "list": b"[]",
    "list of lists": b"[[]]",
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_bad_content_is_one_sentence(content):
    with pytest.raises(InputError) as caught:
        read_pose(content)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_bad_places(tmp_path):
    big = tmp_path / "big.json"
    with big.open("wb") as file:
        file.truncate(30_000_000)
    for path in (tmp_path, tmp_path / "none.json", big):
        with pytest.raises(InputError):
            read_pose(path)
    with pytest.raises(InputError, match="cannot be written"):
        write_pose(asymmetric_pose(), tmp_path / "no" / "p.json")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["people", "pose_keypoints_2d", "annotations", "keypoints", "images"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused(document):
    try:
        pose = read_pose(json.dumps(document).encode(), (100, 100))
    except InputError:
        return
    assert math.isfinite(pose.xy.sum())
