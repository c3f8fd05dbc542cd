"""The map of divisions there have been: grids of one revision, those that it changed standing out."""

from __future__ import annotations

from layers.base import DataLayer, LayerSpec
from layers.style import NO_DATA


class PastGrids(DataLayer):
    """Grids of a revision; a second map beside it may show those of another one."""

    def __init__(self, *, revisions_url: str, areas_url: str) -> None:
        urls = {"revisions": revisions_url, "areas": areas_url}
        style = {"changed": "#f0a33a", "same": NO_DATA, "fill_opacity": 0.55}
        super().__init__(LayerSpec(kind="history", urls=urls, style=style))
