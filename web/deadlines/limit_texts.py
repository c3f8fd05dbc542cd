"""Time limits as people say them, in the reader's language: 24 小时, 4 工作时, 2 工作日, 次日 06:00."""

from __future__ import annotations

from datetime import time
from typing import Final

from gisgrid.cases.deadlines.limits import Limit, Until
from gisgrid.cases.deadlines.worktime import LimitUnit
from gisgrid.labels.cases import HOTLINE_CLASSES, SEVERITIES, WARNING_LEVELS
from web.i18n import gettext as _
from web.i18n import label

_HOUR: Final = 60
_DAY: Final = 24 * _HOUR


def limit_text(limit: Limit | None) -> str:
    """A limit as people say it."""
    if limit is None:
        return "–"
    if isinstance(limit, Until):
        return _until(limit)
    if limit.unit == LimitUnit.WORK_DAY:
        return _("{n} 工作日").format(n=limit.amount)
    number = f"{limit.amount / _HOUR:g}"
    if limit.unit == LimitUnit.WORK_HOUR:
        return _("{n} 工作时").format(n=number)
    return _running(limit.amount, number)


def _running(minutes: int, hours: str) -> str:
    if minutes < _HOUR:
        return _("{n} 分钟").format(n=minutes)
    if minutes > _DAY and minutes % _DAY == 0:
        return _("{n} 天").format(n=minutes // _DAY)
    return _("{n} 小时").format(n=hours)


def _until(limit: Until) -> str:
    clock = limit.at.strftime("%H:%M")
    if limit.days == 0:
        return _("当天 {clock}").format(clock=clock)
    if limit.at == time(0) and limit.days == 1:
        return _("当天 {clock}").format(clock="24:00")
    if limit.days == 1:
        return _("次日 {clock}").format(clock=clock)
    return _("{n} 天后 {clock}").format(n=limit.days, clock=clock)


def rule_field_name(field: str, categories: dict[str, str]) -> str:
    """What a field of the rules is about: 小事 · 期限."""
    part, _dot, rest = field.partition(".")
    key, _dot, side = rest.partition(".")
    sides = {"target": _("黄灯"), "deadline": _("红灯")}
    if part == "severities" and key in SEVERITIES:
        word = label(SEVERITIES, key)
    elif part == "hotline" and key in HOTLINE_CLASSES:
        word = label(HOTLINE_CLASSES, key)
    elif part == "levels" and key in WARNING_LEVELS:
        word = label(WARNING_LEVELS, key)
    elif part == "categories":
        word = categories.get(key, key)
    else:
        words = {
            "hours": _("上班时间"),
            "holidays": _("节假日"),
            "claim_minutes": _("认领时间"),
            "levels": _("提醒与上报"),
            "valid_from": _("从哪天起"),
            "day": _("日期"),
            "name": _("名称"),
        }
        return words.get(part, field)
    name = sides.get(side.partition(".")[0])
    return f"{word} · {name}" if name else word
