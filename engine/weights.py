"""Model files: safetensors with a card in the metadata; opening one never runs code."""

from __future__ import annotations

import hashlib
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from engine.card import Card
from engine.errors import InputError, ModelError
from engine.files import read_limited, replacing

if TYPE_CHECKING:
    from torch import Tensor

KEY = "guise"
"""Where the card sits in the safetensors metadata."""
MAX_HEADER = 8_000_000
MAX_FILE = 4_000_000_000


@dataclass(frozen=True)
class Loaded:
    """A model file in memory.

    Attributes:
        card: what the file says about itself.
        tensors: parameter name -> tensor on the CPU, in the file's precision, or in float32 where
            the file holds bytes.
        digest: SHA-256 of the tensor bytes; the card may change without changing it.
    """

    card: Card
    tensors: dict[str, Tensor]
    digest: str


def save(path: Path, card: Card, tensors: Mapping[str, Tensor]) -> None:
    """Write a model file in one go: the old one stays until the new one is complete.

    Large tensors become bytes if the card says that its weights have 8 bits.

    Raises:
        InputError: the place cannot be written.
    """
    from safetensors.torch import save as to_bytes

    from engine.eight_bit import packed

    stored = packed(tensors) if card.bits == 8 else tensors
    dense = {name: value.detach().cpu().contiguous() for name, value in stored.items()}
    content = to_bytes(dense, {KEY: msgspec.json.encode(card).decode()})
    with replacing(path) as file:
        file.write(content)


def read_card(path: Path) -> Card:
    """The card of a model file, from its first bytes; PyTorch is not needed.

    Raises:
        ModelError: the file is missing, damaged, or not one of ours.
    """
    path = Path(path)
    try:
        if not path.is_file():
            raise ModelError(f"There is no model file {path}.")
        with path.open("rb") as file:
            size = path.stat().st_size
            start = file.read(8)
            header = file.read(min(_header_length(path, start, size), MAX_HEADER))
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}).") from None
    return _card(path, header)


def load(path: Path) -> Loaded:
    """Card and tensors of a model file.

    Raises:
        ModelError: the file is missing, truncated, a pickle, or not one of ours.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load as from_bytes

    from engine.eight_bit import unpacked

    path = Path(path)
    if path.suffix.lower() in (".pth", ".pt", ".ckpt"):
        raise _foreign(path)
    try:
        content = read_limited(path, MAX_FILE)
    except InputError as error:
        raise ModelError(str(error)) from None
    length = _header_length(path, content[:8], len(content))
    card = _card(path, content[8 : 8 + length])
    try:
        tensors = unpacked(from_bytes(content))
    except (SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise ModelError(f"{path} is damaged ({error}); fetch it again.") from None
    return Loaded(card, tensors, hashlib.sha256(content[8 + length :]).hexdigest())


def repack(path: Path, out: Path, bits: Literal[8, 16] = 8) -> None:
    """Write a model file's weights with another number of bits; its card says so.

    8 bits make a file of half the size. Going back to 16 brings no detail back.

    Raises:
        ModelError: the file is missing, damaged, or not one of ours.
        InputError: `out` cannot be written.
    """
    loaded = load(path)
    tensors = loaded.tensors
    if bits == 16:
        tensors = {n: t.half() if t.is_floating_point() else t for n, t in tensors.items()}
    save(out, msgspec.structs.replace(loaded.card, bits=bits), tensors)


def digest_of(path: Path) -> str:
    """SHA-256 of a model file's tensor bytes, as in :class:`Loaded`; PyTorch is not needed.

    Raises:
        ModelError: the file is missing or not one of ours.
    """
    try:
        content = read_limited(path, MAX_FILE)
    except InputError as error:
        raise ModelError(str(error)) from None
    length = _header_length(path, content[:8], len(content))
    return hashlib.sha256(content[8 + length :]).hexdigest()


def _header_length(path: Path, start: bytes, size: int) -> int:
    if start[:4] == b"PK\x03\x04" or (start[:1] == b"\x80" and start[1:2] in b"\2\3\4\5"):
        raise ModelError(
            f"{path} is a pickle, which could run code, so it was not opened; "
            "Guise models are .safetensors files."
        )
    length = struct.unpack("<Q", start)[0] if len(start) == 8 else MAX_HEADER + 1
    if length > MAX_HEADER:
        raise ModelError(f"{path} is not a Guise model (no safetensors header).")
    if 8 + length > size:
        raise ModelError(f"{path} is truncated; fetch it again.")
    return length


def _card(path: Path, header: bytes) -> Card:
    try:
        entries = msgspec.json.decode(header, type=dict[str, Any])
        metadata = msgspec.convert(entries.get("__metadata__", {}), dict[str, str])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ModelError(f"{path} is not a Guise model (its header is not JSON).") from None
    if KEY not in metadata:
        raise ModelError(f"{path} is not a Guise model: it has weights but no card.")
    try:
        return msgspec.json.decode(metadata[KEY], type=Card)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ModelError(f"{path} has a card that Guise cannot read ({error}).") from None


def _foreign(path: Path) -> ModelError:
    """What to say of a PyTorch file, judged without running anything in it."""
    import torch

    try:
        with warnings.catch_warnings(action="ignore"):  # hints for the authors of such files
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=False)
    except FileNotFoundError:
        return ModelError(f"There is no model file {path}.")
    except Exception:  # whatever a hostile or damaged file provokes: it is not opened
        return ModelError(
            f"{path} is damaged or holds more than plain weights, so it was not opened; "
            "Guise models are .safetensors files."
        )
    plain = isinstance(content, dict) and all(isinstance(v, torch.Tensor) for v in content.values())
    if not plain:
        return ModelError(
            f"{path} does not hold plain weights; Guise models are .safetensors files."
        )
    return ModelError(
        f"{path} holds plain PyTorch weights; if it is a published checkpoint, make a model file "
        "of it with `guise models import`."
    )
