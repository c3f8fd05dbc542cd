"""Who reads and writes what of each form that comes with the program, against a table written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.forms.built_in.forms import built_in_forms
from gisgrid.access.actors import NOBODY, Actor
from gisgrid.access.models import Role
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.erasure.service import ask_erasure, carry_out
from gisgrid.places.models import Facility
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.subjects import subject_columns
from gisgrid.records.entries.inputs import RecordInput
from gisgrid.records.entries.service import write_record
from gisgrid.records.lists.card import record_of
from gisgrid.records.lists.queries import RecordFilter, list_records
from gisgrid.records.publication.built_in import install_forms
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.fieldwork import add_record

STATES = ("granted", "refused", "withdrawn", "not_asked", "erased")
OF_PEOPLE = {
    "visit5": ("household", "visit_notes"),
    "visit5_feedback": ("household", "visit_notes"),
    "elder_visit": ("person", "elder_visits"),
    "care_visit": ("person", "sensitive_needs"),
    "household_check": ("household", "registration"),
}
OF_PLACES = ("patrol_point", "dispute_screen")
SERVING = ("member", "staff")
ELSEWHERE = ("other_member", "other_staff")
BY_DUTY = ("grid_leader", "steward")
NEVER = ("leader", "property", "org", "evaluator", "resident", "admin", "nobody")
ROLES = (*SERVING, "head", *ELSEWHERE, *BY_DUTY, *NEVER)
NOTHING = ("", "", "")


def wanted_of_people(role: str, state: str, subject: str) -> tuple[str, str, str]:
    """What is known of a record, what is read, what is written: ``yes``, ``reason`` or nothing.

    By the note on records (0.6, 9.2, 9.5, 11) and the table of access: members and staff in their own grids;
    heads know of it, and read after a reason; nobody else. After a no only heads, after a reason; of who was
    erased nothing is left to read. Writing asks for consent first; after a no it is an attempt alone.
    """
    is_there = state != "erased" or subject == "household"
    writes = "" if not is_there else "ask" if state == "not_asked" else "yes"
    if role in ELSEWHERE or role in BY_DUTY or role in NEVER or not is_there:
        return ("", "", writes if role in {*SERVING, "head"} else "")
    if state in {"granted", "not_asked"}:
        return ("yes", "yes" if role in SERVING else "reason", writes)
    if role == "head":
        return ("reason", "" if state == "erased" else "reason", writes)
    return ("", "", writes)


WANTED_OF_PLACES = {
    **dict.fromkeys((*SERVING, "head"), ("yes", "yes", "yes")),
    **dict.fromkeys((*ELSEWHERE, *NEVER), NOTHING),
    # Who is neither member nor staff knows of what they noted themselves, and fills forms that name the duty.
    "grid_leader": ("", "", "yes"),
    "steward": ("", "", "yes"),
}


@dataclass
class Desk:
    """A community in which everything was noted once, and one account of each role."""

    session: Session
    now: datetime
    erasures: Path
    versions: dict[str, str] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    records: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.made = world.found(self.session)
        install_forms(self.session, self.made.actor, built_in_forms(), now=self.now)
        rows = select(FieldForm.code, FormVersion.id).join(FormVersion, FormVersion.form_id == FieldForm.id)
        self.versions = {row.code: row.id for row in self.session.execute(rows)}
        self.building = world.add_building(self.session, self.made, 0, 0)
        self.actors = dict(self._actors())
        for form in OF_PEOPLE:
            for state in STATES:
                self.records[form, state] = self._noted(form, state)
        for form in OF_PLACES:
            self.records[form, "granted"] = self._noted_of_place(form)

    def _actors(self) -> Iterator[tuple[str, Actor]]:
        add = world.add_actor
        yield "member", add(self.session, self.made, Role.MEMBER, "G1")
        yield "other_member", add(self.session, self.made, Role.MEMBER, "G2")
        yield "staff", add(self.session, self.made, Role.STAFF, "G1")
        yield "other_staff", add(self.session, self.made, Role.STAFF, "G2")
        yield "head", add(self.session, self.made, Role.HEAD)
        yield "grid_leader", add(self.session, self.made, Role.GRID_LEADER, "G1")
        steward = add(self.session, self.made, Role.STEWARD)
        yield "steward", Actor(**{**fields_of(steward), "buildings": frozenset({self.building.id})})
        for name in NEVER:
            yield name, NOBODY if name == "nobody" else add(self.session, self.made, Role(name))

    def _noted(self, form: str, state: str) -> tuple[str, str]:
        """A record from before the answer, about a household of its own; the ids of record and subject."""
        kind, purpose = OF_PEOPLE[form]
        room = f"{len(self.records) + 1:03}"
        is_asked = state != "not_asked" or purpose != "registration"
        home = world.add_household(self.session, self.building, room, consent="granted" if is_asked else None)
        own = "granted" if is_asked else "not_asked"
        person = world.add_resident(self.session, home, date(1940, 1, 1), consent=own)
        subject = home.id if kind == "household" else person.id
        head = self.made.view(self.session, self.actors["head"], now=self.now)
        if state != "not_asked":
            self._say(home.id, purpose, "granted")
        before = self.now - timedelta(days=3)
        record = add_record(self.session, self.versions[form], subject, at=before, kind=kind)
        if state in {"refused", "withdrawn"}:
            self._say(home.id, purpose, state)
        if state == "erased":
            request = ask_erasure(head, home.id, now=self.now)
            carry_out(head, request, erasures=self.erasures, now=self.now)
        return record.id, subject

    def _say(self, home: str, purpose: str, status: str) -> None:
        view = self.made.view(self.session, self.actors["head"], now=self.now)
        record_answer(view, home, AnswerInput(purpose=purpose, status=status, unasked=True), now=self.now)
        self.now += timedelta(seconds=1)

    def _noted_of_place(self, form: str) -> tuple[str, str]:
        kind = SubjectKind(self.session.scalar(select(FieldForm.subject).where(FieldForm.code == form)) or "")
        subject = self._facility() if kind == SubjectKind.FACILITY else self.building.id
        row = Record(
            id=new_id(),
            **subject_columns(kind, subject),
            form_version_id=self.versions[form],
            form_code=form,
            community_id=self.made.community,
            cell_id=self.building.cell_id,
            day=self.now.date(),
            filled_at=self.now,
            received_at=self.now,
            answers="{}",
            marks="{}",
            sent="x",
        )
        self.session.add(row)
        self.session.flush()
        return row.id, subject

    def _facility(self) -> str:
        made = {"type": "service_station", "name": "示例点", "position": world.middle(0, 0)}
        place = Facility(id=new_id(), community_id=self.made.community, cell_id=self.building.cell_id, **made)
        self.session.add(place)
        self.session.flush()
        return place.id

    def answer(self, role: str, form: str, state: str) -> tuple[str, str, str]:
        """What somebody knows of the record, reads of it, and may write about its subject."""
        try:
            view = self.made.view(self.session, self.actors[role], now=self.now)
        except NotFound:
            return NOTHING
        record, subject = self.records[form, state]
        with self.session.begin_nested() as attempt:
            known, read = self._read(view, record, None)
            if not known or not read:
                later = self._read(view, record, "核对")
                known, read = known or ("reason" if later[0] else ""), read or ("reason" if later[1] else "")
            written = self._write(view, form, subject)
            attempt.rollback()
        return known, read, written

    def _read(self, view: Any, record: str, reason: str | None) -> tuple[str, str]:
        try:
            opened = record_of(view, record, reason=reason, now=self.now)
        except (NotAllowed, NotFound):
            return "", ""
        return "yes", "yes" if opened["answers"] is not None else ""

    def _write(self, view: Any, form: str, subject: str) -> str:
        kind = self.session.scalar(select(FieldForm.subject).where(FieldForm.code == form))
        sent = RecordInput(
            id=new_id(),
            version_id=self.versions[form],
            subject=SubjectKind(kind or ""),
            subject_id=subject,
            day=self.now.astimezone(world.TZ).date(),
            filled_at=self.now,
            answers={"no_such_question": "x"},
        )
        try:
            write_record(view, sent, now=self.now)
        except (NotAllowed, NotFound):
            return ""
        except InvalidInput as error:
            return "ask" if "nobody has asked" in str(error) else "yes"
        return "yes"

    def listed(self, role: str) -> set[str]:
        try:
            view = self.made.view(self.session, self.actors[role], now=self.now)
            rows = list_records(view, RecordFilter(), now=self.now)["rows"]
        except (NotAllowed, NotFound):
            return set()
        return {row["id"] for row in rows}


def fields_of(actor: Actor) -> dict[str, Any]:
    return {name: getattr(actor, name) for name in Actor.__dataclass_fields__}


def test_nobody_reads_or_writes_more_than_the_table_says(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    with database.write() as session:
        desk = Desk(session, now, tmp_path / "erasures.jsonl")
        assert {*OF_PEOPLE, *OF_PLACES} == set(desk.versions)
        wrong = []
        for role in ROLES:
            listed = desk.listed(role)
            for (form, state), (record, _subject) in desk.records.items():
                wanted = WANTED_OF_PLACES[role]
                if (role, form) == ("steward", "patrol_point"):  # of a facility, which is in no building
                    wanted = NOTHING
                if form in OF_PEOPLE:
                    wanted = wanted_of_people(role, state, OF_PEOPLE[form][0])
                told = desk.answer(role, form, state)
                if told != wanted or (record in listed) != (wanted[0] == "yes"):
                    wrong.append((role, form, state, told, wanted, record in listed))
        assert not wrong, "\n".join(map(str, wrong))
        session.rollback()
