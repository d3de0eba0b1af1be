"""`guise evaluate` from end to end: a pack of drawn people, a painter that sets up puppets."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest
import torch

from engine import weights
from engine.appearance import FromPhoto
from engine.card import Card
from engine.errors import GuiseError, InputError
from engine.framing import cut_out, person_frame
from engine.painters.base import Frame, Stop
from engine.painters.deformable.network import CopyConfig, CopyGenerator
from engine.painters.vunet.network import PartVunet, VunetConfig
from engine.perception.base import Reading
from engine.photo import Mask, Photo
from engine.picture import Picture
from engine.shapes.body import completed, default_pose
from engine.shapes.pose import INDEX, LIMBS, Pose, Presence
from engine.shapes.pose_files import to_coco17
from tests.unit.test_metrics import random_lite0
from trainer.data.coco import read_people
from trainer.data.puppets import puppet
from trainer.evaluate import evaluate, evaluate_reader, run, table
from trainer.metrics.detail import measure
from trainer.metrics.figures import as_builtins
from trainer.metrics.look_trial import KINDS
from trainer.metrics.mirror import mirror_pair
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.painters import evaluate_painter
from trainer.metrics.stage import Person, paint

SIDE = 96
ABOUT = {"id": "puppet", "architecture": "test", "side": SIDE, "weights_sha256": ""}


@dataclass(frozen=True)
class Cut:
    """A puppet painter's prepared appearance."""

    look: FromPhoto
    frame: Frame
    nbytes: int = 0


class PuppetPainter:
    """Cuts the person into parts and sets them up again; learns nothing."""

    card = Card(id="puppet", architecture="test", title="", summary="", config={}, side=SIDE)

    def prepare(self, appearance: FromPhoto) -> Cut:
        return Cut(appearance, person_frame(appearance.shape, appearance.mask))

    def paint(self, shape: Pose, prepared: Cut, side: int, stop: Stop) -> Picture:
        look, frame = prepared.look, prepared.frame
        assert look.mask is not None
        rgba = cut_out(look.photo, look.mask, frame, side)
        poses = [completed(p).mapped(frame.matrix(side), (side, side)) for p in (look.shape, shape)]
        return Picture(puppet(rgba, poses[0], poses[1]))


class FlatPainter(PuppetPainter):
    """A paper doll: the right shape in one colour."""

    def paint(self, shape: Pose, prepared: Cut, side: int, stop: Stop) -> Picture:
        pixels = super().paint(shape, prepared, side, stop).pixels.copy()
        pixels[..., :3] = 128
        return Picture(pixels)


class TrueReader:
    """Reads photos by heart."""

    card = PuppetPainter.card

    def __init__(self, people: dict[str, tuple[Pose, Mask]]) -> None:
        self.people = people

    def read(self, photo: Photo) -> Reading:
        pose, mask = self.people[photo.digest]
        return Reading(photo, pose, mask, (1.0,) * 18, True)


def drawn_person(seed: int) -> tuple[np.ndarray, np.ndarray, Pose]:
    """A striped person of thick limbs in a slightly different stance and colour each time."""
    rng = np.random.default_rng(seed)
    pose = default_pose((90, 160))
    swing = {n: pose.xy[INDEX[n]] + rng.normal(0, 5, 2) for n in ("right_wrist", "left_wrist")}
    pose = pose.moved(**{n: (float(p[0]), float(p[1])) for n, p in swing.items()})
    mask = np.zeros((160, 90), np.uint8)
    for a, b in [*LIMBS, ("right_shoulder", "left_hip"), ("left_shoulder", "right_hip")]:
        ends = [tuple(int(v) for v in pose.xy[INDEX[n]]) for n in (a, b)]
        cv2.line(mask, ends[0], ends[1], 255, 12)
    street = rng.integers(90, 255, (8, 5, 3)).astype(np.uint8)
    photo = np.asarray(cv2.resize(street, (90, 160), interpolation=cv2.INTER_NEAREST), np.uint8)
    clothes = rng.integers(40, 200, 3) + rng.integers(-30, 30, (160, 90, 1))
    photo[mask > 0] = clothes.clip(0, 255)[mask > 0]
    return photo, mask, pose


