"""The map of a file that was sent: its shapes or points, before anything of it is kept."""

from __future__ import annotations

from typing import Any

from layers.base import DataLayer, LayerSpec, refuse_data


class UploadedShapes(DataLayer):
    """Shapes as they will be, over the ground of the community."""

    def __init__(self, *, url: str = "", data: Any = None) -> None:
        refuse_data("UploadedShapes", data)
        style = {"colour": "#b3479d", "fill_opacity": 0.2, "after": "#1f2328", "moved": "#d9480f"}
        super().__init__(LayerSpec(kind="upload", urls={"data": url}, style=style))
