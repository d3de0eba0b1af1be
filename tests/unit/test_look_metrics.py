"""Measures of looks invented, mixed and exchanged, on paper dolls of known colours."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.appearance import BODY, Appearance, FromPhoto, Mix, Parts, Sampled
from engine.painters.parts import PARTS
from engine.photo import Mask, Photo
from engine.picture import Picture
from engine.request import Painted, Request
from engine.shapes.body import completed, default_pose
from engine.shapes.pose import INDEX, JOINTS, Pose
from tests.unit.test_evaluate import write_pack
from tests.unit.test_metrics import lab, random_lite0
from trainer.data.coco import read_people
from trainer.metrics.asking import Asking
from trainer.metrics.features import FeatureJudge, mean_distance
from trainer.metrics.interpolation import STEPS, interpolation_sheet
from trainer.metrics.kept import look_figures
from trainer.metrics.looks import part_masks
from trainer.metrics.mixing import mixed, mixing_figures, mixing_sheet
from trainer.metrics.nearest import TrainingPhotos, inside
from trainer.metrics.plausible import found_figure, sides_figure
from trainer.metrics.regions import region_colours, region_masks
from trainer.metrics.samples import (
    Invented,
    held_figure,
    invented,
    novelty_figure,
    samples_sheet,
    spread_figure,
)
from trainer.metrics.stage import Person
from trainer.metrics.transfer import TRANSFER, transfer_sheet, transfers

Colours = dict[str, tuple[int, int, int]]
DRESSED: list[Colours] = [
    {"head": (220, 180, 150), "torso": (200, 30, 40), "arms": (30, 160, 60),
     "legs": (20, 60, 200), "feet": (40, 30, 20)},
    {"head": (90, 60, 40), "torso": (230, 210, 40), "arms": (120, 40, 150),
     "legs": (60, 70, 60), "feet": (200, 80, 160)},
    {"head": (180, 120, 90), "torso": (40, 190, 200), "arms": (230, 130, 30),
     "legs": (150, 150, 90), "feet": (90, 20, 30)},
]  # fmt: skip
SIZE = 200


def drawn(pose: Pose, colours: Colours) -> np.ndarray:
    """A paper doll (S, S, 4): each region of the pose in one colour."""
    side = pose.size[0]
    rgba = np.full((side, side, 4), 255, np.uint8)
    masks = region_masks(rgba, pose)
    rgba[~masks.any(0)] = 0
    for name, mask in zip(BODY, masks, strict=True):
        rgba[mask, :3] = colours[name]
    return rgba


def dressed(index: int) -> Person:
    """A doll on its own square canvas, each in another stance."""
    pose = default_pose((SIZE, SIZE))
    elbow, wrist = (pose.xy[INDEX[f"right_{name}"]] for name in ("elbow", "wrist"))
    (x, y), turn = wrist - elbow, 0.15 * index  # turned, so that nobody grows
    x, y = elbow + np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ (x, y)
    pose = pose.moved(right_wrist=(float(x), float(y)))
    rgba = drawn(pose, DRESSED[index])
    rgba[rgba[..., 3] == 0, :3] = 255
    return Person(f"{index}.png", Photo(rgba[..., :3]), Mask(rgba[..., 3]), pose).squared()


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return [dressed(i) for i in range(3)]


@pytest.fixture(scope="module")
def side(people: list[Person]) -> int:
    """The photos' own, so that nothing is resampled."""
    (side,) = {person.photo.size[0] for person in people}
    return side


def colour(values: np.ndarray) -> tuple[int, int, int]:
    r, g, b = (int(v) for v in values)
    return r, g, b


@dataclass
class Dolls:
    """A session that dresses dolls exactly as asked; `wear` may spoil what it was asked for."""

    wardrobe: dict[str, Colours]
    wear: Callable[[Request, Colours], Colours] = lambda _, colours: colours
    asked: list[Request] = field(default_factory=list)

    def paint(self, request: Request) -> Painted:
        self.asked.append(request)
        assert request.longest is not None
        pose = completed(request.shape).resized((request.longest, request.longest))
        pixels = drawn(pose, self.wear(request, self.colours(request.appearance)))
        return Painted(request, Picture(pixels), 0.0)

    def colours(self, look: Appearance) -> Colours:
        match look:
            case FromPhoto(photo):
                return self.wardrobe[photo.digest]
            case Sampled(seed):
                rng = np.random.default_rng(seed)
                return {name: colour(rng.integers(0, 256, 3)) for name in BODY}
            case Mix(a, b, t):
                one, two = self.colours(a), self.colours(b)
                return {
                    n: colour(np.multiply(one[n], 1 - t) + np.multiply(two[n], t)) for n in BODY
                }
            case Parts(default, regions):
                return self.colours(default) | {n: self.colours(o)[n] for n, o in regions}


