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
from branca.element import CssLink, Element, Figure, JavascriptLink, MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from gisgrid.errors import InvalidInput
from layers.assets import local_url
from layers.style import Legend

MAX_ZOOM: Final = 21
_VIEWPORT = re.compile(r"<meta name=\"viewport\".*?/>", re.DOTALL)
_PAGE_STYLES = re.compile(r"<style>\s*(?:html, body|#map\b).*?</style>", re.DOTALL)
_TEMPLATE_OPENING = re.compile(r"\{(?=[{%#])")
_OPENING = re.compile(r"<(script|style)(?=[\s>])")

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees (EPSG:4326)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapShell:
    """A rendered map in the parts a page template needs.

    ``header`` goes into the head, ``body`` into a sized box, ``script`` into a script element with the
    nonce; ``variable`` is the map's name in JavaScript.
    """

    header: str
    body: str
    script: str
    variable: str


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


def render_shell(drawn: folium.Map, nonce: str, *, static: str = "/static") -> MapShell:
    """Gives the map's parts with local files only, and the nonce on every script and style element.

    ``static`` is the address below which this server has its files.

    Folium's own viewport line (it forbids zooming by hand) and its styles for the whole page are left out:
    the page decides both.

    Raises
    ------
    MissingPart
        When some element asks for a file that isn't served from here.
    """
    figure = drawn.get_root()
    if not isinstance(figure, Figure):
        raise InvalidInput("The map stands in no figure and can't be rendered.")
    figure.render()
    _localise(figure.header, static)
    return MapShell(
        header=_with_nonce(_PAGE_STYLES.sub("", _VIEWPORT.sub("", figure.header.render())), nonce),
        body=figure.html.render(),
        script=figure.script.render(),
        variable=drawn.get_name(),
    )


def _localise(header: Element, static: str) -> None:
    """Point every link of this one header to a local file; Folium's class-wide lists stay as they are."""
    for name, child in list(header._children.items()):  # noqa: SLF001 - branca has no public way
        if not isinstance(child, (JavascriptLink, CssLink)):
            continue
        url = local_url(child.url, static)
        if url is None:
            del header._children[name]  # noqa: SLF001 - branca has no public way
        else:
            child.url = url


def _with_nonce(markup: str, nonce: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_+/=-]+", nonce):
        raise InvalidInput("A nonce is made of base64 characters.")
    return _OPENING.sub(rf'<\1 nonce="{nonce}"', markup)
