"""Networks compute in the precision that a training asks for, whichever method is called."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.unit import ranks_tasks
from tests.unit.products import write_pack as write_products
from tests.unit.test_people_data import write_pack as write_people
from tests.unit.test_ranks import write_scenes, write_vgg
from trainer.loop import RunOptions, make_fabric
from trainer.precision import in_precision


class Network(nn.Module):
    """One layer, with a method beside its forward."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 8, 3)
        self.seen: list[torch.dtype] = []

    def forward(self, x: Tensor) -> Tensor:
        return self.both(x)[0]

    def both(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        made = self.layer(x)
        self.seen.append(made.dtype)
        return made, {"again": made}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for split in ("train", "val"):
        write_people(folder / "drawn", split)
    write_products(folder / "items")
    write_scenes(folder / "scenes")
    write_vgg(folder / "vgg.pth")
    return folder


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
def test_a_method_computes_as_the_forward_does(precision: str) -> None:
    bare, fabric = Network(), make_fabric(_options(precision))
    network = fabric.setup(bare)
    in_precision(fabric, network, "both")
    x = torch.randn(2, 3, 8, 8)
    made, others = network.both(x)
    assert torch.equal(made, network(x))
    assert made.dtype == others["again"].dtype == torch.float32
    wanted = torch.bfloat16 if precision == "bf16" else torch.float32
    assert bare.seen == [wanted, wanted]
    made.sum().backward()
    assert bare.layer.weight.grad is not None
    assert bare.layer.weight.grad.dtype == torch.float32


def test_a_copy_of_the_module_inside_has_its_own_weights() -> None:
    bare = Network()
    fabric = make_fabric(_options("bf16"))
    network = fabric.setup(bare)
    in_precision(fabric, network, "both")
    other = copy.deepcopy(bare)
    with torch.no_grad():
        other.layer.weight.zero_()
    x = torch.ones(1, 3, 4, 4)
    assert not torch.equal(other.both(x)[0], bare.both(x)[0])


@pytest.mark.parametrize("system", ranks_tasks.SYSTEMS)
def test_all_convolutions_of_a_step_are_in_bf16(data: Path, system: str) -> None:
    task = getattr(ranks_tasks, system)(data)
    torch.manual_seed(0)
    seen: dict[str, set[torch.dtype]] = {}

    def note(name: str):
        return lambda _layer, _given, made: seen.setdefault(name, set()).add(made.dtype)

    for name, layer in task.network.named_modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            layer.register_forward_hook(note(name))
    task.setup(make_fabric(_options("bf16")))
    losses = task.step(task.batch(np.random.default_rng(0), 4), 1.0, 0.5)
    assert len(seen) > 10
    assert {name for name, dtypes in seen.items() if dtypes != {torch.bfloat16}} == set()
    assert all(np.isfinite(value) for value in losses.values())


def _options(precision: str) -> RunOptions:
    return RunOptions(device="cpu", threads=1, precision=precision)  # type: ignore[arg-type]
