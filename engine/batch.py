"""The same work on every photo of a folder: what is done stays done, what fails is told."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

import msgspec

from engine.appearance import Appearance, FromPhoto, Mix, Parts, PerObject, Sampled, Vector
from engine.errors import InputError
from engine.exports import Exporting, ExportJob, LongJob, Steps, export
from engine.painters.base import Stop, Stopped
from engine.perception.base import Reading
from engine.photo_files import open_photo, suffixes
from engine.request import Batched, Message, Progress, Request
from engine.request_files import recipe_value
from engine.session import failed, never
from engine.shapes.pose import Pose
from engine.shapes.retarget import retargeted

MANIFEST = ".guise-done.jsonl"
"""In the folder of the results: a line for each file that is finished."""


@dataclass(frozen=True)
class Item:
    """A photo and the file made of it."""

    source: Path
    target: Path


class State(Enum):
    """What became of an item."""

    done = "done"
    skipped = "skipped"
    """It was done by an earlier run."""
    failed = "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of an item; `text` is why it failed, or how it is less than asked for."""

    item: Item
    state: State
    text: str = ""


@dataclass(frozen=True)
class Edit:
    """The same edit for anybody.

    Attributes:
        like: the edit of one photo. Its new pose is what each person does with their own build,
            where they stand; if it is the photo's pose, each keeps their own. Where its look is
            that of the photo itself, each has their own.
        embed_sources: whether the photos go into the PNGs.
    """

    like: Request
    embed_sources: bool = False

    def request(self, person: Reading) -> Request:
        """What to paint for the person of a photo.

        Raises:
            InputError: nobody was found, or shoulders or hips are missing.
        """
        if not person.found:
            raise InputError("No person was found in the photo.")
        own = FromPhoto(person.photo, person.pose, person.mask)
        first = self.like.stands_in
        still = first is not None and self.like.shape == first.shape
        shape = own.pose if still else retargeted(self.like.pose, own.pose)
        look = _exchanged(self.like.appearance, first, own, shape)
        return replace(self.like, shape=shape, appearance=look, place=own, weights="")

    def seal(self, weights: str) -> str:
        """A hash of all that the edit's pictures depend on besides the photos."""
        told = (recipe_value(self.like, weights), self.embed_sources)
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def _exchanged(
    look: Appearance, first: FromPhoto | None, own: FromPhoto, shape: Pose
) -> Appearance:
    """The look with the first photo's own exchanged, and dice thrown at another pose."""
    match look:
        case FromPhoto():
            return own if look == first else look
        case Sampled(seed, _):
            return Sampled(seed, shape)
        case Mix(a, b, t):
            return Mix(_exchanged(a, first, own, shape), _exchanged(b, first, own, shape), t)
        case Vector() | PerObject():
            return look
        case Parts(default, regions):
            inner = tuple((name, _exchanged(r, first, own, shape)) for name, r in regions)
            return Parts(_exchanged(default, first, own, shape), inner)


Work = Callable[[Item, Stop], str]
"""Writes an item's target and returns what there is to say about it, mostly nothing."""


@dataclass
class Batch:
    """Work on items, resumable.

    Attributes:
        out: folder of the results, made when it is missing.
        seal: a hash of all that the results depend on besides the photos.
        resume: whether items that an earlier run finished in the same way are skipped.
    """

    items: Sequence[Item]
    out: Path
    work: Work
    seal: str
    resume: bool = True
    _done: set[str] | None = field(default=None, init=False)

    def outcome(self, item: Item, stop: Stop = never) -> Outcome:
        """Do one item; whatever goes wrong with it is told and not raised.

        Raises:
            Stopped: `stop` said so; the target is as it was.
        """
        try:
            mark = self._mark(item)
            if self.resume and mark in self._finished() and item.target.is_file():
                return Outcome(item, State.skipped)
            _make_folder(item.target.parent)
            text = self.work(item, stop)
            self._note(mark)
        except Stopped:
            raise
        except Exception as error:
            return Outcome(item, State.failed, failed(item, error).message)
        return Outcome(item, State.done, text)

    def _mark(self, item: Item) -> str:
        """What has to be the same for a result to be the same; a touched photo is another one."""
        try:
            about = item.source.stat()
        except OSError as error:
            raise InputError(f"{item.source} cannot be read ({error.strerror}).") from None
        told = (self.seal, str(item.source.absolute()), about.st_size, about.st_mtime_ns)
        name = os.path.relpath(item.target, self.out)
        return hashlib.sha256(msgspec.json.encode((*told, name))).hexdigest()

    def _finished(self) -> set[str]:
        if self._done is None:
            try:
                lines = (self.out / MANIFEST).read_bytes().split(b"\n")
            except OSError:
                lines = []
            self._done = {line.decode("ascii", "replace").strip() for line in lines}
        return self._done

    def _note(self, mark: str) -> None:
        self._finished().add(mark)
        try:
            with (self.out / MANIFEST).open("a") as file:
                file.write(f"\n{mark}\n")  # a line cut by a crash ends here
        except OSError as error:
            raise InputError(f"{self.out} cannot be written ({error.strerror}).") from None


