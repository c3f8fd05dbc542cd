"""Forms and random small worlds for tests of what is to be done."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.areas.models import PlacedKind, Placement
from gisgrid.cases.core.models import Case
from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.tree import Choice, FormSettings, FormTree, Question
from gisgrid.people.core.models import Consent, Need, Resident
from gisgrid.places.models import Building, Household
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import Record
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.drafts import FormFile
from gisgrid.storage.base import new_id
from gisgrid.welfare.models import AssignedVisitor
from tests import world
from tests.fieldwork import add_record

DAY: Final = timedelta(days=1)
FORMS: Final = {
    "elder_visit": ("person", "elder_visits"),
    "care_visit": ("person", "sensitive_needs"),
    "household_check": ("household", "registration"),
    "visit5": ("household", "visit_notes"),
    "visit5_feedback": ("household", "visit_notes"),
    "dispute_screen": ("building", None),
}
"""The forms of the shipped rules: subject and purpose of each."""
BY_STEWARDS: Final = ("grid_member", "building_steward")


def form_tree(code: str) -> FormTree:
    """A form of that code that asks whether somebody was seen."""
    subject, purpose = FORMS[code]
    duties = BY_STEWARDS if purpose is None else ()
    seen = Question(name="seen", type="select_one", choices="yes_no", no_consent=True)
    met = Question(
        name="met", type="calculate", calculation=parse("${seen} = 'yes'"), mark=True, no_consent=True
    )
    return FormTree(
        code=code,
        title={"zh": f"表{code}"},
        languages=("zh",),
        settings=FormSettings(subject=subject, purpose=purpose, legal_basis="示例", duties=duties),
        choices={"yes_no": (Choice(name="yes"), Choice(name="no"))},
        items=(seen, met),
    )


def install(session: Session, made: world.World, *, now: datetime) -> dict[str, str]:
    """All those forms, published; the ids of their versions by code."""
    trees = [form_tree(code) for code in FORMS]
    files = [FormFile(tree=tree, workbook=tree.code.encode()) for tree in trees]
    install_forms(session, made.actor, files, now=now)
    versions = select(FieldForm.code, FormVersion.id).join(FormVersion, FormVersion.form_id == FieldForm.id)
    return {row.code: row.id for row in session.execute(versions)}


def noon(day: date) -> datetime:
    """Noon of a day in Shanghai."""
    return datetime.combine(day, time(4, 0), tzinfo=UTC)


class RandomWorld:
    """A few homes with whatever may happen to them until a day."""

    def __init__(self, session: Session, seed: int, today: date) -> None:
        self.session, self.today, self.ask = session, today, random.Random(seed)
        self.made = world.found(session)
        self.versions = install(session, self.made, now=noon(today))
        for place in range(2):
            building = world.add_building(session, self.made, place, place % 2, number=str(place + 1))
            self.add_cases(building)
            for room in range(self.ask.randint(1, 2)):
                self.add_home(building, f"{room + 1}01")
        session.flush()

    def day(self, first: int = 150, last: int = 0) -> date:
        """A day so many days ago."""
        return self.today - DAY * self.ask.randint(last, first)

    def is_so(self, share: float) -> bool:
        return self.ask.random() < share

    def add_home(self, building: Building, room: str) -> None:
        home = world.add_household(self.session, building, room)
        home.consent = self.ask.choice(["granted", "granted", "granted", None, "refused"])
        if self.is_so(0.4):
            home.lived_from = self.day(70)
        if self.is_so(0.1):
            home.lived_to = max(home.lived_from, self.day(60)) + DAY
        if self.is_so(0.5):
            home.last_verified_at = noon(self.day(260))
        self.add_answers("household_id", home.id, home.consent)
        self.add_moves(home)
        for _record in range(self.ask.randint(0, 3)):
            form = self.ask.choice(["visit5", "visit5_feedback", "household_check"])
            marks = {"needs_feedback": self.is_so(0.5)} if form == "visit5" else {}
            self.add_record(form, home.id, "household", marks)
        for _person in range(self.ask.randint(1, 3)):
            self.add_person(home)

    def add_person(self, home: Household) -> None:
        age = self.ask.choice([59, 60, 65, 79, 80, 81, 90])
        born = date(self.today.year - age, self.ask.randint(1, 12), self.ask.randint(1, 28))
        person = world.add_resident(self.session, home, self.ask.choice([born, born, date(1944, 2, 29)]))
        if self.is_so(0.3):
            person.lived_from = self.day(90)
        if self.is_so(0.15):
            person.lived_to = max(person.lived_from, self.day(60)) + DAY
            person.leaving = self.ask.choice(["moved", "died", None])
        person.consent = self.ask.choice(["granted", "granted", "not_asked", "withdrawn"])
        self.add_answers("resident_id", person.id, person.consent)
        for _need in range(self.ask.randint(0, 3)):
            self.add_need(person)
        if self.is_so(0.3):
            begun = self.day()
            until = noon(begun + DAY * self.ask.randint(1, 60)) if self.is_so(0.3) else None
            visitor = {"kind": "volunteer", "name": "示例", "valid_from": noon(begun), "valid_to": until}
            self.session.add(AssignedVisitor(resident_id=person.id, **visitor))
        for _record in range(self.ask.randint(0, 9)):
            is_met = self.is_so(0.7)
            marks = {"met": is_met, "not_met": not is_met}
            for mark in ("fell", "grave_change", "wants_aid"):
                marks[mark] = is_met and self.is_so(0.2)
            form = self.ask.choice(["elder_visit", "elder_visit", "elder_visit", "care_visit"])
            self.add_record(form, person.id, "person", marks)

    def add_need(self, person: Resident) -> None:
        kinds = ("living_alone", "empty_nest", "ability_grade", "no_income", "min_allowance", "disabled")
        kind, since = self.ask.choice([*kinds, "hardship"]), self.day(200)
        until = noon(since + DAY * self.ask.randint(1, 120)) if self.is_so(0.3) else None
        grade = self.ask.randint(0, 4) if kind == "ability_grade" else None
        basis = {"legal_basis": "示例", "valid_from": noon(since), "valid_to": until}
        self.session.add(Need(resident_id=person.id, kind=kind, grade=grade, **basis))

    def add_answers(self, key: str, subject: str, registered: str | None) -> None:
        for _answer in range(self.ask.choice([0, 0, 1, 2, 3])):
            purpose = self.ask.choice(["elder_visits", "sensitive_needs", "visit_notes", "registration"])
            status = self.ask.choice(["granted", "refused", "withdrawn"])
            asked = {"status": status, "text_version": "1", "asked_at": noon(self.day())}
            self.session.add(Consent(**{key: subject}, purpose=purpose, **asked))
        if registered in {"granted", "refused", "withdrawn"} and self.is_so(0.5):
            asked = {"status": registered, "text_version": "1", "asked_at": noon(self.today)}
            self.session.add(Consent(**{key: subject}, purpose="registration", **asked))
        self.session.flush()

    def add_moves(self, home: Household) -> None:
        for _move in range(self.ask.choice([0, 0, 1, 2])):
            cell = world.cell_id(self.session, self.ask.randint(0, 3), self.ask.randint(0, 3))
            left = {"object_id": home.id, "until": noon(self.day(80))}
            self.session.add(Placement(kind=PlacedKind.HOUSEHOLD, cell_id=cell, **left))

    def add_record(self, form: str, subject: str, kind: str, marks: dict[str, bool]) -> Record:
        at = noon(self.day(140))
        met: dict[str, Any] = {"met": marks["met"]} if "met" in marks else {}
        row = add_record(self.session, self.versions[form], subject, at=at, kind=kind, marks=marks, **met)
        if self.is_so(0.1):
            marks = {name: self.is_so(0.5) for name in marks}
            if "met" in marks:
                marks["not_met"] = not marks["met"]
            corrected = {"marks": marks, "corrects_id": row.id}
            met = {"met": marks["met"]} if "met" in marks else {}
            add_record(self.session, self.versions[form], subject, at=at, kind=kind, **corrected, **met)
        if self.is_so(0.05):
            row.redacted_at = noon(self.today)
        return row

    def add_cases(self, building: Building) -> None:
        for number in range(self.ask.choice([0, 2, 5])):
            at = noon(self.day(160))
            self.session.add(
                Case(
                    number=f"{building.code}-{number}",
                    receipt=new_id(),
                    community_id=self.made.community,
                    category_code=self.ask.choice(["garbage", "dispute", "garbage"]),
                    severity="big",
                    state="reported",
                    source="patrol",
                    description="示例",
                    building_id=building.id,
                    cell_id=building.cell_id,
                    reported_at=at,
                )
            )
