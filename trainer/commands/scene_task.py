"""What `guise scene` is asked for, and the requests that this makes."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import msgspec
import tyro

from engine.appearance import Appearance
from engine.batch import Item
from engine.exports import Kind
from engine.painters.base import Stop
from engine.photo_files import open_photo, save_png, suffixes
from engine.registry import DEFAULTS
from engine.request import Request, Saved, Scene
from engine.shapes.labels import LabelMap, LabelSet
from trainer.commands.canvas import CanvasTask
from trainer.commands.scene_labels import ENDS, check_set, instances_of, label_files, open_map
from trainer.commands.scene_options import Looks, SceneLooks

MODEL = DEFAULTS["LabelMap"]
"""Id of the bundled model that paints label maps unless another one is named."""


@dataclass(frozen=True)
class SceneCommand:
    """Paint label maps, each with one look or with several, and write PNGs.

    A label map is an image of label ids (8, 16 or 32 bit, palette, or the colours of the label
    set), or a labelme JSON file. Several maps, or folders of them, go into a folder; a second run
    goes on where the first one ended. Streets are painted unless --model names another model.
    """

    maps: Annotated[tuple[Path, ...], tyro.conf.Positional]
    """Label maps, or folders of them."""
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """File to write: PNG, or JSON (the recipe alone); several looks of one map make a sheet. For
    several maps a folder."""
    instances: Path | None = None
    """Image of instance ids, for several maps a folder of them; without it, the one beside the map
    that is named alike, else each connected piece is an object."""
    labels: Path | None = None
    """JSON file of a label set, if it is not the one that the model was trained on."""
    from_photo: bool = False
    """The files are photos of streets; what they show is read off them."""
    sheet: bool = False
    """Of each map one sheet of all looks, the map first, instead of a file a look."""
    longest: int | None = None
    """Longest side of a picture in pixels; without it, the map's own size."""
    cell: int = 512
    """Longest side of a picture on a sheet in pixels."""
    resume: bool = True
    """Of several maps: leave out what an earlier run has finished."""
    looks: tyro.conf.OmitArgPrefixes[SceneLooks] = field(default_factory=SceneLooks)
    """Where the looks come from."""
    model: str = MODEL
    """Id of a model that paints label maps, as in `guise models list`, or a model file."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


@dataclass(frozen=True)
class Task(CanvasTask[LabelMap]):
    """The options with what they name opened."""

    noun: ClassVar[str] = "label map"
    plural: ClassVar[str] = "label maps"
    options: SceneCommand
    looks: Looks
    label_set: LabelSet

    @property
    def sources(self) -> tuple[Path, ...]:
        return self.options.maps

    def ends(self) -> Collection[str]:
        return suffixes() if self.options.from_photo else ENDS

    def found(self, folder: Path, inside: Path) -> list[Item]:
        items = super().found(folder, inside)
        if self.options.from_photo:
            return items
        taken = label_files([item.source for item in items], folder)
        return [item for item in items if item.source in taken]

    def seal(self) -> tuple[Any, ...]:
        labels = msgspec.to_builtins(self.label_set)
        return labels, str(self.options.instances), self.options.from_photo

    def opened(self, path: Path) -> LabelMap:
        """The map of a file; on stderr, what could not be taken as it was."""
        if self.options.from_photo:
            return self.session.labels_of(open_photo(path))
        if self.options.labels is None:
            check_set(path, self.label_set)
        opened = open_map(path, self.label_set, instances_of(path, self.options.instances))
        if opened.notes:
            print(f"guise: {path}: {' '.join(opened.notes)}", file=sys.stderr)
        return opened.scene

    def request(self, scene: LabelMap, look: Appearance, /) -> Request:
        """One picture: all of the map's canvas."""
        longest = self.options.longest
        return Request(self.card.id, scene, look, longest=longest, scene=Scene.white)

    def save(self, shape: LabelMap, number: int, path: Path, stop: Stop) -> Saved:
        """As every canvas; the file says too if the network painted it smaller."""
        if Kind.of(path) is not Kind.png:
            return super().save(shape, number, path, stop)
        request = self.request(shape, self.looks.of(shape, number))
        done = self.session.paint(request, stop)
        degraded = done.degraded or self._enlarged(max(done.picture.size))
        digest = self.session.digest(self.card.id)
        save_png(done.picture, path, request, digest, degraded, self.looks.sources)
        return Saved(request, path, degraded)

    def _enlarged(self, side: int) -> str:
        from engine.painters.pix2pixhd.official import PAPER
        from engine.painters.pix2pixhd.painter import enlarged

        own = side if self.card.architecture == PAPER else min(side, self.card.side)
        return enlarged(own, side)
