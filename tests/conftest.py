"""Every test starts with its own empty settings and an offscreen Qt."""

import os
import threading

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # the tests themselves run in parallel

import pytest


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """Nothing is read from or left in the user's folders."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name))


@pytest.fixture(autouse=True)
def no_thread_left():
    """A test that leaves one of our threads running fails."""
    yield
    left = [t.name for t in threading.enumerate() if t.name in ("guise-worker", "batches")]
    assert not left, f"threads left running: {left}"
