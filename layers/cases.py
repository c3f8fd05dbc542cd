"""Cases as points, told apart by shape as well as by colour: print and the colour blind can read them."""

from __future__ import annotations

from layers.base import DataLayer, LayerSpec
from layers.style import Legend

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

STATE_COLOURS = {"open": "#1e5aa8", "due": "#b26a00", "overdue": "#c62828", "closed": "#2e7d32"}


class CasePoints(DataLayer):
    """Open cases of a list, one point each; the card is fetched by id when one is chosen."""

    def __init__(self, legend: Legend, *, url: str) -> None:
        style = {"colours": STATE_COLOURS}
        super().__init__(LayerSpec(kind="cases", urls={"data": url}, style=style, legend=legend))


class PinPlace(DataLayer):
    """One pin a person sets on the map; where it lies is asked from the server before anything is sent."""

    def __init__(self) -> None:
        super().__init__(LayerSpec(kind="pin", urls={}))


class CaseMap(DataLayer):
    """All cases of a search, near ones gathered to one number; what is late has a ring of its own."""

    def __init__(self, legend: Legend, *, url: str) -> None:
        style = {
            "stages": STAGE_COLOURS,
            "severities": SEVERITY_COLOURS,
            "late": "#c62828",
            "gathered": "#334155",
        }
        super().__init__(LayerSpec(kind="casemap", urls={"data": url}, style=style, legend=legend))
