"""Label files: real images of every kind, there and back, and bad ones in clear sentences."""

import base64
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import InputError
from engine.shapes import label_files as files
from engine.shapes.label_colours import open_colours
from engine.shapes.label_labelme import open_labelme, save_labelme
from engine.shapes.label_paint import Ink, painted, rectangle
from engine.shapes.label_sets import cityscapes, facades
from engine.shapes.labels import Label, LabelMap, LabelSet
from tests.unit.test_labels import CAR, PERSON, ROAD, scattered

SKY = 23


def saved(tmp_path, pixels, name="map.png", **options):
    path = tmp_path / name
    Image.fromarray(pixels).save(path, **options)
    return path


def labels(*rows, dtype=np.uint8):
    return np.array(rows, dtype)


@pytest.mark.parametrize(
    ("dtype", "name"), [(np.uint8, "a.png"), (np.uint16, "a.png"), (np.int32, "a.tif")]
)
def test_ids_of_any_width(tmp_path, dtype, name):
    path = saved(tmp_path, labels([0, ROAD, CAR], [SKY, SKY, SKY], dtype=dtype), name)
    opened = files.open_label_map(path, cityscapes())
    assert opened.notes == () and opened.scene.labels.tolist() == [[0, 7, 26], [23, 23, 23]]


def test_what_nobody_labelled_is_void_without_a_word_and_strange_ids_are_told(tmp_path):
    path = saved(tmp_path, labels([255, ROAD, -1, 65_535], dtype=np.int32), "a.tif")
    opened = files.open_label_map(path, cityscapes())
    assert opened.scene.labels.tolist() == [[0, 7, 0, 0]] and opened.notes == ()
    path = saved(tmp_path, labels([34, ROAD, 77, 34, -9], dtype=np.int32), "b.tif")
    opened = files.open_label_map(path, cityscapes())
    assert opened.scene.labels.tolist() == [[0, 7, 0, 0, 0]]
    assert opened.notes == (
        "4 pixels have ids that Cityscapes does not know (-9, 34, 77); they are not labelled now.",
    )


@pytest.mark.parametrize(("dtype", "name"), [(np.uint16, "i.png"), (np.int32, "i.tif")])
def test_instances_keep_their_numbers(tmp_path, dtype, name):
    path = saved(tmp_path, labels([ROAD, CAR, CAR, CAR, PERSON]))
    instances = saved(tmp_path, labels([7, 26001, 26000, 26, 24007], dtype=dtype), name)
    opened = files.open_label_map(path, cityscapes(), instances)
    assert opened.notes == () and opened.scene.objects.tolist() == [[0, 26001, 26000, 0, 24007]]


def test_plain_numbers_are_instances_of_things(tmp_path):
    path = saved(tmp_path, labels([ROAD, CAR, CAR, PERSON, SKY]))
    instances = saved(tmp_path, labels([0, 1, 2, 3, 255]), "i.png")
    opened = files.open_label_map(path, cityscapes(), instances)
    assert opened.scene.objects.tolist() == [[0, 1, 2, 3, 0]] and opened.notes == ()


def test_labels_win_over_instances_that_contradict_them(tmp_path):
    path = saved(tmp_path, labels([ROAD, CAR, CAR, CAR, PERSON, SKY]))
    found = labels([26001, 26001, 26001, 24002, 26001, 24002], dtype=np.uint16)
    opened = files.open_label_map(path, cityscapes(), saved(tmp_path, found, "i.png"))
    objects = opened.scene.objects[0].tolist()
    assert objects[:3] == [0, 26001, 26001] and objects[5] == 0 and len(set(objects)) == 4
    assert {one.label for one in opened.scene.instances.values()} == {CAR, PERSON}
    assert opened.notes == (
        "The instances contradict the labels at 4 pixels; the labels were kept.",
    )


def test_an_instance_file_of_another_size_or_of_colours_is_refused(tmp_path):
    path = saved(tmp_path, labels([ROAD, CAR]))
    other = saved(tmp_path, labels([1, 2, 3]), "i.png")
    with pytest.raises(InputError, match=r"i.png is 3 x 1 px, but map.png is 2 x 1 px; choose"):
        files.open_label_map(path, cityscapes(), other)
    colours = saved(tmp_path, np.zeros((1, 2, 3), np.uint8), "c.png")
    with pytest.raises(InputError, match="holds colours"):
        files.open_label_map(path, cityscapes(), colours)


