"""The map of territories: each grid member's grids in one colour, the name written on them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from layers.areas import area_texts, neighbour_colours
from layers.base import DataLayer, LayerSpec, page_urls
from layers.frames import AREAS, drawable, text_of
from layers.sketch import Fill, Sketch, draw_areas
from layers.style import NO_DATA, TERRITORIES, Legend

_OPACITY = 0.45


class Territories(DataLayer):
    """Grids coloured by the member who holds them; a grid without a member is hatched.

    With ``data``, ``member`` names the column that says who holds an area.
    """

    def __init__(
        self,
        legend: Legend,
        *,
        areas_url: str | None = None,
        rows_url: str | None = None,
        data: gpd.GeoDataFrame | None = None,
        member: str = "member",
    ) -> None:
        style = {"colours": list(TERRITORIES), "nobody": NO_DATA, "fill_opacity": _OPACITY}
        urls = page_urls(data, areas=areas_url, rows=rows_url)
        drawing = None
        if data is not None:
            drawing = draw_owned(data, member, opacity=_OPACITY, nobody=legend.word("nobody"))
        super().__init__(LayerSpec(kind="territories", urls=urls, style=style, legend=legend), drawing)


def draw_owned(data: Any, owner: str, *, opacity: float, nobody: str, named: bool = True) -> Sketch:
    """Areas coloured by their owner, neighbours in different colours; those of nobody hatched."""
    frame = drawable(data, [owner], AREAS)
    owners = [text_of(row, owner) or None for _number, row in frame.iterrows()]
    colours = neighbour_colours(frame, owners, TERRITORIES)
    fills: dict[Any, Fill] = {owner_name: Fill(colour=colour) for owner_name, colour in colours.items()}
    fills[None] = Fill(colour=None, label=nobody, hatch=True)
    texts = area_texts(frame, lambda row: text_of(row, owner) or nobody, on_map=named)
    return draw_areas(frame, owners, fills, texts=texts, opacity=opacity)


class AreaOutlines(DataLayer):
    """Outlines and names of areas with nothing else on them, as the ground of other layers."""

    def __init__(
        self, *, url: str | None = None, level: str = "grid", data: gpd.GeoDataFrame | None = None
    ) -> None:
        urls = page_urls(data, data=url)
        drawing = None if data is None else _draw_outlines(data)
        super().__init__(LayerSpec(kind="outlines", urls=urls, style={"level": level}), drawing)


def _draw_outlines(data: Any) -> Sketch:
    frame = drawable(data, [], AREAS)
    texts = area_texts(frame, lambda _row: "")
    fills = {"area": Fill(colour=None)}
    return draw_areas(frame, ["area"] * len(frame), fills, texts=texts, opacity=0.65)
