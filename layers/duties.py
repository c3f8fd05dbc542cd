"""The map of duties: grids with the name of who is responsible; one without stands out."""

from __future__ import annotations

from layers.base import DataLayer, LayerSpec
from layers.style import NO_DATA


class DutyGrids(DataLayer):
    """Grids to choose one of; where nobody is the primary member the grid is hatched."""

    def __init__(self, *, url: str) -> None:
        style = {"served": "#9ec3e6", "nobody": NO_DATA, "fill_opacity": 0.45}
        super().__init__(LayerSpec(kind="duties", urls={"data": url}, style=style))
