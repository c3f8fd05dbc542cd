"""The join behind ``gisgrid assign``: read two files, bring points to areas, ask the index, write."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from data.assign.output import check_output, write_output
from data.importers.positions import (
    Positions,
    Reference,
    brought_to,
    column_positions,
    geometry_positions,
    one_column,
    reference_of,
)
from data.importers.reading import read_table
from data.importers.table import Table
from gisgrid.errors import Fault, InvalidInput, Sentence, say
from gisgrid.geometry.antimeridian import beyond_antimeridian
from gisgrid.geometry.locate import CoveringIndex, Located
from gisgrid.geometry.locate.outline import Geometries, checked_areas

AREA_CODE: Final = "area_code"
ON_BORDER: Final = "on_border"
_CELLS_PER_AREA: Final = 64
"""An index that is asked only once should be cheap to build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignOptions:
    """What the user says about the two files; None leaves it to the file.

    ``x``, ``y``, ``crs`` and ``layer`` are of the points, ``areas_crs``, ``areas_layer`` and ``code`` of
    the areas.
    """

    x: str | None = None
    y: str | None = None
    crs: str | None = None
    layer: str | None = None
    areas_crs: str | None = None
    areas_layer: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """What came out, in rows: ``points = assigned + outside + no_position``.

    ``seconds`` is process CPU of building the index and joining, ties and ``on_border`` included;
    ``joined`` are the codes that several areas bear, which count as one area, with how many bear each.
    """

    points: int
    assigned: int
    outside: int
    on_border: int
    no_position: int
    seconds: float
    joined: Mapping[str, int]


def assign(
    points: Path,
    areas: Path,
    *,
    out: Path,
    options: AssignOptions,
    progress: Callable[[float], None] = lambda _share: None,
) -> Assigned:
    """Write to ``out`` the rows and columns of ``points`` with ``area_code`` and ``on_border`` behind.

    Points are brought to the CRS and datum of the areas where these differ (so areas in GCJ-02 stay as
    they are and points in WGS-84 are shifted); else no coordinate is touched. A point on several areas
    gets the lowest code by (length, text); areas with one code are one area, which is told. A row without
    a usable position is kept, its code empty.

    Raises
    ------
    InvalidInput
        A file can't be read or written, holds no rows, a column or CRS is missing, an area is invalid, has
        no code, or goes across the antimeridian without being cut there.
    """
    check_output(out)
    point_table = _filled(read_table(points, layer=options.layer), say("the file holds no points"))
    for name in (AREA_CODE, ON_BORDER):
        if name in point_table.frame.columns:
            message = "the points have such a column already; rename it"
            raise InvalidInput(message, file=point_table.source, field=name)
    positions = _positions(point_table, options)
    progress(0.3)
    area_table = _filled(read_table(areas, layer=options.areas_layer), say("the file holds no areas"))
    target = _areas_reference(area_table, options.areas_crs)
    codes = _codes(area_table, options.code)
    joined = {code: count for code, count in Counter(codes).items() if count > 1}
    _refuse_beyond(area_table, target)
    progress(0.5)
    placed = brought_to(positions, target)
    begin = time.process_time()
    codes, located = _joined(area_table, codes, placed)
    seconds = time.process_time() - begin
    progress(0.7)
    # Outside is -1, which takes the empty text at the end.
    found_codes = np.array([*codes, ""], dtype=object)[located.area]
    added = {AREA_CODE: found_codes, ON_BORDER: located.on_border}
    write_output(out, point_table, positions, added=added)
    return _summary(located, placed, seconds, joined=joined)


def _filled(table: Table, otherwise: Sentence) -> Table:
    """The table, unless it has no rows: then a wrong file was named, and nothing is written."""
    if table.frame.empty:
        raise InvalidInput(otherwise, file=table.source)
    return table


