"""Folders and films on the command line, with the bundled models."""

import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageSequence

from engine.photo_files import open_photo, read_recipe
from engine.request import Scene
from engine.request_files import restored
from engine.session import Session
from engine.shapes.pose_files import read_pose, read_poses, write_pose
from studio.__main__ import main
from tests.unit.test_cli import refused

SAMPLES = Path(__file__).parents[2] / "assets" / "samples"
WALKER, WAVER = SAMPLES / "walker.png", SAMPLES / "waver.jpg"
POSE = SAMPLES / "walker.pose.json"


@pytest.fixture(scope="module")
def raised(tmp_path_factory):
    pose = read_pose(POSE)
    x, y = pose["right_shoulder"]
    path = tmp_path_factory.mktemp("pose") / "raised.json"
    write_pose(pose.moved(right_elbow=(x - 70, y), right_wrist=(x - 80, y - 90)), path)
    return path


@pytest.fixture
def folder(tmp_path):
    """Two people, a wall, and a broken file."""
    made = tmp_path / "in"
    (made / "deep").mkdir(parents=True)
    for source, name in ((WALKER, "walker.png"), (WAVER, "deep/waver.jpg")):
        image = Image.open(source)
        image.thumbnail((320, 320))
        image.save(made / name)
    Image.new("RGB", (200, 300), (120, 130, 140)).save(made / "wall.png")
    (made / "cut.jpg").write_bytes(WAVER.read_bytes()[:900])
    return made


def run(*args):
    return main([str(a) for a in args])


def test_a_folder_is_reposed_and_failures_are_summed_up(folder, raised, tmp_path, capsys):
    out = tmp_path / "out"
    command = ("repose", folder, "--pose", raised, "-o", out, "--longest", 200)
    assert run(*command) == 1
    told = capsys.readouterr()
    assert "2 done, 2 failed" in told.out
    assert "wall.png: No person was found" in told.err and "cut.jpg" in told.err
    assert "Traceback" not in told.err
    made = sorted(str(p.relative_to(out)) for p in out.rglob("*.png"))
    assert made == ["deep/waver.png", "walker.png"]
    assert max(Image.open(out / "walker.png").size) == 200
    before = {name: (out / name).stat().st_mtime_ns for name in made}
    assert run(*command) == 1
    assert "0 done, 2 done before, 2 failed" in capsys.readouterr().out
    assert before == {name: (out / name).stat().st_mtime_ns for name in made}
    for name in ("wall.png", "cut.jpg"):
        (folder / name).unlink()
    assert run(*command, "--no-resume") == 0
    assert "2 done" in capsys.readouterr().out


def test_each_person_keeps_build_and_place(folder, raised, tmp_path):
    run("repose", folder, "--pose", raised, "-o", tmp_path / "out", "--cutout")
    photo = open_photo(folder / "deep" / "waver.jpg")
    recipe = read_recipe(tmp_path / "out" / "deep" / "waver.png")
    assert recipe.sources[0].name == "waver.jpg"
    request = restored(recipe, {photo.digest: photo}.get)
    own = request.place.shape
    hips = [np.mean([p["right_hip"], p["left_hip"]], 0) for p in (request.shape, own)]
    assert abs(hips[0][0] - hips[1][0]) < 1 and request.scene is Scene.cutout
    shoulder, wrist = request.shape["right_shoulder"], request.shape["right_wrist"]
    assert wrist[1] < shoulder[1] - 20  # raised, as in the file
    session = Session("cpu")
    made = np.array(Image.open(tmp_path / "out" / "deep" / "waver.png"))
    assert np.array_equal(session.paint(request).picture.pixels, made)


def test_the_same_look_for_a_folder(folder, tmp_path):
    for name in ("wall.png", "cut.jpg"):
        (folder / name).unlink()
    out = tmp_path / "out"
    assert run("repose", folder, "--appearance", WAVER, "-o", out, "--white") == 0
    photo, waver = open_photo(folder / "walker.png"), open_photo(WAVER)
    recipe = read_recipe(out / "walker.png")
    request = restored(recipe, {p.digest: p for p in (photo, waver)}.get)
    assert request.appearance.photo == waver and request.shape == request.place.shape
    assert np.array(Image.open(out / "walker.png"))[0, 0].tolist() == [255, 255, 255]


def test_ctrl_c_keeps_what_is_finished(folder, raised, tmp_path, capsys, monkeypatch):
    paint, count = Session.paint, []

    def interrupted(self, request, stop=lambda: False):
        count.append(1)
        if len(count) == 2:
            raise KeyboardInterrupt
        return paint(self, request, stop)

    monkeypatch.setattr(Session, "paint", interrupted)
    command = ("repose", folder, "--pose", raised, "-o", tmp_path / "out", "--longest", 100)
    assert run(*command) == 130
    assert "left; the same command goes on" in capsys.readouterr().out
    assert len(list((tmp_path / "out").rglob("*.png"))) == 1
    assert run(*command) == 1
    assert "1 done, 1 done before, 2 failed" in capsys.readouterr().out


