"""The map of a page, a Folium map without tiles, and what all layers are.

Folium gives the Leaflet map and the order of its elements. What is drawn on it comes later, in the browser:
each layer leaves a *specification* (addresses, style, legend) in ``window.gisgrid`` and the scripts of the
page fetch and draw it on a canvas. So the page stays a few kilobytes whatever the community's size, and
nothing a person typed passes through Folium's script strings.

A layer that was given data draws itself on any ``folium.Map``: see ``docs/notebook.md``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import folium
from branca.element import Element, Figure, MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from gisgrid.errors import InvalidInput, say
from layers.sketch import SCRIPT, Sketch
from layers.style import Legend

MAX_ZOOM: Final = 21
REGISTRY: Final = "Registry"
HEAT_SCRIPT: Final = Path(str(files("folium") / "templates" / "leaflet_heat.min.js"))
"""The same file that our pages load; Folium brings it."""
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
    """A layer of a map: leaves its specification for the page's scripts, or draws the data it was given."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            {% if this.drawing %}
            window.gisgridDraw({{ this._parent.get_name() }}, {{ this.drawing_json }});
            {% else %}
            window.gisgrid.layers.push({{ this.spec_json }});
            {% endif %}
        {% endmacro %}
        """
    )

    def __init__(self, spec: LayerSpec, drawing: Sketch | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca's has no annotations
        self._name = "DataLayer"
        self.spec = asdict(spec)
        if spec.legend:
            del self.spec["legend"]["words"]  # the page's scripts have their own
        self.spec_json = script_json(self.spec)
        self.drawing = drawing
        self.drawing_json = drawing and script_json(drawing.payload(spec.legend))

    def render(self, **kwargs: Any) -> None:  # type: ignore[override] # JSCSSMixin's gives nothing either
        """Puts the layer's script into its figure, once with what draws all layers that have data.

        Raises
        ------
        InvalidInput
            The layer has addresses only, and the map isn't one of our pages.
        """
        root = self.get_root()
        if self.drawing is not None and isinstance(root, Figure):
            for script in scripts_of(self.drawing):
                source = script.read_text(encoding="utf-8")
                root.script.add_child(Element(f"{{% raw %}}{source}{{% endraw %}}"), name=script.name)
        elif REGISTRY not in root.to_json():
            raise InvalidInput("A layer with addresses is for our own pages: elsewhere it needs data.")
        super().render(**kwargs)  # type: ignore[no-untyped-call] # folium's has no annotations

    def _get_self_bounds(self) -> list[list[float | None]]:
        """What Folium fits a map to."""
        if self.drawing is None or self.drawing.bounds is None:
            return [[None, None], [None, None]]
        west, south, east, north = self.drawing.bounds
        return [[south, west], [north, east]]


def scripts_of(drawing: Sketch) -> list[Path]:
    """The files that draw it."""
    return [HEAT_SCRIPT, SCRIPT] if drawing.heat else [SCRIPT]


def page_urls(data: Any, /, **urls: str | None) -> dict[str, str]:
    """The addresses of a layer; none for one with data.

    Raises
    ------
    InvalidInput
        Unless there is either data or every address.
    """
    given = {name: url for name, url in urls.items() if url is not None}
    if len(given) != (len(urls) if data is None else 0):
        raise InvalidInput("A layer takes either data or all of its addresses.")
    return given


def refuse_data(layer: str, data: Any) -> None:
    """Says that a layer works with our pages alone.

    Raises
    ------
    InvalidInput
        There is data.
    """
    if data is not None:
        raise InvalidInput(say("{layer} takes no data: it works on our own pages only.", layer=layer))


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
        self._name = REGISTRY
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
