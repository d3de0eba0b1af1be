"""What scene networks are given, against loops over every object and every pixel."""

from __future__ import annotations

import numpy as np
import torch

from engine.painters.pix2pixhd.inputs import (
    SceneInputs,
    object_edges,
    object_keys,
    object_means,
    one_hot,
    pooled,
)

RANDOM = np.random.default_rng(3)


def test_instance_pooling_is_the_mean_of_every_object_of_every_image() -> None:
    features = torch.from_numpy(RANDOM.standard_normal((2, 3, 13, 17)).astype(np.float32))
    objects = RANDOM.integers(0, 5, (2, 13, 17)) * 26001 - 1
    objects[1, 4, 4] = 99_000_000  # an object of one pixel
    found = pooled(features, torch.from_numpy(objects)).numpy()
    wanted = features.numpy().copy()
    for image in range(2):
        for key in np.unique(objects[image]):
            rows, columns = np.nonzero(objects[image] == key)
            wanted[image][:, rows, columns] = (
                features[image].numpy()[:, rows, columns].mean(1, keepdims=True)
            )
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_the_same_id_in_another_image_is_another_object() -> None:
    features = torch.stack([torch.zeros(1, 4, 4), torch.ones(1, 4, 4)])
    means, number, counts = object_means(features, torch.zeros(2, 4, 4, dtype=torch.int32))
    assert means.flatten().tolist() == [0, 1]
    assert number.flatten(1).unique(dim=1).flatten().tolist() == [0, 1]
    assert counts.tolist() == [16, 16]


def test_five_thousand_objects_are_pooled_at_once() -> None:
    objects = torch.arange(5000).repeat_interleave(4).view(1, 100, 200)
    features = torch.rand(1, 3, 100, 200, generator=torch.Generator().manual_seed(1))
    means, _, counts = object_means(features, objects)
    assert means.shape == (5000, 3)
    assert set(counts.tolist()) == {4}
    wanted = features.reshape(3, 5000, 4).mean(2).T
    torch.testing.assert_close(means, wanted)


def test_ids_outside_the_classes_are_no_class() -> None:
    ids = np.array([[[0, 1, 2, 3], [255, -1, 65535, -32768]]], np.int32)
    found = one_hot(torch.from_numpy(ids), 3, unlabelled=True).numpy()
    assert found.shape == (1, 4, 2, 4)
    for row in range(2):
        for column in range(4):
            known = 0 <= ids[0, row, column] < 3
            wanted = np.eye(4)[ids[0, row, column] if known else 3]
            np.testing.assert_array_equal(found[0, :, row, column], wanted)
    published = one_hot(torch.from_numpy(ids), 3, unlabelled=False).numpy()
    np.testing.assert_array_equal(published, found[:, :3])


def test_unsigned_ids_of_a_png_are_taken() -> None:
    found = one_hot(torch.tensor([[[255, 2]]], dtype=torch.uint8), 3, unlabelled=True)
    assert found.argmax(1).tolist() == [[[3, 2]]]


def test_edges_are_where_a_neighbour_is_another_object() -> None:
    objects = RANDOM.integers(0, 3, (2, 9, 7))
    objects[:, 2:7, 1:5] = 1
    found = object_edges(torch.from_numpy(objects)).numpy()
    for image in range(2):
        for y in range(9):
            for x in range(7):
                around = [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
                other = any(
                    objects[image, b, a] != objects[image, y, x]
                    for b, a in around
                    if 0 <= b < 9 and 0 <= a < 7
                )
                assert found[image, 0, y, x] == other


def test_objects_differ_by_class_or_by_number() -> None:
    classes = torch.tensor([0, 0, 1, 1, -1, 255])
    objects = torch.tensor([0, 1, 0, 1, 0, 0])
    assert len(object_keys(classes, objects).unique()) == 6


def test_channels_follow_the_published_order() -> None:
    published = SceneInputs(35, unlabelled=False)
    assert (published.shape_channels, published.channels) == (36, 39)
    classes = torch.tensor([[[0, 34], [34, 34]]])
    shape = published.shape(classes, classes)
    assert shape[0, 0].tolist() == [[1, 0], [0, 0]]
    assert shape[0, 34].tolist() == [[0, 1], [1, 1]]
    assert shape[0, 35].tolist() == [[1, 1], [1, 0]]


def test_a_picture_may_stand_for_the_labels() -> None:
    inputs = SceneInputs(labels=0, pictures=3, edges=False, features=0)
    picture = torch.rand(1, 3, 8, 8)
    assert torch.equal(inputs.shape(picture, torch.zeros(1, 8, 8)), picture)
    assert inputs.channels == 3
