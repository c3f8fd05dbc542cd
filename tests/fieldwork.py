"""Forms and records for tests, row by row: whoever tests a service uses the services."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gisgrid.days import day_of
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Household
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import Record, RecordPhoto
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.subjects import subject_columns
from gisgrid.storage.base import new_id
from tests.world import TZ


def add_form(session: Session, code: str = "elder_visit", *, at: datetime, subject: str = "person") -> str:
    """A form with one published version without questions; the version's id."""
    form = FieldForm(id=new_id(), code=code, subject=subject, purpose="elder_visits")
    session.add(form)
    session.flush()
    version = FormVersion(
        id=new_id(),
        form_id=form.id,
        number=1,
        state="published",
        workbook=b"workbook",
        sha256="0" * 64,
        tree={},
        languages=["zh"],
        uploaded_at=at,
        published_at=at,
    )
    session.add(version)
    session.flush()
    return version.id


def add_record(
    session: Session, version: str, subject: str, *, at: datetime, kind: str = "person", **values: Any
) -> Record:
    """A record about a person or a household."""
    home = session.get(Resident, subject).household_id if kind == "person" else subject  # type: ignore[union-attr]
    household = session.query(Household).filter(Household.id == home).one()
    form = session.get_one(FieldForm, session.get_one(FormVersion, version).form_id)
    record = Record(
        id=values.pop("id", new_id()),
        **subject_columns(SubjectKind(kind), subject),
        form_version_id=version,
        form_code=form.code,
        community_id=household.community_id,
        cell_id=household.cell_id,
        day=day_of(at, TZ),
        filled_at=at,
        received_at=at,
        answers=json.dumps(values.pop("answers", {"met": "yes"})),
        marks=json.dumps(values.pop("marks", {"met": True})),
        sent="x",
        **values,
    )
    session.add(record)
    session.flush()
    return record


def add_photo(session: Session, record: str, *, at: datetime, resident: str | None = None) -> RecordPhoto:
    """A photo of a record."""
    photo = RecordPhoto(
        id=new_id(),
        record_id=record,
        resident_id=resident,
        question="photo",
        at=at,
        digest="0" * 64,
        width=2,
        height=2,
        picture=b"picture",
        thumbnail=b"small",
    )
    session.add(photo)
    session.flush()
    return photo
