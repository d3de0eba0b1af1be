"""The cards of the Train window against the command line that they stand for."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from studio.__main__ import main
from studio.training.recipes import Choice, choices
from trainer.commands.train import RECIPES


@pytest.mark.parametrize("choice", choices(), ids=lambda c: f"{c.recipe}-{c.preset}")
def test_every_card_is_a_command_of_the_trainer(
    choice: Choice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    about = RECIPES[choice.recipe]
    assert choice.preset in importlib.import_module(about.module).PRESETS
    words = choice.words("shoes" if choice.recipe == "fine-tune" else "")
    assert main([*words, "--data", "gone", "--out", str(tmp_path / "run")]) == 2
    assert capsys.readouterr().err.startswith("guise: There is no folder gone;")
