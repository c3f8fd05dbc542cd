"""The map of completeness: how much of what should be known of each area is known, and how fresh it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from layers.base import DataLayer, LayerSpec
from layers.style import BLUES, AreaStyle, Legend, Ramp

MEASURES: Final = ("share_180", "share_90", "position_share", "case_share")
"""Shares in per cent that areas can be coloured by."""


class Completeness(DataLayer):
    """Areas coloured by a share in per cent; the class bounds are fixed, so that two days can be compared."""

    def __init__(self, legend: Legend, *, areas_url: str, rows_url: str, gaps_url: str) -> None:
        ramp = Ramp(colours=BLUES, breaks=(0.0, 25.0, 50.0, 75.0, 90.0))
        style = asdict(AreaStyle(ramps=dict.fromkeys(MEASURES, ramp)))
        urls = {"areas": areas_url, "rows": rows_url, "gaps": gaps_url}
        super().__init__(LayerSpec(kind="completeness", urls=urls, style=style, legend=legend))
