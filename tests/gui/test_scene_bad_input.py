"""What people import by mistake, through the window's own command: a sentence, and nothing lost."""

import cv2
import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QDialogButtonBox

from engine.shapes.label_templates import TEMPLATES
from studio.document import PictureState
from studio.editors.scene import workspace as scene_workspace
from studio.editors.scene.workspace import SceneWorkspace
from studio.panels.scene_colours import ColoursDialog
from tests.gui.scene_bench import CAR, ROAD, SKY

SIZE = (120, 80)


@pytest.fixture
def scene(window, qtbot, tmp_path, monkeypatch):
    """The window with a road; `take` imports a file into it and gives what was said."""
    window.new_scene()
    qtbot.waitUntil(lambda: isinstance(window.workspace, SceneWorkspace))
    window.workspace.take_template(TEMPLATES[0])
    window.said = []
    window.workspace.said.connect(lambda text, kind: window.said.append((kind, text)))

    def take(path):
        monkeypatch.setattr(scene_workspace, "labels_to_open", lambda *_: path)
        before = window.document.undo.index()
        window.run("import_labels")
        qtbot.waitUntil(
            lambda: bool(window.said) or window.document.undo.index() > before, timeout=20_000
        )
        return window.said[-1] if window.said else ("", "")

    window.take = take
    return window


def ids(path, pixels, dtype=np.uint8):
    """A label file next to nothing."""
    if path.suffix == ".tif":
        Image.fromarray(pixels.astype(np.int32)).save(path)
    else:
        cv2.imwrite(str(path), pixels.astype(dtype))
    return path


def street():
    """Sky over road with a car."""
    labels = np.full(SIZE[::-1], SKY)
    labels[40:] = ROAD
    labels[30:60, 20:60] = CAR
    return labels


def refused(scene, path, *words):
    """The file changes nothing and the sentence has these words, the file's name among them."""
    before, steps = scene.document.wanted, scene.document.undo.count()
    kind, text = scene.take(path)
    assert kind == "error" and all(word in text for word in words), text
    assert "Traceback" not in text and "\n" not in text and text.endswith((".", ")"))
    assert scene.document.wanted is before and scene.document.undo.count() == steps


def painted(scene, qtbot):
    """The map is in the document as one step and gets its picture."""
    qtbot.waitUntil(lambda: scene.document.finished and scene.workspace.painting.resting)
    return scene.document.scene


def test_ids_outside_the_set_are_not_labelled(scene, qtbot, tmp_path):
    for name, dtype, odd in (
        ("eight.png", np.uint8, 255),
        ("eight.png", np.uint8, 77),
        ("sixteen.png", np.uint16, 40_000),
        ("long.tif", np.int32, -1),
        ("long.tif", np.int32, 1_000_000),
    ):
        labels = street()
        labels[:10] = odd
        scene.said.clear()
        kind, text = scene.take(ids(tmp_path / name, labels, dtype))
        assert (kind == "warning" and str(odd) in text) == (odd not in (-1, 255))
        found = painted(scene, qtbot)
        assert not found.labels[:10].any() and (found.labels[10:] == street()[10:]).all()
        scene.run("undo")
        assert scene.document.scene.size == (1024, 512)


def test_instances_of_another_size_or_contradicting_are_told(scene, qtbot, tmp_path):
    path = ids(tmp_path / "a_labelIds.png", street())
    ids(tmp_path / "a_instanceIds.png", np.zeros((9, 9)), np.uint16)
    kind, text = scene.take(path)
    assert kind == "warning" and "9 x 9 px" in text
    assert [one.label for one in painted(scene, qtbot).instances.values()] == [CAR]
    wrong = street().astype(np.int64)
    wrong[30:60, 20:60] = 24_003  # a person where the labels say car
    ids(tmp_path / "a_instanceIds.png", wrong, np.uint16)
    scene.said.clear()
    kind, text = scene.take(path)
    assert kind == "warning" and "contradict the labels" in text
    assert (scene.document.scene.labels == street()).all()


