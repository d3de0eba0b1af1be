"""Judges and lists that the protocols of papers ask for; options of `guise evaluate`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class ProtocolFiles:
    """Judges and lists that only protocols of papers ask for; a judge without a file is a gap."""

    inception: Path | None = None
    """Inception-v3 weights: torchvision's (.pth), or the 2015 graph's as PyTorch FID tools have."""
    ssd: Path | None = None
    """Weights of torchvision's SSD300 (VGG-16), trained on COCO or VOC."""
    alexnet: Path | None = None
    """torchvision's AlexNet weights, the trunk of LPIPS."""
    lpips: Path | None = None
    """LPIPS' linear heads for AlexNet; without it, those of version 0.1 in torchmetrics."""
    lpips_version: Literal["0.1", "0.0"] = "0.1"
    """Which version the heads are of; numbers of the two cannot be compared."""
    pairs_file: Path | None = None
    """pose-gan's list of pairs (from,to); without it, the test pairs of the pack pku_reid."""
    annotations: Path | None = None
    """pose-gan's joints, *annotation-SPLIT.csv, its photos laid out as pose-gan's; without it,
    those beside --pairs-file."""
    photos: Path | None = None
    """Folder of real photos that a folder of pictures is compared with (kid, fid)."""
