"""A drawing in the real window: drawn, painted, saved, recovered, opened, exported."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.appearance import Sampled, Vector
from engine.photo import Photo
from engine.request import Scene
from engine.shapes.sketch import Sketch, Stroke
from engine.shapes.sketch_files import open_sketch
from studio import dialogs
from studio.dialogs import Product
from studio.document import PictureState
from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.examples import examples
from studio.editors.sketch.workspace import SketchWorkspace
from studio.project import read_project
from tests.fakes import photo_file, save_png_of

LINE = [(200, 500), (400, 300), (700, 500)]


@pytest.fixture
def drawing(window, qtbot):
    """The window with an empty sheet."""
    window.new_drawing()
    qtbot.waitUntil(lambda: isinstance(window.workspace, SketchWorkspace))
    return window


def draw(window, points=LINE, button=Qt.MouseButton.LeftButton):
    pane, view = window.workspace.panes.editor, window.workspace.panes.view
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * len(points)]
    for kind, (x, y) in zip(
        [*kinds, QEvent.Type.MouseButtonRelease], [points[0], *points, points[-1]], strict=True
    ):
        at = QPointF(view.to_pane(x, y))
        moving = kind == QEvent.Type.MouseMove
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
        one = Qt.MouseButton.NoButton if moving else button
        keys = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(pane, QMouseEvent(kind, at, pane.mapToGlobal(at), one, held, keys))


def settled(window, qtbot):
    qtbot.waitUntil(lambda: window.document.finished and window.workspace.painting.resting)


def test_an_empty_sheet_asks_for_no_picture(drawing, session, qtbot):
    qtbot.wait(200)
    assert session.painted == [] and drawing.document.state is PictureState.empty
    assert drawing.workspace.dirty is False


def test_a_stroke_is_painted_live_and_with_care_when_the_hand_rests(drawing, session, qtbot):
    draw(drawing)
    assert len(drawing.document.sketch.strokes) == 1
    settled(drawing, qtbot)
    last = session.painted[-1]
    assert last.shape == drawing.document.sketch and last.model == "shoes"
    assert isinstance(last.appearance, Sampled) and last.place is None
    assert drawing.workspace.history.history.rowCount() == 1


def test_drawing_goes_on_while_the_painter_is_blocked(drawing, session, qtbot):
    session.gate.clear()
    draw(drawing)
    qtbot.waitUntil(lambda: session.begun.acquire(blocking=False))
    draw(drawing, [(100, 900), (500, 900)])
    image = drawing.workspace.panes.editor.grab().toImage()
    at = drawing.workspace.panes.view.to_pane(300, 900).toPoint()
    ratio = image.devicePixelRatio()
    assert image.pixelColor(int(at.x() * ratio), int(at.y() * ratio)).lightness() < 220
    assert len(drawing.document.sketch.strokes) == 2 and session.painted == []
    session.gate.set()
    settled(drawing, qtbot)


def test_undo_and_redo_take_whole_strokes(drawing, qtbot):
    draw(drawing)
    first = drawing.document.sketch
    draw(drawing, [(100, 900), (500, 900)])
    drawing.run("undo")
    assert drawing.document.sketch == first
    drawing.run("undo")
    assert drawing.document.sketch.is_empty
    drawing.run("redo")
    assert drawing.document.sketch == first


def test_an_empty_sheet_has_an_empty_picture_again(drawing, session, qtbot):
    draw(drawing)
    settled(drawing, qtbot)
    drawing.run("undo")
    qtbot.wait(200)
    assert drawing.document.state is PictureState.current
    assert (drawing.document.picture.pixels == 255).all()
    assert drawing.workspace.history.history.rowCount() == 1


def test_keys_choose_tools_of_the_tab_that_is_seen(drawing, qtbot, tmp_path):
    drawing.actions_by_name["draw_line"].trigger()
    assert drawing.services.sketch_options.tool == "line"
    drawing.open_path(photo_file(tmp_path / "walker.png"))
    qtbot.waitUntil(lambda: not isinstance(drawing.workspace, SketchWorkspace))
    assert not drawing.actions_by_name["draw_line"].isEnabled()
    drawing.run("previous_document")
    assert drawing.actions_by_name["draw_line"].isEnabled()
    assert not drawing.actions_by_name["move_joints"].isEnabled()


def test_a_key_means_what_the_seen_editor_says(drawing, qtbot, tmp_path):
    drawing.activateWindow()
    options = drawing.services.sketch_options
    for key, tool in ((Qt.Key.Key_L, "line"), (Qt.Key.Key_V, "select"), (Qt.Key.Key_P, "pencil")):
        qtbot.keyClick(drawing.workspace.panes.editor, key)
        assert options.tool == tool
    drawing.open_path(photo_file(tmp_path / "walker.png"))
    qtbot.waitUntil(lambda: not isinstance(drawing.workspace, SketchWorkspace))
    qtbot.keyClick(drawing.workspace.panes.editor, Qt.Key.Key_V)
    assert options.tool == "pencil" and drawing.document.fitting is False


def test_a_drawing_is_saved_and_opened_again(drawing, qtbot, tmp_path):
    draw(drawing)
    document = drawing.document
    document.change_look(Vector((0.5,) * 8), "Look")
    document.put_reference(Photo(np.full((60, 40, 3), 90, np.uint8)))
    document.show_reference(0.25)
    settled(drawing, qtbot)
    path = tmp_path / "shoe.guise"
    drawing.workspace.saver.save_as(path)
    qtbot.waitUntil(lambda: not drawing.workspace.dirty)
    state = read_project(path)
    assert state.wanted == document.wanted and state.reference.opacity == 0.25
    assert state.reference.photo == document.reference and len(state.history) == 1
    drawing.run("close_document")
    drawing.open_path(path)
    qtbot.waitUntil(lambda: drawing.document is not None)
    assert isinstance(drawing.document, SketchDocument)
    assert drawing.document.wanted == state.wanted and not drawing.workspace.dirty


def test_a_crash_leaves_the_drawing_to_be_recovered(drawing, qtbot):
    draw(drawing)
    drawing.workspace.saver.journal._write()
    drawing.workspace.saver.journal._lane.wait()
    from studio.journal_file import replayed, state_in

    folder = drawing.workspace.saver.journal.folder
    replay = replayed(folder)
    assert replay.changed and state_in(folder, replay).wanted == drawing.document.wanted


def test_a_file_of_lines_becomes_a_drawing(window, qtbot, tmp_path):
    paper = np.full((120, 200, 3), 255, np.uint8)
    paper[60:63, 20:180] = 0
    save_png_of(paper, tmp_path / "line.png")
    window.opener.open_drawing(tmp_path / "line.png")
    qtbot.waitUntil(lambda: window.document is not None)
    assert window.document.sketch.size == (200, 120) and not window.document.sketch.is_empty
    assert window.document.reference is None


def test_a_photo_becomes_a_drawing_with_the_photo_under_it(window, session, qtbot, tmp_path):
    path = photo_file(tmp_path / "walker.png")
    window.opener.open_drawing(path)
    qtbot.waitUntil(lambda: window.document is not None)
    assert window.document.sketch.strokes == session.traced.strokes
    assert window.document.reference is not None


def test_an_svg_is_opened_as_a_drawing(window, qtbot, tmp_path):
    path = tmp_path / "bag.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 80">'
        '<path d="M10 10 L90 10 L90 70" fill="none" stroke="black"/></svg>'
    )
    window.open_path(path)
    qtbot.waitUntil(lambda: window.document is not None)
    assert len(window.document.sketch.strokes) == 1


def test_an_example_brings_its_painter(drawing, qtbot):
    bag = next(example for example in examples() if example.model == "bags")
    drawing.workspace.take_example(bag)
    assert drawing.document.model == "bags"
    assert len(drawing.document.sketch.strokes) == len(bag.sketch.strokes)


def test_pictures_drawings_and_cut_outs_are_exported(
    drawing, session, qtbot, tmp_path, monkeypatch
):
    draw(drawing)
    settled(drawing, qtbot)
    for name, what in (
        ("a.png", Product.picture),
        ("b.png", Product.cutout),
        ("c.svg", Product.drawing),
    ):
        path = tmp_path / name
        monkeypatch.setattr(dialogs, "drawing_to_save", lambda *_, p=path, w=what: (p, w))
        drawing.run("export_picture")
        qtbot.waitUntil(path.exists)
    assert {request.scene for request in session.painted} >= {Scene.white, Scene.cutout}
    assert len(open_sketch(tmp_path / "c.svg").strokes) == 1


def test_an_exported_picture_becomes_the_drawing_again(drawing, qtbot, tmp_path, monkeypatch):
    draw(drawing)
    settled(drawing, qtbot)
    path = tmp_path / "shoe.png"
    monkeypatch.setattr(dialogs, "drawing_to_save", lambda *_: (path, Product.picture))
    drawing.run("export_picture")
    qtbot.waitUntil(path.exists)
    first = drawing.document
    qtbot.wait(50)
    drawing.open_path(path)
    qtbot.waitUntil(lambda: drawing.document is not first)
    assert drawing.document.sketch == first.sketch
    assert drawing.document.request_for(drawing.document.wanted, None, None).appearance == Sampled(
        1
    )


def test_nothing_drawn_gives_a_sentence_instead_of_a_file(drawing, tmp_path, monkeypatch):
    path = tmp_path / "none.png"
    monkeypatch.setattr(dialogs, "drawing_to_save", lambda *_: (path, Product.picture))
    drawing.run("export_picture")
    assert "draw something first" in drawing.notice.text.text() and not path.exists()


def test_reference_and_options_stay_through_a_restart(drawing, qtbot):
    drawing.services.sketch_options.set("smoothing", 0.0)
    assert drawing.settings.values("sketch_options")["smoothing"] == 0.0


def test_old_numbers_of_strokes_are_not_selected_after_undo(drawing):
    draw(drawing)
    document = drawing.document
    document.select(frozenset({0}))
    drawing.run("undo")
    assert document.selected == frozenset()
    document.change(Sketch((9, 9), (Stroke.of([(1, 1)], 1),)), "Other")
    assert document.size == (9, 9)
