"""How live a drag is: latency, pictures a second, first picture, new photo, large photo, memory.

    python -m tests.bench.latency PHOTO [--model FILE] [--threads N] [--json OUT]

Latency = the newest event in a picture reaches the worker -> the picture is answered; what Qt adds
to show it is not in it. Run it on a machine that does nothing else: it prints figures on the
hardware it names, and asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import queue
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.appearance import FromPhoto
from engine.perception.base import Reading
from engine.photo import Mask, Photo
from engine.photo_files import open_photo
from engine.registry import PAINTER_MODEL
from engine.request import Failed, Message, Painted, Quality, Read, Request
from engine.shapes.body import body_height
from engine.shapes.pose import Pose
from engine.weights import read_card
from engine.worker import ReadPhoto, Worker

if TYPE_CHECKING:
    from engine.session import Session

VIEW = 900
"""Longest side in pixels of the picture while dragging."""
RATE = 60.0
"""Events a second, as a mouse on an ordinary screen gives."""
SECONDS = 10.0
TALL = 2000
"""Standing height in pixels of the large photo's person."""


@dataclass(frozen=True)
class Drag:
    """Milliseconds from the newest event in a picture to the picture, and pictures a second.

    `slowest_event_ms` is the longest that any event waited for a picture as new as itself.
    """

    events: int
    pictures: int
    p50_ms: float
    p95_ms: float
    slowest_event_ms: float
    pictures_per_second: float


class Desk:
    """A worker and the answers it gave, as the studio has them."""

    def __init__(self, models: list[Path], device: str, threads: int) -> None:
        self.answers: queue.Queue[tuple[float, Message]] = queue.Queue()
        self._models, self._device, self._threads = models, device, threads
        self.worker = Worker(self._session, self._note)

    def _session(self) -> Session:
        """Imports PyTorch, so it runs in the worker's thread."""
        import torch

        from engine.session import Session

        if self._threads:
            torch.set_num_threads(self._threads)
        return Session(self._device, models=self._models)

    def _note(self, message: Message) -> None:
        self.answers.put((time.perf_counter(), message))

    def wait(self, kind: type) -> tuple[float, Message]:
        """The next answer of a kind; a failure ends the run."""
        while True:
            at, message = self.answers.get(timeout=120)
            if isinstance(message, Failed):
                sys.exit(f"{message.message} {message.advice}")
            if isinstance(message, kind):
                return at, message

    def paint(self, request: Request) -> float:
        """Seconds until the picture is there."""
        start = time.perf_counter()
        self.worker.post(request)
        return self.wait(Painted)[0] - start

    def read(self, photo: Photo) -> Reading:
        """What perception sees."""
        self.worker.post(ReadPhoto(photo))
        message = self.wait(Read)[1]
        assert isinstance(message, Read)
        return message.reading


def waved(pose: Pose, turn: float) -> Pose:
    """The right hand on a circle around where it was."""
    wrist = pose["right_wrist"] or pose["right_shoulder"] or (pose.size[0] / 2, pose.size[1] / 2)
    reach = 0.08 * body_height(pose)
    x, y = wrist[0] + reach * np.sin(turn), wrist[1] - reach * (1 - np.cos(turn))
    return pose.moved(right_wrist=(float(x), float(y)))


def drag(desk: Desk, look: FromPhoto, model: str) -> Drag:
    """Ten seconds of a moving hand at preview quality; only the newest event is ever painted."""
    sent: dict[Request, float] = {}  # no pose comes twice: 0.05 is no fraction of a turn
    start = time.perf_counter()
    for n in range(int(SECONDS * RATE)):
        time.sleep(max(0.0, start + n / RATE - time.perf_counter()))
        shape = waved(look.shape, 0.1 + 0.05 * n)
        request = Request(model, shape, look, longest=VIEW, quality=Quality.preview)
        sent[request] = time.perf_counter()
        desk.worker.post(request)
    shown: list[tuple[float, float]] = []
    while not shown or shown[-1][1] < max(sent.values()):
        at, message = desk.wait(Painted)
        assert isinstance(message, Painted)
        shown.append((at, sent[message.request]))
    return _summary(sorted(sent.values()), shown, shown[-1][0] - start)


