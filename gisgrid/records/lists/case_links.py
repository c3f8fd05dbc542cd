"""Cases and records that belong together: by the number of the case among a record's answers.

The number is the only link and is sealed with the answers, so that an erasure or a withdrawal takes it too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
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
from gisgrid.records.core.record_models import GONE
from gisgrid.records.lists.lines import KeptRow, RecordLine, kept_rows, lines_of
from gisgrid.records.lists.openings import require_reading
from gisgrid.records.lists.queries import NEWEST, RecordFilter, listed

CASE_NUMBER: Final = "case_number"
"""What a question is called whose answer is the number of a case."""
_APART: Final = timedelta(days=31)
_GRIDS: Final = frozenset({Role.MEMBER, Role.STAFF, Role.LOCAL})


class LinkedCase(TypedDict):
    """A case that a record names, to who may open it."""

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
    return {
        case.number: LinkedCase(
            id=case.id, number=case.number, state=case.state, is_ended=case.state in ENDED_STATES
        )
        for case in view.session.scalars(statement)
    }


def number_in(answers: Mapping[str, Any]) -> str:
    """The number of a case among answers, or nothing."""
    number = answers.get(CASE_NUMBER)
    return number.strip() if isinstance(number, str) else ""


def records_of_case(view: View, case_id: str, *, now: datetime) -> list[RecordLine]:
    """The records that name a case, of a month before it was reported to a month after, the newest first.

    To members and staff of the grids of their subjects; others learn of none here, since which record names
    a case is one of its answers. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role opens no records.
    NotFound
        No such case within the actor's scope.
    """
    require_reading(view.actor)
    case = case_within(view, case_id, lock=False)
    rows = _naming(view, case) if view.actor.role in _GRIDS else []
    record(view.session, view.actor, "records:list", "case", now=now, object_id=case.id, count=len(rows))
    return lines_of(view, rows, is_shown=True)


def _naming(view: View, case: Case) -> list[KeptRow]:
    statement = listed(view, RecordFilter(), _around(view, case)).order_by(*NEWEST)
    rows = [row for row in kept_rows(view, statement) if row.record.answers != GONE]
    return [row for row in rows if number_in(json.loads(row.record.answers)) == case.number]


def _around(view: View, case: Case) -> Period:
    day = day_of(case.reported_at, view.tz)
    last = min(day + _APART, view.when.day)
    return period(min(day - _APART, last), last, today=view.when.day, tz=view.tz)
