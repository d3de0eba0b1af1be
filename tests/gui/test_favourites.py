"""Favourite looks: kept with all they are made of, adopted by other documents, never half read."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine import registry
from engine.appearance import FromPhoto, Mix, Parts, Sampled
from engine.errors import InputError
from engine.perception.base import Reading
from engine.picture import Picture
from engine.shapes.body import default_pose
from studio.document import Origin
from studio.editors.pose.document import PoseDocument
from studio.favourites import (
    Favourite,
    Favourites,
    read_favourite,
    read_look,
    rename_favourite,
    user_looks,
    write_favourite,
)
from studio.panels import painter
from studio.panels.favourites import FavouritesPanel, painter_for
from studio.theme import DARK
from tests.fakes import card
from tests.unit.people import drawn_person

LEFT = Qt.MouseButton.LeftButton
SIZE = (120, 180)
PLAIN = card(registry.PAINTER_MODEL, "Follows joints", ("FromPhoto", "Parts"))
FREE = card("free", "Invents looks", ("FromPhoto", "Sampled", "Mix", "Parts"))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def borrowed(size=(96, 144)):
    photo, mask, pose = drawn_person(size)
    return FromPhoto(photo, pose, mask)


LOOKS = {
    "photo": borrowed(),
    "without a mask": replace(borrowed(), mask=None),
    "invented": Sampled(4711, default_pose(SIZE)),
    "mixed": Mix(borrowed(), Sampled(3, default_pose((50, 90))), 0.3),
    "regions": Parts(borrowed(), (("head", borrowed((64, 100))), ("feet", borrowed()))),
}


def favourite(path, name="Summer", model="free"):
    return Favourite(path, name, model, frozenset(), NOON, b"a picture")


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_look_comes_back_equal_in_every_bit(tmp_path, look):
    path = tmp_path / "a.look"
    write_favourite(favourite(path), look)
    assert read_look(path) == look
    kinds = {type(each).__name__ for each in LOOKS.values()}
    told = read_favourite(path)
    assert told.kinds <= kinds and type(look).__name__ in told.kinds
    assert (told.name, told.model, told.kept, told.thumbnail) == (
        "Summer",
        "free",
        NOON,
        b"a picture",
    )


def test_a_rename_keeps_the_look_and_the_place_in_the_row(tmp_path):
    path = tmp_path / "a.look"
    write_favourite(favourite(path), LOOKS["mixed"])
    rename_favourite(read_favourite(path), "  Late   summer ")
    assert read_favourite(path).name == "Late summer" and read_favourite(path).kept == NOON
    assert read_look(path) == LOOKS["mixed"]
    with pytest.raises(InputError, match="name"):
        rename_favourite(read_favourite(path), "  ")


def cut(path):
    path.write_bytes(path.read_bytes()[:-200])


def empty(path):
    path.write_bytes(b"")


def without_photo(path):
    with ZipFile(path) as old:
        kept = {n: old.read(n) for n in old.namelist() if not n.startswith("photos")}
    with ZipFile(path, "w") as new:
        for name, content in kept.items():
            new.writestr(name, content)


def other_photo(path):
    with ZipFile(path) as old:
        kept = {n: old.read(n) for n in old.namelist()}
    masks = [n for n in kept if n.startswith("masks")]
    photos = [n for n in kept if n.startswith("photos")]
    kept[photos[0]] = kept[masks[0]]
    with ZipFile(path, "w") as new:
        for name, content in kept.items():
            new.writestr(name, content)


@pytest.mark.parametrize("harm", [cut, empty, without_photo, other_photo])
def test_a_damaged_favourite_is_refused_with_a_sentence(tmp_path, harm):
    path = tmp_path / "a.look"
    write_favourite(favourite(path), LOOKS["photo"])
    harm(path)
    with pytest.raises(InputError, match=r"a\.look cannot be opened"):
        read_look(path)


def test_broken_files_are_named_and_the_rest_is_shown():
    folder = user_looks()
    folder.mkdir(parents=True)
    write_favourite(favourite(folder / "a.look", "old"), LOOKS["photo"])
    new = replace(favourite(folder / "b.look", "new"), kept=NOON.replace(hour=13))
    write_favourite(new, LOOKS["invented"])
    (folder / "c.look").write_bytes(b"nonsense")
    found = Favourites()
    assert [each.name for each in found.all] == ["new", "old"]
    assert len(found.problems) == 1 and "c.look" in found.problems[0]


def test_the_painter_in_use_stays_if_it_takes_the_look():
    def kinds(*names):
        return replace(favourite(Path("x")), kinds=frozenset(names))

    both = (PLAIN, FREE)
    assert painter_for(kinds("FromPhoto"), PLAIN.id, both) is PLAIN
    assert painter_for(kinds("Mix", "FromPhoto"), PLAIN.id, both) is FREE
    assert painter_for(kinds("Sampled"), "another", both) is FREE
    assert painter_for(kinds("Sampled"), PLAIN.id, (PLAIN,)) is None


@pytest.fixture
def document(qtbot):
    photo, mask, _ = drawn_person(SIZE)
    made = PoseDocument(
        Reading(photo, default_pose(SIZE), mask, (1.0,) * 18, True), Origin("walker")
    )
    made.adopt(Picture(photo.pixels))
    yield made
    made.deleteLater()


@pytest.fixture
def panel(qtbot, document, monkeypatch):
    models = [registry.Model(Path(f"{c.id}.safetensors"), c) for c in (FREE, PLAIN)]
    monkeypatch.setattr(registry, "catalogue", lambda: models)
    made = FavouritesPanel(Favourites())
    qtbot.addWidget(made)
    made.dress(DARK)
    made.follow(document)
    made.resize(240, 300)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.errands.wait()


def kept(panel, qtbot, look, model=FREE.id):
    panel.document.change_painter(model, look, "Look")
    count = len(panel.favourites.all)
    QTest.mouseClick(panel.keep, LEFT)
    qtbot.waitUntil(lambda: len(panel.favourites.all) == count + 1)


def click(panel, row):
    place = panel.cells.visualRect(panel.row.index(row)).center()
    QTest.mouseClick(panel.cells.viewport(), LEFT, pos=place)


def test_star_keeps_and_click_adopts_in_another_document(panel, document, qtbot):
    assert panel.empty.isVisible()
    for look in (LOOKS["mixed"], LOOKS["photo"]):
        kept(panel, qtbot, look)
    assert panel.cells.isVisible() and not panel.empty.isVisible()
    photo, mask, _ = drawn_person((80, 130))
    pose = default_pose((80, 130))
    second = PoseDocument(Reading(photo, pose, mask, (1.0,) * 18, True), Origin("dancer"))
    panel.follow(second)
    before = second.wanted
    click(panel, 1)
    qtbot.waitUntil(lambda: second.undo.count() == 1)
    assert second.look == LOOKS["mixed"] and second.model == FREE.id
    second.undo.undo()
    assert second.wanted == before
    click(panel, 0)  # a plain look does not change the painter
    qtbot.waitUntil(lambda: second.look == LOOKS["photo"])
    assert second.model == before.model
    panel.follow(document)
    second.deleteLater()


def test_the_photos_own_look_goes_to_other_photos_and_comes_home(panel, document, qtbot):
    kept(panel, qtbot, None, PLAIN.id)
    assert panel.favourites.all[0].name == "walker"
    assert read_look(panel.favourites.all[0].path) == document.own
    document.change_look(LOOKS["photo"], "Other")
    click(panel, 0)
    qtbot.waitUntil(lambda: document.look is None)


def test_names_say_what_was_kept(panel, qtbot):
    kept(panel, qtbot, LOOKS["invented"])
    assert panel.favourites.all[0].name == "Invented 4711"
    panel.rename(panel.favourites.all[0])
    QTest.keyClicks(panel.name, "Red coat")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.favourites.all[0].name == "Red coat")
    assert panel.row.index(0).data(Qt.ItemDataRole.ToolTipRole) == "Red coat"


def test_a_look_that_no_painter_takes_says_which_is_missing(panel, document, qtbot, monkeypatch):
    kept(panel, qtbot, LOOKS["invented"])
    document.change_painter(PLAIN.id, None, "Painter")
    alone = [registry.Model(Path("p.safetensors"), PLAIN)]
    monkeypatch.setattr(registry, "catalogue", lambda: alone)
    assert [each.id for each in painter.pose_painters()] == [PLAIN.id]
    steps = document.undo.count()
    with qtbot.waitSignal(panel.failed) as heard:
        click(panel, 0)
    assert "free" in heard.args[0] and document.undo.count() == steps


def test_a_favourite_that_vanished_says_so(panel, document, qtbot):
    kept(panel, qtbot, LOOKS["photo"])
    panel.favourites.all[0].path.unlink()
    steps = document.undo.count()
    with qtbot.waitSignal(panel.failed) as heard:
        click(panel, 0)
    assert "no such file" in heard.args[0] and document.undo.count() == steps


def test_delete_key_takes_a_favourite_away(panel, qtbot):
    kept(panel, qtbot, LOOKS["photo"])
    path = panel.favourites.all[0].path
    panel.cells.setFocus()
    panel.cells.setCurrentIndex(panel.row.index(0))
    QTest.keyClick(panel.cells, Qt.Key.Key_Delete)
    assert not path.exists() and not panel.favourites.all and panel.empty.isVisible()


def test_a_folder_that_cannot_be_written_is_said_and_can_be_tried_again(
    panel, document, qtbot, tmp_path
):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    panel.favourites.folder = blocked / "looks"
    with qtbot.waitSignal(panel.failed) as heard:
        QTest.mouseClick(panel.keep, LEFT)
    assert "cannot be made" in heard.args[0] and panel.keep.isEnabled()


def test_picture_of_a_favourite_is_that_of_the_document(panel, document, qtbot):
    pixels = np.zeros((180, 120, 3), np.uint8)
    pixels[..., 1] = 200
    document.adopt(Picture(pixels))
    kept(panel, qtbot, LOOKS["photo"])
    picture = panel.cells.grab().toImage()
    place = panel.cells.visualRect(panel.row.index(0)).center()
    assert picture.pixelColor(place).green() > 180
