"""`guise prepare`: training data made of what people have; one sub-command a kind."""

from __future__ import annotations

import importlib

from engine.errors import InputError

KINDS: dict[str, tuple[str, str]] = {
    "edges": ("trainer.commands.prepare_edges", "pairs of edges and photos, of product photos"),
}
"""Name -> module with `main(args)`, which may return an exit code, and what it makes; imported
when called."""


def main(args: list[str]) -> int:
    """Run one of them; without any, tell which there are. InputError: there is none of the name."""
    if not args or args[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    name, *rest = args
    if name not in KINDS:
        raise InputError(f"There is nothing called {name!r} to prepare; use {', '.join(KINDS)}.")
    return importlib.import_module(KINDS[name][0]).main(rest) or 0


def usage() -> str:
    """The text of `guise prepare --help`."""
    rows = "\n".join(f"  guise prepare {name:<9} {about}" for name, (_, about) in KINDS.items())
    return f"Make training data.\n\n{rows}\n\n`guise prepare KIND --help` tells more."
