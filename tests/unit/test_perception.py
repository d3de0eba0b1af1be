"""The person reader: coordinates, decoding, model files, and photos that hold nobody."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine import registry, weights
from engine.card import Card
from engine.errors import ModelError
from engine.perception.decode import guided, main_component, peaks
from engine.perception.lite0 import STAGES, Conv, FixedDepthwise, from_lite0
from engine.perception.network import PersonNet, PersonNetConfig, PersonNetOutput
from engine.perception.reader import Reader, load
from engine.perception.window import PAD, Window
from engine.photo import Photo
from engine.runtime import Runtime
from engine.shapes.body import default_pose
from engine.shapes.pose import JOINTS

SMALL = PersonNetConfig(decoder=[16, 16, 8, 8], side=64)


PLAIN = Runtime(torch.device("cpu"), torch.float32)


def card(config: PersonNetConfig = SMALL) -> Card:
    return Card(
        id="test-reader",
        architecture="perception",
        title="Test",
        summary="A test.",
        config=asdict(config),
    )


class RedFinder(nn.Module):
    """Every joint sits in the middle of what is red, the mask is what is red."""

    def forward(self, picture: Tensor) -> PersonNetOutput:
        red = (picture[:, :1] - picture[:, 1:].amax(1, keepdim=True) - 0.1).clamp(0)
        cells = F.avg_pool2d(red, 4)[0, 0]
        xs, ys = torch.arange(cells.shape[1]) + 0.5, torch.arange(cells.shape[0]) + 0.5
        total = cells.sum() + 1e-9
        x, y = (cells.sum(0) * xs).sum() / total, (cells.sum(1) * ys).sum() / total
        heat = -((xs - x) ** 2 + (ys[:, None] - y) ** 2) / 2
        sure = 9 if cells[int(y), int(x)] > 0.2 else 0  # the middle of two things is neither
        presence = (total * 1000 - 5).clamp(max=sure).expand(1, 18)
        return PersonNetOutput(heat.expand(1, 18, -1, -1), presence, F.avg_pool2d(red, 2) * 40 - 17)


def red_reader(side: int = 96) -> Reader:
    return Reader(card(), RedFinder(), PLAIN, side)  # type: ignore[arg-type]


def photo_with_red(width: int, height: int, box: tuple[int, int, int, int]) -> Photo:
    pixels = np.full((height, width, 3), 90, np.uint8)
    left, top, right, bottom = box
    pixels[top:bottom, left:right] = (250, 10, 10)
    return Photo(pixels)


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((1000, 400), (700, 100, 760, 180)),
        ((333, 901), (40, 600, 130, 650)),
        ((48, 40), (30, 10, 38, 20)),
    ],
)
def test_a_joint_comes_back_at_its_photo_pixel(size, box):
    reading = red_reader().read(photo_with_red(*size, box))
    assert reading.found
    centre = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    tolerance = 0.06 * max(box[2] - box[0], box[3] - box[1]) + 0.5
    for name in JOINTS:
        assert reading.pose[name] == pytest.approx(centre, abs=tolerance)


def test_the_mask_covers_the_red_pixels_at_photo_size():
    box = (700, 100, 760, 180)
    photo = photo_with_red(1000, 400, box)
    seen = red_reader().read(photo).mask.pixels > 127
    true = np.zeros((400, 1000), bool)
    true[box[1] : box[3], box[0] : box[2]] = True
    assert (seen & true).sum() / (seen | true).sum() > 0.93


def test_windows_map_points_back_exactly():
    window = Window.fit((37, 11, 233, 91), (192, 96))
    pixels = np.zeros((140, 300, 3), np.uint8)
    pixels[40:48, 120:128] = 255
    canvas = window.cut(pixels)[..., 0].astype(float)
    x, y = window.offset
    assert tuple(window.cut(pixels)[0, 0]) == PAD
    canvas[:y] = canvas[y + window.part[1] :] = 0
    canvas[:, :x] = canvas[:, x + window.part[0] :] = 0
    rows, columns = np.mgrid[:96, :192] + 0.5
    centre = np.array([(canvas * columns).sum(), (canvas * rows).sum()]) / canvas.sum()
    assert window.to_photo(centre) == pytest.approx((124, 44), abs=0.1)


def test_peaks_are_found_between_cells():
    truth = np.array([[7.3, 12.8], [33.6, 4.5], [3.4, 20.2]])
    rows, columns = np.mgrid[:24, :40] + 0.5
    maps = [-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 0.9**2) for x, y in truth]
    xy, mass = peaks(torch.tensor(np.stack(maps)))
    assert xy == pytest.approx(truth, abs=0.2)
    assert (mass > 0.95).all()


def test_an_undecided_heatmap_has_little_certainty():
    _, mass = peaks(torch.zeros(1, 40, 40))
    assert mass[0] < 0.05


def test_small_pieces_without_joints_are_dropped():
    mask = np.zeros((40, 40), np.float32)
    mask[5:30, 5:20] = 1
    mask[35:37, 35:37] = 1
    mask[33:35, 2:4] = 0.9
    kept = main_component(mask, np.array([[10.0, 10.0], [3.0, 34.0]]))
    assert kept[36, 36] == 0
    assert kept[34, 3] == pytest.approx(0.9)
    assert (kept[5:30, 5:20] == 1).all()


def test_the_guided_filter_agrees_with_a_plain_loop():
    rng = np.random.default_rng(0)
    guide = rng.integers(0, 256, (20, 17, 3)).astype(np.uint8)
    mask = rng.random((20, 17)).astype(np.float32)
    radius, softness = 2, 0.01
    slopes, bases = np.zeros((20, 17, 3)), np.zeros((20, 17))
    colour = guide / 255.0
    for y in range(2, 18):
        for x in range(2, 15):
            window = (slice(y - 2, y + 3), slice(x - 2, x + 3))
            c, m = colour[window].reshape(-1, 3), mask[window].ravel()
            covariance = np.cov(c.T, bias=True) + softness * np.eye(3)
            slopes[y, x] = np.linalg.solve(
                covariance, (c * m[:, None]).mean(0) - c.mean(0) * m.mean()
            )
            bases[y, x] = m.mean() - slopes[y, x] @ c.mean(0)
    out = guided(mask, guide, radius, softness)
    for y, x in ((8, 8), (10, 6), (13, 9)):
        window = (slice(y - 2, y + 3), slice(x - 2, x + 3))
        expected = slopes[window].mean((0, 1)) @ colour[y, x] + bases[window].mean()
        assert out[y, x] == pytest.approx(np.clip(expected, 0, 1), abs=1e-3)


def test_a_photo_without_anyone_gives_the_default_skeleton():
    photo = Photo(np.full((60, 90, 3), 128, np.uint8))
    reading = red_reader().read(photo)
    assert not reading.found
    assert reading.pose == default_pose((90, 60))
    assert not reading.mask.pixels.any()
    assert max(reading.confidence) < 0.5


@pytest.mark.parametrize("size", [(32, 32), (12_000, 32), (32, 5_000), (4_000, 3_000)])
def test_tiny_huge_and_thin_photos_are_read(size):
    width, height = size
    box = (width // 4, height // 4, width // 4 + height // 2, height * 3 // 4)
    reading = red_reader().read(photo_with_red(width, height, box))
    assert reading.mask.size == size
    assert reading.pose.size == size
    assert len(reading.confidence) == 18


def test_a_model_file_round_trip_reads_the_same():
    torch.manual_seed(0)
    net = PersonNet(SMALL).eval()
    reader = load(card(), net.state_dict(), PLAIN)
    photo = Photo(np.random.default_rng(0).integers(0, 256, (100, 70, 3)).astype(np.uint8))
    window = Window.fit((0, 0, 70, 100), (64, 64))
    picture = torch.from_numpy(window.cut(photo.pixels)).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        expected, _ = peaks(net(picture).heat[0])
    look = reader.look(photo.pixels, window)
    assert look.xy == pytest.approx(window.to_photo(expected * 4), abs=1e-2)
    assert reader.read(photo).mask.size == (70, 100)


@pytest.mark.parametrize("kind", ["noise", "white", "black", "slope"])
def test_the_bundled_reader_finds_nobody_where_nobody_is(kind):
    slope = np.repeat(np.linspace(0, 255, 180).astype(np.uint8)[None, :, None], 240, 0)
    pictures = {
        "noise": np.random.default_rng(0).integers(0, 256, (240, 180, 3)),
        "white": np.full((240, 180, 3), 255),
        "black": np.zeros((240, 180, 3)),
        "slope": np.repeat(slope, 3, 2),
    }
    path = next(p for p in registry.bundled() if p.stem == registry.PERCEPTION_MODEL)
    assert path.stat().st_size <= 12_000_000
    reader = registry.build(weights.load(path), PLAIN)
    reading = reader.read(Photo(pictures[kind].astype(np.uint8)))
    assert not reading.found
    assert not reading.mask.pixels.any()
    assert reading.pose == default_pose((180, 240))


def test_two_people_side_by_side_are_not_mixed():
    pixels = np.full((200, 400, 3), 90, np.uint8)
    pixels[40:160, 40:100] = pixels[40:160, 250:310] = (250, 10, 10)
    reading = red_reader().read(Photo(pixels))
    nose = reading.pose["nose"]
    assert nose is not None
    assert nose == pytest.approx((280, 100), abs=8)
    seen = reading.mask.pixels > 127
    assert seen[:, 250:310].sum() > 10 * seen[:, 40:100].sum()


def test_other_tensors_are_refused():
    tensors = PersonNet(SMALL).state_dict()
    with pytest.raises(ModelError, match="test-reader"):
        load(card(PersonNetConfig(decoder=[16, 16, 8, 12], side=64)), tensors, PLAIN)
    with pytest.raises(ModelError, match="test-reader"):
        load(card(), {"x": torch.zeros(1)}, PLAIN)


@pytest.mark.parametrize(("kernel", "stride", "side"), [(3, 1, 9), (3, 2, 8), (5, 2, 9), (5, 1, 7)])
def test_the_fixed_depthwise_gradient_is_the_true_one(kernel, stride, side):
    torch.manual_seed(0)
    x = torch.randn(2, 6, side, side, dtype=torch.double, requires_grad=True)
    weight = torch.randn(6, 1, kernel, kernel, dtype=torch.double)
    bias = torch.randn(6, dtype=torch.double, requires_grad=True)
    mine = FixedDepthwise.apply(x, weight, bias, stride)
    theirs = F.conv2d(x, weight, bias, stride, kernel // 2, groups=6)
    assert torch.allclose(mine, theirs)
    seed = torch.randn_like(theirs)
    for a, b in zip(
        torch.autograd.grad(mine, (x, bias), seed),
        torch.autograd.grad(theirs, (x, bias), seed),
        strict=True,
    ):
        assert torch.allclose(a, b)


def test_published_lite0_weights_fold_into_the_encoder():
    torch.manual_seed(0)
    net = PersonNet(SMALL).eval()
    published: dict[str, Tensor] = {}

    def publish(conv: str, norm: str, module: Conv) -> None:
        wide = module.weight.shape[0]
        published[f"{conv}.weight"] = torch.randn_like(module.weight)
        for name in ("weight", "bias", "running_mean"):
            published[f"{norm}.{name}"] = torch.randn(wide)
        published[f"{norm}.running_var"] = torch.rand(wide) + 0.2

    publish("_conv_stem", "_bn0", net.encoder.stem)
    for i, block in enumerate(net.encoder.blocks):
        layers = list(block.layers)
        names = [("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")]
        names = [("_expand_conv", "_bn0"), *names][-len(layers) :]
        for (conv, norm), layer in zip(names, layers, strict=True):
            publish(f"_blocks.{i}.{conv}", f"_blocks.{i}.{norm}", layer)
    assert len(net.encoder.blocks) == sum(stage[2] for stage in STAGES)
    net.load_state_dict(from_lite0(published), strict=False)

    x = torch.randn(1, 96, 8, 8)
    norm = [
        published[f"_blocks.2._bn2.{n}"] for n in ("running_mean", "running_var", "weight", "bias")
    ]
    weight = published["_blocks.2._project_conv.weight"]
    x = torch.randn(1, weight.shape[1], 8, 8)
    with torch.no_grad():
        expected = F.batch_norm(F.conv2d(x, weight), *norm, eps=1e-3)
        assert torch.allclose(net.encoder.blocks[2].layers[2](x), expected, atol=1e-4)
