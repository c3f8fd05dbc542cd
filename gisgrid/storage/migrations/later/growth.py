"""What only grows: records but for their sealed values, and versions of forms once they are published."""

from __future__ import annotations

from typing import Final

from alembic import op

from gisgrid.storage.migrations.initial.triggers import drop_growth, is_sqlite, refuse_changes

_RECORD: Final = (
    "id, subject, resident_id, household_id, building_id, area_id, case_id, worker_id, account_id, facility_id, "
    "form_version_id, form_code, community_id, cell_id, parent_id, day, is_day_doubtful, filled_at, "
    "received_at, author_account_id, author_worker_id, corrects_id, met, task_key, round_id"
)
_VERSION: Final = "form_id, number, workbook, sha256, tree, languages, uploaded_at, uploaded_by, id"


def create_triggers() -> None:
    """Refuse what would change a record, or a version of a form that is no draft any more."""
    refuse_changes("record", _RECORD)
    if not is_sqlite():
        _create_function()
    for name, event in (("kept", "DELETE"), ("fixed", f"UPDATE OF {_VERSION}")):
        on = f"CREATE TRIGGER form_version_{name} BEFORE {event} ON form_version"
        if is_sqlite():
            refusal = "BEGIN SELECT RAISE(ABORT, 'form_version only grows'); END"
            op.execute(f"{on} WHEN OLD.state <> 'draft' {refusal}")
        else:
            refusal = "EXECUTE FUNCTION form_version_only_grows()"
            op.execute(f"{on} FOR EACH ROW WHEN (OLD.state <> 'draft') {refusal}")


def drop_functions() -> None:
    """Take away what PostGIS keeps when the tables are gone."""
    drop_growth("record")
    drop_growth("form_version")


def _create_function() -> None:
    said = "RAISE EXCEPTION 'form_version only grows' USING ERRCODE = 'integrity_constraint_violation'"
    body = f"$$ BEGIN {said}; END $$"
    op.execute(f"CREATE FUNCTION form_version_only_grows() RETURNS trigger LANGUAGE plpgsql AS {body}")
    execute = "EXECUTE FUNCTION form_version_only_grows()"
    op.execute(
        f"CREATE TRIGGER form_version_emptied BEFORE TRUNCATE ON form_version FOR EACH STATEMENT {execute}"
    )
