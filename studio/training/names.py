"""What losses and figures of trainings are called in plain words, by their names in stats.jsonl."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from studio.training.stats import CHECKED


class Words(NamedTuple):
    """A figure in plain words.

    Attributes:
        title: a few words.
        about: what it tells, a sentence.
    """

    title: str
    about: str


def words_for(name: str) -> Words | None:
    """What a loss or figure is called; None if no recipe of this version writes it.

    Args:
        name: as in stats.jsonl, with or without `val_`.
    """
    bare = name.removeprefix(CHECKED)
    for pattern, title, about in _table():
        match = re.fullmatch(pattern, bare)
        if match is not None:
            return Words(title.format(*match.groups()), about)
    return None


def _tr(text: str) -> str:
    return QCoreApplication.translate("Figures", text)


def _table() -> Iterator[tuple[str, str, str]]:
    """Pattern of the name, title with {0} for its group, and what it tells."""
    yield from _likeness()
    yield from _outlines()
    yield from _critics()
    yield from _looks()
    yield from _random_looks()
    yield from _readers()
    yield from _others()


def _likeness() -> Iterator[tuple[str, str, str]]:
    """How like their photos pictures are."""
    colours = _tr("How far the painted colours are from those of the photo; lower is better.")
    seen = _tr("How different pictures look to a network that knows many photos; lower is better.")
    alike = _tr("How alike structures are, 1 = the same; higher is better.")
    copied = _tr("What the photo itself, copied unchanged, would reach; a painter must do better.")
    yield "l1", _tr("Colour difference"), colours
    yield "plain_l1", _tr("Colour difference, unweighted"), colours
    yield "pixels", _tr("Colour difference of pixels"), colours
    yield "foreground_l1", _tr("Colour difference inside the person"), colours
    yield "again_l1", _tr("Colour difference, painted again"), colours
    yield "moved_l1", _tr("Colour difference, from another pose"), colours
    yield "encoded_l1", _tr("Colour difference, look of the photo"), colours
    yield "copy_l1", _tr("Colour difference of a mere copy"), copied
    yield "copy_ssim", _tr("Likeness of structure of a mere copy"), copied
    yield "ssim", _tr("Likeness of structure"), alike
    yield "perceptual", _tr("Visible difference"), seen
    yield "again_perceptual", _tr("Visible difference, painted again"), seen
    yield "features", _tr("Visible difference of features"), seen
    yield "gram", _tr("Difference of textures"), _tr("How far textures are from the photo's.")
    yield (
        "nearest",
        _tr("Difference of near patches"),
        _tr("How far patches are from the most alike ones near by; small shifts cost nothing."),
    )
    yield (
        "low",
        _tr("Coarse difference in new poses"),
        _tr("How far people in new poses are from rough puppets, in coarse colours and outline."),
    )
    yield (
        "generated",
        _tr("Difference of invented parts"),
        _tr("How far the parts that no photo shows are from the true ones."),
    )


def _outlines() -> Iterator[tuple[str, str, str]]:
    """How well the cut-out fits."""
    yield (
        "matte",
        _tr("Outline difference"),
        _tr("How far the painted outline is from the true one; lower is better."),
    )
    yield (
        "mask_iou",
        _tr("Outline overlap"),
        _tr("Share of the painted and the true outline that both have; higher is better."),
    )


def _critics() -> Iterator[tuple[str, str, str]]:
    """How painter and discriminators stand against each other."""
    fool = _tr(
        "How surely the critic, a network that learns along, tells pictures from photos. It "
        "stays level in a good training."
    )
    judge = _tr("How often the critic takes one for the other; near 0 it teaches nothing any more.")
    known, free = _tr("look of the photo"), _tr("random look")
    yield "fool", _tr("Seen through by the critic"), fool
    yield "fool_known", _tr("Seen through by the critic, {0}").format(known), fool
    yield "fool_free", _tr("Seen through by the critic, {0}").format(free), fool
    yield "judge", _tr("Errors of the critic"), judge
    yield "judge_known", _tr("Errors of the critic, {0}").format(known), judge
    yield "judge_free", _tr("Errors of the critic, {0}").format(free), judge
    yield (
        "match",
        _tr("Difference in the critic's eyes"),
        _tr("How different painted and true pictures are inside of the critic; lower is better."),
    )


def _looks() -> Iterator[tuple[str, str, str]]:
    """How much is in a look."""
    told = _tr("How much looks tell the painter, in nats; near 0 they tell it nothing.")
    used = _tr("Share of the look's numbers that differ from photo to photo.")
    spread = _tr("How far looks lie from the middle of all possible ones.")
    cost = _tr("What the training pays for what looks tell; it keeps random looks possible.")
    yield "kl", _tr("Content of looks"), told
    yield "kl_coarse", _tr("Content of looks, coarse"), told
    yield "kl_fine", _tr("Content of looks, fine"), told
    yield r"kl_(\d+)", _tr("Content of looks, {0}"), told
    yield "active_coarse", _tr("Numbers in use, coarse"), used
    yield "active_fine", _tr("Numbers in use, fine"), used
    yield "divergence", _tr("Price of the content of looks"), cost
    yield "posterior", _tr("Price of the content of looks"), cost
    yield r"posterior_(\d+)", _tr("Spread of photos' looks, {0}"), spread
    yield r"prior_(\d+)", _tr("Spread of invented looks, {0}"), spread
    yield (
        "gathered",
        _tr("Gaps between looks"),
        _tr("How unevenly the looks of photos fill the range of random looks; lower is better."),
    )
    yield (
        "colour",
        _tr("Looks that follow colours"),
        _tr("How far looks are from the mean colours of their objects, while that is asked for."),
    )


def _random_looks() -> Iterator[tuple[str, str, str]]:
    """How well looks can be invented."""
    yield (
        "prior",
        _tr("Inventing looks"),
        _tr(
            "How unlikely the looks of photos are to the part that invents looks; lower is better."
        ),
    )
    yield (
        "latent",
        _tr("Random looks found again"),
        _tr(
            "How far a random look is from the one read out of its picture; at 0.8 pictures do "
            "not show it."
        ),
    )
    yield (
        "random_l1",
        _tr("Colour difference, random look"),
        _tr("How far pictures with random looks are from the photo; it need not fall."),
    )
    yield (
        "diversity",
        _tr("Variety of random looks"),
        _tr("How far two random looks of one drawing are apart; compare it with that of photos."),
    )
    yield (
        "real_diversity",
        _tr("Variety of photos"),
        _tr("How far two photos are apart; it does not change."),
    )
    yield (
        "car_lab",
        _tr("How far cars change with their look"),
        _tr("Distance of colours between a dark and a light look of all cars; higher is better."),
    )


def _readers() -> Iterator[tuple[str, str, str]]:
    """How well photos are read."""
    joints = _tr("Share of joints found within half a head of the true place; higher is better.")
    lines = _tr("Share of lines that are drawn where they are, none too many; higher is better.")
    pixels = _tr("How well areas are told apart; higher is better.")
    asked = _tr("How far what is read is from what is marked; lower is better.")
    yield "heat", _tr("Wrong places of joints"), asked
    yield "mask", _tr("Wrong pixels of the mask"), asked
    yield "dice", _tr("Missing overlap of the mask"), asked
    yield "presence", _tr("Joints wrongly seen or missed"), asked
    yield "line", _tr("Missed and false lines"), asked
    yield "labels", _tr("Wrong areas"), asked
    yield r"read\.(.+)\.pckh", _tr("{0}: joints found"), joints
    yield r"read\.(.+)\.pckh\.by_person", _tr("{0}: joints found, mean of people"), joints
    yield (
        r"read\.(.+)\.mask_iou",
        _tr("{0}: overlap of masks"),
        _tr("Share of the read and the true mask that both have; higher is better."),
    )
    yield r"(.+)_f", _tr("{0}: lines right"), lines
    yield r"(.+)_precision", _tr("{0}: drawn lines that are there"), lines
    yield r"(.+)_recall", _tr("{0}: lines found"), lines
    yield (
        "threshold",
        _tr("Threshold of lines"),
        _tr("How sure the reader must be to draw a line; it is chosen on held-out photos."),
    )
    yield "miou", _tr("Overlap of areas, mean of labels"), pixels
    yield "accuracy", _tr("Pixels with the right label"), pixels


def _others() -> Iterator[tuple[str, str, str]]:
    yield (
        "likeness",
        _tr("Difference from your photos"),
        _tr("What tuning lowers, on photos that it does not learn from; lower is better."),
    )
    yield (
        "best",
        _tr("Smallest so far"),
        _tr("The weights that reached it are those that are kept."),
    )
