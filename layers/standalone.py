"""A map as one file that opens anywhere: its scripts and styles stand in it, and it may fetch nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import folium

from gisgrid.errors import InvalidInput, MissingPart, say, some_of
from layers.assets import VENDOR, local_url
from layers.shell import rendered_figure, replace_links, without_viewport

_POLICY: Final = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:\"/>"
)
"""Whatever stands in the file, the browser fetches nothing for it."""
_NEEDY: Final = frozenset({"TileLayer", "WmsTileLayer", "Marker", "Popup"})
"""Folium's elements that fetch pictures or need the scripts we don't have."""
_NAME: Final = re.compile(r'"name": "(\w+)"')
_PICTURE: Final = re.compile(r"url\([^)]*\)")


def save_standalone(drawn: folium.Map, path: str | Path) -> Path:
    """Saves a map as one HTML file with Leaflet inside, and gives back where.

    Raises
    ------
    InvalidInput
        The map has tiles, or Folium's own markers or pop-ups.
    MissingPart
        It has a plugin whose files aren't here, or the front-end files aren't installed.
    """
    if needy := _NEEDY & set(_NAME.findall(drawn.to_json())):
        raise InvalidInput(
            say(
                "A file of its own can't hold {names}: make the map with tiles=None and draw with layers.",
                names=some_of(needy),
            )
        )
    figure = rendered_figure(drawn)
    header = figure.header.render()
    inlined = _POLICY + replace_links(without_viewport(header), _inlined)
    file = Path(path)
    file.write_text(figure.render().replace(header, inlined, 1), encoding="utf-8")
    return file


def _inlined(url: str) -> str:
    """The file behind an address as an element of its own; nothing where it isn't needed."""
    local = local_url(url, "")
    if local is None:
        return ""
    file = VENDOR.parent / local.lstrip("/")
    if not file.is_file():
        raise MissingPart(f"{file.name} isn't installed; run python -m layers.assets first.")
    text = file.read_text(encoding="utf-8")
    if local.endswith(".css"):
        return f"<style>{_PICTURE.sub('none', text)}</style>"
    return f"<script>{text}</script>"  # none of the listed scripts holds a closing tag
