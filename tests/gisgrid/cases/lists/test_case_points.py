"""Cases on the map: filters, what is late, and what happened at a place, all as far as the reader may see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import cos, radians

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Role
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.rules import CaseAction, Severity
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists import queries
from gisgrid.cases.lists.export import case_list
from gisgrid.cases.lists.order import CaseOrder
from gisgrid.cases.lists.points import case_points, cases_around
from gisgrid.cases.lists.queries import CaseSearch, list_cases
from gisgrid.cases.steps import StepInput, take
from gisgrid.errors import NotAllowed, NotFound
from gisgrid.storage.engine import Database
from tests import world
from tests.stepping import close
from tests.world import LAT, LON, STEP, TZ, World

METRE = 1 / 111_195.0


def _report(session: Session, made: World, now: datetime, **changes: object) -> Case:
    values = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "category": "garbage", "description": "垃圾"}
    command = ReportCase(**{**values, **changes})  # type: ignore[arg-type]
    return report(session, made.actor, command, caches=made.caches, now=now, tz=TZ).case


def _found(session: Session, made: World, actor: Actor, now: datetime, **asked: object) -> set[str]:
    search = CaseSearch(**asked)  # type: ignore[arg-type]
    rows, total = case_points(made.view(session, actor, now=now), search, now=now)
    assert total == len(rows)
    return {row["id"] for row in rows}


def test_points_are_filtered_and_tell_nothing_of_who_reported(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head = world.add_actor(session, made, Role.HEAD)
        late = _report(session, made, now - timedelta(days=3), source="patrol", contact="199-0000-1111")
        new = _report(session, made, now, severity=Severity.HARD, source="hotline")
        done = _report(session, made, now - timedelta(hours=2))
        close(made.view(session, head, now=now), done.id, "已清理", now=now)
        waiting = _report(session, made, now - timedelta(days=3))
        suspend = StepInput(reason="等待配件")
        view = made.view(session, head, now=now)
        take(view, waiting.id, CaseAction.SUSPEND, suspend, now=now - timedelta(days=3))
        assert _found(session, made, head, now) == {late.id, new.id, waiting.id}
        assert _found(session, made, head, now, state="all", late=True) == {late.id}
        assert _found(session, made, head, now, state="closed") == {done.id}
        assert _found(session, made, head, now, severity="hard") == {new.id}
        assert _found(session, made, head, now, source="patrol") == {late.id}
        rows, _total = case_points(view, CaseSearch(late=True), now=now)
        assert rows[0]["overdue"]
        assert not {"contact", "receipt", "description", "handler", "owner"} & set(rows[0])
        assert session.scalars(select(AuditEntry.action)).all()[-1] == "cases:list"


def test_what_falls_due_first_stands_on_the_first_page(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However old it is; what is suspended has no time that ends, and comes last."""
    monkeypatch.setattr(queries, "PAGE", 2)
    with database.write() as session:
        made = world.found(session)
        head = world.add_actor(session, made, Role.HEAD)
        oldest = _report(session, made, now - timedelta(days=9))
        waiting = _report(session, made, now - timedelta(days=8))
        take(
            made.view(session, head, now=now),
            waiting.id,
            CaseAction.SUSPEND,
            StepInput(reason="等待配件"),
            now=now - timedelta(days=8),
        )
        hard = _report(session, made, now - timedelta(days=2), severity=Severity.HARD)
        late = _report(session, made, now - timedelta(days=3))
        pages = [
            list_cases(
                made.view(session, head, now=now), CaseSearch(order=CaseOrder.DUE, page=page), now=now
            )[0]
            for page in (1, 2)
        ]
    assert [[row["id"] for row in rows] for rows in pages] == [[oldest.id, late.id], [hard.id, waiting.id]]


