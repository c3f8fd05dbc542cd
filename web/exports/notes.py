"""What is said of exports: what a layer holds and hides from whom, forms of files, coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from data.exporters.layer import Layer
from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.crs import metric_epsg
from web.i18n import current_language
from web.i18n import gettext as _
from web.words.left_out import left_out_of_lists
from web.words.signs import signs_explained

ICONS: Final = {
    "areas": "border-outer",
    "cells": "columns-gap",
    "buildings": "building",
    "streets": "bezier2",
    "facilities": "geo-alt",
    "households": "house-door",
    "residents": "people",
    "members": "person-circle",
    "cases": "clipboard-check",
    "records": "clipboard-data",
    "hotspots": "fire",
    "indicators": "bar-chart",
    "elderly": "person-hearts",
    "territories": "pentagon",
    "renovation": "house-heart",
    "revisions": "clock",
}
_WITH_COUNTS: Final = frozenset({"areas", "elderly", "territories", "renovation", "hotspots"})
_WITH_CASES: Final = frozenset({"areas", "hotspots", "indicators", "territories", "renovation"})
_PERSONS_OF_OWN: Final = frozenset({Role.MEMBER, Role.STAFF})


def title_of(layer: Layer) -> str:
    """A layer's name."""
    return layer.title if current_language() == "zh" else layer.title_en


def hidden_in(layer: Layer, actor: Actor) -> list[str]:
    """What is left out of a layer for this account, a sentence each."""
    said = []
    if layer.name in _WITH_COUNTS and not actor.sees_exact_counts:
        said.append(signs_explained())
    if layer.name in _WITH_CASES and not actor.sees_exact_counts:
        said.append(_("案件不含保密类别。"))
    if layer.name == "residents":
        said.append(_("不满 14 周岁的人、不同意或撤回同意的住户不列出。"))
        if actor.role == Role.HEAD:
            said.append(_("姓名只留第一个字,没有出生日期和电话。"))
        if actor.role in _PERSONS_OF_OWN:
            said.append(_("只有您自己网格里的人。"))
    if layer.name == "households":
        said.append(_("只有地址,没有姓名和联系电话;是否同意登记不列出。"))
        if actor.role in {Role.MEMBER, Role.GRID_LEADER}:
            said.append(_("只有您自己网格里的住户。"))
        if actor.role == Role.STEWARD:
            said.append(_("只有您负责楼栋里的住户。"))
    if (hides := _HIDING.get(layer.name)) is not None:
        said += hides(actor)
    return said


def _hidden_cases(actor: Actor) -> list[str]:
    said = [_("上报人和联系方式不列出。")]
    if actor.role == Role.MEMBER:
        said.append(_("只有您自己网格的、您认领的和您上报的案件。"))
    if actor.role == Role.LEADER:
        said.append(left_out_of_lists(actor))
        said.append(_("地点只到微网格和 100 米方格,说明只列已公开的,没有主办人;升级到街道的案件列确切位置。"))
    if actor.role in {Role.GRID_LEADER, Role.STEWARD}:
        said.append(_("只有您负责范围内的、交给您的和您上报的案件。"))
        said.append(_("保密类别的案件不列出。"))
    return said


def references_for(view: View | None) -> Sequence[tuple[str, str]]:
    """The coordinates one may choose, each with its plain name; metres by where the community lies."""
    references = [
        ("EPSG:4326", _("经纬度 WGS-84(GPS、手机定位)")),
        ("EPSG:4490", _("经纬度 国家 2000")),
    ]
    outline = view.division.outlines.get(view.community.id) if view else None
    if outline is not None:
        code = metric_epsg(outline.centroid.x, outline.centroid.y)
        references.append((f"EPSG:{code}", _("平面坐标 国家 2000,米(EPSG:{code})").format(code=code)))
    return [
        *references,
        ("GCJ-02", _("高德、腾讯地图的坐标(GCJ-02)")),
        ("BD-09", _("百度地图的坐标(BD-09)")),
    ]


def _hidden_records(actor: Actor) -> list[str]:
    said = [_("只有日期、表单、对象和填写人,没有填写的内容;对象不同意后不列出。")]
    return [*said, _("姓名只留第一个字。")] if actor.role == Role.HEAD else said


_HIDING: Final = {"cases": _hidden_cases, "records": _hidden_records}
