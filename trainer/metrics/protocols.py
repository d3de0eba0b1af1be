"""The protocols of the papers, by name: `guise evaluate MODEL --protocol NAME`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from engine import registry
from engine.card import Card
from engine.errors import InputError
from trainer.metrics import (
    protocol_diversity,
    protocol_edge_fidelity,
    protocol_people,
    protocol_pose_gan,
    protocol_realism,
    protocol_reconstruction,
    protocol_scenes,
    protocol_sets,
)
from trainer.metrics.figures import Report
from trainer.metrics.notes import Notes
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.protocol_judges import Judges
from trainer.metrics.protocol_subject import Ready, Subject

Kind = tuple[str, str]
"""painter or perception, and the shape that it paints or reads."""


@dataclass(frozen=True)
class Protocol:
    """How a claim about a model becomes a figure.

    Attributes:
        title: one sentence.
        source: the paper and the section or table that it reproduces.
        kinds: what can be measured so.
        measure: fills the notes of a subject. Raises GuiseError.
        ready: the same of pictures that are ready; None where only a model can be measured.
    """

    title: str
    source: str
    kinds: frozenset[Kind]
    measure: Callable[[Subject, Notes], None]
    ready: Callable[[Ready, Notes], None] | None = None

    def fits(self, card: Card) -> bool:
        """Whether a model can be measured so."""
        return (registry.architecture(card).kind, card.shape) in self.kinds


_PEOPLE: Kind = ("painter", "Pose")
_SKETCHES: Kind = ("painter", "Sketch")
_SCENES: Kind = ("painter", "LabelMap")

PROTOCOLS: dict[str, Protocol] = {
    protocol_pose_gan.ID: Protocol(
        "Pairs of one person: SSIM, mask-SSIM, Inception score, mask-IS and detection score.",
        "Siarohin et al., CVPR 2018 (Deformable GAN), section 4, tables 1 to 3; after Ma et al., "
        "NIPS 2017 (PG2)",
        frozenset({_PEOPLE}),
        protocol_pose_gan.measure,
        protocol_pose_gan.measure_ready,
    ),
    protocol_reconstruction.ID: Protocol(
        "Held-out things painted as they are, beside the most similar training photos.",
        "Esser et al., CVPR 2018 (VUNet), section 4.2",
        frozenset({_PEOPLE, _SKETCHES}),
        protocol_reconstruction.measure,
    ),
    protocol_diversity.ID: Protocol(
        "How much 20 random looks of one sketch differ, beside random pairs of real photos.",
        "Zhu et al., NIPS 2017 (BicycleGAN), section 5, table 1",
        frozenset({_SKETCHES}),
        protocol_diversity.measure,
    ),
    protocol_scenes.ID: Protocol(
        "Labels read again from painted scenes: per-pixel accuracy, mIoU and confusions.",
        "Wang et al., CVPR 2018 (pix2pixHD), section 4.1, table 1",
        frozenset({_SCENES, ("perception", "LabelMap")}),
        protocol_scenes.measure,
    ),
    protocol_people.PCKH: Protocol(
        "Joints found again by an independent judge, or read in photos: PCKh@0.5.",
        "Andriluka et al., CVPR 2014, with the head as 0.45 of the torso",
        frozenset({_PEOPLE, ("perception", "Pose")}),
        protocol_people.measure_pckh,
    ),
    protocol_people.PARTS: Protocol(
        "What of a look is kept in another pose, part by part: colour, features, texture.",
        "of this project",
        frozenset({_PEOPLE}),
        protocol_people.measure_parts,
    ),
    protocol_edge_fidelity.ID: Protocol(
        "Lines found again in painted sketches, or drawn by a reader of photos: F at 2 px.",
        "Martin et al., PAMI 2004",
        frozenset({_SKETCHES, ("perception", "Sketch")}),
        protocol_edge_fidelity.measure,
    ),
    protocol_sets.KID: Protocol(
        "Kernel distance of paintings to real photos.",
        "Binkowski et al., ICLR 2018",
        frozenset({_PEOPLE, _SKETCHES, _SCENES}),
        protocol_realism.measure_kid,
        protocol_realism.ready_kid,
    ),
    protocol_sets.FID: Protocol(
        "Fréchet distance of paintings to real photos.",
        "Heusel et al., NIPS 2017",
        frozenset({_PEOPLE, _SKETCHES, _SCENES}),
        protocol_realism.measure_fid,
        protocol_realism.ready_fid,
    ),
}
"""In the order of a report."""


def fitting(card: Card) -> list[str]:
    """Ids of the protocols by which a model can be measured, in the order of a report."""
    return [name for name, protocol in PROTOCOLS.items() if protocol.fits(card)]


def measured(subject: Subject, names: Iterable[str] = (), notes: Notes | None = None) -> Report:
    """Every figure of some protocols; those that fit, if none is named.

    Args:
        notes: figures found so far, which the report holds too.

    Raises:
        InputError: an unknown protocol, or one that is not for such models.
    """
    notes = Notes(subject.options.sheets) if notes is None else notes
    wanted = tuple(names) or tuple(fitting(subject.card))
    for name in wanted:
        _check(name, subject.card)
    for name in wanted:
        PROTOCOLS[name].measure(subject, notes)
    return notes.report(subject.about)


def of_folder(
    folder: Path, names: Iterable[str], options: EvaluateOptions, cases: int = 0
) -> Report:
    """Protocols of a folder of pictures that are ready, whoever painted them.

    Args:
        names: one or more.
        cases: how many pictures, spread over all; 0 = all.

    Raises:
        InputError: no protocol is named, or one that needs a model; or see the protocol.
    """
    able = ", ".join(name for name, protocol in PROTOCOLS.items() if protocol.ready)
    notes = Notes(options.sheets)
    ready = Ready(folder, options, options.files, Judges(options, options.files), cases)
    if not tuple(names):
        raise InputError(f"Name how {folder} is measured, with --protocol; there are {able}.")
    for name in names:
        measure = PROTOCOLS[name].ready if name in PROTOCOLS else None
        if measure is None:
            raise InputError(f"A folder of pictures cannot be measured by {name!r}, but by {able}.")
        measure(ready, notes)
    about = {"id": folder.name, "architecture": "pictures", "side": 0, "weights_sha256": ""}
    return notes.report(about)


def _check(name: str, card: Card) -> None:
    if name not in PROTOCOLS:
        raise InputError(f"There is no protocol {name!r}; known are {', '.join(PROTOCOLS)}.")
    if not PROTOCOLS[name].fits(card):
        fits = ", ".join(fitting(card)) or "none"
        raise InputError(f"{name} does not measure models such as {card.id}; there fit: {fits}.")
