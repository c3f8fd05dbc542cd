"""Whether a column holds one of many ids, asked with one parameter however many they are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement


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


def is_listed_id(column: Any, ids: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column holds one of some ids, as SQL.

    A parameter for each of a thousand ids takes longer than the rows they name.
    """
    listed = _ListedIds(literal(json.dumps(sorted(set(ids))), String()))
    condition: ColumnElement[bool] = column.op("IN", is_comparison=True)(listed)
    return condition
