"""The map of divisions there have been: grids of one revision, those that it changed standing out."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd

from layers.areas import area_texts
from layers.base import DataLayer, LayerSpec, page_urls
from layers.frames import AREAS, drawable
from layers.sketch import AreaText, Fill, Sketch, draw_areas
from layers.style import NO_DATA

_CHANGED: Final = "#f0a33a"
_OPACITY: Final = 0.55


class PastGrids(DataLayer):
    """Grids of a revision; a second map beside it may show those of another one.

    With ``data``, its column ``changed`` says which ones the revision changed.
    """

    def __init__(
        self,
        *,
        revisions_url: str | None = None,
        areas_url: str | None = None,
        data: gpd.GeoDataFrame | None = None,
    ) -> None:
        urls = page_urls(data, revisions=revisions_url, areas=areas_url)
        style = {"changed": _CHANGED, "same": NO_DATA, "fill_opacity": _OPACITY}
        drawing = None if data is None else _draw_past(data)
        super().__init__(LayerSpec(kind="history", urls=urls, style=style), drawing)


def _draw_past(data: Any) -> Sketch:
    frame = drawable(data, ["changed"], AREAS)
    keys = [cell is not None and bool(cell) for cell in frame["changed"].fillna(value=False)]
    texts = [
        AreaText(tip=f"△ {text.tip}", lines=tuple(f"△ {line}" for line in text.lines)) if changed else text
        for text, changed in zip(area_texts(frame, lambda _row: ""), keys, strict=True)
    ]
    fills = {True: Fill(colour=_CHANGED), False: Fill(colour=NO_DATA)}
    return draw_areas(frame, keys, fills, texts=texts, opacity=_OPACITY)
