"""`guise sketch` with the bundled models: files, folders, looks, sheets, films, cut-outs."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from engine import weights
from engine.appearance import Sampled, Vector
from engine.errors import InputError
from engine.exports import AnimationJob
from engine.photo_files import read_recipe
from engine.picture import Picture
from engine.request import Request, Scene
from engine.request_files import restored
from engine.session import Session
from engine.shapes.sketch import Sketch, Stroke
from engine.shapes.svg import save_svg
from engine.sketch_exports import sheet_of, way
from studio.__main__ import main
from tests.unit.test_cli import refused
from tests.unit.test_vunet_edges import card, drawing_network

SHOE = np.array(
    [(20, 70), (60, 60), (85, 20), (130, 25), (135, 60), (140, 95), (100, 98), (25, 95), (20, 70)]
)


@pytest.fixture
def shoe(tmp_path: Path) -> Path:
    path = tmp_path / "shoe.png"
    paper = np.full((120, 160), 255, np.uint8)
    cv2.polylines(paper, [SHOE.astype(np.int32)], False, 0, 2, cv2.LINE_AA)
    Image.fromarray(paper).save(path)
    return path


@pytest.fixture
def folder(shoe: Path, tmp_path: Path) -> Path:
    """Two sketches, one of them an SVG in a folder, a photo and a broken file."""
    made = tmp_path / "in"
    (made / "deep").mkdir(parents=True)
    Image.open(shoe).save(made / "a.png")
    save_svg(Sketch((160, 120), (Stroke.of(SHOE, 2.0),)), made / "deep" / "b.svg")
    noise = np.random.default_rng(0).integers(0, 255, (12, 16, 3), np.uint8)
    Image.fromarray(noise).resize((320, 240)).save(made / "photo.jpg")
    (made / "cut.png").write_bytes(shoe.read_bytes()[:60])
    return made


def run(*args: object) -> int:
    return main(["sketch", *(str(a) for a in args)])


def pixels(path: Path) -> NDArray[np.int_]:
    return np.array(Image.open(path)).astype(int)


def test_one_sketch_becomes_one_picture_with_its_recipe(
    shoe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.png"
    assert run(shoe, "-o", out, "--seed", 3) == 0
    assert "160 x 120 px" in (told := capsys.readouterr().out)
    assert "'shoes'" in told
    made = pixels(out)
    assert made.shape == (120, 160, 3)
    assert made[:10].min() > 240
    assert made[50:90, 60:120].mean() < 230
    recipe = read_recipe(out)
    assert recipe is not None
    request = restored(recipe, lambda digest: None)
    assert np.array_equal(Session("cpu").paint(request).picture.pixels, made)


def test_dice_and_models_differ_and_repeat(shoe: Path, tmp_path: Path) -> None:
    for name, args in {
        "a": ("--seed", 1),
        "again": ("--seed", 1),
        "b": ("--seed", 2),
        "bag": ("--seed", 1, "--model", "bags"),
    }.items():
        assert run(shoe, "-o", tmp_path / f"{name}.png", *args) == 0
    a, again, b, bag = (pixels(tmp_path / f"{n}.png") for n in ("a", "again", "b", "bag"))
    assert np.array_equal(a, again)
    assert np.abs(a - b).mean() > 2
    assert np.abs(a - bag).mean() > 2


def test_a_photo_lends_its_look(shoe: Path, tmp_path: Path) -> None:
    for name, colour in (("black", (15, 15, 15)), ("pale", (190, 160, 130))):
        photo = np.full((128, 128, 3), 255, np.uint8)
        cv2.fillPoly(photo, [(SHOE * 0.8).astype(np.int32)], colour)
        Image.fromarray(photo).save(tmp_path / f"{name}.png")
        assert run(shoe, "-o", tmp_path / f"as_{name}.png", "--look", tmp_path / f"{name}.png") == 0
    dark, pale = (pixels(tmp_path / f"as_{n}.png")[50:90, 60:120] for n in ("black", "pale"))
    assert dark.mean() < pale.mean() - 40


def test_a_chip_colours_the_item(shoe: Path, tmp_path: Path) -> None:
    assert run(shoe, "-o", tmp_path / "red.png", "--chip", "#b01818") == 0
    red, green, blue = np.median(pixels(tmp_path / "red.png")[70:90, 60:120].reshape(-1, 3), axis=0)
    assert red > green + 60
    assert red > blue + 60


def test_a_cut_out_has_a_soft_edge(shoe: Path, tmp_path: Path) -> None:
    assert run(shoe, "-o", tmp_path / "o.png", "--cutout", "--longest", 320) == 0
    made = pixels(tmp_path / "o.png")
    assert made.shape == (240, 320, 4)
    assert made[:16, :, 3].max() == 0
    assert made[120:170, 140:230, 3].min() == 255
    assert ((made[..., 3] > 30) & (made[..., 3] < 220)).sum() > 50


def test_several_looks_make_a_sheet_with_the_sketch_first(shoe: Path, tmp_path: Path) -> None:
    assert run(shoe, "-o", tmp_path / "o.png", "--samples", 3, "--cell", 160) == 0
    sheet = pixels(tmp_path / "o.png")
    assert run(shoe, "-o", tmp_path / "last.png", "--seed", 2) == 0
    last = pixels(tmp_path / "last.png")
    gap = 10
    assert sheet.shape == (2 * 130 + gap, 2 * 170 + gap, 3)
    assert np.array_equal(sheet[140 : 140 + 120, 180 : 180 + 160], last)
    first = sheet[gap : gap + 120, gap : gap + 160]
    assert np.abs(first - pixels(shoe)[..., None]).mean() < 8
    assert read_recipe(tmp_path / "o.png") is None
    assert "Guise" in Image.open(tmp_path / "o.png").info["Software"]


@pytest.mark.parametrize("end", [".gif", ".mp4"])
def test_a_morph_goes_from_look_to_look(shoe: Path, tmp_path: Path, end: str) -> None:
    out = tmp_path / f"m{end}"
    assert run(shoe, "--morph", out, "--samples", 2, "--steps", 3, "--longest", 96) == 0
    if end == ".mp4":
        film = cv2.VideoCapture(str(out))
        assert film.get(cv2.CAP_PROP_FRAME_COUNT) == 6
        film.release()
        return
    frames = [
        np.array(f.convert("RGB")).astype(int) for f in ImageSequence.Iterator(Image.open(out))
    ]
    assert len(frames) == 6
    steps = [np.abs(a - b).mean() for a, b in pairwise(frames)]
    assert max(steps) < np.abs(frames[0] - frames[3]).mean()


def test_a_folder_is_mirrored_and_failures_are_summed_up(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(folder, "-o", out, "--seed", 5) == 1
    told = capsys.readouterr()
    assert "2 done, 2 failed" in told.out
    assert "looks like a photo" in told.err
    assert "cut.png" in told.err
    assert "Traceback" not in told.err
    made = sorted(str(p.relative_to(out)) for p in out.rglob("*.png"))
    assert made == ["a.png", "deep/b.png"]
    looks = [read_recipe(out / name) for name in made]
    assert looks[0] and looks[1] and looks[0].form.appearance == looks[1].form.appearance
    before = [(out / name).stat().st_mtime_ns for name in made]
    assert run(folder, "-o", out, "--seed", 5) == 1
    assert "2 done before" in capsys.readouterr().out
    assert before == [(out / name).stat().st_mtime_ns for name in made]


def test_a_folder_with_several_looks(folder: Path, tmp_path: Path) -> None:
    for name in ("photo.jpg", "cut.png"):
        (folder / name).unlink()
    assert run(folder, "-o", tmp_path / "each", "--samples", 2, "--seed", 7) == 0
    made = sorted(str(p.relative_to(tmp_path / "each")) for p in (tmp_path / "each").rglob("*.png"))
    assert made == ["a-01-7.png", "a-02-8.png", "deep/b-01-7.png", "deep/b-02-8.png"]
    assert run(folder, "-o", tmp_path / "all", "--samples", 2, "--sheet", "--cell", 64) == 0
    assert len(list((tmp_path / "all").rglob("*.png"))) == 2


def test_two_files_go_into_a_folder(shoe: Path, folder: Path, tmp_path: Path) -> None:
    assert run(shoe, folder / "deep" / "b.svg", "-o", tmp_path / "out") == 0
    assert sorted(p.name for p in (tmp_path / "out").glob("*.png")) == ["b.png", "shoe.png"]


def test_what_cannot_be_done_says_so(
    shoe: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.png"
    for args, words in (
        ((shoe,), "-o"),
        ((tmp_path / "no.png", "-o", out), "no file"),
        ((shoe, "-o", tmp_path / "no" / "o.png"), "no folder"),
        ((shoe, "-o", shoe), "the sketch itself"),
        ((shoe, "-o", tmp_path), "sketch is replaced"),
        ((shoe, "-o", tmp_path / "o.ora"), "name it .png"),
        ((shoe, "-o", out, "--model", "people"), "does not paint sketches; use one of"),
        ((shoe, "-o", out, "--model", "edges"), "does not paint sketches"),
        ((shoe, "-o", out, "--model", "nobody"), "There is no model"),
        ((shoe, "-o", out, "--chip", "reddish"), "is no colour"),
        ((shoe, "-o", out, "--vector", 1, 2), "8 numbers"),
        ((shoe, "-o", out, "--samples", 0), "between 1 and"),
        ((shoe, "-o", out, "--samples", 3, "--look", shoe), "--samples invents"),
        ((shoe, "--morph", tmp_path / "m.gif"), "two looks"),
        ((folder, "--morph", tmp_path / "m.gif", "--samples", 2), "one file"),
        ((shoe, shoe, "-o", out), "into a folder"),
        ((folder / "a.png", shoe, folder / "a.png", "-o", tmp_path / "x"), "different names"),
        ((folder / "photo.jpg", "-o", out), "looks like a photo"),
    ):
        assert words in refused(capsys, "sketch", *args)
        assert not out.exists()
    blank = tmp_path / "blank.png"
    for level in (0, 255):
        Image.new("L", (100, 100), level).save(blank)
        assert "no lines" in refused(capsys, "sketch", blank, "-o", out)


def test_a_photo_is_drawn_after_if_asked(tmp_path: Path) -> None:
    photo = np.full((256, 320, 3), 255, np.uint8)
    cv2.fillPoly(photo, [(SHOE * 2).astype(np.int32)], (40, 70, 150))
    Image.fromarray(photo).save(tmp_path / "photo.jpg")
    out = tmp_path / "o.png"
    assert run(tmp_path / "photo.jpg", "-o", out, "--from-photo", "--seed", 1) == 0
    made = pixels(out)
    assert made.shape == (256, 320, 3)
    assert made[150:180, 120:240].mean() < 225
    assert made[:20].min() > 235


def test_painters_without_sliders_take_the_same_looks(
    shoe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "vunet.safetensors"
    weights.save(model, card(), drawing_network().state_dict())
    photo = np.full((90, 120, 3), 255, np.uint8)
    cv2.ellipse(photo, (60, 45), (40, 20), 0, 0, 360, (30, 60, 200), -1)
    Image.fromarray(photo).save(tmp_path / "blue.png")
    out, painted = tmp_path / "o.png", ("--model", model, "--longest", 64)
    assert run(shoe, "-o", out, "--look", tmp_path / "blue.png", *painted) == 0
    recipe = read_recipe(out)
    assert recipe is not None
    assert [source.name for source in recipe.sources] == ["blue.png"]
    assert run(shoe, "-o", tmp_path / "dice.png", "--seed", 4, *painted) == 0
    film = ("--morph", tmp_path / "m.gif", "--samples", 2, "--steps", 2)
    assert run(shoe, *film, *painted) == 0
    assert getattr(Image.open(tmp_path / "m.gif"), "n_frames", 0) >= 2
    chip = ("sketch", shoe, "-o", tmp_path / "c.png", "--chip", "red", *painted)
    assert "no sliders" in refused(capsys, *chip)


def test_one_dot_is_painted_with_a_word_of_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = np.full((200, 200), 255, np.uint8)
    paper[100:103, 100:103] = 0
    Image.fromarray(paper).save(tmp_path / "dot.png")
    assert run(tmp_path / "dot.png", "-o", tmp_path / "o.png") == 0
    assert "hardly any lines" in capsys.readouterr().err


def test_the_way_between_looks_returns_to_the_first() -> None:
    a, b, c = (Vector((float(n), 1.0)) for n in range(3))
    looks = way([a, b, c], 2)
    assert [looks[0], looks[2], looks[4]] == [a, b, c]
    assert len(looks) == 6
    assert way([a, b], 1, back=False) == [a, b]
    with pytest.raises(InputError, match="two looks"):
        way([a], 2)


def test_a_sheet_of_cut_outs_stays_transparent() -> None:
    clear = Picture(np.zeros((40, 80, 4), np.uint8))
    full = Picture(np.full((40, 80, 3), 90, np.uint8))
    sheet = sheet_of([clear, full], 80, columns=2)
    assert sheet.has_alpha
    assert sheet.pixels[5:45, 90:170, 3].min() == 255
    assert sheet.pixels[:, :85, 3].max() == 0


def test_films_of_sketches_run_as_jobs(tmp_path: Path) -> None:
    sketch = Sketch((64, 64), (Stroke.of(SHOE * 0.4, 1.0),))
    session = Session("cpu")
    looks = [session.vector("shoes", Sampled(seed, None)) for seed in (1, 2)]
    frames = [session.vector("shoes", look) for look in way(looks, 2)]
    requests = [Request("shoes", sketch, look, scene=Scene.white) for look in frames]
    steps = AnimationJob(requests, tmp_path / "m.gif", 10).begin(session)
    while not (tmp_path / "m.gif").exists():
        steps.step(lambda: False)
    steps.close()
    assert getattr(Image.open(tmp_path / "m.gif"), "n_frames", 0) == 4
