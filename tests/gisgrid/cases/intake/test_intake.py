"""Reports fall to their grid, are never dropped, never doubled, and close with a result."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import NOBODY, Actor
from gisgrid.access.models import AuditEntry, Role
from gisgrid.cases.core.idempotency import Repeatable
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.cases.intake.service import ReportCase, Reported, report
from gisgrid.cases.lists.queries import CaseSearch, case_card, list_cases
from gisgrid.crs import Datum, shift_datum
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.storage.engine import Database
from tests import world
from tests.stepping import close, start
from tests.world import LAT, LON, STEP, TZ, World


def _report(
    session: Session, made: World, now: datetime, actor: Actor | None = None, **changes: object
) -> Reported:
    values = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "category": "garbage", "description": "垃圾"}
    repeat = changes.pop("repeat", None)
    command = ReportCase(**{**values, **changes})  # type: ignore[arg-type]
    return report(
        session,
        actor or made.actor,
        command,
        caches=made.caches,
        now=now,
        tz=TZ,
        repeat=repeat,  # type: ignore[arg-type]
    )


def test_a_report_falls_to_the_grid_that_contains_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        done = _report(session, made, now, actor=NOBODY)
        assert done.spot.grid is not None
        assert done.spot.grid.code == "G1"
        assert done.case.number.startswith("20261124-")
        assert done.case.cell_id == world.cell_id(session, 0, 0)
        assert done.case.due_at == now + timedelta(hours=24)
        assert session.scalar(select(func.count()).select_from(CaseLog)) == 1
        assert session.scalars(select(AuditEntry.action)).all()[-1] == "cases:report"


def test_a_report_outside_everything_is_kept_for_review(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        done = _report(session, made, now, lon=LON - 0.01)
        assert done.case.cell_id is None
        assert done.case.community_id == made.community


@pytest.mark.parametrize("place", [(LON - 1, LAT), (LON - 0.025, LAT), (0.0, 0.0), (-LON, -LAT)])
def test_a_report_far_from_every_community_is_a_fault_and_nothing_is_kept(
    database: Database, now: datetime, place: tuple[float, float]
) -> None:
    with database.write() as session:
        made = world.found(session)
        with pytest.raises(InvalidInput, match="field lon"):
            _report(session, made, now, lon=place[0], lat=place[1])
        assert session.scalar(select(func.count()).select_from(Case)) == 0


def test_a_datum_is_said_converted_and_kept(database: Database, now: datetime) -> None:
    lon, lat = (float(v) for v in shift_datum(LON + 0.5 * STEP, LAT + 0.5 * STEP, Datum.WGS84, Datum.GCJ02))
    with database.write() as session:
        made = world.found(session)
        done = _report(session, made, now, lon=lon, lat=lat, datum=Datum.GCJ02)
        assert done.case.datum == "GCJ-02"
        assert done.case.cell_id == world.cell_id(session, 0, 0)


def test_the_same_key_gives_the_same_case(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        key = Repeatable(key="k", client="a")
        first = _report(session, made, now, repeat=key)
        again = _report(session, made, now, repeat=key)
        assert again.case.id == first.case.id
        assert not again.is_new
        assert again.spot.grid is not None
        assert session.scalar(select(func.count()).select_from(Case)) == 1
        with pytest.raises(Conflict):
            _report(session, made, now, repeat=key, description="something else")


def test_a_repeat_that_had_to_leave_the_phone_out_is_the_same_report(
    database: Database, now: datetime
) -> None:
    """A device keeps no phone, and the answer to the first sending may have been lost."""
    key, phone = Repeatable(key="k", client="a"), "199-0000-1111"
    with database.write() as session:
        made = world.found(session)
        first = _report(session, made, now, repeat=key, contact=phone)
        again = _report(session, made, now, repeat=key)
        assert (again.case.id, again.is_new, again.case.reporter_contact) == (first.case.id, False, phone)


def test_all_faults_of_a_report_are_said_at_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        with pytest.raises(InvalidInput) as caught:
            _report(session, made, now, lon=LAT, lat=LON, category="nothing", description=" ", building="x")
    assert {fault.field for fault in caught.value.faults} == {"lon", "category", "description", "building"}
    assert "swapped" in str(caught.value)


def test_a_number_begins_with_the_day_of_the_report(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        numbers = [_report(session, made, now).case.number for _ in range(3)]
        tomorrow = _report(session, made, now + timedelta(days=1)).case.number
    assert len(set(numbers)) == 3
    assert {one[:9] for one in numbers} == {"20261124-"}
    assert tomorrow.startswith("20261125-")


def test_a_member_settles_cases_of_the_own_grids_only(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        own = _report(session, made, now).case
        other = _report(session, made, now, lon=LON + 3.5 * STEP).case
        view = made.view(session, member, now=now)
        start(view, own.id, now=now)
        with pytest.raises(InvalidInput, match="result"):
            close(view, own.id, " ", now=now)
        done = close(view, own.id, "已清理", now=now + timedelta(hours=1))
        assert (done.state, done.handler_id) == ("closed", member.worker_id)
        with pytest.raises(NotFound):
            close(view, other.id, "已清理", now=now)
        with pytest.raises(Conflict):
            close(view, own.id, "again", now=now + timedelta(hours=2))


def test_lists_and_cards_follow_the_scope(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        leader = Actor(name="leader", role=Role.LEADER, areas=frozenset({made.community}))
        resident = world.add_actor(session, made, Role.RESIDENT)
        secret = _report(session, made, now, category="dispute", contact="199-0000-1111").case
        public = _report(session, made, now, lon=LON + 3.5 * STEP, contact="199-0000-1111").case
        own = _report(session, made, now, actor=resident, category="dispute").case
        seen = {
            role: {
                row["id"] for row in list_cases(made.view(session, actor, now=now), CaseSearch(), now=now)[0]
            }
            for role, actor in {"local": made.actor, "leader": leader, "resident": resident}.items()
        }
        assert seen == {"local": {secret.id, public.id, own.id}, "leader": {public.id}, "resident": {own.id}}
        card = case_card(made.view(session, leader, now=now), public.id, now=now)
        assert card["contact"] is None
        assert card["receipt"] is None
        with pytest.raises(NotFound):
            case_card(made.view(session, leader, now=now), secret.id, now=now)
        with pytest.raises(NotAllowed):
            start(made.view(session, leader, now=now), public.id, now=now)


def test_nearest_first_from_a_position(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        far = _report(session, made, now, lon=LON + 3.5 * STEP).case
        near = _report(session, made, now).case
        asked = CaseSearch(near=(LON, LAT))
        rows, total = list_cases(made.view(session, now=now), asked, now=now)
    assert [row["id"] for row in rows] == [near.id, far.id]
    assert total == 2
    assert rows[0]["distance_m"] == pytest.approx(70, abs=10)


def test_search_by_number_address_and_state(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        case = _report(session, made, now, address="柳岸新村1幢").case
        view = made.view(session, now=now)
        for text in (case.number, case.number.replace("-", ""), "柳岸"):
            assert [row["id"] for row in list_cases(view, CaseSearch(text=text), now=now)[0]] == [case.id]
        assert list_cases(view, CaseSearch(text="100%"), now=now)[1] == 0
        assert list_cases(view, CaseSearch(state="closed"), now=now)[1] == 0
        with pytest.raises(InvalidInput):
            list_cases(view, CaseSearch(state="odd"), now=now)