def write_pack(folder: Path, split: str, seeds: list[int], hipless: int = -1) -> None:
    """People drawn from seeds; the one of `hipless` has no left hip."""
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    (folder / "masks").mkdir(exist_ok=True)
    images, notes = [], []
    for seed in seeds:
        photo, mask, pose = drawn_person(seed)
        if seed == hipless:
            pose = pose.marked(Presence.missing, "left_hip")
        cv2.imwrite(str(folder / "photos" / f"{seed}.png"), photo)
        cv2.imwrite(str(folder / "masks" / f"{seed}.png"), mask)
        images.append({"id": seed, "file_name": f"{seed}.png", "width": 90, "height": 160})
        notes.append({"image_id": seed, "keypoints": to_coco17(pose)})
    content = json.dumps({"images": images, "annotations": notes})
    (folder / f"person_keypoints_{split}.json").write_text(content)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_pack(folder / "people", "train", [10, 11, 12, 13])
    write_pack(folder / "people", "val", [0, 1, 2])
    return folder


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("judge") / "lite0.pth"
    torch.save(random_lite0(), path)
    return path


@pytest.fixture(scope="module")
def options(data: Path, judge: Path) -> EvaluateOptions:
    return EvaluateOptions(model="", data=data, judge=judge, large=0)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny networks on busy machines: threads only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def judged(painter: Any, options: EvaluateOptions) -> dict[str, Any]:
    return as_builtins(evaluate_painter(painter, ABOUT, options))


def by_id(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in found["figures"]}


def test_the_same_run_twice_gives_the_same_figures(options: EvaluateOptions, tmp_path: Path):
    chosen = replace(options, sheet=tmp_path / "sheet.png")
    first, second = judged(PuppetPainter(), chosen), judged(PuppetPainter(), chosen)
    assert first.pop("times") and second.pop("times")
    assert msgspec.json.encode(first) == msgspec.json.encode(second)
    sheet = cv2.imread(str(chosen.sheet))
    assert sheet is not None and sheet.std() > 5


def test_every_figure_says_how_it_was_made(options: EvaluateOptions):
    found = judged(PuppetPainter(), options)
    figures = by_id(found)
    assert set(figures) == {
        "mirror.feature_distance",
        "mirror.ssim",
        "repose.lab",
        "repose.part_features",
        "repose.texture",
    }
    for row in figures.values():
        assert row["n"] == 3 and row["protocol"] and row["target_says"]
        assert isinstance(row["met"], bool) and row["judge"] in found["judges"]
    assert len(found["judges"]["efficientnet-lite0"]["weights_sha256"]) == 64
    assert {"copy of the source", "nearest training photo by pose"} <= set(
        figures["mirror.ssim"]["baselines"]
    )
    assert {gap["id"] for gap in found["gaps"]} == {
        "repose.pckh",
        "pairs.pku_reid",
        "detail.kept",
        *KINDS,
    }
    assert table(found).row_count == len(figures)


def test_a_puppet_keeps_the_look_and_a_paper_doll_fails(options: EvaluateOptions):
    puppets, dolls = (by_id(judged(p, options)) for p in (PuppetPainter(), FlatPainter()))
    assert puppets["repose.lab"]["met"] and not dolls["repose.lab"]["met"]
    assert puppets["repose.texture"]["value"] > 0.3 > dolls["repose.texture"]["value"]
    mirror = puppets["mirror.ssim"]
    assert mirror["value"] > max(mirror["baselines"].values())
    assert puppets["mirror.feature_distance"]["value"] < dolls["mirror.feature_distance"]["value"]


def test_without_judges_their_figures_are_gaps(options: EvaluateOptions, tmp_path: Path):
    chosen = replace(options, judge=tmp_path / "none.pth", blazepose=tmp_path / "none")
    found = judged(PuppetPainter(), chosen)
    assert set(by_id(found)) == {"mirror.ssim", "repose.lab", "repose.texture"}
    assert by_id(found)["mirror.ssim"]["met"] is None  # no nearest photo, so no target
    gaps = {gap["id"]: gap["reason"] for gap in found["gaps"]}
    assert "no weight file" in gaps["mirror.feature_distance"]
    assert "cannot be run" in gaps["repose.pckh"]


