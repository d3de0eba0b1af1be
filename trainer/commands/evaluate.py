"""`guise evaluate`: a model's figures on held-out photos."""

from __future__ import annotations

import tyro


def main(args: list[str]) -> None:
    """Parse, measure, print."""
    from trainer.evaluate import run
    from trainer.metrics.options import EvaluateOptions

    run(tyro.cli(EvaluateOptions, args=args, prog="guise evaluate"))
