"""The look of objects, labels and scenes: whose it is, and what each choice makes of it."""

import numpy as np
import pytest
import torch
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from safetensors.torch import save_file

from engine.appearance import FromPhoto, Mix, PerObject, Sampled, Vector
from engine.photo import Photo
from engine.picture import Picture
from engine.request import Painted, Quality
from engine.scene_looks import class_key, dice
from engine.shapes.label_paint import Ink, painted, rectangle
from engine.shapes.label_sets import cityscapes
from engine.shapes.labels import LabelMap
from studio import theme
from studio.editors.scene.targets import Scope, Target, own_look, seen_look, with_own
from studio.panels import scene_look
from studio.panels.scene_look import SceneLook
from studio.panels.scene_photo import Part, PhotoLookDialog
from tests.gui.scene_bench import CAR, PERSON, ROAD, SceneBench
from tests.gui.test_scene_tools import street

BUS = 28
RED, BLUE = Vector((1.0, 0.0, 0.5)), Vector((-1.0, 0.25, 0.0))


class Bridge(QObject):
    """Keeps what is asked for, and answers when told to."""

    answered = Signal(object)

    def __init__(self):
        super().__init__()
        self.asked = []

    def post(self, job):
        self.asked.append(job)

    def answer(self, colour):
        job = self.asked[-1]
        pixels = np.full((80, 120, 3), colour, np.uint8)
        self.answered.emit(Painted(job, Picture(pixels), 0.1))


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A model with two looks of cars and one of people, and a model without."""
    labels = torch.tensor([CAR, CAR, PERSON], dtype=torch.int32)
    looks = torch.tensor([RED.values, BLUE.values, (0.0, 0.0, 0.0)])
    path = tmp_path / "street.safetensors"
    save_file({"clusters.centres.labels": labels, "clusters.centres.looks": looks}, path)
    monkeypatch.setattr(scene_look, "model_path", lambda model: path if model == "street" else None)


@pytest.fixture
def bench(qtbot, models):
    made = SceneBench(qtbot, scene=street())
    made.bridge = Bridge()
    made.panel = SceneLook(made.bridge)
    made.panel.said.connect(made.said.append)
    qtbot.addWidget(made.panel)
    made.panel.dress(theme.DARK)
    made.panel.follow(made.board)
    made.panel.resize(280, 420)
    made.panel.show()
    yield made
    made.panel.let_go()


def press(bench, name):
    button = bench.panel.findChild(QToolButton, name)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_looks_of_objects_labels_and_scenes_go_to_their_places():
    look = with_own(None, Target(Scope.thing, 3), RED)
    look = with_own(look, Target(Scope.label, CAR), BLUE)
    look = with_own(look, Target(Scope.scene), Sampled(5))
    assert look == PerObject(None, ((3, RED), (class_key(CAR), BLUE)), 5)
    assert own_look(look, Target(Scope.thing, 3)) == RED
    assert own_look(look, Target(Scope.label, CAR)) == BLUE
    assert own_look(look, Target(Scope.scene)) == Sampled(5)
    assert with_own(look, Target(Scope.scene), RED).default == RED
    assert with_own(look, Target(Scope.scene), None) == PerObject(None, look.objects)
    assert with_own(look, Target(Scope.thing, 3), None).look_of(3) is None


def test_the_panel_is_about_what_is_selected(bench):
    assert bench.panel.target == Target(Scope.scene)
    bench.document.select(3)
    assert bench.panel.target == Target(Scope.thing, 3)
    assert bench.panel.grid.rows.looks == (RED, BLUE)
    bench.panel.aim(Scope.label)
    assert bench.panel.target == Target(Scope.label, CAR)
    bench.document.select(8)
    assert bench.panel.target == Target(Scope.thing, 8)
    assert bench.panel.grid.rows.looks == (Vector((0.0, 0.0, 0.0)),)
    bench.document.select(None)
    assert bench.panel.target == Target(Scope.scene)
    assert bench.panel.grid.rows.looks[0] == Sampled(1)


def test_a_click_on_a_picture_gives_the_object_that_look(bench):
    bench.document.select(3)
    cells = bench.panel.grid.cells
    at = cells.visualRect(bench.panel.grid.rows.index(1)).center()
    QTest.mouseClick(cells.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert bench.document.look == PerObject(None, ((3, BLUE),))
    assert bench.panel.grid.rows.own == BLUE
    bench.editor.undo()
    assert bench.document.look is None


def test_pictures_are_asked_for_when_the_scene_is_painted_and_cut_to_the_object(bench):
    bench.document.select(3)
    assert not bench.bridge.asked
    done = bench.document.request(Quality.full, None)
    bench.document.take(Painted(done, Picture(np.zeros((160, 240, 3), np.uint8)), 0.1))
    assert [job.appearance for job in bench.bridge.asked] == [PerObject(None, ((3, RED),))]
    bench.bridge.answer((200, 30, 30))
    assert bench.bridge.asked[-1].appearance == PerObject(None, ((3, BLUE),))
    image = bench.panel.grid.rows.images[0]
    ratio = bench.panel.devicePixelRatioF()
    assert (image.width(), image.height()) == (72 * ratio, 54 * ratio)
    assert image.pixelColor(image.rect().center()).getRgb()[:3] == (200, 30, 30)


def test_sliders_show_and_make_a_look_in_one_step(bench):
    bench.document.change_look(with_own(None, Target(Scope.thing, 3), BLUE), "Look")
    bench.document.select(3)
    assert [slider.value() for slider in bench.panel.sliders] == [-100, 25, 0]
    before = bench.document.undo.count()
    for value in (-50, 0, 60):
        bench.panel.sliders[0].setValue(value)
    assert own_look(bench.document.look, Target(Scope.thing, 3)) == Vector((0.6, 0.25, 0.0))
    assert bench.document.undo.count() == before + 1
    bench.document.select(None)
    assert not any(slider.isVisible() for slider in bench.panel.sliders)


def test_dice_and_reset_of_object_and_scene(bench):
    bench.document.select(3)
    press(bench, "throw_dice")
    assert isinstance(own_look(bench.document.look, Target(Scope.thing, 3)), Sampled)
    press(bench, "reset_look")
    assert bench.document.look == PerObject()
    bench.document.select(None)
    press(bench, "throw_dice")
    assert bench.document.look.default is None and bench.document.look.seed > 0


def test_another_object_lends_its_look(bench):
    bench.document.change_look(with_own(None, Target(Scope.thing, 8), RED), "Look")
    bench.document.select(3)
    press(bench, "look_from_object")
    assert bench.board.lending and bench.said
    bench.take("brush")
    before = bench.scene
    bench.click(170, 80)
    assert own_look(bench.document.look, Target(Scope.thing, 3)) == RED
    assert bench.scene == before and not bench.board.lending and bench.document.selected == 3
    press(bench, "look_from_object")
    bench.key(Qt.Key.Key_Escape)
    assert not bench.board.lending and bench.document.selected == 3


def test_an_object_without_a_look_of_its_own_lends_the_one_it_was_thrown(bench):
    bench.document.change_look(PerObject(seed=4), "Look")
    bench.document.select(8)
    press(bench, "look_from_object")
    bench.click(70, 80)
    thrown = (RED, BLUE)[dice(4, CAR, 3) % 2]
    assert own_look(bench.document.look, Target(Scope.thing, 8)) == thrown
    bench.document.select(3)
    assert bench.panel.grid.rows.own == thrown
    assert [slider.value() for slider in bench.panel.sliders] == [
        round(100 * value) for value in thrown.values
    ]


def test_what_only_the_painter_knows_is_not_lent(bench):
    bench.document.change_painter("facades", None, "Painter")
    bench.panel._take_from(3)
    assert "no look of its own" in bench.said[-1] and bench.document.look is None


def shown(bench, thing):
    """The look that an object is painted with, told by the rules of looks alone."""
    label = bench.scene.instances[thing].label
    return seen_look(bench.document.look, {CAR: (RED, BLUE)}, label, thing)


@pytest.mark.parametrize("seed", range(4))
def test_copies_look_like_what_they_were_copied_from(bench, seed):
    bench.document.change_look(PerObject(seed=seed), "Look")
    bench.document.select(3)
    thrown = (RED, BLUE)[dice(seed, CAR, 3) % 2]
    for _ in range(3):
        bench.document.select(3)
        bench.editor.duplicate_object()
        assert shown(bench, bench.document.selected) == thrown
    assert shown(bench, 3) == thrown and bench.document.look.look_of(3) is None


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_of_a_look_that_the_dice_gave_is_the_same_look(bench, seed):
    bench.document.change_look(with_own(None, Target(Scope.thing, 3), Sampled(seed)), "Look")
    bench.document.select(3)
    bench.editor.duplicate_object()
    assert shown(bench, bench.document.selected) == (RED, BLUE)[dice(seed, CAR, 3) % 2]


def test_copies_of_what_all_alike_share_need_no_look_of_their_own(bench):
    look = with_own(None, Target(Scope.label, CAR), BLUE)
    bench.document.change_look(look, "Look")
    bench.document.select(3)
    bench.editor.duplicate_object()
    assert bench.document.look == look and shown(bench, bench.document.selected) == BLUE


def test_a_copy_looks_like_the_very_object_of_the_photo(bench):
    photo = Photo(np.zeros((160, 240, 3), np.uint8))
    others = painted(street(), rectangle((240, 160), (0, 60), (19, 79)), Ink(CAR, 4))
    others = painted(others, rectangle((240, 160), (200, 60), (219, 79)), Ink(PERSON, 5))
    bench.document.change_look(PerObject(FromPhoto(photo, others)), "Look")
    bench.document.select(3)
    bench.editor.duplicate_object()
    mine = bench.document.look.look_of(bench.document.selected)
    assert mine.photo == photo and mine.mask.pixels[80, 70] == 255
    assert (mine.mask.pixels > 0).sum() == street().instances[3].area
    bench.document.select(8)
    bench.take("cut")
    bench.drag([(150, 70), (190, 70)])
    part = max(bench.scene.instances)
    assert bench.document.look.look_of(part).mask.pixels[80, 170] == 255


def test_looks_of_objects_that_are_gone_are_not_given_to_others(bench):
    bench.document.change_look(with_own(None, Target(Scope.thing, 8), RED), "Look")
    bench.document.select(8)
    bench.editor.delete_object()
    assert bench.document.look == PerObject()
    bench.editor.undo()
    assert bench.document.look.look_of(8) == RED
    bench.take("rectangle")
    bench.choice.choose(ROAD)
    bench.drag([(150, 40), (200, 120)])
    assert 8 not in bench.scene.instances and bench.document.look == PerObject()
    bench.editor.undo()
    assert bench.document.look.look_of(8) == RED


def test_a_merged_object_keeps_the_look_of_the_largest(bench):
    look = with_own(None, Target(Scope.thing, 8), RED)
    bench.document.change_look(with_own(look, Target(Scope.thing, 3), BLUE), "Look")
    bench.document.select(8)
    bench.choice.gather(frozenset({3, 8}))
    bench.editor.merge_objects()
    assert bench.document.selected == 3 and bench.document.look == PerObject(None, ((3, BLUE),))


def test_seen_looks_go_from_the_object_to_its_label_to_the_scene():
    offered = {CAR: (RED, BLUE)}
    third = Vector((0.1, 0.1, 0.1))
    whole = PerObject(None, ((class_key(CAR), BLUE),), 2)
    assert seen_look(whole.with_look(3, third), offered, CAR, 3) == third
    assert seen_look(whole, offered, CAR, 3) == BLUE
    assert seen_look(RED, offered, CAR, 3) == RED
    again = with_own(None, Target(Scope.thing, 3), Sampled(9))
    assert seen_look(again, offered, CAR, 3) == (RED, BLUE)[dice(9, CAR, 3) % 2]
    assert seen_look(None, {}, CAR, 3) is None


def test_a_photo_says_nothing_of_labels_that_it_does_not_show():
    seen = FromPhoto(Photo(np.zeros((160, 240, 3), np.uint8)), street())
    offered = {CAR: (RED,), BUS: (BLUE,)}
    assert seen_look(PerObject(seen), offered, BUS, 4) == BLUE
    some = seen_look(PerObject(seen), offered, CAR, 99)
    assert (some.mask.pixels > 0).sum() == street().areas[CAR]
    assert seen_look(Mix(seen, RED, 0.3), offered, CAR, 3) == Mix(
        FromPhoto(seen.photo, mask=some.mask), RED, 0.3
    )
    assert seen_look(Mix(seen, RED, 0.3), offered, BUS, 4) == BLUE


def test_photos_are_asked_for_and_taken(bench, qtbot):
    bench.document.select(3)
    with qtbot.waitSignal(bench.panel.photo_wanted):
        press(bench, "look_from_photo")
    photo = FromPhoto(Photo(np.zeros((40, 40, 3), np.uint8)), street())
    bench.panel.take_photo(photo)
    assert own_look(bench.document.look, Target(Scope.thing, 3)) == photo


def test_painters_of_whole_scenes_offer_no_objects(bench):
    bench.document.select(3)
    bench.document.change_painter("facades", None, "Painter")
    assert bench.panel.target == Target(Scope.scene) and not bench.panel.sliders
    assert bench.panel._note.isVisible()
    bench.document.change_painter("street", None, "Painter")
    assert bench.panel.target == Target(Scope.thing, 3) and len(bench.panel.sliders) == 3


# Looks out of photos


@pytest.fixture
def photo_parts(bench, qtbot):
    """The dialog for object 3, over a photo of the same street."""
    photo = Photo(np.zeros((160, 240, 3), np.uint8))
    both = painted(street(), rectangle((240, 160), (0, 60), (19, 79)), Ink(CAR, 4))
    made = PhotoLookDialog(bench.host, theme.DARK, photo, both, CAR, "Car 1")
    made.show()
    qtbot.waitExposed(made)
    return made


def click_part(dialog, x, y, twice=False):
    at = dialog.canvas.view.to_pane(x + 0.5, y + 0.5).toPoint()
    QTest.mouseClick(dialog.canvas, Qt.MouseButton.LeftButton, pos=at)
    if twice:
        QTest.mouseDClick(dialog.canvas, Qt.MouseButton.LeftButton, pos=at)


def test_the_largest_alike_of_a_photo_is_picked_first(photo_parts):
    assert photo_parts.canvas.part == Part(CAR, 3)
    assert photo_parts.take.text() == "Take look of Car 1"


def test_a_clicked_part_of_a_photo_lends_its_look(photo_parts, qtbot):
    click_part(photo_parts, 170, 80)
    assert photo_parts.take.text() == "Take look of Person 1"
    with qtbot.waitSignal(photo_parts.chosen) as told:
        QTest.mouseClick(photo_parts.take, Qt.MouseButton.LeftButton)
    (look,) = told.args
    assert np.array_equal(look.mask.pixels == 255, street().objects == 8)


def test_a_surface_of_a_photo_is_taken_by_a_double_click(photo_parts, qtbot):
    with qtbot.waitSignal(photo_parts.chosen) as told:
        click_part(photo_parts, 120, 20, twice=True)
    (look,) = told.args
    assert np.array_equal(look.mask.pixels == 255, photo_parts.canvas.scene.labels == 23)


def test_nothing_is_taken_where_nobody_knows_what_is_shown(bench, qtbot):
    blank = LabelMap.blank((240, 160), cityscapes())
    photo = Photo(np.zeros((160, 240, 3), np.uint8))
    dialog = PhotoLookDialog(bench.host, theme.LIGHT, photo, blank, CAR, "Car 1")
    dialog.show()
    qtbot.waitExposed(dialog)
    click_part(dialog, 100, 100)
    assert dialog.canvas.part is None and not dialog.take.isEnabled()
