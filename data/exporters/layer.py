"""What a layer that can be exported is: its columns, who may have it, and where its rows come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from gisgrid.access.actions import Action
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.days import Period
from gisgrid.labels.table import Labels

Row = tuple[Any, Mapping[str, Any]]
"""A shapely geometry in EPSG:4326, or nothing, and the values of a row."""


class Geometry(StrEnum):
    """What a layer's rows look like on a map, in the words of GDAL."""

    POINT = "Point"
    LINE = "MultiLineString"
    POLYGON = "MultiPolygon"


class ColumnKind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    YES_NO = "yes_no"
    DAY = "day"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name for programs, its Chinese title, what it holds, and a name of 10 letters for DBF.

    Names and titles are those by which an import of the same kind knows the field, where there is one.
    ``words``: what codes that may stand in it are called.
    """

    name: str
    title: str
    kind: ColumnKind = ColumnKind.TEXT
    short: str = ""
    words: Labels = field(default_factory=dict)

    @property
    def dbf(self) -> str:
        """The name in a shapefile's table: at most 10 letters."""
        return self.short or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What is asked of a layer beside its name: areas of which level, cases of which days, and the hour."""

    now: datetime
    level: Level = Level.GRID
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A layer or table that can leave the house, and the right it needs.

    ``read`` may give its rows one by one, so that many of them never stand in memory together; then
    ``count`` says how many there are. ``of_level`` and ``of_period`` say whether a wish for these counts,
    ``counts_cases`` whether it lists or counts cases.
    """

    name: str
    title: str
    title_en: str
    action: Action
    columns: tuple[Column, ...]
    read: Callable[[View, ExportRequest], Iterable[Row]]
    geometry: Geometry | None = None
    is_personal: bool = False
    count: Callable[[View, ExportRequest], int] | None = None
    of_level: bool = False
    of_period: bool = False
    counts_cases: bool = False
