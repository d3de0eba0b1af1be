"""Held-out people: where they are, and that nobody of them was trained on."""

from __future__ import annotations

import os
from pathlib import Path

from engine.errors import InputError
from trainer.data.coco import PersonSample
from trainer.metrics import doubles
from trainer.metrics.figures import Gap
from trainer.metrics.sheets import strided


def data_folder(named: Path | None) -> Path:
    """The folder of packs: the one named, or that of GUISE_DATA. InputError if there is none."""
    place = named or os.environ.get("GUISE_DATA")
    if not place:
        raise InputError("Name the folder of image packs with --data, or set GUISE_DATA.")
    folder = Path(place)
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}; name the folder of image packs.")
    return folder


def refuse_leaks(train: list[PersonSample], held_out: list[PersonSample]) -> None:
    """InputError if a photo, or a photo of the same person, is both trained on and held out."""
    photos = {s.photo for s in train} & {s.photo for s in held_out}
    groups = {s.group for s in train if s.group} & {s.group for s in held_out}
    if photos or groups:
        what = next(iter(sorted(p.name for p in photos) or sorted(groups)))
        raise InputError(f"{what} is in both train and val; figures on it would mean nothing.")


def without_doubles(
    held_out: list[PersonSample], train: list[PersonSample]
) -> tuple[list[PersonSample], list[Gap]]:
    """The held-out people whose photo is not also trained on, and a gap that names the others."""
    twins = doubles.doubles(held_out, train)
    fresh = [sample for sample in held_out if sample.photo.name not in twins]
    if not twins:
        return fresh, []
    names = ", ".join(f"{mine} = {theirs}" for mine, theirs in twins.items())
    reason = f"{len(twins)} val photos left out, they are in train too ({names}); found as: "
    return fresh, [Gap(id=f"{held_out[0].pack}.doubles", reason=reason + doubles.PROTOCOL)]


def chosen(samples: list[PersonSample], wanted: int) -> list[PersonSample]:
    """`wanted` samples spread over all of them; 0 = all."""
    return [samples[i] for i in strided(len(samples), wanted or len(samples))]
