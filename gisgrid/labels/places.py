"""Buildings, dwellings and the places where people are served."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import Labels
from gisgrid.labels.table import mark as _

FACILITY_TYPES: Final[Labels] = {
    "service_center": _("党群服务中心"),
    "service_station": _("党员服务站"),
    "volunteer_point": _("义工服务点"),
    "home_care_station": _("居家养老服务站"),
    "red_post": _("红色驿站"),
}
HOUSEHOLD_KINDS: Final[Labels] = {"owned": "自住", "rented": "出租", "collective": "集体", "vacant": "空置"}
"""Only in files: pages name no kinds."""
CONDITIONS: Final[Labels] = {
    "A": _("A 级 安全"),
    "B": _("B 级 基本完好"),
    "C": _("C 级 局部危险"),
    "D": _("D 级 整体危险"),
}
BUILT_UNTIL: Final[Labels] = {
    "1980": _("1980 年前"),
    "2000": _("1980–1999 年"),
    "2010": _("2000–2009 年"),
    "9999": _("2010 年及以后"),
}
"""Classes of years of building, each by the year before which it ends."""
LOCATED: Final[Labels] = {
    "household": _("住户"),
    "building": _("楼栋"),
    "compound": _("小区"),
    "case": _("案件"),
}
"""What is found by its address or its position."""
GROUND: Final[Labels] = {"building": _("楼栋"), "street": _("街道"), "water": _("水面"), "green": _("绿地")}
"""What the base map draws."""
MAP_LAYERS: Final[Labels] = {
    "buildings": _("楼栋"),
    "streets": _("街道"),
    "labels": _("文字"),
    "facilities": _("服务设施"),
}
"""What of a map can be switched off and on."""
