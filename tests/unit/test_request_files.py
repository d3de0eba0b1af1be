"""Recipes: a picture gives its request back, and painting that again gives the same bytes."""

import json
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from PIL import Image

from engine.appearance import FromPhoto, Mix, Parts, Sampled
from engine.errors import InputError
from engine.photo import Mask, Photo
from engine.photo_files import open_photo, png_bytes, read_recipe, save_png
from engine.picture import Picture
from engine.request import Quality, Request, Scene
from engine.request_files import (
    Source,
    SourcesMissing,
    matches,
    open_recipe,
    recipe_from,
    recipe_value,
    restored,
    save_recipe,
)
from engine.session import Session
from tests.unit.fake_models import ARCHITECTURES, painter_file, reader_file
from tests.unit.people import drawn_person

PHOTO, MASK, POSE = drawn_person()
OTHER = Photo(PHOTO.pixels[:, ::-1])
BRUSHED = Mask(np.where(np.arange(320)[:, None] < 40, 77, MASK.pixels))
OWN, THEIRS = FromPhoto(PHOTO, POSE, BRUSHED), FromPhoto(OTHER, POSE.mirrored())
MOVED = POSE.moved(left_wrist=(200.1, 60.0 / 7))
PLAIN = Picture(np.full((8, 8, 3), 9, np.uint8))
LOOKS = [
    OWN,
    THEIRS,
    Sampled(2**62 + 1, POSE),
    Mix(OWN, Parts(THEIRS, (("head", Sampled(3, POSE)), ("feet", OWN))), 1 / 3),
]
NAMES = {PHOTO.digest: "me.jpg", OTHER.digest: "you.png", "0" * 64: "unused.png"}


def shelf(*photos):
    """Finds these."""
    return {photo.digest: photo for photo in photos}.get


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("place", [None, OWN])
def test_a_request_comes_back_equal(look, place, tmp_path):
    request = Request("people", MOVED, look, "", 77, Quality.full, Scene.white, place)
    save_png(PLAIN, tmp_path / "o.png", request, "abc")
    save_recipe(request, tmp_path / "o.json", "abc")
    for recipe in (read_recipe(tmp_path / "o.png"), open_recipe(tmp_path / "o.json")):
        assert restored(recipe, shelf(PHOTO, OTHER)) == request
        assert recipe.weights == "abc"
    assert restored(read_recipe(png_bytes(PLAIN, request)), shelf(PHOTO, OTHER)) == request


@pytest.mark.parametrize("scene", list(Scene))
def test_painted_again_it_has_the_same_bytes(tmp_path, scene):
    session = Session("cpu", [painter_file(tmp_path), reader_file(tmp_path)], ARCHITECTURES)
    request = Request("people", MOVED, OWN, longest=200, scene=scene)
    path = tmp_path / "o.png"
    session.export(request, path)
    Image.fromarray(PHOTO.pixels).save(tmp_path / "me.png")  # found again, as a file
    again = restored(read_recipe(path), shelf(open_photo(tmp_path / "me.png")))
    fresh = Session("cpu", [painter_file(tmp_path), reader_file(tmp_path)], ARCHITECTURES)
    fresh.export(again, tmp_path / "again.png")
    assert path.read_bytes() == (tmp_path / "again.png").read_bytes()
    assert np.array_equal(np.array(Image.open(path)), fresh.paint(again).picture.pixels)


def test_missing_photos_are_all_named(tmp_path):
    request = Request("people", MOVED, LOOKS[3], place=OWN)
    save_png(PLAIN, tmp_path / "o.png", request, names=NAMES)
    recipe = read_recipe(tmp_path / "o.png")
    with pytest.raises(SourcesMissing, match=r"me\.jpg, you\.png") as caught:
        restored(recipe, shelf())
    mine, yours = Source("me.jpg", PHOTO.digest), Source("you.png", OTHER.digest)
    assert caught.value.sources == (mine, yours) == recipe.sources
    with pytest.raises(SourcesMissing) as caught:
        restored(recipe, shelf(PHOTO))
    assert caught.value.sources == (yours,)
    assert "unused.png" not in Image.open(tmp_path / "o.png").text["guise"]
    assert matches(PHOTO, PHOTO.digest) and not matches(OTHER, PHOTO.digest)
    with pytest.raises(InputError, match="not the one"):
        restored(recipe, lambda digest: PHOTO)


