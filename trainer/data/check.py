"""A data check: what a folder has, what is wrong with it by name, and who can learn from it."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

from engine.errors import InputError
from trainer.data.coco import PersonSample
from trainer.data.examining import LabelRules, Look, Sample, examined, glanced
from trainer.data.fitting import MAKES, Fit, fits
from trainer.data.layouts import LAYOUTS, Kind, Layout, layout_of
from trainer.data.people_folders import people_rows
from trainer.data.problems import Problem, Problems
from trainer.data.products import Direction, product_rows
from trainer.data.scene_files import scene_rows
from trainer.data.scenes import scene_folder
from trainer.metrics.doubles import Named, twins

FEW = 20
"""Samples below which little is learned."""
_HEADS = 200
"""Samples of a split whose sizes are looked at in a quick check."""
_MOST_TRAIN, _MOST_HELD_OUT = 20_000, 400
"""Photos that are searched for the same ones; of larger sets, as many spread over them."""
_AHEAD = 64
Progress = Callable[[int, int], None]
"""Told how many samples of how many are done."""


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Attributes:
        layout: id of the layout; empty = not recognised.
        title: its name for people.
        kind: what the folder has; None = not recognised.
        splits: split -> samples.
        sizes: (width, height) of the smallest, the middle and the largest photo of training by
            area; None = nothing could be read.
        problems: errors first.
        recipes: those that fit first.
        reason: why nothing can be trained on the folder, one sentence; empty = it can.
        samples: (name, sample) of each split, for previews.
    """

    folder: Path
    layout: str = ""
    title: str = ""
    kind: Kind | None = None
    splits: dict[str, int] = field(default_factory=dict)
    sizes: tuple[tuple[int, int], ...] | None = None
    problems: tuple[Problem, ...] = ()
    recipes: tuple[Fit, ...] = ()
    reason: str = ""
    samples: dict[str, list[tuple[str, Sample]]] = field(default_factory=dict, repr=False)

    @property
    def usable(self) -> bool:
        """Whether a recipe that fits can be trained on the folder."""
        return not self.reason


@dataclass(frozen=True)
class Asked:
    """What to check.

    Attributes:
        recipe: one that shall fit; empty = any.
        direction: which half of side-by-side pictures, or which of the folders A and B, is the
            input.
        classes: number of ids of label maps; None = those of the label set.
        depth: quick = tables, files and the heads of some pictures; whole = everything is decoded
            and held-out photos are searched for in training.
    """

    folder: Path
    recipe: str = ""
    direction: Direction = "AtoB"
    classes: int | None = None
    depth: Literal["quick", "whole"] = "whole"


def check(asked: Asked, progress: Progress | None = None) -> Checked:
    """Look at a folder of training data; whatever is wrong with it is told and not raised."""
    folder = asked.folder.absolute()
    try:
        if not folder.is_dir():
            return _refused(folder, f"There is no folder {folder}; name your photos.")
        layout = layout_of(folder)
        if layout is None:
            return _refused(folder, _unknown(folder))
        if layout.kind == "photos":
            return _photos_alone(folder, layout)
        return _Check(asked, folder, layout).run(progress)
    except InputError as error:
        known = layout_of(folder)
        return _refused(folder, str(error), known)
    except OSError as error:
        return _refused(folder, f"{folder} cannot be read ({(error.strerror or '').lower()}).")


def _refused(folder: Path, reason: str, layout: Layout | None = None) -> Checked:
    problems = Problems()
    problems.tell("layout", reason)
    named = (layout.id, layout.title) if layout else ("", "")
    return Checked(folder, *named, problems=problems.found(), reason=reason)


def _unknown(folder: Path) -> str:
    inside = sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] != ".")
    sets = [place.name for place in inside[:50] if _is_set(place)]
    if sets:
        return f"{folder} holds several sets ({', '.join(sets[:8])}); name one of them."
    if not any(folder.iterdir()):
        return f"{folder} is empty; put photos into it."
    known = ", ".join(layout.title for layout in LAYOUTS if layout.kind != "photos")
    return f"{folder} has no photos and none of the layouts that are known: {known}."


def _is_set(folder: Path) -> bool:
    found = layout_of(folder)
    return found is not None and found.kind != "photos"


def _photos_alone(folder: Path, layout: Layout) -> Checked:
    return _refused(folder, f"{folder} has photos alone; {MAKES}.", layout)


