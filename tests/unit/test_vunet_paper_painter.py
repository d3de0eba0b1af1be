"""The published VUNet as a painter: small random networks, drawn people."""

from dataclasses import asdict

import msgspec
import numpy as np
import pytest
import torch

from engine import registry, weights
from engine.appearance import FromPhoto, Mix, Parts, Sampled
from engine.card import Card
from engine.errors import InputError, ModelError, Unsupported
from engine.painters.base import Stopped
from engine.painters.vunet.paper_network import PaperVunet, PaperVunetConfig
from engine.painters.vunet.paper_painter import Crops, crop_maps, load
from engine.painters.vunet.paper_shape import CROPS
from engine.photo import Photo
from engine.runtime import Runtime
from engine.shapes.body import default_pose
from engine.shapes.pose import Presence
from tests.unit.people import asymmetric_pose, drawn_person

CPU = Runtime(torch.device("cpu"), torch.float32)
TINY = PaperVunetConfig(64, 1, 1, 4, 8, "feet", prior=16, whole=False)
ARCHITECTURES = (
    registry.Architecture("vunet-paper", "painter", "engine.painters.vunet.paper_painter"),
)


def card(config=TINY, **changes):
    return Card(
        id="paper-test",
        architecture="vunet-paper",
        title="Test",
        summary="A test.",
        config=msgspec.json.decode(msgspec.json.encode(asdict(config))),
        side=config.size,
        alpha=False,
        **changes,
    )


