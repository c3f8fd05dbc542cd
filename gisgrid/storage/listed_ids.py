"""Many ids in a statement as one parameter however many they are: as a condition, or as rows to join."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement, TableValuedAlias


class _ListedIds(FunctionElement[str]):
    """The texts of a JSON list as rows."""

    inherit_cache = True
    name = "listed_ids"
    type = String()


@compiles(_ListedIds, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **options)}))"  # noqa: S608 - a parameter


@compiles(_ListedIds, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    ids = compiler.process(element.clauses, **options)
    return f"(SELECT json_array_elements_text(CAST({ids} AS json)))"


class _IdRows(FunctionElement[str]):
    """The texts of a JSON list as a table."""

    inherit_cache = True
    name = "id_rows"


@compiles(_IdRows, "sqlite")
def _rows_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clause_expr.element, **options)})"


@compiles(_IdRows, "postgresql")
def _rows_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    ids = compiler.process(element.clause_expr.element, **options)
    return f"json_array_elements_text(CAST({ids} AS json))"


def id_rows(ids: Iterable[str]) -> TableValuedAlias:
    """Some ids as a table of one column, ``value``.

    Joined first to what they are ids of, they lead to its rows; of a condition beside many joins PostgreSQL
    may think last.
    """
    return _IdRows(_as_json(ids)).table_valued("value")


def is_listed_id(column: Any, ids: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column holds one of some ids, as SQL.

    A parameter for each of a thousand ids takes longer than the rows they name.
    """
    condition: ColumnElement[bool] = column.op("IN", is_comparison=True)(_ListedIds(_as_json(ids)))
    return condition


def _as_json(ids: Iterable[str]) -> ColumnElement[str]:
    return literal(json.dumps(sorted(set(ids))), String())
