"""The plan of care for a person: needs with who serves them, visits by which rule, and visits done.

Nothing of it is kept: needs and who serves them stand in the register, visits come from the rules of tasks,
and a visit that was made is a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.areas.view import View
from gisgrid.care.need_lists import CARE_FORM
from gisgrid.care.service_rows import running_rows
from gisgrid.figures.elder_facts import VISIT_FORM
from gisgrid.figures.elder_visits import ElderState, visit_state
from gisgrid.forms.tasks.model import Monthly, Rhythm
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.people.edits.fields import NEEDS
from gisgrid.people.edits.openings import open_person
from gisgrid.people.edits.register import read_field
from gisgrid.people.edits.scope import EditSubject
from gisgrid.people.queries import masked
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.validity import is_valid
from gisgrid.records.core.versions import published_version
from gisgrid.records.work.next_visits import NextVisit, next_visits
from gisgrid.records.work.rule_versions import form_purposes
from gisgrid.records.work.scopes import scope_of_one
from gisgrid.welfare.queries import visits_of

FORMS: Final = (VISIT_FORM, CARE_FORM)
"""Forms whose visits make a plan."""
MOST_DONE: Final = 10


class PlannedVisit(TypedDict):
    """Visits by a rule: what is filled in, how often, since when and until when next; days are ISO dates.

    `every_days` or `every_months` is how often; `is_monthly`: once in each month of the calendar. With none
    of these it is asked for once, because of what was seen at a visit.
    """

    rule: str
    form: str
    title: Mapping[str, str]
    every_days: int | None
    every_months: int | None
    is_monthly: bool
    since: str
    due: str
    state: ElderState


class PlannedNeed(TypedDict):
    """A need that holds, its grade, since when, and who serves it."""

    kind: str
    grade: int | None
    since: str | None
    server: str | None
    server_name: str | None
    served_since: str | None


class DoneVisit(TypedDict):
    """A visit that was made: its record, form and day, and whether the person was met."""

    record: str
    form: str
    title: Mapping[str, str]
    day: str
    met: bool | None


class CarePlan(TypedDict):
    """The plan of care for a person, as far as people agreed to it.

    `is_shown` is false to heads who gave no reason: the name is masked then and nothing else is told.
    """

    person: str
    household: str
    name: str | None
    address: str
    is_shown: bool
    visitor_kind: str | None
    visitor: str | None
    visits: list[PlannedVisit]
    needs: list[PlannedNeed]
    done: list[DoneVisit]


def care_plan(view: View, person_id: str, *, reason: str | None = None, now: datetime) -> CarePlan:
    """The plan of care for a person. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such person within what the actor may edit.
    Conflict
        The person was erased or has refused to be registered.
    """
    subject, is_shown = open_person(view, person_id, "plans:view", reason, now)
    states = states_of(view.session, subject.household, subject.person)
    agreed = {purpose for purpose, state in states.items() if state == FieldState.OPEN} if is_shown else set()
    purposes = form_purposes(view)
    forms = [form for form in FORMS if form in purposes and purposes[form] in agreed]
    visitor = visits_of(view, [person_id]).get(person_id) if Purpose.ELDER_VISITS in agreed else None
    name = subject.person.name if subject.person else None
    return CarePlan(
        person=person_id,
        household=subject.household.id,
        name=name if is_shown else masked(name),
        address=subject.household.std_address,
        is_shown=is_shown,
        visitor_kind=visitor.kind if visitor else None,
        visitor=visitor.name if visitor else None,
        visits=[visit for form in forms for visit in _visits(view, person_id, form)],
        needs=list(_needs(view, subject, {kind for kind in NEEDS if NEEDS[kind].purpose in agreed})),
        done=_done(view, person_id, forms),
    )


def _visits(view: View, person_id: str, form: str) -> list[PlannedVisit]:
    day = view.when.day
    scope = scope_of_one(view, SubjectKind.PERSON, person_id)
    title = published_version(view, form).tree.title
    visits = next_visits(view, scope, form, day).get(person_id, [])
    return [_planned(visit, title, day) for visit in visits]


def _planned(visit: NextVisit, title: Mapping[str, str], day: date) -> PlannedVisit:
    schedule = visit.rule.schedule
    rhythm = schedule if isinstance(schedule, Rhythm) else None
    return PlannedVisit(
        rule=visit.rule.code,
        form=visit.rule.form,
        title=title,
        every_days=rhythm.days or None if rhythm else None,
        every_months=rhythm.months or None if rhythm else None,
        is_monthly=isinstance(schedule, Monthly),
        since=visit.since.isoformat(),
        due=visit.due.isoformat(),
        state=visit_state(visit.due, day),
    )


def _needs(view: View, subject: EditSubject, kinds: set[str]) -> Iterator[PlannedNeed]:
    servers = running_rows(view, [subject.id])
    for kind in (kind for kind in NEEDS if kind in kinds):
        value = read_field(view.session, subject, NEEDS[kind], view.tz)
        if not isinstance(value, dict):
            continue
        server = servers.get((subject.id, kind))
        grade, since = value.get("grade"), value.get("since")
        yield PlannedNeed(
            kind=kind,
            grade=grade if isinstance(grade, int) else None,
            since=str(since) if since else None,
            server=server["server"] if server else None,
            server_name=server["name"] if server else None,
            served_since=server["since"] if server else None,
        )


def _done(view: View, person_id: str, forms: list[str]) -> list[DoneVisit]:
    titles = {form: published_version(view, form).tree.title for form in forms}
    statement = (
        select(Record.id, Record.form_code, Record.day, Record.met)
        .where(
            Record.resident_id == person_id,
            Record.form_code.in_(forms),
            Record.day <= view.when.day,
            is_valid(),
        )
        .order_by(Record.day.desc(), Record.id.desc())
        .limit(MOST_DONE)
    )
    return [
        DoneVisit(
            record=row.id,
            form=row.form_code,
            title=titles[row.form_code],
            day=row.day.isoformat(),
            met=row.met,
        )
        for row in view.session.execute(statement)
    ]
