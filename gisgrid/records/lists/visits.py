"""Visits in five steps that wait for one: single ones to who may know of them, counts by grid to others."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.days import period
from gisgrid.errors import NotAllowed
from gisgrid.records.core.record_models import Record
from gisgrid.records.lists.lines import RecordLine, kept_rows, lines_of
from gisgrid.records.lists.queries import NEWEST, RecordFilter, listed
from gisgrid.records.lists.visit_courses import VISIT, VisitCourse, VisitState, visit_courses

_DAYS: Final = 183
_GRIDS: Final = frozenset({Role.MEMBER, Role.STAFF, Role.LOCAL})


class UnfinishedVisit(VisitState):
    """A visit that waits, in which grid it is, and how far it has come."""

    record: RecordLine


def sees_visits(actor: Actor) -> bool:
    """Whether somebody is told which visits wait: that is told by their answers."""
    return actor.role in _GRIDS


def unfinished_visits(view: View, *, now: datetime) -> list[UnfinishedVisit]:
    """The visits in five steps of the last half year that wait for a step, the earliest due first.

    Members and staff have those of their own grids; a visit whose household has said no since isn't there.
    Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role isn't told what was answered at visits.
    """
    require(view.actor, Action.TASKS_VIEW)
    if not sees_visits(view.actor):
        raise NotAllowed("this account may not do that")
    courses = _waiting(view)
    record(view.session, view.actor, "records:list", "record", now=now, count=len(courses))
    lines = lines_of(view, [course.row for course in courses], is_shown=True)
    rows = [
        UnfinishedVisit(record=line, **course.state(view.when.day))
        for course, line in zip(courses, lines, strict=True)
    ]
    return sorted(rows, key=lambda row: (row["due"] or "", row["record"]["day"], row["record"]["id"]))


def _waiting(view: View) -> list[VisitCourse]:
    days = period(view.when.day - timedelta(days=_DAYS), None, today=view.when.day, tz=view.tz)
    statement = listed(view, RecordFilter(), days).where(Record.form_code == VISIT).order_by(*NEWEST)
    return [course for course in visit_courses(view, kept_rows(view, statement)) if course.waits_for]
