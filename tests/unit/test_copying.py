"""The copying network and its painter: what is copied must arrive where it belongs."""

import numpy as np
import pytest
import torch

from engine.appearance import FromPhoto, Parts, Sampled
from engine.card import Card
from engine.errors import InputError, ModelError, Unsupported
from engine.framing import bled, cut_out, frame_window, person_frame
from engine.painters.base import Frame, Stopped
from engine.painters.deformable.copying import Choice, copy_at
from engine.painters.deformable.network import CopyConfig, CopyGenerator, Source, warp_layers
from engine.painters.deformable.painter import CopyPainter, load
from engine.painters.parts import PARTS
from engine.photo import Mask, Photo
from engine.runtime import Runtime
from engine.shapes.body import body_height, default_pose
from engine.shapes.pose import Presence
from tests.unit.people import asymmetric_pose, drawn_person

CHANNELS = (8, 8, 8, 8)


def never() -> bool:
    return False


def tiny_painter(side: int = 96) -> CopyPainter:
    torch.manual_seed(0)
    card = Card(id="tiny", architecture="deformable", title="", summary="", config={}, side=side)
    return CopyPainter(
        card, CopyGenerator(CopyConfig(CHANNELS)), Runtime(torch.device("cpu"), torch.float32)
    )


def test_an_untrained_network_is_a_puppet_of_the_source():
    """Training only repairs: at the first step the person is already there."""
    photo, mask, pose = drawn_person()
    painter = tiny_painter()
    prepared = painter.prepare(FromPhoto(photo, pose, mask))
    painted = painter.paint(pose, prepared, 96, never).pixels.astype(float)
    truth = cut_out(photo, mask, prepared.frame, 96).astype(float)
    inside = truth[..., 3] > 250
    assert np.abs(painted[..., :3] - truth[..., :3])[inside].mean() < 30
    assert painted[..., 3][inside].mean() > 180
    assert painted[..., 3][:8].max() < 60


def test_a_raised_forearm_is_painted_where_it_was_asked_for():
    photo, mask, pose = drawn_person()
    painter = tiny_painter()
    prepared = painter.prepare(FromPhoto(photo, pose, mask))
    elbow = np.array(pose["left_elbow"])
    raised = pose.moved(left_wrist=tuple(elbow + np.array([30, -25])))
    before, after = (painter.paint(p, prepared, 192, never).pixels for p in (pose, raised))
    to_frame = prepared.frame.matrix(192)
    x, y = (to_frame[:, :2] @ (elbow + np.array([18, -15])) + to_frame[:, 2]).astype(int)
    assert before[y, x, 3] < 100 < after[y, x, 3]
    green = after[y, x, :3].astype(int)
    assert green[1] > green[0] and green[1] > green[2]  # the drawn left forearm is green


def test_the_window_changes_nothing_that_it_shows():
    photo, mask, pose = drawn_person()
    frame = person_frame(pose, mask)
    rgba = torch.from_numpy(cut_out(photo, mask, frame, 96)).permute(2, 0, 1)[None].float() / 255
    joints = torch.tensor(pose.mapped(frame.matrix(96), (96, 96)).xy[None], dtype=torch.float32)
    source = Source.of(rgba, joints)
    whole = warp_layers(source, joints, 96, 96, 0)
    part = warp_layers(source, joints, 48, 32, 30, 20)
    for a, b in zip(whole, part, strict=True):
        torch.testing.assert_close(a[..., 20:68, 30:62], b, atol=1e-4, rtol=1e-3)


def test_batch_equals_single():
    torch.manual_seed(1)
    network = CopyGenerator(CopyConfig(CHANNELS)).eval()
    joints = torch.tensor(
        np.stack([default_pose((240, 220)).xy, asymmetric_pose().xy]) * 64 / 240,
        dtype=torch.float32,
    )
    source = Source.of(torch.rand(2, 4, 64, 64), joints)
    with torch.inference_mode():
        both = network(warp_layers(source, joints.flip(0), 64, 64, 0), source)
        for i in (0, 1):
            one = Source(*(t[i : i + 1] for t in source))
            alone = network(warp_layers(one, joints.flip(0)[i : i + 1], 64, 64, 0), one)
            torch.testing.assert_close(both.rgb[i : i + 1], alone.rgb, atol=2e-4, rtol=1e-3)


def choice_of(part: int, side: int = 32) -> Choice:
    layers = np.zeros((11, side, side), np.float32)
    layers[part] = 1
    ones = np.ones((side, side), np.float32)
    return Choice(layers, ones, np.zeros((side, side, 3), np.float32), 0, 0, side)


@pytest.mark.parametrize("scale", [1, 4, 7])
def test_identity_copies_the_photo_bit_for_bit_at_any_size(scale):
    side = 32 * scale
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    identity = np.tile(np.array([[1, 0, 0], [0, 1, 0]], np.float32), (10, 1, 1))
    out = copy_at(choice_of(PARTS.index("left_calf")), identity, [noise] * 10, never)
    np.testing.assert_array_equal(out[..., :3], noise)
    assert (out[..., 3] == 255).all()


def test_a_shift_is_carried_to_the_larger_size():
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    shift = np.tile(np.array([[1, 0, 2], [0, 1, -3]], np.float32), (10, 1, 1))
    out = copy_at(choice_of(1), shift, [noise] * 10, never)
    np.testing.assert_array_equal(out[20:, :110, :3], noise[8:116, 8:118])


