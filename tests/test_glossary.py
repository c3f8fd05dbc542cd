"""Words: what the glossary names exists, and no name bears a word that a better one has replaced."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests import ROOT

PACKAGES = ("gisgrid", "layers", "web", "data")
GLOSSARY = ROOT / "docs" / "glossary.md"
NOUNS = {
    *("building", "heading", "housing", "meeting", "training"),
    *("string", "ring", "thing", "setting", "settings"),
}
"""Names of modules that end like a gerund and are none."""
SCOPES = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@cache
def modules() -> dict[Path, ast.Module]:
    """Every file of the program but the migrations, parsed."""
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    ours = [path for path in files if "migrations" not in path.parts]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in ours}


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of a table of the glossary."""
    text = GLOSSARY.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and set(line) != {"|", "-"} and not line.startswith(("| 中文", "| word")):
            yield cells


def named(cell: str) -> set[str]:
    return {part for name in re.findall(r"`([^`]+)`", cell) for part in name.split()}


def words_of(name: str) -> set[str]:
    """The words a name is made of: ``CaseSnapshot`` and ``case_snapshot`` are two each."""
    return {part.lower() for part in re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+", name)}


@cache
def empty_names() -> frozenset[str]:
    return frozenset(word for cells in rows("Names that say nothing") for word in named(cells[0]))


def bound(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each local, argument and inner function of a module."""
    for scope in (node for node in ast.walk(ast.parse(source)) if isinstance(node, SCOPES)):
        for node in ast.walk(scope):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.lineno, node.id
            elif isinstance(node, ast.arg):
                yield node.lineno, node.arg
            elif isinstance(node, (ast.FunctionDef, ast.ExceptHandler, ast.MatchAs)) and node is not scope:
                yield node.lineno, node.name or ""


def bound_by_script(source: str, name: str) -> list[str]:
    """Where a script declares a name, has it as a parameter or takes it out of something."""
    word = rf"\b{name}\b(?!\s*:)"
    declared = rf"\b(?:const|let|var|function)\s+{word}"
    taken_out = rf"\b(?:const|let)\s*[{{\[][^=;]*?{word}[^=;]*[}}\]]\s*="
    parameter = rf"{word}\s*=>|\([^()\"'`]*?{word}[^()\"'`]*\)\s*(?:=>|{{)"
    return [hit[0] for hit in re.finditer(f"{declared}|{taken_out}|{parameter}", source)]


def definitions() -> Iterator[tuple[str, Path]]:
    """Names of modules, classes and functions that others call."""
    for path, tree in modules().items():
        yield path.stem, path
        for node in ast.walk(tree):
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_"):
                yield node.name, path


def test_every_code_name_of_the_glossary_is_in_the_program() -> None:
    tables = [path for package in PACKAGES for path in (ROOT / package).rglob("*.csv")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in (*modules(), *tables))
    used = {word.lower() for word in re.findall(r"[A-Za-z_][A-Za-z_0-9]*", text)}
    wanted = {name for cells in rows("Of the field") for name in named(cells[2])}
    assert len(wanted) > 70
    assert not sorted(wanted - used)


def test_every_word_of_the_program_names_something() -> None:
    parts = {word for name, _path in definitions() for word in words_of(name)}
    parts |= {word for path in modules() for folder in path.parts for word in words_of(folder)}
    wanted = {word for cells in rows("Of the program") for word in named(cells[0])}
    assert len(wanted) > 25
    assert not sorted(word for word in wanted - parts if not {word.rstrip("s"), f"{word}s"} & parts)


def test_no_name_bears_a_word_that_was_replaced() -> None:
    replaced = {word for cells in rows("Of the program") for word in named(cells[2])}
    assert len(replaced) > 20
    found = [f"{path.relative_to(ROOT)}: {name}" for name, path in definitions() if words_of(name) & replaced]
    assert not sorted(found)


def test_modules_are_nouns_and_classes_stand_once() -> None:
    parts = {part.removesuffix(".py") for path in modules() for part in path.relative_to(ROOT).parts}
    assert not sorted(part for part in parts if part.endswith("ing") and part not in NOUNS)
    classes = Counter(
        node.name for tree in modules().values() for node in tree.body if isinstance(node, ast.ClassDef)
    )
    assert not [name for name, count in classes.items() if count > 1]


BETTER = "call it by what it holds: see the names that say nothing in docs/glossary.md"


def test_no_local_or_argument_has_a_name_that_says_nothing() -> None:
    assert len(empty_names()) >= 3
    empty = {
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in modules()
        for line, name in bound(path.read_text(encoding="utf-8"))
        if name in empty_names()
    }
    assert not sorted(empty), BETTER


def test_no_variable_of_a_script_has_a_name_that_says_nothing() -> None:
    scripts = [path for package in PACKAGES for path in (ROOT / package).rglob("*.js")]
    ours = [path for path in scripts if "vendor" not in path.parts]
    assert len(ours) > 100
    empty = [
        f"{path.relative_to(ROOT)}: {hit}"
        for path in ours
        for name in sorted(empty_names())
        for hit in bound_by_script(path.read_text(encoding="utf-8"), name)
    ]
    assert not empty, BETTER


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    for one in cases:\n        pass",
        "def f(one):\n    pass",
        "def f(**one):\n    pass",
        "def f():\n    one: int = 1",
        "def f():\n    (one := 1)",
        "def f():\n    def one(): pass",
        "def f():\n    with file as (one, two): pass",
        "names = [one.name for one in cases]",
        "key = lambda one: one.key",
    ],
)
def test_a_name_is_seen_wherever_it_is_bound(source: str) -> None:
    assert "one" in {name for _line, name in bound(source)}
    assert "one" not in {name for _line, name in bound("def f(case):\n    return say(one=case.one)")}


@pytest.mark.parametrize(
    "source",
    [
        "const one = 1;",
        "for (const one of rows) draw(one);",
        "rows.map((one) => one.id)",
        "rows.map(one => one.id)",
        "rows.sort((one, other) => one.at - other.at)",
        "function line(one, word) {",
        "function tile(name, { asked, one, unit }) {",
        "const { one, value } = row;",
        "const [one, two] = pair;",
    ],
)
def test_a_name_is_seen_wherever_a_script_binds_it(source: str) -> None:
    assert bound_by_script(source, "one")
    assert not bound_by_script('const text = row.one; say({ one: text, other: find("one") });', "one")
