"""What four people do by chance: each act is sent to the services and to the plain archive alike."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from gisgrid.areas.models import UnitCell
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.core.edit_models import FieldClash, RegisterEdit
from gisgrid.people.edits.clashes import settle_clash
from gisgrid.people.edits.household_moves import move_household_out
from gisgrid.people.edits.households import Birth, add_birth
from gisgrid.people.edits.needs import end_need, set_need
from gisgrid.people.edits.persons import NewPerson, add_person, come_back, leave
from gisgrid.people.edits.service import FieldEdit, edit_household, edit_person
from gisgrid.people.edits.undo import undo_change
from gisgrid.people.erasure.service import ask_erasure, carry_out
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.entries.corrections import correct_record, redact_record
from gisgrid.records.entries.inputs import RecordInput
from gisgrid.records.entries.service import write_record
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.plans import store
from gisgrid.redraw.publication import publish
from gisgrid.workforce.duties import NewDuty, begin_duty
from tests.gisgrid.records.replay.plain_people import Home, Person, day_of
from tests.gisgrid.records.replay.plain_records import BOUND, CHECK, ROW_BOUND, VISIT
from tests.gisgrid.records.replay.replaying import NAMES, SINCE, Replay

PHONES: Final = ("199-0000-0001", "199-0000-0002", "199-0000-0003")
VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "household.kind": ("owned", "rented", "vacant", None),
    "household.contact": (*PHONES, None),
    "household.people_told": (1, 2, 3, None),
    "person.name": ("示例甲", "示例乙", None),
    "person.sex": ("f", "m"),
    "person.residence_status": ("registered_here", "resident", "floating", None),
    "person.phone": (*PHONES, None),
}
WHY: Final = "核对"


class Acts(Replay):
    """One act after another, of somebody, about somebody."""

    def step(self) -> None:
        self.tick()
        (act,) = self.draw.choices(list(WEIGHTS), list(WEIGHTS.values()))
        act(self)

    def begin(self) -> None:
        """Most households have said something to most purposes before anything else happens."""
        for home in self.plain.homes.values():
            for purpose in ("contact", "elder_visits", "sensitive_needs", "registration"):
                if self.draw.random() < 0.8:
                    self.say("head", home, None, purpose, "granted")
        for person in self.plain.people.values():
            if self.draw.random() < 0.6:
                self.need("head", person, "living_alone", SINCE)

    def new_id(self) -> str:
        return str(UUID(int=self.draw.getrandbits(128), version=4))

    def look_around(self) -> None:
        self.look(self.draw.choice(NAMES))

    def edit(self) -> None:
        subject = self.draw.choice([self.any_home(), self.someone(), self.someone()])
        name = self.who_for(subject)
        kind = "household." if isinstance(subject, Home) else "person."
        codes = self.draw.sample(
            [code for code in VALUES if code.startswith(kind)], self.draw.choice([1, 1, 2])
        )
        edits = [(code, self.draw.choice(VALUES[code]), self.seen_by(name, subject, code)) for code in codes]
        by_base = self.draw.random() < 0.5
        sent = [
            FieldEdit(field=code, value=value, base=self.base(subject, code, seen))
            if by_base
            else FieldEdit(field=code, value=value, seen=seen)
            for code, value, seen in edits
        ]
        service = edit_household if isinstance(subject, Home) else edit_person
        answer, became = self.both(
            "edit",
            lambda: service(self.view(name), subject.id, sent, reason=WHY, now=self.now),
            lambda: self.plain.edit(self.editors[name], subject, edits, WHY, self.now),
        )
        if answer is not None:
            assert [str(row["became"]) for row in answer["fields"]] == became, self.seed
            self.counts.update(f"edit {each}" for each in became)

    def undo(self) -> None:
        if not self.plain.history:
            return
        row = self.draw.choice(self.plain.history[-6:])
        name = self.who_for(self.plain.homes[row["home"]])
        rows = self.session.scalars(select(RegisterEdit).where(RegisterEdit.at == row["at"])).all()
        change = [
            each.id
            for each in rows
            if (each.field, each.household_id, each.resident_id) == (row["field"], row["home"], row["person"])
        ]
        self.both(
            "undo",
            lambda: undo_change(self.view(name), change[0], reason=WHY, now=self.now),
            lambda: self.plain.undo(self.editors[name], row, WHY, self.now),
        )

    def settle(self) -> None:
        if not self.plain.clashes:
            return
        clash, takes = self.draw.choice(self.plain.clashes), self.draw.random() < 0.5
        name = self.who_for(self.plain.homes[clash["home"]])
        rows = self.session.scalars(select(FieldClash).where(FieldClash.at == clash["at"])).all()
        wanted = (clash["field"], clash["home"], clash["person"])
        found = [row.id for row in rows if (row.field, row.household_id, row.resident_id) == wanted]
        self.both(
            "clash",
            lambda: settle_clash(self.view(name), found[0], takes_answer=takes, reason=WHY, now=self.now),
            lambda: self.plain.settle_clash(self.editors[name], clash, takes=takes, reason=WHY, at=self.now),
        )

    def need(self, name: str, person: Person, kind: str, since: date) -> None:
        grade = self.draw.randint(0, 4) if kind == "ability_grade" else None
        value = {"grade": grade, "since": since.isoformat(), "legal_basis": "示例"}
        self.both(
            "set need",
            lambda: set_need(self.view(name), person.id, kind, value, reason=WHY, now=self.now),
            lambda: self.plain.set_need(
                self.editors[name], person, f"person.need.{kind}", value, WHY, self.now
            ),
        )

    def set_need(self) -> None:
        person, kind = self.someone(), self.draw.choice(["living_alone", "ability_grade", "hardship"])
        name = self.who_for(person)
        if self.draw.random() < 0.25:
            self.both(
                "end need",
                lambda: end_need(self.view(name), person.id, kind, reason=WHY, now=self.now),
                lambda: self.plain.set_need(
                    self.editors[name], person, f"person.need.{kind}", None, WHY, self.now
                ),
            )
            return
        self.need(name, person, kind, day_of(self.now) - timedelta(days=self.draw.choice([0, 0, 1, 4])))

    def move(self) -> None:
        person, chance = self.any_person(), self.draw.random()
        name = self.who_for(person)
        day = day_of(self.now) - timedelta(days=self.draw.choice([0, 1, 3]))
        if chance < 0.5:
            left = {"day": day.isoformat(), "why": self.draw.choice(["moved", "moved", "died"])}
            self.both(
                "leave",
                lambda: leave(self.view(name), person.id, left["day"], left["why"], reason=WHY, now=self.now),
                lambda: self.plain.leave(self.editors[name], person, left, WHY, self.now),
            )
        elif chance < 0.85:
            self.both(
                "come back",
                lambda: come_back(self.view(name), person.id, reason=WHY, now=self.now),
                lambda: self.plain.come_back(self.editors[name], person, WHY, self.now),
            )
        else:
            self.both(
                "household leaves",
                lambda: move_household_out(
                    self.view(name), person.home.id, day.isoformat(), reason=WHY, now=self.now
                ),
                lambda: self.plain.move_out(self.editors[name], person.home, day, WHY, self.now),
            )

    def add(self) -> None:
        """Somebody new, sometimes sent again, sometimes another under the same id."""
        home, day = self.any_home(), day_of(self.now)
        name = self.who_for(home)
        sent = {
            "id": self.new_id(),
            "name": "示例丙",
            "sex": "m",
            "phone": self.draw.choice([None, PHONES[0]]),
            "birth_date": self.draw.choice(["1944-02-29", "1990-05-05"]),
            "residence_status": "resident",
            "lived_from": (day - timedelta(days=self.draw.choice([0, 2]))).isoformat(),
        }
        for again in range(self.draw.choice([1, 1, 2, 3])):
            what = sent | ({"name": "示例丁"} if again == 2 else {})
            self.both(
                "add" if not again else "add again",
                lambda what=what: add_person(
                    self.view(name), home.id, NewPerson(**what), reason=WHY, now=self.now
                ),
                lambda what=what: self.plain.add(self.editors[name], home, what, WHY, self.now),
            )

    def birth(self) -> None:
        home, day = self.any_home(), day_of(self.now)
        name = self.who_for(home)
        birth = Birth(id=self.new_id(), day=day.isoformat())
        self.both(
            "birth",
            lambda: add_birth(self.view(name), home.id, birth, reason=WHY, now=self.now),
            lambda: self.plain.birth(self.editors[name], home, day, WHY, self.now),
        )

    def answer(self) -> None:
        person = self.draw.choice([None, self.someone()])
        home = person.home if person else self.any_home()
        purpose = self.draw.choice(["registration", *["contact", "elder_visits", "sensitive_needs"] * 2])
        status = self.draw.choice(["granted"] * 5 + ["refused", "withdrawn"])
        self.say(self.who_for(home), home, person, purpose, status)

    def say(self, name: str, home: Home, person: Person | None, purpose: str, status: str) -> None:
        told = AnswerInput(
            purpose=purpose, status=status, resident=person.id if person else None, unasked=True
        )
        self.both(
            f"answer {status}",
            lambda: record_answer(self.view(name), home.id, told, now=self.now),
            lambda: self.plain.answer(self.editors[name], home, person, purpose, status, self.now),
        )

    def erase(self) -> None:
        person = self.draw.choice([self.someone(), *self.clashing()])
        name = self.who_for(person)

        def real() -> None:
            request = ask_erasure(self.view(name), person.home.id, resident_id=person.id, now=self.now)
            carry_out(self.view("head"), request, erasures=self.erasures, now=self.now)

        self.both("erase", real, lambda: self.plain.erase(self.editors[name], person, self.now))

    def clashing(self) -> list[Person]:
        """Of whom an answer waits to be settled."""
        return [self.plain.people[row["person"]] for row in self.plain.clashes if row["person"]]

    def hand_over(self) -> None:
        """Another takes a grid over, from this moment on."""
        grid, heir = self.draw.choice(["G1", "G2", "G3"]), self.draw.choice(["member", "other"])
        duty = NewDuty(
            worker=self.editors[heir].worker,
            area=grid,
            kind="grid_member",
            first=day_of(self.now),
            is_primary=True,
            replaces=True,
        )
        self.both(
            "hand over",
            lambda: begin_duty(self.view("head"), duty, now=self.now),
            lambda: self.hand_over_plainly(grid, heir),
        )

    def hand_over_plainly(self, grid: str, heir: str) -> None:
        if self.primary.get(grid) == heir:
            self.plain.refuse("Conflict")
        before = self.primary.get(grid)
        if before is not None:
            self.editors[before].grids.discard(grid)
        self.editors[heir].grids.add(grid)
        self.primary[grid] = heir

    def redraw(self) -> None:
        """Cells go to another grid; whether they may is judged by the room of plans, with its own proofs."""
        grid, number = self.draw.choice(["G1", "G2", "G3"]), self.draw.choice([2, 2, 3, 6, 6, 7])
        cells = dict(self.session.execute(select(UnitCell.number, UnitCell.id)).all())
        try:
            with self.session.begin_nested():
                view = self.made.view(self.session, now=self.now)
                plan = store.new_plan(view, "plan", now=self.now).id
                op = {"op": "paint", "cells": [cells[number]], "to": grid}
                plan_service.add_edit(view, plan, op, caches=self.made.caches, now=self.now)
                publish(view, plan, "redraw", caches=self.made.caches, now=self.now)
        except (Conflict, InvalidInput):
            self.session.expire_all()
            self.counts["redraw refused"] += 1
        else:
            self.plain.grid_of[cells[number]] = grid
            self.counts["redraw taken"] += 1

    def record(self) -> None:
        """A form is filled; sometimes it is sent again, changed or not."""
        subject = self.draw.choice([self.any_home(), self.someone(), self.someone()])
        name = self.who_for(subject)
        sent = self.filled(name, subject)
        for again in range(self.draw.choice([1, 1, 1, 2, 3])):
            told = sent if again < 2 else sent | {"answers": {"seen": "no"}}
            self.note("record again" if again else "record", name, subject, told)

    def note(self, what: str, name: str, subject: Home | Person, sent: dict[str, Any]) -> None:
        form = CHECK if isinstance(subject, Home) else VISIT
        written, kept = self.both(
            what,
            lambda: write_record(self.view(name), self.input(subject, sent), now=self.now),
            lambda: self.plain.write_record(self.editors[name], form, subject, sent, self.now),
        )
        self.compare(written, kept)

    def compare(self, written: Any, kept: Any) -> None:
        if written is None:
            return
        became = [(row.person or kept.home.id, row.field, str(row.became)) for row in written.became]
        assert sorted(became) == sorted(kept.became), (self.seed, became, kept.became)
        self.counts.update(f"record field {what}" for _of, _code, what in kept.became)

    def filled(self, name: str, subject: Home | Person) -> dict[str, Any]:
        """Answers to some questions, with what the form began with where it was open before."""
        form = CHECK if isinstance(subject, Home) else VISIT
        answers: dict[str, Any] = {"seen": self.draw.choice(["yes", "yes", "no"])}
        seen: dict[str, Any] = {}
        choices = {
            "alone": ("yes", "no"),
            "phone": PHONES,
            "kind": ("owned", "rented"),
            "contact": PHONES,
            "note": ("好", "跌倒"),
            "sex": ("f", "m"),
        }
        for question in (*BOUND[form], "note"):
            if self.draw.random() < 0.4:
                answers[question] = self.draw.choice(choices[question])
                if question in BOUND[form] and self.draw.random() < 0.7:
                    seen[question] = self.seen_by(name, subject, BOUND[form][question])
        if isinstance(subject, Home) and self.draw.random() < 0.5:
            for person in [each for each in self.plain.people.values() if each.home is subject]:
                question = self.draw.choice(["phone", "sex"])
                row = {"_id": person.id, question: self.draw.choice(choices[question])}
                answers["people"] = [*answers.get("people", []), row]
                if self.draw.random() < 0.7:
                    seen[f"{person.id}.{question}"] = self.seen_by(name, person, ROW_BOUND[question])
        filled_at = self.now - timedelta(minutes=self.draw.choice([2, 90, 1500, 4000]))
        return {"id": self.new_id(), "answers": answers, "seen": seen, "filled_at": filled_at}

    def input(self, subject: Home | Person, sent: dict[str, Any]) -> RecordInput:
        is_home = isinstance(subject, Home)
        return RecordInput(
            id=sent["id"],
            version_id=self.versions[CHECK if is_home else VISIT],
            subject=SubjectKind.HOUSEHOLD if is_home else SubjectKind.PERSON,
            subject_id=subject.id,
            day=day_of(sent["filled_at"]),
            filled_at=sent["filled_at"],
            answers=sent["answers"],
            bases={key: self.base_at(subject, key, value) for key, value in sent["seen"].items()},
        )

    def base_at(self, subject: Home | Person, key: str, value: Any) -> str:
        if "." in key:
            person, question = key.split(".")
            return self.base(self.plain.people[person], ROW_BOUND[question], value)
        form = CHECK if isinstance(subject, Home) else VISIT
        return self.base(subject, BOUND[form][key], value)

    def correct(self) -> None:
        if not self.plain.records:
            return
        former = self.draw.choice(list(self.plain.records.values()))
        name = self.who_for(former.subject)
        sent = self.filled(name, former.subject)
        for again in range(self.draw.choice([1, 1, 2])):
            written, kept = self.both(
                "correct again" if again else "correct",
                lambda: correct_record(
                    self.view(name), former.id, self.input(former.subject, sent), WHY, now=self.now
                ),
                lambda: self.plain.correct(self.editors[name], former.id, sent, WHY, self.now),
            )
            self.compare(written, kept)

    def redact(self) -> None:
        if not self.plain.records:
            return
        record_id, name = self.draw.choice(list(self.plain.records)), self.draw.choice(["head", *NAMES])
        self.both(
            "redact",
            lambda: redact_record(self.view(name), record_id, WHY, erasures=self.erasures, now=self.now),
            lambda: self.plain.redact(self.editors[name], record_id),
        )


WEIGHTS: Final = {
    Acts.look_around: 8,
    Acts.edit: 16,
    Acts.undo: 6,
    Acts.settle: 5,
    Acts.set_need: 10,
    Acts.move: 7,
    Acts.add: 3,
    Acts.birth: 2,
    Acts.answer: 14,
    Acts.erase: 2,
    Acts.hand_over: 4,
    Acts.redraw: 3,
    Acts.record: 18,
    Acts.correct: 6,
    Acts.redact: 1,
}
"""How often each is done."""
