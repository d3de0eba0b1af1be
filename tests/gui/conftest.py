"""The real window, empty or with a photo; only the networks are replaced."""

import pytest

from studio.settings import Settings
from studio.window import Window
from studio.worker import Bridge
from tests.fakes import FakeSession, photo_file


@pytest.fixture
def session():
    return FakeSession()


@pytest.fixture
def window(qtbot, session):
    made = Window(Bridge(lambda: session), Settings())
    qtbot.addWidget(made)
    made.resize(1200, 760)
    made.show()
    qtbot.waitExposed(made)
    yield made
    session.gate.set()
    made._leaving = True
    made.close()


@pytest.fixture
def opened(window, qtbot, tmp_path):
    """The window with a photo in which a person was found, and nothing left to paint."""
    window.open_path(photo_file(tmp_path / "walker.png"))
    qtbot.waitUntil(lambda: window.document is not None)
    qtbot.waitUntil(lambda: window.workspace.painting.warming is None)
    return window
