"""Which sentences of errors the core can say, read from its source, and which of them the web can reach."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import ROOT

ERRORS = {"GisgridError", "InvalidInput", "MissingCrs", "NotAllowed", "NotFound", "Conflict", "DatabaseBusy"}
"""All but ``MissingPart``: of that a page and a problem give only a number to find it by in the log."""


@dataclass(frozen=True)
class Said:
    """A sentence in the source, or something in a sentence's place that can't be read from there."""

    module: str
    line: int
    sentence: str | None
    field: str | None = None


def module_files(*packages: str) -> dict[str, Path]:
    """Modules of packages by their dotted name, without migrations."""
    paths = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in sorted(paths)}
    return {name.removesuffix(".__init__"): path for name, path in names.items() if "migrations" not in name}


def sentences_of(module: str, path: Path) -> list[Said]:
    """Every sentence that errors and faults of a module are made of."""
    found = []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = _assigned(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for given in _given(node):
                meant = named.get(given.id, []) if isinstance(given, ast.Name) else [given]
                texts = [text for one in meant for text in _texts(one)]
                found += [Said(module, node.lineno, text, _field(node)) for text in texts]
    return found


def _assigned(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """What is assigned to each name of a module, in any of its functions."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(node.value)  # type: ignore[union-attr]
    return found


def _given(call: ast.Call) -> list[ast.expr]:
    """What stands in a sentence's place."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name in {"say", *ERRORS}:
        return call.args[:1]
    return [word.value for word in call.keywords if name == "Fault" and word.arg == "message"]


def _texts(given: ast.expr) -> Iterator[str | None]:
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value
    elif isinstance(given, ast.IfExp):
        yield from _texts(given.body)
        yield from _texts(given.orelse)
    elif isinstance(given, ast.JoinedStr | ast.BinOp):
        yield None
    # A list of faults or another call: what it holds is made by `say` or `Fault`, and found there.


def _field(call: ast.Call) -> str | None:
    for word in call.keywords:
        if word.arg == "field" and isinstance(word.value, ast.Constant):
            return str(word.value.value)
    return None
