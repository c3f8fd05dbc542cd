"""One list holds every table, and every process that opens a database has read it."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from gisgrid.tables import all_tables
from tests import ROOT

BEFORE_TABLES = [
    "data.backgrounds.__main__",
    "data.uploads.__main__",
    "gisgrid.upkeep.tables",
    "web.cli.actor",
]


def tables_in_source() -> set[str]:
    """The names of all tables, read from the files: what no module imports is found too."""
    return {
        node.value.value
        for package in ("gisgrid", "web", "data")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign)
        and [ast.unparse(target) for target in node.targets] == ["__tablename__"]
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def imported_by(module: str) -> set[str]:
    """The tables that a process of its own knows after importing one module."""
    script = f"import {module}; from gisgrid.storage.base import Base; print(*Base.metadata.tables)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_list_holds_every_table_of_the_source() -> None:
    assert imported_by("gisgrid.tables") == tables_in_source()


@pytest.mark.parametrize("module", BEFORE_TABLES)
def test_whoever_opens_a_database_knows_every_table(module: str) -> None:
    assert imported_by(module) >= {table.name for table in all_tables()}
