"""Back into the photo: what stays bit for bit, what goes, and clean edges."""

import tracemalloc

import cv2
import numpy as np
import pytest
from people import asymmetric_pose, drawn_person

from engine.changed import changed
from engine.compose import Stage
from engine.errors import InputError
from engine.framing import cut_out, person_frame
from engine.painters.base import Frame
from engine.photo import Mask, Photo
from engine.picture import Picture
from engine.placing import resized
from engine.shapes.pose import INDEX, Pose

PARTS = {
    "right upper arm": ("right_shoulder", "right_elbow"),
    "right forearm": ("right_elbow", "right_wrist"),
    "left upper arm": ("left_shoulder", "left_elbow"),
    "left forearm": ("left_elbow", "left_wrist"),
    "right thigh": ("right_hip", "right_knee"),
    "right shin": ("right_knee", "right_ankle"),
    "left thigh": ("left_hip", "left_knee"),
    "left shin": ("left_knee", "left_ankle"),
    "torso": ("neck", "right_hip"),
    "head": ("nose", "nose"),
}


def staged(size=(240, 320), pose=None):
    photo, mask, pose = drawn_person(size, pose)
    frame = person_frame(pose, mask)
    return Stage.make(photo, mask, pose, frame), photo, mask, pose


def flood(stage, alpha=255):
    """A painter gone wild: its whole frame is magenta (or, with alpha 0, empty)."""
    side = int(stage.frame.side)
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[:] = (255, 0, 255, alpha)
    return Picture(pixels)


def middle(pose, part):
    a, b = (np.array(pose.xy[INDEX[j]]) for j in PARTS[part])
    return (a + b) / 2


def away(pose, joint, dx, dy):
    x, y = pose.xy[INDEX[joint]]
    return pose.moved(**{joint: (x + dx, y + dy)})


def differs(picture, photo):
    return (picture.pixels != photo.pixels).any(2)


def from_bone(pose, part, shape):
    """Distance of each pixel from a part's bone, by sampling the bone densely."""
    a, b = (np.array(pose.xy[INDEX[j]]) for j in PARTS[part])
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    points = [a + (b - a) * t for t in np.linspace(0, 1, 25)]
    return np.min([np.hypot(x - px, y - py) for px, py in points], axis=0)


def test_without_an_edit_it_is_the_photo():
    stage, photo, _, pose = staged()
    same = stage.composite(flood(stage), pose, None)
    assert np.array_equal(same.pixels, photo.pixels)
    small = stage.composite(flood(stage), pose, 100)
    assert np.array_equal(small.pixels, resized(Picture(photo.pixels), 100).pixels)


def test_without_an_edit_of_a_pose_that_lacks_joints_it_is_the_photo():
    photo, mask, whole = drawn_person()
    pose = Pose.of(photo.size, {n: whole[n] for n in INDEX if "ear" not in n and "wrist" not in n})
    stage = Stage.make(photo, mask, pose, person_frame(pose, mask))
    assert np.array_equal(stage.composite(flood(stage), pose, None).pixels, photo.pixels)


def test_a_wrist_leaves_everything_but_its_forearm():
    stage, photo, _, pose = staged(pose=asymmetric_pose((240, 320)))
    target = away(pose, "left_wrist", -10, 60)
    changes = differs(stage.composite(flood(stage), target, None), photo)
    tall, shape = 200, changes.shape
    for part in PARTS.keys() - {"left forearm", "left upper arm"}:
        # Also under a painter that covers everything, what lies nearest to another part stays.
        own = from_bone(pose, part, shape) < 0.02 * tall
        clear = np.minimum(*(from_bone(p, "left forearm", shape) for p in (pose, target)))
        assert not (changes & own & (clear > 0.10 * tall)).any(), part
    for stance in (pose, target):
        assert changes[from_bone(stance, "left forearm", shape) < 0.02 * tall].mean() > 0.9
    reach = np.minimum(*(from_bone(p, "left forearm", shape) for p in (pose, target)))
    assert not changes[reach > 0.40 * tall].any()  # the hand goes on beyond its wrist


