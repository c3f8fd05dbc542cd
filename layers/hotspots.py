"""The hotspot map: areas coloured by cases, the heat surface, and buildings for renovation."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import asdict
from typing import Any

import geopandas as gpd
import pandas as pd

from gisgrid.errors import InvalidInput, say, some_of
from layers.areas import area_texts, withheld_word
from layers.base import DataLayer, LayerSpec, page_urls
from layers.frames import AREAS, POINTS, drawable, is_withheld, number_of, text_of
from layers.sketch import Fill, LegendClass, Sketch, draw_areas
from layers.style import (
    BUILT,
    CONDITION,
    PU_OR,
    YL_OR_RD,
    AreaStyle,
    Legend,
    Ramp,
    change_breaks,
    class_breaks,
    class_name,
    class_of,
    colours_for,
    number_text,
)

_BUILDING = {"color": "#4b5563", "weight": 1, "fillOpacity": 0.95}
_RAMPS = {
    "count": Ramp(colours=YL_OR_RD),
    "rate": Ramp(colours=YL_OR_RD, digits=1),
    "change": Ramp(colours=PU_OR, is_change=True),
}


class HotspotAreas(DataLayer):
    """Areas coloured by the count, the rate per 100 households or the change of cases.

    With ``data``, ``value`` names the column that colours them and ``measure`` says what it is: ``count``,
    ``rate`` or ``change``; a column of another name is a count. Areas without a case are known
    by a column ``count``.
    """

    def __init__(
        self,
        legend: Legend,
        *,
        areas_url: str | None = None,
        rows_url: str | None = None,
        data: gpd.GeoDataFrame | None = None,
        value: str = "count",
        measure: str | None = None,
    ) -> None:
        style = AreaStyle(ramps=_RAMPS)
        urls = page_urls(data, areas=areas_url, rows=rows_url)
        drawing = None
        if data is not None:
            kind = measure or (value if value in _RAMPS else "count")
            drawing = _draw_hotspots(data, legend, value=value, measure=kind, opacity=style.fill_opacity)
        super().__init__(LayerSpec(kind="hotspots", urls=urls, style=asdict(style), legend=legend), drawing)


def _draw_hotspots(data: Any, legend: Legend, *, value: str, measure: str, opacity: float) -> Sketch:
    if measure not in _RAMPS:
        raise InvalidInput(say("A measure is one of {names}.", names=some_of(_RAMPS)))
    ramp = _RAMPS[measure]
    frame = drawable(data, [value], AREAS)
    figures = [number_of(cell) for cell in frame[value]]
    rows = [row for _number, row in frame.iterrows()]
    states = [_state(row, value, figure, measure) for row, figure in zip(rows, figures, strict=True)]
    known = [figure for figure, state in zip(figures, states, strict=True) if state != "empty"]
    breaks = change_breaks(known) if ramp.is_change and known else class_breaks(known, digits=ramp.digits)
    colours = colours_for(ramp.colours, len(breaks))
    fills: dict[Hashable, Fill] = {
        index: Fill(colour=colour, label=class_name(index, breaks, digits=ramp.digits), is_class=True)
        for index, colour in enumerate(colours)
    }
    fills["empty"] = Fill(colour=None, label=legend.word("empty"))
    fills["no_data"] = Fill(colour=ramp.no_data, label=legend.word("no_data"))
    fills["few"] = Fill(colour=ramp.too_few, label=legend.word("few"), hatch=True)
    fills["withheld"] = Fill(colour=ramp.too_few, label=withheld_word(frame, legend), hatch=True)
    keys: list[Hashable] = [
        state or class_of(figure, breaks, digits=ramp.digits)
        for figure, state in zip(figures, states, strict=True)
    ]

    def value_text(row: pd.Series[Any]) -> str:
        figure = number_of(row[value])
        return "—" if figure is None else number_text(figure, ramp.digits)

    return draw_areas(frame, keys, fills, texts=area_texts(frame, value_text), opacity=opacity)


def _state(row: pd.Series[Any], value: str, figure: float | None, measure: str) -> str | None:
    """What a row is in the legend where it has no class."""
    if is_withheld(row, value):
        return "withheld"
    count = figure if measure == "count" else number_of(row.get("count"))
    if count == 0 and (measure != "change" or number_of(row.get("previous")) == 0):
        return "empty"
    if figure is None:
        return "no_data" if count is None else "few"
    return None


class HeatSurface(DataLayer):
    """A surface of case density from points, or from the bins a role may see.

    ``radius_m`` is the reach of one case on the ground, in metres; with ``data`` a column ``weight`` may say
    how many cases a point stands for.
    """

    def __init__(
        self,
        legend: Legend,
        *,
        url: str | None = None,
        data: gpd.GeoDataFrame | None = None,
        radius_m: float = 80.0,
    ) -> None:
        style = {"radius_m": radius_m, "colours": list(YL_OR_RD)}
        urls = page_urls(data, data=url)
        drawing = None if data is None else _draw_heat(data, legend, style)
        super().__init__(LayerSpec(kind="heat", urls=urls, style=style, legend=legend), drawing)
        if data is None:
            self.default_js = [("leaflet_heat", "leaflet_heat.min.js")]


def _draw_heat(data: Any, legend: Legend, style: dict[str, Any]) -> Sketch:
    frame = drawable(data, [], POINTS)
    weights = frame["weight"] if "weight" in frame else [1.0] * len(frame)
    points = [
        [lat, lon, number_of(weight) or 0.0]  # Leaflet wants latitude first
        for lon, lat, weight in zip(frame.geometry.x, frame.geometry.y, weights, strict=True)
    ]
    drawing = Sketch(heat={"points": points, **style})
    drawing.reach(frame)
    words = [legend.word("less"), *[""] * (len(YL_OR_RD) - 2), legend.word("more")]
    drawing.classes = [
        LegendClass(colour=colour, label=word) for colour, word in zip(YL_OR_RD, words, strict=True)
    ]
    return drawing


class RenovationBuildings(DataLayer):
    """Buildings coloured by the year they were built or by their condition, with a row per compound.

    With ``data``, ``by`` is ``condition`` (a column of A to D) or ``built`` (the year in ``built_year``).
    """

    def __init__(
        self,
        legend: Legend,
        *,
        buildings_url: str | None = None,
        rows_url: str | None = None,
        data: gpd.GeoDataFrame | None = None,
        by: str = "condition",
    ) -> None:
        style = {"condition": CONDITION, "built": BUILT}
        urls = page_urls(data, buildings=buildings_url, rows=rows_url)
        drawing = None if data is None else _draw_buildings(data, legend, by)
        super().__init__(LayerSpec(kind="renovation", urls=urls, style=style, legend=legend), drawing)


def _draw_buildings(data: Any, legend: Legend, by: str) -> Sketch:
    if by not in ("condition", "built"):
        raise InvalidInput("Buildings are coloured by condition or built.")
    column = "condition" if by == "condition" else "built_year"
    frame = drawable(data, [column], AREAS)
    classes = [_built_before(cell) for cell in frame[column]] if by == "built" else list(frame[column])
    colours = BUILT if by == "built" else CONDITION
    drawing = Sketch()
    drawing.reach(frame)
    for (_number, row), key in zip(frame.iterrows(), classes, strict=True):
        style = _BUILDING | {"fillColor": colours.get(str(key), "#ffffff")}
        year = number_of(row["built_year"]) if by == "built" else None
        decade = text_of(row, column) if year is None else f"{year:.0f}"
        words = (text_of(row, "address", "name", "code"), decade)
        drawing.add(row.geometry, style, " · ".join(word for word in words if word))
    counts = {key: classes.count(key) for key in colours}
    labels = {key: f"< {key}" if key != "9999" else f"≥ {list(BUILT)[-2]}" for key in BUILT}
    drawing.classes = [
        LegendClass(colour=colour, label=labels.get(key, key), count=counts[key])
        for key, colour in colours.items()
        if counts[key]
    ]
    if unknown := len(classes) - sum(counts.values()):
        drawing.classes.append(LegendClass(colour="#ffffff", label=legend.word("no_data"), count=unknown))
    return drawing


def _built_before(cell: Any) -> str | None:
    """The class of a year: the first bound after it."""
    year = number_of(cell)
    return None if year is None else next((bound for bound in BUILT if year < int(bound)), None)