def network(config=TINY):
    torch.manual_seed(0)
    made = PaperVunet(config)
    shape = torch.rand(8, 3, config.size, config.size) * 2 - 1
    crops = torch.rand(8, config.crop_channels, config.crop_side, config.crop_side) * 2 - 1
    made.start_from(shape, crops)
    return made


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Networks this small only lose time on more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def painter(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "paper.safetensors"
    weights.save(path, card(), network().state_dict())
    return registry.build(weights.load(path), CPU, ARCHITECTURES)


def look(turned=False):
    photo, mask, pose = drawn_person()
    return FromPhoto(Photo(photo.pixels[..., ::-1]) if turned else photo, pose, mask)


def latents(painter, appearance):
    return torch.cat([z.flatten() for z in painter.prepare(appearance).latents]).numpy()


def test_the_person_stands_where_the_pose_is(painter):
    own = look()
    prepared = painter.prepare(own)
    target = own.shape.moved(left_wrist=(200, 60))
    picture = painter.paint(target, prepared, 160, lambda: False)
    assert picture.size == (160, 160)
    x, y = own.shape.mapped(prepared.frame.matrix(160), (160, 160))["neck"]
    assert picture.pixels[int(y) + 8, int(x), 3] > 200
    assert picture.pixels[4, 4, 3] < 30
    again = painter.paint(target, painter.prepare(own), 160, lambda: False)
    np.testing.assert_array_equal(picture.pixels, again.pixels)
    other = painter.paint(own.shape, prepared, 160, lambda: False)
    assert (other.pixels != picture.pixels).any()
    assert prepared.nbytes == 4 * 8 * (2 * 2 + 4 * 4)


def test_painting_is_the_network_on_figure_and_crops(painter):
    """A look moved onto another photo's frame is what `transfer` paints."""
    from engine.painters.backgrounds import with_background
    from engine.painters.vunet.paper_painter import signed
    from engine.painters.vunet.paper_shape import part_crops, stickman

    own = look()
    prepared = painter.prepare(own)
    pose = own.shape.mapped(prepared.frame.matrix(64), (64, 64))
    pixels = with_background(own.photo, prepared.frame, 64)
    maps = crop_maps(Crops(*part_crops(pixels, pose, CROPS["feet"], 32)), "feet")
    target = asymmetric_pose(own.photo.size)
    figure = signed(stickman(target.mapped(prepared.frame.matrix(64), (64, 64))))
    with torch.inference_mode():
        wanted = network().eval().transfer(maps[None], figure[None])[0]
    painted = painter.paint(target, prepared, 64, lambda: False).pixels[..., :3]
    expected = (wanted * 127.5 + 127.5).clamp(0, 255).permute(1, 2, 0).numpy()
    assert np.abs(painted - expected).max() < 2


def test_a_mix_goes_from_one_look_to_the_other(painter):
    a, b = look(), Sampled(3, default_pose((240, 320)))
    za, zb = latents(painter, a), latents(painter, b)
    assert np.abs(za - zb).max() > 1e-2
    for t in (0.0, 0.25, 1.0):
        np.testing.assert_allclose(latents(painter, Mix(a, b, t)), za + t * (zb - za), atol=1e-5)


def test_invented_looks_repeat_with_their_seed_and_pose(painter):
    pose = default_pose((240, 320))
    first = latents(painter, Sampled(5, pose))
    np.testing.assert_array_equal(first, latents(painter, Sampled(5, pose)))
    assert np.abs(first - latents(painter, Sampled(6, pose))).max() > 1e-2
    moved = pose.moved(right_wrist=(10.0, 20.0))
    assert np.abs(first - latents(painter, Sampled(5, moved))).max() > 1e-6


def test_all_regions_of_another_look_are_that_look(painter):
    a, b = look(), look(turned=True)
    za, zb = latents(painter, a), latents(painter, b)
    regions = ("head", "torso", "arms", "legs", "feet")
    some = latents(painter, Parts(a, (("legs", b),)))
    assert min(np.abs(some - z).max() for z in (za, zb)) > 1e-4
    every = latents(painter, Parts(a, tuple((region, b) for region in regions)))
    np.testing.assert_allclose(every, zb, atol=1e-5)
    own = latents(painter, Parts(a, tuple((region, a) for region in regions)))
    np.testing.assert_allclose(own, za, atol=1e-5)


def test_each_region_takes_its_own_crops(painter):
    wanted = {
        "head": {"head"},
        "torso": {"torso"},
        "arms": {f"{s}_{p}" for s in ("left", "right") for p in ("upper_arm", "forearm")},
        "legs": {f"{s}_{p}" for s in ("left", "right") for p in ("thigh", "shin")},
        "feet": {"left_foot", "right_foot"},
    }
    names = CROPS["feet"]
    count = len(names)
    mine = Crops(np.zeros((count, 2, 2, 3), np.uint8), np.ones(count, np.uint8))
    theirs = Crops(np.full((count, 2, 2, 3), 9, np.uint8), np.ones(count, np.uint8))
    theirs.there[names.index("left_foot")] = 0  # not shown there, so kept
    for region, parts in wanted.items():
        made = painter._exchanged(mine, theirs, region)
        taken = {name for name, crop in zip(names, made.pixels, strict=True) if crop.any()}
        assert taken == parts - {"left_foot"}


def test_parts_of_invented_and_mixed_looks_are_taken_from_their_picture(painter):
    own, thrown = look(), Sampled(3, default_pose((240, 320)))
    before = latents(painter, own)
    for other in (thrown, Mix(own, thrown, 0.5), Parts(thrown, (("head", own),))):
        made = latents(painter, Parts(own, (("torso", other),)))
        assert np.abs(made - before).max() > 1e-4


def test_missing_crops_are_grey_and_marked():
    pixels = np.full((12, 4, 4, 3), 255, np.uint8)
    there = np.ones(12, np.uint8)
    there[2] = 0
    maps = crop_maps(Crops(pixels, there), "feet").unflatten(0, (12, 4))
    assert (maps[2] == 0).all()
    assert (maps[1] == 1).all()
    plain = crop_maps(Crops(pixels[:8], there[:8]), "published")
    assert plain.shape == (24, 4, 4)
    assert (plain[6:9] == 0).all()


def test_published_crops_know_no_feet():
    config = PaperVunetConfig(64, 1, 1, 4, 8, prior=16)
    painter = load(card(config), network(config).state_dict(), CPU)
    with pytest.raises(Unsupported, match="feet"):
        painter.prepare(Parts(look(), (("feet", look(turned=True)),)))


def test_square_photos_are_taken_whole_where_training_did():
    config = PaperVunetConfig(64, 1, 1, 4, 8, prior=16)
    painter = load(card(config), network(config).state_dict(), CPU)
    photo, mask, pose = drawn_person((200, 200))
    assert painter.prepare(FromPhoto(photo, pose, mask)).frame.side == 200
    assert painter.prepare(Sampled(1, pose)).frame.side == 200
    tall = drawn_person((200, 300))
    assert painter.prepare(FromPhoto(tall[0], tall[2], tall[1])).frame.side != 300


def test_unusable_input_is_named(painter):
    own = look()
    hipless = own.shape.marked(Presence.missing, "left_hip")
    with pytest.raises(InputError, match="left hip"):
        painter.prepare(FromPhoto(own.photo, hipless, own.mask))
    prepared = painter.prepare(own)
    with pytest.raises(InputError, match="left hip"):
        painter.paint(hipless, prepared, 64, lambda: False)
    with pytest.raises(Stopped):
        painter.paint(own.shape, prepared, 64, lambda: True)


def test_wrong_weights_and_configs_are_model_errors():
    tensors = network().state_dict()
    fewer = {name: value for name, value in tensors.items() if name != "dec_down.last.b"}
    good = card()
    for wrong, given in (
        (good, fewer),
        (msgspec.structs.replace(good, side=128), tensors),
        (msgspec.structs.replace(good, config={"sides": 64}), tensors),
        (msgspec.structs.replace(good, config=good.config | {"size": 65}), tensors),
        (msgspec.structs.replace(good, config=good.config | {"channels": 8}), tensors),
    ):
        with pytest.raises(ModelError, match="paper-test"):
            load(wrong, given, CPU)
