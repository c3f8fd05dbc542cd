"""Needs count only with a legal basis and where neither the person nor the household has said no."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.core.models import Need, Resident
from gisgrid.people.needs import is_counted
from gisgrid.storage.engine import Database
from tests import world


@pytest.mark.parametrize(
    ("kind", "basis", "answers", "counted"),
    [
        ("ability_grade", "单独同意", [], True),
        ("ability_grade", "", [], False),
        ("ability_grade", "   ", [], False),
        ("ability_grade", "单独同意", [("sensitive_needs", "granted", False)], True),
        ("ability_grade", "单独同意", [("sensitive_needs", "refused", False)], False),
        ("ability_grade", "单独同意", [("sensitive_needs", "refused", True)], False),
        (
            "ability_grade",
            "单独同意",
            [("sensitive_needs", "refused", False), ("sensitive_needs", "granted", True)],
            True,
        ),
        (
            "ability_grade",
            "单独同意",
            [("sensitive_needs", "granted", False), ("sensitive_needs", "withdrawn", False)],
            False,
        ),
        ("ability_grade", "单独同意", [("elder_visits", "refused", False)], True),
        ("living_alone", "探访关爱", [("elder_visits", "refused", False)], False),
        ("living_alone", "探访关爱", [("sensitive_needs", "refused", False)], True),
        ("illness", "单独同意", [("registration", "refused", False)], False),
    ],
)
def test_a_need_counts_by_its_basis_and_the_answers(
    database: Database,
    now: datetime,
    kind: str,
    basis: str,
    answers: list[tuple[str, str, bool]],
    *,
    counted: bool,
) -> None:
    with database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
        person = world.add_resident(session, home, date(1950, 1, 1))
        session.add(Need(resident_id=person.id, kind=kind, legal_basis=basis, valid_from=world.START))
        session.flush()
        at = now
        for purpose, status, own in answers:
            answer = AnswerInput(purpose=purpose, status=status, resident=person.id if own else None)
            record_answer(made.look(session, now=at), home.id, answer, now=at)
            at += timedelta(seconds=1)
        look = made.look(session, now=at)
        found = session.scalars(
            select(Need.kind).join(Resident, Resident.id == Need.resident_id).where(is_counted(look))
        ).all()
        assert found == ([kind] if counted else [])
