"""One small training through the window, by the real command line."""

import numpy as np
from PIL import Image, ImageDraw
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine import registry, weights
from studio.training import asking, process
from studio.training.runs import State

LEFT = Qt.MouseButton.LeftButton
LONG = 240_000


def pairs_of(folder, counts):
    """Ellipses of one colour each, with their outlines."""
    rng = np.random.default_rng(0)
    for split, count in counts.items():
        for kind in ("photos", "edges"):
            (folder / split / kind).mkdir(parents=True)
        for n in range(count):
            x, y, wide, high = (int(v) for v in rng.integers((2, 2, 20, 20), (20, 20, 40, 40)))
            colour = tuple(int(v) for v in rng.integers(0, 200, 3))
            for kind, ink in (("photos", {"fill": colour}), ("edges", {"outline": 0})):
                picture = Image.new("RGB", (64, 64), "white")
                ImageDraw.Draw(picture).ellipse((x, y, x + wide, y + high), **ink)
                picture.convert("RGB" if kind == "photos" else "L").save(
                    folder / split / kind / f"{n}.png"
                )
    return folder


def test_a_folder_becomes_a_model(window, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(process, "_step_back_apart", lambda pid: None)  # tests do not wait for idle
    monkeypatch.setattr(asking, "step_back", lambda pid: None)
    window.run("show_training")
    dialog = window.training.dialog
    setup, run = dialog.setup, dialog.run
    setup.data.open_folder(pairs_of(tmp_path / "round things", {"train": 24, "val": 6}))
    qtbot.waitUntil(lambda: setup.data.check is not None, timeout=LONG)
    assert setup.data.check.splits == {"train": 24, "val": 6}
    assert setup.data.preview.isVisible()
    QTest.mouseClick(setup.cards.more, LEFT)
    card = next(c for c in setup.cards.cards if c.choice.recipe == "edges")
    QTest.mouseClick(card, LEFT)
    QTest.mouseClick(setup.advanced.heading, LEFT)
    QTest.keyClicks(setup.options, "--crop 32 --batch 2 --images 40 --threads 1 --tick 0")
    qtbot.waitUntil(lambda: setup.estimate is not None, timeout=LONG)
    assert setup.estimate.fits and setup.estimate.most_bytes > 0
    QTest.mouseClick(setup.start, LEFT)
    qtbot.waitUntil(lambda: not run.snapshot.state.runs, timeout=LONG)
    assert run.snapshot.state is State.done, run.trouble.text.text()
    qtbot.waitUntil(lambda: run.snapshot.curves != {}, timeout=LONG)
    line = run.snapshot.curves["line"]
    assert len(line.values) == 20 and np.isfinite(line.values).all()
    assert run.curves.legend.rows["line"].isChecked()
    qtbot.waitUntil(lambda: not run.samples.view.shown.isNull(), timeout=LONG)
    QTest.mouseClick(run.use, LEFT)
    installed = registry.user_folder() / "round-things.safetensors"
    qtbot.waitUntil(installed.exists, timeout=LONG)
    assert weights.read_card(installed).title == "Round things"
    assert weights.digest_of(installed) == weights.digest_of(run.snapshot.model)
