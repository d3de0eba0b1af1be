"""The window of trainings by hand: set up, started, watched, steered, used, left, found again."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from engine import registry, weights
from engine.card import Card
from studio.panels.train_desk import LeaveTraining
from studio.settings import Settings
from studio.training import asking, process
from studio.training.process import spoken_command
from studio.training.runs import State, Word, is_run
from studio.training.trainings import Trainings, runs_folder
from studio.window import Window
from studio.worker import Bridge
from tests.fakes import FakeSession, save_png_of

LEFT = Qt.MouseButton.LeftButton
STAND_IN = Path(__file__).with_name("stand_in.py")
LONG = 60_000
"""Milliseconds; processes begin slowly on a busy machine."""


@pytest.fixture(autouse=True)
def trainer(monkeypatch, tmp_path):
    """The stand-in speaks as the command line, and nothing of it is left running."""
    program = [sys.executable, str(STAND_IN)]
    started = []

    def start(words, folder):
        started.append(process.start_apart(words, folder))
        return started[-1]

    for module in (process, asking):
        monkeypatch.setattr(module, "program", lambda: program)
    monkeypatch.setattr(process, "_step_back_apart", lambda pid: None)
    monkeypatch.setattr(asking, "step_back", lambda pid: None)
    monkeypatch.setattr("studio.training.trainings.start_apart", start)
    monkeypatch.setenv("STAND_IN_MODEL", str(model_file(tmp_path / "made.safetensors")))
    yield started
    for child in started:
        child.kill()
        child.wait()


def model_file(path):
    """What a training would export: a painter of sketches by its card."""
    card = Card(
        id="shoes",
        architecture="bicyclegan",
        title="Shoes",
        summary="For tests.",
        config={},
        shape="Sketch",
        takes=("Vector", "Sampled"),
    )
    weights.save(path, card, {"weight": torch.arange(8, dtype=torch.float32)})
    return path


@pytest.fixture
def photos(tmp_path):
    return folder_of(tmp_path / "my shoes", 6)


def folder_of(path, count):
    path.mkdir()
    for n in range(count):
        save_png_of(np.full((32, 48, 3), 40 * n, np.uint8), path / f"{n}.png")
    return path


@pytest.fixture
def train(window, qtbot):
    """The window of trainings, opened by its command."""
    window.training.begin()
    window.actions_by_name["show_training"].trigger()
    dialog = window.training.dialog
    qtbot.waitExposed(dialog)
    return dialog


def drop(widget, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at, copy = widget.rect().center(), Qt.DropAction.CopyAction
    keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, copy, data, LEFT, keys)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(widget, QDropEvent(QPointF(at), copy, data, LEFT, keys))


def click(button):
    assert button.isVisible() and button.isEnabled()
    QTest.mouseClick(button, LEFT)


def checked(train, qtbot, folder):
    drop(train.setup.data, folder)
    qtbot.waitUntil(lambda: train.setup.data.check is not None, timeout=LONG)


def begun(train, qtbot, folder):
    """A training of a folder that has come to its first lines."""
    checked(train, qtbot, folder)
    click(train.setup.start)
    qtbot.waitUntil(lambda: train.run.snapshot is not None, timeout=LONG)
    qtbot.waitUntil(lambda: state(train) is not State.starting, timeout=LONG)
    return train.run


def state(train):
    return train.run.snapshot.state


def reaches(train, qtbot, wanted):
    qtbot.waitUntil(lambda: state(train) is wanted, timeout=LONG)


def words(widget):
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


# Setting up


def test_a_dropped_folder_is_checked_and_shown_with_its_problems(train, qtbot, photos):
    assert not train.setup.start.isEnabled() and train.setup.data.invitation.isVisible()
    checked(train, qtbot, photos)
    data = train.setup.data
    assert "5 to learn from · 1 to check with · usually 256 × 256 px" in words(data)
    assert "One photo is missing." in words(data) and "gone.png" in words(data)
    assert data.preview.isVisible() and data.preview.shown.size().width() == 48
    cards = {card.choice.recipe: card for card in train.setup.cards.cards if card.isVisible()}
    assert set(cards) == {"bicyclegan", "vunet-edges"}  # the others cannot learn from this
    qtbot.waitUntil(lambda: train.setup.estimate is not None, timeout=LONG)
    assert "4000 pictures seen · 1.2 GB of memory" in train.setup.told.text().replace(",", "")


def test_all_cards_tell_why_they_do_not_fit(train, qtbot, photos):
    checked(train, qtbot, photos)
    click(train.setup.cards.more)
    cards = [card for card in train.setup.cards.cards if card.choice.recipe == "vunet"]
    assert cards and all(card.isVisible() and not card.isEnabled() for card in cards)
    assert cards[0].toolTip() == "It learns from people."


def test_a_folder_that_cannot_be_used_says_so_and_starts_nothing(train, qtbot, tmp_path):
    checked(train, qtbot, folder_of(tmp_path / "empty", 0))
    assert "has no photos to learn from; choose another folder." in words(train.setup.data)
    assert not train.setup.start.isEnabled()
    assert Settings().table("training_data") == {}


def test_the_command_is_shown_and_copied_as_it_will_be_run(train, qtbot, photos):
    checked(train, qtbot, photos)
    setup = train.setup
    QTest.mouseClick(setup.advanced.heading, LEFT)
    setup.minutes.setValue(7)
    setup.options.clear()
    QTest.keyClicks(setup.options, "--rate 1e-4")
    click(setup.copy)
    command = QGuiApplication.clipboard().text()
    assert command == spoken_command(setup.words) and "'" in command  # the folder has a space
    assert command.endswith("--minutes 7 --tick 5 --rate 1e-4")
    click(setup.start)
    reaches(train, qtbot, State.training)
    assert train.run.snapshot.status.command == command


def test_the_chosen_card_decides_recipe_and_time(train, qtbot, photos):
    checked(train, qtbot, photos)
    card = next(c for c in train.setup.cards.cards if c.choice.recipe == "vunet-edges")
    QTest.mouseClick(card, LEFT)
    assert train.setup.words[:4] == ["train", "vunet-edges", "--preset", "small"]
    assert train.setup.minutes.value() == card.choice.minutes
    QTest.keyClick(card, Qt.Key.Key_Tab)
    assert train.setup.cards.choice.recipe == "vunet-edges"


# While it runs


def test_curves_samples_and_numbers_follow_the_training(train, qtbot, photos):
    run = begun(train, qtbot, photos)
    qtbot.waitUntil(lambda: run.snapshot.ticks > 10, timeout=LONG)
    click(run.sample)
    qtbot.waitUntil(lambda: run.samples.sheets != [], timeout=LONG)
    qtbot.waitUntil(lambda: not run.samples.view.shown.isNull(), timeout=LONG)
    assert run.samples.caption.text().startswith("after ")
    assert set(run.curves.legend.rows) == {"l1", "perceptual", "val_l1"}
    assert "32.0 pictures a second" in run.facts.text() and "16 at a time" in run.facts.text()
    row = run.curves.legend.rows["perceptual"]
    assert row.isChecked() and abs(float(row.value) - 0.5) < 0.5
    QTest.mouseClick(row, LEFT)
    assert "perceptual" not in run.curves.legend.seen


def test_the_pointer_asks_the_chart_for_earlier_values(train, qtbot, photos):
    run = begun(train, qtbot, photos)
    qtbot.waitUntil(lambda: run.snapshot.ticks > 30, timeout=LONG)
    chart = run.curves.chart
    at = chart.place(0.5 * 10 / 60, 0.1)  # the tenth line
    move = QMouseEvent(
        QEvent.Type.MouseMove,
        at,
        chart.mapToGlobal(at),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(chart, move)
    assert float(run.curves.legend.rows["l1"].value) == pytest.approx(0.1, abs=0.02)
    QApplication.sendEvent(chart, QEvent(QEvent.Type.Leave))
    assert float(run.curves.legend.rows["l1"].value) < 0.05


def test_pause_back_up_stop_and_resume(train, qtbot, photos):
    run = begun(train, qtbot, photos)
    click(run.pause)
    reaches(train, qtbot, State.paused)
    step = run.snapshot.status.images
    assert run.pause.text() == "Go on"
    click(run.backup)
    backups = run.snapshot.folder / "backups"
    qtbot.waitUntil(lambda: backups.is_dir() and any(backups.iterdir()), timeout=LONG)
    click(run.pause)
    reaches(train, qtbot, State.training)
    click(run.stop)
    reaches(train, qtbot, State.stopped)
    assert run.snapshot.status.images >= step and not run.stop.isVisible()
    click(run.resume)
    reaches(train, qtbot, State.training)
    assert run.snapshot.status.images >= step


def test_a_killed_training_is_shown_and_resumed(train, qtbot, photos, trainer):
    run = begun(train, qtbot, photos)
    qtbot.waitUntil(lambda: run.snapshot.ticks > 25, timeout=LONG)
    trainer[0].kill()
    reaches(train, qtbot, State.killed)
    assert "ended from outside" in run.trouble.text.text() and run.trouble.isVisible()
    click(run.resume)
    reaches(train, qtbot, State.training)
    assert not run.trouble.isVisible() and len(trainer) == 2


def test_an_error_of_the_trainer_is_told_whole(train, qtbot, tmp_path):
    run = begun(train, qtbot, folder_of(tmp_path / "broken", 3))
    reaches(train, qtbot, State.failed)
    assert run.trouble.text.text() == "The disk is full; make room, then resume."
    assert run.resume.isVisible()


def test_a_trainer_that_dies_without_a_word_is_told(train, qtbot, tmp_path):
    begun(train, qtbot, folder_of(tmp_path / "silent", 3))
    reaches(train, qtbot, State.failed)
    assert "its log may tell" in train.run.trouble.text.text()


def test_a_vanished_folder_is_told_and_can_leave_the_list(train, qtbot, photos, trainer):
    run = begun(train, qtbot, photos)
    click(run.stop)
    reaches(train, qtbot, State.stopped)
    trainer[0].wait()
    run.snapshot.folder.rename(run.snapshot.folder.with_name("elsewhere"))
    train.show_training(None)
    train.list.setCurrentRow(1)
    reaches(train, qtbot, State.gone)
    assert "is not there any more" in run.trouble.text.text()
    click(run.forget)
    assert train.list.count() == 1 and train.chosen is None


def test_a_training_begun_elsewhere_is_taken_in(train, qtbot, photos, tmp_path):
    train.add_run(photos)
    assert "is no run folder" in words(train.notice)
    run = tmp_path / "by hand"
    process.start_apart(["train", "x", "--data", str(tmp_path / "silent"), "--out", str(run)], run)
    train.add_run(run)
    assert train.chosen == run and is_run(run)


# Use now


def test_use_now_paints_with_the_weights_of_this_moment(train, window, qtbot, photos):
    window.actions_by_name["new_drawing"].trigger()
    run = begun(train, qtbot, photos)
    click(run.use)
    qtbot.waitUntil(lambda: window.document.model == "my-shoes", timeout=LONG)
    card = weights.read_card(registry.user_folder() / "my-shoes.safetensors")
    assert (card.id, card.title, card.shape) == ("my-shoes", "My shoes", "Sketch")
    assert {model.card.id for model in registry.catalogue()} >= {"shoes", "my-shoes"}
    assert state(train) is State.training
    assert window.document.undo.canUndo()


def test_use_now_without_a_drawing_begins_one(train, window, qtbot, photos):
    run = begun(train, qtbot, photos)
    click(run.stop)
    reaches(train, qtbot, State.stopped)
    assert not run.use.isEnabled()  # nothing was exported
    click(run.resume)
    reaches(train, qtbot, State.training)
    click(run.use)
    qtbot.waitUntil(lambda: window.document is not None, timeout=LONG)
    qtbot.waitUntil(lambda: window.document.model == "my-shoes", timeout=LONG)


# Leaving and coming back


def question(window):
    return next(iter(window.findChildren(LeaveTraining)), None)


def test_closing_asks_and_cancel_stays(train, window, qtbot, photos):
    begun(train, qtbot, photos)
    window.close()
    qtbot.waitUntil(lambda: question(window) is not None)
    assert "my-shoes" in words(question(window))
    click(question(window).stay_button)
    assert window.isVisible() and state(train) is State.training


def test_a_training_goes_on_in_the_background_and_is_found_again(train, window, qtbot, photos):
    begun(train, qtbot, photos)
    folder = train.chosen
    window.close()
    click(question(window).go_on_button)
    qtbot.waitUntil(lambda: not window.isVisible())
    session = FakeSession()
    again = Window(Bridge(lambda: session), Settings())
    qtbot.addWidget(again)
    again.training.begin()
    found = again.training.trainings
    qtbot.waitUntil(lambda: found.running != [], timeout=LONG)
    assert found.folders == [folder]
    again.run("show_training")
    assert again.training.dialog.chosen == folder
    qtbot.waitUntil(lambda: again.training.dialog.run.snapshot.ticks > 0, timeout=LONG)
    assert again.status.training.text().startswith("my-shoes: learning")
    again._leaving = True
    again.close()


def test_stop_and_keep_when_closing(train, window, qtbot, photos, trainer):
    begun(train, qtbot, photos)
    window.close()
    click(question(window).stop_button)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert trainer[0].wait(60) == 130


def test_a_restarted_studio_says_that_a_trainer_was_killed(train, qtbot, photos, trainer, window):
    begun(train, qtbot, photos)
    window.training.trainings.close()
    os.kill(trainer[0].pid, signal.SIGKILL)
    trainer[0].wait()
    again = Trainings(Settings())
    with qtbot.waitSignal(again.seen, timeout=LONG) as heard:
        again.watch()
    assert heard.args[0].state is State.killed and heard.args[0].resumable
    with qtbot.waitSignal(again.seen, timeout=LONG):
        again.resume(heard.args[0].folder)
    qtbot.waitUntil(lambda: again.running[0].state is State.training, timeout=LONG)
    again.ask(again.folders[0], Word.stop)
    assert trainer[1].wait(60) == 130
    again.close()


def test_two_trainings_of_one_folder_get_folders_of_their_own(train, qtbot, photos, trainer):
    begun(train, qtbot, photos)
    train.show_training(None)
    assert train.setup.folder == runs_folder() / "my-shoes-2"
    click(train.setup.start)
    names = [train.list.item(n).text() for n in range(3)]
    assert names == ["New training", "my-shoes-2", "my-shoes"]
