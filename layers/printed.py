"""A map as a picture for paper: areas in their colours with their names, a scale bar, north up.

Drawn from shapes as SVG, without a browser and without asking anything of anybody.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import numpy as np
import shapely

from gisgrid.crs import METRES_PER_DEGREE

_MARGIN: Final = 4.0
_BAR_SHARE: Final = 0.3
_STEPS: Final = (5, 2, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """An area: a shapely shape in EPSG:4326 or nothing, its colour, its label, and whether it is hatched."""

    shape: Any
    colour: str
    label: str
    is_hatched: bool = False


@dataclass(frozen=True, slots=True)
class _Paper:
    """From degrees to millimetres of a picture: x to the right, y down, true near the middle."""

    west: float
    north: float
    per_lon: float
    per_lat: float

    def point(self, lon: float, lat: float) -> tuple[float, float]:
        """A place on the picture."""
        return (_MARGIN + (lon - self.west) * self.per_lon, _MARGIN + (self.north - lat) * self.per_lat)

    def path(self, shape: Any) -> str:
        """A polygon's rings as the data of a path."""
        rings = []
        for part in shapely.get_parts(shape):
            for ring in [part.exterior, *part.interiors]:
                pairs = (self.point(lon, lat) for lon, lat in shapely.get_coordinates(ring))
                rings.append("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in pairs) + "Z")
        return "".join(rings)


def map_svg(areas: Sequence[Drawn], *, width_mm: float = 180.0, most_mm: float = 115.0) -> str:
    """The areas as an SVG of at most so many millimetres; without any shape an empty picture.

    Labels stand inside their areas; what is hatched is too few or unknown.
    """
    shown = [area for area in areas if area.shape is not None and not area.shape.is_empty]
    if not shown:
        return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_mm}mm" height="10mm"></svg>'
    west, south, east, north = shapely.total_bounds(
        np.array([area.shape for area in shown], dtype=np.object_)
    )
    paper, width, height = _paper((west, south, east, north), width_mm, most_mm)
    body = "".join(_area(area, paper) for area in shown) + "".join(_label(area, paper) for area in shown)
    bar = _scale_bar(paper, width, height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.1f}mm" height="{height:.1f}mm" '
        f'viewBox="0 0 {width:.2f} {height:.2f}"><defs><pattern id="few" width="2" height="2" '
        'patternUnits="userSpaceOnUse"><rect width="2" height="2" fill="#ffffff"/>'
        '<path d="M0 2L2 0" stroke="#57606a" stroke-width="0.25"/></pattern></defs>'
        f"{body}{bar}</svg>"
    )


def _paper(
    bounds: tuple[float, float, float, float], width_mm: float, most_mm: float
) -> tuple[_Paper, float, float]:
    west, south, east, north = bounds
    stretch = math.cos(math.radians((south + north) / 2))
    across, down = max((east - west) * stretch, 1e-9), max(north - south, 1e-9)
    scale = min((width_mm - 2 * _MARGIN) / across, (most_mm - 2 * _MARGIN) / down)
    paper = _Paper(west=west, north=north, per_lon=scale * stretch, per_lat=scale)
    return paper, across * scale + 2 * _MARGIN, down * scale + 2 * _MARGIN + 6


def _area(area: Drawn, paper: _Paper) -> str:
    fill = "url(#few)" if area.is_hatched else escape(area.colour)
    return f'<path d="{paper.path(area.shape)}" fill="{fill}" stroke="#57606a" stroke-width="0.3"/>'


def _label(area: Drawn, paper: _Paper) -> str:
    place = shapely.point_on_surface(area.shape)
    x, y = paper.point(place.x, place.y)
    text = escape(area.label)
    where = f'x="{x:.2f}" y="{y + 1:.2f}" font-size="3" text-anchor="middle"'
    halo = f'<text {where} fill="none" stroke="#ffffff" stroke-width="0.9">{text}</text>'
    return f'{halo}<text {where} fill="#1f2328">{text}</text>'


def _scale_bar(paper: _Paper, width: float, height: float) -> str:
    """A bar of a round length of at most a third of the picture."""
    per_m = paper.per_lat / METRES_PER_DEGREE
    most_m = width * _BAR_SHARE / per_m
    power = 10 ** math.floor(math.log10(most_m))
    length_m = next(step * power for step in _STEPS if step * power <= most_m)
    said = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    x, y, end = _MARGIN, height - 2.5, _MARGIN + length_m * per_m
    bar = f'<path d="M{x} {y - 1}V{y}H{end:.2f}V{y - 1}" fill="none" stroke="#1f2328" stroke-width="0.3"/>'
    return f'{bar}<text x="{end + 1:.2f}" y="{y:.2f}" font-size="3" fill="#1f2328">{said}</text>'
