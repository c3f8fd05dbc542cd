"""What is to be done: a member's list and what is late by grid, among a million households on PostGIS."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.keys.encryption import KeyRing, open_database
from gisgrid.access.models import Role
from gisgrid.areas.view import Caches
from gisgrid.people.core.models import Need
from gisgrid.records.work.overdue import overdue_by_grid
from gisgrid.records.work.queries import list_work
from gisgrid.storage import migrate
from tests import postgres, world
from tests.fieldwork import add_record
from tests.working import install

HOUSEHOLDS, COMMUNITIES, RECORDS = 1_008_000, 336, 3_000_000
NOW: Final = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
LIST_MS, GRIDS_MS = 150, 500
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
_RECORDS = """INSERT INTO record
  (id, subject, resident_id, form_version_id, form_code, community_id, day, is_day_doubtful,
  filled_at, received_at, answers, marks, sent, met)
SELECT 'record-' || n, 'person', r.id, :version, 'elder_visit', :own,
  date '2026-11-23' - (n * 31 % 700), false,
  now(), now(), d.answers, d.marks, d.sent, n % 5 > 0
FROM generate_series(0, :records - 1) n
JOIN (SELECT resident_id AS id, row_number() OVER () - 1 AS place, count(*) OVER () AS many FROM need) r
  ON r.place = n % r.many, (SELECT answers, marks, sent FROM record WHERE id = :sample) d"""


def run() -> tuple[str, list[str]]:
    """The table and the goals that were missed."""
    with postgres.cluster("bench-work") as port:
        engine = sa.create_engine(
            make_url(f"postgresql+psycopg://gisgrid@127.0.0.1:{port}/postgres"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.execute(sa.text("CREATE DATABASE bench_work"))
        database = open_database(engine.url.set(database="bench_work"), _KEYS)
        migrate.upgrade(database)
        with database.write() as session:
            made, member, head = _fill(session)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))
        rows = []
        with database.read() as session:
            rows.append(_timed("a member's list", LIST_MS, made, session, member, _list))
            rows.append(_timed("late by grid, cold", GRIDS_MS, made, session, head, overdue_by_grid))
        database.close()
    table = "\n".join(row for row, _missed in rows)
    heads = "| what is to be done | rows | median ms | goal ms |\n|---|---|---|---|\n"
    return heads + table, [missed for _row, missed in rows if missed]


def _list(view: Any) -> list[Any]:
    return [*list_work(view, now=NOW)["rows"]]


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
    name = f"{what}, {HOUSEHOLDS:,} households, {RECORDS:,} records, PostGIS"
    return (
        f"| {name} | {count} | {median:.0f} | {goal} |",
        f"{name}: {median:.0f} ms" if median > goal else "",
    )


def _fill(session: Session) -> tuple[world.World, Actor, Actor]:
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
    own = {"communities": COMMUNITIES, "own": made.community, "homes": HOUSEHOLDS, "cells": cells}
    for statement in (_AREAS, _HOMES, _PEOPLE, _NEEDS):
        session.execute(sa.text(statement), own)
    more = {"records": RECORDS, "version": version, "sample": sample.id, "own": made.community}
    session.execute(sa.text(_RECORDS), more)
    return made, member, head
