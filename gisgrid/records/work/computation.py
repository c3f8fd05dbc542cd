"""The tasks of all subjects of a scope, computed together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from gisgrid.areas.view import View
from gisgrid.forms.tasks.computation import compute_tasks
from gisgrid.forms.tasks.model import (
    FieldTask,
    HeldSpan,
    Rhythm,
    SpanEnd,
    TaskRecord,
    TaskRule,
    TaskState,
    TaskSubject,
    Trigger,
)
from gisgrid.forms.tasks.rhythms import next_due
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.work.choices import ChoiceBound
from gisgrid.records.work.courses import RuleCourse
from gisgrid.records.work.fact_lines import WorkSubject
from gisgrid.records.work.kept_records import KEYS, VERIFIED, RecordReader
from gisgrid.records.work.round_tasks import round_work
from gisgrid.records.work.rule_versions import form_purposes, rule_courses
from gisgrid.records.work.sites import SiteReader
from gisgrid.records.work.subjects import HomePast, WorkReader
from gisgrid.records.work.work_tasks import WorkScope, WorkTask

TOLD_ENDS: Final = frozenset({SpanEnd.MOVED, SpanEnd.CONSENT, SpanEnd.ERASED, SpanEnd.DIED})
"""Why a task may have been cancelled so that it is told; other facts or another rule leave nothing to say."""
_TOLD: Final = frozenset({TaskState.OPEN, TaskState.OVERDUE, TaskState.MISSED})


@dataclass(kw_only=True)
class WorkPicture:
    """What is to be done in a scope, what was missed or cancelled since a day, who visits whom.

    ``refused`` are the subjects for whom a rule would hold but for a no, with the cell of each.
    """

    tasks: list[WorkTask] = field(default_factory=list)
    visitors: dict[str, str | None] = field(default_factory=dict)
    refused: dict[str, str | None] = field(default_factory=dict)


def since_of(today: date) -> date:
    """From which day on what is over is told: the first of the month before."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def compute_work(view: View, scope: WorkScope, today: date) -> WorkPicture:
    """The tasks of all subjects of a scope as they stand on a day, those that were answered left out.

    Asks no right. A day ahead tells how they will stand if nothing is done until then.
    """
    purposes = form_purposes(view)
    state = _picture(view, scope, today, purposes=purposes)
    state.tasks += round_work(view, scope, today, forms=purposes)
    return state


def compute_duties(view: View, scope: WorkScope, today: date, form: str) -> WorkPicture:
    """The tasks by rules to fill one form, as they stood or stand on a day; no rounds. Asks no right."""
    return _picture(view, scope, today, purposes=form_purposes(view), form=form)


