"""What `guise sketch` is asked for, and the requests that this makes."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import tyro

from engine.appearance import Appearance
from engine.photo_files import open_photo
from engine.request import Request, Scene
from engine.shapes.sketch import Sketch
from engine.shapes.sketch_files import open_sketch, sketch_suffixes
from engine.sketch_exports import ink_picture
from trainer.commands.canvas import CanvasTask
from trainer.commands.sketch_options import Looks, SketchLooks

MODEL = "shoes"
"""Id of the bundled model that paints sketches unless another one is named."""
_HARDLY = 0.0015
"""Share of the canvas under lines below which there is hardly anything to paint."""


@dataclass(frozen=True)
class SketchCommand:
    """Paint sketches, each with one look or with several, and write PNGs.

    A sketch is an SVG, or an image of dark lines on light paper or of light lines on dark paper.
    Several sketches, or folders of them, go into a folder; a second run goes on where the first
    one ended. Shoes are painted unless --model names another model, e.g. bags.
    """

    sketches: Annotated[tuple[Path, ...], tyro.conf.Positional]
    """Sketches, or folders of sketches."""
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """File to write: PNG, JSON (the recipe alone), GIF or MP4 (as --morph); several looks of one
    sketch make a sheet. For several sketches a folder."""
    morph: Path | None = None
    """GIF or MP4 file to write: one sketch, its looks turning into one another."""
    from_photo: bool = False
    """Draw after photos: the edges of each are the sketch."""
    sheet: bool = False
    """Of each sketch one sheet of all looks, the sketch first, instead of a file a look."""
    cutout: bool = False
    """The item alone on a transparent background, with a soft edge."""
    longest: int | None = None
    """Longest side of a picture in pixels; without it, the sketch's own size."""
    cell: int = 256
    """Longest side of a picture on a sheet in pixels."""
    steps: int = 12
    """Pictures from one look to the next of a morph."""
    resume: bool = True
    """Of several sketches: leave out what an earlier run has finished."""
    looks: tyro.conf.OmitArgPrefixes[SketchLooks] = field(default_factory=SketchLooks)
    """Where the looks come from."""
    model: str = MODEL
    """Id of a model that paints sketches, as in `guise models list`, or a model file."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


@dataclass(frozen=True)
class Task(CanvasTask[Sketch]):
    """The options with what they name opened."""

    noun: ClassVar[str] = "sketch"
    plural: ClassVar[str] = "sketches"
    options: SketchCommand
    looks: Looks

    @property
    def sources(self) -> tuple[Path, ...]:
        return self.options.sketches

    def ends(self) -> Collection[str]:
        return sketch_suffixes()

    def seal(self) -> tuple[Any, ...]:
        return self.options.looks.chip, self.options.from_photo, self.options.cutout

    def request(self, sketch: Sketch, look: Appearance) -> Request:
        """One picture, on white or cut out."""
        scene = Scene.cutout if self.options.cutout else Scene.white
        return Request(self.card.id, sketch, look, longest=self.options.longest, scene=scene)

    def opened(self, path: Path) -> Sketch:
        """The sketch of a file; a word on stderr if there is hardly anything on it."""
        if self.options.from_photo:
            return self.session.sketch_of(open_photo(path))
        sketch = open_sketch(path)
        if (ink_picture(sketch, 128).pixels < 128).mean() < _HARDLY:
            print(f"guise: {path} has hardly any lines, so little is painted.", file=sys.stderr)
        return sketch
