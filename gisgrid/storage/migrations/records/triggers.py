"""What only grows: records but for their sealed values, and versions of forms once they are published."""

from __future__ import annotations

from typing import Final

from alembic import op

from gisgrid.storage.migrations.initial.triggers import is_sqlite

_RECORD: Final = (
    "id, subject, resident_id, household_id, building_id, area_id, case_id, worker_id, account_id, facility_id, "
    "form_version_id, form_code, community_id, cell_id, parent_id, day, is_day_doubtful, filled_at, "
    "received_at, author_account_id, author_worker_id, corrects_id, met, task_key, round_id"
)
_VERSION: Final = "form_id, number, workbook, sha256, tree, languages, uploaded_at, uploaded_by, id"
_RULES: Final = (
    ("record", "kept", "DELETE", ""),
    ("record", "fixed", f"UPDATE OF {_RECORD}", ""),
    ("form_version", "kept", "DELETE", "WHEN (OLD.state <> 'draft')"),
    ("form_version", "fixed", f"UPDATE OF {_VERSION}", "WHEN (OLD.state <> 'draft')"),
)
"""Table, name, what is refused and when."""


def create_triggers() -> None:
    """Refuse what would change a record or a published version."""
    if not is_sqlite():
        _create_functions()
    for table, name, event, when in _RULES:
        if is_sqlite():
            refusal = f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
            op.execute(f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} {when} {refusal}")
        else:
            refusal = f"FOR EACH ROW {when} EXECUTE FUNCTION {table}_only_grows()"
            op.execute(f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} {refusal}")


def drop_functions() -> None:
    """Take away what PostGIS keeps when the tables are gone."""
    if not is_sqlite():
        for table in ("record", "form_version"):
            op.execute(f"DROP FUNCTION {table}_only_grows()")


def _create_functions() -> None:
    for table in ("record", "form_version"):
        said = f"RAISE EXCEPTION '{table} only grows' USING ERRCODE = 'integrity_constraint_violation'"
        body = f"$$ BEGIN {said}; END $$"
        op.execute(f"CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS {body}")
        on = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()"
        op.execute(f"CREATE TRIGGER {table}_emptied {on}")
