"""What can be wrong with training data: kinds of problems, gathered by name for a report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from engine.errors import InputError

Severity = Literal["error", "warning"]
NAMED = 10
"""Names of a problem that are told; of the others the number."""


class BadSample(InputError):
    """One sample that cannot be learned from.

    Attributes:
        kind: of :data:`KINDS`.
        detail: what is wrong in a few words, to stand behind the sample's name; may be empty.
    """

    def __init__(self, kind: str, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.kind, self.detail = kind, detail


KINDS: dict[str, tuple[Severity, str, str]] = {
    "layout": ("error", "", ""),
    "empty": ("error", "", ""),
    "held-out": ("error", "", ""),
    "few": ("warning", "", ""),
    "missing": ("error", "a file that is named is not there", "files that are named are not there"),
    "unreadable": ("error", "a file cannot be read", "files cannot be read"),
    "too-large": ("error", "a picture is far too large", "pictures are far too large"),
    "row": ("error", "a row cannot be read", "rows cannot be read"),
    "joint-outside": (
        "error",
        "a sample has joints far outside of its photo",
        "samples have joints far outside of their photo",
    ),
    "not-a-number": (
        "error",
        "a sample has joints that are not numbers",
        "samples have joints that are not numbers",
    ),
    "no-core": (
        "warning",
        "a person lacks shoulders or hips and is left out",
        "people lack shoulders or hips and are left out",
    ),
    "joint-beyond": (
        "warning",
        "a person has joints beyond the edge of the photo",
        "people have joints beyond the edge of the photo",
    ),
    "size": (
        "error",
        "a sample has files that differ in size",
        "samples have files that differ in size",
    ),
    "colours": (
        "error",
        "a label map is in colours instead of ids",
        "label maps are in colours instead of ids",
    ),
    "unknown-id": (
        "error",
        "a label map has ids that the set does not have",
        "label maps have ids that the set does not have",
    ),
    "contradiction": (
        "error",
        "an object map contradicts its labels",
        "object maps contradict their labels",
    ),
    "unknown-name": (
        "warning",
        "a labelme file has shapes with names that the set does not have",
        "labelme files have shapes with names that the set does not have",
    ),
    "unpaired": ("error", "a file lacks its partner", "files lack their partners"),
    "halves": (
        "error",
        "a picture has no halves side by side as they are needed",
        "pictures have no halves side by side as they are needed",
    ),
    "identity-leak": (
        "warning",
        "a person is in training and held-out photos alike",
        "people are in training and held-out photos alike",
    ),
    "photo-leak": (
        "warning",
        "a held-out photo looks the same as a training photo",
        "held-out photos look the same as training photos",
    ),
    "no-mask": (
        "warning",
        "a photo has no mask, so its backdrop counts as the person",
        "photos have no mask, so their backdrop counts as the person",
    ),
    "inverted": (
        "warning",
        "edges are light on dark; they should be dark on light",
        "edges are light on dark; they should be dark on light",
    ),
    "tiny": ("warning", "a photo is tiny (below 64 px)", "photos are tiny (below 64 px)"),
}
"""Kind -> how bad it is, and what it is called of one sample and of several."""


@dataclass(frozen=True)
class Problem:
    """A kind of problem and who has it.

    Attributes:
        text: a sentence for people, complete in itself.
        names: the first samples that have it.
        count: how many have it in all.
    """

    severity: Severity
    kind: str
    text: str
    names: tuple[str, ...] = ()
    count: int = 1


@dataclass
class Problems:
    """Problems as they are found."""

    _named: dict[str, list[str]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _told: list[Problem] = field(default_factory=list)

    def add(self, kind: str, name: str, detail: str = "") -> None:
        """A sample that has a problem of a kind."""
        names = self._named.setdefault(kind, [])
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if len(names) < NAMED:
            names.append(f"{name}: {detail}" if detail else name)

    def add_error(self, error: InputError, name: str) -> None:
        """A sample that a reader refused."""
        kind = error.kind if isinstance(error, BadSample) else "unreadable"
        self.add(kind, name, error.detail if isinstance(error, BadSample) else "")

    def tell(self, kind: str, text: str, names: Iterable[str] = (), count: int = 1) -> None:
        """A problem of the whole folder, with its own sentence."""
        named = tuple(names)
        self._told.append(
            Problem(KINDS[kind][0], kind, text, named[:NAMED], max(count, len(named)))
        )

    def found(self) -> tuple[Problem, ...]:
        """Everything so far, errors first."""
        gathered = [
            Problem(KINDS[kind][0], kind, _sentence(kind, count), tuple(self._named[kind]), count)
            for kind, count in self._counts.items()
        ]
        return tuple(sorted([*self._told, *gathered], key=lambda one: one.severity))


def _sentence(kind: str, count: int) -> str:
    _, one, many = KINDS[kind]
    return f"{one[0].upper()}{one[1:]}." if count == 1 else f"{count} {many}."
