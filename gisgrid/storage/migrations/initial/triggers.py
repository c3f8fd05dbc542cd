"""What the database itself sees to beside its tables: the trail and consents only grow; grids are a view."""

from __future__ import annotations

from typing import Final

from alembic import op

_FIXED: Final = {
    "audit_entry": "at, account_id, operator, action, object_kind, object_id, count, fields, details, id",
    "consent": "household_id, resident_id, purpose, status, text_version, asked_at, asked_by, id",
}
"""Columns that no update changes, by table."""

_SEALED: Final = {"audit_entry": "reason"}
"""Sealed columns: they may be sealed anew, but not emptied or filled."""

_REGISTER: Final = """
    INSERT INTO views_geometry_columns
        (view_name, view_geometry, view_rowid, f_table_name, f_geometry_column, read_only)
    VALUES ('current_grid', 'geom', 'fid', 'area_outline', 'geom', 1)
"""


def is_sqlite() -> bool:
    """Whether the database is SpatiaLite."""
    return op.get_bind().dialect.name == "sqlite"


def create_triggers() -> None:
    """Refuse changes of rows that only come."""
    for table, fixed in _FIXED.items():
        refuse_changes(table, fixed)


def refuse_changes(table: str, fixed: str) -> None:
    """Refuse that rows of a table go, or change in some columns."""
    if is_sqlite():
        _refuse_on_sqlite(table, fixed)
    else:
        _refuse_on_postgres(table, fixed)


def drop_triggers() -> None:
    """Take away what PostGIS keeps when the tables are gone."""
    for table in _FIXED:
        drop_growth(table)


def drop_growth(table: str) -> None:
    """Take away what PostGIS keeps when one such table is gone."""
    if not is_sqlite():
        op.execute(f"DROP FUNCTION {table}_only_grows()")


def create_view() -> None:
    """The grids of this moment as one layer, for GIS programs."""
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')" if is_sqlite() else "now()"
    op.execute(f"""CREATE VIEW current_grid AS
        SELECT o.fid AS fid, n.code AS code, n.name AS name, o.geom AS geom
        FROM area a
        JOIN area_outline o ON o.area_id = a.id AND o.valid_from <= {now}
             AND (o.valid_to IS NULL OR o.valid_to > {now})
        JOIN area_name n ON n.area_id = a.id AND n.valid_from <= {now}
             AND (n.valid_to IS NULL OR n.valid_to > {now})
        WHERE a.level = 'grid'
    """)  # noqa: S608 - nothing in it comes from outside
    if is_sqlite():
        op.execute(_REGISTER)


def drop_view() -> None:
    """Take the view away, before its tables."""
    if is_sqlite():
        op.execute("DELETE FROM views_geometry_columns WHERE view_name = 'current_grid'")
    op.execute("DROP VIEW current_grid")


def _refuse_on_sqlite(table: str, fixed: str) -> None:
    refusal = f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
    op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {refusal}")
    op.execute(f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {fixed} ON {table} {refusal}")
    if sealed := _SEALED.get(table):
        lost = f"WHEN (OLD.{sealed} IS NULL) <> (NEW.{sealed} IS NULL)"
        op.execute(f"CREATE TRIGGER {table}_sealed BEFORE UPDATE OF {sealed} ON {table} {lost} {refusal}")


def _refuse_on_postgres(table: str, fixed: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} only grows' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    refusal = f"EXECUTE FUNCTION {table}_only_grows()"
    op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW {refusal}")
    op.execute(f"CREATE TRIGGER {table}_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refusal}")
    op.execute(f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {fixed} ON {table} FOR EACH ROW {refusal}")
    if sealed := _SEALED.get(table):
        lost = f"WHEN ((OLD.{sealed} IS NULL) <> (NEW.{sealed} IS NULL))"
        on = f"BEFORE UPDATE OF {sealed} ON {table} FOR EACH ROW"
        op.execute(f"CREATE TRIGGER {table}_sealed {on} {lost} {refusal}")
