"""The published generator, its discriminator and its loss: sizes, counts, numbers, gradients."""

import numpy as np
import pytest
import torch
from people import asymmetric_pose
from test_paper_geometry import joints

from engine.painters.deformable.paper_network import PaperConfig, PaperGenerator, WholeNorm
from engine.shapes.body import default_pose
from engine.shapes.pose import Presence
from trainer.networks.nearest import nearest_loss
from trainer.networks.posegan import PoseDiscriminator

SIZE = (32, 64)


def millions(module: torch.nn.Module) -> float:
    return round(sum(p.numel() for p in module.parameters()) / 1e6, 2)


@pytest.mark.parametrize(
    ("config", "count"),
    [
        (PaperConfig(128, 64), 61.11),
        (PaperConfig(256, 256), 82.08),
        (PaperConfig(128, 64, warp=False), 36.07),
        (PaperConfig(256, 256, warp=False), 48.66),
    ],
)
def test_parameter_counts_are_the_published_ones(config, count):
    with torch.device("meta"):
        assert millions(PaperGenerator(config)) == count


@pytest.mark.parametrize(("size", "patches"), [((128, 64), 3), ((256, 256), 49)])
def test_discriminator_has_the_published_count_and_outputs(size, patches):
    with torch.device("meta"):
        judge = PoseDiscriminator()
        picture, pose = torch.empty(2, 3, *size), torch.empty(2, 18, 3)
        assert judge(picture, pose, picture, pose).shape == (2, patches)
    assert millions(judge) == 2.80


def test_discriminator_looks_at_every_input():
    torch.manual_seed(0)
    judge = PoseDiscriminator(4)
    poses = joints(default_pose((64, 128)), asymmetric_pose().resized((64, 128)))
    given = [torch.rand(1, 3, 128, 64), poses[:1], torch.rand(1, 3, 128, 64), poses[1:]]
    score = judge(*given)
    for i, other in enumerate((given[2], poses[1:], given[0], poses[:1])):
        changed = [*given[:i], other, *given[i + 1 :]]
        assert (judge(*changed) - score).abs().max() > 1e-4


@pytest.mark.parametrize("size", [(48, 48), (32, 32), (128, 62)])
def test_sizes_that_cannot_be_halved_are_refused(size):
    with pytest.raises(ValueError, match="cannot be halved"):
        PaperGenerator(PaperConfig(*size, channels=4))


def test_norm_is_over_all_channels_and_cells():
    norm = WholeNorm()
    torch.nn.init.constant_(norm.gain, 1.5)
    torch.nn.init.constant_(norm.bias, -0.25)
    x = torch.randn(2, 3, 5, 4) * 0.01 + 2
    for mine, plain in zip(norm(x).detach().numpy(), x.numpy(), strict=True):
        expected = (plain - plain.mean()) / (plain.std() + 1e-3) * 1.5 - 0.25
        np.testing.assert_allclose(mine, expected, rtol=1e-3, atol=1e-3)
    assert [p.ndim for p in norm.parameters()] == [0, 0]


@pytest.mark.parametrize("warp", [True, False])
@pytest.mark.parametrize("alpha", [True, False])
def test_gradients_reach_every_weight(warp, alpha):
    torch.manual_seed(0)
    network = PaperGenerator(PaperConfig(64, 32, channels=4, warp=warp, alpha=alpha))
    source = joints(default_pose(SIZE), asymmetric_pose().resized(SIZE))
    painted = network(torch.rand(2, 3, 64, 32) * 2 - 1, source, source.flip(0))
    assert painted.shape == (2, 4 if alpha else 3, 64, 32)
    assert float(painted.detach().abs().max()) <= 1
    painted.square().mean().backward()
    for name, parameter in network.named_parameters():
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("warp", [True, False])
def test_a_batch_is_its_single_pictures(warp):
    torch.manual_seed(0)
    network = PaperGenerator(PaperConfig(64, 32, channels=4, warp=warp)).eval()
    pictures = torch.rand(2, 3, 64, 32) * 2 - 1
    a = default_pose(SIZE)
    b = asymmetric_pose().resized(SIZE).marked(Presence.missing, "left_wrist", "right_ear")
    with torch.no_grad():
        together = network(pictures, joints(a, b), joints(b, a))
        for i, (source, target) in enumerate(((a, b), (b, a))):
            alone = network(pictures[i : i + 1], joints(source), joints(target))
            torch.testing.assert_close(together[i : i + 1], alone, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("area", [3, 5])
def test_nearest_loss_is_the_naive_loop(area):
    rng = np.random.default_rng(area)
    painted, truth = rng.normal(size=(2, 2, 4, 7, 6)).astype(np.float32)
    margin, least = area // 2, []
    for b, row, column in np.ndindex(2, 7, 6):
        distances = [
            np.abs(painted[b, :, row, column] - truth[b, :, i, j]).sum()
            for i in range(max(row - margin, 0), min(row + margin + 1, 7))
            for j in range(max(column - margin, 0), min(column + margin + 1, 6))
        ]
        least.append(min(distances))
    found = nearest_loss(torch.tensor(painted), torch.tensor(truth), area)
    assert float(found) == pytest.approx(np.mean(least), rel=1e-5)


def test_nearest_loss_has_the_numerical_gradient():
    torch.manual_seed(0)
    pair = [(torch.rand(1, 3, 5, 5, dtype=torch.float64) * 4).requires_grad_() for _ in range(2)]
    slopes = torch.autograd.grad(nearest_loss(*pair, 3), pair)
    for i, slope in enumerate(slopes):
        step = torch.randn_like(pair[i]) * 1e-6
        ahead, behind = list(pair), list(pair)
        ahead[i], behind[i] = pair[i] + step, pair[i] - step
        with torch.no_grad():
            change = float(nearest_loss(*ahead, 3) - nearest_loss(*behind, 3)) / 2
        assert float((slope * step).sum()) == pytest.approx(change, rel=1e-4)


def test_nearest_loss_forgives_a_shift_and_area_one_does_not():
    torch.manual_seed(0)
    truth = torch.rand(1, 3, 12, 12)
    shifted = truth.roll(1, 3)
    inside = slice(2, 10)
    edge = float(nearest_loss(shifted[..., inside], truth[..., inside], 3))
    assert edge < 0.3 * float(nearest_loss(shifted, truth, 1)) * 3
    torch.testing.assert_close(nearest_loss(shifted, truth, 1), (shifted - truth).abs().mean())
    assert float(nearest_loss(truth, truth, 3)) == 0


@pytest.mark.parametrize("area", [0, 2])
def test_nearest_loss_refuses_even_areas(area):
    with pytest.raises(ValueError, match="odd"):
        nearest_loss(torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 4, 4), area)
