"""The map of completeness: how much of what should be known of each area is known, and how fresh it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import geopandas as gpd

from layers.areas import area_texts, share_fills
from layers.base import DataLayer, LayerSpec, page_urls
from layers.frames import AREAS, drawable, number_of
from layers.sketch import Fill, Sketch, draw_areas
from layers.style import BLUES, AreaStyle, Legend, Ramp, class_of

MEASURES: Final = ("share_180", "share_90", "position_share", "case_share")
"""Shares in per cent that areas can be coloured by."""
_RAMP: Final = Ramp(colours=BLUES, breaks=(0.0, 25.0, 50.0, 75.0, 90.0), digits=1)


class Completeness(DataLayer):
    """Areas coloured by a share in per cent; the class bounds are fixed, so that two days can be compared.

    With ``data``, ``value`` names the column of the share.
    """

    def __init__(
        self,
        legend: Legend,
        *,
        areas_url: str | None = None,
        rows_url: str | None = None,
        gaps_url: str | None = None,
        data: gpd.GeoDataFrame | None = None,
        value: str = MEASURES[0],
    ) -> None:
        style = AreaStyle(ramps=dict.fromkeys(MEASURES, _RAMP))
        urls = page_urls(data, areas=areas_url, rows=rows_url, gaps=gaps_url)
        drawing = None if data is None else _draw_shares(data, legend, value, style.fill_opacity)
        super().__init__(
            LayerSpec(kind="completeness", urls=urls, style=asdict(style), legend=legend), drawing
        )


def _draw_shares(data: Any, legend: Legend, value: str, opacity: float) -> Sketch:
    frame = drawable(data, [value], AREAS)
    keys = [class_of(number_of(cell), _RAMP.breaks, digits=_RAMP.digits) for cell in frame[value]]
    fills = share_fills(_RAMP) | {None: Fill(colour=None, label=legend.word("no_data"), hatch=True)}
    texts = area_texts(frame, lambda row: share_text(number_of(row[value])))
    return draw_areas(frame, keys, fills, texts=texts, opacity=opacity)


def share_text(share: float | None) -> str:
    """A share in per cent as it is written."""
    if share is None:
        return "—"
    return f"{share:.0f}%" if share.is_integer() else f"{share:.1f}%"