@pytest.fixture
def wardrobe(people: list[Person]) -> dict[str, Colours]:
    return {p.photo.digest: c for p, c in zip(people, DRESSED, strict=True)}


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> FeatureJudge:
    torch.set_num_threads(1)
    path = tmp_path_factory.mktemp("judge") / "lite0.pth"
    torch.save(random_lite0(), path)
    return FeatureJudge(path)


# Regions


def test_regions_are_the_parts_and_feet_begin_below_the_ankles(people: list[Person], side: int):
    pose = people[0].pose
    rgba = np.full((side, side, 4), 255, np.uint8)
    regions, parts = region_masks(rgba, pose), part_masks(rgba, pose)
    assert regions.sum(0).max() == 1 and (regions.any(0) == parts.any(0)).all()
    assert (regions[BODY.index("head")] == parts[PARTS.index("head")]).all()
    for which in ("right", "left"):
        ankle, knee = (pose.xy[INDEX[f"{which}_{name}"]] for name in ("ankle", "knee"))
        down = (ankle - knee) / np.linalg.norm(ankle - knee)
        for step, region in ((3, "feet"), (-3, "legs")):
            x, y = (ankle + step * down).astype(int)
            assert regions[BODY.index(region), y, x]


def test_region_colours_by_the_book(people: list[Person], side: int):
    found = region_colours(drawn(people[0].pose, DRESSED[0]), people[0].pose)
    wanted = np.stack([lab(DRESSED[0][name]) for name in BODY])
    assert found == pytest.approx(wanted, abs=0.5)
    armless = drawn(people[0].pose, DRESSED[0])
    armless[region_masks(armless, people[0].pose)[BODY.index("arms")], 3] = 0
    assert np.isnan(region_colours(armless, people[0].pose)[BODY.index("arms")]).all()


# Mixing


def test_a_region_that_comes_over_and_nothing_else(
    people: list[Person], side: int, wardrobe: dict[str, Colours]
):
    session = Dolls(wardrobe)
    taken, leak = mixing_figures(mixed(Asking(session, "dolls", side), people))
    assert taken.value < 0.06 and taken.met and leak.value < 0.01 and leak.met
    regions = [r.appearance.regions for r in session.asked if isinstance(r.appearance, Parts)]
    assert sorted(name for ((name, _),) in regions) == sorted(3 * BODY)


def test_a_painter_that_takes_nothing_is_as_far_from_b_as_a_is(
    people: list[Person], side: int, wardrobe: dict[str, Colours]
):
    def own(request: Request, _: Colours) -> Colours:
        assert request.place is not None
        return wardrobe[request.place.photo.digest]

    taken, leak = mixing_figures(mixed(Asking(Dolls(wardrobe, own), "dolls", side), people))
    assert taken.value > 10 and not taken.met and leak.value == 0
    apart = [
        np.linalg.norm(lab(a[name]) - lab(b[name]))
        for a, b in itertools.combinations(DRESSED, 2)
        for name in BODY
    ]  # three people in a circle are all pairs
    assert taken.detail["dE to B"] == pytest.approx(np.mean(apart), rel=0.03)


def test_what_leaks_is_counted_where_it_leaks(
    people: list[Person], side: int, wardrobe: dict[str, Colours]
):
    grey = (128, 128, 128)

    def leaky(request: Request, colours: Colours) -> Colours:
        look = request.appearance
        legs = isinstance(look, Parts) and look.regions[0][0] == "legs"
        return colours | {"feet": grey} if legs else colours

    leak = mixing_figures(mixed(Asking(Dolls(wardrobe, leaky), "dolls", side), people))[1]
    wanted = np.mean([np.linalg.norm(lab(c["feet"]) - lab(grey)) for c in DRESSED])
    by_region = leak.detail["as a region is taken"]
    assert by_region["legs"]["feet"] == pytest.approx(wanted, rel=0.03)
    assert by_region["feet"].keys() == set(BODY) - {"feet"}
    assert leak.value == pytest.approx(wanted / 20, rel=0.05)  # one of 5 x 4 places leaks
    assert leak.detail["largest"] > wanted


# Transfer


