"""`guise scene` with a tiny network: files, folders, looks, sheets, unusable input."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from engine import weights
from engine.appearance import PerObject, Vector
from engine.card import Card
from engine.painters.pix2pixhd.clusters import Clusters
from engine.painters.pix2pixhd.inputs import SceneInputs
from engine.painters.pix2pixhd.network import TAKES, Pix2PixHd, Pix2PixHdConfig
from engine.photo import Photo
from engine.photo_files import read_recipe
from engine.request_files import restored
from engine.session import Session
from engine.shapes.label_objects import numbered
from engine.shapes.label_sets import FOLDER, cityscapes
from engine.shapes.labels import LabelMap
from studio.__main__ import main
from tests.unit.test_cli import refused

ROAD, SKY, CAR = 7, 23, 26
STREETS = cityscapes()
TINY = Pix2PixHdConfig(SceneInputs(35), 8, (8, 8, 8, 8, 8), (1, 1, 1, 1, 1), (4, 4, 4))
CENTRES = {CAR: np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3)}
MEANS = {n: np.full(3, n / 40, np.float32) for n in (ROAD, SKY)}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("model") / "tiny.safetensors", TINY)


def written(path: Path, config: Pix2PixHdConfig) -> Path:
    torch.manual_seed(3)
    tensors = dict(Pix2PixHd(config).state_dict())
    tensors |= Clusters(3, CENTRES, MEANS).tensors()
    card = Card(
        id="tiny",
        architecture="pix2pixhd",
        title="Tiny",
        summary="",
        config=asdict(config),
        shape="LabelMap",
        takes=TAKES,
        side=96,
    )
    weights.save(path, card, tensors)
    return path


def street(shift: int = 0, size: tuple[int, int] = (80, 60)) -> NDArray[np.uint8]:
    labels = np.full(size[::-1], ROAD, np.uint8)
    labels[:20] = SKY
    for left in (4, 40):
        labels[30:42, left + shift : left + shift + 20] = CAR
    return labels


def saved(path: Path, ids: NDArray[np.generic]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(ids).save(path)
    return path


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return saved(tmp_path / "a.png", street())


def run(model: Path, *args: object) -> int:
    return main(["scene", *(str(a) for a in args), "--model", str(model)])


def pixels(path: Path) -> NDArray[np.int_]:
    return np.array(Image.open(path)).astype(int)


def request_of(path: Path, model: Path) -> tuple[LabelMap, PerObject]:
    recipe = read_recipe(path)
    assert recipe is not None
    request = restored(recipe, lambda digest: None)
    assert isinstance(request.shape, LabelMap)
    assert isinstance(request.appearance, PerObject)
    again = Session("cpu", [model]).paint(request).picture
    assert np.array_equal(again.pixels, pixels(path))
    return request.shape, request.appearance


def test_one_map_becomes_one_picture_with_its_recipe(
    model: Path, labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.png"
    assert run(model, labels, "-o", out, "--seed", 3) == 0
    told = capsys.readouterr()
    assert "80 x 60 px" in told.out
    assert not told.err
    scene, look = request_of(out, model)
    assert np.array_equal(scene.labels, street())
    assert len(scene.instances) == 2  # both cars, though no file says so
    assert look.seed == 3


def test_dice_repeat_and_differ(model: Path, labels: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("again", 1), ("b", 2)):
        assert run(model, labels, "-o", tmp_path / f"{name}_.png", "--seed", seed) == 0
    a, again, b = (pixels(tmp_path / f"{n}_.png") for n in ("a", "again", "b"))
    assert np.array_equal(a, again)
    assert not np.array_equal(a, b)


def test_instances_are_taken_from_a_file_or_found_beside_the_map(
    model: Path, tmp_path: Path
) -> None:
    ids = street().astype(np.uint16)
    ids[ids == CAR] = CAR * 1000 + 7  # both cars are one object
    folder = tmp_path / "val_label"
    path = saved(folder / "x.png", street())
    told = saved(tmp_path / "told.png", ids)
    assert run(model, path, "-o", tmp_path / "told_.png", "--instances", told) == 0
    saved(tmp_path / "val_inst" / "x.png", ids)
    assert run(model, path, "-o", tmp_path / "beside.png") == 0
    for name in ("told_", "beside"):
        scene, _ = request_of(tmp_path / f"{name}.png", model)
        assert list(scene.instances) == [CAR * 1000 + 7]


def test_a_photo_lends_its_look_by_its_labels_or_as_a_whole(
    model: Path, labels: Path, tmp_path: Path
) -> None:
    photo = np.zeros((60, 80, 3), np.uint8)
    photo[30:42] = (200, 40, 40)
    saved(tmp_path / "plain" / "p.png", photo)
    saved(tmp_path / "val_img" / "p.png", photo)
    saved(tmp_path / "val_label" / "p.png", street())
    for name, args in {
        "whole": (tmp_path / "plain" / "p.png",),
        "beside": (tmp_path / "val_img" / "p.png",),
        "told": (tmp_path / "plain" / "p.png", "--look-labels", labels),
    }.items():
        assert run(model, labels, "-o", tmp_path / f"{name}.png", "--look", *args) == 0
    whole, beside, told = (pixels(tmp_path / f"{n}.png") for n in ("whole", "beside", "told"))
    assert np.array_equal(beside, told)
    assert not np.array_equal(whole, told)
    recipe = read_recipe(tmp_path / "told.png")
    assert recipe is not None
    assert [source.name for source in recipe.sources] == ["p.png"]


def test_numbers_are_one_look_for_everything(model: Path, labels: Path, tmp_path: Path) -> None:
    for name, values in (("a", (0.5, -0.5, 0.0)), ("b", (-0.9, 0.9, 0.9))):
        assert run(model, labels, "-o", tmp_path / f"{name}_.png", "--vector", *values) == 0
    assert not np.array_equal(pixels(tmp_path / "a_.png"), pixels(tmp_path / "b_.png"))
    assert request_of(tmp_path / "a_.png", model)[1].default == Vector((0.5, -0.5, 0.0))


def test_a_large_picture_says_that_it_was_enlarged(
    model: Path, labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.png"
    assert run(model, labels, "-o", out, "--longest", 200) == 0
    assert "Painted at 96 px and enlarged" in capsys.readouterr().err
    assert Image.open(out).size == (200, 150)
    recipe = read_recipe(out)
    assert recipe is not None
    assert "enlarged" in recipe.degraded


def test_several_looks_make_a_sheet_with_the_map_first(
    model: Path, labels: Path, tmp_path: Path
) -> None:
    assert run(model, labels, "-o", tmp_path / "o.png", "--samples", 3, "--cell", 80) == 0
    assert run(model, labels, "-o", tmp_path / "last.png", "--seed", 2) == 0
    sheet, gap = pixels(tmp_path / "o.png"), 5
    assert sheet.shape == (2 * 65 + gap, 2 * 85 + gap, 3)
    assert tuple(sheet[gap + 5, gap + 5]) == (70, 130, 180)  # sky in the colours of Cityscapes
    assert tuple(sheet[gap + 55, gap + 5]) == (128, 64, 128)
    assert np.array_equal(sheet[70:130, 90:170], pixels(tmp_path / "last.png"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tree as Cityscapes comes in, and a damaged file."""
    made = tmp_path / "gtFine"
    for city, shift in (("aachen", 0), ("bonn", 9)):
        name = made / city / f"{city}_gtFine_labelIds.png"
        saved(name, street(shift))
        ids = street(shift).astype(np.uint16)
        ids[ids == CAR] = CAR * 1000
        saved(name.with_name(f"{city}_gtFine_instanceIds.png"), ids)
        saved(name.with_name(f"{city}_gtFine_labelTrainIds.png"), ids.astype(np.uint8))
        saved(name.with_name(f"{city}_gtFine_color.png"), np.zeros((60, 80, 3), np.uint8))
    (made / "cut_labelIds.png").write_bytes((name.read_bytes())[:70])
    return made


