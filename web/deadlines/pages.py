"""Time limits of cases as a community sets them: versions from a day on, duty hours, own days off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.areas.view import ViewRequest
from gisgrid.cases.core.rules import Severity
from gisgrid.cases.deadlines.levels import WarningLevel
from gisgrid.cases.deadlines.limits import AMBER, Limit, Until
from gisgrid.cases.deadlines.rule_versions import (
    OwnDay,
    VersionRow,
    add_version,
    drop_own_day,
    flat_limits,
    list_versions,
    own_days,
    rules_of,
    set_own_day,
)
from gisgrid.cases.deadlines.rulebook import DEFAULT, EXAMPLES, Example, HotlineClass, Rulebook, read_rulebook
from gisgrid.cases.deadlines.workdays import Holidays, known_years
from gisgrid.cases.deadlines.worktime import LimitUnit
from gisgrid.days import start_of
from gisgrid.errors import Fault, InvalidInput
from gisgrid.figures.hotspots import categories as category_rows
from gisgrid.labels.cases import HOLIDAYS, HOTLINE_CLASSES, LIMIT_UNITS, SEVERITIES, WARNING_LEVELS
from gisgrid.labels.table import N_
from web.answers import writing_view
from web.blueprints import Pages
from web.context import close_reading, now, services
from web.deadlines.limit_texts import limit_text, rule_field_name
from web.forms import read_day
from web.frame import open_page, page_request, show
from web.i18n import choices, current_language, label
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.problems import ProblemFault, placed
from web.words.categories import category_word

limits = Pages("limits", __name__)
_MINUTE: Final = "minute"
_CLOCK: Final = "clock"
_SHIFTS: Final = 3
"""How many stretches of duty a day may have in the form."""
_HOUR: Final = 60
_AHEAD: Final = timedelta(days=60)
"""So long before a year begins its holidays should be known: they are published in November."""


@limits.get(
    "/settings/limits",
    right=Action.LIMITS_CHANGE,
    entries=(Entry(Group.ADMINISTRATION, 5, "limits", N_("办理时限"), symbol="calendar3"),),
)
def page() -> str:
    """The rules in force, a form for new ones, own days, and all versions there have been."""
    return _show([], {})


def _show(faults: list[ProblemFault], typed: Mapping[str, str]) -> str:
    view = open_page()
    if view is None:
        return show("deadlines/limits.html", None, form=None, faults=faults)
    tz, instant = services().settings.tz, now()
    rules = rules_of(view, at=instant)
    names = {row["code"]: category_word(row["name"]) for row in category_rows(view)}
    values = {**_filled(rules), **typed}
    versions = list_versions(view, now=instant)
    last_known = known_years().stop - 1
    return show(
        "deadlines/limits.html",
        view,
        form=values,
        severities=[(f"severities.{severity}", word) for severity, word in choices(SEVERITIES)],
        hotline=[(f"hotline.{hotline_class}", word) for hotline_class, word in choices(HOTLINE_CLASSES)],
        categories=[(f"categories.{code}.deadline", name) for code, name in names.items()],
        units=choices(LIMIT_UNITS),
        holidays=choices(HOLIDAYS),
        shifts=range(_SHIFTS),
        told_fields=[(f"levels.{level}", word) for level, word in choices(WARNING_LEVELS)],
        told_at={level.value: f"{percent}%" for level, percent in rules.levels.rows()},
        examples=[(_example(example), limit_text(example.limit)) for example in EXAMPLES],
        summary=_summary(rules, names),
        versions=_history(versions, names),
        days=own_days(view),
        last_known=last_known,
        is_known=(instant.astimezone(tz) + _AHEAD).year <= last_known,
        faults=[_named(fault, names) for fault in faults],
    )


def _example(example: Example) -> str:
    return example.name if current_language() == "zh" else example.name_en


def _named(fault: ProblemFault, names: dict[str, str]) -> ProblemFault:
    if not fault.field:
        return fault
    about = rule_field_name(fault.field, names)
    return fault.model_copy(update={"message": f"{about}:{fault.message}"})


def _summary(rules: Rulebook, names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Every rule in words: what for, when amber, when red."""
    lines = [(label(SEVERITIES, key), rule) for key, rule in rules.severities.items()]
    lines += [(names.get(key, key), rule) for key, rule in rules.categories.items()]
    text = limit_text
    return [
        (word, text(rule.target) if rule.target else f"{AMBER}%", text(rule.deadline)) for word, rule in lines
    ]


