"""Files of 100,000 rows as an office hands them over, for a community of 1,600 cells that is made up here."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import openpyxl
import shapely

from gisgrid.access.accounts import ensure_local_account
from gisgrid.access.actors import local_actor
from gisgrid.areas.models import CellKind, Level
from gisgrid.areas.publication import NewCell, publish_cells
from gisgrid.areas.service import NewArea, add_areas, create_community
from gisgrid.cases.core.models import Category
from gisgrid.storage.engine import Database
from tests.world import LAT, LON, START, STEP, square

SIDE: Final = 40
"""Cells in a row and in a column; each row of cells is a grid."""
COMMUNITY: Final = "C1"
HOMES_OF_BUILDING: Final = 40
_BESIDE: Final = 8
"""Buildings side by side in a cell, in both directions."""

Row = dict[str, str]


def found_large(database: Database) -> None:
    """The community with its grids and cells, and one category of cases."""
    with database.write() as session:
        ensure_local_account(session, now=START)
        actor = local_actor(session, "bench")
        new = NewArea(code=COMMUNITY, name="示例社区", level=Level.COMMUNITY, parent_code=None)
        community = create_community(session, actor, new, centre=(LON, LAT), at=START)
        codes = [f"G{row + 1:02}" for row in range(SIDE)]
        grids = [NewArea(code=code, name=code, level=Level.GRID, parent_code=COMMUNITY) for code in codes]
        add_areas(session, actor, community, grids, at=START)
        cells = [
            NewCell(geom=square(column, row), kind=CellKind.BLOCK, owner=codes[row])
            for row in range(SIDE)
            for column in range(SIDE)
        ]
        publish_cells(session, actor, community, cells, at=START, reason="first division")
        session.add(
            Category(code="lamp", name="路灯", group="g", is_confidential=False, severity="small", position=0)
        )


def corner(number: int) -> tuple[float, float]:
    """Column and row, in cells, of the south-west corner of a building."""
    cell, place = number % SIDE**2, number // SIDE**2
    beside = (place % _BESIDE, place // _BESIDE)
    return (
        cell % SIDE + (beside[0] + 0.2) / _BESIDE,
        cell // SIDE + (beside[1] + 0.2) / _BESIDE,
    )


def write_buildings(path: Path, count: int) -> Path:
    """A GeoPackage of buildings with an address, a code and what is asked of each."""
    numbers = range(count)
    shapes = [square(*corner(number), 0.6 / _BESIDE) for number in numbers]
    frame = gpd.GeoDataFrame(
        {
            "编码": [f"B{number:06}" for number in numbers],
            "地址": [_building(number) for number in numbers],
            "小区": [_compound(number) for number in numbers],
            "层数": [6 + number % 20 for number in numbers],
            "建成年份": [1980 + number % 40 for number in numbers],
            "户数": [HOMES_OF_BUILDING for _ in numbers],
        },
        geometry=shapes,
        crs=4326,
    )
    frame.to_file(path, engine="pyogrio")
    return path


def _compound(number: int) -> str:
    return f"柳岸{'东西南北中'[number % 5]}{number // 500 + 1}村"


def _building(number: int) -> str:
    return f"{_compound(number)}{number % 500 + 1}幢"


def _homes(count: int) -> Iterator[tuple[int, str, shapely.Point]]:
    """The number, the address and a point in its building of each home."""
    rng = np.random.default_rng(7)
    inside = rng.uniform(0.1, 0.9, (count, 2)) * 0.6 / _BESIDE
    for number in range(count):
        building, home = divmod(number, HOMES_OF_BUILDING)
        room = f"{home % 10 // 2 + 1}0{home % 2 + 1 + 2 * (home // 20)}"
        address = f"{_building(building)}{home % 20 // 10 + 1}单元{room}室"
        column, row = np.array(corner(building)) + inside[number]
        yield number, address, shapely.Point(LON + column * STEP, LAT + row * STEP)


def households(count: int) -> Iterator[Row]:
    """Households with a position, a phone and a dated answer."""
    for number, address, point in _homes(count):
        yield {
            "地址": address,
            "经度": f"{point.x:.7f}",
            "纬度": f"{point.y:.7f}",
            "居住类型": ("自住", "出租", "空置")[number % 3],
            "联系电话": f"199-0000-{number % 10_000:04}",
            "登记同意": "同意" if number % 4 else "未询问",
            "询问日期": "2025-03-01" if number % 4 else "",
            "告知书版本": "2025-01",
        }


def residents(count: int) -> Iterator[Row]:
    """One person of each home, with answers to two purposes."""
    for number, address, _point in _homes(count):
        yield {
            "地址": address,
            "姓名": f"示例{number % 977}",
            "出生日期": (date(1930, 1, 1) + timedelta(days=number * 7 % 30_000)).isoformat(),
            "性别": "女" if number % 2 else "男",
            "电话": f"199-0000-{number % 10_000:04}",
            "居住状态": "户籍在册且常住",
            "登记同意": "同意",
            "联系同意": "同意" if number % 2 else "",
            "询问日期": "2025-03-01",
        }


def cases(count: int) -> Iterator[Row]:
    """Cases of a year, four in five closed, anywhere in the community, with the grid they were put in."""
    rng = np.random.default_rng(11)
    where = rng.uniform(0, SIDE, (count, 2))
    for number in range(count):
        reported = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=5 * number)
        column, row = where[number]
        yield {
            "来源": "12345",
            "编号": f"A-{number:06}",
            "类别": "路灯",
            "描述": f"路灯不亮,第{number}盏",
            "上报时间": reported.isoformat(sep=" "),
            "结案时间": (reported + timedelta(hours=20)).isoformat(sep=" ") if number % 5 else "",
            "状态": "结案" if number % 5 else "处置中",
            "经度": f"{LON + column * STEP:.7f}",
            "纬度": f"{LAT + row * STEP:.7f}",
            "所属网格": f"G{int(row) + 1:02}",
        }


ROWS: Final[dict[str, Callable[[int], Iterator[Row]]]] = {
    "households": households,
    "residents": residents,
    "cases": cases,
}


def write_csv(path: Path, rows: Iterator[Row]) -> Path:
    """Rows of the same fields as CSV."""
    first = next(rows)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)
    return path


def write_workbook(path: Path, rows: Iterator[Row]) -> Path:
    """Rows of the same fields as a workbook of text cells."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    first = next(rows)
    sheet.append(list(first))
    sheet.append(list(first.values()))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(path)
    return path