def test_joints_found_again_by_a_judge_in_another_environment(
    options: EvaluateOptions, data: Path, tmp_path: Path
):
    person = Person.of(read_people(data / "people", "val")[0])
    x, y = person.framed(person.pose, SIDE).xy[INDEX["nose"]] / SIDE
    python = tmp_path / "python"
    python.write_text(
        f"#!{sys.executable}\nimport sys, json\n"
        "print(json.dumps({'mediapipe': 'test', 'model_complexity': 1}))\n"
        f"joints = {{'nose': [{x}, {y}], 'left_hip': [5, 5]}}\n"
        "for line in sys.stdin: print(json.dumps(joints))\n"
    )
    python.chmod(0o755)
    found = judged(PuppetPainter(), replace(options, blazepose=python))
    figure = by_id(found)["repose.pckh"]
    assert 0 < figure["value"] < 0.1  # of 17 joints at most the nose is right
    assert figure["baselines"]["real photos, their own pose (upper bound)"] < 0.1
    assert found["judges"]["blazepose"]["mediapipe"] == "test"


def test_detail_of_a_large_subject(data: Path):
    person = Person.of(read_people(data / "people", "val")[0])
    found = measure(PuppetPainter(), person, seed=0, tall=600)
    assert set(found.painted) == {"right_upper_arm", "right_forearm", "left_calf"}
    assert min(found.painted.values()) > 0.5 and max(found.enlarged.values()) < 0.1
    assert min(found.bilinear.values()) > 0.5


def test_mirrored_people_are_asked_back_into_their_own_place(data: Path):
    """A painter that ignores the pose and mirrors the source must score perfectly."""

    class Mirror(PuppetPainter):
        def paint(self, shape: Pose, prepared: Cut, side: int, stop: Stop) -> Picture:
            self.asked = completed(shape).mapped(prepared.frame.matrix(side), (side, side))
            assert prepared.look.mask is not None
            rgba = cut_out(prepared.look.photo, prepared.look.mask, prepared.frame, side)
            return Picture(np.ascontiguousarray(rgba[:, ::-1]))

    painter = Mirror()
    person = Person.of(read_people(data / "people", "val")[1])
    moved = Person(  # the same person at the photo's left edge
        person.name,
        Photo(np.pad(person.photo.pixels, ((0, 0), (0, 51), (0, 0)))),
        Mask(np.pad(person.mask.pixels, ((0, 0), (0, 51)))),
        Pose(person.annotated.xy, person.annotated.presence, (141, 160)),
    )
    pair = mirror_pair(painter, moved, None)
    assert np.abs(pair.painted.astype(int) - pair.truth).mean() < 3
    wanted = moved.framed(moved.pose, SIDE)
    assert np.abs(painter.asked.xy - wanted.xy).max() < 1


def test_rgb_painters_count_as_opaque(data: Path):
    class Plain(PuppetPainter):
        def paint(self, shape: Pose, prepared: Cut, side: int, stop: Stop) -> Picture:
            return Picture(np.full((side, side, 3), 9, np.uint8))

    person = Person.of(read_people(data / "people", "val")[0])
    assert (paint(Plain(), person, person.pose, 64)[..., 3] == 255).all()


def test_a_reader_that_knows_the_answers(data: Path):
    people = {}
    for seed in (0, 1, 2):
        pixels, mask, pose = drawn_person(seed)
        people[Photo(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)).digest] = (pose, Mask(mask))
    options = EvaluateOptions(model="", data=data)
    found = as_builtins(evaluate_reader(TrueReader(people), ABOUT, options))
    figures = by_id(found)
    assert figures["read.people.pckh"]["value"] == 1 and figures["read.people.pckh"]["met"]
    assert figures["read.people.mask_iou"]["value"] == 1
    assert [gap["id"] for gap in found["gaps"]] == ["read.athletes"]


# Model files


def write_painter(path: Path) -> None:
    """A copying reposer that has learnt nothing."""
    torch.manual_seed(0)
    network = CopyGenerator(CopyConfig((16, 16, 16, 16)))
    card = Card(
        id="newborn",
        architecture="deformable",
        title="",
        summary="",
        config={"channels": [16, 16, 16, 16]},
        takes=("FromPhoto",),
        side=64,
    )
    weights.save(path, card, network.state_dict())


