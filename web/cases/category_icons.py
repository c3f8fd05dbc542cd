"""A picture for each category that people report under, and how many stand on the page at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from typing_extensions import TypedDict

from gisgrid.figures.hotspots import CategoryChoice

AT_ONCE: Final = 8
"""Tiles that are seen without asking for more."""
_BY_CODE: Final = {
    "litter": "trash",
    "illegal_parking": "car-front",
    "street_light": "lightbulb",
    "drainage": "droplet",
    "manhole": "exclamation-triangle",
    "road_damage": "cone-striped",
    "green_care": "tree",
    "illegal_building": "hammer",
    "corridor_clutter": "building",
    "noise": "volume-up",
    "property_service": "house-gear",
    "water_power": "lightbulb",
    "elder_help": "person-hearts",
    "opinion": "chat-dots",
    "neighbour_dispute": "people",
    "fraud": "exclamation-octagon",
}
_FIRST: Final = (
    "litter",
    "street_light",
    "illegal_parking",
    "drainage",
    "corridor_clutter",
    "noise",
    "road_damage",
    "manhole",
)
"""What residents report most; the other categories come after these in their own order."""
_OTHER: Final = "megaphone"


class CategoryTile(TypedDict):
    """A category for choosing by picture."""

    code: str
    name: str
    icon: str


def tiles(categories: Sequence[CategoryChoice], lang: str) -> list[CategoryTile]:
    """Categories for choosing by picture; the first one is chosen from the start."""
    order = {code: place for place, code in enumerate(_FIRST)}
    ordered = sorted(categories, key=lambda category: order.get(category["code"], len(order)))
    return [
        {
            "code": category["code"],
            "name": category["name_en"] if lang != "zh" and category["name_en"] else category["name"],
            "icon": _BY_CODE.get(category["code"], _OTHER),
        }
        for category in ordered
    ]
