"""Every import tells how far it is while it reads and while it keeps, and stops where it is told to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import func, select

from data.importers.prepare import ImportRequest, Prepared, prepare
from data.importers.run import ImportStopped, ImportWatch, run
from gisgrid.access.models import ImportRun
from gisgrid.areas.models import Revision
from gisgrid.cases.core.models import Case
from gisgrid.places.models import Building, Facility, Household, Street
from gisgrid.storage.engine import Database
from tests.importing import Desk
from tests.world import LAT, LON, STEP, TZ, square

COUNT = 24
FEW = 5
TABLES = {"buildings": Building, "streets": Street, "cases": Case, "households": Household}
KINDS = [*TABLES, "areas", "facilities"]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the file had thousands of rows."""
    for place in ("places.import_rows.AT_ONCE", "places.service._AT_ONCE", "cases.intake.imports._AT_ONCE"):
        monkeypatch.setattr(f"gisgrid.{place}", FEW)
    monkeypatch.setattr("data.importers.values.columns._AT_ONCE", FEW)


def shapes(kind: str) -> list[tuple[dict[str, Any], Any]]:
    if kind == "areas":
        return [({"编码": f"G{n + 1}"}, square(2 * (n % 2), 2 * (n // 2), 2)) for n in range(3)] + [
            ({"编码": "G4"}, shapely.union(square(2, 2, 2), square(4, 2, 1)))
        ]
    if kind == "buildings":
        return [
            ({"编码": f"N{n}", "地址": f"赛跑新村{n}幢"}, square(0.1 * n, 0.8, 0.05)) for n in range(COUNT)
        ]
    return [
        ({"名称": f"路{n}"}, shapely.LineString([(LON, LAT + n * STEP / 9), (LON + STEP, LAT)]))
        for n in range(COUNT)
    ]


def rows(kind: str) -> list[dict[str, str]]:
    place = {"经度": str(LON + STEP / 2), "纬度": str(LAT + STEP / 2)}
    if kind == "cases":
        told = {"来源": "12345", "类别": "garbage", "上报时间": "2025-03-01 08:00"}
        return [{**told, "编号": f"A-{n}", **place} for n in range(COUNT)]
    if kind == "facilities":
        return [{"名称": f"站{n}", "类型": "红色驿站", **place} for n in range(COUNT)]
    return [{"地址": f"柳岸新村1幢1单元{n + 1}01室", **place} for n in range(COUNT)]


@dataclass
class Bar:
    """The progress of an import: what reading told, and what keeping told."""

    desk: Desk
    kind: str

    def prepared(self, read: list[int]) -> Prepared:
        if self.kind in {"areas", "buildings", "streets"}:
            features = [
                {"type": "Feature", "properties": told, "geometry": shapely.geometry.mapping(shape)}
                for told, shape in shapes(self.kind)
            ]
            file = self.desk.folder / "shapes.geojson"
            file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        else:
            file = self.desk.file(*rows(self.kind))
        asked = ImportRequest(kind=self.kind, file=file, community="C1", crs="EPSG:4326")
        return prepare(asked, tz=TZ, progress=lambda done, _total: read.append(done))

    def keep(self, prepared: Prepared, watch: ImportWatch) -> None:
        who = self.desk.world.actor
        run(self.desk.database, lambda _one: who, prepared, now=self.desk.now, tz=TZ, watch=watch)

    def counted(self) -> list[int]:
        tables = (*TABLES.values(), Facility, Revision, ImportRun)
        with self.desk.database.read() as session:
            return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


@pytest.fixture
def desk(database: Database, tmp_path: Path, now: datetime) -> Desk:
    return Desk(database, tmp_path, now)


@pytest.mark.parametrize("kind", KINDS)
def test_reading_and_keeping_tell_how_far_they_are(desk: Desk, kind: str) -> None:
    bar, read, kept = Bar(desk, kind), list[int](), list[tuple[int, int]]()
    prepared = bar.prepared(read)
    bar.keep(prepared, ImportWatch(progress=lambda done, total: kept.append((done, total))))
    total = prepared.rows
    assert total == (4 if kind == "areas" else COUNT)
    assert read == sorted(read)
    assert read[-1] == total
    done = [one for one, _total in kept]
    assert {one for _done, one in kept} == {total}
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, total)
    assert len({one for one in (*read, *done) if 0 < one < total}) >= 2


@pytest.mark.parametrize("kind", KINDS)
def test_it_stops_between_start_and_end_and_keeps_nothing(desk: Desk, kind: str) -> None:
    bar, told = Bar(desk, kind), [0]
    prepared, before = bar.prepared([]), bar.counted()
    watch = ImportWatch(
        progress=lambda done, _total: told.append(done), is_cancelled=lambda: 0 < told[-1] < prepared.rows
    )
    with pytest.raises(ImportStopped):
        bar.keep(prepared, watch)
    assert 0 < told[-1] < prepared.rows
    assert bar.counted() == before
