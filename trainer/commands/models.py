"""`guise models`: what can be painted with, on which terms, and models from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.table import Table

from engine.errors import InputError
from engine.importing import Checkpoint, import_file, in_folder
from engine.registry import Model, catalogue, user_folder


@dataclass(frozen=True)
class List:
    """List the models: the bundled ones and those in your models folder."""

    file: tuple[Path, ...] = ()
    """Further model files to list."""


@dataclass(frozen=True)
class Import:
    """Import a model: a file of `guise train`, or an official checkpoint of BicycleGAN or
    pix2pixHD, which is read without running anything in it."""

    file: Annotated[Path, tyro.conf.Positional]
    """.safetensors, latest_net_G.pth, or a folder that holds latest_net_G.pth."""
    encoder: Path | None = None
    """latest_net_E.pth, to read looks from photos."""
    clusters: Path | None = None
    """features_clustered_010.npy of pix2pixHD: the looks to choose from."""
    options: Path | None = None
    """opt.txt of pix2pixHD; the one beside the generator is found by itself."""
    looks: int | None = None
    """How many numbers a look has (nz), for a BicycleGAN whose weights do not tell."""
    id: str = ""
    """Name of the model; without it, the checkpoint's folder names it."""
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """File to write (.safetensors); without it, your models folder."""


def main(args: list[str]) -> None:
    """Parse; list or import."""
    chosen = tyro.extras.subcommand_cli_from_dict(
        {"list": List, "import": Import}, args=args or ["list"], prog="guise models"
    )
    if isinstance(chosen, Import):
        importing(chosen)
    else:
        listing(chosen.file)


def listing(files: tuple[Path, ...] = ()) -> None:
    """Print all models. ModelError: one of `files` is none."""
    models = catalogue(files)
    console = Console()
    console.print(table(models) if models else "There are no models yet; see `guise train`.")
    console.print(f"Your own models go to {user_folder()}", highlight=False, soft_wrap=True)


def importing(options: Import) -> None:
    """Import and say under which name. GuiseError: as :func:`engine.importing.import_file`."""
    if options.out is not None and options.out.suffix.lower() != ".safetensors":
        raise InputError(f"{options.out} is not a model file's name; let it end in .safetensors.")
    found = in_folder(options.file)
    files = Checkpoint(
        found.generator,
        options.encoder or found.encoder,
        options.clusters,
        options.options,
        options.looks,
    )
    card, path = import_file(files, options.id, options.out)
    print(f"{path}: imported as {card.id!r} ({card.title})")
    if card.architecture == "bicyclegan-paper" and files.encoder is None:
        print("Without its encoder (--encoder latest_net_E.pth) it reads no looks from photos.")


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