def test_transferred_colours_are_those_of_the_look_not_of_the_place(
    people: list[Person], side: int, wardrobe: dict[str, Colours]
):
    session = Dolls(wardrobe)
    cases = transfers(Asking(session, "dolls", side), people)
    for request, case in zip(session.asked, cases, strict=True):
        assert request.appearance == case.person.look and request.place == case.other.look
        assert request.shape == case.other.annotated != case.person.annotated
    colour = look_figures(cases, None, TRANSFER)[0]
    assert colour.id == "transfer.lab" and colour.value < 1 and colour.met
    assert colour.detail["over random people"] == colour.value / colour.baselines["random people"]

    def stays(request: Request, _: Colours) -> Colours:
        assert request.place is not None
        return wardrobe[request.place.photo.digest]

    cases = transfers(Asking(Dolls(wardrobe, stays), "dolls", side), people)
    colour = look_figures(cases, None, TRANSFER)[0]
    assert colour.value == pytest.approx(colour.baselines["random people"], rel=0.02)
    assert not colour.met


# Samples


def test_mean_distance_is_over_all_pairs():
    def picture(angle: float) -> list[torch.Tensor]:
        return [torch.tensor([np.cos(angle), np.sin(angle)]).view(2, 1, 1)]

    angles = [0.0, 0.4, 1.5]
    apart = [2 - 2 * np.cos(a - b) for a, b in itertools.combinations(angles, 2)]
    assert mean_distance([picture(a) for a in angles]) == pytest.approx(np.mean(apart), abs=1e-4)


def test_spread_of_samples_against_every_pair_by_hand(
    people: list[Person], side: int, wardrobe: dict[str, Colours], judge: FeatureJudge
):
    samples = invented(Asking(Dolls(wardrobe), "dolls", side), people, 3, 2)
    figure = spread_figure(samples, people, judge)
    ratios: list[list[float]] = [[], []]
    for sample in samples:
        for i, pictures in enumerate((sample.painted, [p.cut(side) for p in people])):
            shown = [inside(rgba, sample.box) for rgba in pictures]
            pairs = itertools.combinations(shown, 2)
            ratios[i].append(float(np.mean([judge.distances(a, b).sum() for a, b in pairs])))
    assert figure.value == pytest.approx(np.mean(ratios[0]) / np.mean(ratios[1]))
    ys, xs = np.nonzero(np.any([p[..., 3] for p in samples[0].painted], 0))
    room = round(0.04 * side)
    assert samples[0].box[:2] == (max(xs.min() - room, 0), max(ys.min() - room, 0))


def test_a_collapsed_painter_has_no_spread(
    people: list[Person], side: int, wardrobe: dict[str, Colours], judge: FeatureJudge
):
    session = Dolls(wardrobe, lambda *_: DRESSED[0])
    samples = invented(Asking(session, "dolls", side), people, 3, 2)
    figure = spread_figure(samples, people, judge)
    assert figure.value == 0 and figure.met is False


