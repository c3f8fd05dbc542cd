"""Backups that an earlier version made, kept beside their ``db hash``, restore to the same content.

Both were made on 1 December 2026 at commit e0c1e70, whose tables had come there step by step: a small world
with a row in nearly every table, on SpatiaLite and on PostGIS. The keys are those of the tests.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import delete, select

from gisgrid.access.models import Account, AuditEntry
from gisgrid.areas.models import CommunityState
from gisgrid.cases.core.models import Case
from gisgrid.people.core.models import Resident
from gisgrid.storage import migrate
from gisgrid.storage.append_only import allowed_to_shrink
from gisgrid.storage.content.reader import rows_of
from gisgrid.storage.engine import Database
from gisgrid.upkeep.archive import opened
from gisgrid.upkeep.backup import content_of
from tests.gisgrid.upkeep.test_backup import bring_back

KEPT = Path(__file__).with_name("backups")
WIDER = {"appraisal_rule", "household", "resident"}
"""Tables that have had more columns since."""
NEWER = {
    *("door_note", "duplicate_decision", "field_clash", "register_edit"),
    *("form", "form_version", "outward_approval", "outward_form", "outward_run", "record", "record_field"),
    *("device", "need_service", "record_photo", "round", "round_subject", "task_note", "task_rule"),
}


def as_it_was(database: Database, file: Path) -> None:
    """Take back what a restore changes by design: its entry, and versions that end sessions and caches."""
    with opened(file) as archive:
        notes = {note.form.name: note for note in archive.manifest().tables}
        rows = {
            model: [
                dict(zip(notes[model.__tablename__].form.names, row, strict=True))
                for row in archive.rows(notes[model.__tablename__])
            ]
            for model in (Account, CommunityState)
        }
    with database.write() as session, allowed_to_shrink(session.connection()):
        session.execute(delete(AuditEntry).where(AuditEntry.action == "database:restore"))
        for row in rows[Account]:
            of = sa.update(Account).where(Account.id == row["id"])
            session.execute(of.values(session_version=row["session_version"]))
        for row in rows[CommunityState]:
            of = sa.update(CommunityState).where(CommunityState.community_id == row["community_id"])
            session.execute(of.values(data_version=row["data_version"]))


@pytest.mark.parametrize("made_on", ["spatialite", "postgis"])
def test_a_kept_backup_restores_to_the_hash_that_was_noted_beside_it(
    database: Database, tmp_path: Path, now: datetime, made_on: str
) -> None:
    noted: dict[str, Any] = json.loads((KEPT / f"made-on-{made_on}.json").read_text())
    file = tmp_path / "kept.zip"  # the list of erasures lies beside it
    file.write_bytes((KEPT / f"made-on-{made_on}.zip").read_bytes())
    done = bring_back(database, file, now)
    assert (done.rows, done.head, done.names_lost) == (noted["rows"], noted["head"], 0)
    restored = content_of(database)
    changed = {"account", "community_state", "audit_entry"}
    told = {name: table["hash"] for name, table in noted["tables"].items() if name not in WIDER}
    assert {name for name in told if restored.tables[name] != told[name]} == changed
    assert set(restored.tables) - set(told) == WIDER | NEWER
    as_it_was(database, file)
    content = content_of(database)
    assert {name: content.tables[name] for name in told} == told
    assert content.head == migrate.newest()
    with opened(file) as archive, database.snapshot() as connection:
        wider = [note for note in archive.manifest().tables if note.form.name in WIDER]
        assert len(wider) == len(WIDER)
        for note in wider:
            assert [*map(list, rows_of(connection, note.form))] == list(archive.rows(note))
    with database.read() as session:  # and its keys open what is sealed
        assert "示例甲" in session.scalars(select(Resident.name)).all()
        assert session.scalars(select(Case.description)).all() == ["x"]
