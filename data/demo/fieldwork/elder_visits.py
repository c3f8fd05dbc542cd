"""Visits to elders: by the shipped rules once a week, a month or a quarter, some late, some in vain."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from data.demo.fieldwork.grounds import FieldGround, at_work
from data.demo.fieldwork.records import DemoRecord
from data.demo.personas.records import DemoResident
from data.demo.tables import read_records
from gisgrid.people.core.purposes import VISIT_NEEDS
from gisgrid.people.core.rules import age_on
from gisgrid.records.core.rules import SubjectKind

FORM: Final = "elder_visit"
_ELDER, _OLD, _WEAK = 60, 80, 2
_REFUSES, _NOT_ASKED = 0.03, 0.05
_AWAY, _WRONG, _AID = 0.05, 0.012, 0.01
_MANNERS: Final = {"home": 70, "phone": 26, "video": 4}
_BACK: Final = (1, 1, 2, 3)
_REASONS: Final = ("点错了选项", "记到了别人名下,已核对", "漏记了情况")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRhythm:
    """How often people of a rule are visited, in days, and how early or late that happens."""

    rule: str
    days: int
    early: int
    late: int
    late_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What a visit finds, how often, and what is written of it."""

    sign: str
    share: float
    notes: tuple[str, ...] = ()


class VisitCourses:
    """The visits of a community and who refused them."""

    def __init__(self, ground: FieldGround, rng: random.Random) -> None:
        self.refused: list[str] = []
        self._ground, self._rng = ground, rng
        self._rhythms = {rhythm.rule: rhythm for rhythm in read_records(DemoRhythm, "demo/fieldwork/rhythms")}
        self._signs = read_records(Sign, "demo/fieldwork/signs")
        self._kinds: dict[str, set[str]] = {}
        for need in ground.needs:
            is_weak = need.kind != "ability_grade" or (need.grade or 0) >= _WEAK
            kind = need.kind if is_weak else "ability_grade_1"
            self._kinds.setdefault(need.resident, set()).add(kind)
        self._visited = {visitor.resident for visitor in ground.visitors}

    def __iter__(self) -> Iterator[DemoRecord]:
        for key, person in self._ground.residents.items():
            rule = self._rule_of(person)
            if rule is None or not self._ground.is_open(person.household):
                continue
            has_agreed = key in self._visited or bool(self._kinds.get(key, set()) & VISIT_NEEDS)
            chance = self._rng.random()
            if not has_agreed and chance < _REFUSES:
                self.refused.append(key)
                yield from self._attempt(person)
            elif has_agreed or chance > _REFUSES + _NOT_ASKED:
                yield from self._course(person, self._rhythms[rule])

    def _rule_of(self, person: DemoResident) -> str | None:
        """Which of the shipped rules an elder falls under."""
        age, kinds = age_on(person.birth_date, self._ground.until), self._kinds.get(person.key, set())
        if age < _ELDER or person.residence_status == "absent" or person.lived_to is not None:
            return None
        if age >= _OLD and "living_alone" in kinds:
            return "week"
        if kinds & {"ability_grade", "living_alone", "disabled"}:
            return "month"
        is_light = kinds & {"ability_grade_1", "min_allowance"} or person.key in self._visited
        return "quarter" if is_light else None

    def _course(self, person: DemoResident, rhythm: DemoRhythm) -> Iterator[DemoRecord]:
        first, last = self._ground.days_of(person.household)
        day = first + timedelta(days=self._rng.randrange(rhythm.days))
        while day <= last:
            again = day
            for record in self._visit(person, day):
                again = max(again, record.day)
                if record.day <= last:
                    yield record
            day = again + timedelta(days=rhythm.days + self._shift(rhythm))

    def _shift(self, rhythm: DemoRhythm) -> int:
        if self._rng.random() < rhythm.late_share:
            return self._rng.randint(1, rhythm.late)
        return -self._rng.randint(0, rhythm.early)

    def _visit(self, person: DemoResident, day: date) -> Iterator[DemoRecord]:
        """A visit, with a second one after nobody was met or after a fall, sometimes with its correction."""
        answers = {"seen": "no", "manner": "home"} if self._rng.random() < _AWAY else self._met()
        record = self._record(person, day, answers)
        yield record
        if self._rng.random() < _WRONG:
            yield self._corrected(record)
        if answers["seen"] == "no" or "fall" in answers.get("signs", ()):
            back = day + timedelta(days=self._rng.choice(_BACK))
            yield self._record(person, back, self._met("none"))

    def _met(self, sign: str | None = None) -> dict[str, Any]:
        row = self._rng.choices(self._signs, [row.share for row in self._signs])[0]
        row = next(other for other in self._signs if other.sign == sign) if sign else row
        manner = self._rng.choices(list(_MANNERS), list(_MANNERS.values()))[0]
        answers: dict[str, Any] = {"seen": "yes", "manner": manner, "signs": [row.sign]}
        if row.notes:
            answers["signs_note"] = self._rng.choice(row.notes)
        if self._rng.random() < _AID:
            answers["aid"] = "yes"
        return answers

    def _corrected(self, former: DemoRecord) -> DemoRecord:
        """What was meant, written the same day."""
        answers = self._met("mood") if former.answers["seen"] == "no" else self._met("none")
        return replace(
            former,
            key=f"{former.key}-k",
            filled_at=former.filled_at + timedelta(minutes=self._rng.randint(3, 90)),
            answers=answers,
            corrects=former.key,
            reason=self._rng.choice(_REASONS),
        )

    def _attempt(self, person: DemoResident) -> Iterator[DemoRecord]:
        """Somebody came and was sent away: only that is kept."""
        first, last = self._ground.days_of(person.household)
        if first < last:
            day = first + timedelta(days=self._rng.randrange((last - first).days))
            yield self._record(person, day, {"seen": "no", "manner": "home"})

    def _record(self, person: DemoResident, day: date, answers: dict[str, Any]) -> DemoRecord:
        return DemoRecord(
            key=f"{person.key}-{day:%y%m%d}",
            form=FORM,
            subject=SubjectKind.PERSON,
            of=person.key,
            worker=self._ground.members[person.household],
            day=day,
            filled_at=at_work(day, self._rng),
            answers={**answers, "day": day.isoformat()},
        )
