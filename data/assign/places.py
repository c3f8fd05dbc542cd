"""Where points lie: by columns if they are named, else by the file's geometries."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import shapely

from data.assign.options import AssignOptions
from data.assign.pieces import PointFile
from data.importers.readers.table import FileTable
from data.importers.values.positions import (
    OddDegrees,
    Positions,
    column_positions,
    geometry_positions,
    one_column,
    reference_of,
)
from gisgrid.errors import InvalidInput


def places_of(table: FileTable, options: AssignOptions, *, odd: OddDegrees | None = None) -> Positions:
    """The positions of a table's rows; ``odd`` as in `column_positions`.

    Raises
    ------
    InvalidInput
        It isn't said where they lie, or a geometry is no point.
    """
    if table.has_geometry and options.x is None and options.y is None:
        return geometry_positions(table, reference=reference_of(table, options.crs), odd=odd)
    x, y = _columns(table, options)
    return column_positions(table, x, y, reference=reference_of(table, options.crs), odd=odd)


def _columns(table: FileTable, options: AssignOptions) -> tuple[str, str]:
    crs = options.crs or table.crs
    needed = {"--x": options.x, "--y": options.y, "--crs": crs}
    lacking = [option for option, value in needed.items() if value is None]
    if options.x is None or options.y is None or crs is None:
        message = f"positions from columns need --x, --y and --crs; not given: {', '.join(lacking)}"
        raise InvalidInput(message, file=table.source)
    return options.x, options.y


class PiecePlaces:
    """Positions of the pieces of a file, taken in their order.

    Raises
    ------
    InvalidInput
        It isn't said where the points lie, or a column that is named isn't there.
    """

    def __init__(self, points: PointFile, options: AssignOptions) -> None:
        self._points, self._options = points, options
        self._odd = OddDegrees()
        self._done = 0
        self._by_columns = points.geometry is None or not (options.x is None and options.y is None)
        if self._by_columns:
            heads = self._table(pd.DataFrame(columns=list(points.columns)))
            self._named = _columns(heads, options)
            for name in self._named:
                one_column(heads, name)

    def of(self, piece: pa.Table) -> Positions:
        """The positions of the next piece's rows.

        Raises
        ------
        InvalidInput
            A geometry is no point; the first of its rows are named, counted in the file.
        """
        if self._by_columns:
            table = self._table(piece.select(list(dict.fromkeys(self._named))).to_pandas())
        else:
            shapes = shapely.from_wkb(piece.column(self._points.geometry).to_numpy())
            table = self._table(gpd.GeoDataFrame(geometry=shapes))
        try:
            return places_of(table, self._options, odd=self._odd)
        except InvalidInput as error:
            faults = [
                fault if fault.row is None else replace(fault, row=fault.row + self._done)
                for fault in error.faults
            ]
            raise InvalidInput(faults) from None
        finally:
            self._done += piece.num_rows

    def refuse_odd(self) -> None:
        """Refuse the file, once all is read, if most of its degrees are swapped or no degrees."""
        fields = ", ".join(self._named) if self._by_columns else "geometry"
        self._odd.refuse(source=self._points.source, fields=fields)

    def _table(self, frame: pd.DataFrame) -> FileTable:
        return FileTable(
            frame=frame,
            has_geometry=isinstance(frame, gpd.GeoDataFrame),
            crs=self._points.crs,
            source=self._points.source,
        )
