"""The map on which grid boundaries are redrawn: unit cells coloured by the grid that holds them."""

from __future__ import annotations

from layers.base import DataLayer, LayerSpec
from layers.style import TERRITORIES


class RedrawCells(DataLayer):
    """Unit cells to paint, with the outlines and names of the grids they make up."""

    def __init__(self, *, cells_url: str, areas_url: str, buildings_url: str, plans_url: str) -> None:
        urls = {"cells": cells_url, "areas": areas_url, "buildings": buildings_url, "plans": plans_url}
        style = {"colours": list(TERRITORIES), "fill_opacity": 0.5}
        super().__init__(LayerSpec(kind="redraw", urls=urls, style=style))
