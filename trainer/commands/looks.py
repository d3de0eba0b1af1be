"""The options that choose a look, the same for every command that paints people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.appearance import BODY, Appearance, FromPhoto, Mix, Parts, Sampled
from engine.errors import InputError
from engine.registry import LOOKS_MODEL, PAINTER_MODEL
from engine.session import Session
from engine.shapes.pose import Pose
from trainer.commands.common import person_of


@dataclass(frozen=True)
class LookOptions:
    """Where the look comes from; without any of these it is the photo's own."""

    appearance: Path | None = None
    """Photo of a person whose look is taken."""
    sample: int | None = None
    """Invent a look; the number is the dice throw, the same one gives the same look."""
    mix: Path | None = None
    """Photo of a person towards whose look the other one is moved."""
    share: float = 0.5
    """How far, 0 to 1."""
    parts: tuple[str, ...] = ()
    """Regions from other photos: head=A.jpg torso=B.jpg arms=C.jpg legs=D.jpg feet=E.jpg."""

    def __post_init__(self) -> None:
        if self.appearance is not None and self.sample is not None:
            raise InputError("A look is taken from --appearance or invented by --sample, not both.")
        if not 0 <= self.share <= 1:
            raise InputError("--share must lie between 0 and 1.")

    @property
    def own(self) -> bool:
        """Whether the look stays the photo's own."""
        return self.appearance is None and self.sample is None and not (self.mix or self.parts)

    @property
    def model(self) -> str:
        """The bundled model that takes such a look best."""
        invents = self.sample is not None or self.mix is not None
        return LOOKS_MODEL if invents else PAINTER_MODEL


def chosen_look(session: Session, options: LookOptions, own: FromPhoto, shape: Pose) -> Appearance:
    """The look that the options ask for.

    Args:
        own: the look of the photo itself.
        shape: the pose at which an invented look is drawn, on the photo's canvas.

    Raises:
        InputError: nobody in a photo, or a region that is not one.
    """
    look: Appearance = own
    if options.appearance is not None:
        look = look_of(session, options.appearance)
    if options.sample is not None:
        look = dice(options.sample, shape)
    if options.mix is not None:
        look = Mix(look, look_of(session, options.mix), options.share)
    if options.parts:
        look = Parts(look, tuple(_region(session, word) for word in options.parts))
    return look


def look_of(session: Session, photo: Path) -> FromPhoto:
    """The look of a photo file's person. InputError if nobody was found."""
    person = person_of(session, photo)
    return FromPhoto(person.photo, person.pose, person.mask)


def dice(seed: int, shape: Pose) -> Sampled:
    """An invented look. InputError if the dice throw is not one."""
    if not 0 <= seed < 2**63:
        raise InputError("A dice throw is a number from 0 to 2^63 - 1.")
    return Sampled(seed, shape)


def _region(session: Session, word: str) -> tuple[str, FromPhoto]:
    name, equals, photo = word.partition("=")
    if not equals or name not in BODY:
        raise InputError(f"--parts takes REGION=PHOTO with a region of {', '.join(BODY)}.")
    return name, look_of(session, Path(photo))
