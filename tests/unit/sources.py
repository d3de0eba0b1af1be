"""The English texts that the studio shows, read out of its source."""

import ast
import errno
import os
import re
from functools import cache
from itertools import count
from pathlib import Path

import studio
from studio.panels.look_pages import REGION_WORDS
from studio.panels.looks import KINDS
from studio.settings import SETTINGS
from trainer.data.fitting import MAKES, TAKES, WHAT
from trainer.data.layouts import LAYOUTS
from trainer.data.problems import KINDS as PROBLEMS

FOLDER = Path(studio.__file__).parent
_TRAINER = FOLDER.parent / "trainer"
_HEARD = (
    "*.py",
    "data/*.py",
    "networks/*.py",
    "recipes/*.py",
    "commands/train.py",
    "annotations/*.py",
    "commands/check*.py",
    "commands/prepare_[elp]*.py",
)
"""Modules that run while the studio's window waits or watches."""
_UNHEARD = ("cli.py", "evaluate.py", "export.py", "stopping.py", "orderings.py", "protocols.py")
_UNHEARD += ("onnx_export.py", "onnx_graphs.py", "onnx_papers.py", "rounds.py")
_UNHEARD += ("rounds_measuring.py",)
"""Those that speak in terminals only."""
_SENTENCE = re.compile(r" .*([.]|[.:] \{\d+\}|[.]\{\d+\})$", re.DOTALL)
_FOLLOWS = re.compile(r"(?<=[.]) ?\{\d+\}$")
_BEFORE = re.compile(r"^\{0\} (?=[A-Z])")
_LETTERS = re.compile(r"[A-Za-z]{2,}")
_REASONS = {os.strerror(code).lower() for code in errno.errorcode}
"""What systems say of files."""
_CALLS = ("tr", "_tr", "translate", "translated", "worded")


def texts():
    """Every literal text that is translated, with the places (file, line) where it stands."""
    found = {}
    for path in sorted(FOLDER.rglob("*.py")):
        for node in _nodes(path):
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
    """All literal texts of engine, studio and trainer, with {0}, {1}… for what is filled in."""
    folders = (FOLDER, FOLDER.parent / "engine", _TRAINER)
    files = [path for folder in folders for path in folder.rglob("*.py")]
    found = {_template(node) for path in files for node in _nodes(path)} - {None}
    return found | {_apart(text) for text in found} | composed() | _REASONS


def training_sentences():
    """What the trainer may say in the studio's window: refusals, alarms, problems, estimates."""
    files = [path for place in _HEARD for path in _TRAINER.glob(place) if path.name not in _UNHEARD]
    found = set()
    for path in files:
        found |= {_apart(text) for text in _literal_sentences(_nodes(path))}
    return {text for text in found if len(_LETTERS.findall(text)) > 2} | composed()


def composed():
    """Sentences that the trainer puts together from its tables."""
    words = {layout.title for layout in LAYOUTS}
    words |= {" or ".join(WHAT[kind] for kind in takes) for takes in TAKES.values()}
    words |= set(WHAT.values()) | {MAKES}
    for _, one, many in PROBLEMS.values():
        if one:
            words |= {f"{one[0].upper()}{one[1:]}.", f"{one[0].upper()}{one[1:]} ({{0}})."}
            words |= {f"{{0}} {many}.", f"{{0}} {many} ({{1}})."}
    return words


@cache
def _nodes(path):
    """The syntax tree of a module, flat."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def _literal_sentences(nodes):
    """Texts that end as sentences do, or with one that is filled in; no docstrings and the like."""
    aside = {id(part) for node in nodes if _is_aside(node) for part in ast.walk(node)}
    inner = {
        id(part)
        for node in nodes
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in nodes:
        text = _template(node) if id(node) not in aside | inner else None
        if text and _SENTENCE.search(text):
            yield text


def _is_aside(node):
    """What is for readers of the source, of cards or of a terminal."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.keyword(arg="summary" | "data" | "terms"):
            return True
        case ast.Assign(targets=[ast.Name(id="DATA" | "TERMS")]):
            return True
        case ast.FunctionDef(name="usage" | "described" | "_parse"):
            return True
        case ast.ClassDef(name="Pack"):
            return True
        case _:
            return _name(node) in ("Pack", "print", "_say")


def _apart(text):
    """A sentence without those that are filled in before or after it."""
    text = _FOLLOWS.sub("", text).strip()
    return _BEFORE.sub("", text) if "{1}" not in text else text


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
        for node in _nodes(path)
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
