"""Where the rows of a table lie: two arrays of numbers, in a CRS and a datum that somebody said."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from data.importers.readers.table import FileTable
from gisgrid.crs import (
    Crs,
    Datum,
    FloatArray,
    in_china,
    parse_crs,
    reproject,
    seem_swapped,
    shift_datum,
    stored_crs,
)
from gisgrid.errors import Fault, InvalidInput, MissingCrs, Sentence, say

_PLAIN: Final = r"^[+-]?[0-9]+(\.[0-9]*)?$"
_MOST_ODD: Final = 5
_CRS_TITLES: Final = ("crs", "坐标系")
"""So many positions that are no degrees, and most of all, are those of another CRS."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What coordinates are measured in: a CRS, and where it is degrees, the datum said by the user."""

    crs: Crs
    datum: Datum

    def same_as(self, other: Reference) -> bool:
        """Whether coordinates in both are the same numbers."""
        alike = self.crs == other.crs or self.crs.equals(other.crs, ignore_axis_order=True)
        return alike and self.datum == other.datum


@dataclass(frozen=True, slots=True)
class Positions:
    """Coordinates of rows, x before y, both NaN where a row has none that can be used.

    ``swapped`` are the rows, from 1, whose longitude and latitude seem to have changed places.
    """

    x: FloatArray
    y: FloatArray
    reference: Reference
    swapped: tuple[int, ...] = ()

    @property
    def missing(self) -> int:
        """Rows without a position."""
        return int(np.isnan(self.x).sum())


def reference_of(table: FileTable, said: str | None, *, option: str = "--crs") -> Reference:
    """The CRS and datum of a table: what the user says, else what the file says, also in a column of its own.

    Raises
    ------
    MissingCrs
        Neither says.
    """
    if said is not None:
        return Reference(*parse_crs(said))
    if table.crs is None and (named := _named_in(table)):
        return Reference(*parse_crs(named))
    if table.crs is None:
        text = "the file doesn't say its CRS: give {option}, an EPSG code, GCJ-02 or BD-09"
        message = say(text, option=option)
        raise MissingCrs(message, file=table.source, field="crs")
    return Reference(table.crs, Datum.WGS84)


def _named_in(table: FileTable) -> str | None:
    """The CRS that all rows of a list name, as lists exported here do; none where they don't."""
    for title in _CRS_TITLES:
        if list(table.frame.columns).count(title) == 1:
            names = table.frame[title].dropna().astype(str).str.strip().unique().tolist()
            return names[0] or None if len(names) == 1 else None
    return None


def column_positions(
    table: FileTable, x: str, y: str, *, reference: Reference, odd: OddDegrees | None = None
) -> Positions:
    """Positions from two columns; what is empty, no number or out of range is missing, never an error.

    With ``odd`` the table is a piece of a file: odd degrees are counted there, to be judged at the end.

    Raises
    ------
    InvalidInput
        A column isn't there, or is there twice; most rows have longitude and latitude swapped, or are no
        degrees at all.
    """
    xs, ys = numbers(one_column(table, x)), numbers(one_column(table, y))
    return _in_range(xs, ys, reference, odd, source=table.source, fields=f"{x}, {y}")


def geometry_positions(table: FileTable, *, reference: Reference, odd: OddDegrees | None = None) -> Positions:
    """Positions of point geometries; an absent or empty one is missing. ``odd`` as in `column_positions`.

    Raises
    ------
    InvalidInput
        A geometry is no point; every such row is named. Most points are swapped, or are no degrees.
    """
    geometries = np.asarray(table.frame.geometry.values, dtype=object)
    kinds = shapely.get_type_id(geometries)
    wrong = np.flatnonzero((kinds != shapely.GeometryType.POINT) & (kinds != shapely.GeometryType.MISSING))
    if len(wrong):
        faults = [
            Fault(
                message=say("a point is needed, not a {kind}", kind=geometries[row].geom_type),
                file=table.source,
                row=int(row) + 1,
            )
            for row in wrong[:20]
        ]
        raise InvalidInput(faults)
    x, y = np.full((2, len(geometries)), np.nan)
    there = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    x[there], y[there] = shapely.get_x(geometries[there]), shapely.get_y(geometries[there])
    return _in_range(x, y, reference, odd, source=table.source, fields="geometry")


def one_column(table: FileTable, name: str) -> pd.Series[Any]:
    """The column of that name.

    Raises
    ------
    InvalidInput
        It isn't there (the names that are there are told), or more than once.
    """
    count = list(table.frame.columns).count(name)
    if count == 1:
        return table.frame[name]
    names = ", ".join(str(column) for column in table.frame.columns)
    if count:
        message = say("the column is there {count} times", count=count)
    else:
        message = say("no such column; there are: {names}", names=names)
    raise InvalidInput(message, file=table.source, field=name)


