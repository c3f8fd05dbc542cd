"""The layer of public facilities: the places people are served at, each kind with its own sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import geopandas as gpd

from layers.base import DataLayer, LayerSpec, page_urls
from layers.frames import POINTS, drawable, text_of
from layers.sketch import LegendClass, Sketch
from layers.style import Legend

_COLOUR: Final = "#5b4a8a"
_SQUARE: Final = {
    "color": "#ffffff",
    "weight": 1,
    "radius": 8,
    "fillColor": _COLOUR,
    "fillOpacity": 1,
    "square": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityKind:
    """A kind of facility: its code, the one letter that stands on the map, its name and whom it serves."""

    code: str
    sign: str
    name: str
    serves: str = ""


KINDS: Final = (
    FacilityKind(code="service_center", sign="C", name="service centre"),
    FacilityKind(code="service_station", sign="S", name="service station"),
    FacilityKind(code="volunteer_point", sign="V", name="volunteer point"),
    FacilityKind(code="home_care_station", sign="H", name="home-care station"),
    FacilityKind(code="red_post", sign="R", name="red post"),
)
"""The kinds of our exports of facilities, in English."""


class Facilities(DataLayer):
    """Facilities as small squares with the letter of their kind.

    With ``data`` the column ``type`` says the kind, as in our exports of facilities; a code that none of the
    kinds has is drawn without a letter and named by its code.
    """

    def __init__(
        self,
        legend: Legend,
        *,
        url: str | None = None,
        data: gpd.GeoDataFrame | None = None,
        kinds: Sequence[FacilityKind] = KINDS,
    ) -> None:
        style = {"colour": _COLOUR, "kinds": [asdict(kind) for kind in kinds]}
        urls = page_urls(data, data=url)
        drawing = None if data is None else _draw_facilities(data, kinds)
        super().__init__(LayerSpec(kind="facilities", urls=urls, style=style, legend=legend), drawing)


def _draw_facilities(data: Any, kinds: Sequence[FacilityKind]) -> Sketch:
    frame = drawable(data, ["type"], POINTS)
    by_code = {kind.code: kind for kind in kinds}
    drawing = Sketch()
    drawing.reach(frame)
    codes = [text_of(row, "type") for _number, row in frame.iterrows()]
    for code in codes:
        by_code.setdefault(code, FacilityKind(code=code, sign="", name=code))
    for code, (_number, row) in zip(codes, frame.iterrows(), strict=True):
        kind = by_code[code]
        words = (text_of(row, "name"), kind.name, kind.serves)
        drawing.add(row.geometry, _SQUARE, " · ".join(word for word in words if word))
        if kind.sign:
            place = [row.geometry.x, row.geometry.y]
            drawing.names.append({"at": place, "lines": [kind.sign], "colour": _COLOUR})
    counts = Counter(codes)
    drawing.classes = [
        LegendClass(
            colour=_COLOUR,
            label=f"{kind.sign} {kind.name}".strip(),
            count=counts[code],
            shape="square",
        )
        for code, kind in by_code.items()
        if counts[code]
    ]
    return drawing
