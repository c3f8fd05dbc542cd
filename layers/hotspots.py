"""The hotspot map: areas coloured by cases, the heat surface, and buildings for renovation."""

from __future__ import annotations

from dataclasses import asdict

from layers.base import DataLayer, LayerSpec
from layers.style import BUILT, CONDITION, PU_OR, YL_OR_RD, AreaStyle, Legend, Ramp


class HotspotAreas(DataLayer):
    """Areas coloured by the count, the rate per 100 households or the change of cases."""

    def __init__(self, legend: Legend, *, areas_url: str, rows_url: str) -> None:
        style = AreaStyle(
            ramps={
                "count": Ramp(colours=YL_OR_RD),
                "rate": Ramp(colours=YL_OR_RD, digits=1),
                "change": Ramp(colours=PU_OR, is_change=True),
            }
        )
        urls = {"areas": areas_url, "rows": rows_url}
        super().__init__(LayerSpec(kind="hotspots", urls=urls, style=asdict(style), legend=legend))


class HeatSurface(DataLayer):
    """A surface of case density from points, or from the bins a role may see.

    ``radius_m`` is the reach of one case on the ground, in metres.
    """

    def __init__(self, legend: Legend, *, url: str, radius_m: float = 80.0) -> None:
        style = {"radius_m": radius_m, "colours": list(YL_OR_RD)}
        super().__init__(LayerSpec(kind="heat", urls={"data": url}, style=style, legend=legend))
        self.default_js = [("leaflet_heat", "leaflet_heat.min.js")]


class RenovationBuildings(DataLayer):
    """Buildings coloured by the year they were built or by their condition, with a row per compound."""

    def __init__(self, legend: Legend, *, buildings_url: str, rows_url: str) -> None:
        style = {"condition": CONDITION, "built": BUILT}
        urls = {"buildings": buildings_url, "rows": rows_url}
        super().__init__(LayerSpec(kind="renovation", urls=urls, style=style, legend=legend))
