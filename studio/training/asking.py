"""Short commands of `guise` whose answer the window waits for, without waiting itself."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, Signal

from studio.training.process import explained, program, step_back

_END_MS, _LONG_MS = 3000, 30_000


class Asking(QObject):
    """Runs one command at a time; a newer one takes the place of the one before.

    Signals:
        answered: its exit code, its standard output, and the sentence of its error.
        went_on: the last line that it wrote to standard error.
    """

    answered = Signal(int, str, str)
    went_on = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._error = ""

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._process is not None

    def ask(self, words: Sequence[str]) -> None:
        """Run a command, without `guise`."""
        self.cancel()
        process = self._process = QProcess(self)
        self._error = ""
        process.setProgram(program()[0])
        process.setArguments([*program()[1:], *words])
        process.started.connect(lambda: step_back(process.processId()))
        process.readyReadStandardError.connect(lambda: self._hear(process))
        process.finished.connect(lambda code, _: self._end(process, code))
        process.errorOccurred.connect(lambda kind: self._not_started(process, kind))
        process.start()

    def wait(self) -> None:
        """Until the command has ended, with its answer told."""
        if self._process is not None:
            self._process.waitForFinished(_LONG_MS)

    def cancel(self) -> None:
        """Nobody wants the answer any more."""
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(_END_MS)
            process.deleteLater()

    def _hear(self, process: QProcess) -> None:
        text = bytes(process.readAllStandardError().data()).decode(errors="replace")
        self._error = (self._error + text)[-20_000:]
        lines = [line for line in text.splitlines() if line.strip()]
        if lines and process is self._process:
            self.went_on.emit(lines[-1].strip())

    def _not_started(self, process: QProcess, kind: QProcess.ProcessError) -> None:
        if kind is QProcess.ProcessError.FailedToStart:
            self._end(process, 2)

    def _end(self, process: QProcess, code: int) -> None:
        if process is not self._process:
            return
        self._hear(process)
        output = bytes(process.readAllStandardOutput().data()).decode(errors="replace")
        self._process = None
        process.deleteLater()
        self.answered.emit(code, output, explained(self._error))
