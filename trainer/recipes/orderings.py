"""What the papers compare, small: groups of methods, and who is said to win."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.painters.vunet.paper_network import PaperVunetConfig
from trainer.recipes.contestants import Contestant


@dataclass(frozen=True)
class Claim:
    """What a paper says of two methods, and the figure of `guise evaluate` that shows it."""

    text: str
    better: str
    worse: str
    figure: str


@dataclass(frozen=True)
class Group:
    """Methods that are trained on one pack for the same time.

    Attributes:
        paper: where the comparison is made.
        pack: folder below the data folder.
        side: what the pictures measure, for people who read it.
    """

    id: str
    title: str
    paper: str
    pack: str
    side: str
    contestants: tuple[Contestant, ...]
    claims: tuple[Claim, ...]


def _bicycle(name: str, method: str) -> Contestant:
    """The published losses and no others, on our network."""
    values: dict[str, Any] = {
        "method": method,
        "packs": ("shoes128",),
        "sides": (64,),
        "shares": (1.0,),
        "perceptual_weight": 0.0,
        "gathered": 0.0,
        "free_nats": 0.0,
        "ramp": (0.0, 0.02),
    }
    return Contestant(name, "bicyclegan", "small", values)


def _versus(better: str, others: tuple[str, ...], says: str, *figures: str) -> Iterator[Claim]:
    """One claim for each of the others and figure; `says` has a place for their name."""
    for figure in figures:
        for worse in others:
            yield Claim(says.format(worse), better, worse, figure)


_SHOES = Group(
    "shoes",
    "Looks for sketches",
    "Zhu et al., NIPS 2017, section 5",
    "shoes128",
    "64 x 64",
    (
        _bicycle("BicycleGAN", "bicycle"),
        _bicycle("cVAE-GAN", "cvae-gan"),
        _bicycle("cLR-GAN", "clr-gan"),
        _bicycle("pix2pix + noise", "pix2pix-noise"),
        _bicycle("pix2pix", "pix2pix"),
    ),
    (
        *_versus(
            "BicycleGAN",
            ("cVAE-GAN", "cLR-GAN", "pix2pix + noise"),
            "Random looks of BicycleGAN differ more than those of {}.",
            "held_out.diversity",
        ),
        *_versus(
            "cVAE-GAN",
            ("cLR-GAN", "pix2pix + noise"),
            "Random looks of cVAE-GAN differ more than those of {}.",
            "held_out.diversity",
        ),
        *_versus(
            "cLR-GAN",
            ("pix2pix + noise",),
            "Random looks of cLR-GAN differ more than those of {}: noise alone is ignored.",
            "held_out.diversity",
        ),
        *_versus(
            "BicycleGAN",
            ("cVAE-GAN", "cLR-GAN", "pix2pix + noise"),
            "Pictures of BicycleGAN with random looks are more real than those of {}.",
            "held_out.realism",
        ),
    ),
)


def _deformable(name: str, ablation: str) -> Contestant:
    values = {"ablation": ablation, "channels": 16, "perceptual": "hed"}
    return Contestant(name, "deformable-paper", "paper-128x64", values, 8, "pku_reid")


_PAIRS = ("pose-gan.ssim", "pose-gan.mask_ssim")
_POSES = Group(
    "poses",
    "New poses by real pairs",
    "Siarohin et al., CVPR 2018, section 4",
    "pku_reid",
    "64 x 128",
    (
        _deformable("Baseline", "baseline"),
        _deformable("DSC", "dsc"),
        _deformable("Full", "full"),
    ),
    (
        *_versus(
            "DSC",
            ("Baseline",),
            "Deformable skips come nearer to the target than plain ones.",
            *_PAIRS,
        ),
        *_versus(
            "Full",
            ("DSC",),
            "The nearest-neighbour loss comes nearer to the target than L1.",
            *_PAIRS,
        ),
    ),
)
_PEOPLE = Group(
    "people",
    "Looks of people, encoded and painted again",
    "Esser et al., CVPR 2018; ours beside it",
    "people",
    "64 x 64",
    (
        Contestant(
            "VUNet",
            "vunet-paper",
            "paper128",
            {
                "network": PaperVunetConfig(64, 1, 1, 16, 64, crops="feet", prior=64),
                "packs": ("people",),
                "perceptual": "hed",
            },
            8,
        ),
        Contestant(
            "VUNet with codes of parts",
            "vunet",
            "small",
            {
                "sides": (64,),
                "shares": (0.92,),
                "packs": ("people",),
                "perceptual": "hed",
                "adversarial": 0.0,
            },
            8,
        ),
    ),
    (),
)


def _scene(
    name: str, preset: str, pack: str, size: tuple[int, int], more: Mapping[str, Any]
) -> Contestant:
    values: dict[str, Any] = {"sizes": (size,), "shares": (1.0,), "unjudged": 0, **more}
    return Contestant(name, "pix2pixhd", preset, values, 8, pack)


def _hd(name: str, pack: str, size: tuple[int, int], **more: Any) -> Contestant:
    return _scene(name, "small", pack, size, {"judge_scales": (2,), "perceptual": "hed", **more})


def _pix2pix(pack: str, size: tuple[int, int]) -> Contestant:
    return _scene("pix2pix", "pix2pix", pack, size, {"judge_scales": (1,)})


_SCENES = (
    "pix2pixhd-segmentation.miou.by_picture",
    "pix2pixhd-segmentation.accuracy.by_picture",
    "realism",
)
_FACADES = Group(
    "facades",
    "Facades from label maps",
    "Wang et al., CVPR 2018, section 4; BicycleGAN beside it",
    "facades",
    "96 x 96",
    (
        _hd("pix2pixHD", "facades", (96, 96)),
        _pix2pix("facades", (96, 96)),
        Contestant(
            "BicycleGAN",
            "bicyclegan-scenes",
            "small",
            {"sides": (96,), "shares": (1.0,), "ramp": (0.0, 0.02), "perceptual": "hed"},
            8,
            "facades",
        ),
    ),
    tuple(
        _versus(
            "pix2pixHD",
            ("pix2pix",),
            "Pictures of pix2pixHD are better than those of {}.",
            *_SCENES,
        )
    ),
)
_STREET = Group(
    "street",
    "Streets from label maps",
    "Wang et al., CVPR 2018, section 4",
    "street",
    "128 x 96",
    (
        _hd("pix2pixHD", "street", (96, 128)),
        _pix2pix("street", (96, 128)),
        _hd("without feature matching", "street", (96, 128), matching=0.0),
    ),
    (
        *_versus(
            "pix2pixHD",
            ("pix2pix",),
            "Pictures of pix2pixHD are better than those of {}.",
            *_SCENES,
        ),
        *_versus(
            "pix2pixHD",
            ("without feature matching",),
            "Pictures are more real with feature matching than {}.",
            "realism",
        ),
    ),
)
GROUPS = (_SHOES, _POSES, _PEOPLE, _FACADES, _STREET)
"""What `guise train orderings` trains, in this order."""
