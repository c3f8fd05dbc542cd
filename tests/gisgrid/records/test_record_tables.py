"""What the database itself refuses of forms and records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import GONE, Record
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.subjects import KEYS, subject_columns, subject_id_of
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import fieldwork, world


def make_record(session: Session, now: datetime, **values: Any) -> Record:
    made = world.found(session)
    home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
    person = world.add_resident(session, home, date(1940, 1, 1))
    version = fieldwork.add_form(session, at=now)
    return fieldwork.add_record(session, version, person.id, at=now, **values)


@pytest.mark.parametrize(
    "change",
    [
        lambda: update(Record).values(day=date(2026, 1, 1)),
        lambda: update(Record).values(met=True),
        lambda: update(Record).values(resident_id=None, subject="community"),
        lambda: delete(Record),
        lambda: update(FormVersion).values(tree={"code": "other"}),
        lambda: update(FormVersion).values(workbook=b"other"),
        lambda: delete(FormVersion),
    ],
)
def test_records_and_published_versions_only_grow(
    database: Database, now: datetime, change: Callable[[], Any]
) -> None:
    with database.write() as session:
        make_record(session, now)
    with pytest.raises(DBAPIError, match="only grows"), database.write() as session:
        session.execute(change())


def test_what_is_sealed_may_be_blanked_and_a_version_retired(database: Database, now: datetime) -> None:
    with database.write() as session:
        make_record(session, now)
        session.execute(Record.__table__.update().values(answers=GONE, marks=GONE, sent=GONE))
        session.execute(update(FormVersion).values(state="retired", retired_at=now))
    with database.read() as session:
        assert session.scalars(select(Record.answers)).one() == GONE


def test_a_draft_may_be_changed_and_thrown_away(database: Database, now: datetime) -> None:
    with database.write() as session:
        world.found(session)
        fieldwork.add_form(session, at=now)
        form = session.scalars(select(FieldForm.id)).one()
        row = {"form_id": form, "number": 2, "state": "draft", "workbook": b"", "sha256": "1" * 64}
        session.add(FormVersion(**row, tree={}, languages=[], uploaded_at=now))
        session.flush()
        draft = FormVersion.state == "draft"
        session.execute(update(FormVersion).where(draft).values(tree={"code": "x"}))
        session.execute(delete(FormVersion).where(draft))


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "household"},
        {"subject": "community"},
        {"household_id": "there"},
        {"subject": "household", "resident_id": None},
        {"subject": "weather"},
    ],
)
def test_a_record_is_about_one_thing_of_its_kind(
    database: Database, now: datetime, wrong: dict[str, Any]
) -> None:
    with database.write() as session:
        row = make_record(session, now)
        home = session.scalars(select(Record.community_id)).one()
        values = {column.key: getattr(row, column.key) for column in Record.__table__.columns}
    values |= {"id": new_id(), **wrong}
    if wrong.get("household_id"):
        values["household_id"] = home
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(Record.__table__.insert().values(values))


def test_one_version_is_published_and_one_correction_follows(database: Database, now: datetime) -> None:
    with database.write() as session:
        row = make_record(session, now)
        corrected, version, person = row.id, row.form_version_id, row.resident_id
        fieldwork.add_record(session, version, person, at=now, corrects_id=corrected)
    with pytest.raises(IntegrityError), database.write() as session:
        fieldwork.add_record(session, version, person, at=now, corrects_id=corrected)
    with database.read() as session:
        form = session.scalars(select(FieldForm.id)).one()
    row_2 = {"form_id": form, "number": 2, "state": "published", "workbook": b"", "sha256": "1" * 64}
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(FormVersion(**row_2, tree={}, languages=[], uploaded_at=now, published_at=now))


def test_a_built_in_form_has_its_code_alone(database: Database, now: datetime) -> None:
    with database.write() as session:
        fieldwork.add_form(session, at=now)
    with pytest.raises(IntegrityError), database.write() as session:
        fieldwork.add_form(session, at=now)


@pytest.mark.parametrize("kind", SubjectKind)
def test_each_kind_of_subject_has_its_key_and_is_read_by_it(kind: SubjectKind) -> None:
    row = Record(**subject_columns(kind, "some"))
    named = [key for key in KEYS.values() if getattr(row, key)]
    assert named == ([KEYS[kind]] if kind in KEYS else [])
    assert subject_id_of(row) == (None if kind == SubjectKind.COMMUNITY else "some")
