"""A round once more, one subject at a time from plain rows. Slow: it is the oracle."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.forms.expressions.evaluation import holds
from gisgrid.forms.expressions.functions import EvaluationContext
from gisgrid.forms.expressions.values import day_of as day_value
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Household
from gisgrid.records.core.record_models import Record
from tests.gisgrid.records.slow_work import Clerk, parsed


def slow_choice(clerk: Clerk, table: Any, who: str | None) -> set[str]:
    """Ids of those who stand there today and for whom a choice holds."""
    ids = set()
    for subject in clerk.all(table):
        if clerk.is_there(subject, clerk.today):
            continue
        if isinstance(subject, Resident) and (subject.erased_at or subject.residence_status == "absent"):
            continue
        context = EvaluationContext(values=clerk.facts(subject, clerk.today), today=day_value(clerk.today))
        if who is None or holds(parsed(who), context):
            ids.add(subject.id)
    return ids


def slow_line(clerk: Clerk, subject: Any, form: str, first: date) -> tuple[str | None, date | None]:
    """Why a subject is excused today, or else on which day it was done."""
    done = slow_day(clerk.session, subject, form, first)
    excuse = slow_excuse(clerk, subject, form)
    if excuse in {"erased", "refused"} or (excuse is not None and done is None):
        return excuse, None
    return None, done


def slow_excuse(clerk: Clerk, subject: Any, form: str) -> str | None:
    home = clerk.home(subject)
    person = subject if isinstance(subject, Resident) else None
    if person is not None and person.erased_at is not None:
        return "erased"
    if any(row.lived_to is not None and row.lived_to <= clerk.today for row in {home, subject}):
        return "moved"
    if clerk.is_refused(clerk.today, clerk.purposes[form], home, person):
        return "refused"
    return "vacant" if home.kind == "vacant" else None


def slow_day(session: Session, subject: Any, form: str, first: date) -> date | None:
    key = "household_id" if isinstance(subject, Household) else "resident_id"
    rows = [
        row
        for row in session.scalars(select(Record).where(Record.form_code == form))
        if getattr(row, key) == subject.id
    ]
    by_id = {row.id: row for row in rows}
    days = []
    for row in rows:
        if any(other.corrects_id == row.id for other in rows) or row.redacted_at or row.met is False:
            continue
        root = row
        while root.corrects_id:
            root = by_id[root.corrects_id]
        if root.day >= first:
            days.append(root.day)
    return min(days, default=None)
