"""Cases as points, told apart by shape as well as by colour: print and the colour blind can read them."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import geopandas as gpd

from gisgrid.errors import InvalidInput
from layers.base import DataLayer, LayerSpec, page_urls, refuse_data
from layers.frames import POINTS, drawable, text_of
from layers.sketch import LegendClass, Sketch
from layers.style import Legend

STAGES: Final = {
    "new": ("reported", "accepted", "verifying", "filed"),
    "given": ("dispatched", "receipted", "returned"),
    "handling": ("handling",),
    "judged": ("feedback", "checking"),
    "suspended": ("suspended",),
    "ended": ("closed", "rated", "rejected", "void"),
}
"""The states of a case by how far it has come."""

STAGE_COLOURS = {
    "new": "#cc79a7",
    "given": "#56b4e9",
    "handling": "#0072b2",
    "judged": "#e69f00",
    "suspended": "#6b7280",
    "ended": "#009e73",
}
"""How far a case has come: the palette of Okabe and Ito, which the colour blind can tell apart."""

SEVERITY_COLOURS = {"small": "#56b4e9", "big": "#0072b2", "hard": "#e69f00", "emergency": "#a3003c"}

LATE_COLOUR: Final = "#c62828"
_RADII: Final = {"small": 6, "big": 8, "hard": 9, "emergency": 10}
"""Pixels by severity; 7 where that isn't known."""

STATE_COLOURS = {"open": "#1e5aa8", "due": "#b26a00", "overdue": "#c62828", "closed": "#2e7d32"}


_POINT: Final = {"color": "#ffffff", "weight": 2, "fillOpacity": 1}


class CasePoints(DataLayer):
    """Open cases of a list, one point each; the card is fetched by id when one is chosen.

    With ``data``, those whose column ``overdue`` is true are red.
    """

    def __init__(
        self, legend: Legend, *, url: str | None = None, data: gpd.GeoDataFrame | None = None
    ) -> None:
        urls = page_urls(data, data=url)
        drawing = None if data is None else _draw_open(data, legend)
        spec = LayerSpec(kind="cases", urls=urls, style={"colours": STATE_COLOURS}, legend=legend)
        super().__init__(spec, drawing)


def _draw_open(data: Any, legend: Legend) -> Sketch:
    frame = drawable(data, ["overdue"], POINTS)
    drawing = Sketch()
    drawing.reach(frame)
    lights = ["overdue" if late else "open" for late in frame["overdue"].fillna(value=False)]
    for (_number, row), light in zip(frame.iterrows(), lights, strict=True):
        style = _POINT | {"radius": 8, "fillColor": STATE_COLOURS[light]}
        drawing.add(row.geometry, style, text_of(row, "category", "number"))
    words = {"open": legend.word("open"), "overdue": legend.word("overdue")}
    drawing.classes = [
        LegendClass(colour=STATE_COLOURS[light], label=word, count=lights.count(light), shape="circle")
        for light, word in words.items()
    ]
    return drawing


class PinPlace(DataLayer):
    """One pin a person sets on the map; where it lies is asked from the server before anything is sent."""

    def __init__(self, *, data: Any = None) -> None:
        refuse_data("PinPlace", data)
        super().__init__(LayerSpec(kind="pin", urls={}))


class CaseMap(DataLayer):
    """All cases of a search, near ones gathered to one number; what is late has a ring of its own.

    With ``data`` each case is a point of its own, coloured by how far it has come (column ``state``) or by
    ``severity``; a true ``overdue`` has the ring.
    """

    def __init__(
        self,
        legend: Legend,
        *,
        url: str | None = None,
        data: gpd.GeoDataFrame | None = None,
        colour: str = "state",
    ) -> None:
        urls = page_urls(data, data=url)
        drawing = None if data is None else _draw_cases(data, legend, colour)
        style = {
            "stages": STAGE_COLOURS,
            "stage_states": STAGES,
            "severities": SEVERITY_COLOURS,
            "late": LATE_COLOUR,
            "gathered": "#334155",
        }
        super().__init__(LayerSpec(kind="casemap", urls=urls, style=style, legend=legend), drawing)


def _draw_cases(data: Any, legend: Legend, colour: str) -> Sketch:
    if colour not in ("state", "severity"):
        raise InvalidInput("Cases are coloured by state or severity.")
    frame = drawable(data, [colour], POINTS)
    colours = STAGE_COLOURS if colour == "state" else SEVERITY_COLOURS
    drawing = Sketch()
    drawing.reach(frame)
    counts: Counter[str] = Counter()
    for _number, row in frame.iterrows():
        key = stage_of(text_of(row, "state")) if colour == "state" else text_of(row, "severity")
        is_late = text_of(row, "overdue") == "True"
        counts.update([key, *(["late"] if is_late else [])])
        ring = {"color": LATE_COLOUR, "weight": 4} if is_late else {}
        radius = _RADII.get(text_of(row, "severity"), 7)
        style = _POINT | ring | {"radius": radius, "fillColor": colours.get(key, "#ffffff")}
        words = (text_of(row, "category", "number"), text_of(row, "state"))
        drawing.add(row.geometry, style, " · ".join(word for word in words if word))
    drawing.classes = [
        LegendClass(colour=shown, label=legend.word(key), count=counts[key], shape="circle")
        for key, shown in colours.items()
        if counts[key]
    ]
    if late := counts["late"]:
        label = legend.word("overdue")
        drawing.classes.append(LegendClass(colour=LATE_COLOUR, label=label, count=late, shape="mark"))
    return drawing


def stage_of(state: str) -> str:
    """How far a case in this state has come."""
    return next((stage for stage, states in STAGES.items() if state in states), "new")
