"""A redraw hands open cases only to who can open them, says so before, and tells who has to know."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import Account, Role, Worker
from gisgrid.cases.core.models import Case, CaseNotice
from gisgrid.cases.core.routes import workers_settling
from gisgrid.cases.core.store import case_snapshot
from gisgrid.cases.inbox import case_notices
from gisgrid.redraw.publication import publish
from gisgrid.redraw.publication.due import hand_over_due
from gisgrid.storage.engine import Database
from tests import world
from tests.cases_by_log import rebuilt
from tests.gisgrid.redraw.test_people import Scene
from tests.gisgrid.redraw.test_transfers import GIVE, drawn, lived_in, view_of


class Office(Scene):
    """The scene of four members, a head, and a second person on duty in G1."""

    def __init__(self, session: Session, now: datetime, *, second: bool = False) -> None:
        super().__init__(session, now)
        self.head = world.add_actor(session, self.made, Role.HEAD, "G4")
        self.second = (
            world.add_actor(session, self.made, Role.MEMBER, "G1", primary=False) if second else None
        )
        session.flush()

    def shut(self, *people: Actor | None) -> None:
        """Their accounts are disabled."""
        for one in people:
            account = self.session.get(Account, one.account_id) if one else None
            if account is not None:
                account.disabled_at = self.now
        self.session.flush()

    def passing(self, handler: str | None = "G2") -> Case:
        """An open case in G2 that is about to lie in G1."""
        case = self.report(2, 0)
        case.handler_id = self.worker(handler) if handler else None
        self.session.flush()
        return case

    def told(self, actor: Actor) -> list[tuple[str, int | None]]:
        rows = self.session.execute(
            select(CaseNotice.kind, CaseNotice.count).where(CaseNotice.account_id == actor.account_id)
        )
        return [(row.kind, row.count) for row in rows if row.kind in {"taken_over", "untaken"}]

    def name(self, worker: str | None) -> str | None:
        found = self.session.get(Worker, worker) if worker else None
        return found.name if found else None


def test_cases_go_to_another_on_duty_where_the_member_has_no_account(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        office = Office(session, now, second=True)
        assert office.second is not None
        cases = [office.passing(), office.passing()]
        office.shut(office.members["G1"])
        office.paint("G1", (2, 0))
        shown = office.impact()["receivers"]
        office.publish()
        session.expire_all()
        assert {case.handler_id for case in cases} == {office.second.worker_id}
        assert [(row["grid"], row["to"]) for row in shown] == [("G1", office.name(office.second.worker_id))]
        assert shown[0]["member"] == office.name(office.worker("G1"))
        assert office.told(office.second) == [("taken_over", 2)]
        assert office.told(office.members["G1"]) == office.told(office.head) == []
        assert all(rebuilt(session, case.id) == case_snapshot(session, case) for case in cases)


def test_where_nobody_there_can_open_them_they_stay_or_are_the_communitys(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        office = Office(session, now)
        staying, left = office.passing("G2"), office.passing("G3")
        office.shut(office.members["G1"], office.members["G3"])
        office.paint("G1", (2, 0))
        shown = office.impact()["receivers"]
        office.publish()
        session.expire_all()
        assert (staying.handler_id, left.handler_id) == (office.worker("G2"), None)
        assert [(row["grid"], row["to"]) for row in shown] == [("G1", None)]
        assert office.told(office.head) == [("untaken", 2)]
        ids = session.scalars(select(CaseNotice.id).where(CaseNotice.kind == "untaken")).all()
        found = case_notices(session, office.head, ids, (), now=now)
        assert {str(one["message"]) for one in found.values()} == {
            "open cases in a redrawn grid that nobody on duty there can open: 2"
        }
        assert rebuilt(session, left.id) == case_snapshot(session, left)


def test_a_member_who_opens_cases_is_nothing_to_be_told_of(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        office.passing()
        office.paint("G1", (2, 0))
        assert office.impact()["receivers"] == []
        office.publish()
        assert session.scalars(select(CaseNotice.kind)).all().count("untaken") == 0


def test_a_plan_that_waits_looks_again_when_its_day_has_come(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        case = office.passing()
        office.paint("G1", (2, 0))
        assert office.impact()["receivers"] == []
        office.publish(effective=date(2026, 12, 1))
        office.shut(office.members["G1"])
        day = now + timedelta(days=10)
        hand_over_due(office.made.view(session, now=day), now=day)
        session.expire_all()
        assert case.handler_id == office.worker("G2")
        assert office.told(office.head) == [("untaken", 1)]


@pytest.mark.parametrize("has_member", [True, False])
def test_a_case_that_leaves_with_its_grid_does_not_stay_with_who_is_left_behind(
    database: Database, now: datetime, *, has_member: bool
) -> None:
    with database.write() as session:
        made, _beside = lived_in(session, now)
        follows, stays = (world.add_actor(session, made, Role.MEMBER, code) for code in ("G2", "G3"))
        if not has_member:
            session.get_one(Account, follows.account_id).disabled_at = now
        case = session.scalars(select(Case)).one()
        case.handler_id = stays.worker_id
        session.flush()
        view = view_of(session, made, "C1", now)
        opened = drawn(view, made, GIVE)
        publish(view, opened.plan.id, "shorter ways", caches=made.caches, now=now + timedelta(minutes=1))
        session.expire_all()
        assert case.handler_id == (follows.worker_id if has_member else None)


def test_whoever_has_accounts_the_preview_is_what_happens(database: Database, now: datetime) -> None:
    """Every combination of accounts of member, second and supervisor of a grid, and of who had the case."""
    with database.write() as session:
        office = Office(session, now, second=True)
        case = office.passing()
        supervisor = world.add_actor(session, office.made, Role.STAFF, "G1")
        people = (office.members["G1"], office.second, supervisor, office.members["G2"])
        for closed in product([False, True], repeat=4):
            office.made.caches = type(office.made.caches)()  # what follows is taken back behind their back
            with session.begin_nested() as tried:
                office.shut(*(one for one, is_shut in zip(people, closed, strict=True) if is_shut))
                office.paint("G1", (2, 0))
                shown = {row["grid"]: row for row in office.impact()["receivers"]}
                office.publish()
                session.expire_all()
                opening = workers_settling(office.view(later=2), now=now + timedelta(minutes=2))
                assert case.handler_id is None or case.handler_id in opening
                order = [
                    one.worker_id for one, is_shut in zip(people, closed, strict=True) if one and not is_shut
                ]
                assert case.handler_id == (order[0] if order else None)
                if closed[0]:
                    expected = office.name(case.handler_id) if not all(closed[:3]) else None
                    assert shown["G1"]["to"] == expected
                else:
                    assert shown == {}
                tried.rollback()
            session.expire_all()
