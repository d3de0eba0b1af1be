"""Colour pictures as label maps: which colours there are, and which label each one means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.label_files import packed
from engine.shapes.label_pictures import read_numbers
from engine.shapes.labels import Colour, LabelMap, LabelSet

MAX_COLOURS = 100_000
"""A picture with more is a photo."""


@dataclass(frozen=True)
class Shade:
    """A colour of a picture.

    Attributes:
        colour: red, green, blue, 0..255.
        area: its pixels.
        label: what the set's own colours say it means; None = unknown.
        near: the label whose colour is nearest.
    """

    colour: Colour
    area: int
    label: int | None
    near: int


@dataclass(frozen=True, eq=False)
class ColourPicture:
    """A picture of labels in colours.

    Attributes:
        shades: its colours, those with most pixels first.
        label_set: what they may mean.
        index: (H, W) which shade each pixel has; -1 where the picture is transparent.
    """

    shades: tuple[Shade, ...]
    label_set: LabelSet
    index: NDArray[np.int32]

    @property
    def unknown(self) -> tuple[Shade, ...]:
        """The colours that the label set does not have."""
        return tuple(shade for shade in self.shades if shade.label is None)

    def mapped(self, choices: Mapping[Colour, int] | None = None) -> LabelMap:
        """The label map, in which things are no objects yet.

        Args:
            choices: the label of colours, also of known ones; unknown ones that are not named mean
                the label whose colour is nearest.

        Raises:
            InputError: a choice that is none of the set's labels.
        """
        choices = choices or {}
        meant = np.empty(len(self.shades) + 1, np.int64)
        meant[-1] = self.label_set.void
        for n, shade in enumerate(self.shades):
            own = shade.near if shade.label is None else shade.label
            meant[n] = choices.get(shade.colour, own)
        return LabelMap.of(meant[self.index], None, self.label_set)


def open_colours(path: Path, label_set: LabelSet) -> ColourPicture:
    """The colours of an image file.

    Raises:
        InputError: no usable image, numbers without colours, or so many colours that it is a photo.
    """
    numbers = read_numbers(path)
    if numbers.colours is None:
        raise InputError(f"{path} holds numbers, not colours; open it as label ids.")
    seen = np.ones(numbers.shape, bool) if numbers.clear is None else ~numbers.clear
    flat = packed(numbers.colours)[seen]
    found, which, counts = np.unique(flat, return_inverse=True, return_counts=True)
    if len(found) > MAX_COLOURS:
        raise InputError(
            f"{path} has {len(found)} colours, as photos have; label pictures have one a label. "
            "Open it as a photo instead."
        )
    order = np.argsort(-counts, kind="stable")
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    index = np.full(numbers.shape, -1, np.int32)
    index[seen] = place[which]
    return ColourPicture(_shades(found[order], counts[order], label_set), label_set, index)


def _shades(
    colours: NDArray[np.int32], counts: NDArray[np.int64], label_set: LabelSet
) -> tuple[Shade, ...]:
    rgb = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], 1)
    own = np.array([label.colour for label in label_set.labels])
    away = np.stack([((rgb - one) ** 2).sum(1) for one in own], 1)
    nearest = away.argmin(1)  # the first label of those with one colour
    ids = np.array(label_set.ids)[nearest]
    exact = away[np.arange(len(rgb)), nearest] == 0
    return tuple(
        Shade(
            (int(r), int(g), int(b)),
            int(count),
            int(label) if known else None,
            int(label),
        )
        for (r, g, b), count, label, known in zip(rgb, counts, ids, exact, strict=True)
    )
