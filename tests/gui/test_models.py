"""The model manager: real files listed, imported, removed, preferred; what is broken says so."""

import logging
import shutil

import pytest
import torch
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from engine import registry, weights
from engine.card import Card
from engine.errors import InputError
from studio.panels.models import ModelsDialog
from studio.panels.models_card import figures
from studio.panels.models_shelf import default_model, import_model, shelf
from studio.settings import Settings
from studio.theme import DARK

LEFT = Qt.MouseButton.LeftButton


def model_file(path, **changes):
    fields = {
        "id": "mine",
        "architecture": "deformable",
        "title": "My own people",
        "summary": "Paints as I like it.",
        "config": {},
        "takes": ("FromPhoto",),
        "data": "photos of my own",
        "terms": "private",
        "command": "guise train deformable --data DATA",
        "metrics": {"mask_iou": {"value": 0.91234, "protocol": "held-out people"}},
    }
    card = Card(**(fields | changes))
    weights.save(path, card, {"weight": torch.arange(1000, dtype=torch.float32)})
    return path


@pytest.fixture
def folder():
    made = registry.user_folder()
    made.mkdir(parents=True)
    return made


@pytest.fixture
def dialog(qtbot):
    made = ModelsDialog(Settings())
    qtbot.addWidget(made)
    made.dress(DARK)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()


def drop(dialog, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    keys, copy = Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    at = dialog.rect().center()
    enter = QDragEnterEvent(at, copy, data, LEFT, keys)
    enter.ignore()
    QApplication.sendEvent(dialog, enter)
    if enter.isAccepted():
        QApplication.sendEvent(dialog, QDropEvent(QPointF(at), copy, data, LEFT, keys))
    return enter.isAccepted()


def titles(dialog):
    return [dialog.list.item(row).text() for row in range(dialog.list.count())]


def choose(dialog, title):
    row = titles(dialog).index(title)
    place = dialog.list.visualItemRect(dialog.list.item(row)).center()
    QTest.mouseClick(dialog.list.viewport(), LEFT, pos=place)
    assert dialog.chosen.title == title


def words(dialog):
    return "\n".join(
        label.text() for label in dialog.page.findChildren(QLabel) if label.isVisible()
    )


def test_bundled_models_show_their_cards(dialog):
    for model in registry.catalogue():
        choose(dialog, model.card.title)
        shown = words(dialog)
        assert model.card.summary in shown and model.card.terms in shown
        badge = "Free for commercial use" if model.card.commercial else "Not for commercial use"
        assert badge in shown
        assert f"{model.path.stat().st_size / 1e6:.1f} MB" in shown
        assert not dialog.remove.isEnabled()
    assert {model.card.title for model in registry.catalogue()} == set(titles(dialog))


def test_training_command_is_copied(dialog):
    choose(dialog, "People")
    QTest.mouseClick(dialog.page.copy, LEFT)
    card = next(m.card for m in registry.catalogue() if m.card.id == registry.PAINTER_MODEL)
    assert QGuiApplication.clipboard().text() == card.command


def test_drop_imports_a_model_and_it_can_be_found(dialog, qtbot, tmp_path):
    source = model_file(tmp_path / "anything.safetensors")
    assert drop(dialog, source)
    qtbot.waitUntil(lambda: dialog.chosen is not None and dialog.chosen.title == "My own people")
    copy = registry.user_folder() / "mine.safetensors"
    assert copy.read_bytes() == source.read_bytes()
    assert "private" in words(dialog) and "mask iou 0.912" in words(dialog)
    assert "mine" in [model.card.id for model in registry.catalogue()]
    qtbot.waitUntil(dialog.add.isEnabled)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: p.write_bytes(b"no model at all"), "not a Guise model"),
        (lambda p: p.write_bytes(model_file(p).read_bytes()[:900]), "damaged"),
        (lambda p: model_file(p, architecture="diffusion"), "update Guise"),
        (lambda p: model_file(p, id="../../escape"), "cannot be a file's name"),
        (lambda p: p.write_bytes(b"PK\x03\x04" + bytes(600)), "pickle"),
    ],
)
def test_unusable_files_are_refused_with_a_sentence(dialog, qtbot, tmp_path, make, says):
    source = tmp_path / "given.safetensors"
    make(source)
    with qtbot.waitSignal(dialog.errands.failed):
        assert drop(dialog, source)
    qtbot.waitUntil(dialog.notice.isVisible)
    assert says in dialog.notice.text.text()
    assert not list(registry.user_folder().iterdir())
    assert not (tmp_path / "escape.safetensors").exists()
    assert dialog.add.isEnabled()


