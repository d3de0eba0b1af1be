"""The published generator, its discriminator, and the nearest-neighbour loss."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from engine.painters.deformable.paper_network import PaperConfig, PaperGenerator, WholeNorm
from tests.unit.people import asymmetric_pose
from trainer.networks.nearest import nearest_loss
from trainer.networks.posegan import PoseDiscriminator


def joints(width, height, *shifts):
    pose = asymmetric_pose().resized((width, height))
    rows = [np.column_stack([pose.xy + s, pose.presence]) for s in shifts]
    return torch.tensor(np.stack(rows), dtype=torch.float32)


@pytest.mark.parametrize(
    ("height", "width", "warp", "millions"),
    [
        (256, 256, True, 82.08),
        (128, 64, True, 61.11),
        (256, 256, False, 48.66),
        (128, 64, False, 36.07),
    ],
)
def test_as_many_parameters_as_published(height, width, warp, millions):
    with torch.device("meta"):
        network = PaperGenerator(PaperConfig(height, width, warp=warp))
    count = sum(p.numel() for p in network.parameters()) / 1e6
    assert round(count, 2) == millions


def test_discriminator_has_as_many_parameters_as_published():
    with torch.device("meta"):
        network = PoseDiscriminator()
    assert round(sum(p.numel() for p in network.parameters()) / 1e6, 2) == 2.80


@pytest.mark.parametrize(("height", "width", "patches"), [(128, 64, 3), (256, 256, 49)])
def test_discriminator_judges_patches(height, width, patches):
    network = PoseDiscriminator(4)
    pictures, poses = torch.rand(2, 3, height, width), joints(width, height, 0, 3)
    assert network(pictures, poses, pictures, poses).shape == (2, patches)


def test_discriminator_looks_at_all_four_inputs():
    network = PoseDiscriminator(4)
    given = [torch.rand(1, 3, 128, 64), joints(64, 128, 0), torch.rand(1, 3, 128, 64)]
    given.append(joints(64, 128, 2))
    before = network(*given)
    for i in range(4):
        changed = [g + (5 if n == i else 0) for n, g in enumerate(given)]
        assert not torch.allclose(network(*changed), before)


@pytest.mark.parametrize(("alpha", "channels"), [(False, 3), (True, 4)])
@pytest.mark.parametrize("warp", [True, False])
def test_pictures_have_the_size_of_the_source(alpha, channels, warp):
    network = PaperGenerator(PaperConfig(128, 64, 4, warp, alpha)).eval()
    picture = torch.rand(2, 3, 128, 64) * 2 - 1
    made = network(picture, joints(64, 128, 0, 1), joints(64, 128, 2, -2))
    assert made.shape == (2, channels, 128, 64)
    assert made.abs().max() <= 1


def test_one_encoding_serves_many_poses():
    torch.manual_seed(0)
    network = PaperGenerator(PaperConfig(128, 64, 4)).eval()
    picture, source = torch.rand(1, 3, 128, 64) * 2 - 1, joints(64, 128, 0)
    encoded = network.encode(picture, source)
    kept = [layer.clone() for layer in encoded.layers]
    for shift in (0, 6):
        target = joints(64, 128, shift)
        torch.testing.assert_close(network.paint(encoded, target), network(picture, source, target))
    for layer, before in zip(encoded.layers, kept, strict=True):
        assert torch.equal(layer, before)


@pytest.mark.parametrize("warp", [True, False])
def test_a_batch_is_its_single_pictures(warp):
    torch.manual_seed(0)
    network = PaperGenerator(PaperConfig(64, 32, 4, warp)).eval()
    pictures = torch.rand(2, 3, 64, 32) * 2 - 1
    source, target = joints(32, 64, 0, 2), joints(32, 64, 4, -1)
    target[1, [4, 14], 2] = 0  # a wrist and an eye missing in one of them
    with torch.no_grad():
        together = network(pictures, source, target)
        for i in (0, 1):
            one = slice(i, i + 1)
            alone = network(pictures[one], source[one], target[one])
            torch.testing.assert_close(together[one], alone, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("warp", [True, False])
def test_every_parameter_learns(warp):
    torch.manual_seed(0)
    network = PaperGenerator(PaperConfig(64, 64, 4, warp, alpha=True))
    made = network(torch.rand(2, 3, 64, 64), joints(64, 64, 0, 1), joints(64, 64, 3, -3))
    (made * torch.rand_like(made)).sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_sizes_that_cannot_be_halved_are_refused():
    for height, width in ((100, 100), (128, 40), (32, 32)):
        with pytest.raises(ValueError, match="cannot be halved"):
            PaperGenerator(PaperConfig(height, width, 4))


def test_norm_is_over_channels_and_cells_with_the_epsilon_outside_the_root():
    x = torch.rand(2, 3, 4, 5) * 0.01
    found = WholeNorm()(x).detach().numpy()
    for i, sample in enumerate(x.numpy()):
        wanted = (sample - sample.mean()) / (sample.std() + 1e-3)
        np.testing.assert_allclose(found[i], wanted, atol=1e-4)


def neighbours_by_hand(painted, target, area):
    batch, _, height, width = painted.shape
    total, reach = 0.0, area // 2
    for b, row, column in np.ndindex(batch, height, width):
        distances = []
        for y in range(max(row - reach, 0), min(row + reach + 1, height)):
            for x in range(max(column - reach, 0), min(column + reach + 1, width)):
                distances.append(np.abs(painted[b, :, row, column] - target[b, :, y, x]).sum())
        total += min(distances)
    return total / (batch * height * width)


@pytest.mark.parametrize("area", [3, 5, 9])
@pytest.mark.parametrize("size", [(6, 9), (2, 3)])
def test_nearest_loss_is_the_loop(area, size):
    rng = np.random.default_rng(area)
    painted, target = rng.normal(size=(2, 2, 4, *size))
    found = nearest_loss(torch.tensor(painted), torch.tensor(target), area)
    assert float(found) == pytest.approx(neighbours_by_hand(painted, target, area), rel=1e-9)


def test_an_area_of_one_is_plain_l1():
    painted, target = torch.rand(2, 1, 4, 6, 6)
    assert float(nearest_loss(painted, target, 1)) == float(F.l1_loss(painted, target))


def test_small_shifts_are_forgiven_and_large_ones_are_not():
    target = torch.rand(1, 8, 20, 20)
    losses = [
        float(nearest_loss(target.roll(s, 3)[..., 4:-4], target[..., 4:-4], 5)) for s in (1, 2, 4)
    ]
    assert losses[0] < 0.2 * losses[2]
    assert losses[1] < 0.4 * losses[2]


def test_nearest_loss_has_exact_gradients():
    torch.manual_seed(0)
    painted, target = torch.rand(2, 1, 3, 5, 4, dtype=torch.float64).unbind(0)
    painted, target = painted.requires_grad_(), target.requires_grad_()
    assert torch.autograd.gradcheck(lambda a, b: nearest_loss(a, b, 3), (painted, target))


def test_an_even_area_is_refused():
    with pytest.raises(ValueError, match="odd"):
        nearest_loss(torch.rand(1, 1, 4, 4), torch.rand(1, 1, 4, 4), 4)
