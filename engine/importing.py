"""Model files of other programs turned into models of ours: plain weights, nothing is run."""

from __future__ import annotations

import importlib
import re
import shutil
import warnings
from collections.abc import Collection
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from engine import registry, weights
from engine.card import Card
from engine.errors import InputError, ModelError
from engine.files import replacing

if TYPE_CHECKING:
    from torch import Tensor

FOREIGN = (".pth", ".pt", ".ckpt")
"""Ends of the names of PyTorch's own files."""
_GENERATOR, _ENCODER = "latest_net_G.pth", "latest_net_E.pth"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Checkpoint:
    """The files of one training run.

    Attributes:
        generator: the network that paints.
        encoder: the network that reads looks from photos.
        clusters: looks to choose from, of pix2pixHD.
        options: `opt.txt`, of pix2pixHD.
        looks: how many numbers a look has, where the weights do not tell, of BicycleGAN.
    """

    generator: Path
    encoder: Path | None = None
    clusters: Path | None = None
    options: Path | None = None
    looks: int | None = None


@dataclass(frozen=True)
class Importer:
    """How the checkpoints of one program become models.

    Attributes:
        title: of the program.
        module: imported when first needed; offers `import_official`.
        generator, encoder: patterns that the names of all parameters of a network match.
        takes: the fields of :class:`Checkpoint` that `import_official` takes as keywords.
    """

    title: str
    module: str
    generator: str
    encoder: str
    takes: frozenset[str]


IMPORTERS: tuple[Importer, ...] = (
    Importer(
        "BicycleGAN",
        "engine.painters.bicyclegan.official_files",
        r"model\.(?:(?:submodule\.)*(?:down|up)\.|model\.).*",
        r"(?:fc|fcVar|conv)\..*",
        frozenset(("encoder", "looks")),
    ),
    Importer(
        "pix2pixHD",
        "engine.painters.pix2pixhd.official_files",
        r"model(?:\d+_\d+)?\.\d+\..*",
        r"model\.(?!0\.)\d+\..*",
        frozenset(("encoder", "clusters", "options")),
    ),
)
"""Tried in this order by the names of what a file holds."""


def import_checkpoint(files: Checkpoint, model_id: str = "") -> tuple[Card, dict[str, Tensor]]:
    """The card and the tensors of a model out of a checkpoint.

    Args:
        model_id: its name; empty = the name of the folder in which it lies.

    Raises:
        InputError: the name cannot be a file's.
        ModelError: missing, damaged, of another program, more than plain weights, or files that do
            not belong to each other.
    """
    names = parameter_names(files.generator)
    importer = _importer(files.generator, names)
    told = {f.name for f in fields(files) if getattr(files, f.name) is not None} - {"generator"}
    needless = sorted(told - importer.takes)
    if needless:
        raise ModelError(f"{importer.title} has no {needless[0]}; leave out --{needless[0]}.")
    card_id = model_id or _named(files.generator, importer)
    read = importlib.import_module(importer.module).import_official
    extra = {name: getattr(files, name) for name in told}
    return read(files.generator, model_id=checked_id(card_id), **extra)


def in_folder(path: Path) -> Checkpoint:
    """A file and the encoder beside it, or those of a folder of checkpoints.

    Raises:
        ModelError: there is no generator in the folder.
    """
    if path.is_dir():
        if not (path / _GENERATOR).is_file():
            raise ModelError(f"There is no {_GENERATOR} in {path}; choose the file itself.")
        path = path / _GENERATOR
    beside = path.with_name(_ENCODER)
    fits = path.name == _GENERATOR and beside.is_file()
    return Checkpoint(path, beside if fits else None)


