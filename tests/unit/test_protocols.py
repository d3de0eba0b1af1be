"""The protocols of the papers on data small enough to count by hand, and on bad input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine import registry, weights
from engine.appearance import Sampled
from engine.card import Card
from engine.errors import InputError
from engine.runtime import Runtime
from engine.shapes.pose import INDEX
from tests.unit.products import drawn_item
from tests.unit.products import write_pack as write_items
from tests.unit.test_evaluate import SIDE, PuppetPainter, write_pack, write_painter, write_pairs
from tests.unit.test_evaluate_sketches import CARD, Colourist
from tests.unit.test_metrics import random_lite0, slow_ssim
from tests.unit.test_scene_metrics import _judge, _painter, _save
from trainer.data.coco import read_people
from trainer.metrics import keypoints, protocol_sets, similarity
from trainer.metrics.features import FeatureJudge
from trainer.metrics.figures import Figure, Report, as_builtins
from trainer.metrics.keypoints import Agreement
from trainer.metrics.nearest import described
from trainer.metrics.notes import Notes
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.protocol_files import ProtocolFiles
from trainer.metrics.protocol_judges import Judges
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.protocols import PROTOCOLS, fitting, measured, of_folder
from trainer.metrics.published import PUBLISHED
from trainer.metrics.repose import partners, repose
from trainer.metrics.scene_judge import SceneJudge
from trainer.metrics.scenes import held_out, paintings
from trainer.metrics.sketch_set import sketches
from trainer.metrics.stage import Person
from trainer.recipes.edges_judging import TOLERANCE


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("judge") / "lite0.pth"
    torch.save(random_lite0(), path)
    return path


def figures(report: Report) -> dict[str, Figure]:
    return {figure.id: figure for figure in report.figures}


def gaps(report: Report) -> dict[str, str]:
    return {gap.id: gap.reason for gap in report.gaps}


def cases_explain_their_figures(report: Report) -> None:
    """A figure with cases is their plain mean, so that two reports can be paired by case."""
    for figure in report.figures:
        if figure.cases:
            assert len(figure.cases) == figure.n, figure.id
            assert figure.value == pytest.approx(np.mean(list(figure.cases.values()))), figure.id


# The list


def test_every_kind_of_bundled_model_has_protocols():
    known = {entry.card.id: fitting(entry.card) for entry in registry.catalogue()}
    assert known and all(known.values())
    assert {"pose-gan", "pckh", "part-distances"} <= set(known["people"])
    assert {"bicyclegan-diversity", "edge-fidelity", "kid", "fid"} <= set(known["shoes"])
    assert known["street-reader"] == ["pix2pixhd-segmentation"]
    assert known["person-reader"] == ["pckh"] and known["edges"] == ["edge-fidelity"]


def test_what_papers_report_belongs_to_a_protocol_and_names_its_data():
    for identifier, rows in PUBLISHED.items():
        assert identifier.split(".")[0] in PROTOCOLS
        assert rows and all(row.data and row.source and row.method for row in rows)
    ma = next(row for row in PUBLISHED["pose-gan.ssim"] if "PG2" in row.method)
    assert ma.value == 0.253 and "Market-1501" in ma.data


def test_protocols_that_do_not_fit_are_named(tmp_path: Path):
    card = Card(id="x", architecture="bicyclegan", title="", summary="", config={}, shape="Sketch")
    subject = Subject(tmp_path, card, {}, EvaluateOptions(model=""))
    with pytest.raises(InputError, match="no protocol 'inception'"):
        measured(subject, ["inception"])
    with pytest.raises(InputError, match="pose-gan does not measure models such as x"):
        measured(subject, ["pose-gan"])
    with pytest.raises(InputError, match="cannot be measured by 'pckh'"):
        of_folder(tmp_path, ["pckh"], EvaluateOptions(model=""))


# pose-gan


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    write_pairs(tmp_path / "market")
    return tmp_path / "market"


def paint(pairs: Path, folder: Path, wide: bool = False) -> dict[str, np.ndarray]:
    """Targets turned darker, named and laid out as pose-gan's test code does; by pair."""
    folder.mkdir()
    made = {}
    for source, target in (("1_0.png", "1_1.png"), ("1_1.png", "1_0.png")):
        a, b = (cv2.imread(str(pairs / "test" / name)) for name in (source, target))
        made[f"{source}>{target}"] = dark = np.asarray(b // 2, np.uint8)
        shown = np.concatenate([a, b, dark], 1) if wide else dark
        name = f"{source}_{target}.png" if wide else f"{source[:-4]}_{target[:-4]}.png"
        cv2.imwrite(str(folder / name), shown)
    return made


def options_for(pairs: Path, judge: Path | None) -> EvaluateOptions:
    files = ProtocolFiles(pairs_file=pairs / "pairs-test.csv")
    return EvaluateOptions(model="", judge=judge, files=files)


@pytest.mark.parametrize("wide", [False, True])
def test_pairs_painted_elsewhere_are_judged_as_listed(
    pairs: Path, judge: Path, tmp_path: Path, wide: bool
):
    made = paint(pairs, tmp_path / "out", wide)
    report = of_folder(tmp_path / "out", ["pose-gan"], options_for(pairs, judge))
    found = figures(report)
    ssim = found["pose-gan.ssim"]
    assert ssim.cases.keys() == made.keys() and ssim.n == 2
    dark = made["1_0.png>1_1.png"][..., ::-1]
    truth = cv2.imread(str(pairs / "test" / "1_1.png"))[..., ::-1]
    height, width = truth.shape[:2]
    spots = [(y, x) for y in range(5, height - 5, 1) for x in range(5, width - 5, 1)][::97]
    seen = similarity.ssim_map(dark, truth)
    for y, x in spots[:20]:
        slow = np.mean([slow_ssim(dark[..., c], truth[..., c], y, x) for c in range(3)])
        assert seen[y, x] == pytest.approx(slow, abs=1e-6)
    assert ssim.cases["1_0.png>1_1.png"] == pytest.approx(seen[5:-5, 5:-5].mean())
    assert "range 255" in ssim.protocol and ssim.published
    assert set(gaps(report)) == {"pose-gan.is", "pose-gan.mask_is", "pose-gan.ds"}
    assert "--inception" in gaps(report)["pose-gan.is"]
    scored = found["pose-gan.is.lite0"]
    assert 1 <= scored.value <= 2 and not scored.published and not scored.cases
    cases_explain_their_figures(report)


def test_the_same_run_twice_gives_the_same_report(pairs: Path, judge: Path, tmp_path: Path):
    paint(pairs, tmp_path / "out")
    one, two = (
        as_builtins(of_folder(tmp_path / "out", ["pose-gan"], options_for(pairs, judge)))
        for _ in range(2)
    )
    assert one.pop("times") and two.pop("times") and one == two


def test_bad_lists_of_pairs_are_one_sentence(pairs: Path, tmp_path: Path):
    paint(pairs, tmp_path / "out")
    joints = (pairs / "annotation-test.csv").read_text().splitlines()
    listed = pairs / "pairs-test.csv"

    def told(match: str, listing: str = "", rows: list[str] | None = None) -> None:
        listed.write_text(listing or "from,to\n1_0.png,1_1.png\n1_1.png,1_0.png\n")
        (pairs / "annotation-test.csv").write_text("\n".join(rows or joints))
        with pytest.raises(InputError, match=match) as found:
            of_folder(tmp_path / "out", ["pose-gan"], options_for(pairs, None))
        assert "\n" not in str(found.value)

    told(
        "line 3 names gone.png, which has no annotation",
        "from,to\n1_0.png,1_1.png\n1_0.png,gone.png\n",
    )
    told("must begin with the line from,to", "a,b\n1_0.png,1_1.png\n")
    told("line 2 needs two file names", "from,to\n1_0.png\n")
    told("1 usable pairs", "from,to\n1_0.png,1_1.png\n")
    name, ys, xs = joints[1].split(": ")
    nan = ys.replace(ys[1:].split(",")[0], "NaN", 1)
    told("not a number", rows=[joints[0], f"{name}: {nan}: {xs}", joints[2]])
    told("gone.png", rows=[*joints, joints[1].replace("1_0.png", "gone.png")])
    missing = replace(options_for(pairs, None), files=ProtocolFiles(pairs_file=pairs / "x.csv"))
    with pytest.raises(InputError, match="--annotations"):
        of_folder(tmp_path / "out", ["pose-gan"], missing)


def test_pictures_of_pairs_that_are_missing_or_of_other_sizes(pairs: Path, tmp_path: Path):
    out = tmp_path / "out"
    paint(pairs, out)
    file = out / "1_0_1_1.png"
    cv2.imwrite(str(file), np.zeros((50, 90, 3), np.uint8))
    with pytest.raises(InputError, match="90 x 50 pixels; its target is 90 x 160"):
        of_folder(out, ["pose-gan"], options_for(pairs, None))
    file.write_bytes(b"torn")
    with pytest.raises(InputError, match="not a picture that can be read"):
        of_folder(out, ["pose-gan"], options_for(pairs, None))
    file.unlink()
    with pytest.raises(InputError, match=r"no picture 1_0_1_1\.png"):
        of_folder(out, ["pose-gan"], options_for(pairs, None))
    with pytest.raises(InputError, match="11 pixels"):
        similarity.ssim(np.zeros((8, 40, 3), np.uint8), np.zeros((8, 40, 3), np.uint8))
    with pytest.raises(InputError, match="40 x 20 and 20 x 40"):
        similarity.ssim(np.zeros((20, 40, 3), np.uint8), np.zeros((40, 20, 3), np.uint8))


# Sets of pictures


def fill_folder(folder: Path, sizes: list[tuple[int, int]], seed: int = 0) -> Path:
    folder.mkdir()
    rng = np.random.default_rng(seed)
    for n, size in enumerate(sizes):
        cv2.imwrite(str(folder / f"{n}.png"), rng.integers(0, 256, (*size, 3)).astype(np.uint8))
    return folder


def test_folders_of_other_sizes_and_counts_can_be_compared(judge: Path, tmp_path: Path):
    mine = fill_folder(tmp_path / "mine", [(30, 40), (64, 20), (33, 33)])
    photos = fill_folder(tmp_path / "photos", [(50, 50), (20, 90)], 1)
    options = EvaluateOptions(model="", judge=judge, files=ProtocolFiles(photos=photos))
    found = figures(of_folder(mine, ["kid", "fid"], options))
    assert set(found) == {"kid.lite0", "fid.lite0"}
    judged = Judges(options, options.files).classes(Notes())
    assert judged is not None
    read = [
        cv2.imread(str(f))[..., ::-1] for f in [*sorted(mine.iterdir()), *sorted(photos.iterdir())]
    ]
    seen = judged.look(read).features
    a, b = seen[:3], seen[3:]

    def kernel(x: np.ndarray, y: np.ndarray) -> float:
        return float((x @ y / len(x) + 1) ** 3)

    own = np.mean([kernel(a[i], a[j]) for i in range(3) for j in range(3) if i != j])
    wanted = own + kernel(b[0], b[1]) - 2 * np.mean([kernel(x, y) for x in a for y in b])
    assert found["kid.lite0"].value == pytest.approx(wanted, rel=1e-6)
    assert found["fid.lite0"].value > 0 and found["kid.lite0"].detail == {"real photos": 2}


def test_sets_that_cannot_be_compared(judge: Path, tmp_path: Path):
    options = EvaluateOptions(model="", judge=judge)
    mine = fill_folder(tmp_path / "mine", [(30, 40), (64, 20)])
    with pytest.raises(InputError, match="--photos"):
        of_folder(mine, ["kid"], options)
    alone = fill_folder(tmp_path / "alone", [(30, 40)])
    for folder, photos, why in (
        (alone, mine, "two or more pictures; .*alone holds 1"),
        (mine, alone, "two or more pictures; .*alone holds 1"),
        (mine, tmp_path / "none", "no folder"),
    ):
        with pytest.raises(InputError, match=why):
            of_folder(folder, ["fid"], replace(options, files=ProtocolFiles(photos=photos)))
    (mine / "1.png").write_bytes(b"torn")
    with pytest.raises(InputError, match=r"1\.png is not a picture"):
        of_folder(mine, ["kid"], replace(options, files=ProtocolFiles(photos=mine)))


def test_without_weights_nothing_stands_in_for_a_judge(tmp_path: Path):
    options = EvaluateOptions(model="", judge=tmp_path / "none.pth")
    notes = Notes()
    pictures = [np.zeros((20, 20, 3), np.uint8)] * 2
    judges = Judges(options, options.files)
    assert not protocol_sets.distance_figures(judges, notes, "fid", "", pictures, pictures, {})
    assert judges.lpips(notes, "l") is None and judges.detector(notes, "d") is None
    assert {gap.id for gap in notes.gaps} == {"fid", "fid.lite0", "l", "d"}
    assert not notes.judges
    torn = tmp_path / "torn.pth"
    torn.write_bytes(b"no weights")
    with pytest.raises(InputError, match=r"torn\.pth holds no EfficientNet-Lite0 weights"):
        Judges(replace(options, judge=torn), options.files).classes(notes)


# People


def test_pckh_of_each_person_by_hand():
    asked = np.zeros(18, bool)
    asked[:4] = True
    right = np.zeros(18, bool)
    right[:3] = True
    nobody = Agreement(np.zeros(18, bool), np.zeros(18, bool))
    whole = Agreement(asked, asked)
    found = keypoints.shares([Agreement(right, asked), whole, nobody], ["a", "b", "c"])
    assert found == {"a": 0.75, "b": 1.0}  # nothing is known of c


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    write_pack(folder / "people", "train", [10, 11, 12, 13])
    write_pack(folder / "people", "val", [0, 1, 2])
    return folder


def test_reposed_people_by_all_their_protocols(people: Path, judge: Path, tmp_path: Path):
    everyone = [Person.of(sample) for sample in read_people(people / "people", "val")]
    x, y = everyone[0].framed(everyone[0].pose, SIDE).xy[INDEX["nose"]] / SIDE
    python = tmp_path / "python"
    python.write_text(
        f"#!{sys.executable}\nimport sys, json\n"
        "print(json.dumps({'mediapipe': 'test', 'model_complexity': 1}))\n"
        f"joints = {{'nose': [{x}, {y}], 'left_hip': [5, 5]}}\n"
        "for line in sys.stdin: print(json.dumps(joints))\n"
    )
    python.chmod(0o755)
    options = EvaluateOptions(model="", data=people, judge=judge, blazepose=python)
    card = Card(id="puppet", architecture="deformable", title="", summary="", config={},
                takes=("FromPhoto",), side=SIDE)  # fmt: skip
    subject = Subject(tmp_path, card, {}, options)
    subject.once("people", lambda: (everyone, read_people(people / "people", "train")))
    puppets = [
        repose(PuppetPainter(), p, everyone[i]) for p, i in zip(everyone, partners(3), strict=True)
    ]
    subject.once("reposed", lambda: puppets)
    report = measured(subject, ["pckh", "part-distances", "kid", "fid"])
    blind = replace(subject, options=replace(options, blazepose=tmp_path / "none"))
    assert "cannot be run" in gaps(measured(blind, ["pckh"]))["pckh"]
    found = figures(report)
    assert {"pckh", "pckh.by_person", "part-distances.lab", "part-distances.part_features",
            "part-distances.texture", "kid.lite0", "fid.lite0"} == set(found)  # fmt: skip
    assert 0 < found["pckh"].value < 0.1 and found["pckh"].published
    # the puppet of a person in a pose is nearer to the person than somebody else is
    assert (
        found["part-distances.lab"].value < found["part-distances.lab"].baselines["random people"]
    )
    assert {"training photos"} == set(found["kid.lite0"].baselines)
    cases_explain_their_figures(report)


def test_reconstruction_of_a_model_file_beside_the_nearest_photos(
    people: Path, judge: Path, tmp_path: Path
):
    path = tmp_path / "newborn.safetensors"
    write_painter(path)
    options = EvaluateOptions(model="", data=people, judge=judge, device="cpu")
    subject = Subject(path, weights.read_card(path), {}, options, cases=2)
    report = measured(subject, ["vunet-reconstruction", "pose-gan"])
    assert "pku_reid" in gaps(report)["pose-gan"]
    found = figures(report)
    ssim = found["vunet-reconstruction.ssim"]
    assert ssim.n == 2 and "nearest training photo by pose" in ssim.baselines
    assert -1 <= ssim.detail["whole frame, on white"] <= 1
    assert "vunet-reconstruction.is" in gaps(report) and "vunet-reconstruction.is.lite0" in found
    cases_explain_their_figures(report)


def test_training_photos_are_described_anew_for_another_size(people: Path, judge: Path):
    samples, network = read_people(people / "people", "train"), FeatureJudge(judge)
    first = described(samples, SIDE, network)
    assert described(samples, SIDE, network) is first
    fewer = described(samples[:2], SIDE, network)
    assert len(fewer) == 2 and len(first) == len(samples)
    assert described(samples[:2], 64, network).cut(0).shape == (64, 64, 4)


# Sketches


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("items")
    write_items(folder / "items", train=8, val=4)
    (folder / "human").mkdir()
    for seed in range(3):
        cv2.imwrite(str(folder / "human" / f"{seed}.png"), drawn_item(seed, 100)[1])
    return folder


def test_diversity_is_of_nineteen_consecutive_pairs_and_lines_are_counted_one_by_one(
    items: Path, judge: Path, tmp_path: Path
):
    options = EvaluateOptions(
        model="", data=items, judge=judge, pack="items", human="human", sheets=tmp_path / "sheets"
    )
    card = Card(id="fake", architecture="bicyclegan", title="", summary="", config=CARD.config,
                shape="Sketch", takes=("Vector",), side=CARD.side)  # fmt: skip
    subject = Subject(tmp_path, card, {}, options, cases=2)
    subject.once("session", lambda: Colourist())
    names = ["bicyclegan-diversity", "edge-fidelity", "vunet-reconstruction", "kid", "fid"]
    report = measured(subject, names)
    found = figures(report)
    pixels = found["bicyclegan-diversity.pixels"]
    given = sketches(subject, Notes(), 2)
    case = given.groups[0].cases[1]
    looks = [given.easel.paint(case, Sampled(1000 + n, case.sketch)) for n in range(20)]
    steps = [np.abs(a.astype(float) - b).sum() / a.size for a, b in pairwise(looks)]
    assert len(steps) == 19
    assert pixels.cases[case.name] == pytest.approx(np.mean(steps))
    assert found["bicyclegan-diversity.lite0.human"].n == 2
    assert "bicyclegan-diversity.lpips" in gaps(report)
    lines = found["edge-fidelity.canny.by_sketch"]
    assert set(lines.cases) == {c.name for c in given.groups[0].cases} and lines.value > 0.5
    assert f"{TOLERANCE:g} px" in lines.protocol
    assert found["vunet-reconstruction.ssim"].n == 2
    assert {"training photos", "nearest training edges"} <= set(found["kid.lite0"].baselines)
    cases_explain_their_figures(report)
    sheets = {file.stem for file in (tmp_path / "sheets").iterdir()}
    assert sheets == {"bicyclegan-diversity-held_out", "bicyclegan-diversity-human",
                      "vunet-reconstruction"}  # fmt: skip


# Scenes


def scene_pack(folder: Path) -> Path:
    """Three scenes a split with pixels of a label that the judge does not read, and of none."""
    rng = np.random.default_rng(0)
    for split in ("train", "val"):
        for n in range(3):
            labels = np.full((48, 64), 23, np.uint8)
            labels[30:] = 7
            labels[32:44, 9 * n : 9 * n + 20] = 26
            labels[:4] = 255
            labels[4:8, :9] = 24
            objects = np.where(labels == 26, 26000 + n, labels).astype(np.uint16)
            photo = rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)
            for part, pixels in (("label", labels), ("inst", objects), ("img", photo)):
                _save(folder / "street" / f"{split}_{part}" / f"{n}.png", pixels)
    return folder