def test_photos_are_embedded_only_if_asked(tmp_path):
    request = Request("people", MOVED, Mix(OWN, THEIRS, 0.5), place=OWN)
    for embed in (True, False):
        save_png(PLAIN, tmp_path / "o.png", request, embed_sources=embed)
        save_recipe(request, tmp_path / "o.json", embed_sources=embed)
        for recipe in (read_recipe(tmp_path / "o.png"), open_recipe(tmp_path / "o.json")):
            assert (recipe.sources == ()) is embed
            if embed:
                assert restored(recipe, shelf()) == request
    assert len((tmp_path / "o.png").read_bytes()) < 20_000  # the mask, but no photo
    assert np.array_equal(np.array(Image.open(tmp_path / "o.png")), PLAIN.pixels)


def test_other_images_have_no_recipe(tmp_path):
    Image.fromarray(PHOTO.pixels).save(tmp_path / "a.png")
    Image.fromarray(PHOTO.pixels).save(tmp_path / "a.jpg")
    (tmp_path / "a.txt").write_text("guise")
    save_png(PLAIN, tmp_path / "plain.png")
    for name in ("a.png", "a.jpg", "a.txt", "plain.png"):
        assert read_recipe(tmp_path / name) is None
    with pytest.raises(InputError, match="no file"):
        read_recipe(tmp_path / "none.png")


def broken():
    good = recipe_value(Request("people", MOVED, OWN, place=OWN))
    yield "list", []
    yield "no shape", {k: v for k, v in good.items() if k != "shape"}
    yield "unknown scene", good | {"scene": "moon"}
    yield "longest", good | {"longest": -4}
    yield "place", good | {"place": recipe_value(Request("p", MOVED, Sampled(1, POSE)))["shape"]}
    yield "drawn place", good | {"place": recipe_value(Request("p", POSE, LOOKS[2]))["appearance"]}
    yield "shape", good | {"shape": {"people": []}}
    yield "mask away", good


@pytest.mark.parametrize(("name", "value"), list(broken()), ids=lambda v: v if v is str else "")
def test_damaged_recipes_are_refused(name, value):
    with pytest.raises(InputError):
        restored(recipe_from(value), shelf(PHOTO, OTHER))


def test_exchanged_pixels_are_noticed(tmp_path):
    request = Request("people", MOVED, OWN)
    save_png(PLAIN, tmp_path / "o.png", request)
    recipe = read_recipe(tmp_path / "o.png")
    other = recipe_from(recipe_value(request), {MASK.digest: b"", **recipe.rasters})
    assert restored(other, shelf(PHOTO)).appearance.mask == BRUSHED
    for content in (b"", b"no image", png_bytes(PLAIN), recipe.rasters[BRUSHED.digest][:-40]):
        changed = replace(recipe, rasters={BRUSHED.digest: content})
        with pytest.raises(InputError, match="missing or changed"):
            restored(changed, shelf(PHOTO))


def test_hostile_files_give_one_sentence(tmp_path):
    for text in ("[" * 100_000, '{"model": 3}', "\x00", '{"a":' * 5000 + "1" + "}" * 5000):
        (tmp_path / "o.json").write_text(text)
        with pytest.raises(InputError):
            open_recipe(tmp_path / "o.json")
    deep = value = {"kind": "Mix"}
    for _ in range(300):
        value["a"] = value = {"kind": "Mix"}
    form = recipe_value(Request("people", MOVED, OWN)) | {"appearance": deep}
    with pytest.raises(InputError):
        restored(recipe_from(json.loads(msgspec.json.encode(form))), shelf(PHOTO))
