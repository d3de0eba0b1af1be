"""`guise train`: recipes and their presets as options."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from engine.errors import GuiseError, InputError
from trainer.data.opening import opened

_REPOSED = "guise repose PHOTO --pose POSE.json -o OUT.png --model"
_SKETCHED = "guise sketch SKETCH -o OUT.png --model"
_PAINTED = "guise scene LABELS.png -o OUT.png --model"
USES = {"Pose": _REPOSED, "Sketch": _SKETCHED, "LabelMap": _PAINTED}
"""By the kind of shape that a model paints: the command that uses it, before its path."""


@dataclass(frozen=True)
class Trainable:
    """A recipe that can be trained: where it lives and what it is called there."""

    about: str
    module: str
    recipe: str
    train: str
    tried: str | None = _REPOSED
    """Command that uses the model, before its path; empty = none yet; None = the model's shape
    tells it."""


METHODS = ("cvae-gan", "cae-gan", "clr-gan", "pix2pix-noise", "pix2pix")
"""Methods of the BicycleGAN paper, which can be named instead of its recipe."""

RECIPES: dict[str, Trainable] = {
    "deformable": Trainable(
        "the reposer that copies from the photo",
        "trainer.recipes.deformable",
        "DeformableRecipe",
        "train_deformable",
    ),
    "deformable-paper": Trainable(
        "the Deformable GAN as published, with its ablations",
        "trainer.recipes.deformable_paper",
        "DeformablePaperRecipe",
        "train_deformable_paper",
    ),
    "vunet": Trainable(
        "the painter whose looks are encoded, invented and mixed",
        "trainer.recipes.vunet",
        "VunetRecipe",
        "train_vunet",
    ),
    "vunet-paper": Trainable(
        "the VUNet as published",
        "trainer.recipes.vunet_paper",
        "VunetPaperRecipe",
        "train_vunet_paper",
    ),
    "vunet-edges": Trainable(
        "the VUNet that colours sketches",
        "trainer.recipes.vunet_edges",
        "VunetEdgesRecipe",
        "train_vunet_edges",
        tried=_SKETCHED,
    ),
    "bicyclegan": Trainable(
        "the painter that colours sketches, and the methods it is compared with",
        "trainer.recipes.bicyclegan",
        "BicycleRecipe",
        "train_bicyclegan",
        tried=_SKETCHED,
    ),
    "bicyclegan-paper": Trainable(
        "BicycleGAN as published, and the methods it is compared with",
        "trainer.recipes.bicyclegan_paper",
        "BicyclePaperRecipe",
        "train_bicyclegan_paper",
        tried=_SKETCHED,
    ),
    "pix2pixhd": Trainable(
        "the painter of label maps, where every object has a look of its own",
        "trainer.recipes.pix2pixhd",
        "Pix2PixHdRecipe",
        "train_pix2pixhd",
        tried=_PAINTED,
    ),
    "perception": Trainable(
        "the reader that finds the person of a photo",
        "trainer.recipes.perception",
        "PerceptionRecipe",
        "train_perception",
    ),
    "bicyclegan-scenes": Trainable(
        "the painter of label maps whose look is a few sliders",
        "trainer.recipes.bicyclegan_scenes",
        "SceneBicycleRecipe",
        "train_bicyclegan_scenes",
        tried=_PAINTED,
    ),
    "segmenter": Trainable(
        "the reader that finds the labels of a photo, and the judge of painted scenes",
        "trainer.recipes.segmenter",
        "SegmenterRecipe",
        "train_segmenter",
        tried="",
    ),
    "edges": Trainable(
        "the reader that draws the lines of a photo",
        "trainer.recipes.edges",
        "EdgesRecipe",
        "train_edges",
        tried="",
    ),
    "fine-tune": Trainable(
        "a painter on 20 to 200 photos of your own, from a model at hand",
        "trainer.recipes.fine_tune",
        "FineTuneRecipe",
        "train_fine_tune",
        tried=None,
    ),
    "orderings": Trainable(
        "the methods that the papers compare, small, each for the same time",
        "trainer.commands.orderings",
        "OrderingsRecipe",
        "train_orderings",
        tried="",
    ),
    "rounds": Trainable(
        "the bundled models' recipes, small, and changes of them, each for the same time",
        "trainer.commands.rounds",
        "RoundsRecipe",
        "train_rounds",
        tried="",
    ),
}


def main(args: list[str]) -> None:
    """Parse, train, say where the model is."""
    if not args or args[0] in ("-h", "--help"):
        print(usage())
        return
    if args[0] in METHODS:
        args = ["bicyclegan", "--method", *args]
    if args[0] not in RECIPES:
        raise InputError(f"There is no recipe {args[0]!r}; use one of {', '.join(RECIPES)}.")
    name, entry = args[0], RECIPES[args[0]]
    module = importlib.import_module(entry.module)
    preset, rest = _split_preset(args[1:], next(iter(module.PRESETS)))
    if preset not in module.PRESETS:
        raise InputError(f"There is no preset {preset!r}; use one of {', '.join(module.PRESETS)}.")
    recipe, options = _parse(name, getattr(module, entry.recipe), module.PRESETS, preset, rest)
    options.check()
    recipe = opened(name, recipe)
    path = _trained(name, recipe, options, getattr(module, entry.train))
    if path is not None:
        tried = _tried(name, path)
        print(f"{path}: try it with `{tried} {path}`" if tried else f"{path} is trained.")


def _tried(name: str, path: Path) -> str:
    """The command that uses a model, before its path; empty = none yet."""
    from engine import weights

    tried = RECIPES[name].tried
    return USES[weights.read_card(path).shape] if tried is None else tried


def _trained(
    name: str, recipe: Any, options: Any, train: Callable[[Any, Any], Path]
) -> Path | None:
    """The model's path; None where another process has it, or only an estimate was asked for."""
    import torch

    from trainer.estimate import Estimated
    from trainer.ranks import is_first

    torch.manual_seed(options.seed)
    if options.estimate:
        try:
            train(recipe, options)
        except Estimated as found:
            if is_first():
                print(json.dumps(found.told(name, options)))
        return None
    if not is_first():
        train(recipe, options)
        return None
    with _watched(name, options) as desk:
        path = train(recipe, options)
        desk.tell("done", model=path, progress=1.0, eta_s=0.0)
    return path


