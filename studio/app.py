"""Starting the studio."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from studio import languages, sample
from studio.settings import Settings
from studio.window import Window
from studio.worker import Bridge, make_session


def main(argv: list[str]) -> int:
    """Open the window with a sample, or with the photo named in `argv`; returns the exit code."""
    settings = Settings()
    os.environ.setdefault("QT_SCALE_FACTOR", str(int(settings.text("scale")) / 100))
    app = QApplication(["guise", *argv])
    app.setApplicationName("Guise")
    languages.install(app, settings.text("language"))
    device, models = settings.text("device"), settings.text("models")
    window = Window(Bridge(lambda: make_session(device, models)), settings)
    if argv:
        QTimer.singleShot(0, lambda: window.open_path(Path(argv[0])))
    elif sample.names():
        window.open_bundled_sample()
    window.show()
    # Ctrl-C in the terminal: Qt must give Python a turn now and then to notice it.
    signal.signal(signal.SIGINT, lambda *_: window.close())
    pulse = QTimer(app, interval=300)
    pulse.timeout.connect(lambda: None)
    if sys.platform != "win32":
        pulse.start()
    return app.exec()
