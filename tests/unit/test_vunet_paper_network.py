"""The published network: its size, its start from data, and what depends on what."""

import pytest
import torch
from torch.nn import functional as F

from engine.painters.vunet.paper_layers import (
    Block,
    NormedConv,
    from_groups,
    measuring,
    to_groups,
)
from engine.painters.vunet.paper_network import (
    GroupPrior,
    PaperVunet,
    PaperVunetConfig,
    divergences,
)

TINY = PaperVunetConfig(32, 1, 1, 4, 8, prior=32)
PAPER_128 = PaperVunetConfig(128, 1, 1)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def count(module):
    return sum(p.numel() for p in module.parameters())


def inputs(config, batch=2):
    shape = torch.randn(batch, config.shape_channels, config.size, config.size)
    crops = torch.randn(batch, config.crop_channels, config.crop_side, config.crop_side)
    return shape, crops


def ready(config=TINY):
    torch.manual_seed(0)
    network = PaperVunet(config)
    network.start_from(*inputs(config, 16))
    return network.eval().requires_grad_(False)


def test_parameters_are_as_many_as_published():
    with torch.device("meta"):
        large, small = PaperVunet(), PaperVunet(PAPER_128)
        base = PaperVunet(PaperVunetConfig(crops="feet", prior=160))
    assert count(large) == 47_272_966
    assert count(small) == 47_419_270
    parts = {
        n: count(getattr(large, n)) / 1e6 for n in ("enc_up", "enc_down", "dec_up", "dec_down")
    }
    published = {"enc_up": 2.07, "enc_down": 3.09, "dec_up": 2.25, "dec_down": 39.86}
    assert parts == pytest.approx(published, abs=0.005)
    assert sum(count(p) for p in large.dec_down.priors) / 1e6 == pytest.approx(33.7, abs=0.05)
    assert count(base) < 0.4 * count(large)


@pytest.mark.parametrize(
    ("config", "dimensions"), [(PaperVunetConfig(), 10_240), (PAPER_128, 2560)]
)
def test_latents_have_the_published_dimensions(config, dimensions):
    sides = config.latent_sides()
    assert sides == ([4, 8] if config.size == 256 else [2, 4])
    assert sum(config.widths()[-1] * side**2 for side in sides) == dimensions
    assert config.crop_side == 64
    assert config.crop_channels == 24
    assert config.scales == 7


def test_latents_have_the_configured_shapes():
    network = ready()
    shape, crops = inputs(TINY)
    look = network.encode(crops)
    assert [tuple(z.shape) for z in look] == [(2, 8, 2, 2), (2, 8, 4, 4)]
    assert [z.shape for z in network.sample(shape, [1, 2])] == [z.shape for z in look]
    assert network.transfer(crops, shape).shape == (2, 3, 32, 32)


def test_any_raster_can_be_the_shape():
    config = PaperVunetConfig(32, 1, 1, 4, 8, crops="whole", shape_channels=1, prior=16)
    network = ready(config)
    shape, crops = inputs(config)
    assert crops.shape == (2, 3, 16, 16)
    assert network.reconstruct(shape, crops).shape == (2, 3, 32, 32)


def test_the_divergence_is_that_of_two_normals():
    torch.manual_seed(1)
    found = ready()(*inputs(TINY))
    for kl, q, p in zip(divergences(found), found.posterior, found.prior, strict=True):
        mine, theirs = (torch.distributions.Normal(m.double(), 1.0) for m in (q, p))
        wanted = torch.distributions.kl_divergence(mine, theirs).sum((1, 2, 3)).mean()
        assert float(kl) == pytest.approx(float(wanted), rel=1e-5)
        assert float(kl) > 0


def test_every_layer_starts_with_unit_variance():
    torch.manual_seed(0)
    network = PaperVunet(TINY)
    shape, crops = inputs(TINY, 16)
    network.start_from(shape * 3 + 5, crops * 0.1)
    seen = []

    def note(module, _, made):
        seen.append((module, made.mean((0, 2, 3)), made.std((0, 2, 3), correction=0)))

    for module in network.modules():
        if isinstance(module, NormedConv):
            module.register_forward_hook(note)
    with torch.no_grad(), measuring(network):
        network(shape * 3 + 5, crops * 0.1)
    unused = 2 + 2  # the block that nothing reads, and the way up to it
    convs = [m for m in network.modules() if isinstance(m, NormedConv)]
    assert len({id(m) for m, _, _ in seen}) == len(convs) - unused + 1
    for _, mean, std in seen:
        torch.testing.assert_close(mean, torch.zeros_like(mean), atol=1e-4, rtol=0)
        torch.testing.assert_close(std, torch.ones_like(std), atol=1e-3, rtol=0)


def test_the_start_from_data_lasts():
    conv = NormedConv(3, 5)
    x = torch.randn(8, 3, 16, 16) * 7 + 2
    with measuring(conv):
        first = conv(x)
    torch.testing.assert_close(conv(x), first)
    torch.testing.assert_close(conv(x).var((0, 2, 3), correction=0), torch.ones(5))
    other = conv(10 * x)
    assert float(other.detach().std()) > 5


def test_a_channel_that_never_changes_stays_finite():
    conv = NormedConv(3, 5, 1)
    with measuring(conv):
        made = conv(torch.ones(4, 3, 8, 8))
    torch.testing.assert_close(made, torch.zeros_like(made), atol=1e-5, rtol=0)


