"""`guise evaluate --compare`: two models side by side on the terminal and in files."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from trainer.report.compare import Comparison, compared, table
from trainer.report.measured import fields, write_json, write_text
from trainer.report.options import CompareOptions
from trainer.report.page import comparison_page
from trainer.report.results import read_side


def run(options: CompareOptions) -> list[Comparison]:
    """Compare, print, write the files that were asked for.

    Raises:
        InputError: no such results, or nothing in common that can be compared.
    """
    sides = [read_side(name, options.report) for name in (options.a, options.b)]
    found = compared(*sides)
    console = Console()
    for one in found:
        console.print(table(one))
        for gap in one.refused:
            console.print(f"Not compared: {gap.id}: {gap.reason}", highlight=False, soft_wrap=True)
    console.print(found[0].protocol, style="dim", highlight=False)
    if options.out is not None:
        write_json(options.out, [_said(one) for one in found])
    if options.html is not None:
        titles = {model.id: model.title for side in sides for model in side}
        write_text(options.html, comparison_page(found, titles))
    return found


def _said(found: Comparison) -> dict[str, Any]:
    """With the winner of each figure."""
    rows = [{**fields(row), "winner": row.winner} for row in found.rows]
    return {**fields(found), "rows": rows}