def test_plain_pytorch_weights_are_judged_without_being_taken(dialog, qtbot, tmp_path):
    source = tmp_path / "latest_net_G.pth"
    torch.save({"weight": torch.zeros(3)}, source)
    with qtbot.waitSignal(dialog.errands.failed):
        assert drop(dialog, source)
    qtbot.waitUntil(dialog.notice.isVisible)
    assert "PyTorch weights" in dialog.notice.text.text()


def test_photos_cannot_be_dropped(dialog, tmp_path):
    photo = tmp_path / "walker.png"
    photo.write_bytes(b"x")
    assert not drop(dialog, photo)


def test_an_import_never_replaces_a_model(folder, tmp_path):
    kept = model_file(folder / "mine.safetensors", title="First").read_bytes()
    with pytest.raises(InputError, match="already"):
        import_model(model_file(tmp_path / "other.safetensors", title="Second"))
    assert (folder / "mine.safetensors").read_bytes() == kept


def test_remove_asks_first_and_only_takes_own_models(folder, dialog, qtbot):
    file = model_file(folder / "mine.safetensors")
    qtbot.waitUntil(lambda: "My own people" in titles(dialog))  # seen without asking
    choose(dialog, "My own people")
    QTest.mouseClick(dialog.remove, LEFT)
    assert file.exists() and dialog.really.isVisible()
    QTest.mouseClick(dialog.keep, LEFT)
    assert file.exists() and not dialog.really.isVisible()
    QTest.mouseClick(dialog.remove, LEFT)
    QTest.mouseClick(dialog.really, LEFT)
    assert not file.exists()
    assert "My own people" not in titles(dialog)


def test_default_painter_is_remembered_and_falls_back(folder, dialog, qtbot):
    file = model_file(folder / "mine.safetensors")
    qtbot.waitUntil(lambda: "My own people" in titles(dialog))
    assert default_model(Settings(), "Pose") == registry.PAINTER_MODEL
    choose(dialog, "Person reader")
    assert not dialog.prefer.isEnabled()
    choose(dialog, "My own people")
    with qtbot.waitSignal(dialog.default_changed) as heard:
        QTest.mouseClick(dialog.prefer, LEFT)
    assert heard.args == ["Pose"] and default_model(Settings(), "Pose") == "mine"
    assert not dialog.prefer.isEnabled()
    file.unlink()
    assert default_model(Settings(), "Pose") == registry.PAINTER_MODEL


def test_loaded_models_can_be_unloaded(dialog, qtbot):
    choose(dialog, "People")
    assert not dialog.unload.isEnabled() and "Not loaded" in words(dialog)
    dialog.show_loaded({registry.PAINTER_MODEL: 21_400_000})
    assert dialog.chosen.title == "People" and "21.4 MB" in words(dialog)
    with qtbot.waitSignal(dialog.unload_wanted) as heard:
        QTest.mouseClick(dialog.unload, LEFT)
    assert heard.args == [registry.PAINTER_MODEL]
    dialog.show_loaded({})
    assert not dialog.unload.isEnabled()


def test_broken_and_vanished_files_stay_with_a_sentence(folder, dialog, qtbot, caplog):
    caplog.set_level(logging.ERROR, "guise")
    file = model_file(folder / "mine.safetensors")
    qtbot.waitUntil(lambda: "My own people" in titles(dialog))
    (folder / "cut.safetensors").write_bytes(file.read_bytes()[:300])
    qtbot.waitUntil(lambda: "cut" in titles(dialog))
    choose(dialog, "cut")
    assert "truncated" in words(dialog)
    file.unlink()
    qtbot.waitUntil(lambda: "mine" in titles(dialog))
    choose(dialog, "mine")
    assert "There is no model file" in words(dialog)
    assert not dialog.prefer.isEnabled()


def test_two_files_of_one_name_say_which_is_used(folder):
    shutil.copy(registry.bundled()[0], folder / "copy.safetensors")
    bundled, own = (m for m in shelf() if m.card.id == weights.read_card(registry.bundled()[0]).id)
    assert "copy.safetensors" in bundled.problem and not own.problem
    assert [m.path for m in registry.catalogue() if m.card.id == own.card.id] == [own.path]


def test_show_in_folder_opens_the_folder(dialog, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    choose(dialog, "People")
    QTest.mouseClick(dialog.reveal, LEFT)
    assert opened == [QUrl.fromLocalFile(str(registry.bundled()[0].parent))]


def test_figures_measured_alike_stand_together():
    both = {
        "a_b": {"value": 0.5, "protocol": "one"},
        "c": {"value": 2, "protocol": "one"},
        "d": {"value": 0.123456, "protocol": "two"},
    }
    assert figures(both) == "a b 0.5, c 2\none\n\nd 0.123\ntwo"