def test_palettes_are_read_by_colour_or_number(tmp_path):
    scene = scattered()
    files.save_palette(scene, tmp_path / "p.png")
    with Image.open(tmp_path / "p.png") as image:
        assert image.mode == "P"
    assert np.array_equal(
        files.open_label_map(tmp_path / "p.png", facades_like()).scene.labels,
        files.open_label_map(tmp_path / "p.png", cityscapes()).scene.labels,
    )
    shuffled = Image.fromarray(labels([3, 1, 2]))
    shuffled.putpalette([9, 9, 9, 128, 64, 128, 70, 130, 180, 0, 0, 142], "RGB")
    shuffled.save(tmp_path / "s.png")
    opened = files.open_label_map(tmp_path / "s.png", cityscapes())
    assert opened.scene.labels.tolist() == [[CAR, ROAD, SKY]]


def facades_like():
    """Cityscapes' ids in other colours: its palette files must be read by number."""
    return LabelSet("Other", tuple(Label(n, str(n), (n, 1, n)) for n in range(34)))


def test_colours_grey_and_transparent(tmp_path):
    scene = painted(
        LabelMap.blank((6, 4), cityscapes()), rectangle((6, 4), (0, 0), (3, 2)), Ink(ROAD)
    )
    files.save_coloured(scene, tmp_path / "c.png")
    assert files.open_label_map(tmp_path / "c.png", cityscapes()).scene == scene
    grey = np.repeat(labels([7, 26])[..., None], 3, 2)
    opened = files.open_label_map(saved(tmp_path, grey, "g.png"), cityscapes())
    assert opened.scene.labels.tolist() == [[7, 26]]
    rgba = np.dstack([scene.label_set.colours[scene.labels], np.full((4, 6), 255, np.uint8)])
    rgba[0, 0, 3] = 0
    opened = files.open_label_map(saved(tmp_path, rgba, "a.png"), cityscapes())
    assert opened.scene.at((0, 0)) == (0, 0) and opened.scene.at((1, 0)) == (ROAD, 0)
    strange = saved(tmp_path, np.full((2, 2, 3), (1, 2, 3), np.uint8), "x.png")
    with pytest.raises(InputError, match="import it as a colour picture"):
        files.open_label_map(strange, cityscapes())


def test_unknown_colours_are_listed_with_what_they_may_mean(tmp_path):
    pixels = np.zeros((4, 5, 4), np.uint8)
    pixels[..., :3] = (128, 64, 128)
    pixels[1:3, :, :3] = (72, 128, 181)
    pixels[3, 0, :3] = (250, 170, 31)
    pixels[..., 3] = 255
    pixels[0, 4, 3] = 10
    picture = open_colours(saved(tmp_path, pixels), cityscapes())
    assert [(s.colour, s.area, s.label, s.near) for s in picture.shades] == [
        ((72, 128, 181), 10, None, SKY),
        ((128, 64, 128), 8, ROAD, ROAD),
        ((250, 170, 31), 1, None, 19),
    ]
    assert {s.colour for s in picture.unknown} == {(72, 128, 181), (250, 170, 31)}
    assert picture.mapped().areas == {0: 1, ROAD: 8, SKY: 10, 19: 1}
    chosen = picture.mapped({(72, 128, 181): 11, (128, 64, 128): 8})
    assert set(chosen.areas) == {0, 8, 11, 19}
    with pytest.raises(InputError, match="does not have"):
        picture.mapped({(72, 128, 181): 200})
    with pytest.raises(InputError, match="numbers, not colours"):
        open_colours(saved(tmp_path, labels([1, 2]), "n.png"), cityscapes())


