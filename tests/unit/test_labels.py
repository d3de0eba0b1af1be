"""Label maps: what they hold, edits in a box, identity, and everything that is refused."""

import hashlib
import itertools

import numpy as np
import pytest

from engine.card import Card
from engine.errors import InputError
from engine.shapes.label_sets import (
    bundled,
    cityscapes,
    facades,
    known_to,
    own_sets,
    read_label_set,
    write_label_set,
)
from engine.shapes.labels import Label, LabelMap, LabelSet

ROAD, CAR, PERSON = 7, 26, 24
FEW = LabelSet("Few", (Label(0, "rest", (0, 0, 0)), Label(5, "car", (0, 0, 9), True)))


def scattered(seed=3, size=(90, 70), label_set=None):
    """Rectangles of objects in disorder, some in several pieces, over stuff."""
    rng = np.random.default_rng(seed)
    label_set = label_set or cityscapes()
    scene = LabelMap.blank(size, label_set)
    stuff = [label.id for label in label_set.labels if not label.things]
    things = [label.id for label in label_set.labels if label.things]
    of_object = {n: int(rng.choice(things)) for n in range(1, 12)}
    for _ in range(40):
        x, y = rng.integers(0, size[0] - 5), rng.integers(0, size[1] - 5)
        right, bottom = x + rng.integers(1, 30), y + rng.integers(1, 20)
        box = int(x), int(y), int(min(right, size[0])), int(min(bottom, size[1]))
        form = (box[3] - box[1], box[2] - box[0])
        n = int(rng.integers(0, 12))
        label = of_object[n] if n else int(rng.choice(stuff))
        scene = scene.patched(box, np.full(form, label), np.full(form, n))
    return scene


def test_bundled_sets_are_complete_and_their_colours_tell_labels_apart():
    assert [s.name for s in bundled()] == ["Cityscapes", "Facades"]
    assert sorted(cityscapes().ids) == list(range(34)) and sorted(facades().ids) == list(range(9))
    assert cityscapes().named("car").id == CAR and cityscapes()[ROAD].name == "road"
    things = {label.name for label in cityscapes().labels if label.things}
    assert {"person", "rider", "car", "bicycle"} <= things and "road" not in things
    assert {label.name for label in facades().labels if label.things} == {"car", "door", "window"}
    shown = [label for label in cityscapes().labels if label.id > 4]
    alike = [(a.name, b.name) for a, b in itertools.combinations(shown, 2) if a.colour == b.colour]
    assert alike == [("pole", "polegroup")]  # as published


def test_own_sets_in_both_forms(tmp_path):
    path = tmp_path / "rooms.json"
    path.write_text('[{"id": 3, "name": "bed", "color": [1, 2, 3], "instances": true}]')
    with pytest.raises(InputError, match="no label 0"):
        read_label_set(path)
    path.write_text(
        '{"name": "Rooms", "void": 3, "labels": [{"id": 3, "name": "bed", "colour": [1, 2, 3]}]}'
    )
    assert read_label_set(path).labels == (Label(3, "bed", (1, 2, 3)),)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"name": "A", "labels": []}',
        '{"name": "A", "labels": [{"id": 0, "name": "a", "colour": [1, 2, 300]}]}',
        '{"name": "A", "labels": [{"id": 0, "name": "a"}]}',
        '{"name": "A", "labels": [{"id": -1, "name": "a", "colour": [1, 2, 3]}]}',
        '{"name": "A", "labels": [{"id": true, "name": "a", "colour": [1, 2, 3]}]}',
    ],
)
def test_unusable_sets_are_refused(tmp_path, text):
    (tmp_path / "set.json").write_text(text)
    with pytest.raises(InputError):
        read_label_set(tmp_path / "set.json")


def test_ids_and_names_are_unique():
    with pytest.raises(InputError, match="twice"):
        LabelSet("A", (Label(0, "a", (0, 0, 0)), Label(0, "b", (0, 0, 0))))
    with pytest.raises(InputError, match="twice"):
        LabelSet("A", (Label(0, "a", (0, 0, 0)), Label(1, "a", (0, 0, 0))))


def test_a_map_is_its_own_and_cannot_be_written():
    labels, objects = np.zeros((4, 6), np.int64), np.zeros((4, 6), np.int64)
    scene = LabelMap(labels, objects, FEW)
    labels[0, 0] = 5
    assert scene.size == (6, 4) and scene.labels.dtype == np.uint8 and not scene.labels.any()
    with pytest.raises(ValueError, match="read-only"):
        scene.labels[0, 0] = 5


def test_ids_above_255_take_two_bytes():
    wide = LabelSet("Wide", (Label(0, "rest", (0, 0, 0)), Label(900, "far", (1, 1, 1))))
    scene = LabelMap(np.full((2, 2), 900), np.zeros((2, 2), int), wide)
    assert scene.labels.dtype == np.uint16 and scene.at((1.5, 0.2)) == (900, 0)