def parameter_names(path: Path) -> list[str]:
    """The names of the weights in a PyTorch file, without those of data parallel training.

    Raises:
        ModelError: missing, damaged, or more than the plain weights of one network.
    """
    import torch

    try:
        with warnings.catch_warnings(action="ignore"):  # hints for the authors of such files
            content = _loaded(path)
    except FileNotFoundError:
        raise ModelError(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise ModelError(f"{path} is a folder; choose a file in it.") from None
    except Exception:  # whatever a hostile or damaged file provokes: it is not opened
        raise ModelError(
            f"{path} is damaged or holds more than plain weights, so it was not opened."
        ) from None
    plain = isinstance(content, dict) and all(isinstance(v, torch.Tensor) for v in content.values())
    if not plain or not content:
        raise ModelError(f"{path} does not hold the plain weights of one network.")
    return [str(name).removeprefix("module.") for name in content]


def _loaded(path: Path) -> Any:
    """Without reading the weights themselves where the file allows it."""
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except RuntimeError:  # files of old versions cannot be mapped
        return torch.load(path, map_location="cpu", weights_only=True)


def _importer(path: Path, names: Collection[str]) -> Importer:
    for importer in IMPORTERS:
        if _all_match(importer.encoder, names) and not _paints(names):
            raise ModelError(
                f"{path} is a {importer.title} encoder; choose the generator ({_GENERATOR}) of its "
                "training, which takes the encoder along."
            )
        if _all_match(importer.generator, names):
            return importer
    known = " and ".join(importer.title for importer in IMPORTERS)
    raise ModelError(
        f"{path} holds PyTorch weights of a network that Guise does not know; it imports "
        f"generators of {known}."
    )


def _paints(names: Collection[str]) -> bool:
    """Whether there are residual blocks, which encoders of pix2pixHD have not."""
    return any("conv_block" in name for name in names)


def _all_match(pattern: str, names: Collection[str]) -> bool:
    return all(re.fullmatch(pattern, name) for name in names)


def _named(path: Path, importer: Importer) -> str:
    """After the folder, for the files of all checkpoints have the same names."""
    told = re.sub(r"[^A-Za-z0-9._-]+", "-", path.resolve().parent.name).strip("-._")
    return told[:100] or f"{importer.title.lower()}-official"


def checked_id(model_id: str) -> str:
    """The name of a model. InputError: it cannot be a file's name."""
    if not _NAME.fullmatch(model_id):
        raise InputError(
            f"{model_id!r} cannot be a model's name; use letters, digits, dots and dashes."
        )
    return model_id


def place_for(model_id: str) -> Path:
    """The file in the user's folder for a new model; the folder is made.

    Raises:
        InputError: there is a model of that name, or the folder cannot be made.
    """
    target = registry.user_folder() / f"{checked_id(model_id)}.safetensors"
    if target.exists():
        raise InputError(
            f"There is a model {model_id!r} already; remove it first, or import under another name."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{target.parent} cannot be made ({reason}).") from None
    return target


def import_file(
    files: Checkpoint, model_id: str = "", out: Path | None = None
) -> tuple[Card, Path]:
    """Read a model file, ours or a checkpoint, from end to end and keep it.

    Args:
        model_id: its name; empty = its own, or that of a checkpoint's folder.
        out: where to write it; None = the user's folder of models.

    Returns:
        Its card, and the file that was written.

    Raises:
        GuiseError: as :func:`import_checkpoint` and :func:`place_for`, or it cannot be written.
    """
    source = files.generator
    if source.suffix.lower() in FOREIGN:
        card, tensors = import_checkpoint(files, model_id)
        registry.architecture(card)
        target = out or place_for(card.id)
        weights.save(target, card, tensors)
        return card, target
    if any(getattr(files, f.name) is not None for f in fields(files) if f.name != "generator"):
        raise ModelError(f"{source} is whole by itself; import it without further files.")
    loaded = weights.load(source)
    registry.architecture(loaded.card)
    card = loaded.card
    target = out or place_for(model_id or card.id)
    if model_id and model_id != card.id:
        card = msgspec.structs.replace(card, id=checked_id(model_id))
        weights.save(target, card, loaded.tensors)
        return card, target
    with source.open("rb") as file, replacing(target) as copy:
        shutil.copyfileobj(file, copy)
    return card, target
