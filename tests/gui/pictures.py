"""Makes the README's pictures of the studio: `python -m tests.gui.pictures [RUN]`, display or not.

Everything is done through the window's own commands; the models are the bundled ones. RUN is the
folder of a training, for the picture of how one is watched.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
    os.environ[name] = tempfile.mkdtemp()

import cv2  # noqa: F401, E402  # it points Qt at its own plugins, which is undone below

for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    os.environ.pop(name, None)

from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from engine.shapes.label_templates import TEMPLATES, Template  # noqa: E402
from studio.__main__ import main as guise  # noqa: E402
from studio.document import PictureState  # noqa: E402
from studio.editors.annotation.people import PeopleWorkspace  # noqa: E402
from studio.editors.scene.workspace import SceneWorkspace  # noqa: E402
from studio.editors.sketch.examples import examples  # noqa: E402
from studio.editors.sketch.workspace import SketchWorkspace  # noqa: E402
from studio.settings import Settings  # noqa: E402
from studio.window import Window  # noqa: E402
from studio.worker import Bridge, make_session  # noqa: E402
from tests.gui.correcting import answer_of  # noqa: E402

FOLDER = Path(__file__).parents[2] / "assets" / "readme"
SIZE = (1280, 780)
SAMPLE = "waver.sample"
SAMPLES = Path(__file__).parents[2] / "assets" / "samples"
PHOTOS = ("walker.png", "waver.jpg", "walker.painted.png", "waver.painted.jpg")


class Photographer:
    """Drives the window and takes pictures of it."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self.window = Window(Bridge(make_session), Settings())
        self.window.resize(*SIZE)
        self.window.show()
        self.window.bridge.start()
        self.window.open_sample(SAMPLE)
        self.until(lambda: self.window.workspace.painting.warming is None)

    def until(self, done: Callable[[], bool], seconds: float = 60) -> None:
        """Let the window live until something is so."""
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                sys.exit("the window never came so far")
            self._app.processEvents()

    def settle(self) -> None:
        """Until the picture shows what is asked for."""
        document, painting = self.window.document, self.window.workspace.painting
        self.until(lambda: document.state is PictureState.current and painting.resting)
        for card in list(self.window.notice.cards):
            card.close_button.click()

    def move(self, **joints: tuple[float, float]) -> None:
        """Move joints by shares of the photo's height."""
        document = self.window.document
        side = document.reading.photo.size[1]
        places = {
            name: (document.pose[name][0] + dx * side, document.pose[name][1] + dy * side)
            for name, (dx, dy) in joints.items()
        }
        document.change(document.pose.moved(**places), "Move joints")
        self.settle()

    def draw(self, name: str, seed: int) -> None:
        """A drawing in a tab of its own, with its variations."""
        self.window.run("new_drawing")
        workspace = self.window.workspace
        assert isinstance(workspace, SketchWorkspace)
        workspace.take_example(next(e for e in examples() if e.name == name))
        workspace.side.look.numbers.throw_seed(seed)
        self.settle()
        self.until(lambda: not workspace.side.look.pictures.missing)

    def paint(self, template: Template) -> None:
        """A scene in a tab of its own, with an object selected."""
        self.window.run("new_scene")
        workspace = self.window.workspace
        assert isinstance(workspace, SceneWorkspace)
        workspace.take_template(template)
        self.settle()
        scene = workspace.document.scene
        largest = max(scene.instances.values(), key=lambda one: one.area)
        workspace.document.select(largest.id)
        end = time.monotonic() + 5  # the small pictures of its looks
        self.until(lambda: time.monotonic() > end)

    def watch(self, run: Path) -> QWidget:
        """The window of trainings with one of them."""
        self.window.training.trainings.add(run)
        self.window.training.show(run)
        dialog = self.window.training.dialog
        assert dialog is not None
        dialog.resize(*SIZE)
        dialog.run.curves.smooth.setValue(3)
        self.until(lambda: not dialog.run.samples.view.shown.isNull())
        self.until(lambda: bool(dialog.run.curves.legend.rows))
        return dialog

    def correct(self) -> None:
        """The samples as a training set in a tab."""
        folder = Path(tempfile.mkdtemp())
        for photo in PHOTOS:
            shutil.copy(SAMPLES / photo, folder)
        guise(["prepare", "people", str(folder), "-o", str(folder / "own")])
        self.window.training.correct(answer_of(folder / "own"), ())
        workspace = self.window.workspace
        assert isinstance(workspace, PeopleWorkspace)
        self.until(lambda: workspace.loaded)
        end = time.monotonic() + 2  # the small pictures of the strip
        self.until(lambda: time.monotonic() > end)

    def run(self, *commands: str) -> None:
        """Run commands of the window."""
        for command in commands:
            self.window.actions_by_name[command].trigger()
            self.settle()

    def take(self, name: str, of: QWidget | None = None) -> None:
        """Write one picture."""
        self._app.processEvents()
        (of or self.window).grab().save(str(FOLDER / f"{name}.png"))


def main() -> None:
    """Make all pictures."""
    maker = Photographer(QApplication(sys.argv))
    maker.run("reset_pose")
    maker.move(left_elbow=(0.02, -0.12), left_wrist=(-0.03, -0.28))
    maker.move(right_knee=(-0.05, -0.06), right_ankle=(-0.02, -0.08))
    maker.take("studio")
    maker.run("theme_light", "add_key_pose", "reset_pose", "add_key_pose", "toggle_animation")
    maker.run("transform_box")
    maker.take("animation")
    maker.run("transform_box", "toggle_animation", "theme_dark", "refine_mask", "view_single")
    maker.take("refine")
    maker.run("refine_mask", "view_side")
    maker.draw("Hiking boot", seed=16)
    maker.take("sketch")
    maker.paint(TEMPLATES[1])
    maker.take("scene")
    for run in sys.argv[1:2]:
        maker.take("training", maker.watch(Path(run)))
    maker.correct()
    maker.take("correct")
    maker.run("theme_light")
    maker.window._leaving = True
    maker.window.close()


if __name__ == "__main__":
    main()
