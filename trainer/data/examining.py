"""A close look at single samples: everything is decoded, and what is wrong is told by kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import singledispatch
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.labels import LabelSet
from engine.shapes.pose import CORE
from trainer.data import labelme_folders
from trainer.data.coco import PersonSample
from trainer.data.coco_crops import CroppedPerson
from trainer.data.pictures import size_of
from trainer.data.problems import BadSample
from trainer.data.products import ProductPair
from trainer.data.scene_files import SceneFiles
from trainer.data.scenes import load_scene
from trainer.data.shard_files import TAR
from trainer.metrics.doubles import small

Sample = PersonSample | ProductPair | SceneFiles
_TINY = 64
_SAME_SHAPE = 0.02
"""Photos and edges may differ by this much in their proportions."""
_MOSTLY = 0.5
"""Share of a picture that lines never fill: beyond, dark and light are exchanged."""


@dataclass(frozen=True)
class LabelRules:
    """What the maps of a folder are read with.

    Attributes:
        classes: number of ids; 0 = pictures A and B.
        known: what names of labelme's shapes mean.
    """

    classes: int = 0
    known: LabelSet | None = None


@dataclass
class Look:
    """What a look at a sample found.

    Attributes:
        size: width and height of its photo.
        small: the photo at the size at which photos are compared; None after a quick look.
        found: kinds of problems and details.
    """

    size: tuple[int, int] = (0, 0)
    small: NDArray[np.uint8] | None = None
    found: list[tuple[str, str]] = field(default_factory=list)


def examined(sample: Sample, rules: LabelRules) -> Look:
    """Decode everything of a sample; whatever is wrong with it is told and not raised."""
    look = Look()
    try:
        photo = _opened(sample, rules, look)
        look.size = photo.shape[1], photo.shape[0]
        look.small = small(photo)
        if min(look.size) < _TINY:
            look.found.append(("tiny", f"{look.size[0]} x {look.size[1]}"))
    except BadSample as error:
        look.found.append((error.kind, error.detail))
    except InputError as error:
        look.found.append(("unreadable", str(error).rstrip(".")))
    return look


def glanced(sample: Sample, heads: bool) -> Look:
    """Whether the files of a sample are there and, with `heads`, of one size."""
    look = Look()
    try:
        sizes = []
        for path in paths_of(sample):
            if path.parent.suffix != TAR and not path.is_file():
                raise BadSample("missing", f"There is no file {path}.", path.name)
            if heads and path.suffix != ".json":
                sizes.append((path, size_of(path)))
        _check_heads(sample, sizes)
        if sizes:
            look.size = _shown(sample, sizes[-1][1])
    except BadSample as error:
        look.found.append((error.kind, error.detail))
    if isinstance(sample, PersonSample):
        _about_person(sample, look)
    return look


def paths_of(sample: Sample) -> tuple[Path, ...]:
    """The files of a sample, its photo last."""
    if isinstance(sample, PersonSample):
        return tuple(path for path in (sample.mask, sample.photo) if path is not None)
    if isinstance(sample, ProductPair):
        return tuple(path for path in (sample.edges, sample.photo) if path is not None)
    return (*(path for path in sample.paths if path != sample.photo), sample.photo)


def _check_heads(sample: Sample, sizes: list[tuple[Path, tuple[int, int]]]) -> None:
    if not sizes:
        return
    photo = sizes[-1][1]
    if isinstance(sample, ProductPair):
        differs = [path for path, size in sizes if _unlike(size, photo)]
    else:
        differs = [path for path, size in sizes if size != photo]
    if isinstance(sample, PersonSample) and not isinstance(sample, CroppedPerson):
        _check_annotation(sample, photo)
    if differs:
        raise BadSample("size", f"{differs[0]} is not as large as its photo.", differs[0].name)


def _shown(sample: Sample, size: tuple[int, int]) -> tuple[int, int]:
    """The size of what a network sees of a picture: a half where two are side by side."""
    if isinstance(sample, CroppedPerson):
        return sample.pose.size
    halved = isinstance(sample, SceneFiles) and sample.halves is not None
    halved = halved or (isinstance(sample, ProductPair) and sample.edges is None)
    return (size[0] // 2, size[1]) if halved else size


def _unlike(size: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two sizes differ in proportions."""
    return abs(size[0] * other[1] / (size[1] * other[0]) - 1) > _SAME_SHAPE


def _check_annotation(person: PersonSample, size: tuple[int, int]) -> None:
    if person.pose.size != size:
        told = f"{person.pose.size[0]} x {person.pose.size[1]}"
        raise BadSample(
            "size", f"{person.photo} is {size[0]} x {size[1]}, annotated as {told}.", told
        )


@singledispatch
def _opened(sample: object, rules: LabelRules, look: Look) -> NDArray[np.uint8]:
    """The sample's photo (H, W, 3) after everything else of it was looked at."""
    raise TypeError(type(sample))


@_opened.register
def _(sample: PersonSample, rules: LabelRules, look: Look) -> NDArray[np.uint8]:
    photo, mask = sample.read()
    _check_annotation(sample, (photo.shape[1], photo.shape[0]))
    _about_person(sample, look)
    if sample.masked and not (mask > 127).any():
        look.found.append(("no-mask", "its mask is empty"))
    return photo


def _about_person(sample: PersonSample, look: Look) -> None:
    pose = sample.pose
    there = pose.xy[pose.presence > 0]
    if not pose.has(*CORE):
        look.found.append(("no-core", ""))
    if len(there) and ((there < 0) | (there > pose.size)).any():
        look.found.append(("joint-beyond", ""))


@_opened.register
def _(sample: ProductPair, rules: LabelRules, look: Look) -> NDArray[np.uint8]:
    photo, edges = sample.load()
    if _unlike(edges.shape[1::-1], photo.shape[1::-1]):
        raise BadSample("size", f"{sample.name} has edges of other proportions.", "its edges")
    if (edges < 128).mean() > _MOSTLY:
        look.found.append(("inverted", ""))
    return photo


@_opened.register
def _(sample: SceneFiles, rules: LabelRules, look: Look) -> NDArray[np.uint8]:
    scene = load_scene(sample, rules.classes, rules.known)
    if sample.label.suffix == ".json" and rules.known is not None:
        look.found += [
            ("unknown-name", note.rstrip("."))
            for note in labelme_folders.read_labelme(sample.label, rules.known)[2]
        ]
    return np.ascontiguousarray(scene.photo[..., -3:])
