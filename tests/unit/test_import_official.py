"""Checkpoints of other programs become models; what is none is refused without being run."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine import registry, weights
from engine.errors import InputError, ModelError
from engine.importing import Checkpoint, import_checkpoint, in_folder
from engine.session import Session
from studio.__main__ import main
from studio.panels.models_shelf import import_model, shelf
from tests.unit.test_cli import refused

needs_packs = pytest.mark.skipif("GUISE_DATA" not in os.environ, reason="GUISE_DATA names no packs")


def generator_state(nz: int = 8, inputs: int = 1, width: int = 2, downs: int = 7) -> dict:
    """Weights of a U-Net that takes z at its input, in the published layout."""
    rng = torch.Generator().manual_seed(nz)

    def weight(*shape: int) -> Tensor:
        return 0.1 * torch.randn(shape, generator=rng)

    widths = [width * min(2**level, 8) for level in range(downs)]
    below = [inputs + nz, *widths[:-1]]
    outs = [3, *widths[:-1]]
    state: dict[str, Tensor] = {}
    for level, (into, out) in enumerate(zip(below, widths, strict=True)):
        first = 0 if level == 0 else 1
        last = level == downs - 1
        path = "model.model." + "".join(f"{1 if n == 0 else 3}.model." for n in range(level))
        up = 3 if level in (0, last) else 5
        state[f"{path}{first}.weight"] = weight(out, into, 4, 4)
        state[f"{path}{first}.bias"] = weight(out)
        joined = out if last else 2 * out
        state[f"{path}{up}.weight"] = weight(joined, outs[level], 4, 4)
        state[f"{path}{up}.bias"] = weight(outs[level])
    return state


def encoder_state(nz: int = 8, width: int = 2) -> dict:
    """Weights of a conv_128 encoder in the published layout."""
    state: dict[str, Tensor] = {}
    widths = [3, width, 2 * width, 4 * width, 4 * width]
    for n, (into, out) in enumerate(pairwise(widths)):
        place = 0 if n == 0 else 3 * n - 1
        state[f"conv.{place}.weight"] = torch.randn(out, into, 4, 4)
        state[f"conv.{place}.bias"] = torch.randn(out)
    for head in ("fc", "fcVar"):
        state[f"{head}.0.weight"] = torch.randn(nz, widths[-1])
        state[f"{head}.0.bias"] = torch.randn(nz)
    return state


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A folder of checkpoints, as training leaves it."""
    folder = tmp_path / "edges2shoes run"
    folder.mkdir()
    torch.save(generator_state(), folder / "latest_net_G.pth")
    return folder


def test_a_folder_becomes_a_model_that_paints(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "import", str(run)]) == 0
    assert "'edges2shoes-run'" in (told := capsys.readouterr().out)
    assert "--encoder" in told
    path = registry.user_folder() / "edges2shoes-run.safetensors"
    assert weights.read_card(path).architecture == "bicyclegan-paper"
    paper = tmp_path / "a.svg"
    paper.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60">'
        '<circle cx="45" cy="30" r="20" fill="none" stroke="black"/></svg>'
    )
    command = ["sketch", str(paper), "-o", str(tmp_path / "o.png"), "--model", "edges2shoes-run"]
    assert main(command) == 0
    assert (tmp_path / "o.png").is_file()
    assert "already" in refused(capsys, "models", "import", run)
    assert main(["models", "import", str(run), "--id", "second"]) == 0
    assert "second" in Session("cpu")._catalogue


def test_the_studio_imports_them_too(run: Path) -> None:
    torch.save(encoder_state(), run / "latest_net_E.pth")
    card = import_model(run / "latest_net_G.pth")
    shown = {model.title: model for model in shelf()}["BicycleGAN, imported"]
    assert shown.own
    assert not shown.problem
    assert weights.load(shown.path).card == card
    with pytest.raises(InputError, match="already"):
        import_model(run / "latest_net_G.pth")