def test_confidential_cases_are_points_only_to_who_may_open_them(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        secret = _report(session, made, now, category="dispute")
        public = _report(session, made, now)
        far = _report(session, made, now, lon=LON + 3.5 * STEP)
        leader = Actor(name="leader", role=Role.LEADER, areas=frozenset({made.community}))
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        resident = world.add_actor(session, made, Role.RESIDENT)
        assert _found(session, made, leader, now) == {public.id, far.id}
        assert _found(session, made, member, now) == {secret.id, public.id}
        assert _found(session, made, resident, now) == set()
        there = cases_around(made.view(session, leader, now=now), public.id, now=now)
        assert [row["id"] for row in there] == [public.id]
        with pytest.raises(NotFound):
            cases_around(made.view(session, leader, now=now), secret.id, now=now)
        with pytest.raises(NotAllowed):
            case_points(
                made.view(session, world.add_actor(session, made, Role.ORG), now=now), CaseSearch(), now=now
            )


def test_a_place_is_a_building_or_thirty_metres(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head = world.add_actor(session, made, Role.HEAD)
        building = world.add_building(session, made, 0, 0)
        here, lon, lat = {"building": building.id}, LON + 0.5 * STEP, LAT + 0.5 * STEP
        first = _report(session, made, now - timedelta(days=900), **here, lon=lon - 60 * METRE)
        near = _report(session, made, now - timedelta(hours=2), lat=lat + 29.5 * METRE)
        east = _report(session, made, now - timedelta(hours=1), lon=lon + 29.5 * METRE / cos(radians(lat)))
        _report(session, made, now, lat=lat + 30.5 * METRE)
        asked = _report(session, made, now, **here)
        rows = cases_around(made.view(session, head, now=now), asked.id, now=now)
        assert [row["id"] for row in rows] == [asked.id, east.id, near.id, first.id]


@pytest.mark.parametrize("many", [30, pytest.param(290, marks=pytest.mark.prove)])
def test_lists_ask_the_database_as_often_for_many_cases_as_for_few(
    database: Database, now: datetime, many: int
) -> None:
    with database.write() as session:
        made = world.found(session)
        head = world.add_actor(session, made, Role.HEAD)
        counts = []
        for new in (10, many):
            for number in range(new):
                _report(session, made, now - timedelta(hours=number), address=f"柳岸新村{number}幢")
            session.flush()
            view = made.view(session, head, now=now)
            counts.append(
                (
                    _statements(
                        session, lambda view=view: list_cases(view, CaseSearch(state="all"), now=now)
                    ),
                    _statements(
                        session, lambda view=view: case_points(view, CaseSearch(state="all"), now=now)
                    ),
                )
            )
        assert counts[0] == counts[1]
        assert max(counts[0]) < 20


def test_a_list_of_an_earlier_day_reads_the_logs_of_many_at_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head, then, counts = world.add_actor(session, made, Role.HEAD), now - timedelta(days=3), []
        for new in (2, 9):
            for number in range(new):
                case = _report(session, made, then - timedelta(hours=number))
                close(made.view(session, head, now=now), case.id, "已清理", now=now)
            session.flush()
            view = made.view(session, head, now=now, as_of=then.astimezone(TZ).date())
            counts.append(_statements(session, lambda view=view: list(case_list(view, period=None, now=now))))
        assert {told["state"] for _place, told in case_list(view, period=None, now=now)} == {"reported"}
        assert counts[0] == counts[1]


def test_pages_follow_one_another(database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 5)
    with database.write() as session:
        made = world.found(session)
        reported = [_report(session, made, now - timedelta(minutes=number)).id for number in range(12)]
        view = made.view(session, now=now)
        pages = [list_cases(view, CaseSearch(page=page), now=now) for page in (1, 2, 3)]
        assert [row["id"] for rows, _total in pages for row in rows] == reported
        assert {total for _rows, total in pages} == {12}


def test_eight_digits_are_the_numbers_of_a_day(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        asked = {_report(session, made, now).id for _ in range(2)}
        _report(session, made, now - timedelta(days=1))
        _report(session, made, now + timedelta(days=1))
        view = made.view(session, now=now)
        rows, _total = list_cases(view, CaseSearch(text="20261124"), now=now)
        assert {row["id"] for row in rows} == asked


def _statements(session: Session, ask: Callable[[], object]) -> int:
    """How many statements the database gets while something is asked."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return len(seen)
