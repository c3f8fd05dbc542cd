"""Settings: the norm grids are held against, and the categories of cases, with what was changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.trail import changes_of
from gisgrid.analysis.workload import NormPolicy
from gisgrid.areas.levels import (
    DEFAULT,
    SWITCHABLE,
    Levels,
    LevelUse,
    counts_by_level,
    levels_of,
    list_level_versions,
    set_levels,
)
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.cases.category_settings import CategoryFields, add_category, change_category, list_categories
from gisgrid.cases.core.skills import known_skills
from gisgrid.errors import InvalidInput
from gisgrid.labels.areas import LEVELS
from gisgrid.labels.cases import NETS, SEVERITIES
from gisgrid.labels.table import N_
from gisgrid.workforce.norms import Norms, flat_norms, norms_of, set_norms
from web.access.trail import audit_row
from web.answers import writing_view
from web.blueprints import Pages
from web.context import close_reading, current_actor, now, read_session, write_session
from web.frame import open_page, page_request, show
from web.i18n import choices, label
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.problems import ProblemFault, placed
from web.words.levels import level_field

settings = Pages("settings", __name__)
_NORM = ("ok_from", "ok_to", "high_to", "per_member", "micro_from", "micro_to")
_TEXTS = ("name", "name_en", "group", "severity", "net", "line_code", "line_name", "skill")
_ACTIONS = ("norm:change", "category:change", "category:create")


@settings.get(
    "/settings",
    right=Action.NORM_CHANGE,
    entries=(Entry(Group.ADMINISTRATION, 4, "settings", N_("设置"), symbol="list-check"),),
)
def page() -> str:
    """What grids are held against, and for administrators the categories of cases."""
    return _show([], {})


def _show(faults: list[ProblemFault], typed: dict[str, Any]) -> str:
    view, actor = open_page(), current_actor()
    manages = may(actor, Action.CATEGORIES_CHANGE)
    session = read_session()
    return show(
        "workforce/settings.html",
        view,
        norm=flat_norms(norms_of(view)) if view else {},
        levels=_level_rows(view) if view else [],
        level_versions=_version_rows(view) if view else [],
        categories=list_categories(session, actor) if manages else [],
        nets=choices(NETS),
        skills=known_skills(session, actor) if manages else [],
        severities=choices(SEVERITIES),
        history=[audit_row(row) for row in changes_of(session, actor, _ACTIONS)] if manages else [],
        faults=faults,
        typed=typed,
    )


@settings.post("/settings/norm", right=Action.NORM_CHANGE)
def change_norm() -> tuple[str, int] | Response:
    """A norm of the community's own."""
    asked = page_request()
    typed = {name: request.form.get(name, "").strip() for name in _NORM}
    close_reading()
    try:
        numbers = {name: _number(name, text) for name, text in typed.items()}
        policy = NormPolicy(**{name: numbers[name] for name in _NORM[:4]})
        norms = Norms(households=policy, micro_from=numbers["micro_from"], micro_to=numbers["micro_to"])
        with writing_view(asked) as view:
            set_norms(view, norms, now=now())
    except InvalidInput as error:
        return _show([placed(fault) for fault in error.faults], {"norm": typed}), 422
    flash(_("已保存。"), "good")
    return redirect("/settings#norm", 303)


@settings.post("/settings/levels", right=Action.LEVELS_CHANGE)
def change_levels() -> tuple[str, int] | Response:
    """Which levels the community uses, and what it calls them."""
    asked, form = page_request(), request.form
    given = {
        level: LevelUse(
            is_used=form.get(f"{level}.is_used") == "1",
            name=form.get(f"{level}.name", "").strip(),
            name_en=form.get(f"{level}.name_en", "").strip(),
        )
        for level in Level
    }
    reason = form.get("reason", "").strip()
    close_reading()
    try:
        with writing_view(asked) as view:
            has_changed = set_levels(view, given, reason=reason, now=now())
    except InvalidInput as error:
        typed = {"levels": {level.value: asdict(use) for level, use in given.items()}, "reason": reason}
        return _show([_about_level(placed(fault)) for fault in error.faults], typed), 422
    flash(_("已保存。") if has_changed else _("没有改动。"), "good")
    return redirect("/settings#levels", 303)


def _about_level(fault: ProblemFault) -> ProblemFault:
    about = level_field(fault.field or "")
    return fault.model_copy(update={"message": f"{about}:{fault.message}"}) if about else fault


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < len(text) <= 6):
        raise InvalidInput("a whole number is needed", field=name)
    return int(text)


@settings.post("/settings/categories", right=Action.CATEGORIES_CHANGE)
def create_category() -> tuple[str, int] | Response:
    """A new category."""
    return _keep("new")


@settings.post("/settings/categories/<code>", right=Action.CATEGORIES_CHANGE)
def keep_category(code: str) -> tuple[str, int] | Response:
    """Other fields for a category."""
    return _keep(code)


def _keep(code: str) -> tuple[str, int] | Response:
    actor = current_actor()
    require(actor, Action.CATEGORIES_CHANGE)
    typed = {name: request.form.get(name, "").strip() for name in _TEXTS}
    given = CategoryFields(
        **typed,
        is_confidential=request.form.get("confidential") == "1",
        asks_mediation=request.form.get("mediation") == "1",
        is_closed=request.form.get("closed") == "1",
    )
    close_reading()
    try:
        with write_session() as session:
            if code == "new":
                add_category(session, actor, given, now=now())
            else:
                change_category(session, actor, code, given, now=now())
    except InvalidInput as error:
        return _show([placed(fault) for fault in error.faults], {"category": code, **typed}), 422
    flash(_("已保存。"), "good")
    return redirect("/settings#categories", 303)


def _level_rows(view: View) -> list[dict[str, Any]]:
    """Every level as the page of settings has it: whether it is used, its names, how many areas there are."""
    counts = counts_by_level(view)
    return [
        {
            "level": level.value,
            "usual": label(LEVELS, level),
            "is_used": use.is_used,
            "name": use.name,
            "name_en": use.name_en,
            "count": counts[level],
            "can_switch": level in SWITCHABLE and not (use.is_used and counts[level]),
        }
        for level, use in levels_of(view).items()
    ]


def _version_rows(view: View) -> list[dict[str, Any]]:
    """Versions of the levels, the newest first, each with what it changed of the one before it."""
    rows = list_level_versions(view)
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
        old, new, word = before[level], after[level], label(LEVELS, level)
        if old.is_used != new.is_used:
            yield f"{word}:{_('启用') if new.is_used else _('不用')}"
        if old.name != new.name:
            yield f"{word}:{old.name or word} → {new.name or word}"
        if old.name_en != new.name_en:
            yield f"{word} {_('英文')}:{old.name_en or '–'} → {new.name_en or '–'}"
