"""Label maps and photos on disk: layouts, pairing by name, ids that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine.errors import InputError
from trainer.data.scene_batches import SceneBatches, Varied, cut, stack, whole
from trainer.data.scenes import DONT_CARE, Scene, find_scenes, read_ids

SIZE = (48, 64)


def _labels() -> np.ndarray:
    """Sky above road, and a car on the road."""
    labels = np.full(SIZE, 23, np.uint8)
    labels[24:] = 7
    labels[26:36, 8:24] = 26
    return labels


def _objects(labels: np.ndarray) -> np.ndarray:
    objects = labels.astype(np.uint16)
    objects[labels == 26] = 26000
    return objects


def _photo(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*SIZE, 3), dtype=np.uint8)


def _save(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def _pack(folder: Path, names: tuple[str, ...] = ("a", "b"), split: str = "train") -> Path:
    for seed, name in enumerate(names):
        _save(folder / f"{split}_label" / f"{name}.png", _labels())
        _save(folder / f"{split}_inst" / f"{name}.png", _objects(_labels()))
        _save(folder / f"{split}_img" / f"{name}.png", _photo(seed))
    return folder


def test_scenes_are_paired_by_name_whatever_their_order(tmp_path: Path) -> None:
    _pack(tmp_path, ("b", "a"))
    folder = find_scenes(tmp_path, "train")
    assert [files.name for files in folder.files] == ["a", "b"]
    np.testing.assert_array_equal(folder.load(0).photo, _photo(1))  # "a" was written second
    assert folder.classes == 35
    assert 26 in folder.things


def test_a_photo_without_its_labels_is_named(tmp_path: Path) -> None:
    _pack(tmp_path)
    (tmp_path / "train_label" / "a.png").rename(tmp_path / "train_label" / "z.png")
    with pytest.raises(InputError, match=r"'a' is missing in .*train_label"):
        find_scenes(tmp_path, "train")


def test_cityscapes_as_downloaded(tmp_path: Path) -> None:
    name = "aachen_000000_000019"
    truth = tmp_path / "gtFine/train/aachen"
    _save(truth / f"{name}_gtFine_labelIds.png", _labels())
    _save(truth / f"{name}_gtFine_instanceIds.png", _objects(_labels()))
    _save(truth / f"{name}_gtFine_color.png", _photo())
    _save(tmp_path / f"leftImg8bit/train/aachen/{name}_leftImg8bit.png", _photo(3))
    scene = find_scenes(tmp_path, "train").load(0)
    np.testing.assert_array_equal(scene.photo, _photo(3))
    assert set(np.unique(scene.objects)) == {7, 23, 26000}


def test_a_folder_of_none_of_these_layouts_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="train_label and train_img"):
        find_scenes(tmp_path, "train")


def test_a_label_set_of_ones_own(tmp_path: Path) -> None:
    _pack(tmp_path)
    entries = [
        {"id": i, "name": f"label {i}", "color": [i, 0, 0], "instances": i == 26} for i in range(27)
    ]
    (tmp_path / "labels.json").write_text(json.dumps(entries))
    folder = find_scenes(tmp_path, "train")
    assert (folder.classes, folder.things) == (27, (26,))


def test_pictures_instead_of_labels(tmp_path: Path) -> None:
    _save(tmp_path / "train_A/x.png", _photo(1))
    _save(tmp_path / "train_B/x.png", _photo(2))
    folder = find_scenes(tmp_path, "train")
    batch = SceneBatches(folder, (32, 32), Varied()).batch(np.random.default_rng(0), 2)
    assert folder.classes == 0
    assert batch.photos.shape == (2, 6, 32, 32)


@pytest.mark.parametrize("unknown", [255, 65535, -1, 2**32 - 1])
def test_pixels_that_do_not_count(tmp_path: Path, unknown: int) -> None:
    _pack(tmp_path, ("a",))
    wide = _labels().astype(np.int64)
    wide[:4] = unknown
    (tmp_path / "train_label/a.png").unlink()
    dtype = np.uint8 if unknown == 255 else np.uint16 if unknown == 65535 else np.int32
    _save(tmp_path / "train_label/a.tiff", wide.astype(np.uint32).view(np.int32).astype(dtype))
    assert (find_scenes(tmp_path, "train").load(0).labels[:4] == DONT_CARE).all()


def test_ids_that_the_label_set_lacks(tmp_path: Path) -> None:
    _pack(tmp_path, ("a",))
    labels = _labels()
    labels[0, :3] = (40, 41, 40)
    path = _save(tmp_path / "train_label/a.png", labels)
    with pytest.raises(InputError, match="ids 40, 41, but the label set has 0 to 34") as caught:
        find_scenes(tmp_path, "train").load(0)
    assert str(path) in str(caught.value)
    assert find_scenes(tmp_path, "train", classes=42).load(0).labels[0, 1] == 41


def test_objects_of_another_size(tmp_path: Path) -> None:
    _pack(tmp_path, ("a",))
    _save(tmp_path / "train_inst/a.png", _objects(_labels())[:-2])
    with pytest.raises(InputError, match=r"64x46 pixels, but .* 64x48"):
        find_scenes(tmp_path, "train").load(0)


@pytest.mark.parametrize("number", [26001, 12])
def test_objects_that_contradict_the_labels(tmp_path: Path, number: int) -> None:
    _pack(tmp_path, ("a",))
    objects = np.full(SIZE, number, np.uint16)
    _save(tmp_path / "train_inst/a.png", objects)
    with pytest.raises(InputError, match="contradicts the labels in"):
        find_scenes(tmp_path, "train").load(0)


def test_a_ragged_border_of_an_object_is_forgiven(tmp_path: Path) -> None:
    _pack(tmp_path, ("a",))
    objects = _objects(_labels())
    objects[25, 8:20] = 26000  # still road, says the label map
    _save(tmp_path / "train_inst/a.png", objects)
    assert (find_scenes(tmp_path, "train").load(0).objects[25, 8:20] == 7).all()


def test_palettes_are_read_as_numbers_and_colours_are_refused(tmp_path: Path) -> None:
    palette = Image.fromarray(_labels())
    palette.putpalette([value for i in range(256) for value in (i, 255 - i, 7)])
    palette.save(tmp_path / "p.png")
    np.testing.assert_array_equal(read_ids(tmp_path / "p.png"), _labels())
    grey = np.dstack([_labels()] * 3 + [np.full(SIZE, 255, np.uint8)])
    np.testing.assert_array_equal(read_ids(_save(tmp_path / "g.png", grey)), _labels())
    with pytest.raises(InputError, match="is in colours"):
        read_ids(_save(tmp_path / "c.png", _photo()))
    (tmp_path / "d.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="not a picture that can be read"):
        read_ids(tmp_path / "d.png")


def test_sixteen_bit_ids_above_32767(tmp_path: Path) -> None:
    path = _save(tmp_path / "i.png", np.full(SIZE, 33005, np.uint16))
    assert (read_ids(path) == 33005).all()


def _scene() -> Scene:
    return Scene(_labels(), _objects(_labels()).astype(np.int32), _photo())


def test_crops_keep_ids_and_fit_the_photo() -> None:
    part = cut(_scene(), (20, 4, 24, 32), (12, 16))
    assert set(np.unique(part.labels)) <= {7, 23, 26}
    assert set(np.unique(part.objects)) <= {7, 23, 26000}
    np.testing.assert_array_equal(part.labels == 26, part.objects == 26000)
    assert part.photo.shape == (12, 16, 3)
    np.testing.assert_array_equal(whole(_scene(), SIZE).photo, _photo())


def test_objects_of_two_pictures_never_share_a_number() -> None:
    batch = stack([_scene(), _scene()])
    first, second = (set(torch.unique(part).tolist()) for part in batch.objects)
    assert not first & second
    assert first | second == set(range(6))


def test_recolouring_touches_single_objects_only(tmp_path: Path) -> None:
    folder = find_scenes(_pack(tmp_path, ("a",)), "train")
    varied = Varied(closest=1.0, flip=0, light=0, repainted=1, erased=0)
    batch = SceneBatches(folder, SIZE, varied).batch(np.random.default_rng(1), 1)
    painted = ((batch.photos[0].permute(1, 2, 0).numpy() + 1) * 127.5).round().astype(int)
    moved = (painted != _photo()).any(2)
    assert moved[_labels() == 26].mean() > 0.9
    assert not moved[_labels() != 26].any()


def test_gaps_in_the_labels_leave_the_photo_whole(tmp_path: Path) -> None:
    folder = find_scenes(_pack(tmp_path, ("a",)), "train")
    varied = Varied(closest=1.0, flip=0, light=0, repainted=0, erased=1)
    batch = SceneBatches(folder, SIZE, varied).batch(np.random.default_rng(1), 1)
    assert (batch.labels == DONT_CARE).any()
    painted = ((batch.photos[0].permute(1, 2, 0).numpy() + 1) * 127.5).round()
    np.testing.assert_array_equal(painted, _photo())


def test_objects_are_numbered_as_sorting_would() -> None:
    rng = np.random.default_rng(3)
    scenes = []
    for _ in range(3):
        objects = np.kron(rng.integers(0, 40_000, (6, 8)), np.ones((5, 7), int)).astype(np.int32)
        objects[rng.random(objects.shape) < 0.1] = 7
        labels = rng.integers(0, 3, objects.shape).astype(np.uint8)
        scenes.append(Scene(labels, objects, np.zeros((*objects.shape, 3), np.uint8)))
    before = 0
    for scene, made in zip(scenes, stack(scenes).objects.numpy(), strict=True):
        pairs = np.stack([scene.objects, scene.labels], -1).reshape(-1, 2)
        known, inverse = np.unique(pairs, axis=0, return_inverse=True)
        np.testing.assert_array_equal(made, inverse.reshape(made.shape) + before)
        before += len(known)