def run_batch(batch: Batch, stop: Stop = never) -> Iterator[Outcome]:
    """Do the items one after the other; between any two the caller may leave.

    Raises:
        Stopped: `stop` said so; what is finished stays.
    """
    for item in batch.items:
        if stop():
            raise Stopped
        yield batch.outcome(item, stop)


def items_in(
    folder: Path, out: Path, suffix: str, ends: Collection[str] | None = None
) -> list[Item]:
    """The photos in a folder and the folders in it, each with its place below `out`.

    Args:
        suffix: of the files made, e.g. ".png".
        ends: of the names of files that are taken, in lower case; None = those of photos.

    Raises:
        InputError: no folder, no photos, or `out` is the folder itself.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file; name a folder for the results.")
    what = "photos" if ends is None else "files of such a kind"
    ends = suffixes() if ends is None else ends
    if out.suffix.lower() in (suffix, *ends) and not out.exists():
        raise InputError(f"{folder} is a folder, so name a folder for the results, not {out.name}.")
    if out.resolve() == folder.resolve():
        raise InputError("Name another folder for the results, so that no photo is replaced.")
    sources = [path for path in sorted(folder.rglob("*")) if _is_taken(path, folder, out, ends)]
    if not sources:
        raise InputError(f"There are no {what} in {folder}.")
    stems = Counter(_stem(path) for path in sources)
    items = []
    for path in sources:
        name = path.stem if stems[_stem(path)] == 1 else path.name  # a.jpg beside a.png
        items.append(Item(path, out / path.relative_to(folder).with_name(name + suffix)))
    return items


def _stem(path: Path) -> str:
    return str(path.with_suffix("")).casefold()


def _is_taken(path: Path, folder: Path, out: Path, ends: Collection[str]) -> bool:
    inside = path.relative_to(folder)
    if any(part.startswith(".") for part in inside.parts):
        return False
    if path.suffix.lower() not in ends or not path.is_file():
        return False
    return not path.resolve().is_relative_to(out.resolve())


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"The folder {folder} cannot be made ({reason}).") from None


def painting(session: Exporting, edit: Edit) -> Work:
    """Work that paints an edit."""

    def work(item: Item, stop: Stop) -> str:
        person = session.read(open_photo(item.source), stop)
        names = {person.photo.digest: item.source.name}
        job = ExportJob(edit.request(person), item.target, names, edit.embed_sources)
        return export(session, job, stop).degraded

    return work


@dataclass(frozen=True)
class BatchJob(LongJob):
    """The same edit on every photo of a folder; answered by Progress and then Batched.

    Attributes:
        folder, out: see :func:`items_in`.
    """

    folder: Path
    out: Path
    edit: Edit
    resume: bool = True

    def begin(self, session: Exporting) -> Steps:
        items = items_in(self.folder, self.out, ".png")
        seal = self.edit.seal(session.digest(self.edit.like.model))
        return _Running(
            self, Batch(items, self.out, painting(session, self.edit), seal, self.resume)
        )


class _Running:
    def __init__(self, job: BatchJob, batch: Batch) -> None:
        self._job, self._batch = job, batch
        self._outcomes: list[Outcome] = []

    def step(self, stop: Stop) -> Message:
        items, done = self._batch.items, self._outcomes
        if len(done) == len(items):
            return Batched(self._job, tuple(done))
        done.append(self._batch.outcome(items[len(done)], stop))
        last = done[-1]
        text = last.item.source.name + (f": {last.text}" if last.text else "")
        return Progress(self._job, len(done) / len(items), text)

    def close(self) -> None:
        """What is finished stays."""