def test_a_folder_is_mirrored_and_failures_are_summed_up(
    model: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(model, folder, "-o", out, "--longest", 128) == 1
    told = capsys.readouterr()
    assert "2 done, 1 failed" in told.out
    assert "cut_labelIds.png" in told.err
    assert "2 files: Painted at 96 px" in told.err
    assert "Traceback" not in told.err
    made = sorted(str(path.relative_to(out)) for path in out.rglob("*.png"))
    assert made == ["aachen/aachen_gtFine_labelIds.png", "bonn/bonn_gtFine_labelIds.png"]
    assert list(request_of(out / made[1], model)[0].instances) == [CAR * 1000]
    before = [(out / name).stat().st_mtime_ns for name in made]
    assert run(model, folder, "-o", out, "--longest", 128) == 1
    assert "2 done before" in capsys.readouterr().out
    assert before == [(out / name).stat().st_mtime_ns for name in made]


def test_a_folder_with_several_looks_and_instances_elsewhere(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.png", "b.png"):
        saved(tmp_path / "maps" / name, street())
        saved(tmp_path / "numbers" / name, street())
    command = (tmp_path / "maps", "--instances", tmp_path / "numbers", "--samples", 2)
    assert run(model, *command, "-o", tmp_path / "out") == 0
    made = sorted(path.name for path in (tmp_path / "out").glob("*.png"))
    assert made == ["a-01-0.png", "a-02-1.png", "b-01-0.png", "b-02-1.png"]
    (tmp_path / "numbers" / "b.png").unlink()
    assert run(model, *command, "-o", tmp_path / "other") == 1
    assert "no instance file for b.png" in capsys.readouterr().err


def test_ids_that_cannot_be_kept_are_told_and_the_rest_is_painted(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = street().astype(np.uint16)
    strange[50:, 60:] = 4000
    strange[50:, :20] = 65_535  # nobody cares
    wrong = np.where(street() == CAR, np.int32(24_000), street())
    path = saved(tmp_path / "a.png", strange)
    told = saved(tmp_path / "wrong.tif", wrong)
    assert run(model, path, "-o", tmp_path / "o.png", "--instances", told) == 0
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "(4000)" in said
    assert "instances contradict the labels" in said
    scene, _ = request_of(tmp_path / "o.png", model)
    assert (scene.labels == CAR).sum() == 480


def test_maps_of_every_form_are_painted(model: Path, tmp_path: Path) -> None:
    plain = street(0, (81, 61))
    dots = plain.copy()
    dots[45:60:2, 0:80:2] = CAR  # objects of one pixel
    coloured = np.zeros((61, 81, 4), np.uint8)
    for label, colour in ((ROAD, (128, 64, 128)), (SKY, (70, 130, 180)), (CAR, (0, 0, 142))):
        coloured[plain == label] = (*colour, 255)
    palette = Image.fromarray(plain)
    palette.putpalette([n for value in range(256) for n in (value, 0, 255 - value)])
    palette.save(tmp_path / "palette.png")
    paths = {
        saved(tmp_path / "wide.png", plain.astype(np.uint16)): plain,
        saved(tmp_path / "wider.tif", plain.astype(np.int32)): plain,
        saved(tmp_path / "dots.png", dots): dots,
        saved(tmp_path / "rgba.png", coloured): plain,
        tmp_path / "palette.png": plain,
    }
    for path, wanted in paths.items():
        out = tmp_path / "out" / f"{path.stem}.png"
        out.parent.mkdir(exist_ok=True)
        assert run(model, path, "-o", out) == 0
        scene, _ = request_of(out, model)
        assert np.array_equal(scene.labels, wanted)
        assert len(scene.instances) == (2 if wanted is plain else 2 + 8 * 40)


def test_what_cannot_be_done_says_so(
    model: Path, labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.png"
    noise = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    photo = saved(tmp_path / "photo.png", noise)
    grey = saved(tmp_path / "grey.png", noise[..., 0])
    odd = saved(
        tmp_path / "odd.png",
        np.where(street()[..., None] == CAR, 9, 200).repeat(3, 2).astype(np.uint8),
    )
    small = saved(tmp_path / "small.png", street()[:30])
    void = saved(tmp_path / "void.png", np.zeros((60, 80), np.uint8))
    cares = saved(tmp_path / "cares.png", np.full((60, 80), 255, np.uint8))
    minus = saved(tmp_path / "minus.tif", np.full((60, 80), -1, np.int32))
    huge = saved(tmp_path / "huge.png", np.zeros((2, 20_000), np.uint8))
    other = tmp_path / "other"
    other.mkdir()
    for args, words in (
        ((), "Name a label map"),
        ((labels,), "-o"),
        ((tmp_path / "no.png", "-o", out), "no file"),
        ((labels, "-o", tmp_path / "no" / "o.png"), "no folder"),
        ((labels, "-o", labels), "the label map itself"),
        ((labels, "-o", photo), "was not painted by Guise"),
        ((labels, "-o", tmp_path / "o.ora"), "name it .png"),
        ((labels, "-o", out, "--longest", 20), "between 32"),
        ((labels, "-o", out, "--vector", 1, 2), "3 numbers"),
        ((labels, "-o", out, "--look", photo, "--look-labels", labels, void), "one label map for"),
        ((labels, "-o", out, "--look", photo, "--look-labels", small), "80 x 30 px"),
        ((labels, "-o", out, "--instances", small), "80 x 30 px"),
        ((labels, "-o", out, "--instances", tmp_path / "no.png"), "no file"),
        ((labels, "-o", out, "--instances", other), "no instance file for a.png"),
        ((labels, small, "-o", other, "--instances", void), "folder of instance files"),
        ((labels, "-o", out, "--instances", photo), "colours"),
        ((photo, "-o", out), "looks like a photo"),
        ((grey, "-o", out), "most of its pixels have other ids"),
        ((odd, "-o", out), "colours that Cityscapes does not have"),
        ((void, "-o", out), "Nothing is labelled"),
        ((cares, "-o", out), "Nothing is labelled"),
        ((minus, "-o", out), "Nothing is labelled"),
        ((huge, "-o", out), "20000 x 2 px"),
        ((other, "-o", tmp_path / "made"), "no files of such a kind"),
    ):
        assert words in refused(capsys, "scene", *args, "--model", model)
        assert not out.exists()
    assert "does not paint label maps" in refused(
        capsys, "scene", labels, "-o", out, "--model", "shoes"
    )
    assert np.array_equal(pixels(photo), noise)


def test_thousands_of_objects_are_painted(model: Path, tmp_path: Path) -> None:
    ids = np.full((204, 404), ROAD, np.int32)
    rows, columns = np.mgrid[2:202:4, 2:402:4]
    ids[rows, columns] = CAR * 1000 + np.arange(rows.size).reshape(rows.shape)
    label = saved(tmp_path / "a.png", np.where(ids == ROAD, ROAD, CAR).astype(np.uint8))
    told = saved(tmp_path / "many.tif", ids)
    assert rows.size == 5000
    assert run(model, label, "-o", tmp_path / "o.png", "--instances", told, "--longest", 96) == 0
    assert Image.open(tmp_path / "o.png").size == (96, 48)


def test_a_model_with_a_set_of_its_own_needs_to_be_told(
    labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = Pix2PixHdConfig(SceneInputs(30), 8, (8, 8, 8, 8, 8), (1, 1, 1, 1, 1), (4, 4, 4))
    own, out = written(tmp_path / "own.safetensors", config), tmp_path / "o.png"
    assert "has labels of its own" in refused(capsys, "scene", labels, "-o", out, "--model", own)
    listed = tmp_path / "set.json"
    rows = [(0, "rest"), (ROAD, "road"), (SKY, "sky"), (CAR, "car")]
    listed.write_text(
        "[" + ",".join(f'{{"id":{n},"name":"{w}","colour":[{n},0,0]}}' for n, w in rows) + "]"
    )
    assert run(own, labels, "-o", out, "--labels", listed) == 0
    scene, _ = request_of(out, own)
    assert scene.label_set.name == "set"


def test_a_label_set_beside_the_maps_is_heeded(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = saved(tmp_path / "pack" / "val_label" / "a.png", street()), tmp_path / "o.png"
    told = tmp_path / "pack" / "labels.json"
    told.write_text('[{"id": 0, "name": "window", "colour": [1, 2, 3]}]')
    assert "other labels than Cityscapes" in refused(
        capsys, "scene", path, "-o", out, "--model", model
    )
    for content in ((FOLDER / "cityscapes.json").read_bytes(), b'{"other": 1}'):
        told.write_bytes(content)
        assert run(model, path, "-o", out) == 0


def test_photos_are_read_by_a_model_that_labels_streets(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def labelled(session: Session, photo: Photo) -> LabelMap:
        return numbered(LabelMap.of(np.where(photo.pixels[..., 0] > 99, CAR, ROAD), None, STREETS))

    monkeypatch.setattr(Session, "labels_of", labelled)
    photo = np.zeros((60, 80, 3), np.uint8)
    photo[20:40, 10:30] = 250
    folder = saved(tmp_path / "in" / "p.png", photo).parent
    Image.fromarray(photo[:, ::-1]).save(folder / "q.jpg")
    assert run(model, folder, "-o", tmp_path / "out", "--from-photo") == 0
    for name in ("p", "q"):
        scene, _ = request_of(tmp_path / "out" / f"{name}.png", model)
        assert [one.label for one in scene.instances.values()] == [CAR]
