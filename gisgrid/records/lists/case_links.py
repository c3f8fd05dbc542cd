"""Cases and records that belong together: the case arose from the record, or the record names its number.

The number is sealed with the answers, so that an erasure or a withdrawal takes it too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.scope import case_within, opened_cases
from gisgrid.cases.core.workflow import ENDED_STATES
from gisgrid.days import Period, day_of, period
from gisgrid.records.core.record_models import GONE, Record
from gisgrid.records.core.validity import is_valid
from gisgrid.records.lists.case_origins import cases_arisen, origin_of
from gisgrid.records.lists.lines import KeptRow, RecordLine, kept_rows, lines_of
from gisgrid.records.lists.openings import require_reading
from gisgrid.records.lists.queries import NEWEST, RecordFilter, listed
from gisgrid.records.lists.scope import is_agreed_to, record_rows, visible_records

CASE_NUMBER: Final = "case_number"
"""What a question is called whose answer is the number of a case."""
_APART: Final = timedelta(days=31)
_GRIDS: Final = frozenset({Role.MEMBER, Role.STAFF, Role.LOCAL})


class LinkedCase(TypedDict):
    """A case that arose from a record or that it names, to who may open it."""

    id: str
    number: str
    state: str
    is_ended: bool


def cases_of(view: View, numbers: Iterable[str]) -> Mapping[str, LinkedCase]:
    """The cases with some numbers that the account may open, by number."""
    wanted = {number.strip() for number in numbers if number.strip()}
    if not wanted:
        return {}
    statement = select(Case).where(Case.number.in_(wanted), opened_cases(view))
    return {case.number: _linked(case) for case in view.session.scalars(statement)}


def _linked(case: Case) -> LinkedCase:
    ended = case.state in ENDED_STATES
    return LinkedCase(id=case.id, number=case.number, state=case.state, is_ended=ended)


def cases_linked(
    view: View, rows: Sequence[Record], answers: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, list[LinkedCase]]:
    """By record, the cases that the account may open: that it names, then those that arose from it.

    ``answers`` are those the account may read, by record.
    """
    numbers = {record_id: number_in(answered) for record_id, answered in answers.items()}
    named, arisen = cases_of(view, numbers.values()), cases_arisen(view, rows)
    linked: dict[str, list[LinkedCase]] = {}
    for row in rows:
        cases = [named[numbers[row.id]]] if numbers.get(row.id) in named else []
        known = {case["id"] for case in cases}
        cases += [_linked(case) for case in arisen.get(row.id, ()) if case.id not in known]
        if cases:
            linked[row.id] = cases
    return linked


def number_in(answers: Mapping[str, Any]) -> str:
    """The number of a case among answers, or nothing."""
    number = answers.get(CASE_NUMBER)
    return number.strip() if isinstance(number, str) else ""


def records_of_case(view: View, case_id: str, *, now: datetime) -> list[RecordLine]:
    """The records that a case arose from or that name it, the newest first. Leaves one audit entry.

    Which record it arose from is told to who lists that record, heads with masked names. Which name it, of a
    month before it was reported to a month after, is told to members and staff of the grids of their subjects
    alone: the number is an answer.

    Raises
    ------
    NotAllowed
        The role opens no records.
    NotFound
        No such case within the actor's scope.
    """
    require_reading(view.actor)
    case = case_within(view, case_id, lock=False)
    rows = _linking(view, case)
    record(view.session, view.actor, "records:list", "case", now=now, object_id=case.id, count=len(rows))
    return lines_of(view, rows, is_shown=view.actor.role in _GRIDS)


def _linking(view: View, case: Case) -> list[KeptRow]:
    origin = origin_of(view.session, case)
    own = record_rows().where(visible_records(view), is_agreed_to(), is_valid(), Record.id.in_(origin))
    rows = kept_rows(view, own) if origin else []
    if view.actor.role in _GRIDS:
        rows += [row for row in _naming(view, case) if row.record.id not in origin]
    return sorted(rows, key=lambda row: (row.record.day, row.record.filled_at, row.record.id), reverse=True)


def _naming(view: View, case: Case) -> list[KeptRow]:
    statement = listed(view, RecordFilter(), _around(view, case)).order_by(*NEWEST)
    rows = [row for row in kept_rows(view, statement) if row.record.answers != GONE]
    return [row for row in rows if number_in(json.loads(row.record.answers)) == case.number]


def _around(view: View, case: Case) -> Period:
    day = day_of(case.reported_at, view.tz)
    last = min(day + _APART, view.when.day)
    return period(min(day - _APART, last), last, today=view.when.day, tz=view.tz)
