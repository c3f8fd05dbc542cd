"""When people are to be visited next by the rules that hold, also where no task waits yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from gisgrid.areas.view import View
from gisgrid.forms.tasks.computation import compute_tasks
from gisgrid.forms.tasks.model import WAITING, TaskRecord, TaskRule, TaskSubject, Trigger
from gisgrid.forms.tasks.next_dues import due_after
from gisgrid.forms.tasks.spans import span_on
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.work.choices import ChoiceBound
from gisgrid.records.work.computation import asks_for_nothing, does_count, since_of
from gisgrid.records.work.courses import RuleCourse
from gisgrid.records.work.fact_lines import WorkSubject
from gisgrid.records.work.kept_records import RecordReader
from gisgrid.records.work.rule_versions import form_purposes, rule_courses
from gisgrid.records.work.subjects import HomePast, WorkReader
from gisgrid.records.work.work_tasks import WorkScope


@dataclass(frozen=True, slots=True, kw_only=True)
class NextVisit:
    """The last day of the next visit to somebody, the rule that asks for it, and since when that holds."""

    rule: TaskRule
    since: date
    due: date


def next_visits(view: View, scope: WorkScope, form: str, today: date) -> dict[str, list[NextVisit]]:
    """By person the next visit by each rule of a form that holds on a day, the one due first at the head.

    What is due and late counts until somebody is there: a month without a visit stays due. Asks no right and
    no consent: whoever refused has none, who wasn't asked yet has.
    """
    since = since_of(today)
    every = rule_courses(view, today, since=since, purposes=form_purposes(view))
    courses = [course for course in every if _is_wanted(course, form)]
    reader = RecordReader(
        view=view,
        kind=SubjectKind.PERSON,
        scope=scope.homes,
        rules=[course.rule for course in courses],
        since=since,
        today=today,
    )
    recent = reader.recent()
    subjects = _subjects(view, scope, courses, {*recent}, today)
    before = reader.before({subject.id for subject in subjects})
    visits = {}
    for subject in subjects:
        records = [*before.get(subject.id, ()), *recent.get(subject.id, ())]
        own = [visit for course in courses for visit in _visits(course, subject, records, today)]
        if own:
            visits[subject.id] = sorted(own, key=lambda visit: (visit.due, visit.rule.priority))
    return visits


def _is_wanted(course: RuleCourse, form: str) -> bool:
    return course.rule.form == form and course.rule.subject == SubjectKind.PERSON


def _subjects(
    view: View, scope: WorkScope, courses: Sequence[RuleCourse], recent: set[str], today: date
) -> list[WorkSubject]:
    bound = ChoiceBound()
    for course in courses:
        if not isinstance(course.rule.schedule, Trigger):
            bound = bound.either(course.bound)
    purposes = frozenset(course.purpose for course in courses)
    past = HomePast(view=view, homes=scope.homes, since=since_of(today))
    reader = WorkReader(view=view, past=past, purposes=purposes, today=today)
    return reader.persons(bound, recent, {})


def _visits(
    course: RuleCourse, subject: WorkSubject, records: Sequence[TaskRecord], today: date
) -> Iterator[NextVisit]:
    rule = course.rule
    if asks_for_nothing(rule, records):
        return
    spans = course.spans(subject, today)
    span = span_on(spans, today)
    if span is None:
        return
    since = max(span.start, rule.valid_from)
    if not isinstance(rule.schedule, Trigger):
        days = [record.day for record in records if does_count(rule, record)]
        due = due_after(rule.schedule, since=since, last=max(days, default=None))
        yield NextVisit(rule=rule, since=since, due=due)
        return
    for task in compute_tasks(rule, TaskSubject(id=subject.id, spans=spans), records, today):
        if task.state in WAITING:
            yield NextVisit(rule=rule, since=since, due=task.due)
