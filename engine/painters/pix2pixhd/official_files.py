"""Checkpoints of the official pix2pixHD code turned into models: plain weights, nothing is run.

Sizes are read off the weights; `opt.txt`, where it is there, must agree, and says what weights
cannot: how many channels are classes, whether objects have edges, how many numbers a look has.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import Tensor

from engine.card import Card
from engine.errors import ModelError
from engine.painters.pix2pixhd.clusters import Clusters
from engine.painters.pix2pixhd.inputs import SceneInputs
from engine.painters.pix2pixhd.network import TAKES
from engine.painters.pix2pixhd.official import (
    PAPER,
    EncoderConfig,
    NormKind,
    OfficialConfig,
    assembled,
)
from engine.painters.pix2pixhd.official_options import Options, read_clusters, read_options

State = Mapping[str, Tensor]
_CLASSES, _LOOK = 35, 3
"""Published defaults of label_nc and feat_num."""
_COUNTED = "num_batches_tracked"
_STORED = ("running_mean", "running_var")


def import_official(
    generator: Path,
    encoder: Path | None = None,
    clusters: Path | None = None,
    options: Path | None = None,
    model_id: str = "pix2pixhd-official",
) -> tuple[Card, dict[str, Tensor]]:
    """A model out of a folder of official checkpoints.

    Args:
        generator: `latest_net_G.pth`, global or local.
        encoder: `latest_net_E.pth`, to read looks from photos.
        clusters: `features_clustered_010.npy`, the looks to choose from.
        options: `opt.txt`; without, the file beside the generator, if there is one.

    Raises:
        ModelError: missing, damaged or other files, a network that Guise does not know, or files
            that are not of one training run.
    """
    generator = Path(generator)
    found = _options(generator, options)
    state = _read(generator)
    tensors = {f"generator.{name}": value for name, value in state.items()}
    read, features = None, found.features
    if encoder is not None:
        coding = _read(Path(encoder))
        read, features = _encoder(Path(encoder), coding)
        tensors |= {f"encoder.{name}": value for name, value in coding.items()}
    config = replace(_generator(generator, state, found, features), encoder=read)
    _check(generator, config, found, features)
    _check_fit(generator, config, tensors)
    if clusters is not None:
        table = read_clusters(Path(clusters), config.inputs.features)
        tensors |= Clusters(config.inputs.features, table).tensors()
    return _card(config, found, model_id), tensors


def _options(generator: Path, path: Path | None) -> Options:
    beside = generator.with_name("opt.txt")
    if path is None and not beside.is_file():
        return Options()
    return read_options(Path(path or beside))


def _card(config: OfficialConfig, options: Options, model_id: str) -> Card:
    return Card(
        id=model_id,
        architecture=PAPER,
        title="pix2pixHD, imported",
        summary="An official checkpoint; it paints label maps of any size.",
        config=asdict(config),
        shape="LabelMap",
        takes=TAKES,
        side=options.side(config.enhancers),
        alpha=False,
    )


def _read(path: Path) -> dict[str, Tensor]:
    try:
        with warnings.catch_warnings(action="ignore"):  # hints for the authors of such files
            content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise ModelError(f"There is no file {path}.") from None
    except Exception:  # whatever a hostile or damaged file provokes: it is not opened
        raise ModelError(f"{path} is damaged or holds more than plain weights.") from None
    if not isinstance(content, dict) or not all(isinstance(v, Tensor) for v in content.values()):
        raise ModelError(f"{path} does not hold the plain weights of one network.")
    state = {name.removeprefix("module."): value for name, value in content.items()}
    return {
        name: value if name.endswith(_COUNTED) else value.float()
        for name, value in state.items()
        if _scaled(name, state) or not name.endswith((_COUNTED, *_STORED))
    }


def _scaled(name: str, state: State) -> bool:
    """Whether a layer has scales: batch normalisation, whose statistics count. Old versions of
    instance normalisation left statistics that nothing used."""
    return f"{name.rpartition('.')[0]}.weight" in state


class _Unknown(Exception):
    """The layers are those of another network."""


def _encoder(path: Path, state: State) -> tuple[EncoderConfig, int]:
    try:
        stem, downs, blocks, last = _hourglass(state, "model", closed=True)
        if blocks or last is None:
            raise _Unknown
    except (_Unknown, KeyError):
        raise ModelError(f"{path} is no pix2pixHD encoder.") from None
    config = EncoderConfig(stem.shape[1], len(stem), downs, _norm(state))
    return config, len(last)


def _generator(path: Path, state: State, options: Options, features: int | None) -> OfficialConfig:
    try:
        enhancers = len({name.split("_")[0] for name in state if re.match(r"model\d+_1\.", name)})
        stem, downs, blocks, last = _hourglass(state, "model", closed=not enhancers)
        local = 0
        if enhancers:
            local = _count(state, r"model1_2\.(\d+)\.conv_block\.1\.weight")
            finest = f"model{enhancers}_2.{local + 4}.weight"
            stem, last = state[f"model{enhancers}_1.1.weight"], state[finest]
        if last is None:
            raise _Unknown
    except (_Unknown, KeyError):
        raise ModelError(
            f"{path} is no pix2pixHD generator; choose a latest_net_G.pth, global or local."
        ) from None
    return OfficialConfig(
        inputs=_inputs(path, stem.shape[1], options, features),
        outputs=len(last),
        width=len(stem),
        downs=downs,
        blocks=blocks,
        enhancers=enhancers,
        local_blocks=local,
        norm=_norm(state),
    )


def _hourglass(state: State, prefix: str, closed: bool) -> tuple[Tensor, int, int, Tensor | None]:
    """First filter, halvings, residual blocks and last filter of G1 or E.

    Layers come in threes: filter, normalisation, activation, and the first has a pad before it.
    """
    numbered = {
        int(found[1]): value
        for name, value in state.items()
        if (found := re.fullmatch(rf"{prefix}\.(\d+)\.weight", name)) and value.ndim == 4
    }
    blocks = _count(state, rf"{prefix}\.(\d+)\.conv_block\.1\.weight")
    places = sorted(numbered)
    if not places or places[0] != 1:
        raise _Unknown
    filters = [numbered[place] for place in places]
    middle = filters[1:-1] if closed else filters[1:]
    if len(middle) % 2:
        raise _Unknown
    return filters[0], len(middle) // 2, blocks, filters[-1] if closed else None


def _count(state: State, pattern: str) -> int:
    return sum(bool(re.fullmatch(pattern, name)) for name in state)


def _norm(state: State) -> NormKind:
    return "batch" if any(name.endswith("running_mean") for name in state) else "instance"


def _inputs(path: Path, channels: int, options: Options, features: int | None) -> SceneInputs:
    """How the channels of the first filter are to be filled.

    Without `opt.txt` the published defaults hold: a network of up to three channels takes
    pictures, others 35 classes with edges, with or without looks, else as many classes as fit.
    """
    classes, edges = options.classes, options.edges
    if classes is None and channels <= 3:
        classes, edges = 0, False
    if features is None:
        features = _LOOK if channels == _CLASSES + edges + _LOOK else 0
    rest = channels - features - edges
    if rest < 1 or classes not in (None, 0, rest):
        raise ModelError(
            f"{path} takes {channels} channels, which are not {classes or 'any'} classes, "
            f"{int(edges)} for edges and {features} for looks; "
            "choose the opt.txt of its own training."
        )
    if classes == 0:
        return SceneInputs(0, rest, False, edges, features, options.by_class)
    return SceneInputs(rest, 0, False, edges, features, options.by_class)


def _check(path: Path, config: OfficialConfig, options: Options, features: int | None) -> None:
    """Whether the files speak of one network."""
    wrong = options.differing(config)
    if options.features not in (None, features):
        wrong.append(f"looks have {options.features} numbers there and {features} in the encoder")
    if wrong:
        raise ModelError(
            f"{path} is not the network of its opt.txt ({'; '.join(wrong)}); "
            "choose files of one training run."
        )


def _check_fit(path: Path, config: OfficialConfig, tensors: State) -> None:
    try:
        assembled(config, tensors)
    except RuntimeError as error:
        reason = (str(error).splitlines() or ["unknown layers"])[-1].strip()
        raise ModelError(f"{path} is no pix2pixHD network that Guise knows ({reason}).") from None
