"""A record is corrected by another and redacted by a head; nothing of it comes back by a restore."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from gisgrid.access.erasures import list_beside, read_erased
from gisgrid.access.models import Role
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.records.core.record_models import GONE, Record
from gisgrid.records.core.validity import is_valid
from gisgrid.records.entries.corrections import correct_record, redact_record
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests.gisgrid.records.test_entries import CHECK, field, stored


def test_a_correction_takes_the_place_of_a_record_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = field(session, now)
        first = place.sent()
        place.write(first)
        second = place.sent({"seen": "no"})
        with pytest.raises(InvalidInput, match="reason"):
            correct_record(place.view, first.id, second, " ", now=now)
        assert correct_record(place.view, first.id, second, "写错", now=now).is_new
        assert not correct_record(place.view, first.id, second, "写错", now=now).is_new
        with pytest.raises(Conflict, match="corrected already"):
            correct_record(place.view, first.id, place.sent(), "再改", now=now)
        assert session.scalars(select(Record.id).where(is_valid())).all() == [second.id]
        with pytest.raises(Conflict, match="same form"):
            correct_record(place.view, second.id, place.sent(subject_id=new_id()), "换人", now=now)


def test_the_author_corrects_for_seven_days_then_staff_do(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = field(session, now)
        first = place.sent()
        place.write(first)
        later = now + timedelta(days=7, seconds=1)
        with pytest.raises(NotAllowed, match="seven days"):
            correct_record(place.view, first.id, place.sent(), "写错", now=later)
        actor = replace(place.view.actor, account_id=None)
        with pytest.raises(NotFound):
            correct_record(replace(place.view, actor=actor), first.id, place.sent(), "写错", now=now)
        staff = replace(place.view.actor, role=Role.STAFF)
        sent = place.sent()
        assert correct_record(replace(place.view, actor=staff), first.id, sent, "写错", now=later).is_new


def test_a_head_takes_out_the_whole_chain_with_its_rows(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    erasures = list_beside(tmp_path / "keys.json")
    with database.write() as session:
        place = field(session, now)
        rows = {"outcome": "x", "people": [{"_id": place.person, "note": "腿脚不便"}]}
        first, second = (place.sent(rows, tree=CHECK) for _each in range(2))
        place.write(first)
        correct_record(place.view, first.id, second, "写错", now=now)
        with pytest.raises(NotAllowed):
            redact_record(place.view, first.id, "误录", erasures=erasures, now=now)
        head = replace(place.view, actor=replace(place.view.actor, role=Role.HEAD))
        assert redact_record(head, second.id, "误录", erasures=erasures, now=now) == 4
        session.expire_all()
        kept = session.scalars(select(Record)).all()
        assert {(row.answers, row.marks, row.sent, row.reason) for row in kept} == {(GONE, GONE, GONE, None)}
        assert {erased.id for erased in read_erased(erasures)} == {row.id for row in kept}
        assert session.scalars(select(Record.id).where(is_valid())).all() == []
        with pytest.raises(Conflict):
            correct_record(place.view, second.id, place.sent(rows, tree=CHECK), "再改", now=now)


def test_what_is_kept_reads_as_it_was_sent(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = field(session, now)
        place.write(place.sent({"seen": "yes", "left": "字条"}))
        assert json.loads(stored(place).answers)["left"] == "字条"
