"""`guise train` started by torchrun, and as SLURM starts it, is the command of one process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit import data_folders as made
from tests.unit.test_train_refusals import TINY

ROOT = Path(__file__).parents[2]
TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m")
BATCH, STEPS = 4, 3


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    items = made.edges(tmp_path_factory.mktemp("data") / "items", {"train": 4, "val": 2})
    budget = ["--images", str(BATCH * STEPS), "--batch", str(BATCH), "--tick", "0"]
    return ["studio", "train", "bicyclegan", "--data", str(items), *TINY, *budget]


def slurm(rank: int, port: int) -> dict[str, str]:
    """What srun tells its task `rank` of two on one machine."""
    told = {"JOB_ID": 7, "NTASKS": 2, "NNODES": 1, "PROCID": rank, "LOCALID": rank, "NODEID": 0}
    names = {"SLURM_JOB_NAME": "train", "SLURM_NODELIST": "localhost", "MASTER_PORT": str(port)}
    return os.environ | names | {f"SLURM_{name}": str(value) for name, value in told.items()}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return found.getsockname()[1]


def started(words: list[str], env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, env=env, stdout=pipe, stderr=subprocess.STDOUT
    )


@pytest.mark.parametrize("how", ["torchrun", "slurm"])
def test_two_processes_train_one_model(how: str, command: list[str], tmp_path: Path) -> None:
    words = [*command, "--out", str(tmp_path / "run")]
    if how == "torchrun":
        processes = [started([*TORCHRUN, *words])]
    else:
        port = free_port()
        processes = [started(["-m", *words], slurm(rank, port)) for rank in range(2)]
    told = [process.communicate(timeout=200)[0].decode() for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), told
    assert sum(text.count("try it with `guise sketch") for text in told) == 1
    lines = (tmp_path / "run" / "32" / "stats.jsonl").read_text().splitlines()
    steps = [line["step"] for line in map(json.loads, lines) if "l1" in line]
    assert steps == [1, 2, 3]
    status = json.loads((tmp_path / "run" / "status.json").read_text())
    assert status["state"] == "done" and status["command"].startswith("guise train bicyclegan")
    assert (tmp_path / "run" / "32" / "model.safetensors").is_file()
