"""Label sets of one's own: made, edited, used, brought in and out."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.errors import InputError
from engine.shapes.label_sets import cityscapes, facades, read_label_set, write_label_set
from engine.shapes.labels import Label, LabelMap, LabelSet
from studio.label_shelf import LabelShelf
from studio.panels.scene_label_sets import LabelSetsDialog
from studio.panels.scene_label_table import KEY, NAME, OBJECTS
from tests.gui.test_scene_tools import street

GARDEN = LabelSet(
    "Garden",
    (
        Label(0, "nothing", (0, 0, 0)),
        Label(1, "lawn", (20, 160, 40)),
        Label(2, "dog", (160, 90, 20), things=True),
    ),
)


@pytest.fixture
def shelf(tmp_path):
    return LabelShelf(tmp_path / "labels")


@pytest.fixture
def dialog(qtbot, shelf):
    """The dialog with a set of one's own, over a street."""
    shelf.add(GARDEN)
    parent = QWidget()
    qtbot.addWidget(parent)
    made = LabelSetsDialog(parent, street(), shelf)
    made.host = parent  # which would take the dialog along
    made.show()
    qtbot.waitExposed(made)
    return made


def choose(dialog, name):
    dialog.menu.setCurrentIndex(dialog.menu.findText(name))


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def kept(shelf, name):
    """The set with a name as its file has it."""
    return next(one.known for one in shelf.sets if one.known.name == name)


def test_the_scene_s_own_set_is_shown_and_bundled_ones_stay_as_they_are(dialog):
    assert dialog.shown.known == cityscapes() and dialog.table.rowCount() == 34
    assert not dialog.add_button.isEnabled() and not dialog.delete_button.isVisible()
    assert not dialog.table.item(1, NAME).flags() & Qt.ItemFlag.ItemIsEditable
    assert "duplicate" in dialog.note.text()


def test_a_bundled_set_is_duplicated_and_then_one_s_own(dialog, shelf):
    choose(dialog, "Facades")
    click(dialog.copy_button)
    assert dialog.shown.known.name == "Facades copy" and dialog.shown.path.is_file()
    assert [one.name for one in dialog.shown.known.labels] == [one.name for one in facades().labels]
    click(dialog.copy_button)
    click(dialog.delete_button)
    assert [one.known.name for one in shelf.sets] == [
        "Cityscapes",
        "Facades",
        "Facades copy",
        "Garden",
    ]


def test_edits_hold_at_once(dialog, shelf):
    choose(dialog, "Garden")
    table = dialog.table
    table.item(1, NAME).setText("meadow")
    table.item(1, KEY).setText("7")
    table.item(1, OBJECTS).setCheckState(Qt.CheckState.Checked)
    table.recolour(1, (1, 2, 3))
    assert kept(shelf, "Garden")[1] == Label(1, "meadow", (1, 2, 3), True, 7)
    table.item(2, KEY).setText("x7")
    assert kept(shelf, "Garden")[2].key == 7 and kept(shelf, "Garden")[1].key == 0
    assert table.item(1, KEY).text() == "" and table.item(2, KEY).text() == "7"


def test_labels_are_added_moved_and_removed(dialog, shelf):
    choose(dialog, "Garden")
    click(dialog.add_button)
    dialog.table.item(3, NAME).setText("pond")
    click(dialog.up_button)
    assert [label.name for label in kept(shelf, "Garden").labels] == [
        "nothing",
        "lawn",
        "pond",
        "dog",
    ]
    assert kept(shelf, "Garden").named("pond").id == 3
    click(dialog.remove_button)
    assert [label.name for label in kept(shelf, "Garden").labels] == ["nothing", "lawn", "dog"]
    dialog.table.selectRow(0)
    assert not dialog.remove_button.isEnabled()


def test_what_is_no_usable_set_is_said_and_not_kept(dialog, shelf):
    choose(dialog, "Garden")
    dialog.table.item(1, NAME).setText("dog")
    assert "twice" in dialog.note.text() and kept(shelf, "Garden")[1].name == "lawn"
    dialog.table.item(1, NAME).setText("grass")
    assert not dialog.note.text() and kept(shelf, "Garden")[1].name == "grass"
    dialog.name.setText("Cityscapes")
    dialog.name.editingFinished.emit()
    assert "another label set" in dialog.note.text()
    dialog.name.setText("Park")
    dialog.name.editingFinished.emit()
    assert dialog.menu.currentText() == "Park" and kept(shelf, "Park")[1].name == "grass"


def test_files_come_in_and_go_out(dialog, shelf, tmp_path, monkeypatch):
    path = tmp_path / "park.json"
    write_label_set(GARDEN, path)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    click(dialog.import_button)
    assert dialog.shown.known.name == "Garden 2" and dialog.shown.known.labels == GARDEN.labels
    out = tmp_path / "out"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    click(dialog.export_button)
    assert read_label_set(tmp_path / "out.json").labels == GARDEN.labels
    path.write_text('{"name": "x", "labels": []}')
    before = len(shelf.sets)
    click(dialog.import_button)
    assert "no labels" in dialog.note.text() and len(shelf.sets) == before


def test_a_scene_begins_with_a_set(dialog, qtbot):
    choose(dialog, "Garden")
    assert not dialog.use_button.isEnabled() and "road" in dialog.use_button.toolTip()
    with qtbot.waitSignal(dialog.begun) as told:
        click(dialog.begin_button)
    assert told.args == [GARDEN]


def test_a_copy_of_the_scene_has_the_labels_of_a_set(dialog, qtbot):
    choose(dialog, "Cityscapes")
    click(dialog.copy_button)
    row = next(n for n in range(34) if dialog.table.item(n, NAME).text() == "car")
    dialog.table.item(row, OBJECTS).setCheckState(Qt.CheckState.Unchecked)
    dialog.table.recolour(row, (5, 6, 7))
    with qtbot.waitSignal(dialog.used) as told:
        click(dialog.use_button)
    (scene,) = told.args
    assert np.array_equal(scene.labels, street().labels)
    assert list(scene.instances) == [8] and scene.label_set.named("car").colour == (5, 6, 7)


def test_a_set_that_cannot_be_written_stays_as_it_was(shelf):
    one = shelf.add(GARDEN)
    other = LabelSet("Garden", GARDEN.labels[:2])
    one.path.unlink()
    shelf.folder.rmdir()
    with pytest.raises(InputError, match="another place"):
        shelf.change(one, other)


def test_names_with_strange_letters_become_files(shelf):
    added = shelf.add(LabelSet("a/b: *?", GARDEN.labels))
    assert added.path.parent == shelf.folder and added.path.is_file()
    assert [one.known.name for one in shelf.sets[2:]] == ["a/b: *?"]


def test_the_window_opens_a_scene_of_an_own_set(window, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr("studio.label_shelf.user_folder", lambda: tmp_path / "labels")
    LabelShelf().add(GARDEN)
    window.new_scene()
    first = window.document
    window.run("label_sets")
    dialog = window.findChild(LabelSetsDialog)
    choose(dialog, "Garden")
    click(dialog.begin_button)
    assert window.document is not first
    assert window.document.scene == LabelMap.blank((1024, 512), GARDEN)