def test_copying_stops_between_parts():
    noise = np.zeros((32, 32, 3), np.uint8)
    with pytest.raises(Stopped):
        copy_at(choice_of(0), np.zeros((10, 2, 3), np.float32), [noise] * 10, lambda: True)


def test_prepare_needs_a_marked_person():
    photo, mask, pose = drawn_person()
    empty = Mask(np.zeros_like(mask.pixels))
    for bad in (None, empty):
        with pytest.raises(InputError, match="Nobody"):
            tiny_painter().prepare(FromPhoto(photo, pose, bad))
    headless = pose.marked(Presence.missing, "left_hip")
    with pytest.raises(InputError, match="left hip"):
        tiny_painter().prepare(FromPhoto(photo, headless, mask))


def test_joints_far_outside_the_frame_still_paint():
    photo, mask, pose = drawn_person()
    painter = tiny_painter()
    prepared = painter.prepare(FromPhoto(photo, pose, mask))
    picture = painter.paint(pose.moved(left_wrist=(5000, -4000)), prepared, 96, never)
    assert picture.size == (96, 96)


def test_a_model_that_does_not_fit_its_card_is_refused():
    card = Card(
        id="x", architecture="deformable", title="", summary="", config={"channels": (8, 8, 8, 9)}
    )
    tensors = CopyGenerator(CopyConfig(CHANNELS)).state_dict()
    with pytest.raises(ModelError, match="does not fit"):
        load(card, tensors, Runtime(torch.device("cpu"), torch.float32))


def test_frames_sit_on_whole_pixels_and_hold_the_person():
    _, mask, pose = drawn_person((301, 517))
    frame = person_frame(pose, mask)
    assert all(float(v).is_integer() for v in (frame.left, frame.top, frame.side))
    ys, xs = np.nonzero(mask.pixels)
    assert frame.left <= xs.min() and xs.max() < frame.left + frame.side
    assert frame.top <= ys.min() and ys.max() < frame.top + frame.side
    assert 0.55 < (ys.max() - ys.min()) / frame.side < 0.93


def test_a_raised_hand_fits_into_the_frame():
    _, mask, pose = drawn_person((301, 517))
    frame = person_frame(pose, mask)
    shoulder, height = np.array(pose["left_shoulder"]), body_height(pose)
    assert shoulder[1] - 0.40 * height > frame.top  # arm and hand straight up
    assert pose["left_ankle"][1] + 0.08 * height < frame.top + frame.side


def test_frame_windows_reach_beyond_the_photo():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    window = frame_window(pixels, Frame(-1, 1, 4))
    expected = np.zeros((4, 4), np.uint8)
    expected[0:2, 1:4] = pixels[1:3, 0:3]
    np.testing.assert_array_equal(window, expected)


def test_bleeding_keeps_the_inside_and_removes_the_background():
    rgb = np.full((64, 64, 3), (0, 255, 0), np.uint8)
    alpha = np.zeros((64, 64), np.uint8)
    rgb[20:40, 20:40], alpha[20:40, 20:40] = (200, 30, 60), 255
    out = bled(rgb, alpha).astype(int)
    assert (np.abs(out - (200, 30, 60)) <= 1).all()


def test_photos_are_values():
    pixels = np.zeros((40, 40, 3), np.uint8)
    photo = Photo(pixels)
    pixels[0, 0] = 9
    assert photo == Photo(np.zeros((40, 40, 3), np.uint8))
    assert len({photo, Photo(np.zeros((40, 40, 3), np.uint8))}) == 1
    assert photo != Photo(pixels)
    with pytest.raises(InputError, match="30000"):
        Photo(np.zeros((40, 30000, 3), np.uint8))


def recoloured(photo: Photo) -> Photo:
    return Photo(255 - photo.pixels)


@pytest.mark.parametrize("region", ["torso", "arms", "feet"])
def test_a_region_is_copied_from_another_photo(region):
    """Against painting each photo alone: inside the region the other one, elsewhere the own."""
    photo, mask, pose = drawn_person()
    painter = tiny_painter()
    own, other = (FromPhoto(p, pose, mask) for p in (photo, recoloured(photo)))
    mixed, mine, theirs = (
        painter.paint(pose, painter.prepare(look), 192, never).pixels.astype(int)
        for look in (Parts(own, ((region, other),)), own, other)
    )
    firm = mine[..., 3] > 200
    to_mine, to_theirs = (np.abs(mixed - p)[..., :3].mean(2) for p in (mine, theirs))
    taken = firm & (to_theirs < to_mine)
    frame = painter.prepare(own).frame.matrix(192)
    names = {"torso": "neck", "arms": "left_elbow", "feet": "left_ankle"}
    spots = {r: (frame[:, :2] @ pose[n] + frame[:, 2]).astype(int) for r, n in names.items()}
    spots["torso"] += (0, 14)
    spots["feet"] += (0, 2)
    for name, (x, y) in spots.items():
        assert bool(taken[y - 1 : y + 2, x - 1 : x + 2].mean() > 0.5) == (name == region), name


def test_invented_looks_are_refused_by_name():
    _, _, pose = drawn_person()
    with pytest.raises(Unsupported, match="from photos only"):
        tiny_painter().prepare(Sampled(1, pose))
