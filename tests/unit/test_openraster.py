"""Layers of a picture: exact on their background, and an OpenRaster file as others read it."""

import io
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from engine.appearance import FromPhoto, Sampled
from engine.errors import InputError
from engine.layers import layers_of, lifted
from engine.openraster import Layer, layers_for, save_openraster
from engine.photo_files import open_photo, png_bytes
from engine.picture import Picture
from engine.request import Quality, Request, Scene
from engine.session import Session, never
from engine.shapes.pose import Presence
from engine.skeleton import drawn_skeleton
from tests.unit.fake_models import ARCHITECTURES, painter_file, reader_file
from tests.unit.people import drawn_person
from tests.unit.test_cli import ROOT

PHOTO, MASK, POSE = drawn_person()
MOVED = POSE.moved(left_wrist=(200.0, 60.0))
OWN = FromPhoto(PHOTO, POSE, MASK)


@pytest.fixture
def session(tmp_path):
    return Session("cpu", [painter_file(tmp_path), reader_file(tmp_path)], ARCHITECTURES)


def over(bottom, top):
    """Porter and Duff's source-over on straight alpha, in double precision."""
    b, t = bottom.astype(np.float64) / 255, top.astype(np.float64) / 255
    share = t[..., 3:]
    alpha = share + b[..., 3:] * (1 - share)
    colour = t[..., :3] * share + b[..., :3] * b[..., 3:] * (1 - share)
    colour = np.divide(colour, alpha, where=alpha > 0, out=np.zeros_like(colour))
    return np.rint(np.concatenate([colour, alpha], 2) * 255).astype(np.uint8)


def rgba(pixels):
    return np.array(Image.fromarray(pixels).convert("RGBA"))


class Opened:
    """An .ora file as the specification tells how to read it."""

    def __init__(self, path):
        self.archive = zipfile.ZipFile(path)
        root = ElementTree.fromstring(self.archive.read("stack.xml"))
        assert root.tag == "image" and root.get("version") == "0.0.3"
        self.size = int(root.get("w")), int(root.get("h"))
        (stack,) = root
        assert stack.tag == "stack"
        self.layers = list(stack)
        self.names = [layer.get("name") for layer in self.layers]

    def image(self, name):
        with Image.open(io.BytesIO(self.archive.read(name))) as image:
            assert image.format == "PNG"
            return np.array(image.convert("RGBA"))

    def layer(self, element):
        canvas = Image.new("RGBA", self.size)
        piece = Image.fromarray(self.image(element.get("src")))
        canvas.paste(piece, (int(element.get("x")), int(element.get("y"))))
        return np.array(canvas)

    def flat(self):
        result = np.zeros((self.size[1], self.size[0], 4), np.uint8)
        for element in reversed(self.layers):
            assert element.get("composite-op") == "svg:src-over"
            assert float(element.get("opacity")) == 1
            if element.get("visibility") == "visible":
                result = over(result, self.layer(element))
        return result


def written(session, request, path):
    parts = layers_of(session, request, never)
    save_openraster(layers_for(parts, request.shape, request.scene), png_bytes(parts.merged), path)
    return parts, Opened(path)


def test_the_file_is_what_the_specification_wants(session, tmp_path):
    _, file = written(session, Request("people", MOVED, OWN), tmp_path / "o.ora")
    first = file.archive.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert not first.extra and file.archive.read("mimetype") == b"image/openraster"
    # Programs know the type by the bytes at 30 and 38.
    head = (tmp_path / "o.ora").read_bytes()[30:54]
    assert head == b"mimetypeimage/openraster"
    assert file.size == PHOTO.size
    thumbnail = file.image("Thumbnails/thumbnail.png")
    assert max(thumbnail.shape[:2]) == 256 and file.image("mergedimage.png").shape[:2] == (320, 240)
    assert file.archive.testzip() is None


@pytest.mark.parametrize("longest", [None, 160])
def test_the_visible_layers_give_the_picture(session, tmp_path, longest):
    request = Request("people", MOVED, OWN, longest=longest)
    parts, file = written(session, request, tmp_path / "o.ora")
    painted = session.paint(request).picture
    assert file.names == ["Skeleton", "Person", "Background", "Photo"]
    assert np.array_equal(file.flat(), rgba(painted.pixels))
    assert np.array_equal(file.image("mergedimage.png"), rgba(painted.pixels))
    assert np.array_equal(file.layer(file.layers[3])[..., :3], parts.photo.pixels)


