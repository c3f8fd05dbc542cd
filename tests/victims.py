"""Processes that do one thing to a database until they are killed, and tell what they have been promised."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import select

import gisgrid.tables  # noqa: F401 - foreign keys must find their tables
from data.importers.prepare import ImportRequest as AskedImport
from data.importers.prepare import prepare
from data.importers.run import run
from gisgrid.access.actors import Actor
from gisgrid.access.keys.encryption import KeyRing, open_database
from gisgrid.areas.models import UnitCell
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.errors import GisgridError
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.plans import store
from gisgrid.redraw.publication import publish
from gisgrid.storage.engine import Database
from gisgrid.upkeep.archive import opened
from gisgrid.upkeep.backup import back_up
from gisgrid.upkeep.restoration import Restoring, check_backup, restore
from tests import world
from tests.world import TZ

PATIENCE_S: Final = 120
ENDLESS: Final = 10_000


@dataclass(frozen=True)
class Bounded:
    """What a victim works with, whose disk takes no file of more bytes."""

    given: Any
    most: int


Say = Callable[[object], None]


class Job:
    """What a victim works with."""

    def __init__(self, database: Database, actor: Actor, keys: KeyRing, now: datetime, given: Any) -> None:
        self.database, self.actor, self.keys, self.now, self.given = database, actor, keys, now, given

    def tick(self) -> datetime:
        self.now += timedelta(milliseconds=5)
        return self.now

    def view(self, session: sa.orm.Session, caches: Caches) -> View:
        return open_view(
            session, self.actor, ViewRequest(community="C1"), caches=caches, now=self.tick(), tz=TZ
        )


def report_cases(job: Job, say: Say) -> None:
    """Reports one case after the other; says the id of each that was answered for."""
    for number in range(ENDLESS):
        lon, lat = world.middle(number % 4, number // 4 % 4).coords[0]
        case = ReportCase(lon=lon, lat=lat, category="garbage", description=f"{number}")
        with job.database.write() as session:
            found = report(session, job.actor, case, caches=Caches(), now=job.tick(), tz=TZ)
            told = found.case.id
        say(told)


def edit_plan(job: Job, say: Say) -> None:
    """Paints cells to and fro in a plan; says how many edits were answered for."""
    caches = Caches()
    with job.database.read() as session:
        cell, grid = _middle_cell(job.view(session, caches), session)
    others = ("G1", "G2") if grid == "G2" else ("G2", "G1")  # what a publish before left it in
    for number in range(ENDLESS):
        with job.database.write() as session:
            view, op = job.view(session, caches), {"op": "paint", "cells": [cell], "to": others[number % 2]}
            plan_service.add_edit(view, job.given, op, caches=caches, now=job.tick())
        say(number + 1)


def _middle_cell(view: View, session: sa.orm.Session) -> tuple[str, str]:
    """The cell that goes to and fro, and the code of the grid it is in."""
    cell = session.scalars(select(UnitCell.id).where(UnitCell.number == 2, UnitCell.valid_to.is_(None))).one()
    grid = view.division.grid_of(cell)
    return cell, grid.code if grid else ""


def draw_and_publish(job: Job, say: Say) -> None:
    """Draws plans and publishes them, one after the other; says the number of each revision."""
    for number in range(ENDLESS):
        caches = Caches()
        with job.database.write() as session:
            view = job.view(session, caches)
            cell, grid = _middle_cell(view, session)
            plan = store.new_plan(view, f"{number}", now=job.now)
            to = "G2" if grid == "G1" else "G1"
            op = {"op": "paint", "cells": [cell], "to": to}
            plan_service.add_edit(view, plan.id, op, caches=caches, now=job.now)
        with job.database.write() as session:
            publish(job.view(session, caches), plan.id, "again", caches=caches, now=job.now)
        say(number + 1)


def import_file(job: Job, say: Say) -> None:
    """Imports one file of households."""
    prepared = prepare(AskedImport(kind="households", file=Path(job.given), community="C1"), tz=TZ)
    say("read")
    run(job.database, lambda _session: job.actor, prepared, now=job.now, tz=TZ)
    say("done")


def write_backup(job: Job, say: Say) -> None:
    """Writes a backup over the last one, again and again."""
    for number in range(ENDLESS):
        back_up(job.database, job.actor, Path(job.given), now=job.tick())
        say(number)


def restore_backup(job: Job, say: Say) -> None:
    """Restores a backup in the place of what is there."""
    path = Path(job.given)
    wish = Restoring(erasures=path.with_name("erasures.jsonl"), zone=TZ, operator="tester", replaces=True)
    with opened(path) as archive:
        checked = check_backup(archive, job.keys)
        restore(job.database, job.actor, archive, checked, wish, now=job.now)
    say("done")


ACTS: Final[dict[str, Callable[[Job, Say], None]]] = {
    "report": report_cases,
    "edit": edit_plan,
    "publish": draw_and_publish,
    "import": import_file,
    "backup": write_backup,
    "restore": restore_backup,
}


def _work(
    said: Connection, act: str, url: str, actor: Actor, keys: dict[int, bytes], now: datetime, given: Any
) -> None:
    if isinstance(given, Bounded):
        resource.setrlimit(resource.RLIMIT_FSIZE, (given.most, given.most))
        given = given.given
    ring = KeyRing(max(keys), keys)
    database = open_database(sa.make_url(url), ring)
    job = Job(database, actor, ring, now, given)
    said.send("begins")
    try:
        ACTS[act](job, said.send)
    except GisgridError as error:
        said.send(error)
    database.close()
    said.send("ended")


class Victims:
    """Starts such processes, each from one that has imported everything and opened nothing."""

    def __init__(self, database: Database, actor: Actor, keys: KeyRing) -> None:
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload([__name__])
        self.url = database.engine.url.render_as_string(hide_password=False)
        self.actor, self.keys = actor, keys

    def begin(self, act: str, now: datetime, given: Any = None) -> tuple[BaseProcess, Connection]:
        """A process that has begun to do something."""
        ours, theirs = self.context.Pipe(duplex=False)
        arguments = (theirs, act, self.url, self.actor, self.keys.secrets, now, given)
        process = self.context.Process(target=_work, args=arguments, daemon=True)
        process.start()
        theirs.close()
        assert ours.poll(PATIENCE_S), "it never began"
        assert ours.recv() == "begins"
        return process, ours


def kill(process: BaseProcess) -> None:
    """End a process without a chance to tidy up, unless it has ended by itself."""
    with suppress(ProcessLookupError):
        process.kill()
    process.join(PATIENCE_S)


def everything_said(said: Connection) -> list[Any]:
    """What a dead process had told before it died."""
    found = []
    with said:
        try:
            while said.poll():
                found.append(said.recv())
        except (EOFError, OSError):
            pass
    return found
