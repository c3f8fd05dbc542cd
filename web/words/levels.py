"""Words for the levels of areas, in the reader's language: a community's own where it has some."""

from __future__ import annotations

from gisgrid.areas.levels import (
    levels_of,
)
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.labels.areas import LEVELS
from web.i18n import current_language, label
from web.i18n import gettext as _


def level_names(view: View | None) -> dict[str, str]:
    """The levels that are used, top down, with their names: the community's own, else the usual ones.

    Without an English name of its own a level has the usual one in English.
    """
    if view is None:
        return {level.value: label(LEVELS, level) for level in Level}
    own = "name" if current_language() == "zh" else "name_en"
    return {
        level.value: getattr(use, own) or label(LEVELS, level)
        for level, use in levels_of(view).items()
        if use.is_used
    }


def level_field(field: str) -> str | None:
    """What a field of the levels is called, like ``sub_area.name``; nothing for other fields."""
    level, _dot, part = field.partition(".")
    parts = {"is_used": _("启用"), "name": _("名称"), "name_en": _("英文名称")}
    return f"{label(LEVELS, level)} · {parts[part]}" if level in LEVELS and part in parts else None
