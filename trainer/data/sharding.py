"""Writes shards: plain tar files of samples by WebDataset's convention, and an index of places."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.errors import InputError
from engine.files import replacing
from engine.shapes.label_sets import cityscapes, write_label_set
from trainer.data.check import Asked, check
from trainer.data.coco import PersonSample
from trainer.data.coco_crops import CroppedPerson
from trainer.data.examining import Sample
from trainer.data.pictures import contents
from trainer.data.products import Direction, ProductPair
from trainer.data.scene_files import SceneFiles
from trainer.data.scenes import SceneFolder, load_scene, scene_folder
from trainer.data.shard_files import INDEX, TAR, Entry, Index
from trainer.data.shard_people import about

BLOCK = tarfile.BLOCKSIZE
Members = dict[str, bytes]
"""Ending of a member's name, such as "photo.jpg" -> its content."""


def write_shards(
    folder: Path,
    out: Path,
    most: int,
    direction: Direction = "AtoB",
    progress: Callable[[int, int], None] | None = None,
) -> Index:
    """Write a folder's samples into shards; pictures are copied as they are.

    Args:
        folder: in any of the layouts.
        out: an empty or missing folder.
        most: bytes of a shard, after which the next one begins.
        direction: of A/B pictures.
        progress: told how many samples of how many are written.

    Raises:
        InputError: a sample cannot be used, `out` holds something, or the disk is full; what was
            written of the shards is removed then.
    """
    found = check(Asked(folder, "", direction, None, "quick"))
    if not found.usable:
        raise InputError(found.reason)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} is not an empty folder; choose another one.")
    told: dict[str, object] = {"direction": direction}
    scenes = None
    if found.kind in ("scenes", "pictures"):
        scenes = scene_folder(folder, ())
        told["classes"] = scenes.classes
    kind = "scenes" if scenes is not None else str(found.kind)
    total, done = sum(found.splits.values()), 0
    writer = _Writer(out, most)
    try:
        out.mkdir(parents=True, exist_ok=True)
        splits: dict[str, list[Entry]] = {}
        for split, rows in found.samples.items():
            splits[split] = []
            for number, (name, sample) in enumerate(rows):
                members, said = _members(sample, name, scenes)
                splits[split].append(writer.add(split, number, members, said))
                done += 1
                if progress is not None:
                    progress(done, total)
            writer.close()
        if scenes is not None and scenes.known not in (None, cityscapes()):
            write_label_set(scenes.known, out / "labels.json")
        index = Index(kind, found.title, writer.shards, splits, told)
        with replacing(out / INDEX) as file:
            file.write(msgspec.json.encode(index))
    except BaseException as error:
        writer.remove()
        if isinstance(error, OSError):
            reason = (error.strerror or str(error)).lower()
            raise InputError(f"{out} cannot be written ({reason}); make room.") from None
        raise
    return index


@dataclass
class _Writer:
    """Shards as they grow.

    Attributes:
        shards: names and lengths of those that are finished.
    """

    out: Path
    most: int
    shards: list[tuple[str, int]] = field(default_factory=list)
    _tar: tarfile.TarFile | None = None
    _name: str = ""

    def add(self, split: str, number: int, members: Members, said: Mapping[str, object]) -> Entry:
        """Append a sample, in the next shard if this one is full."""
        size = sum(-(-len(content) // BLOCK) * BLOCK + BLOCK for content in members.values())
        if self._tar is not None and self._tar.offset + size > self.most:
            self.close()
        if self._tar is None:
            self._name = f"{split}-{len(self.shards):06}{TAR}"
            path = self.out / self._name
            self._tar = tarfile.TarFile(path, "w", format=tarfile.USTAR_FORMAT)
        key = f"{number:09}"
        places = {}
        for ending, content in members.items():
            head = tarfile.TarInfo(f"{key}.{ending}")
            head.size = len(content)
            places[ending] = (self._tar.offset + BLOCK, len(content))
            self._tar.addfile(head, io.BytesIO(content))
        return Entry(key, len(self.shards), places, dict(said))

    def close(self) -> None:
        """Finish the shard that is being written, if there is one."""
        if self._tar is not None:
            self._tar.close()
            self._tar = None
            self.shards.append((self._name, (self.out / self._name).stat().st_size))

    def remove(self) -> None:
        """Take back what was written."""
        with suppress(OSError):
            self.close()
        for path in self.out.glob(f"*{TAR}"):
            path.unlink(missing_ok=True)
        for name in ("labels.json", INDEX):
            (self.out / name).unlink(missing_ok=True)


def _members(
    sample: Sample, name: str, scenes: SceneFolder | None
) -> tuple[Members, dict[str, object]]:
    """The files of a sample and what its entry says."""
    if isinstance(sample, PersonSample):
        said = msgspec.to_builtins(about(name, sample))
        return dict(_person(sample)) | {"json": msgspec.json.encode(said)}, said
    if isinstance(sample, ProductPair):
        return dict(_product(sample)), {"name": sample.name}
    assert scenes is not None
    return dict(_scene(sample, scenes)), {"name": sample.name}


def _person(sample: PersonSample) -> Iterator[tuple[str, bytes]]:
    if isinstance(sample, CroppedPerson):
        photo, mask = sample.read()
        yield "photo.png", _png(photo[..., ::-1])
        if sample.masked:
            yield "mask.png", _png(mask)
        return
    yield _copied("photo", sample.photo)
    if sample.mask is not None:
        yield _copied("mask", sample.mask)


def _product(sample: ProductPair) -> Iterator[tuple[str, bytes]]:
    if sample.edges is None:
        yield _copied("both", sample.photo)
    else:
        yield _copied("photo", sample.photo)
        yield _copied("edges", sample.edges)


def _scene(sample: SceneFiles, scenes: SceneFolder) -> Iterator[tuple[str, bytes]]:
    if sample.halves is not None:
        yield _copied("both", sample.photo)
        return
    yield _copied("photo", sample.photo)
    if sample.label.suffix == ".json":
        scene = load_scene(sample, scenes.classes, scenes.known)
        yield "label.png", _png(scene.labels)
        yield "objects.png", _png(scene.objects.astype(np.uint16))
        return
    yield _copied("label", sample.label)
    if sample.objects is not None:
        yield _copied("objects", sample.objects)


def _copied(role: str, path: Path) -> tuple[str, bytes]:
    content = contents(path)
    if path.suffix != ".json":
        return f"{role}{path.suffix.lower()}", content
    with Image.open(io.BytesIO(content)) as picture:  # that a labelme file holds
        return f"{role}.{(picture.format or '').lower()}", content


def _png(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    done, content = cv2.imencode(".png", np.ascontiguousarray(pixels))
    assert done
    return content.tobytes()
