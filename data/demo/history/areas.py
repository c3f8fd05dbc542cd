"""The area tree of the community and the numbers in it: west to east, north to south."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from data.demo.ground.cells import DemoGround
from data.demo.ground.compounds import compound_plans
from data.demo.history.division import DividedLand
from data.demo.records import Cell, DemoArea
from data.demo.tables import read_table
from gisgrid.crs import IntArray

_GRID_ROW_M: Final = 300.0
_MICRO_ROW_M: Final = 90.0
_CELL_ROW_M: Final = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionPart:
    """A part of a division: a grid or micro grid with its code, name, parent's code and cells."""

    code: str
    name: str
    parent: str
    members: IntArray


def reading_order(land: DividedLand, parts: Sequence[IntArray], *, row_m: float) -> list[int]:
    """The order in which parts are numbered: rows of ``row_m`` from north to south, west to east in each."""
    middles = [land.middle_m[members].mean(axis=0) for members in parts]
    return sorted(range(len(parts)), key=lambda i: (-(middles[i][1] // row_m), middles[i][0]))


def sub_area_code(community: str, number: int) -> str:
    """The code of a sub-area."""
    return f"{community}P{number}"


def compound_code(community: str, key: str) -> str:
    """The code of a compound as an area."""
    return f"{community}{key}"


def upper_areas(community: str, name: str, *, since: datetime) -> list[DemoArea]:
    """Subdistrict, community, sub-areas and compounds, top down."""
    top = DemoArea(
        code=community[:9], name="幸福街道(示例)", level="subdistrict", parent=None, valid_from=since
    )
    whole = DemoArea(code=community, name=name, level="community", parent=top.code, valid_from=since)
    subs = [
        DemoArea(
            code=sub_area_code(community, int(row["number"])),
            name=row["name"],
            level="sub_area",
            parent=community,
            valid_from=since,
        )
        for row in read_table("demo/history/sub_areas")
    ]
    compounds = [
        DemoArea(
            code=compound_code(community, plan.key),
            name=plan.name,
            level="compound",
            parent=sub_area_code(community, plan.sub_area),
            valid_from=since,
        )
        for plan in compound_plans()
    ]
    return [top, whole, *subs, *compounds]


def grid_parts(community: str, land: DividedLand, *, grids: dict[str, list[IntArray]]) -> list[DivisionPart]:
    """The grids of all compounds (by key) numbered 001 and up through the whole community."""
    flat = [(key, members) for key, own in grids.items() for members in own]
    order = reading_order(land, [members for _, members in flat], row_m=_GRID_ROW_M)
    return [
        DivisionPart(
            code=f"{community}{number:03d}",
            name=f"第{number}网格",
            parent=compound_code(community, flat[i][0]),
            members=flat[i][1],
        )
        for number, i in enumerate(order, start=1)
    ]


def micro_parts(land: DividedLand, grid: DivisionPart, *, parts: Sequence[IntArray]) -> list[DivisionPart]:
    """The micro grids of a grid numbered 01 and up."""
    order = reading_order(land, parts, row_m=_MICRO_ROW_M)
    return [
        DivisionPart(
            code=f"{grid.code}{number:02d}",
            name=f"{grid.name}{number}微网格",
            parent=grid.code,
            members=parts[i],
        )
        for number, i in enumerate(order, start=1)
    ]


def numbered_cells(
    ground: DemoGround, land: DividedLand, *, micro: Sequence[DivisionPart]
) -> tuple[list[Cell], dict[int, str]]:
    """The cells numbered from 1 in the order of micro grid code, then by place; and their keys by index."""
    cells: list[Cell] = []
    keys: dict[int, str] = {}
    for part in sorted(micro, key=lambda part: (len(part.code), part.code)):
        singles = [part.members[i : i + 1] for i in range(len(part.members))]
        for i in reading_order(land, singles, row_m=_CELL_ROW_M):
            index = int(part.members[i])
            cell = Cell(
                key=f"C{len(cells) + 1:04d}",
                number=len(cells) + 1,
                kind=ground.plan.kind[index].value,
                compound=ground.compound[index],
                geom=ground.plan.cells[index],
            )
            keys[index] = cell.key
            cells.append(cell)
    return cells, keys
