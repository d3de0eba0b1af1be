"""Which recipes can learn from what a folder has, and why others cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import InputError
from trainer.data.coco import PersonSample
from trainer.data.examining import Sample
from trainer.data.layouts import Kind, Layout
from trainer.data.pictures import read_rgb
from trainer.data.products import colourful, split_halves
from trainer.data.scene_files import SceneFiles

WHAT: dict[Kind, str] = {
    "people": "people with joints",
    "products": "photos with their edges",
    "scenes": "label maps with photos",
    "pictures": "pictures A with pictures B",
    "photos": "photos alone",
}
TAKES: dict[str, tuple[Kind, ...]] = {
    "deformable": ("people",),
    "deformable-paper": ("people",),
    "vunet": ("people",),
    "vunet-paper": ("people",),
    "vunet-edges": ("products",),
    "bicyclegan": ("products",),
    "bicyclegan-paper": ("products",),
    "fine-tune": ("people", "products", "scenes"),
    "pix2pixhd": ("scenes", "pictures"),
    "bicyclegan-scenes": ("scenes",),
    "perception": ("people",),
    "segmenter": ("scenes",),
    "edges": ("products",),
}
"""Recipe -> what it learns from."""
_CUTS_OUT = ("deformable", "vunet", "fine-tune", "perception")
"""Recipes that need masks."""
MAKES = "`guise prepare people`, `edges` or `labels` makes training data of them"


@dataclass(frozen=True)
class Fit:
    """Whether a recipe can learn from a folder, and if not why."""

    id: str
    fits: bool
    reason: str


def fits(kind: Kind, layout: Layout, samples: Sequence[Sample]) -> tuple[Fit, ...]:
    """Every recipe, those that fit first.

    Args:
        samples: those of the training split.
    """
    people = [sample for sample in samples if isinstance(sample, PersonSample)]
    reasons = {recipe: _against(recipe, kind, layout, people) for recipe in TAKES}
    if any(_drawn(sample) for sample in samples[:1]):
        reasons |= {recipe: "" for recipe, takes in TAKES.items() if "products" in takes}
    found = [Fit(recipe, not reason, reason) for recipe, reason in reasons.items()]
    return tuple(sorted(found, key=lambda one: not one.fits))


def _drawn(sample: Sample) -> bool:
    """Whether it is a drawing in black and white side by side with its photo."""
    if not isinstance(sample, SceneFiles) or sample.halves is None:
        return False
    try:
        halves = split_halves(read_rgb(sample.photo), sample.photo)
    except InputError:
        return False
    return not colourful(halves[sample.halves != "AtoB"])


def _against(recipe: str, kind: Kind, layout: Layout, people: Sequence[PersonSample]) -> str:
    """Why a recipe cannot learn from this; empty = it can."""
    if kind not in TAKES[recipe]:
        needs = " or ".join(WHAT[one] for one in TAKES[recipe])
        return f"It learns from {needs}, and this folder has {WHAT[kind]}."
    if kind != "people":
        return ""
    masked = any(person.masked for person in people)
    if recipe in _CUTS_OUT and not masked:
        return "It cuts people out, and there are no masks; `guise prepare people` finds them."
    if recipe == "deformable-paper" and not (masked or layout.id == "posegan"):
        return "It learns from pairs of one person, or from cut-outs; this folder has neither."
    return ""
