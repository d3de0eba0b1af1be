"""VUNet's index.p: real pickles of every age, and hostile ones that must not be opened."""

import collections
import os
import pickle
import struct

import cv2
import numpy as np
import pytest

from engine.errors import InputError
from tests.unit.people import asymmetric_pose, drawn_person
from trainer.data.index_p import REQUIRED, read_index, read_index_people

NAMES = {"r": "right_", "l": "left_", "c": ""}


def table_of(pose, order=REQUIRED):
    """(J, 2) in 0..1 of a pose."""
    rows = [pose[NAMES[name[0]] + name[1:]] for name in order]
    return np.array([(-1, -1) if row is None else np.array(row) / pose.size for row in rows])


def entries(folder, count=3, order=REQUIRED):
    photo, _, pose = drawn_person((120, 110), asymmetric_pose((240, 220)).resized((120, 110)))
    (folder / "imgs").mkdir(exist_ok=True)
    for i in range(count):
        assert cv2.imwrite(str(folder / "imgs" / f"{i}.png"), photo.pixels[..., ::-1])
    return {
        "joint_order": list(order),
        "imgs": [f"imgs/{i}.png" for i in range(count)],
        "train": [i != count - 1 for i in range(count)],
        "joints": np.stack([table_of(pose, order)] * count),
    }


def written(folder, content, protocol=2):
    path = folder / "index.p"
    raw = content if isinstance(content, bytes) else pickle.dumps(content, protocol)
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol_is_read(tmp_path, protocol):
    given = entries(tmp_path)
    found = read_index(written(tmp_path, given, protocol))
    assert found.joint_order == REQUIRED
    assert found.photos[1] == tmp_path / "imgs" / "1.png"
    assert found.train.tolist() == [True, True, False]
    np.testing.assert_array_equal(found.joints, given["joints"])


@pytest.mark.parametrize("core", [b"numpy.core", b"numpy._core"])
@pytest.mark.parametrize("kind", [">f4", "<f8", "f2"])
@pytest.mark.parametrize("order", "CF")
def test_both_homes_of_numpy_and_every_layout_are_read(tmp_path, core, kind, order):
    given = entries(tmp_path)
    given["joints"] = np.array(given["joints"], kind, order=order)
    raw = pickle.dumps(given, 0).replace(b"numpy._core", b"numpy.core").replace(b"numpy.core", core)
    found = read_index(written(tmp_path, raw))
    np.testing.assert_array_equal(found.joints, given["joints"].astype(float))


def test_flags_and_names_may_be_arrays_and_numpy_values(tmp_path):
    given = entries(tmp_path)
    given["train"] = np.array(given["train"])
    given["imgs"] = np.array(given["imgs"])
    assert read_index(written(tmp_path, given)).train.tolist() == [True, True, False]
    given["train"] = [np.bool_(flag) for flag in given["train"]]
    for protocol in (2, 4):
        found = read_index(written(tmp_path, given, protocol))
        assert found.train.tolist() == [True, True, False]


def test_a_pickle_of_python_2_is_read(tmp_path):
    """Python 2 wrote text and array contents as byte strings (opcodes U and T)."""
    given = entries(tmp_path, 1)

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value if len(value) < 256 else long_text(value)

    def long_text(value: bytes) -> bytes:
        return b"T" + struct.pack("<i", len(value)) + value

    raw = np.ascontiguousarray(given["joints"], "<f8").tobytes()
    shape = b"".join(b"K" + bytes([n]) for n in given["joints"].shape)
    dtype = b"cnumpy\ndtype\n" + text(b"f8") + b"K\0K\1\x87R"
    dtype += b"(K\3" + text(b"<") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85" + text(b"b") + b"\x87R"
    )
    array += b"(K\1(" + shape + b"t" + dtype + b"\x89" + long_text(raw) + b"tb"
    names = b"](" + b"".join(text(n.encode()) for n in REQUIRED) + b"e"
    content = b"\x80\x02}(" + text(b"joint_order") + names
    content += text(b"imgs") + b"](" + text(b"imgs/0.png") + b"e"
    content += text(b"train") + b"](\x88e" + text(b"joints") + array + b"u."
    found = read_index(written(tmp_path, content))
    np.testing.assert_array_equal(found.joints, given["joints"])
    assert found.train.tolist() == [True]


class _Runs:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_pickle_that_wants_to_run_code_is_not_opened(tmp_path, protocol):
    trap = tmp_path / "ran"
    given = entries(tmp_path) | {"extra": _Runs(os.system, f"touch {trap}")}
    with pytest.raises(InputError, match="wants to run code"):
        read_index(written(tmp_path, given, protocol))
    assert not trap.exists()
    pickle.loads(written(tmp_path, given, protocol).read_bytes())  # it would have
    assert trap.exists()


