"""A dry run says of every kind what the import would, keeps nothing, and keeps nobody from writing."""

from __future__ import annotations

import fcntl
import json
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from data.importers.kinds.cases import NewCategories
from data.importers.outcome import ImportOutcome
from data.importers.prepare import ImportRequest, prepare
from data.importers.run import ImportStopped, ImportWatch, run
from gisgrid.access.models import AuditEntry, ImportRun
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.models import AreaName, CellKind, Revision, UnitCell
from gisgrid.areas.publication import NewCell, publish_cells
from gisgrid.areas.view import Caches
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.places.models import Building, Household, Street
from gisgrid.storage.base import Base
from gisgrid.storage.engine import Database
from gisgrid.storage.trial import trial
from tests.importing import TABLES, Desk
from tests.world import LAT, LON, STEP, TZ, square

HOMES: list[dict[str, str]] = [
    {"地址": "柳岸新村1幢1单元101室", "联系电话": "1", "登记同意": "同意", "询问日期": "2025-03-01"},
    {"地址": "柳岸新村2幢1单元102室", "经度": str(LON + 1.5 * STEP), "纬度": str(LAT + STEP / 2)},
    {"地址": "没有的地方9号"},
    {"地址": "柳岸新村1幢1单元101室"},
]
PEOPLE: list[dict[str, str]] = [
    {
        "地址": "柳岸新村1幢1单元101室",
        "姓名": "示例甲",
        "出生日期": "1950-3-7",
        "居住状态": "户籍在册且常住",
        "登记同意": "同意",
        "询问日期": "2025-03-01",
    },
    {"地址": "柳岸新村9幢1单元101室", "姓名": "示例乙", "出生日期": "1950-3-7"},
]
STATIONS: list[dict[str, str]] = [
    {"名称": "示例站", "类型": "党员服务站", "编码": "F1", "地址": "柳岸新村1幢", "容量": "30"},
    {"名称": "无处站", "类型": "党员服务站", "编码": "F2", "地址": "没有的地方"},
]
ON_DUTY: list[dict[str, str]] = [
    {"姓名": "示例乙", "职责": "网格员", "网格": "G1", "是否主责": "是"},
    {"姓名": "示例丙", "职责": "网格员", "网格": "G99"},
]
CASES: list[dict[str, str]] = [
    {
        "来源": "12345",
        "编号": f"A-{number}",
        "类别": category,
        "上报时间": "2025-03-01 08:00",
        "经度": str(LON + number * STEP),
        "纬度": str(LAT + STEP / 2),
        "所属网格": "G1",
    }
    for number, category in enumerate(["garbage", "没有见过的类别", "garbage", "garbage"])
] + [{"来源": "12345", "编号": "A-9", "类别": "garbage", "上报时间": "昨天"}]


def features(*rows: tuple[dict[str, Any], Any]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": told, "geometry": shapely.geometry.mapping(shape)}
            for told, shape in rows
        ],
    }


SHAPED: dict[str, dict[str, Any]] = {
    "areas": features(
        ({"编码": "G1", "名称": "改了名"}, square(0, 0, 2)),
        ({"编码": "G2"}, square(2, 0, 2)),
        ({"编码": "G3"}, square(0, 2, 2)),
        ({"编码": "G4"}, shapely.union(square(2, 2, 2), square(4, 2, 1))),
    ),
    "buildings": features(
        ({"编码": "N1", "地址": "赛跑新村1幢", "小区": "赛跑新村"}, square(0.1, 0.7, 0.1)),
        ({"编码": "B00-1", "地址": "柳岸新村1幢", "层数": "7"}, square(0.25, 0.25, 0.5)),
        ({"地址": ""}, square(1, 1, 0.1)),
    ),
    "streets": features(
        ({"名称": "幸福路"}, shapely.LineString([(LON, LAT), (LON + STEP, LAT)])),
        ({"名称": "没有长度"}, shapely.Point(LON, LAT)),
    ),
}
ROWS = {"households": HOMES, "residents": PEOPLE, "facilities": STATIONS, "members": ON_DUTY, "cases": CASES}
WRITTEN: tuple[type[Base], ...] = (
    *TABLES, Building, Street, Case, Category, AreaName, UnitCell, ImportRun, AuditEntry
)  # fmt: skip


class Trier:
    """Somebody who brings a file twice: first dry, then for good."""

    def __init__(self, database: Database, folder: Path, now: datetime) -> None:
        self.desk = Desk(database, folder, now)
        self.database, self.now = database, now

    def bring(self, kind: str, watch: ImportWatch | None = None) -> ImportOutcome:
        if kind in SHAPED:
            file = self.desk.folder / f"{kind}.geojson"
            file.write_text(json.dumps(SHAPED[kind]), encoding="utf-8")
        else:
            file = self.desk.file(*ROWS[kind])
        crs = "EPSG:4326" if kind in {"households", "cases"} else None
        asked = ImportRequest(
            kind=kind, file=file, community="C1", crs=crs, new_categories=NewCategories.CONFIDENTIAL
        )
        who = self.desk.world.actor
        return run(self.database, lambda _one: who, prepare(asked, tz=TZ), now=self.now, tz=TZ, watch=watch)

    def counted(self) -> dict[str, int]:
        with self.database.read() as session:
            return {
                table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
                for table in WRITTEN
            }


def category(code: str) -> Category:
    return Category(code=code, name=code, group="tried", is_confidential=False, severity="small", position=9)


@pytest.fixture
def trier(database: Database, tmp_path: Path, now: datetime) -> Trier:
    return Trier(database, tmp_path, now)


