"""The part-aligned VUNet as a painter: small random networks, and its prior without chance."""

from dataclasses import asdict

import msgspec
import numpy as np
import pytest
import torch

from engine.appearance import FromPhoto, Mix, Parts, Sampled
from engine.card import Card
from engine.errors import InputError, ModelError
from engine.painters.parts import REGIONS
from engine.painters.vunet.codes import Codes, between
from engine.painters.vunet.crops import CROPS
from engine.painters.vunet.network import PartVunet, VunetConfig
from engine.painters.vunet.painter import VunetPainter, crisper, load
from engine.painters.vunet.prior import LookPrior
from engine.photo import Mask
from engine.runtime import Runtime
from engine.shapes.body import default_pose
from tests.unit.people import drawn_person

TINY = VunetConfig((8, 8, 8, 8), (8, 8, 8, 8), 4, 2, 4, 16, 1)
CPU = Runtime(torch.device("cpu"), torch.float32)


def card(side: int = 64) -> Card:
    config = msgspec.json.decode(msgspec.json.encode(asdict(TINY)))  # as a model file has it
    return Card(id="x", architecture="vunet", title="X", summary="x", config=config, side=side)


@pytest.fixture(scope="module")
def painter() -> VunetPainter:
    torch.manual_seed(3)
    network = PartVunet(TINY)
    return load(card(), network.state_dict(), CPU)


def look(seed: int = 0) -> FromPhoto:
    photo, mask, pose = drawn_person()
    if seed:
        pixels = photo.pixels[..., ::-1].copy()
        photo = type(photo)(pixels)
    return FromPhoto(photo, pose, mask)


def features(painter: VunetPainter, appearance) -> np.ndarray:
    return painter.prepare(appearance).features.numpy()[0]


def test_the_person_stands_where_the_pose_is(painter):
    own = look()
    prepared = painter.prepare(own)
    picture = painter.paint(own.shape, prepared, 160, lambda: False)
    assert picture.size == (160, 160)
    x, y = own.shape.mapped(prepared.frame.matrix(160), (160, 160))["neck"] or (0, 0)
    assert picture.pixels[int(y) + 8, int(x), 3] > 200
    assert picture.pixels[4, 4, 3] < 30


def test_a_mix_goes_from_one_look_to_the_other(painter):
    a, b = look(), look(1)
    fa, fb = features(painter, a), features(painter, b)
    assert np.abs(fa - fb).max() > 1e-3
    np.testing.assert_allclose(features(painter, Mix(a, b, 0.0)), fa, atol=1e-5)
    np.testing.assert_allclose(features(painter, Mix(a, b, 1.0)), fb, atol=1e-5)
    halfway = features(painter, Mix(a, b, 0.5))
    assert min(np.abs(halfway - fa).max(), np.abs(halfway - fb).max()) > 1e-4


def test_a_region_comes_from_the_other_photo_and_nothing_else_does(painter):
    a, b = look(), look(1)
    fa, fb = features(painter, a), features(painter, b)
    for region, parts in REGIONS.items():
        mixed = features(painter, Parts(a, ((region, b),)))
        others = [i for i in range(len(CROPS)) if i not in parts]
        np.testing.assert_array_equal(mixed[list(parts)], fb[list(parts)])
        np.testing.assert_array_equal(mixed[others], fa[others])


