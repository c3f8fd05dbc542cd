"""Asking a household to register: scope, mediation, enforced rest, and the list of a member."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Role
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.core.models import Consent, DataRequest, DataRequestStep
from gisgrid.people.core.request_rules import RequestOutcome, RequestState
from gisgrid.people.requests.queries import course_of, list_requests
from gisgrid.people.requests.service import VisitInput, note_visit
from gisgrid.places.models import Household
from gisgrid.storage.engine import Database
from tests import world

GRANT = AnswerInput(purpose="registration", status="granted")
REFUSE = AnswerInput(purpose="registration", status="refused")


def _home(
    session: Session, made: world.World, column: int = 0, room: str = "101", *, consent: str | None = None
) -> Household:
    return world.add_household(
        session, world.add_building(session, made, column, 0, number=str(column + 1)), room, consent=consent
    )


def test_a_course_with_a_mediator_ends_in_a_yes(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        view = made.view(session, member, now=now)
        assert note_visit(view, home.id, VisitInput(outcome="not_met"), now=now) == RequestState.OPEN
        assert note_visit(view, home.id, VisitInput(outcome="undecided"), now=now) == RequestState.OPEN
        mediated = VisitInput(outcome="mediation", mediator_kind="neighbour", mediator=" 示例丙 ")
        assert note_visit(view, home.id, mediated, now=now) == RequestState.MEDIATING
        course = course_of(view, home.id)
        assert (course.attempts, course.may_ask, course.remind_on) == (1, True, date(2026, 12, 8))
        assert (course.steps[0].mediator, course.steps[0].by) == ("示例丙", member.name)
        assert note_visit(view, home.id, VisitInput(outcome="granted"), now=now) == RequestState.GRANTED
        assert session.scalars(select(Household.consent)).one() == "granted"
        assert session.scalars(select(Consent.asked_by)).one() == member.worker_id
        assert list_requests(view, now=now) == ([], 0)
        with pytest.raises(Conflict):
            note_visit(view, home.id, VisitInput(outcome="undecided"), now=now)
        actions = session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.startswith("requests:")).order_by(AuditEntry.id)
        ).all()
        expected = ["not_met", "undecided", "mediation", "granted"]
        assert sorted(actions) == sorted(["requests:list", *(f"requests:{one}" for one in expected)])


def test_the_mediators_name_is_sealed_in_the_row(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        mediated = VisitInput(outcome="mediation", mediator_kind="police", mediator="示例丁")
        note_visit(made.view(session, now=now), home.id, mediated, now=now)
        raw = session.connection().exec_driver_sql("SELECT mediator FROM data_request_step").scalar_one()
        assert "示例丁".encode() not in bytes(raw)


def test_a_refusal_gives_rest_that_nobody_asks_through(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        view = made.view(session, member, now=now)
        assert note_visit(view, home.id, VisitInput(outcome="refused"), now=now) == RequestState.COOLING
        assert session.scalars(select(Household.consent)).one() == "refused"
        last = now + timedelta(days=89)
        early = made.view(session, member, now=last)
        for outcome in ("not_met", "undecided", "refused", "granted"):
            with pytest.raises(Conflict, match="before 2027-02-22"):
                note_visit(early, home.id, VisitInput(outcome=outcome), now=last)
        for answer in (GRANT, REFUSE):
            with pytest.raises(Conflict, match="before 2027-02-22"):
                record_answer(early, home.id, answer, now=last)
        assert session.scalar(select(func.count()).select_from(DataRequestStep)) == 1
        then = now + timedelta(days=90)
        assert (
            note_visit(made.view(session, member, now=then), home.id, VisitInput(outcome="refused"), now=then)
            == RequestState.COOLING
        )


def test_who_comes_by_itself_is_heard_at_any_time(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        view = made.view(session, now=now)
        record_answer(view, home.id, REFUSE, now=now)
        with pytest.raises(Conflict):
            record_answer(view, home.id, GRANT, now=now)
        own = made.view(session, Actor(role=Role.RESIDENT, household_id=home.id), now=now)
        record_answer(own, home.id, GRANT, now=now)
        assert session.scalars(select(DataRequest.state)).one() == "granted"
        record_answer(view, home.id, AnswerInput(purpose="registration", status="withdrawn"), now=now)
        assert list_requests(view, now=now)[0][0].state == RequestState.COOLING
        unasked = AnswerInput(purpose="registration", status="granted", unasked=True)
        record_answer(view, home.id, unasked, now=now)
        assert list_requests(view, now=now) == ([], 0)


def test_after_three_refusals_the_household_is_left_alone(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        states, at = [], now
        for _ in range(3):
            view = made.view(session, now=at)
            states.append(note_visit(view, home.id, VisitInput(outcome="refused"), now=at))
            at += timedelta(days=91)
        assert states == [RequestState.COOLING, RequestState.COOLING, RequestState.ENDED]
        with pytest.raises(Conflict, match="often enough"):
            note_visit(made.view(session, now=at), home.id, VisitInput(outcome="not_met"), now=at)
        course = course_of(made.view(session, now=at), home.id)
        assert (course.state, course.may_ask, course.ask_again_from) == (RequestState.ENDED, False, None)


def test_the_list_is_that_of_ones_own_grids_and_what_is_due_comes_first(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        homes = {
            name: _home(session, made, column)
            for name, column in (("resting", 0), ("open", 1), ("elsewhere", 2))
        }
        view = made.view(session, now=now)
        note_visit(view, homes["resting"].id, VisitInput(outcome="refused"), now=now)
        note_visit(view, homes["open"].id, VisitInput(outcome="undecided"), now=now)
        note_visit(view, homes["elsewhere"].id, VisitInput(outcome="undecided"), now=now)
        later = now + timedelta(days=7)
        member = made.view(session, world.add_actor(session, made, Role.MEMBER, "G1"), now=later)
        rows, total = list_requests(member, now=later)
        assert total == 2
        assert [(row.household, row.is_due, row.ask_again_from) for row in rows] == [
            (homes["open"].id, True, None),
            (homes["resting"].id, False, date(2027, 2, 22)),
        ]
        assert rows[0].grid == "第1网格"
        assert list_requests(made.view(session, now=later), now=later)[1] == 3
        counts = select(AuditEntry.count).where(AuditEntry.action == "requests:list").order_by(AuditEntry.id)
        assert sorted(session.scalars(counts)) == [2, 3]


def test_what_is_not_ones_own_is_not_there(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        stranger = made.view(session, world.add_actor(session, made, Role.MEMBER, "G2"), now=now)
        for act in (
            lambda: note_visit(stranger, home.id, VisitInput(outcome="not_met"), now=now),
            lambda: course_of(stranger, home.id),
        ):
            with pytest.raises(NotFound):
                act()
        resident = made.view(session, Actor(role=Role.RESIDENT, household_id=home.id), now=now)
        with pytest.raises(NotAllowed):
            note_visit(resident, home.id, VisitInput(outcome="granted"), now=now)
        with pytest.raises(NotAllowed):
            list_requests(resident, now=now)


@pytest.mark.parametrize(
    ("visit", "fields"),
    [
        (VisitInput(outcome="shouted"), {"outcome"}),
        (VisitInput(outcome="withdrawn"), {"outcome"}),
        (VisitInput(outcome="mediation"), {"mediator_kind"}),
        (
            VisitInput(outcome="mediation", mediator_kind="dog", mediator="x" * 51),
            {"mediator_kind", "mediator"},
        ),
    ],
)
def test_wrong_visits_leave_no_trace(
    spatialite: Database, now: datetime, visit: VisitInput, fields: set[str]
) -> None:
    with spatialite.write() as session:
        made = world.found(session)
        home = _home(session, made)
        with pytest.raises(InvalidInput) as caught:
            note_visit(made.view(session, now=now), home.id, visit, now=now)
        assert {fault.field for fault in caught.value.faults} == fields
        assert session.scalar(select(func.count()).select_from(DataRequest)) == 0


def test_a_registered_household_is_not_asked(spatialite: Database, now: datetime) -> None:
    with spatialite.write() as session:
        made = world.found(session)
        view = made.view(session, now=now)
        for column, consent in ((0, "granted"), (1, "statutory_duty")):
            home = _home(session, made, column, consent=consent)
            assert not course_of(view, home.id).may_ask
            with pytest.raises(Conflict):
                note_visit(view, home.id, VisitInput(outcome=RequestOutcome.NOT_MET), now=now)
