"""Which recipes can learn from what a folder has, and why others cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trainer.data.coco import PersonSample
from trainer.data.layouts import Kind, Layout, drawn_half
from trainer.data.products import Direction

_WHAT: dict[Kind, str] = {
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
    "fine-tune": ("products", "scenes"),
    "pix2pixhd": ("scenes", "pictures"),
    "bicyclegan-scenes": ("scenes",),
    "perception": ("people",),
    "segmenter": ("scenes",),
    "edges": ("products",),
}
"""Recipe -> what it learns from."""
_CUTS_OUT = ("deformable", "vunet", "perception")
"""Recipes that need masks."""
MAKES = (
    "`guise prepare people DIR -o OUT` finds joints and masks, `guise prepare edges DIR -o OUT` "
    "draws edges, `guise prepare labels DIR -o OUT` finds the labels of streets"
)


@dataclass(frozen=True)
class Fit:
    """Whether a recipe can learn from a folder, and if not why."""

    id: str
    fits: bool
    reason: str


def fits(
    folder: Path, layout: Layout, people: Sequence[PersonSample], direction: Direction
) -> tuple[Fit, ...]:
    """Every recipe, those that fit first.

    Args:
        people: samples of the training split, where there are people.
    """
    kind = layout.kind_of(folder)
    reasons = {recipe: _against(recipe, kind, layout, people) for recipe in TAKES}
    if layout.id == "side-by-side" and drawn_half(folder, direction):
        reasons |= {recipe: "" for recipe, takes in TAKES.items() if "products" in takes}
    found = [Fit(recipe, not reason, reason) for recipe, reason in reasons.items()]
    return tuple(sorted(found, key=lambda one: not one.fits))


def _against(recipe: str, kind: Kind, layout: Layout, people: Sequence[PersonSample]) -> str:
    """Why a recipe cannot learn from this; empty = it can."""
    if kind not in TAKES[recipe]:
        needs = " or ".join(_WHAT[one] for one in TAKES[recipe])
        return f"It learns from {needs}, and this folder has {_WHAT[kind]}."
    if kind != "people":
        return ""
    masked = any(person.masked for person in people)
    if recipe in _CUTS_OUT and not masked:
        return "It cuts people out, and there are no masks; `guise prepare people` finds them."
    if recipe == "deformable-paper" and not (masked or layout.id == "posegan"):
        return "It learns from pairs of one person, or from cut-outs; this folder has neither."
    return ""
