"""What a run survives and obeys: kills, NaN, full disks, missing data, words of a studio."""

import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from engine import weights
from engine.errors import InputError
from tests.unit.products import write_pack
from tests.unit.test_bicycle_recipe import TINY
from tests.unit.test_loop import LineTask
from trainer import loop, prefetch
from trainer.alarms import read_lines
from trainer.commands import train
from trainer.loop import RunOptions, make_fabric, run
from trainer.recipes.bicyclegan import BicycleRecipe, BicycleTask

ROOT = Path(__file__).parents[2]
TOLD = ("seconds", "per_second", "wait")


class Killed(BaseException):
    """What no handler expects, as no handler sees SIGKILL."""


class Watched(LineTask):
    """Calls `at[n]` before step n (from 1) of a run."""

    def __init__(self, **at):
        super().__init__()
        self.at = {int(name.removeprefix("step")): call for name, call in at.items()}

    def step(self, batch, rate, progress):
        self.at.get(len(self.seen) + 1, lambda: None)()
        return super().step(batch, rate, progress)


def options(out, steps=10, **changes):
    return RunOptions(out=out, device="cpu", tick=0, images=16 * steps, **changes)


def word(out, name):
    (out / "control").mkdir(parents=True, exist_ok=True)
    (out / "control" / name).touch()


def status(out):
    return json.loads((out / "status.json").read_text())


def curve(out):
    return [{k: v for k, v in line.items() if k not in TOLD} for line in read_lines(out)]


def die():
    raise Killed


@pytest.fixture
def bicycle(tmp_path):
    write_pack(tmp_path / "items")
    recipe = BicycleRecipe(
        data=tmp_path,
        packs=("items",),
        sides=(32,),
        shares=(1.0,),
        network=TINY,
        judge_width=8,
        perceptual_weight=0.0,
        ramp=(-1.0, 0.0),
    )

    def made():
        torch.manual_seed(0)
        return BicycleTask(recipe, 0, None)

    return made


def test_a_killed_run_resumes_to_the_same_curve(bicycle, tmp_path):
    asked = RunOptions(
        out=tmp_path / "whole", device="cpu", tick=0, images=24, batch=4, precision="fp32"
    )
    run(bicycle(), asked)
    out = tmp_path / "killed"
    task, steps = bicycle(), []
    step = task.step

    def counted(batch, rate, progress):
        steps.append(progress)
        if len(steps) == 3:
            word(out, "backup")  # saves the state after this step
        if len(steps) == 5:
            die()
        return step(batch, rate, progress)

    task.step = counted
    with pytest.raises(Killed):
        run(task, replace(asked, out=out))
    assert [line["step"] for line in curve(out / "stats.jsonl")] == [1, 2, 3, 4]
    run(bicycle(), replace(asked, out=out))
    assert curve(out / "stats.jsonl") == curve(tmp_path / "whole" / "stats.jsonl")
    mine, whole = (weights.load(p / "model.safetensors").tensors for p in (out, tmp_path / "whole"))
    assert all(torch.equal(mine[name], whole[name]) for name in whole)


