"""Every metric against an independent computation on a case small enough to follow."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine.errors import InputError
from engine.painters.parts import PARTS
from engine.shapes.body import default_pose
from engine.shapes.pose import INDEX, JOINTS, LIMBS, Pose, Presence
from trainer.data.posegan import Annotated, PosePair
from trainer.metrics import blazepose, features, keypoints, looks, pose_masks, similarity
from trainer.metrics.detail import TURNED, fine_detail, kept, rigid, turned, warped
from trainer.metrics.figures import Figure
from trainer.metrics.pairs import pair_figures
from trainer.metrics.repose import partners
from trainer.metrics.sheets import Cell, contact_sheet, skeleton, strided
from trainer.metrics.similarity import Box
from trainer.metrics.stage import person_box


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


# SSIM


def slow_ssim(a: np.ndarray, b: np.ndarray, y: int, x: int) -> float:
    """The formula at one pixel of one channel, window by window."""
    at = np.arange(-5, 6)
    weight = np.exp(-(at[:, None] ** 2 + at**2) / (2 * 1.5**2))
    weight /= weight.sum()
    p, q = (c[y - 5 : y + 6, x - 5 : x + 6].astype(float) for c in (a, b))
    mp, mq = (weight * p).sum(), (weight * q).sum()
    vp, vq = (weight * (p - mp) ** 2).sum(), (weight * (q - mq) ** 2).sum()
    both = (weight * (p - mp) * (q - mq)).sum()
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return (2 * mp * mq + c1) * (2 * both + c2) / ((mp**2 + mq**2 + c1) * (vp + vq + c2))


def test_ssim_is_the_windowed_formula_at_every_pixel():
    a = noise(14, 17, 3)
    b = (a * 0.7 + noise(14, 17, 3, seed=1) * 0.3).astype(np.uint8)
    found = similarity.ssim_map(a, b)
    spots = [(y, x) for y in range(5, 9) for x in range(5, 12)]
    for y, x in spots:
        wanted = np.mean([slow_ssim(a[..., c], b[..., c], y, x) for c in range(3)])
        assert found[y, x] == pytest.approx(wanted, abs=1e-6)
    assert similarity.ssim(a, b) == pytest.approx(np.mean([found[s] for s in spots]))
    assert similarity.ssim(a, b, Box(6, 5, 8, 9)) == pytest.approx(found[5:9, 6:8].mean())


def test_ssim_of_a_picture_with_itself_is_one_and_the_range_is_fixed():
    a = noise(20, 20, 3)
    assert similarity.ssim(a, a) == pytest.approx(1)
    dark = a // 8  # a range taken from the picture would judge both pairs alike
    assert similarity.ssim(dark, np.roll(dark, 1, 0)) > similarity.ssim(a, np.roll(a, 1, 0)) + 0.2


def test_masked_ssim_does_not_see_outside_the_mask():
    a, b = noise(30, 30, 3), noise(30, 30, 3, seed=1)
    mask = np.zeros((30, 30), bool)
    mask[8:20, 8:20] = True
    changed = np.where(mask[..., None], b, noise(30, 30, 3, seed=2))
    assert similarity.masked_ssim(a, b, mask) == similarity.masked_ssim(a, changed, mask)
    assert similarity.masked_ssim(a, a, mask) == pytest.approx(1)


# PCKh

STANDING = Pose.of(
    (100, 200),
    {
        "nose": (50, 20),
        "neck": (50, 40),
        "right_shoulder": (40, 40),
        "left_shoulder": (60, 40),
        "right_hip": (45, 100),
        "left_hip": (55, 100),
        "right_wrist": (30, 90),
        "left_wrist": (70, 90),
    },
    hidden=["left_wrist"],
)


def test_pckh_by_hand():
    # Torso 60 px, head 27 px, so 13.5 px are allowed.
    found = STANDING.moved(
        nose=(50, 33.4), right_wrist=(43.6, 90), left_wrist=(90, 90), neck=(0, 0)
    ).marked(Presence.missing, "left_hip")
    seen = keypoints.agreement(found, STANDING, Presence.seen)
    assert keypoints.head_length(STANDING) == pytest.approx(27)
    # Asked and seen: nose, 2 shoulders, 2 hips, right wrist; wrong: right wrist, left hip.
    assert keypoints.pckh([seen]) == pytest.approx(4 / 6)
    all_joints = keypoints.agreement(found, STANDING, Presence.hidden)
    assert keypoints.pckh([all_joints]) == pytest.approx(4 / 7)
    assert keypoints.pckh([all_joints], "left_wrist", "right_wrist") == 0


def test_pckh_pools_joints_and_counts_nobody_found_as_wrong():
    right = keypoints.agreement(STANDING, STANDING, Presence.seen)
    nobody = keypoints.agreement(None, STANDING, Presence.seen)
    assert keypoints.pckh([right, nobody]) == pytest.approx(0.5)
    no_torso = STANDING.marked(Presence.missing, "left_hip")
    assert not keypoints.agreement(STANDING, no_torso, Presence.seen).asked.any()
    assert keypoints.by_group([right, nobody])["face"] == pytest.approx(0.5)


# pose-gan's mask


def naive_mask(pose: Pose) -> np.ndarray:
    """Pixel by pixel with corners and cross products, then closing by hand."""
    width, height = pose.size
    drawn = np.zeros((height, width), bool)
    lines = [
        *LIMBS,
        ("neck", "right_ear"),
        ("neck", "left_ear"),
        ("right_ear", "left_ear"),
        ("right_shoulder", "right_hip"),
        ("left_shoulder", "left_hip"),
        ("right_hip", "left_hip"),
    ]
    there = [n for n in JOINTS if pose.has(n)]
    for row in range(height):
        for column in range(width):
            p = np.array([column + 0.5, row + 0.5])
            hit = any(np.hypot(*(p - pose.xy[INDEX[n]])) < 4 for n in there)
            for a, b in lines:
                if a in there and b in there:
                    hit = hit or in_quad(p, pose.xy[INDEX[a]], pose.xy[INDEX[b]])
            drawn[row, column] = hit
    return closed(drawn)


def in_quad(p: np.ndarray, a: np.ndarray, b: np.ndarray) -> bool:
    if np.allclose(a, b):
        return False
    side = np.array([-(b - a)[1], (b - a)[0]]) / np.hypot(*(b - a)) * 4
    corners = [a + side, b + side, b - side, a - side]
    turns = []
    for i in range(4):
        edge, to = corners[(i + 1) % 4] - corners[i], p - corners[i]
        turns.append(edge[0] * to[1] - edge[1] * to[0])
    return bool(np.all(np.array(turns) <= 1e-9) or np.all(np.array(turns) >= -1e-9))


def closed(mask: np.ndarray) -> np.ndarray:
    def windows(m: np.ndarray, outside: bool) -> np.ndarray:
        padded = np.pad(m, 2, constant_values=outside)
        return np.lib.stride_tricks.sliding_window_view(padded, (5, 5))

    grown = windows(mask, False).any((2, 3))
    return windows(grown, True).all((2, 3))


def test_pose_mask_against_a_naive_rasteriser():
    small = default_pose((48, 72))
    odd = small.moved(right_wrist=(-3, 20), left_ankle=(50, 80)).marked(
        Presence.missing, "left_ear", "right_knee"
    )
    zero = odd.moved(left_wrist=(30.5, 30.5), left_elbow=(30.5, 30.5))
    for pose in (small, odd, zero):
        assert (pose_masks.pose_mask(pose) == naive_mask(pose)).all()


def test_closing_fills_a_gap_of_four_pixels():
    gap = Pose.of((60, 30), {"nose": (15.5, 15.5), "left_wrist": (26.5, 15.5)})
    mask = pose_masks.pose_mask(gap)
    assert mask[15, 12:30].all()
    far = Pose.of((60, 30), {"nose": (15.5, 15.5), "left_wrist": (30.5, 15.5)})
    assert not pose_masks.pose_mask(far)[15].all()


# Looks


def body(colours: dict[str, tuple[int, int, int]], side: int = 96) -> tuple[np.ndarray, Pose]:
    """A person of flat parts; every part not named is grey."""
    pose = default_pose((side, side))
    rgba = np.zeros((side, side, 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = 128, 255
    for i, part in enumerate(looks.part_masks(rgba, pose)):
        rgba[part, :3] = colours.get(PARTS[i], (128, 128, 128))
    return rgba, pose


def lab(rgb: tuple[int, int, int]) -> np.ndarray:
    """CIE 1976 from sRGB with the D65 white, by the book."""
    c = np.array(rgb) / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    m = np.array(
        [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169],
         [0.019334, 0.119193, 0.950227]]
    )  # fmt: skip
    x, y, z = (m @ linear) / [0.950456, 1, 1.088754]
    f = [t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_lab_distance_of_flat_parts_by_the_book():
    red, blue = (200, 30, 40), (20, 60, 220)
    first = looks.look_of(*body({"torso": red, "left_thigh": blue}), None)
    second = looks.look_of(*body({"torso": blue, "left_thigh": blue}), None)
    distance = looks.lab_distance(first, second)
    torso, thigh = PARTS.index("torso"), PARTS.index("left_thigh")
    assert distance[torso] == pytest.approx(np.linalg.norm(lab(red) - lab(blue)), abs=0.5)
    assert distance[thigh] == pytest.approx(0, abs=1e-6)


def test_parts_partition_the_person_and_small_ones_are_left_out():
    rgba, pose = body({})
    parts = looks.part_masks(rgba, pose)
    assert parts.sum(0).max() == 1 and parts.any((1, 2)).sum() == len(PARTS)
    for name, joint in (("right_forearm", "right_wrist"), ("left_calf", "left_ankle")):
        x, y = pose[joint] or (0, 0)
        assert parts[PARTS.index(name), int(y) - 3, int(x)]
    hidden = rgba.copy()
    hidden[parts[PARTS.index("head")], 3] = 0
    assert np.isnan(looks.look_of(hidden, pose, None).lab[PARTS.index("head")]).all()


def test_a_flat_paper_doll_has_no_texture():
    rgba, pose = body({})
    striped = rgba.copy()
    striped[::2, :, :3] = 90
    doll, real = looks.look_of(rgba, pose, None), looks.look_of(striped, pose, None)
    assert np.nanmax(looks.energy_ratio(doll, real)) < 0.01
    assert np.isnan(looks.energy_ratio(real, doll)).all()  # flat source: nothing to compare with
    half = (striped.astype(int) + rgba).astype(int) // 2
    ratio = looks.energy_ratio(looks.look_of(half.astype(np.uint8), pose, None), real)
    assert np.nanmedian(ratio) == pytest.approx(0.25, rel=0.15)  # half the contrast


# The judge of likeness


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> features.FeatureJudge:
    path = tmp_path_factory.mktemp("judge") / "lite0.pth"
    torch.save(random_lite0(), path)
    return features.FeatureJudge(path)


def random_lite0() -> dict[str, torch.Tensor]:
    """A state dict with the published names and shapes, random numbers inside."""
    from engine.perception.lite0 import Encoder

    generator = torch.Generator().manual_seed(3)
    state: dict[str, torch.Tensor] = {}
    for name, value in Encoder().state_dict().items():
        if not name.endswith(".weight"):
            continue
        parts = name.split(".")
        if parts[0] == "stem":
            conv, norm = "_conv_stem", "_bn0"
        else:
            block, layer = parts[1], int(parts[3])
            first = 1 if block == "0" else 0
            convs = ("_expand_conv", "_depthwise_conv", "_project_conv")[first:]
            norms = ("_bn0", "_bn1", "_bn2")[first:]
            conv = f"_blocks.{block}.{convs[layer]}"
            norm = f"_blocks.{block}.{norms[layer]}"
        fan = value[0].numel()
        state[f"{conv}.weight"] = torch.randn(value.shape, generator=generator) / fan**0.5
        width = value.shape[0]
        state[f"{norm}.weight"] = torch.ones(width)
        state[f"{norm}.bias"] = torch.zeros(width)
        state[f"{norm}.running_mean"] = torch.zeros(width)
        state[f"{norm}.running_var"] = torch.ones(width)
    state["_conv_head.weight"] = torch.randn(1280, 320, 1, 1, generator=generator) / 18
    state |= {f"_bn1.{name}": torch.ones(1280) for name in ("weight", "running_var")}
    state |= {f"_bn1.{name}": torch.zeros(1280) for name in ("bias", "running_mean")}
    state["_fc.weight"] = torch.randn(1000, 1280, generator=generator) / 36
    return state | {"_fc.bias": torch.zeros(1000)}


def test_feature_distance_by_hand():
    a = torch.tensor([[[3.0]], [[4.0]]])
    b = torch.tensor([[[0.0]], [[2.0]]])
    wanted = 0.6**2 + 0.2**2  # (0.6, 0.8) against (0, 1)
    assert features.feature_distances([a, a], [b, a]) == pytest.approx([wanted, 0], abs=1e-5)


def test_feature_distance_ranks_small_changes_below_other_pictures(judge: features.FeatureJudge):
    picture, other = noise(64, 40, 3), noise(64, 40, 3, seed=5)
    near = np.clip(picture.astype(int) + 12, 0, 255).astype(np.uint8)
    assert (judge.distances(picture, picture) == 0).all()
    assert (judge.distances(picture, near) < judge.distances(picture, other)).all()


def test_the_judge_names_its_weights(judge: features.FeatureJudge, tmp_path: Path):
    assert len(judge.sha256) == 64
    with pytest.raises(features.MissingJudge, match="no weight file"):
        features.find_weights(tmp_path / "none.pth")
    broken = tmp_path / "broken.pth"
    broken.write_bytes(b"not weights")
    with pytest.raises(InputError, match="holds no EfficientNet-Lite0 weights"):
        features.FeatureJudge(broken)


# pose-gan's pairs


def annotated(folder: Path, name: str, pose: Pose, seed: int) -> Annotated:
    path = folder / name
    cv2.imwrite(str(path), noise(pose.size[1], pose.size[0], 3, seed=seed))
    return Annotated(path, pose)


def test_pairs_beside_the_copy_of_the_source(tmp_path: Path):
    pose = default_pose((40, 80))
    a, b = (annotated(tmp_path, f"{n}.png", pose, n) for n in (1, 2))
    no_hip = annotated(tmp_path, "3.png", pose.marked(Presence.missing, "left_hip"), 3)
    pairs = [PosePair(a, b), PosePair(b, a), PosePair(a, no_hip), PosePair(no_hip, a)]
    truth = {a.path: b.read(), b.path: a.read()}
    plain, masked = pair_figures(lambda source, target: truth[source.path], pairs, "set")
    assert plain.n == masked.n == 2 and plain.detail["pairs left out"] == 2
    assert plain.value == pytest.approx(1) and masked.value == pytest.approx(1)
    mask = naive_mask(pose)[..., None]
    copied = similarity.ssim(a.read() * mask, b.read() * mask)
    assert masked.baselines["copy of the source"] == pytest.approx(copied)
    assert plain.baselines["copy of the source"] < copied  # noise outside counts there


def test_pairs_that_cannot_be_judged(tmp_path: Path):
    pose = default_pose((40, 80))
    a = annotated(tmp_path, "1.png", pose, 1)
    wide = annotated(tmp_path, "2.png", default_pose((50, 80)), 2)
    no_hip = annotated(tmp_path, "3.png", pose.marked(Presence.missing, "left_hip"), 3)
    gone = Annotated(tmp_path / "4.png", pose)
    for pairs, why in (
        ([PosePair(a, wide)], "differ in size"),
        ([PosePair(a, no_hip)], "no pair"),
        ([PosePair(a, gone)], "4.png"),
    ):
        with pytest.raises(InputError, match=why):
            pair_figures(lambda source, target: source.read(), pairs, "set")


# Detail


def test_rigid_maps_the_turned_bone_back_and_keeps_lengths():
    pose = default_pose((400, 800))
    aim = turned(pose)
    for names in TURNED.values():
        matrix = rigid((pose, aim), names)
        for name in names:
            there, here = np.append(aim.xy[INDEX[name]], 1), pose.xy[INDEX[name]]
            assert matrix @ there == pytest.approx(here)
        assert np.linalg.det(matrix[:, :2]) == pytest.approx(1)


def test_kept_detail_of_copies_blurs_and_other_noise():
    picture = noise(120, 120, 3)
    where = np.ones((120, 120), bool)
    source = fine_detail(picture)
    blurred = np.asarray(cv2.GaussianBlur(picture, (0, 0), 4), np.uint8)
    assert kept(source, source, where) == pytest.approx(1)
    assert kept(fine_detail(blurred), source, where) < 0.1
    assert kept(fine_detail(noise(120, 120, 3, seed=1)), source, where) < 0.1
    assert kept(source / 2, source, where) == pytest.approx(0.5)


def test_warping_by_whole_pixels_is_exact():
    picture = noise(20, 20, 3)
    moved = warped(picture, np.array([[1, 0, 3], [0, 1, -2.0]]), 1)
    assert (moved[5, 5] == picture[3, 8]).all()


# BlazePose's environment


def interpreter(tmp_path: Path, body: str) -> Path:
    """A stand-in for the interpreter with mediapipe: it ignores the script it is given."""
    path = tmp_path / "python"
    path.write_text(f"#!{sys.executable}\n{body}")
    path.chmod(0o755)
    return path


def test_poses_come_back_in_the_pictures_own_pixels(tmp_path: Path):
    python = interpreter(
        tmp_path,
        "import sys, os\n"
        "paths = sys.stdin.read().split()\n"
        "assert all(os.path.getsize(p) for p in paths)\n"
        'print(\'{"mediapipe": "0", "model_complexity": 1}\')\n'
        "print('{\"nose\": [0.5, 0.25]}')\n"
        "print('null')\n",
    )
    found = blazepose.find_poses(python, [noise(40, 80, 3), noise(30, 30, 3)])
    assert found.about["model_complexity"] == 1
    assert found.poses[0] is not None and found.poses[0]["nose"] == (40, 10)
    assert found.poses[0].presence.sum() == Presence.seen and found.poses[1] is None


def test_an_environment_without_mediapipe_is_one_sentence(tmp_path: Path):
    with pytest.raises(InputError, match="mediapipe"):
        blazepose.find_poses(Path(sys.executable), [noise(40, 40, 3)])
    with pytest.raises(InputError, match="cannot be run"):
        blazepose.find_poses(tmp_path / "nothing", [noise(40, 40, 3)])


# Small things that figures stand on


def test_partners_are_one_cycle():
    for count in (2, 3, 7, 111):
        others = partners(count)
        seen, at = [], 0
        for _ in range(count):
            seen.append(at)
            at = others[at]
        assert at == 0 and sorted(seen) == list(range(count))
    assert partners(20) == partners(20)


def test_targets():
    def figure(value: float, low: float | None, high: float | None) -> Figure:
        return Figure(id="x", title="", protocol="", judge="", n=1, value=value, better="higher",
                      target=(low, high))  # fmt: skip

    assert figure(0.9, 0.85, None).met is True and figure(0.8, 0.85, None).met is False
    assert figure(3, 0.5, 2).met is False and figure(1, None, None).met is None
    assert figure(float("nan"), 0.5, 2).met is False


def test_person_box_has_a_margin_and_stays_in_the_frame():
    rgba = np.zeros((100, 100, 4), np.uint8)
    assert person_box(rgba) == Box(0, 0, 100, 100)
    rgba[2:60, 30:50, 3] = 255
    assert person_box(rgba) == Box(26, 0, 54, 64)


def test_sheets():
    assert strided(111, 8) == [0, 13, 27, 41, 55, 69, 83, 97] and strided(3, 8) == [0, 1, 2]
    drawn = skeleton(default_pose((60, 90)))
    assert drawn.shape == (90, 60, 3) and drawn.min() < 128
    sheet = contact_sheet([[Cell("a", drawn), Cell("b", noise(300, 10, 3))]], side=64)
    assert sheet.shape[2] == 3 and sheet.shape[1] > 128
    with pytest.raises(InputError):
        contact_sheet([])
