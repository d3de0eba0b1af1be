"""`guise evaluate` on painters of sketches: drawn items, painters known to be good or bad."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine import weights
from engine.appearance import FromPhoto, Sampled, Vector
from engine.card import Card
from engine.errors import InputError
from engine.painters.bicyclegan.network import BicycleConfig, BicycleGan
from engine.picture import Picture
from engine.request import Painted
from engine.vectors import thrown
from tests.unit.products import drawn_item, write_pack
from tests.unit.test_metrics import random_lite0
from trainer.data.products import Products, read_products
from trainer.evaluate import run
from trainer.metrics.diversity import Spread, diversity_figures
from trainer.metrics.edge_detectors import Canny, Hed
from trainer.metrics.edge_fidelity import FLAT, NEAREST, REAL, fidelity_figure, inside, rivals
from trainer.metrics.features import FeatureJudge
from trainer.metrics.kernel_distance import KernelDistance, squared_mmd
from trainer.metrics.line_finders import finder
from trainer.metrics.notes import Notes
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.sketch_bench import (
    Easel,
    Group,
    NearestEdges,
    held_out_cases,
    human_cases,
    without_doubles,
)
from trainer.metrics.sketch_looks import CHIPS, chipped, chips_figure, dimensions_figure
from trainer.metrics.sketch_set import Sketches
from trainer.metrics.sketch_trial import SketchTrial

SIDE = 64
CARD = Card(
    id="fake", architecture="none", title="", summary="", config={"looks": 4}, shape="Sketch",
    takes=("Vector",), side=SIDE,
)  # fmt: skip


class Colourist:
    """A session with a painter that fills the lines with the colour that a look's first three
    numbers say; the fourth does nothing."""

    deaf = False

    def vector(self, model, look):
        if isinstance(look, Vector):
            return look
        if isinstance(look, Sampled):
            return thrown(look.seed, 4)
        assert isinstance(look, FromPhoto)
        pixels = look.photo.pixels
        colour = np.median(pixels[pixels.min(-1) < 235], axis=0)
        return Vector((*((colour - 128) / 60).tolist(), 0.0))

    def paint(self, request, stop=None):
        lines = request.shape.raster > 127
        look = np.zeros(3) if self.deaf else np.array(request.appearance.values[:3])
        pixels = np.full((SIDE, SIDE, 3), 255, np.uint8)
        pixels[inside(lines)] = np.rint(128 + 60 * look).clip(0, 250)
        side = request.longest
        shown = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_NEAREST)
        return Painted(request, Picture(np.asarray(shown, np.uint8)), 0.0)


class Deaf(Colourist):
    """Paints every look the same."""

    deaf = True


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_pack(folder / "items", train=12, val=6)
    (folder / "human").mkdir()
    for seed in range(4):
        edges = drawn_item(seed, 100)[1]
        cv2.imwrite(str(folder / "human" / f"{seed}.png"), edges)
    cv2.imwrite(str(folder / "human" / "photo.png"), drawn_item(3)[0] // 2)
    return folder


@pytest.fixture(scope="module")
def judge_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("judge") / "lite0.pth"
    torch.save(random_lite0(), path)
    return path


@pytest.fixture(scope="module")
def judge(judge_file) -> FeatureJudge:
    return FeatureJudge(judge_file)


@pytest.fixture(scope="module")
def train(data) -> Products:
    return read_products(data, ["items"], "train", SIDE)


@pytest.fixture(scope="module")
def val(data) -> Products:
    return read_products(data, ["items"], "val", SIDE)


@pytest.fixture(scope="module")
def group(val) -> Group:
    return Group("held_out", "held-out edges", held_out_cases(val, 6))


def easel(session) -> Easel:
    return Easel(session, CARD)


def given(session, train: Products, group: Group) -> Sketches:
    return Sketches(easel(session), train, [group])


def test_diversity_is_a_share_of_that_of_photos_and_nothing_for_a_deaf_painter(group, train, judge):
    painted = given(Colourist(), train, group).looks(group, 5)
    still = given(Deaf(), train, group).looks(group, 5)
    real = [case.photo for case in group.cases]
    figures = {f.id: f for f in diversity_figures(group, painted, real, judge, still)}
    steps = [np.abs(a.astype(float) - b).mean() for p in painted for a, b in pairwise(p)]
    theirs = [np.abs(a.astype(float) - b).mean() for a, b in pairwise(real)]
    assert figures["held_out.diversity.pixels"].value == pytest.approx(
        np.mean(steps) / np.mean(theirs)
    )
    features = figures["held_out.diversity"]
    assert features.value > 0.05 and features.baselines == {"pix2pix + noise": 0.0}
    assert figures["held_out.diversity.over_noise"].met is True
    itself = {f.id: f for f in diversity_figures(group, painted, real, judge, painted)}
    assert itself["held_out.diversity.over_noise"].value == pytest.approx(1.0)
    assert itself["held_out.diversity.over_noise"].met is False


def test_only_consecutive_pairs_count():
    black, white = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
    assert Spread(None).of([black, black, white, white])[1] == pytest.approx(255 / 3)


def test_lines_are_found_where_they_are_asked_for_and_controls_are_told_apart(group, train, val):
    canny = finder(Canny(), train)
    painted = [easel(Colourist()).paint(case, Vector((-1, 0.5, 1, 0))) for case in group.cases]
    others = rivals(group, NearestEdges(train), list(val.photos))
    figure = fidelity_figure(group, painted, others, canny)
    assert figure.value > 0.9 and figure.met
    assert figure.baselines[REAL] > 0.9 and figure.baselines[FLAT] > 0.9
    assert figure.baselines[NEAREST] < figure.value
    blank = [np.full((SIDE, SIDE, 3), 255, np.uint8)] * len(group.cases)
    assert fidelity_figure(group, blank, {}, canny).value == 0
    shifted = [np.roll(picture, 6, 1) for picture in painted]
    assert fidelity_figure(group, shifted, {}, canny).value < 0.6


def test_what_lines_enclose_is_closed_over_small_gaps_only():
    for gap, enclosed in ((4, True), (30, False)):
        lines = np.zeros((64, 64), np.uint8)
        cv2.rectangle(lines, (12, 12), (52, 52), 1)
        lines[12, 20 : 20 + gap] = 0
        assert inside(lines > 0)[32, 32] == enclosed


def test_the_kernel_distance_is_the_unbiased_estimate():
    rng = np.random.default_rng(2)
    a, b = rng.standard_normal((5, 3)), rng.standard_normal((4, 3)) + 1

    def kernel(x, y):
        return (float(x @ y) / 3 + 1) ** 3

    within = [
        np.mean([kernel(s[i], s[j]) for i in range(len(s)) for j in range(len(s)) if i != j])
        for s in (a, b)
    ]
    across = np.mean([kernel(x, y) for x in a for y in b])
    assert squared_mmd(a, b) == pytest.approx(sum(within) - 2 * across)


def test_flat_items_are_further_from_photos_than_photos(judge):
    rng = np.random.default_rng(0)

    def photos(first):
        made = []
        for seed in range(first, first + 16):
            photo = drawn_item(seed)[0]
            grain = rng.integers(-40, 40, photo.shape)
            made.append(np.where(photo < 255, (photo + grain).clip(0, 254), 255).astype(np.uint8))
        return made

    distance = KernelDistance(photos(0), judge)
    flat = [drawn_item(seed)[0] for seed in range(50, 66)]
    assert distance.to(flat) > 3 * abs(distance.to(photos(100)))


def test_colour_chips_are_met_by_a_painter_that_listens_and_not_by_a_deaf_one(group):
    good = chips_figure(group, chipped(easel(Colourist()), group, 3))
    assert good.value == 1.0 and good.met
    assert set(good.detail["share by chip"]) == set(CHIPS)
    assert max(good.detail["median distance by chip"].values()) < 6
    bad = chips_figure(group, chipped(easel(Deaf()), group, 3))
    assert bad.value == 0.0 and bad.met is False
    blank = Group("x", "x", [])
    with pytest.raises(InputError, match="encloses"):
        chipped(easel(Colourist()), blank, 3)


def test_numbers_that_do_nothing_are_counted_out(group):
    figure = dimensions_figure(easel(Colourist()), group, 2)
    assert figure.value == 3
    assert figure.detail["effects"][3] == 0 and min(figure.detail["effects"][:3]) > 0.05
    assert dimensions_figure(easel(Deaf()), group, 2).value == 0


def test_looks_of_photos_bring_the_picture_nearer(group, train, judge):
    notes = Notes()
    trial = SketchTrial(given(Colourist(), train, group), notes, judge, 2)
    trial.encoding()
    values = {figure.id: figure.value for figure in notes.figures}
    assert values["held_out.reconstruction.pixels"] < 0.5
    still = Notes()
    SketchTrial(given(Deaf(), train, group), still, judge, 2).encoding()
    assert still.figures[0].value == pytest.approx(1.0)


def test_the_nearest_edges_are_those_of_a_shifted_training_pair(train):
    nearest = NearestEdges(train)
    for number in (0, 5, 11):
        moved = np.roll(train.lines[number], 1, axis=1)
        assert np.array_equal(nearest.photo(moved), train.photos[number])


def test_photos_of_training_are_left_out(train, val):
    both = Products(
        np.concatenate([val.photos, train.photos[4:5]]),
        np.concatenate([val.lines, train.lines[4:5]]),
        (*val.names, "copy"),
    )
    fresh, twins = without_doubles(both, train)
    assert "copy" in twins and "copy" not in fresh.names
    assert len(fresh) == len(fresh.photos) == len(fresh.lines) == len(both) - len(twins)


def test_drawings_are_opened_as_the_studio_does_and_photos_among_them_are_refused(data):
    cases, refused = human_cases(data / "human", SIDE, 0)
    assert len(cases) == 4 and len(refused) == 1 and "photo.png" in refused[0]
    assert all(case.sketch.size == (SIDE, SIDE) and case.lines.any() for case in cases)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    torch.manual_seed(5)
    config = BicycleConfig((8, 12, 16, 16, 16), (8, 8, 12, 12), 4, 12)
    network = BicycleGan(config)
    torch.nn.init.zeros_(network.generator.head.conv.bias)
    card = Card(
        id="tiny", architecture="bicyclegan", title="", summary="", config=asdict(config),
        shape="Sketch", takes=("Vector",), side=SIDE,
    )  # fmt: skip
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    weights.save(path, card, network.state_dict())
    return path


def options(model: Path, data: Path, judge: Path, **more) -> EvaluateOptions:
    chosen = {"pack": "items", "human": "human", "cases": 2, "samples": 2, "device": "cpu"}
    return EvaluateOptions(model=str(model), data=data, judge=judge, **(chosen | more))


def test_from_a_model_file_to_json_and_sheets(model, data, judge_file, tmp_path):
    out, sheets = tmp_path / "found.json", tmp_path / "sheets"
    asked = options(model, data, judge_file, out=out, sheets=sheets, noise=model)
    first = run(asked)
    assert out.stat().st_size > 1000
    ids = {row["id"] for row in first["figures"]}
    for name in ("held_out", "human"):
        assert {f"{name}.diversity", f"{name}.edges.canny", f"{name}.realism"} <= ids
    ratio = next(r for r in first["figures"] if r["id"] == "held_out.diversity.over_noise")
    assert ratio["value"] == pytest.approx(1.0)
    assert "edges.hed" in {gap["id"] for gap in first["gaps"]}
    sheet = cv2.imread(str(sheets / "sketches-human.png"))
    assert sheet is not None and sheet.shape[0] > 2 * SIDE and sheet.std() > 5


def test_the_same_run_twice_gives_the_same_figures(model, data, judge_file):
    asked = options(model, data, judge_file, only=("diversity", "edges"))
    first, second = run(asked), run(asked)
    assert first.pop("times") and second.pop("times") and first == second


def test_bad_requests_say_what_to_do(model, data, judge_file, tmp_path):
    with pytest.raises(InputError, match="--pack"):
        run(options(model, data, judge_file, pack=""))
    with pytest.raises(InputError, match="--only"):
        run(options(model, data, judge_file, only=("mirror",)))
    with pytest.raises(InputError, match="two or more --samples"):
        run(options(model, data, judge_file, samples=1))
    with pytest.raises(InputError, match=r"\.h5"):
        Hed(tmp_path / "hed.pth")


def test_without_a_judge_its_figures_are_gaps(model, data, tmp_path):
    from trainer.metrics.features import MissingJudge, find_weights

    missing = tmp_path / "none.pth"
    with pytest.raises(MissingJudge):
        find_weights(missing)
    report = run(options(model, data, missing, only=("diversity", "edges")))
    assert {row["judge"] for row in report["figures"]} == {"formula", "canny"}
    assert {"diversity", "realism"} <= {gap["id"] for gap in report["gaps"]}