@pytest.mark.parametrize(
    ("joint", "goes"),
    [
        ("right_wrist", {"right forearm"}),
        ("left_elbow", {"left upper arm", "left forearm"}),
        ("right_ankle", {"right shin"}),
        ("left_knee", {"left thigh", "left shin"}),
        ("nose", {"head"}),
        ("left_ear", {"head"}),
    ],
)
def test_which_parts_a_joint_carries(joint, goes):
    stage, photo, _, pose = staged((480, 640))
    changes = differs(stage.composite(flood(stage), away(pose, joint, 3, 2), None), photo)
    seen = set()
    for part in PARTS:
        x, y = middle(pose, part).astype(int)
        if changes[y, x]:
            seen.add(part)
    assert seen == goes


@pytest.mark.parametrize("joint", ["left_shoulder", "right_hip"])
def test_the_torso_goes_with_its_corners(joint):
    stage, photo, _, pose = staged((480, 640))
    changes = differs(stage.composite(flood(stage), away(pose, joint, 6, 4), None), photo)
    x, y = middle(pose, "torso").astype(int)
    assert changes[y, x]
    x, y = middle(pose, "right shin").astype(int)
    assert not changes[y, x]


def test_the_map_of_changes_has_the_place_and_size_of_the_part():
    pose = asymmetric_pose((240, 320))
    target = away(pose, "right_ankle", -30, 10)
    edit = changed(pose, target, (50, 10, 180, 200))
    assert edit is not None
    old, new = (m for i, m in enumerate(edit.maps((0, 0, 240, 320))) if i in (0, 2))
    for stance, found in ((pose, old), (target, new)):
        shin = from_bone(stance, "right shin", (320, 240))
        other = np.min([from_bone(stance, p, (320, 240)) for p in PARTS if p != "right shin"], 0)
        assert found[(shin < 5) & (other > 20)].min() > 0.95
        assert found[(other < 5) & (shin > 30)].max() < 0.05


def test_where_the_person_left_the_background_shows():
    stage, photo, mask, pose = staged()
    everything = pose.mapped(np.array([[1.0, 0, 4], [0, 1, 0]]), pose.size)
    bare = stage.composite(flood(stage, 0), everything, None).pixels.astype(int)
    height, width = bare.shape[:2]
    ramp = np.linspace(60, 180, width)[None, :] + np.linspace(0, 40, height)[:, None]
    gone = mask.pixels > 0
    assert np.abs(bare - ramp[..., None])[gone].mean() < 12
    assert (bare.max(2) - bare.min(2))[gone].max() < 25  # the wall is grey, every limb is not
    assert np.array_equal(bare[:, :20], photo.pixels[:, :20])


def with_thing(at, radius, size=(480, 640)):
    """The drawn person, and a round green thing that the mask counts as theirs."""
    photo, mask, pose = drawn_person(size)
    pixels, marks = photo.pixels.copy(), mask.pixels.copy()
    place = tuple(int(v) for v in np.add(*at(pose)))
    for canvas, ink in ((pixels, (20, 200, 30)), (marks, 255)):
        cv2.circle(canvas, place, radius, ink, -1)
    thing = cv2.circle(np.zeros(marks.shape, np.uint8), place, radius, 1, -1) > 0
    found, person = Photo(pixels), Mask(marks)
    return Stage.make(found, person, pose, person_frame(pose, person)), found, pose, thing


def test_a_bag_goes_with_the_hand_that_held_it():
    stage, photo, pose, bag = with_thing(lambda p: (p.xy[INDEX["left_wrist"]], (26, 58)), 32)
    target = away(away(pose, "left_elbow", 60, -150), "left_wrist", 70, -330)
    empty = stage.composite(flood(stage, 0), target, None)
    assert differs(empty, photo)[bag].mean() > 0.98
    assert (empty.pixels[bag].max(1) - empty.pixels[bag].min(1)).max() < 40  # nothing green


