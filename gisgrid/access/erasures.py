"""The list of what was erased: ids only, beside the key file and outside every backup.

A backup made before an erasure still holds the person; whoever restores it reads this list and erases again.
One JSON object a line: ``{"table": "resident", "id": …, "columns": […], "at": …}``; the file is mode 0600 and
only grows. A column says by ``info=erased_to(…)`` what is left in it of an erased thing.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    CursorResult,
    ForeignKey,
    Table,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from gisgrid.access.imports import forget_former
from gisgrid.access.keys.encryption import EncryptedBytes, Sealed
from gisgrid.errors import MissingPart, say
from gisgrid.storage.base import Base

NAME: Final = "erasures.jsonl"
_LEFT: Final = "left_when_erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """A row that was erased: its table and id, when, and which columns (``table.column``; none means all)."""

    table: str
    id: str
    at: datetime
    columns: tuple[str, ...] = ()


def erased_to(value: str | None) -> dict[str, str | None]:
    """For a column's ``info``: what stands in it once its row, or the row it hangs on, is erased."""
    return {_LEFT: value}


def blank(session: Session, erased: Erased) -> int:
    """Blank a row's columns that say what is left of them, and those of rows that hang on it; how many.

    What stood in the row before an import is forgotten too.
    """
    changed = 0
    for table, own in chain_to(erased.table, erased.id):
        left = {
            column.name: column.info[_LEFT]
            for column in table.columns
            if _LEFT in column.info
            and (not erased.columns or f"{table.name}.{column.name}" in erased.columns)
        }
        for name, value in left.items():
            changed += _blank_column(session, table, own, table.c[name], value)
    forget_former(session, [erased.id])
    return changed


def _blank_column(
    session: Session, table: Table, own: ColumnElement[bool], column: Column[Any], left: str | None
) -> int:
    """Leave a value in a column of some rows that hold another one; how many did."""
    write = update(table).values({column.name: left})
    if left is None or not isinstance(column.type, Sealed):
        filled = column.is_not(None) if left is None else column != left
        result = session.execute(write.where(own, filled))
        return cast("CursorResult[Any]", result).rowcount
    (row_key,) = table.primary_key.columns
    rows = session.execute(select(row_key, column).where(own, column.is_not(None))).all()
    other = [row[0] for row in rows if row[1] != left]  # nothing sealed can be compared in SQL
    if other:
        session.execute(write.where(row_key.in_(other)))
    return len(other)


def chain_to(
    name: str, key: str, *, but: frozenset[str] = frozenset()
) -> list[tuple[Table, ColumnElement[bool]]]:
    """Tables with rows that lead to one row by foreign keys, however many, each with the rows that do.

    The row itself comes first; where a table leads to its own rows, those are others' and stay. ``but``:
    tables whose rows are others' too; nothing is followed beyond them.
    """
    reached: dict[str, tuple[Table, ColumnElement[bool]]] = {}
    for table in Base.metadata.sorted_tables:
        if table.name == name:
            reached[name] = (table, table.c.id == key)
        elif table.name not in but:
            ways = [
                _leads(link, name, key, reached[link.column.table.name][1])
                for link in sorted(table.foreign_keys, key=lambda foreign_key: foreign_key.parent.name)
                if link.column.table.name in reached
            ]
            if ways:
                reached[table.name] = (table, or_(*ways))
    return list(reached.values())


def _leads(link: ForeignKey, name: str, key: str, beyond: ColumnElement[bool]) -> ColumnElement[bool]:
    if link.column.table.name == name and link.column.name == "id":
        return link.parent == key
    return link.parent.in_(select(link.column).where(beyond))


def left_of(column: Column[Any]) -> Any:
    """What stands in a sealed column once its row is erased: what it says itself, else nothing.

    Where a check of the table asks for something, that is empty.
    """
    if _LEFT in column.info:
        return column.info[_LEFT]
    checked = any(
        isinstance(constraint, CheckConstraint) and re.search(rf"\b{column.name}\b", str(constraint.sqltext))
        for constraint in column.table.constraints
    )
    if column.nullable and not checked:
        return None
    return b"" if isinstance(column.type, EncryptedBytes) else ""


def list_beside(keys: Path) -> Path:
    """Where an installation with this key file keeps its list."""
    return keys.with_name(NAME)


def note_erased(path: Path, erased: Sequence[Erased]) -> None:
    """Add to the list and wait until the disk has it; call it before the transaction that erases ends.

    A line too many erases once more what was to be erased anyway; a line too few brings a person back.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(asdict(erasure) | {"at": erasure.at.isoformat()}) + "\n" for erasure in erased]
    descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o600)
        file.write("".join(lines))
        file.flush()
        os.fsync(descriptor)


def read_erased(path: Path) -> list[Erased]:
    """What stands in the list, in its order; nothing where there is no list yet.

    A last line that a power cut left half written was never answered for and is left out.

    Raises
    ------
    MissingPart
        A line can't be read: a restore must not go on without it.
    """
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    entries = []
    for number, line in enumerate(lines[:-1], start=1):
        if line.strip():
            entries.append(_read(line, number, path.name))
    return entries


def _read(line: str, number: int, name: str) -> Erased:
    try:
        known = json.loads(line)
        at = datetime.fromisoformat(known["at"])
        columns = tuple(str(column) for column in known["columns"])
        return Erased(table=str(known["table"]), id=str(known["id"]), at=at, columns=columns)
    except (ValueError, KeyError, TypeError):
        said = say(
            "{name}, line {number}, can't be read: what was erased would come back", name=name, number=number
        )
        raise MissingPart(said) from None
