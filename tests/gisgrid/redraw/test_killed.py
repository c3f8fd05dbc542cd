"""Killed while it publishes, a process leaves the old division or the new one, never a mixture."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

import pytest
from rebuilt import assert_whole, drawn_owners, owners
from sqlalchemy import select

from gisgrid.areas.models import CommunityState, Level, UnitCell
from gisgrid.areas.view import Caches
from gisgrid.errors import InvalidInput
from gisgrid.figures.area_figures import area_figures
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.plans import store
from gisgrid.redraw.publication import publish
from gisgrid.storage.engine import Database
from tests import world
from tests.conftest import KEYS
from tests.killing import PATIENCE_S, Publisher, kill
from tests.world import World

Figures = dict[str, dict[str, Any]]
LEAST_S = 0.01


class Site:
    """A community that is published again and again."""

    def __init__(self, database: Database, now: datetime, seed: int) -> None:
        self.database, self.now, self.rng = database, now, random.Random(seed)
        with database.write() as session:
            self.made: World = world.found(session)
            for column in range(4):
                building = world.add_building(session, self.made, column, 0, number=str(column + 1))
                home = world.add_household(session, building, "101")
                world.add_resident(session, home, date(1950, 1, 1))
        url = database.engine.url.render_as_string(hide_password=False)
        self.publisher = Publisher(url, self.made.actor, KEYS)
        self.counts: Counter[str] = Counter()

    def tick(self) -> datetime:
        self.now += timedelta(milliseconds=7)
        return self.now

    def state(self) -> tuple[dict[str, str], Figures]:
        """Who owns which cell and what each grid counts, read by somebody who remembers nothing."""
        self.made.caches = Caches()
        with self.database.read() as session:
            view = self.made.view(session, now=self.tick())
            table = area_figures(view, Level.GRID).set_index("code")
            counts = table[["households", "residents", "elders", "open_cases"]]
            return owners(view), counts.to_dict("index")

    def plan(self) -> tuple[str, dict[str, str]]:
        """A plan that changes something, and the owners it would give."""
        while True:
            at, caches = self.tick(), Caches()
            with self.database.write() as session:
                view = self.made.view(session, now=at)
                cells = session.scalars(select(UnitCell.id).order_by(UnitCell.number)).all()
                grids = [area.code for area in view.division.tree.at_level(Level.GRID)]
                plan = store.new_plan(view, "plan", now=at)
                for _ in range(3):
                    op = {"op": "paint", "cells": [self.rng.choice(cells)], "to": self.rng.choice(grids)}
                    try:
                        plan_service.add_edit(view, plan.id, op, caches=caches, now=at)
                    except InvalidInput:
                        continue
                opened = store.open_plan(view, plan.id, caches=caches)
                if opened.drawing.delta.owners:
                    return plan.id, drawn_owners(opened)

    def settled(self) -> None:
        """Wait until whatever the dead process left in the server has ended."""
        with self.database.write() as session:
            session.execute(select(CommunityState.data_version).with_for_update())

    def publish(self, plan: str) -> None:
        """Publish without being killed."""
        at = self.tick()
        with self.database.write() as session:
            publish(self.made.view(session, now=at), plan, "whole", caches=Caches(), now=at)

    def kill_one(self, longest_s: float) -> None:
        """Begin to publish in another process, kill it at a random moment, look at what is left."""
        before = self.state()
        plan, wanted = self.plan()
        process, said = self.publisher.begin(plan, self.tick())
        time.sleep(self.rng.uniform(0, longest_s))
        kill(process)
        is_told = was_done(said)
        self.settled()
        after = self.state()
        assert_whole(self.database, self.made.community, at=self.tick())
        assert after[0] in (before[0], wanted)
        if after[0] == wanted:
            self.counts["new revision whole"] += 1
        else:
            self.counts["old revision whole"] += 1
            assert after[1] == before[1]
            assert not is_told
            self.publish(plan)
            after = self.state()
            assert after[0] == wanted
        assert sum(row["households"] for row in after[1].values()) == 4


def was_done(said: Connection) -> bool:
    """Whether a dead process had told that its transaction ended."""
    with said:
        try:
            return said.poll() and said.recv() == "done"
        except EOFError:
            return False


def _time(site: Site) -> float:
    """How long a process takes from where it begins to its end."""
    plan, _wanted = site.plan()
    process, said = site.publisher.begin(plan, site.tick())
    began = time.perf_counter()
    assert said.poll(PATIENCE_S)
    assert said.recv() == "done"
    took = time.perf_counter() - began
    process.join(PATIENCE_S)
    return max(took, LEAST_S)


def test_killed_at_any_moment_the_old_or_the_new_division_is_whole(database: Database, now: datetime) -> None:
    site = Site(database, now, seed=3)
    longest = _time(site)
    for _ in range(4):
        site.kill_one(longest)
    assert sum(site.counts.values()) == 4


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_two_hundred_kills_leave_a_whole_division(
    database: Database, now: datetime, record_property: Callable[[str, object], None]
) -> None:
    site = Site(database, now, seed=2026)
    longest = 1.2 * _time(site)
    for _ in range(200):
        site.kill_one(longest)
    record_property("kills", 200)
    record_property("killed within, ms", round(1000 * longest))
    for name, count in sorted(site.counts.items()):
        record_property(name, count)
