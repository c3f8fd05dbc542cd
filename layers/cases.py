"""Cases as points, told apart by shape as well as by colour: print and the colour blind can read them."""

from __future__ import annotations

from layers.base import DataLayer, LayerSpec
from layers.style import Legend

STATE_COLOURS = {"open": "#1e5aa8", "due": "#b26a00", "overdue": "#c62828", "closed": "#2e7d32"}


class CasePoints(DataLayer):
    """Open cases of a list, one point each; the card is fetched by id when one is chosen."""

    def __init__(self, legend: Legend, *, url: str) -> None:
        style = {"colours": STATE_COLOURS}
        super().__init__(LayerSpec(kind="cases", urls={"data": url}, style=style, legend=legend))


class PinPlace(DataLayer):
    """One pin a person sets on the map; where it lies is asked from the server before anything is sent."""

    def __init__(self, *, locate_url: str) -> None:
        super().__init__(LayerSpec(kind="pin", urls={"locate": locate_url}))
