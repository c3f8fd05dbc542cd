"""The register once more as dictionaries and lists: who lives where, what was said, what became of each edit.

Nothing of the program is used here. It goes by the rules as they are written down, one thing after another,
and it is the oracle of the replay.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
NO = ("refused", "withdrawn")
PURPOSES = (
    "registration",
    "contact",
    "elder_visits",
    "sensitive_needs",
    "contracted_services",
    "visit_notes",
)
PURPOSE_OF = {
    "household.kind": "registration",
    "household.contact": "contact",
    "household.people_told": "registration",
    "household.minors": "registration",
    "person.name": "registration",
    "person.sex": "registration",
    "person.residence_status": "registration",
    "person.phone": "contact",
    "person.lived_to": "registration",
    "person.need.living_alone": "elder_visits",
    "person.need.ability_grade": "sensitive_needs",
    "person.need.hardship": "sensitive_needs",
}
NEVER_EMPTY = ("person.residence_status",)


class RefusalError(Exception):
    """A plain no, by the name of the error that the program should raise."""


def text_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def day_of(at: datetime) -> date:
    return at.astimezone(ZONE).date()


@dataclass
class Need:
    kind: str
    since: date
    until: date | None
    grade: int | None
    basis: str


@dataclass
class Person:
    id: str
    home: Home
    values: dict[str, Any]
    consent: str
    lived_from: date
    needs: list[Need] = field(default_factory=list)
    is_erased: bool = False

    def lives(self, day: date) -> bool:
        left = self.values["person.lived_to"]
        return self.lived_from <= day and (left is None or day < date.fromisoformat(left["day"]))

    def read(self, code: str) -> Any:
        if not code.startswith("person.need."):
            return self.values[code]
        held = [need for need in self.needs if need.kind == code.split(".")[2] and need.until is None]
        if not held:
            return None
        need = max(held, key=lambda need: need.since)
        return {"grade": need.grade, "since": need.since.isoformat(), "legal_basis": need.basis}

    def write(self, code: str, value: Any, today: date) -> None:
        if not code.startswith("person.need."):
            self.values[code] = value
            return
        kind = code.split(".")[2]
        start = date.fromisoformat(value["since"]) if value else today
        self.needs = [need for need in self.needs if need.kind != kind or need.since < start]
        for need in self.needs:
            if need.kind == kind and (need.until is None or need.until > start):
                need.until = start
        if value:
            self.needs.append(Need(kind, start, None, value["grade"], value["legal_basis"]))


@dataclass
class Home:
    id: str
    cell: str
    consent: str | None
    values: dict[str, Any]
    verified_at: datetime | None = None
    vacated_at: datetime | None = None

    def read(self, code: str) -> Any:
        return self.values[code]

    def write(self, code: str, value: Any, _today: date) -> None:
        self.values[code] = value


@dataclass
class Editor:
    """Who does something: the account, the role, and the grids that are served today."""

    account: str
    worker: str
    role: str
    grids: set[str] = field(default_factory=set)


class PlainRegister:
    """Everything that was accepted, in order."""

    def __init__(self) -> None:
        self.homes: dict[str, Home] = {}
        self.people: dict[str, Person] = {}
        self.grid_of: dict[str, str] = {}
        self.answers: list[dict[str, Any]] = []
        self.history: list[dict[str, Any]] = []
        self.clashes: list[dict[str, Any]] = []

    def home_for(self, editor: Editor, home_id: str) -> Home:
        home = self.homes[home_id]
        if editor.role != "head" and self.grid_of[home.cell] not in editor.grids:
            raise RefusalError("NotFound")
        return home

    def person_for(self, editor: Editor, person_id: str) -> Person:
        if person_id not in self.people:
            raise RefusalError("NotFound")
        person = self.people[person_id]
        self.home_for(editor, person.home.id)
        if person.is_erased or person.consent in NO or person.home.consent in NO:
            raise RefusalError("Conflict")
        return person

    def subject_for(self, editor: Editor, subject: Home | Person) -> Home | Person:
        if isinstance(subject, Home):
            return self.home_for(editor, subject.id)
        return self.person_for(editor, subject.id)

    def people_of(self, home: Home) -> list[Person]:
        return [person for person in self.people.values() if person.home is home and not person.is_erased]

    def said(self, purpose: str, subject: Home | Person) -> str | None:
        answers = [row for row in self.answers if (row["of"], row["purpose"]) == (subject.id, purpose)]
        return answers[-1]["status"] if answers else None

    def state(self, purpose: str, subject: Home | Person) -> str:
        home = subject if isinstance(subject, Home) else subject.home
        person = subject if isinstance(subject, Person) else None
        own = person.consent if person and person.consent != "not_asked" else None
        if home.consent in NO or own in NO:
            return "refused"
        if purpose == "registration":
            return "open" if own or home.consent else "not_asked"
        shared, own = self.said(purpose, home), self.said(purpose, person) if person else None
        if shared in NO or own in NO:
            return "refused"
        return "open" if shared or own else "not_asked"

    def check_open(self, code: str, subject: Home | Person) -> None:
        if self.state(PURPOSE_OF[code], subject) != "open":
            raise RefusalError("InvalidInput")

    def edit(
        self,
        editor: Editor,
        subject: Home | Person,
        edits: list[tuple[str, Any, Any]],
        reason: str,
        at: datetime,
    ) -> list[str]:
        """Fields with the new value and what was seen, together: what became of each."""
        self.subject_for(editor, subject)
        for code, value, _seen in edits:
            self.check_open(code, subject)
            if value is None and code in NEVER_EMPTY:
                raise RefusalError("InvalidInput")
        return [self.edit_one(editor, subject, *edit, reason, at) for edit in edits]

    def edit_one(
        self,
        editor: Editor,
        subject: Home | Person,
        code: str,
        value: Any,
        seen: Any,
        reason: str,
        at: datetime,
    ) -> str:
        current = subject.read(code)
        if text_of(current) == text_of(value):
            return "confirmed"
        if text_of(seen) == text_of(current):
            self.write(editor, subject, code, value, reason, at)
            return "written"
        self.clashes.append(
            {**self.whose(subject), "at": at, "account": editor.account, "field": code, "state": "waiting"}
            | {"answer": text_of(value), "purpose": PURPOSE_OF[code]}
        )
        return "clash"

    def whose(self, subject: Home | Person) -> dict[str, Any]:
        if isinstance(subject, Home):
            return {"home": subject.id, "person": None}
        return {"home": subject.home.id, "person": subject.id}

    def write(
        self, editor: Editor, subject: Home | Person, code: str, value: Any, reason: str | None, at: datetime
    ) -> None:
        before = subject.read(code)
        subject.write(code, value, day_of(at))
        self.settle(subject if isinstance(subject, Home) else subject.home, at)
        self.keep(editor, subject, (code, PURPOSE_OF[code]), (before, value), reason, at)

    def keep(
        self,
        editor: Editor,
        subject: Home | Person,
        field: tuple[str, str],
        values: tuple[Any, Any],
        reason: str | None,
        at: datetime,
    ) -> None:
        """A line of the history: the field with its purpose, the values before and after."""
        (code, purpose), (before, after) = field, values
        row = {**self.whose(subject), "at": at, "account": editor.account, "field": code, "purpose": purpose}
        self.history.append(row | {"before": text_of(before), "after": text_of(after), "reason": reason})

    def settle(self, home: Home, at: datetime) -> None:
        """Since when nobody lives there, where somebody did or it is said to be vacant."""
        people = self.people_of(home)
        is_left = home.values["household.kind"] == "vacant" or any(
            person.values["person.lived_to"] for person in people
        )
        is_empty = is_left and not any(person.lives(day_of(at)) for person in people)
        home.vacated_at = (home.vacated_at or at) if is_empty else None

    def undo(self, editor: Editor, row: dict[str, Any], reason: str, at: datetime) -> None:
        subject = self.people[row["person"]] if row["person"] else self.homes[row["home"]]
        self.subject_for(editor, subject)
        if at - row["at"] > timedelta(days=1) or row["field"] not in PURPOSE_OF:
            raise RefusalError("Conflict")
        self.check_open(row["field"], subject)
        if text_of(subject.read(row["field"])) != row["after"] or row["before"] is None:
            raise RefusalError("Conflict")
        self.write(editor, subject, row["field"], json.loads(row["before"]), reason, at)

    def set_need(
        self, editor: Editor, person: Person, code: str, value: Any, reason: str, at: datetime
    ) -> None:
        """A need from a day on, or, without a value, none any more: that asks for no consent."""
        self.person_for(editor, person.id)
        if value is not None:
            self.check_open(code, person)
        if text_of(person.read(code)) != text_of(value):
            self.write(editor, person, code, value, reason, at)

    def refuse(self, why: str) -> None:
        raise RefusalError(why)

    def settle_clash(
        self, editor: Editor, clash: dict[str, Any], *, takes: bool, reason: str, at: datetime
    ) -> None:
        if editor.role == "member":
            raise RefusalError("NotAllowed")
        subject = self.people[clash["person"]] if clash["person"] else self.homes[clash["home"]]
        self.subject_for(editor, subject)
        if clash["state"] != "waiting":
            raise RefusalError("Conflict")
        if takes:
            self.check_open(clash["field"], subject)
            self.write(editor, subject, clash["field"], json.loads(clash["answer"]), reason, at)
        clash["state"] = "taken" if takes else "kept"
