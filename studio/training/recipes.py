"""What can be learned, in plain words: a recipe of the trainer with one of its presets."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

FINE_TUNE = "fine-tune"
TUNABLE = {
    "deformable": "Pose",
    "vunet": "Pose",
    "bicyclegan": "Sketch",
    "pix2pixhd": "LabelMap",
}
"""Architectures of models that can be tuned, and recipes that learn from the same photos, with the
kind of shape that they paint."""


@dataclass(frozen=True)
class Choice:
    """One card.

    Attributes:
        recipe, preset: as on the command line.
        title: what one gets.
        about: of what, for whom.
        minutes: of training that it is usually given.
        icon: qtawesome name.
        first: whether it is among the few that are shown at once.
        likeness: what judges how alike pictures are, for `--perceptual`; "" = the recipe's own.
    """

    recipe: str
    preset: str
    title: str
    about: str
    minutes: int
    icon: str
    first: bool = True
    likeness: str = ""

    def words(self, model: str = "") -> list[str]:
        """The beginning of the command; `model` is the one that is tuned."""
        start = [model] if self.recipe == FINE_TUNE else []
        judge = ["--perceptual", self.likeness] if self.likeness else []
        return ["train", self.recipe, *start, "--preset", self.preset, *judge]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Recipes", text)


def choices() -> list[Choice]:
    """All of them, in the order in which they are offered."""
    return [*_own(), *_small(), *_readers(), *_large(), *_published()]


def _own() -> list[Choice]:
    """A painter at hand, taught one's own things."""
    return [
        Choice(
            FINE_TUNE,
            "small",
            _tr("My own photos"),
            _tr("A painter that is there learns 20 to 200 photos of yours."),
            10,
            "mdi6.school-outline",
        ),
    ]


def _small() -> list[Choice]:
    """Painters that a plain computer can train, without internet too."""
    return [replace(one, likeness="auto") for one in _painters()]


def _painters() -> list[Choice]:
    people, drawings, scenes = "mdi6.human-handsup", "mdi6.pencil-outline", "mdi6.city-variant"
    return [
        Choice(
            "deformable",
            "small",
            _tr("People in other poses"),
            _tr("Copies the person of a photo into the pose that you drag."),
            90,
            people,
        ),
        Choice(
            "vunet",
            "small",
            _tr("People in other looks"),
            _tr("Looks of people can be invented, mixed and taken from photos."),
            110,
            people,
        ),
        Choice(
            "bicyclegan",
            "small",
            _tr("Colours for drawings"),
            _tr("Paints a drawing in many ways, by sliders or after a photo."),
            75,
            drawings,
        ),
        Choice(
            "vunet-edges",
            "small",
            _tr("Drawings after a photo"),
            _tr("Paints a drawing in the look of a photo, or an invented one."),
            60,
            drawings,
        ),
        Choice(
            "pix2pixhd",
            "small",
            _tr("Scenes from areas"),
            _tr("Paints a map of areas; every object has a look of its own."),
            150,
            scenes,
        ),
        Choice(
            "bicyclegan-scenes",
            "small",
            _tr("Scenes with sliders"),
            _tr("Paints a map of areas; a few sliders give the look."),
            60,
            scenes,
        ),
    ]


def _readers() -> list[Choice]:
    """Models that read photos."""
    about = "mdi6.image-search-outline"
    return [
        Choice(
            "perception",
            "small",
            _tr("Finding people"),
            _tr("Finds joints and outline of the person in a photo."),
            120,
            about,
            first=False,
        ),
        Choice(
            "segmenter",
            "small",
            _tr("Finding areas"),
            _tr("Tells road, house, tree and so on apart in a photo."),
            60,
            about,
            first=False,
        ),
        Choice(
            "edges",
            "small",
            _tr("Finding lines"),
            _tr("Draws the lines of a photo."),
            20,
            about,
            first=False,
        ),
    ]


def _large() -> list[Choice]:
    """The same painters, larger, for graphics cards."""
    larger = _tr("{0}, large")
    about = _tr("More detail; needs a graphics card and a day.")
    return [
        replace(
            one,
            preset="base",
            title=larger.format(one.title),
            about=about,
            minutes=1440,
            first=False,
        )
        for one in _small()
        if one.recipe != "bicyclegan-scenes"
    ]


def _published() -> list[Choice]:
    """The systems as their papers have them, for comparison."""
    about = _tr("As in the paper, to compare with; needs a graphics card.")
    paper = "mdi6.file-document-outline"
    named = (
        ("deformable-paper", "paper-256", "Deformable GAN"),
        ("vunet-paper", "paper256", "VUNet"),
        ("bicyclegan-paper", "paper", "BicycleGAN"),
        ("pix2pixhd", "paper", "pix2pixHD"),
    )
    return [
        Choice(recipe, preset, title, about, 2880, paper, first=False)
        for recipe, preset, title in named
    ]
