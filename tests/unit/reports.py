"""Small results of evaluations, and a small model that can be evaluated at once."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from engine import weights
from engine.card import Card
from engine.perception.segments_network import SegmentsConfig, SegmentsNet
from engine.shapes.label_sets import cityscapes
from trainer.metrics.figures import Figure, Gap, Published
from trainer.report.measured import Measured

CASES = {"a.png": 0.5, "b.png": 0.75, "c.png": 0.25, "d.png": 0.5}


def figure(identifier: str = "ssim", cases: dict[str, float] | None = None, **more: Any) -> Figure:
    """A figure that is the mean of its cases."""
    cases = CASES if cases is None else cases
    value = float(np.mean(list(cases.values()))) if cases else 0.5
    told: dict[str, Any] = {
        "title": f"Likeness <{identifier}>",
        "protocol": "both pictures side by side",
        "judge": "lite0",
        "n": len(cases) or 4,
        "value": value,
        "better": "higher",
        "cases": cases,
    }
    return Figure(id=identifier, **(told | more))


def aimed(identifier: str = "ssim", **more: Any) -> Figure:
    """A figure with a target, a baseline and what a paper says."""
    told: dict[str, Any] = {
        "baselines": {"nearest photo": 0.4},
        "target": (0.45, None),
        "target_says": "at least 0.45",
        "published": (
            Published(method="PG2", data="Market-1501", value=0.253, source="a paper, table 1"),
        ),
        "detail": {"parts": {"head": 0.25}},
    }
    return figure(identifier, **(told | more))


def measured(identifier: str, *figures: Figure, **more: Any) -> Measured:
    """A model with figures."""
    told: dict[str, Any] = {
        "model": {"id": identifier, "architecture": "vunet", "side": 64, "weights_sha256": "ab12"},
        "card": {"title": identifier.title(), "shape": "Pose", "summary": "Paints."},
        "judges": {"lite0": {"weights_sha256": "cd34", "protocol": "features"}},
        "gaps": [Gap(id="kid", reason="no weights were named")],
    }
    return Measured(figures=list(figures), **(told | more))


def write_streets(folder: Path) -> None:
    """Three held-out streets of sky, road and a car."""
    rng = np.random.default_rng(0)
    for split in ("train", "val"):
        for n in range(3):
            labels = np.full((64, 96), 23, np.uint8)
            labels[30:] = 7
            labels[36:52, 9 * n : 9 * n + 20] = 26
            objects = np.where(labels == 26, 26000 + n, labels).astype(np.uint16)
            photo = rng.integers(0, 256, (64, 96, 3), dtype=np.uint8)
            for part, pixels in (("label", labels), ("inst", objects), ("img", photo)):
                place = folder / "street" / f"{split}_{part}"
                place.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(place / f"{n}.png"), pixels)


def write_reader(path: Path, identifier: str = "street-reader") -> Path:
    """A reader of streets that has learnt nothing."""
    torch.manual_seed(0)
    config = SegmentsConfig(cityscapes(), (7, 23, 26), (4, 4, 4, 4, 4), 96)
    card = Card(
        id=identifier,
        architecture="segments",
        title=f"Reader {identifier}",
        summary="Reads streets.",
        config=asdict(config),
        shape="LabelMap",
        metrics={"miou": {"value": 0.25, "protocol": "as trained"}},
    )
    weights.save(path, card, SegmentsNet(config).state_dict())
    return path
