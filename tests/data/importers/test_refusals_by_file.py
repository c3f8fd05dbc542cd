"""A no takes the same away whether it is told by hand or stands in a file; on both databases."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from gisgrid.access.imports import FORGOTTEN
from gisgrid.access.models import ImportChange, ImportRun
from gisgrid.figures.cards import household_card
from gisgrid.imports.undo import undo_import
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.core.models import Consent, Resident
from gisgrid.places.models import Household
from tests.importing import Desk

NUMBER, PHONE, OTHER = "199-0000-0001", "199-0000-0002", "199-0000-0003"
ASKED = {"询问日期": "2026-05-01"}


@pytest.fixture
def desk(database, tmp_path, now) -> Desk:
    """A household with a number and two people with phones, all of them registered."""
    found = Desk(database, tmp_path, now)
    found.bring("households", home(联系电话=NUMBER, 登记同意="同意", 询问日期="2026-01-01"))
    found.bring("residents", person(), person("示例乙", "1960-04-01", 电话=OTHER))
    return found


def home(**more: str) -> dict[str, str]:
    return {"标准地址": "柳岸新村1幢1单元101室", **more}


def person(name: str = "示例甲", born: str = "1950-03-07", **more: str) -> dict[str, str]:
    given = {"姓名": name, "出生日期": born, "居住状态": "户籍在册且常住", "电话": PHONE}
    return {**home(), **given, **more}


def held(desk: Desk) -> tuple[Any, ...]:
    """What stands in the rows: answer and number of the household; of each person name, phone, answer."""
    (household,) = desk.rows(Household, "consent", "contact")
    people = sorted(
        (str(row["birth_date"]), row["name"], row["phone"], row["consent"]) for row in desk.rows(Resident)
    )
    return (household["consent"], household["contact"], *(one[1:] for one in people))


def by_hand(desk: Desk, purpose: str, status: str, *, person_of: str | None = None) -> None:
    with desk.database.write() as session:
        view = desk.world.view(session, now=desk.now)
        household = session.scalars(select(Household.id)).one()
        people = {one.name: one.id for one in session.scalars(select(Resident))}
        answer = AnswerInput(
            purpose=purpose, status=status, resident=people[person_of] if person_of else None, unasked=True
        )
        record_answer(view, household, answer, now=desk.now)


def former(desk: Desk) -> list[str]:
    """What rows were before imports, as far as that is still known."""
    with desk.database.read() as session:
        found = session.scalars(select(ImportChange.before).where(ImportChange.before.is_not(None)))
        return [text for text in found if text != FORGOTTEN]


def test_a_household_that_will_not_be_called_keeps_no_number_of_anybody(desk):
    by_hand(desk, "contact", "refused")
    assert held(desk) == ("granted", None, ("示例甲", None, "not_asked"), ("示例乙", None, "not_asked"))
    with desk.database.write() as session:
        view = desk.world.view(session, now=desk.now)
        household = session.scalars(select(Household.id)).one()
        card = household_card(view, household, reason="核对", now=desk.now)
    assert card["persons"]
    assert PHONE not in str(card)
    assert OTHER not in str(card)


def test_no_file_brings_a_number_back_that_the_household_refused(desk):
    by_hand(desk, "contact", "refused")
    before = held(desk)
    outcome = desk.bring("households", home(联系电话=NUMBER))
    assert [note.field for note in outcome.remarks] == ["contact"]
    new = person("示例丙", "1970-01-01")
    outcome = desk.bring("residents", person(), person("示例乙", "1960-04-01", 电话=OTHER), new)
    assert [note.field for note in outcome.remarks] == ["phone"] * 3
    assert held(desk) == (*before, ("示例丙", None, "not_asked"))
    by_hand(desk, "contact", "granted")
    desk.bring("residents", person())
    assert held(desk)[2] == ("示例甲", PHONE, "not_asked")


@pytest.mark.parametrize("word", ["拒绝", "撤回"])
def test_a_person_that_will_not_be_called_loses_the_phone_either_way(desk, word):
    status = {"拒绝": "refused", "撤回": "withdrawn"}[word]
    if status == "withdrawn":
        by_hand(desk, "contact", "granted", person_of="示例甲")
    desk.bring("residents", person(联系同意=word, **ASKED))
    by_file = held(desk)
    assert by_file[1:] == (NUMBER, ("示例甲", None, "not_asked"), ("示例乙", OTHER, "not_asked"))
    by_hand(desk, "contact", "granted", person_of="示例甲")
    desk.bring("residents", person())
    assert held(desk)[2] == ("示例甲", PHONE, "not_asked")
    by_hand(desk, "contact", status, person_of="示例甲")
    assert held(desk) == by_file


@pytest.mark.parametrize("way", ["hand", "file"])
def test_a_household_that_will_not_be_registered_leaves_an_address_either_way(desk, way):
    if way == "hand":
        by_hand(desk, "registration", "refused")
    else:
        desk.bring("households", home(登记同意="拒绝", **ASKED))
    assert held(desk) == ("refused", None, (None, None, "refused"), (None, None, "refused"))


@pytest.mark.parametrize("way", ["hand", "file"])
def test_a_person_that_will_not_be_registered_loses_name_and_phone_either_way(desk, way):
    if way == "hand":
        by_hand(desk, "registration", "refused", person_of="示例甲")
    else:
        desk.bring("residents", person(登记同意="拒绝", **ASKED))
    assert held(desk) == ("granted", NUMBER, (None, None, "refused"), ("示例乙", OTHER, "not_asked"))


@pytest.mark.parametrize("way", ["hand", "file"])
def test_a_duty_by_law_of_the_household_leaves_a_persons_no_no_room_either_way(desk, way):
    by_hand(desk, "registration", "statutory_duty")
    if way == "hand":
        by_hand(desk, "registration", "refused", person_of="示例甲")
    else:
        desk.bring("residents", person(登记同意="拒绝", **ASKED))
    assert held(desk)[2] == ("示例甲", PHONE, "statutory_duty")
    assert {row["status"] for row in desk.rows(Consent) if row["resident_id"]} == {"refused"}


@pytest.mark.parametrize("way", ["hand", "file"])
@pytest.mark.parametrize("purpose", ["contact", "registration"])
def test_what_was_refused_is_forgotten_wherever_an_import_noted_it(desk, way, purpose):
    """An import before had changed the number, so that it noted the former one."""
    desk.bring("residents", person(电话="199-0000-0009"))
    assert PHONE in str(former(desk))
    if way == "hand":
        by_hand(desk, purpose, "refused", person_of="示例甲")
    else:
        word = {"contact": "联系同意", "registration": "登记同意"}[purpose]
        desk.bring("residents", person(电话="199-0000-0009", **{word: "拒绝"}, **ASKED))
    told = str(former(desk))
    assert PHONE not in told
    assert "199-0000-0009" not in told
    assert "示例甲" not in told


def test_taking_the_import_back_brings_the_answer_and_not_what_was_refused(desk):
    desk.bring("households", home(登记同意="拒绝", **ASKED))
    assert held(desk)[0] == "refused"
    with desk.database.write() as session:
        runs = session.scalars(select(ImportRun.id).order_by(ImportRun.at, ImportRun.id)).all()
        undo_import(session, desk.world.actor, runs[-1], now=desk.now)
    assert held(desk) == ("granted", None, (None, None, "not_asked"), (None, None, "not_asked"))


def test_a_row_with_a_fault_refuses_for_nobody(desk):
    before = held(desk)
    outcome = desk.bring("households", home(登记同意="拒绝", 入住日期="2026-05-02", 迁出日期="2026-05-01"))
    assert outcome.refused == 1
    assert held(desk) == before


def test_the_people_of_another_household_keep_theirs(desk):
    other = {"标准地址": "柳岸新村1幢1单元102室"}
    desk.bring("households", {**other, "联系电话": "199-0000-0005"})
    desk.bring("residents", {**person("示例丁", "1980-01-01", 电话="199-0000-0006"), **other})
    with desk.database.write() as session:
        view = desk.world.view(session, now=desk.now)
        refusing = session.scalars(select(Household.id).where(Household.room == "101")).one()
        for purpose in ("contact", "registration"):
            answer = AnswerInput(purpose=purpose, status="refused", unasked=True)
            record_answer(view, refusing, answer, now=desk.now)
        people = session.execute(select(Resident.name, Resident.phone).where(Resident.name.is_not(None)))
        assert people.all() == [("示例丁", "199-0000-0006")]
        numbers = session.scalars(select(Household.contact).where(Household.contact.is_not(None)))
        assert numbers.all() == ["199-0000-0005"]


def test_nothing_refused_lies_in_the_rows(desk):
    """Looked for in the raw rows: not even sealed."""
    by_hand(desk, "registration", "refused")
    with desk.database.read() as session:
        assert session.execute(sa.text("SELECT name, phone FROM resident")).all() == [(None, None)] * 2
        assert session.execute(sa.text("SELECT contact FROM household")).all() == [(None,)]