class _Check:
    """One folder in a known layout."""

    def __init__(self, asked: Asked, folder: Path, layout: Layout) -> None:
        self.asked, self.folder, self.layout = asked, folder, layout
        self.kind: Kind = layout.kind_of(folder)
        self.problems = Problems()
        self.samples: dict[str, list[tuple[str, Sample]]] = {}
        self.looks: dict[str, list[Look]] = {}

    def run(self, progress: Progress | None) -> Checked:
        splits = self.layout.splits(self.folder)
        for split in splits:
            self.samples[split] = list(self._rows(split))
        self._check_counts()
        self._look(progress)
        self._search_leaks()
        trained = [sample for _, sample in self.samples.get("train", [])]
        self._check_masks([sample for sample in trained if isinstance(sample, PersonSample)])
        recipes = fits(self.kind, self.layout, trained)
        problems = self.problems.found()
        return Checked(
            self.folder,
            self.layout.id,
            self.layout.title,
            self.kind,
            {split: len(rows) for split, rows in self.samples.items()},
            _sizes([look.size for look in self.looks.get("train", []) if look.size[0]]),
            problems,
            recipes,
            _reason(self.folder, self.asked.recipe, problems, recipes),
            self.samples,
        )

    def _rows(self, split: str) -> Iterator[tuple[str, Sample]]:
        """The samples of a split; rows that have none become problems."""
        for name, found in self._raw(split):
            if isinstance(found, InputError):
                self.problems.add_error(found, name)
            else:
                yield name, found

    def _raw(self, split: str) -> Iterator[tuple[str, Sample | InputError]]:
        direction = self.asked.direction
        if self.kind == "people":
            yield from people_rows(self.folder, split)
        elif self.kind == "products":
            yield from product_rows(self.folder, split, direction)
        else:
            yield from scene_rows(self.folder, split, direction)

    def _check_counts(self) -> None:
        trained = len(self.samples.get("train", ()))
        kept = sum(len(rows) for split, rows in self.samples.items() if split != "train")
        broken = any(problem.severity == "error" for problem in self.problems.found())
        if not trained and not broken:
            self.problems.tell("empty", f"{self.folder} has nothing to train on.")
        elif not kept and not broken:
            self.problems.tell(
                "held-out",
                f"{self.folder} has nothing held out; move a tenth of train into val.",
            )
        elif trained < FEW and not broken:
            self.problems.tell(
                "few", f"There are {trained} samples to train on; {FEW} at least are of use."
            )

    def _look(self, progress: Progress | None) -> None:
        total = sum(map(len, self.samples.values()))
        done = 0
        for split, rows in self.samples.items():
            self.looks[split] = []
            for (name, _), look in zip(rows, self._looks(rows), strict=True):
                self.looks[split].append(look)
                for kind, detail in look.found:
                    self.problems.add(kind, name, detail)
                done += 1
                if progress is not None:
                    progress(done, total)

    def _looks(self, rows: Sequence[tuple[str, Sample]]) -> Iterator[Look]:
        if self.asked.depth == "quick":
            step = max(len(rows) // _HEADS, 1)
            yield from (glanced(one, i % step == 0) for i, (_, one) in enumerate(rows))
            return
        rules = self._rules()
        with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
            waiting = iter(rows)
            while ahead := list(islice(waiting, _AHEAD)):
                yield from pool.map(lambda row: examined(row[1], rules), ahead)

    def _rules(self) -> LabelRules:
        if self.kind != "scenes":
            return LabelRules()
        folder = scene_folder(self.folder, (), self.asked.classes)
        return LabelRules(folder.classes, folder.known)

    def _search_leaks(self) -> None:
        groups = {
            split: [one.group for _, one in rows if isinstance(one, PersonSample)]
            for split, rows in self.samples.items()
        }
        trained = set(groups.get("train", ())) - {""}
        for split in self.samples:
            if split != "train":
                for group in sorted(trained & set(groups[split])):
                    self.problems.add("identity-leak", group.rpartition("/")[2], f"also in {split}")
                for name, twin in twins(self._smalls(split), self._smalls("train")).items():
                    self.problems.add("photo-leak", name, f"as {twin}")

    def _smalls(self, split: str) -> list[Named]:
        """Small photos of a split, each file once."""
        most = _MOST_TRAIN if split == "train" else _MOST_HELD_OUT
        rows = zip(self.samples.get(split, ()), self.looks.get(split, ()), strict=True)
        named = {name: look.small for (name, _), look in rows if look.small is not None}
        step = max(-(-len(named) // most), 1)
        return list(islice(named.items(), 0, None, step))

    def _check_masks(self, people: Sequence[PersonSample]) -> None:
        bare = [one.photo.name for one in people if not one.masked]
        if bare and len(bare) < len(people):
            for name in bare:
                self.problems.add("no-mask", name)


def _sizes(sizes: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...] | None:
    if not sizes:
        return None
    order = sorted(sizes, key=lambda size: size[0] * size[1])
    usual = Counter(sizes).most_common(1)[0]
    middle = usual[0] if usual[1] > len(sizes) // 2 else order[len(order) // 2]
    return order[0], middle, order[-1]


def _reason(folder: Path, recipe: str, problems: Sequence[Problem], recipes: Sequence[Fit]) -> str:
    """The sentence of a refusal; empty = usable."""
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        first = errors[0]
        shown = ", ".join(name.partition(": ")[0] for name in first.names[:3])
        named = f" ({shown}{', ...' if first.count > 3 else ''})"
        told = first.text if not first.names else first.text.rstrip(".") + named + "."
        more = f" `guise check {shlex.quote(str(folder))}` tells all."
        more = more if first.names or len(errors) > 1 else ""
        where = "" if str(folder) in told else f"{folder}: "
        return f"{where}{told}{more}"
    mine = [fit for fit in recipes if fit.id == recipe] if recipe else list(recipes)
    if recipe and mine and not mine[0].fits:
        return f"{recipe} cannot be trained on {folder}. {mine[0].reason}"
    if not any(fit.fits for fit in recipes):
        return f"No recipe learns from {folder}: {recipes[0].reason}"
    return ""
