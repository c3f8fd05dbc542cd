"""The page of the monthly appraisal: all members for heads, one's own score, marks for evaluators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.errors import InvalidInput
from gisgrid.indicators.appraisals.queries import appraisals, choice_in, open_appeals, shares
from gisgrid.indicators.appraisals.rules import FEWEST_CASES, is_over, month_of
from gisgrid.indicators.appraisals.service import answer, appeal, choose, give_mark
from gisgrid.labels.table import N_
from web.answers import audited, writing_view
from web.appraisals.api import chosen_month, row_of
from web.blueprints import Pages
from web.context import close_reading, now
from web.forms import read_whole
from web.frame import open_page, page_request, show
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.problems import ProblemFault, placed

appraising = Pages("appraisals", __name__)
_MONTHS: Final = 12


@appraising.get(
    "/appraisals",
    right=Action.APPRAISALS_VIEW,
    entries=(Entry(Group.FIGURES, 2, "appraisals", N_("考核")),),
)
def page() -> tuple[str, int]:
    """Scores of a month with all their parts."""
    try:
        return _show(request.args.get("month"), []), 200
    except InvalidInput as error:
        return _show(None, [placed(fault) for fault in error.faults]), 422


def _show(month_text: str | None, faults: list[ProblemFault]) -> str:
    view = open_page()
    if view is None:
        return show("appraisals/list.html", None, rows=[], faults=faults, month=None)
    month, today = chosen_month(view, month_text), day_of(now(), view.tz)
    decides = may(view.actor, Action.APPRAISALS_DECIDE)
    # All is read before the entries are written: a view is not read from after that.
    with audited(view.session):
        rows = [row_of(member) for member in appraisals(view, month, now=now())]
        choice, waiting = choice_in(view, month), open_appeals(view)
        present = choice_in(view, today.replace(day=1))
        history = shares(view) if decides else []
    return show(
        "appraisals/list.html",
        view,
        rows=rows,
        faults=faults,
        month=f"{month:%Y-%m}",
        months=last_months(today),
        is_over=is_over(month, now=now(), tz=view.tz),
        is_on=choice.is_on,
        share=choice.share,
        present=present,
        fewest=FEWEST_CASES,
        waiting=waiting,
        history=history,
        this_month=f"{today:%Y-%m}",
    )


def last_months(today: date) -> list[str]:
    """The present month and those before it, the newest first."""
    first = today.year * 12 + today.month - 1
    return [f"{at // 12}-{at % 12 + 1:02d}" for at in range(first, first - _MONTHS, -1)]


@appraising.post("/appraisals/marks", right=Action.APPRAISALS_MARK)
def mark() -> tuple[str, int] | Response:
    """Keep a mark from outside."""

    def work(view: View, form: dict[str, str]) -> Any:
        number = read_whole(form.get("mark", ""), "mark")
        return give_mark(view, form.get("worker", ""), month_of(form.get("month", "")), number, now=now())

    return _done(work)


@appraising.post("/appraisals/appeals", right=Action.APPRAISALS_APPEAL)
def object_to() -> tuple[str, int] | Response:
    """Object to the own score."""

    def work(view: View, form: dict[str, str]) -> Any:
        return appeal(view, month_of(form.get("month", "")), form.get("reason", ""), now=now())

    return _done(work)


@appraising.post("/appraisals/appeals/<appeal_id>", right=Action.APPRAISALS_DECIDE)
def answer_to(appeal_id: str) -> tuple[str, int] | Response:
    """Answer an appeal."""

    def work(view: View, form: dict[str, str]) -> Any:
        points = read_whole(form.get("adjusted") or "0", "adjusted")
        return answer(view, appeal_id, form.get("answer", ""), adjusted=points, now=now())

    return _done(work)


@appraising.post("/appraisals/share", right=Action.APPRAISALS_DECIDE)
def weigh() -> tuple[str, int] | Response:
    """Whether to appraise from a month on, and how much marks from outside weigh."""

    def work(view: View, form: dict[str, str]) -> Any:
        number = read_whole(form.get("share", ""), "share")
        is_on = form.get("choice", "on") == "on"
        return choose(view, month_of(form.get("month", "")), number, is_on=is_on, now=now())

    return _done(work)


def _done(work: Callable[[View, dict[str, str]], Any]) -> tuple[str, int] | Response:
    asked = page_request()
    form = {name: value.strip() for name, value in request.form.items()}
    month = form.get("at", form.get("month", ""))
    close_reading()
    try:
        with writing_view(asked) as view:
            month_of(month)
            work(view, form)
    except InvalidInput as error:
        return _show(None, [placed(fault) for fault in error.faults]), 422
    flash(_("已保存。"), "good")
    return redirect(f"/appraisals?month={month}", 303)