def test_a_checkpoint_is_no_model_yet(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = tmp_path / "a.svg"
    paper.write_text("<svg/>")
    given = ("-o", tmp_path / "o.png", "--model", run / "latest_net_G.pth")
    assert "guise models import" in refused(capsys, "sketch", paper, *given)


def test_the_encoder_beside_it_comes_along(run: Path) -> None:
    torch.save(encoder_state(), run / "latest_net_E.pth")
    files = in_folder(run / "latest_net_G.pth")
    assert files.encoder == run / "latest_net_E.pth"
    card, tensors = import_checkpoint(files)
    assert card.config["encoder"]["kind"] == "conv"
    assert "encoder.mean.weight" in tensors


def test_data_parallel_names_are_the_same(run: Path) -> None:
    plain = import_checkpoint(Checkpoint(run / "latest_net_G.pth"))[1]
    torch.save(
        {f"module.{name}": value for name, value in generator_state().items()}, run / "other.pth"
    )
    parallel = import_checkpoint(Checkpoint(run / "other.pth"))[1]
    assert all(torch.equal(parallel[name], value) for name, value in plain.items())


@pytest.mark.parametrize(("nz", "inputs"), [(8, 1), (8, 3), (0, 3), (0, 1)])
def test_usual_numbers_of_looks_are_known(run: Path, nz: int, inputs: int) -> None:
    torch.save(generator_state(nz, inputs), run / "g.pth")
    card, _ = import_checkpoint(Checkpoint(run / "g.pth"))
    assert (card.config["looks"], card.config["inputs"]) == (nz, inputs)


def test_other_numbers_of_looks_have_to_be_said(run: Path) -> None:
    torch.save(generator_state(nz=4), run / "g.pth")
    torch.save(encoder_state(nz=4), run / "e.pth")
    with pytest.raises(ModelError, match="5 channels: say how many"):
        import_checkpoint(Checkpoint(run / "g.pth"))
    for files in (
        Checkpoint(run / "g.pth", looks=4),
        Checkpoint(run / "g.pth", encoder=run / "e.pth"),
    ):
        assert import_checkpoint(files)[0].config["looks"] == 4
    with pytest.raises(ModelError):
        import_checkpoint(Checkpoint(run / "latest_net_G.pth", encoder=run / "e.pth"))
    with pytest.raises(ModelError):
        import_checkpoint(Checkpoint(run / "latest_net_G.pth", looks=5))


class Evil:
    """Unpickling it would end the tests."""

    def __reduce__(self) -> tuple:
        return os._exit, (13,)


def test_what_is_no_checkpoint_is_refused(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(content: object, *options: object) -> str:
        path = tmp_path / "given.pth"
        torch.save(content, path)
        return refused(capsys, "models", "import", path, *options)

    assert "does not know" in said({"weight": torch.zeros(3)})
    assert "plain weights" in said({"state": generator_state()})
    assert "plain weights" in said({})
    assert "more than plain weights" in said({"a": Evil()})
    assert "is a BicycleGAN encoder" in said(encoder_state())
    assert "no BicycleGAN generator" in said({"model.model.0.weight": torch.zeros(4, 9, 4, 4)})
    cut = generator_state()
    cut.popitem()
    assert "no BicycleGAN generator" in said(cut)
    assert "leave out --clusters" in said(generator_state(), "--clusters", run / "c.npy")
    (tmp_path / "text.pth").write_text("not a checkpoint")
    (tmp_path / "empty.pth").write_bytes(b"")
    for name in ("text.pth", "empty.pth"):
        assert "damaged" in refused(capsys, "models", "import", tmp_path / name)
    assert "no file" in refused(capsys, "models", "import", tmp_path / "no.pth")
    assert "latest_net_G.pth" in refused(capsys, "models", "import", tmp_path)
    out = ("-o", tmp_path / "model.bin")
    assert ".safetensors" in refused(capsys, "models", "import", run, *out)
    assert "model's name" in refused(capsys, "models", "import", run, "--id", "../up")
    assert not list(registry.user_folder().glob("*"))


def test_our_own_files_are_copied_and_renamed(tmp_path: Path) -> None:
    bundled = Path(registry.__file__).parent.parent / "assets" / "models" / "shoes.safetensors"
    out = tmp_path / "copy.safetensors"
    assert main(["models", "import", str(bundled), "-o", str(out)]) == 0
    assert out.read_bytes() == bundled.read_bytes()
    assert main(["models", "import", str(bundled), "--id", "mine"]) == 0
    named = weights.load(registry.user_folder() / "mine.safetensors")
    assert named.card.id == "mine"
    assert named.digest == weights.load(bundled).digest


@needs_packs
def test_the_official_networks_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    packs = Path(os.environ["GUISE_DATA"]) / "official_layout"
    kinds = {
        "bicyclegan_all_basic": "bicyclegan-paper",
        "bicyclegan_input_bilinear": "bicyclegan-paper",
        "pix2pixhd_global": "pix2pixhd-paper",
        "pix2pixhd_local": "pix2pixhd-paper",
    }
    for name, architecture in kinds.items():
        assert import_checkpoint(in_folder(packs / name))[0].architecture == architecture
    for name, program in (
        ("bicyclegan_encoder_resnet_128", "BicycleGAN"),
        ("pix2pixhd_encoder", "pix2pixHD"),
    ):
        with pytest.raises(ModelError, match=f"is a {program} encoder"):
            import_checkpoint(Checkpoint(packs / name / "latest_net_E.pth"))