def test_the_person_is_whole_and_the_background_is_empty(session, tmp_path):
    _, file = written(session, Request("people", MOVED, OWN), tmp_path / "o.ora")
    person, background = (file.layer(file.layers[i]) for i in (1, 2))
    for joint in ("left_wrist", "nose", "right_knee"):
        x, y = (int(v) for v in MOVED[joint])
        assert person[y, x, 3] == 255
    bare = np.abs(background[..., :3].astype(int) - PHOTO.pixels).max(2)
    inside = MASK.pixels > 0
    assert (bare[inside] > 20).mean() > 0.9 and (bare[~inside] == 0).mean() > 0.9
    assert person[~inside][..., 3].mean() < 60


@pytest.mark.parametrize("scene", [Scene.cutout, Scene.white])
def test_other_scenes_hide_the_photo(session, tmp_path, scene):
    request = Request("people", MOVED, OWN, scene=scene)
    _, file = written(session, request, tmp_path / "o.ora")
    painted = rgba(session.paint(request).picture.pixels)
    off = np.abs(file.flat().astype(int) - painted) * (painted[..., 3:] > 0)
    assert off.max() <= 1  # white is laid under in single precision there
    hidden = [e.get("name") for e in file.layers if e.get("visibility") == "hidden"]
    assert hidden == ["Skeleton", "Background", "Photo"]


def test_an_invented_person_has_no_photo(tmp_path):
    paths = [painter_file(tmp_path, takes=("FromPhoto", "Sampled")), reader_file(tmp_path)]
    session = Session("cpu", paths, ARCHITECTURES)
    request = Request("people", MOVED, Sampled(1, POSE), scene=Scene.cutout)
    _, file = written(session, request, tmp_path / "o.ora")
    assert file.names == ["Skeleton", "Person"]


def test_no_edit_lifts_the_photos_own_person(session):
    parts = layers_of(session, Request("people", POSE, OWN, quality=Quality.preview), never)
    assert np.array_equal(parts.merged.pixels, PHOTO.pixels)
    alpha = parts.person.pixels[..., 3]
    assert (alpha[MASK.pixels == 255] == 255).all()
    inside = MASK.pixels == 255
    assert np.array_equal(parts.person.pixels[inside][:, :3], PHOTO.pixels[inside])


def test_any_two_pictures_can_be_told_apart():
    random = np.random.default_rng(0)
    merged, behind = random.integers(0, 256, (2, 300, 90, 3), np.uint8)
    wanted = random.integers(0, 256, (300, 90), np.uint8)
    merged[:40] = behind[:40]
    person = lifted(Picture(merged), Picture(behind), wanted).pixels
    assert np.array_equal(over(rgba(behind), person)[..., :3], merged)
    assert (person[..., 3] >= wanted).all()
    assert np.array_equal(person[:40, :, 3], wanted[:40])


def test_the_skeleton_lies_on_the_joints():
    pose = POSE.marked(Presence.hidden, "left_knee").marked(Presence.missing, "right_wrist")
    picture = drawn_skeleton(pose)
    alpha = picture.pixels[..., 3]

    def at(name):
        x, y = (int(v) for v in POSE[name])
        return alpha[y, x]

    assert at("nose") == 255 and at("left_knee") < 255 and at("right_wrist") == 0
    assert drawn_skeleton(POSE, 160).size == (120, 160)
    x, y = (int(v) for v in np.mean([POSE["right_hip"], POSE["right_knee"]], 0))
    red, _, blue, strong = (int(v) for v in picture.pixels[y, x])
    assert red > blue and strong == 255


def test_the_same_layers_give_the_same_file(tmp_path):
    layer = Layer("A", Picture(np.zeros((4, 5, 4), np.uint8)))  # wholly transparent
    for name in ("a.ora", "b.ora"):
        save_openraster([layer], png_bytes(layer.picture), tmp_path / name)
    assert (tmp_path / "a.ora").read_bytes() == (tmp_path / "b.ora").read_bytes()
    wide = Layer("B", Picture(np.zeros((4, 6, 4), np.uint8)))
    for wrong in ([], [layer, wide]):
        with pytest.raises(InputError, match="one size"):
            save_openraster(wrong, b"", tmp_path / "c.ora")
    assert not (tmp_path / "c.ora").exists()


def test_a_real_photo_comes_apart_exactly(tmp_path):
    session = Session("cpu")
    person = session.read(open_photo(ROOT / "assets" / "samples" / "walker.png"))
    x, y = person.pose["right_wrist"]
    pose = person.pose.moved(right_wrist=(x - 40, y - 60))
    own = FromPhoto(person.photo, person.pose, person.mask)
    parts, file = written(session, Request("people", pose, own), tmp_path / "o.ora")
    assert np.array_equal(file.flat(), rgba(parts.merged.pixels))
