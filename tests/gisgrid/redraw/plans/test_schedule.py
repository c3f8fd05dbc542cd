"""Plans that wait for their day: unseen until then, in force by themselves, taken back without a trace."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.models import AuditEntry, Duty, Role
from gisgrid.areas.imports import refuse_scheduled
from gisgrid.areas.models import (
    Area,
    AreaLineage,
    AreaName,
    AreaOutline,
    AreaParent,
    CellMembership,
    Level,
    Revision,
)
from gisgrid.areas.revisions import list_revisions
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotAllowed
from gisgrid.figures.area_figures import area_figures
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.plans import decisions, store
from gisgrid.redraw.plans.models import PlanNote
from gisgrid.redraw.plans.schedule import effect_of
from gisgrid.redraw.publication import publish
from gisgrid.redraw.views.plan import plan_view
from gisgrid.redraw.withdrawal import withdraw
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ, World

WRITTEN: tuple[Any, ...] = (
    CellMembership,
    AreaName,
    AreaParent,
    AreaOutline,
    Duty,
    AreaLineage,
    Area,
    Revision,
)


def _day(now: datetime, days: int) -> date:
    return now.astimezone(TZ).date() + timedelta(days=days)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=TZ).astimezone(UTC)


def _drawn(made: World, view: View, *ops: dict[str, Any], now: datetime) -> str:
    plan = store.new_plan(view, "later", now=now)
    for op in ops:
        plan_service.add_edit(view, plan.id, op, caches=made.caches, now=now)
    return plan.id


def _paint(session: Session, to: str, *places: tuple[int, int]) -> dict[str, Any]:
    return {"op": "paint", "cells": [world.cell_id(session, *place) for place in places], "to": to}


def _filled(session: Session) -> World:
    """A household in each cell of the lowest row, and a member for every grid."""
    made = world.found(session)
    for grid in made.areas.keys() & {"G1", "G2", "G3", "G4"}:
        world.add_actor(session, made, Role.MEMBER, grid)
    for column in range(4):
        world.add_household(session, world.add_building(session, made, column, 0, number=str(column)), "101")
    return made


def _homes(view: View) -> dict[str, int]:
    frame = area_figures(view, Level.GRID).set_index("code")
    return {str(code): int(count) for code, count in frame["households"].items()}


def _rows(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tables that a publish writes, in order."""
    session.expire_all()
    found = {}
    for table in WRITTEN:
        columns = [column for column in table.__table__.columns if column.name not in {"geom", "fid"}]
        found[table.__tablename__] = sorted(tuple(map(str, row)) for row in session.execute(select(*columns)))
    return found


SPLIT = {
    "op": "split",
    "grid": "G4",
    "line": {
        "type": "LineString",
        "coordinates": [[LON + 3 * STEP, LAT - STEP], [LON + 3 * STEP, LAT + 5 * STEP]],
    },
}
MERGE = {"op": "merge", "grids": ["G1", "G3"], "keep": "G1"}


