"""Which front-end files are served from here, and where each comes from.

Folium names its scripts and styles by addresses of public content networks. An installation serves every
file itself, so each address is replaced by a local one; an address this file doesn't know is an error, so
that a new plugin fails a test instead of calling the outside world.

``python -m layers.assets`` copies the listed files into ``web/static/vendor`` after the packages of
``package-lock.json`` have been installed.
"""

from __future__ import annotations

import re
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from gisgrid.errors import MissingPart

VENDOR: Final = Path(__file__).resolve().parent.parent / "web" / "static" / "vendor"
"""Where the files lie."""

LOCAL: Final = {
    "leaflet.js": "leaflet/leaflet.js",
    "leaflet.css": "leaflet/leaflet.css",
    "leaflet_heat.min.js": "leaflet-heat/leaflet_heat.min.js",
}
"""File name at the end of Folium's address → file below ``web/static/vendor``."""

DROPPED: Final = frozenset(
    {
        "jquery-3.7.1.min.js",
        "bootstrap.bundle.min.js",
        "bootstrap.min.css",
        "bootstrap-glyphicons.css",
        "leaflet.awesome-markers.js",
        "leaflet.awesome-markers.css",
        "leaflet.awesome.rotate.min.css",
        "all.min.css",
    }
)
"""What a Folium map loads by default and our layers don't use: markers with font icons, jQuery, Bootstrap."""

FROM_PACKAGES: Final = {
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/LICENSE": "leaflet/LICENSE",
    "bootstrap-icons/LICENSE": "icons.LICENSE",
}
"""File below ``node_modules`` → file below the vendor folder."""

ICONS: Final = (
    "arrow-clockwise",
    "arrow-counterclockwise",
    "arrow-down-up",
    "arrows-fullscreen",
    "arrows-move",
    "bar-chart",
    "bell",
    "bezier2",
    "border-outer",
    "bounding-box",
    "box-arrow-right",
    "brush",
    "building",
    "calendar3",
    "camera",
    "car-front",
    "chat-dots",
    "check-circle",
    "chevron-down",
    "chevron-up",
    "clipboard-check",
    "clipboard-data",
    "clock",
    "columns-gap",
    "cone-striped",
    "crosshair",
    "download",
    "droplet",
    "exclamation-octagon",
    "exclamation-triangle",
    "eye-slash",
    "fire",
    "funnel",
    "geo-alt",
    "hammer",
    "hand-index",
    "hand-thumbs-up",
    "house-door",
    "house-gear",
    "house-heart",
    "info-circle",
    "layers",
    "lightbulb",
    "link-45deg",
    "list-check",
    "lock",
    "map",
    "megaphone",
    "pencil-square",
    "pentagon",
    "people",
    "person-circle",
    "person-hearts",
    "plus-circle",
    "plus-lg",
    "printer",
    "qr-code",
    "question-circle",
    "rulers",
    "scissors",
    "search",
    "send",
    "sort-down",
    "sort-numeric-down",
    "sort-up",
    "square",
    "star",
    "star-fill",
    "telephone",
    "three-dots",
    "translate",
    "trash",
    "tree",
    "union",
    "unlock",
    "upload",
    "vector-pen",
    "volume-up",
    "x-lg",
)
"""Icons of the sprite, by their name in the icon package."""

_REMOTE = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])(?:https?:)?//""", re.IGNORECASE)
_SVG = "http://www.w3.org/2000/svg"


def local_url(url: str, static: str = "/static") -> str | None:
    """Gives the address below ``static`` at which a file is served, or nothing where it isn't needed.

    Raises
    ------
    MissingPart
        When the address is unknown, so that nothing is ever loaded from outside unnoticed.
    """
    if url.startswith("/static/"):
        return url
    name = url.rsplit("/", 1)[-1]
    if name in DROPPED:
        return None
    if name not in LOCAL:
        raise MissingPart(f"The map asks for {name}, which layers/assets.py doesn't list.")
    return f"{static}/vendor/{LOCAL[name]}"


def copy_assets(packages: Path, vendor: Path) -> list[Path]:
    """Copy every listed file into the vendor folder and give back what was written.

    The folder is made anew each time, so a file that left the list leaves the folder too.

    Raises
    ------
    MissingPart
        When a package isn't installed, or a style sheet would load something from outside.
    """
    if vendor.exists():
        shutil.rmtree(vendor)
    written = [_copy(packages / source, vendor / target) for source, target in FROM_PACKAGES.items()]
    written.append(_copy(_folium_template("leaflet_heat.min.js"), vendor / LOCAL["leaflet_heat.min.js"]))
    written.append(_write_sprite(packages / "bootstrap-icons" / "icons", vendor / "icons.svg"))
    for sheet in vendor.rglob("*.css"):
        _refuse_remote(sheet)
    return written


def _copy(source: Path, target: Path) -> Path:
    if not source.is_file():
        raise MissingPart(f"{source} is missing; run npm ci --ignore-scripts first.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return target


def _folium_template(name: str) -> Path:
    return Path(str(files("folium") / "templates" / name))


def _write_sprite(icons: Path, target: Path) -> Path:
    ET.register_namespace("", _SVG)
    sprite = ET.Element(f"{{{_SVG}}}svg")
    for name in ICONS:
        source = icons / f"{name}.svg"
        if not source.is_file():
            raise MissingPart(f"{source} is missing; run npm ci --ignore-scripts first.")
        drawing = ET.parse(source).getroot()  # noqa: S314 - a locked package, checked by its hash
        attributes = {"id": name, "viewBox": drawing.get("viewBox", "0 0 16 16"), "fill": "currentColor"}
        symbol = ET.SubElement(sprite, f"{{{_SVG}}}symbol", attributes)
        symbol.extend(list(drawing))
    target.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(sprite).write(target, encoding="utf-8")
    return target


def _refuse_remote(sheet: Path) -> None:
    if _REMOTE.search(sheet.read_text(encoding="utf-8")):
        raise MissingPart(f"{sheet} loads a file from outside; it can't be served as it is.")


def main() -> None:
    """Copy the assets of this checkout; called by the set-up."""
    root = Path(__file__).resolve().parent.parent
    written = copy_assets(root / "node_modules", VENDOR)
    sys.stdout.write(f"{len(written)} front-end files in web/static/vendor\n")


if __name__ == "__main__":
    main()
