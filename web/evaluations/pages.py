"""Pages of the third party's evaluation: samples of closed cases, their score sheets, the comparison."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.areas.view import View, ViewRequest
from gisgrid.days import day_of
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound
from gisgrid.indicators.evaluation.rules import LONGEST_NOTE, MOST, SCORES
from gisgrid.indicators.evaluation.service import SiteFinding, check, draw
from gisgrid.indicators.evaluation.sheet import samples, sheet
from gisgrid.labels.figures import CHECK_RESULTS
from gisgrid.labels.table import N_
from web.answers import audited, writing_view
from web.blueprints import Pages
from web.context import close_reading, now
from web.evaluations.api import SampleRow, sample_answer, sheet_answer
from web.forms import read_day, read_whole
from web.frame import open_page, page_request, show
from web.i18n import choices
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.problems import ProblemFault, placed

evaluating = Pages("evaluations", __name__)
_ASKED: Final = frozenset({"first_day", "last_day", "size"})
_USUAL: Final = 30
"""How many cases the form asks for to begin with."""


@evaluating.get(
    "/evaluations",
    right=Action.EVALUATIONS_VIEW,
    entries=(Entry(Group.FIGURES, 3, "evaluations", N_("评估")),),
)
def page() -> tuple[str, int]:
    """All samples of a community, and the form that draws one."""
    return _list([]), 200


def _list(faults: list[ProblemFault], form: dict[str, str] | None = None) -> str:
    view = open_page()
    rows: list[SampleRow] = []
    first, last = _last_month(day_of(now(), view.tz)) if view else (None, None)
    if view is not None:
        # All is read before the entries are written: a view is not read from after that.
        with audited(view.session):
            rows = [sample_answer(sample, view.tz) for sample in samples(view, now=now())]
    usual = {"first_day": str(first), "last_day": str(last), "size": str(_USUAL)}
    asked = usual | (form or {})
    return show("evaluations/list.html", view, rows=rows, faults=faults, asked=asked, most=MOST)


@evaluating.post("/evaluations", right=Action.EVALUATIONS_DRAW)
def draw_sample() -> tuple[str, int] | Response:
    """Draw a sample."""
    asked = page_request()
    form = {name: value.strip() for name, value in request.form.items()}
    try:
        kept = _write(asked, lambda view: _drawn(view, form))
    except (InvalidInput, Conflict) as error:
        wanted = {name: text for name, text in form.items() if name in _ASKED}
        if isinstance(error, InvalidInput):
            return _list([placed(fault) for fault in error.faults], wanted), 422
        return _list([placed(Fault(message=error.args[0]))], wanted), 409
    flash(_("已抽取样本。"), "good")
    return redirect(f"/evaluations/{kept}", 303)


def _drawn(view: View, form: dict[str, str]) -> str:
    first, last = (read_day(form.get(name, ""), name) for name in ("first_day", "last_day"))
    return draw(view, first, last, read_whole(form.get("size", ""), "size"), now=now()).id


@evaluating.get("/evaluations/<sample_id>", right=Action.EVALUATIONS_VIEW)
def show_sheet(sample_id: str) -> tuple[str, int]:
    """The score sheet of a sample, the comparison, or both."""
    return _sheet(sample_id, []), 200


def _sheet(sample_id: str, faults: list[ProblemFault], kept: dict[str, str] | None = None) -> str:
    view = open_page()
    if view is None:
        raise NotFound("no such sample")
    with audited(view.session):
        shown = sheet_answer(view, sheet(view, sample_id, now=now()))
    return show(
        "evaluations/show.html",
        view,
        **shown,
        faults=faults,
        kept=kept or {},
        results=choices(CHECK_RESULTS),
        scores=SCORES,
        longest=LONGEST_NOTE,
    )


@evaluating.post("/evaluations/<sample_id>/rows/<int:place>", right=Action.EVALUATIONS_CHECK)
def write_finding(sample_id: str, place: int) -> tuple[str, int] | Response:
    """Keep what was found at a case."""
    asked = page_request()
    form = {name: value.strip() for name, value in request.form.items()}

    def work(view: View) -> Any:
        score = read_whole(form.get("score", ""), "score")
        finding = SiteFinding(result=form.get("result", ""), score=score, note=form.get("note", ""))
        return check(view, sample_id, place, finding, now=now()).place

    try:
        _write(asked, work)
    except InvalidInput as error:
        kept = {name: form.get(name, "") for name in ("result", "score", "note")} | {"place": str(place)}
        return _sheet(sample_id, [placed(fault) for fault in error.faults], kept), 422
    flash(_("第 {place} 件已保存。").format(place=place), "good")
    return redirect(f"/evaluations/{sample_id}#row-{place}", 303)


def _write(asked: ViewRequest, work: Callable[[View], Any]) -> Any:
    close_reading()
    with writing_view(asked) as view:
        return work(view)


def _last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last
