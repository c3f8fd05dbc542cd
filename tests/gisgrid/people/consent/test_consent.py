"""Answers per purpose: what is kept of them, who may give them, and what the maps make of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.models import CommunityState
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.figures.cards import household_card
from gisgrid.figures.counts import is_elder_sql
from gisgrid.people.consent.queries import answers_of
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.consent.texts import NewText, current_texts, write_text
from gisgrid.people.core.models import Consent, Resident
from gisgrid.people.core.purposes import BUILT_IN, Purpose
from gisgrid.people.core.rules import ConsentStatus
from gisgrid.places.models import Household
from gisgrid.storage.engine import Database
from tests import world
from tests.elders import ELDER_COLUMNS, ElderFacts, is_elder

OLD = date(1950, 1, 1)
REGISTRATION = Purpose.REGISTRATION
GRANTED, REFUSED, WITHDRAWN, DUTY = ConsentStatus


def _home(session: Session, made: world.World, *, consent: str | None = "granted") -> Household:
    building = world.add_building(session, made, 0, 0)
    home = world.add_household(session, building, "101", consent=consent)
    for name in ("示例甲", "示例乙"):
        world.add_resident(session, home, OLD, name=name, consent=consent or "granted")
    return home


def _elders(session: Session, made: world.World, now: datetime) -> int:
    view = made.view(session, now=now)
    return session.scalar(select(func.count()).select_from(Resident).where(is_elder_sql(view))) or 0


def test_an_answer_is_kept_with_text_time_and_who_asked(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        view = made.view(session, member, now=now)
        record_answer(view, home.id, AnswerInput(purpose="contact", status="granted"), now=now)
        later = now + timedelta(days=1)
        record_answer(
            made.view(session, member, now=later),
            home.id,
            AnswerInput(purpose="contact", status="withdrawn"),
            now=later,
        )
        rows = session.execute(
            select(Consent.status, Consent.text_version, Consent.asked_at, Consent.asked_by).order_by(
                Consent.asked_at
            )
        ).all()
        version = BUILT_IN[Purpose.CONTACT].version
        assert rows == [
            ("granted", version, now, member.worker_id),
            ("withdrawn", version, later, member.worker_id),
        ]
        entries = select(AuditEntry.object_id, AuditEntry.fields).where(AuditEntry.action == "consent:record")
        assert session.execute(entries).all() == [(home.id, ["consent.contact"])] * 2


def test_a_refused_household_stands_as_an_address_and_counts_no_elder(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        version = select(CommunityState.data_version)
        before, elders = session.scalars(version).one(), _elders(session, made, now)
        view = made.view(session, member, now=now)
        record_answer(view, home.id, AnswerInput(purpose="registration", status="withdrawn"), now=now)
        card = household_card(view, home.id, reason=None, now=now)
        assert (elders, _elders(session, made, now)) == (2, 0)
        assert session.scalars(version).one() > before
        assert (card["address"], card["consent"], card["persons"]) == (home.std_address, "withdrawn", None)
        record_answer(
            view, home.id, AnswerInput(purpose="registration", status="granted", unasked=True), now=now
        )
        assert _elders(session, made, now) == 2


def test_ones_own_no_outlives_the_households_yes(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        one, other = session.scalars(select(Resident.id).order_by(Resident.id))
        view = made.view(session, world.add_actor(session, made, Role.MEMBER, "G1"), now=now)

        def say(status: str, resident: str | None = None) -> dict[str, str]:
            answer = AnswerInput(purpose="registration", status=status, resident=resident, unasked=True)
            record_answer(view, home.id, answer, now=now)
            return dict(session.execute(select(Resident.id, Resident.consent)).all())

        assert say("refused", one) == {one: "refused", other: "granted"}
        assert say("withdrawn") == {one: "withdrawn", other: "withdrawn"}
        assert say("granted") == {one: "refused", other: "granted"}
        assert say("statutory_duty") == {one: "statutory_duty", other: "statutory_duty"}


@pytest.mark.parametrize(
    ("role", "areas", "error"),
    [
        (Role.MEMBER, ("G1",), None),
        (Role.STAFF, ("G1",), None),
        (Role.HEAD, ("C1",), None),
        (Role.MEMBER, ("G2",), NotFound),
        (Role.STAFF, ("G2",), NotFound),
        (Role.GRID_LEADER, ("G1",), NotAllowed),
        (Role.STEWARD, ("G1",), NotAllowed),
        (Role.LEADER, ("C1",), NotAllowed),
        (Role.ADMIN, ("C1",), NotAllowed),
        (Role.EVALUATOR, ("C1",), NotAllowed),
    ],
)
def test_who_may_record_and_read_answers(
    spatialite: Database, now: datetime, role: Role, areas: tuple[str, ...], error: type[Exception] | None
) -> None:
    with spatialite.write() as session:
        made = world.found(session)
        home = _home(session, made)
        view = made.view(session, world.add_actor(session, made, role, *areas), now=now)
        answer = AnswerInput(purpose="contact", status="granted")
        if error is None:
            record_answer(view, home.id, answer, now=now)
            assert answers_of(view, home.id, now=now).history[0].status == GRANTED
            return
        with pytest.raises(error):
            record_answer(view, home.id, answer, now=now)
        with pytest.raises(error):
            answers_of(view, home.id, now=now)


def test_a_resident_answers_for_the_own_household_only(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        beside = world.add_household(session, world.add_building(session, made, 1, 0, number="2"), "102")
        resident = Actor(role=Role.RESIDENT, household_id=home.id)
        view = made.view(session, resident, now=now)
        record_answer(view, home.id, AnswerInput(purpose="registration", status="withdrawn"), now=now)
        with pytest.raises(NotFound):
            record_answer(view, beside.id, AnswerInput(purpose="registration", status="withdrawn"), now=now)
        with pytest.raises(InvalidInput):
            record_answer(
                view, home.id, AnswerInput(purpose="registration", status="statutory_duty"), now=now
            )


@pytest.mark.parametrize(
    ("answer", "fields"),
    [
        (AnswerInput(purpose="marketing", status="granted"), {"purpose"}),
        (AnswerInput(purpose="registration", status="maybe"), {"status"}),
        (AnswerInput(purpose="marketing", status="maybe"), {"purpose", "status"}),
        (AnswerInput(purpose="contact", status="statutory_duty"), {"status"}),
    ],
)
def test_wrong_answers_are_refused_with_all_their_faults(
    spatialite: Database, now: datetime, answer: AnswerInput, fields: set[str]
) -> None:
    with spatialite.write() as session:
        made = world.found(session)
        home = _home(session, made)
        with pytest.raises(InvalidInput) as caught:
            record_answer(made.view(session, now=now), home.id, answer, now=now)
        assert {fault.field for fault in caught.value.faults} == fields
        assert session.scalar(select(func.count()).select_from(Consent)) == 0


def test_only_what_was_granted_is_withdrawn(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made, consent=None)
        view = made.view(session, now=now)
        for purpose in Purpose:
            with pytest.raises(Conflict):
                record_answer(view, home.id, AnswerInput(purpose=purpose, status="withdrawn"), now=now)


def test_a_person_of_another_household_is_not_there(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        other = world.add_household(session, world.add_building(session, made, 1, 0, number="2"), "102")
        stranger = world.add_resident(session, other, OLD)
        answer = AnswerInput(purpose="contact", status="granted", resident=stranger.id)
        with pytest.raises(NotFound):
            record_answer(made.view(session, now=now), home.id, answer, now=now)


def test_a_new_text_holds_from_then_on_and_old_answers_keep_theirs(database: Database, now: datetime) -> None:
    admin = Actor(role=Role.ADMIN)
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        view = made.view(session, now=now)
        record_answer(view, home.id, AnswerInput(purpose="contact", status="granted"), now=now)
        new = write_text(session, admin, NewText(purpose="contact", zh=" 新 ", en="new"), now=now)
        later = now + timedelta(seconds=1)
        newer = write_text(session, admin, NewText(purpose="contact", zh="更新", en="newer"), now=later)
        record_answer(view, home.id, AnswerInput(purpose="contact", status="granted"), now=later)
        assert [new.zh, newer.version] == ["新", "2026-11-3"]
        texts = current_texts(session)
        assert texts[Purpose.CONTACT] == newer
        assert texts[REGISTRATION] == BUILT_IN[REGISTRATION]
        versions = session.scalars(select(Consent.text_version).order_by(Consent.asked_at)).all()
        assert versions == [BUILT_IN[Purpose.CONTACT].version, newer.version]
        with pytest.raises(InvalidInput) as caught:
            write_text(session, admin, NewText(purpose="x", zh=" ", en="y" * 2001), now=now)
        assert [fault.field for fault in caught.value.faults] == ["purpose", "zh", "en"]
        with pytest.raises(NotAllowed):
            write_text(session, Actor(role=Role.HEAD), NewText(purpose="contact", zh="a", en="b"), now=now)


def test_reading_answers_leaves_one_entry(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        found = answers_of(made.view(session, now=now), home.id, now=now)
        assert [row.purpose for row in found.purposes] == list(Purpose)
        assert (found.purposes[0].status, found.purposes[0].answer, found.history) == (GRANTED, None, [])
        entries = select(AuditEntry.object_id).where(AuditEntry.action == "consent:view")
        assert session.scalars(entries).all() == [home.id]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    answers=st.lists(
        st.tuples(st.sampled_from([None, 0, 1]), st.sampled_from([GRANTED, REFUSED, DUTY])), max_size=8
    )
)
def test_whatever_is_answered_every_count_of_elders_says_the_same(
    spatialite: Database, now: datetime, answers: list[tuple[int | None, ConsentStatus]]
) -> None:
    with spatialite.read() as session:
        made = world.found(session)
        home = _home(session, made)
        people = session.scalars(select(Resident).order_by(Resident.id)).all()
        view = made.view(session, now=now)
        own: dict[int, ConsentStatus] = {}
        shared = GRANTED
        for who, status in answers:
            resident = None if who is None else people[who].id
            answer = AnswerInput(purpose="registration", status=status, resident=resident, unasked=True)
            record_answer(view, home.id, answer, now=now)
            if who is None:
                shared = status
            else:
                own[who] = status
        on = view.when.day
        in_sql = set(session.scalars(select(Resident.id).where(is_elder_sql(view))))
        facts = [{name: getattr(person, name) for name in ELDER_COLUMNS} for person in people]
        in_python = {
            person.id
            for person, known in zip(people, facts, strict=True)
            if is_elder(ElderFacts(**known), on)
        }
        expected = {
            person.id
            for place, person in enumerate(people)
            if shared == DUTY or (shared == GRANTED and own.get(place) != REFUSED)
        }
        assert in_sql == in_python == expected
        session.rollback()


def test_the_history_never_shrinks(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        view = made.view(session, now=now)
        counts = []
        for status in ("refused", "granted", "withdrawn", "granted"):
            answer = AnswerInput(purpose="elder_visits", status=status)
            record_answer(view, home.id, answer, now=now)
            counts.append(len(answers_of(view, home.id, now=now).history))
        assert all(after == before + 1 for before, after in pairwise(counts))
