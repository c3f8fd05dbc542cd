"""The audit trail: only grows, can be searched by who may, and tells everybody about their own record."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from gisgrid.access.actors import NOBODY, Actor
from gisgrid.access.audit import record
from gisgrid.access.models import Account, AuditEntry, Role
from gisgrid.access.trail import PAGE, TrailSearch, actions_kept, own_trail, search_trail
from gisgrid.errors import NotAllowed
from gisgrid.people.core.models import Consent, Resident
from gisgrid.storage.append_only import GROWING, allowed_to_shrink
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.world import TZ

ADMIN = Actor(role=Role.ADMIN)


def _kept(database: Database, now: datetime) -> str:
    """One entry with a reason and one answer, committed; the id of the entry."""
    with database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
        answer = Consent(
            household_id=home.id,
            purpose="registration",
            status="granted",
            text_version="2025-01",
            asked_at=now,
        )
        session.add(answer)
        record(session, made.actor, "persons:view", "household", now=now, object_id=home.id, reason="visit")
        session.flush()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "persons:view")).one()
        return entry.id


@pytest.mark.parametrize(
    "statement",
    [
        delete(AuditEntry),
        delete(Consent),
        update(AuditEntry).values(action="nothing:happened"),
        update(AuditEntry).values(count=7),
        update(AuditEntry).values(at=datetime.fromisoformat("2000-01-01T00:00:00+00:00")),
        update(AuditEntry).values(details={}),
        update(AuditEntry).values(reason=None),
        update(Consent).values(status="refused"),
        update(Consent).values(asked_by=None),
    ],
    ids=lambda statement: str(statement).replace("\n", " ")[:50],
)
def test_what_only_grows_is_neither_changed_nor_deleted(
    database: Database, now: datetime, statement: Any
) -> None:
    _kept(database, now)
    with pytest.raises(DBAPIError, match="only grows"), database.write() as session:
        session.execute(statement)
    with database.read() as session:
        assert session.scalars(select(AuditEntry.reason).where(AuditEntry.action == "persons:view")).one()
        assert session.scalars(select(Consent.status)).one() == "granted"


@pytest.mark.parametrize("table", GROWING)
def test_a_whole_table_is_not_emptied_either(postgis: Database, table: str) -> None:
    with pytest.raises(DBAPIError, match="only grows"), postgis.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {table} CASCADE"))
    with postgis.engine.begin() as connection, allowed_to_shrink(connection):
        connection.execute(text(f"TRUNCATE {table} CASCADE"))
    with pytest.raises(DBAPIError, match="only grows"), postgis.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {table} CASCADE"))


def test_a_reason_may_be_sealed_anew_by_another_key(database: Database, now: datetime) -> None:
    entry = _kept(database, now)
    with database.write() as session:
        table = AuditEntry.__table__
        session.execute(update(table).where(table.c.id == entry).values(reason="visit"))
    with database.read() as session:
        assert session.scalar(select(AuditEntry.reason).where(AuditEntry.id == entry)) == "visit"


def test_a_list_tells_its_scope_and_a_card_its_id_and_both_the_role(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        record(session, member, "cases:list", "case", now=now, count=17)
        record(session, member, "cases:view", "case", now=now, object_id="one")
        rows, total = search_trail(session, ADMIN, TrailSearch(action="cases"), now=now, tz=TZ)
        assert total == 2
        told = {row.action: row for row in rows}
        listed, card = told["cases:list"], told["cases:view"]
        assert (listed.count, list(listed.scope), listed.role) == (17, [made.areas["G1"]], "member")
        assert (card.object_id, list(card.scope), card.role) == ("one", [], "member")


def test_the_trail_is_searched_by_who_what_when_and_which(database: Database, now: datetime) -> None:
    days = [date(2026, 11, 22), date(2026, 11, 23)]
    with database.write() as session:
        made = world.found(session)
        head, staff = (world.add_actor(session, made, role, "C1") for role in (Role.HEAD, Role.STAFF))
        late = datetime.fromisoformat("2026-11-22T15:59:59+00:00")  # the last second of the 22nd in Shanghai
        record(session, head, "persons:view", "household", now=late, object_id="h1", reason="核对")
        record(session, staff, "persons:search", "household", now=late + timedelta(seconds=1), count=3)
        record(session, staff, "personal:other", "household", now=late + timedelta(seconds=1))

        def found(**asked: Any) -> list[str]:
            rows, total = search_trail(session, ADMIN, TrailSearch(**asked), now=now, tz=TZ)
            assert total == len(rows)
            return sorted(row.action for row in rows if row.action.startswith("person"))

        everything = ["personal:other", "persons:search", "persons:view"]
        assert found() == everything
        assert found(action="persons") == ["persons:search", "persons:view"]
        assert found(action="persons:view") == ["persons:view"]
        assert found(account=head.name) == ["persons:view"]
        assert found(account="tester", action="persons") == []
        assert found(object_id="h1") == ["persons:view"]
        assert found(first=days[0], last=days[0]) == ["persons:view"]
        assert found(first=days[1], last=days[1]) == ["personal:other", "persons:search"]
        assert found(first=date(1, 1, 1), last=date(9999, 12, 31)) == everything
        assert {"persons:view", "area:create"} <= set(actions_kept(session, ADMIN))
        rows, _ = search_trail(session, ADMIN, TrailSearch(object_id="h1"), now=now, tz=TZ)
        assert (rows[0].reason, rows[0].account) == ("核对", head.name)


def test_pages_hold_every_entry_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        for number in range(2 * PAGE + 3):
            record(session, made.actor, "test:page", "x", now=now, object_id=str(number))
        seen = [
            row.object_id
            for page in (1, 2, 3, 4)
            for row in search_trail(session, ADMIN, TrailSearch(action="test", page=page), now=now, tz=TZ)[0]
        ]
        assert sorted(seen, key=int) == [str(number) for number in range(2 * PAGE + 3)]


def test_reading_the_trail_is_an_entry_too(database: Database, now: datetime) -> None:
    with database.write() as session:
        world.found(session)
        search_trail(session, ADMIN, TrailSearch(), now=now, tz=TZ)
        assert session.scalars(select(AuditEntry.count).where(AuditEntry.action == "audit:view")).one() > 0


@pytest.mark.parametrize("role", [None, *(role for role in Role if role not in {Role.ADMIN, Role.LOCAL})])
def test_only_administrators_read_all_of_it(spatialite: Database, now: datetime, role: Role | None) -> None:
    with spatialite.read() as session, pytest.raises(NotAllowed):
        search_trail(session, Actor(role=role), TrailSearch(), now=now, tz=TZ)


def test_one_is_told_of_ones_own_record_and_of_no_other(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 0, 0)
        home, beside = (world.add_household(session, building, room) for room in ("101", "102"))
        person = world.add_resident(session, home, date(1950, 1, 1))
        other = world.add_resident(session, beside, date(1950, 1, 1))
        account = Account(id=new_id(), name="r", role=Role.RESIDENT, created_at=now)
        session.add(account)
        session.flush()
        head = world.add_actor(session, made, Role.HEAD, "C1")
        resident = Actor(account_id=account.id, role=Role.RESIDENT, household_id=home.id)
        for kind, thing in [
            ("household", home.id),
            ("household", beside.id),
            ("resident", person.id),
            ("resident", other.id),
            ("account", account.id),
            ("account", head.account_id),
        ]:
            record(
                session, head, "test:seen", kind, now=now, object_id=thing, fields=("name",), reason="secret"
            )
        own = select(Resident.id).where(Resident.household_id == resident.household_id)
        rows, total = own_trail(session, resident, residents=own)
        assert total == 3
        assert {row.object_id for row in rows} == {home.id, person.id, account.id}
        assert {(row.role, row.account, row.reason, tuple(row.fields)) for row in rows} == {
            ("head", None, None, ("name",))
        }
        with pytest.raises(NotAllowed):
            own_trail(session, NOBODY, residents=own)
