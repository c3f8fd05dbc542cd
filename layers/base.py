"""The map itself: a Folium map without tiles, and its parts for a page with a strict content policy.

Folium gives the Leaflet map and the order of its elements. What is drawn on it comes later, in the browser:
each layer leaves a *specification* (addresses, style, legend) in ``window.gisgrid`` and the scripts of the
page fetch and draw it on a canvas. So the page stays a few kilobytes whatever the community's size, and
nothing a person typed passes through Folium's script strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import folium
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from gisgrid.errors import InvalidInput
from layers.style import Legend

MAX_ZOOM: Final = 21
_TEMPLATE_OPENING = re.compile(r"\{(?=[{%#])")

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees (EPSG:4326)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSpec:
    """What the browser needs to draw one layer; no data, and no text that a person typed.

    ``kind`` names the script that draws it, ``urls`` the addresses it fetches from (same origin),
    ``style`` plain values for that script, ``legend`` the words beside it.
    """

    kind: str
    urls: Mapping[str, str] = field(default_factory=dict)
    style: Mapping[str, Any] = field(default_factory=dict)
    legend: Legend | None = None

    def __post_init__(self) -> None:
        outside = [url for url in self.urls.values() if not url.startswith("/") or url.startswith("//")]
        if outside:
            raise InvalidInput(f"A layer fetches from its own server only, not from {outside[0]}.")


def script_json(value: Any) -> str:
    """Gives a value as JSON that can stand in a script which Folium renders as a template once more.

    Folium puts what a layer rendered into a second template, so ``{{ … }}`` in a text would be worked out
    on the server. JSON itself never has two opening signs in a row; inside texts the first is escaped.
    """
    text = json.dumps(value, ensure_ascii=False)
    for sign in "<>&'":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return _TEMPLATE_OPENING.sub(r"\\u007b", text)


class DataLayer(JSCSSMixin, MacroElement):
    """A layer that leaves its specification for the page's own scripts."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            window.gisgrid.layers.push({{ this.spec_json }});
        {% endmacro %}
        """
    )

    def __init__(self, spec: LayerSpec) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca's has no annotations
        self._name = "DataLayer"
        self.spec = asdict(spec)
        self.spec_json = script_json(self.spec)


class Registry(MacroElement):
    """Makes ``window.gisgrid``, where the page's scripts find the map and the layers of this page."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            window.gisgrid = {layers: [], bounds: {{ this.bounds|tojson }}};
            window.gisgrid.map = {{ this._parent.get_name() }};
        {% endmacro %}
        """
    )

    def __init__(self, bounds: Bounds) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca's has no annotations
        self._name = "Registry"
        self.bounds = bounds


def basemap(url: str = "/api/v1/basemap") -> DataLayer:
    """The neutral ground drawn from our own streets, water and green."""
    return DataLayer(LayerSpec(kind="basemap", urls={"data": url}))


def make_map(bounds: Bounds, layers: Iterable[DataLayer] = ()) -> folium.Map:
    """Gives a Folium map over the bounds with our own ground and the layers, drawn on canvas, without tiles.

    Raises
    ------
    InvalidInput
        When the bounds are not west, south, east, north in degrees.
    """
    west, south, east, north = bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidInput("The bounds of a map are west, south, east, north in degrees.")
    drawn = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],  # the one place with latitude first
        zoom_start=16,
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        maxZoom=MAX_ZOOM,  # without tiles only this spelling reaches Leaflet
        zoomSnap=0.25,  # nothing but vectors: a view may fill its frame
        attributionControl=False,
    )
    drawn.add_child(Registry(bounds))
    for layer in (basemap(), *layers):
        drawn.add_child(layer)
    return drawn