def test_a_held_look_keeps_its_colours_and_one_joint_moves_one_pixel(
    people: list[Person], side: int, wardrobe: dict[str, Colours]
):
    session = Dolls(wardrobe)
    asking = Asking(session, "dolls", side // 2)  # a pixel of the frame is two of the photo
    samples = invented(asking, people, 2, 1)
    session.asked.clear()
    figure = held_figure(asking, samples)
    assert figure.value < 2 and figure.met
    start = people[0].pose
    moved = set()
    for request in session.asked:
        assert request.appearance == Sampled(0, people[0].annotated)
        step = np.linalg.norm(request.shape.xy - start.xy, axis=1)
        (joint,) = np.nonzero(step)[0]
        assert step[joint] == pytest.approx(people[0].frame.side / asking.side)
        moved.add(JOINTS[joint])
    assert moved == set(JOINTS) - {"neck"}


def test_a_look_diced_anew_as_joints_move_is_found_out(
    people: list[Person], side: int, wardrobe: dict[str, Colours]
):
    def restless(request: Request, colours: Colours) -> Colours:
        moved = request.shape != people[0].annotated
        return colours | {"torso": DRESSED[1]["torso"]} if moved else colours

    session = Dolls(wardrobe, restless)
    asking = Asking(session, "dolls", side)
    figure = held_figure(asking, invented(asking, people, 2, 1))
    before = session.colours(Sampled(0, people[0].annotated))["torso"]
    wanted = np.linalg.norm(lab(before) - lab(DRESSED[1]["torso"]))
    assert figure.value == pytest.approx(wanted, rel=0.05) and not figure.met
    assert figure.baselines["same picture, parts outlined anew"] < wanted / 2


def test_a_memorised_photo_is_near_a_training_person(
    tmp_path: Path, people: list[Person], side: int, judge: FeatureJudge
):
    write_pack(tmp_path, "train", [10, 11, 12])
    train = read_people(tmp_path, "train")
    training = TrainingPhotos(train, side, judge)
    known = Person.of(train[1]).cut(side)
    assert training.alike(known) == 1 and training.distance(known) == pytest.approx(0, abs=1e-6)

    class Parrot:
        def paint(self, request: Request) -> Painted:
            return Painted(request, Picture(known), 0.0)

    samples = invented(Asking(Parrot(), "parrot", side), people, 2, 2)
    figure = novelty_figure(samples, people, training)
    assert figure.n == 4 and figure.value == pytest.approx(0, abs=1e-6)
    assert figure.baselines["held-out real people"] > 0.1


def test_left_and_right_are_compared_with_those_of_real_people(people: list[Person], side: int):
    """Real people with one red arm, samples with two limbs of two colours."""

    def limbs(colours: dict[str, tuple[int, int, int]]) -> np.ndarray:
        rgba = np.full((side, side, 4), 255, np.uint8)
        masks = part_masks(rgba, people[0].pose)
        rgba[~masks.any(0)] = 0
        for name, mask in zip(PARTS, masks, strict=True):
            rgba[mask, :3] = colours.get(name, (128, 128, 128))
        return rgba

    red, blue, grey = (200, 30, 40), (20, 60, 220), (128, 128, 128)
    photo = limbs({"right_upper_arm": red})
    real = Person("r", Photo(photo[..., :3]), Mask(photo[..., 3]), people[0].pose)
    sample = Invented(real, [limbs({"left_thigh": red, "right_thigh": blue})])
    figure = sides_figure([sample], [real])
    wanted = np.linalg.norm(lab(red) - lab(blue)) / np.linalg.norm(lab(red) - lab(grey))
    assert figure.value == pytest.approx(wanted, rel=0.03)


def test_joints_of_samples_found_again(
    tmp_path: Path, people: list[Person], side: int, wardrobe: dict[str, Colours]
):
    samples = invented(Asking(Dolls(wardrobe), "dolls", side), people, 2, 2)
    places = people[0].pose.xy / side
    joints = {name: places[INDEX[name]].tolist() for name in JOINTS if name != "neck"}
    python = tmp_path / "python"
    python.write_text(
        f"#!{sys.executable}\nimport sys, json\n"
        "print(json.dumps({'mediapipe': 'test', 'model_complexity': 1}))\n"
        "for i, line in enumerate(sys.stdin):\n"
        f"    print(json.dumps({joints} if i != 1 else None))\n"
    )
    python.chmod(0o755)
    figure, about = found_figure(samples, python)
    assert about["mediapipe"] == "test" and figure.n == 4
    # One of four is not found; a wrist turned by less than half a head still counts as right.
    assert figure.value == pytest.approx(3 / 4)
    assert figure.detail["nobody found"] == 1


# Sheets


def test_sheets_show_every_look(people: list[Person], side: int, wardrobe: dict[str, Colours]):
    session = Dolls(wardrobe)
    asking = Asking(session, "dolls", side)
    sheets = {
        "transfer": (transfer_sheet(asking, people), 3, 2),
        "mixing": (mixing_sheet(mixed(asking, people)), 3, 7),
        "interpolation": (interpolation_sheet(asking, people), 3, 2 + STEPS),
        "samples": (samples_sheet(invented(asking, people, 9, 2)), 2, 9),
    }
    for name, (sheet, rows, columns) in sheets.items():
        assert sheet.shape[:2] == (rows * 214 + 4, columns * 196 + 4), name
    shares = {r.appearance.t for r in session.asked if isinstance(r.appearance, Mix)}
    assert sorted(shares) == pytest.approx(np.linspace(0, 1, 7))


def test_the_first_row_shows_poses_and_the_first_column_looks(
    people: list[Person], side: int, wardrobe: dict[str, Colours]
):
    sheet = transfer_sheet(Asking(Dolls(wardrobe), "dolls", side), people)

    def torso(row: int, column: int) -> np.ndarray:
        x, y = people[0].pose.xy[[INDEX["neck"], INDEX["left_hip"]]].mean(0) * 192 / side
        return sheet[int(4 + row * 214 + 18 + y), int(4 + column * 196 + x)]

    assert np.abs(torso(0, 1).astype(int) - DRESSED[1]["torso"]).max() < 9
    for row, look in ((1, 0), (2, 2)):
        for column in (0, 1):
            shown = torso(row, column).astype(int)
            assert np.abs(shown - DRESSED[look]["torso"]).max() < 9
