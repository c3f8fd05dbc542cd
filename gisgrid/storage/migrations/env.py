"""Alembic's environment: the connection is handed over by ``gisgrid.storage.migrate``."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from geoalchemy2 import Geometry, alembic_helpers

from gisgrid.storage.dialect import SPATIALITE_TABLES
from gisgrid.tables import METADATA


def _include_object(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:  # noqa: FBT001
    if name in SPATIALITE_TABLES:
        return False
    included = alembic_helpers.include_object(thing, name, kind, reflected, compare_to)  # type: ignore[no-untyped-call]
    return bool(included)


def _compare_type(context_: Any, _column: Any, _model: Any, found: Any, wanted: Any) -> bool | None:
    is_sqlite = context_.dialect.name == "sqlite"
    if not isinstance(wanted, Geometry):
        # SQLite keeps bytes in a column declared as text: those that were sealed later are still declared so.
        inner = getattr(wanted, "impl_instance", wanted)
        is_kept = is_sqlite and isinstance(found, sa.Text) and isinstance(inner, sa.LargeBinary)
        return False if is_kept else None
    if is_sqlite:  # reflection gives no subtype there; SpatiaLite's triggers check it
        return not isinstance(found, Geometry)
    return bool((found.geometry_type, found.srid) != (wanted.geometry_type, wanted.srid))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_object=_include_object,
    compare_type=_compare_type,
    process_revision_directives=alembic_helpers.writer,
    render_item=alembic_helpers.render_item,
    render_as_batch=False,
)
with context.begin_transaction():
    context.run_migrations()