def test_a_bag_that_leans_on_a_leg_stays_whole():
    stage, photo, pose, bag = with_thing(lambda p: (p.xy[INDEX["left_knee"]], (44, 12)), 40)
    held = from_bone(pose, "left forearm", bag.shape) < 0.08 * 400
    for target in (away(pose, "left_wrist", 40, -90), away(pose, "left_wrist", -60, -40)):
        for alpha in (0, 255):
            after = stage.composite(flood(stage, alpha), target, None)
            clear = bag & ~held & (from_bone(target, "left forearm", bag.shape) > 0.2 * 400)
            assert clear.sum() > 1500 and not (differs(after, photo) & clear).any()


@pytest.mark.parametrize("joint", ["right_ankle", "right_wrist"])
def test_what_never_hung_on_the_moved_part_stays(joint):
    stage, photo, pose, disc = with_thing(lambda p: (p.xy[INDEX["left_elbow"]], (150, -20)), 36)
    for alpha in (0, 255):
        after = stage.composite(flood(stage, alpha), away(pose, joint, -40, -30), None)
        assert not differs(after, photo)[disc].any()
        x, y = middle(pose, "left thigh").astype(int)
        assert np.array_equal(after.pixels[y, x], photo.pixels[y, x])


def soft_person(size, pose, back):
    """Ground truth: a figure with properly mixed edge pixels on a background; and its share."""
    _, mask, _ = drawn_person((size[0] * 4, size[1] * 4), pose.resized((size[0] * 4, size[1] * 4)))
    share = cv2.resize(mask.pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    colour = np.array((150, 60, 40), np.float32)
    photo = back * (1 - share[..., None]) + colour * share[..., None]
    return np.rint(photo).astype(np.uint8), np.rint(share * 255).astype(np.uint8)


@pytest.mark.parametrize("wall", [(235, 235, 240), (12, 14, 10)])
def test_edges_carry_no_fringe_of_the_old_background(wall):
    size = (300, 400)
    pose = drawn_person(size)[2]
    back = np.empty((size[1], size[0], 3), np.float32)
    back[:] = wall
    source, share = soft_person(size, pose, back)
    target = away(away(pose, "left_wrist", 70, -110), "left_elbow", 30, -50)
    photo, mask = Photo(source), Mask(np.where(share > 127, 255, 0).astype(np.uint8))
    frame = Frame(-60, 0, 400)
    truth, painted = soft_person(size, target, back)
    # The painter's picture: its edge pixels are mixed with the *other* extreme, as a cut-out from a
    # differently lit place would be.
    rgba = np.zeros((400, 400, 4), np.uint8)
    mixed, _ = soft_person(size, target, 255 - back)
    rgba[:, 60:360, :3] = np.where(painted[..., None] > 250, truth, mixed)
    rgba[:, 60:360, 3] = painted
    stage = Stage.make(photo, mask, pose, frame)
    wrong = stage.composite(Picture(rgba), target, None).pixels.astype(int) - truth
    edge = cv2.dilate(np.asarray((painted > 0) & (painted < 255), np.uint8), np.ones((5, 5)))
    error = np.abs(wrong).max(2)
    assert np.percentile(error[edge > 0], 95) < 60
    assert error[edge > 0].mean() < 10
    left = (share > 0) & (painted == 0)  # no ghost of the old arm's outline
    assert error[left].max() < 30


def test_a_picture_of_another_size_lands_at_the_same_place():
    stage, photo, mask, pose = staged((480, 640))
    target = away(pose, "left_wrist", 40, -60)
    side = int(stage.frame.side)
    rgba = cut_out(photo, mask, stage.frame, side)
    own = stage.composite(Picture(rgba), target, None).pixels.astype(int)
    for other in (side // 2, side * 2 - 1):
        picture = Picture(
            np.asarray(cv2.resize(rgba, (other, other), interpolation=cv2.INTER_AREA))
        )
        assert np.abs(stage.composite(picture, target, None).pixels - own).mean() < 0.6
    view = stage.composite(Picture(rgba), target, 320).pixels
    assert view.shape == (320, 240, 3)
    small = cv2.resize(own.astype(np.uint8), (240, 320), interpolation=cv2.INTER_AREA)
    assert np.abs(view.astype(int) - small).mean() < 1.5


def test_same_inputs_same_bytes():
    results = []
    for _ in range(2):
        stage, _, _, pose = staged()
        target = away(pose, "right_wrist", -40, -80)
        stage.composite(flood(stage, 0), target, 200)
        results.append([stage.composite(flood(stage, 0), target, n).pixels for n in (None, 200)])
    assert all(np.array_equal(a, b) for a, b in zip(*results, strict=True))


def test_a_frame_that_sticks_out_and_joints_outside():
    whole, marks, pose = drawn_person((240, 320))
    cut = (60, 40, 150, 250)  # feet, an arm and the top of the head are outside
    photo = Photo(whole.pixels[cut[1] : cut[3], cut[0] : cut[2]])
    mask = Mask(marks.pixels[cut[1] : cut[3], cut[0] : cut[2]])
    inside = pose.mapped(np.array([[1.0, 0, -60], [0, 1, -40]]), photo.size)
    stage = Stage.make(photo, mask, inside, Frame(-80, -60, 340))
    for joint in ("left_wrist", "right_ankle", "nose", "neck"):
        target = away(inside, joint, 500, -900)
        for alpha in (0, 255):
            assert stage.composite(flood(stage, alpha), target, None).size == photo.size
    far = inside.mapped(np.array([[1.0, 0, 5000], [0, 1, 0]]), photo.size)
    gone = stage.composite(flood(stage, 0), far, None)
    assert differs(gone, photo).any()


@pytest.mark.parametrize("size", [(32, 32), (33, 400), (400, 33)])
def test_tiny_and_narrow_photos(size):
    stage, photo, _, pose = staged(size)
    target = away(pose, "left_wrist", 3, -4)
    for longest in (None, 20, 50):
        out = stage.composite(flood(stage), target, longest)
        assert max(out.size) == (longest or max(photo.size))


def test_a_mask_that_marks_nobody_bares_nothing():
    photo, _, pose = drawn_person()
    nobody = Mask(np.zeros((320, 240), np.uint8))
    stage = Stage.make(photo, nobody, pose, person_frame(pose))
    out = stage.composite(flood(stage, 0), away(pose, "nose", 9, 9), None)
    assert np.array_equal(out.pixels, photo.pixels)


def test_a_pose_without_hips_is_refused():
    photo, mask, _ = drawn_person()
    headless = Pose.of(photo.size, {"nose": (100, 50), "neck": (100, 80)})
    with pytest.raises(InputError, match="hip"):
        Stage.make(photo, mask, headless, Frame(0, 0, 320))
    stage = staged()[0]
    with pytest.raises(InputError, match="hip"):
        stage.composite(flood(stage), headless, None)


def test_a_large_photo_costs_no_more_memory_than_its_changed_rectangle():
    photo, mask, pose = drawn_person((240, 320))
    large = np.zeros((1600, 12_000, 3), np.uint8)
    large[1000:1320, 5000:5240] = photo.pixels
    marks = np.zeros(large.shape[:2], np.uint8)
    marks[1000:1320, 5000:5240] = mask.pixels
    there = pose.mapped(np.array([[1.0, 0, 5000], [0, 1, 1000]]), (12_000, 1600))
    big, who = Photo(large), Mask(marks)
    stage = Stage.make(big, who, there, person_frame(there, who))
    target = away(there, "left_wrist", 30, -80)
    tracemalloc.start()
    out = stage.composite(flood(stage, 0), target, None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak - out.pixels.nbytes < 60_000_000
    assert stage.nbytes < 10_000_000
    rows, columns = np.nonzero(differs(out, big))
    assert rows.min() > 900 and columns.min() > 4900 and columns.max() < 5400


def test_views_are_counted():
    stage, _, _, pose = staged()
    before = stage.nbytes
    target = away(pose, "left_wrist", 3, -4)
    for longest in (100, 120, 140, 160):
        stage.composite(flood(stage, 0), target, longest)
    after = stage.nbytes
    assert before < after < before + 3_000_000
