"""What helps the bundled models: their recipes made small, and single changes of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.painters.bicyclegan.network import BicycleConfig
from trainer.data.edges import Changes
from trainer.data.scene_batches import Varied
from trainer.data.sketches import Drawn
from trainer.recipes.contestants import Contestant

KID = "kid"
"""Name of the figure that needs no recipe: see :mod:`trainer.metrics.protocol_realism`."""


@dataclass(frozen=True)
class Measure:
    """A figure by which the models of a round are compared.

    Attributes:
        name: in the validation of the bundled model's recipe, or :data:`KID`.
        says: what it is, for people.
        higher: whether more is better.
    """

    name: str
    says: str
    higher: bool = False


@dataclass(frozen=True)
class Round:
    """A bundled model's recipe, small, and changes of it that are trained for the same time.

    Attributes:
        id: of the bundled model.
        packs: folders below the data folder that it needs.
        side: what the pictures measure, for people.
        measures: the first one decides.
        bundled: the recipe as the bundled model was trained.
        changes: the same with one change each.
        share: of the time that a round is given; some learn in less, some need more.
    """

    id: str
    packs: tuple[str, ...]
    side: str
    measures: tuple[Measure, ...]
    bundled: Contestant
    changes: tuple[Contestant, ...]
    share: float = 1.0

    @property
    def contestants(self) -> tuple[Contestant, ...]:
        """All of them, the bundled model's recipe first."""
        return (self.bundled, *self.changes)


_BUNDLED = "as bundled"
_KID = Measure(KID, "KID-style distance to photos")
_BY_READER: Mapping[str, Any] = {"perceptual": "bundled"}
_UNLIKE: Mapping[str, Any] = {"perceptual_weight": 0.0}


def _with(
    base: Contestant, name: str, options: Mapping[str, Any] | None = None, **values: Any
) -> Contestant:
    """`base` with one change."""
    return replace(
        base, name=name, values={**base.values, **values}, options=options or base.options
    )


def _people(recipe: str, **values: Any) -> Contestant:
    small = {"sides": (64,), "perceptual": "hed", **values}
    return Contestant(_BUNDLED, recipe, "small", small, 8)


_PEOPLE = _people("deformable", shares=(1.0,))
_PEOPLE_VUNET = _people("vunet", shares=(1.0,), prior_share=0.0)


def _drawn(recipe: str, pack: str, colours: float = 0.3, **values: Any) -> Contestant:
    small: dict[str, Any] = {
        "packs": (pack,),
        "sides": (64,),
        "shares": (1.0,),
        "perceptual": "hed",
        "drawn": Drawn(colours=colours),
        **values,
    }
    return Contestant(_BUNDLED, recipe, "small", small, 12)


_SHOES = _drawn("bicyclegan", "shoes128")
_BAGS = _drawn("bicyclegan", "bags256", spread=0.8)
_SHOES_VUNET = _drawn("vunet-edges", "shoes128")


def _scenes(pack: str, size: tuple[int, int]) -> Contestant:
    small: dict[str, Any] = {
        "sizes": (size,),
        "shares": (1.0,),
        "unjudged": 0,
        "judge_scales": (2,),
        "perceptual": "hed",
        "model_id": pack,
    }
    return Contestant(_BUNDLED, "pix2pixhd", "small", small, 8, pack)


_STREET = _scenes("street", (64, 96))
_FACADES = _scenes("facades", (96, 96))
_FACADES_LOOKS = Contestant(
    _BUNDLED,
    "bicyclegan-scenes",
    "small",
    {
        "network": BicycleConfig(channels=(32, 64, 112, 144, 144)),
        "sides": (96,),
        "shares": (1.0,),
        "perceptual": "hed",
    },
    12,
    "facades",
)
_EDGES = Contestant(
    _BUNDLED, "edges", "small", {"packs": ("shoes128",), "sizes": (128,), "crop": 64}, 16
)
_PERSON_READER = Contestant(
    _BUNDLED,
    "perception",
    "small",
    {"sides": (128, 160), "shares": (0.5, 0.5)},
    16,
    encoder="init",
)
_STREET_READER = Contestant(_BUNDLED, "segmenter", "small", {"size": (96, 128)}, 8, "street")
_OWN_LOOK = Measure("encoded_l1", "pixel distance with the photo's own look")
_SCENE = Measure("l1", "pixel distance with the objects' own looks")