def test_invented_looks_repeat_with_their_seed_and_pose(painter):
    pose = default_pose((240, 320))
    first, again = (features(painter, Sampled(5, pose)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - features(painter, Sampled(6, pose))).max() > 1e-3
    moved = pose.moved(right_wrist=(10.0, 20.0))
    assert np.abs(first - features(painter, Sampled(5, moved))).max() > 1e-6


def test_what_one_look_does_not_show_comes_from_the_other():
    def codes(value: float, unseen: int) -> Codes:
        known = torch.ones(1, 12, dtype=torch.bool)
        known[0, unseen] = False
        return Codes(torch.full((1, 12, 4), value), torch.full((1, 12, 2, 8, 8), value), known)

    mixed = between(codes(1.0, 3), codes(5.0, 7), 0.25)
    wanted = torch.full((12,), 2.0)
    wanted[3], wanted[7] = 5.0, 1.0
    torch.testing.assert_close(mixed.coarse[0, :, 0], wanted)
    torch.testing.assert_close(mixed.fine[0, :, 1, 4, 4], wanted)
    assert mixed.known.all()


def test_nobody_in_the_photo_is_an_error(painter):
    own = look()
    empty = Mask(np.zeros(own.photo.size[::-1], np.uint8))
    with pytest.raises(InputError, match="Nobody is marked"):
        painter.prepare(FromPhoto(own.photo, own.shape, empty))


@pytest.mark.parametrize("change", [{"coarse": 5}, {"channels": [8, 8]}])
def test_a_card_that_lies_is_an_error(change):
    wrong = msgspec.structs.replace(card(), config={**card().config, **change})
    with pytest.raises(ModelError, match="does not fit its own card"):
        load(wrong, PartVunet(TINY).state_dict(), CPU)


class _Knows(LookPrior):
    """Predicts the same codes whatever it is shown, off by (1 - time) x `off`."""

    def __init__(self, codes: torch.Tensor, off: float = 0.0) -> None:
        super().__init__(3, 4, 6, 16, 1)
        self.codes, self.off = codes, off

    def forward(self, noisy, time, pose, known):
        return self.codes.expand_as(noisy) + self.off * (1 - time[:, None, None])


def test_the_flow_ends_at_what_the_prior_predicts():
    codes = torch.randn(3, 10)
    prior = _Knows(codes)
    prior.spread.copy_(torch.tensor([2.0, 0.5]))
    coarse, fine = prior.sample(torch.zeros(2, 37), [1, 2])
    torch.testing.assert_close(coarse, (2.0 * codes[:, :4]).expand(2, -1, -1))
    torch.testing.assert_close(fine, (0.5 * codes[:, 4:]).expand(2, -1, -1))


def test_the_priors_loss_is_the_error_of_the_velocity():
    torch.manual_seed(0)
    codes = torch.randn(5, 3, 10)
    pose, known = torch.zeros(5, 37), torch.ones(5, 3, dtype=torch.bool)
    same = codes[:1].expand(5, -1, -1)
    assert float(_Knows(codes[0]).loss(same, pose, known, 4)) == pytest.approx(0, abs=1e-9)
    off = float(_Knows(codes[0], 3.0).loss(same, pose, known, 4))
    assert off == pytest.approx(9.0, rel=1e-3)  # no time of these draws is later than 0.95


def test_unknown_parts_do_not_reach_the_others():
    torch.manual_seed(1)
    prior = LookPrior(3, 4, 6, 16, 2)
    noisy, pose = torch.randn(1, 3, 10), torch.zeros(1, 37)
    known = torch.tensor([[True, False, True]])
    before = prior(noisy, torch.tensor([0.4]), pose, known)
    noisy[0, 1] += 10
    after = prior(noisy, torch.tensor([0.4]), pose, known)
    torch.testing.assert_close(before[0, [0, 2]], after[0, [0, 2]])


def test_softened_detail_is_made_clearer_but_flat_colours_and_the_outline_stay():
    rgba = np.full((20, 20, 4), 0.4, np.float32)
    rgba[..., 3] = 0
    rgba[4:16, 4:16, 3] = 1  # a person on the same grey...
    rgba[:4, :, :3] = 0  # ...with other colours outside
    rgba[8:12, 9:11, :3] = 0.6
    clear = crisper(rgba)
    flat = np.rint(rgba * 255).astype(np.uint8)
    assert (clear[..., 3] == flat[..., 3]).all()
    assert (clear[rgba[..., 3] == 0] == flat[rgba[..., 3] == 0]).all()
    assert (clear[4, 4:16, :3] == 102).all()  # next to the other colours
    assert (clear[8:12, 9:11, :3] > flat[8:12, 9:11, :3]).all()
    assert (clear[9:11, 8, :3] < 102).all()
