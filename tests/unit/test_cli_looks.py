"""Looks on the command line: the bundled copier, and a small random VUNet in a real model file."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from engine import weights
from engine.painters.vunet.network import PartVunet
from engine.photo_files import open_photo
from engine.shapes.pose_files import read_pose
from studio.__main__ import main
from tests.unit.test_cli import refused
from tests.unit.test_vunet_painter import TINY, card

SAMPLES = Path(__file__).parents[2] / "assets" / "samples"
WALKER, WAVER = SAMPLES / "walker.png", SAMPLES / "waver.jpg"
POSE = SAMPLES / "walker.pose.json"


@pytest.fixture(scope="module")
def vunet(tmp_path_factory):
    """A model file that takes every kind of look."""
    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    kinds = ("FromPhoto", "Sampled", "Mix", "Parts")
    about = msgspec.structs.replace(card(), id="tiny", takes=kinds)
    weights.save(path, about, PartVunet(TINY).state_dict())
    return path


@pytest.fixture
def nobody(tmp_path):
    path = tmp_path / "wall.png"
    Image.new("RGB", (200, 300), (120, 130, 140)).save(path)
    return path


def pixels(path):
    return np.array(Image.open(path)).astype(int)


def repose(out, *args):
    assert main(["repose", str(WALKER), "-o", str(out), *map(str, args)]) == 0
    return pixels(out)


def told(path):
    return json.loads(Image.open(path).text["guise"])


def colour_between(picture, pose, a, b):
    """Median colour around the middle of two joints."""
    x, y = ((np.array(pose[a]) + pose[b]) / 2).astype(int)
    return np.median(picture[y - 6 : y + 7, x - 6 : x + 7].reshape(-1, 3), 0)


@pytest.fixture(scope="module")
def poses(tmp_path_factory):
    """What `guise detect` says of both samples."""
    folder, found = tmp_path_factory.mktemp("poses"), []
    for photo in (WALKER, WAVER):
        out = folder / f"{photo.stem}.json"
        assert main(["detect", str(photo), "-o", str(out)]) == 0
        found.append(read_pose(out))
    return found


def test_another_persons_clothes_come_where_the_own_ones_were(tmp_path, poses):
    """A thigh: the walker's is blue, the waver's grey."""
    made = repose(tmp_path / "o.png", "--appearance", WAVER)
    own, theirs = (open_photo(p).pixels.astype(int) for p in (WALKER, WAVER))
    assert made.shape == own.shape
    thigh = ("right_hip", "right_knee")
    old, wanted = colour_between(own, poses[0], *thigh), colour_between(theirs, poses[1], *thigh)
    got = colour_between(made, poses[0], *thigh)
    assert np.abs(got - wanted).max() < 40 < np.abs(wanted - old).max()
    assert np.array_equal(made[:20, :20], own[:20, :20])
    recipe = told(tmp_path / "o.png")
    assert recipe["appearance"]["photo"] == open_photo(WAVER).digest
    assert recipe["place"]["photo"] == open_photo(WALKER).digest


def test_one_region_from_another_photo_leaves_the_others(tmp_path, poses):
    made = repose(tmp_path / "o.png", "--parts", f"legs={WAVER}")
    own, theirs = (open_photo(p).pixels.astype(int) for p in (WALKER, WAVER))
    shin, chest = ("right_knee", "right_ankle"), ("right_shoulder", "left_hip")
    wanted = colour_between(theirs, poses[1], *shin)
    assert np.abs(colour_between(made, poses[0], *shin) - wanted).max() < 40
    kept = colour_between(own, poses[0], *chest)
    assert np.abs(colour_between(made, poses[0], *chest) - kept).max() < 40


def test_dice_give_one_look_each(tmp_path, vunet):
    first = repose(tmp_path / "a.png", "--sample", 1, "--model", vunet)
    again = repose(tmp_path / "b.png", "--sample", 1, "--model", vunet)
    other = repose(tmp_path / "c.png", "--sample", 2, "--model", vunet)
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    look = told(tmp_path / "a.png")["appearance"]
    assert (look["kind"], look["seed"]) == ("Sampled", 1)


def test_a_mix_goes_from_one_look_to_the_other(tmp_path, vunet):
    cut = ("--model", vunet, "--cutout", "--longest", 200)
    own = repose(tmp_path / "own.png", "--appearance", WALKER, *cut)
    theirs = repose(tmp_path / "theirs.png", "--appearance", WAVER, *cut)
    near, half, far = (
        repose(tmp_path / f"{share}.png", "--mix", WAVER, "--share", share, *cut)
        for share in (0, 0.5, 1)
    )
    assert np.abs(near - own).max() <= 2 and np.abs(far - theirs).max() <= 2
    assert np.abs(half - own).max() > 2 and np.abs(half - theirs).max() > 2


def test_a_grid_shows_looks_by_poses(tmp_path, capsys):
    out = tmp_path / "grid.png"
    args = ["--looks", WALKER, WAVER, "--poses", WALKER, WAVER, POSE, "--model", "people"]
    assert main(["grid", *map(str, args), "--cell", "96", "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert "6 pictures in" in said and said.count("\n") == 1
    sheet, step = pixels(out), np.array([96 + 18 + 4, 96 + 4])
    assert sheet.shape[:2] == (3 * step[0] + 4, 4 * step[1] + 4)

    def cell(row, column):
        top, left = step * (row, column) + (4 + 18, 4)
        return sheet[top : top + 96, left : left + 96]

    assert (cell(0, 0) == 236).all()
    for row in (1, 2):
        assert len({cell(row, column).tobytes() for column in range(4)}) == 4
    yellow = [(cell(1, column) - (230, 180, 70)) for column in (1, 2, 3)]
    assert all((np.abs(part).max(2) < 40).sum() > 80 for part in yellow)
    other = [(cell(2, column) - (230, 180, 70)) for column in (1, 2, 3)]
    assert all((np.abs(part).max(2) < 40).sum() < 20 for part in other)


def test_a_grid_of_invented_looks(tmp_path, vunet):
    out = tmp_path / "grid.png"
    args = ["--samples", 2, "--seed", 4, "--poses", WALKER, POSE, "--model", vunet]
    assert main(["grid", *map(str, args), "--cell", "64", "-o", str(out)]) == 0
    assert pixels(out).shape[:2] == (3 * 86 + 4, 3 * 68 + 4)


def test_a_morph_as_a_strip_and_as_a_moving_picture(tmp_path, vunet):
    common = ["morph", str(WALKER), str(WAVER), "--model", str(vunet), "--cell", "64"]
    strip, film = tmp_path / "strip.png", tmp_path / "film.gif"
    assert main([*common, "--steps", "4", "-o", str(strip)]) == 0
    steps = pixels(strip).reshape(64, 4, 64, 3).swapaxes(0, 1)
    assert pixels(strip).shape == (64, 256, 3)
    away = [np.abs(step - steps[0]).mean() for step in steps]
    assert away[0] == 0 and away[1] < away[2] < away[3]
    assert main([*common, "--steps", "4", "--pose", str(POSE), "-o", str(film)]) == 0
    moving = Image.open(film)
    assert moving.size == (64, 64) and moving.n_frames == 6


def test_looks_that_cannot_be(tmp_path, nobody, vunet, capsys):
    out = ("-o", tmp_path / "o.png")
    one = ("repose", WALKER, *out)
    assert "No person" in refused(capsys, *one, "--appearance", nobody)
    assert "none.jpg" in refused(capsys, *one, "--appearance", tmp_path / "none.jpg")
    assert "No person" in refused(capsys, *one, "--mix", nobody, "--model", vunet)
    assert "--share" in refused(capsys, *one, "--mix", WAVER, "--share", 1.5)
    assert "head, torso, arms, legs, feet" in refused(capsys, *one, "--parts", f"tail={WAVER}")
    assert "REGION=PHOTO" in refused(capsys, *one, "--parts", WAVER)
    twice = (f"head={WAVER}", f"head={WALKER}")
    assert "one place only" in refused(capsys, *one, "--parts", *twice)
    assert "No person" in refused(capsys, *one, "--parts", f"head={nobody}")
    both = ("--appearance", WAVER, "--sample", 1)
    assert "not both" in refused(capsys, *one, *both)
    assert "dice" in refused(capsys, *one, "--sample", -1, "--model", vunet)
    assert "dice" in refused(capsys, *one, "--sample", 2**63, "--model", vunet)
    assert "Sampled" in refused(capsys, *one, "--sample", 1, "--model", "people")
    assert not (tmp_path / "o.png").exists()


def test_grids_and_morphs_that_cannot_be(tmp_path, nobody, vunet, capsys):
    out = ("-o", tmp_path / "o.png", "--model", vunet)
    grid = ("grid", *out, "--poses", WALKER)
    assert "--looks or --samples" in refused(capsys, *grid)
    assert "--samples must" in refused(capsys, *grid, "--looks", WALKER, "--samples", -1)
    assert "No person" in refused(capsys, *grid, "--looks", nobody)
    assert "No person" in refused(capsys, "grid", *out, "--poses", nobody, "--looks", WALKER)
    assert "--cell" in refused(capsys, *grid, "--looks", WALKER, "--cell", 5)
    bad = tmp_path / "pose.json"
    bad.write_text("{}")
    assert "pose.json" in refused(capsys, "grid", *out, "--poses", bad, "--looks", WALKER)
    morph = ("morph", WALKER, WAVER, *out)
    assert "--steps" in refused(capsys, *morph, "--steps", 1)
    assert "--steps" in refused(capsys, *morph, "--steps", 1000)
    assert "No person" in refused(capsys, "morph", WALKER, nobody, *out)
    assert "none.png" in refused(capsys, "morph", tmp_path / "none.png", WAVER, *out)
    assert "no folder" in refused(capsys, "morph", WALKER, WAVER, "-o", tmp_path / "x" / "o.png")
    assert "Mix" in refused(capsys, "morph", WALKER, WAVER, *out[:2], "--model", "people")
    assert not (tmp_path / "o.png").exists()