def _summary(sent: list[float], shown: list[tuple[float, float]], seconds: float) -> Drag:
    latency = [1000 * (at - newest) for at, newest in shown]
    waits = [min(at for at, newest in shown if newest >= event) - event for event in sent]
    return Drag(
        events=len(sent),
        pictures=len(shown),
        p50_ms=float(np.percentile(latency, 50)),
        p95_ms=float(np.percentile(latency, 95)),
        slowest_event_ms=1000 * max(waits),
        pictures_per_second=len(shown) / seconds,
    )


def enlarged(photo: Photo, factor: float) -> Photo:
    """The same photo larger, for sizes that no sample has."""
    import cv2

    size = tuple(round(n * factor) for n in photo.size)
    return Photo(
        np.asarray(cv2.resize(photo.pixels, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    )


def measure(desk: Desk, path: Path, model: str) -> dict[str, object]:
    """All figures, in the order in which a person would meet them."""
    photo = open_photo(path)
    reading = desk.read(photo)
    look = FromPhoto(photo, reading.pose, reading.mask if reading.found else None)
    first = Request(model, waved(look.shape, 0.5), look, longest=VIEW, quality=Quality.preview)
    desk.paint(first)
    figures: dict[str, object] = {"from process start to first live picture, s": alive()}
    figures["drag"] = asdict(drag(desk, look, model))
    figures |= _new_photo(desk, photo, model)
    figures["memory so far with both models, peak, MB"] = peak_memory()
    figures |= _large(desk, look, model)
    figures["memory with the 2,000 px person too, peak, MB"] = peak_memory()
    return figures


def _new_photo(desk: Desk, photo: Photo, model: str) -> dict[str, float]:
    """Perception, prepare and the first preview of a photo never seen, with warm models."""
    other = Photo(np.ascontiguousarray(photo.pixels[:, ::-1]))
    start = time.perf_counter()
    reading = desk.read(other)
    read = time.perf_counter() - start
    look = FromPhoto(other, reading.pose, reading.mask if reading.found else None)
    request = Request(model, waved(look.shape, 0.5), look, longest=VIEW, quality=Quality.preview)
    painted = desk.paint(request)
    return {"new photo, perception, s": read, "new photo, to its first picture, s": read + painted}


def _large(desk: Desk, look: FromPhoto, model: str) -> dict[str, float]:
    """A person of 2,000 px at full quality: the first picture prepares, the others do not."""
    factor = TALL / body_height(look.shape)
    photo = enlarged(look.photo, factor)
    mask = None
    if look.mask is not None:
        mask = Mask(enlarged(Photo(np.dstack([look.mask.pixels] * 3)), factor).pixels[..., 0])
    large = FromPhoto(photo, look.shape.resized(photo.size), mask)
    turns = (0.5, 0.6, 0.7, 0.8)
    seconds = [desk.paint(Request(model, waved(large.shape, t), large)) for t in turns]
    return {
        "2,000 px person, first full picture, s": seconds[0],
        "2,000 px person, when the hand rests, s": float(np.median(seconds[1:])),
    }


def alive() -> float:
    """Seconds since this process started; processor time where there is no /proc."""
    stat = Path("/proc/self/stat")
    if not stat.is_file():
        return time.process_time()
    ticks = int(stat.read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def peak_memory() -> float:
    """Megabytes that this process ever held at once."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    import torch

    from engine.runtime import Runtime

    names = (
        [
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ]
        if Path("/proc/cpuinfo").is_file()
        else [platform.processor()]
    )
    return {
        "system": platform.platform(),
        "processor": names[0] if names else platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "runtime": str(Runtime.best()),
        "command": " ".join(["python", "-m", "tests.bench.latency", *sys.argv[1:]]),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--model", type=Path, help="a painter that is not bundled")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    desk = Desk([options.model] if options.model else [], options.device, options.threads)
    model = read_card(options.model).id if options.model else PAINTER_MODEL
    found = measure(desk, options.photo, model)
    desk.worker.close()
    report = {"machine": machine() | {"load before": load}, "figures": found}
    text = json.dumps(report, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