def _history(versions: list[VersionRow], names: dict[str, str]) -> list[dict[str, Any]]:
    """Versions, the newest first, with what each changed of the one before it."""
    order = sorted(versions, key=lambda row: (row.valid_from, row.number))
    before = dict(zip((row.number for row in order), (DEFAULT, *(row.rules for row in order)), strict=False))
    return [
        {
            "number": row.number,
            "valid_from": row.valid_from,
            "made_at": row.made_at,
            "by": row.by,
            "is_in_force": row.is_in_force,
            "is_coming": row.valid_from > now(),
            "changes": _differences(before[row.number], row.rules, names),
        }
        for row in versions
    ]


def _differences(before: Rulebook, after: Rulebook, names: dict[str, str]) -> list[str]:
    old, new = flat_limits(before), flat_limits(after)
    text = limit_text
    changes = [
        f"{rule_field_name(field, names)} {text(old.get(field))} → {text(new.get(field))}"
        for field in {**old, **new}
        if old.get(field) != new.get(field)
    ]
    if before.hours != after.hours:
        changes.append(f"{_('上班时间')} {_hours(before)} → {_hours(after)}")
    if before.claim_minutes != after.claim_minutes:
        minutes = [_("{n} 分钟").format(n=rules.claim_minutes) for rules in (before, after)]
        changes.append(f"{_('认领时间')} {minutes[0]} → {minutes[1]}")
    changes += [
        f"{label(WARNING_LEVELS, who)} {old}% → {new}%"
        for (who, old), (_who, new) in zip(before.levels.rows(), after.levels.rows(), strict=True)
        if old != new
    ]
    if before.holidays != after.holidays:
        changes.append(label(HOLIDAYS, after.holidays))
    return changes


def _hours(rules: Rulebook) -> str:
    return "、".join(f"{shift.start:%H:%M}–{shift.end:%H:%M}" for shift in rules.hours)


def _filled(rules: Rulebook) -> dict[str, str]:
    """The rules as the form shows them, by field."""
    fields = {"holidays": rules.holidays.value, "claim_minutes": str(rules.claim_minutes)}
    fields |= {f"levels.{who}": str(percent) for who, percent in rules.levels.rows()}
    for place_in_day, shift in enumerate(rules.hours):
        fields |= {f"hours.{place_in_day}.from": f"{shift.start:%H:%M}"}
        fields |= {f"hours.{place_in_day}.to": f"{shift.end:%H:%M}"}
    for field, limit in flat_limits(rules).items():
        number, unit, clock = _parts(limit)
        fields |= {f"{field}.n": number, f"{field}.u": unit, f"{field}.t": clock}
    return fields


