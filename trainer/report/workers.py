"""Models of a report measured side by side, each in one of several processes."""

from __future__ import annotations

import _thread
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

import torch

from trainer.metrics import notes
from trainer.networks.memory import free_bytes
from trainer.report.desk import Desk, Done, Order

_EACH = 2 * 2**30
"""Bytes that a process is given; with judges, photos and paintings of shoes it takes 1.6e9."""
_PATIENCE = 10.0
"""Seconds that a process has to put its drafts away."""


def usual(device: torch.device) -> int:
    """How many processes where no number is named: one a core, if memory is enough for them.

    A GPU has its hands full with one.
    """
    if device.type != "cpu":
        return 1
    return max(min(cores(), free_bytes(device) // _EACH), 1)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    order: Order | None = None
    kin: str = ""
    step: str = ""


class Hall:
    """The processes, started when there is work for them and stopped at the end.

    Args:
        folder, fresh: of every process's :class:`Desk`.
        count: of processes, 1 or more.
        say: is given a line about every part that is done.
        show: is given what all of them are at, whenever that changes.
    """

    def __init__(
        self,
        folder: Path,
        fresh: bool,
        count: int,
        say: Callable[[str], None],
        show: Callable[[str], None],
    ) -> None:
        self._desk, self._count, self._say, self._show = (folder, fresh), count, say, show
        self._workers: list[_Worker] = []

    def measure(self, orders: Sequence[Order]) -> Iterator[tuple[Order, Done]]:
        """Each order with what became of it, as they get done."""
        waiting = list(orders)
        try:
            while waiting or any(worker.order for worker in self._workers):
                self._hand_out(waiting)
                yield from self._heard()
        finally:
            self._stop()

    def _hand_out(self, waiting: list[Order]) -> None:
        """Give every process that is idle an order, and start further ones if they are needed."""
        idle = [worker for worker in self._workers if worker.order is None]
        more = min(self._count - len(self._workers), len(waiting) - len(idle))
        idle += [self._started() for _ in range(more)]
        for worker in idle:
            if waiting:
                others = {one.kin for one in self._workers if one.order and one is not worker}
                worker.order = chosen(waiting, worker.kin, others)
                waiting.remove(worker.order)
                worker.kin, worker.step = worker.order.kin, ""
                with suppress(BrokenPipeError):  # a dead process is heard of below
                    worker.pipe.send(worker.order)

    def _started(self) -> _Worker:
        context = multiprocessing.get_context("spawn")  # PyTorch's threads do not survive a fork
        mine, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, *self._desk), daemon=True)
        process.start()
        theirs.close()
        worker = _Worker(process, mine)
        self._workers.append(worker)
        return worker

    def _heard(self) -> Iterator[tuple[Order, Done]]:
        """Wait until a process says something, and what is done by that."""
        ready = wait([worker.pipe for worker in self._workers])
        for worker in [one for one in self._workers if one.pipe in ready]:
            try:
                kind, content = worker.pipe.recv()
            except (EOFError, ConnectionError):
                yield from self._lost(worker)
                continue
            if isinstance(content, Done) and worker.order is not None:
                order, worker.order = worker.order, None
                yield order, content
            elif kind == "line":
                self._say(str(content))
            else:
                worker.step = str(content)
            self._show(self._under_way())

    def _lost(self, worker: _Worker) -> Iterator[tuple[Order, Done]]:
        """A process that ended by itself takes its order along; others go on."""
        self._workers.remove(worker)
        worker.process.join()
        if worker.order is not None:
            code = worker.process.exitcode or 0
            how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            reason = f"Its process ended by itself ({how}); the same command measures it again."
            yield worker.order, Done(reason=reason)

    def _under_way(self) -> str:
        busy = [worker for worker in self._workers if worker.order]
        return " | ".join(f"{w.order.name}: {w.step or '...'}" for w in busy if w.order)

    def _stop(self) -> None:
        for worker in self._workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(_PATIENCE)
            worker.process.kill()
        self._workers.clear()


def chosen(waiting: Sequence[Order], kin: str, others: set[str]) -> Order:
    """What a process does next: of the kin that it knows, else of a kin that nobody is at.

    Args:
        waiting: one or more, in the order of the report.
        kin: of its last order.
        others: kins that other processes are at.
    """
    same = [order for order in waiting if order.kin == kin]
    free = [order for order in waiting if order.kin not in others]
    return (same or free or list(waiting))[0]


# In the process


def _work(pipe: Connection, folder: Path, fresh: bool) -> None:
    """Measure what comes through the pipe until it is closed or the process is told to stop."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    threading.Thread(target=_watch, daemon=True).start()
    desk = Desk(folder, fresh, lambda line: _tell(pipe, "line", line))
    notes.SHOWN.set(lambda step: _shown(pipe, step))
    with suppress(KeyboardInterrupt, EOFError):
        while True:
            _tell(pipe, "done", desk.done(pipe.recv()))


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    """The first time only: drafts are put away meanwhile."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _watch() -> None:
    """Stop with the process that started this one, however that ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    if hasattr(signal, "pthread_kill"):  # wakes what waits, too
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


@contextmanager
def _shown(pipe: Connection, step: str) -> Iterator[None]:
    _tell(pipe, "step", step)
    yield


def _tell(pipe: Connection, kind: str, content: str | Done) -> None:
    """KeyboardInterrupt if nobody listens any more."""
    try:
        pipe.send((kind, content))
    except ConnectionError:
        raise KeyboardInterrupt from None
