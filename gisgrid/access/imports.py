"""What an import did, kept row by row, so that the whole of it can be taken back.

Former values are sealed like every personal field, and kept for thirty days only.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import shapely
from geoalchemy2 import Geometry
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Date, delete, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import KeyedColumnElement

from gisgrid.access.actors import Actor
from gisgrid.access.keys.blind_index import Digests, key_ring
from gisgrid.access.models import ImportChange, ImportRun
from gisgrid.storage.base import DERIVED, Base, new_id
from gisgrid.storage.types import UtcDateTime

UNDO_DAYS: Final = 30
"""How long an import can be taken back; after that its former values are forgotten."""
FORGOTTEN: Final = ""
"""Stands for former values that must be known no more: what they belong to can't be taken back."""

_AT_ONCE: Final = 2000
_PURPOSE: Final = "import changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSource:
    """The file of an import: its name without folder, and the SHA-256 of its bytes in hex.

    ``import_id`` is the id its record shall have; without it, a new one.
    """

    kind: str
    file_name: str
    sha256: str
    import_id: str | None = None


class ImportNotes:
    """Notes what an import makes and changes, in its own transaction, in batches."""

    def __init__(self, session: Session, run: ImportRun) -> None:
        self.session, self.run = session, run
        self._digests = Digests(key_ring(session), _PURPOSE)

    def made(self, table: type[Base], rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows that were inserted, with their ids; missing columns have their default, or are null."""
        key, given = key_of(table).name, _defaults(table)
        self._write(table, ((row[key], None, {**given, **row}) for row in rows))

    def made_now(self, table: type[Base], keys: Iterable[str]) -> None:
        """Rows that were inserted, by their ids, as they stand in the transaction."""
        wanted = list(keys)
        for start in range(0, len(wanted), _AT_ONCE):
            few = key_of(table).in_(wanted[start : start + _AT_ONCE])
            result = self.session.execute(select(*table.__table__.columns).where(few).order_by(key_of(table)))
            self.made(table, [{str(name): value for name, value in row.items()} for row in result.mappings()])

    def changed(
        self,
        table: type[Base],
        changes: Iterable[tuple[str, Mapping[str, Any], Mapping[str, Any]]],
        *,
        forgets: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        """Rows that were updated: id, all values as they were, and the columns that changed.

        ``forgets``: by id, columns whose former values must be known no more.
        """
        gone = forgets or {}
        self._write(
            table,
            (
                (
                    object_id,
                    {name: stored[name] for name in fresh if name not in gone.get(object_id, ())},
                    {**stored, **fresh},
                )
                for object_id, stored, fresh in changes
            ),
        )

    def _write(
        self,
        table: type[Base],
        rows: Iterable[tuple[str, Mapping[str, Any] | None, Mapping[str, Any]]],
    ) -> None:
        known = data_columns(table)
        notes = [
            {
                "import_id": self.run.id,
                "object_kind": table.__tablename__,
                "object_id": object_id,
                "before": None if before is None else as_text(before),
                "after": self._digests.current(_parts(known, after)),
            }
            for object_id, before, after in rows
        ]
        if notes:
            # Without nulls, rows that were made and rows that were changed would be two statements.
            self.session.execute(insert(ImportChange).execution_options(render_nulls=True), notes)

    def is_as_left(self, table: type[Base], values: Mapping[str, Any], after: str) -> bool:
        """Whether a row still has the values an import left it with."""
        return self._digests.is_of(after, _parts(data_columns(table), values))


def begin_import(
    session: Session, actor: Actor, source: ImportSource, *, community_id: str | None, at: datetime
) -> ImportNotes:
    """Open the record of an import in the transaction that does it; old former values are forgotten."""
    old = select(ImportRun.id).where(ImportRun.at < at - timedelta(days=UNDO_DAYS))
    session.execute(
        delete(ImportChange)
        .where(ImportChange.import_id.in_(old))
        .execution_options(synchronize_session=False)
    )
    run = ImportRun(
        id=source.import_id or new_id(),
        community_id=community_id,
        account_id=actor.account_id,
        operator=actor.operator,
        at=at,
        kind=source.kind,
        file_name=source.file_name[:255],
        sha256=source.sha256,
        counts={},
    )
    session.add(run)
    session.flush()
    return ImportNotes(session, run)


def forget_former(session: Session, object_ids: Sequence[str]) -> None:
    """Blank what objects were before imports, where it must be known no more; those imports stay."""
    for start in range(0, len(object_ids), _AT_ONCE):
        ids = object_ids[start : start + _AT_ONCE]
        session.execute(
            update(ImportChange)
            .where(ImportChange.object_id.in_(ids), ImportChange.before.is_not(None))
            .values(before=FORGOTTEN)
            .execution_options(synchronize_session=False)
        )


def key_of(table: type[Base]) -> KeyedColumnElement[Any]:
    """The column an import names the rows of a table by: their public id, else the code they go by."""
    columns = table.__table__.columns
    return columns["id"] if "id" in columns else columns["code"]


def _defaults(table: type[Base]) -> dict[str, Any]:
    columns = table.__table__.columns
    return {
        column.name: column.default.arg
        for column in columns
        if column.default is not None and column.default.is_scalar
    }


def data_columns(table: type[Base]) -> list[str]:
    """The columns of a table that say something of the object itself, by name."""
    return sorted(
        column.name for column in table.__table__.columns if not DERIVED.items() <= column.info.items()
    )


def _parts(columns: Sequence[str], values: Mapping[str, Any]) -> list[str]:
    return [json.dumps([_plain(values.get(name)) for name in columns], ensure_ascii=False, sort_keys=True)]


def as_text(values: Mapping[str, Any]) -> str:
    """Values of a row as JSON: geometries as WKB in hex, instants in UTC, days as ISO."""
    return json.dumps({name: _plain(value) for name, value in values.items()}, ensure_ascii=False)


_AS_IT_IS: Final = frozenset({str, int, float, bool, type(None)})


def _plain(value: Any) -> Any:
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, BaseGeometry):
        return shapely.to_wkb(value, hex=True, include_srid=False)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def from_text(table: type[Base], text: str) -> dict[str, Any]:
    """The values of :func:`as_text` again, as the columns of the table take them: of any table."""
    columns = table.__table__.columns
    return {name: _value(columns[name].type, value) for name, value in json.loads(text).items()}


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, Geometry):
        return shapely.from_wkb(value)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return value