@pytest.mark.parametrize(
    "smuggled",
    [
        _Runs(eval, "1"),
        _Runs(getattr, "a", "upper"),
        collections.OrderedDict(a=1),
        np.array([{"a": 1}], object),
        np.random.default_rng(0),
        np.datetime64("2020-01-01"),
        print,
        {1},
    ],
)
def test_anything_but_plain_values_is_refused(tmp_path, smuggled):
    given = entries(tmp_path) | {"extra": smuggled}
    with pytest.raises(InputError, match="not opened"):
        read_index(written(tmp_path, given))


def test_arrays_that_lie_about_themselves_are_damaged(tmp_path):
    given = entries(tmp_path)
    raw = pickle.dumps(given, 0)
    for wrong in (raw.replace(b"I15\n", b"I16\n"), raw[: len(raw) // 2], b"no pickle"):
        with pytest.raises(InputError, match="damaged"):
            read_index(written(tmp_path, wrong))


def test_joints_in_pixels_are_explained(tmp_path):
    given = entries(tmp_path)
    given["joints"] = given["joints"] * (120, 110)
    with pytest.raises(InputError, match=r"in pixels .* divide x by the photo's width and y by"):
        read_index(written(tmp_path, given))
    given["joints"] = given["joints"] / (80, 80)
    with pytest.raises(InputError, match="outside of their photo"):
        read_index(written(tmp_path, given))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"joints": [[[0.5, 0.5]] * 15] * 3}, "numpy array"),
        ({"joints": np.zeros((3, 14, 2))}, "3 x 15 x 2"),
        ({"joints": np.full((3, 15, 2), np.nan)}, "not finite"),
        ({"joint_order": [*REQUIRED[:-1], "nose"]}, "lacks cnose"),
        ({"joint_order": "rankle"}, "joint_order must be a list"),
        ({"imgs": [1, 2, 3]}, "imgs must be a list of text"),
        ({"imgs": ["imgs/0.png", "imgs/gone.png", "imgs/2.png"]}, "imgs/gone.png"),
        ({"train": [True]}, "3 flags"),
        ({"train": [1, 2, 3]}, "3 flags"),
    ],
)
def test_entries_that_do_not_fit_are_named(tmp_path, change, words):
    with pytest.raises(InputError, match=words):
        read_index(written(tmp_path, entries(tmp_path) | change))


@pytest.mark.parametrize("missing", ["joint_order", "imgs", "train", "joints"])
def test_a_missing_entry_is_named(tmp_path, missing):
    given = entries(tmp_path)
    del given[missing]
    with pytest.raises(InputError, match=missing):
        read_index(written(tmp_path, given))


@pytest.mark.parametrize("content", [[1, 2], 3])
def test_an_index_is_a_dict(tmp_path, content):
    with pytest.raises(InputError, match="is a dict"):
        read_index(written(tmp_path, content))


def test_people_are_read_by_name_on_their_photos_canvas(tmp_path):
    order = (*REQUIRED[::-1], "lear", "pelvis")
    given = entries(tmp_path, order=REQUIRED)
    given["joint_order"] = list(order)
    extra = np.array([[[0.5, 0.25], [0.9, 0.9]]] * 3)
    given["joints"] = np.concatenate([given["joints"][:, ::-1], extra], 1)
    given["joints"][0, order.index("lwrist"), 1] = -1
    path = written(tmp_path, given)
    people = read_index_people(path, "train")
    assert [p.photo.name for p in people] == ["0.png", "1.png"]
    pose = people[1].pose
    assert pose.size == (120, 110)
    assert pose["left_wrist"] == pytest.approx((85, 48))
    assert pose["right_ankle"] == pytest.approx((38, 93))
    assert pose["neck"] == pytest.approx((49.5, 33.5))
    assert pose["left_ear"] == pytest.approx((60, 27.5))
    assert pose["right_ear"] is None
    assert people[0].pose["left_wrist"] is None
    assert [p.photo.name for p in read_index_people(path, "val")] == ["2.png"]
    pixels, mask = people[0].read()
    assert pixels.shape == (110, 120, 3)
    assert mask.all()


def test_people_without_shoulders_or_hips_are_left_out(tmp_path):
    given = entries(tmp_path)
    given["joints"][0, REQUIRED.index("lhip"), 0] = -0.2
    people = read_index_people(written(tmp_path, given), "train")
    assert [p.photo.name for p in people] == ["1.png"]
    given["joints"][:, REQUIRED.index("rshoulder")] = -1
    with pytest.raises(InputError, match="nobody with shoulders and hips to train on"):
        read_index_people(written(tmp_path, given), "train")
    given = entries(tmp_path) | {"train": [True] * 3}
    with pytest.raises(InputError, match="held out"):
        read_index_people(written(tmp_path, given), "val")


def test_a_photo_that_is_none_is_named(tmp_path):
    given = entries(tmp_path)
    (tmp_path / "imgs" / "1.png").write_text("no picture")
    with pytest.raises(InputError, match=r"1\.png is not a picture"):
        read_index_people(written(tmp_path, given), "train")
