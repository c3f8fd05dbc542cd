"""The map of territories: each grid member's grids in one colour, the name written on them."""

from __future__ import annotations

from layers.base import DataLayer, LayerSpec
from layers.style import NO_DATA, TERRITORIES, Legend


class Territories(DataLayer):
    """Grids coloured by the member who holds them; a grid without a member is hatched."""

    def __init__(self, legend: Legend, *, areas_url: str, rows_url: str) -> None:
        style = {"colours": list(TERRITORIES), "nobody": NO_DATA, "fill_opacity": 0.45}
        urls = {"areas": areas_url, "rows": rows_url}
        super().__init__(LayerSpec(kind="territories", urls=urls, style=style, legend=legend))


class AreaOutlines(DataLayer):
    """Outlines and names of areas with nothing else on them, as the ground of other pages."""

    def __init__(self, *, url: str, level: str = "grid") -> None:
        super().__init__(LayerSpec(kind="outlines", urls={"data": url}, style={"level": level}))