def test_sigkill_leaves_a_folder_that_resumes(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from tests.unit.test_run_survival import Watched, options, run\n"
        "kill = lambda: os.kill(os.getpid(), signal.SIGKILL)\n"
        "run(Watched(step7=kill), options(Path(sys.argv[1]), save_every=0))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "run")], cwd=ROOT)
    assert done.returncode == -signal.SIGKILL
    left = status(tmp_path / "run")
    assert left["state"] == "training" and left["pid"] != os.getpid()
    task = LineTask()
    run(task, options(tmp_path / "run"))
    assert len(task.seen) == 4
    assert status(tmp_path / "run")["state"] == "done"


def test_two_trainers_do_not_share_a_folder(tmp_path):
    code = (
        "import sys; from pathlib import Path; from trainer.control import alone\n"
        "with alone(Path(sys.argv[1])): print('held', flush=True); sys.stdin.readline()\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="is being trained by process"):
            run(LineTask(), options(tmp_path))
        other.communicate("\n")
    run(LineTask(), options(tmp_path))


def test_steps_without_a_number_are_left_out(tmp_path):
    class Sometimes(LineTask):
        def step(self, batch, rate, progress):
            told = super().step(batch, rate, progress)
            return {"loss": float("nan")} if len(self.seen) % 2 else told

    run(Sometimes(), options(tmp_path))
    lines = curve(tmp_path / "stats.jsonl")
    assert sum(line.get("skipped", 0) for line in lines) == 5
    assert all(np.isfinite(line["loss"]) for line in lines if "loss" in line)
    assert [line["alarm"] for line in lines if "alarm" in line] == ["nan"]
    assert "not a number" in status(tmp_path)["alarm"]["text"]


class Exploding(LineTask):
    """From its 13th step on no number, unless the rate is at most `calm`."""

    def __init__(self, calm):
        super().__init__()
        self.calm = calm

    def step(self, batch, rate, progress):
        told = super().step(batch, rate, progress)
        if len(self.seen) > 12 and rate > self.calm:
            with torch.no_grad():
                self.network.weight.fill_(float("nan"))
            return {"loss": float("nan")}
        return told


def test_the_last_good_checkpoint_comes_back_with_a_lower_rate(tmp_path):
    asked = options(tmp_path, 40, warmup=1, decay_from=1.0, save_every=0)
    path = run(Exploding(0.5), asked)
    assert torch.isfinite(weights.load(path).tensors["weight"]).all()
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    assert state["position"]["rate"] == 0.5 and state["position"]["restored"] == 1
    assert state["position"]["step"] == 40


def test_a_loss_that_stays_no_number_ends_the_run_and_keeps_what_was_good(tmp_path):
    with pytest.raises(InputError, match=r"again and again.*checkpoint is kept"):
        run(Exploding(0.0), options(tmp_path, 400, warmup=1, decay_from=1.0, save_every=0))
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    assert torch.isfinite(state["task"]["network"]["weight"]).all()
    assert status(tmp_path)["state"] == "failed"
    with pytest.raises(InputError, match="again and again"):
        run(Exploding(-1.0), options(tmp_path / "never", 400, warmup=1))


def test_a_full_disk_leaves_the_old_state(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (900, hard))

    word(tmp_path, "backup")
    try:
        with pytest.raises(InputError, match=r"state.pt cannot be written .*older one is kept"):
            run(Watched(step2=lambda: word(tmp_path, "backup"), step6=full), options(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    task = LineTask()
    run(task, options(tmp_path))
    assert len(task.seen) == 8


def test_memory_that_runs_out_is_explained_and_the_state_kept(tmp_path):
    def hungry():
        torch.empty(2**60)

    with pytest.raises(InputError, match=r"--batch 8\. It goes on from step 4\."):
        run(Watched(step5=hungry), options(tmp_path))
    assert "Memory ran out" in status(tmp_path)["error"]
    task = LineTask()
    run(task, options(tmp_path))
    assert len(task.seen) == 6


def test_data_that_vanish_are_named_and_the_state_kept(tmp_path):
    photo = tmp_path / "photo.bin"
    photo.write_bytes(b"1")

    class Reading(LineTask):
        def batch(self, rng, size):
            photo.read_bytes()
            return super().batch(rng, size)

    task = Reading()
    task.step_before, step = photo.unlink, task.step

    def vanishing(batch, rate, progress):
        if len(task.seen) == 3:
            photo.unlink()
        return step(batch, rate, progress)

    task.step = vanishing
    with pytest.raises(InputError, match=r"photo.bin cannot be read .* It goes on from step"):
        run(task, options(tmp_path / "run", 400))
    assert torch.load(tmp_path / "run" / "state.pt", weights_only=True)["position"]["step"] >= 4


def test_a_run_folder_that_vanishes_is_made_again(tmp_path):
    out = tmp_path / "run"

    def gone():
        import shutil

        shutil.rmtree(out)

    path = run(Watched(step4=gone), options(out))
    assert weights.load(path).card.id == "line"
    assert (out / "state.pt").exists()


def test_words_are_obeyed_and_taken_away(tmp_path, monkeypatch):
    seen = {}

    def pause():
        word(tmp_path, "pause")
        word(tmp_path, "export")

    def asleep(_):
        seen["paused"] = status(tmp_path)
        seen["exported"] = (tmp_path / "model.safetensors").exists()
        (tmp_path / "control" / "pause").unlink(missing_ok=True)

    monkeypatch.setattr(loop.time, "sleep", asleep)
    task = Watched(
        step3=pause,
        step6=lambda: word(tmp_path, "sample"),
        step8=lambda: word(tmp_path, "stop"),
    )
    with pytest.raises(KeyboardInterrupt):
        run(task, options(tmp_path))
    assert seen["paused"]["state"] == "paused" and seen["exported"]
    assert not list((tmp_path / "control").iterdir())
    assert len(task.seen) == 8
    assert len(list((tmp_path / "samples").iterdir())) == 2
    told = status(tmp_path)
    assert told["state"] == "stopped" and told["progress"] == 0.8
    assert Path(told["model"]) == (tmp_path / "model.safetensors").resolve()
    assert Path(told["sheet"]).name == "00000128.png"


def test_backups_stay(tmp_path):
    run(Watched(step4=lambda: word(tmp_path, "backup")), options(tmp_path))
    (folder,) = (tmp_path / "backups").iterdir()
    assert torch.load(folder / "state.pt", weights_only=True)["position"]["step"] == 4
    assert weights.load(folder / "model.safetensors").card.id == "line"


def test_batches_of_processes_are_those_of_a_thread(bicycle):
    task = bicycle()
    asked = RunOptions(device="cpu", batch=4)
    fabric = make_fabric(asked)
    made = []
    for count in (0, 2):
        batches = prefetch.batches(task, replace(asked, workers=count), fabric, 3)
        made.append(list(islice(batches, 4)))
        batches.close()
    for mine, theirs in zip(*made, strict=True):
        assert torch.equal(mine.sketches, theirs.sketches)
        assert torch.equal(mine.photos, theirs.photos)


def test_an_error_of_a_process_arrives_as_it_was_raised():
    class Broken(LineTask):
        def batch(self, rng, size):
            raise InputError("photo 7 is damaged")

    asked = RunOptions(device="cpu", workers=1)
    with pytest.raises(InputError, match=r"^photo 7 is damaged$"):
        next(prefetch.batches(Broken(), asked, make_fabric(asked), 0))


COMMAND = [
    "bicyclegan",
    *("--packs", "items"),
    *("--sides", "32", "64"),
    *("--shares", "0.5", "0.5"),
    *("--channels", "8", "8", "8", "8", "8"),
    *("--encoder", "8", "8", "8", "8"),
    *("--looks", "4"),
    *("--hidden", "8"),
    *("--judge-width", "8"),
    *("--perceptual-weight", "0"),
    *("--device", "cpu"),
    *("--threads", "1"),
]


def test_an_estimate_tells_memory_and_time_of_every_stage(tmp_path, capsys):
    write_pack(tmp_path / "items")
    where = ["--data", str(tmp_path), "--out", str(tmp_path / "run")]
    train.main([*COMMAND, *where, "--minutes", "2", "--estimate"])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert not (tmp_path / "run").exists()
    assert [stage["name"] for stage in told["stages"]] == ["32", "64"]
    assert [stage["minutes"] for stage in told["stages"]] == [1.0, 1.0]
    small, large = (stage["bytes"] for stage in told["stages"])
    assert 1.5 < large / small < 5  # four times the pixels, the same weights
    assert told["fits"] and "Batches of 16 at 32 px need about" in told["text"][0]


def test_the_batch_can_be_left_to_the_memory(tmp_path, capsys, monkeypatch):
    write_pack(tmp_path / "items")
    where = ["--data", str(tmp_path), "--out", str(tmp_path / "run")]
    monkeypatch.setattr("trainer.estimate.free_bytes", lambda device: 20_000_000)
    train.main([*COMMAND, *where, "--images", "24", "--batch", "0", "--tick", "0"])
    said = capsys.readouterr().out
    first = read_lines(tmp_path / "run" / "32" / "stats.jsonl")[0]
    assert f"Batches of {first['images']} at 32 px need about" in said
    kept = torch.load(tmp_path / "run" / "64" / "state.pt", weights_only=True)
    assert 1 <= kept["position"]["batch"] < 16
    told = status(tmp_path / "run")
    assert (told["state"], told["recipe"], told["stage"]) == ("done", "bicyclegan", "64")
    assert told["progress"] == 1.0 and told["stages"] == 2


def test_tensorboard_is_given_figures_and_sheets(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run(LineTask(), options(tmp_path, tensorboard=True))
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert {"train/loss", "val/slope"} <= set(events.Tags()["scalars"])
    losses = [line["loss"] for line in read_lines(tmp_path / "stats.jsonl") if "loss" in line]
    shown = [event.value for event in events.Scalars("train/loss")]
    assert shown == pytest.approx(losses, abs=1e-5)
    assert events.Tags()["images"] == ["samples"]


def test_without_tensorboard_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(InputError, match=r"pip install guise-studio\[tensorboard\]"):
        run(LineTask(), options(tmp_path, tensorboard=True))
