"""What tasks need of the records that are kept: those of the last months, and the last visit before them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, select, true

from gisgrid.areas.view import View
from gisgrid.forms.tasks.model import TaskRecord, TaskRule, Trigger
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Building, Facility, Household
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import MARK_MET, SubjectKind
from gisgrid.records.core.validity import is_valid
from gisgrid.storage.listed_ids import is_listed_id

NOT_MET: Final = "not_met"
"""The mark of a record in which nobody was met; it stands open too."""
VERIFIED: Final = "verified"
"""The mark that a household's own day of verification stands for."""
_AGAIN: Final = 3
"""So many times the reach of a rule it is looked back for what asked for a visit."""
_OPEN: Final = frozenset({MARK_MET, VERIFIED, None})
"""Marks that need no key."""
KEYS: Final[dict[SubjectKind, Any]] = {
    SubjectKind.PERSON: Record.resident_id,
    SubjectKind.HOUSEHOLD: Record.household_id,
    SubjectKind.BUILDING: Record.building_id,
    SubjectKind.FACILITY: Record.facility_id,
}
"""Where a record names a subject on which rules are; other kinds have none."""
TABLES: Final[dict[SubjectKind, Any]] = {
    SubjectKind.PERSON: Resident,
    SubjectKind.HOUSEHOLD: Household,
    SubjectKind.BUILDING: Building,
    SubjectKind.FACILITY: Facility,
}
"""Where such a subject itself is kept."""


@dataclass(frozen=True, kw_only=True)
class RecordReader:
    """Reads the records about subjects of one kind that count for some rules.

    ``scope``: the subjects, as SQL over the table they are kept in (of people over their households).
    ``since``: tasks that were over before that day aren't asked for.
    """

    view: View
    kind: SubjectKind
    scope: ColumnElement[bool]
    rules: Sequence[TaskRule]
    since: date
    today: date

    def recent(self) -> dict[str, list[TaskRecord]]:
        """By subject its records since the days that matter, with their marks."""
        if not self.rules:
            return {}
        columns = (Record.id, Record.form_code, Record.day, Record.met, Record.marks, Record.cell_id)
        statement = self._scoped(select(KEYS[self.kind], *columns)).where(
            Record.day <= self.today, is_valid()
        )
        if not self._asks_any_form:
            statement = statement.where(Record.form_code.in_(self._forms()))
        if (cut := self.cut) is not None:
            statement = statement.where(Record.day >= cut)
        records: dict[str, list[TaskRecord]] = defaultdict(list)
        for subject, record_id, form, day, met, marks, cell in self.view.session.execute(statement):
            marked = marks_of(marks, met=met)
            records[subject].append(TaskRecord(id=record_id, form=form, day=day, marks=marked, cell=cell))
        return records

    @property
    def cut(self) -> date | None:
        """From which day on records are read one by one; nothing where a rule counts by a sealed mark."""
        if any(rule.counts not in _OPEN for rule in self.rules):
            return None
        reaches = [reach_of(rule) for rule in self.rules]
        return self.since - timedelta(days=_AGAIN * max(reaches, default=0))

    def before(self, subjects: Collection[str]) -> dict[str, list[TaskRecord]]:
        """By subject the last record before those that answers each rule of a rhythm or a month."""
        last: dict[str, list[TaskRecord]] = defaultdict(list)
        cut = self.cut
        wanted = {
            (rule.form, rule.counts)
            for rule in self.rules
            if cut is not None and not isinstance(rule.schedule, Trigger) and rule.counts in {MARK_MET, None}
        }
        for form, mark in sorted(wanted, key=str):
            for subject, day in self._last_days(subjects, form, mark, cut):
                marks = frozenset({mark} if mark else ())
                last[subject].append(TaskRecord(id="", form=form, day=day, marks=marks))
        return last

    def _last_days(
        self, subjects: Collection[str], form: str, mark: str | None, cut: date | None
    ) -> Iterable[Any]:
        table = TABLES[self.kind]
        is_counted = Record.met.is_(True) if mark else true()
        last = (
            select(Record.day)
            .where(
                KEYS[self.kind] == table.id,
                Record.form_code == form,
                Record.day < (cut or date.min),
                is_counted,
                is_valid(),
            )
            .order_by(Record.day.desc())
            .limit(1)
            .scalar_subquery()
        )
        days = select(table.id, last.label("day")).where(is_listed_id(table.id, subjects))
        return [row for row in self.view.session.execute(days) if row.day is not None]

    def _forms(self) -> set[str]:
        """Forms whose records answer, or ask."""
        return {rule.form for rule in self.rules} | {
            rule.schedule.form
            for rule in self.rules
            if isinstance(rule.schedule, Trigger) and rule.schedule.form is not None
        }

    @property
    def _asks_any_form(self) -> bool:
        schedules = [rule.schedule for rule in self.rules]
        return any(isinstance(schedule, Trigger) and schedule.form is None for schedule in schedules)

    def _scoped(self, statement: Select[Any]) -> Any:
        if self.kind == SubjectKind.PERSON:
            people = statement.join(Resident, Resident.id == Record.resident_id)
            return people.join(Household, Household.id == Resident.household_id).where(self.scope)
        table = TABLES[self.kind]
        return statement.join(table, table.id == KEYS[self.kind]).where(self.scope)


def marks_of(marks: str, *, met: bool | None) -> frozenset[str]:
    """The marks that hold of a record; whether somebody was met stands open, and goes by that."""
    held = {name for name, value in json.loads(marks).items() if value is True} if marks else set()
    if met is not None:
        held -= {MARK_MET, NOT_MET}
        held.add(MARK_MET if met else NOT_MET)
    return frozenset(held)


def reach_of(rule: TaskRule) -> int:
    """How many days after a record a rule may still ask for something because of it."""
    schedule = rule.schedule
    return schedule.days + schedule.keep if isinstance(schedule, Trigger) else 0