def write_pairs(folder: Path) -> None:
    """One drawn person in two stances, annotated as pose-gan does it."""
    (folder / "test").mkdir(parents=True)
    rows = ["name:keypoints_y:keypoints_x"]
    for seed in (0, 1):
        photo, _, pose = drawn_person(seed)
        cv2.imwrite(str(folder / "test" / f"1_{seed}.png"), photo)
        xs, ys = pose.xy.round().astype(int).T.tolist()
        rows.append(f"1_{seed}.png: {ys}: {xs}")
    (folder / "annotation-test.csv").write_text("\n".join(rows))
    (folder / "pairs-test.csv").write_text("from,to\n1_0.png,1_1.png\n1_1.png,1_0.png\n")


def test_a_painters_file_from_the_command_to_the_report(data: Path, judge: Path, tmp_path: Path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "people").symlink_to(data / "people")
    write_pairs(folder / "pku_reid")
    write_painter(tmp_path / "newborn.safetensors")
    out = tmp_path / "figures.json"
    found = run(
        EvaluateOptions(
            model=str(tmp_path / "newborn.safetensors"),
            data=folder,
            judge=judge,
            people=2,
            large=0,
            device="cpu",
            out=out,
            sheets=tmp_path / "sheets",
        )
    )
    assert json.loads(out.read_text()) == found
    assert found["model"]["id"] == "newborn" and len(found["model"]["weights_sha256"]) == 64
    pairs = by_id(found)["pairs.pku_reid.mask_ssim"]
    assert pairs["n"] == 2 and 0 < pairs["value"] < 1
    taken = {"reconstruction.ssim", "transfer.lab", "transfer.texture"}
    assert taken <= set(by_id(found))
    gaps = {gap["id"]: gap["reason"] for gap in found["gaps"]}
    left_out = {"samples", "mixing", "interpolation"}
    assert set(gaps) == {"repose.pckh", "transfer.pckh", "detail.kept", *left_out}
    assert gaps["samples"] == "left out, the model newborn takes no looks of the kind Sampled"
    sheets = {path.name for path in (tmp_path / "sheets").iterdir()}
    assert sheets == {"reconstruction.png", "transfer.png", "inplace.png"}
    assert by_id(found)["inplace.same"]["value"] == 1


def test_a_vunet_is_measured_with_every_kind_of_look(data: Path, judge: Path, tmp_path: Path):
    config = VunetConfig((8, 8, 8, 8), (8, 8, 8, 8), 4, 2, 4, 16, 1)
    torch.manual_seed(0)
    card = Card(
        id="newborn",
        architecture="vunet",
        title="",
        summary="",
        config=msgspec.to_builtins(config),
        takes=("FromPhoto", "Sampled", "Mix", "Parts"),
        side=64,
    )
    path = tmp_path / "newborn.safetensors"
    weights.save(path, card, PartVunet(config).state_dict())
    found = evaluate(
        EvaluateOptions(
            model=str(path),
            data=data,
            judge=judge,
            samples=3,
            poses=2,
            large=0,
            device="cpu",
            sheets=tmp_path / "sheets",
        )
    )
    figures = by_id(found)
    looks = {name for name in figures if name.split(".")[0] in KINDS}
    assert looks == {
        "reconstruction.feature_distance",
        "reconstruction.ssim",
        "transfer.lab",
        "transfer.part_features",
        "transfer.texture",
        "samples.spread",
        "samples.nearest",
        "samples.held",
        "samples.sides",
        "mixing.taken",
        "mixing.leak",
        "inplace.same",
        "inplace.outside",
        "inplace.detail",
    }
    assert figures["samples.nearest"]["n"] == 6 and figures["samples.spread"]["value"] > 0
    names = {path.stem for path in (tmp_path / "sheets").iterdir()}
    assert names == set(KINDS)


def test_looks_of_a_painter_without_alpha_are_left_out(options: EvaluateOptions):
    class Opaque(PuppetPainter):
        card = Card(
            id="opaque",
            architecture="test",
            title="",
            summary="",
            config={},
            side=SIDE,
            takes=("FromPhoto",),
            alpha=False,
        )

    found = judged(Opaque(), replace(options, only=("transfer", "samples")))
    gaps = {gap["id"]: gap["reason"] for gap in found["gaps"]}
    assert "paints no alpha" in gaps["transfer"] and "of the kind Sampled" in gaps["samples"]


def test_a_readers_file_by_its_id(data: Path):
    found = evaluate(EvaluateOptions(model="person-reader", data=data, people=2, device="cpu"))
    assert found["model"]["architecture"] == "perception"
    assert by_id(found)["read.people.pckh"]["n"] == 2


