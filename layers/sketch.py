"""What a layer with data hands to ``sketch.js``: shapes, styles, names and the classes of a legend."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import shapely

from layers.style import Legend

Style = Mapping[str, Any]
"""Options of a Leaflet path, with ``hatch``, ``square`` and ``metres`` of our own."""
SCRIPT: Final = Path(__file__).with_name("sketch.js")


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendClass:
    """A line of a legend; without a count where nothing is counted."""

    colour: str
    label: str
    count: int | None = None
    opacity: float = 1.0
    hatch: bool = False
    shape: Literal["area", "circle", "square", "ring", "mark"] = "area"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """How areas of one key are filled; one without a colour shows the ground.

    ``label`` is its word in the legend, none where the names on the map say more; ``is_class`` says that
    it stands there also where no area has it.
    """

    colour: str | None
    label: str = ""
    hatch: bool = False
    is_class: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaText:
    """The words of an area: under the mouse, and its lines on the map."""

    tip: str
    lines: tuple[str, ...] = ()
    colour: str = "#1f2328"


@dataclass(slots=True)
class Sketch:
    """A layer's shapes in the order they are drawn, each with the number of its style."""

    styles: list[dict[str, Any]] = field(default_factory=list)
    features: list[dict[str, Any]] = field(default_factory=list)
    names: list[dict[str, Any]] = field(default_factory=list)
    classes: list[LegendClass] = field(default_factory=list)
    heat: dict[str, Any] | None = None
    bounds: tuple[float, float, float, float] | None = None

    def add(self, shape: Any, style: Style, tip: str = "") -> None:
        """Adds a shapely shape in EPSG:4326 with its style and its words under the mouse."""
        view = dict(style)
        if view not in self.styles:
            self.styles.append(view)
        drawn = json.loads(shapely.to_geojson(shapely.force_2d(shape)))
        self.features.append({"shape": drawn, "style": self.styles.index(view), "tip": tip})

    def reach(self, frame: gpd.GeoDataFrame) -> None:
        """Widens the bounds to those of a frame."""
        if frame.empty:
            return
        west, south, east, north = (float(edge) for edge in frame.total_bounds)
        old = self.bounds or (west, south, east, north)
        self.bounds = (min(west, old[0]), min(south, old[1]), max(east, old[2]), max(north, old[3]))

    def payload(self, legend: Legend | None) -> Mapping[str, Any]:
        """Everything the script needs, for JSON."""
        return {
            "styles": self.styles,
            "features": self.features,
            "names": self.names,
            "classes": [asdict(entry) for entry in self.classes],
            "heat": self.heat,
            "legend": legend and asdict(legend),
        }


def area_style(fill: Fill, opacity: float) -> Style:
    """The outline of every area of our maps, filled or not."""
    filled = fill.hatch or fill.colour is not None
    style: dict[str, Any] = {"color": "#5c6570", "weight": 1.2, "fillColor": fill.colour or "#ffffff"}
    return style | {"fillOpacity": opacity if filled else 0.05, "hatch": fill.hatch}


def draw_areas(
    frame: gpd.GeoDataFrame,
    keys: Sequence[Hashable],
    fills: Mapping[Any, Fill],
    *,
    texts: Sequence[AreaText],
    opacity: float,
) -> Sketch:
    """Areas, each filled as its key says, with their names and the classes of the legend."""
    drawing = Sketch()
    drawing.reach(frame)
    for shape, key, text in zip(frame.geometry, keys, texts, strict=True):
        drawing.add(shape, area_style(fills[key], opacity), text.tip)
        if text.lines:
            place = shapely.point_on_surface(shape)
            drawing.names.append({"at": [place.x, place.y], "lines": text.lines, "colour": text.colour})
    counts = Counter(keys)
    drawing.classes = [
        LegendClass(
            colour=fill.colour or "#ffffff",
            label=fill.label,
            count=counts[key],
            opacity=opacity if fill.is_class else 1.0,
            hatch=fill.hatch,
        )
        for key, fill in fills.items()
        if fill.label and (fill.is_class or counts[key])
    ]
    return drawing
