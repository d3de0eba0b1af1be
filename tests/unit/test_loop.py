"""The training loop on a task small enough to watch: fitting a line."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from engine import weights
from engine.card import Card
from engine.errors import InputError
from trainer.loop import RunOptions, learning_rate, run


class LineTask:
    """Fits y = 3x - 1."""

    def __init__(self, stop_after=None):
        self.network = nn.Linear(1, 1)
        self.rates = []
        self.seen = []
        self.stop_after = stop_after

    def setup(self, fabric):
        self.fabric = fabric
        optimiser = torch.optim.SGD(self.network.parameters(), lr=0.1)
        self.network, self.optimiser = fabric.setup(self.network, optimiser)

    def batch(self, rng, size):
        x = torch.tensor(rng.uniform(-1, 1, (size, 1)), dtype=torch.float32)
        return x, 3 * x - 1

    def step(self, batch, rate, progress):
        x, y = batch
        self.seen.append(float(x[0]))
        self.rates.append(rate)
        loss = ((self.network(x).float() - y) ** 2).mean()
        self.optimiser.zero_grad()
        self.fabric.backward(loss)
        self.optimiser.step()
        if self.stop_after and len(self.seen) == self.stop_after:
            import os
            import signal

            os.kill(os.getpid(), signal.SIGINT)
        return {"loss": float(loss.detach())}

    def sheet(self, network):
        return np.zeros((4, 4, 3), np.uint8)

    def validate(self, network):
        return {"slope": float(network.weight)}

    def state(self):
        return {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state(self, state):
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])

    def card(self, command, metrics):
        return Card(
            id="line",
            architecture="deformable",
            title="",
            summary="",
            config={},
            command=command,
            metrics={k: {"value": v} for k, v in metrics.items()},
        )


def options(tmp_path, **changes):
    return RunOptions(out=tmp_path / "run", device="cpu", tick=0, images=1600, **changes)


def test_a_run_learns_and_leaves_what_is_promised(tmp_path):
    path = run(LineTask(), options(tmp_path))
    loaded = weights.load(path)
    assert float(loaded.tensors["weight"]) == pytest.approx(3, abs=0.3)
    assert loaded.tensors["weight"].dtype == torch.float16
    assert loaded.card.metrics["slope"]["value"] == pytest.approx(3, abs=0.3)
    lines = [json.loads(x) for x in (path.parent / "stats.jsonl").read_text().splitlines()]
    losses = [line["loss"] for line in lines if "loss" in line]
    assert losses[-1] < losses[0] / 10
    assert list((path.parent / "samples").glob("*.png"))
    assert (path.parent / "config.json").exists()


def test_interrupted_and_resumed_sees_the_same_data_as_one_run(tmp_path):
    whole = LineTask()
    run(whole, options(tmp_path / "a"))
    torch.manual_seed(5)
    first, second = LineTask(stop_after=40), LineTask()
    with pytest.raises(KeyboardInterrupt):
        run(first, options(tmp_path / "b"))
    assert (tmp_path / "b" / "run" / "model.safetensors").exists()  # stop and keep
    assert len(first.seen) == 40
    run(second, options(tmp_path / "b"))
    assert first.seen + second.seen == whole.seen
    assert first.rates + second.rates == whole.rates


def test_a_finished_run_is_left_alone(tmp_path):
    run(LineTask(), options(tmp_path))
    again = LineTask()
    run(again, options(tmp_path))
    assert again.seen == []


def test_fresh_starts_over(tmp_path):
    run(LineTask(), options(tmp_path))
    again = LineTask()
    run(again, options(tmp_path, fresh=True))
    assert len(again.seen) == 100


def test_a_foreign_state_is_refused_in_words(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    torch.save({"task": {}, "average": {}, "position": {}}, folder / "state.pt")
    with pytest.raises(InputError, match="cannot be resumed"):
        run(LineTask(), options(tmp_path))


def test_an_error_in_the_data_reaches_the_caller(tmp_path):
    class Broken(LineTask):
        def batch(self, rng, size):
            raise InputError("photo 7 is damaged")

    with pytest.raises(InputError, match="photo 7"):
        run(Broken(), options(tmp_path))


def test_rate_rises_holds_and_falls():
    o = RunOptions(warmup=10, decay_from=0.5)
    assert learning_rate(0, 0, o) == pytest.approx(0.1)
    assert learning_rate(20, 0.4, o) == 1
    assert learning_rate(20, 0.75, o) == pytest.approx(0.03 + 0.97 / 2)
    assert learning_rate(20, 1.0, o) == pytest.approx(0.03)
