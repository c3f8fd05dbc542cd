"""What hangs on an imported row is counted wherever the database says that it does."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from gisgrid.access.imports import data_columns
from gisgrid.areas.models import Area, AreaName, Revision, UnitCell
from gisgrid.cases.core.models import Case, Category
from gisgrid.imports.dependents import NAMED, count_using
from gisgrid.imports.undo_rows import IMPORTED
from gisgrid.people.core.models import Consent, Resident
from gisgrid.places.models import Building, Facility, Household
from gisgrid.storage.base import Base
from gisgrid.storage.engine import Database

OTHERS = {
    *("appraisal_appeal", "appraisal_rule", "area_lineage", "area_outline", "area_parent"),
    *("assigned_visitor", "background_image", "calendar_day", "case_co_handler", "case_errand"),
    *("case_follower", "case_log", "case_notice", "case_photo", "cell_lineage", "cell_membership"),
    *("community_state", "data_request", "dispute", "dispute_entry", "dispute_rules", "erased_count"),
    *("erasure_request", "evaluation_sample", "external_mark", "idempotency_key", "import_columns"),
    *("import_run", "landscape", "level_version", "limit_version", "mediator", "need", "norm"),
    *("form", "outward_approval", "outward_form", "outward_run", "record_field", "record_photo", "round"),
    *(
        "device",
        "door_note",
        "duplicate_decision",
        "task_rule",
        "proposal_job",
        "revision",
        "unit_cell",
        "webhook",
        "withdrawn_revision",
        "worker_skill",
    ),
}
"""Tables whose rows are told as other records where they hang on an import."""

TABLES: list[type[Base]] = [*IMPORTED.values(), Area, UnitCell]


def pointing_at(database: Database) -> dict[str, set[str]]:
    """For each table of the migrated database those with a foreign key to it, as the database tells them."""
    found: dict[str, set[str]] = {}
    inspector = sa.inspect(database.engine)
    for name in inspector.get_table_names():
        for key in inspector.get_foreign_keys(name):
            found.setdefault(key["referred_table"], set()).add(name)
    return found


def test_every_foreign_key_to_what_is_imported_is_counted(database: Database) -> None:
    pointing = pointing_at(database)
    with database.read() as session:
        for table in TABLES:
            asked = count_using(session, table, ["nothing"], beside=frozenset())
            assert asked.keys() == pointing.get(table.__tablename__, set()), table


def test_whoever_adds_a_table_that_hangs_on_imports_says_what_its_rows_are_called(database: Database) -> None:
    pointing = pointing_at(database)
    hanging = {name for table in TABLES for name in pointing.get(table.__tablename__, ())}
    assert hanging - NAMED.keys() == OTHERS


@pytest.mark.parametrize(
    ("table", "left_out"),
    [
        (Building, {"id", "fid", "cell_id"}),
        (Household, {"id", "fid", "cell_id"}),
        (Facility, {"id", "fid", "cell_id"}),
        (Case, {"id", "fid", "cell_id", "is_on_border", "near_border_m", "escalated", "escalates_at"}),
        (Resident, {"id", "phone_digest"}),
        *((table, {"id"}) for table in (Consent, Area, AreaName, Revision)),
        (Category, set()),
    ],
)
def test_what_an_import_left_is_told_by_all_but_what_others_set(
    table: type[Base], left_out: set[str]
) -> None:
    assert data_columns(table) == sorted({column.name for column in table.__table__.columns} - left_out)
