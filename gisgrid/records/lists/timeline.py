"""What was noted of a household and its people, the newest first, when somebody was met last, what waits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final

from pydantic import Field
from sqlalchemy import ColumnElement, Select, or_, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.errors import NotFound
from gisgrid.people.core.models import Resident
from gisgrid.people.core.scope import answerable
from gisgrid.people.edits.openings import is_shown_to
from gisgrid.places.models import Household
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import GONE, Record
from gisgrid.records.core.validity import is_valid
from gisgrid.records.lists.attempts import AttemptLine, attempts_of, refused_purposes
from gisgrid.records.lists.case_links import LinkedCase, cases_linked
from gisgrid.records.lists.lines import KeptRow, RecordLine, kept_rows, lines_of
from gisgrid.records.lists.scope import is_agreed_to, record_rows
from gisgrid.records.work.household_tasks import tasks_of_household
from gisgrid.records.work.queries import WorkRow

_MOST: Final = 200
_SERVING: Final = frozenset({Role.MEMBER, Role.STAFF})
"""Roles that learn of attempts as such; heads have them among the lines, after a reason."""


class LastVisit(TypedDict):
    """The day somebody was met last, and how many days ago that is."""

    day: str
    days: int


class HouseholdRecords(TypedDict):
    """The records of a household and its people; to grid leaders without lines.

    ``is_shown`` is false to heads who gave no reason: then no lines are told.
    """

    household: str
    is_shown: bool
    last_visit: LastVisit | None
    rows: Annotated[list[RecordLine], Field(description="the newest first; residents can't open them")]
    refused: Annotated[list[str], Field(description="purposes of forms to which the household said no")]
    attempts: Annotated[list[AttemptLine], Field(description="after a no, to those who serve it")]
    tasks: Annotated[list[WorkRow], Field(description="open or late, whoever has them")]
    cases: Annotated[
        Mapping[str, list[LinkedCase]],
        Field(description="by record, that arose from it or that it names, as far as they are opened"),
    ]


def records_of_household(
    view: View, household_id: str, *, reason: str | None = None, now: datetime
) -> HouseholdRecords:
    """The newest 200 records of a household, the last visit, and what waits. Leaves one audit entry.

    What nobody agrees to any more is told to the household itself, and to heads after a reason; who serves
    the household learns to what it said no, and on which days somebody came since. Grid leaders learn the day
    of the last visit alone, residents nothing of tasks.

    Raises
    ------
    NotAllowed
        The role sees no records.
    NotFound
        No such household within the actor's scope.
    """
    require(view.actor, Action.RECORDS_VIEW)
    household = view.session.scalar(select(Household).where(Household.id == household_id, _known(view)))
    if household is None:
        raise NotFound("no such household")
    is_shown = is_shown_to(view, reason)
    has_lines = is_shown and view.actor.role != Role.GRID_LEADER
    serves = has_lines and view.actor.role != Role.RESIDENT
    own = _of(view, household)
    rows = kept_rows(view, _newest(view, own)) if has_lines else []
    record(
        view.session,
        view.actor,
        "records:list",
        "household",
        now=now,
        object_id=household.id,
        count=len(rows),
        reason=(reason or "").strip() or None,
    )
    return HouseholdRecords(
        household=household.id,
        is_shown=is_shown,
        last_visit=_last_visit(view, own),
        rows=[_told(view, line) for line in lines_of(view, rows, is_shown=is_shown)],
        refused=refused_purposes(view, household) if serves else [],
        attempts=attempts_of(view, own) if view.actor.role in _SERVING else [],
        tasks=tasks_of_household(view, household.id) if serves else [],
        cases=_cases(view, rows) if serves else {},
    )


def _cases(view: View, rows: Sequence[KeptRow]) -> Mapping[str, list[LinkedCase]]:
    """The number of a case is an answer: members and staff read it here, heads where they open the record."""
    is_read = view.actor.role in _SERVING
    answers = {
        row.record.id: json.loads(row.record.answers)
        for row in rows
        if is_read and row.record.answers != GONE
    }
    return cases_linked(view, [row.record for row in rows], answers)


def _told(view: View, line: RecordLine) -> RecordLine:
    """Residents learn form, day and who came."""
    return {**line, "met": None} if view.actor.role == Role.RESIDENT else line


def _known(view: View) -> ColumnElement[bool]:
    if view.actor.role == Role.GRID_LEADER:
        return (Household.community_id == view.community.id) & Household.cell_id.in_(view.own_cells)
    return answerable(view)


def _of(view: View, household: Household) -> ColumnElement[bool]:
    """The records of a household and its people. The ids are asked for first: an index finds each of them."""
    people = select(Resident.id).where(Resident.household_id == household.id, Resident.erased_at.is_(None))
    known = view.session.scalars(people).all()
    return or_(Record.household_id == household.id, Record.resident_id.in_(known))


def _newest(view: View, of_household: ColumnElement[bool]) -> Select[Record, FormVersion, FieldForm, str]:
    statement = record_rows().where(of_household)
    if view.actor.role not in {Role.RESIDENT, Role.HEAD, Role.LOCAL}:
        statement = statement.where(is_agreed_to())
    return statement.order_by(Record.day.desc(), Record.filled_at.desc(), Record.id.desc()).limit(_MOST)


def _last_visit(view: View, of_household: ColumnElement[bool]) -> LastVisit | None:
    statement = record_rows().where(of_household, Record.met.is_(True), is_valid(), is_agreed_to())
    day = view.session.scalar(statement.with_only_columns(Record.day).order_by(Record.day.desc()).limit(1))
    return None if day is None else LastVisit(day=day.isoformat(), days=(view.when.day - day).days)