ROUNDS = (
    Round(
        "people",
        ("people", "athletes"),
        "64 px high",
        (Measure("foreground_l1", "pixel distance of people moved back"), _KID),
        _PEOPLE,
        (
            _with(_PEOPLE, "without the athletes", packs=("people",)),
            _with(_PEOPLE, "without the discriminator", adversarial=0.0),
            _with(_PEOPLE, "likeness judged by the bundled reader", **_BY_READER),
        ),
    ),
    Round(
        "people-vunet",
        ("people", "athletes"),
        "64 px high",
        (Measure("again_l1", "pixel distance of people painted again"), _KID),
        _PEOPLE_VUNET,
        (
            _with(_PEOPLE_VUNET, "without the discriminator", adversarial=0.0),
            _with(_PEOPLE_VUNET, "likeness judged by the bundled reader", **_BY_READER),
        ),
        share=2.0,
    ),
    Round(
        "shoes",
        ("shoes128",),
        "64 x 64",
        (_OWN_LOOK, _KID),
        _SHOES,
        (
            _with(_SHOES, "likeness judged by the bundled reader", **_BY_READER),
            _with(_SHOES, "without perceptual loss", **_UNLIKE),
            _with(_SHOES, "without discriminators", adversarial=0.0, ramp=(1.0, 2.0)),
        ),
    ),
    Round(
        "bags",
        ("bags256", "shoes128"),
        "64 x 64",
        (_OWN_LOOK, _KID),
        _BAGS,
        (
            _with(_BAGS, "also learns from shoes", packs=("bags256", "shoes128")),
            _with(_BAGS, "shorter average of the weights", {"average": 0.98}),
        ),
    ),
    Round(
        "shoes-vunet",
        ("shoes128", "bags256"),
        "64 x 64",
        (_OWN_LOOK, _KID),
        _SHOES_VUNET,
        (
            _with(_SHOES_VUNET, "without the discriminator", adversarial=0.0),
            _with(_SHOES_VUNET, "also learns from bags", packs=("shoes128", "bags256")),
        ),
    ),
    Round(
        "street",
        ("street",),
        "96 x 64",
        (_SCENE, _KID),
        _STREET,
        (
            _with(_STREET, "without discriminators", unjudged=1),
            _with(_STREET, "likeness judged by the bundled reader", **_BY_READER),
            _with(_STREET, "closer crops", varied=Varied(closest=0.35)),
        ),
    ),
    Round(
        "facades",
        ("facades",),
        "96 x 96",
        (_SCENE, _KID),
        _FACADES,
        (
            _with(_FACADES, "looks not pulled to colours", colour=0.0),
            _with(_FACADES, "smaller crops", sizes=((64, 64),)),
        ),
    ),
    Round(
        "facades-looks",
        ("facades",),
        "96 x 96",
        (_OWN_LOOK, _KID),
        _FACADES_LOOKS,
        (
            _with(_FACADES_LOOKS, "discriminators see no labels", conditional=False),
            _with(_FACADES_LOOKS, "without perceptual loss", **_UNLIKE),
        ),
    ),
    Round(
        "edges",
        ("shoes128", "bags256"),
        "crops of 64 x 64",
        (
            Measure("shoes128_f", "F of the lines at 2 px", higher=True),
            Measure("shoes128_recall", "recall of the lines", higher=True),
        ),
        _EDGES,
        (
            _with(_EDGES, "photos as they are", changes=Changes(0.0, 0.0, 0.0, 0.1)),
            _with(_EDGES, "also learns from bags", packs=("shoes128", "bags256"), sizes=(128, 128)),
        ),
        share=0.5,
    ),
    Round(
        "person-reader",
        ("people", "athletes"),
        "128 and 160 px",
        (
            Measure("read.people.pckh", "PCKh@0.5 of people", higher=True),
            Measure("read.athletes.pckh", "PCKh@0.5 of athletes", higher=True),
        ),
        _PERSON_READER,
        (
            replace(_PERSON_READER, name="encoder from nothing", encoder=""),
            _with(_PERSON_READER, "without the athletes", packs=("people",), shares=()),
        ),
        share=2.0,
    ),
    Round(
        "street-reader",
        ("street",),
        "128 x 96",
        (
            Measure("miou", "mIoU", higher=True),
            Measure("accuracy", "share of pixels", higher=True),
        ),
        _STREET_READER,
        (
            _with(_STREET_READER, "photos as they are", varied=Varied(1.0, 0.5, 0.5, 0, 0, 0)),
            _with(
                _STREET_READER,
                "closer crops",
                varied=Varied(closest=0.3, light=0.15, repainted=0.1, erased=0.0),
            ),
        ),
    ),
)
"""What `guise train rounds` trains, in this order."""
