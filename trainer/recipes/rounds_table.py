"""What helped by how much: differences of figures, and what of them may be chance."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trainer.recipes.rounds import Measure, Round

_VERSION = 1
_CLEAR = 2.0
"""Standard errors that a difference must exceed to be more than chance."""
_SEVERAL = 2
"""Rounds whose noise must be known before it is taken for that of others."""
Rows = Sequence[Mapping[str, Any]]
"""Of one contestant: a row for each seed, with `images`, `cpu_seconds` and `figures` by name."""


def tables(found: Sequence[tuple[Round, Mapping[str, Rows]]]) -> dict[str, Any]:
    """Everything that is known of rounds, as plain dicts.

    Args:
        found: rounds with the rows of their contestants by name.
    """
    shared = _shared(found)
    rounds = [_round(one, rows, shared) for one, rows in found if one.bundled.name in rows]
    return {"version": _VERSION, "rounds": rounds}


def _round(one: Round, rows: Mapping[str, Rows], shared: Sequence[float]) -> dict[str, Any]:
    return {
        "id": one.id,
        "pictures": one.side,
        "seeds": {name: len(each) for name, each in rows.items()},
        "images": {name: each[0]["images"] for name, each in rows.items()},
        "cpu_seconds": {name: [row["cpu_seconds"] for row in each] for name, each in rows.items()},
        "measures": [
            _measured(one, measure, rows, share)
            for measure, share in zip(one.measures, shared, strict=True)
        ],
    }


def _measured(one: Round, measure: Measure, rows: Mapping[str, Rows], share: float) -> Any:
    values = {name: _values(measure, each) for name, each in rows.items()}
    base = values[one.bundled.name]
    noise = noise_of(list(values.values()))
    if base:
        noise = max(noise, share * abs(statistics.fmean(base)))
    changes = [c.name for c in one.changes if values.get(c.name)]
    return {
        "figure": measure.name,
        "says": measure.says,
        "better": "higher" if measure.higher else "lower",
        "noise": noise or None,
        "bundled": base,
        "changes": [
            {"name": name, "values": values[name], **compared(base, values[name], noise, measure)}
            for name in changes
            if base
        ],
    }


def compared(
    base: Sequence[float], changed: Sequence[float], noise: float, measure: Measure
) -> dict[str, Any]:
    """How a change stands beside the bundled model's recipe.

    Args:
        base, changed: the figure, for each seed.
        noise: standard deviation of the figure from seed to seed; 0 = not known.

    Returns:
        `with` and `without` the change: means; `difference`; `chance`: what a difference must
        exceed, None = not known; `verdict`: helps, harms, within chance, or one seed.
    """
    before, after = statistics.fmean(base), statistics.fmean(changed)
    difference = after - before
    chance = _CLEAR * noise * math.sqrt(1 / len(base) + 1 / len(changed)) if noise else None
    if chance is None:
        verdict = "one seed"
    elif abs(difference) <= chance:
        verdict = "within chance"
    else:
        verdict = "helps" if (difference > 0) == measure.higher else "harms"
    return {
        "without": before,
        "with": after,
        "difference": difference,
        "chance": chance,
        "verdict": verdict,
    }


def noise_of(groups: Sequence[Sequence[float]]) -> float:
    """Standard deviation inside groups of figures that differ in nothing but the seed, pooled; 0
    where no group has two."""
    apart = [value - statistics.fmean(group) for group in groups if group for value in group]
    freedom = sum(len(group) - 1 for group in groups if group)
    return math.sqrt(sum(a * a for a in apart) / freedom) if freedom else 0.0


def _shared(found: Sequence[tuple[Round, Mapping[str, Rows]]]) -> list[float]:
    """For the first measure and for the second: the usual noise, as a share of the figure. Two runs
    may agree by chance, so no round's noise is taken for less."""
    places = max((len(one.measures) for one, _ in found), default=0)
    return [
        _usual([(one.measures[place], one, rows) for one, rows in found]) for place in range(places)
    ]


def _usual(rounds: Sequence[tuple[Measure, Round, Mapping[str, Rows]]]) -> float:
    shares = []
    for measure, one, rows in rounds:
        noise = noise_of([_values(measure, each) for each in rows.values()])
        base = _values(measure, rows.get(one.bundled.name, ()))
        if noise and base and statistics.fmean(base):
            shares.append(noise / abs(statistics.fmean(base)))
    return statistics.median(shares) if len(shares) >= _SEVERAL else 0.0


def _values(measure: Measure, rows: Rows) -> list[float]:
    return [row["figures"][measure.name] for row in rows if measure.name in row["figures"]]


def markdown(found: Mapping[str, Any]) -> str:
    """The table for people."""
    head = (
        "| model | change | figure | without | with | difference (chance) | so the change |",
        "|---|---|---|---|---|---|---|",
    )
    rows = [row for one in found["rounds"] for row in _lines(one)]
    return "\n".join((*head, *rows)) + "\n"


def _lines(one: Mapping[str, Any]) -> Iterator[str]:
    for measure in one["measures"]:
        arrow = "more is better" if measure["better"] == "higher" else "less is better"
        for change in measure["changes"]:
            chance = "not known" if change["chance"] is None else f"{change['chance']:.2g}"
            cells = (
                f"`{one['id']}`",
                change["name"],
                f"{measure['says']} ({arrow})",
                f"{change['without']:.4g}",
                f"{change['with']:.4g}",
                f"{change['difference']:+.2g} ({chance})",
                change["verdict"],
            )
            yield f"| {' | '.join(cells)} |"
