"""Two processes train what one does: the same losses and the same weights, for all four systems."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from tests.unit import ranks_tasks
from tests.unit.products import write_pack as write_products
from tests.unit.test_people_data import write_pack as write_people

ROOT = Path(__file__).parents[2]
NEAR = {"fool": 3e-4}
"""0.02 x a mean of scores around 0; where a gradient is 0, Adam's first steps follow rounding."""


def write_scenes(folder):
    for split in ("train", "val"):
        for part in ("label", "inst", "img"):
            (folder / f"{split}_{part}").mkdir(parents=True)
        for n in range(4):
            labels = np.full((64, 64), 23, np.uint8)
            labels[32:] = 7
            labels[36:56, 8 + 4 * n : 36 + 4 * n] = 26
            objects = np.where(labels == 26, 26000, labels).astype(np.uint16)
            photo = np.random.default_rng(n).integers(0, 255, (64, 64, 3), np.uint8)
            for part, picture in (("label", labels), ("inst", objects), ("img", photo)):
                cv2.imwrite(str(folder / f"{split}_{part}/{n}.png"), picture)


def write_vgg(path):
    torch.manual_seed(0)
    state, inputs = {}, 3
    for index in (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28):
        state[f"features.{index}.weight"] = torch.randn(4, inputs, 3, 3) * 0.3
        state[f"features.{index}.bias"] = torch.zeros(4)
        inputs = 4
    torch.save(state, path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Folders with the runs of one and of two processes."""
    data = tmp_path_factory.mktemp("data")
    for split in ("train", "val"):
        write_people(data / "drawn", split)
    write_products(data / "items")
    write_scenes(data / "scenes")
    write_vgg(data / "vgg.pth")
    one, two = (tmp_path_factory.mktemp(name) for name in ("one", "two"))
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command = [*launch, "-m", "tests.unit.ranks_tasks", str(data), str(two)]
    others = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    ranks_tasks.train_all(data, one, 0)
    told, _ = others.communicate(timeout=200)
    assert others.returncode == 0, told.decode()
    return one, two


def losses(folder):
    lines = [json.loads(text) for text in (folder / "stats.jsonl").read_text().splitlines()]
    own = ("seconds", "per_second", "wait")
    return [{k: v for k, v in line.items() if k not in own} for line in lines]


@pytest.mark.parametrize("system", ranks_tasks.SYSTEMS)
def test_losses_and_weights_are_those_of_one_process(trained, system):
    one, two = (folder / system for folder in trained)
    steps = losses(one)
    assert sum("l1" in line for line in steps) == ranks_tasks.STEPS
    assert any("judge" in name for name in steps[0])
    for mine, theirs in zip(losses(two), steps, strict=True):
        assert mine.keys() == theirs.keys()
        for name, value in theirs.items():
            assert mine[name] == pytest.approx(value, rel=1e-3, abs=NEAR.get(name, 2e-5)), name
    states = [torch.load(folder / "state.pt", weights_only=True) for folder in (one, two)]
    mine, theirs = (state["average"] for state in states)
    for name, value in theirs.items():
        assert float((mine[name] - value).norm()) <= 1e-3 * float(value.norm()) + 1e-6, name


def test_only_the_first_process_writes(trained):
    _, two = trained
    for system in ranks_tasks.SYSTEMS:
        steps = [line["step"] for line in losses(two / system) if "l1" in line]
        assert steps == sorted(set(steps))
        assert json.loads((two / system / "status.json").read_text())["state"] == "done"