def _picture(
    view: View,
    scope: WorkScope,
    today: date,
    *,
    purposes: Mapping[str, str | None],
    form: str | None = None,
) -> WorkPicture:
    since = since_of(today)
    courses = [
        course
        for course in rule_courses(view, today, since=since, purposes=purposes)
        if form in {None, course.rule.form}
    ]
    state, past = WorkPicture(), HomePast(view=view, homes=scope.homes, since=since)
    for kind in KEYS:
        of_kind = [course for course in courses if course.rule.subject == kind]
        if of_kind:
            reader = _Kind(
                view=view, scope=scope, past=past, kind=kind, courses=of_kind, since=since, today=today
            )
            reader.add_to(state)
    return state


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """The rules about subjects of one kind."""

    view: View
    scope: WorkScope
    past: HomePast
    kind: SubjectKind
    courses: Sequence[RuleCourse]
    since: date
    today: date

    def add_to(self, state: WorkPicture) -> None:
        reader = self._records()
        recent = reader.recent()
        subjects = self._subjects(recent, state)
        before = reader.before({subject.id for subject in subjects})
        asking = [course for course in self.courses if isinstance(course.rule.schedule, Trigger)]
        others = [course for course in self.courses if course not in asking]
        for subject in subjects:
            own = recent.get(subject.id, [])
            records = [*before.get(subject.id, ()), *own, *_verifications(subject)]
            misses = _misses(own)
            for course in asking:
                if records and not asks_for_nothing(course.rule, records):
                    self._add(state, course, subject, records, misses=misses)
            for course in others:
                self._add(state, course, subject, records, misses=misses)

    def _add(
        self,
        state: WorkPicture,
        course: RuleCourse,
        subject: WorkSubject,
        records: Sequence[TaskRecord],
        *,
        misses: int,
    ) -> None:
        days = subject.spans.get(course.purpose, ())
        is_refused = _is_refused(days, self.today)
        if days and days[-1].end is None and _waits_long(course.rule, records, self.today):
            return
        spans = course.spans(subject, self.today)
        if is_refused and (spans or subject.kind == SubjectKind.HOUSEHOLD):
            state.refused[subject.id] = subject.cell
        if not spans or not _is_told(spans, self.since):
            return
        asked = TaskSubject(id=subject.id, spans=spans, cells=subject.cells)
        tasks = compute_tasks(course.rule, asked, records, self.today, since=self.since)
        state.tasks += [WorkTask(task, course.rule, subject, misses) for task in tasks if _is_kept(task)]

    def _subjects(self, recent: Mapping[str, object], state: WorkPicture) -> list[WorkSubject]:
        if self.kind in {SubjectKind.PERSON, SubjectKind.HOUSEHOLD}:
            return self._people(recent, state)
        sites = SiteReader(
            view=self.view,
            buildings=self.scope.buildings,
            facilities=self.scope.facilities,
            purposes=self._purposes,
            since=min(course.rule.valid_from for course in self.courses),
        )
        is_building = self.kind == SubjectKind.BUILDING
        return sites.building_subjects() if is_building else sites.facility_subjects()

    def _people(self, recent: Mapping[str, object], state: WorkPicture) -> list[WorkSubject]:
        reader = WorkReader(
            view=self.view,
            past=self.past,
            purposes=self._purposes,
            today=self.today,
        )
        if self.kind == SubjectKind.HOUSEHOLD:
            return reader.households()
        bound = ChoiceBound()
        for course in self.courses:
            if not isinstance(course.rule.schedule, Trigger):
                bound = bound.either(course.bound)
        return reader.persons(bound, {*recent}, state.visitors)

    @property
    def _purposes(self) -> frozenset[str | None]:
        return frozenset(course.purpose for course in self.courses)

    def _records(self) -> RecordReader:
        scopes = {SubjectKind.BUILDING: self.scope.buildings, SubjectKind.FACILITY: self.scope.facilities}
        return RecordReader(
            view=self.view,
            kind=self.kind,
            scope=scopes.get(self.kind, self.scope.homes),
            rules=[course.rule for course in self.courses],
            since=self.since,
            today=self.today,
        )


def _verifications(subject: WorkSubject) -> Iterator[TaskRecord]:
    """The day on which a household was verified, as a record that counts so."""
    if subject.kind == SubjectKind.HOUSEHOLD:
        for day in subject.clocks["verified_days"]:
            yield TaskRecord(id="", form="", day=day, marks=frozenset({VERIFIED}))


def _misses(records: Sequence[TaskRecord]) -> int:
    """How often nobody was met after the last visit that met somebody."""
    count = 0
    for record in sorted(records, key=lambda record: (record.day, record.id)):
        if "met" in record.marks:
            count = 0
        count += "not_met" in record.marks
    return count


def asks_for_nothing(rule: TaskRule, records: Sequence[TaskRecord]) -> bool:
    """Whether a rule waits for a mark that no record bears."""
    schedule = rule.schedule
    return isinstance(schedule, Trigger) and all(schedule.mark not in record.marks for record in records)


def _is_refused(spans: Sequence[HeldSpan], today: date) -> bool:
    """Whether a no stands: all days there are ended with one, or none is left of a household."""
    if not spans:
        return True
    return spans[-1].why == SpanEnd.CONSENT and spans[-1].end is not None and spans[-1].end <= today


def _waits_long(rule: TaskRule, records: Sequence[TaskRecord], today: date) -> bool:
    """Whether the last visit was so short a time ago that no task of an interval can be open or be over."""
    schedule = rule.schedule
    if not isinstance(schedule, Rhythm):
        return False
    last: date | None = None
    for record in records:
        if (last is None or last < record.day) and record.day <= today and does_count(rule, record):
            last = record.day
    return last is not None and next_due(schedule, last) - timedelta(days=schedule.lead) > today


def does_count(rule: TaskRule, record: TaskRecord) -> bool:
    """Whether a record answers tasks of a rule."""
    is_of_form = rule.any_form or record.form == rule.form
    return is_of_form and (rule.counts is None or rule.counts in record.marks)


def _is_told(spans: Sequence[HeldSpan], since: date) -> bool:
    end = spans[-1].end
    return end is None or end > since


def _is_kept(task: FieldTask) -> bool:
    return task.state in _TOLD or task.why in TOLD_ENDS
