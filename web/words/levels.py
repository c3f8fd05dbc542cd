"""Words for the levels of areas, in the reader's language: a community's own where it has some."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from typing_extensions import TypedDict

from gisgrid.areas.levels import (
    DEFAULT,
    SWITCHABLE,
    Levels,
    counts_by_level,
    levels_of,
    list_level_versions,
)
from gisgrid.areas.models import Level
from gisgrid.areas.view import Look
from web.i18n import current_language
from web.i18n import gettext as _


def usual_name(level: str) -> str:
    """What a level is called where nobody has given it another name."""
    names = {
        Level.SUBDISTRICT: _("街道"),
        Level.COMMUNITY: _("社区"),
        Level.SUB_AREA: _("片区"),
        Level.COMPOUND: _("小区"),
        Level.GRID: _("网格"),
        Level.MICRO_GRID: _("微网格"),
    }
    return names[Level(level)]


def level_names(look: Look | None) -> dict[str, str]:
    """The levels that are used, top down, with their names: the community's own, else the usual ones.

    Without an English name of its own a level has the usual one in English.
    """
    if look is None:
        return {level.value: usual_name(level) for level in Level}
    own = "name" if current_language() == "zh" else "name_en"
    return {
        level.value: getattr(use, own) or usual_name(level)
        for level, use in levels_of(look).items()
        if use.is_used
    }


class LevelSetting(TypedDict):
    """A level as the page of settings has it."""

    level: str
    usual: str
    is_used: bool
    name: str
    name_en: str
    count: int
    can_switch: bool


class LevelChange(TypedDict):
    """A version of the levels, with what it changed of the one before it."""

    number: int
    made_at: datetime
    by: str | None
    reason: str
    changes: list[str]


def told_levels(look: Look) -> list[LevelSetting]:
    """Every level as the page of settings has it: whether it is used, its names, how many areas there are."""
    counts = counts_by_level(look)
    return [
        {
            "level": level.value,
            "usual": usual_name(level),
            "is_used": use.is_used,
            "name": use.name,
            "name_en": use.name_en,
            "count": counts[level],
            "can_switch": level in SWITCHABLE and not (use.is_used and counts[level]),
        }
        for level, use in levels_of(look).items()
    ]


def told_versions(look: Look) -> list[LevelChange]:
    """Versions of the levels, the newest first, each with what it changed of the one before it."""
    rows = list_level_versions(look)
    before = [*(row.levels for row in rows[1:]), DEFAULT][: len(rows)]
    return [
        {
            "number": row.number,
            "made_at": row.made_at,
            "by": row.by,
            "reason": row.reason,
            "changes": list(_differences(old, row.levels)),
        }
        for row, old in zip(rows, before, strict=True)
    ]


def _differences(before: Levels, after: Levels) -> Iterator[str]:
    for level in Level:
        old, new, word = before[level], after[level], usual_name(level)
        if old.is_used != new.is_used:
            yield f"{word}:{_('启用') if new.is_used else _('不用')}"
        if old.name != new.name:
            yield f"{word}:{old.name or word} → {new.name or word}"
        if old.name_en != new.name_en:
            yield f"{word} {_('英文')}:{old.name_en or '–'} → {new.name_en or '–'}"


def level_field(field: str) -> str | None:
    """What a field of the levels is called, like ``sub_area.name``; nothing for other fields."""
    level, _dot, part = field.partition(".")
    parts = {"is_used": _("启用"), "name": _("名称"), "name_en": _("英文名称")}
    return f"{usual_name(level)} · {parts[part]}" if level in set(Level) and part in parts else None