def numbers(column: pd.Series[Any]) -> FloatArray:
    """A column as doubles, read digit by digit exactly; NaN for what is no finite number."""
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        values = _of_values(column)
    return np.where(np.isfinite(values), values, np.nan)


def _of_values(column: pd.Series[Any]) -> FloatArray:
    """Plain numbers of a column of texts all at once, each other value by itself."""
    values = np.empty(len(column), dtype=np.float64)
    plain = np.zeros(len(column), dtype=bool)
    if column.dtype == "str":
        texts = pa.array(column)
        plain = pc.fill_null(pc.match_substring_regex(texts, _PLAIN), False).to_numpy(zero_copy_only=False)
        values[plain] = texts.filter(pa.array(plain)).cast(pa.float64()).to_numpy()
    values[~plain] = [_number(value) for value in column[~plain]]
    return values


def _number(value: Any) -> float:
    if isinstance(value, bool) or (isinstance(value, str) and "_" in value):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _in_range(
    x: FloatArray, y: FloatArray, reference: Reference, odd: OddDegrees | None, *, source: str, fields: str
) -> Positions:
    """Both numbers or none; degrees only within 180 and 90."""
    usable = np.isfinite(x) & np.isfinite(y)
    swapped: tuple[int, ...] = ()
    if reference.crs.is_geographic:
        if odd is None:
            refuse_odd_degrees(x, y, source=source, fields=fields)
        else:
            odd.count(x, y)
        swapped = tuple((np.flatnonzero(seem_swapped(x, y)) + 1).tolist())
        usable &= (np.abs(x) <= 180.0) & (np.abs(y) <= 90.0)
    return Positions(np.where(usable, x, np.nan), np.where(usable, y, np.nan), reference, swapped)


@dataclass(slots=True)
class OddDegrees:
    """How many of some degrees seem to be swapped, or are no degrees at all."""

    there: int = 0
    swapped: int = 0
    beyond: int = 0

    def count(self, x: FloatArray, y: FloatArray) -> None:
        """Add some pairs of numbers; those with a NaN are none."""
        there = np.isfinite(x) & np.isfinite(y)
        self.there += int(there.sum())
        self.swapped += int(seem_swapped(x, y)[there].sum())
        self.beyond += int(((np.abs(x) > 180.0) | (np.abs(y) > 90.0))[there].sum())

    def refuse(self, *, source: str, fields: str) -> None:
        """Refuse them if most are odd.

        Raises
        ------
        InvalidInput
            More than half of the pairs are swapped, or no degrees.
        """
        if self.swapped > self.there / 2:
            text = (
                "longitude and latitude seem to be swapped in {count} of {total} rows: "
                "say which column is which"
            )
            raise InvalidInput(say(text, count=self.swapped, total=self.there), file=source, field=fields)
        if self.beyond > self.there / 2 and self.beyond >= _MOST_ODD:
            text = "{count} of {total} positions are no degrees: say the CRS they are in, such as EPSG:4548"
            raise InvalidInput(say(text, count=self.beyond, total=self.there), file=source, field=fields)


def refuse_odd_degrees(x: FloatArray, y: FloatArray, *, source: str, fields: str) -> None:
    """Refuse degrees of which most are swapped, or no degrees.

    Raises
    ------
    InvalidInput
        More than half of the pairs of numbers are one or the other.
    """
    odd = OddDegrees()
    odd.count(x, y)
    odd.refuse(source=source, fields=fields)


def china_note(lon: FloatArray, lat: FloatArray) -> tuple[Sentence, ...]:
    """A warning where most places (EPSG:4326) lie outside China; none where there are no places."""
    there = np.isfinite(lon) & np.isfinite(lat)
    outside = int((~in_china(lon, lat))[there].sum())
    if outside <= there.sum() / 2:
        return ()
    text = "{count} of {total} places lie outside China: are the CRS and the columns right?"
    return (say(text, count=outside, total=int(there.sum())),)


def brought_to(positions: Positions, target: Reference) -> Positions:
    """The same places in another CRS and datum; untouched where both are the same.

    Degrees of GCJ-02 and BD-09 are shifted by their formulas. What can't be projected is missing.
    """
    source = positions.reference
    if source.same_as(target):
        return positions
    x, y = positions.x, positions.y
    if source.datum == target.datum == Datum.WGS84:
        x, y = reproject(x, y, source.crs, target.crs)
    else:
        if source.datum == Datum.WGS84 and not source.same_as(Reference(stored_crs(), Datum.WGS84)):
            x, y = reproject(x, y, source.crs, stored_crs())
        x, y = shift_datum(x, y, source.datum, target.datum)
        if target.datum == Datum.WGS84 and not target.same_as(Reference(stored_crs(), Datum.WGS84)):
            x, y = reproject(x, y, stored_crs(), target.crs)
    usable: npt.NDArray[np.bool_] = np.isfinite(x) & np.isfinite(y)
    return Positions(np.where(usable, x, np.nan), np.where(usable, y, np.nan), target, positions.swapped)
