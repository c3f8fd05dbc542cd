"""The monthly report of organisations: every number is the list behind it, and each sees its own alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.keys.encryption import KeyRing
from gisgrid.access.models import Account, AccountScope, Role
from gisgrid.cases.core.models import Case, CaseErrand, Category
from gisgrid.cases.core.sources import CaseSource
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.errors import NotAllowed, NotFound
from gisgrid.indicators.facts import WORKERS
from gisgrid.indicators.organisation_words import COUNTS, SHARES
from gisgrid.indicators.organisations import OrganisationMonth, organisation_in, organisations_in
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ, World

NOVEMBER = date(2026, 11, 1)
DAY = timedelta(days=1)


def _organisation(session: Session, made: World, role: Role, name: str, area: str = "C1") -> Actor:
    actor = world.add_actor(session, made, role)
    session.add(AccountScope(id=new_id(), account_id=actor.account_id, area_id=made.areas[area]))
    session.get_one(Account, actor.account_id).organisation = name
    session.flush()
    return actor


def _case(session: Session, made: World, at: datetime, *, column: float = 0.5, **changes: object) -> Case:
    values = {
        "lon": LON + column * STEP,
        "lat": LAT + 0.5 * STEP,
        "category": "garbage",
        "description": "垃圾",
    }
    command = ReportCase(**{"address": "1幢", **values, **changes})  # type: ignore[arg-type]
    return report(session, made.actor, command, caches=made.caches, now=at, tz=TZ).case


def _errand(session: Session, case: Case, to: Actor, asked: datetime, **changes: object) -> CaseErrand:
    values = {"due_at": asked + 3 * DAY, "text": "请清运", **changes}
    errand = CaseErrand(case_id=case.id, account_id=to.account_id, asked_at=asked, **values)
    session.add(errand)
    session.flush()
    return errand


def _of(months: list[OrganisationMonth], actor: Actor) -> OrganisationMonth:
    return next(one for one in months if one.account == actor.account_id)


def test_numbers_are_those_of_the_month_they_fall_in(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head = world.add_actor(session, made, Role.HEAD)
        own = _organisation(session, made, Role.PROPERTY, "示例物业")
        idle = _organisation(session, made, Role.ORG, "示例社")
        first = now - 20 * DAY  # 4 November
        far = _case(session, made, first, column=3.5, address="2幢")
        case = _case(session, made, first)
        case.rating_speed, case.rating_result = 2, 5
        _errand(session, case, own, first, finished_at=first + DAY)  # on time
        _errand(session, case, own, first + 2 * DAY, finished_at=first + 9 * DAY)  # late, and repeated
        _errand(session, far, own, first + 3 * DAY)  # open and late
        _errand(session, far, own, first + 4 * DAY, returned_at=first + 5 * DAY)  # repeated, returned
        _errand(session, far, own, first, withdrawn_at=first + DAY)  # counts nowhere
        _errand(session, far, own, now - DAY, due_at=now + 3 * DAY)  # not due yet; repeated
        _errand(
            session, far, own, datetime(2026, 10, 30, 4, tzinfo=now.tzinfo)
        )  # asked before, due in November
        view = made.view(session, head, now=now)
        months = organisations_in(view, NOVEMBER, now=now)
        found = _of(months, own)
        assert found.counts == {
            "asked": 5,
            "due": 4,
            "finished": 2,
            "on_time": 1,
            "returned": 1,
            "repeated": 4,
            "dissatisfied": 2,
            "complaints": 0,
        }
        assert {code: str(share) for code, share in found.shares.items()} == {
            "finish_rate": "50.00%",
            "on_time_rate": "25.00%",
            "return_rate": "20.00%",
            "repeat_rate": "80.00%",
        }
        assert all(len(found.behind[code]) == count for code, count in found.counts.items())
        nothing = _of(months, idle)
        assert {str(share) for share in nothing.shares.values()} == {"—"}
        assert nothing.counts["complaints"] is None
        october = _of(organisations_in(view, date(2026, 10, 1), now=now), own)
        assert (october.counts["asked"], october.counts["due"]) == (1, 0)


def test_complaints_are_what_the_public_reports_in_its_areas(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head = world.add_actor(session, made, Role.HEAD)
        near = _organisation(session, made, Role.PROPERTY, "近处物业", "G1")
        far = _organisation(session, made, Role.PROPERTY, "远处物业", "G2")
        session.execute(update(Category).where(Category.code == "garbage").values(line_code="property"))
        case = _case(session, made, now - DAY)
        _case(session, made, now - DAY, source="patrol")
        _case(session, made, now - 40 * DAY)
        months = organisations_in(made.view(session, head, now=now), NOVEMBER, now=now)
        assert [row["case"] for row in _of(months, near).behind["complaints"]] == [case.id]
        assert _of(months, far).counts["complaints"] == 0
        (own,) = organisations_in(made.view(session, near, now=now), NOVEMBER, now=now)
        assert own.counts["complaints"] == 1
        assert [(row["case"], row["number"], row["address"]) for row in own.behind["complaints"]] == [
            (None, None, None)
        ]


def test_an_organisation_sees_its_own_month_alone(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        own = _organisation(session, made, Role.PROPERTY, "示例物业")
        other = _organisation(session, made, Role.ORG, "示例社")
        case = _case(session, made, now - 2 * DAY)
        _errand(session, case, own, now - DAY)
        _errand(session, case, other, now - DAY)
        view = made.view(session, own, now=now)
        (month,) = organisations_in(view, NOVEMBER, now=now)
        assert (month.account, month.name, month.counts["asked"]) == (own.account_id, "示例物业", 1)
        assert [(row["case"], row["number"]) for row in month.behind["asked"]] == [(None, case.number)]
        with pytest.raises(NotFound):
            organisation_in(view, str(other.account_id), NOVEMBER, now=now)
        leader = world.add_actor(session, made, Role.LEADER)
        session.add(AccountScope(account_id=leader.account_id, area_id=made.community))
        session.flush()
        assert len(organisations_in(made.view(session, leader, now=now), NOVEMBER, now=now)) == 2
        for role in (Role.MEMBER, Role.RESIDENT, Role.EVALUATOR, Role.ADMIN):
            stranger = world.add_actor(session, made, role)
            with pytest.raises(NotAllowed):
                organisations_in(made.view(session, stranger, now=now), NOVEMBER, now=now)
        session.execute(update(Category).where(Category.code == "garbage").values(is_confidential=True))
        assert organisation_in(view, str(own.account_id), NOVEMBER, now=now).counts["asked"] == 0


def test_every_number_has_its_words() -> None:
    for one in (*COUNTS, *SHARES):
        assert one.name
        assert one.name_en
        assert one.definition
        assert one.definition_en
    codes = {one.code for one in COUNTS}
    assert {code for one in SHARES for code in (one.numerator, one.denominator)} <= codes


def test_an_organisation_learns_nothing_of_who_reported(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head = world.add_actor(session, made, Role.HEAD)
        own = _organisation(session, made, Role.PROPERTY, "示例物业")
        session.execute(update(Category).where(Category.code == "garbage").values(line_code="property"))
        case = _case(session, made, now - 5 * DAY)
        case.rating_speed, case.rating_result = 1, 1
        _errand(session, case, own, now - 4 * DAY, finished_at=now - 3 * DAY)
        for _ in range(3):
            _errand(session, _case(session, made, now - 5 * DAY), own, now - 4 * DAY)
        (month,) = organisations_in(made.view(session, own, now=now), NOVEMBER, now=now)
        assert (month.counts["asked"], month.counts["dissatisfied"]) == (4, None)
        assert not month.behind["dissatisfied"]
        _errand(session, _case(session, made, now - 5 * DAY), own, now - 4 * DAY)
        (month,) = organisations_in(made.view(session, own, now=now), NOVEMBER, now=now)
        assert month.counts["dissatisfied"] == 1
        (rated,) = month.behind["dissatisfied"]
        assert {name for name, value in rated.items() if value is not None} == {"category_name"}
        for code in ("asked", "complaints"):
            assert {row["reported_at"] for row in month.behind[code]} == {None}, code
        (seen,) = organisations_in(made.view(session, head, now=now), NOVEMBER, now=now)
        assert seen.behind["dissatisfied"][0]["case"] == case.id
        assert case.reported_at in {row["reported_at"] for row in seen.behind["complaints"]}


def test_what_who_works_here_reports_is_no_complaint(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head = world.add_actor(session, made, Role.HEAD)
        own = _organisation(session, made, Role.PROPERTY, "示例物业")
        session.execute(update(Category).where(Category.code == "garbage").values(line_code="property"))
        expected = []
        for role in (*WORKERS, Role.PROPERTY, Role.ORG, Role.RESIDENT, None):
            case = _case(session, made, now - DAY)
            case.source = CaseSource.WEB
            case.reporter_id = world.add_actor(session, made, role).account_id if role else None
            expected += [case.id] if role in (Role.RESIDENT, None) else []
        session.flush()
        found = _of(organisations_in(made.view(session, head, now=now), NOVEMBER, now=now), own)
        assert sorted(row["case"] for row in found.behind["complaints"]) == sorted(expected)


def test_complaints_outside_all_grids_are_those_of_who_has_the_whole_community(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        head = world.add_actor(session, made, Role.HEAD)
        whole = world.add_actor(session, made, Role.PROPERTY)
        session.add(AccountScope(account_id=whole.account_id, area_id=made.community))
        session.execute(update(Category).where(Category.code == "garbage").values(line_code="property"))
        case = _case(session, made, now - DAY)
        case.cell_id = None
        session.flush()
        (month,) = organisations_in(made.view(session, head, now=now), NOVEMBER, now=now)
        assert month.counts["complaints"] == 1


def test_statements_do_not_grow_with_organisations_and_open_no_text(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    opened: list[str] = []
    was = KeyRing.decrypt
    with database.write() as session:
        made = world.found(session)
        head = world.add_actor(session, made, Role.HEAD)
        session.execute(update(Category).where(Category.code == "garbage").values(line_code="property"))
        case = _case(session, made, now - DAY)
        for many in (2, 4):
            for number in range(many):
                company = _organisation(session, made, Role.PROPERTY, f"物业{many}{number}", "G1")
                _errand(session, case, company, now - DAY)
            session.flush()
            session.expunge_all()
            view, found = made.view(session, head, now=now), 0

            def note(*_told: object) -> None:
                nonlocal found
                found += 1

            def decrypt(ring: KeyRing, sealed: bytes, column: str) -> str:
                opened.append(column)
                return was(ring, sealed, column)

            connection = session.connection()
            event.listen(connection, "before_cursor_execute", note)
            with monkeypatch.context() as patch:
                patch.setattr(KeyRing, "decrypt", decrypt)
                assert organisations_in(view, NOVEMBER, now=now)
            event.remove(connection, "before_cursor_execute", note)
            counts.append(found)
    assert counts[0] == counts[1]
    assert opened == []