@pytest.mark.parametrize(
    ("labels", "objects", "told"),
    [
        (np.zeros((0, 5), int), np.zeros((0, 5), int), "empty"),
        (np.zeros((2, 2, 3), int), np.zeros((2, 2, 3), int), "one channel"),
        (np.zeros((2, 2), int), np.zeros((2, 3), int), "same size"),
        (np.full((2, 2), 77), np.zeros((2, 2), int), "label 77, which Few"),
        (np.full((2, 2), -1), np.zeros((2, 2), int), "label -1"),
        (np.full((2, 2), 2**40), np.zeros((2, 2), int), "does not have"),
        (np.zeros((2, 2)), np.zeros((2, 2), int), "whole numbers"),
        (np.zeros((2, 2), int), np.full((2, 2), -3), "ids of objects"),
        (np.zeros((2, 2), int), np.full((2, 2), 2**40), "ids of objects"),
        (np.zeros((1, 20_000), np.uint8), np.zeros((1, 20_000), np.uint8), "20000 x 1 px"),
    ],
)
def test_what_is_refused(labels, objects, told):
    with pytest.raises(InputError, match=told):
        LabelMap(labels, objects, FEW)


def test_equal_maps_are_those_with_equal_pixels_however_they_were_made():
    a = scattered()
    b = LabelMap(a.labels.astype(np.int32), a.objects.astype(np.int64), a.label_set)
    assert a == b and hash(a) == hash(b) and a is not b
    box = (3, 4, 8, 9)
    other = a.patched(box, np.full((5, 5), CAR), np.full((5, 5), 99))
    assert other != a
    assert other.patched(box, a.labels[4:9, 3:8], a.objects[4:9, 3:8]) == a
    moved = LabelMap(a.labels[:, ::-1], a.objects[:, ::-1], a.label_set)
    assert moved != a
    assert LabelMap(a.labels.T, a.objects.T, a.label_set) != a


def test_the_digest_after_an_edit_is_that_of_a_fresh_map_and_reads_only_what_changed(monkeypatch):
    scene = LabelMap.blank((1000, 600), cityscapes())
    assert scene.digest
    read = []
    real = hashlib.sha256
    monkeypatch.setattr(hashlib, "sha256", lambda data=b"": read.append(len(data)) or real(data))
    after = scene.patched((250, 10, 260, 20), np.full((10, 10), ROAD), np.zeros((10, 10), int))
    digest = after.digest
    assert sum(size > 1000 for size in read) == 2  # two squares of twelve
    assert digest == LabelMap(after.labels, after.objects, cityscapes()).digest


def test_a_patch_leaves_the_map_before_alone():
    scene = scattered()
    labels, objects = scene.labels.copy(), scene.objects.copy()
    scene.patched((0, 0, 20, 20), np.full((20, 20), ROAD), np.zeros((20, 20), int))
    assert np.array_equal(scene.labels, labels) and np.array_equal(scene.objects, objects)
    with pytest.raises(InputError, match="label 200"):
        scene.patched((0, 0, 1, 1), np.full((1, 1), 200), np.zeros((1, 1), int))


@pytest.mark.parametrize("seed", range(4))
def test_instances_are_those_of_a_pixel_by_pixel_count(seed):
    scene = scattered(seed)
    for n, instance in scene.instances.items():
        y, x = np.nonzero(scene.objects == n)
        assert instance.id == n and instance.area == len(x)
        assert instance.box == (x.min(), y.min(), x.max() + 1, y.max() + 1)
        assert {instance.label} == set(scene.labels[y, x].tolist())
    assert list(scene.instances) == sorted(set(scene.objects.ravel().tolist()) - {0})
    assert scene.next_object == scene.objects.max() + 1
    assert scene.areas == {int(k): int((scene.labels == k).sum()) for k in np.unique(scene.labels)}


def test_an_object_with_two_labels_counts_as_the_larger():
    labels = np.array([[5, 5, 0, 5]])
    instance = LabelMap(labels, np.full((1, 4), 7), FEW).instances[7]
    assert (instance.label, instance.area) == (5, 4)


def test_a_map_without_objects_and_places_outside():
    scene = LabelMap.blank((3, 1), FEW)
    assert scene.instances == {} and scene.next_object == 1 and scene.areas == {0: 3}
    assert scene.at((-0.1, 0)) is None and scene.at((3, 0)) is None and scene.at((2.9, 0.9))


def test_a_painter_names_its_labels_and_older_files_are_told_by_their_count():
    def card(count, name=""):
        config = {"inputs": {"labels": count}}
        return Card(
            id="x",
            architecture="pix2pixhd",
            title="X",
            summary="X.",
            config=config,
            label_set=name,
        )

    garden = LabelSet("Garden", (Label(0, "nothing", (0, 0, 0)), Label(1, "lawn", (0, 200, 0))))
    assert known_to(card(35)) == cityscapes() and known_to(card(9)) == facades()
    assert known_to(card(12)) is None
    assert known_to(card(35, "Facades")) == facades()
    assert known_to(card(35, "Garden")) is None
    assert known_to(card(2, "Garden"), [garden]) == garden


def test_a_label_set_is_written_and_read_again(tmp_path):
    labels = (
        Label(0, "nothing", (0, 0, 0)),
        Label(300, "Hund", (200, 10, 0), things=True, key=4),
        Label(2, "草", (0, 200, 0), key=1),
    )
    garden, path = LabelSet("Garten", labels, void=0), tmp_path / "garden.json"
    write_label_set(garden, path)
    again = read_label_set(path)
    assert again == garden and again.labels == labels
    assert own_sets(tmp_path) == {path: garden}
    (tmp_path / "broken.json").write_text("{")
    assert own_sets(tmp_path) == {path: garden}


def test_a_label_set_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(InputError, match="another place"):
        write_label_set(cityscapes(), tmp_path / "nowhere" / "set.json")


@pytest.mark.parametrize("key", [-1, 10])
def test_keys_are_digits(key):
    with pytest.raises(InputError, match="key of 1 to 9"):
        Label(1, "lawn", (0, 0, 0), key=key)
