"""What was exported and is imported again changes nothing, whatever the form of the file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from data.importers.outcome import ImportOutcome
from data.importers.prepare import ImportRequest, prepare
from data.importers.run import run
from gisgrid.access.models import Duty, Worker
from gisgrid.areas.models import Area, AreaName, AreaOutline, AreaParent, Placement, Revision, UnitCell
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.people.core.models import Consent, Resident
from gisgrid.places.models import Building, Compound, Facility, Household, Street
from gisgrid.storage.engine import Database
from tests.exporting import Depot, stocked
from tests.world import TZ

TABLES: Final = (
    Area, AreaName, AreaOutline, AreaParent, Building, Case, CaseLog, Compound, Consent, Duty, Facility,
    Household, Placement, Resident, Revision, Street, UnitCell, Worker,
)  # fmt: skip
SHAPES: Final = ("geojson", "gpkg", "shp", "zip")
FORMS: Final = {
    "areas": SHAPES,
    "buildings": SHAPES,
    "streets": SHAPES,
    "households": ("csv", "xlsx", *SHAPES),
    "residents": ("csv", "xlsx"),
    "facilities": ("csv", "xlsx", *SHAPES),
    "members": ("csv", "xlsx"),
    "cases": ("csv", "xlsx", *SHAPES),
}


@pytest.fixture
def depot(database: Database, tmp_path: Path, now: datetime) -> Depot:
    return stocked(database, tmp_path / "out", now)


def contents(database: Database) -> dict[str, list[Any]]:
    with database.read() as session:
        return {
            table.__tablename__: [
                str(dict(row._mapping))
                for row in session.execute(select(*table.__table__.columns).order_by(table.__table__.c.id))
            ]
            for table in TABLES
        }


def bring(depot: Depot, kind: str, file: Path, *, crs: str | None = None) -> ImportOutcome:
    asked = ImportRequest(kind=kind, file=file, community="C1", crs=crs)
    return run(
        depot.database, lambda _session: depot.world.actor, prepare(asked, tz=TZ), now=depot.now, tz=TZ
    )


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_a_file_that_comes_back_changes_nothing(depot: Depot, kind: str) -> None:
    before = contents(depot.database)
    for form in FORMS[kind]:
        for in_chinese in (False, True) if form in {"csv", "xlsx"} else (False,):
            file = depot.take(kind, form, in_chinese=in_chinese)
            crs = "EPSG:4326" if form in {"csv", "xlsx"} else None
            outcome = bring(depot, kind, file, crs=crs)
            told = {name: outcome.counts[name] for name in ("new", "updated", "refused")}
            assert told == {"new": 0, "updated": 0, "refused": 0}, (form, in_chinese, outcome.faults)
            assert outcome.counts["unchanged"] > 0
            assert contents(depot.database) == before, (form, in_chinese)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:32650", "EPSG:4527", "GCJ-02", "BD-09"])
def test_a_file_in_another_crs_comes_back_to_the_same_places(depot: Depot, crs: str) -> None:
    before = contents(depot.database)
    for kind in ("areas", "buildings", "streets", "cases"):
        said = crs if crs in {"GCJ-02", "BD-09"} else None
        outcome = bring(depot, kind, depot.take(kind, "gpkg", crs=crs), crs=said)
        assert (outcome.counts["new"], outcome.counts["updated"], outcome.counts["refused"]) == (0, 0, 0), (
            kind
        )
    assert contents(depot.database) == before
