"""The protocols of the papers, by name: `guise evaluate MODEL --protocol NAME`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine import registry
from engine.card import Card
from engine.errors import InputError
from trainer.metrics import protocol_pose_gan, protocol_scenes
from trainer.metrics.figures import Report
from trainer.metrics.notes import Notes
from trainer.metrics.protocol_subject import Subject

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
    """

    title: str
    source: str
    kinds: frozenset[Kind]
    measure: Callable[[Subject, Notes], None]

    def fits(self, card: Card) -> bool:
        """Whether a model can be measured so."""
        return (registry.architecture(card).kind, card.shape) in self.kinds


_SCENES: frozenset[Kind] = frozenset({("painter", "LabelMap"), ("perception", "LabelMap")})

_PEOPLE: frozenset[Kind] = frozenset({("painter", "Pose")})

PROTOCOLS: dict[str, Protocol] = {
    protocol_pose_gan.ID: Protocol(
        "Pairs of one person: SSIM, mask-SSIM, Inception score, mask-IS and detection score.",
        "Siarohin et al., CVPR 2018 (Deformable GAN), section 4, tables 1 to 3; after Ma et al., "
        "NIPS 2017 (PG2)",
        _PEOPLE,
        protocol_pose_gan.measure,
    ),
    protocol_scenes.ID: Protocol(
        "Labels read again from painted scenes: per-pixel accuracy, mIoU and confusions.",
        "Wang et al., CVPR 2018 (pix2pixHD), section 4.1, table 1",
        _SCENES,
        protocol_scenes.measure,
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


def _check(name: str, card: Card) -> None:
    if name not in PROTOCOLS:
        raise InputError(f"There is no protocol {name!r}; known are {', '.join(PROTOCOLS)}.")
    if not PROTOCOLS[name].fits(card):
        fits = ", ".join(fitting(card)) or "none"
        raise InputError(f"{name} does not measure models such as {card.id}; there fit: {fits}.")
