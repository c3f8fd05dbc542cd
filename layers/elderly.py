"""The map of elderly service: how many elders each grid has and how many a station reaches."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from layers.areas import area_texts, share_fills, withheld_word
from layers.base import DataLayer, LayerSpec, page_urls
from layers.frames import AREAS, POINTS, drawable, is_withheld, number_of, text_of
from layers.sketch import Fill, LegendClass, Sketch, draw_areas
from layers.style import BLUES, YL_OR_RD, AreaStyle, Legend, Ramp, class_of, number_text

DETOUR = 1.3
"""Walking distance over straight distance where no walking network is known."""
STATION: Final = "home_care_station"
_STATION_COLOUR: Final = "#8c2d04"
_OTHERS_COLOUR: Final = "#5b4a8a"
_RAMP: Final = Ramp(colours=BLUES, breaks=(0.0, 25.0, 50.0, 75.0, 90.0), digits=1)
_GAP: Final = Ramp(colours=YL_OR_RD, breaks=(0.0, 5.0, 10.0, 25.0, 50.0), digits=1)
RAMPS: Final = {"reached": _RAMP, "visited": _RAMP, "unseen": _GAP, "overdue": _GAP, "double_gap": _GAP}
"""What grids can be coloured by → its classes: blue, darker is better; yellow to red, redder is worse."""


class ElderlyCoverage(DataLayer):
    """Grids coloured by the share of elders reached, with a bar of elders and reached elders in each.

    On a page they are coloured by the share of those visited or left out as well (`RAMPS`). The class
    bounds are shares in per cent, fixed so that two periods can be laid side by side. With ``data``
    the share is made of its columns ``elders`` and ``reached``; both stand on the map in place of the bar.
    """

    def __init__(
        self,
        legend: Legend,
        *,
        areas_url: str | None = None,
        rows_url: str | None = None,
        uncovered_url: str | None = None,
        data: gpd.GeoDataFrame | None = None,
    ) -> None:
        areas = AreaStyle(ramps=dict(RAMPS))
        style = asdict(areas) | {"bar": "#08519c", "bar_gap": "#bd0026", "bar_rest": "#c9ced6"}
        urls = page_urls(data, areas=areas_url, rows=rows_url, uncovered=uncovered_url)
        drawing = None if data is None else _draw_coverage(data, legend, areas.fill_opacity)
        super().__init__(LayerSpec(kind="elderly", urls=urls, style=style, legend=legend), drawing)


def _draw_coverage(data: Any, legend: Legend, opacity: float) -> Sketch:
    frame = drawable(data, ["elders", "reached"], AREAS)
    fills = share_fills(_RAMP)
    fills["withheld"] = Fill(colour=None, label=withheld_word(frame, legend), hatch=True)
    fills["no_data"] = Fill(colour=None, label=legend.word("no_data"), hatch=True)
    fills["no_elders"] = Fill(colour=None, label=legend.word("no_elders"))
    keys = [_key(row) for _number, row in frame.iterrows()]

    def value_text(row: pd.Series[Any]) -> str:
        figures = [number_of(row[name]) for name in ("reached", "elders")]
        return " / ".join("—" if figure is None else number_text(figure) for figure in figures)

    return draw_areas(frame, keys, fills, texts=area_texts(frame, value_text), opacity=opacity)


def _key(row: pd.Series[Any]) -> str | int | None:
    """The class of a grid's share, or why it has none."""
    elders, reached = number_of(row["elders"]), number_of(row["reached"])
    if elders is None or reached is None:
        return "withheld" if is_withheld(row, "elders", "reached") else "no_data"
    if not elders:
        return "no_elders"
    return class_of(100 * reached / elders, _RAMP.breaks, digits=_RAMP.digits)


class Stations(DataLayer):
    """Home-care stations, each with the circle it reaches: the walking distance divided by the detour.

    Facilities of other kinds are small squares. With ``data`` the column ``type`` says which is which, as in
    our exports of facilities, and ``distance_m`` how far people walk.
    """

    def __init__(
        self,
        legend: Legend,
        *,
        url: str | None = None,
        others_url: str | None = None,
        data: gpd.GeoDataFrame | None = None,
        distance_m: float = 500.0,
    ) -> None:
        others = {"kind": STATION, "colour": _OTHERS_COLOUR}
        style = {"detour": DETOUR, "colour": _STATION_COLOUR, "others": others}
        urls = page_urls(data, data=url, others=others_url)
        drawing = None if data is None else _draw_stations(data, legend, distance_m)
        super().__init__(LayerSpec(kind="stations", urls=urls, style=style, legend=legend), drawing)


def _draw_stations(data: Any, legend: Legend, distance_m: float) -> Sketch:
    frame = drawable(data, ["type"], POINTS)
    drawing = Sketch()
    drawing.reach(frame)
    line = {"color": _STATION_COLOUR, "weight": 2, "dashArray": "6 5", "fill": False, "interactive": False}
    point = {"color": "#ffffff", "weight": 2, "radius": 8, "fillColor": _STATION_COLOUR, "fillOpacity": 1}
    square = point | {"weight": 1, "radius": 5, "fillColor": _OTHERS_COLOUR, "square": True}
    is_station = frame["type"] == STATION
    for shape in frame.geometry[is_station]:
        drawing.add(shape, line | {"metres": distance_m / DETOUR})
    for (_number, row), stands in zip(frame.iterrows(), is_station, strict=True):
        drawing.add(row.geometry, point if stands else square, text_of(row, "name", "type"))
    stations = int(is_station.sum())
    drawing.classes = [
        LegendClass(colour=_STATION_COLOUR, label=legend.word("station"), count=stations, shape="circle"),
        LegendClass(colour=_STATION_COLOUR, label=f"{legend.word('reach')}: {distance_m:g} m", shape="ring"),
        LegendClass(
            colour=_OTHERS_COLOUR, label=legend.word("other"), count=len(frame) - stations, shape="square"
        ),
    ]
    return drawing
