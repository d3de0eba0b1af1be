"""Importing and exporting labels, asking about colours, choosing a template: real dialogs."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QWidget

from engine.shapes.label_colours import open_colours
from engine.shapes.label_sets import cityscapes
from engine.shapes.label_templates import TEMPLATES
from studio import theme
from studio.panels import scene_files
from studio.panels.scene_colours import ColoursDialog
from studio.panels.scene_files import LabelImport, LabelKind, labels_to_save, write_labels
from studio.panels.scene_templates import template_names, templates_dialog
from tests.gui.scene_bench import CAR, ROAD, SKY
from tests.gui.test_scene_tools import street

STRANGE, ODD = (72, 128, 181), (3, 3, 140)
"""Nearly the colours of sky and car."""


@pytest.fixture
def parent(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def coloured(tmp_path):
    """A road under a strange sky with two odd cars."""
    pixels = np.zeros((60, 100, 3), np.uint8)
    pixels[:] = STRANGE
    pixels[30:] = (128, 64, 128)
    pixels[25:40, 10:30] = pixels[25:40, 60:90] = ODD
    path = tmp_path / "street.png"
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def importing(parent):
    made = LabelImport(parent)
    made.scenes, made.errors = [], []
    made.imported.connect(lambda scene, notes: made.scenes.append((scene, notes)))
    made.failed.connect(made.errors.append)
    yield made
    made.wait()


def test_what_was_exported_is_imported_with_its_objects(importing, qtbot, tmp_path):
    scene = street()
    files = write_labels(scene, tmp_path / "a.png", LabelKind.ids)
    assert [path.name for path in files] == ["a_labelIds.png", "a_instanceIds.png"]
    importing.open(files[0], cityscapes())
    qtbot.waitUntil(lambda: bool(importing.scenes))
    again, notes = importing.scenes[0]
    assert notes == () and np.array_equal(again.labels, scene.labels)
    assert {one.area for one in again.instances.values()} == {2400, 1200}


@pytest.mark.parametrize("kind", [LabelKind.colours, LabelKind.palette, LabelKind.labelme])
def test_every_other_kind_comes_back_too(importing, qtbot, tmp_path, kind):
    (path,) = write_labels(street(), tmp_path / "a.png", kind)
    path = path.rename(path.with_suffix(".json")) if kind is LabelKind.labelme else path
    importing.open(path, cityscapes())
    qtbot.waitUntil(lambda: bool(importing.scenes))
    assert np.array_equal(importing.scenes[0][0].labels, street().labels)


def test_instances_that_do_not_fit_are_told_and_the_labels_still_open(importing, qtbot, tmp_path):
    first, beside = write_labels(street(), tmp_path / "a.png", LabelKind.ids)
    Image.fromarray(np.zeros((3, 3), np.uint8)).save(beside)
    importing.open(first, cityscapes())
    qtbot.waitUntil(lambda: bool(importing.scenes))
    scene, notes = importing.scenes[0]
    assert np.array_equal(scene.labels, street().labels) and "3 x 3 px" in notes[0]


def test_a_bad_file_says_so(importing, qtbot, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no")
    importing.open(tmp_path / "bad.png", cityscapes())
    qtbot.waitUntil(lambda: bool(importing.errors))
    assert "not an image" in importing.errors[0] and not importing.scenes


def test_unknown_colours_are_asked_about(importing, parent, qtbot, coloured):
    importing.open(coloured, cityscapes())
    qtbot.waitUntil(lambda: bool(parent.findChildren(ColoursDialog)))
    (dialog,) = parent.findChildren(ColoursDialog)
    assert dialog.choices() == {STRANGE: SKY, ODD: CAR}
    dialog.rows.cellWidget(0, 2).setCurrentIndex(cityscapes().ids.index(11))
    (take,) = [b for b in dialog.buttons.buttons() if b.text() == "Import labels"]
    QTest.mouseClick(take, Qt.MouseButton.LeftButton)
    scene, _ = importing.scenes[0]
    assert scene.at((50, 5)) == (11, 0) and scene.at((50, 50)) == (ROAD, 0)
    assert len(scene.instances) == 2


def test_calling_the_dialog_off_imports_nothing(importing, parent, qtbot, coloured):
    importing.open(coloured, cityscapes())
    qtbot.waitUntil(lambda: bool(parent.findChildren(ColoursDialog)))
    (dialog,) = parent.findChildren(ColoursDialog)
    cancel = dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel)
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert not importing.scenes and not importing.errors


def test_the_preview_follows_the_choices_and_shows_where_a_colour_is(parent, coloured):
    dialog = ColoursDialog(parent, open_colours(coloured, cityscapes()), "street.png")

    def seen(preview, x, y):
        image = preview.picture.pixmap().toImage()
        colour = image.pixelColor(int(image.width() * x), int(image.height() * y))
        return colour.red(), colour.green(), colour.blue()

    assert seen(dialog.before, 0.5, 0.1) == STRANGE
    assert seen(dialog.after, 0.5, 0.1) == cityscapes()[SKY].colour
    dialog.rows.cellWidget(0, 2).setCurrentIndex(cityscapes().ids.index(11))
    assert seen(dialog.after, 0.5, 0.1) == cityscapes()[11].colour
    dialog.rows.selectRow(1)
    assert seen(dialog.before, 0.2, 0.5) == ODD
    assert len(set(seen(dialog.before, 0.5, 0.1))) == 1 < sum(STRANGE)
    dialog.close()


def test_the_kind_of_file_decides_its_end(parent, tmp_path, monkeypatch):
    answer = (str(tmp_path / "x.png"), "labelme (*.json)")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    assert labels_to_save(parent, "", "x") == (tmp_path / "x.json", LabelKind.labelme)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    assert labels_to_save(parent, "", "x") is None
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path), ""))
    assert scene_files.labels_to_open(parent, "") == tmp_path


def test_a_template_is_chosen_by_a_click(parent, qtbot):
    assert list(template_names()) == [one.name for one in TEMPLATES]
    chosen = []
    dialog = templates_dialog(parent, theme.DARK)
    dialog.chosen.connect(chosen.append)
    dialog.open()
    qtbot.waitExposed(dialog)
    model = dialog.cells.model()
    at = dialog.cells.visualRect(model.index(2, 0)).center()
    QTest.mouseClick(dialog.cells.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert chosen == [TEMPLATES[2]]
