"""The map of needs: of those who need something, how many nobody serves."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import geopandas as gpd

from layers.areas import area_texts, share_fills, withheld_word
from layers.base import DataLayer, LayerSpec, page_urls
from layers.completeness import share_text
from layers.frames import AREAS, drawable, number_of
from layers.sketch import Fill, Sketch, draw_areas
from layers.style import YL_OR_RD, AreaStyle, Legend, Ramp, class_of

_RAMP: Final = Ramp(colours=YL_OR_RD, breaks=(0.0, 25.0, 50.0, 75.0, 90.0), digits=1)


class UnservedNeeds(DataLayer):
    """Grids coloured by the share of people in need whom nobody serves; the class bounds are fixed.

    With ``data``, ``unserved_share`` is the column of the share in per cent.
    """

    def __init__(
        self,
        legend: Legend,
        *,
        areas_url: str | None = None,
        rows_url: str | None = None,
        data: gpd.GeoDataFrame | None = None,
    ) -> None:
        style = AreaStyle(ramps={"share": _RAMP})
        urls = page_urls(data, areas=areas_url, rows=rows_url)
        drawing = None if data is None else _draw_needs(data, legend, style.fill_opacity)
        super().__init__(LayerSpec(kind="needs", urls=urls, style=asdict(style), legend=legend), drawing)


def _draw_needs(data: Any, legend: Legend, opacity: float) -> Sketch:
    frame = drawable(data, ["unserved_share"], AREAS)
    shares = [number_of(cell) for cell in frame["unserved_share"]]
    keys = [class_of(share, _RAMP.breaks, digits=_RAMP.digits) for share in shares]
    fills = share_fills(_RAMP) | {None: Fill(colour=None, label=withheld_word(frame, legend), hatch=True)}
    texts = area_texts(frame, lambda row: share_text(number_of(row["unserved_share"])))
    return draw_areas(frame, keys, fills, texts=texts, opacity=opacity)
