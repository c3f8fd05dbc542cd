"""Files as an office hands them over, brought into the community of `tests.world`."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from data.importers.outcome import ImportOutcome
from data.importers.prepare import ImportRequest, prepare
from data.importers.run import ImportWatch, run
from gisgrid.access.actors import Actor
from gisgrid.access.models import Duty, Worker
from gisgrid.areas.models import Placement
from gisgrid.people.core.models import Consent, Resident
from gisgrid.places.models import Facility, Household
from gisgrid.storage.engine import Database
from tests import world
from tests.world import TZ

TABLES = (Household, Resident, Consent, Facility, Worker, Duty, Placement)


class Desk:
    """Somebody who imports files into the community C1; each file is written, read and kept for real."""

    def __init__(self, database: Database, folder: Path, now: datetime) -> None:
        self.database, self.folder, self.now = database, folder, now
        with database.write() as session:
            self.world = world.found(session)
            for column, row, number in [(0, 0, "1"), (1, 0, "2"), (3, 0, "3"), (3, 3, "4")]:
                world.add_building(session, self.world, column, row, number=number)

    def file(self, *rows: dict[str, str], name: str = "rows.csv") -> Path:
        """A CSV of rows, whose columns are all that any row has."""
        path = self.folder / name
        columns = list(dict.fromkeys(key for row in rows for key in row))
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
        return path

    def shapes(self, *rows: tuple[dict[str, Any], BaseGeometry], name: str = "shapes.geojson") -> Path:
        """A GeoJSON of rows, each with its shape in EPSG:4326."""
        path = self.folder / name
        features = [
            {"type": "Feature", "properties": told, "geometry": shapely.geometry.mapping(shape)}
            for told, shape in rows
        ]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
        return path

    def bring_file(
        self, kind: str, file: Path, *, actor: Actor | None = None, community: str = "C1", **how: Any
    ) -> ImportOutcome:
        """Import a file of a kind."""
        prepared = prepare(ImportRequest(kind=kind, file=file, community=community, **how), tz=TZ)
        who = actor or self.world.actor
        return run(self.database, lambda _session: who, prepared, now=self.now, tz=TZ)

    def bring(
        self,
        kind: str,
        *rows: dict[str, str],
        actor: Actor | None = None,
        watch: ImportWatch | None = None,
        **how: Any,
    ) -> ImportOutcome:
        """Import rows of a kind."""
        asked = ImportRequest(kind=kind, file=self.file(*rows), community="C1", **how)
        prepared = prepare(asked, tz=TZ)
        who = actor or self.world.actor
        return run(self.database, lambda _session: who, prepared, now=self.now, tz=TZ, watch=watch)

    def rows(self, table: Any, *columns: str) -> list[dict[str, Any]]:
        """All rows of a table, ordered by their id."""
        wanted = [table.__table__.columns[name] for name in columns] or list(table.__table__.columns)
        with self.database.read() as session:
            found = session.execute(select(*wanted).order_by(table.__table__.columns["id"]))
            return [dict(row) for row in found.mappings()]

    def contents(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that imports write."""
        return {table.__tablename__: self.rows(table) for table in TABLES}


def reasons(outcome: ImportOutcome) -> dict[int, tuple[str, str]]:
    """The refused rows with field and sentence; lines count from 1 behind the one with the names."""
    heads = {"line": 1}
    return {
        (fault.row or 0) - heads.get(fault.counted, 0): (fault.field or "", str(fault.message))
        for fault in outcome.faults
    }


def thinned(file: Path, folder: Path, *, every: int, beside: Collection[str] = ()) -> Path:
    """A CSV file with every so manieth row of another in a folder, and all that hold one of some values."""
    with file.open(encoding="utf-8-sig", newline="") as whole:
        head, *rows = csv.reader(whole)
    with (folder / file.name).open("w", encoding="utf-8", newline="") as part:
        kept = [row for number, row in enumerate(rows) if number % every == 0 or {*beside} & {*row}]
        csv.writer(part).writerows([head, *kept])
    return folder / file.name
