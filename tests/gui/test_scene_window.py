"""A scene in the real window: labels painted, pictured, undone, saved, opened."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.appearance import PerObject, Vector
from engine.photo import Photo
from engine.request import Quality
from engine.shapes.label_sets import facades, known_to
from engine.shapes.label_templates import TEMPLATES
from studio import dialogs
from studio.document import PictureState
from studio.editors.scene.document import SceneDocument
from studio.editors.scene.workspace import SceneWorkspace
from studio.panels.painter import painters_of
from studio.project import read_project
from tests.fakes import photo_file


@pytest.fixture
def scene(window, qtbot):
    """The window with an empty map."""
    window.new_scene()
    qtbot.waitUntil(lambda: isinstance(window.workspace, SceneWorkspace))
    return window


def paint(window, start, end):
    pane, view = window.workspace.panes.editor, window.workspace.panes.view
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, place, one, held in (
        (QEvent.Type.MouseButtonPress, start, left, left),
        (QEvent.Type.MouseMove, end, none, left),
        (QEvent.Type.MouseButtonRelease, end, left, none),
    ):
        at = QPointF(view.to_pane(*place))
        keys = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(pane, QMouseEvent(kind, at, pane.mapToGlobal(at), one, held, keys))


def label(window, name):
    choice = window.workspace.panes.editor.board.choice
    found = choice.label_set.named(name)
    choice.choose(found.id)
    return found.id


def settled(window, qtbot):
    qtbot.waitUntil(lambda: window.document.finished and window.workspace.painting.resting)


def test_labels_are_painted_and_pictured(scene, session, qtbot):
    road = label(scene, "road")
    paint(scene, (100, 400), (900, 400))
    assert scene.document.scene.labels[400, 500] == road
    settled(scene, qtbot)
    last = session.painted[-1]
    assert last.shape == scene.document.scene and last.model == "street"
    assert scene.document.state is PictureState.current


def test_an_empty_map_is_not_painted(scene, session, qtbot):
    scene.workspace.painting.paint_now()
    label(scene, "road")
    paint(scene, (100, 400), (900, 400))
    settled(scene, qtbot)
    assert not [one for one in session.painted if not one.shape.labels.any()]
    scene.run("undo")
    colours = scene.document.picture.pixels.reshape(-1, 3)
    assert scene.document.state is PictureState.current and len(np.unique(colours, axis=0)) == 1


def test_a_stroke_of_a_thing_is_an_object_and_one_step(scene, qtbot):
    before = scene.document.scene
    car = label(scene, "car")
    paint(scene, (300, 300), (360, 300))
    found = scene.document.scene.instances
    assert len(found) == 1 and scene.document.scene.labels[300, 330] == car
    scene.run("undo")
    assert scene.document.scene == before and scene.document.selected is None
    scene.run("redo")
    assert scene.document.scene.instances.keys() == found.keys()
    assert scene.document.undo.count() == 1


def test_a_step_holds_only_what_changed(scene):
    label(scene, "road")
    for n in range(4):
        paint(scene, (100, 50 + 100 * n), (900, 50 + 100 * n))
    stack = scene.document.undo
    held = sum(stack.command(n).nbytes for n in range(stack.count()))
    assert stack.count() == 4 and held < scene.document.scene.labels.nbytes / 20


def test_a_scene_is_saved_and_opened_again(scene, qtbot, tmp_path):
    label(scene, "car")
    paint(scene, (300, 300), (360, 300))
    document = scene.document
    (thing,) = document.scene.instances
    document.change_look(PerObject(None, ((thing, Vector((0.1, 0.2, 0.3))),), 5), "Look")
    document.put_reference(Photo(np.full((40, 60, 3), 90, np.uint8)))
    settled(scene, qtbot)
    path = tmp_path / "street.guise"
    scene.workspace.saver.save_as(path)
    qtbot.waitUntil(lambda: not scene.workspace.dirty)
    state = read_project(path)
    assert state.wanted == document.wanted and state.reference == document.reference
    scene.run("close_document")
    scene.open_path(path)
    qtbot.waitUntil(lambda: scene.document is not None)
    assert isinstance(scene.document, SceneDocument) and not scene.workspace.dirty
    assert scene.document.wanted == state.wanted


def test_a_template_of_other_labels_gets_a_tab_with_a_painter_that_knows_them(scene, qtbot):
    first = scene.document
    front = next(template for template in TEMPLATES if template.labels().name == "Facades")
    scene.workspace.take_template(front)
    assert scene.document is not first and first.undo.count() == 0
    painter = next(one for one in painters_of("LabelMap") if one.id == scene.document.model)
    assert scene.document.scene.label_set == facades() == known_to(painter)
    scene.run("previous_document")
    scene.workspace.take_template(TEMPLATES[0])
    assert scene.document is first and first.undo.count() == 1


def test_a_photo_becomes_a_scene_with_the_photo_under_it(window, qtbot, tmp_path):
    window.opener.open_scene(photo_file(tmp_path / "street.png"))
    qtbot.waitUntil(lambda: window.document is not None)
    assert isinstance(window.document, SceneDocument)
    assert window.document.size == (200, 300) == window.document.reference.size


def test_labels_of_a_drag_called_off_come_back(scene, qtbot):
    label(scene, "road")
    before = scene.document.scene
    pane, view = scene.workspace.panes.editor, scene.workspace.panes.view
    left = Qt.MouseButton.LeftButton
    for kind, x in ((QEvent.Type.MouseButtonPress, 100), (QEvent.Type.MouseMove, 600)):
        at = QPointF(view.to_pane(x, 200))
        one = left if kind == QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
        keys = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(pane, QMouseEvent(kind, at, pane.mapToGlobal(at), one, left, keys))
    qtbot.keyClick(pane, Qt.Key.Key_Escape)
    assert scene.document.scene == before and scene.document.undo.count() == 0


def test_the_look_of_a_photo_is_read_from_what_it_shows(scene, qtbot, tmp_path, monkeypatch):
    path = photo_file(tmp_path / "light.png")
    monkeypatch.setattr(dialogs, "photo_to_open", lambda *_: path)
    scene.run("look_from_photo")
    qtbot.waitUntil(lambda: scene.document.look is not None)
    look = scene.document.look.default
    assert look.photo.size == (200, 300) == look.shape.size and look.mask is None
    scene.run("undo")
    assert scene.document.look is None


def test_a_photo_that_cannot_be_read_changes_nothing(scene, qtbot, tmp_path, monkeypatch):
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"no photo")
    monkeypatch.setattr(dialogs, "photo_to_open", lambda *_: path)
    with qtbot.waitSignal(scene.workspace.said) as told:
        scene.run("look_from_photo")
    assert told.args[1] == "error" and "broken.jpg" in told.args[0]
    assert scene.document.look is None and scene.document.undo.count() == 0


def test_the_picture_is_smaller_while_the_hand_moves(scene, session, qtbot):
    scene.resize(1800, 1000)
    label(scene, "road")
    paint(scene, (100, 400), (900, 400))
    settled(scene, qtbot)
    quick = [one for one in session.painted if one.quality is Quality.preview]
    full = session.painted[-1]
    assert quick and {one.longest for one in quick} == {320}
    assert full.quality is Quality.full and full.longest > 320
    assert quick[-1].shape == full.shape


def test_a_painter_of_other_labels_is_told(scene):
    told = []
    scene.workspace.said.connect(lambda text, kind: told.append((kind, text)))
    scene.workspace.side.painter.choose("facades")
    warnings = [text for kind, text in told if kind == "warning"]
    assert len(warnings) == 1 and "Facades" in warnings[0] and "Cityscapes" in warnings[0]
    told.clear()
    scene.workspace.side.painter.choose("street")
    assert not [text for kind, text in told if kind == "warning"]


def test_what_was_painted_before_the_panes_had_their_size_is_painted_again(
    scene, qtbot, monkeypatch
):
    """The first picture of a new tab is asked for while its panes are still small."""
    paint(scene, (100, 400), (900, 400))
    settled(scene, qtbot)
    document, painting = scene.document, scene.workspace.painting
    wanted = painting._seen(Quality.full)
    assert wanted > 200
    with monkeypatch.context() as small:
        small.setattr(painting, "_longest", lambda: 100)
        painting.paint_now()
    qtbot.waitUntil(lambda: max(document.picture.size) == 100)
    qtbot.waitUntil(lambda: document.finished and max(document.picture.size) == wanted)
