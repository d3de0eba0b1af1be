"""The English texts that the studio shows, read out of its source."""

import ast
from itertools import count
from pathlib import Path

import studio
from studio.panels.look_pages import REGION_WORDS
from studio.panels.looks import KINDS
from studio.settings import SETTINGS

FOLDER = Path(studio.__file__).parent
_CALLS = ("tr", "_tr", "translate", "translated", "worded")


def texts():
    """Every literal text that is translated, with the places (file, line) where it stands."""
    found = {}
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for text in _texts_of(node):
                found.setdefault(text, []).append(f"{path.name}:{node.lineno}")
    for text in _tables():
        found.setdefault(text, []).append("a table")
    return found


def _tables():
    """Texts that are translated where they are shown."""
    yield from REGION_WORDS.values()
    for word, _, tip, _ in KINDS.values():
        yield from (word, tip)
    for setting in SETTINGS:
        labels = [label for _, label in setting.choices]
        yield from filter(
            None, [setting.section, setting.text, setting.help, setting.unit, *labels]
        )


def sentences():
    """All literal texts of the engine and the studio, with {0}, {1}… for what is filled in."""
    folders = (FOLDER, FOLDER.parent / "engine")
    files = [path for folder in folders for path in folder.rglob("*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    return {_template(node) for tree in trees for node in ast.walk(tree)} - {None}


def _template(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    numbers = count()
    parts = [
        part.value if isinstance(part, ast.Constant) else f"{{{next(numbers)}}}"
        for part in node.values
    ]
    return "".join(parts)


def unclear():
    """Places where what is translated is not a literal; their texts must come from tables."""
    return [
        f"{path.relative_to(FOLDER).as_posix()}:{node.lineno}"
        for path in sorted(FOLDER.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _name(node) in _CALLS and not list(_literals(node.args[-1]))
    ]


def _texts_of(node):
    if _name(node) in _CALLS and node.args:
        yield from _literals(node.args[-1])
    elif _name(node) == "Command":
        named = {k.arg: k.value for k in node.keywords}
        fields = dict(zip(("name", "text", "menu"), node.args, strict=False)) | named
        yield from _literals(fields["text"])
        yield from _literals(fields["menu"])


def _literals(node):
    """The strings that an expression may give."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def _name(node):
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    if getattr(function, "attr", "") == "translate":  # points and painters have one too
        return "translate" if getattr(function.value, "id", "") == "QCoreApplication" else ""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