def _parts(limit: Limit) -> tuple[str, str, str]:
    if isinstance(limit, Until):
        return str(limit.days), _CLOCK, f"{limit.at:%H:%M}"
    if limit.unit == LimitUnit.WORK_DAY:
        return str(limit.amount), limit.unit.value, ""
    if limit.unit == LimitUnit.CONTINUOUS_HOUR and (limit.amount < _HOUR or limit.amount % (_HOUR // 2)):
        return str(limit.amount), _MINUTE, ""
    return f"{limit.amount / _HOUR:g}", limit.unit.value, ""


@limits.post("/settings/limits", right=Action.LIMITS_CHANGE)
def change() -> tuple[str, int] | Response:
    """New rules, from now or from a day on; cases keep those they were reported under."""
    asked = page_request()
    typed = {name: value.strip()[:80] for name, value in request.form.items() if name != "csrf_token"}
    close_reading()
    try:
        rules, valid_from = _sent(typed)
        with writing_view(asked) as view:
            add_version(view, rules, valid_from=valid_from, now=now())
    except InvalidInput as error:
        return _show([placed(fault) for fault in error.faults], typed), 422
    flash(_("已保存。"), "good")
    return redirect("/settings/limits#versions", 303)


def _sent(typed: Mapping[str, str]) -> tuple[Rulebook, datetime]:
    """The form as rules, with the instant from which they hold; every fault of it at once."""
    document: dict[str, Any] = {"holidays": typed.get("holidays", Holidays.CHINA.value)}
    if minutes := typed.get("claim_minutes", ""):
        document["claim_minutes"] = _number(minutes)
    levels = {level.value: typed[f"levels.{level}"] for level in WarningLevel if f"levels.{level}" in typed}
    document["levels"] = {name: _number(value) for name, value in levels.items()}
    for part, keys in (("severities", Severity), ("hotline", HotlineClass)):
        document[part] = {}
        for key in keys:
            field = f"{part}.{key}"
            document[part][key.value] = (
                _limit(typed, field)
                if part == "hotline"
                else {
                    "target": _limit(typed, f"{field}.target"),
                    "deadline": _limit(typed, f"{field}.deadline"),
                }
            )
    own = [name.removesuffix(".deadline.n") for name in typed if name.startswith("categories.")]
    rows = {field.partition(".")[2]: _limit(typed, f"{field}.deadline") for field in own if "." in field}
    document["categories"] = {code: {"deadline": limit} for code, limit in rows.items() if limit}
    shifts = [[typed.get(f"hours.{at}.from", ""), typed.get(f"hours.{at}.to", "")] for at in range(_SHIFTS)]
    document["hours"] = [shift for shift in shifts if any(shift)]
    faults: list[Fault] = []
    rules, valid_from = DEFAULT, now()
    try:
        rules = read_rulebook(document)
    except InvalidInput as error:
        faults += error.faults
    try:
        valid_from = _valid_from(typed.get("valid_from", ""))
    except InvalidInput as error:
        faults += error.faults
    if faults:
        raise InvalidInput(faults)
    return rules, valid_from


def _limit(typed: Mapping[str, str], field: str) -> dict[str, Any] | None:
    """One limit of the form as the rules' document has it; nothing where no number is given."""
    number, unit = typed.get(f"{field}.n", ""), typed.get(f"{field}.u", "")
    if not number:
        return None
    try:
        value = float(number)
    except ValueError:
        return {"amount": number, "unit": unit}
    if unit == _CLOCK:
        return {"days": _whole(value), "at": typed.get(f"{field}.t", "")}
    if unit == LimitUnit.WORK_DAY:
        return {"amount": _whole(value), "unit": unit}
    if unit == _MINUTE:
        return {"amount": _whole(value), "unit": LimitUnit.CONTINUOUS_HOUR.value}
    return {"amount": _whole(value * _HOUR), "unit": unit}


def _number(text: str) -> int | str:
    """A whole number, else the text as it is, which the rules then refuse."""
    return int(text) if text.isascii() and text.isdecimal() else text


def _whole(value: float) -> float | int:
    return int(value) if value.is_integer() else value


def _valid_from(text: str) -> datetime:
    """The start of a day; of today, now. Without a day, now."""
    tz, instant = services().settings.tz, now()
    if not text:
        return instant
    day = read_day(text, "valid_from")
    return instant if day == instant.astimezone(tz).date() else start_of(day, tz)


def _works(text: str) -> bool:
    if text not in {"0", "1"}:
        raise InvalidInput("say whether the community works on that day", field="works")
    return text == "1"


@limits.post("/settings/limits/days", right=Action.LIMITS_CHANGE)
def add_day() -> tuple[str, int] | Response:
    """A day on which the community works, or doesn't, other than the calendar says."""
    asked = page_request()
    form = request.form
    typed = {
        "own_day": form.get("day", "")[:10],
        "own_name": form.get("name", "").strip()[:80],
        "own_works": form.get("works", "")[:1],
    }
    close_reading()
    try:
        day = read_day(typed["own_day"], "day")
        own = OwnDay(day=day, is_work=_works(typed["own_works"]), name=typed["own_name"])
        with writing_view(asked) as view:
            set_own_day(view, own, now=now())
    except InvalidInput as error:
        return _show([placed(fault) for fault in error.faults], typed), 422
    flash(_("已保存。"), "good")
    return redirect("/settings/limits#days", 303)


@limits.post("/settings/limits/days/<day>/drop", right=Action.LIMITS_CHANGE)
def drop_day(day: str) -> Response:
    """Let the calendar decide on a day again."""
    asked: ViewRequest = page_request()
    close_reading()
    with writing_view(asked) as view:
        drop_own_day(view, read_day(day, "day"), now=now())
    flash(_("已保存。"), "good")
    return redirect("/settings/limits#days", 303)
