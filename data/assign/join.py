"""The join behind ``gisgrid assign``: read two files, bring points to areas, ask the index, write."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from data.assign.ground import JoinAreas, read_ground
from data.assign.options import AssignOptions
from data.assign.output import check_output, write_output
from data.assign.pieces import PointFile, open_points
from data.assign.places import PiecePlaces, places_of
from data.assign.writers import ENDINGS as STREAMED
from data.assign.writers import opened_output
from data.importers.readers.files import read_table
from data.importers.values.positions import Positions, brought_to
from gisgrid.crs import FloatArray
from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.locate import Located

AREA_CODE: Final = "area_code"
ON_BORDER: Final = "on_border"
_NO_POINTS: Final = say("the file holds no points")


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
    a usable position is kept, its code empty. CSV and Parquet are read and written in pieces, of any number
    of rows; other forms are read whole.

    Raises
    ------
    InvalidInput
        A file can't be read or written, holds no rows, a column or CRS is missing, an area is invalid, has
        no code, or goes across the antimeridian without being cut there.
    """
    check_output(out)
    stream = open_points(points) if out.suffix.lower() in STREAMED else None
    if stream is None:
        return _assign_whole(points, areas, out=out, options=options, progress=progress)
    return _assign_pieces(stream, areas, out=out, options=options, progress=progress)


def _assign_whole(
    points: Path, areas: Path, *, out: Path, options: AssignOptions, progress: Callable[[float], None]
) -> Assigned:
    table = read_table(points, layer=options.layer)
    if table.frame.empty:
        raise InvalidInput(_NO_POINTS, file=table.source)
    _refuse_taken(map(str, table.frame.columns), source=table.source)
    positions = places_of(table, options)
    progress(0.3)
    join = _Join(read_ground(areas, options))
    progress(0.5)
    located = join.locate(positions, is_last=True)
    progress(0.7)
    added = {AREA_CODE: join.ground.codes_at(located.area), ON_BORDER: located.on_border}
    write_output(out, table, positions, added=added)
    return join.summary()


def _assign_pieces(
    points: PointFile, areas: Path, *, out: Path, options: AssignOptions, progress: Callable[[float], None]
) -> Assigned:
    """The same in pieces; an index is made only where there are several."""
    _refuse_taken(points.columns, source=points.source)
    places = PiecePlaces(points, options)
    join, done = _Join(read_ground(areas, options)), 0
    with opened_output(out, points) as writer:
        for piece, is_last in points.pieces():
            located = join.locate(places.of(piece), is_last=is_last)
            codes = pa.array(join.ground.codes_at(located.area), pa.string())
            border = pa.array(located.on_border)
            writer.write(piece.append_column(AREA_CODE, codes).append_column(ON_BORDER, border))
            done += piece.nbytes
            progress(min(0.99, done / max(points.length, 1)))
        places.refuse_odd()
    return join.summary()


def _refuse_taken(columns: Iterable[str], *, source: str) -> None:
    """Refuse points that have a column of a name that is to be written."""
    for name in {AREA_CODE, ON_BORDER}.intersection(columns):
        raise InvalidInput("the points have such a column already; rename it", file=source, field=name)


class _Join:
    """Asks the areas for one piece of points after the other, and counts what is found."""

    def __init__(self, given: JoinAreas) -> None:
        begin = time.process_time()
        self.ground = given.united()
        self._seconds = time.process_time() - begin
        self._joined = given.joined
        self._locate: Callable[[FloatArray, FloatArray], Located] | None = None
        self._points = self._assigned = self._on_border = self._missing = 0

    def locate(self, positions: Positions, *, is_last: bool) -> Located:
        """Where the next points lie; the first are told whether others follow."""
        placed = brought_to(positions, self.ground.reference)
        begin = time.process_time()
        if self._locate is None:
            self._locate = self.ground.locate_once if is_last else self.ground.index().locate
        located = self._locate(placed.x, placed.y)
        self._seconds += time.process_time() - begin
        self._points += len(placed.x)
        self._assigned += int((located.area >= 0).sum())
        self._on_border += int(located.on_border.sum())
        self._missing += placed.missing
        return located

    def summary(self) -> Assigned:
        """What came out of all points so far."""
        return Assigned(
            points=self._points,
            assigned=self._assigned,
            outside=self._points - self._missing - self._assigned,
            on_border=self._on_border,
            no_position=self._missing,
            seconds=self._seconds,
            joined=self._joined,
        )
