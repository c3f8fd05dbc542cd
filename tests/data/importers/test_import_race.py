"""A file comes in while a cut is published: whoever is first, everything lies in the cell that covers it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.importers.outcome import ImportOutcome
from data.importers.prepare import ImportRequest, prepare
from data.importers.run import ImportWatch, run
from gisgrid.areas.communities import current_version
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.plans import store
from gisgrid.redraw.publication import publish
from gisgrid.storage.engine import Database
from gisgrid.storage.patience import patiently
from gisgrid.upkeep.checks import check_database
from tests.importing import Desk
from tests.world import LAT, LON, STEP, TZ, square

SPOTS = [(0.5, 1.05), (0.5, 1.9), (1.5, 1.1), (1.5, 1.8)]
"""Below and above the cut, in both cells it goes through, in columns and rows of cells."""
CUT = {
    "op": "split",
    "grid": "G1",
    "line": {
        "type": "LineString",
        "coordinates": [[LON, LAT + STEP], [LON + 2.5 * STEP, LAT + 1.6 * STEP]],
    },
    "cut": True,
}
_MOMENT_S = 1.0


class Race:
    """A desk that imports and somebody with a plan that cuts cells."""

    def __init__(self, database: Database, folder: Path, now: datetime) -> None:
        self.desk, self.database, self.now = Desk(database, folder, now), database, now
        with database.write() as session:
            view = self.desk.world.view(session, now=now)
            self.plan = store.new_plan(view, "cut", now=now).id
            plan_service.add_edit(view, self.plan, CUT, caches=self.desk.world.caches, now=now)
            self.before = current_version(session, self.desk.world.community, at=now).revision

    def file(self, kind: str) -> Path:
        if kind == "buildings":
            features = [
                {
                    "type": "Feature",
                    "properties": {"编码": f"R{n}", "地址": f"赛跑新村{n}幢"},
                    "geometry": square(x - 0.04, y - 0.04, 0.08).__geo_interface__,
                }
                for n, (x, y) in enumerate(SPOTS)
            ]
            path = self.desk.folder / "buildings.geojson"
            path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
            return path
        places = [{"经度": str(LON + x * STEP), "纬度": str(LAT + y * STEP)} for x, y in SPOTS]
        own: Callable[[int], dict[str, str]] = {
            "households": lambda n: {"地址": f"柳岸新村1幢1单元{n + 1}01室"},
            "cases": lambda n: {
                "来源": "12345",
                "编号": f"R-{n}",
                "类别": "garbage",
                "上报时间": "2025-03-01 08:00",
            },
        }[kind]
        return self.desk.file(*[own(n) | place for n, place in enumerate(places)])

    def bring(self, kind: str, watch: ImportWatch | None = None) -> ImportOutcome:
        asked = ImportRequest(kind=kind, file=self.file(kind), community="C1", crs="4326")
        who = self.desk.world.actor
        prepared = prepare(asked, tz=TZ)
        return run(self.database, lambda _one: who, prepared, now=self._at(1), tz=TZ, watch=watch)

    def publish(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        def once() -> None:
            with self.database.write() as session:
                view = self.desk.world.view(session, now=self._at(1))
                publish(view, self.plan, "cut", caches=self.desk.world.caches, now=self._at(1))
                meanwhile()

        patiently(once)

    def _at(self, minutes: int) -> datetime:
        return self.now + timedelta(minutes=minutes)

    def assert_whole(self, outcome: ImportOutcome) -> None:
        assert (outcome.counts["new"], outcome.refused) == (len(SPOTS), 0)
        with self.database.read() as session:
            at = self._at(2)
            version = current_version(session, self.desk.world.community, at=at)
            checked = check_database(session, self.desk.world.actor, at=at)
        assert version.revision == self.before + 1
        assert checked.faults == ()
        assert checked.objects >= len(SPOTS)


class Beside:
    """Something done in a thread beside; what it gives or raises comes with ``end``."""

    def __init__(self, do: Callable[[], Any]) -> None:
        self._found: list[Any] = []
        self._raised: list[BaseException] = []
        self._do = do
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        time.sleep(_MOMENT_S)  # it reads what it can, and waits for the first one

    def _run(self) -> None:
        try:
            self._found.append(self._do())
        except BaseException as error:  # noqa: BLE001 - told by `end`
            self._raised.append(error)

    def end(self) -> Any:
        self._thread.join(timeout=60)
        if self._raised:
            raise self._raised[0]
        return self._found[0]


@pytest.mark.parametrize("kind", ["households", "buildings", "cases"])
def test_a_file_that_comes_while_a_cut_is_published_lies_in_the_new_cells(
    database: Database, tmp_path: Path, now: datetime, kind: str
) -> None:
    race, beside = Race(database, tmp_path, now), list[Beside]()
    race.publish(lambda: beside.append(Beside(lambda: race.bring(kind))))
    race.assert_whole(beside[-1].end())


@pytest.mark.parametrize("kind", ["households", "buildings", "cases"])
def test_a_cut_that_is_published_while_a_file_comes_takes_its_rows_along(
    database: Database, tmp_path: Path, now: datetime, kind: str
) -> None:
    race, beside = Race(database, tmp_path, now), list[Beside]()

    def at_the_end(done: int, total: int) -> None:
        if done == total and not beside:
            beside.append(Beside(race.publish))

    outcome = race.bring(kind, ImportWatch(progress=at_the_end))
    beside[-1].end()
    race.assert_whole(outcome)
