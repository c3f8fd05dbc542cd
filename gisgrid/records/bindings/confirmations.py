"""When a field of the register was confirmed or written by a record last, and whether it is fresh still."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final, TypeAlias

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.days import day_of
from gisgrid.people.edits.fields import FieldSubject
from gisgrid.places.import_rows import batches
from gisgrid.records.bindings.questions import Binding
from gisgrid.records.core.record_models import RecordField
from gisgrid.records.core.rules import FieldBecame

CONFIRMING: Final = frozenset({FieldBecame.CONFIRMED, FieldBecame.WRITTEN})
"""What of an answer makes the register's value one that somebody said that day."""
Confirmations: TypeAlias = Mapping[tuple[str, str], datetime]
"""When a field was confirmed last, by the id of its household or person and the field's code."""


def confirmations(session: Session, kind: FieldSubject, subjects: Iterable[str]) -> Confirmations:
    """When each field of some households, or of some people, was confirmed or written by a record last."""
    key: Any = RecordField.household_id if kind == FieldSubject.HOUSEHOLD else RecordField.resident_id
    confirmed: dict[tuple[str, str], datetime] = {}
    for few in batches(sorted(set(subjects))):
        statement = (
            select(key, RecordField.field, func.max(RecordField.at))
            .where(key.in_(few), RecordField.became.in_(CONFIRMING))
            .group_by(key, RecordField.field)
        )
        confirmed |= {(row[0], row[1]): row[2] for row in session.execute(statement)}
    return confirmed


def is_fresh(binding: Binding, confirmed: datetime | None, today: date, tz: tzinfo) -> bool:
    """Whether a value is only shown to be confirmed, and not asked again (最多报一次)."""
    if confirmed is None:
        return False
    return today < day_of(confirmed, tz) + timedelta(days=binding.fresh_days)