@contextmanager
def _watched(name: str, options: Any) -> Iterator[Any]:
    """The run folder, locked, with a status that says how it ended."""
    from trainer.control import Desk, alone

    with alone(options.out):
        if options.fresh:
            (options.out / "status.json").unlink(missing_ok=True)
        desk = Desk(options.out)
        desk.tell("starting", recipe=name, error=None)
        try:
            yield desk
        except KeyboardInterrupt:
            desk.tell("stopped")
            raise
        except GuiseError as error:
            desk.tell("failed", error=str(error))
            raise
        except Exception as error:
            told = _unexpected(options.out, error)
            desk.tell("failed", error=str(told))
            raise told from None


def _unexpected(out: Path, error: Exception) -> InputError:
    """What to tell where memory ran out before the first step, or of a mistake of ours, all of
    which is written beside the run."""
    from trainer.networks.memory import ran_out

    if ran_out(error):
        return InputError("Memory ran out; close other programs, or take a smaller --preset.")
    path, said = out / "error.txt", (str(error).strip() or "no reason given").splitlines()[0]
    told = f"Something unexpected went wrong ({type(error).__name__}: {said})."
    advice = f"The last good checkpoint is kept; please report {path}."
    try:
        path.write_text("".join(traceback.format_exception(error)))
    except OSError:
        advice = "The last good checkpoint is kept."
    return InputError(f"{told} {advice}")


def usage() -> str:
    """The text of `guise train --help`."""
    rows = "\n".join(f"  guise train {name:<17} {entry.about}" for name, entry in RECIPES.items())
    methods = f"Methods of bicyclegan go by their name, too: {', '.join(METHODS)}."
    return f"Train a model.\n\n{rows}\n\n{methods}\n`guise train RECIPE --help` lists its options."


def _split_preset(args: list[str], preset: str) -> tuple[str, list[str]]:
    """The preset decides the defaults, so it is read before everything else."""
    rest: list[str] = []
    words = iter(args)
    for word in words:
        if word == "--preset":
            preset = next(words, "")
        elif word.startswith("--preset="):
            preset = word.removeprefix("--preset=")
        else:
            rest.append(word)
    return preset, rest


def _parse(
    name: str, recipe: type, presets: dict[str, dict[str, Any]], preset: str, args: list[str]
) -> tuple[Any, Any]:
    from trainer.loop import RunOptions

    data = os.environ.get("GUISE_DATA")
    given = {"data": Path(data) if data else tyro.MISSING} | presets[preset]
    flat = tyro.conf.OmitArgPrefixes
    both = dataclasses.make_dataclass(
        "Options",
        [
            ("recipe", flat[recipe], dataclasses.field(default=recipe(**given))),
            ("run", flat[RunOptions], dataclasses.field(default=RunOptions(Path("runs") / name))),
        ],
        frozen=True,
    )
    names = ", ".join(presets)
    both.__doc__ = (
        f"Train {RECIPES[name].about}.\n\n--preset NAME sets the defaults shown here; there are: "
        f"{names}. These are those of {preset}."
    )
    parsed = tyro.cli(both, args=args, prog=f"guise train {name}")
    return parsed.recipe, parsed.run
