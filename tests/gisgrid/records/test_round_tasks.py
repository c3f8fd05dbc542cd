"""The tasks of a round: on the list while it runs, gone with a record; a record may name its round."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from gisgrid.access.models import Role
from gisgrid.errors import InvalidInput
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import SubjectKind, TaskNoteKind
from gisgrid.records.entries.inputs import RecordInput
from gisgrid.records.entries.service import write_record
from gisgrid.records.rounds.inputs import RoundSelector
from gisgrid.records.rounds.service import close_round
from gisgrid.records.work.notes import NoteInput, note_task
from gisgrid.records.work.queries import WorkList, list_work
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.records.test_rounds import DAY, Block, block


def rows(answer: WorkList, round_id: str) -> list[str]:
    return sorted(row["subject"]["id"] for row in answer["rows"] if row["rule"] == f"round:{round_id}")


def visit(place: Block, subject: str, round_id: str | None, days: int = 0) -> RecordInput:
    at = place.now + days * DAY
    return RecordInput(
        id=new_id(),
        version_id=place.versions["elder_visit"],
        subject=SubjectKind.PERSON,
        subject_id=subject,
        day=at.date(),
        filled_at=at - timedelta(minutes=1),
        answers={"seen": "yes"},
        round_id=round_id,
    )


def test_a_round_asks_each_of_its_subjects_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = block(session, now)
        for home in place.homes:
            home.last_verified_at = now
        member = world.add_actor(session, place.made, Role.MEMBER, "G1")
        round_id = place.open(form="elder_visit", selector=RoundSelector(who="${age} >= 70"))
        answer = list_work(place.view(member), now=now)
        assert rows(answer, round_id) == sorted(person.id for person in place.people[:6])
        row = next(row for row in answer["rows"] if row["rule"] == f"round:{round_id}")
        assert (row["key"], row["round"], row["due"], row["state"]) == (
            f"round:{round_id}|{row['subject']['id']}",
            "入冬核实",
            "2026-12-14",
            "open",
        )
        write_record(place.view(member), visit(place, place.people[0].id, round_id), now=now)
        write_record(place.view(member), visit(place, place.people[1].id, None), now=now)
        place.people[2].erased_at = now
        place.homes[3].consent = "refused"
        left = sorted(person.id for person in place.people[4:6])
        assert rows(list_work(place.view(member), now=now), round_id) == left
        late = place.view(member, days=21)
        states = [row["state"] for row in list_work(late, now=late.when.at)["rows"] if row["round"]]
        assert states == ["overdue", "overdue"]
        close_round(place.view(), round_id, now=now)
        assert rows(list_work(place.view(member), now=now), round_id) == []


def test_a_task_of_a_round_waits_until_its_last_day_at_most(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = block(session, now)
        member = world.add_actor(session, place.made, Role.MEMBER, "G1")
        round_id = place.open(last_day=date(2026, 11, 28))
        key = f"round:{round_id}|{place.homes[0].id}"
        note = NoteInput(kind=TaskNoteKind.POSTPONED, until=date(2026, 11, 29))
        with pytest.raises(InvalidInput, match="2026-11-28"):
            note_task(place.view(member), key, note, now=now)
        note = NoteInput(kind=TaskNoteKind.POSTPONED, until=date(2026, 11, 27))
        note_task(place.view(member), key, note, now=now)
        assert place.homes[0].id not in rows(list_work(place.view(member), now=now), round_id)
        ahead = list_work(place.view(member), now=now, day=date(2026, 11, 27))
        assert place.homes[0].id in rows(ahead, round_id)


def test_a_record_names_a_round_it_is_of(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = block(session, now)
        ids = (place.people[0].id,)
        round_id = place.open(form="elder_visit", selector=RoundSelector(ids=ids))
        other = place.open()
        for wrong in (new_id(), other):
            with pytest.raises(InvalidInput, match="round"):
                write_record(place.view(), visit(place, ids[0], wrong), now=now)
        with pytest.raises(InvalidInput, match="round"):
            write_record(place.view(), visit(place, place.people[1].id, round_id), now=now)
        close_round(place.view(), round_id, now=now)
        view = place.view(days=2)
        for days, kept in ((0, round_id), (2, None)):
            sent = visit(place, ids[0], round_id, days)
            write_record(view, sent, now=view.when.at)
            assert session.scalar(select(Record.round_id).where(Record.id == sent.id)) == kept
