"""The map of a file that was sent: its shapes or points, before anything of it is kept."""

from __future__ import annotations

from layers.base import DataLayer, LayerSpec


class UploadedShapes(DataLayer):
    """Shapes as they will be, over the ground of the community."""

    def __init__(self, *, url: str) -> None:
        style = {"colour": "#b3479d", "fill_opacity": 0.2, "after": "#1f2328", "moved": "#d9480f"}
        super().__init__(LayerSpec(kind="upload", urls={"data": url}, style=style))
