"""The areas of a join: their codes, where they lie, and the question which of them holds a point."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from data.assign.options import AssignOptions
from data.importers.readers.files import read_table
from data.importers.readers.table import FileTable
from data.importers.values.positions import Reference, one_column, reference_of
from gisgrid.crs import FloatArray
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.geometry.antimeridian import beyond_antimeridian
from gisgrid.geometry.locate import CoveringIndex, Located, locate_once
from gisgrid.geometry.locate.outline import Geometries, checked_areas

_CELLS_PER_AREA: Final = 256
"""Of an index that is asked for piece after piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinAreas:
    """Areas as they stand in a file: one shape and one code each, all in ``reference``."""

    shapes: Geometries
    codes: list[str]
    reference: Reference
    source: str

    @property
    def joined(self) -> Mapping[str, int]:
        """The codes that several areas bear, with how many bear each."""
        return {code: count for code, count in Counter(self.codes).items() if count > 1}

    def united(self) -> JoinAreas:
        """The same with one area for each code.

        Raises
        ------
        InvalidInput
            An area is invalid; every such row is named.
        """
        if len(set(self.codes)) == len(self.codes):
            return self
        try:
            shapes, codes = _one_per_code(checked_areas(self.shapes), self.codes)
        except InvalidInput as error:
            raise self._named(error) from None
        return replace(self, shapes=shapes, codes=codes)

    def locate_once(self, x: FloatArray, y: FloatArray) -> Located:
        """For each point the area that holds it, where no more points follow; errors as `united`."""
        try:
            return locate_once(self.shapes, x, y, rank=_ranks(self.codes))
        except InvalidInput as error:
            raise self._named(error) from None

    def index(self) -> CoveringIndex:
        """An index that answers the same for piece after piece; errors as `united`."""
        try:
            return CoveringIndex.build(self.shapes, rank=_ranks(self.codes), cells_per_area=_CELLS_PER_AREA)
        except InvalidInput as error:
            raise self._named(error) from None

    def codes_at(self, area: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
        """The codes of areas by their positions, the empty text for -1."""
        return np.array([*self.codes, ""], dtype=object)[area]

    def _named(self, error: InvalidInput) -> InvalidInput:
        return InvalidInput([replace(fault, file=self.source) for fault in error.faults])


def read_ground(path: Path, options: AssignOptions) -> JoinAreas:
    """The areas of a file.

    Raises
    ------
    InvalidInput
        The file can't be read, holds no areas, lacks codes, geometries or a CRS, or an area goes across the
        antimeridian without being cut there.
    """
    table = read_table(path, layer=options.areas_layer)
    if table.frame.empty:
        raise InvalidInput(say("the file holds no areas"), file=table.source)
    reference = _areas_reference(table, options.areas_crs)
    codes = _codes(table, options.code)
    _refuse_beyond(table, reference)
    shapes = np.asarray(table.frame.geometry.values, dtype=object)
    return JoinAreas(shapes=shapes, codes=codes, reference=reference, source=table.source)


def _areas_reference(table: FileTable, said: str | None) -> Reference:
    if not table.has_geometry:
        raise InvalidInput("the areas have no geometries", file=table.source)
    return reference_of(table, said, option="--areas-crs")


def _codes(table: FileTable, column: str | None) -> list[str]:
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


def _refuse_beyond(table: FileTable, reference: Reference) -> None:
    """Refuse areas in degrees that no point could be found in rightly; every such row is named."""
    if reference.crs.is_geographic:
        beyond = beyond_antimeridian(np.asarray(table.frame.geometry.values, dtype=object))
        faults = [Fault(message=text, file=table.source, row=row, field="geometry") for row, text in beyond]
        if faults:
            raise InvalidInput(faults)


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
