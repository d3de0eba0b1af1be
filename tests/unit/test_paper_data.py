"""pose-gan folders and the pairs made of them and of key-point folders."""

import cv2
import numpy as np
import pytest
import torch

from engine.errors import InputError
from engine.shapes.body import default_pose
from engine.shapes.pose import Pose, Presence
from tests.unit.people import asymmetric_pose, drawn_person
from trainer.data.coco import PersonSample
from trainer.data.pose_pairs import AnnotatedPairs, PeoplePairs, Posed, PosedPair, stacked
from trainer.data.posegan import identity_pairs, read_annotations, read_pairs

SIZE = (32, 64)
HEADER = "name:keypoints_y:keypoints_x"
POSES = {
    "0001_a.png": default_pose(SIZE),
    "0001_b.png": asymmetric_pose().resized(SIZE).marked(Presence.missing, "left_wrist", "nose"),
    "0002_a.png": asymmetric_pose().resized(SIZE),
}


def row(name: str, pose: Pose) -> str:
    """A row of the annotation: whole pixels, y before x, -1 for missing."""
    whole = np.where(pose.presence[:, None] > 0, np.floor(pose.xy), -1).astype(int)
    return f"{name}: {whole[:, 1].tolist()}: {whole[:, 0].tolist()}"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "train").mkdir()
    for i, (name, pose) in enumerate(POSES.items()):
        pixels = drawn_person(SIZE, pose)[0].pixels
        assert cv2.imwrite(str(tmp_path / "train" / name), np.roll(pixels, i, 2))
    rows = [row(name, pose) for name, pose in POSES.items()]
    (tmp_path / "annotation-train.csv").write_text("\n".join([HEADER, *rows, ""]))
    pairs = "from,to\n0001_a.png,0001_b.png\n0001_b.png,0001_a.png\n"
    (tmp_path / "pairs-train.csv").write_text(pairs)
    return tmp_path


def test_pairs_in_file_order_with_poses_at_pixel_centres(folder):
    pairs = read_pairs(folder, "train")
    names = [(p.source.path.name, p.target.path.name) for p in pairs]
    assert names == [("0001_a.png", "0001_b.png"), ("0001_b.png", "0001_a.png")]
    pose, given = pairs[0].target.pose, POSES["0001_b.png"]
    assert pose.size == SIZE
    np.testing.assert_array_equal(pose.presence > 0, given.presence > 0)
    there = given.presence > 0
    np.testing.assert_array_equal(pose.xy[there], np.floor(given.xy[there]) + 0.5)
    assert pairs[0].source.read().shape == (64, 32, 3)


def test_the_authors_own_names_are_read_too(folder):
    (folder / "market-dataset").mkdir()
    (folder / "train").rename(folder / "market-dataset" / "train")
    for kind in ("annotation", "pairs"):
        (folder / f"{kind}-train.csv").rename(folder / f"market-{kind}-train.csv")
    assert len(read_pairs(folder, "train")) == 2
    (folder / "fasion-pairs-train.csv").write_text("from,to\n")
    with pytest.raises(InputError, match="several"):
        read_pairs(folder, "train")


def test_without_a_table_every_pair_of_an_identity(folder):
    (folder / "pairs-train.csv").unlink()
    names = [(p.source.path.name, p.target.path.name) for p in read_pairs(folder, "train")]
    assert names == [("0001_a.png", "0001_b.png"), ("0001_b.png", "0001_a.png")]
    known = read_annotations(folder, "train")
    assert list(known) == list(POSES)
    assert len(identity_pairs(known.values())) == 2


