"""The map on which grid boundaries are redrawn: unit cells coloured by the grid that holds them."""

from __future__ import annotations

import geopandas as gpd

from layers.base import DataLayer, LayerSpec, page_urls
from layers.style import TERRITORIES, WORDS
from layers.territories import draw_owned

_OPACITY = 0.5


class RedrawCells(DataLayer):
    """Unit cells to paint, with the outlines and names of the grids they make up.

    With ``data`` the cells are coloured by their column ``grid`` and can only be looked at.
    """

    def __init__(
        self,
        *,
        cells_url: str | None = None,
        areas_url: str | None = None,
        buildings_url: str | None = None,
        plans_url: str | None = None,
        data: gpd.GeoDataFrame | None = None,
    ) -> None:
        urls = page_urls(data, cells=cells_url, areas=areas_url, buildings=buildings_url, plans=plans_url)
        style = {"colours": list(TERRITORIES), "fill_opacity": _OPACITY}
        drawing = None
        if data is not None:
            drawing = draw_owned(data, "grid", opacity=_OPACITY, nobody=WORDS["nobody"], named=False)
        super().__init__(LayerSpec(kind="redraw", urls=urls, style=style), drawing)
