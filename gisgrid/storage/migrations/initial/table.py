"""One table of the first revision: its columns, and constraints that are named as everywhere here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

ID: Final = sa.String(36)
INSTANT: Final = sa.DateTime(timezone=True)
SEALED_LATER: Final = sa.LargeBinary().with_variant(sa.Text(), "sqlite")
"""Texts that were sealed after the column was made: SQLite keeps bytes as they are in a column of text."""

_REFERS: Final = "refers"


def key() -> sa.Column[str]:
    """The id of a row."""
    return sa.Column("id", ID, nullable=False)


def reference(
    name: str, to: str, kind: sa.types.TypeEngine[Any] = ID, *, nullable: bool = True
) -> sa.Column[Any]:
    """A column that points to the id of a table, or to the column that is named behind a dot."""
    return sa.Column(name, kind, nullable=nullable, info={_REFERS: to if "." in to else f"{to}.id"})


@dataclass(frozen=True, slots=True)
class NewTable:
    """A table to be made: constraints and indexes by their names, checks by the end of theirs.

    ``unique_indexes`` give the columns and the condition for rows that count.
    """

    name: str
    columns: Sequence[sa.Column[Any]]
    primary_key: Sequence[str] = ("id",)
    checks: Mapping[str, str] = field(default_factory=dict)
    unique: Mapping[str, Sequence[str]] = field(default_factory=dict)
    indexes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unique_indexes: Mapping[str, tuple[Sequence[str], str | None]] = field(default_factory=dict)

    def create(self) -> None:
        """Make the table and its indexes."""
        op.create_table(self.name, *self.columns, *self._constraints())
        for name, columns in self.indexes.items():
            op.create_index(op.f(name), self.name, columns)
        for name, (columns, condition) in self.unique_indexes.items():
            where = sa.text(condition) if condition else None
            op.create_index(
                op.f(name), self.name, columns, unique=True, sqlite_where=where, postgresql_where=where
            )

    def _constraints(self) -> Iterator[sa.Constraint]:
        for column in self.columns:
            target = column.info.get(_REFERS)
            if target:
                name = f"fk_{self.name}_{column.name}_{target.partition('.')[0]}"
                yield sa.ForeignKeyConstraint([column.name], [target], name=op.f(name))
        yield sa.PrimaryKeyConstraint(*self.primary_key, name=op.f(f"pk_{self.name}"))
        for name, columns in self.unique.items():
            yield sa.UniqueConstraint(*columns, name=op.f(name))
        for name, condition in self.checks.items():
            yield sa.CheckConstraint(condition, name=op.f(f"ck_{self.name}_{name}"))