def test_a_folder_is_read(folder, tmp_path, capsys):
    out, masks = tmp_path / "out", tmp_path / "masks"
    command = ("detect", folder, "-o", out, "--mask", masks)
    assert run(*command) == 1
    told = capsys.readouterr()
    assert "2 done, 2 failed" in told.out and "wall.png" in told.err
    pose = read_pose(out / "deep" / "waver.json")
    assert pose.size == open_photo(folder / "deep" / "waver.jpg").size
    x, y = pose["neck"]
    mask = np.array(Image.open(masks / "deep" / "waver.png"))
    assert mask[int(y), int(x)] > 127
    assert run(*command) == 1 and "2 done before" in capsys.readouterr().out
    assert run(*command, "--everyone") == 1
    assert "2 done, 2 failed" in capsys.readouterr().out
    assert len(read_poses(out / "walker.json")) >= 1 and (masks / "walker-1.png").is_file()


def test_folders_that_cannot_be_used(folder, raised, tmp_path, capsys):
    empty = tmp_path / "empty"
    empty.mkdir()
    pose = ("--pose", raised)
    assert "no photos" in refused(capsys, "repose", empty, *pose, "-o", tmp_path / "o")
    assert "another folder" in refused(capsys, "repose", folder, *pose, "-o", folder)
    assert "is a file" in refused(capsys, "detect", folder, "-o", raised)
    file = ("-o", tmp_path / "o.png")
    assert "name a folder" in refused(capsys, "repose", folder, *pose, *file)
    both = ("--cutout", "--white")
    assert "not both" in refused(capsys, "repose", WALKER, *pose, *both, "-o", tmp_path / "o.png")
    assert "name it" in refused(capsys, "repose", WALKER, *pose, "-o", tmp_path / "o.bmp")
    one = ("--source-pose", POSE)
    assert "one photo" in refused(capsys, "repose", folder, *pose, *one, "-o", tmp_path / "o")


def test_layers_recipes_and_embedded_photos(raised, tmp_path):
    layers, recipe, picture = (tmp_path / name for name in ("o.ora", "o.json", "o.png"))
    for path in (layers, recipe):
        assert run("repose", WALKER, "--pose", raised, "-o", path) == 0
    args = ("--pose", raised, "-o", picture, "--embed-sources", "--white")
    assert run("repose", WALKER, *args) == 0
    assert zipfile.ZipFile(layers).namelist()[0] == "mimetype"
    assert json.loads(recipe.read_text())["model"] == "people"
    request = restored(read_recipe(picture), lambda digest: None)
    assert request.place.photo == open_photo(WALKER)


def test_a_film_of_a_photo(raised, tmp_path, capsys):
    args = ("--poses", raised, "--fps", 5, "--hold", 0.2, "--move", 0.6, "--longest", 160)
    film, gif = tmp_path / "o.mp4", tmp_path / "o.gif"
    assert run("animate", WALKER, *args, "-o", film) == 0
    assert "8 pictures" in capsys.readouterr().out  # 0.2 + 0.6 + 0.2 + 0.6 s
    reader = cv2.VideoCapture(str(film))
    frames = []
    while (read := reader.read())[0]:
        frames.append(read[1].astype(int))
    assert len(frames) == 8 and max(frames[0].shape) == 160
    first = cv2.resize(
        open_photo(WALKER).pixels, frames[0].shape[1::-1], interpolation=cv2.INTER_AREA
    )
    assert np.abs(frames[0][..., ::-1] - first).mean() < 6  # no edit yet: the photo
    assert np.abs(frames[4] - frames[0]).mean() > 2 * np.abs(frames[7] - frames[2]).mean()
    assert run("animate", WALKER, *args, "-o", gif, "--course", "once", "--white") == 0
    with Image.open(gif) as image:
        assert sum(f.info["duration"] for f in ImageSequence.Iterator(image)) == 1200
        assert "loop" not in image.info
        assert min(image.convert("RGB").getpixel((0, 0))) > 245


def test_films_that_cannot_be(raised, tmp_path, capsys):
    start = ("animate", WALKER, "--poses", raised)
    assert "ends in" in refused(capsys, *start, "-o", tmp_path / "o.avi")
    assert "Frames a second" in refused(capsys, *start, "-o", tmp_path / "o.gif", "--fps", 0)
    assert "0 to 600" in refused(capsys, *start, "-o", tmp_path / "o.gif", "--hold", -1)
    assert "no folder" in refused(capsys, *start, "-o", tmp_path / "x" / "o.gif")
    assert not [p for p in tmp_path.iterdir() if p.is_file()]


def test_a_morph_as_mp4(tmp_path):
    film = tmp_path / "o.mp4"
    assert run("morph", WALKER, WAVER, "--steps", 3, "--cell", 64, "-o", film) == 0
    assert cv2.VideoCapture(str(film)).get(cv2.CAP_PROP_FRAME_COUNT) == 4