def test_things_without_instances_become_objects(scene, tmp_path):
    labels = street()
    labels[30:60, 80:100] = CAR
    scene.take(ids(tmp_path / "plain.png", labels))
    assert sorted(one.area for one in scene.document.scene.instances.values()) == [600, 1200]


def test_a_palette_png_of_other_colours_is_read_by_its_numbers(scene, tmp_path):
    image = Image.fromarray(street().astype(np.uint8)).convert("P")
    image.putpalette([n for k in range(256) for n in (k, 255 - k, k // 2)])
    image.save(tmp_path / "palette.png")
    scene.take(tmp_path / "palette.png")
    assert (scene.document.scene.labels == street()).all()


@pytest.mark.parametrize("alpha", [255, 0])
def test_unknown_colours_of_an_rgba_png_are_asked_about(scene, qtbot, tmp_path, alpha, monkeypatch):
    rgba = np.zeros((80, 120, 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = (71, 131, 179), 255
    rgba[:20, :20] = (9, 9, 9, alpha)
    Image.fromarray(rgba).save(tmp_path / "rgba.png")
    path = tmp_path / "rgba.png"
    monkeypatch.setattr(scene_workspace, "labels_to_open", lambda *_: path)
    before = scene.document.wanted
    scene.run("import_labels")
    qtbot.waitUntil(lambda: bool(scene.findChildren(ColoursDialog)))
    (dialog,) = scene.findChildren(ColoursDialog)
    assert dialog.rows.rowCount() == (2 if alpha else 1)
    dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel).click()
    assert scene.document.wanted is before and not scene.said


def test_objects_of_one_pixel_and_five_thousand_objects(scene, qtbot, tmp_path):
    labels = np.full((200, 400), ROAD)
    labels[::4, ::4] = CAR
    path = ids(tmp_path / "many_labelIds.png", labels)
    numbers = np.zeros_like(labels)
    numbers[labels == CAR] = 1 + np.arange(5000)
    ids(tmp_path / "many_instanceIds.png", numbers, np.uint16)
    scene.take(path)
    found = painted(scene, qtbot).instances
    assert len(found) == 5000 and {one.area for one in found.values()} == {1}
    scene.document.select(next(iter(found)))
    scene.run("delete_object")
    assert len(scene.document.scene.instances) == 4999


def test_a_map_of_20000_px_is_refused_before_it_is_read(scene, tmp_path):
    Image.new("L", (20_000, 40), ROAD).save(tmp_path / "wide.png")
    refused(scene, tmp_path / "wide.png", "20000 x 40 px", "12000 px")


def test_empty_maps_and_odd_sizes_are_maps(scene, qtbot, tmp_path):
    for size in ((1, 1), (3, 2), (131, 77)):
        scene.take(ids(tmp_path / "void.png", np.zeros(size[::-1])))
        found = scene.document.scene
        assert found.size == size and not found.labels.any() and not found.instances
        assert scene.document.state is PictureState.current  # of nothing, at once
        scene.run("undo")
        assert scene.document.scene.size == (1024, 512)


def test_files_that_are_no_labels_say_so(scene, tmp_path):
    rng = np.random.default_rng(1)
    half = tmp_path / "half.png"
    cv2.imwrite(str(half), rng.integers(0, 30, (80, 120), np.uint8))
    for name, content, words in (
        ("empty.png", b"", ()),
        ("text.png", b"not a picture", ("not an image",)),
        ("half.png", half.read_bytes()[:900], ("damaged",)),
        ("bad.json", b"{", ()),
        ("other.json", b'{"a": 1}', ()),
        ("gone.png", None, ()),
    ):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        scene.said.clear()
        refused(scene, path, name, *words)


def test_a_photo_is_no_label_map(scene, tmp_path):
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 256, (400, 400, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    refused(scene, tmp_path / "photo.png", "as photos have", "Open it as a photo instead")