def told(outcome: ImportOutcome) -> dict[str, Any]:
    """All an import says, without the id of its record."""
    return {
        "counts": {name: value for name, value in outcome.counts.items() if name != "import"},
        "lines": outcome.rows(),
        "warnings": list(outcome.warnings),
        "datum": outcome.datum,
    }


@pytest.mark.parametrize("kind", [*ROWS, *SHAPED])
def test_a_dry_run_says_what_the_import_says_and_keeps_nothing(trier: Trier, kind: str) -> None:
    if kind == "residents":
        trier.bring("households")
    before = trier.counted()
    dry = trier.bring(kind, ImportWatch(is_dry=True))
    assert trier.counted() == before
    real = trier.bring(kind)
    assert told(dry) == told(real)
    assert int(real.counts["new"]) + int(real.counts["updated"]) > 0
    assert trier.counted() != before


def test_others_write_while_a_dry_run_goes_on(trier: Trier) -> None:
    written = []

    def write(done: int, total: int) -> None:
        with trier.database.write() as session:
            session.add(category(f"x{len(written)}"))
        written.append((done, total))

    trier.bring("households", ImportWatch(is_dry=True, progress=write))
    assert len(written) >= 2
    with trier.database.read() as session:
        made = session.scalar(select(func.count()).select_from(Category).where(Category.group == "tried"))
    assert made == len(written)


@pytest.mark.parametrize("kind", ["cases", "buildings", "areas", "households"])
def test_others_report_edit_publish_and_import_while_a_dry_run_goes_on(trier: Trier, kind: str) -> None:
    """Each in a session of its own that waits for nobody, at the start, half way and at the end."""
    made, moments = trier.desk.world, []

    def everything(done: int, total: int) -> None:
        moments.append((done, total))
        at = trier.now + timedelta(hours=len(moments))
        for act in (tell, edit, publish):
            with trier.database.write() as session:
                if not trier.database.is_sqlite:
                    session.execute(text("SET LOCAL lock_timeout = '2s'"))
                wait_for_others(session, made.community)
                act(session, at)

    def tell(session: Session, at: datetime) -> None:
        command = ReportCase(lon=LON, lat=LAT, category="garbage", description="乱堆放")
        report(session, made.actor, command, caches=Caches(), now=at, tz=TZ)

    def edit(session: Session, _at: datetime) -> None:
        session.execute(update(Building).where(Building.code == "B00-1").values(floors=len(moments)))
        session.execute(update(Household).values(kind="owned"))

    def publish(session: Session, at: datetime) -> None:
        cells = [NewCell(geom=square(0, 0, 4), kind=CellKind.BLOCK, owner="G1")]
        publish_cells(session, made.actor, made.community, cells, at=at, reason="meanwhile")

    trier.bring("households")
    dry = trier.bring(kind, ImportWatch(is_dry=True, progress=everything))
    assert len(moments) >= 2
    assert int(dry.counts["new"]) + int(dry.counts["updated"]) + int(dry.counts.get("unchanged", 0)) > 0
    with trier.database.read() as session:
        assert session.scalar(select(func.max(Revision.number))) == 1 + len(moments)
        assert session.scalars(select(Building.floors).where(Building.code == "B00-1")).one() == len(moments)
        assert session.scalars(select(Case.description)).all() == ["乱堆放"] * len(moments)


def test_a_trial_on_postgis_leaves_no_table_behind(postgis: Database) -> None:
    kept = text("SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'")
    with trial(postgis) as copy:
        with copy.write() as session:
            session.add(category("x"))
        with copy.read() as session:
            assert session.scalar(select(func.count()).select_from(Category)) == 1
    with postgis.read() as session:
        assert session.scalar(select(func.count()).select_from(Category)) == 0
    until = time.monotonic() + 30
    while time.monotonic() < until:  # the server takes them away once it has seen the connection go
        with postgis.read() as session:
            if session.scalar(kept) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("temporary tables are left")


def test_a_dry_run_that_is_stopped_leaves_nothing(trier: Trier) -> None:
    before = trier.counted()
    with pytest.raises(ImportStopped):
        trier.bring("households", ImportWatch(is_dry=True, is_cancelled=lambda: True))
    assert trier.counted() == before
    assert list(trier.desk.folder.glob(".trial-*")) == []


def beside(database: Database) -> Path:
    """The folder of a database file."""
    return Path(str(database.engine.url.database)).parent


def test_a_trial_is_a_copy_for_its_owner_only_and_gone_afterwards(spatialite: Database) -> None:
    with trial(spatialite) as copy:
        (folder,) = beside(spatialite).glob(".trial-*")
        assert folder.stat().st_mode & 0o077 == 0
        with copy.write() as session:
            session.add(category("x"))
        with copy.read() as session:
            assert session.scalar(select(func.count()).select_from(Category)) == 1
    with spatialite.read() as session:
        assert session.scalar(select(func.count()).select_from(Category)) == 0
    assert list(beside(spatialite).glob(".trial-*")) == []


def test_what_a_killed_process_left_goes_with_the_next_trial(spatialite: Database) -> None:
    left, held = beside(spatialite) / ".trial-left", beside(spatialite) / ".trial-held"
    for folder in (left, held):
        folder.mkdir()
        (folder / "trial.sqlite").write_bytes(b"x")
        (folder / "lock").touch()
        os.utime(folder, (time.time() - 3600,) * 2)
    with (held / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with trial(spatialite):
            assert not left.exists()
            assert held.exists()
