"""What lies beside official pix2pixHD checkpoints: `opt.txt` and the looks of classes (`.npy`)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.errors import InputError, ModelError
from engine.files import read_limited
from engine.painters.pix2pixhd.official import OfficialConfig
from engine.plain_pickle import OBJECTS, Array, WantsCode, read_plain

_MAX_OPTIONS = 1_000_000
_MAX_CLUSTERS = 100_000_000


@dataclass(frozen=True)
class Options:
    """Flags of a training run, by their published names.

    Attributes:
        flags: name -> value as text; empty where there is no `opt.txt`.
    """

    flags: Mapping[str, str] = field(default_factory=dict)

    def number(self, name: str) -> int | None:
        """A whole number; None where it is not said. Raises ModelError for other text."""
        text = self.flags.get(name)
        if text is None:
            return None
        try:
            return int(text)
        except ValueError:
            raise ModelError(f"opt.txt: {name} is {text!r}, which is no number.") from None

    def on(self, *names: str) -> bool:
        """Whether one of some switches is on."""
        return any(self.flags.get(name, "").lower() == "true" for name in names)

    @property
    def classes(self) -> int | None:
        """`label_nc`; 0 = the network takes pictures."""
        return self.number("label_nc")

    @property
    def edges(self) -> bool:
        """Whether edges of objects are an input."""
        return not self.on("no_instance")

    @property
    def features(self) -> int | None:
        """Numbers a look; `feat_num` counts only where a switch turns looks on."""
        switches = ("instance_feat", "label_feat")
        if any(name in self.flags for name in switches) and not self.on(*switches):
            return 0
        return self.number("feat_num")

    @property
    def by_class(self) -> bool:
        """Whether a look belongs to a class, not to an object."""
        return self.on("label_feat") and not self.on("instance_feat")

    def side(self, enhancers: int) -> int:
        """Longer side in pixels of what the network was trained on."""
        if self.flags.get("resize_or_crop", "none" if enhancers else "") == "none":
            return 2048
        return self.number("loadSize") or 1024

    def differing(self, config: OfficialConfig) -> list[str]:
        """What the flags say otherwise than the weights."""
        said = {
            "ngf": config.width,
            "output_nc": config.outputs,
            "n_downsample_global": config.downs,
            "n_blocks_global": config.blocks,
        }
        if config.enhancers:
            said |= {
                "n_local_enhancers": config.enhancers,
                "n_blocks_local": config.local_blocks,
            }
        if config.encoder:
            said |= {"nef": config.encoder.width, "n_downsample_E": config.encoder.downs}
        found = [
            f"{name} is {self.flags[name]} there and {value} in the weights"
            for name, value in said.items()
            if name in self.flags and self.number(name) != value
        ]
        kind = "local" if config.enhancers else "global"
        if self.flags.get("netG", kind) != kind:
            found.insert(0, f"netG is {self.flags['netG']} there and {kind} in the weights")
        return found


def read_options(path: Path) -> Options:
    """The flags in an `opt.txt`, or in a JSON file of the same names.

    Raises:
        ModelError: the file is missing, too large, or of another form.
    """
    content = _content(path, _MAX_OPTIONS)
    if path.suffix.lower() == ".json":
        try:
            return Options(
                {k: str(v) for k, v in msgspec.json.decode(content, type=dict[str, Any]).items()}
            )
        except msgspec.DecodeError:
            raise ModelError(f"{path} is no JSON file of options.") from None
    lines = content.decode("utf-8", "replace").splitlines()
    parts = [line.partition(":") for line in lines]
    flags = {name.strip(): value.split("\t")[0].strip() for name, sep, value in parts if sep}
    if not flags:
        raise ModelError(f"{path} holds no options; it must have lines such as `ngf: 64`.")
    return Options(flags)


def read_clusters(path: Path, features: int) -> dict[int, NDArray[np.float32]]:
    """The looks of every class in a `features_clustered_*.npy`.

    Classes too small for clusters keep their examples there, with one more number each, their
    area; classes that were never seen have no rows and are left out.

    Args:
        features: numbers a look.

    Returns:
        Class id -> (K, features).

    Raises:
        ModelError: the file is missing, damaged, wants to run code, or is of another network.
    """
    entries = _entries(path, _content(path, _MAX_CLUSTERS))
    looks: dict[int, NDArray[np.float32]] = {}
    for label, entry in entries.items():
        rows = entry.value if isinstance(entry, Array) else None
        if not isinstance(label, int) or rows is None or rows.dtype.kind not in "iuf":
            raise ModelError(f"{path} does not hold arrays of numbers by class.")
        if rows.ndim != 2 or rows.shape[1] not in (features, features + 1):
            raise ModelError(
                f"{path} is of another network: its looks have {rows.shape[-1]} numbers, "
                f"the generator takes {features}."
            )
        if not np.isfinite(rows).all():
            raise ModelError(f"{path} holds numbers that are not finite.")
        if len(rows):
            looks[label] = np.ascontiguousarray(rows[:, :features], np.float32)
    return looks


def _entries(path: Path, content: bytes) -> dict[Any, Any]:
    try:
        file = io.BytesIO(content)
        header = _HEADERS[npy.read_magic(file)]
        shape, _, kind = header(file)
        if shape != () or kind.kind != "O":
            raise ValueError("it is a plain array")
        entries = read_plain(file.read(), OBJECTS).value.item()
    except WantsCode as error:
        raise ModelError(
            f"{path} wants to run code ({error}), so it was not opened; "
            "looks of classes are arrays of numbers only."
        ) from None
    except Exception as error:  # whatever a damaged or hostile file provokes
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"{path} is damaged or holds no looks of classes ({reason}).") from None
    if not isinstance(entries, dict):
        raise ModelError(f"{path} does not hold arrays of numbers by class.")
    return entries


_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def _content(path: Path, limit: int) -> bytes:
    try:
        return read_limited(path, limit)
    except InputError as error:
        raise ModelError(str(error)) from None