def _refuse_beyond(table: Table, reference: Reference) -> None:
    """Refuse areas in degrees that no point could be found in rightly; every such row is named."""
    if reference.crs.is_geographic:
        beyond = beyond_antimeridian(np.asarray(table.frame.geometry.values, dtype=object))
        faults = [Fault(message=one, file=table.source, row=row, field="geometry") for row, one in beyond]
        if faults:
            raise InvalidInput(faults)


def _positions(table: Table, options: AssignOptions) -> Positions:
    """Where the points lie: by columns if they are named, else by the file's geometries."""
    if table.has_geometry and options.x is None and options.y is None:
        return geometry_positions(table, reference=reference_of(table, options.crs))
    crs = options.crs or table.crs
    needed = {"--x": options.x, "--y": options.y, "--crs": crs}
    lacking = [option for option, value in needed.items() if value is None]
    if options.x is None or options.y is None or crs is None:
        message = f"positions from columns need --x, --y and --crs; not given: {', '.join(lacking)}"
        raise InvalidInput(message, file=table.source)
    return column_positions(table, options.x, options.y, reference=reference_of(table, options.crs))


def _areas_reference(table: Table, said: str | None) -> Reference:
    if not table.has_geometry:
        raise InvalidInput("the areas have no geometries", file=table.source)
    return reference_of(table, said, option="--areas-crs")


def _codes(table: Table, column: str | None) -> list[str]:
    """The code of each row as text, as it stands in the file; whole numbers without a point."""
    if column is None and "code" not in table.frame.columns:
        names = ", ".join(str(name) for name in table.frame.columns)
        message = f"no column named code: give --code; there are: {names}"
        raise InvalidInput(message, file=table.source)
    name = "code" if column is None else column
    codes = [_text(value) for value in one_column(table, name)]
    faults = [
        Fault(message="an area without a code", file=table.source, row=row, field=name)
        for row, code in enumerate(codes, 1)
        if not code.strip()
    ]
    if faults:
        raise InvalidInput(faults)
    return codes


def _text(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        if math.isnan(value):
            return ""
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    # pandas' own marks for a missing value are neither None nor a number
    return "" if value is None or not isinstance(value, (str, bool, int, np.integer)) else str(value)


def _joined(table: Table, codes: list[str], placed: Positions) -> tuple[list[str], Located]:
    """The codes of the areas, each once, and for each point the position of its area among them."""
    shapes = np.asarray(table.frame.geometry.values, dtype=object)
    try:
        if len(set(codes)) < len(codes):
            shapes, codes = _one_per_code(checked_areas(shapes), codes)
        index = CoveringIndex.build(shapes, rank=_ranks(codes), cells_per_area=_CELLS_PER_AREA)
    except InvalidInput as error:
        raise InvalidInput([replace(fault, file=table.source) for fault in error.faults]) from None
    return codes, index.locate(placed.x, placed.y)


def _one_per_code(shapes: Geometries, codes: list[str]) -> tuple[Geometries, list[str]]:
    """Areas of one code put together: what was a border between them is none any more."""
    groups: dict[str, list[int]] = {}
    for row, code in enumerate(codes):
        groups.setdefault(code, []).append(row)
    whole = [
        shapes[rows[0]] if len(rows) == 1 else shapely.union_all(shapes[rows]) for rows in groups.values()
    ]
    return np.array(whole, dtype=object), list(groups)


def _ranks(codes: list[str]) -> npt.NDArray[np.int64]:
    """Place of each code in the order by (length, text): 9 before 10, as people number grids."""
    ranks = np.empty(len(codes), dtype=np.int64)
    ranks[sorted(range(len(codes)), key=lambda row: (len(codes[row]), codes[row]))] = np.arange(len(codes))
    return ranks


def _summary(located: Located, placed: Positions, seconds: float, *, joined: Mapping[str, int]) -> Assigned:
    assigned = int((located.area >= 0).sum())
    return Assigned(
        points=len(placed.x),
        assigned=assigned,
        outside=len(placed.x) - placed.missing - assigned,
        on_border=int(located.on_border.sum()),
        no_position=placed.missing,
        seconds=seconds,
        joined=joined,
    )
