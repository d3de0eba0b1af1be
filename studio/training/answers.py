"""What `guise` answers before a training begins: about the photos, and how long it takes."""

from __future__ import annotations

from typing import Literal, TypeVar

import msgspec

from engine.errors import InputError

_Answer = TypeVar("_Answer")


class Problem(msgspec.Struct, frozen=True):
    """Something about a folder of photos that is not as it should be.

    Attributes:
        text: one sentence.
        names: of the first files concerned.
        count: of all files concerned.
    """

    severity: Literal["error", "warning"]
    kind: str
    text: str
    names: tuple[str, ...] = ()
    count: int = 0


class Fit(msgspec.Struct, frozen=True):
    """Whether a recipe can learn from a folder, and why not."""

    id: str
    fits: bool
    reason: str = ""


class Check(msgspec.Struct, frozen=True):
    """What `guise check --json` says of a folder.

    Attributes:
        title: of its layout; empty = it has none that is known.
        splits: number of samples by split.
        sizes: (width, height) in pixels: smallest, usual, largest.
        arguments: what a training of it needs on its command line.
        previews: a picture of what the network will see.
        reason: why it cannot be used.
    """

    folder: str
    usable: bool
    layout: str = ""
    title: str = ""
    splits: dict[str, int] = {}
    sizes: dict[str, tuple[int, int]] = {}
    problems: tuple[Problem, ...] = ()
    recipes: tuple[Fit, ...] = ()
    arguments: tuple[str, ...] = ()
    previews: str | None = None
    reason: str = ""


class Stage(msgspec.Struct, frozen=True):
    """A part of a training.

    Attributes:
        bytes: of memory that it needs.
        images: that it will see; None = not known.
    """

    name: str = ""
    minutes: float | None = None
    batch: int | None = None
    bytes: int | None = None
    per_second: float | None = None
    images: int | None = None


class Estimate(msgspec.Struct, frozen=True):
    """What `guise train --estimate` says.

    Attributes:
        free_bytes: of memory.
        fits: whether the memory is enough.
        text: sentences for people.
    """

    minutes: float | None = None
    batch: int | None = None
    free_bytes: int | None = None
    fits: bool = True
    device: str = ""
    stages: tuple[Stage, ...] = ()
    text: tuple[str, ...] = ()

    @property
    def most_bytes(self) -> int:
        """Of memory that the largest stage needs; 0 = not known."""
        return max((stage.bytes or 0 for stage in self.stages), default=0)

    @property
    def images(self) -> int:
        """That all stages will see; 0 = not known."""
        return sum(stage.images or 0 for stage in self.stages)


def read_check(output: str) -> Check:
    """The answer of `guise check --json`. InputError: it is none."""
    return read_answer(output, Check)


def read_estimate(output: str) -> Estimate:
    """The answer of `guise train --estimate`. InputError: it is none."""
    return read_answer(output, Estimate)


def read_answer(output: str, kind: type[_Answer]) -> _Answer:
    """The JSON in what a command printed. InputError: it is none of this kind."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    try:
        return msgspec.json.decode(lines[-1] if lines else "", type=kind)
    except msgspec.DecodeError as error:
        raise InputError(f"The answer cannot be understood ({error}); try again.") from None
