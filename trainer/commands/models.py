"""`guise models list`: what can be painted with, and on which terms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.console import Console
from rich.table import Table

from engine.registry import Model, catalogue, user_folder


def main(args: list[str]) -> None:
    """Parse and list."""
    tyro.cli(listing, args=args, prog="guise models")


def listing(
    action: Annotated[Literal["list"], tyro.conf.Positional] = "list",
    files: Annotated[tuple[Path, ...], tyro.conf.arg(name="file")] = (),
) -> None:
    """List the models: the bundled ones and those in your models folder.

    Args:
        action: list.
        files: further model files to list.
    """
    models = catalogue(files)
    console = Console()
    console.print(table(models) if models else "There are no models yet; see `guise train`.")
    console.print(f"Your own models go to {user_folder()}", highlight=False, soft_wrap=True)


def table(models: list[Model]) -> Table:
    """One row a model."""
    shown = Table()
    for name in ("id", "title", "size", "terms", "commercial use"):
        shown.add_column(name, overflow="fold")
    for model in models:
        card = model.card
        size = f"{model.path.stat().st_size / 1e6:.1f} MB"
        commercial = "yes" if card.commercial else "no"
        shown.add_row(card.id, card.title, size, card.terms or "not stated", commercial)
    return shown