# What cannot be measured is said in one sentence


def test_no_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("GUISE_DATA", raising=False)
    with pytest.raises(InputError, match="--data"):
        evaluate_painter(PuppetPainter(), ABOUT, EvaluateOptions(model=""))
    with pytest.raises(InputError, match="There is no folder"):
        evaluate_painter(
            PuppetPainter(), ABOUT, EvaluateOptions(model="", data=tmp_path / "nothing")
        )
    with pytest.raises(InputError, match="none of the packs"):
        evaluate_reader(TrueReader({}), ABOUT, EvaluateOptions(model="", data=tmp_path))


def test_one_person_is_not_enough(tmp_path: Path, options: EvaluateOptions):
    write_pack(tmp_path / "people", "train", [10])
    write_pack(tmp_path / "people", "val", [0])
    with pytest.raises(InputError, match="two or more"):
        judged(PuppetPainter(), replace(options, data=tmp_path))


def test_people_who_cannot_be_framed_are_left_out_and_counted(
    tmp_path: Path, options: EvaluateOptions
):
    write_pack(tmp_path / "people", "train", [10, 11], hipless=10)
    write_pack(tmp_path / "people", "val", [0, 1, 2], hipless=2)
    found = judged(PuppetPainter(), replace(options, data=tmp_path))
    assert all(row["n"] == 2 for row in found["figures"])
    assert any(gap["reason"].startswith("1 held-out") for gap in found["gaps"])


def test_a_photo_in_both_splits_is_refused(tmp_path: Path, options: EvaluateOptions):
    write_pack(tmp_path / "people", "train", [10, 1])
    write_pack(tmp_path / "people", "val", [0, 1])
    with pytest.raises(InputError, match="both train and val"):
        judged(PuppetPainter(), replace(options, data=tmp_path))


def test_a_training_photo_cut_differently_is_found_and_left_out(
    tmp_path: Path, options: EvaluateOptions
):
    write_pack(tmp_path / "people", "train", [10, 11, 12])
    write_pack(tmp_path / "people", "val", [0, 1, 2])
    photo, mask = drawn_person(1)[:2]
    for folder, pixels in (("photos", photo), ("masks", mask)):
        moved = np.roll(pixels, (-4, 3), (0, 1))
        cv2.imwrite(str(tmp_path / "people" / folder / "11.png"), moved)
    found = judged(PuppetPainter(), replace(options, data=tmp_path))
    assert all(row["n"] == 2 for row in found["figures"])
    (gap,) = [gap for gap in found["gaps"] if gap["id"] == "people.doubles"]
    assert "1.png = 11.png" in gap["reason"]


def test_a_missing_photo_is_named(tmp_path: Path, options: EvaluateOptions):
    write_pack(tmp_path / "people", "train", [10])
    write_pack(tmp_path / "people", "val", [0, 1])
    (tmp_path / "people" / "photos" / "1.png").unlink()
    with pytest.raises(InputError, match=r"There is no file .*1\.png"):
        judged(PuppetPainter(), replace(options, data=tmp_path))


def test_only_what_is_named_is_measured(options: EvaluateOptions, tmp_path: Path):
    chosen = replace(options, only=("repose",))
    found = judged(PuppetPainter(), chosen)
    assert {row["id"].split(".")[0] for row in found["figures"]} == {"repose"}
    with pytest.raises(InputError, match="add both to --only"):
        judged(PuppetPainter(), replace(chosen, sheet=tmp_path / "sheet.png"))
    with pytest.raises(InputError, match="two or more --samples"):
        judged(PuppetPainter(), replace(chosen, samples=1))


def test_a_reader_of_scenes_is_not_measured_on_people(data: Path, tmp_path: Path):
    card = msgspec.structs.replace(FlatPainter.card, architecture="segments", shape="LabelMap")
    weights.save(tmp_path / "reader.safetensors", card, {"a": torch.ones(1)})
    with pytest.raises(GuiseError, match="neither of people nor of sketches"):
        evaluate(EvaluateOptions(model=str(tmp_path / "reader.safetensors"), data=data))


def test_an_unknown_model_names_what_there_is(data: Path):
    with pytest.raises(GuiseError, match="There is no model"):
        evaluate(EvaluateOptions(model="nobody", data=data))
