"""What is to be done, and a household's card: among a million households on PostGIS."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.keys.encryption import KeyRing, open_database
from gisgrid.access.models import Role
from gisgrid.areas.view import Caches
from gisgrid.figures.cards import household_card
from gisgrid.people.core.models import Need
from gisgrid.records.lists.queries import RecordFilter, list_records
from gisgrid.records.lists.timeline import records_of_household
from gisgrid.records.work.overdue import overdue_by_grid
from gisgrid.records.work.queries import list_work
from gisgrid.storage import migrate
from tests import postgres, world
from tests.fieldwork import add_record
from tests.working import install

HOUSEHOLDS, COMMUNITIES, RECORDS = 1_008_000, 336, 3_000_000
NOW: Final = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
LIST_MS, CARD_MS, GRIDS_MS = 150, 150, 500
_KEYS: Final = KeyRing(1, {1: b"0123456789abcdef0123456789abcdef"})

_AREAS = """INSERT INTO area (id, level, grid_type, created_at)
SELECT 'area-' || n, 'community', 'general', now() FROM generate_series(1, :communities - 1) n"""
_HOMES = """INSERT INTO household
  (id, community_id, std_address, cell_id, consent, lived_from, last_verified_at, unit, room)
SELECT 'home-' || n,
  CASE WHEN n % :communities = 0 THEN :own ELSE 'area-' || (n % :communities) END, 'address ' || n,
  CASE WHEN n % :communities = 0 THEN (CAST(:cells AS text[]))[1 + (n / :communities) % 16] END,
  CASE WHEN n % 23 = 0 THEN 'refused' ELSE 'granted' END, date '2015-01-01',
  timestamptz '2026-11-20' - (CAST(n AS bigint) * 7919 % 400) * interval '1 day', '1', '101'
FROM generate_series(0, :homes - 1) n"""
_PEOPLE = """INSERT INTO resident (id, household_id, birth_date, sex, residence_status, consent, lived_from)
SELECT 'person-' || h || '-' || p, 'home-' || h,
  date '1932-01-01' + (h % 30000 * 7919 + p * 104729) % 30000, 'f',
  'registered_here', 'granted', date '2015-01-01'
FROM generate_series(0, :homes - 1) h, generate_series(1, 2) p"""
_NEEDS = """INSERT INTO need (id, resident_id, kind, grade, legal_basis, valid_from)
SELECT md5(id), id, CASE WHEN right(id, 1) = '1' THEN 'living_alone' ELSE 'hardship' END, NULL, 'x',
  '2020-01-01'
FROM resident WHERE birth_date < '1966-01-01' AND hashtext(id) % 3 = 0"""
_VISITED = """CREATE TEMPORARY TABLE visited AS
SELECT row_number() OVER () - 1 AS place, need.resident_id AS id, household.community_id, household.cell_id
FROM need JOIN resident ON resident.id = need.resident_id
JOIN household ON household.id = resident.household_id"""
_RECORDS = """INSERT INTO record
  (id, subject, resident_id, form_version_id, form_code, community_id, cell_id, day, is_day_doubtful,
  filled_at, received_at, answers, marks, sent, met)
SELECT 'record-' || n, 'person', v.id, :version, 'elder_visit', v.community_id, v.cell_id,
  date '2026-11-23' - (n * 31 % 700), false,
  now(), now(), d.answers, d.marks, d.sent, n % 5 > 0