def test_a_photo_is_no_colour_picture(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    with pytest.raises(InputError, match="as photos have"):
        open_colours(saved(tmp_path, noise), cityscapes())


@pytest.mark.parametrize("seed", range(3))
def test_ids_and_instances_there_and_back(tmp_path, seed):
    scene = scattered(seed, (101, 67))
    files.save_label_ids(scene, tmp_path / "l.png")
    files.save_instance_ids(scene, tmp_path / "i.png")
    again = files.open_label_map(tmp_path / "l.png", cityscapes(), tmp_path / "i.png")
    assert again.notes == () and np.array_equal(again.scene.labels, scene.labels)
    # numbers change to label * 1000 + n, but who is who does not
    pairs = set(zip(scene.objects.ravel(), again.scene.objects.ravel(), strict=True))
    assert len(pairs) == len(scene.instances) + 1
    files.save_instance_ids(again.scene, tmp_path / "i2.png")
    twice = files.open_label_map(tmp_path / "l.png", cityscapes(), tmp_path / "i2.png").scene
    assert twice == again.scene


def test_five_thousand_objects_and_single_pixels(tmp_path):
    width, height = 200, 100
    grid = np.zeros((height, width), int)
    grid[::2, ::2] = np.arange(1, 5001).reshape(50, 100)
    scene = LabelMap.of(np.where(grid > 0, CAR, ROAD), grid, cityscapes())
    assert len(scene.instances) == 5000 and {i.area for i in scene.instances.values()} == {1}
    with pytest.raises(InputError, match="5000 objects of 'car'"):
        files.save_instance_ids(scene, tmp_path / "i.png")
    assert not (tmp_path / "i.png").exists()
    path = saved(tmp_path, scene.labels)
    plain = saved(tmp_path, grid.astype(np.int32), "i.tif")
    assert len(files.open_label_map(path, cityscapes(), plain).scene.instances) == 5000


def test_ids_that_need_32_bits_ask_for_tiff(tmp_path):
    wide = LabelSet("Wide", (Label(0, "rest", (0, 0, 0)), Label(70, "box", (1, 1, 1), True)))
    scene = LabelMap.of(labels([0, 70]), labels([0, 4]), wide)
    with pytest.raises(InputError, match=r"ends in .tif"):
        files.save_instance_ids(scene, tmp_path / "i.png")
    files.save_instance_ids(scene, tmp_path / "i.tif")
    files.save_label_ids(scene, tmp_path / "l.png")
    again = files.open_label_map(tmp_path / "l.png", wide, tmp_path / "i.tif").scene
    assert again.objects.tolist() == [[0, 70000]]


def test_bad_files(tmp_path):
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("no picture")
    whole = saved(tmp_path, scattered(size=(300, 300)).labels, "cut.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    saved(tmp_path, np.full((3, 3), 1.5, np.float32), "real.tif")
    saved(tmp_path, np.zeros((1, 20_000), np.uint8), "long.png")
    saved(tmp_path, np.zeros((8_000, 6_000), bool), "many.png")
    told = {
        "gone.png": "no file",
        "empty.png": "empty",
        "text.png": "not an image",
        "cut.png": "damaged",
        "real.tif": "whole numbers",
        "long.png": "20000 x 1 px; the limit is 12000 px a side",
        "many.png": "40 megapixels",
    }
    for name, sentence in told.items():
        with pytest.raises(InputError, match=sentence):
            files.open_label_map(tmp_path / name, cityscapes())


def test_partners_by_the_names_of_data_sets(tmp_path):
    for name in ("a_labelIds.png", "a_instanceIds.png", "b_gtFine_labelIds.png"):
        saved(tmp_path, labels([0]), name)
    assert files.partner(tmp_path / "a_labelIds.png") == tmp_path / "a_instanceIds.png"
    assert files.partner(tmp_path / "b_gtFine_labelIds.png") is None
    both = ("c_gtFine_labelIds.png", "c_gtFine_instanceIds.png")
    for folder, other in zip(("train_label", "train_inst"), both, strict=True):
        (tmp_path / folder).mkdir()
        saved(tmp_path / folder, labels([0]), "0001.png")
        saved(tmp_path / folder, labels([0]), other)
    found = files.partner(tmp_path / "train_label" / both[0])
    assert found == tmp_path / "train_inst" / both[1]
    found = files.partner(tmp_path / "train_label" / "0001.png")
    assert found == tmp_path / "train_inst" / "0001.png"


# labelme


def written(tmp_path, shapes, width=40, height=30, **more):
    path = tmp_path / "a.json"
    content = {"shapes": shapes, "imageWidth": width, "imageHeight": height, "version": "5.4.1"}
    path.write_text(json.dumps(content | {"imagePath": "a.jpg", "imageData": None} | more))
    return path


def shape(label, points, kind="polygon", **more):
    return {"label": label, "points": points, "shape_type": kind, "flags": {}} | more


def test_labelme_shapes_of_every_kind(tmp_path):
    png = io.BytesIO()
    Image.fromarray(np.array([[1, 0], [1, 1]], bool)).save(png, "PNG")
    mask = base64.b64encode(png.getvalue()).decode()
    path = written(
        tmp_path,
        [
            shape("Road", [[0, 20], [40, 20], [40, 30], [0, 30]]),
            shape("car", [[2, 2], [10, 8]], "rectangle"),
            shape("car", [[12, 2], [15, 8]], "rectangle", group_id=1),
            shape("car", [[17, 2], [19, 8]], "rectangle", group_id=1),
            shape("traffic_sign", [[30.5, 10.5], [33.5, 10.5]], "circle"),
            shape("pole", [[38, 0], [38, 12]], "line"),
            shape("person", [[20, 22], [21, 23]], "mask", mask=mask),
        ],
    )
    opened = open_labelme(path, cityscapes())
    scene = opened.scene
    assert opened.notes == () and scene.size == (40, 30)
    assert scene.areas[ROAD] == 400 - 3 and scene.areas[PERSON] == 3
    cars = [one for one in scene.instances.values() if one.label == CAR]
    assert sorted(one.area for one in cars) == [30, 48]
    assert scene.at((30, 10)) == (20, 0) and scene.areas[20] == 29  # a disc of radius 3
    assert scene.at((38.4, 5))[0] == 17


def test_labelme_names_that_are_unknown_are_told_or_chosen(tmp_path):
    path = written(tmp_path, [shape("lorry", [[0, 0], [9, 0], [9, 9]])])
    opened = open_labelme(path, cityscapes())
    assert opened.scene.areas == {0: 1200}
    assert opened.notes == ("1 shapes have names that Cityscapes does not know (lorry).",)
    assert 27 in open_labelme(path, cityscapes(), {"lorry": 27}).scene.areas


@pytest.mark.parametrize(
    ("shapes", "more"),
    [
        ([shape("car", [[0, 0], [9, 0]])], {}),
        ([shape("car", [[0, 0], [True, 4], [3, 3]])], {}),
        ([shape("car", [[0, 0], [9, 9]], "heart")], {}),
        ([shape("car", [[0, 0], [9, 9]], "mask", mask="?")], {}),
        ([], {"imageWidth": None}),
        ([], {"imageWidth": 0}),
        ([], {"imageWidth": 20_000}),
        ([{"points": []}], {}),
    ],
)
def test_bad_labelme_files(tmp_path, shapes, more):
    with pytest.raises(InputError):
        open_labelme(written(tmp_path, shapes, **more), cityscapes())


@pytest.mark.parametrize("seed", range(6))
def test_labelme_there_and_back(tmp_path, seed):
    scene = scattered(seed, (77, 58))
    if seed > 3:  # crossings of diagonals, and pieces within pieces
        noise = np.random.default_rng(seed).choice([ROAD, SKY, 11], (58, 77))
        scene = scene.patched((20, 10, 60, 40), noise[10:40, 20:60], np.zeros((30, 40), int))
    save_labelme(scene, tmp_path / "a.json", "a.jpg")
    again = open_labelme(tmp_path / "a.json", cityscapes())
    assert again.notes == () and np.array_equal(again.scene.labels, scene.labels)
    pairs = set(zip(scene.objects.ravel(), again.scene.objects.ravel(), strict=True))
    assert len(pairs) == len(again.scene.instances) + 1 >= len(scene.instances)


@pytest.mark.skipif("GUISE_DATA" not in os.environ, reason="GUISE_DATA names no packs")
def test_the_packs_open_without_a_word():
    data = Path(os.environ["GUISE_DATA"])
    for folder, label_set in (("street", cityscapes()), ("facades", facades())):
        for path in sorted((data / folder / "val_label").iterdir())[:5]:
            opened = files.open_label_map(path, label_set, files.partner(path))
            assert opened.notes == () and opened.scene.areas