def test_labels_read_again_are_counted_pixel_by_pixel(tmp_path: Path):
    folder = scene_pack(tmp_path)
    path, judge = _painter(tmp_path / "mine.safetensors", 3), _judge(tmp_path / "judge.safetensors")
    options = EvaluateOptions(
        model="", data=folder, segments=judge, device="cpu", sheets=tmp_path / "s"
    )
    reports = []
    for _ in range(2):
        subject = Subject(path, weights.read_card(path), {}, options)
        reports.append(measured(subject, ["pix2pixhd-segmentation"]))
    one, two = (as_builtins(report) for report in reports)
    assert one.pop("times") and two.pop("times") and one == two
    sheet = cv2.imread(str(tmp_path / "s" / "pix2pixhd-segmentation.png"))
    assert sheet is not None and sheet.std() > 5
    found = figures(reports[0])
    reader = SceneJudge(judge, Runtime.best("cpu"))
    right, union, total, void = dict.fromkeys((7, 23, 26), 0), dict.fromkeys((7, 23, 26), 0), 0, 0
    painted = paintings(subject, Notes(), 60).drawn(0)
    for scene, picture in zip(held_out(folder / "street", 0), painted, strict=True):
        seen = reader.labels(picture, scene.shape.labels.shape)
        for truth, label in zip(scene.shape.labels.ravel(), seen.ravel(), strict=True):
            if int(truth) not in right:
                void += 1
                continue
            total += 1
            for k in right:
                right[k] += truth == k == label
                union[k] += k in (truth, label)
    miou = np.mean([right[k] / union[k] for k in right])
    assert found["pix2pixhd-segmentation.miou"].value == pytest.approx(miou)
    accuracy = sum(right.values()) / total
    assert found["pix2pixhd-segmentation.accuracy"].value == pytest.approx(accuracy)
    counted = found["pix2pixhd-segmentation.accuracy.with_void"].value
    assert void > 0 and counted == pytest.approx(sum(right.values()) / (total + void))
    assert "255" in found["pix2pixhd-segmentation.miou"].protocol
    cases_explain_their_figures(reports[0])
