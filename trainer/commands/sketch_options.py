"""The options that choose the looks of painted sketches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import ImageColor

from engine.appearance import Appearance, FromPhoto, Sampled, Vector
from engine.card import Card
from engine.errors import InputError
from engine.session import Session, never
from engine.shapes.sketch import Sketch
from trainer.commands.canvas_looks import LookChoice


@dataclass(frozen=True)
class SketchLooks(LookChoice):
    """Where the looks come from; without any of these one look is invented."""

    chip: str = ""
    """A colour that the item is to have, e.g. "#aa2222" or red; the rest of the look stays."""


def colour_of(word: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour's name or hexadecimal digits. InputError: it is none."""
    told = f"#{word}" if len(word) in (3, 6) and not word.isalpha() else word
    try:
        red, green, blue, *_ = ImageColor.getrgb(told)
    except ValueError:
        raise InputError(f"{word!r} is no colour; write it as #aa2222 or by its name.") from None
    return red, green, blue


class Looks:
    """The chosen looks, as a model takes them; photos are read once.

    Attributes:
        names: what each is called in file names: numbers of dice throws, or names of photos.
        sources: digest -> file name of the photos.
    """

    def __init__(self, session: Session, card: Card, options: SketchLooks) -> None:
        self._session, self._card, self._options = session, card, options
        self._colour = colour_of(options.chip) if options.chip else None
        if self._colour and "Vector" not in card.takes:
            raise InputError(f"The model {card.id!r} has no sliders to turn towards a colour.")
        asked = self._asked()
        self.names = [name for name, _ in asked]
        self.sources = {
            look.photo.digest: path.name
            for (_, look), path in zip(asked, options.look, strict=False)
            if isinstance(look, FromPhoto)
        }
        self._found = [self._plain(look) for _, look in asked]

    def of(self, sketch: Sketch, number: int) -> Appearance:
        """A look, which a chip turns into one that suits the sketch. Raises GuiseError."""
        look = self._found[number]
        if self._colour is None or not isinstance(look, Vector):
            return look
        from engine.sketch_looks import Trial, coloured

        trial = Trial(self._session, self._card.id, sketch, never)
        return coloured(trial, look, self._colour)

    def told(self) -> Sequence[Appearance]:
        """All of them before a chip."""
        return self._found

    def _asked(self) -> list[tuple[str, Appearance]]:
        options = self._options
        if options.vector:
            return [("vector", Vector(options.vector))]
        if options.look:
            from engine.photo_files import open_photo

            return [(path.stem, FromPhoto(open_photo(path), None)) for path in options.look]
        return [(str(seed), Sampled(seed, None)) for seed in options.seeds]

    def _plain(self, look: Appearance) -> Appearance:
        """As numbers where the model has such, so that equal looks are equal."""
        if "Vector" in self._card.takes:
            return self._session.vector(self._card.id, look)
        return look
