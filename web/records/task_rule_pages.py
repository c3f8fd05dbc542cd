"""The rules of tasks as a community sets them: who is visited how often, changed from tomorrow on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.areas.view import View
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.forms.tasks.model import Monthly, Rhythm, Schedule
from gisgrid.labels.table import N_
from gisgrid.labels.tasks import FACT_WORDS, RULE_FIELDS, RULE_REASONS, SHIPPED_RULES
from gisgrid.records.core.subject_choices import FACTS_OF
from gisgrid.records.publication.queries import FormListed, list_forms
from gisgrid.records.task_rules.inputs import NewRule, RuleChange
from gisgrid.records.task_rules.queries import TaskRuleListed, list_task_rules
from gisgrid.records.task_rules.service import add_rule, change_rule
from gisgrid.records.work.rule_versions import RuleVersion
from web.answers import writing_view
from web.blueprints import Pages
from web.context import close_reading, now
from web.frame import open_page, page_request, show
from web.i18n import current_language, label
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.problems import ProblemFault, placed
from web.words.choice_words import words_of

task_rule_pages = Pages("task_rules", __name__)
NUMBERS: Final = ("priority", "every_days", "every_months", "first", "lead", "days", "keep")
"""Fields of the form that are whole numbers."""
_SENT_AS: Final = {"open": "lead", "every": "every_days", "after.days": "days", "every.days": "every_days"}
"""Parts of a rule's document by the field of the form in which they are typed."""


@task_rule_pages.get(
    "/settings/tasks",
    right=Action.RULES_CHANGE,
    entries=(Entry(Group.VISITS, 9, "task_rules", N_("任务规则")),),
)
def page() -> str:
    """Every rule in words with its versions, a form to change it, and one for a new rule."""
    return _show([], {}, "")


@task_rule_pages.post("/settings/tasks", right=Action.RULES_CHANGE)
def add() -> tuple[str, int] | Response:
    """A rule of the community's own, from tomorrow on."""
    typed = _typed()

    def keep(view: View) -> None:
        add_rule(view, _new(typed), now=now())

    return _kept(keep, typed, "")


@task_rule_pages.post("/settings/tasks/<code>", right=Action.RULES_CHANGE)
def change(code: str) -> tuple[str, int] | Response:
    """A changed rule, from tomorrow on."""
    typed = _typed()

    def keep(view: View) -> None:
        change_rule(view, code, _change(typed), now=now())

    return _kept(keep, typed, code)


def _kept(keep: Any, typed: Mapping[str, str], code: str) -> tuple[str, int] | Response:
    asked = page_request()
    close_reading()
    try:
        with writing_view(asked) as view:
            keep(view)
    except InvalidInput as error:
        return _show([placed(fault) for fault in error.faults], typed, code), 422
    flash(_("已保存,从明天起按新规则。今天的清单不变。"), "good")
    return redirect(f"/settings/tasks#{code}" if code else "/settings/tasks#own", 303)


def _typed() -> dict[str, str]:
    return {name: value.strip()[:1100] for name, value in request.form.items() if name != "csrf_token"}


def _change(typed: Mapping[str, str]) -> RuleChange:
    numbers = _numbers(typed)
    return RuleChange(is_on="is_on" in typed, who=typed.get("who"), **numbers)


def _new(typed: Mapping[str, str]) -> NewRule:
    numbers = {name: number for name, number in _numbers(typed).items() if number is not None}
    is_monthly = typed.get("schedule") == "month"
    return NewRule(form=typed.get("form", ""), who=typed.get("who"), is_monthly=is_monthly, **numbers)


def _numbers(typed: Mapping[str, str]) -> dict[str, int | None]:
    """The numbers that were typed; an empty rhythm is none."""
    faults: list[Fault] = []
    numbers: dict[str, int | None] = {}
    for name in (name for name in NUMBERS if name in typed):
        text = typed[name] or "0"
        if text.isdecimal() and text.isascii() and len(text) <= 6:
            numbers[name] = int(text)
        else:
            faults.append(Fault(message=say("this is no whole number"), field=name))
    if faults:
        raise InvalidInput(faults)
    return numbers


def _show(faults: list[ProblemFault], typed: Mapping[str, str], code: str) -> str:
    view = open_page()
    if view is None:
        return show("records/task_rules.html", None, rules=None)
    forms = [row for row in list_forms(view) if row["version"] is not None and row["subject"] in FACTS_OF]
    titles = {row["code"]: _title(row) for row in forms}
    return show(
        "records/task_rules.html",
        view,
        rules=[_rule(row, titles) for row in sorted(list_task_rules(view), key=_place)],
        forms=list(titles.items()),
        facts=sorted(FACT_WORDS),
        faults=[_named(fault) for fault in faults],
        typed=typed,
        open_rule=code,
    )


def _place(row: TaskRuleListed) -> tuple[bool, int, str]:
    """The rules that come with the program as they are told there, then one's own."""
    codes = list(SHIPPED_RULES)
    return row.code not in codes, codes.index(row.code) if row.code in codes else len(row.code), row.code


def _named(fault: ProblemFault) -> ProblemFault:
    field = _SENT_AS.get(fault.field or "", fault.field or "")
    if field not in RULE_FIELDS:
        return fault
    return fault.model_copy(update={"message": f"{label(RULE_FIELDS, field)}:{fault.message}"})


def _title(form: FormListed) -> str:
    title = form["title"]
    return title.get(current_language()) or next(iter(title.values()), form["code"])


def _rule(row: TaskRuleListed, titles: Mapping[str, str]) -> dict[str, Any]:
    newest = row.newest
    form = titles.get(newest.rule.form, newest.rule.form)
    return {
        "code": row.code,
        "title": label(SHIPPED_RULES, row.code) if row.code in SHIPPED_RULES else form,
        "form": form,
        "why": label(RULE_REASONS, row.code) if row.code in RULE_REASONS else "",
        "is_filled": row.is_filled,
        "counts": row.counts is not None and row.counts.is_on,
        "coming": newest if row.counts is not newest else None,
        "newest": newest,
        "kind": _kind(newest.rule.schedule),
        "who": words_of(newest.rule.who),
        "when": _when(newest.rule.schedule),
        "versions": [_version(row, version) for version in row.versions],
    }


def _version(row: TaskRuleListed, version: RuleVersion) -> dict[str, Any]:
    made = row.made.get(version.number) if version.is_own else None
    return {
        "since": version.since,
        "is_on": version.is_on,
        "is_own": version.is_own,
        "who": words_of(version.rule.who),
        "when": _when(version.rule.schedule),
        "at": made.at if made else None,
        "by": made.by if made else None,
    }


def _kind(schedule: Schedule) -> str:
    if isinstance(schedule, Monthly):
        return "month"
    return "every" if isinstance(schedule, Rhythm) else "after"


def _when(schedule: Schedule) -> str:
    if isinstance(schedule, Monthly):
        return _("每个自然月一次")
    if isinstance(schedule, Rhythm):
        if schedule.days:
            return _("上次之后每 {n} 天").format(n=schedule.days)
        return _("上次之后每 {n} 个月").format(n=schedule.months)
    return _("情况登记后 {n} 天内").format(n=schedule.days)
