"""Frames of an analyst made ready to be drawn: checked, in degrees, one row per shape."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gisgrid.crs import stored_crs
from gisgrid.errors import InvalidInput, say, some_of

AREAS: Final = frozenset({"Polygon", "MultiPolygon"})
POINTS: Final = frozenset({"Point"})


def drawable(data: Any, columns: Iterable[str], kinds: frozenset[str]) -> gpd.GeoDataFrame:
    """The rows of a frame that have a shape, in EPSG:4326 (lon, lat), numbered from 0.

    Parameters
    ----------
    data
        A GeoDataFrame in any CRS.
    columns
        What it must have beside its shapes.
    kinds
        The geometry types that can be drawn, ``AREAS`` or ``POINTS``.

    Raises
    ------
    InvalidInput
        It is no GeoDataFrame, says no CRS, lacks columns, or has shapes of another type or without a place.
    """
    if not isinstance(data, gpd.GeoDataFrame) or data.active_geometry_name is None:
        raise InvalidInput("A layer's data is a GeoDataFrame with a column of shapes.")
    if missing := set(columns) - set(data.columns):
        raise InvalidInput(say("The data has no column {names}.", names=some_of(missing)))
    if data.crs is None:
        raise InvalidInput("The data says no CRS: name it with set_crs, as in data.set_crs('EPSG:4326').")
    shaped = data[~(data.geometry.isna() | data.geometry.is_empty)].reset_index(drop=True)
    if others := set(shaped.geom_type) - kinds:
        raise InvalidInput(
            say("The layer draws {kinds}, not {others}.", kinds=some_of(kinds), others=some_of(others))
        )
    placed = shaped.to_crs(stored_crs())
    if not np.isfinite(shapely.get_coordinates(placed.geometry.to_numpy())).all():
        raise InvalidInput("The data has shapes that lie nowhere on Earth in its CRS.")
    return placed


def number_of(value: Any) -> float | None:
    """A cell of a frame as a number; nothing for a missing one.

    Raises
    ------
    InvalidInput
        The cell holds something else.
    """
    if pd.isna(value):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InvalidInput(say("The data has {value!r} where a number belongs.", value=value)) from None


def text_of(row: pd.Series[Any], *columns: str) -> str:
    """The first of these columns that the row has a text in; an empty text without one."""
    texts = (row[name] for name in columns if name in row.index)
    return next((str(text) for text in texts if not pd.isna(text) and str(text)), "")


def is_withheld(row: pd.Series[Any], *columns: str) -> bool:
    """Whether a figure was left out of an export: its name stands in the column ``suppressed``."""
    said = row.get("suppressed")
    if isinstance(said, (list, tuple, np.ndarray)):
        return any(name in columns for name in said)
    return any(name in columns for name in re.findall(r"\w+", text_of(row, "suppressed")))