def test_strides_are_padded_at_the_bottom_and_right():
    conv = NormedConv(1, 1, stride=2)
    with torch.no_grad():
        conv.v.zero_()
        conv.v[0, 0, 0, 0] = 1.0  # reads the upper left cell of its window
    x = torch.arange(16.0).view(1, 1, 4, 4)
    torch.testing.assert_close(conv(x)[0, 0], torch.tensor([[0.0, 2.0], [8.0, 10.0]]))
    with torch.no_grad():
        conv.v.zero_()
        conv.v[0, 0, 2, 2] = 1.0
    torch.testing.assert_close(conv(x)[0, 0], torch.tensor([[10.0, 0.0], [0.0, 0.0]]))


def test_weights_have_the_length_g():
    conv = NormedConv(4, 6)
    with torch.no_grad():
        conv.g.copy_(torch.arange(1.0, 7.0))
    x = torch.randn(2, 4, 8, 8)
    plain = torch.nn.utils.parametrizations.weight_norm(torch.nn.Conv2d(4, 6, 3, padding=1))
    plain.parametrizations.weight.original0.data = conv.g.data.view(6, 1, 1, 1)
    plain.parametrizations.weight.original1.data = conv.v.data
    plain.bias.data = conv.b.data
    torch.testing.assert_close(conv(x), plain(x))


def test_settled_weights_are_the_same():
    conv, x = NormedConv(4, 6), torch.randn(2, 4, 8, 8)
    before = conv(x)
    conv.settle()
    torch.testing.assert_close(conv(x), before)
    assert conv.v.numel() == 0


def test_a_block_adds_to_what_it_is_given():
    torch.manual_seed(0)
    block = Block(4, 6)
    x, skip = torch.randn(2, 4, 8, 8), torch.randn(2, 6, 8, 8)
    inner = torch.cat([x, block.skip(F.elu(skip))], 1)
    torch.testing.assert_close(block(x, skip), x + block.conv(F.elu(inner)))
    with torch.no_grad():
        block.conv.g.zero_()
    torch.testing.assert_close(block(x, skip), x)


def test_groups_are_the_pixels_of_each_cell():
    x = torch.arange(2 * 3 * 4 * 4.0).view(2, 3, 4, 4)
    groups = to_groups(x)
    for i, group in enumerate(groups):
        torch.testing.assert_close(group, x[:, :, i // 2 :: 2, i % 2 :: 2])
    torch.testing.assert_close(from_groups(groups), x)


@pytest.mark.parametrize("width", [32, 12])
@pytest.mark.parametrize("changed", range(4))
def test_a_group_depends_on_the_groups_before_it_only(changed, width):
    torch.manual_seed(0)
    prior = GroupPrior(8, width, 0.0)
    h, z = torch.randn(1, 8, 4, 4), torch.randn(1, 8, 4, 4)
    groups = to_groups(z)
    groups[changed] = groups[changed] + 1
    before, after = (to_groups(prior(h, known)[0]) for known in (z, from_groups(groups)))
    for i in range(4):
        assert torch.equal(before[i], after[i]) == (i <= changed)


def test_samples_are_means_and_noise_fed_back():
    """Feeding a sample back as if it were the posterior's gives the same means."""
    torch.manual_seed(0)
    prior = GroupPrior(8, 32, 0.0)
    h, noise = torch.randn(1, 8, 4, 4), torch.randn(1, 8, 4, 4)
    means, sample = prior(h, None, noise)
    torch.testing.assert_close(sample, means + noise)
    torch.testing.assert_close(prior(h, sample)[0], means)


def test_samples_repeat_with_their_seed():
    network = ready()
    shape, _ = inputs(TINY)
    first, again, other = (network.sample(shape, seeds) for seeds in ([3, 4], [3, 4], [4, 3]))
    for a, b, c in zip(first, again, other, strict=True):
        assert torch.equal(a, b)
        assert not torch.allclose(a[0], c[0])
    alone = network.sample(shape[:1], [3])
    torch.testing.assert_close(alone[0], first[0][:1])
    assert not torch.allclose(network.sample(shape.flip(0), [3, 4])[1], first[1])


def test_a_look_is_held_while_the_shape_moves():
    network = ready()
    shape, crops = inputs(TINY)
    look = network.encode(crops)
    torch.testing.assert_close(network.transfer(crops, shape), network.paint(shape, look))
    moved = network.paint(shape.flip(3), look)
    assert not torch.allclose(moved, network.paint(shape, look))
    other = network.paint(shape, network.encode(crops.flip(0)))
    assert not torch.allclose(other, network.paint(shape, look))


def test_painting_a_sample_is_what_training_paints():
    """The decoder of training and of painting agree."""
    network = ready()
    shape, crops = inputs(TINY)
    torch.manual_seed(5)
    found = network(shape, crops)
    torch.manual_seed(5)
    crops = crops.to(memory_format=torch.channels_last)  # noise follows the layout in memory
    _, samples = network.enc_down(network.enc_up(crops), 1.0)
    torch.testing.assert_close(network.paint(shape, samples), found.picture)


@pytest.mark.parametrize(
    "wrong", [{"size": 100}, {"crops": "hands"}, {"size": 8}, {"box_factor": 6}]
)
def test_sizes_that_no_network_has_are_refused(wrong):
    with pytest.raises(ValueError, match=r"no network|no room"):
        PaperVunetConfig(**wrong)
