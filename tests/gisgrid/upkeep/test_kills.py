"""Killed at any moment of whatever it does, a process leaves a sound database with all it answered for."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from gisgrid.areas.models import CommunityState, Revision
from gisgrid.areas.view import Caches
from gisgrid.cases.core.models import Case
from gisgrid.places.models import Household
from gisgrid.redraw.plans import store
from gisgrid.redraw.plans.models import Plan, PlanEdit
from gisgrid.storage.engine import Database
from gisgrid.upkeep.archive import opened
from gisgrid.upkeep.backup import back_up, content_of
from gisgrid.upkeep.checks import check_database
from tests import world
from tests.conftest import KEYS
from tests.victims import PATIENCE_S, Victims, everything_said, kill

ROWS: Final = 400
AT_ONCE: Final = {"import", "restore"}
"""What a victim does once, instead of again and again."""


class Scene:
    """A community to which things are done by processes that die of it."""

    def __init__(self, database: Database, folder: Path, now: datetime, seed: int) -> None:
        self.database, self.folder, self.now = database, folder, now
        self.rng, self.counts = random.Random(seed), Counter[str]()
        with database.write() as session:
            self.made = world.found(session)
            for column in range(4):
                world.add_building(session, self.made, column, 0, number=str(column + 1))
        self.victims = Victims(database, self.made.actor, KEYS)
        self.backup, self.longest = folder / "b.zip", dict.fromkeys(AT_ONCE, 1.0)
        self.cases: set[str] = set()

    def tick(self) -> datetime:
        self.now += timedelta(seconds=61)
        return self.now

    def die(self, act: str, given: Any = None) -> list[Any]:
        """Begin something in another process, kill it at a random moment; gives what it had answered for."""
        process, said = self.victims.begin(act, self.tick(), given)
        if act not in AT_ONCE and act != "backup":  # nothing is proved by killing who has not begun yet
            assert said.poll(PATIENCE_S)
        began = time.perf_counter()
        process.join(self.rng.uniform(0, self.longest.get(act, 0.4)))
        if not process.is_alive():
            self.longest[act] = max(0.05, 0.9 * (time.perf_counter() - began))
        elif act in AT_ONCE:  # on a slow machine it takes longer: moments shall lie in all of its work
            self.longest[act] = min(PATIENCE_S, 1.2 * self.longest[act])
        kill(process)
        told = everything_said(said)
        self.settled()
        return told

    def settled(self) -> None:
        """Wait until whatever the dead process left in the server has ended; the locks are free then."""
        with self.database.write() as session:
            session.execute(select(CommunityState.data_version).with_for_update())

    def assert_sound(self) -> None:
        with self.database.read() as session:
            checked = check_database(session, self.made.actor, at=self.tick())
            assert {rule: count for rule, count in checked.counts().items() if count} == {}
            if self.database.is_sqlite:
                assert not session.execute(sa.text("PRAGMA foreign_key_check")).all()
                assert session.scalar(sa.text("PRAGMA quick_check")) == "ok"

    def count(self, table: Any) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


def kill_report(scene: Scene) -> str:
    told = set(scene.die("report"))
    assert told  # at least one was answered for
    scene.cases |= told
    with scene.database.read() as session:
        kept = set(session.scalars(select(Case.id)))
        numbers = session.scalars(select(Case.number)).all()
    assert scene.cases <= kept
    assert len(set(numbers)) == len(numbers)
    extra = len(kept - scene.cases)
    assert extra <= 1  # kept, and killed before it could say so
    scene.cases = kept
    return "kept unsaid" if extra else "all said"


def kill_edit(scene: Scene) -> str:
    with scene.database.write() as session:
        view = scene.made.view(session, now=scene.tick())
        plan = store.new_plan(view, "plan", now=scene.now)
    told = scene.die("edit", plan.id)
    assert all(isinstance(one, int) for one in told), told  # nothing was refused
    with scene.database.write() as session:
        view = scene.made.view(session, now=scene.tick())
        edits = session.scalar(select(func.count()).where(PlanEdit.plan_id == plan.id)) or 0
        assert edits in {told[-1], told[-1] + 1}
        store.open_plan(view, plan.id, caches=Caches())
        session.execute(sa.delete(PlanEdit))
        session.execute(sa.delete(Plan).where(Plan.id == plan.id))
    return "kept unsaid" if edits > told[-1] else "all said"


def kill_publish(scene: Scene) -> str:
    before = scene.count(Revision)
    told = scene.die("publish")
    assert told
    grown = scene.count(Revision) - before
    assert grown in {len(told), len(told) + 1}
    return "kept unsaid" if grown > len(told) else "all said"


def kill_import(scene: Scene) -> str:
    before = scene.count(Household)
    file = scene.folder / "homes.csv"
    block = before // ROWS
    rows = [f"柳岸新村{1 + number % 4}幢{block + 1}单元{101 + number}室" for number in range(ROWS)]
    file.write_text("address\n" + "\n".join(rows) + "\n", encoding="utf-8")
    told = scene.die("import", str(file))
    grown = scene.count(Household) - before
    assert grown in {0, ROWS}
    assert grown == ROWS or "done" not in told
    return "whole" if grown else "nothing"


def kill_backup(scene: Scene) -> str:
    had = scene.backup.exists()
    told = scene.die("backup", str(scene.backup))
    if told or had:
        with opened(scene.backup) as archive:
            archive.check()
    back_up(scene.database, scene.made.actor, scene.backup, now=scene.tick())
    assert list(scene.folder.glob(".*.part")) == []
    return f"{'whole' if scene.backup.exists() else 'none'}, then again"


def kill_restore(scene: Scene) -> str:
    path = scene.folder / "kept.zip"
    kept = back_up(scene.database, scene.made.actor, path, now=scene.tick())
    with scene.database.write() as session:
        session.execute(sa.update(CommunityState).values(data_version=CommunityState.data_version + 1))
    before = content_of(scene.database)
    told = scene.die("restore", str(path))
    after = content_of(scene.database)
    if after == before:
        assert "done" not in told
        return "as before"
    same = {note.form.name for note in kept.tables if after.tables[note.form.name] == note.content}
    others = {note.form.name for note in kept.tables} - same
    assert others == {"account", "audit_entry", "community_state"}
    return "restored"


KILLS: Final[dict[str, Callable[[Scene], str]]] = {
    "report": kill_report,
    "edit": kill_edit,
    "publish": kill_publish,
    "import": kill_import,
    "backup": kill_backup,
    "restore": kill_restore,
}


def _kill(scene: Scene, act: str) -> None:
    scene.counts[f"{act}: {KILLS[act](scene)}"] += 1
    scene.assert_sound()


def test_killed_at_whatever_it_does_nothing_is_lost(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    scene = Scene(database, tmp_path, now, seed=5)
    for act in KILLS:
        _kill(scene, act)
    assert scene.counts.total() == len(KILLS)


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_a_hundred_kills_of_each_lose_nothing(
    database: Database, tmp_path: Path, now: datetime, record_property: Callable[[str, object], None]
) -> None:
    scene = Scene(database, tmp_path, now, seed=2026)
    for _round in range(100):
        for act in KILLS:
            _kill(scene, act)
    for name, count in sorted(scene.counts.items()):
        record_property(name, count)
    record_property("reports kept", len(scene.cases))
    early_and_late = {"import: nothing", "import: whole", "restore: as before", "restore: restored"}
    assert early_and_late <= set(scene.counts)
