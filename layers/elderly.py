"""The map of elderly service: how many elders each grid has and how many a station reaches."""

from __future__ import annotations

from dataclasses import asdict

from layers.base import DataLayer, LayerSpec
from layers.style import BLUES, AreaStyle, Legend, Ramp

DETOUR = 1.3
"""Walking distance over straight distance where no walking network is known."""


class ElderlyCoverage(DataLayer):
    """Grids coloured by the share of elders reached, with a bar of elders and reached elders in each.

    The class bounds are shares in per cent, fixed so that two periods can be laid side by side.
    """

    def __init__(self, legend: Legend, *, areas_url: str, rows_url: str, uncovered_url: str) -> None:
        share = Ramp(colours=BLUES, breaks=(0.0, 25.0, 50.0, 75.0, 90.0), digits=1)
        style = asdict(AreaStyle(ramps={"share": share})) | {"bar": "#08519c", "bar_rest": "#c9ced6"}
        urls = {"areas": areas_url, "rows": rows_url, "uncovered": uncovered_url}
        super().__init__(LayerSpec(kind="elderly", urls=urls, style=style, legend=legend))


class Stations(DataLayer):
    """Home-care stations, each with the circle it reaches: the walking distance divided by the detour.

    Facilities of other kinds are small squares.
    """

    def __init__(self, legend: Legend, *, url: str, others_url: str) -> None:
        others = {"kind": "home_care_station", "colour": "#5b4a8a"}
        style = {"detour": DETOUR, "colour": "#8c2d04", "others": others}
        urls = {"data": url, "others": others_url}
        super().__init__(LayerSpec(kind="stations", urls=urls, style=style, legend=legend))
