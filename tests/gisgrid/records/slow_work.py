"""What is to be done once more, one subject and one day at a time from plain rows. Slow: it is the oracle."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.areas.models import Placement
from gisgrid.cases.core.models import Case
from gisgrid.days import day_of
from gisgrid.forms.expressions.evaluation import holds
from gisgrid.forms.expressions.functions import EvaluationContext
from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.expressions.values import day_of as day_value
from gisgrid.people.core.models import Consent, Need, Resident, ServiceContract
from gisgrid.places.models import Building, Household
from gisgrid.records.core.record_models import Record
from gisgrid.welfare.models import AssignedVisitor
from tests.gisgrid.forms.slow_tasks import slow_tasks
from tests.world import TZ

DAY = timedelta(days=1)
NO = {"refused", "withdrawn"}
OF_NEEDS = {"living_alone": "elder_visits", "empty_nest": "elder_visits"}


parsed = cache(parse)


def local(at: Any) -> date:
    return day_of(at, TZ)


@dataclass
class Clerk:
    """Who knows all rows and looks at one subject at a time."""

    session: Session
    today: date
    purposes: dict[str, str | None]
    tables: dict[Any, list[Any]] = field(default_factory=dict)

    def all(self, table: Any) -> list[Any]:
        if table not in self.tables:
            self.tables[table] = list(self.session.scalars(select(table)))
        return self.tables[table]

    def last_no(self, day: date, purpose: str, **subject: str) -> bool:
        key, value = next(iter(subject.items()))
        said = [
            row
            for row in self.all(Consent)
            if getattr(row, key) == value and row.purpose == purpose and local(row.asked_at) <= day
        ]
        said.sort(key=lambda row: (row.asked_at, row.id))
        return bool(said) and said[-1].status in NO

    def is_refused(self, day: date, purpose: str | None, home: Household, person: Resident | None) -> bool:
        if purpose is None:
            return False
        asked = [{"household_id": home.id}] + ([{"resident_id": person.id}] if person else [])
        present = [home.consent] + ([person.consent] if person else [])
        for subject, answer in zip(asked, present, strict=True):
            ever = self.last_no(date.max, "registration", **subject)
            if answer in NO and not ever:
                return True
            said_no = self.last_no(day, "registration", **subject)
            if said_no and (answer in NO or any(self._later_yes(day, **subject))):
                return True
            if purpose != "registration" and self.last_no(day, purpose, **subject):
                return True
        return False

    def _later_yes(self, day: date, **subject: str):
        """Whether a no to being registered was followed by a yes, so that it did end."""
        key, value = next(iter(subject.items()))
        for row in self.all(Consent):
            if getattr(row, key) == value and row.purpose == "registration" and local(row.asked_at) > day:
                yield row.status not in NO

    def facts(self, subject: Any, day: date) -> dict[str, Any]:
        if isinstance(subject, Building):
            return self.building_facts(subject, day)
        home = self.home(subject)
        facts: dict[str, Any] = {"household_kind": home.kind or ""}
        facts["lived_days"] = float((day - subject.lived_from).days)
        if isinstance(subject, Household):
            return facts
        born = subject.birth_date
        facts["age"] = float(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))
        facts |= {"sex": subject.sex or "", "residence": subject.residence_status, "ability_grade": ""}
        for kind in ("living_alone", "empty_nest", "no_income", "min_allowance", "disabled", "hardship"):
            facts[kind] = False
        for need in self.all(Need):
            is_held = local(need.valid_from) <= day and (need.valid_to is None or day < local(need.valid_to))
            purpose = OF_NEEDS.get(need.kind, "sensitive_needs")
            if (
                need.resident_id == subject.id
                and is_held
                and not self.is_refused(day, purpose, home, subject)
            ):
                if need.kind == "ability_grade":
                    facts[need.kind] = max(float(need.grade), facts[need.kind] or 0.0)
                else:
                    facts[need.kind] = True
        facts["has_visitor"] = any(
            row.resident_id == subject.id
            and local(row.valid_from) <= day
            and (row.valid_to is None or day < local(row.valid_to))
            for row in self.all(AssignedVisitor)
        )
        facts["contracted"] = any(
            row.resident_id == subject.id and row.from_day <= day <= (row.until_day or date.max)
            for row in self.all(ServiceContract)
        )
        return facts

    def building_facts(self, building: Building, day: date) -> dict[str, Any]:
        near = Counter(
            case.category_code
            for case in self.all(Case)
            if case.building_id == building.id and day - 90 * DAY < local(case.reported_at) <= day
        )
        return {"repeat_cases_90": float(max(near.values(), default=0))}

    def home(self, subject: Any) -> Household:
        if isinstance(subject, Household):
            return subject
        return next(home for home in self.all(Household) if home.id == subject.household_id)

    def is_there(self, subject: Any, day: date) -> str | None:
        """Why it can't be visited on a day; nothing where it can."""
        if isinstance(subject, Building):
            return None
        home = self.home(subject)
        for row in {id(home): home, id(subject): subject}.values():
            if day < row.lived_from:
                return "not yet"
        if isinstance(subject, Resident) and subject.lived_to is not None and day >= subject.lived_to:
            return "died" if subject.leaving == "died" else "moved"
        if home.lived_to is not None and day >= home.lived_to:
            return "moved"
        return None

    def why_not(self, subject: Any, who: str | None, purpose: str | None, day: date) -> str | None:
        if gone := self.is_there(subject, day):
            return gone
        person = subject if isinstance(subject, Resident) else None
        if not isinstance(subject, Building) and self.is_refused(day, purpose, self.home(subject), person):
            return "consent"
        facts = self.facts(subject, day)
        context = EvaluationContext(values=facts, today=day_value(day))
        return None if who is None or holds(parsed(who), context) else "facts"

    def spans(self, subject: Any, rule: dict[str, Any], first: date, last: date) -> list[Any]:
        spans: list[list[Any]] = []
        before: str | None = "not yet"
        day = first
        while day <= last:
            why = self.why_not(subject, rule.get("who"), self.purposes[rule["form"]], day)
            if why is None and before is not None:
                spans.append([day, None, None])
            elif why is not None and before is None:
                spans[-1][1:] = [day, why]
            before, day = why, day + DAY
        return [tuple(span) for span in spans]

    def cells(self, subject: Any, first: date) -> list[tuple[date, str | None]]:
        place = subject if isinstance(subject, Building) else self.home(subject)
        left = [row for row in self.all(Placement) if row.object_id == place.id]
        left.sort(key=lambda row: row.until)
        cells, since = [], first
        for row in left:
            cells.append((since, row.cell_id))
            since = local(row.until)
        return [*cells, (since, place.cell_id)]

    def records(self, subject: Any) -> list[dict[str, Any]]:
        keys = {Resident: "resident_id", Household: "household_id", Building: "building_id"}
        rows = []
        for row in self.all(Record):
            if getattr(row, keys[type(subject)]) == subject.id and row.redacted_at is None:
                marks = [name for name, value in json.loads(row.marks or "{}").items() if value]
                rows.append(
                    {
                        "id": row.id,
                        "form": row.form_code,
                        "day": row.day,
                        "marks": marks,
                        "cell": row.cell_id,
                        "corrects": row.corrects_id,
                    }
                )
        gone = {row.corrects_id for row in self.all(Record) if row.redacted_at is not None}
        if isinstance(subject, Household):
            rows += [
                {"id": "", "form": "", "day": day, "marks": ["verified"], "cell": None}
                for day in self.at_door(subject)
            ]
        return [row for row in rows if row["id"] not in gone]

    def at_door(self, home: Household) -> list[date]:
        days = [local(row.asked_at) for row in self.all(Consent) if row.household_id == home.id]
        days += [local(home.last_verified_at)] if home.last_verified_at else []
        return [max(days)] if days else []

    def tasks(self, subject: Any, rule: dict[str, Any], *, first: date) -> list[dict[str, Any]]:
        last = self.today + 40 * DAY
        spans = self.spans(subject, rule, first, last)
        known = {"id": subject.id, "spans": spans, "cells": self.cells(subject, first)}
        return slow_tasks(rule, known, self.records(subject), self.today, first=first, last=last + 400 * DAY)