GOOD = row("0001_a.png", POSES["0001_a.png"])
BAD_ROWS = {
    "two parts only": ("0001_a.png: [1, 2]", "with : between"),
    "too few numbers": ("0001_a.png: [1, 2]: [1, 2]", "lists of 18 numbers"),
    "not JSON": (GOOD.replace("]", "}"), "lists of 18 numbers"),
    "text for a number": (GOOD[: GOOD.index("[") + 1] + '"7"' + GOOD[GOOD.index(",") :], "pixels"),
    "infinite": (GOOD[: GOOD.index("[") + 1] + "Infinity" + GOOD[GOOD.index(",") :], "pixels"),
    "outside": (GOOD[: GOOD.index("[") + 1] + "900" + GOOD[GOOD.index(",") :], "outside its photo"),
    "negative": (GOOD[: GOOD.index("[") + 1] + "-7" + GOOD[GOOD.index(",") :], "outside its photo"),
    "no such photo": (GOOD.replace("0001_a", "0009_a"), "not there"),
    "twice": (row("0002_a.png", POSES["0002_a.png"]), "twice"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_annotation_is_named_with_its_line(folder, case):
    bad, words = BAD_ROWS[case]
    table = folder / "annotation-train.csv"
    table.write_text("\n".join([HEADER, row("0002_a.png", POSES["0002_a.png"]), bad]))
    with pytest.raises(InputError, match=r"annotation-train\.csv, line 3.*") as caught:
        read_annotations(folder, "train")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("bad", "words"), [("0001_a.png", "two file names"), ("0001_a.png,0009_a.png", "0009_a.png")]
)
def test_a_bad_pair_is_named_with_its_line(folder, bad, words):
    (folder / "pairs-train.csv").write_text(f"from,to\n0001_a.png,0001_b.png\n{bad}\n")
    with pytest.raises(InputError, match=r"pairs-train\.csv, line 3") as caught:
        read_pairs(folder, "train")
    assert words in str(caught.value)


def test_missing_and_foreign_tables_are_named(folder):
    with pytest.raises(InputError, match=r"annotation-test\.csv"):
        read_pairs(folder, "test")
    (folder / "annotation-train.csv").write_text("name,y,x\n")
    with pytest.raises(InputError, match="must begin"):
        read_pairs(folder, "train")
    (folder / "annotation-train.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        read_pairs(folder, "train")


def test_a_photo_that_is_no_picture_is_named(folder):
    (folder / "train" / "0001_b.png").write_text("no picture")
    with pytest.raises(InputError, match=r"line 3.*not a picture"):
        read_pairs(folder, "train")


def test_annotated_pairs_come_at_the_networks_size(folder):
    pairs = AnnotatedPairs(folder, "train", (128, 64))
    source, target = pairs.pair(0, np.random.default_rng(0))
    assert source.pixels.shape == target.pixels.shape == (128, 64, 3)
    there = POSES["0001_b.png"].presence > 0
    np.testing.assert_array_equal(target.joints[:, 2] > 0, there)
    expected = (np.floor(POSES["0001_b.png"].xy) + 0.5) * 2
    np.testing.assert_allclose(target.joints[there, :2], expected[there])
    with pytest.raises(InputError, match="as wide"):
        AnnotatedPairs(folder, "train", (64, 64)).pair(0, np.random.default_rng(0))


def test_pairs_without_shoulders_or_hips_are_left_out(folder):
    table = folder / "annotation-train.csv"
    hipless = POSES["0001_b.png"].marked(Presence.missing, "left_hip")
    lines = [HEADER, GOOD, row("0001_b.png", hipless), row("0002_a.png", POSES["0002_a.png"])]
    table.write_text("\n".join(lines))
    with pytest.raises(InputError, match="no train pair"):
        AnnotatedPairs(folder, "train", (64, 32))
    with (folder / "pairs-train.csv").open("a") as file:
        file.write("0001_a.png,0002_a.png\n")
    pairs = AnnotatedPairs(folder, "train", (64, 32))
    assert (len(pairs), pairs.left_out) == (1, 2)


def test_people_pairs_show_one_person_in_two_poses(tmp_path):
    samples = []
    for i, pose in enumerate((default_pose((96, 128)), asymmetric_pose().resized((96, 128)))):
        photo, mask, pose = drawn_person((96, 128), pose)
        pose = pose.marked(Presence.missing, "left_ear")
        for kind, pixels in (("photo", photo.pixels[..., ::-1]), ("mask", mask.pixels)):
            assert cv2.imwrite(str(tmp_path / f"{kind}{i}.png"), pixels)
        paths = (tmp_path / f"photo{i}.png", tmp_path / f"mask{i}.png")
        samples.append(PersonSample(*paths, pose, "one", "drawn"))
    rng = np.random.default_rng(0)
    pairs = PeoplePairs(samples, (64, 32))
    source, target = pairs.pair(0, rng)
    assert target.pixels.shape == (64, 32, 4)
    assert (target.joints[:, 2] == 0).sum() == 1
    np.testing.assert_array_equal(source.pixels, pairs.pair(1, rng).target.pixels)
    alone = PeoplePairs([samples[0]], (64, 32))
    puppet, photo = alone.pair(0, rng)
    np.testing.assert_array_equal(photo.pixels, target.pixels)
    assert np.abs(puppet.joints - photo.joints).max() > 2


def test_stacked_pictures_lie_on_white():
    rgba = np.zeros((8, 4, 4), np.uint8)
    rgba[:4] = (255, 0, 51, 255)
    rgba[4:, :, 3] = 51
    posed = Posed(rgba, np.ones((18, 3), np.float32))
    batch = stacked([PosedPair(posed, posed)] * 2)
    assert batch.target.shape == (2, 3, 8, 4)
    torch.testing.assert_close(batch.target[1, :, 0, 0], torch.tensor([1.0, -1.0, -0.6]))
    torch.testing.assert_close(batch.target[1, :, 7, 3], torch.full((3,), 0.6))
    torch.testing.assert_close(batch.alpha[0, 0, :, 0], torch.tensor([1.0] * 4 + [0.2] * 4))
    plain = Posed(rgba[..., :3], posed.joints)
    assert (stacked([PosedPair(plain, plain)]).alpha == 1).all()