FROM (SELECT n, n % :people AS place FROM generate_series(0, :records - 1) n) made
JOIN visited v ON v.place = made.place, (SELECT answers, marks, sent FROM record WHERE id = :sample) d"""
_FULLEST = """SELECT household.id FROM household JOIN resident ON resident.household_id = household.id
JOIN record ON record.resident_id = resident.id
WHERE household.community_id = :own AND household.cell_id = :cell GROUP BY household.id
ORDER BY count(*) DESC LIMIT 1"""
_BIG = ("household", "resident", "need", "record")
_INDEXES = """SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = :table AND indexname NOT IN (SELECT conname FROM pg_constraint)"""


@dataclass(frozen=True, kw_only=True)
class _Size:
    """How much there is."""

    households: int
    communities: int
    records: int

    def __str__(self) -> str:
        return f"{self.households:,} households, {self.records:,} records, PostGIS"


def run(households: int = HOUSEHOLDS, records: int = RECORDS) -> tuple[str, list[str]]:
    """The table and the goals that were missed."""
    size = _Size(households=households, communities=COMMUNITIES * households // HOUSEHOLDS, records=records)
    with postgres.cluster(f"bench-work-{os.getpid()}") as port:
        engine = sa.create_engine(
            make_url(f"postgresql+psycopg://gisgrid@127.0.0.1:{port}/postgres"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.execute(sa.text("CREATE DATABASE bench_work"))
        database = open_database(engine.url.set(database="bench_work"), _KEYS)
        migrate.upgrade(database)
        with database.write() as session:
            start = time.perf_counter()
            made, member, head = _fill(session, size)
            sys.stderr.write(f"filled in {time.perf_counter() - start:.0f} s\n")
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))
        with database.read() as session:
            gc.collect()
            gc.freeze()  # as the server does with what it has imported
            card = _card(_fullest_home(session, made))
            rows = [
                _timed(f"a member's list, {size}", LIST_MS, made, session, member, _list),
                _timed(f"the card with most records, {size}", CARD_MS, made, session, member, card),
                _timed(f"records of half a year, {size}", GRIDS_MS, made, session, head, _records),
                _timed(f"late by grid, cold, {size}", GRIDS_MS, made, session, head, overdue_by_grid),
            ]
        database.close()
    table = "\n".join(row for row, _missed in rows)
    heads = "| what is to be done | rows | median ms | goal ms |\n|---|---|---|---|\n"
    return heads + table, [missed for _row, missed in rows if missed]


def _list(view: Any) -> list[Any]:
    return [*list_work(view, now=NOW)["rows"]]


def _records(view: Any) -> range:
    wanted = RecordFilter(first=date(2026, 5, 24), last=date(2026, 11, 24))
    return range(list_records(view, wanted, now=NOW)["total"])


def _fullest_home(session: Session, made: world.World) -> str:
    """The household of the member's grid with most records."""
    own = {"own": made.community, "cell": world.cell_id(session, 0, 0)}
    return str(session.scalar(sa.text(_FULLEST), own))


def _card(home: str) -> Callable[[Any], list[Any]]:
    """What its page asks for: the household itself, then its tasks and its time line."""

    def read(view: Any) -> list[Any]:
        household_card(view, home, reason=None, now=NOW)
        return [*records_of_household(view, home, now=NOW)["rows"]]

    return read


def _timed(
    what: str, goal: float, made: world.World, session: Session, actor: Actor, ask: Callable[[Any], Any]
) -> tuple[str, str]:
    times, count = [], 0
    for _time in range(7):
        made.caches = Caches()
        made.view(session, actor, now=NOW).present.owners  # noqa: B018 - the division is remembered anyway
        view = made.view(session, actor, now=NOW)
        start = time.perf_counter()
        count = len(ask(view))
        times.append((time.perf_counter() - start) * 1000)
    median = sorted(times)[len(times) // 2]
    return (
        f"| {what} | {count} | {median:.0f} | {goal} |",
        f"{what}: {median:.0f} ms" if median > goal else "",
    )


def _fill(session: Session, size: _Size) -> tuple[world.World, Actor, Actor]:
    made = world.found(session)
    versions = install(session, made, now=NOW)
    member, head = (
        world.add_actor(session, made, Role.MEMBER, "G1"),
        world.add_actor(session, made, Role.HEAD),
    )
    home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
    person = world.add_resident(session, home, date(1940, 1, 1))
    session.add(Need(resident_id=person.id, kind="hardship", legal_basis="x", valid_from=world.START))
    version = versions["elder_visit"]
    sample = add_record(session, version, person.id, at=NOW, marks={"met": True}, met=True)
    session.flush()
    cells = [world.cell_id(session, column, row) for row in range(4) for column in range(4)]
    own = {"communities": size.communities, "own": made.community, "homes": size.households, "cells": cells}
    with _without_indexes(session):
        for statement in (_AREAS, _HOMES, _PEOPLE, _NEEDS, _VISITED, "ANALYZE visited"):
            session.execute(sa.text(statement), own)
        people = session.scalar(sa.text("SELECT count(*) FROM visited"))
        more = {"records": size.records, "people": people, "version": version, "sample": sample.id}
        session.execute(sa.text(_RECORDS), more)
    return made, member, head


@contextmanager
def _without_indexes(session: Session) -> Iterator[None]:
    """Rows come in without checks of foreign keys, and indexes are made once, afterwards."""
    indexes = [row for table in _BIG for row in session.execute(sa.text(_INDEXES), {"table": table})]
    for name, _definition in indexes:
        session.execute(sa.text(f"DROP INDEX {name}"))
    session.execute(sa.text("SET LOCAL session_replication_role = replica"))
    yield
    session.execute(sa.text("SET LOCAL maintenance_work_mem = '512MB'"))
    for _name, definition in indexes:
        session.execute(sa.text(definition))
    session.execute(sa.text("SET LOCAL session_replication_role = DEFAULT"))
