"""The map of duties: grids with the name of who is responsible; one without stands out."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd

from layers.areas import area_texts
from layers.base import DataLayer, LayerSpec, page_urls
from layers.frames import AREAS, drawable, text_of
from layers.sketch import Fill, Sketch, draw_areas
from layers.style import NO_DATA, WORDS

_SERVED: Final = "#9ec3e6"
_OPACITY: Final = 0.45


class DutyGrids(DataLayer):
    """Grids to choose one of; where nobody is the primary member the grid is hatched.

    With ``data``, its column ``member`` says who is.
    """

    def __init__(self, *, url: str | None = None, data: gpd.GeoDataFrame | None = None) -> None:
        style = {"served": _SERVED, "nobody": NO_DATA, "fill_opacity": _OPACITY}
        urls = page_urls(data, data=url)
        super().__init__(
            LayerSpec(kind="duties", urls=urls, style=style), None if data is None else _draw_duties(data)
        )


def _draw_duties(data: Any) -> Sketch:
    frame = drawable(data, ["member"], AREAS)
    texts = area_texts(frame, lambda row: text_of(row, "member") or WORDS["nobody"])
    keys = [bool(text_of(row, "member")) for _number, row in frame.iterrows()]
    fills = {True: Fill(colour=_SERVED), False: Fill(colour=None, hatch=True)}
    return draw_areas(frame, keys, fills, texts=texts, opacity=_OPACITY)