def test_a_scheduled_plan_comes_into_force_at_midnight_by_itself(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        before, codes = _homes(view), {area.code for area in view.division.tree.at_level(Level.GRID)}
        plan = _drawn(made, view, _paint(session, "G1", (2, 0)), SPLIT, now=now)
        day = _day(now, 3)
        done = publish(view, plan, "from then on", caches=made.caches, now=now, effective=day)
        assert (done.revision.published_at, done.revision.effective_at) == (now, _midnight(day))
        last = made.view(session, now=_midnight(day) - timedelta(microseconds=1))
        assert (last.version.revision, _homes(last)) == (1, before)
        assert {area.code for area in last.division.tree.at_level(Level.GRID)} == codes
        first = made.view(session, now=_midnight(day))
        assert (first.version.revision, _homes(first)) == (2, {"G1": 3, "G2": 1, "G3": 0, "G4": 0, "G5": 0})
        assert first.division.outlines.keys() >= {first.division.tree.by_code("G5").id}
        yesterday = made.view(session, now=_midnight(day) + timedelta(days=1), as_of=_day(now, 2))
        assert (yesterday.version.revision, _homes(yesterday)) == (1, before)
        with pytest.raises(InvalidInput, match="future"):
            made.view(session, now=now, as_of=day)


def test_past_days_are_refused_and_today_is_now(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        for day in (_day(now, -1), date(2300, 1, 1)):
            with pytest.raises(InvalidInput) as caught:
                effect_of(view, day, now=now)
            assert caught.value.faults[0].field == "effective"
        assert effect_of(view, _day(now, 0), now=now) == effect_of(view, None, now=now) == now
        assert effect_of(view, _day(now, 1), now=now) == _midnight(_day(now, 1))


def test_while_a_revision_waits_others_come_with_it_or_later(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        first = _drawn(made, view, _paint(session, "G1", (2, 0)), now=now)
        near = _drawn(made, view, _paint(session, "G1", (2, 1)), now=now)
        far = _drawn(made, view, _paint(session, "G3", (2, 3)), now=now)
        publish(view, first, "first", caches=made.caches, now=now, effective=_day(now, 5))
        for day in (None, _day(now, 0), _day(now, 4)):
            with pytest.raises(Conflict, match="withdraw it first"):
                publish(view, far, "too early", caches=made.caches, now=now, effective=day)
        with pytest.raises(Conflict, match="changed since"):
            publish(view, near, "same grids", caches=made.caches, now=now, effective=_day(now, 6))
        publish(view, far, "same day", caches=made.caches, now=now, effective=_day(now, 5))
        with pytest.raises(Conflict, match="revision 3 waits behind"):
            withdraw(view, first, "no", now=now)
        morning = made.view(session, now=_midnight(_day(now, 5)) + timedelta(seconds=1))
        grids = morning.division.owner_at(Level.GRID)
        assert morning.version.revision == 3
        assert [grids[world.cell_id(session, *place)].code for place in ((2, 0), (2, 3))] == ["G1", "G3"]
        days = [row["effective_at"] for row in list_revisions(morning)]
        assert days[0] == days[1] == f"{_day(now, 5).isoformat()}T00:00:00+08:00"


def test_imports_wait_for_a_scheduled_revision(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        plan = _drawn(made, view, MERGE, now=now)
        publish(view, plan, "later", caches=made.caches, now=now, effective=_day(now, 1))
        with pytest.raises(Conflict, match="withdraw it first"):
            refuse_scheduled(session, made.community, at=now)
        refuse_scheduled(session, made.community, at=_midnight(_day(now, 1)))


def test_a_withdrawn_revision_leaves_no_trace_but_the_audit(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        staff = world.add_actor(session, made, Role.STAFF, "G1")
        head = world.add_actor(session, made, Role.HEAD)
        # Somebody's duty ends at that very midnight for reasons of its own.
        session.add(
            Duty(
                worker_id=staff.worker_id,
                area_id=made.areas["G2"],
                kind="specialist",
                valid_from=now - timedelta(days=9),
                valid_to=_midnight(_day(now, 2)),
            )
        )
        session.flush()
        drafting, judging = made.view(session, staff, now=now), made.view(session, head, now=now)
        rename = {"op": "rename", "area": "G2", "name": "东南"}
        plan = _drawn(made, drafting, MERGE, SPLIT, rename, now=now)
        before = _rows(session)
        for _ in range(2):
            publish(judging, plan, "later", caches=made.caches, now=now, effective=_day(now, 2))
            assert _rows(session) != before
            view = plan_view(drafting, store.open_plan(drafting, plan, caches=made.caches))
            assert view["may"] == ["withdraw"]
            assert withdraw(drafting, plan, "not yet", now=now).state == "approved"
            assert _rows(session) == before
        notes = plan_view(drafting, store.open_plan(drafting, plan, caches=made.caches))["notes"]
        assert [note["kind"] for note in notes] == ["publish", "withdraw"] * 2
        count = select(func.count()).where(AuditEntry.action == "plan:withdraw")
        assert session.scalar(count) == 2
        later = made.view(session, now=_midnight(_day(now, 2)) + timedelta(hours=1))
        assert later.version.revision == 1


def test_notes_of_one_moment_stand_in_the_order_in_which_they_were_made(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "noted", now=now).id
        ids = [new_id() for _ in range(6)]
        for number in (3, 5, 0, 2, 4, 1):  # a database keeps them in the order in which they come
            session.add(PlanNote(id=ids[number], plan_id=plan, kind="comment", at=now, text=str(number)))
            session.flush()
        notes = plan_view(view, store.open_plan(view, plan, caches=made.caches))["notes"]
        assert [note["text"] for note in notes] == list("012345")


def test_a_number_is_not_given_again_and_nothing_is_remembered_for_it(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        day = _day(now, 1)
        one = _drawn(made, view, _paint(session, "G1", (2, 0)), now=now)
        two = _drawn(made, view, _paint(session, "G2", (1, 0)), now=now)
        at = _midnight(day)
        first = publish(view, one, "one", caches=made.caches, now=now, effective=day).revision.number
        assert _homes(made.view(session, now=at))["G1"] == 3
        withdraw(view, one, "no", now=now)
        second = publish(view, two, "two", caches=made.caches, now=now, effective=day).revision.number
        assert (first, second) == (2, 3)
        assert _homes(made.view(session, now=at))["G1"] == 1


def test_who_may_withdraw_and_what(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        staff, other = (world.add_actor(session, made, Role.STAFF, grid) for grid in ("G1", "G2"))
        head = world.add_actor(session, made, Role.HEAD)
        drafting = made.view(session, staff, now=now)
        plan = _drawn(made, drafting, _paint(session, "G1", (2, 0)), now=now)
        with pytest.raises(Conflict, match="waits for its day"):
            withdraw(drafting, plan, "not published", now=now)
        judging = made.view(session, head, now=now)
        publish(judging, plan, "later", caches=made.caches, now=now, effective=_day(now, 1))
        with pytest.raises(NotAllowed):
            withdraw(made.view(session, other, now=now), plan, "not mine", now=now)
        with pytest.raises(InvalidInput):
            withdraw(judging, plan, " ", now=now)
        with pytest.raises(Conflict, match="waits for its day"):
            withdraw(judging, plan, "too late", now=_midnight(_day(now, 1)))
        withdraw(judging, plan, "by an approver", now=now)
        assert "publish" in decisions.allowed(drafting, store.find_plan(drafting, plan))


def test_a_plan_drawn_before_goes_on_after_the_day_came(database: Database, now: datetime) -> None:
    """The next plan after a scheduled one came into force is published on it."""
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        first = _drawn(made, view, _paint(session, "G1", (2, 0)), now=now)
        publish(view, first, "first", caches=made.caches, now=now, effective=_day(now, 1))
        after = _midnight(_day(now, 1)) + timedelta(hours=9)
        with pytest.raises(Conflict, match="meantime"):
            publish(view, first, "stale look", caches=made.caches, now=after)
        later = made.view(session, now=after)
        back = _drawn(made, later, _paint(session, "G2", (2, 0)), now=after)
        publish(later, back, "back", caches=made.caches, now=after)
        assert _homes(made.view(session, now=after + timedelta(minutes=1)))["G1"] == 2
