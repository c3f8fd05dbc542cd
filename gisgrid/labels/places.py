"""Buildings, dwellings and the places where people are served."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import N_, Labels

FACILITY_TYPES: Final[Labels] = {
    "service_center": N_("党群服务中心"),
    "service_station": N_("党员服务站"),
    "volunteer_point": N_("义工服务点"),
    "home_care_station": N_("居家养老服务站"),
    "red_post": N_("红色驿站"),
}
FACILITY_SIGNS: Final[Labels] = {
    "service_center": N_("党"),
    "service_station": N_("站"),
    "volunteer_point": N_("义"),
    "home_care_station": N_("养"),
    "red_post": N_("驿"),
}
"""The one letter of each kind on a map."""
FACILITY_SERVES: Final[Labels] = {
    "service_center": N_("全社区居民:办事咨询、教育培训、文体活动"),
    "service_station": N_("小区居民:就近办事、反映问题"),
    "volunteer_point": N_("附近居民和义工:志愿服务"),
    "home_care_station": N_("附近老人:日间照料、助餐、上门服务"),
    "red_post": N_("物业小区居民:反映物业和其他问题"),
}
"""Whom each kind serves, and with what."""
HOUSEHOLD_KINDS: Final[Labels] = {
    "owned": "自住",
    "rented": "出租",
    "collective": "集体",
    "vacant": "空置",
    "second_home": "第二居所",
}
"""Only in files: pages name no kinds."""
CONDITIONS: Final[Labels] = {
    "A": N_("A 级 安全"),
    "B": N_("B 级 基本完好"),
    "C": N_("C 级 局部危险"),
    "D": N_("D 级 整体危险"),
}
BUILT_UNTIL: Final[Labels] = {
    "1980": N_("1980 年前"),
    "2000": N_("1980–1999 年"),
    "2010": N_("2000–2009 年"),
    "9999": N_("2010 年及以后"),
}
"""Classes of years of building, each by the year before which it ends."""
LOCATED: Final[Labels] = {
    "household": N_("住户"),
    "building": N_("楼栋"),
    "compound": N_("小区"),
    "case": N_("案件"),
}
"""What is found by its address or its position."""
GROUND: Final[Labels] = {
    "building": N_("楼栋"),
    "street": N_("街道"),
    "water": N_("水面"),
    "green": N_("绿地"),
}
"""What the base map draws."""
MAP_LAYERS: Final[Labels] = {
    "buildings": N_("楼栋"),
    "streets": N_("街道"),
    "labels": N_("文字"),
    "facilities": N_("公共设施"),
}
"""What of a map can be switched off and on."""
