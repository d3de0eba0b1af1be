"""`guise prepare`: training data made of what people have; one sub-command a kind."""

from __future__ import annotations

from collections.abc import Callable

from engine.errors import InputError


def main(args: list[str]) -> int:
    """Run one of them; without any, tell which there are. InputError: there is none of the name."""
    if not args or args[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    name, *rest = args
    if name not in KINDS:
        raise InputError(f"There is nothing called {name!r} to prepare; use {', '.join(KINDS)}.")
    return KINDS[name][0](rest)


def usage() -> str:
    """The text of `guise prepare --help`."""
    rows = "\n".join(f"  guise prepare {name:<9} {about}" for name, (_, about) in KINDS.items())
    return f"Make training data.\n\n{rows}\n\n`guise prepare KIND --help` tells more."


def _edges(args: list[str]) -> int:
    from trainer.commands import prepare_edges

    return prepare_edges.main(args)


def _instances(args: list[str]) -> int:
    import tyro

    from trainer.commands.prepare_instances import prepare_instances

    positional = (tyro.conf.PositionalRequiredArgs,)
    prog = "guise prepare instances"
    written = tyro.cli(prepare_instances, args=args, prog=prog, config=positional)
    print(f"{written} object maps written")
    return 0


def _people(args: list[str]) -> int:
    from trainer.commands import prepare_people

    return prepare_people.main(args)


def _labels(args: list[str]) -> int:
    from trainer.commands import prepare_labels

    return prepare_labels.main(args)


def _names(args: list[str]) -> int:
    from trainer.commands import prepare_names

    return prepare_names.main(args)


def _shards(args: list[str]) -> int:
    from trainer.commands import prepare_shards

    return prepare_shards.main(args)


KINDS: dict[str, tuple[Callable[[list[str]], int], str]] = {
    "edges": (_edges, "pairs of edges and photos, of product photos"),
    "people": (_people, "joints and masks, of photos of people"),
    "labels": (_labels, "label maps, of photos of streets"),
    "names": (_names, "labels.json, of the names in labelme's files"),
    "shards": (_shards, "tar files, of a folder that outgrows its file system"),
    "instances": (_instances, "object maps, of the label maps of streets and facades"),
}
"""Name -> what is run with its options, giving an exit code, and what it makes."""
