"""Who comes, goes, says yes or no, or is erased, once more in plain steps; see :mod:`plain_people`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tests.gisgrid.records.replay.plain_people import (
    NO,
    Editor,
    Home,
    Person,
    PlainRegister,
    RefusalError,
    day_of,
    text_of,
)

GONE_WITH = {"registration": ("person.name", "person.phone"), "contact": ("person.phone",)}


class PlainTown(PlainRegister):
    """The register with moves, answers and erasures."""

    def leave(self, editor: Editor, person: Person, left: dict[str, str], reason: str, at: datetime) -> None:
        self.person_for(editor, person.id)
        self.check_open("person.lived_to", person)
        if date.fromisoformat(left["day"]) <= person.lived_from:
            raise RefusalError("InvalidInput")
        current = person.read("person.lived_to")
        if current not in (None, left):
            raise RefusalError("Conflict")
        if current is None:
            self.write(editor, person, "person.lived_to", left, reason, at)

    def come_back(self, editor: Editor, person: Person, reason: str, at: datetime) -> None:
        self.person_for(editor, person.id)
        current = person.read("person.lived_to")
        if current and current["why"] == "died":
            raise RefusalError("Conflict")
        if current:
            self.write(editor, person, "person.lived_to", None, reason, at)

    def move_out(self, editor: Editor, home: Home, day: date, reason: str, at: datetime) -> None:
        self.home_for(editor, home.id)
        self.check_open("person.lived_to", home)
        living = [
            person for person in self.people_of(home) if person.consent not in NO and person.lives(day_of(at))
        ]
        if any(day <= person.lived_from for person in living):
            raise RefusalError("InvalidInput")
        if not living:
            raise RefusalError("Conflict")
        for person in living:
            left = {"day": day.isoformat(), "why": "moved"}
            self.write(editor, person, "person.lived_to", left, reason, at)
        for code in ("household.minors", "household.people_told"):
            if home.values[code]:
                self.write(editor, home, code, 0, reason, at)

    def birth(self, editor: Editor, home: Home, day: date, reason: str, at: datetime) -> None:
        self.home_for(editor, home.id)
        self.check_open("household.minors", home)
        content = {"day": day.isoformat()}
        self.keep(editor, home, ("household.birth", "registration"), (None, content), reason, at)
        for code in ("household.minors", "household.people_told"):
            if code == "household.minors" or home.values[code] is not None:
                self.write(editor, home, code, (home.values[code] or 0) + 1, reason, at)

    def add(self, editor: Editor, home: Home, new: dict[str, Any], reason: str, at: datetime) -> None:
        """Somebody new; the very same again changes nothing, another under the same id is a conflict."""
        self.home_for(editor, home.id)
        self.check_open("household.kind", home)
        if new["phone"] is not None:
            self.check_open("household.contact", home)
        kept = {name: value for name, value in new.items() if name != "id"}
        if new["id"] in self.people:
            added = [
                row for row in self.history if (row["field"], row["person"]) == ("person.added", new["id"])
            ]
            if [(row["home"], row["after"]) for row in added] == [(home.id, text_of(kept))]:
                return
            raise RefusalError("Conflict")
        values = {f"person.{name}": new[name] for name in ("name", "sex", "residence_status", "phone")}
        values |= {"person.birth_date": new["birth_date"], "person.lived_to": None}
        lived_from = date.fromisoformat(new["lived_from"])
        person = Person(new["id"], home, values, home.consent or "not_asked", lived_from)
        self.people[person.id] = person
        if home.values["household.kind"] == "vacant":
            self.write(editor, home, "household.kind", None, reason, at)
        self.keep(editor, person, ("person.added", "registration"), (None, kept), reason, at)
        self.settle(home, at)

    def answer(
        self, editor: Editor, home: Home, person: Person | None, purpose: str, status: str, at: datetime
    ) -> None:
        self.home_for(editor, home.id)
        if person is not None and (person.home is not home or person.is_erased):
            raise RefusalError("NotFound")
        if status == "withdrawn":
            last = self.said(purpose, person) if person else None
            last = last or self.said(purpose, home)
            if last is None and purpose == "registration" and person is None:
                last = home.consent
            if last != "granted":
                raise RefusalError("Conflict")
        self.note(person or home, purpose, status, at, editor.worker)
        if purpose == "registration":
            self.take_effect(home, person, status)
        if status in NO:
            self.forget(home, person, purpose)

    def note(self, of: Home | Person, purpose: str, status: str, at: datetime, worker: str | None) -> None:
        row = {"of": of.id, "purpose": purpose, "status": status, "at": at, "worker": worker}
        self.answers.append(row)

    def take_effect(self, home: Home, person: Person | None, status: str) -> None:
        if person is None:
            home.consent = status
        for each in [person] if person else self.people_of(home):
            each.consent = home.consent if home.consent in NO else self.said("registration", each) or status

    def forget(self, home: Home, person: Person | None, purpose: str) -> None:
        """What goes with a no: fields, and values in the history and in clashes."""
        people = [person] if person else self.people_of(home)
        if purpose == "registration":
            people = [each for each in people if each.consent in NO]
        blanked = {each.id for each in people}
        for row in (*self.history, *self.clashes):
            is_of_home = person is None and row["home"] == home.id and row["person"] is None
            is_for = purpose in ("registration", row["purpose"])
            if is_for and (is_of_home or row["person"] in blanked):
                self.blank(row)
        if purpose in GONE_WITH:
            for each in people:
                each.values |= dict.fromkeys(GONE_WITH[purpose])
            if person is None:
                home.values["household.contact"] = None

    def blank(self, row: dict[str, Any]) -> None:
        if "state" in row:
            row["answer"] = None
            row["state"] = "gone" if row["state"] == "waiting" else row["state"]
        else:
            row |= {"before": None, "after": None, "reason": None}

    def erase(self, editor: Editor, person: Person, at: datetime) -> None:
        """Asked by somebody who serves the household, carried out by a head."""
        self.home_for(editor, person.home.id)
        if person.is_erased:
            raise RefusalError("NotFound")
        person.is_erased, person.consent, person.needs = True, "withdrawn", []
        for code in ("person.name", "person.phone", "person.birth_date", "person.sex"):
            person.values[code] = None
        self.note(person, "registration", "withdrawn", at, None)
        home = person.home
        is_last = not self.people_of(home)
        for row in (*self.history, *self.clashes):
            if row["person"] == person.id or (is_last and row["home"] == home.id):
                self.blank(row)
        if is_last:
            home.values["household.contact"] = None
            home.consent = home.consent if home.consent in NO else "withdrawn"
