"""The reader of lines: any size, its own small network, model files that fit or do not."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine import registry, weights
from engine.card import Card
from engine.errors import ModelError
from engine.perception.edges import EdgesReader, load
from engine.perception.edges_network import EdgesConfig, EdgesNet
from engine.photo import Photo
from engine.runtime import Runtime
from engine.shapes.raster import canvas_frame, drawn_ink

CONFIG = EdgesConfig((4, 4, 4, 4), 64, 0.5)
CPU = Runtime(torch.device("cpu"), torch.float32)
CARD = Card(id="edges", architecture="edges", title="", summary="", config=asdict(CONFIG))


class Contrast(EdgesNet):
    """Instead of a trained network: strong where brightness changes."""

    def forward(self, photo: torch.Tensor) -> torch.Tensor:
        gray = photo.mean(1, keepdim=True)
        widest = torch.nn.functional.max_pool2d(gray, 3, 1, 1)
        narrowest = -torch.nn.functional.max_pool2d(-gray, 3, 1, 1)
        return 8 * (widest - narrowest) - 4


def disc(width: int, height: int, radius: float) -> np.ndarray:
    pixels = np.full((height, width, 3), 250, np.uint8)
    middle = (width // 2, height // 2)
    cv2.circle(pixels, middle, round(radius), (40, 60, 90), -1, cv2.LINE_AA)
    return pixels


@pytest.fixture
def reader() -> EdgesReader:
    return EdgesReader(CARD, Contrast(CONFIG), CPU, CONFIG)


@pytest.mark.parametrize(("width", "height"), [(64, 64), (50, 37), (300, 200), (90, 400)])
def test_a_disc_becomes_a_circle_where_it_lies_in_photos_of_any_size(reader, width, height):
    radius = 0.3 * min(width, height)
    sketch = reader.read(Photo(disc(width, height, radius)))
    assert sketch.size == (width, height)
    assert sketch.strokes == ()
    y, x = np.nonzero(sketch.raster > 127)
    away = np.hypot(x + 0.5 - width / 2, y + 0.5 - height / 2)
    scale = max(width, height) / min(64, max(width, height))
    assert np.abs(away - radius).max() < 2.5 * scale
    angles = np.sort(np.arctan2(y + 0.5 - height / 2, x + 0.5 - width / 2))
    assert np.diff(angles).max() < 0.5  # all around
    assert (sketch.raster > 127).mean() < 0.25


def test_a_huge_photo_gives_a_canvas_of_its_proportions_that_painters_can_read(reader):
    sketch = reader.read(Photo(disc(3000, 1500, 600)))
    assert sketch.size == (1024, 512)
    ink = drawn_ink(sketch, canvas_frame(sketch.size), 128)
    assert 0.005 < (ink > 127).mean() < 0.1


def test_strokes_lie_on_the_lines_and_draw_the_same_picture(reader):
    photo = Photo(disc(200, 150, 50))
    read, drawn = reader.read(photo), reader.strokes(photo)
    assert drawn.size == read.size
    assert drawn.raster is None
    assert 1 <= len(drawn.strokes) <= 4
    for stroke in drawn.strokes:
        away = np.hypot(*(stroke.xy - (100.5, 75.5)).T)
        assert np.abs(away - 50).max() < 8
    inks = [drawn_ink(s, canvas_frame(s.size), 64) > 127 for s in (read, drawn)]
    near = cv2.dilate(inks[0].astype(np.uint8), np.ones((3, 3))) > 0
    assert (near[inks[1]]).mean() > 0.98
    assert reader.strokes(Photo(np.full((40, 60, 3), 90, np.uint8))).is_empty


def test_an_even_photo_gives_an_empty_sketch(reader):
    assert reader.read(Photo(np.full((40, 60, 3), 90, np.uint8))).is_empty


def test_strength_does_not_depend_on_what_fills_the_photo_to_whole_strides():
    torch.manual_seed(0)
    reader = EdgesReader(CARD, EdgesNet(CONFIG).eval(), CPU, CONFIG)
    pixels = disc(48, 80, 15)
    wide = np.pad(pixels, ((0, 0), (0, 16), (0, 0)), mode="edge")
    assert reader.strength(pixels).shape == (80, 48)
    odd = np.pad(pixels, ((0, 0), (0, 3), (0, 0)), mode="edge")
    assert reader.strength(odd) == pytest.approx(reader.strength(wide)[:, :51], abs=1e-5)


def test_a_model_file_is_read_again_through_the_registry(tmp_path: Path):
    torch.manual_seed(1)
    net = EdgesNet(CONFIG).eval()
    weights.save(tmp_path / "edges.safetensors", CARD, net.state_dict())
    loaded = weights.load(tmp_path / "edges.safetensors")
    again = registry.build(loaded, CPU)
    assert registry.architecture(loaded.card).kind == "perception"
    pixels = disc(64, 48, 12)
    mine = EdgesReader(CARD, net, CPU, CONFIG)
    np.testing.assert_allclose(again.strength(pixels), mine.strength(pixels), atol=1e-5)
    assert again.config == CONFIG


def test_weights_of_another_network_are_refused():
    state = EdgesNet(replace(CONFIG, channels=(4, 4, 4, 8))).state_dict()
    with pytest.raises(ModelError, match="does not read edges"):
        load(CARD, state, CPU)
    wrong = Card(id="edges", architecture="edges", title="", summary="", config={"channels": 3})
    with pytest.raises(ModelError, match="does not read edges"):
        load(wrong, state, CPU)


def test_the_bundled_reader_draws_the_outline_of_an_item_and_no_more():
    (path,) = (p for p in registry.bundled() if p.stem == "edges")
    reader = registry.build(weights.load(path), CPU)
    pixels = np.full((200, 260, 3), 255, np.uint8)
    corners = np.array([(60, 150), (70, 60), (150, 50), (200, 140)], np.int32)
    cv2.fillPoly(pixels, [corners[:, None]], (60, 90, 160), cv2.LINE_AA)
    known = np.zeros((200, 260), np.uint8)
    cv2.polylines(known, [corners[:, None]], True, 1, 1)
    for sketch in (reader.read(Photo(pixels)), reader.strokes(Photo(pixels))):
        ink = drawn_ink(sketch, canvas_frame(sketch.size), 260)[30:230] > 127
        away = cv2.distanceTransform(1 - known, cv2.DIST_L2, 5)[ink]
        assert (away < 3).mean() > 0.95
        near = cv2.dilate(ink.astype(np.uint8), np.ones((7, 7))) > 0
        assert near[known > 0].mean() > 0.95
